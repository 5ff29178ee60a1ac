"""Separate consents at the claim: what needs one, what stops without it, and what goes on."""

from datetime import timedelta

import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Actor, Claim, ClaimNotFoundError, Queue
from daycover.claims.consents import (
    CLAIM_TEXTS,
    WITHOUT_HEALTH_DATA,
    Accepted,
    ClaimConsentKind,
    ClaimConsentMissingError,
    ConsentWay,
    FaceConsentMissingError,
    HealthConsentWithdrawnError,
    consent_for,
    standing,
    wanted,
)
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.evidence import DayFacts
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.looks import LegalGround, LookAtClaims, Looker
from daycover.claims.report import LossReport
from daycover.identity.consent import ConsentTextChangedError
from daycover.payouts.payout import payout_number
from daycover.payouts.transfer import BankAccount
from tests.support.builders import PERSON, WORKER
from tests.support.claims import ACCIDENT_AT, a_report, accepted, an_announcement, receipt_facts
from tests.support.fakes.claims import FakeLooks
from tests.support.queues import queued
from tests.unit.claims.world import World

HEALTH, BANK, FACE = ClaimConsentKind.HEALTH_DATA, ClaimConsentKind.BANK_ACCOUNT, ClaimConsentKind.FACE
ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
ADJUSTER = Looker("adjuster-1", ("adjuster",), "r-1", in_clear=True)


def bare(world: World) -> Claim:
    """A claim that was reported without any consent."""
    return world.reported(consents=())


@pytest.mark.parametrize("text", CLAIM_TEXTS, ids=lambda text: text.kind)
def test_text_says_all_that_the_law_asks_when_read(text: object) -> None:
    words = str(getattr(text, "text"))  # noqa: B009
    for needed in ("单独同意", "平安产险", "95511", "必要性", "对我的影响", "撤回", "不影响您报案"):
        assert needed in words
    assert len({one.sha256 for one in CLAIM_TEXTS}) == len(ClaimConsentKind)


def test_every_paper_needs_health_consent_but_those_of_identity_account_and_relation() -> None:
    free = {doc_type for doc_type in DocumentType if consent_for(doc_type) is None}
    assert free == WITHOUT_HEALTH_DATA - {DocumentType.PAYEE_ACCOUNT}
    assert consent_for(DocumentType.PAYEE_ACCOUNT) is BANK
    assert consent_for(DocumentType.INJURY_PHOTO) is consent_for(DocumentType.INVOICE) is HEALTH


def test_report_stands_and_says_what_is_wanted_when_nothing_is_consented_to() -> None:
    claim = bare(World())
    assert [text.kind for text in wanted(claim.consents)] == list(ClaimConsentKind)


def test_outdated_text_holds_up_no_report() -> None:
    world = World()
    report = a_report().model_copy(
        update={"consents": (Accepted(HEALTH, "0" * 64, world.at), *accepted(FACE))}
    )
    claim = world.report(WORKER, report).claim
    assert claim is not None
    assert [consent.kind for consent in claim.consents] == [FACE]


@pytest.mark.parametrize(
    "doc_type", [DocumentType.DIAGNOSIS, DocumentType.INJURY_PHOTO, DocumentType.PAYEE_ACCOUNT]
)
def test_paper_is_not_taken_when_its_consent_is_missing(doc_type: DocumentType) -> None:
    world = World()
    claim = bare(world)
    with pytest.raises(ClaimConsentMissingError) as refusal:
        world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement(doc_type))
    kind = consent_for(doc_type)
    assert kind is not None
    assert refusal.value.facts == {"consent": kind.value}
    assert world.documents.list_of(claim.claim_no) == []
    world.consents.give(WORKER, claim.claim_no, accepted(kind))
    world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement(doc_type))


def test_paper_of_relation_is_taken_without_consent() -> None:
    world = World()
    world.collect.announce(
        Actor.worker(WORKER), bare(world).claim_no, an_announcement(DocumentType.RELATION_PROOF)
    )


def test_upload_does_not_count_when_the_consent_was_withdrawn_meanwhile() -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
    with pytest.raises(ClaimConsentMissingError):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)


def test_account_and_face_need_their_own_consents() -> None:
    world = World()
    claim = world.agreed_large()
    world.consents.withdraw(WORKER, claim.claim_no, [BANK, FACE])
    with pytest.raises(ClaimConsentMissingError):
        world.state_payee(WORKER, claim.claim_no, ACCOUNT)
    number = str(world.pay.reserve(claim.claim_no).payout_id)
    world.request_identity.hold(claim.claim_no, number, "wait")
    with pytest.raises(FaceConsentMissingError) as refusal:
        world.prove_identity.start(WORKER, claim.claim_no)
    assert "两名工作人员" in refusal.value.detail[0], "there is another way"
    assert world.work_card.orders == {}
    world.consents.give(WORKER, claim.claim_no, accepted(FACE))
    assert world.prove_identity.start(WORKER, claim.claim_no).check is not None


