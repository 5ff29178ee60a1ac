"""Run one handler on one event file in this process, against the running local stack."""

import dataclasses
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
import traceback
import uuid
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from tests.devstack import sam
from tests.devstack.containers import Relay, gateway, ports_in, seen_from
from tests.devstack.layout import LOCAL, ROOT, SAM, STACK_FILE, DevstackError
from tests.devstack.ports import is_free
from tests.devstack.processes import aws_environment, base_environment
from tests.devstack.stack import Stack
from tests.support.events import placeholders, read_event


@dataclasses.dataclass(frozen=True)
class _Context:
    """The part of Lambda's context object that handlers and Powertools read."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    timeout: int
    aws_request_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    started: float = dataclasses.field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.timeout - (time.monotonic() - self.started)) * 1000))


def invoke(function: str, event_file: Path) -> int:
    """Print the handler's response as JSON and return 0; a raised error prints its stack and returns 1.

    The world of the event files is laid into the stack first, and their placeholders are filled from it.
    """
    app, stack = _found(function, event_file)
    context = _prepare(function, stack)
    event = _filled(event_file, stack)
    try:
        response = _load(app).lambda_handler(event, context)
    except Exception:
        traceback.print_exc()
        return 1
    print(json.dumps(response, ensure_ascii=False, indent=2))
    return 0


def sam_invoke(function: str, event_file: Path) -> int:
    """Run one function on one event file by `sam local invoke`, in a container beside the local AWS.

    SAM passes only variables that the template declares, so the built template gets one more: where the
    local AWS is, as a container reaches it.
    """
    _, stack = _found(function, event_file)
    host = gateway()
    _prepare(function, stack)
    filled = LOCAL / "sam-event.json"
    filled.write_text(json.dumps(_filled(event_file, stack), ensure_ascii=False), encoding="utf-8")
    built = (sam.BUILD / "template.yaml").read_text(encoding="utf-8")
    declared = "      Variables:\n"
    if declared not in built:
        raise DevstackError("the built template declares no variables: run `make run` first")
    template = sam.BUILD / "sam-local.yaml"
    template.write_text(
        built.replace(declared, f"{declared}        AWS_ENDPOINT_URL: ''\n", 1), encoding="utf-8"
    )
    deployed = _configuration(function, stack).get("Environment", {}).get("Variables", {})
    variables = {**deployed, "AWS_ENDPOINT_URL": stack.engine_url}
    variables_file = LOCAL / "sam-local.json"
    name = _logical_id(function)
    with Relay(host, ports_in(variables)) as relay:
        variables_file.write_text(json.dumps({name: seen_from(relay.host, variables)}))
        command = sam_command(name, template=template, event=filled, variables=variables_file)
        environment = {**base_environment(), **aws_environment(stack.engine_url, stack.region)}
        return subprocess.run(command, env=environment, check=False).returncode


def sam_command(name: str, *, template: Path, event: Path, variables: Path) -> list[str]:
    """Give the command. It names no network: SAM CLI ignores `host`, and the default is Docker's bridge."""
    command = [SAM.program("sam"), "local", "invoke", name, "--template-file", str(template)]
    command += ["--event", str(event), "--env-vars", str(variables)]
    return [*command, "--parameter-overrides", *sam.overrides(sam.platform_parameters())]


def _found(function: str, event_file: Path) -> tuple[Path, Stack]:
    """Give the handler's file and the running stack, or one line about what is missing."""
    app = next((ROOT / "functions").glob(f"*/{function}/app.py"), None)
    if app is None:
        raise DevstackError(f"no function {function}: there is no functions/*/{function}/app.py")
    if not event_file.exists():
        raise DevstackError(f"no event file {event_file}")
    stack = Stack.read(STACK_FILE) if STACK_FILE.exists() else None
    # the file of a killed `make run` stays behind, its engine does not
    if stack is None or is_free(urlsplit(stack.engine_url).port or 0):
        raise DevstackError("no local stack is up: start one with `make run` in another terminal")
    return app, stack


def _logical_id(function: str) -> str:
    return "".join(word.capitalize() for word in function.split("_")) + "Function"


def _configuration(function: str, stack: Stack) -> dict[str, Any]:
    """Give the function's configuration as deployed."""
    name = stack.resource_id(_logical_id(function))
    configuration: dict[str, Any] = stack.boto3_client("lambda").get_function_configuration(FunctionName=name)
    return configuration


def _prepare(function: str, stack: Stack) -> _Context:
    """Give this process the environment of the deployed function."""
    configuration = _configuration(function, stack)
    os.environ.pop("AWS_PROFILE", None)
    os.environ.update(configuration.get("Environment", {}).get("Variables", {}))
    os.environ.update(aws_environment(stack.engine_url, stack.region))
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = configuration["FunctionName"]
    return _Context(
        function_name=configuration["FunctionName"],
        memory_limit_in_mb=configuration["MemorySize"],
        invoked_function_arn=configuration["FunctionArn"],
        timeout=configuration["Timeout"],
    )


def _filled(event_file: Path, stack: Stack) -> Any:
    # late: these import the product, whose environment `_prepare` sets
    example_world = importlib.import_module("tests.devstack.example_world")
    adapters = importlib.import_module("daycover.wiring.adapters")
    values = example_world.lay(stack, adapters.Adapters())
    if unknown := sorted(placeholders(event_file) - set(values)):
        raise DevstackError(
            f"{event_file} needs {', '.join(unknown)}, which only an earlier step gives: fill a copy in "
            f"(events/README.md) and invoke that"
        )
    return read_event(event_file, values)


def _load(app: Path) -> ModuleType:
    # the order of Lambda's own path: the function's folder, then the layers
    sys.path[:0] = [str(app.parent), str(ROOT / "layers" / "daycover" / "python")]
    spec = importlib.util.spec_from_file_location("app", app)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["app"] = module
    spec.loader.exec_module(module)
    return module
