"""Reconciliation (对账): do policies, journal, statement, insurer and transfers tell one story of a day?

Each comparison is one pass over two books and yields what differs; it changes nothing. Books meet in the
subject of an event: `<policy_no>-ISSUED`, `<policy_no>-VOIDED`, a payout number, a claim number.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, NamedTuple

from daycover.books.journal import Account, Entry, Kind, Ledger
from daycover.books.statement import IssuedStatements, Statement
from daycover.china_time import china_day
from daycover.claims.lifecycle import ClaimEvent
from daycover.cover.roster import CoverLine, CoverLines
from daycover.payouts.reconcile import MovedMoney
from daycover.reporting.breaks import BreakKind, Difference, KeepBreaks
from daycover.reporting.daily_file import DailyFile, FileAnswer, Files, FileState
from daycover.reporting.report import rejection, unanswered
from daycover.reporting.rows import Report, ReportKind, Reports, ReportState
from daycover.reporting.sorting import Sorted

LOOK_BACK = 2
"""Days before the reconciled one whose lines are read for endings. What ends later than that (a policy voided
long after its cover) is measured by the journal's entry instead."""
CLAIM_PAID = frozenset({ClaimEvent.PAID, ClaimEvent.SHARE_PAID, ClaimEvent.ADVANCE_PAID})


class Day(NamedTuple):
    company_id: str
    day: date

    def differs(
        self,
        kind: BreakKind,
        subject: str,
        expected_fen: int | None = None,
        found_fen: int | None = None,
        detail: str | None = None,
    ) -> Difference:
        return Difference(
            kind=kind,
            day=self.day,
            subject=subject,
            company_id=self.company_id,
            expected_fen=expected_fen,
            found_fen=found_fen,
            detail=detail,
        )


Amounts = Mapping[str, int]
"""Fen by subject."""
Rows = Iterable[tuple[str, int]]
"""Subject and fen, sorted by subject, each subject once."""


def expected_of(day: date, lines: Iterable[CoverLine]) -> Iterator[tuple[str, int]]:
    """Give what the policies say of a day: premiums of those issued, refunds of those that ended on it."""
    for line in lines:
        if line.day == day:
            yield f"{line.policy_no}-{ReportKind.ISSUED}", line.premium_fen
        if line.ended_at is not None and china_day(line.ended_at) == day:
            yield f"{line.policy_no}-{line.status}", -line.refund_fen


def compare_amounts(
    day: Day,
    expected: Rows,
    found: Rows,
    *,
    missing: BreakKind,
    differing: BreakKind,
    orphan: BreakKind,
) -> Iterator[Difference]:
    """Two books that know the same subjects: what one lacks, what differs, what only the other has."""
    sides = heapq.merge(
        ((subject, 0, fen) for subject, fen in expected), ((subject, 1, fen) for subject, fen in found)
    )
    for subject, group in groupby(sides, key=itemgetter(0)):
        fen = {side: amount for _, side, amount in group}
        if 1 not in fen:
            yield day.differs(missing, subject, fen[0])
        elif 0 not in fen:
            yield day.differs(orphan, subject, None, fen[1])
        elif fen[0] != fen[1]:
            yield day.differs(differing, subject, fen[0], fen[1])


def compare_journal(day: Day, expected: Rows, posted: Rows) -> Iterator[Difference]:
    return compare_amounts(
        day,
        expected,
        posted,
        missing=BreakKind.JOURNAL_MISSING,
        differing=BreakKind.JOURNAL_AMOUNT,
        orphan=BreakKind.JOURNAL_ORPHAN,
    )


def compare_statement(
    day: Day, expected: Rows, statement: Statement | None, billed: Rows
) -> Iterator[Difference]:
    """Journal and statement, each policy to the fen, and the statement's total against its own lines."""
    if statement is None:
        total, has_any = 0, False
        for _, fen in expected:
            total, has_any = total + fen, True
        if has_any:
            yield day.differs(BreakKind.STATEMENT_MISSING, day.company_id, total)
        return
    total = 0

    def summed() -> Iterator[tuple[str, int]]:
        nonlocal total
        for subject, fen in billed:
            total += fen
            yield subject, fen

    yield from compare_amounts(
        day,
        expected,
        summed(),
        missing=BreakKind.STATEMENT_LINE_MISSING,
        differing=BreakKind.STATEMENT_LINE_AMOUNT,
        orphan=BreakKind.STATEMENT_LINE_ORPHAN,
    )
    if statement.premium_fen != total:
        subject = f"{day.company_id}/{statement.revision}"
        yield day.differs(BreakKind.STATEMENT_TOTAL, subject, total, statement.premium_fen)


