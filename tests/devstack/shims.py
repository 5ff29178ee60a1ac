"""Where ministack 1.5.33 differs from AWS in a way the product cannot do without: one function per gap.

A shim is a list of edits to ministack's source text, applied while its modules are imported. `install`
applies all of them beforehand and fails when the version or a passage is not the expected one, so that an
upgrade cannot silently lose one. `tests/unit/devstack/test_shims.py` turns red when a gap is gone upstream.
"""

import hashlib
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import queue
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any

VERSION = "1.5.33"
APP = "ministack.app"
RUNTIME = "ministack.core.lambda_runtime"
LAMBDA = "ministack.services.lambda_svc"
STEP_FUNCTIONS = "ministack.services.stepfunctions"
DYNAMODB = "ministack.services.dynamodb"
API_GATEWAY = "ministack.services.apigateway_v1"
CREDENTIALS = "ministack.core.iam_evaluator"
PROVISIONERS = "ministack.services.cloudformation.provisioners"

END_OF_LOG = "\x1eend of invocation\x1e"
_LOG_WAIT = 2.0


class ShimError(Exception):
    """ministack is not the version, or its source not the text, that a shim was written for."""


@dataclass(frozen=True)
class Edit:
    """Replace a passage that occurs exactly once in a module's source."""

    module: str
    stock: str
    patched: str


def error_class_names() -> list[Edit]:
    """P2: report an exception's class name and stack, which `Catch` and `Retry` match, and keep the worker.

    Stock always says `Runtime.HandlerError` and ends the worker process after every exception.
    """
    return [
        Edit(
            RUNTIME,
            '"error": str(e), "trace": traceback.format_exc()',
            '"error": str(e), "type": type(e).__name__, "stack": traceback.format_tb(e.__traceback__)[1:], '
            '"trace": traceback.format_exc()',
        ),
        Edit(
            RUNTIME,
            'if response.get("status") == "error":\n                proc, self._proc',
            'if response.get("status") == "error" and "type" not in response:\n'
            "                proc, self._proc",
        ),
        Edit(
            LAMBDA,
            'error_msg = result.get("error", "Unknown error")\n'
            '            error_type = "Runtime.HandlerError"\n',
            'error_msg = result.get("error", "Unknown error")\n'
            '            error_type = result.get("type", "Runtime.HandlerError")\n',
        ),
        Edit(
            LAMBDA,
            '"errorType": error_type,\n                },\n                "error": True,\n'
            '                "log": "\\n".join',
            '"errorType": error_type,\n                    "requestId": request_id,\n'
            '                    "stackTrace": result.get("stack", []),\n                },\n'
            '                "error": True,\n'
            '                "log": "\\n".join',
        ),
    ]


def end_of_log_marker() -> list[Edit]:
    """P3: end the wait for a handler's log output at a marker instead of after 50 ms without a line."""
    return [
        Edit(
            RUNTIME,
            "        _real_stdout.flush()\n\nrun()\n''')\n\n# ----",
            f"        sys.stderr.write({END_OF_LOG!r} + chr(10))\n        sys.stderr.flush()\n"
            "        _real_stdout.flush()\n\nrun()\n''')\n\n# ----",
        ),
        Edit(
            RUNTIME,
            "        lines = []\n        start = time.time()\n        last_received_at = None\n",
            '        if self.config.get("Runtime", "python").startswith("python"):\n'
            "            from tests.devstack.shims import log_of_invocation\n"
            "            return log_of_invocation(self._stderr_queue, self._stderr_thread)\n"
            "        lines = []\n        start = time.time()\n        last_received_at = None\n",
        ),
    ]


def log_of_invocation(lines: "queue.Queue[str]", reader: threading.Thread | None) -> str:
    """Return the log lines up to the marker; a worker that died wrote none: its reader's end counts too."""
    collected: list[str] = []
    deadline = time.monotonic() + _LOG_WAIT
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=0.02)
        except queue.Empty:
            if reader is None or not reader.is_alive():
                break
            continue
        if line.endswith(END_OF_LOG):
            if line != END_OF_LOG:
                collected.append(line.removesuffix(END_OF_LOG))
            break
        collected.append(line)
    return "\n".join(collected)


