"""An advance on the real stores: what its insured, staff, the journal and the insurer come to see of it."""

import json
from typing import Any

import pytest

from daycover.books.journal import Account
from daycover.china_time import china_day
from daycover.claims.answer import AnswerKind
from daycover.claims.decide import Verdict
from daycover.claims.lifecycle import Decision
from daycover.payouts.payout import payout_number
from daycover.platform.config import Config
from daycover.reporting.reconciliation import claims_of, payouts_of
from daycover.reporting.rows import Report, ReportState
from daycover.store import keys
from daycover.store.journal import StoredJournal
from daycover.store.reports import ClaimRows
from tests.functional.claims.aws import operations_table
from tests.functional.claims.stage import Stage, body_of
from tests.support.builders import WORKER
from tests.support.functions import event_file
from tests.support.ledger import balances

PART_FEN, DECIDED_FEN = 500_000, 902_000


def closed_with_an_advance(stage: Stage, decided_fen: int) -> str:
    claim_no = stage.advance_confirmed().claim_no
    pay = stage.payouts.pay_obligation
    pay.post(payout_number(claim_no, 1))
    verdict = Verdict(Decision.PARTIAL, decided_fen, "WITHIN_TERMS", "单据齐全")
    stage.claims.decide_claim("adjuster-1", claim_no, verdict)
    stage.claims.acknowledge_decision("senior-1", claim_no, True, None)
    stage.claims.answer_claim(WORKER, claim_no, AnswerKind.ACCEPT, None)
    reserved = pay.reserve(claim_no)
    if reserved.payout_id is not None:
        pay.submit(reserved.payout_id)
        stage.adapters.wallet_transfers.finish(reserved.payout_id)
        pay.confirm(reserved.payout_id)
        pay.post(reserved.payout_id)
    stage.claims.follow_claim.close(claim_no)
    return claim_no


def rows_of_history(claim_no: str) -> list[Report]:
    """The rows that the stream of the history makes."""
    table = operations_table()
    key = keys.claim_history(claim_no, 1)
    items = table.query_all(key.pk, "HISTORY#", strong=True)
    rows = [ClaimRows(table).row_of(dict(item)) for item in items]
    return [Report(row=row, state=ReportState.ACKNOWLEDGED, reported_at=row.at) for row in rows]


def held_fen(stage: Stage) -> int:
    """What the policy's limits were taken of."""
    policy_no = stage.policy.policy_no
    return stage.adapters.exposures.find([policy_no])[policy_no].held.fen


def test_books_and_insurer_tell_one_story_when_an_advance_and_the_rest_are_paid(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    claim_no = closed_with_an_advance(stage, DECIDED_FEN)
    entries = list(StoredJournal(operations_table()).of_day(stage.policy.company_id, china_day(stage.at)))
    posted = payouts_of(entries)
    assert posted == {
        payout_number(claim_no, 1): PART_FEN,
        payout_number(claim_no, 2): DECIDED_FEN - PART_FEN,
    }
    assert balances(entries)[Account.CLAIMS_PAID] == DECIDED_FEN
    assert balances(entries)[Account.PAYOUT_IN_FLIGHT] == 0
    assert claims_of(rows_of_history(claim_no)) == posted
    assert stage.adapters.wallet_transfers.paid_fen == DECIDED_FEN
    assert {row.row.advance_excess_fen for row in rows_of_history(claim_no)} == {None}
    assert held_fen(stage) == DECIDED_FEN


def test_insurer_and_finance_see_the_difference_when_the_advance_exceeds_the_decision(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    claim_no = closed_with_an_advance(stage, 200_000)
    excess = {r.row.claim_event: r.row.advance_excess_fen for r in rows_of_history(claim_no)}
    assert excess["CLOSED"] == PART_FEN - 200_000
    assert stage.adapters.wallet_transfers.paid_fen == PART_FEN
    body = view_of(stage, "list_staff_claims", "file.200")
    assert body["advance_excess_fen"] == PART_FEN - 200_000
    [told] = body["rounds"]
    assert [(line["number"], line["state"]) for line in told["advances"]] == [(1, "PAID")]
    owed = [
        (line["number"], line["advance"], line["amount_fen"], line["state"]) for line in told["obligations"]
    ]
    assert owed == [(1, 1, PART_FEN, "PAID")], "the decision owes nothing beside it"
    assert held_fen(stage) == PART_FEN, "the policy paid more than was decided"


def view_of(stage: Stage, function: str, case: str) -> Any:
    given = json.loads(event_file(function, case).read_text(encoding="utf-8"))
    return body_of(stage.invoke(function, given))


def test_insured_reads_the_advance_once_it_is_acknowledged(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    claim_no = stage.advance_stated().claim_no
    assert view_of(stage, "read_claims", "one.200")["advances"] == []
    stage.claims.acknowledge_advance("senior-1", claim_no, 1, True, None)
    stage.payouts.pay_obligation.reserve(claim_no, advance=1)
    stage.payouts.pay_obligation.submit(payout_number(claim_no, 1))
    claim = view_of(stage, "read_claims", "one.200")
    assert claim["status"] == "IN_REVIEW"
    assert claim["advanced_fen"] == PART_FEN
    [advance] = claim["advances"]
    assert advance["state"] == "PAYING"
    merchant = stage.adapters.merchant
    opens = {"mch_id": merchant.mchid, "app_id": merchant.appid, "package": "package"}
    assert advance["payout"]["confirmation"] == opens, "what the app hands to WeChat"
    assert "stated_by" not in advance
    assert [line["event"] for line in claim["timeline"]][-2:] == ["ADVANCE_ACKNOWLEDGED", "ADVANCE_RESERVED"]
    assert claim["timeline"][-1]["moved_fen"] == PART_FEN


def test_queue_of_advances_names_claim_due_time_and_advance(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    claim = stage.advance_stated()
    [line] = view_of(stage, "list_staff_claims", "advance_queue.200")["claims"]
    assert (line["claim_no"], line["advances"][0]["state"]) == (claim.claim_no, "STATED")
    assert claim.advance_since is not None
    assert line["due_at"] == claim.advance_since.isoformat().replace("+00:00", "Z")
