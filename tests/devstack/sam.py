"""The real SAM CLI: build the template and deploy it to the engine; a failure is one line that says why."""

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.devstack.layout import LOCAL, SAM, DevstackError
from tests.devstack.processes import Child, aws_environment, base_environment
from tests.devstack.template import layers_with_requirements

BUILD = LOCAL / "build"
_BUILD_CACHE = LOCAL / "build-cache"
_FINGERPRINT = LOCAL / "build.fingerprint"
_SHIMS = LOCAL / "bin"
_SAM_HOME = LOCAL / "sam-home"
_SOURCES = ("functions", "layers")


def platform_parameters() -> dict[str, str]:
    """Return the template parameters that make the build fit this interpreter and machine."""
    architecture = {"amd64": "x86_64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return {"PythonRuntime": _runtime_name(), "Architecture": architecture}


def _runtime_name() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def source_fingerprint(template: Path) -> str:
    """Return a hash of everything that `sam build` reads, and of who builds."""
    digest = hashlib.sha256(
        f"{platform_parameters()} {sys.platform}".encode() + SAM.requirements.read_bytes()
    )
    for path in [template, *_source_files(template.parent)]:
        relative = path.relative_to(template.parent).as_posix()
        digest.update(f"{relative}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _source_files(root: Path) -> Iterable[Path]:
    for source in _SOURCES:
        for path in sorted((root / source).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def is_built(fingerprint: str) -> bool:
    return (
        _FINGERPRINT.exists()
        and _FINGERPRINT.read_text() == fingerprint
        and (BUILD / "template.yaml").exists()
    )


def build(template: Path, fingerprint: str, log: Path) -> None:
    """Build unless the build directory already holds this fingerprint; the caller holds the assembly lock."""
    if is_built(fingerprint):
        return
    _FINGERPRINT.unlink(missing_ok=True)
    command = [
        "build",
        "--template-file",
        str(template),
        "--build-dir",
        str(BUILD),
        "--cache-dir",
        str(_BUILD_CACHE),
    ]
    command += ["--cached", "--parallel", "--parameter-overrides", *overrides(platform_parameters())]
    if _run(command, log, _build_environment()):
        raise DevstackError(f"sam build failed: {_reason(log)} (log: {log})")
    if sys.platform != "linux":
        install_native_layers(template, BUILD, log)
    _FINGERPRINT.write_text(fingerprint)


def install_native_layers(template: Path, build_directory: Path, log: Path) -> None:
    """Replace a layer's Linux wheels by those of this machine, where handlers run without a container."""
    for name, requirements in layers_with_requirements(template):
        target = build_directory / name / "python"
        shutil.rmtree(target)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
        pip += ["--no-compile", "--require-hashes", "--target", str(target), "-r", str(requirements)]
        compiled = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
        for command in (pip, [*compiled, str(target)]):
            with log.open("a") as output:
                code = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
                ).returncode
            if code:
                raise DevstackError(f"the layer {name} does not install here: {_reason(log)} (log: {log})")


def deploy(
    *,
    stack_name: str,
    region: str,
    endpoint: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    log: Path,
) -> None:
    """Deploy what is built; a failure names the resource and its reason from the stack's events."""
    command = ["deploy", "--template-file", str(BUILD / "template.yaml"), "--stack-name", stack_name]
    command += ["--region", region, "--resolve-s3", "--no-progressbar"]
    command += ["--no-confirm-changeset", "--no-fail-on-empty-changeset"]
    command += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    command += ["--parameter-overrides", *overrides({**platform_parameters(), **parameters})]
    command += ["--tags", *(f"{name}={value}" for name, value in tags.items())]
    if _run(command, log, _sam_environment() | aws_environment(endpoint, region)):
        raise DevstackError(f"sam deploy failed: {_reason(log)} (log: {log})")


def failure_reason(events: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the first failure among stack events, which come newest first: later ones are consequences."""
    failed = [event for event in events if str(event.get("ResourceStatus", "")).endswith("_FAILED")]
    if not failed:
        return None
    first = failed[-1]
    return f"{first.get('LogicalResourceId')}: {first.get('ResourceStatusReason', first['ResourceStatus'])}"


def overrides(parameters: Mapping[str, str]) -> list[str]:
    return [f"ParameterKey={name},ParameterValue={value}" for name, value in parameters.items()]


def _run(arguments: list[str], log: Path, environment: Mapping[str, str]) -> int:
    return Child([SAM.program("sam"), *arguments], log=log, environment=environment).wait()


def _sam_environment() -> dict[str, str]:
    # SAM asks a package index weekly for a newer version of itself; a date in its own home answers that
    _SAM_HOME.mkdir(parents=True, exist_ok=True)
    (_SAM_HOME / "metadata.json").write_text(
        json.dumps({"telemetryEnabled": False, "lastVersionCheck": time.strftime("%Y-%m-%dT%H:%M:%S")})
    )
    return base_environment() | {
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(_SAM_HOME),
    }


def _build_environment() -> dict[str, str]:
    """Return an environment whose PATH has the runtime's interpreter by name, with pip."""
    _SHIMS.mkdir(parents=True, exist_ok=True)
    shim = _SHIMS / _runtime_name()
    # a script, not a link: a link would leave the virtual environment, and with it pip
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    shim.chmod(0o755)
    environment = _sam_environment()
    return environment | {"PATH": f"{_SHIMS}:{environment['PATH']}"}


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("Error:", "Build Failed")) or "ERROR:" in line]
    return (errors or lines or ["no output"])[-1].removeprefix("Error: ")