def immediate_executions() -> list[Edit]:
    """P6: start a Step Functions execution at once instead of after 150 ms."""
    return [
        Edit(
            STEP_FUNCTIONS,
            "    if not execution:\n        return\n\n    time.sleep(0.15)\n\n    sm = _state_machines.get(",
            "    if not execution:\n        return\n\n    sm = _state_machines.get(",
        )
    ]


def shared_layers() -> list[Edit]:
    """Unpack a layer once for all workers, as Lambda mounts it once: stock does so for every cold worker.

    With it go the compiled modules, so that fifty parallel cold starts do not compile pydantic fifty times.
    """
    return [
        Edit(
            RUNTIME,
            "                layer_data = _resolve_layer_zip(layer_ref)\n",
            "                layer_data = _resolve_layer_zip(layer_ref)\n"
            "                if layer_data:\n"
            "                    from tests.devstack.shims import unpacked_layer\n"
            "                    layers_dirs.append(unpacked_layer(layer_data))\n"
            "                    continue\n",
        )
    ]


_unpacking = threading.Lock()


def unpacked_layer(archive: bytes) -> str:
    """Return the directory that holds this layer's content, unpacking it on first use."""
    parent = Path(tempfile.gettempdir()) / "layers"
    target = parent / hashlib.sha256(archive).hexdigest()[:32]
    with _unpacking:
        if not target.exists():
            parent.mkdir(exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=parent))
            with zipfile.ZipFile(io.BytesIO(archive)) as layer:
                layer.extractall(fresh)
            fresh.rename(target)
    return str(target)


def forked_workers() -> list[Edit]:
    """Fork a Python worker from a process that has imported the layers: stock starts an interpreter.

    Sixty functions hold sixty copies of boto3, pydantic and the product in stock, and import them at each start.
    """
    return [
        Edit(
            RUNTIME,
            "        self._proc = subprocess.Popen(\n"
            "            [binary, worker_path],\n"
            "            cwd=code_dir,\n"
            "            stdin=subprocess.PIPE,\n"
            "            stdout=subprocess.PIPE,\n"
            "            stderr=subprocess.PIPE,\n"
            "            text=True,\n"
            "            bufsize=1,\n"
            "            env=spawn_env,\n"
            "        )\n",
            "        from tests.devstack.workers import start_worker\n"
            "        self._proc = start_worker([binary, worker_path], directory=code_dir,\n"
            "                                  environment=spawn_env, layers=layers_dirs)\n",
        )
    ]


def few_idle_workers() -> list[Edit]:
    """Keep as many idle workers as memory allows: stock keeps one for every function ever called."""
    return [
        Edit(
            RUNTIME,
            "    if worker is None:\n        return\n    with _lock:\n        worker.in_use = False\n",
            "    if worker is None:\n        return\n"
            "    with _lock:\n        worker.in_use = False\n        worker.last_used = time.time()\n"
            "    from tests.devstack.workers import surplus\n"
            "    surplus.look(_workers, _lock, kill_workers)\n",
        )
    ]


def saves_while_running() -> list[Edit]:
    """Save the state every now and then: stock does so when it is stopped in peace, and only then."""
    return [
        Edit(
            APP,
            '            await send({"type": "lifespan.startup.complete"})\n',
            "            from tests.devstack.saving import save_while_running\n"
            "            save_while_running(_build_persistence_save_dict)\n"
            '            await send({"type": "lifespan.startup.complete"})\n',
        ),
        Edit(
            APP,
            "            if PERSIST_STATE:\n                save_all(_build_persistence_save_dict())\n",
            "            from tests.devstack.saving import stop_saving\n"
            "            stop_saving()\n"
            "            if PERSIST_STATE:\n                save_all(_build_persistence_save_dict())\n",
        ),
    ]


