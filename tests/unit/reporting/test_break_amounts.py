"""What a break says of the two books, in fen; which days are read for it; and how much a run says it compared."""

import io
from datetime import timedelta

import pytest

from daycover.books.journal import entries_of_cover
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.roster import line_of
from daycover.reporting import sorting
from daycover.reporting.breaks import BreakKind, Difference
from daycover.reporting.reconciliation import LOOK_BACK, ReconciledDay
from daycover.reporting.rows import ReportState
from tests.support.builders import COMMISSION_BPS, NOW, a_policy
from tests.support.ledger import payout_entries
from tests.unit.reporting.test_break_kinds import SEEDS
from tests.unit.reporting.test_reconciliation import PAID_FEN, PAYOUT, TODAY, Books, policies

ALL_FEN = 5 * 70
"""Five policies of 70 fen."""
SAYS: dict[BreakKind, tuple[int | None, int | None]] = {
    BreakKind.JOURNAL_MISSING: (70, None),
    BreakKind.JOURNAL_AMOUNT: (90, 70),
    BreakKind.JOURNAL_ORPHAN: (None, 70),
    BreakKind.STATEMENT_MISSING: (ALL_FEN, None),
    BreakKind.STATEMENT_TOTAL: (ALL_FEN, ALL_FEN + 1),
    BreakKind.STATEMENT_LINE_MISSING: (70, None),
    BreakKind.STATEMENT_LINE_AMOUNT: (70, 69),
    BreakKind.STATEMENT_LINE_ORPHAN: (None, 70),
    BreakKind.REPORT_MISSING: (70, None),
    BreakKind.REPORT_DOUBLED: (None, 70),
    BreakKind.REPORT_AMOUNT: (70, 71),
    BreakKind.REPORT_ORPHAN: (None, 70),
    BreakKind.REPORT_REJECTED: (70, None),
    BreakKind.ACKNOWLEDGEMENT_MISSING: (70, None),
    BreakKind.FILE_MISSING: (ALL_FEN, None),
    BreakKind.FILE_REFUSED: (ALL_FEN, 1),
    BreakKind.PAYOUT_WITHOUT_CLAIM: (None, 500),
    BreakKind.CLAIM_PAID_WITHOUT_PAYOUT: (PAID_FEN, None),
    BreakKind.PAYOUT_AMOUNT: (PAID_FEN, 1),
    BreakKind.TRANSFER_MISSING: (PAID_FEN, None),
    BreakKind.TRANSFER_AMOUNT: (PAID_FEN, PAID_FEN - 1),
    BreakKind.ADVANCE_EXCEEDS_DECISION: (200, 500),
}
"""What policies or claims say, and what the other book does."""


def differences(books: Books) -> list[Difference]:
    return [item.difference for item in books.desk.breaks.items.values()]


@pytest.mark.parametrize("kind", SAYS)
def test_break_says_whose_it_is_and_what_each_book_says(kind: BreakKind) -> None:
    books = Books(policies(5))
    SEEDS[kind](books)
    books.reconcile(send_file=not kind.startswith("FILE_"))
    (found,) = (difference for difference in differences(books) if difference.kind is kind)
    assert (found.expected_fen, found.found_fen) == SAYS[kind]
    assert (found.company_id, found.day) == ("C1", TODAY)


def test_refused_row_and_file_keep_the_insurer_s_own_reason() -> None:
    books = Books(policies(5))
    subject = SEEDS[BreakKind.FILE_REFUSED](books)
    key = ("C1", TODAY, f"{books.policies[0].policy_no}-ISSUED")
    rejected = {"state": ReportState.REJECTED, "reason": "PLAN_UNKNOWN"}
    books.desk.reports.reports[key] = books.desk.reports.reports[key].model_copy(update=rejected)
    books.reconcile(send_file=False)
    assert {(found.subject, found.detail) for found in differences(books)} == {
        (subject, "HASH_DIFFERS"),
        (key[2], "PLAN_UNKNOWN"),
    }


def test_claim_without_a_decided_amount_counts_as_nothing() -> None:
    """It was declined after an advance, or marked as paid with no sum."""
    books = Books(policies(1))
    books.claim_paid(0, event="CLOSED", claim_amount_fen=None, advance_excess_fen=300)
    (key,) = (key for key, of in books.desk.reports.reports.items() if of.row.claim_event == "PAID")
    report = books.desk.reports.reports[key]
    no_sum = report.row.model_copy(update={"claim_amount_fen": None})
    books.desk.reports.reports[key] = report.model_copy(update={"row": no_sum})
    books.reconcile()
    assert {(found.kind, found.expected_fen, found.found_fen) for found in differences(books)} == {
        (BreakKind.ADVANCE_EXCEEDS_DECISION, None, 300),
        (BreakKind.PAYOUT_AMOUNT, 0, PAID_FEN),
    }


