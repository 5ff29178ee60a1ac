"""Service levels (服务时效): how fast claims are paid once their documents are complete, and which clocks ran out.

Each payment and each breach is one record, derived from its line of the claim's history, so a replay adds nothing and
a month is the fold of its records. Time is working time (`clocks.working_time`): two working days are 48 hours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.claims.claim import HistoryEntry
from daycover.claims.clocks import service_level_due, working_time
from daycover.claims.due import Clock
from daycover.claims.lifecycle import ClaimEvent

TOLD = frozenset({ClaimEvent.PAID, ClaimEvent.CLOCK_BREACHED})
"""The events that make a record."""
COUNTED = (Clock.ADJUDICATION, Clock.REFUSAL_NOTICE, Clock.PAYMENT)


class ServiceRecord(BaseModel, frozen=True, defer_build=True):
    """One payment (`minutes`, `in_time`) or one breach (`clock`), in the +08:00 month in which it happened."""

    claim_no: str
    version: int
    round: int = 0
    company_id: str
    month: str
    at: datetime
    minutes: int | None = None
    in_time: bool = False
    clock: Clock | None = None


class RoundFacts(BaseModel, frozen=True, defer_build=True):
    """What a record needs of the round that its line speaks of."""

    documents_complete_at: datetime | None = None
    paid_at: datetime | None = None


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
    """

    month: str
    claims_paid: int
    paid_in_time: int
    in_time_bps: int | None
    median_hours: float | None
    p90_hours: float | None
    breaches: Mapping[Clock, int]


def record_of(entry: HistoryEntry, claim: ClaimFacts) -> ServiceRecord | None:
    """Give the record that a line of a claim's history makes; most make none."""
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
        return record.model_copy(update={"minutes": minutes, "in_time": in_time})
    if entry.event is ClaimEvent.CLOCK_BREACHED and entry.reason_code is not None:
        return record.model_copy(update={"clock": Clock(entry.reason_code.partition(":")[0])})
    return None


def sum_up(month: str, records: Iterable[ServiceRecord]) -> ServiceLevels:
    """Fold a month's records; of a round paid twice (its money bounced) the last payment counts."""
    paid: dict[tuple[str, int], ServiceRecord] = {}
    breaches: Counter[Clock] = Counter()
    for record in records:
        if record.clock is not None:
            breaches[record.clock] += 1
        else:
            settled = (record.claim_no, record.round)
            known = paid.get(settled)
            if known is None or known.version < record.version:
                paid[settled] = record
    minutes = sorted(record.minutes or 0 for record in paid.values())
    in_time = sum(record.in_time for record in paid.values())
    return ServiceLevels(
        month=month,
        claims_paid=len(paid),
        paid_in_time=in_time,
        in_time_bps=in_time * 10_000 // len(paid) if paid else None,
        median_hours=_hours(minutes, 50),
        p90_hours=_hours(minutes, 90),
        breaches={clock: breaches[clock] for clock in COUNTED},
    )


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
            record = record_of(entry, self.services.facts(entry.claim_no))
            if record is not None:
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
