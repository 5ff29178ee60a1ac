"""Roster lines and the day's statement: to the fen, once, and repeatable."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.china_time import CHINA
from daycover.cover.period import COVER, Period
from daycover.cover.roster import CoverLine, RecordCover, in_force, line_of
from daycover.errors import ConcurrentChangeError
from daycover.premiums.statement import (
    IssueStatement,
    ReadStatement,
    StatementNotFoundError,
    day_to_close,
    draw_up,
)
from tests.support.builders import NOW, a_line, a_policy
from tests.unit.fakes import Clock, Crash, FakeCoverLines, FakeStatements, Steps

TODAY = date(2026, 11, 24)


def lines(count: int, **changes: Any) -> list[CoverLine]:
    return [a_line(sequence=number + 1, **changes) for number in range(count)]


def closing(recorded: FakeCoverLines, statements: FakeStatements) -> IssueStatement:
    return IssueStatement(now=Clock(NOW), lines=recorded, statements=statements)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(30, 200)), max_size=60))
def test_totals_are_those_of_the_lines_when_drawn_up(facts: list[tuple[str, int]]) -> None:
    day = [
        a_line(sequence=number + 1, project_id=project, premium_fen=fen)
        for number, (project, fen) in enumerate(facts)
    ]
    statement = draw_up("C1", TODAY, day, 1, NOW)
    assert statement.premium_fen == sum(fen for _, fen in facts)
    assert statement.policies == len(facts)
    assert sum(total.premium_fen for total in statement.projects) == statement.premium_fen
    assert [total.project_id for total in statement.projects] == sorted({project for project, _ in facts})


def test_line_counts_on_the_china_day_of_issue_when_issued_around_midnight() -> None:
    before = datetime(2026, 11, 24, 23, 59, 59, tzinfo=CHINA)
    assert line_of(a_policy(before)).day == TODAY
    assert line_of(a_policy(before + timedelta(seconds=1))).day == date(2026, 11, 25)


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
    news = [RecordCover(store)(record) for record in records]
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
    statements = FakeStatements()
    close = closing(FakeCoverLines(*lines(3)), statements)
    first = close("C1", TODAY)
    assert (first.revision, first.policies, first.premium_fen) == (1, 3, 210)
    assert close("C1", TODAY) == first
    assert ReadStatement(statements)("C1", TODAY) == (first, lines(3))


def test_new_revision_stands_beside_the_old_when_a_late_line_arrives() -> None:
    recorded, statements = FakeCoverLines(*lines(3)), FakeStatements()
    close = closing(recorded, statements)
    first = close("C1", TODAY)
    recorded.record(a_line(sequence=4))
    second = close("C1", TODAY)
    assert (second.revision, second.policies) == (2, 4)
    assert statements.lines(first) == lines(3)
    assert statements.lines(second) == lines(4)


def test_statement_is_of_one_company_and_day_only_when_others_have_lines() -> None:
    recorded = FakeCoverLines(
        *lines(2), a_line(sequence=3, company_id="C2"), a_line(start=NOW + COVER, sequence=4)
    )
    assert closing(recorded, FakeStatements())("C1", TODAY).policies == 2


def test_statement_of_zero_is_issued_when_the_day_had_no_policy() -> None:
    statement = closing(FakeCoverLines(), FakeStatements())("C1", TODAY)
    assert (statement.policies, statement.premium_fen, statement.projects) == (0, 0, ())


def test_statement_is_not_found_when_the_day_is_still_open() -> None:
    with pytest.raises(StatementNotFoundError):
        ReadStatement(FakeStatements())("C1", TODAY)


def test_one_statement_results_when_the_process_dies_between_any_two_calls() -> None:
    for applied in (False, True):
        for index in range(3):
            steps = Steps()
            recorded, statements = FakeCoverLines(*lines(2), steps=steps), FakeStatements(steps=steps)
            close = closing(recorded, statements)
            steps.crash_at(index, applied=applied)
            with pytest.raises(Crash):
                close("C1", TODAY)
            steps.calm()
            statement = close("C1", TODAY)
            assert (statement.revision, statement.policies) == (1, 2)


def test_loser_is_told_to_read_again_when_two_runs_close_one_day() -> None:
    statements = FakeStatements()
    close = closing(FakeCoverLines(*lines(2)), statements)
    statements.add(draw_up("C1", TODAY, lines(1), 1, NOW), lines(1))
    taken = draw_up("C1", TODAY, lines(2), 1, NOW)
    with pytest.raises(ConcurrentChangeError):
        statements.add(taken, lines(2))
    assert close("C1", TODAY).revision == 2
