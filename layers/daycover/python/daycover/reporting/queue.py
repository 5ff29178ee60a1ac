"""From the streams to the insurer: what happened to a policy or a claim is queued as rows to report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from daycover.cover.policy import Policy
from daycover.reporting.rows import ReportRow, rows_of


class RowQueue(Protocol):
    def send(self, rows: Iterable[ReportRow]) -> None:
        """Queue rows; sending twice does no harm."""
        ...


class HistoryRows(Protocol):
    def row_of(self, entry: dict[str, Any]) -> ReportRow:
        """Give the row of one line of a claim's history."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicyRows:
    queue: RowQueue

    def __call__(self, policy: Policy) -> None:
        """Queue the policy's issue, and its ending once it has one."""
        self.queue.send(rows_of(policy))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueClaimRow:
    queue: RowQueue
    rows: HistoryRows

    def __call__(self, entry: Mapping[str, Any]) -> None:
        """Queue one line of a claim's history, as the stream shows it."""
        self.queue.send([self.rows.row_of(dict(entry))])
