"""Who acts for the insured: the matrix, the request, the judgement, the end; two of everybody."""

from datetime import timedelta
from typing import Any

import pytest

from daycover.api.claims.file import claim_file_view
from daycover.api.claims.worker import claim_view, own_claims_view
from daycover.claims.access import MAY, Act, NotForRepresentativeError
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Actor, ActorKind, Claim, ClaimNotFoundError, Queue
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, DocumentNotFoundError
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.report import LossReport
from daycover.claims.represent import (
    ASKED_BY_ACCOUNT,
    ASKED_OF_CLAIM,
    Insured,
    Judgement,
    RepresentativeVerdict,
    TooManyRequestsToRepresentError,
)
from daycover.claims.representative import (
    MOST_OF_ACCOUNT,
    Particulars,
    ProofFiledBySamePersonError,
    ProofOfRepresentationError,
    RepresentationClosedError,
    RepresentationInvalidError,
    RepresentationStandsError,
    Representative,
    RepresentativeKind,
    RepresentativeNotFoundError,
    RepresentativeStatus,
)
from daycover.claims.steps import WaitStep
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import BeneficiariesUnconfirmedError
from tests.support.builders import WORKER, a_worker, an_id_number
from tests.support.claims import ACCIDENT_AT, a_report, an_announcement, insured
from tests.support.papers import a_jpeg
from tests.support.queues import queued
from tests.unit.claims.world import World
from tests.unit.payouts.test_beneficiaries import a_beneficiary

SISTER, BROTHER, STRANGER = "W-SISTER", "W-BROTHER", "W-STRANGER"
ACCOUNTS = (insured(), *(a_worker(worker_id=known) for known in (SISTER, BROTHER, STRANGER)))
HEIR, GUARDIAN, AGENT = RepresentativeKind.HEIR, RepresentativeKind.GUARDIAN, RepresentativeKind.AGENT
PROOF = {
    HEIR: DocumentType.RELATION_PROOF,
    GUARDIAN: DocumentType.RELATION_PROOF,
    AGENT: DocumentType.POWER_OF_ATTORNEY,
}
THE_INSURED = Insured(IdDocumentType.RESIDENT_ID, an_id_number())


def someone(kind: RepresentativeKind = AGENT, number: int = 1, **changes: Any) -> Particulars:
    """Whose document is that of beneficiary `number`."""
    said = {
        "kind": kind,
        "name": f"家属{number}",
        "document_type": IdDocumentType.RESIDENT_ID,
        "document_number": an_id_number(order=f"{number:03d}", born="19700101"),
        "relation": "姐姐",
        "phone": "138 0013 8000",
    }
    return Particulars(**said | changes)


def a_world(claim_types: tuple[ClaimType, ...] = (ClaimType.MEDICAL,)) -> tuple[World, Claim]:
    world = World(workers=ACCOUNTS)
    return world, world.reported(claim_types=claim_types)


def ask(
    world: World,
    claim: Claim,
    kind: RepresentativeKind = AGENT,
    worker_id: str = SISTER,
    number: int = 1,
    **changes: Any,
) -> Representative:
    return world.represent(worker_id, claim.claim_no, someone(kind, number, **changes), THE_INSURED)


def send(world: World, claim: Claim, by: Actor, doc_type: DocumentType) -> ClaimDocument:
    content = a_jpeg(f"{by.id} {doc_type}")
    announced = world.collect.announce(by, claim.claim_no, an_announcement(doc_type, content=content))
    world.vault.upload(announced.uploads[0], content)
    return world.collect.receive(by, claim.claim_no, announced.document.document_id).document


def accepted(
    world: World,
    claim: Claim,
    kind: RepresentativeKind = AGENT,
    worker_id: str = SISTER,
    number: int = 1,
    *,
    for_all_heirs: bool = False,
) -> Representative:
    asked = ask(world, claim, kind, worker_id, number)
    proof = send(world, claim, Actor.worker(worker_id), PROOF[kind])
    if for_all_heirs:
        send(world, claim, Actor.worker(worker_id), DocumentType.POWER_OF_ATTORNEY)
    verdict = RepresentativeVerdict(
        Judgement.ACCEPT, "已核对原件", proof.document_id, for_all_heirs=for_all_heirs
    )
    return world.judge_representative("intake-1", claim.claim_no, asked.number, verdict)


def may(world: World, claim: Claim, worker_id: str) -> set[Act]:
    """What an account may do, asked one by one."""
    allowed, current = set(), world.claims.get(claim.claim_no)
    for act in Act:
        try:
            world.access(worker_id, current, act)
        except (ClaimNotFoundError, NotForRepresentativeError):
            continue
        allowed.add(act)
    return allowed