def test_consents_are_given_and_withdrawn_one_by_one_and_all_is_kept() -> None:
    world = World()
    claim = bare(world)
    world.consents.give(WORKER, claim.claim_no, accepted(HEALTH, FACE))
    world.consents.give(WORKER, claim.claim_no, accepted(HEALTH))  # repeated
    world.at += timedelta(hours=1)
    world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
    world.consents.withdraw(WORKER, claim.claim_no, [HEALTH, BANK])  # repeated, and never given
    world.at += timedelta(hours=1)
    claim = world.consents.give(WORKER, claim.claim_no, accepted(HEALTH))
    assert [(one.kind, one.stands, one.way) for one in claim.consents] == [
        (HEALTH, False, ConsentWay.APP),
        (FACE, True, ConsentWay.APP),
        (HEALTH, True, ConsentWay.APP),
    ]
    acts = [(e.event, e.reason_code) for e in world.claims.history(claim.claim_no) if "CONSENT" in e.event]
    assert acts == [
        (ClaimEvent.CONSENT_GIVEN, HEALTH),
        (ClaimEvent.CONSENT_GIVEN, FACE),
        (ClaimEvent.CONSENT_WITHDRAWN, HEALTH),
        (ClaimEvent.CONSENT_GIVEN, HEALTH),
    ]


def test_consent_is_refused_when_another_text_was_shown_or_the_claim_is_anothers() -> None:
    world = World()
    claim = bare(world)
    wrong = (*accepted(FACE), Accepted(HEALTH, "0" * 64, world.at))
    with pytest.raises(ConsentTextChangedError):
        world.consents.give(WORKER, claim.claim_no, wrong)
    assert world.claims.get(claim.claim_no).consents == (), "all of them, or none"
    world.workers.add(world.workers.get(WORKER).model_copy(update={"worker_id": "W2", "person_id": "P2"}))
    with pytest.raises(ClaimNotFoundError):
        world.consents.give("W2", claim.claim_no, accepted(FACE))
    with pytest.raises(ClaimNotFoundError):
        world.consents.withdraw("W2", claim.claim_no, [FACE])


def test_phone_consent_is_recorded_with_who_heard_it() -> None:
    world = World()
    claim = world.consents.give_by_phone("intake-1", bare(world).claim_no, accepted(HEALTH))
    (consent,) = claim.consents
    assert (consent.by, consent.way) == ("STAFF:intake-1", ConsentWay.PHONE)
    world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    assert world.consents.withdraw_by_phone("intake-1", claim.claim_no, [HEALTH]).attention is not None


def reported_by(world: World, role: str, subject: str) -> Claim:
    report: LossReport = a_report()
    claim = world.report.for_another(
        role, subject, PERSON, report, company_id="C1" if role == "company" else None
    ).claim
    assert claim is not None
    return claim


def test_company_consents_to_nothing_and_the_hotline_records_what_it_heard() -> None:
    world = World()
    assert reported_by(world, "company", "C1").consents == ()
    joined = reported_by(world, "staff", "intake-1")
    assert {(one.kind, one.by) for one in joined.consents} == {
        (kind, "STAFF:intake-1") for kind in ClaimConsentKind
    }


def test_consent_of_a_report_follows_into_the_claim_that_staff_match() -> None:
    world = World()
    notice = world.report(WORKER, a_report(policy_no="mistyped")).notice
    assert notice is not None
    claim = world.report.match("intake-1", notice.report_no, world.policy.policy_no)
    assert {one.kind for one in claim.consents} == set(ClaimConsentKind)


# ---- a withdrawal stops what rests on the consent, and nothing else


def withdrawn_in_review(world: World) -> Claim:
    claim = world.documented()
    world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
    return claim


def test_machine_does_not_assess_when_the_consent_is_withdrawn() -> None:
    world = World()
    claim = withdrawn_in_review(world)
    for _ in range(2):
        assert world.assess(claim.claim_no) == ("REFERRED", 0)
    held = world.claims.get(claim.claim_no)
    assert held.round.referred_for == ("CONSENT_WITHDRAWN",)
    assert (held.assessment, held.status, held.decision) == (None, ClaimStatus.IN_REVIEW, Decision.PENDING)
    assert held.place is not None
    assert held.place.queue is Queue.DECISION
    referrals = [e for e in world.claims.history(claim.claim_no) if e.event is ClaimEvent.REFERRED]
    assert len(referrals) == 1


