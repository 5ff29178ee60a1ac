"""The day's statement: to the fen, once, repeatable to the byte, late events visibly on the next one."""

import io
import random
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover import crockford
from daycover.books import read_statement as reading_rules
from daycover.books.figures import ReadFigures
from daycover.books.journal import Account, closing_time, entries_of_cover
from daycover.books.sheets import XlsxSheet
from daycover.books.statement import (
    StatementNotFoundError,
    StatementStatus,
    draw_up,
    status_of,
)
from daycover.books.statement_sheets import JsonSheet, columns_of, title_of
from daycover.china_time import CHINA, day_to_close
from daycover.cover.period import COVER, Period
from daycover.cover.policy import Policy, PolicyStatus
from daycover.cover.roster import CoverLine, RecordCover, in_force, line_of
from daycover.errors import ConcurrentChangeError
from daycover.reporting.reconciliation import LOOK_BACK, ReconcileCompany
from daycover.reporting.rows import rows_of
from tests.support.builders import COMMISSION_BPS, NOW, a_line, a_policy
from tests.support.fakes.cover import FakeCoverLines, FakeEndedPolicies, FakeVisits
from tests.support.fakes.port import Crash
from tests.support.ledger import balances, payout_entries
from tests.unit.books.desk import Desk
from tests.unit.books.test_journal import an_ended
from tests.unit.reporting.insurer_world import Desk as InsurerDesk

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)


def lines(count: int) -> list[CoverLine]:
    return [a_line(sequence=number + 1) for number in range(count)]


def a_desk(*recorded: CoverLine) -> Desk:
    desk = Desk(NOW)
    desk.take_in(*recorded)
    return desk


def after_midnight(desk: Desk, day: date = TODAY) -> None:
    desk.now.at = closing_time(day)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(30, 200)), max_size=60))
def test_totals_are_those_of_the_lines_when_drawn_up(facts: list[tuple[str, int]]) -> None:
    day = [
        a_line(sequence=number + 1, project_id=project, premium_fen=fen)
        for number, (project, fen) in enumerate(facts)
    ]
    entries = [entry for line in day for entry in entries_of_cover(line, NOW, COMMISSION_BPS)]
    statement = draw_up("C1", TODAY, entries, (), NOW)
    assert statement.premium_fen == sum(fen for _, fen in facts)
    assert statement.policies == statement.lines == len(facts)
    assert sum(total.premium_fen for total in statement.projects) == statement.premium_fen
    assert sum(total.premium_fen for total in statement.classes) == statement.premium_fen
    assert [total.project_id for total in statement.projects] == sorted({project for project, _ in facts})


def test_line_counts_on_the_china_day_of_issue_when_issued_around_midnight() -> None:
    before = datetime(2026, 11, 24, 23, 59, 59, tzinfo=CHINA)
    assert line_of(a_policy(before)).day == TODAY
    assert line_of(a_policy(before + timedelta(seconds=1))).day == TOMORROW


def test_line_counts_on_the_day_of_issue_when_cover_begins_later() -> None:
    issued = datetime(2026, 11, 24, 22, 30, tzinfo=CHINA)
    start = issued + timedelta(hours=2)
    policy = a_policy(start, issued_at=issued, period=Period(start=start, end=start + COVER))
    assert line_of(policy).day == TODAY


def test_same_lines_result_when_stream_records_come_twice_and_in_any_order() -> None:
    policies = [a_policy(sequence=number) for number in range(1, 30)]
    records = [policy.model_dump(mode="json") for policy in policies] * 2
    random.Random(7).shuffle(records)
    store = FakeCoverLines()
    record_cover = RecordCover(
        lines=store, ended=FakeEndedPolicies(), counted=lambda _: False, visits=FakeVisits()
    )
    news = [record_cover(record) for record in records]
    assert sum(news) == len(policies)
    assert list(store.of_day("C1", TODAY)) == sorted(map(line_of, policies), key=lambda line: line.policy_no)


def test_roster_holds_only_cover_that_runs_now_when_read() -> None:
    day = [*lines(2), a_line(start=NOW - timedelta(hours=24), sequence=9)]
    day += [a_line(start=NOW + timedelta(minutes=1), sequence=10)]
    assert in_force(day, NOW) == lines(2)


