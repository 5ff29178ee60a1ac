"""The journal: every entry balances, replays post nothing, and balances are the fold of what happened."""

import random
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.books.journal import (
    Account,
    Entry,
    Journal,
    KeepBooks,
    Kind,
    Line,
    Risk,
    closing_time,
    commission_fen,
    entries_of_cover,
    entry_at,
    is_closed,
    reversed_lines,
    statement_day,
)
from daycover.china_time import CHINA
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.roster import line_of
from tests.support.builders import COMMISSION_BPS, NOW, a_line, a_policy
from tests.support.fakes.port import Crash
from tests.support.ledger import balances
from tests.unit.books.desk import Desk

TODAY = date(2026, 11, 24)


def an_ended(status: PolicyStatus, refund_fen: int, at: datetime = NOW, **changes: Any) -> Policy:
    ending = Ending(at=at, by="staff", actor="s-1", reason=EndReason.MISTAKE, refund_fen=refund_fen)
    return a_policy(status=status, ended=ending, **changes)


@given(
    premium_fen=st.integers(30, 200),
    refund=st.integers(0, 200),
    status=st.sampled_from(sorted(set(PolicyStatus) - {PolicyStatus.ISSUED})),
    bps=st.integers(0, 10_000),
)
def test_entries_balance_and_leave_what_was_kept_when_a_policy_ends(
    premium_fen: int, refund: int, status: PolicyStatus, bps: int
) -> None:
    refund_fen = min(refund, premium_fen)
    policy = an_ended(status, refund_fen, premium_fen=premium_fen)
    entries = entries_of_cover(line_of(policy), NOW, bps)
    assert [entry.kind for entry in entries] == [Kind.POLICY_ISSUED, Kind(f"POLICY_{status}")]
    assert all(sum(line.fen for line in entry.lines) == 0 for entry in entries)
    left = balances(entries)
    kept = premium_fen - refund_fen
    assert left[Account.COMPANY_RECEIVABLE] == kept
    assert left[Account.DISTRIBUTOR_COMMISSION] == -commission_fen(kept, bps)
    assert left[Account.PREMIUM_PAYABLE] == commission_fen(kept, bps) - kept


def test_entry_is_refused_when_its_lines_do_not_sum_to_zero() -> None:
    (entry,) = entries_of_cover(a_line(), NOW, COMMISSION_BPS)
    with pytest.raises(ValidationError):
        Entry(**dict(entry) | {"lines": (Line(Account.BANK, 1),)})


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        (datetime(2026, 11, 24, 23, 59, tzinfo=CHINA), date(2026, 11, 24)),
        (datetime(2026, 11, 25, 0, 14, 59, tzinfo=CHINA), date(2026, 11, 24)),
        (datetime(2026, 11, 25, 0, 15, tzinfo=CHINA), date(2026, 11, 25)),
        (datetime(2026, 11, 26, 0, 59, tzinfo=CHINA), date(2026, 11, 26)),
    ],
)
def test_event_stands_on_the_first_statement_still_open_when_posted(posted: datetime, expected: date) -> None:
    assert statement_day(TODAY, posted) == expected


def test_event_of_a_new_day_stands_on_its_own_statement_when_posted_before_the_old_one_closes() -> None:
    assert statement_day(date(2026, 11, 25), datetime(2026, 11, 25, 0, 5, tzinfo=CHINA)) == date(2026, 11, 25)


@pytest.mark.parametrize("seed", range(20))
def test_balances_are_the_same_when_batches_are_replayed_shuffled_and_a_day_late(seed: int) -> None:
    records = []
    for number in range(1, 41):
        records.append(line_of(a_policy(sequence=number)))
        if number % 3 == 0:
            records.append(line_of(an_ended(PolicyStatus.VOIDED, 70, sequence=number)))
        elif number % 5 == 0:
            records.append(line_of(an_ended(PolicyStatus.TERMINATED, 35, sequence=number)))
    straight, disturbed = Desk(NOW), Desk(NOW)
    straight.take_in(*records)
    chance = random.Random(seed)
    late = records[::4]
    stream = [record for record in records if record not in late] * 2
    chance.shuffle(stream)
    while stream:
        size = chance.randint(1, 15)
        disturbed.take_in(*stream[:size])
        stream = stream[size:]
    disturbed.now.advance(hours=25)
    disturbed.restart()
    disturbed.take_in(*late, *chance.sample(records, len(records)))
    assert balances(disturbed.journal.all()) == balances(straight.journal.all())
    assert sum(balances(disturbed.journal.all()).values()) == 0
    owed = [sum(day.owed_fen for day in desk.credit.unpaid("C1")) for desk in (straight, disturbed)]
    assert owed == [balances(straight.journal.all())[Account.COMPANY_RECEIVABLE]] * 2