def stream_checkpoints() -> list[Edit]:
    """Retry failed DynamoDB stream records: `ReportBatchItemFailures`, `MaximumRetryAttempts`, failure queue.

    Stock ignores a partial batch response (the failed record is silently dropped) and retries a raising
    handler for ever.
    """
    return [
        Edit(
            LAMBDA,
            "            raw_len = len(batch)\n            batch = _apply_filter_criteria(batch, esm)\n"
            "            if not batch:\n"
            "                # All records filtered — advance position so we don't re-evaluate.\n"
            "                with _dynamodb_stream_positions_lock:\n",
            "            raw_len = len(batch)\n            raw_batch = batch\n"
            "            batch = _apply_filter_criteria(batch, esm)\n"
            "            if not batch:\n"
            "                # All records filtered — advance position so we don't re-evaluate.\n"
            "                with _dynamodb_stream_positions_lock:\n",
        ),
        Edit(
            LAMBDA,
            '            if result.get("error"):\n'
            '                err_body = result.get("body") or {}\n'
            '                err_type = err_body.get("errorType") if isinstance(err_body, dict) else None\n'
            '                err_msg = err_body.get("errorMessage") if isinstance(err_body, dict) else None\n'
            '                esm["LastProcessingResult"] = "FAILED"\n'
            "                logger.warning(\n"
            '                    "ESM: Lambda %s failed processing DynamoDB stream batch',
            "            from tests.devstack.shims import stream_checkpoint\n"
            "            checkpoint = stream_checkpoint(esm, raw_batch, batch, result)\n"
            "            if checkpoint is not None:\n"
            '                esm["LastProcessingResult"] = "FAILED"\n'
            '                logger.warning("ESM: %s: batch not done: %s", func_name, checkpoint)\n'
            "                if checkpoint.given_up:\n"
            "                    _send_ddb_stream_failure_record(\n"
            "                        esm, func_rec, checkpoint.given_up, source_arn, result,\n"
            '                        "RetryAttemptsExhausted")\n'
            "                else:\n"
            "                    _esm_backoff_until[esm_id] = time.time() + _ESM_BACKOFF_SECONDS\n"
            "                with _dynamodb_stream_positions_lock:\n"
            "                    _dynamodb_stream_positions[esm_id] = pos + checkpoint.done\n"
            "                processed_any = True\n"
            "                continue\n"
            '            if result.get("error"):\n'
            '                err_body = result.get("body") or {}\n'
            '                err_type = err_body.get("errorType") if isinstance(err_body, dict) else None\n'
            '                err_msg = err_body.get("errorMessage") if isinstance(err_body, dict) else None\n'
            '                esm["LastProcessingResult"] = "FAILED"\n'
            "                logger.warning(\n"
            '                    "ESM: Lambda %s failed processing DynamoDB stream batch',
        ),
    ]


@dataclass(frozen=True)
class Checkpoint:
    """How far a stream batch got: records done, and those given up after the last retry."""

    done: int
    given_up: list[dict[str, Any]]


_attempts: dict[tuple[str, str], int] = {}


def stream_checkpoint(
    mapping: Mapping[str, Any],
    records: Sequence[dict[str, Any]],
    delivered: Sequence[dict[str, Any]],
    result: Mapping[str, Any],
) -> Checkpoint | None:
    """Decide where a mapping resumes after this result; None leaves it to the engine.

    As on AWS the lowest reported sequence number is the checkpoint, an empty or unknown one fails the whole
    batch, and everything from the checkpoint on is given up when the retries are exhausted (only the failed
    record where the mapping bisects).
    """
    sequence = [record["dynamodb"]["SequenceNumber"] for record in records]
    if result.get("error"):
        failed_at = sequence.index(delivered[0]["dynamodb"]["SequenceNumber"])
    else:
        reported = _reported_failures(mapping, result)
        if not reported:
            return None
        known = [sequence.index(number) for number in reported if number in sequence]
        failed_at = min(known) if len(known) == len(reported) else 0
    limit = int(mapping.get("MaximumRetryAttempts", -1))
    key = (str(mapping["UUID"]), sequence[failed_at])
    _attempts[key] = _attempts.get(key, 0) + 1
    if limit < 0 or _attempts[key] <= limit:
        # a raising handler with retries left is the case that the engine gets right
        return None if result.get("error") else Checkpoint(failed_at, [])
    del _attempts[key]
    end = failed_at + 1 if mapping.get("BisectBatchOnFunctionError") else len(sequence)
    return Checkpoint(end, list(records[failed_at:end]))


