"""Structured logs and metrics, a JSON object a line. No tracer: the X-Ray SDK doubles the cold start, cn-* lacks it.

A request is one line: what is noted and counted on its way stands in the line that is written at its end. Only
warnings and failures have lines of their own. Messages are constant sentences; values go in keys, and only ids,
counts and amounts go in values.
"""

import json
import sys
import time
from collections.abc import Iterable
from traceback import extract_tb
from typing import Any

from daycover.platform.config import function_name, stack_name, trace_id

SERVICE = "daycover"
MOST_NOTES = 50
"""In one line; a batch may note something of each of a thousand records."""


class Logger:
    """Writes lines to standard output, where Lambda takes them from."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._depth = 0
        self._began = 0.0
        self._notes: list[dict[str, Any]] = []
        self._omitted = 0
        self._counts: dict[str, float] = {}

    def begin(self, correlation_id: str | None) -> None:
        """Forget the keys of the request before; every line from here on carries the id of this one."""
        self._kept = {"correlation_id": correlation_id}

    def open(self) -> None:
        """Begin the one line of a request or batch: what is noted and counted from here on goes into it.

        Inside an open line it begins a part of that one, which its `close` notes.
        """
        if not self._depth:
            self._began, self._notes, self._omitted, self._counts = time.perf_counter(), [], 0, {}
        self._depth += 1

    def close(self, level: str, sentence: str, **keys: Any) -> None:
        """Write the line that was opened, with what was noted and counted and the milliseconds that it took."""
        self._depth -= 1
        if self._depth:
            self._note(sentence, keys)
            return
        gathered: dict[str, Any] = {"duration_ms": round((time.perf_counter() - self._began) * 1000, 1)}
        if self._notes:
            gathered |= {"notes": self._notes, "omitted": self._omitted or None}
        if self._counts:
            gathered |= _metrics({name: [amount] for name, amount in self._counts.items()})
        self._write(level, sentence, {**keys, **gathered})

    def abandon(self) -> None:
        """Forget the open line, or its part: what it was about was cut off, and the next one must begin anew."""
        self._depth -= 1

    def count(self, name: str, amount: int) -> None:
        """Add to the open line's counts, or write a line of its own where none is open."""
        if self._depth:
            self._counts[name] = self._counts.get(name, 0.0) + amount
        else:
            _print({"service": SERVICE, **_metrics({name: [float(amount)]})})

    def append_keys(self, **keys: Any) -> None:
        """Write these keys in every line from here on."""
        self._kept |= keys

    def remove_keys(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._kept.pop(key, None)

    def info(self, sentence: str, **keys: Any) -> None:
        """Note something on the way of a request; a line where nothing is under way."""
        if self._depth:
            self._note(sentence, keys)
        else:
            self._write("INFO", sentence, keys)

    def warning(self, sentence: str, **keys: Any) -> None:
        self._write("WARNING", sentence, keys)

    def error(self, sentence: str, **keys: Any) -> None:
        self._write("ERROR", sentence, keys)

    def _note(self, sentence: str, keys: dict[str, Any]) -> None:
        if len(self._notes) == MOST_NOTES:
            self._omitted += 1
        else:
            self._notes.append({"message": sentence, **keys})

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
    """Log an unexpected error in one line of its own."""
    logger.error(sentence, **failure(error), **keys)


def failure(error: BaseException) -> dict[str, Any]:
    """Give what a line says of an unexpected error: its class and where it was raised, never its message.

    Messages of libraries quote values (pydantic its input, botocore its request), and values may be personal.
    """
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    causes = [type(cause).__name__ for cause in (error.__cause__, error.__context__) if cause is not None]
    return {"error": type(error).__name__, "causes": causes, "stack": frames}


def count(name: str, amount: int = 1) -> None:
    """Count something that happened, past tense (`PolicyIssued`), in CloudWatch's embedded metric format (EMF)."""
    logger.count(name, amount)


def _metrics(values: dict[str, list[float]]) -> dict[str, Any]:
    """By stack alone, as the alarms and the dashboard read it: each further dimension is a metric more to pay for."""
    directive = {
        "Namespace": SERVICE,
        "Dimensions": [["stack"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
    }
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, "stack": stack_name(), **values}


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str) + "\n")
    sys.stdout.flush()
