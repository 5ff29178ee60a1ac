"""Cover lines and daily statements of companies."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from daycover.cover.roster import CoverLine
from daycover.errors import ConcurrentChangeError
from daycover.premiums.statement import Statement
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table
from daycover.store.keys import Key

SCHEMA_VERSION = 1


class StoredCoverLines:
    """Implements `cover.roster.CoverLines`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, line: CoverLine) -> bool:
        """Access: PutItem (COMPANY#id#DAY#date, POLICY#project#no). Condition: absent. Cost: 1 write unit."""
        item = line.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(_line_key(line), item))
        except ConditionFailedError:
            return False  # a replayed stream record
        return True

    def missing(self, lines: Sequence[CoverLine]) -> list[CoverLine]:
        """Access: BatchGetItem by 100; gives the lines that are not stored. Cost: 0.5 read units each.

        A twelfth of what trying to write each would cost.
        """
        wanted = [(_line_key(line), line) for line in lines]
        found: set[Key] = set()
        for start in range(0, len(wanted), 100):
            found |= self._table.get_many(key for key, _ in wanted[start : start + 100]).keys()
        return [line for key, line in wanted if key not in found]

    def of_project(self, company_id: str, project_id: str, days: Iterable[date]) -> list[CoverLine]:
        """Access: Query by project prefix, one a day. Cost: 0.5 read units per 4 KB (about 8 lines)."""
        return [
            CoverLine.model_validate(item)
            for day in days
            for item in self._table.query_all(*keys.cover_lines(company_id, day.isoformat(), project_id))
        ]

    def of_day(self, company_id: str, day: date) -> Iterable[CoverLine]:
        """Access: Query of the day's partition, page by page, strong. Cost: 1 read unit per 4 KB."""
        for item in self._table.query_all(*keys.cover_lines(company_id, day.isoformat()), strong=True):
            yield CoverLine.model_validate(item)


class StoredStatements:
    """Implements `premiums.statement.Statements`."""

    def __init__(self, table: Table, s3: Any, bucket: str) -> None:
        self._table = table
        self._s3 = s3
        self._bucket = bucket

    def latest(self, company_id: str, day: date) -> Statement | None:
        """Access: Query (COMPANY#id, STATEMENT#day#), newest first, Limit 1, strong. Cost: 1 read unit."""
        page = self._table.query(
            *keys.statements(company_id, day.isoformat()), limit=1, newest_first=True, strong=True
        )
        return Statement.model_validate(page.items[0]) if page.items else None

    def add(self, statement: Statement, lines: Sequence[CoverLine]) -> None:
        """Access: PutObject of the lines, then PutItem (COMPANY#id, STATEMENT#day#revision).

        Condition: absent. Cost: 1 write unit. The lines go first: a crash between the two leaves an object
        that nobody reads, never a statement without its lines. Its name holds the instant of issue, so
        that of two concurrent runs the one that loses cannot replace the other's lines.
        """
        body = json.dumps([line.model_dump(mode="json") for line in lines], ensure_ascii=False)
        self._s3.put_object(
            Bucket=self._bucket,
            Key=_lines_key(statement),
            Body=body.encode(),
            ContentType="application/json; charset=utf-8",
        )
        key = keys.statement(statement.company_id, statement.day.isoformat(), statement.revision)
        try:
            self._table.put(Put(key, statement.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def lines(self, statement: Statement) -> list[CoverLine]:
        """Access: one GetObject."""
        body = self._s3.get_object(Bucket=self._bucket, Key=_lines_key(statement))["Body"].read()
        return [CoverLine.model_validate(line) for line in json.loads(body)]


def _line_key(line: CoverLine) -> Key:
    return keys.cover_line(line.company_id, line.day.isoformat(), line.project_id, line.policy_no)


def _lines_key(statement: Statement) -> str:
    return keys.statement_lines(
        statement.company_id, statement.day.isoformat(), statement.revision, f"{statement.issued_at:%H%M%S%f}"
    )
