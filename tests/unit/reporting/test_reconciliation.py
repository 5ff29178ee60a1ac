"""Reconciliation: a seeded break of each kind is found and named, once; a clean day has none."""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.books.journal import Entry, entries_of_cover
from daycover.books.statement import Statement, draw_up
from daycover.books.statement_line import StatementLine, lines_of
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.roster import CoverLine, line_of
from daycover.reporting.breaks import (
    BreakKind,
    BreakOwner,
    BreakResolvedError,
    CountOverdue,
    Resolution,
    ResolveBreak,
    owner_of,
)
from daycover.reporting.daily_file import FileAnswer, FileState
from daycover.reporting.reconciliation import Day, ReconcileCompany, ReconciledDay, compare_journal
from daycover.reporting.rows import RowState, claim_row, rows_of
from tests.support.builders import COMMISSION_BPS, NOW, a_policy
from tests.support.ledger import payout_entries
from tests.unit.reporting.insurer_world import Desk

TODAY = date(2026, 11, 24)
CLAIM, PAYOUT = "CL" + "0" * 24, "CL" + "0" * 24 + "P1"
PAID_FEN = 80_000


class Books:
    """One company's day, told the same way in every book; a test then spoils one of them."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.desk = Desk()
        self.scratch: Callable[[], io.BytesIO] = io.BytesIO
        self.policies = list(policies)
        self.lines = {line.policy_no: line for line in map(line_of, self.policies)}
        self.entries: list[Entry] = [
            entry for line in self.lines.values() for entry in entries_of_cover(line, NOW, COMMISSION_BPS)
        ]
        self.money = {PAYOUT: PAID_FEN}
        self.entries += payout_entries(PAYOUT, PAID_FEN)
        self.desk.report([row for policy in self.policies for row in rows_of(policy)])
        self.claim_paid()
        self.billed: list[StatementLine] | None = None
        self.statement: Statement | None = None
        self.bill()

    def claim_paid(self, fen: int = PAID_FEN, **changes: Any) -> None:
        row = claim_row(
            claim_no=CLAIM,
            version=9,
            event="PAID",
            policy_no=self.policies[0].policy_no,
            company_id="C1",
            at=NOW,
            amount_fen=fen,
            payout_id=PAYOUT,
        )
        changes |= {"row_id": f"{CLAIM}-{changes['event']}"} if "event" in changes else {}
        row = row.model_copy(update={"claim_event": changes.pop("event", row.claim_event)} | changes)
        self.desk.report([row])

    def advanced(self, number: str, fen: int) -> None:
        """An advance that the journal and WeChat know of."""
        self.entries += payout_entries(number, fen)
        self.money[number] = fen

    def bill(self) -> None:
        entries = sorted(self.of_statement("C1", TODAY), key=lambda entry: entry.source_id)
        self.billed = list(lines_of(entries))
        self.statement = draw_up("C1", TODAY, entries, (), NOW)

    def of_day(self, company_id: str, day: date) -> list[Entry]:
        return [entry for entry in self.entries if (entry.company_id, entry.day) == (company_id, day)]

    def of_statement(self, company_id: str, day: date) -> list[Entry]:
        key = (company_id, day)
        return [entry for entry in self.entries if (entry.company_id, entry.statement_day) == key]

    def latest(self, company_id: str, day: date) -> Statement | None:
        return self.statement if company_id == "C1" else None

    def lines_of(self, statement: Statement) -> list[StatementLine]:
        return (self.billed or []) if statement is self.statement else []

    def moved(self, payout_ids: Iterable[str], day: date) -> dict[str, int]:
        return {number: self.money[number] for number in payout_ids if number in self.money and day == TODAY}

    def reconcile(self, *, send_file: bool = True) -> dict[str, list[str]]:
        """Give the subjects of the breaks by kind."""
        if send_file:
            self.desk.send_file("C1", TODAY)
        self.run("C1")
        again = self.run("C1")
        assert again.new_breaks == 0
        found: dict[str, list[str]] = {}
        for item in self.desk.breaks.items.values():
            found.setdefault(item.difference.kind.value, []).append(item.difference.subject)
        return found

    def run(self, company_id: str) -> ReconciledDay:
        run = ReconcileCompany(
            scratch=self.scratch,
            lines=_OfDay(list(self.lines.values())),  # type: ignore[arg-type]
            ledger=self,
            statements=_Bound(self),
            reports=self.desk.reports,
            files=self.desk.files,
            money=self,
            keep=self.desk.keep,
        )
        return run(company_id, TODAY)


class _Bound:
    def __init__(self, books: Books) -> None:
        self._books = books

    def latest(self, company_id: str, day: date) -> Statement | None:
        return self._books.latest(company_id, day)

    def lines(self, statement: Statement) -> list[StatementLine]:
        return self._books.lines_of(statement)

    def each_line(self, statement: Statement) -> Iterator[StatementLine]:
        return iter(self.lines(statement))


class _OfDay:
    """Cover lines by day, without the fake's locking: the reconciliation reads nothing else."""

    def __init__(self, lines: list[CoverLine]) -> None:
        self._lines = lines

    def of_day(self, company_id: str, day: date) -> list[CoverLine]:
        return [line for line in self._lines if (line.company_id, line.day) == (company_id, day)]