def test_day_to_close_is_the_one_that_has_ended_when_scheduled_at_half_past_midnight() -> None:
    assert day_to_close(datetime(2026, 11, 25, 0, 30, tzinfo=CHINA)) == TODAY
    assert day_to_close(datetime.fromisoformat("2026-11-24T16:30:00Z")) == TODAY
    assert day_to_close(datetime(2027, 1, 1, 0, 30, tzinfo=CHINA)) == date(2026, 12, 31)


def test_statement_is_the_same_when_the_day_is_closed_again() -> None:
    desk = a_desk(*lines(3))
    after_midnight(desk)
    first = desk.close("C1", TODAY)
    assert (first.revision, first.policies, first.premium_fen) == (1, 3, 210)
    desk.now.advance(hours=5)
    assert desk.close("C1", TODAY) == first
    assert len(desk.statements.sheets) == 1
    statement, status, found, *_ = desk.read("C1", TODAY)
    assert (statement, status) == (first, StatementStatus.ISSUED)
    assert found is not None
    assert [line.policy_no for line in found] == [line.policy_no for line in lines(3)]


def test_new_revision_stands_beside_the_old_when_the_day_was_closed_before_its_end() -> None:
    desk = a_desk(*lines(3))
    first = desk.close("C1", TODAY)
    desk.take_in(a_line(sequence=4))
    second = desk.close("C1", TODAY)
    assert (second.revision, second.policies) == (2, 4)
    assert len(desk.statements.lines(first)) == 3
    assert len(desk.statements.lines(second)) == 4
    assert [day.owed_fen for day in desk.credit.unpaid("C1")] == [280]


def test_late_policy_and_refund_stand_on_the_next_statement_when_the_day_was_closed() -> None:
    desk = a_desk(*lines(3))
    after_midnight(desk)
    first = desk.close("C1", TODAY)
    late = a_line(sequence=4)
    voided = line_of(an_ended(PolicyStatus.VOIDED, 70, at=desk.now.at + timedelta(hours=3)))
    desk.now.advance(hours=4)
    desk.take_in(late, voided, a_line(start=desk.now.at, sequence=5))
    after_midnight(desk, TOMORROW)
    assert desk.close("C1", TODAY) == first, "nothing is changed in place"
    second = desk.close("C1", TOMORROW)
    found = {line.policy_no: line for line in desk.statements.lines(second)}
    assert found[late.policy_no].correction
    assert found[late.policy_no].day == TODAY
    assert (found[voided.policy_no].premium_fen, found[voided.policy_no].refund_fen) == (0, 70)
    assert found[voided.policy_no].correction
    assert (second.premium_fen, second.corrections, second.corrections_fen) == (70, 2, 0)
    assert first.premium_fen + second.premium_fen == balances(desk.journal.all())[Account.COMPANY_RECEIVABLE]


def test_policy_is_shown_and_costs_nothing_when_cancelled_on_its_day() -> None:
    desk = a_desk(line_of(an_ended(PolicyStatus.CANCELLED, 70)), a_line(sequence=2))
    statement = desk.close("C1", TODAY)
    assert (statement.lines, statement.policies, statement.premium_fen) == (2, 1, 70)
    assert [line.due_fen for line in desk.statements.lines(statement)] == [0, 70]


def test_statement_is_of_one_company_and_day_only_when_others_have_lines() -> None:
    desk = a_desk(*lines(2), a_line(sequence=3, company_id="C2"), a_line(start=NOW + COVER, sequence=4))
    assert desk.close("C1", TODAY).policies == 2


def test_statement_of_zero_is_issued_when_the_day_had_no_policy() -> None:
    statement = Desk(NOW).close("C1", TODAY)
    assert (statement.policies, statement.premium_fen, statement.projects) == (0, 0, ())


