"""Reconciliation (对账): do policies, journal, statement, insurer and transfers tell one story of a day?

Each comparison is one pass over two books and yields what differs; it changes nothing. The cover line is the
measure of premiums (the sweeper compares it with hot table and archive), the claim that of payouts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine, CoverLines
from daycover.premiums.breaks import BreakKind, Difference, KeepBreaks
from daycover.premiums.reporting import (
    DailyFile,
    FileAnswer,
    Files,
    FileState,
    Report,
    ReportKind,
    Reports,
    ReportState,
    rejection,
    unanswered,
)
from daycover.premiums.statement import Statement, Statements


class PremiumPosting(NamedTuple):
    """What the journal holds of one policy on its day of issue: premium less refunds, in fen."""

    policy_no: str
    amount_fen: int


class Ledger(Protocol):
    """The journal of premiums."""

    def premiums_of(self, company_id: str, day: date) -> Iterable[PremiumPosting]:
        """Every posting about a policy that was issued to the company on that day; a policy may have several."""
        ...


class PaidClaim(BaseModel, frozen=True):
    """A claim that became PAID on a day, as the claims desk recorded it."""

    claim_no: str
    amount_fen: int


class SettledPayout(BaseModel, frozen=True):
    """A payout that succeeded on a day, as we recorded it; its id is the transfer's number."""

    payout_id: str
    claim_no: str
    amount_fen: int


class Settlements(Protocol):
    """Both sides of what was paid on a +08:00 day, each recorded by its own event."""

    def claims_paid_on(self, day: date) -> Iterable[PaidClaim]: ...

    def payouts_settled_on(self, day: date) -> Iterable[SettledPayout]: ...


class TransferLine(NamedTuple):
    """One transfer as the bank's side has it."""

    out_bill_no: str
    amount_fen: int


class TransferFile(Protocol):
    """What really left the wallet."""

    def transfers_for(self, day: date, payout_ids: Iterable[str]) -> Iterable[TransferLine]:
        """Every successful transfer of the day, or where there is no file, of the payouts that are named."""
        ...


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


def compare_journal(
    day: Day, due: Mapping[str, int], postings: Iterable[PremiumPosting]
) -> Iterator[Difference]:
    """Policies and journal, each policy to the fen. `due`: what the company owes for each policy of the day."""
    posted: dict[str, int] = defaultdict(int)
    for posting in postings:
        posted[posting.policy_no] += posting.amount_fen
    for policy_no, fen in due.items():
        found = posted.pop(policy_no, None)
        if found is None and fen:
            yield day.differs(BreakKind.JOURNAL_MISSING, policy_no, fen)
        elif found is not None and found != fen:
            yield day.differs(BreakKind.JOURNAL_AMOUNT, policy_no, fen, found)
    for policy_no, found in posted.items():
        yield day.differs(BreakKind.JOURNAL_ORPHAN, policy_no, None, found)


def compare_statement(
    day: Day, due: Mapping[str, int], statement: Statement | None, lines: Iterable[CoverLine]
) -> Iterator[Difference]:
    """Policies and statement, each line to the fen, then the statement's total and its own lines."""
    if statement is None:
        if any(due.values()):
            yield day.differs(BreakKind.STATEMENT_MISSING, day.company_id, sum(due.values()))
        return
    billed: dict[str, int] = defaultdict(int)
    count = 0
    for line in lines:
        billed[line.policy_no] += line.due_fen
        count += 1
    total = sum(billed.values())
    if (statement.premium_fen, statement.policies) != (total, count):
        yield day.differs(
            BreakKind.STATEMENT_TOTAL, f"{day.company_id}/{statement.revision}", total, statement.premium_fen
        )
    for policy_no, fen in due.items():
        found = billed.pop(policy_no, None)
        if found is None and fen:
            yield day.differs(BreakKind.STATEMENT_LINE_MISSING, policy_no, fen)
        elif found is not None and found != fen:
            yield day.differs(BreakKind.STATEMENT_LINE_AMOUNT, policy_no, fen, found)
    for policy_no, found in billed.items():
        yield day.differs(BreakKind.STATEMENT_LINE_ORPHAN, policy_no, None, found)


def compare_reports(
    day: Day, policies: Mapping[str, tuple[PolicyStatus, int, int]], reports: Iterable[Report]
) -> Iterator[Difference]:
    """Policies and what the insurer was told and said. `policies`: status, premium and refund by number."""
    seen: dict[tuple[str, ReportKind], str] = {}
    for report in reports:
        row = report.row
        if report.state is ReportState.REPORTED:
            yield unanswered(row)
        elif report.state is ReportState.REJECTED:
            yield rejection(row, report.reason)
        if row.kind is ReportKind.CLAIM:
            continue
        if (row.policy_no, row.kind) in seen:
            yield day.differs(BreakKind.REPORT_DOUBLED, row.row_id, None, row.amount_fen)
            continue
        seen[row.policy_no, row.kind] = row.row_id
        policy = policies.get(row.policy_no)
        if policy is None:
            yield day.differs(BreakKind.REPORT_ORPHAN, row.row_id, None, row.amount_fen)
            continue
        _, premium_fen, refund_fen = policy
        expected = premium_fen if row.kind is ReportKind.ISSUED else -refund_fen
        if row.amount_fen != expected:
            yield day.differs(BreakKind.REPORT_AMOUNT, row.row_id, expected, row.amount_fen)
    for policy_no, (status, premium_fen, refund_fen) in policies.items():
        if (policy_no, ReportKind.ISSUED) not in seen:
            yield day.differs(BreakKind.REPORT_MISSING, f"{policy_no}-{ReportKind.ISSUED}", premium_fen)
        if status is not PolicyStatus.ISSUED and (policy_no, ReportKind(status.value)) not in seen:
            yield day.differs(BreakKind.REPORT_MISSING, f"{policy_no}-{status}", -refund_fen)


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
        yield day.differs(
            BreakKind.FILE_REFUSED, file.file_id, file.sum_fen, answer.sum_fen, answer.reason
        )
    elif answer.state is FileState.ANNOUNCED:
        yield day.differs(BreakKind.FILE_MISSING, file.file_id, file.sum_fen)


