"""From the streams to the insurer: what happened to a policy or a claim is queued as rows to report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from daycover.cover.policy import Policy
from daycover.errors import DaycoverError
from daycover.reporting.rows import ReportRow, rows_of


class RowQueue(Protocol):
    def send(self, messages: Sequence[Iterable[ReportRow]]) -> Sequence[DaycoverError | None]:
        """Queue the rows of each message together, and give what hinders a message at its place; sending twice
        does no harm."""
        ...


class HistoryRows(Protocol):
    def row_of(self, entry: dict[str, Any]) -> ReportRow:
        """Give the row of one line of a claim's history."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicyRows:
    queue: RowQueue

    def __call__(self, policies: Sequence[Policy]) -> Sequence[DaycoverError | None]:
        """Queue each policy's issue, and its ending once it has one; what hinders a policy is at its place."""
        return self.queue.send([rows_of(policy) for policy in policies])


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueClaimRow:
    queue: RowQueue
    rows: HistoryRows

    def __call__(self, entry: Mapping[str, Any]) -> None:
        """Queue one line of a claim's history, as the stream shows it. Raises what hinders it."""
        (failure,) = self.queue.send([[self.rows.row_of(dict(entry))]])
        if failure is not None:
            raise failure