def test_company_without_anything_has_no_break_though_others_had_a_day() -> None:
    assert Books(policies(3)).run("C2") == ReconciledDay(0, 0, 0, 0)


def test_run_says_how_much_it_compared_and_what_is_new() -> None:
    books = Books(policies(5))
    books.desk.send_file("C1", TODAY)
    assert books.run("C1") == ReconciledDay(policies=5, payouts=1, breaks=0, new_breaks=0)
    books.money = {}
    SEEDS[BreakKind.JOURNAL_MISSING](books)
    assert books.run("C1") == ReconciledDay(policies=5, payouts=1, breaks=2, new_breaks=2)
    SEEDS[BreakKind.PAYOUT_WITHOUT_CLAIM](books)
    books.money = {}
    again = books.run("C1")
    assert again == ReconciledDay(policies=5, payouts=2, breaks=4, new_breaks=2)


def test_books_are_compared_the_same_when_they_do_not_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows fill what is held, so that the rest lies in the scratch files, which are closed at the end."""
    monkeypatch.setattr(sorting, "ROWS_A_RUN", 2)
    files: list[io.BytesIO] = []

    def scratch() -> io.BytesIO:
        files.append(io.BytesIO())
        return files[-1]

    books = Books(policies(5))
    lost = SEEDS[BreakKind.JOURNAL_MISSING](books)
    books.scratch = scratch
    assert books.reconcile() == {"JOURNAL_MISSING": [lost]}
    assert files
    assert all(file.closed for file in files)


def ended(days_ago: int, refund_fen: int = 35) -> Policy:
    """Issued so many days ago, and ended today."""
    ending = Ending(at=NOW, by="staff", actor="s", reason=EndReason.NO_CONSENT, refund_fen=refund_fen)
    policy = a_policy(NOW - timedelta(days=days_ago))
    return policy.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ending})


@pytest.mark.parametrize("days_ago", range(LOOK_BACK + 2))
def test_ending_is_one_event_of_its_day_however_old_the_policy_is(days_ago: int) -> None:
    """Beside it stand two policies of the day; the ended one's own issue counts where it was today."""
    books = Books([ended(days_ago), *policies(2)])
    books.desk.send_file("C1", TODAY)
    done = books.run("C1")
    assert (done.policies, done.breaks) == (2 + 1 + (days_ago == 0), 0)


@pytest.mark.parametrize("days_ago", range(1, LOOK_BACK + 1))
def test_ending_is_measured_by_the_policy_when_its_line_is_read(days_ago: int) -> None:
    """The journal gave 30 fen back where the policy says 35."""
    policy = ended(days_ago)
    books = Books([policy, *policies(2)])
    mine = {policy.policy_no}
    books.entries = [entry for entry in books.entries if entry.source_id not in mine]
    books.entries += entries_of_cover(line_of(ended(days_ago, 30)), NOW, COMMISSION_BPS)
    books.bill()
    books.reconcile()
    (found,) = differences(books)
    assert (found.kind, found.subject) == (BreakKind.JOURNAL_AMOUNT, f"{policy.policy_no}-VOIDED")
    assert (found.expected_fen, found.found_fen) == (-35, -30)


def test_line_of_another_company_is_no_business_of_this_one() -> None:
    books = Books(policies(2))
    stranger = a_policy(person_id=books.policies[0].person_id, sequence=9, company_id="C2")
    books.lines[stranger.policy_no] = line_of(stranger)
    assert books.reconcile() == {}


def test_claim_paid_just_after_midnight_meets_its_payout_of_just_before() -> None:
    """The transfer is yesterday's, and was compared then."""
    books = Books(policies(1))
    books.entries = [entry for entry in books.entries if entry.source_id != PAYOUT]
    books.entries += payout_entries(PAYOUT, PAID_FEN, at=NOW - timedelta(days=1))
    books.money = {}
    assert books.reconcile() == {}
    books.entries = [entry for entry in books.entries if entry.source_id != PAYOUT]
    books.entries += payout_entries(PAYOUT, PAID_FEN, at=NOW - timedelta(days=2))
    assert books.reconcile() == {"CLAIM_PAID_WITHOUT_PAYOUT": [PAYOUT]}, "two days are no midnight"
