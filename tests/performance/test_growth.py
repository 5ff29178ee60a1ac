"""How the day's machines grow: a company's day reconciled, filed and closed, from a thousand policies on.

Time is counted in function calls (cProfile), memory is the peak that tracemalloc sees; the books are generators, so
that nothing but the machine itself is measured. `make bench` goes on to 100,000 policies and prints the table.
"""

import cProfile
import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from io import RawIOBase
from typing import IO, Any

import pytest

from daycover import crockford
from daycover.books.journal import Entry, entries_of_cover
from daycover.books.sheets import CsvSheet, XlsxSheet
from daycover.books.statement import Statement, draw_up
from daycover.books.statement_line import StatementLine, lines_of
from daycover.books.statement_sheets import JsonSheet, columns_of, title_of
from daycover.china_time import china_day
from daycover.cover.policy import Policy, policy_number
from daycover.cover.roster import CoverLine, line_of
from daycover.reporting.daily_file import DailyFile, FileAnswer, FileState, draw_up_file
from daycover.reporting.reconciliation import ReconcileCompany
from daycover.reporting.rows import Report, ReportState, rows_of
from tests.performance.growth import exponent
from tests.support.builders import NOW, a_policy, a_project

TODAY = china_day(NOW)
SIZES = (1_500, 10_500, 100_500) if os.environ.get("SHOW_FIGURES") else (1_500, 3_500)
"""Each leaves half a run of `sorting.Sorted` in memory."""
MOST_TIME, MOST_MEMORY = 1.1, 0.05
MOST_BYTES = 256 * 1024 * 1024


class Books:
    """One company's day in all books, made as it is read; each policy in one of thirty projects."""

    def __init__(self, policies: int) -> None:
        self._policies = policies
        self._model = a_policy()
        self.statement = draw_up("C1", TODAY, self.of_statement("C1", TODAY), (), NOW)

    def policies(self) -> Iterator[Policy]:
        """By project, as lines and entries are; the insurer's rows come in another order."""
        for number in range(self._policies):
            project, place = divmod(number, max(1, self._policies // 30))
            yield self._numbered(project, place)

    def _numbered(self, project: int, place: int) -> Policy:
        number = policy_number(crockford.encode(place * 64 + project, 20), 1, NOW)
        return self._model.model_copy(update={"policy_no": number, "project_id": f"P{project:02}"})

    def of_day(self, company_id: str, day: date) -> Iterator[Any]:
        raise NotImplementedError

    def of_statement(self, company_id: str, day: date) -> Iterator[Entry]:
        for policy in self.policies():
            yield from entries_of_cover(line_of(policy), NOW, 500)

    def latest(self, company_id: str, day: date) -> Statement:
        return self.statement

    def each_line(self, statement: Statement) -> Iterator[StatementLine]:
        return lines_of(self.of_statement("C1", TODAY))


class Lines(Books):
    def of_day(self, company_id: str, day: date) -> Iterator[CoverLine]:
        return map(line_of, self.policies() if day == TODAY else ())


class Journal(Books):
    def of_day(self, company_id: str, day: date) -> Iterator[Entry]:
        return self.of_statement(company_id, day)


class Reports(Books):
    def of_day(self, company_id: str, day: date) -> Iterator[Report]:
        for number in range(self._policies):
            project, place = divmod(number * 7919 % self._policies, max(1, self._policies // 30))
            row = rows_of(self._numbered(project, place))[0]
            yield Report(row=row, state=ReportState.ACKNOWLEDGED, reported_at=NOW)


class Filed:
    def latest(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer]:
        file = DailyFile(file_id="f", company_id="C1", day=TODAY, count=0, sum_fen=0, sha256="")
        return file, FileAnswer(FileState.ACKNOWLEDGED)


class NothingMoved:
    def moved(self, payout_ids: Iterable[str], day: date) -> dict[str, int]:
        return {}


class Emptied(RawIOBase):
    """A disk that keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


def none_differs(differences: Iterable[Any]) -> tuple[int, int]:
    assert list(differences) == []
    return 0, 0


def scratch() -> IO[bytes]:
    return tempfile.TemporaryFile()


def reconcile(count: int) -> Callable[[], object]:
    run = ReconcileCompany(
        lines=Lines(count),  # type: ignore[arg-type]
        ledger=Journal(count),
        statements=Books(count),  # type: ignore[arg-type]
        reports=Reports(count),  # type: ignore[arg-type]
        files=Filed(),  # type: ignore[arg-type]
        money=NothingMoved(),
        keep=none_differs,  # type: ignore[arg-type]
        scratch=scratch,
    )

    def act() -> None:
        assert run("C1", TODAY).policies == count

    return act


def file(count: int) -> Callable[[], object]:
    reports = Reports(count)

    def act() -> None:
        with scratch() as lines:
            drawn = draw_up_file("C1", TODAY, (report.row for report in reports.of_day("C1", TODAY)), lines)
        assert drawn.count == count

    return act


def close(count: int) -> Callable[[], object]:
    journal = Journal(count)

    def act() -> None:
        columns = columns_of([a_project(project_id=f"P{number:02}") for number in range(30)])
        sheets = (
            JsonSheet(Emptied()),  # type: ignore[arg-type]
            CsvSheet(Emptied(), columns),  # type: ignore[arg-type]
            XlsxSheet(Emptied(), columns, title_of(TODAY)),  # type: ignore[arg-type]
        )
        assert draw_up("C1", TODAY, journal.of_statement("C1", TODAY), sheets, NOW).lines == count

    return act


@pytest.mark.parametrize("machine", [close, file, reconcile], ids=lambda machine: machine.__name__)
def test_machine_grows_with_its_policies_in_time_and_not_in_memory(
    machine: Callable[[int], Callable[[], object]], capsys: pytest.CaptureFixture[str]
) -> None:
    calls, peaks = [], []
    machine(SIZES[0])()  # what is loaded once
    for size in SIZES:
        act = machine(size)
        profile = cProfile.Profile()
        with profile:
            act()
        calls.append(sum(entry.callcount for entry in profile.getstats()))
        tracemalloc.start()
        act()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    time, memory = exponent(SIZES, calls), exponent(SIZES, peaks)
    if os.environ.get("SHOW_FIGURES"):
        with capsys.disabled():
            each = ", ".join(
                f"{size:,}: {count / size:.0f} calls a policy, {peak / 1e6:.1f} MB"
                for size, count, peak in zip(SIZES, calls, peaks, strict=True)
            )
            print(f"\n{machine.__name__}: time {time:.3f}, memory {memory:.3f} ({each})", end="")
    assert time <= MOST_TIME
    assert memory <= MOST_MEMORY
    assert max(peaks) <= MOST_BYTES
