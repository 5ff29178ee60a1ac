"""Create the virtual environments: `python3 -m tests.devstack.environments [develop engine sam scan]`.

Runs on a bare Python ≥ 3.11, so it imports the standard library alone. Each hashed file is complete, hence
`--no-deps`: left to resolve again, the pips of Debian and of Python 3.11 refuse extras in hash mode.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.devstack.layout import ENVIRONMENTS, LOCAL, LOGS, MUTATE, DevstackError, Environment, last_line
from tests.devstack.processes import Child

_INSTALL = "--install"


def _stamp(environment: Environment) -> str:
    digest = hashlib.sha256(environment.requirements.read_bytes()).hexdigest()
    return f"python{sys.version_info.major}.{sys.version_info.minor} {digest}\n"


def _is_current(environment: Environment) -> bool:
    stamp = environment.directory / ".requirements"
    # bin/python is a link to the interpreter that made it: gone after an upgrade of that interpreter
    return environment.python.exists() and stamp.exists() and stamp.read_text() == _stamp(environment)


def _install(environment: Environment) -> int:
    """Make one environment anew, in a process of its own; return the exit code of what failed."""
    shutil.rmtree(environment.directory, ignore_errors=True)
    pip = [str(environment.python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    for command in (
        [sys.executable, "-m", "venv", str(environment.directory)],
        [*pip, "--no-deps", "--require-hashes", "-r", str(environment.requirements)],
    ):
        if code := subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
            return code
    (environment.directory / ".requirements").write_text(_stamp(environment))
    return 0


def _install_all(environments: Iterable[Environment]) -> None:
    children: dict[Environment, Child] = {}
    try:
        for environment in environments:
            print(f"installing tests/requirements/{environment.requirements.name} …", flush=True)
            command = [sys.executable, "-m", "tests.devstack.environments", _INSTALL, environment.name]
            children[environment] = Child(command, log=_log(environment), environment=os.environ)
        for environment, child in children.items():
            if child.wait():
                log = _log(environment)
                raise DevstackError(
                    f"{environment.requirements.name} does not install: {last_line(log)} "
                    f"(log: {log}; the first install needs a package index)"
                )
    finally:
        for child in children.values():
            child.stop()


def _log(environment: Environment) -> Path:
    return LOGS / f"install-{environment.name}.log"


def ensure(environments: Iterable[Environment] = ENVIRONMENTS) -> None:
    """Create what is missing or older than its requirement file, side by side."""
    wanted = tuple(environments)
    if all(map(_is_current, wanted)):
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise DevstackError(
            f"this Python has no venv module: on Debian run `apt-get install python{version}-venv`"
        )
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "environments.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install_all([environment for environment in wanted if not _is_current(environment)])


def main(arguments: list[str]) -> int:
    """Install the named environments, all of them by default."""
    if arguments[:1] == [_INSTALL]:
        known = (*ENVIRONMENTS, MUTATE)
        return _install(next(environment for environment in known if environment.name == arguments[1]))
    try:
        ensure(environment for environment in ENVIRONMENTS if not arguments or environment.name in arguments)
    except DevstackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
