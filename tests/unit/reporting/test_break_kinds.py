"""Every kind of break that the code knows: one of each is seeded, found, named, and given to whoever must look."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from daycover.books.journal import entries_of_cover
from daycover.cover.roster import line_of
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import Payout, PayoutState
from daycover.payouts.reconcile import FaultKind, LineKind, Movement, ReconcileMoney
from daycover.payouts.transfer import Channel
from daycover.reporting.breaks import BreakKind, BreakOwner
from daycover.reporting.daily_file import FileAnswer, FileState
from daycover.reporting.money import KeepMoneyFaults
from daycover.reporting.rows import RowState, rows_of
from tests.support.builders import COMMISSION_BPS, NOW
from tests.support.ledger import payout_entries
from tests.unit.reporting.test_reconciliation import CLAIM, PAID_FEN, PAYOUT, TODAY, Books, policies

Seed = Callable[[Books], str]
"""Spoils one book and gives the subject that the break must name."""


def without_journal(books: Books) -> str:
    lost = books.policies[2].policy_no
    books.entries = [entry for entry in books.entries if entry.source_id != lost]
    books.bill()
    return f"{lost}-ISSUED"


def journal_amount(books: Books) -> str:
    """The policy itself says another premium; the insurer was told the journal's."""
    policy = books.policies[1]
    books.lines[policy.policy_no] = line_of(policy.model_copy(update={"premium_fen": 90}))
    return f"{policy.policy_no}-ISSUED"


def journal_orphan(books: Books) -> str:
    gone = books.policies[3].policy_no
    del books.lines[gone]
    return f"{gone}-ISSUED"


def no_statement(books: Books) -> str:
    books.statement = None
    return "C1"


def wrong_total(books: Books) -> str:
    assert books.statement is not None
    books.statement = books.statement.model_copy(update={"premium_fen": books.statement.premium_fen + 1})
    return "C1/1"


def lost_line(books: Books) -> str:
    assert books.billed is not None
    return books.billed.pop(1).policy_no


def changed_line(books: Books) -> str:
    assert books.billed is not None
    books.billed[2] = books.billed[2].model_copy(update={"premium_fen": 69})
    return books.billed[2].policy_no


def invented_line(books: Books) -> str:
    """The statement bills a policy that no entry of the journal knows."""
    assert books.billed is not None
    (stranger,) = policies(31)[30:]
    books.billed.append(books.billed[0].model_copy(update={"policy_no": stranger.policy_no}))
    return stranger.policy_no


def unreported(books: Books) -> str:
    (row,) = rows_of(books.policies[1])
    del books.desk.reports.reports["C1", TODAY, row.row_id]
    return row.row_id


def reported_twice(books: Books) -> str:
    (row,) = rows_of(books.policies[1])
    books.desk.report([row.model_copy(update={"row_id": row.row_id + "-2"})])
    return row.row_id + "-2"


def reported_wrong(books: Books) -> str:
    return _rewritten(books, amount_fen=71)


def reported_orphan(books: Books) -> str:
    (stranger,) = policies(31)[30:]
    (row,) = rows_of(stranger)
    books.desk.report([row])
    return row.row_id


def _rewritten(books: Books, **changes: Any) -> str:
    (row,) = rows_of(books.policies[1])
    key = ("C1", TODAY, row.row_id)
    report = books.desk.reports.reports[key]
    changed = report.row.model_copy(update=changes)
    books.desk.reports.reports[key] = report.model_copy(update={"row": changed})
    return row.row_id


def _answered(books: Books, state: RowState) -> str:
    (policy,) = policies(12)[11:]
    books.lines[policy.policy_no] = line_of(policy)
    books.entries += entries_of_cover(line_of(policy), NOW, COMMISSION_BPS)
    books.bill()
    books.desk.insurer.verdict = lambda row: state
    books.desk.report(rows_of(policy))
    return f"{policy.policy_no}-ISSUED"


def refused_file(books: Books) -> str:
    books.desk.insurer.file_answer = lambda file: FileAnswer(FileState.REFUSED, 3, 1, "HASH_DIFFERS")
    file, _ = books.desk.send_file("C1", TODAY)
    return file.file_id


def unsent_file(books: Books) -> str:
    """The insurer was told and never answered for it."""
    books.desk.insurer.file_answer = lambda file: FileAnswer(FileState.ANNOUNCED)
    file, _ = books.desk.send_file("C1", TODAY)
    return file.file_id


def payout_without_claim(books: Books) -> str:
    other = "CL" + "1" * 24 + "P1"
    books.entries += payout_entries(other, 500)
    books.money[other] = 500
    return other


def claim_without_payout(books: Books) -> str:
    books.entries = [entry for entry in books.entries if entry.source_id != PAYOUT]
    return PAYOUT


def payout_amount(books: Books) -> str:
    books.entries = [entry for entry in books.entries if entry.kind != "PAYOUT_SUCCEEDED"]
    books.entries += [e for e in payout_entries(PAYOUT, 1) if e.kind == "PAYOUT_SUCCEEDED"]
    books.money = {PAYOUT: 1}
    return PAYOUT


def no_movement(books: Books) -> str:
    books.money = {}
    return PAYOUT


def other_movement(books: Books) -> str:
    books.money = {PAYOUT: PAID_FEN - 1}
    return PAYOUT


