"""The sheets of a statement: JSON, CSV and XLSX, written line by line, the same bytes for the same lines.

XLSX is written by hand (ECMA-376, one worksheet with inline strings): a library would hold the whole workbook in
memory and stamp it with the clock. Entries of the archive carry the earliest date that ZIP knows.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from html import escape
from typing import IO, Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Row = Mapping[str, Any]
COLUMNS = {
    "policy_no": "保单号",
    "project_id": "项目编号",
    "day": "投保日",
    "insured_name": "被保险人",
    "plan_id": "保障计划",
    "occupation_class": "职业类别",
    "start": "保障开始",
    "end": "保障结束",
    "sum_insured_fen": "保额(分)",
    "status": "保单状态",
    "premium_fen": "保费(分)",
    "refund_fen": "退费(分)",
    "due_fen": "应付(分)",
    "correction": "往日更正",
    "change": "批单名单变动",
}
CHANGES = {"ADDED": "增加", "REMOVED": "减少", None: ""}
FORMULA = re.compile(r"^[=+\-@\t\r]")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Sheet(Protocol):
    def write(self, row: Row) -> None: ...

    def close(self, total_fen: int) -> None: ...


class JsonSheet:
    """`{"lines":[…],"total_fen":…}`, a line to each row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._before = b'{"lines":[\n'

    def write(self, row: Row) -> None:
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self._file.write(self._before + text.encode())
        self._before = b",\n"

    def close(self, total_fen: int) -> None:
        start = self._before if self._before.startswith(b"{") else b"\n"
        self._file.write(start + f'],"total_fen":{total_fen}}}\n'.encode())


class CsvSheet:
    """UTF-8 with a mark, so that Excel reads the Chinese; no cell begins like a formula."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._file.write(b"\xef\xbb\xbf")
        self._cells(list(COLUMNS.values()))

    def write(self, row: Row) -> None:
        self._cells(_cells(row))

    def close(self, total_fen: int) -> None:
        self._cells(_total(total_fen))

    def _cells(self, cells: list[str | int]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(
            "'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in cells
        )
        self._file.write(text.getvalue().encode())


class XlsxSheet:
    """One worksheet; strings inline, so that nothing has to be remembered until the end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        for name, text in _PARTS.items():
            self._zip.writestr(_part(name), text)
        self._rows = self._zip.open(_part("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        self._rows.write(_SHEET_START.encode())
        self._cells(list(COLUMNS.values()))

    def write(self, row: Row) -> None:
        self._cells(_cells(row))

    def close(self, total_fen: int) -> None:
        self._cells(_total(total_fen))
        self._rows.write(b"</sheetData></worksheet>")
        self.release()

    def release(self) -> None:
        """Let go of the file, finished or not; again changes nothing."""
        self._rows.close()
        self._zip.close()

    def _cells(self, cells: list[str | int]) -> None:
        self._rows.write(f"<row>{''.join(map(_cell, cells))}</row>".encode())


def _cells(row: Row) -> list[str | int]:
    flat = {
        **row,
        **row["period"],
        "correction": "是" if row["correction"] else "",
        "change": CHANGES[row["change"]],
    }
    return [flat[name] for name in COLUMNS]


def _total(total_fen: int) -> list[str | int]:
    return [total_fen if name == "due_fen" else "合计" if name == "policy_no" else "" for name in COLUMNS]


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(ILLEGAL.sub("", value), quote=False)}</t></is></c>'


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    part.compress_type = ZIP_DEFLATED
    return part


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_START = f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'
_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="日结账单" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
