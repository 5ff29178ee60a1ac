"""The sheets of a statement: JSON for machines; CSV and XLSX say to people what the desk's page says."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import IO

from daycover.books.sheets import Column, ColumnKind
from daycover.books.statement_line import Change, StatementLine
from daycover.cover.policy import PolicyStatus
from daycover.projects.project import Project

STATUSES = {
    PolicyStatus.ISSUED: "已出单",
    PolicyStatus.CANCELLED: "已取消",
    PolicyStatus.TERMINATED: "已终止",
    PolicyStatus.VOIDED: "已作废",
}
CHANGES = {Change.ADDED: "增加", Change.REMOVED: "减少", None: None}


def title_of(day: date) -> str:
    """Name the worksheet of a day: it says the day where the sheets of several stand in one file."""
    return f"日结账单 {day}"


def columns_of(projects: Iterable[Project]) -> Sequence[Column[StatementLine]]:
    """Give the columns of a company's statement. A project that is not among these keeps its number."""
    known = {project.project_id: project for project in projects}

    def project(line: StatementLine) -> str:
        found = known.get(line.project_id)
        return line.project_id if found is None else found.name

    def occupation(line: StatementLine) -> str | None:
        found = known.get(line.project_id)
        return None if found is None else found.occupation_zh

    return (
        Column("保单号", ColumnKind.TEXT, 36, lambda line: line.policy_no),
        Column("项目", ColumnKind.TEXT, 28, project),
        Column("投保日", ColumnKind.DAY, 12, lambda line: line.day),
        Column("被保险人", ColumnKind.TEXT, 14, lambda line: line.insured_name),
        Column("保障计划", ColumnKind.TEXT, 10, lambda line: line.plan_id),
        Column("工种", ColumnKind.TEXT, 18, occupation),
        Column("职业类别", ColumnKind.NUMBER, 10, lambda line: line.occupation_class),
        Column("保障开始", ColumnKind.TIME, 18, lambda line: line.period.start),
        Column("保障结束", ColumnKind.TIME, 18, lambda line: line.period.end),
        Column("保额（元）", ColumnKind.YUAN, 18, lambda line: line.sum_insured_fen),
        Column("保单状态", ColumnKind.TEXT, 10, lambda line: STATUSES[line.status]),
        Column("保费（元）", ColumnKind.YUAN, 14, lambda line: line.premium_fen),
        Column("退费（元）", ColumnKind.YUAN, 14, lambda line: line.refund_fen),
        Column("应付（元）", ColumnKind.YUAN, 14, lambda line: line.due_fen),
        Column("往日更正", ColumnKind.TEXT, 10, lambda line: "是" if line.correction else None),
        Column("批单名单变动", ColumnKind.TEXT, 14, lambda line: CHANGES[line.change]),
    )


class JsonSheet:
    """`{"lines":[…],"total_fen":…}`, a line to each row: fen, instants and numbers, as partners' machines read them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._before = b'{"lines":[\n'
        self._total_fen = 0

    def write(self, line: StatementLine, /) -> None:
        self._total_fen += line.due_fen
        row = line.model_dump(mode="json") | {"due_fen": line.due_fen}
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self._file.write(self._before + text.encode())
        self._before = b",\n"

    def close(self) -> None:
        start = self._before if self._before.startswith(b"{") else b"\n"
        self._file.write(start + f'],"total_fen":{self._total_fen}}}\n'.encode())


def read_lines(sheet: bytes) -> list[StatementLine]:
    """Read the lines of a JSON sheet."""
    return list(read_each_line(sheet.splitlines()))


def read_each_line(sheet: Iterable[bytes]) -> Iterator[StatementLine]:
    """Read the lines of a JSON sheet as its own lines come, one row on each."""
    for line in sheet:
        if line.startswith(b'{"') and not line.startswith(b'{"lines":['):
            yield StatementLine.model_validate_json(line.rstrip(b",\r\n"))