def test_running_day_is_read_from_the_journal_and_agrees_with_its_close() -> None:
    desk = a_desk(*lines(3), line_of(an_ended(PolicyStatus.TERMINATED, 35, sequence=9)))
    running, status, found, link, _ = desk.read("C1", TODAY)
    assert (running.revision, status, link) == (0, StatementStatus.OPEN, None)
    after_midnight(desk)
    desk.close("C1", TODAY)
    closed = desk.read("C1", TODAY)
    assert closed.lines == found
    told = {"revision", "issued_at", "sha256", "outstanding_fen"}  # a running day looks at no earlier one
    assert closed.statement.model_dump(exclude=told) == running.model_dump(exclude=told)
    assert Desk(NOW).read("C1", TODAY).statement.premium_fen == 0


def test_lines_are_linked_when_they_are_too_many_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_rules, "MAXIMUM_LINES", 2)
    desk = a_desk(*lines(3))
    running = desk.read("C1", TODAY)
    assert (running.statement.lines, running.statement.premium_fen, len(running.lines)) == (3, 210, 2)
    after_midnight(desk)
    desk.close("C1", TODAY)
    closed = desk.read("C1", TODAY)
    assert (closed.statement.lines, closed.lines) == (3, [])
    assert closed.link is not None
    assert closed.link.endswith(".json")


def test_statement_is_not_found_when_the_day_has_not_begun_or_was_not_closed() -> None:
    with pytest.raises(StatementNotFoundError):
        Desk(NOW).read("C1", TOMORROW)
    with pytest.raises(StatementNotFoundError):
        Desk(closing_time(TODAY)).read("C1", TODAY)


@pytest.mark.parametrize("applied", [False, True])
def test_statements_are_the_same_to_the_byte_when_the_close_dies_at_any_call(applied: bool) -> None:
    day = [*lines(5), line_of(an_ended(PolicyStatus.TERMINATED, 35))]
    expected = a_desk(*day)
    after_midnight(expected)
    expected.steps.calm()
    expected.close("C1", TODAY)
    calls = len(expected.steps.calls)
    assert calls >= 5
    for index in range(calls):
        desk = a_desk(*day)
        after_midnight(desk)
        desk.steps.calm()
        desk.steps.crash_at(index, applied=applied)
        with pytest.raises(Crash):
            desk.close("C1", TODAY)
        desk.steps.calm()
        desk.restart()
        desk.now.advance(hours=2)
        desk.close("C1", TODAY)
        assert desk.statements.sheets == expected.statements.sheets
        assert desk.statements._statements == expected.statements._statements
        assert desk.credit.unpaid("C1") == expected.credit.unpaid("C1")
        (endorsement,) = desk.endorsements.newest("C1", 2026, None, 9)
        assert (endorsement.number, endorsement.revision, endorsement.replaces) == (1, 1, None)


def test_loser_is_told_to_read_again_when_two_runs_close_one_day() -> None:
    desk = a_desk(*lines(2))
    desk.steps.interrupt_at("statements.add", partial(desk.close, "C1", TODAY))
    with pytest.raises(ConcurrentChangeError):
        desk.close("C1", TODAY)
    assert desk.close("C1", TODAY).revision == 1


def test_month_and_book_sum_the_statements_when_claims_were_paid() -> None:
    desk = a_desk(*lines(3), a_line(sequence=8, company_id="C2"))
    for entry in payout_entries("CL1P1", 1_050):
        desk.journal.post(entry)
    for company_id in ("C1", "C2"):
        desk.close(company_id, TODAY)
    figures = ReadFigures(statements=desk.statements)
    month = figures.month("C1", "2026-11")
    assert (month.closed_days, month.people_days, month.premium_fen) == (1, 3, 210)
    assert (month.claims_paid_fen, month.loss_ratio_bps) == (1_050, 50_000)
    book = figures.book(TODAY)
    assert (book.companies, book.policies, book.premium_fen) == (2, 4, 280)
    assert [(c.occupation_class, c.plan_id, c.policies) for c in book.classes] == [(3, "T2", 4)]
    assert book.below_three == ("C1", "C2"), "three policies of one person are one insured"
    assert figures.month("C1", "2026-10").loss_ratio_bps is None


class Emptied(io.BytesIO):
    """Counts what is written and keeps nothing."""

    def write(self, data: object) -> int:
        return len(bytes(data))  # type: ignore[call-overload]


