"""What the product does while it is imported must not differ between functions, or its workers cannot be forked."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from boto3.session import Session
from botocore.loaders import JSONFileLoader

from tests.devstack import fork_server, workers
from tests.devstack.fork_server import recorded_environment, refusal, search_path
from tests.devstack.layout import ROOT, TEMPLATE
from tests.devstack.template import _read

PROGRAM = f"""
import json, sys, threading
sys.path.insert(0, {str(ROOT / "tests" / "devstack")!r})
import fork_server
sys.path[:1] = fork_server.search_path([{str(ROOT / "layers" / "daycover")!r}])
with fork_server.recorded_environment() as read:
    fork_server.preload({workers.PACKAGES!r})
held = [name for name in sys.modules if name.startswith("daycover.")]
print(json.dumps({{"read": sorted(read), "modules": len(held), "threads": threading.active_count()}}))
"""
OF_ONE_FUNCTION = {
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "_LAMBDA_FUNCTION_ARN",
    "_LAMBDA_TIMEOUT",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
}


def variables_of_single_functions() -> set[str]:
    functions = [
        resource["Properties"]
        for resource in _read(TEMPLATE)["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    declared = [properties.get("Environment", {}).get("Variables", {}) for properties in functions]
    return {name for variables in declared for name in variables} | OF_ONE_FUNCTION


def test_product_reads_nothing_of_its_function_and_starts_no_thread_while_it_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT
    )
    told = json.loads(run.stdout)
    assert run.stderr == ""  # a module that does not import is told there
    assert told["modules"] > 50
    assert told["threads"] == 1
    assert set(told["read"]) & variables_of_single_functions() == set()


def test_layers_are_searched_as_a_worker_does() -> None:
    layer = str(ROOT / "layers" / "daycover")
    assert search_path(["/none", layer]) == [layer, f"{layer}/python", "/none"]


def read_by(ask: Any) -> dict[str, str | None]:
    with recorded_environment() as read:
        ask()
    return read


def test_every_way_to_read_the_environment_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NAME", "value")
    monkeypatch.delenv("NO_NAME", raising=False)
    assert read_by(lambda: os.environ["A_NAME"]) == {"A_NAME": "value"}
    assert read_by(lambda: os.environ.get("NO_NAME", "x")) == {"NO_NAME": None}
    assert read_by(lambda: os.getenv("A_NAME")) == {"A_NAME": "value"}
    assert read_by(lambda: "NO_NAME" in os.environ) == {"NO_NAME": None}
    assert read_by(lambda: dict(os.environ)) == dict(os.environ)
    assert read_by(lambda: None) == {}
    assert type(os.environ) is os._Environ


def test_order_is_refused_when_what_was_read_differs_or_its_code_brings_a_package(tmp_path: Any) -> None:
    order = {"environment": {"SAME": "1"}, "directory": str(tmp_path)}
    (tmp_path / "app.py").touch()
    assert refusal(order, {"SAME": "1", "ABSENT": None}) is None
    assert refusal(order, {"SAME": "2"}) == "SAME was read while modules were imported"
    assert refusal(order, {"GONE": "1"}) == "GONE was read while modules were imported"
    (tmp_path / "json").mkdir()
    assert refusal(order, {}) == "its code brings json"


def test_module_that_does_not_import_leaves_nothing_of_its_package(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "halfway").mkdir()
    (tmp_path / "halfway" / "__init__.py").touch()
    (tmp_path / "halfway" / "broken.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    fork_server.preload(["halfway"])
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not [name for name in sys.modules if name.startswith("halfway")]


def test_description_of_a_service_is_read_once_for_all_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[str] = []
    stock = JSONFileLoader.load_file

    def counted(self: Any, path: str) -> Any:
        paths.append(path)
        return stock(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", counted)
    fork_server.share_service_descriptions(["sqs"])
    assert any("sqs" in path for path in paths)
    paths.clear()
    client = Session("none", "none", region_name="us-east-1").client("sqs")
    assert paths == []
    assert "SendMessage" in client.meta.service_model.operation_names


def test_exit_is_told_once_when_a_signal_comes_while_the_last_child_is_reaped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    children = fork_server._Children()
    told, descriptor = os.pipe()
    children._status[7] = descriptor
    reaped: list[int] = []

    def waitpid(_pid: int, _options: int) -> tuple[int, int]:
        if reaped:
            raise ChildProcessError
        reaped.append(7)
        children._reap(signal.SIGCHLD, None)  # before the child is struck off
        return 7, 4 << 8

    monkeypatch.setattr(os, "waitpid", waitpid)
    children._reap(signal.SIGCHLD, None)
    with open(told, "rb") as reading:
        assert reading.read() == b"\4"