class _File:
    """One channel's file, and the only payout that there is."""

    def __init__(self, line: Movement, state: PayoutState) -> None:
        self._line = line
        self.payout = Payout(
            payout_id=PAYOUT, claim_no=CLAIM, obligation=1, round=0, company_id="C", project_id="P",
            worker_id="W", amount_fen=PAID_FEN, created_at=NOW, channel=Channel.WALLET, state=state,
        )  # fmt: skip

    def of_day(self, day: date) -> list[Movement]:
        return [self._line]

    def find(self, payout_id: str) -> Payout | None:
        return self.payout if payout_id == PAYOUT else None

    def confirm(self, payout_id: str) -> Outcome:
        """Ask about a payout that came to its end without paying."""
        assert (payout_id, self.payout.state) == (PAYOUT, PayoutState.FAILED)
        return Outcome.FAILED

    def note(self, channel: Channel, day: date, movements: Sequence[Movement]) -> None:
        """Nothing looks it up here."""

    def finish(self, channel: Channel, day: date, count: int, left_fen: int) -> None:
        """Nothing asks for it here."""


def _reconciled(books: Books, line: Movement, state: PayoutState) -> str:
    file: Any = _File(line, state)
    run = ReconcileMoney(
        channel=Channel.WALLET,
        files=lambda: file,
        payouts=file,
        pay=file,
        noted=file,
        keep_faults=KeepMoneyFaults(keep=books.desk.keep),
    )
    assert run(TODAY).new_breaks == 1
    assert run(TODAY).new_breaks == 0, "the same movement is the same break"
    return line.reference


def unknown_movement(books: Books) -> str:
    return _reconciled(books, Movement(LineKind.OUT, "CL9P1", "1330", 5), PayoutState.SUCCEEDED)


def unposted_movement(books: Books) -> str:
    return _reconciled(books, Movement(LineKind.OUT, PAYOUT, "1330", PAID_FEN), PayoutState.FAILED)


def unreadable_line(books: Books) -> str:
    return _reconciled(books, Movement(LineKind.UNREADABLE, "LINE-3", "", 0), PayoutState.SUCCEEDED)


def advanced_too_much(books: Books) -> str:
    books.claim_paid(200, event="CLOSED", advance_excess_fen=300)
    return CLAIM


SEEDS: dict[BreakKind, Seed] = {
    BreakKind.JOURNAL_MISSING: without_journal,
    BreakKind.JOURNAL_AMOUNT: journal_amount,
    BreakKind.JOURNAL_ORPHAN: journal_orphan,
    BreakKind.STATEMENT_MISSING: no_statement,
    BreakKind.STATEMENT_TOTAL: wrong_total,
    BreakKind.STATEMENT_LINE_MISSING: lost_line,
    BreakKind.STATEMENT_LINE_AMOUNT: changed_line,
    BreakKind.STATEMENT_LINE_ORPHAN: invented_line,
    BreakKind.REPORT_MISSING: unreported,
    BreakKind.REPORT_DOUBLED: reported_twice,
    BreakKind.REPORT_AMOUNT: reported_wrong,
    BreakKind.REPORT_ORPHAN: reported_orphan,
    BreakKind.REPORT_REJECTED: lambda books: _answered(books, RowState.REJECTED),
    BreakKind.ACKNOWLEDGEMENT_MISSING: lambda books: _answered(books, RowState.PENDING),
    BreakKind.FILE_MISSING: unsent_file,
    BreakKind.FILE_REFUSED: refused_file,
    BreakKind.PAYOUT_WITHOUT_CLAIM: payout_without_claim,
    BreakKind.CLAIM_PAID_WITHOUT_PAYOUT: claim_without_payout,
    BreakKind.PAYOUT_AMOUNT: payout_amount,
    BreakKind.TRANSFER_MISSING: no_movement,
    BreakKind.TRANSFER_AMOUNT: other_movement,
    BreakKind.TRANSFER_ORPHAN: unknown_movement,
    BreakKind.TRANSFER_UNPOSTED: unposted_movement,
    BreakKind.TRANSFER_UNREADABLE: unreadable_line,
    BreakKind.ADVANCE_EXCEEDS_DECISION: advanced_too_much,
}
ALSO: dict[BreakKind, set[str]] = {
    # who changes a policy or a statement's lines changes what other books are measured by
    BreakKind.JOURNAL_AMOUNT: {"REPORT_AMOUNT"},
    BreakKind.JOURNAL_ORPHAN: {"REPORT_ORPHAN"},
    BreakKind.STATEMENT_LINE_MISSING: {"STATEMENT_TOTAL"},
    BreakKind.STATEMENT_LINE_AMOUNT: {"STATEMENT_TOTAL"},
    BreakKind.STATEMENT_LINE_ORPHAN: {"STATEMENT_TOTAL"},
}


@pytest.mark.parametrize("kind", SEEDS)
def test_break_is_found_and_named_when_one_of_its_kind_is_seeded(kind: BreakKind) -> None:
    books = Books(policies(5))
    subject = SEEDS[kind](books)
    sends_file = not kind.startswith("FILE_")
    found = books.reconcile(send_file=sends_file)
    assert found[kind.value] == [subject]
    assert set(found) == {kind.value} | ALSO.get(kind, set())
    owners = {item.owner for item in books.desk.breaks.items.values() if item.difference.kind is kind}
    assert len(owners) == 1
    assert owners <= set(BreakOwner)


def test_no_kind_is_without_a_seed_when_the_code_knows_it() -> None:
    assert set(SEEDS) == set(BreakKind)
    assert {kind.value for kind in FaultKind} <= {kind.value for kind in BreakKind}
