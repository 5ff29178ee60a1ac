"""The rows that the insurer is told (报送): one for every event of a policy or claim.

A row's id follows from what it reports, so whatever is sent, answered or read twice leaves the same state.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.master_policy import master_of
from daycover.cover.period import Period
from daycover.cover.policy import Policy, PolicyStatus
from daycover.errors import DaycoverError


class InsurerRetryError(DaycoverError):
    """Nothing reached the insurer, or it took nothing; the same call may be repeated."""


class InsurerUnknownError(DaycoverError):
    """No proven answer came back: the rows may have arrived. Asking under their ids resolves it."""


class InsurerRefusedError(DaycoverError):
    """The insurer refused the whole call for good (`code`)."""


class ReportKind(StrEnum):
    """What a row reports."""

    ISSUED = "ISSUED"  # 承保
    CANCELLED = "CANCELLED"  # 撤单
    TERMINATED = "TERMINATED"  # 终止
    VOIDED = "VOIDED"  # 作废
    CLAIM = "CLAIM"  # 理赔


class CoverFacts(BaseModel, frozen=True, defer_build=True):
    """What the insurer takes on with a policy; stands in the ISSUED row only.

    `worker_id` leads to the identity until the row is named; `insured` is then the identity, sealed for the
    insurer (`reporting/naming.py`).
    """

    person_id: str
    master_no: str = ""
    worker_id: str | None = None
    project_id: str = ""
    insured_name: str
    """Masked (王**)."""
    insured: str | None = None
    plan_id: str
    plan_version: str
    occupation_class: int
    sum_insured_fen: int
    period: Period


class ReportRow(BaseModel, frozen=True, defer_build=True):
    """One event. `amount_fen` is what it changes in the premium due (a refund is negative), 0 for claims.

    `day` is the event's +08:00 day, whose file carries the row; `issued_on` the policy's day of issue.
    `claim_amount_fen` is the money that a payment moved (back: negative), else the decided amount; `payout_id`
    the number that the payment went under; `advance_excess_fen` what a claim that is over had paid in advance
    beyond its decision.
    """

    row_id: str
    kind: ReportKind
    policy_no: str
    company_id: str
    day: date
    at: datetime
    amount_fen: int
    issued_on: date | None = None
    cover: CoverFacts | None = None
    claim_no: str | None = None
    claim_event: str | None = None
    claim_amount_fen: int | None = None
    advance: int | None = None
    payout_id: str | None = None
    advance_excess_fen: int | None = None


class ReportState(StrEnum):
    REPORTED = "REPORTED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    REJECTED = "REJECTED"


class Report(BaseModel, frozen=True, defer_build=True):
    """A row and what became of it. `reason` is the insurer's code for a rejection."""

    row: ReportRow
    state: ReportState
    reported_at: datetime
    answered_at: datetime | None = None
    reason: str | None = None


class RowState(StrEnum):
    """What the insurer says of a row."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    REJECTED = "REJECTED"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    """It never arrived."""


ANSWERS = {
    RowState.ACKNOWLEDGED: ReportState.ACKNOWLEDGED,
    RowState.REJECTED: ReportState.REJECTED,
}


class RowAnswer(NamedTuple):
    row_id: str
    state: RowState
    reason: str | None = None


class Reports(Protocol):
    """What was reported, a partition for each company's day."""

    def announce(self, row: ReportRow, now: datetime) -> Report:
        """Store a row as REPORTED; gives what stands there when it was announced before."""
        ...

    def answer(self, row: ReportRow, state: ReportState, reason: str | None, now: datetime) -> bool:
        """Move a row out of REPORTED; False when it was answered before: the first answer stands."""
        ...

    def acknowledge(self, rows: Sequence[ReportRow], now: datetime) -> None:
        """Record that the insurer took rows that this run alone has announced: together, where all went well."""
        ...

    def of_day(self, company_id: str, day: date) -> Iterable[Report]:
        """Every report of a company's day, ordered by row id."""
        ...

    def find(self, row_id: str) -> Report | None:
        """Find a row that waits, by its id alone; None when it does not wait (any more)."""
        ...

    def wait(self, row: ReportRow, since: datetime) -> None:
        """Put a row without an answer on the list of those to ask about."""
        ...

    def settle(self, row_id: str) -> None:
        """Take a row off that list."""
        ...

    def waiting(self, before: datetime, limit: int) -> list[tuple[ReportRow, datetime]]:
        """Rows that have waited since before then, and since when; oldest first in each shard."""
        ...


def rows_of(policy: Policy) -> list[ReportRow]:
    """Give the rows that report a policy: its issue, and its ending once it has one.

    Both each time: whatever order the stream's records come in, the insurer hears of the issue first.
    """
    issued_on = china_day(policy.issued_at)
    issued = ReportRow(
        row_id=f"{policy.policy_no}-{ReportKind.ISSUED}",
        kind=ReportKind.ISSUED,
        policy_no=policy.policy_no,
        company_id=policy.company_id,
        day=issued_on,
        at=policy.issued_at,
        amount_fen=policy.premium_fen,
        issued_on=issued_on,
        cover=CoverFacts(
            person_id=policy.person_id,
            master_no=master_of(policy),
            worker_id=policy.worker_id,
            project_id=policy.project_id,
            insured_name=policy.insured_name,
            plan_id=policy.plan_id,
            plan_version=policy.plan_version,
            occupation_class=policy.occupation_class,
            sum_insured_fen=policy.sum_insured_fen,
            period=policy.period,
        ),
    )
    if policy.status is PolicyStatus.ISSUED or policy.ended is None:
        return [issued]
    ended = ReportRow(
        row_id=f"{policy.policy_no}-{policy.status}",
        kind=ReportKind(policy.status.value),
        policy_no=policy.policy_no,
        company_id=policy.company_id,
        day=china_day(policy.ended.at),
        at=policy.ended.at,
        amount_fen=-policy.ended.refund_fen,
        issued_on=issued_on,
    )
    return [issued, ended]


def claim_row(
    *,
    claim_no: str,
    version: int,
    event: str,
    policy_no: str,
    company_id: str,
    at: datetime,
    amount_fen: int | None,
    advance: int | None = None,
    payout_id: str | None = None,
    advance_excess_fen: int | None = None,
) -> ReportRow:
    """Give the row that reports one line of a claim's history; `version` is the claim's that it made."""
    return ReportRow(
        row_id=f"{claim_no}-{version:06d}",
        kind=ReportKind.CLAIM,
        policy_no=policy_no,
        company_id=company_id,
        day=china_day(at),
        at=at,
        amount_fen=0,
        claim_no=claim_no,
        claim_event=event,
        claim_amount_fen=amount_fen,
        advance=advance,
        payout_id=payout_id,
        advance_excess_fen=advance_excess_fen,
    )