LIVING = {Act.SEE, Act.PROVE, Act.FILE, Act.CLAIM_MORE, Act.ANSWER, Act.COMPLAIN, Act.STATE_ACCOUNT}


def test_matrix_says_who_may_do_what() -> None:
    assert {
        AGENT: LIVING,
        GUARDIAN: LIVING | {Act.WITHDRAW},
        HEIR: LIVING - {Act.STATE_ACCOUNT},
    } == MAY


@pytest.mark.parametrize(
    ("kind", "claim_type", "allowed"),
    [
        (AGENT, ClaimType.MEDICAL, LIVING),
        (GUARDIAN, ClaimType.MEDICAL, LIVING | {Act.WITHDRAW}),
        (HEIR, ClaimType.DEATH, LIVING - {Act.STATE_ACCOUNT}),
        (HEIR, ClaimType.MEDICAL, LIVING - {Act.STATE_ACCOUNT}),
    ],
)
def test_power_is_that_of_the_kind_when_staff_have_accepted(
    kind: RepresentativeKind, claim_type: ClaimType, allowed: set[Act]
) -> None:
    world, claim = a_world((claim_type,))
    assert may(world, claim, SISTER) == set()
    ask(world, claim, kind)
    assert may(world, claim, SISTER) == {Act.PROVE}
    world, claim = a_world((claim_type,))
    accepted(world, claim, kind)
    assert may(world, claim, SISTER) == allowed
    assert may(world, claim, STRANGER) == set()


@pytest.mark.parametrize("judgement", [Judgement.REFUSE, Judgement.REVOKE])
def test_nothing_is_left_when_staff_refuse_or_revoke(judgement: Judgement) -> None:
    world, claim = a_world()
    asked = ask(world, claim) if judgement is Judgement.REFUSE else accepted(world, claim)
    verdict = RepresentativeVerdict(judgement, "委托书不真实")
    world.judge_representative("intake-1", claim.claim_no, asked.number, verdict)
    assert may(world, claim, SISTER) == set()
    with pytest.raises(ClaimNotFoundError):
        send(world, claim, Actor.worker(SISTER), DocumentType.POWER_OF_ATTORNEY)
    with pytest.raises(ClaimNotFoundError):
        world.read.my_file(SISTER, claim.claim_no)


@pytest.mark.parametrize("kind", [AGENT, GUARDIAN])
def test_power_over_a_living_person_ends_when_death_is_claimed(kind: RepresentativeKind) -> None:
    world, claim = a_world()
    accepted(world, claim, kind)
    world.add_benefits.for_staff("intake-1", claim.claim_no, [ClaimType.DEATH])
    assert may(world, claim, SISTER) == set()
    listed = own_claims_view(world.read.mine(SISTER))
    assert listed.claims == []
    assert [(r.status, r.in_force) for r in listed.representations] == [("ACCEPTED", False)]
    with pytest.raises(RepresentationInvalidError):
        ask(world, claim, kind, BROTHER, 2)


def test_agent_s_power_ends_when_staff_accept_an_heir() -> None:
    world, claim = a_world()
    accepted(world, claim, AGENT)
    accepted(world, claim, HEIR, BROTHER, 2)
    assert may(world, claim, SISTER) == set()
    assert Act.FILE in may(world, claim, BROTHER)


# ---- asking


def test_two_heirs_stand_when_both_ask_at_once() -> None:
    world, claim = a_world((ClaimType.DEATH,))

    def other(name: str) -> None:
        if name == "claims.save":
            world.steps.calm()
            ask(world, claim, HEIR, BROTHER, 2)

    world.steps.before = other
    assert ask(world, claim, HEIR, SISTER, 1).number == 2
    stored = world.claims.get(claim.claim_no)
    assert [(r.number, r.worker_id) for r in stored.representatives] == [(1, BROTHER), (2, SISTER)]
    assert [c.claim_no for c in queued(world.claims, Queue.REPRESENTATIVE)] == [claim.claim_no]


def test_request_is_one_when_the_account_asks_again() -> None:
    world, claim = a_world()
    first = ask(world, claim)
    assert ask(world, claim, phone="+86 138-0013-8000") == first
    with pytest.raises(RepresentationStandsError):
        ask(world, claim, GUARDIAN)
    assert len(world.claims.get(claim.claim_no).representatives) == 1


