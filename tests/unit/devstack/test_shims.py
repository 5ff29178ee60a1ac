"""Each shim is still needed: the stock ministack still has its gap; and each does what it says."""

import queue
import sys
import threading
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.devstack import environments, shims
from tests.devstack.layout import ENGINE
from tests.devstack.shims import Checkpoint, Edit, ShimError
from tests.unit.devstack.in_engine import in_engine


@pytest.fixture(scope="session")
def stock() -> Callable[[str], str]:
    """Return the installed ministack's own source of a module, by name."""
    environments.ensure([ENGINE])
    packages = next(ENGINE.directory.glob("lib/python3.*/site-packages"))
    return lambda module: packages.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")


@pytest.mark.parametrize("shim", shims.SHIMS, ids=lambda shim: shim.__name__)
def test_stock_source_still_has_the_gap(shim: Callable[[], list[Edit]], stock: Callable[[str], str]) -> None:
    sources: dict[str, str] = {}
    for edit in shim():
        source = sources.get(edit.module) or stock(edit.module)
        sources[edit.module] = shims.patched_source(source, [edit], shim.__name__)
    for module, source in sources.items():
        compile(source, module, "exec", dont_inherit=True)


def test_requirement_pins_the_version_that_the_shims_are_for() -> None:
    assert f"ministack=={shims.VERSION} " in ENGINE.requirements.read_text()


INVOKE = """
import io, json, time, zipfile
from ministack.services import lambda_svc
from ministack.core import lambda_runtime
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("app.py", '''
class ProviderBusyError(Exception):
    pass
def lambda_handler(event, context):
    if event:
        raise ProviderBusyError("busy")
    return {}
''')
config = {"FunctionName": "f", "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
          "Runtime": "python3.11", "Handler": "app.lambda_handler", "Timeout": 5}
function = {"config": config, "code_zip": code.getvalue()}
def call(event):
    start = time.perf_counter()
    result = lambda_svc._execute_function_warm(function, event, "id")
    return result, time.perf_counter() - start
call({})
quiet = min(call({})[1] for _ in range(5))
worker = lambda_runtime._workers["000000000000:us-east-1:f:$LATEST"][0]
before = worker._proc.pid
failure, _ = call({"fail": True})
alive = worker._proc is not None and worker._proc.pid == before
lambda_runtime.reset()
print(json.dumps({"quiet": quiet, "body": failure["body"], "alive": alive}))
"""


@pytest.mark.usefixtures("stock")
def test_stock_hides_the_error_class_ends_the_worker_and_waits_for_a_log_line() -> None:
    outcome = in_engine(INVOKE, patched=False)
    assert outcome["body"]["errorType"] == "Runtime.HandlerError"
    assert "stackTrace" not in outcome["body"]
    assert not outcome["alive"]
    assert outcome["quiet"] >= 0.05


@pytest.mark.usefixtures("stock")
def test_patched_names_the_error_class_keeps_the_worker_and_does_not_wait() -> None:
    outcome = in_engine(INVOKE, patched=True)
    assert outcome["body"]["errorType"] == "ProviderBusyError"
    assert outcome["body"]["errorMessage"] == "busy"
    assert 'raise ProviderBusyError("busy")' in outcome["body"]["stackTrace"][0]
    assert outcome["alive"]
    assert outcome["quiet"] < 0.05


def test_install_refuses_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.5.34")
    before = list(sys.meta_path)
    with pytest.raises(ShimError, match=r"1\.5\.34"):
        shims.install()
    assert sys.meta_path == before


@pytest.mark.parametrize("source", ["nothing of it", "gap gap"])
def test_a_passage_that_is_not_there_once_is_refused(source: str) -> None:
    with pytest.raises(ShimError, match="P0"):
        shims.patched_source(source, [Edit("module", "gap", "filled")], "P0")


def test_log_ends_at_the_marker_and_leaves_the_rest() -> None:
    lines: queue.Queue[str] = queue.Queue()
    for line in ("first", "unfinished" + shims.END_OF_LOG, "of the next"):
        lines.put(line)
    assert shims.log_of_invocation(lines, threading.current_thread()) == "first\nunfinished"
    assert lines.get_nowait() == "of the next"


def test_log_of_a_dead_worker_ends_without_a_marker() -> None:
    lines: queue.Queue[str] = queue.Queue()
    lines.put("last words")
    assert shims.log_of_invocation(lines, None) == "last words"


def test_layer_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/product.py", "x = 1")
    first, second = (shims.unpacked_layer(content.getvalue()) for _ in range(2))
    assert first == second
    assert (Path(first) / "python" / "product.py").read_text() == "x = 1"


RECORDS = [{"dynamodb": {"SequenceNumber": str(number)}} for number in range(1, 6)]
PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def failures(*numbers: int) -> dict[str, Any]:
    return {"body": {"batchItemFailures": [{"itemIdentifier": str(number)} for number in numbers]}}


@pytest.mark.parametrize(
    ("mapping", "result", "expected"),
    [
        ({}, {"body": None}, None),
        ({}, failures(3), None),
        (PARTIAL, failures(), None),
        (PARTIAL, failures(4, 3), Checkpoint(2, [])),
        (PARTIAL, failures(99), Checkpoint(0, [])),
        (PARTIAL | {"MaximumRetryAttempts": 0}, failures(3), Checkpoint(5, RECORDS[2:])),
        (
            PARTIAL | {"MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": True},
            failures(3),
            Checkpoint(3, RECORDS[2:3]),
        ),
        ({}, {"error": True}, None),
        ({"MaximumRetryAttempts": 0}, {"error": True}, Checkpoint(5, RECORDS)),
    ],
)
def test_stream_resumes_at_the_lowest_failed_record(
    mapping: dict[str, Any], result: dict[str, Any], expected: Checkpoint | None
) -> None:
    shims._attempts.clear()
    assert shims.stream_checkpoint({"UUID": "m", **mapping}, RECORDS, RECORDS, result) == expected


def test_stream_gives_up_after_the_last_retry_only() -> None:
    shims._attempts.clear()
    mapping = {"UUID": "m", "MaximumRetryAttempts": 2, **PARTIAL}
    outcomes = [shims.stream_checkpoint(mapping, RECORDS, RECORDS, failures(2)) for _ in range(3)]
    assert outcomes == [Checkpoint(1, []), Checkpoint(1, []), Checkpoint(5, RECORDS[1:])]


MATH_ALARM = """
import json
from ministack.services.cloudformation import provisioners
alarm = {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1, "Metrics": [
    {"Id": "waiting", "Expression": "MAX([a, b])"},
    {"Id": "a", "ReturnData": False, "MetricStat": {}}, {"Id": "b", "ReturnData": False, "MetricStat": {}}]}
try:
    print(json.dumps(provisioners._cw_metric_alarm_record("queues", alarm)["MetricName"]))
except ValueError as error:
    print(json.dumps(str(error)))
"""


@pytest.mark.usefixtures("stock")
def test_stock_refuses_an_alarm_on_an_expression() -> None:
    assert "metric math) is not supported" in in_engine(MATH_ALARM, patched=False)


@pytest.mark.usefixtures("stock")
def test_patched_keeps_an_alarm_on_an_expression() -> None:
    assert in_engine(MATH_ALARM, patched=True) == "MAX([a, b])"