def compare_reports(day: Day, expected: Rows, told: Rows) -> Iterator[Difference]:
    """Policies and what the insurer was told."""
    return compare_amounts(
        day,
        expected,
        told,
        missing=BreakKind.REPORT_MISSING,
        differing=BreakKind.REPORT_AMOUNT,
        orphan=BreakKind.REPORT_ORPHAN,
    )


def compare_answer(report: Report) -> Iterator[Difference]:
    """What the insurer said to one row, of a policy or a claim."""
    if report.state is ReportState.REPORTED:
        yield unanswered(report.row)
    elif report.state is ReportState.REJECTED:
        yield rejection(report.row, report.reason)


def each_once(day: Day, told: Sorted) -> Iterator[Difference]:
    """The rows that tell again what another one told: a policy's event has one."""
    for _, group in groupby(told, key=itemgetter(0)):
        yield from (
            day.differs(BreakKind.REPORT_DOUBLED, row.of, None, row.fen) for row in islice(group, 1, None)
        )


def firsts(rows: Sorted) -> Iterator[tuple[str, int]]:
    for subject, group in groupby(rows, key=itemgetter(0)):
        yield subject, next(group).fen


def sums(rows: Sorted) -> Iterator[tuple[str, int]]:
    for subject, group in groupby(rows, key=itemgetter(0)):
        yield subject, sum(row.fen for row in group)


def compare_file(
    day: Day, has_rows: bool, latest: tuple[DailyFile, FileAnswer] | None
) -> Iterator[Difference]:
    """Whether the insurer holds the day's file with our own count and sum."""
    if latest is None:
        if has_rows:
            yield day.differs(BreakKind.FILE_MISSING, day.company_id)
        return
    file, answer = latest
    if answer.state is FileState.REFUSED:
        yield day.differs(BreakKind.FILE_REFUSED, file.file_id, file.sum_fen, answer.sum_fen, answer.reason)
    elif answer.state is FileState.ANNOUNCED:
        yield day.differs(BreakKind.FILE_MISSING, file.file_id, file.sum_fen)


class Settled(NamedTuple):
    """Payments of a day and its neighbour: the journal's payouts by number, the claims desk's by claim, or by
    claim and advance."""

    payouts: Amounts
    claims: Amounts


def compare_payouts(day: Day, own: Settled, near: Settled, moved: Amounts) -> Iterator[Difference]:
    """Claims paid, payouts posted, money that left, payment by payment. `near` holds the neighbouring days as
    well: a payout that ends just before midnight makes its claim paid just after."""
    for payout_id, fen in own.payouts.items():
        if payout_id not in near.claims:
            yield day.differs(BreakKind.PAYOUT_WITHOUT_CLAIM, payout_id, None, fen)
        left = moved.get(payout_id)
        if left is None:
            yield day.differs(BreakKind.TRANSFER_MISSING, payout_id, fen)
        elif left != fen:
            yield day.differs(BreakKind.TRANSFER_AMOUNT, payout_id, fen, left)
    for payout_id, fen in own.claims.items():
        paid = near.payouts.get(payout_id)
        if paid is None:
            yield day.differs(BreakKind.CLAIM_PAID_WITHOUT_PAYOUT, payout_id, fen)
        elif paid != fen:
            yield day.differs(BreakKind.PAYOUT_AMOUNT, payout_id, fen, paid)


def compare_advances(day: Day, reports: Iterable[Report]) -> Iterator[Difference]:
    """Name every claim that ended with more advanced than decided: a person settles it, nobody takes it back."""
    for report in reports:
        row = report.row
        if row.claim_no is not None and row.advance_excess_fen:
            yield day.differs(
                BreakKind.ADVANCE_EXCEEDS_DECISION,
                row.claim_no,
                row.claim_amount_fen,
                (row.claim_amount_fen or 0) + row.advance_excess_fen,
            )


def payouts_of(entries: Iterable[Entry]) -> dict[str, int]:
    """Give the payouts that the journal posts as paid, in fen."""
    return {
        entry.source_id: sum(line.fen for line in entry.lines if line.account is Account.CLAIMS_PAID)
        for entry in entries
        if entry.kind is Kind.PAYOUT_SUCCEEDED
    }


