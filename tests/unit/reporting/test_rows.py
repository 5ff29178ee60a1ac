"""Reporting to the insurer: every row comes to an answer or a break, whatever is lost, late or repeated."""

import json
import random
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.reporting.daily_file import FileAnswer, FileState
from daycover.reporting.rows import (
    InsurerRetryError,
    InsurerUnknownError,
    ReportKind,
    ReportRow,
    ReportState,
    RowAnswer,
    RowState,
    claim_row,
    rows_of,
)
from tests.support.builders import NOW, a_policy
from tests.support.fakes.port import Crash
from tests.unit.reporting.insurer_world import Desk

TODAY = date(2026, 11, 24)


def rows(count: int) -> list[ReportRow]:
    return [row for number in range(count) for row in rows_of(a_policy(sequence=number + 1))]


def a_voided_policy() -> Policy:
    ended = Ending(
        at=NOW + timedelta(days=1), by="staff", actor="s-1", reason=EndReason.NO_CONSENT, refund_fen=70
    )
    return a_policy(status=PolicyStatus.VOIDED, ended=ended)


def test_rows_are_issue_and_ending_each_on_its_own_day_when_a_policy_has_ended() -> None:
    issued, voided = rows_of(a_voided_policy())
    assert (issued.kind, issued.amount_fen, issued.day) == (ReportKind.ISSUED, 70, TODAY)
    assert (voided.kind, voided.amount_fen, voided.day) == (ReportKind.VOIDED, -70, date(2026, 11, 25))
    assert issued == rows_of(a_policy())[0]
    assert voided.issued_on == TODAY


def test_row_ids_fit_the_interface_when_made() -> None:
    claim = claim_row(
        claim_no="CL" + "0" * 24,
        version=3,
        event="PAID",
        policy_no="DC",
        company_id="C1",
        at=NOW,
        amount_fen=5,
    )
    assert all(len(row.row_id) <= 64 for row in [*rows_of(a_voided_policy()), claim])
    assert claim.amount_fen == 0


def test_rows_are_acknowledged_in_batches_when_reported() -> None:
    desk = Desk()
    sent = desk.report(rows(250))
    assert (sent.acknowledged, sent.rejected, sent.unanswered) == (250, 0, 0)
    assert desk.insurer.calls == 3
    assert not desk.reports.silent


def test_nothing_is_sent_again_when_the_same_messages_come_twice() -> None:
    desk = Desk()
    desk.report(rows(3))
    assert desk.report(rows(3)) == (0, 0, 0)
    assert desk.insurer.calls == 1


def test_rejection_is_a_visible_break_when_the_insurer_refuses_a_row() -> None:
    desk = Desk()
    bad = rows(3)[1]
    desk.insurer.verdict = lambda row: RowState.REJECTED if row == bad else RowState.ACKNOWLEDGED
    desk.insurer.reasons[bad.row_id] = "NOT_INSURABLE"
    assert desk.report(rows(3)).rejected == 1
    assert desk.state(bad) is ReportState.REJECTED
    (found,) = desk.breaks.items.values()
    assert (found.difference.kind, found.difference.detail) == ("REPORT_REJECTED", "NOT_INSURABLE")
    assert (found.owner, found.difference.subject) == ("REPORTING", bad.row_id)


def test_one_bad_row_does_not_hold_up_the_others_when_a_batch_is_refused() -> None:
    desk = Desk()
    bad = rows(100)[37]
    desk.insurer.malformed = {bad.row_id}
    sent = desk.report(rows(100))
    assert (sent.acknowledged, sent.rejected) == (99, 1)
    assert desk.insurer.calls < 20
    assert desk.breaks.kinds() == {"REPORT_REJECTED": 1}


def test_rows_come_again_when_nothing_reached_the_insurer() -> None:
    desk = Desk()
    desk.insurer.before = [InsurerRetryError()]
    with pytest.raises(InsurerRetryError):
        desk.report(rows(2))
    assert desk.state(rows(1)[0]) is ReportState.REPORTED
    assert desk.report(rows(2)).acknowledged == 2


@pytest.mark.parametrize("arrived", [True, False])
def test_silence_is_resolved_under_the_same_id_when_the_reply_is_lost(arrived: bool) -> None:
    desk = Desk()
    faults = desk.insurer.after if arrived else desk.insurer.before
    faults.append(InsurerUnknownError())
    assert desk.report(rows(3)).unanswered == 3
    assert desk.query().acknowledged == 0  # too early to ask
    desk.now.advance(minutes=6)
    assert desk.query().acknowledged == 3
    assert set(desk.insurer.rows) == {row.row_id for row in rows(3)}
    assert not desk.reports.silent
    assert not desk.breaks.items


def test_late_answer_counts_once_when_it_comes_by_callback_and_by_question() -> None:
    desk = Desk()
    desk.insurer.verdict = lambda row: RowState.PENDING
    (row,) = rows(1)
    desk.report([row])
    acknowledged = RowAnswer(row.row_id, RowState.ACKNOWLEDGED)
    assert desk.take([acknowledged]).acknowledged == 1
    assert desk.take([acknowledged, RowAnswer(row.row_id, RowState.REJECTED, "LATER")]) == (0, 0, 0)
    assert desk.take([RowAnswer("of-somebody-else", RowState.REJECTED)]) == (0, 0, 0)
    desk.now.advance(hours=30)
    assert desk.query() == (0, 0, 0)
    assert desk.state(row) is ReportState.ACKNOWLEDGED
    assert not desk.breaks.items