def _reported_failures(mapping: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        return []
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    return [failure.get("itemIdentifier", "") for failure in failures or []]


def ttl_deletions() -> list[Edit]:
    """P5: expire items within seconds, with AWS's stream record; numbers only, not older than 5 years.

    Stock sweeps every 60 s, also deletes text values, and writes no stream record.
    """
    return [
        Edit(
            DYNAMODB,
            "        time.sleep(60)\n        now = time.time()\n",
            "        time.sleep(5)\n        now = time.time()\n",
        ),
        Edit(
            DYNAMODB,
            "                            if ttl_attr is None:\n                                continue\n",
            "                            if not isinstance(ttl_attr, dict) or 'N' not in ttl_attr:\n"
            "                                continue\n",
        ),
        Edit(
            DYNAMODB,
            "                                if float(ttl_val) <= now:\n"
            "                                    _remove_item(table, pk_val, sk_val)\n",
            "                                if now - 5 * 365 * 86400 < float(ttl_val) <= now:\n"
            "                                    from tests.devstack.shims import expire\n"
            "                                    expire(account_id, region, table_name,\n"
            "                                           _remove_item(table, pk_val, sk_val))\n",
        ),
    ]


def expire(account: str, region: str, table: str, item: dict[str, Any] | None) -> None:
    """Write the REMOVE record of an expired item, signed by the service as AWS does."""
    if item is None:
        return
    dynamodb = importlib.import_module(DYNAMODB)
    responses = importlib.import_module("ministack.core.responses")
    tokens = (responses._request_account_id.set(account), responses._request_region.set(region))
    try:
        before = len(dynamodb._stream_records.get(table, []))
        dynamodb._emit_stream_event(table, "REMOVE", item, None)
        for record in dynamodb._stream_records.get(table, [])[before:]:
            record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    finally:
        responses._request_account_id.reset(tokens[0])
        responses._request_region.reset(tokens[1])


def metric_math_alarms() -> list[Edit]:
    """P7: take an alarm on an expression over several metrics; it is kept and shown, but never goes off here.

    Stock refuses the whole stack because of it.
    """
    return [
        Edit(
            PROVISIONERS,
            '    if props.get("Metrics"):\n        raise ValueError(\n'
            '            "AWS::CloudWatch::Alarm Properties.Metrics (metric math) is not supported; "\n'
            '            "use MetricName and Namespace."\n        )\n',
            '    if props.get("Metrics"):\n'
            "        from tests.devstack.shims import named_by_its_expression\n"
            "        props = named_by_its_expression(props)\n",
        ),
    ]


def named_by_its_expression(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the alarm as one on a metric that is called like its expression, which nothing reports."""
    (expression,) = [metric["Expression"] for metric in properties["Metrics"] if "Expression" in metric]
    return {**properties, "Namespace": "metric math", "MetricName": expression}


def extended_request_ids() -> list[Edit]:
    """Name a request in the gateway's own answers as AWS does; stock leaves the variable's name there."""
    return [
        Edit(
            API_GATEWAY,
            '        "context.requestId": request["request_id"],\n',
            '        "context.requestId": request["request_id"],\n'
            '        "context.extendedRequestId": request["request_id"],\n',
        ),
    ]


def numbers_of_parameters() -> list[Edit]:
    """Take the value of a parameter for a number, as CloudFormation does; stock's poller compares it as text, and
    then no queue is read any more."""
    return [
        Edit(
            LAMBDA,
            '    limit = (esm.get("ScalingConfig") or {}).get("MaximumConcurrency") '
            "or _ESM_SQS_DEFAULT_CONCURRENCY\n",
            '    limit = int((esm.get("ScalingConfig") or {}).get("MaximumConcurrency") '
            "or _ESM_SQS_DEFAULT_CONCURRENCY)\n",
        ),
    ]


def recorded_calls() -> list[Edit]:
    """Note what functions and state machines ask for (`recorder`): stock asks nobody whether they may."""
    return [
        Edit(
            APP,
            "    status, resp_headers, resp_body = await _dispatch_service_request(\n"
            "        method, path, headers, body, query_params, request_id\n    )\n",
            "    status, resp_headers, resp_body = await _dispatch_service_request(\n"
            "        method, path, headers, body, query_params, request_id\n    )\n"
            "    from tests.devstack.recorder import recorder\n"
            "    recorder.record(method, path, headers, body, query_params, status)\n",
        ),
        Edit(
            CREDENTIALS,
            '        configured_token = os.environ.get("AWS_SESSION_TOKEN") or None\n',
            "        from tests.devstack.recorder import FUNCTION\n"
            '        configured_token = os.environ.get("AWS_SESSION_TOKEN") or None\n'
            "        if isinstance(session_token, str) and session_token.startswith(FUNCTION):\n"
            "            configured_token = session_token  # presigned addresses are checked for theirs\n",
        ),
        Edit(
            STEP_FUNCTIONS,
            '        ctx["Task"] = {"Token": new_uuid()}\n',
            '        ctx["Task"] = {"Token": new_uuid()}\n'
            "        from tests.devstack.recorder import recorder\n"
            '        recorder.issued(ctx["Task"]["Token"], execution["stateMachineArn"])\n',
        ),
        Edit(
            STEP_FUNCTIONS,
            "            if is_callback:\n                task_result = _invoke_with_callback(\n",
            "            from tests.devstack.recorder import recorder\n"
            '            recorder.task(execution["stateMachineArn"], resource, effective)\n'
            "            if is_callback:\n                task_result = _invoke_with_callback(\n",
        ),
    ]


SHIMS: tuple[Callable[[], list[Edit]], ...] = (
    error_class_names,
    end_of_log_marker,
    immediate_executions,
    shared_layers,
    forked_workers,
    few_idle_workers,
    saves_while_running,
    stream_checkpoints,
    ttl_deletions,
    metric_math_alarms,
    extended_request_ids,
    numbers_of_parameters,
    recorded_calls,
)


def patched_source(source: str, edits: Sequence[Edit], name: str) -> str:
    """Apply a shim's edits to one module's source; raise `ShimError` unless each passage occurs once."""
    for edit in edits:
        if (found := source.count(edit.stock)) != 1:
            raise ShimError(f"shim {name}: a passage it replaces occurs {found} times in {edit.module}")
        source = source.replace(edit.stock, edit.patched)
    return source


class _PatchedLoader(SourceFileLoader):
    """Compile a module from its patched text; never from, and never into, the bytecode cache."""

    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> Any:
        return compile(self._source, self.get_filename(fullname), "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, patched: Mapping[str, tuple[str, str]]) -> None:
        self._patched = patched

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname not in self._patched:
            return None
        file, source = self._patched[fullname]
        return importlib.util.spec_from_file_location(
            fullname, file, loader=_PatchedLoader(fullname, file, source)
        )


def install() -> None:
    """Patch ministack for this process; call it before importing anything of ministack."""
    version = importlib.metadata.version("ministack")
    if version != VERSION:
        raise ShimError(f"the shims are for ministack {VERSION}, installed is {version}")
    package = importlib.machinery.PathFinder.find_spec("ministack")
    if package is None or package.origin is None:
        raise ShimError("ministack is not importable here")
    root = Path(package.origin).parents[1]
    patched: dict[str, tuple[str, str]] = {}
    for shim in SHIMS:
        for edit in shim():
            file = str(root.joinpath(*edit.module.split("."))) + ".py"
            _, source = patched.get(edit.module, (file, ""))
            patched[edit.module] = (
                file,
                patched_source(source or Path(file).read_text(encoding="utf-8"), [edit], shim.__name__),
            )
    sys.meta_path.insert(0, _Finder(patched))
