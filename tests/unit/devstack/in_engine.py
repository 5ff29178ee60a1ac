"""Programs that run in the local engine's own interpreter, with or without our shims."""

import json
import os
import subprocess
from typing import Any

from tests.devstack import environments
from tests.devstack.layout import ENGINE, ROOT


def in_engine(program: str, *, patched: bool) -> Any:
    """Run a program in the engine's interpreter, with or without the shims, and return the JSON it prints."""
    environments.ensure([ENGINE])
    prelude = "from tests.devstack import shims; shims.install()\n" if patched else ""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    run = subprocess.run(
        [str(ENGINE.python), "-c", prelude + program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])
