"""The insurer and our record of it in memory.

`FakeReports`, `FakeFiles` and `FakeBreaks` pass the contract suite of `tests/functional/insurer`.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import IO

from daycover.errors import ConcurrentChangeError
from daycover.reporting.breaks import Break, BreakNotFoundError, BreakStatus
from daycover.reporting.daily_file import DailyFile, EndorsementRow, FileAnswer, FileState, draw_up_file
from daycover.reporting.report import BATCH
from daycover.reporting.rows import InsurerRefusedError, Report, ReportRow, ReportState, RowAnswer, RowState


class FakeReports:
    def __init__(self) -> None:
        self.reports: dict[tuple[str, date, str], Report] = {}
        self.silent: dict[str, tuple[ReportRow, datetime]] = {}

    def announce(self, row: ReportRow, now: datetime) -> Report:
        fresh = Report(row=row, state=ReportState.REPORTED, reported_at=now)
        return self.reports.setdefault((row.company_id, row.day, row.row_id), fresh)

    def answer(self, row: ReportRow, state: ReportState, reason: str | None, now: datetime) -> bool:
        key = (row.company_id, row.day, row.row_id)
        stands = self.reports.get(key)
        if stands is None or stands.state is not ReportState.REPORTED:
            return False
        changes = {"state": state, "reason": reason, "answered_at": now}
        self.reports[key] = stands.model_copy(update=changes)
        return True

    def acknowledge(self, rows: Sequence[ReportRow], now: datetime) -> None:
        for row in rows:
            FakeReports.answer(self, row, ReportState.ACKNOWLEDGED, None, now)

    def of_day(self, company_id: str, day: date) -> Iterable[Report]:
        found = [report for key, report in self.reports.items() if key[:2] == (company_id, day)]
        return sorted(found, key=lambda report: report.row.row_id)

    def find(self, row_id: str) -> Report | None:
        if row_id not in self.silent:
            return None
        row, since = self.silent[row_id]
        return Report(row=row, state=ReportState.REPORTED, reported_at=since)

    def wait(self, row: ReportRow, since: datetime) -> None:
        self.silent.setdefault(row.row_id, (row, since))

    def settle(self, row_id: str) -> None:
        self.silent.pop(row_id, None)

    def waiting(self, before: datetime, limit: int) -> list[tuple[ReportRow, datetime]]:
        found = [entry for entry in self.silent.values() if entry[1] <= before]
        return sorted(found, key=lambda entry: entry[1])[:limit]


def drawn_up(
    company_id: str, day: date, rows: Iterable[ReportRow | EndorsementRow]
) -> tuple[DailyFile, bytes]:
    """A day's file and its bytes."""
    lines = io.BytesIO()
    return draw_up_file(company_id, day, rows, lines), lines.getvalue()


class FakeFiles:
    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._latest: dict[tuple[str, date], tuple[DailyFile, FileAnswer]] = {}

    def put(self, file: DailyFile, lines: IO[bytes]) -> str:
        self.contents[file.file_id] = lines.read()
        return f"https://files.example/{file.file_id}"

    def note(self, file: DailyFile, answer: FileAnswer, now: datetime) -> None:
        stands = self._latest.get((file.company_id, file.day))
        known = stands is not None and stands[0].file_id == file.file_id
        if stands is not None and known and stands[1].state is FileState.ACKNOWLEDGED:
            return
        self._latest[file.company_id, file.day] = (file, answer)

    def latest(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer] | None:
        return self._latest.get((company_id, day))


class FakeBreaks:
    def __init__(self) -> None:
        self.items: dict[str, Break] = {}

    def add(self, found: Break) -> bool:
        return self.items.setdefault(found.break_id, found) is found

    def get(self, break_id: str) -> Break:
        if break_id not in self.items:
            raise BreakNotFoundError
        return self.items[break_id]

    def resolve(self, resolved: Break) -> None:
        if self.items[resolved.break_id].status is not BreakStatus.OPEN:
            raise ConcurrentChangeError
        self.items[resolved.break_id] = resolved

    def list_by(self, status: BreakStatus, token: str | None = None) -> tuple[Sequence[Break], str | None]:
        found = [item for item in self.items.values() if item.status is status]
        return sorted(found, key=lambda item: item.found_at), None

    def kinds(self) -> Counter[str]:
        return Counter(item.difference.kind.value for item in self.items.values())


class FakeInsurer:
    """Implements `reporting.report.InsurerReports`; `before` and `after` raise what a test wants."""

    def __init__(self) -> None:
        self.rows: dict[str, RowState] = {}
        self.reasons: dict[str, str] = {}
        self.verdict: Callable[[ReportRow], RowState] = lambda row: RowState.ACKNOWLEDGED
        self.malformed: set[str] = set()
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.calls = 0
        self.files: list[DailyFile] = []
        self.file_answer: Callable[[DailyFile], FileAnswer] = lambda file: FileAnswer(
            FileState.ACKNOWLEDGED, file.count, file.sum_fen
        )

    def send(self, rows: Sequence[ReportRow]) -> Sequence[RowAnswer]:
        self.calls += 1
        assert 0 < len(rows) <= BATCH
        if self.before:
            raise self.before.pop(0)
        if any(row.row_id in self.malformed for row in rows):
            raise InsurerRefusedError(code="ROW_MALFORMED")
        for row in rows:
            self.rows.setdefault(row.row_id, self.verdict(row))
        if self.after:
            raise self.after.pop(0)
        return [self._of(row.row_id) for row in rows if self.rows[row.row_id] is not RowState.PENDING]

    def ask(self, row_ids: Sequence[str]) -> Sequence[RowAnswer]:
        self.calls += 1
        return [self._of(row_id) for row_id in row_ids]

    def announce(self, file: DailyFile, link: str) -> FileAnswer:
        self.calls += 1
        self.files.append(file)
        if self.after:
            raise self.after.pop(0)
        return self.file_answer(file)

    def answer_waiting(self) -> None:
        """Acknowledge what waits, and whatever comes from now on."""
        self.verdict = lambda row: RowState.ACKNOWLEDGED
        for row_id, state in self.rows.items():
            if state is RowState.PENDING:
                self.rows[row_id] = RowState.ACKNOWLEDGED

    def _of(self, row_id: str) -> RowAnswer:
        return RowAnswer(row_id, self.rows.get(row_id, RowState.UNKNOWN), self.reasons.get(row_id))
