"""Structured logs and metrics, a JSON object a line. No tracer: the X-Ray SDK doubles the cold start, cn-* lacks it.

Messages are constant sentences; values go in keys, and only ids, counts and amounts go in values.
"""

import json
import sys
import time
from collections.abc import Iterable
from traceback import extract_tb
from typing import Any

from daycover.platform.config import function_name, stack_name, trace_id

SERVICE = "daycover"


class Logger:
    """Writes lines to standard output, where Lambda takes them from."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def begin(self, correlation_id: str | None) -> None:
        """Forget the keys of the request before; every line from here on carries the id of this one."""
        self._kept = {"correlation_id": correlation_id}

    def append_keys(self, **keys: Any) -> None:
        """Write these keys in every line from here on."""
        self._kept |= keys

    def remove_keys(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._kept.pop(key, None)

    def info(self, sentence: str, **keys: Any) -> None:
        self._write("INFO", sentence, keys)

    def warning(self, sentence: str, **keys: Any) -> None:
        self._write("WARNING", sentence, keys)

    def error(self, sentence: str, **keys: Any) -> None:
        self._write("ERROR", sentence, keys)

    def _write(self, level: str, sentence: str, keys: dict[str, Any]) -> None:
        now, caller = time.time(), sys._getframe(2)
        line = {
            "level": level,
            "location": f"{caller.f_code.co_name}:{caller.f_lineno}",
            "message": sentence,
            "timestamp": time.strftime(f"%Y-%m-%d %H:%M:%S,{int(now % 1 * 1000):03}%z", time.localtime(now)),
            "service": SERVICE,
            "function_name": function_name(),
            **self._kept,
            **keys,
            "xray_trace_id": trace_id(),
        }
        _print({key: value for key, value in line.items() if value is not None})


logger = Logger()


def log_failure(sentence: str, error: BaseException, **keys: Any) -> None:
    """Log an unexpected error in one line: its class and where it was raised, never its message.

    Messages of libraries quote values (pydantic its input, botocore its request), and values may be personal.
    """
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    causes = [type(cause).__name__ for cause in (error.__cause__, error.__context__) if cause is not None]
    logger.error(sentence, error=type(error).__name__, causes=causes, stack=frames, **keys)


def count(name: str, amount: int = 1) -> None:
    """Count something that happened, past tense (`PolicyIssued`), as one CloudWatch EMF line.

    By stack alone, as the alarms and the dashboard read it: each further dimension is a metric more to pay for.
    """
    directive = {
        "Namespace": SERVICE,
        "Dimensions": [["stack"]],
        "Metrics": [{"Name": name, "Unit": "Count"}],
    }
    _print(
        {
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
            "service": SERVICE,
            "stack": stack_name(),
            name: [float(amount)],
        }
    )


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str) + "\n")
    sys.stdout.flush()