def test_account_asks_anew_when_it_was_refused_but_not_for_ever() -> None:
    world, claim = a_world()
    for number in range(1, MOST_OF_ACCOUNT + 1):
        assert ask(world, claim).number == number
        verdict = RepresentativeVerdict(Judgement.REFUSE, "看不清")
        world.judge_representative("intake-1", claim.claim_no, number, verdict)
    with pytest.raises(RepresentationInvalidError):
        ask(world, claim)


def test_answer_is_the_same_when_claim_or_identity_number_is_wrong() -> None:
    world, claim = a_world()
    wrong = Insured(IdDocumentType.RESIDENT_ID, an_id_number(order="008"))
    for claim_no, known in ((claim.claim_no, wrong), ("CL" + "0" * 24, THE_INSURED)):
        with pytest.raises(ClaimNotFoundError) as raised:
            world.represent(SISTER, claim_no, someone(), known)
        assert type(raised.value) is ClaimNotFoundError
    assert world.claims.get(claim.claim_no) == claim


def test_guesses_end_when_account_or_claim_number_has_had_its_share() -> None:
    world, claim = a_world()
    wrong = Insured(IdDocumentType.RESIDENT_ID, an_id_number(order="008"))
    for worker_id in (SISTER, BROTHER):
        for _ in range(ASKED_BY_ACCOUNT):
            with pytest.raises(ClaimNotFoundError):
                world.represent(worker_id, claim.claim_no, someone(), wrong)
    with pytest.raises(TooManyRequestsToRepresentError):
        ask(world, claim)  # the account's share, although it is right now
    assert ASKED_OF_CLAIM == 2 * ASKED_BY_ACCOUNT
    with pytest.raises(TooManyRequestsToRepresentError):
        ask(world, claim, worker_id=STRANGER)  # the claim number's
    other = world.report(WORKER, another_accident()).claim
    assert other is not None
    assert ask(world, other, worker_id=STRANGER).number == 1


def another_accident() -> LossReport:
    return a_report(ACCIDENT_AT + timedelta(minutes=40))


def test_insured_represents_nobody_when_it_is_their_own_claim() -> None:
    world, claim = a_world()
    with pytest.raises(RepresentationInvalidError):
        ask(world, claim, worker_id=WORKER)
    with pytest.raises(RepresentationInvalidError):
        ask(world, claim, document_number=an_id_number())


# ---- judging


def test_acceptance_rests_on_a_received_document_of_the_right_kind() -> None:
    world, claim = a_world((ClaimType.DEATH,))
    asked = ask(world, claim, HEIR)
    identity = send(world, claim, Actor.worker(SISTER), DocumentType.APPLICANT_ID)
    for document_id in (None, "D" + "0" * 24, identity.document_id):
        verdict = RepresentativeVerdict(Judgement.ACCEPT, "已核对", document_id)
        with pytest.raises(ProofOfRepresentationError):
            world.judge_representative("intake-1", claim.claim_no, asked.number, verdict)
    proof = send(world, claim, Actor.worker(SISTER), DocumentType.RELATION_PROOF)
    verdict = RepresentativeVerdict(Judgement.ACCEPT, "已核对", proof.document_id)
    with pytest.raises(ProofOfRepresentationError):  # the others' powers of attorney are missing
        world.judge_representative(
            "intake-1", claim.claim_no, asked.number, verdict._replace(for_all_heirs=True)
        )
    judged = world.judge_representative("intake-1", claim.claim_no, asked.number, verdict)
    assert (judged.status, judged.document_id) == (RepresentativeStatus.ACCEPTED, proof.document_id)
    assert world.judge_representative("intake-1", claim.claim_no, asked.number, verdict) == judged
    assert queued(world.claims, Queue.REPRESENTATIVE) == []
    with pytest.raises(RepresentationClosedError):
        world.judge_representative("intake-2", claim.claim_no, asked.number, verdict)
    with pytest.raises(RepresentativeNotFoundError):
        world.judge_representative("intake-1", claim.claim_no, 9, verdict)


def test_proof_is_accepted_by_another_person_when_staff_filed_it() -> None:
    world, claim = a_world()
    asked = ask(world, claim)
    proof = send(world, claim, Actor.staff("intake-1"), DocumentType.POWER_OF_ATTORNEY)
    assert proof.announced_by == "STAFF:intake-1"
    verdict = RepresentativeVerdict(Judgement.ACCEPT, "已核对", proof.document_id)
    with pytest.raises(ProofFiledBySamePersonError):
        world.judge_representative("intake-1", claim.claim_no, asked.number, verdict)
    judged = world.judge_representative("intake-2", claim.claim_no, asked.number, verdict)
    assert judged.judged_by == "intake-2"