def policies(count: int) -> list[Policy]:
    return [a_policy(person_id=crockford.encode(number + 1, 20)) for number in range(count)]


def cancelled(policy: Policy, refund_fen: int = 70) -> Policy:
    ended = Ending(at=NOW, by="worker", actor="w", reason=EndReason.MISTAKE, refund_fen=refund_fen)
    return policy.model_copy(update={"status": PolicyStatus.CANCELLED, "ended": ended})


@pytest.fixture
def books() -> Books:
    first, *others = policies(5)
    return Books([cancelled(first), *others])


def test_clean_day_has_no_break_when_every_book_agrees(books: Books) -> None:
    assert books.reconcile() == {}


def test_missing_journal_line_is_found_and_named(books: Books) -> None:
    lost = books.policies[2].policy_no
    books.entries = [entry for entry in books.entries if entry.source_id != lost]
    books.bill()
    assert books.reconcile() == {"JOURNAL_MISSING": [f"{lost}-ISSUED"]}


def test_wrong_and_orphaned_journal_lines_are_found_and_named(books: Books) -> None:
    spoilt, gone = books.policies[1], books.policies[3]
    books.lines[spoilt.policy_no] = line_of(spoilt.model_copy(update={"premium_fen": 90}))
    del books.lines[gone.policy_no]
    found = books.reconcile()
    assert found["JOURNAL_AMOUNT"] == [f"{spoilt.policy_no}-ISSUED"]
    assert found["JOURNAL_ORPHAN"] == [f"{gone.policy_no}-ISSUED"]
    assert found["REPORT_AMOUNT"] == [f"{spoilt.policy_no}-ISSUED"]
    assert found["REPORT_ORPHAN"] == [f"{gone.policy_no}-ISSUED"]


def test_doubled_report_is_found_and_named(books: Books) -> None:
    (row,) = rows_of(books.policies[1])
    books.desk.report([row.model_copy(update={"row_id": row.row_id + "-2"})])
    assert books.reconcile() == {"REPORT_DOUBLED": [row.row_id + "-2"]}


def test_missing_report_is_found_and_named(books: Books) -> None:
    (row,) = rows_of(books.policies[1])
    del books.desk.reports.reports["C1", TODAY, row.row_id]
    assert books.reconcile() == {"REPORT_MISSING": [row.row_id]}


def test_missing_acknowledgement_and_rejection_are_found_and_named(books: Books) -> None:
    silent, refused = policies(12)[10:]
    books.lines |= {policy.policy_no: line_of(policy) for policy in (silent, refused)}
    books.entries += [e for p in (silent, refused) for e in entries_of_cover(line_of(p), NOW, COMMISSION_BPS)]
    books.bill()
    verdicts = {silent.policy_no: RowState.PENDING, refused.policy_no: RowState.REJECTED}
    books.desk.insurer.verdict = lambda row: verdicts[row.policy_no]
    books.desk.report([*rows_of(silent), *rows_of(refused)])
    assert books.reconcile() == {
        "ACKNOWLEDGEMENT_MISSING": [f"{silent.policy_no}-ISSUED"],
        "REPORT_REJECTED": [f"{refused.policy_no}-ISSUED"],
    }


