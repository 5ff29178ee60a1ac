"""Faults that a test arms before it makes the product call a simulator."""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

FaultKind = Literal[
    "lost_reply",
    "status",
    "slow",
    "unsigned",
    "signtest",
    "duplicate_notice",
    "late_notice",
    "signtest_notice",
]
"""What can go wrong.

lost_reply: the request takes effect, then the connection is closed without an answer.
status: the request has no effect and is answered with `status` and `code`.
slow: the request waits `seconds`, then takes effect as usual.
unsigned, signtest: the answer carries no signature, or WeChat Pay's deliberate wrong one.
duplicate_notice, late_notice, signtest_notice: the callback is sent twice at once, is sent `seconds` late,
or follows a probe with a deliberately wrong signature.
"""

REPLY_FAULTS: frozenset[str] = frozenset({"lost_reply", "status", "slow", "unsigned", "signtest"})
NOTICE_FAULTS: frozenset[str] = frozenset({"duplicate_notice", "late_notice", "signtest_notice"})


class InvalidFaultError(ValueError):
    """The description of a fault can't be used."""


@dataclass
class Fault:
    """One armed fault; `times` counts down to zero."""

    kind: str
    path_prefix: str
    method: str
    status: int
    code: str
    seconds: float
    times: int

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Fault":
        """Read the body of `POST /_sim/faults`."""
        kind = body.get("kind")
        if kind not in get_args(FaultKind):
            raise InvalidFaultError(f"kind must be one of {', '.join(get_args(FaultKind))}")
        try:
            fault = cls(
                kind=str(kind),
                path_prefix=str(body.get("path_prefix", "/")),
                method=str(body.get("method", "*")).upper(),
                status=int(body.get("status", 500)),
                code=str(body.get("code", "SYSTEM_ERROR")),
                seconds=float(body.get("seconds", 1.0)),
                times=int(body.get("times", 1)),
            )
        except (TypeError, ValueError) as error:
            raise InvalidFaultError("status, seconds and times must be numbers") from error
        if not (200 <= fault.status <= 599 and fault.seconds >= 0 and fault.times >= 1):
            raise InvalidFaultError("status is 200 to 599, seconds is not negative, times is at least 1")
        return fault


class FaultPlan:
    """The armed faults of one simulator, in the order in which they were armed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def arm(self, fault: Fault) -> int:
        """Add a fault and return how many are armed."""
        with self._lock:
            self._faults.append(fault)
            return len(self._faults)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._faults.clear()

    def take(self, kinds: Collection[str], method: str | None, *paths: str) -> Fault | None:
        """Use up one fault of these kinds for any of these paths; a `method` of None fits all."""
        with self._lock:
            for fault in self._faults:
                if fault.kind not in kinds or not any(path.startswith(fault.path_prefix) for path in paths):
                    continue
                if method is not None and fault.method not in ("*", method):
                    continue
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
                return fault
        return None