# ---- ending


def test_insured_revokes_an_agent_but_no_guardian_and_anybody_resigns() -> None:
    world, claim = a_world()
    agent, guardian = accepted(world, claim, AGENT), accepted(world, claim, GUARDIAN, BROTHER, 2)
    for outsider in (STRANGER, BROTHER):
        with pytest.raises((ClaimNotFoundError, NotForRepresentativeError)):
            world.represent.end(outsider, claim.claim_no, agent.number, "不需要")
    with pytest.raises(NotForRepresentativeError):
        world.represent.end(WORKER, claim.claim_no, guardian.number, "不需要")
    for _ in range(2):
        ended = world.represent.end(WORKER, claim.claim_no, agent.number, "自己办理")
        assert ended.status is RepresentativeStatus.REVOKED
    assert may(world, claim, SISTER) == set()
    world.represent.end(BROTHER, claim.claim_no, guardian.number, "不再代办")
    assert may(world, claim, BROTHER) == set()
    events = [(e.event, e.by.kind) for e in world.claims.history(claim.claim_no)][-2:]
    assert events == [
        (ClaimEvent.REPRESENTATIVE_REVOKED, ActorKind.WORKER),
        (ClaimEvent.REPRESENTATIVE_REVOKED, ActorKind.REPRESENTATIVE),
    ]


# ---- acting


def test_actor_is_recorded_when_a_representative_files_complains_and_withdraws() -> None:
    world, claim = a_world()
    accepted(world, claim, GUARDIAN)
    assert send(world, claim, Actor.worker(SISTER), DocumentType.DIAGNOSIS).announced_by == (
        f"REPRESENTATIVE:{SISTER}"
    )
    world.own.complain(SISTER, claim.claim_no, "太慢")
    world.own.withdraw(SISTER, claim.claim_no, "放弃")
    last = world.claims.history(claim.claim_no)[-2:]
    assert [(e.event, str(e.by.kind), e.by.id) for e in last] == [
        (ClaimEvent.COMPLAINED, "REPRESENTATIVE", SISTER),
        (ClaimEvent.WITHDRAWN, "REPRESENTATIVE", SISTER),
    ]


def test_agent_does_not_withdraw() -> None:
    world, claim = a_world()
    accepted(world, claim, AGENT)
    with pytest.raises(NotForRepresentativeError):
        world.own.withdraw(SISTER, claim.claim_no, "放弃")


def test_asking_account_sends_its_own_proof_and_nothing_else() -> None:
    world, claim = a_world((ClaimType.DEATH,))
    ask(world, claim, HEIR)
    theirs = send(world, claim, Actor.worker(WORKER), DocumentType.RELATION_PROOF)
    send(world, claim, Actor.worker(SISTER), DocumentType.RELATION_PROOF)
    with pytest.raises(ClaimNotFoundError):
        send(world, claim, Actor.worker(SISTER), DocumentType.DEATH_CERTIFICATE)
    with pytest.raises(DocumentNotFoundError):
        world.collect.receive(Actor.worker(SISTER), claim.claim_no, theirs.document_id)
    with pytest.raises(ClaimNotFoundError):
        world.collect.receive(Actor.worker(STRANGER), claim.claim_no, theirs.document_id)


def test_heir_reads_the_claim_without_health_text_and_without_the_insured_s_other_claims() -> None:
    world, claim = a_world((ClaimType.DEATH,))
    world.report(WORKER, another_accident())
    accepted(world, claim, HEIR)
    seen = claim_view(world.read.my_file(SISTER, claim.claim_no))
    assert seen.accident.injury is None
    assert "骨折" not in seen.model_dump_json()
    assert (seen.representatives, seen.also_covered) == ([], ())
    assert [line.claim_no for line in own_claims_view(world.read.mine(SISTER)).claims] == [claim.claim_no]
    own = claim_view(world.read.my_file(WORKER, claim.claim_no))
    assert own.accident.injury == "右脚拇趾骨折"
    assert [(r.name, r.kind, r.in_force) for r in own.representatives] == [("家属1", HEIR, True)]
    staff = claim_file_view(world.read.file(claim.claim_no)).representation[0]
    assert staff.document_number == "*" * 14 + an_id_number(order="001", born="19700101")[-4:]
    assert staff.phone == "13800138000"


# ---- answering for a death claim


