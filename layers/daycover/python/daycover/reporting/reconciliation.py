"""Reconciliation (对账): do policies, journal, statement, insurer and transfers tell one story of a day?

Each comparison is one pass over two books and yields what differs; it changes nothing. Books meet in the
subject of an event: `<policy_no>-ISSUED`, `<policy_no>-VOIDED`, a payout number, a claim number.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from daycover.books.journal import Account, Entry, Kind, Ledger
from daycover.books.statement import IssuedStatements, Statement, StatementLine
from daycover.china_time import china_day
from daycover.claims.lifecycle import ClaimEvent
from daycover.cover.roster import CoverLine, CoverLines
from daycover.payouts.reconcile import MovedMoney
from daycover.reporting.breaks import BreakKind, Difference, KeepBreaks
from daycover.reporting.daily_file import DailyFile, FileAnswer, Files, FileState
from daycover.reporting.report import rejection, unanswered
from daycover.reporting.rows import Report, ReportKind, Reports, ReportState

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


def expected_of(day: date, lines: Iterable[CoverLine]) -> dict[str, int]:
    """Give what the policies say of a day: premiums of those issued, refunds of those that ended on it."""
    amounts: dict[str, int] = {}
    for line in lines:
        if line.day == day:
            amounts[f"{line.policy_no}-{ReportKind.ISSUED}"] = line.premium_fen
        if line.ended_at is not None and china_day(line.ended_at) == day:
            amounts[f"{line.policy_no}-{line.status}"] = -line.refund_fen
    return amounts


def posted_of(entries: Iterable[Entry]) -> dict[str, tuple[int, date]]:
    """Give what the journal says of a day's policies: fen due, and the policy's day of issue."""
    return {
        f"{entry.source_id}-{entry.kind.removeprefix('POLICY_')}": (entry.receivable_fen, entry.cover.day)
        for entry in entries
        if entry.cover is not None
    }


def compare_amounts(
    day: Day,
    expected: Amounts,
    found: Amounts,
    *,
    missing: BreakKind,
    differing: BreakKind,
    orphan: BreakKind,
) -> Iterator[Difference]:
    """Two books that know the same subjects: what one lacks, what differs, what only the other has."""
    for subject, fen in expected.items():
        other = found.get(subject)
        if other is None:
            yield day.differs(missing, subject, fen)
        elif other != fen:
            yield day.differs(differing, subject, fen, other)
    for subject, fen in found.items():
        if subject not in expected:
            yield day.differs(orphan, subject, None, fen)


def compare_journal(day: Day, expected: Amounts, posted: Amounts) -> Iterator[Difference]:
    return compare_amounts(
        day,
        expected,
        posted,
        missing=BreakKind.JOURNAL_MISSING,
        differing=BreakKind.JOURNAL_AMOUNT,
        orphan=BreakKind.JOURNAL_ORPHAN,
    )


def compare_statement(
    day: Day, entries: Iterable[Entry], statement: Statement | None, lines: Iterable[StatementLine]
) -> Iterator[Difference]:
    """Journal and statement, each policy to the fen, and the statement's total against its own lines."""
    expected: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.cover is not None:
            expected[entry.source_id] += entry.receivable_fen
    if statement is None:
        if expected:
            yield day.differs(BreakKind.STATEMENT_MISSING, day.company_id, sum(expected.values()))
        return
    billed: dict[str, int] = defaultdict(int)
    for line in lines:
        billed[line.policy_no] += line.due_fen
    total = sum(billed.values())
    if statement.premium_fen != total:
        subject = f"{day.company_id}/{statement.revision}"
        yield day.differs(BreakKind.STATEMENT_TOTAL, subject, total, statement.premium_fen)
    yield from compare_amounts(
        day,
        expected,
        billed,
        missing=BreakKind.STATEMENT_LINE_MISSING,
        differing=BreakKind.STATEMENT_LINE_AMOUNT,
        orphan=BreakKind.STATEMENT_LINE_ORPHAN,
    )


def compare_reports(day: Day, expected: Amounts, reports: Iterable[Report]) -> Iterator[Difference]:
    """Policies and what the insurer was told, and what it said to each row, claims included."""
    told: dict[str, int] = {}
    for report in reports:
        row = report.row
        if report.state is ReportState.REPORTED:
            yield unanswered(row)
        elif report.state is ReportState.REJECTED:
            yield rejection(row, report.reason)
        if row.kind is ReportKind.CLAIM:
            continue
        subject = f"{row.policy_no}-{row.kind}"
        if subject in told:
            yield day.differs(BreakKind.REPORT_DOUBLED, row.row_id, None, row.amount_fen)
        else:
            told[subject] = row.amount_fen
    yield from compare_amounts(
        day,
        expected,
        told,
        missing=BreakKind.REPORT_MISSING,
        differing=BreakKind.REPORT_AMOUNT,
        orphan=BreakKind.REPORT_ORPHAN,
    )


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
    """Compare one company's day in all books. Running it again finds the same breaks, once."""

    lines: CoverLines
    ledger: Ledger
    statements: IssuedStatements
    reports: Reports
    files: Files
    money: MovedMoney
    keep: KeepBreaks

    def __call__(self, company_id: str, day: date) -> ReconciledDay:
        of = Day(company_id, day)
        before = [day - timedelta(days=back) for back in range(LOOK_BACK, -1, -1)]
        expected: dict[str, int] = {}
        for each in before:
            expected |= expected_of(day, self.lines.of_day(company_id, each))
        entries = list(self.ledger.of_day(company_id, day))
        posted = posted_of(entries)
        expected |= {subject: fen for subject, (fen, issued_on) in posted.items() if issued_on < before[0]}
        reports = list(self.reports.of_day(company_id, day))
        own = Settled(payouts_of(entries), claims_of(reports))
        found, new = self.keep(
            [
                *compare_journal(of, expected, {subject: fen for subject, (fen, _) in posted.items()}),
                *self._statement(of),
                *compare_reports(of, expected, reports),
                *compare_file(of, bool(reports), self.files.latest(company_id, day)),
                *compare_payouts(of, own, self._near(of, own), self.money.moved(own.payouts, day)),
                *compare_advances(of, reports),
            ]
        )
        return ReconciledDay(len(expected), len(own.payouts), found, new)

    def _statement(self, of: Day) -> Iterator[Difference]:
        statement = self.statements.latest(*of)
        billed = self.statements.lines(statement) if statement is not None else ()
        return compare_statement(of, self.ledger.of_statement(*of), statement, billed)

    def _near(self, of: Day, own: Settled) -> Settled:
        """Read the neighbours only where something was paid."""
        payouts, claims = dict(own.payouts), dict(own.claims)
        if own.claims:
            payouts |= payouts_of(self.ledger.of_day(of.company_id, of.day - timedelta(days=1)))
        if own.payouts:
            claims |= claims_of(self.reports.of_day(of.company_id, of.day + timedelta(days=1)))
        return Settled(payouts, claims)