def ten_thousand(start: int) -> list[Policy]:
    return [
        a_policy(
            NOW + timedelta(days=number % 10),
            sequence=number // 1000 + 1,
            person_id=crockford.encode(number % 1000, 20),
            company_id=f"C{number % 3}",
            project_id=f"P{number % 7}",
            premium_fen=30 + number % 171,
        )
        for number in range(start, start + 10_000)
    ]


def test_hundred_thousand_policies_close_to_the_fen_when_spread_over_companies_and_days() -> None:
    count, total = 100_000, 0
    desk, insurer = Desk(NOW), InsurerDesk()
    calls, lines = [], LinesByDay()
    for start in range(0, count, 10_000):
        policies = ten_thousand(start)
        insurer.report([row for policy in policies for row in rows_of(policy)])
        for policy in policies:
            total += policy.premium_fen
            line = line_of(policy)
            desk.book.record(line)
            lines.add(line)
        desk.book.flush()
        calls.append(len(desk.steps.calls))
    steps = {later - earlier for earlier, later in pairwise(calls)}
    assert max(steps) - min(steps) <= 60, "each ten thousand cost the same number of calls"
    left = balances(desk.journal.all())
    assert sum(left.values()) == 0
    assert left[Account.COMPANY_RECEIVABLE] == total
    desk.now.at = NOW + timedelta(days=12)
    statements = [
        desk.close(f"C{company}", TODAY + timedelta(days=day)) for company in range(3) for day in range(10)
    ]
    assert sum(statement.premium_fen for statement in statements) == total
    assert sum(statement.policies for statement in statements) == count
    owed = sum(day.owed_fen for company in range(3) for day in desk.credit.unpaid(f"C{company}"))
    assert owed == total
    reconcile = ReconcileCompany(
        scratch=io.BytesIO,
        lines=lines,  # type: ignore[arg-type]
        ledger=desk.journal,
        statements=desk.statements,
        reports=insurer.reports,
        files=insurer.files,
        money=NothingPaid(),
        keep=insurer.keep,
    )
    read, compared = [], 0
    for company in range(3):
        for day in range(10):
            insurer.send_file(f"C{company}", TODAY + timedelta(days=day))
            lines.read = 0
            done = reconcile(f"C{company}", TODAY + timedelta(days=day))
            assert done.breaks == 0
            compared += done.policies
            read.append(lines.read / done.policies)
    assert compared == count
    assert max(read) < 1.01 * (1 + LOOK_BACK), (
        "each line is read for its own day and the days that it may end on"
    )


class LinesByDay:
    """Cover lines by company and day: an index as the table's keys are, and how many lines were read."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, date], list[CoverLine]] = {}
        self.read = 0

    def add(self, line: CoverLine) -> None:
        self._lines.setdefault((line.company_id, line.day), []).append(line)

    def of_day(self, company_id: str, day: date) -> Iterator[CoverLine]:
        for line in self._lines.get((company_id, day), []):
            self.read += 1
            yield line


class NothingPaid:
    def moved(self, payout_ids: Iterable[str], day: date) -> dict[str, int]:
        assert not list(payout_ids)
        return {}


def test_memory_of_a_close_does_not_grow_when_lines_do() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        sheets = (JsonSheet(Emptied()), XlsxSheet(Emptied(), columns_of(()), title_of(TODAY)))
        entries = (
            entry
            for number in range(count)
            for entry in entries_of_cover(a_line(sequence=number % 1000 + 1), NOW, COMMISSION_BPS)
        )
        draw_up("C1", TODAY, entries, sheets, NOW)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)
    assert peak(4_000) < 1.5 * peak(1_000)


def test_term_is_that_of_the_close_when_it_is_changed_later() -> None:
    desk = a_desk(a_line())
    after_midnight(desk)
    desk.close = desk.closing(due_days=3)
    first = desk.close("C1", TODAY)
    assert first.due_on == TODAY + timedelta(days=3)
    desk.close = desk.closing(due_days=30)
    assert desk.close("C1", TODAY) == first, "a changed term is no revision"
    assert status_of(first, None, closing_time(TODAY + timedelta(days=2))) is StatementStatus.ISSUED
    assert status_of(first, None, closing_time(TODAY + timedelta(days=4))) is StatementStatus.OVERDUE