def test_statement_is_found_wrong_when_total_line_or_all_of_it_is(books: Books) -> None:
    assert books.statement is not None
    assert books.billed is not None
    books.statement = books.statement.model_copy(update={"premium_fen": books.statement.premium_fen + 1})
    assert books.reconcile() == {"STATEMENT_TOTAL": ["C1/1"]}
    lost, changed = books.billed[1].policy_no, books.billed[2].policy_no
    books.billed[2] = books.billed[2].model_copy(update={"premium_fen": 69})
    del books.billed[1]
    found = books.reconcile()
    assert found["STATEMENT_LINE_MISSING"] == [lost]
    assert found["STATEMENT_LINE_AMOUNT"] == [changed]
    books.statement = None
    assert books.reconcile()["STATEMENT_MISSING"] == ["C1"]


def test_file_is_a_break_when_refused_or_never_sent(books: Books) -> None:
    assert books.reconcile(send_file=False) == {"FILE_MISSING": ["C1"]}
    books.desk.insurer.file_answer = lambda file: FileAnswer(FileState.REFUSED, 3, 1, "HASH_DIFFERS")
    found = books.reconcile()
    assert len(found["FILE_REFUSED"]) == 1


def test_payout_without_claim_is_found_and_named(books: Books) -> None:
    other = "CL" + "1" * 24 + "P1"
    books.entries += payout_entries(other, 500)
    books.money[other] = 500
    assert books.reconcile() == {"PAYOUT_WITHOUT_CLAIM": [other]}


def test_claim_and_its_advance_are_two_payments_when_both_are_paid_on_a_day(books: Books) -> None:
    books.advanced(f"{CLAIM}A1R2", 500)
    books.claim_paid(500, event="ADVANCE_PAID", advance=1, payout_id=f"{CLAIM}A1R2")
    assert books.reconcile() == {}


def test_shares_of_a_death_claim_are_payments_of_their_own_when_they_arrive_on_two_days(books: Books) -> None:
    books.advanced(f"{CLAIM}P2", 500)
    books.claim_paid(500, event="SHARE_PAID", payout_id=f"{CLAIM}P2")
    assert books.reconcile() == {}, "the last share paid the claim, the first one half of it"
    del books.desk.reports.reports["C1", TODAY, f"{CLAIM}-SHARE_PAID"]
    assert books.reconcile() == {"PAYOUT_WITHOUT_CLAIM": [f"{CLAIM}P2"]}


def test_advance_is_found_and_named_when_one_side_lacks_it(books: Books) -> None:
    books.advanced(f"{CLAIM}A1", 500)
    books.claim_paid(700, event="ADVANCE_PAID", advance=2, payout_id=f"{CLAIM}A2")
    assert books.reconcile() == {
        "PAYOUT_WITHOUT_CLAIM": [f"{CLAIM}A1"],
        "CLAIM_PAID_WITHOUT_PAYOUT": [f"{CLAIM}A2"],
    }


def test_advance_beyond_the_decision_is_named_for_finance_when_the_claim_is_over(books: Books) -> None:
    books.claim_paid(200, event="CLOSED", advance_excess_fen=300)
    assert books.reconcile() == {"ADVANCE_EXCEEDS_DECISION": [CLAIM]}
    (item,) = books.desk.breaks.items.values()
    assert owner_of(item.difference.kind) is BreakOwner.FINANCE
    assert (item.difference.expected_fen, item.difference.found_fen) == (200, 500)


def test_claim_paid_without_payout_is_found_and_named(books: Books) -> None:
    books.entries = [entry for entry in books.entries if entry.source_id != PAYOUT]
    assert books.reconcile() == {"CLAIM_PAID_WITHOUT_PAYOUT": [PAYOUT]}


def test_transfer_is_found_missing_or_different_when_the_wallet_says_so(books: Books) -> None:
    books.money = {}
    assert books.reconcile() == {"TRANSFER_MISSING": [PAYOUT]}
    books.money = {PAYOUT: PAID_FEN - 1}
    assert books.reconcile()["TRANSFER_AMOUNT"] == [PAYOUT]


