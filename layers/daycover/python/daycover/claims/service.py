"""Service levels (服务时效): how fast claims are paid once their documents are complete, which clocks ran out, what
share the machine approves, and how much of that people decided otherwise later.

Each payment, breach and decision is one record, derived from its line of the claim's history, so a replay adds
nothing and a month is the fold of its records. Time is working time (`clocks.working_time`): two working days are
48 hours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.claims.claim import HistoryEntry
from daycover.claims.clocks import service_level_due, working_time
from daycover.claims.due import Clock
from daycover.claims.lifecycle import PAYING_DECISIONS, ClaimEvent, Decision

TOLD = frozenset(
    {ClaimEvent.PAID, ClaimEvent.CLOCK_BREACHED, ClaimEvent.AUTO_APPROVED, ClaimEvent.ACKNOWLEDGED}
)
"""The events that make a record."""
COUNTED = (Clock.ADJUDICATION, Clock.REFUSAL_NOTICE, Clock.PAYMENT)


class DecidedBy(StrEnum):
    """Who made a decision stand."""

    MACHINE = "MACHINE"
    PEOPLE = "PEOPLE"


class ServiceRecord(BaseModel, frozen=True, defer_build=True):
    """One payment (`minutes`, `in_time`), one breach (`clock`) or one decision that stands (`decided_by`), in the
    +08:00 month in which it happened; or what people decided after the machine (`overturned`), in the month of
    the machine's approval and of its round.
    """

    claim_no: str
    version: int
    round: int = 0
    company_id: str
    month: str
    at: datetime
    minutes: int | None = None
    in_time: bool = False
    clock: Clock | None = None
    decided_by: DecidedBy | None = None
    overturned: bool | None = None


class RoundFacts(BaseModel, frozen=True, defer_build=True):
    """What a record needs of a round. `amount_fen` is what it pays beside earlier rounds."""

    documents_complete_at: datetime | None = None
    paid_at: datetime | None = None
    decision: Decision = Decision.PENDING
    amount_fen: int | None = None
    automatic_at: datetime | None = None
    automatic_fen: int | None = None

    @property
    def pays_fen(self) -> int:
        return (self.amount_fen or 0) if self.decision in PAYING_DECISIONS else 0


class ClaimFacts(BaseModel, frozen=True, defer_build=True):
    """What a record needs of its claim; `rounds` by number."""

    company_id: str
    rounds: tuple[RoundFacts, ...]


class Services(Protocol):
    def facts(self, claim_no: str) -> ClaimFacts: ...

    def add(self, record: ServiceRecord) -> None:
        """Store a record for its company and for the whole book; again changes nothing."""
        ...

    def of_company(self, company_id: str, month: str) -> Iterable[ServiceRecord]: ...

    def of_month(self, month: str) -> Iterable[ServiceRecord]: ...


class ServiceLevels(BaseModel, frozen=True, defer_build=True):
    """A month. `in_time_bps`: share of paid claims that were paid within two working days of complete documents, in
    basis points; hours are working time from there to the payment. None where nothing was paid.

    `decisions` are those that came to stand in the month, `automatic` the machine's among them; `overturned` are
    those of the machine that people have decided otherwise since, in whichever month. Shares in basis points.
    """

    month: str
    claims_paid: int
    paid_in_time: int
    in_time_bps: int | None
    median_hours: float | None
    p90_hours: float | None
    breaches: Mapping[Clock, int]
    decisions: int
    automatic: int
    automatic_bps: int | None
    overturned: int
    overturned_bps: int | None


def records_of(entry: HistoryEntry, claim: ClaimFacts) -> tuple[ServiceRecord, ...]:
    """Give the records that a line of a claim's history makes; most make none."""
    record = ServiceRecord(
        claim_no=entry.claim_no,
        version=entry.version,
        round=entry.round,
        company_id=claim.company_id,
        month=f"{china_day(entry.at):%Y-%m}",
        at=entry.at,
    )
    this = claim.rounds[entry.round]
    complete = this.documents_complete_at
    if entry.event is ClaimEvent.PAID and complete is not None:
        paid_at = this.paid_at or entry.at
        minutes = int(working_time(complete, paid_at).total_seconds()) // 60
        in_time = paid_at < service_level_due(complete)
        return (record.model_copy(update={"minutes": minutes, "in_time": in_time}),)
    if entry.event is ClaimEvent.CLOCK_BREACHED and entry.reason_code is not None:
        return (record.model_copy(update={"clock": Clock(entry.reason_code.partition(":")[0])}),)
    if entry.event is ClaimEvent.AUTO_APPROVED:
        return (record.model_copy(update={"decided_by": DecidedBy.MACHINE}),)
    if entry.event is ClaimEvent.ACKNOWLEDGED:
        decision = record.model_copy(update={"decided_by": DecidedBy.PEOPLE})
        return (decision, *_after_the_machine(record, claim))
    return ()