def claims_of(reports: Iterable[Report]) -> dict[str, int]:
    """Give the payouts that the claims desk recorded as paid, of claims, shares and advances, in fen.

    One without a payout's number is a claim marked paid by something else than a payment: its own number.
    """
    return {
        row.payout_id or row.claim_no: row.claim_amount_fen or 0
        for row in (report.row for report in reports)
        if row.claim_no is not None and row.claim_event in CLAIM_PAID
    }


class ReconciledDay(NamedTuple):
    """How much was compared, and what came of it."""

    policies: int
    payouts: int
    breaks: int
    new_breaks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileCompany:
    """Compare one company's day in all books. Running it again finds the same breaks, once.

    Policies pass in sorted runs on the function's own disk: memory grows with payments, not with policies.
    """

    lines: CoverLines
    ledger: Ledger
    statements: IssuedStatements
    reports: Reports
    files: Files
    money: MovedMoney
    keep: KeepBreaks
    scratch: Callable[[], IO[bytes]]

    def __call__(self, company_id: str, day: date) -> ReconciledDay:
        of = Day(company_id, day)
        with ExitStack() as files:

            def rows() -> Sorted:
                return Sorted(lambda: files.enter_context(self.scratch()))

            expected, posted, payouts = rows(), rows(), dict[str, int]()
            before = [day - timedelta(days=back) for back in range(LOOK_BACK, -1, -1)]
            for each in before:
                for subject, fen in expected_of(day, self.lines.of_day(company_id, each)):
                    expected.add(subject, fen)
            for entry in self.ledger.of_day(company_id, day):
                payouts |= payouts_of([entry])
                if entry.cover is not None:
                    subject = f"{entry.source_id}-{entry.kind.removeprefix('POLICY_')}"
                    posted.add(subject, entry.receivable_fen)
                    if entry.cover.day < before[0]:
                        expected.add(subject, entry.receivable_fen)
            told, claims, breaks = rows(), dict[str, int](), _Breaks(self.keep)
            has_rows = False
            for report in self.reports.of_day(company_id, day):
                has_rows, row = True, report.row
                breaks.take(compare_answer(report))
                if row.kind is ReportKind.CLAIM:
                    claims |= claims_of([report])
                    breaks.take(compare_advances(of, [report]))
                else:
                    told.add(f"{row.policy_no}-{row.kind}", row.amount_fen, row.row_id)
            own = Settled(payouts, claims)
            breaks.take(compare_journal(of, firsts(expected), firsts(posted)))
            breaks.take(self._statement(of, rows(), rows()))
            breaks.take(each_once(of, told))
            breaks.take(compare_reports(of, firsts(expected), firsts(told)))
            breaks.take(compare_file(of, has_rows, self.files.latest(company_id, day)))
            breaks.take(compare_payouts(of, own, self._near(of, own), self.money.moved(payouts, day)))
            return ReconciledDay(expected.count, len(payouts), breaks.found, breaks.new)

    def _statement(self, of: Day, expected: Sorted, billed: Sorted) -> Iterator[Difference]:
        statement = self.statements.latest(*of)
        for entry in self.ledger.of_statement(*of):
            if entry.cover is not None:
                expected.add(entry.source_id, entry.receivable_fen)
        if statement is not None:
            for line in self.statements.each_line(statement):
                billed.add(line.policy_no, line.due_fen)
        return compare_statement(of, sums(expected), statement, sums(billed))

    def _near(self, of: Day, own: Settled) -> Settled:
        """Read the neighbours only where something was paid."""
        payouts, claims = dict(own.payouts), dict(own.claims)
        if own.claims:
            payouts |= payouts_of(self.ledger.of_day(of.company_id, of.day - timedelta(days=1)))
        if own.payouts:
            claims |= claims_of(self.reports.of_day(of.company_id, of.day + timedelta(days=1)))
        return Settled(payouts, claims)


class _Breaks:
    """Keeps differences as they are found."""

    def __init__(self, keep: KeepBreaks) -> None:
        self._keep = keep
        self.found = self.new = 0

    def take(self, differences: Iterable[Difference]) -> None:
        found, new = self._keep(differences)
        self.found, self.new = self.found + found, self.new + new
