"""Deciding and acknowledging: two people for every human decision, in whatever order they click."""

import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, ClaimNotFoundError, Queue
from daycover.claims.decide import DecisionAmountError, DecisionBySamePersonError, Verdict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.notice import NoticeKind
from daycover.claims.steps import WaitStep
from tests.support.builders import WORKER
from tests.support.claims import insured
from tests.support.fakes.port import Crash
from tests.support.queues import queued
from tests.unit.claims.world import World

APPROVE = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
DECLINE = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外事故")


def test_decision_waits_for_a_second_person_when_an_adjuster_decides() -> None:
    world = World()
    claim = world.referred()
    world.open_step(claim.claim_no, WaitStep.DECISION)
    decided = world.decide("S1", claim.claim_no, APPROVE)
    assert (decided.status, decided.amount_fen, decided.round.decided_by) == (
        ClaimStatus.DECIDED,
        902_000,
        "S1",
    )
    assert world.workflows.answers == {"token-decision": {"decision": "APPROVED"}}
    assert queued(world.claims, Queue.DECISION) == []
    assert queued(world.claims, Queue.ACKNOWLEDGEMENT) == [decided]


def test_acknowledgement_is_refused_when_the_same_person_decided() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, APPROVE)
    for acknowledged in (True, False):
        with pytest.raises(DecisionBySamePersonError):
            world.acknowledge("S1", claim.claim_no, acknowledged, None)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.DECIDED


def test_decision_stands_when_another_person_acknowledges() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, APPROVE)
    world.open_step(claim.claim_no, WaitStep.ACKNOWLEDGEMENT)
    acknowledged = world.acknowledge("S2", claim.claim_no, True, None)
    assert (acknowledged.status, acknowledged.round.acknowledged_by) == (ClaimStatus.ACKNOWLEDGED, "S2")
    assert world.workflows.answers["token-acknowledgement"] == {"acknowledged": True, "decision": "APPROVED"}
    assert queued(world.claims, Queue.ACKNOWLEDGEMENT) == []


def test_claim_is_decided_anew_when_it_is_sent_back() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, DECLINE)
    world.open_step(claim.claim_no, WaitStep.ACKNOWLEDGEMENT)
    back = world.acknowledge("S2", claim.claim_no, False, "请补充调查")
    assert (back.status, back.decision, back.round.decided_by) == (
        ClaimStatus.IN_REVIEW,
        Decision.PENDING,
        None,
    )
    assert world.workflows.answers["token-acknowledgement"]["acknowledged"] is False
    assert queued(world.claims, Queue.DECISION) == [back]
    assert world.decide("S2", claim.claim_no, APPROVE).round.decided_by == "S2"
    assert [entry.event for entry in world.claims.history(claim.claim_no)][-3:] == [
        ClaimEvent.DECIDED,
        ClaimEvent.SENT_BACK,
        ClaimEvent.DECIDED,
    ]


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(Decision.PARTIAL, None, "OVER_STANDARD", "超标准"),
        Verdict(Decision.GOODWILL, None, "GOODWILL", "通融"),
        Verdict(Decision.APPROVED, 0, "WITHIN_TERMS", "零"),
        Verdict(Decision.DECLINED, 1, "NOT_AN_ACCIDENT", "非意外"),
        Verdict(Decision.NO_CLAIM, 1, "BELOW_DEDUCTIBLE", "免赔额内"),
        Verdict(Decision.APPROVED, 10**9, "WITHIN_TERMS", "过大"),
    ],
)
def test_decision_is_refused_when_the_amount_does_not_fit(verdict: Verdict) -> None:
    world = World()
    claim = world.referred()
    with pytest.raises(DecisionAmountError):
        world.decide("S1", claim.claim_no, verdict)


def test_ceiling_is_what_the_claimed_benefits_pay_together() -> None:
    world = World()
    computed = world.compute(world.referred())
    assert computed.most_fen == 3_000_000 + 180 * 10_000


def test_decision_is_refused_when_the_machine_is_still_at_work() -> None:
    world = World()
    claim = world.documented()
    with pytest.raises(ClaimStepClosedError):
        world.decide("S1", claim.claim_no, APPROVE)


@pytest.mark.parametrize("prepare", ["reported", "agreed"])
def test_staff_action_is_refused_when_the_step_is_not_open(prepare: str) -> None:
    world = World()
    claim: Claim = getattr(world, prepare)()
    with pytest.raises(ClaimStepClosedError):
        world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, 100, "WITHIN_TERMS", "r"))
    with pytest.raises(ClaimStepClosedError):
        world.acknowledge("S2", claim.claim_no, True, None)


def test_staff_action_is_refused_when_the_claim_is_unknown() -> None:
    world = World()
    with pytest.raises(ClaimNotFoundError):
        world.decide("S1", "CL0", APPROVE)
    with pytest.raises(ClaimNotFoundError):
        world.acknowledge("S1", "CL0", True, None)