def test_books_are_complete_when_the_process_dies_at_any_call() -> None:
    policy = an_ended(PolicyStatus.TERMINATED, 35)
    expected = Desk(NOW)
    expected.take_in(line_of(policy))
    calls = len(expected.steps.calls)
    for applied in (False, True):
        for index in range(calls):
            desk = Desk(NOW)
            desk.steps.crash_at(index, applied=applied)
            with pytest.raises(Crash):
                desk.take_in(line_of(policy))
            desk.steps.calm()
            desk.restart()
            desk.take_in(line_of(policy))
            assert list(desk.journal.all()) == list(expected.journal.all())
            desk.now.at = NOW + timedelta(days=1)
            desk.close("C1", TODAY)  # puts right a running figure that the crash took along
            assert sum(day.owed_fen for day in desk.credit.unpaid("C1")) == 35


@pytest.mark.parametrize(
    ("premium_fen", "bps", "fen"),
    [
        (100, 2_000, 20),
        (70, 2_500, 18),
        (30, 1_500, 5),
        (30, 1_499, 4),
        (101, 5_099, 51),  # 51.4999
        (200, 0, 0),
        (200, 10_000, 200),
        (-70, 2_500, -17),
    ],
)
def test_commission_is_rounded_half_up_to_the_fen(premium_fen: int, bps: int, fen: int) -> None:
    assert commission_fen(premium_fen, bps) == fen


def test_day_closes_half_an_hour_after_its_midnight_in_china() -> None:
    assert closing_time(TODAY) == datetime(2026, 11, 25, 0, 30, tzinfo=CHINA)
    clock = datetime(2026, 11, 25, 0, 25, tzinfo=CHINA)  # five minutes behind whoever starts the close
    assert is_closed(TODAY, clock)
    assert not is_closed(TODAY, clock - timedelta(microseconds=1))


def test_issue_is_posted_as_it_was_when_the_policy_has_ended_since() -> None:
    """The entry of a record that comes late is the one that an early record made."""
    policy = a_policy()
    ended = an_ended(PolicyStatus.TERMINATED, 30)
    first, _ = entries_of_cover(line_of(ended), NOW, COMMISSION_BPS)
    assert [first] == entries_of_cover(line_of(policy), NOW, COMMISSION_BPS)
    assert first.cover == line_of(policy)


def test_entry_written_with_its_cause_says_what_it_was_given() -> None:
    lines = (Line(Account.COMPANY_RECEIVABLE, 5), Line(Account.PREMIUM_PAYABLE, -5))
    risk = Risk(occupation_class=3, plan_id="BASIC")
    entry = entry_at("s", Kind.POLICY_ISSUED, "C1", lines, NOW, project_id="P", version=2, risk=risk)
    assert (entry.project_id, entry.version, entry.risk, entry.lines) == ("P", 2, risk, lines)
    assert (entry.day, entry.statement_day, entry.is_late) == (TODAY, TODAY, False)
    plain = entry_at("s", Kind.POLICY_ISSUED, "C1", lines, NOW)
    assert (plain.project_id, plain.version, plain.risk) == ("-", 0, None)
    assert (entry.entry_id, plain.entry_id) == ("s#POLICY_ISSUED#2", "s#POLICY_ISSUED")


def test_reversal_takes_back_each_account() -> None:
    lines = (Line(Account.COMPANY_RECEIVABLE, 5), Line(Account.PREMIUM_PAYABLE, -5))
    back = reversed_lines(lines)
    assert back == (Line(Account.COMPANY_RECEIVABLE, -5), Line(Account.PREMIUM_PAYABLE, 5))
    assert reversed_lines(back) == lines


def test_commission_is_that_of_the_company_on_the_day_of_the_policy() -> None:
    asked: list[tuple[str, date]] = []

    class Anything:
        def post(self, entry: Entry) -> bool:
            return True

    def bps(company_id: str, day: date) -> int:
        asked.append((company_id, day))
        return COMMISSION_BPS

    line = a_line()
    KeepBooks(journal=cast(Journal, Anything()), now=lambda: NOW, commission_bps=bps).cover(line)
    assert asked == [(line.company_id, line.day)]