def _after_the_machine(record: ServiceRecord, claim: ClaimFacts) -> tuple[ServiceRecord, ...]:
    """Give whether people upheld what the machine last approved: in its own round by the same amount, in a later
    one by paying nothing more. None where the machine approved nothing.
    """
    for number in range(record.round, -1, -1):
        automatic = claim.rounds[number]
        if automatic.automatic_at is not None:
            now = claim.rounds[record.round].pays_fen
            upheld = (automatic.automatic_fen or 0) if number == record.round else 0
            update = {
                "round": number,
                "month": f"{china_day(automatic.automatic_at):%Y-%m}",
                "overturned": now != upheld,
            }
            return (record.model_copy(update=update),)
    return ()


def sum_up(month: str, records: Iterable[ServiceRecord]) -> ServiceLevels:
    """Fold a month's records; of a round paid twice (its money bounced) the last payment counts, and of what people
    decided after the machine the last decision.
    """
    paid: dict[tuple[str, int], ServiceRecord] = {}
    reviewed: dict[tuple[str, int], ServiceRecord] = {}
    breaches: Counter[Clock] = Counter()
    decided: Counter[DecidedBy] = Counter()
    for record in records:
        if record.clock is not None:
            breaches[record.clock] += 1
        elif record.decided_by is not None:
            decided[record.decided_by] += 1
        else:
            latest = paid if record.overturned is None else reviewed
            known = latest.get((record.claim_no, record.round))
            if known is None or known.version < record.version:
                latest[record.claim_no, record.round] = record
    automatic = decided[DecidedBy.MACHINE]
    overturned = sum(bool(record.overturned) for record in reviewed.values())
    minutes = sorted(record.minutes or 0 for record in paid.values())
    in_time = sum(record.in_time for record in paid.values())
    return ServiceLevels(
        month=month,
        claims_paid=len(paid),
        paid_in_time=in_time,
        in_time_bps=_share_bps(in_time, len(paid)),
        median_hours=_hours(minutes, 50),
        p90_hours=_hours(minutes, 90),
        breaches={clock: breaches[clock] for clock in COUNTED},
        decisions=decided.total(),
        automatic=automatic,
        automatic_bps=_share_bps(automatic, decided.total()),
        overturned=overturned,
        overturned_bps=_share_bps(overturned, automatic),
    )


def _share_bps(part: int, whole: int) -> int | None:
    return part * 10_000 // whole if whole else None


def _hours(ordered: list[int], percent: int) -> float | None:
    """The nearest-rank percentile of minutes, in hours to a tenth."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[rank - 1] / 60, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepServiceLevels:
    """Takes in a line of a claim's history."""

    services: Services

    def follow(self, image: Mapping[str, Any]) -> None:
        """Take the line as the stream shows it."""
        self(HistoryEntry.model_validate(image))

    def __call__(self, entry: HistoryEntry) -> None:
        if entry.event in TOLD:
            for record in records_of(entry, self.services.facts(entry.claim_no)):
                self.services.add(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadServiceLevels:
    """A company's month, or the insurer's."""

    services: Services

    def company(self, company_id: str, month: str) -> ServiceLevels:
        """`month` is yyyy-mm."""
        return sum_up(month, self.services.of_company(company_id, month))

    def book(self, month: str) -> ServiceLevels:
        return sum_up(month, self.services.of_month(month))