def test_machine_sees_the_withdrawal_when_it_comes_between_its_look_and_its_write() -> None:
    world = World()
    claim = world.documented()
    policy_of = world.compute.exposures
    spent = world.spending.spent

    def withdraw_meanwhile(*arguments: object) -> object:
        world.spending.spent = spent  # type: ignore[method-assign]
        world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
        return spent(*arguments)  # type: ignore[arg-type]

    assert policy_of is not None
    world.spending.spent = withdraw_meanwhile  # type: ignore[assignment,method-assign]
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    assert world.claims.get(claim.claim_no).round.amount_fen is None


def test_person_is_told_to_talk_to_the_claimant_when_papers_are_still_awaited() -> None:
    world = World()
    claim = world.reported()
    held = world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
    assert held.attention is Attention.CONSENT_WITHDRAWN
    assert [c.claim_no for c in queued(world.claims, Queue.DECISION)] == [claim.claim_no]
    again = world.consents.give(WORKER, claim.claim_no, accepted(HEALTH))
    assert (again.attention, again.place) == (None, None), "and it goes on by itself"
    for doc_type, facts in (
        (DocumentType.MEDICAL_RECORD, None),
        (DocumentType.DIAGNOSIS, None),
        (DocumentType.EXPENSE_LIST, None),
        (DocumentType.ADMISSION_RECORD, DayFacts(days=14)),
    ):
        world.send(again, doc_type, facts)
    world.send_bill(again, receipt_facts(), 14)
    world.all_sent(again)
    assert world.assess(claim.claim_no).outcome == "AUTO_APPROVED"


def test_nobody_refuses_for_a_withdrawal_and_the_claim_goes_on_when_it_is_given_again() -> None:
    world = World()
    claim = withdrawn_in_review(world)
    world.assess(claim.claim_no)
    for decision in (Decision.DECLINED, Decision.NO_CLAIM):
        with pytest.raises(HealthConsentWithdrawnError):
            world.decide("S1", claim.claim_no, Verdict(decision, None, "NOT_PROVEN", "未同意"))
    world.verify.again("S1", claim.claim_no)
    assert world.claims.get(claim.claim_no).round.sheet == 0, "papers that may not be used are not read"
    world.consents.give(WORKER, claim.claim_no, accepted(HEALTH))
    world.verify.again("S1", claim.claim_no)
    world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全"))
    assert world.acknowledge("S2", claim.claim_no, True, None).amount_fen == 358_000


def test_agreed_sum_is_paid_when_every_consent_is_withdrawn_before_the_payment() -> None:
    world = World()
    claim = world.agreed()
    held = world.consents.withdraw(WORKER, claim.claim_no, list(ClaimConsentKind))
    assert (held.status, held.attention) == (ClaimStatus.AGREED, None)
    number = payout_number(claim.claim_no, 1)
    world.pay.reserve(claim.claim_no)
    world.pay.submit(number)
    world.bank.finish(number)
    world.pay.confirm(number)
    world.pay.post(number)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID


def test_approval_stands_when_the_consent_is_withdrawn_after_it() -> None:
    world = World()
    claim = world.documented()
    assert world.assess(claim.claim_no).outcome == "AUTO_APPROVED"
    world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000)
    assert world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None).status is ClaimStatus.AGREED


def test_withdrawal_of_one_claim_leaves_the_other_alone() -> None:
    world = World()
    first = world.documented()
    second = world.documented(
        invoice_no="A2", occurred_at=ACCIDENT_AT + timedelta(minutes=30), claim_types=(ClaimType.MEDICAL,)
    )
    world.consents.withdraw(WORKER, first.claim_no, [HEALTH])
    assert standing(world.claims.get(second.claim_no).consents, HEALTH) is not None
    assert world.assess(first.claim_no).outcome == "REFERRED"
    assert "CONSENT_WITHDRAWN" not in world.claims.get(second.claim_no).round.referred_for


def test_staff_open_a_paper_for_a_duty_of_law_only_when_the_consent_is_withdrawn() -> None:
    world = World()
    claim = world.reported()
    document = world.send(claim, DocumentType.DIAGNOSIS)
    identity = world.send(claim, DocumentType.APPLICANT_ID)
    look_at = LookAtClaims(
        read=world.read,
        claims=world.claims,
        documents=world.documents,
        vault=world.vault,
        looks=FakeLooks(),
        now=lambda: world.at,
    )
    world.consents.withdraw(WORKER, claim.claim_no, [HEALTH])
    with pytest.raises(HealthConsentWithdrawnError):
        look_at.document(ADJUSTER, claim.claim_no, document.document_id)
    assert look_at.of(claim.claim_no) == []
    assert look_at.document(ADJUSTER, claim.claim_no, identity.document_id)
    other = ADJUSTER._replace(request_id="r-2")
    assert look_at.document(other, claim.claim_no, document.document_id, LegalGround.COURT)
    assert [look.ground for look in look_at.of(claim.claim_no)].count(LegalGround.COURT) == 1
    assert world.documents.list_of(claim.claim_no), "nothing that must be kept is deleted"