def compare_payouts(
    day: date,
    claims: Iterable[PaidClaim],
    payouts: Iterable[SettledPayout],
    transfers: Callable[[Iterable[str]], Iterable[TransferLine]],
) -> Iterator[Difference]:
    """Claims paid, payouts settled, money that left: three books of one day, to the fen."""
    paid = {claim.claim_no: claim.amount_fen for claim in claims}
    settled = {payout.payout_id: payout for payout in payouts}
    by_claim: dict[str, int] = defaultdict(int)
    for payout in settled.values():
        by_claim[payout.claim_no] += payout.amount_fen
        if payout.claim_no not in paid:
            yield Difference(
                kind=BreakKind.PAYOUT_WITHOUT_CLAIM,
                day=day,
                subject=payout.payout_id,
                found_fen=payout.amount_fen,
            )
    for claim_no, fen in paid.items():
        found = by_claim.get(claim_no)
        if found != fen:
            kind = BreakKind.CLAIM_PAID_WITHOUT_PAYOUT if found is None else BreakKind.PAYOUT_AMOUNT
            yield Difference(kind=kind, day=day, subject=claim_no, expected_fen=fen, found_fen=found)
    moved = {line.out_bill_no: line.amount_fen for line in transfers(list(settled))}
    for payout in settled.values():
        found = moved.pop(payout.payout_id, None)
        if found != payout.amount_fen:
            kind = BreakKind.TRANSFER_MISSING if found is None else BreakKind.TRANSFER_AMOUNT
            yield Difference(
                kind=kind,
                day=day,
                subject=payout.payout_id,
                expected_fen=payout.amount_fen,
                found_fen=found,
            )
    for out_bill_no, fen in moved.items():
        yield Difference(kind=BreakKind.TRANSFER_ORPHAN, day=day, subject=out_bill_no, found_fen=fen)


class Reconciled(NamedTuple):
    """How much was compared, and what came of it."""

    compared: int
    breaks: int
    new_breaks: int


class ReconcileCompany:
    """Compare one company's day in all books. Running it again finds the same breaks, once."""

    def __init__(
        self,
        *,
        lines: CoverLines,
        ledger: Ledger,
        statements: Statements,
        reports: Reports,
        files: Files,
        keep: KeepBreaks,
    ) -> None:
        self._lines = lines
        self._ledger = ledger
        self._statements = statements
        self._reports = reports
        self._files = files
        self._keep = keep

    def __call__(self, company_id: str, day: date) -> Reconciled:
        facts = {
            line.policy_no: (line.status, line.premium_fen, line.refund_fen)
            for line in self._lines.of_day(company_id, day)
        }
        found, new = self._keep(self._differences(Day(company_id, day), facts))
        return Reconciled(len(facts), found, new)

    def _differences(
        self, day: Day, facts: Mapping[str, tuple[PolicyStatus, int, int]]
    ) -> Iterator[Difference]:
        due = {policy_no: premium - refund for policy_no, (_, premium, refund) in facts.items()}
        yield from compare_journal(day, due, self._ledger.premiums_of(*day))
        statement = self._statements.latest(*day)
        billed = self._statements.lines(statement) if statement is not None else []
        yield from compare_statement(day, due, statement, billed)
        yield from compare_reports(day, facts, self._reports.of_day(*day))
        yield from compare_file(day, bool(facts), self._files.latest(*day))


class ReconcilePayouts:
    """Compare a day's paid claims, payouts and transfers. Running it again finds the same breaks, once."""

    def __init__(
        self,
        *,
        settlements: Settlements,
        transfers: Callable[[], TransferFile],
        keep: KeepBreaks,
    ) -> None:
        self._settlements = settlements
        self._transfers = transfers
        self._keep = keep

    def __call__(self, day: date) -> Reconciled:
        payouts = list(self._settlements.payouts_settled_on(day))
        differences = compare_payouts(
            day,
            self._settlements.claims_paid_on(day),
            payouts,
            lambda numbers: self._transfers().transfers_for(day, numbers) if payouts else (),
        )
        found, new = self._keep(differences)
        return Reconciled(len(payouts), found, new)


class RecordSettlement(Protocol):
    """Keeps both sides of a day's payments, each once."""

    def claim_paid(self, claim: PaidClaim, at: datetime) -> bool: ...

    def payout_settled(self, payout: SettledPayout, at: datetime) -> bool: ...
