"""Run one handler on one event file in this process, against the running local stack."""

import dataclasses
import importlib.util
import json
import os
import sys
import time
import traceback
import uuid
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from tests.devstack.layout import ROOT, STACK_FILE, DevstackError
from tests.devstack.ports import is_free
from tests.devstack.processes import aws_environment
from tests.devstack.stack import Stack


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
    """Print the handler's response as JSON and return 0; a raised error prints its stack and returns 1."""
    app = ROOT / "functions" / function / "app.py"
    if not app.exists():
        raise DevstackError(f"no function {function}: there is no functions/{function}/app.py")
    if not event_file.exists():
        raise DevstackError(f"no event file {event_file}")
    stack = Stack.read(STACK_FILE) if STACK_FILE.exists() else None
    # the file of a killed `make run` stays behind, its engine does not
    if stack is None or is_free(urlsplit(stack.engine_url).port or 0):
        raise DevstackError("no local stack is up: start one with `make run` in another terminal")
    event = json.loads(event_file.read_text(encoding="utf-8"))
    context = _prepare(function, stack)
    try:
        response = _load(app).lambda_handler(event, context)
    except Exception:
        traceback.print_exc()
        return 1
    print(json.dumps(response, ensure_ascii=False, indent=2))
    return 0


def _prepare(function: str, stack: Stack) -> _Context:
    """Give this process the environment of the deployed function."""
    logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
    configuration = stack.boto3_client("lambda").get_function_configuration(
        FunctionName=stack.resource_id(logical_id)
    )
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
