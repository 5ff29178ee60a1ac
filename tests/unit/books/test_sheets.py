"""What people open in Excel: read back with another program than wrote it, cell by cell."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from daycover.books.list_statements import STATES
from daycover.books.settlement import POSITIONS, Position
from daycover.books.sheets import Column, ColumnKind, CsvSheet, XlsxSheet
from daycover.books.statement import Format, StatementStatus, draw_up
from daycover.books.statement_sheets import STATUSES, columns_of, title_of
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine, line_of
from tests.support.builders import NOW, a_line, a_project
from tests.support.functions import ROOT
from tests.unit.books.desk import Desk
from tests.unit.books.test_journal import an_ended

TODAY = date(2026, 11, 24)
HEAD = [
    "保单号", "项目", "投保日", "被保险人", "保障计划", "工种", "职业类别", "保障开始", "保障结束", "保额（元）",
    "保单状态", "保费（元）", "退费（元）", "应付（元）", "往日更正", "批单名单变动",
]  # fmt: skip
MONEY = ("J", "L", "M", "N")
AMOUNTS: Sequence[Column[int]] = (
    Column("名称", ColumnKind.TEXT, 8, str),
    Column("金额", ColumnKind.YUAN, 8, lambda fen: fen),
)
NAMES = [
    '=HYPERLINK("http://a.example","b")',
    "+86",
    "-1",
    "@SUM(A1)",
    "𠮷野家👷🏽",
    "䶮_x0041_<&>\"'",
    "买买提·艾力",
]


def closed(*lines: CoverLine, projects: Sequence[Any] = ()) -> dict[Format, bytes]:
    desk = Desk(NOW)
    for project in projects:
        desk.projects.add(project)
    desk.take_in(*lines)
    statement = desk.close("C1", TODAY)
    return desk.statements.sheets["C1", TODAY, statement.revision]


def worksheet(sheets: dict[Format, bytes]) -> Worksheet:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(sheets[Format.XLSX])).worksheets
    return sheet


def table(sheets: dict[Format, bytes]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheets[Format.CSV].decode("utf-8-sig"), newline="")))


def a_day(**changes: Any) -> dict[Format, bytes]:
    start = datetime(2026, 11, 24, 0, 30, 15, 123_456, tzinfo=UTC)
    ended = line_of(an_ended(PolicyStatus.TERMINATED, 35, sequence=9))
    return closed(
        a_line(start=start, project_id="P1", insured_name="=王**"),
        ended,
        projects=[a_project(project_id="P1", **changes)],
    )


def test_worksheet_holds_amounts_days_and_times_as_such_and_names_for_people() -> None:
    sheet = worksheet(a_day())
    rows = list(sheet.iter_rows(min_row=1, max_row=3))
    assert [cell.value for cell in rows[0]] == HEAD
    first = dict(zip(HEAD, rows[2], strict=True))
    assert first["项目"].value == "双十一分拣"
    assert first["工种"].value == "快递分拣员"
    assert (first["职业类别"].value, first["保障计划"].value) == (3, "T2")
    assert first["投保日"].value == datetime(2026, 11, 24)
    assert first["投保日"].number_format == r"yyyy\-mm\-dd"
    assert first["保障开始"].value == datetime(2026, 11, 24, 8, 30, 15)
    assert first["保障结束"].value == datetime(2026, 11, 25, 8, 30, 15)
    assert first["保障开始"].number_format == r"yyyy\-mm\-dd\ hh:mm"
    assert (first["保额（元）"].value, first["保费（元）"].value, first["退费（元）"].value) == (
        300_000,
        0.7,
        0,
    )
    assert {first[name].number_format for name in ("保额（元）", "保费（元）", "应付（元）")} == {
        "#,##0.00_)"
    }
    assert {first[name].data_type for name in ("保额（元）", "保费（元）", "职业类别")} == {"n"}
    assert first["保单状态"].value == "已出单"
    assert (first["被保险人"].value, first["被保险人"].data_type) == ("=王**", "s")
    assert first["被保险人"].number_format == "@", "a text stays one when it is edited"


def test_worksheet_can_be_read_at_once_when_it_is_opened() -> None:
    sheet = worksheet(a_day())
    assert sheet.title == "日结账单 2026-11-24"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:P3", "the totals are not filtered away"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet["A1"].font.b
    for letters, name in zip("ABCDEFGHIJKLMNOP", HEAD, strict=True):
        values = [str(cell.value or "") for cell in sheet[letters]]
        most = 10 if name == "投保日" else 16  # of a day, and of a minute
        shown = [value[:most] if re.match(r"\d{4}-", value) else value for value in values]
        widest = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in shown)
        assert sheet.column_dimensions[letters].width >= widest, name


def test_totals_stand_under_every_column_of_money_as_numbers_in_both_sheets() -> None:
    sheets = a_day()
    sheet, rows = worksheet(sheets), table(sheets)
    assert (sheet.max_row, len(rows)) == (4, 4)
    assert (sheet["A4"].value, rows[3][0]) == ("合计", "合计")
    assert [sheet[f"{letters}4"].value for letters in MONEY] == [600_000, 1.4, 0.35, 1.05]
    assert {sheet[f"{letters}4"].data_type for letters in MONEY} == {"n"}
    assert [rows[3][HEAD.index(name)] for name in HEAD if "（元）" in name] == [
        "600000.00",
        "1.40",
        "0.35",
        "1.05",
    ]
    assert sum(cell != "" for cell in rows[3]) == 5
    assert json.loads(sheets[Format.JSON])["total_fen"] == 105


def test_both_sheets_say_the_same_in_the_same_words() -> None:
    sheets = a_day()
    for cells, texts in zip(worksheet(sheets).iter_rows(), table(sheets), strict=True):
        for cell, text in zip(cells, texts, strict=True):
            value = cell.value
            if isinstance(value, datetime):
                assert f"{value:%Y-%m-%d %H:%M}".startswith(text)
            elif cell.number_format == "#,##0.00_)" and cell.data_type == "n" and value is not None:
                assert f"{value:.2f}" == text
            else:
                assert str(value or "") == text.removeprefix("'")


def test_csv_says_the_minute_of_china_and_no_text_begins_like_a_formula() -> None:
    rows = table(a_day())
    assert rows[0] == HEAD
    first = dict(zip(HEAD, rows[2], strict=True))
    assert (first["保障开始"], first["保障结束"]) == ("2026-11-24 08:30", "2026-11-25 08:30")
    assert (first["项目"], first["投保日"], first["保单状态"]) == ("双十一分拣", "2026-11-24", "已出单")
    assert first["被保险人"] == "'=王**"
    assert dict(zip(HEAD, rows[1], strict=True))["保单状态"] == "已终止"


def test_refund_is_a_negative_number_and_no_guarded_text() -> None:
    desk = Desk(NOW)
    desk.take_in(a_line())
    desk.now.advance(days=1)
    desk.close("C1", TODAY)
    voided = line_of(an_ended(PolicyStatus.VOIDED, 70, at=desk.now.at))
    desk.take_in(voided)
    statement = desk.close("C1", TODAY + timedelta(days=1))
    sheets = desk.statements.sheets["C1", statement.day, 1]
    first = dict(zip(HEAD, table(sheets)[1], strict=True))
    assert (first["应付（元）"], first["往日更正"], first["批单名单变动"], first["保单状态"]) == (
        "-0.70",
        "是",
        "减少",
        "已作废",
    )
    assert worksheet(sheets)["N2"].value == -0.7


@pytest.mark.parametrize("name", NAMES)
def test_name_is_read_back_as_it_was_when_it_is_strange(name: str) -> None:
    sheets = a_day(name=name)
    cell = worksheet(sheets)["B3"]
    assert (unescape(cell.value), cell.data_type) == (name, "s")
    assert table(sheets)[2][1].removeprefix("'") == name
    assert not re.match(r"[=+@-]", table(sheets)[2][1])


def test_what_xml_cannot_say_is_left_out_of_both() -> None:
    sheets = a_day(name="一\x00二\x0b三\ufffe四")
    assert worksheet(sheets)["B3"].value == "一二三四"
    assert table(sheets)[2][1] == "一二三四"


def test_project_keeps_its_number_when_it_is_not_among_the_companys() -> None:
    sheet = worksheet(closed(a_line(project_id="P9")))
    assert (sheet["B2"].value, sheet["F2"].value) == ("P9", None)


def test_sheets_of_an_empty_day_have_a_head_and_totals_of_nothing() -> None:
    sheets = closed()
    sheet = worksheet(sheets)
    assert [cell.value for cell in sheet[1]] == HEAD
    assert [sheet[f"{letters}2"].value for letters in MONEY] == [0] * 4
    assert sheet.auto_filter.ref == "A1:P1"
    assert table(sheets)[1][9:14] == ["0.00", "", "0.00", "0.00", "0.00"]
    assert json.loads(sheets[Format.JSON]) == {"lines": [], "total_fen": 0}


@given(st.lists(st.integers(-100_000_000_00, 100_000_000_00), max_size=20))
def test_amount_is_exact_to_the_fen_when_read_as_a_number_of_yuan(amounts: list[int]) -> None:
    workbook, text = io.BytesIO(), io.BytesIO()
    sheets = XlsxSheet(workbook, AMOUNTS, "表"), CsvSheet(text, AMOUNTS)
    for sheet in sheets:
        for amount in amounts:
            sheet.write(amount)
        sheet.close()
    (found,) = openpyxl.load_workbook(workbook).worksheets
    read = [cell.value for cell in found["B"][1:]]
    assert [round(value * 100) for value in read] == [*amounts, sum(amounts)]
    assert all(value == round(value, 2) for value in read), (
        "the nearest number that there is to its two decimals"
    )
    lines = text.getvalue().decode("utf-8-sig").splitlines()[1:]
    assert [line.rpartition(",")[2] for line in lines] == [
        f"{fen / 100:.2f}" for fen in [*amounts, sum(amounts)]
    ]


def test_next_worksheet_begins_when_one_is_full() -> None:
    file = io.BytesIO()
    sheet = XlsxSheet(file, AMOUNTS, "表", most_rows=4)
    for amount in range(1, 6):
        sheet.write(amount)
    sheet.close()
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["表 1", "表 2", "表 3"]
    assert [[row[0] for row in one.values] for one in book] == [
        ["名称", "1", "2"], ["名称", "3", "4"], ["名称", "5", "合计"],
    ]  # fmt: skip
    assert [one.auto_filter.ref for one in book] == ["A1:B3", "A1:B3", "A1:B2"]
    assert book["表 3"]["B3"].value == 0.15


def test_bytes_are_the_same_when_the_lines_are() -> None:
    assert a_day() == a_day()
    with zipfile.ZipFile(io.BytesIO(a_day()[Format.XLSX])) as book:
        assert book.testzip() is None
        assert {part.date_time for part in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert book.namelist()[0] == "[Content_Types].xml", "by which programs tell what it is"


@pytest.mark.parametrize(
    ("table", "ours", "codes"),
    [
        ("POLICY_STATUS", STATUSES, PolicyStatus),
        ("STATEMENT_STATUS", STATES, StatementStatus),
        ("POSITION", POSITIONS, Position),
    ],
)
def test_words_are_the_pages(table: str, ours: dict[str, str], codes: type[StrEnum]) -> None:
    words = (ROOT / "functions/web/static/words.js").read_text(encoding="utf-8")
    (body,) = re.findall(rf"export const {table} = \{{(.*?)\}};", words, flags=re.S)
    assert dict(re.findall(r'(\w+): \["(.+?)"', body)) == ours
    assert set(ours) == set(codes)


def test_lines_are_looked_up_without_a_read_for_each() -> None:
    desk = Desk(NOW)
    desk.take_in(*(a_line(sequence=number) for number in range(1, 4)))
    desk.steps.calm()
    desk.close("C1", TODAY)
    assert [call for call in desk.steps.calls if call.startswith("projects.")] == ["projects.list_of"]


def test_sheet_of_a_day_is_named_by_it() -> None:
    assert title_of(TODAY) == "日结账单 2026-11-24"
    assert draw_up("C1", TODAY, (), (), NOW).lines == 0
    assert [column.title for column in columns_of(())] == HEAD
