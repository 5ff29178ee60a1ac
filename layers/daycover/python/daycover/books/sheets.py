"""Sheets that people open in Excel: CSV and XLSX, written line by line, the same bytes for the same lines.

A column says what it holds; the sheet shows it as people read it: amounts in yuan, days and times of +08:00, a total
under every column of money. Both say the same. XLSX is written by hand (ECMA-376, inline strings): a library took four
times the CPU and wrote every line to the disk first (docs/decisions/0210). Entries of the archive carry the earliest
date that ZIP knows.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from html import escape
from io import BytesIO
from itertools import count
from typing import IO, Any, Generic, Protocol, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from daycover.china_time import CHINA

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)
Value = str | int | date | None

TOTAL = "合计"
FORMULA = re.compile(r"^[=+\-@＝＋－＠\t\r\n]")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot say, and no name needs."""
MOST_ROWS = 1_048_576
"""Of one worksheet, for Excel."""


class ColumnKind(StrEnum):
    """What a column holds. YUAN: fen, shown in yuan; TIME: an instant, shown as the +08:00 minute."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    YUAN = "YUAN"
    DAY = "DAY"
    TIME = "TIME"


@dataclass(frozen=True, slots=True)
class Column(Generic[Row_contra]):
    """`width` is in characters of the Latin alphabet; a Chinese one takes two. None is an empty cell. The first of a
    sheet holds no money."""

    title: str
    kind: ColumnKind
    width: int
    of: Callable[[Row_contra], Value]


class SheetKind(StrEnum):
    """For people."""

    CSV = "csv"
    XLSX = "xlsx"


class Sheet(Protocol[Row_contra]):
    def write(self, row: Row_contra, /) -> None: ...

    def close(self) -> None: ...


class _MoneySums(Generic[Row]):
    """Adds up the columns of money as their cells pass."""

    def __init__(self, columns: Sequence[Column[Row]]) -> None:
        self._columns = columns
        self._sums: dict[int, int] = {
            at: 0 for at, column in enumerate(columns) if column.kind is ColumnKind.YUAN
        }

    def cells(self, row: Row) -> list[Any]:
        values: list[Any] = [column.of(row) for column in self._columns]
        for at in self._sums:
            self._sums[at] += values[at] or 0
        return values

    def total(self) -> list[int | None]:
        """Of each column but the first, where it says what the row is."""
        return [*map(self._sums.get, range(1, len(self._columns)))]


class CsvSheet(Generic[Row]):
    """UTF-8 with a mark, so that Excel reads the Chinese; no text begins like a formula."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column[Row]]) -> None:
        file.write(b"\xef\xbb\xbf")
        self._totals = _MoneySums(columns)
        self._shown = [_CSV[column.kind] for column in columns]
        self._writer = csv.writer(_Encoded(file), lineterminator="\r\n")
        self._writer.writerow([column.title for column in columns])

    def write(self, row: Row, /) -> None:
        cells = zip(self._shown, self._totals.cells(row), strict=True)
        self._writer.writerow(["" if value is None else show(value) for show, value in cells])

    def close(self) -> None:
        sums = ["" if fen is None else _yuan(fen) for fen in self._totals.total()]
        self._writer.writerow([TOTAL, *sums])


class XlsxSheet(Generic[Row]):
    """A workbook with as many worksheets as its lines need; strings inline, so that nothing has to be remembered until
    the end. Each has its head in sight, a filter, and as many columns on a printed page as there are; the last has the
    totals, as numbers: they are right also where nothing is computed."""

    def __init__(
        self, file: IO[bytes], columns: Sequence[Column[Row]], name: str, *, most_rows: int = MOST_ROWS
    ) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._columns, self._name, self._most = columns, name, most_rows
        self._totals = _MoneySums(columns)
        self._shown = [
            (letters, _STYLES[column.kind], _XLSX[column.kind])
            for letters, column in zip(_letters(), columns, strict=False)
        ]
        self._ranges: list[str] = []
        self._add(_STARTING_PARTS)
        self._begin()

    def write(self, row: Row, /) -> None:
        if self._row == self._most - 1:  # a place is left for the totals
            self._end()
            self._begin()
        self._row += 1
        number, cells = self._row, []
        for (letters, style, show), value in zip(self._shown, self._totals.cells(row), strict=True):
            if value is not None:
                cells.append(f'<c r="{letters}{number}" s="{style}"{show(value)}</c>')
        self._part.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())

    def close(self) -> None:
        number = self._row + 1
        cells = [f'<c r="A{number}" s="{_TOTAL_STYLE}"{_text(TOTAL)}</c>']
        for (letters, *_), fen in zip(self._shown[1:], self._totals.total(), strict=True):
            written = "/>" if fen is None else f"><v>{_yuan(fen)}</v></c>"
            cells.append(f'<c r="{letters}{number}" s="{_TOTAL_STYLE}"{written}')
        self._part.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())
        self._end()
        self._add(_closing_parts(self._name, self._ranges))
        self.release()

    def release(self) -> None:
        """Let go of the file, finished or not; again changes nothing."""
        self._part.close()
        self._zip.close()

    def _add(self, parts: Mapping[str, str]) -> None:
        for name, text in parts.items():
            self._zip.writestr(_member(name), text)

    def _begin(self) -> None:
        widths = "".join(
            f'<col min="{at}" max="{at}" width="{column.width}" customWidth="1"/>'
            for at, column in enumerate(self._columns, 1)
        )
        member = _member(f"xl/worksheets/sheet{len(self._ranges) + 1}.xml")
        self._part, self._row = self._zip.open(member, "w", force_zip64=True), 1
        heads = "".join(
            f'<c r="{letters}1" s="{_HEAD_STYLES[column.kind in _RIGHT]}"{_text(column.title)}</c>'
            for (letters, *_), column in zip(self._shown, self._columns, strict=True)
        )
        start = (
            f'{_SHEET_START}<cols>{widths}</cols><sheetData><row r="1" ht="20" customHeight="1">{heads}</row>'
        )
        self._part.write(start.encode())

    def _end(self) -> None:
        lines = f"A1:{self._shown[-1][0]}{self._row}"
        self._ranges.append(lines)
        self._part.write(f'</sheetData><autoFilter ref="{lines}"/>{_SHEET_END}'.encode())
        self._part.close()


