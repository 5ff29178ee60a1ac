"""What a close puts on the statement and leaves with the company's credit, figure by figure."""

import hashlib
import io
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from daycover.books.journal import closing_time
from daycover.books.statement import (
    CorrectedList,
    Format,
    ProjectTotal,
    Statement,
    StatementStatus,
    status_of,
)
from daycover.china_time import CHINA
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine, line_of
from tests.support.builders import NOW, a_line, a_project
from tests.unit.books.desk import Desk
from tests.unit.books.test_journal import an_ended

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)


def a_desk(*lines: CoverLine) -> Desk:
    desk = Desk(NOW)
    desk.take_in(*lines)
    return desk


def closed(desk: Desk, day: date = TODAY) -> Statement:
    desk.now.at = closing_time(day)
    return desk.close("C1", day)


def test_statement_bears_the_company_s_name_of_the_day_and_a_later_name_makes_no_revision() -> None:
    desk = a_desk(a_line())
    project = a_project()
    desk.projects.add(project)
    desk.projects.add(a_project(project_id="P2", company_id="C2", company_name="另一家"))
    first = closed(desk)
    assert first.company_name == "浦江劳务"
    desk.projects.save(
        project.model_copy(update={"company_name": "浦江人力", "version": project.version + 1})
    )
    assert desk.close("C1", TODAY) == first


def test_name_is_empty_when_the_company_has_no_project() -> None:
    assert closed(a_desk(a_line())).company_name == ""


def test_statement_vouches_for_its_sheet_and_its_worksheet_names_the_day() -> None:
    """Larger than one read, so that all of it is vouched for."""
    desk = a_desk(*(a_line(sequence=number) for number in range(1, 401)))
    statement = closed(desk)
    sheets = desk.statements.sheets["C1", TODAY, 1]
    assert len(sheets[Format.JSON]) > 1 << 16
    assert statement.sha256 == hashlib.sha256(sheets[Format.JSON]).hexdigest()
    assert load_workbook(io.BytesIO(sheets[Format.XLSX])).sheetnames == ["日结账单 2026-11-24"]


def test_term_is_asked_for_the_company_and_the_day_that_are_closed() -> None:
    desk = a_desk(a_line())
    terms = {("C1", TODAY): 3}
    desk.close = replace(desk.closing(), due_days=lambda company_id, day: terms.get((company_id, day), 99))
    assert closed(desk).due_on == date(2026, 11, 27)


def test_early_close_makes_no_revision_unless_something_came_in() -> None:
    desk = a_desk(a_line())
    first = desk.close("C1", TODAY)
    desk.now.advance(hours=1)
    assert desk.close("C1", TODAY) == first, "an hour later nothing is new"
    desk.take_in(a_line(sequence=2))
    second = desk.close("C1", TODAY)
    desk.now.advance(hours=1)
    assert desk.close("C1", TODAY) == second
    assert (first.revision, second.revision) == (1, 2)


def test_late_people_and_the_void_are_told_apart_from_the_day_s_own() -> None:
    """Today three and one withdrawn before the start; then two come late, one is void, and tomorrow has its own."""
    own = [a_line(sequence=number) for number in range(1, 4)]
    desk = a_desk(*own, line_of(an_ended(PolicyStatus.CANCELLED, 70, sequence=4)))
    first = closed(desk)
    assert (first.lines, first.policies, first.insured, first.corrected) == (4, 3, 3, ())
    assert first.projects == (ProjectTotal(project_id=own[0].project_id, policies=3, premium_fen=210),)
    desk.now.advance(hours=4)
    late = [a_line(sequence=number) for number in (5, 6)]
    void = line_of(an_ended(PolicyStatus.VOIDED, 70, sequence=1, at=desk.now()))
    desk.take_in(*late, void, a_line(start=desk.now(), sequence=7))
    second = closed(desk, TOMORROW)
    assert (second.corrections, second.corrections_fen) == (3, 70 + 70 - 70)
    assert (second.lines, second.policies, second.premium_fen, second.insured) == (4, 3, 140, 1)
    assert second.corrected == (CorrectedList(day=TODAY, added=2, removed=1),)


def test_leaving_early_is_a_correction_of_money_and_of_no_list() -> None:
    """Who left after hours of cover was insured all the same."""
    desk = a_desk(a_line(), a_line(sequence=2))
    closed(desk)
    desk.now.advance(hours=4)
    desk.take_in(line_of(an_ended(PolicyStatus.TERMINATED, 35, sequence=1, at=desk.now())))
    second = closed(desk, TOMORROW)
    assert (second.corrections, second.corrections_fen, second.insured, second.corrected) == (1, -35, 0, ())


@pytest.mark.parametrize(("refund_fen", "owed"), [(70, []), (69, [1]), (0, [70])])
def test_day_is_owed_unless_it_comes_to_nothing(refund_fen: int, owed: list[int]) -> None:
    desk = a_desk(line_of(an_ended(PolicyStatus.TERMINATED, refund_fen)) if refund_fen else a_line())
    closed(desk)
    assert [day.owed_fen for day in desk.credit.unpaid("C1")] == owed


def test_paid_day_is_not_owed_again_while_another_is() -> None:
    desk = a_desk(a_line())
    closed(desk)
    desk.pay("s-1", "C1", TODAY, 70, "BANK-1")
    desk.take_in(a_line(start=desk.now(), sequence=2))
    closed(desk, TOMORROW)
    desk.close("C1", TODAY)
    assert [(day.day, day.owed_fen) for day in desk.credit.unpaid("C1")] == [(TOMORROW, 70)]


@pytest.mark.parametrize(
    ("premium_fen", "status"),
    [(-1, StatementStatus.ISSUED), (0, StatementStatus.ISSUED), (1, StatementStatus.OVERDUE)],
)
def test_statement_is_overdue_from_one_fen_on_when_its_ten_days_are_over(
    premium_fen: int, status: StatementStatus
) -> None:
    statement = closed(a_desk(a_line())).model_copy(update={"premium_fen": premium_fen})
    midnight = datetime(2026, 12, 5, tzinfo=CHINA)
    assert status_of(statement, None, midnight - timedelta(seconds=1)) is StatementStatus.ISSUED
    assert status_of(statement, None, midnight) is status
