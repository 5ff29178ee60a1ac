"""What the worker reads of a claim, and what only staff do."""

from datetime import timedelta
from typing import NamedTuple

from daycover.api.claims.file import claim_file_view
from daycover.api.claims.queues import queue_view
from daycover.api.claims.worker import ClaimView, TransferConfirmation, claim_view, worker_summary
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Claim, Queue
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentStatus, DocumentType, Need
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.payouts.payout import payout_number
from tests.support.builders import WORKER
from tests.support.claims import a_report
from tests.unit.claims.world import World


class Payer(NamedTuple):
    mchid: str
    appid: str


PAYER = Payer("1900000109", "wx8888888888888888")

DECLINE = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "旧伤,不属于意外事故")


def seen(world: World, claim: Claim) -> ClaimView:
    return claim_view(world.read.my_file(WORKER, claim.claim_no))


def test_decision_is_hidden_when_nobody_acknowledged_it() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, DECLINE)
    view = seen(world, claim)
    assert (view.status, view.decision, view.amount_fen) == (ClaimStatus.IN_REVIEW, Decision.PENDING, None)
    assert view.assessment is None
    assert "旧伤" not in view.model_dump_json()
    assert worker_summary(world.claims.get(claim.claim_no)).decision is Decision.PENDING
    assert claim_file_view(world.read.file(claim.claim_no)).decision is Decision.DECLINED


def test_refusal_names_its_reason_when_it_is_announced() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, DECLINE)
    world.acknowledge("S2", claim.claim_no, True, "复核无误")
    world.follow.notify_refusal(claim.claim_no)
    view = seen(world, claim)
    line = view.timeline[-1]
    assert (line.event, line.reason_code) == (ClaimEvent.REFUSAL_NOTICE_ISSUED, "NOT_AN_ACCIDENT")
    assert line.reason == DECLINE.reason
    assert view.assessment is not None
    (notice,) = view.notices
    assert notice.reason == DECLINE.reason
    assert notice.text is not None
    assert DECLINE.reason in notice.text
    assert "复核无误" not in view.model_dump_json(), "what the second person wrote stays inside"


def test_assessment_is_explained_line_by_line_when_approved() -> None:
    world = World()
    claim = world.agreed()
    view = seen(world, claim)
    assert view.assessment is not None
    assert [line.amount_fen for line in view.assessment.lines] == [248_000, 110_000]
    assert all(str(line.explanation).endswith("。") for line in view.assessment.lines)
    assert view.clocks.payment_due_at is not None


def test_checklist_shows_what_is_missing_when_documents_arrive() -> None:
    world = World()
    claim = world.reported()
    world.send(claim, DocumentType.DIAGNOSIS)
    view = seen(world, claim)
    shown = {line.doc_type: line.status for line in view.documents}
    assert shown[DocumentType.DIAGNOSIS] is DocumentStatus.RECEIVED
    assert shown[DocumentType.MEDICAL_RECORD] is DocumentStatus.REQUIRED
    automatic = [line for line in view.documents if line.need is Need.AUTOMATIC]
    assert automatic
    assert all(line.status is DocumentStatus.ACCEPTED for line in automatic)
    assert DocumentType.DIAGNOSIS not in view.missing


def test_what_opens_the_confirmation_is_shown_while_the_worker_must_confirm() -> None:
    world = World()
    claim = world.agreed()
    payout_id = payout_number(claim.claim_no, 1)
    assert seen(world, claim).payout is None
    world.pay.reserve(claim.claim_no)
    world.pay.submit(payout_id)
    payout = seen(world, claim).payout
    assert payout is not None
    assert (payout.state, payout.amount_fen) == ("SUBMITTED", 358_000)
    assert payout.confirmation is None, "who asks without the merchant gets no page to open"
    file = world.read.my_file(WORKER, claim.claim_no)
    payout = claim_view(file, lambda: PAYER).payout
    assert payout is not None
    assert payout.confirmation == TransferConfirmation(
        mch_id=PAYER.mchid, app_id=PAYER.appid, package="package"
    )


def test_clocks_stop_when_the_claim_is_paid() -> None:
    world = World()
    claim = world.agreed()
    payout_id = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(payout_id)
    world.bank.finish(payout_id)
    world.pay.confirm(payout_id)
    world.pay.post(payout_id)
    clocks = seen(world, claim).clocks
    assert clocks.payment_due_at is clocks.service_level_due_at is clocks.adjudication_due_at is None


def test_no_health_data_is_shown_when_claims_are_listed() -> None:
    world = World()
    world.referred()
    world.report(WORKER, a_report(policy_no="mistyped"))
    lists = [queue_view(queue, world.queues.page(queue)).model_dump_json() for queue in Queue]
    lists += [worker_summary(claim).model_dump_json() for claim in world.read.mine(WORKER).claims]
    assert all(word not in text for text in lists for word in ("脚趾", "骨折", "分拣线", "王小明"))
    assert "ABOVE_LIMIT" in lists[0]


def test_file_holds_everything_when_staff_open_it() -> None:
    world = World()
    claim = world.referred()
    file = claim_file_view(world.read.file(claim.claim_no))
    assert (file.queue, file.referred_for) == ("DECISION", ("ABOVE_LIMIT", "FIRST_CLAIM"))
    assert file.assessment is not None
    assert file.accident.injury == "右脚拇趾骨折"
    assert len(file.files) == 5
    assert [line.event for line in file.history] == [
        ClaimEvent.REGISTERED,
        ClaimEvent.CHECKLIST_SENT,
        ClaimEvent.PAPERS_RECEIVED,
        ClaimEvent.DOCUMENTS_COMPLETED,
        ClaimEvent.SHEET_FILLED,
        ClaimEvent.REFERRED,
    ]
    assert file.history[0].by == f"WORKER:{WORKER}"
    assert file.policy.sum_insured_fen == 30_000_000


def test_papers_are_read_in_the_order_in_which_they_came() -> None:
    """Their ids are random: by those, another paper would be the first of every claim."""
    world = World()
    claim = world.referred()
    known = world.documents.list_of(claim.claim_no)[0]
    late, early = (known.announced_at + timedelta(minutes=minutes) for minutes in (9, 8))
    world.documents.announce(known.model_copy(update={"document_id": f"D{'0' * 24}", "announced_at": late}))
    world.documents.announce(known.model_copy(update={"document_id": f"D{'f' * 24}", "announced_at": early}))
    for read in (world.read.file(claim.claim_no), world.read.my_file(WORKER, claim.claim_no)):
        assert [document.document_id[1] for document in read.documents[-2:]] == ["f", "0"]


def test_dispute_is_in_the_worker_s_own_words_when_they_read_it() -> None:
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, "少算了三天")
    assert seen(world, claim).timeline[-1].reason == "少算了三天"
