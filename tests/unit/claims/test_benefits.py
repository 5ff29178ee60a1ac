"""Benefits are added until the decision; what the machine has not looked at it does not approve."""

import pytest

from daycover.api.claims.worker import claim_view
from daycover.claims.answer import AnswerKind
from daycover.claims.benefits import BENEFITS_ADDED, BenefitsClosedError
from daycover.claims.claim import Actor, Claim, ClaimNotFoundError
from daycover.claims.decide import ExposureMovedError, Verdict
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.lifecycle import ADDING, ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.loss_notice import NoticeStatus
from tests.support.builders import PERSON, WORKER
from tests.support.claims import TOE, a_report, insured
from tests.unit.claims.test_representative import ACCOUNTS, STRANGER
from tests.unit.claims.world import World

FOUR = (ClaimType.MEDICAL, ClaimType.HOSPITAL, ClaimType.LOST_INCOME, ClaimType.DISABILITY)
_S = ClaimStatus


def test_statuses_before_the_decision_take_benefits() -> None:
    assert {
        _S.REGISTERED, _S.AWAITING_DOCS, _S.IN_REVIEW, _S.AWAITING_SUPPLEMENT, _S.INVESTIGATING, _S.DISPUTED,
        _S.REOPENED,
    } == ADDING  # fmt: skip


def test_checklist_grows_and_the_union_stands_when_benefits_are_added() -> None:
    world = World()
    claim = world.documented()
    for _ in range(2):
        world.add_benefits.for_account(WORKER, claim.claim_no, [ClaimType.DISABILITY, ClaimType.MEDICAL])
    view = claim_view(world.read.my_file(WORKER, claim.claim_no))
    assert view.claim_types == tuple(sorted({*TOE, ClaimType.DISABILITY}))
    assert view.missing == [DocumentType.DISABILITY_APPRAISAL]
    events = [entry.event for entry in world.claims.history(claim.claim_no)]
    assert events.count(ClaimEvent.BENEFITS_ADDED) == 1


def test_person_decides_when_benefits_are_added_before_the_machine_looks() -> None:
    world = World()
    claim = world.documented()
    world.add_benefits.for_staff("intake-1", claim.claim_no, [ClaimType.AMBULANCE])
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    assert BENEFITS_ADDED in world.claims.get(claim.claim_no).round.referred_for


def test_machine_looks_again_when_benefits_are_added_while_it_assesses() -> None:
    """Between its read and its write: the condition on the version is all that keeps it from approving."""
    world = World()
    claim = world.documented()
    world.verify(claim.claim_no)

    def claimant(name: str) -> None:
        if name == "claims.save":
            world.steps.calm()
            world.add_benefits.for_account(WORKER, claim.claim_no, [ClaimType.LOST_INCOME])

    world.steps.before = claimant
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.decision) == (_S.IN_REVIEW, Decision.PENDING)
    assert ClaimType.LOST_INCOME in stored.claim_types
    assert stored.assessment is not None
    assert {line.claim_type for line in stored.assessment.lines} == set(stored.claim_types)


def test_adjuster_sees_it_computed_anew_when_benefits_are_added_after_the_assessment() -> None:
    world = World()
    claim = world.referred()
    world.add_benefits.for_account(WORKER, claim.claim_no, [ClaimType.LOST_INCOME])
    verdict = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
    with pytest.raises(ExposureMovedError):
        world.decide("adjuster-1", claim.claim_no, verdict)
    assessment = world.claims.get(claim.claim_no).assessment
    assert assessment is not None
    assert ClaimType.LOST_INCOME in {line.claim_type for line in assessment.lines}
    assert world.decide("adjuster-1", claim.claim_no, verdict).status is _S.DECIDED


@pytest.mark.parametrize("acknowledged", [False, True])
def test_reopening_is_named_when_the_claim_is_decided(acknowledged: bool) -> None:
    world = World()
    claim = world.referred()
    verdict = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
    world.decide("adjuster-1", claim.claim_no, verdict)
    if acknowledged:
        world.acknowledge("senior-1", claim.claim_no, True, None)
    with pytest.raises(BenefitsClosedError):
        world.add_benefits.for_account(WORKER, claim.claim_no, [ClaimType.DISABILITY])
    with pytest.raises(BenefitsClosedError):
        world.add_benefits.for_staff("intake-1", claim.claim_no, [ClaimType.DISABILITY])
    world.add_benefits.for_staff("intake-1", claim.claim_no, TOE)  # nothing new
    assert "重新开案" in BenefitsClosedError.detail[0]


def test_benefits_come_with_the_reopening_when_the_claim_is_over() -> None:
    world = World()
    claim = world.reported()
    world.own.withdraw(WORKER, claim.claim_no, "放弃")
    reopened = world.review.reopen(
        "adjuster-1", claim.claim_no, "NEW_EVIDENCE", "伤残", (ClaimType.DISABILITY,)
    )
    assert reopened.claim_types == tuple(sorted({*TOE, ClaimType.DISABILITY}))


def test_stranger_adds_nothing() -> None:
    world = World(workers=ACCOUNTS)
    claim = world.reported()
    with pytest.raises(ClaimNotFoundError):
        world.add_benefits.for_account(STRANGER, claim.claim_no, [ClaimType.DISABILITY])


# ---- a second report of the same accident


def by_the_foreman(world: World) -> Claim:
    report = a_report(claim_types=(ClaimType.MEDICAL,))
    claim = world.report.for_another("company", "C1", PERSON, report, company_id="C1").claim
    assert claim is not None
    return claim


def test_benefits_unite_when_foreman_and_worker_report() -> None:
    world = World()
    claim = by_the_foreman(world)
    again = world.report(WORKER, a_report(claim_types=FOUR))
    assert again.claim is not None
    assert (again.claim.claim_no, again.is_new) == (claim.claim_no, False)
    assert again.claim.claim_types == tuple(sorted(FOUR))
    assert again.claim.reporters == (Actor.worker(WORKER),)
    once_more = world.report(WORKER, a_report(claim_types=FOUR)).claim
    assert once_more == again.claim  # a repetition changes nothing
    wider = world.report(WORKER, a_report(claim_types=(ClaimType.AMBULANCE,))).claim
    assert wider is not None
    assert ClaimType.AMBULANCE in wider.claim_types
    assert wider.reporters == (Actor.worker(WORKER),)


def test_report_waits_for_a_person_when_it_claims_more_than_was_decided() -> None:
    world = World()
    claim = world.agreed()
    world.report(WORKER, a_report(claim_types=TOE))
    assert world.notices.waiting() == []  # nothing new
    late = world.report(WORKER, a_report(claim_types=FOUR))
    assert (late.claim, late.notice is not None) == (None, True)
    assert late.notice is not None
    assert late.notice.status is NoticeStatus.UNMATCHED
    with pytest.raises(ClaimStepClosedError):
        world.report.match("intake-1", late.notice.report_no, claim.policy.policy_no)
    assert world.claims.get(claim.claim_no).claim_types == claim.claim_types


def test_decision_stands_when_the_answer_meets_an_addition() -> None:
    """A claimant who accepts the amount and adds a benefit at the same moment: one of the two is told."""
    world = World(workers=(insured(),))
    claim = world.documented()
    assert world.assess(claim.claim_no).outcome == "AUTO_APPROVED"

    def other(name: str) -> None:
        if name == "claims.save":
            world.steps.calm()
            with pytest.raises(BenefitsClosedError):
                world.add_benefits.for_account(WORKER, claim.claim_no, [ClaimType.DISABILITY])

    world.steps.before = other
    assert world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None).status is _S.AGREED