def sheet_of(rows: Iterable[Row], columns: Sequence[Column[Row]], name: str, kind: SheetKind) -> bytes:
    """Write a sheet of few rows, in memory."""
    file = BytesIO()
    sheet: Sheet[Row] = CsvSheet(file, columns) if kind is SheetKind.CSV else XlsxSheet(file, columns, name)
    for row in rows:
        sheet.write(row)
    sheet.close()
    return file.getvalue()


class _Encoded:
    """What a csv.writer writes to."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def _yuan(fen: int) -> str:
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{cents:02d}"


def _minute(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _unformulated(text: str) -> str:
    text = ILLEGAL.sub("", text)
    return f"'{text}" if FORMULA.match(text) else text


def _text(value: Any) -> str:
    """A text that reads like an escape of Excel's (`_x0041_`) is escaped itself."""
    text = escape(_ESCAPED.sub("_x005F_", ILLEGAL.sub("", value)), quote=False)
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'


def _day_number(day: date) -> str:
    return f"><v>{day.toordinal() - _EPOCH}</v>"


def _time_number(instant: datetime) -> str:
    """Whole seconds: the cover's own, of which the format shows the minute."""
    local = instant.astimezone(CHINA)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return f"><v>{local.toordinal() - _EPOCH + seconds / 86_400!r}</v>"


def _letters() -> Sequence[str]:
    one = [chr(ord("A") + at) for at in range(26)]
    return one + [first + second for first in one[:2] for second in one]


def _member(name: str) -> ZipInfo:
    part = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    part.compress_type = ZIP_DEFLATED
    return part


_EPOCH = date(1899, 12, 30).toordinal()
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CSV: dict[ColumnKind, Callable[[Any], str | int]] = {
    ColumnKind.TEXT: _unformulated,
    ColumnKind.NUMBER: int,
    ColumnKind.YUAN: _yuan,
    ColumnKind.DAY: date.isoformat,
    ColumnKind.TIME: _minute,
}
_XLSX: dict[ColumnKind, Callable[[Any], str]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.NUMBER: lambda number: f"><v>{number}</v>",
    ColumnKind.YUAN: lambda fen: f"><v>{_yuan(fen)}</v>",
    ColumnKind.DAY: _day_number,
    ColumnKind.TIME: _time_number,
}
_HEAD_STYLES, _TOTAL_STYLE = (1, 3), 2
_STYLES = dict(zip(ColumnKind, count(4), strict=False))
"""Places in `cellXfs` of the style sheet."""
_RIGHT = {ColumnKind.NUMBER, ColumnKind.YUAN}
"""Figures stand under each other, and their heads with them; days would touch the text beside them."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_START = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    '<sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="16"/>'
)
_SHEET_END = (
    '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    "<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
)
_FONT = '<sz val="11"/><name val="等线"/><family val="2"/>'
_FORMATS = {
    ColumnKind.TEXT: 49,
    ColumnKind.NUMBER: 166,
    ColumnKind.YUAN: 167,
    ColumnKind.DAY: 164,
    ColumnKind.TIME: 165,
}
"""49 is text, also when the cell is edited: a name stays a name. `_)` keeps figures off the text beside them."""
_HEAD = (
    'fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"'
    ' applyAlignment="1"'
)
_STYLE_SHEET = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="5">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '<numFmt numFmtId="166" formatCode="0_)"/><numFmt numFmtId="167" formatCode="#,##0.00_)"/>'
    '<numFmt numFmtId="168" formatCode="@_)"/></numFmts>'
    f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7EFE9"/><bgColor indexed="64"/></patternFill></fill>'
    "</fills>"
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
    '<border><left/><right/><top style="thin"><color indexed="64"/></top><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="{4 + len(_FORMATS)}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    f'<xf numFmtId="49" {_HEAD}><alignment vertical="center"/></xf>'
    '<xf numFmtId="167" fontId="1" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1"'
    ' applyBorder="1"/>'
    f'<xf numFmtId="168" {_HEAD}><alignment horizontal="right" vertical="center"/></xf>'
    + "".join(
        f'<xf numFmtId="{_FORMATS[kind]}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        f' applyAlignment="1"><alignment horizontal="{"right" if kind in _RIGHT else "left"}"/></xf>'
        for kind in _STYLES
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


# An `.xml` is a worksheet unless it is named: how many there are is known at the end, and this part is the first.
_STARTING_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/styles.xml": _STYLE_SHEET,
}


def _closing_parts(name: str, ranges: Sequence[str]) -> dict[str, str]:
    """What names the worksheets. Their filters have names as well, by which older programs find them."""
    sheets, relations, names = "", "", ""
    for number, lines in enumerate(ranges, 1):
        title = escape(name if len(ranges) == 1 else f"{name} {number}")
        absolute = re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", lines)
        names += (
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number - 1}" hidden="1">'
            f"'{title}'!{absolute}</definedName>"
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{number - 1}">\'{title}\'!$1:$1</definedName>'
        )
        sheets += f'<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>'
        target = f"worksheets/sheet{number}.xml"
        relations += f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="{target}"/>'
    return {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets>"
        f"<definedNames>{names}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="rId{len(ranges) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    }