def test_row_becomes_a_break_and_is_still_asked_about_when_a_day_goes_by() -> None:
    desk = Desk()
    desk.insurer.verdict = lambda row: RowState.PENDING
    (row,) = rows(1)
    desk.report([row])
    desk.now.advance(hours=25)
    for _ in range(3):
        assert desk.query().unanswered == 1
    assert desk.breaks.kinds() == {"ACKNOWLEDGEMENT_MISSING": 1}
    desk.insurer.rows[row.row_id] = RowState.ACKNOWLEDGED
    assert desk.query().acknowledged == 1
    assert desk.breaks.kinds() == {"ACKNOWLEDGEMENT_MISSING": 1}  # a person closes it, nobody else


def test_taken_rows_of_two_companies_are_one_write_each_and_the_others_a_write_of_their_own() -> None:
    desk = Desk()
    wanted = rows(6)
    wanted[1] = wanted[1].model_copy(update={"company_id": "C2"})
    bad, silent = wanted[2], wanted[3]
    desk.insurer.verdict = lambda row: {
        bad.row_id: RowState.REJECTED,
        silent.row_id: RowState.PENDING,
    }.get(row.row_id, RowState.ACKNOWLEDGED)
    written: list[str] = []
    for name in ("announce", "acknowledge", "answer", "wait", "settle"):
        _watch(desk.reports, name, written)
    desk.report(wanted)
    assert written == ["announce"] * 6 + ["acknowledge", "answer", "wait"]
    assert [desk.state(row) for row in wanted] == [
        ReportState.ACKNOWLEDGED,
        ReportState.ACKNOWLEDGED,
        ReportState.REJECTED,
        ReportState.REPORTED,
        ReportState.ACKNOWLEDGED,
        ReportState.ACKNOWLEDGED,
    ]
    assert desk.reports.silent.keys() == {silent.row_id}


def test_rows_are_settled_one_by_one_when_a_run_died_between_their_sending_and_its_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Until the message comes again they are REPORTED: nobody says that the insurer has them."""
    desk = Desk()
    with monkeypatch.context() as dying:
        dying.setattr(desk.reports, "acknowledge", _die)
        with pytest.raises(Crash):
            desk.report(rows(2))
    assert {desk.state(row) for row in rows(2)} == {ReportState.REPORTED}
    desk.now.advance(minutes=1)
    assert desk.report(rows(3)).acknowledged == 3
    assert {desk.state(row) for row in rows(3)} == {ReportState.ACKNOWLEDGED}


def _die(*_: Any) -> None:
    raise Crash


def _watch(port: Any, name: str, written: list[str]) -> None:
    method = getattr(port, name)

    def watched(*arguments: Any) -> Any:
        written.append(name)
        return method(*arguments)

    setattr(port, name, watched)


def test_state_is_the_same_when_messages_replies_and_answers_come_in_any_order() -> None:
    wanted = {row.row_id for row in rows(40)}
    states: set[tuple[tuple[str, str], ...]] = set()
    for seed in range(5):
        desk, dice = Desk(), random.Random(seed)
        desk.insurer.verdict = lambda row: (
            RowState.REJECTED if row.row_id.endswith("7-ISSUED") else RowState.ACKNOWLEDGED
        )
        messages = rows(40) * 3
        dice.shuffle(messages)
        for start in range(0, len(messages), 7):
            desk.insurer.after = [InsurerUnknownError()] if dice.random() < 0.4 else []
            desk.report(messages[start : start + 7])
        desk.insurer.after = []
        desk.now.advance(minutes=6)
        desk.query()
        answers = [RowAnswer(row_id, RowState.ACKNOWLEDGED) for row_id in wanted]
        desk.take(answers)
        reports = desk.reports.of_day("C1", TODAY)
        states.add(tuple((report.row.row_id, report.state.value) for report in reports))
        assert not desk.reports.silent
    assert len(states) == 1
    assert {row_id for row_id, _ in states.pop()} == wanted


def test_file_carries_its_control_figures_when_sent() -> None:
    desk = Desk()
    desk.report([*rows(3), *rows_of(a_voided_policy())])
    file, answer = desk.send_file("C1", TODAY)
    content = desk.files.contents[file.file_id]
    parsed = [json.loads(line) for line in content.splitlines()]
    assert (file.count, file.sum_fen) == (len(parsed), sum(row["amount_fen"] for row in parsed)) == (3, 210)
    assert file.sha256 == sha256(content).hexdigest()
    assert answer == FileAnswer(FileState.ACKNOWLEDGED, 3, 210)


def test_same_file_is_announced_once_when_run_again_and_anew_when_rows_came_late() -> None:
    desk = Desk()
    desk.report(rows(2))
    first = desk.send_file("C1", TODAY)
    assert desk.send_file("C1", TODAY) == first
    assert len(desk.insurer.files) == 1
    desk.report(rows(3))
    assert desk.send_file("C1", TODAY)[0].file_id != first[0].file_id


def test_file_is_announced_again_when_the_reply_is_lost() -> None:
    desk = Desk()
    desk.report(rows(2))
    desk.insurer.after = [InsurerUnknownError()]
    with pytest.raises(InsurerUnknownError):
        desk.send_file("C1", TODAY)
    latest = desk.files.latest("C1", TODAY)
    assert latest is not None
    assert latest[1].state is FileState.ANNOUNCED
    file, answer = desk.send_file("C1", TODAY)
    assert answer.state is FileState.ACKNOWLEDGED
    assert [sent.file_id for sent in desk.insurer.files] == [file.file_id] * 2


def test_acknowledgement_counts_for_nothing_when_its_figures_differ() -> None:
    desk = Desk()
    desk.report(rows(2))
    desk.insurer.file_answer = lambda file: FileAnswer(FileState.ACKNOWLEDGED, file.count, file.sum_fen + 1)
    _, answer = desk.send_file("C1", TODAY)
    assert (answer.state, answer.reason) == (FileState.REFUSED, "FIGURES_DIFFER")