def test_second_decision_is_refused_when_one_stands() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, APPROVE)
    with pytest.raises(ClaimStepClosedError):
        world.decide("S2", claim.claim_no, APPROVE)


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(6))
def test_workflow_learns_the_decision_when_the_first_click_is_cut_off(index: int, applied: bool) -> None:
    world = World()
    claim = world.referred()
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        world.decide("S1", claim.claim_no, APPROVE)
    except Crash:
        pass
    world.steps.calm()
    world.decide("S1", claim.claim_no, APPROVE)
    assert world.workflows.answers == {"token-decision": {"decision": "APPROVED"}}


def test_refusal_is_explained_before_it_closes() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, DECLINE)
    world.acknowledge("S2", claim.claim_no, True, None)
    with pytest.raises(ClaimStepClosedError):
        world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    noticed = world.follow.notify_refusal(claim.claim_no)
    (fact,) = noticed.round.notices
    assert (fact.kind, fact.made_at, fact.told_by) == (NoticeKind.REFUSAL, world.at, noticed.version)
    assert world.follow.notify_refusal(claim.claim_no) == noticed
    assert world.follow.close(claim.claim_no).status is ClaimStatus.CLOSED
    # whoever had no answer says it again, and the workflow was quicker
    again = world.acknowledge("S2", claim.claim_no, True, None)
    assert (again.status, again.round.acknowledged_by) == (ClaimStatus.CLOSED, "S2")
    with pytest.raises(ClaimStepClosedError):
        world.acknowledge("S3", claim.claim_no, True, None)


def test_claim_goes_back_to_a_person_when_the_worker_disputes() -> None:
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    world.open_step(claim.claim_no, WaitStep.AGREEMENT)
    disputed = world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, "少算了三天")
    assert disputed.status is ClaimStatus.DISPUTED
    assert world.workflows.answers["token-agreement"] == {"answer": "DISPUTED"}
    world.open_step(claim.claim_no, WaitStep.DECISION)
    resumed = world.claims.get(claim.claim_no)
    assert (resumed.status, resumed.round.referred_for) == (ClaimStatus.IN_REVIEW, ("DISPUTED",))
    assert queued(world.claims, Queue.DECISION) == [resumed]
    decided = world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, 388_000, "RECOUNTED", "补三天"))
    assert decided.amount_fen == 388_000


def test_answer_is_the_same_when_given_twice() -> None:
    world = World()
    claim = world.agreed()
    again = world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    assert again == claim
    with pytest.raises(ClaimStepClosedError):
        world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, None)


def test_answer_is_refused_when_the_claim_is_another_person_s() -> None:
    other = insured(worker_id="W2").model_copy(update={"person_id": "P2"})
    world = World(workers=(insured(), other))
    claim = world.documented()
    world.assess(claim.claim_no)
    with pytest.raises(ClaimNotFoundError):
        world.answer("W2", claim.claim_no, AnswerKind.ACCEPT, None)


def test_wait_ends_at_once_when_the_worker_answered_before_the_step() -> None:
    world = World()
    claim = world.agreed()
    world.open_step(claim.claim_no, WaitStep.AGREEMENT)
    assert world.workflows.answers == {"token-agreement": {"answer": "ACCEPTED"}}


@pytest.mark.parametrize("index", range(2))
def test_wait_ends_when_the_answer_arrives_in_the_middle_of_its_beginning(index: int) -> None:
    """The token is written before the claim is read, so that no moment is left in which both miss."""
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    world.steps.calm()

    def interrupt(_: str) -> None:
        if len(world.steps.calls) - 1 == index:
            world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    world.steps.before = interrupt
    world.open_step(claim.claim_no, WaitStep.AGREEMENT)
    assert world.workflows.answers == {"token-agreement": {"answer": "ACCEPTED"}}


def test_token_is_forgotten_when_the_step_is_over() -> None:
    world = World()
    claim = world.agreed()
    world.open_step(claim.claim_no, WaitStep.AGREEMENT)
    assert world.tokens.find(claim.claim_no, WaitStep.AGREEMENT) is None


def test_claim_stands_before_staff_when_its_workflow_breaks_down() -> None:
    world = World()
    claim = world.documented()
    failed = world.follow.record_failure(claim.claim_no, "AssessClaim")
    assert failed.attention is Attention.WORKFLOW_FAILED
    assert world.claims.history(claim.claim_no)[-1].reason_code == "AssessClaim"
    assert failed.status is ClaimStatus.IN_REVIEW
    assert queued(world.claims, Queue.DECISION) == [failed]
    assert world.follow.record_failure(claim.claim_no, "AssessClaim") == failed


def test_reminder_changes_nothing_but_the_history() -> None:
    world = World()
    claim = world.reported()
    reminded = world.follow.remind(claim.claim_no, WaitStep.DOCUMENTS)
    assert reminded.status is ClaimStatus.AWAITING_DOCS
    assert world.claims.history(claim.claim_no)[-1].reason_code == "DOCUMENTS"
