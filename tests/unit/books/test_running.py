"""A running day's sums agree with the close, and a large day is told from them alone."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daycover.books import read_statement
from daycover.books.journal import Entry, entries_of_cover
from daycover.books.running import running_statement
from daycover.books.sums import sums_of
from daycover.china_time import china_day
from daycover.cover.policy import Ending, EndReason, PolicyStatus
from daycover.cover.roster import CoverLine, line_of
from tests.support.builders import NOW, a_policy
from tests.unit.books.desk import Desk

TODAY = china_day(NOW)
KNOWN_WHEN_CLOSED = {
    "projects",
    "corrected",
    "claims_paid_fen",
    "claims",
    "outstanding_fen",
    "funds_paid",
    "payable_fen",
    "collected_fen",
    "remittable_fen",
    "issued_at",
    "revision",
    "sha256",
    "fewer_than_three",
}
ENDINGS = (
    (None, 0),
    (PolicyStatus.CANCELLED, 70),
    (PolicyStatus.TERMINATED, 30),
    (PolicyStatus.VOIDED, 70),
)


def lines_of_policy(number: int, days_ago: int, ending: int) -> list[CoverLine]:
    """The line, and its ending if it has one, today."""
    policy = a_policy(NOW - timedelta(days=days_ago), sequence=number, occupation_class=1 + number % 3)
    status, refund_fen = ENDINGS[ending]
    if status is None:
        return [line_of(policy)]
    over = Ending(at=NOW, by="staff", actor="s-1", reason=EndReason.NO_CONSENT, refund_fen=refund_fen)
    return [line_of(policy), line_of(policy.model_copy(update={"status": status, "ended": over}))]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), max_size=12), st.integers(1, 5))
@example([(0, 0), (0, 0), (0, 0), (1, 1)], 4)  # a premium and a correction of one class that come to nothing
def test_sums_are_those_of_the_close_when_policies_come_late_and_end_in_any_way(
    facts: list[tuple[int, int]], batch: int
) -> None:
    """Of yesterday's those that end today were posted yesterday, the others are late."""
    desk = Desk(NOW - timedelta(days=1))
    records: list[CoverLine] = []
    for number, (ago, ending) in enumerate(facts, 1):
        first, *over = lines_of_policy(number, ago, ending)
        if ago and over:
            desk.take_in(first)
        else:
            records.append(first)
        records += over
    desk.now.at = NOW
    for start in range(0, len(records), batch):
        desk.take_in(*records[start : start + batch])
    desk.take_in(*records)  # the whole stream again: nothing is counted twice
    running = running_statement("C1", TODAY, desk.credit.sums("C1", TODAY), NOW, 10)
    desk.now.at = NOW + timedelta(days=1)
    closed = desk.close("C1", TODAY)
    expected, found = (one.model_dump(exclude=KNOWN_WHEN_CLOSED) for one in (closed, running))
    for told in (expected, found):
        told["classes"] = [one for one in told["classes"] if one["policies"] or one["premium_fen"]]
    assert found == expected


def test_large_running_day_is_told_without_reading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_statement, "MOST_SUMMED", 5)
    monkeypatch.setattr(read_statement, "SHOWN_LINES", 3)
    desk = Desk(NOW)
    desk.take_in(*(line_of(a_policy(sequence=number)) for number in range(1, 9)))
    desk.take_in(replace_company(line_of(a_policy(sequence=20)), "C2"))
    desk.steps.calm()
    statement, _, lines, link, _ = desk.read("C1", TODAY)
    assert (statement.lines, statement.policies, statement.premium_fen) == (8, 8, 560)
    assert (len(lines), link) == (3, None)
    assert "journal.of_statement" not in desk.steps.calls
    assert desk.read("C2", TODAY).statement.projects != ()  # a small day is summed from its entries


def replace_company(line: CoverLine, company_id: str) -> CoverLine:
    return line.model_copy(update={"company_id": company_id})


def test_batch_that_dies_before_its_sums_is_made_good_by_the_close() -> None:
    desk = Desk(NOW)
    desk.book.record(line_of(a_policy()))
    desk.restart()  # the process is gone before its batch ends
    desk.take_in(line_of(a_policy()), line_of(a_policy(sequence=2)))
    assert desk.credit.sums("C1", TODAY)["lines"] == 1
    desk.now.at = NOW + timedelta(days=1)
    assert desk.close("C1", TODAY).policies == 2


def test_entries_of_no_policy_add_nothing_when_they_stand_between_others() -> None:
    posted = [entry for n in (1, 2) for entry in entries_of_cover(lines_of_policy(n, 0, 0)[0], NOW, 2_000)]
    other = Entry.model_validate(posted[0].model_dump() | {"source_id": "claim", "cover": None})
    assert sums_of([posted[0], other, posted[1]]) == sums_of(posted)
    assert sums_of([other]) == {}


@pytest.mark.parametrize(("kept_fen", "policies"), [(0, None), (1, 1), (2, 1)])
def test_policy_counts_when_a_fen_of_its_premium_is_kept(kept_fen: int, policies: int | None) -> None:
    policy = a_policy(sequence=1)
    over = Ending(
        at=NOW,
        by="worker",
        actor="w",
        reason=EndReason.CONSENT_WITHDRAWN,
        refund_fen=policy.premium_fen - kept_fen,
    )
    ended = line_of(policy.model_copy(update={"status": PolicyStatus.TERMINATED, "ended": over}))
    sums = sums_of(entries_of_cover(ended, NOW, 2_000))
    assert sums.get("policies") == policies
    assert sums.get("premium_fen", 0) == kept_fen