def asked_heirs(*, for_all_heirs: bool = False) -> tuple[World, Claim]:
    """A death claim whose amount waits for two confirmed beneficiaries; each has an account of their own."""
    world, claim = a_world((ClaimType.DEATH,))
    accepted(world, claim, HEIR, SISTER, 1, for_all_heirs=for_all_heirs)
    accepted(world, claim, HEIR, BROTHER, 2)
    accepted(world, claim, HEIR, STRANGER, 3)  # an heir, and no beneficiary
    for line in claim_view(world.read.my_file(SISTER, claim.claim_no)).missing:
        send(world, claim, Actor.worker(SISTER), line)
    world.collect.all_sent(Actor.worker(SISTER), claim.claim_no)
    world.assess(claim.claim_no)
    decide(world, claim)
    return world, world.claims.get(claim.claim_no)


def decide(world: World, claim: Claim, amount_fen: int = 900_000) -> None:
    verdict = Verdict(Decision.PARTIAL, amount_fen, "WITHIN_TERMS", "单据齐全")
    world.decide("adjuster-1", claim.claim_no, verdict)
    world.acknowledge("senior-1", claim.claim_no, True, None)


def confirm(world: World, claim: Claim) -> None:
    for document in world.documents.list_of(claim.claim_no):
        if document.announced.doc_type is DocumentType.RELATION_PROOF:
            accepted_ = document.model_copy(update={"status": DocumentStatus.ACCEPTED})
            world.documents._documents[claim.claim_no, document.document_id] = accepted_
    people = (a_beneficiary(1, "1/2"), a_beneficiary(2, "1/2"))
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    world.state_beneficiaries.confirm("finance-1", claim.claim_no, stated.beneficiaries.version)


def answer(world: World, claim: Claim, worker_id: str, kind: AnswerKind = AnswerKind.ACCEPT) -> ClaimStatus:
    return world.answer(worker_id, claim.claim_no, kind, None).status


def test_amount_is_agreed_when_every_beneficiary_has_accepted_and_not_before() -> None:
    world, claim = asked_heirs()
    with pytest.raises(BeneficiariesUnconfirmedError):
        answer(world, claim, SISTER)
    confirm(world, claim)
    for nobody in (WORKER, STRANGER):  # a dead person's phone, and an heir who is paid nothing
        with pytest.raises(NotForRepresentativeError):
            answer(world, claim, nobody)
    for _ in range(2):
        assert answer(world, claim, SISTER) is ClaimStatus.ACKNOWLEDGED
    assert answer(world, claim, BROTHER) is ClaimStatus.AGREED
    assert answer(world, claim, SISTER) is ClaimStatus.AGREED
    history = world.claims.history(claim.claim_no)
    told = [(e.event, e.by.id) for e in history if e.event in {ClaimEvent.HEIR_ACCEPTED, ClaimEvent.ACCEPTED}]
    assert told == [(ClaimEvent.HEIR_ACCEPTED, SISTER), (ClaimEvent.ACCEPTED, BROTHER)]


def test_both_count_when_two_heirs_accept_at_once() -> None:
    world, claim = asked_heirs()
    confirm(world, claim)

    def other(name: str) -> None:
        if name == "claims.save":
            world.steps.calm()
            answer(world, claim, BROTHER)

    world.steps.before = other
    assert answer(world, claim, SISTER) is ClaimStatus.AGREED


def test_claim_is_disputed_when_two_heirs_disagree_and_both_are_asked_anew() -> None:
    world, claim = asked_heirs()
    confirm(world, claim)
    answer(world, claim, SISTER)
    assert answer(world, claim, BROTHER, AnswerKind.DISPUTE) is ClaimStatus.DISPUTED
    with pytest.raises(ClaimStepClosedError):
        answer(world, claim, SISTER)
    world.open_step(claim.claim_no, WaitStep.DECISION)
    decide(world, claim, 1_000_000)
    assert answer(world, claim, BROTHER) is ClaimStatus.ACKNOWLEDGED
    assert answer(world, claim, SISTER) is ClaimStatus.AGREED


def test_acceptance_is_asked_anew_when_the_beneficiaries_are_stated_anew() -> None:
    world, claim = asked_heirs()
    confirm(world, claim)
    answer(world, claim, SISTER)
    confirm(world, claim)
    assert answer(world, claim, BROTHER) is ClaimStatus.ACKNOWLEDGED
    assert answer(world, claim, SISTER) is ClaimStatus.AGREED


def test_one_heir_binds_all_when_the_others_have_authorised_them() -> None:
    world, claim = asked_heirs(for_all_heirs=True)
    confirm(world, claim)
    assert answer(world, claim, SISTER) is ClaimStatus.AGREED