def test_amounts_of_claim_and_payout_are_compared_when_both_are_there() -> None:
    books = Books(policies(1))
    entry = next(entry for entry in books.entries if entry.kind == "PAYOUT_SUCCEEDED")
    books.entries.remove(entry)
    books.entries += [e for e in payout_entries(PAYOUT, 1) if e.kind == "PAYOUT_SUCCEEDED"]
    books.money = {PAYOUT: 1}
    assert books.reconcile() == {"PAYOUT_AMOUNT": [PAYOUT]}


def test_payout_just_before_midnight_is_no_break_when_its_claim_is_paid_just_after() -> None:
    books = Books(policies(1))
    key = next(key for key in books.desk.reports.reports if key[2].startswith("CL"))
    report = books.desk.reports.reports.pop(key)
    moved = report.row.model_copy(update={"day": TODAY + timedelta(days=1)})
    books.desk.reports.reports["C1", moved.day, moved.row_id] = report.model_copy(update={"row": moved})
    assert books.reconcile() == {}


def test_policy_voided_long_after_is_measured_by_the_journal_when_its_line_is_not_read() -> None:
    old = a_policy(NOW - timedelta(days=30))
    ended = Ending(at=NOW, by="staff", actor="s", reason=EndReason.NO_CONSENT, refund_fen=70)
    voided = old.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ended})
    books = Books([voided, *policies(2)])
    assert books.reconcile() == {}
    del books.desk.reports.reports["C1", TODAY, f"{voided.policy_no}-VOIDED"]
    assert books.reconcile() == {"REPORT_MISSING": [f"{voided.policy_no}-VOIDED"]}


def test_break_keeps_its_age_and_resolution_when_found_again(books: Books) -> None:
    books.money = {}
    books.reconcile()
    (item,) = books.desk.breaks.items.values()
    books.desk.now.advance(hours=30)
    assert item.age(books.desk.now()) == timedelta(hours=30)
    resolve = ResolveBreak(breaks=books.desk.breaks, now=books.desk.now)
    resolved = resolve("f-1", item.break_id, Resolution.CORRECTED, "REV-1")
    books.desk.now.advance(hours=30)
    assert resolve("f-2", item.break_id, Resolution.CORRECTED, "REV-1") == resolved
    with pytest.raises(BreakResolvedError):
        resolve("f-2", item.break_id, Resolution.ACCEPTED, "REV-1")
    books.reconcile()
    assert books.desk.breaks.items[item.break_id] == resolved
    assert resolved.age(books.desk.now()) == timedelta(hours=30)


def test_overdue_breaks_are_counted_when_a_day_has_passed_and_they_are_open(books: Books) -> None:
    books.money = {}
    books.reconcile()
    count = CountOverdue(breaks=books.desk.breaks, now=books.desk.now)
    assert count() == 0
    books.desk.now.advance(hours=24)
    assert count() == 1
    (item,) = books.desk.breaks.items.values()
    ResolveBreak(breaks=books.desk.breaks, now=books.desk.now)(
        "f-1", item.break_id, Resolution.CORRECTED, "REV-1"
    )
    assert count() == 0


def test_cost_grows_with_the_policies_when_ten_thousand_are_compared() -> None:
    books = Books(policies(10_000))
    lost = books.policies[4_321].policy_no
    books.entries = [entry for entry in books.entries if entry.source_id != lost]
    books.bill()
    assert books.reconcile() == {"JOURNAL_MISSING": [f"{lost}-ISSUED"]}
    assert books.desk.insurer.calls <= 10_000 // 100 + 3


def test_two_books_are_compared_in_one_pass_of_each() -> None:
    """Nothing is remembered of what was compared: two subjects that do not meet are told at once."""
    told = []

    def book(name: str, *numbers: int) -> Iterator[tuple[str, int]]:
        for number in numbers:
            told.append(f"{name}{number}")
            yield f"{number:03}", 70

    found = compare_journal(Day("C1", TODAY), book("e", 1, 2, 4, 5), book("p", 1, 3, 4, 6))
    assert (next(found).subject, next(found).subject) == ("002", "003")
    assert "e5" not in told
    assert [difference.kind for difference in found] == [BreakKind.JOURNAL_MISSING, BreakKind.JOURNAL_ORPHAN]
