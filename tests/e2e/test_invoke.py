"""`make invoke` on event files against a running stack: the worlds of the files and of the stack are one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.devstack.containers import gateway
from tests.devstack.layout import ROOT, DevstackError
from tests.devstack.stack import Stack
from tests.support.functions import capability_of

COMMAND = """
import sys
from pathlib import Path
from tests.devstack import invoke
invoke.STACK_FILE = Path(sys.argv[1])
sys.exit(invoke.invoke(sys.argv[2], Path(sys.argv[3])))
"""
"""What `make invoke` runs, on a stack of the tests instead of the one that `make run` announces."""


IN_A_CONTAINER = COMMAND.replace("invoke.invoke(", "invoke.sam_invoke(")
"""What `make sam-invoke` runs."""


def test_event_file_is_answered_from_a_container_where_docker_is(seeded: Stack, tmp_path: Path) -> None:
    try:
        gateway()
    except DevstackError as missing:
        pytest.skip(f"sam local invoke runs containers: {missing}")
    announced = tmp_path / "stack.json"
    seeded.write(announced)
    event = ROOT / "events" / "cover" / "check_in" / "outside_geofence.422.json"
    arguments = [sys.executable, "-c", IN_A_CONTAINER, str(announced), "check_in", str(event)]
    result = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.strip().splitlines()[-1])["statusCode"] == 422


def invoked(stack: Stack, announced: Path, function: str, case: str) -> Any:
    stack.write(announced)
    event = ROOT / "events" / capability_of(function) / function / f"{case}.json"
    arguments = [sys.executable, "-c", COMMAND, str(announced), function, str(event)]
    result = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout[result.stdout.index("{\n") :])


@pytest.mark.parametrize(
    ("function", "case", "status"),
    [
        ("check_in", "outside_geofence.422", 422),
        ("check_in", "valid.201", 201),
        ("check_in", "forged_token.400", 400),
        ("generate_qr", "json.200", 200),
        ("change_project", "close.200", 200),
        ("preview_cover", "valid.200", 200),
    ],
)
def test_event_file_is_answered_as_named_when_invoked_on_a_running_stack(
    function: str, case: str, status: int, seeded: Stack, tmp_path: Path
) -> None:
    answer = invoked(seeded, tmp_path / "stack.json", function, case)
    assert answer["statusCode"] == status, answer["body"]
