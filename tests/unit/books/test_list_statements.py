"""Statements of some weeks: each closed day once, with what was paid for it, as rows and as sheets."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest

from daycover.books import list_statements as rules
from daycover.books.journal import closing_time
from daycover.books.list_statements import (
    SheetContent,
    StatementLinesError,
    StatementRangeError,
)
from daycover.books.sheets import SheetKind
from daycover.books.statement import StatementStatus
from tests.support.builders import NOW, a_line, a_project
from tests.unit.books.desk import Desk

FIRST, DAYS = date(2026, 11, 24), 10
LAST = FIRST + timedelta(days=DAYS - 1)
"""In the next month."""


@pytest.fixture
def desk() -> Desk:
    """Ten days of one policy each; the third was paid, and somebody else has one of the days too."""
    made = Desk(NOW)
    made.projects.add(a_project())
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        made.now.at = NOW + timedelta(days=number)
        made.take_in(a_line(sequence=number + 1, start=made.now.at))
        if number == 4:
            made.take_in(a_line(sequence=99, start=made.now.at, company_id="C2"))
            made.close("C2", day)
        made.now.at = closing_time(day)
        made.close("C1", day)
    made.pay("s-1", "C1", FIRST + timedelta(days=2), 70, "BANK-3")
    return made


def test_days_are_listed_once_and_in_order_when_they_lie_in_two_months(desk: Desk) -> None:
    found = desk.list("C1", FIRST, LAST)
    assert [one.statement.day for one in found] == [FIRST + timedelta(days=number) for number in range(DAYS)]
    paid = found[2]
    assert (paid.status, paid.paid_fen, paid.open_fen) == (StatementStatus.PAID, 70, 0)
    assert {one.status for one in found if one is not paid} == {StatementStatus.ISSUED}
    assert sum(one.open_fen for one in found) == 630


def test_only_days_between_the_two_are_listed(desk: Desk) -> None:
    found = desk.list("C1", FIRST + timedelta(days=1), FIRST + timedelta(days=1))
    assert [one.statement.day for one in found] == [FIRST + timedelta(days=1)]
    assert desk.list("C1", date(2026, 1, 1), date(2026, 1, 31)) == []


def test_later_revision_is_listed_alone(desk: Desk) -> None:
    day = LAST + timedelta(days=1)
    desk.now.at = NOW + timedelta(days=DAYS)
    for sequence in (50, 51):
        desk.take_in(a_line(sequence=sequence, start=desk.now.at))
        desk.close("C1", day)
    (found,) = desk.list("C1", day, day)
    assert (found.statement.revision, found.statement.premium_fen, found.status) == (
        2,
        140,
        StatementStatus.OPEN,
    )


def test_reads_grow_with_months_and_not_with_days(desk: Desk) -> None:
    desk.steps.calm()
    desk.list("C1", FIRST, LAST)
    assert len(desk.steps.calls) <= 4


@pytest.mark.parametrize(
    ("first", "last"), [(LAST, FIRST), (FIRST, FIRST + timedelta(days=92)), (date.min, date.max)]
)
def test_days_are_refused_when_they_are_backwards_or_too_many(desk: Desk, first: date, last: date) -> None:
    with pytest.raises(StatementRangeError):
        desk.list("C1", first, last)


def test_whole_quarter_can_be_listed_and_the_last_month_that_there_is(desk: Desk) -> None:
    assert len(desk.list("C1", FIRST, FIRST + timedelta(days=91))) == DAYS
    assert desk.list("C1", date(9999, 12, 1), date.max) == []


def test_sheet_of_days_has_the_payment_and_totals(desk: Desk) -> None:
    content = desk.list.sheet("C1", FIRST, LAST, SheetContent.DAYS, SheetKind.XLSX)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    rows = [dict(zip([cell.value for cell in sheet[1]], row, strict=True)) for row in sheet.values][1:]
    assert sheet.title == "2026-11-24 至 2026-12-03"
    assert (rows[2]["状态"], rows[2]["付款凭证号"], rows[2]["已付（元）"], rows[2]["未付（元）"]) == (
        "已支付",
        "BANK-3",
        0.7,
        0,
    )
    assert rows[2]["付款时间"] is not None
    assert (rows[3]["状态"], rows[3]["付款凭证号"], rows[3]["未付（元）"]) == ("待支付", None, 0.7)
    total = rows[-1]
    assert [
        total[name] for name in ("账单日", "应付（元）", "已付（元）", "未付（元）", "其中往日更正（元）")
    ] == ["合计", 7, 0.7, 6.3, 0]


def test_sheet_of_lines_says_which_statement_carries_each(desk: Desk) -> None:
    content = desk.list.sheet("C1", FIRST, LAST, SheetContent.LINES, SheetKind.CSV)
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert head[:3] == ["保单号", "账单日", "项目"]
    assert [row[1] for row in rows[:-1]] == [str(FIRST + timedelta(days=number)) for number in range(DAYS)]
    assert {row[2] for row in rows[:-1]} == {"双十一分拣"}
    assert (rows[-1][0], rows[-1][head.index("应付（元）")]) == ("合计", "7.00")


def test_lines_are_refused_when_they_are_too_many_and_days_are_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LINES", DAYS - 1)
    with pytest.raises(StatementLinesError):
        desk.list.sheet("C1", FIRST, LAST, SheetContent.LINES, SheetKind.XLSX)
    assert desk.list.sheet("C1", FIRST, LAST, SheetContent.DAYS, SheetKind.XLSX)
