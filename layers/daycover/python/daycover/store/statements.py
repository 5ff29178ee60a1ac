"""Daily statements of companies."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from daycover.books.statement import Format, Sheets, Statement
from daycover.books.statement_line import StatementLine
from daycover.books.statement_sheets import read_each_line, read_lines
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1
LINK_SECONDS = 300
CHUNK = 64 * 1024
CONTENT_TYPES = {
    Format.JSON: "application/json; charset=utf-8",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class StoredStatements:
    """Implements `books.statement.Statements`."""

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

    def add(self, statement: Statement, sheets: Sheets) -> None:
        """Access: PutObject of each sheet, PutItem (BOOK#day, COMPANY#id), PutItem (COMPANY#id,
        STATEMENT#day#revision).

        Condition: the book has no later revision; the statement is absent. Cost: 2 write units a KB. The
        statement goes last: a crash leaves sheets that nobody reads, never a statement without its sheets.
        Their names are made of their content, so that of two runs the loser cannot replace the other's.
        """
        for kind, sheet in sheets.items():
            sheet.seek(0)
            self._s3.put_object(
                Bucket=self._bucket,
                Key=_sheet_key(statement, kind),
                Body=sheet,
                ContentType=CONTENT_TYPES[kind],
            )
        item = statement.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
        try:
            self._table.put(
                Put(
                    keys.book_entry(statement.day.isoformat(), statement.company_id),
                    item,
                    condition="attribute_not_exists(pk) OR revision <= :revision",
                    values={":revision": statement.revision},
                )
            )
            key = keys.statement(statement.company_id, statement.day.isoformat(), statement.revision)
            self._table.put(Put(key, item))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def lines(self, statement: Statement) -> list[StatementLine]:
        """Access: one GetObject."""
        key = _sheet_key(statement, Format.JSON)
        return read_lines(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())

    def each_line(self, statement: Statement) -> Iterator[StatementLine]:
        """Access: one GetObject, read as it comes."""
        body = self._s3.get_object(Bucket=self._bucket, Key=_sheet_key(statement, Format.JSON))["Body"]
        return read_each_line(body.iter_lines(CHUNK))

    def link(self, statement: Statement, sheet: Format, endorsement: int | None = None) -> str:
        """Access: none; signs a GetObject for five minutes, as a download with a name a person can read."""
        number = "" if endorsement is None else f"-E{endorsement:06d}"
        name = f"daycover-{statement.company_id}-{statement.day}-{statement.revision:03d}{number}.{sheet}"
        wanted = {
            "Bucket": self._bucket,
            "Key": _sheet_key(statement, sheet),
            "ResponseContentDisposition": f'attachment; filename="{name}"',
        }
        return str(self._s3.generate_presigned_url("get_object", Params=wanted, ExpiresIn=LINK_SECONDS))

    def of_month(self, company_id: str, month: str) -> list[Statement]:
        """Access: Query (COMPANY#id, STATEMENT#month-). Cost: 0.5 read units per 4 KB (about 8 days)."""
        items = self._table.query_all(*keys.statements_of_month(company_id, month))
        found = {item["day"]: item for item in items}  # ascending: the last revision of a day stays
        return [Statement.model_validate(item) for item in found.values()]

    def of_day(self, day: date) -> Iterator[Statement]:
        """Access: Query (BOOK#day), page by page. Cost: 0.5 read units per 4 KB (about 8 companies)."""
        return map(Statement.model_validate, self._table.query_all(*keys.book_entries(day.isoformat())))


def _sheet_key(statement: Statement, kind: Format) -> str:
    day, mark = statement.day.isoformat(), statement.sha256[:16]
    return keys.statement_sheet(statement.company_id, day, statement.revision, mark, kind)
