"""Service levels: working time, the promise kept or missed, breaches by clock; a month is the fold of its records."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.china_time import CHINA
from daycover.claims.claim import SYSTEM, HistoryEntry
from daycover.claims.clocks import service_level_due, working_time
from daycover.claims.due import Clock
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.service import (
    ClaimFacts,
    KeepServiceLevels,
    ReadServiceLevels,
    RoundFacts,
    ServiceRecord,
    records_of,
    sum_up,
)

FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=CHINA)
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
NATIONAL_DAY = datetime(2026, 10, 1, 0, 0, tzinfo=CHINA)


def an_entry(
    event: ClaimEvent, at: datetime, claim_no: str = "CL1", version: int = 9, **of: Any
) -> HistoryEntry:
    return HistoryEntry(
        claim_no=claim_no,
        version=version,
        event=event,
        status=ClaimStatus.PAID,
        decision=Decision.APPROVED,
        at=at,
        by=SYSTEM,
        **of,
    )


def a_record(version: int, **of: Any) -> ServiceRecord:
    return ServiceRecord(claim_no="CL1", version=version, company_id="C1", month="2026-11", at=MONDAY, **of)


class FakeServices:
    """Implements `claims.service.Services`."""

    def __init__(self, **facts: ClaimFacts) -> None:
        self._facts = facts
        self.records: dict[tuple[str, int, bool], ServiceRecord] = {}

    def facts(self, claim_no: str) -> ClaimFacts:
        return self._facts[claim_no]

    def add(self, record: ServiceRecord) -> None:
        place = (record.claim_no, record.version, record.overturned is not None)
        self.records.setdefault(place, record)

    def of_company(self, company_id: str, month: str) -> Iterable[ServiceRecord]:
        return [record for record in self.of_month(month) if record.company_id == company_id]

    def of_month(self, month: str) -> Iterable[ServiceRecord]:
        return [record for record in self.records.values() if record.month == month]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (FRIDAY, FRIDAY + timedelta(hours=3), 3),
        (FRIDAY, MONDAY, 8 + 10),  # the weekend does not count
        (FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=1, hours=20), 0),
        (NATIONAL_DAY, NATIONAL_DAY + timedelta(days=3), 0),
        (MONDAY, MONDAY, 0),
        (MONDAY, FRIDAY, 0),
    ],
)
def test_time_is_counted_on_working_days_alone(start: datetime, end: datetime, hours: int) -> None:
    assert working_time(start.astimezone(UTC), end.astimezone(UTC)) == timedelta(hours=hours)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.integers(0, 90 * 24 * 60),
    st.integers(0, 90 * 24 * 60),
)
def test_working_time_adds_up_when_it_is_cut_anywhere(start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    assert working_time(start, middle) + working_time(middle, end) == working_time(start, end)
    assert timedelta(0) <= working_time(start, end) <= end - start


def test_payment_is_in_time_until_the_end_of_the_second_working_day() -> None:
    due = service_level_due(FRIDAY)
    for paid_at, in_time in ((due - timedelta(seconds=1), True), (due, False)):
        facts = ClaimFacts(
            company_id="C1", rounds=(RoundFacts(documents_complete_at=FRIDAY, paid_at=paid_at),)
        )
        (record,) = records_of(an_entry(ClaimEvent.PAID, paid_at), facts)
        assert record.in_time is in_time


def test_month_is_that_of_the_day_in_china_when_it_begins() -> None:
    at = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    (record,) = records_of(
        an_entry(ClaimEvent.PAID, at),
        ClaimFacts(company_id="C1", rounds=(RoundFacts(documents_complete_at=at),)),
    )
    assert record.month == "2026-12"


def test_levels_are_those_of_the_records_when_read_for_company_and_book() -> None:
    hours = [2, 4, 6, 8, 10, 12, 14, 16, 18, 150]
    facts = {
        f"CL{number}": ClaimFacts(
            company_id="C1" if number < 8 else "C2", rounds=(RoundFacts(documents_complete_at=MONDAY),)
        )
        for number in range(len(hours))
    }
    services = FakeServices(**facts)
    keep = KeepServiceLevels(services=services)
    entries = [
        an_entry(ClaimEvent.PAID, MONDAY + timedelta(hours=spent), claim_no=f"CL{number}")
        for number, spent in enumerate(hours)
    ]
    entries += [
        an_entry(ClaimEvent.CLOCK_BREACHED, MONDAY, claim_no="CL9", version=7, reason_code="PAYMENT:20261123T000000Z"),
        an_entry(ClaimEvent.CLOCK_BREACHED, MONDAY, claim_no="CL9", version=8, reason_code="ADVANCE:20261123T000000Z"),
        an_entry(ClaimEvent.NOTED, MONDAY, claim_no="CL9", version=10),
    ]  # fmt: skip
    for entry in [*entries, *reversed(entries)]:  # a replayed stream
        keep(entry)
    book = ReadServiceLevels(services=services).book("2026-11")
    assert (book.claims_paid, book.paid_in_time, book.in_time_bps) == (10, 9, 9_000)
    assert (book.median_hours, book.p90_hours) == (10.0, 18.0)
    assert book.breaches == {Clock.ADJUDICATION: 0, Clock.REFUSAL_NOTICE: 0, Clock.PAYMENT: 1}
    company = ReadServiceLevels(services=services).company("C2", "2026-11")
    assert (company.claims_paid, company.in_time_bps) == (2, 5_000)
    nothing = ReadServiceLevels(services=services).company("C1", "2026-10")
    assert (nothing.claims_paid, nothing.in_time_bps, nothing.median_hours, nothing.p90_hours) == (
        0,
        None,
        None,
        None,
    )


def test_last_payment_counts_when_the_first_one_s_money_came_back() -> None:
    records = [
        a_record(version, minutes=minutes, in_time=ok)
        for version, minutes, ok in ((9, 60, True), (14, 6_000, False))
    ]
    for ordered in (records, records[::-1]):
        levels = sum_up("2026-11", ordered)
        assert (levels.claims_paid, levels.paid_in_time, levels.median_hours) == (1, 0, 100.0)


OCTOBER = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
AUTOMATIC = RoundFacts(
    decision=Decision.APPROVED, amount_fen=40_000, automatic_at=OCTOBER, automatic_fen=40_000
)
PEOPLE = RoundFacts(decision=Decision.DECLINED)


@pytest.mark.parametrize(
    ("later", "overturned"),
    [
        (AUTOMATIC, 0),  # disputed, and decided the same
        (AUTOMATIC.model_copy(update={"amount_fen": 40_001}), 1),
        (AUTOMATIC.model_copy(update={"decision": Decision.DECLINED, "amount_fen": None}), 1),
        (RoundFacts(decision=Decision.PARTIAL, amount_fen=1), 1),  # reopened, and more was owed
        (RoundFacts(decision=Decision.DECLINED, amount_fen=0), 0),  # reopened, and nothing was
    ],
)
def test_machine_s_share_is_of_the_month_it_approved_in_when_people_decide_otherwise_in_another(
    later: RoundFacts, overturned: int
) -> None:
    same_round = later.automatic_at is not None
    rounds = (later,) if same_round else (AUTOMATIC, later)
    services = FakeServices(
        CL1=ClaimFacts(company_id="C1", rounds=rounds),
        CL2=ClaimFacts(company_id="C1", rounds=(AUTOMATIC,)),
        CL3=ClaimFacts(company_id="C2", rounds=(PEOPLE,)),
    )
    keep = KeepServiceLevels(services=services)
    again = an_entry(ClaimEvent.ACKNOWLEDGED, MONDAY, claim_no="CL1", version=15, round=len(rounds) - 1)
    for entry in (
        an_entry(ClaimEvent.AUTO_APPROVED, OCTOBER, claim_no="CL1"),
        an_entry(ClaimEvent.AUTO_APPROVED, OCTOBER, claim_no="CL2"),
        an_entry(ClaimEvent.ACKNOWLEDGED, OCTOBER, claim_no="CL3"),
        again,
        again,  # a replayed stream
    ):
        keep(entry)
    read = ReadServiceLevels(services=services)
    october, november = read.book("2026-10"), read.book("2026-11")
    assert (october.decisions, october.automatic, october.automatic_bps) == (3, 2, 6_666)
    assert (october.overturned, october.overturned_bps) == (overturned, overturned * 5_000)
    assert (november.decisions, november.automatic, november.automatic_bps) == (1, 0, 0)
    assert (november.overturned, november.overturned_bps, november.claims_paid) == (0, None, 0)


def test_last_decision_counts_when_people_decided_twice_after_the_machine() -> None:
    records = [a_record(version, overturned=overturned) for version, overturned in ((12, True), (15, False))]
    for ordered in (records, records[::-1]):
        assert sum_up("2026-11", ordered).overturned == 0
