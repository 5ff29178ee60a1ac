"""What claims come to by day, company, plan and class: incurred is paid and reserved, whatever was closed when."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.books.claims_figures import LOOK_BACK
from daycover.books.figures import ReadFigures, sum_up
from daycover.books.journal import Account, Entry, Kind, Line, Risk
from daycover.books.statement import Statement
from daycover.payouts.payout import PayoutState
from daycover.payouts.transfer import Channel
from tests.support.builders import NOW
from tests.support.ledger import payout_entries
from tests.unit.books.desk import Desk

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
PLAN: dict[str, Any] = {"plan_id": "T2", "occupation_class": 3}
OTHER: dict[str, Any] = {"plan_id": "T1", "occupation_class": 1}


def reserved(
    fen: int, at: datetime = NOW, *, version: int = 1, company_id: str = "C1", of: dict[str, Any] = PLAN
) -> Entry:
    return Entry(
        source_id=f"CL{of['plan_id']}",
        kind=Kind.RESERVE_CHANGED,
        version=version,
        company_id=company_id,
        project_id="P",
        day=TODAY + (at - NOW),
        statement_day=TODAY + (at - NOW),
        lines=(Line(Account.RESERVE_CHANGE, fen), Line(Account.CASE_RESERVE, -fen)),
        risk=Risk(**of),
    )


def a_desk(*entries: Entry) -> Desk:
    desk = Desk(NOW)
    post(desk, *entries)
    return desk


def post(desk: Desk, *entries: Entry) -> None:
    assert all(desk.journal.post(entry) for entry in entries)


def close(desk: Desk, day: date, *, early: bool = False, company_id: str = "C1") -> Statement:
    desk.now.at = NOW + (day - TODAY) + (timedelta(hours=1) if early else DAY)
    return desk.close(company_id, day)


def figures(statement: Statement) -> list[tuple[Any, ...]]:
    return [
        (t.plan_id, t.paid_fen, t.reserve_change_fen, t.incurred_fen, t.outstanding_fen)
        for t in statement.claims
    ]


def test_day_says_what_claims_cost_by_class_and_plan_when_two_were_noticed_and_one_paid() -> None:
    desk = a_desk(
        reserved(900), reserved(100, of=OTHER), *payout_entries("CL1P1", 300, **PLAN),
        *payout_entries("CL1P2", 200, channel=Channel.BANK, **PLAN),
        *payout_entries("CL1P3", 50, PayoutState.BOUNCED, channel=Channel.BANK, **PLAN),
    )  # fmt: skip
    statement = close(desk, TODAY)
    assert figures(statement) == [("T1", 0, 100, 100, 100), ("T2", 500, 400, 900, 400)]
    assert (statement.claims_paid_fen, statement.outstanding_fen) == (500, 500)
    assert [(fund.account, fund.fen) for fund in statement.funds_paid] == [
        (Account.WECHAT_WALLET, 300),
        (Account.BANK, 200),
    ]


def test_outstanding_goes_on_from_day_to_day_when_each_is_closed() -> None:
    desk = a_desk(reserved(900))
    close(desk, TODAY)
    post(desk, *payout_entries("CL1P1", 300, at=NOW + DAY, **PLAN))
    assert figures(close(desk, TODAY + DAY)) == [("T2", 300, -300, 0, 600)]
    quiet = close(desk, TODAY + 2 * DAY)
    assert figures(quiet) == [("T2", 0, 0, 0, 600)], "what is outstanding is said though nothing moved"
    post(desk, reserved(-600, NOW + 3 * DAY, version=2))
    assert close(desk, TODAY + 3 * DAY).outstanding_fen == 0
    assert close(desk, TODAY + 4 * DAY).claims == ()


def test_outstanding_is_right_when_days_were_closed_early_twice_or_not_at_all() -> None:
    desk = a_desk(reserved(900))
    assert close(desk, TODAY, early=True).outstanding_fen == 900
    post(desk, reserved(50, version=2))
    assert close(desk, TODAY + DAY).outstanding_fen == 950, (
        "the day before was closed early: it is read again"
    )
    post(desk, reserved(7, NOW + 2 * DAY, version=3), reserved(11, NOW + 3 * DAY, version=4))
    assert close(desk, TODAY + 4 * DAY).outstanding_fen == 968, "two days have no statement"
    assert close(desk, TODAY).outstanding_fen == 950
    assert close(desk, TODAY).revision == 2, "closing it once more changes nothing"
    assert close(desk, TODAY + 2 * DAY).outstanding_fen == 957


def test_outstanding_is_unknown_when_no_statement_of_a_month_is_there() -> None:
    desk = a_desk(reserved(900))
    desk.began = TODAY - 400 * DAY
    lost = close(desk, TODAY)
    assert lost.outstanding_fen is None
    assert figures(lost) == [("T2", 0, 900, 900, None)], "what the day moved is known all the same"
    assert close(desk, TODAY + DAY).outstanding_fen is None
    book = sum_up(TODAY, desk.statements.of_day(TODAY))
    assert (book.incurred_fen, book.outstanding_fen, book.unknown) == (900, None, ("C1",))
    desk.began = TODAY - DAY  # the books of before are found: the contract began yesterday
    assert close(desk, TODAY).outstanding_fen == 900
    assert close(desk, TODAY + DAY).outstanding_fen == 900


def test_first_statement_begins_with_nothing_when_the_company_has_no_contract() -> None:
    desk = a_desk(reserved(40, NOW - 2 * DAY), reserved(2, NOW, version=2))
    desk.began = None
    assert close(desk, TODAY).outstanding_fen == 42
    assert LOOK_BACK > 2


def test_book_and_month_sum_companies_and_days_when_each_had_claims() -> None:
    desk = a_desk(
        reserved(900), reserved(100, company_id="C2"), reserved(10, of=OTHER, company_id="C2"),
        *payout_entries("CL1P1", 300, **PLAN), reserved(5, NOW + DAY, version=2),
    )  # fmt: skip
    for day in (TODAY, TODAY + DAY):
        for company_id in ("C1", "C2"):
            close(desk, day, company_id=company_id)
    read = ReadFigures(statements=desk.statements)
    book = read.book(TODAY)
    assert [(t.plan_id, t.paid_fen, t.incurred_fen, t.outstanding_fen) for t in book.claims] == [
        ("T1", 0, 10, 10),
        ("T2", 300, 1_000, 700),
    ]
    assert (book.incurred_fen, book.outstanding_fen, book.unknown) == (1_010, 710, ())
    assert [(fund.account, fund.fen) for fund in book.funds_paid] == [(Account.WECHAT_WALLET, 300)]
    month = read.month("C1", "2026-11")
    assert (month.claims_paid_fen, month.incurred_fen, month.outstanding_fen) == (300, 905, 605)
    assert read.month("C1", "2026-10").outstanding_fen is None


@given(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(-500, 500)), max_size=12))
def test_outstanding_is_the_fold_of_all_that_moved_when_only_the_last_day_is_closed_or_all(
    moves: list[tuple[int, int]],
) -> None:
    entries = [reserved(fen, NOW + day * DAY, version=n) for n, (day, fen) in enumerate(moves, 1) if fen]
    expected = sum(entry.fen_on(Account.RESERVE_CHANGE) for entry in entries)
    each, last = a_desk(*entries), a_desk(*entries)
    for day in range(6):
        closed = close(each, TODAY + day * DAY)
    assert closed.outstanding_fen == close(last, TODAY + 5 * DAY).outstanding_fen == expected


@pytest.mark.parametrize("missing", range(1, 5))
def test_following_days_are_right_when_a_missing_day_is_closed_later(missing: int) -> None:
    desk = a_desk(*(reserved(10**day, NOW + day * DAY, version=day + 1) for day in range(6)))
    for day in range(6):
        if day != missing:
            assert close(desk, TODAY + day * DAY).outstanding_fen == sum(10**d for d in range(day + 1))
    assert close(desk, TODAY + missing * DAY).outstanding_fen == sum(10**d for d in range(missing + 1))
