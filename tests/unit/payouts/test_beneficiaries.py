"""A death claim pays its beneficiaries: recorded on proof, confirmed by a second person, each paid once, apart."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.api.claims.worker import claim_view
from daycover.api.payouts.beneficiaries import BeneficiariesBody, BeneficiariesView, BeneficiaryBody
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Actor, Claim, Queue
from daycover.claims.decide import DecisionBySamePersonError, ExposureMovedError, Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, document_id
from daycover.claims.inform import news_of
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.steps import WaitStep
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.document import DocumentNumberError, indexed
from daycover.identity.document import IdDocumentType as IdentityDocument
from daycover.identity.resident_id import ResidentIdError
from daycover.payouts.beneficiaries import (
    MOST,
    AnswerForBeneficiaries,
    BeneficiariesBySamePersonError,
    BeneficiariesInvalidError,
    BeneficiariesNotWantedError,
    BeneficiaryPaidError,
    RelationUnprovedError,
    split,
)
from daycover.payouts.beneficiary import Beneficiary, Relation, by_id, share_of
from daycover.payouts.outcome import Outcome
from daycover.payouts.payee import PayeeAccountTakenError
from daycover.payouts.payout import PayoutState, Reserved, payout_number
from daycover.payouts.transfer import Channel, TransferState
from tests.support.builders import WORKER, an_id_number
from tests.support.claims import an_announcement
from tests.support.fakes.port import Crash
from tests.support.ledger import Figures, figures_of
from tests.support.queues import queued
from tests.unit.claims.world import World

CALLS = 70
"""More than the payments to three beneficiaries make."""


def a_beneficiary(number: int, share: str | Fraction, **changes: Any) -> Beneficiary:
    person = {
        "name": f"家属{'甲乙丙丁戊己庚辛壬癸'[number % 10]}",
        "document_type": IdentityDocument.RESIDENT_ID,
        "document_number": an_id_number(order=f"{number:03d}", born="19700101"),
        "relation": Relation.CHILD,
        "share": share,
        "account_no": f"62220212345678{number:04d}",
        "bank_name": "工商银行",
    }
    return Beneficiary(**person | changes)


FIRST = a_beneficiary(1, "1/1").model_dump(mode="json")
"""As a body states it."""
THREE = (a_beneficiary(1, "1/2"), a_beneficiary(2, "1/4"), a_beneficiary(3, "1/4"))


def dead(
    amount_fen: int = 900_001, *, proof: DocumentStatus = DocumentStatus.ACCEPTED
) -> tuple[World, Claim]:
    """An agreed death claim whose relation proof has been judged."""
    world = World()
    claim = world.agreed_large(amount_fen)
    claim = claim.model_copy(update={"claim_types": (ClaimType.DEATH,)})
    world.claims._claims[claim.claim_no] = claim
    announced = an_announcement(DocumentType.RELATION_PROOF)
    document = ClaimDocument(
        document_id=document_id(claim.claim_no, announced),
        claim_no=claim.claim_no,
        announced=announced,
        announced_at=world.at,
        announced_by=WORKER,
        status=proof,
    )
    world.documents._documents[claim.claim_no, document.document_id] = document
    return world, claim


def confirmed(amount_fen: int = 900_001, people: tuple[Beneficiary, ...] = THREE) -> tuple[World, Claim]:
    world, claim = dead(amount_fen)
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)
    return world, world.claims.get(claim.claim_no)


def reserved_for(world: World, claim: Claim, payee: str) -> Reserved:
    """Reserve what one beneficiary is owed; what is owed is fixed by the claim's own execution."""
    owed = {o.payee: o.number for o in world.claims.get(claim.claim_no).round.decided_obligations}
    if not owed:
        reserved = world.pay.reserve(claim.claim_no)
        if reserved.outcome != "APART":
            return reserved
        owed = {o.payee: o.number for o in world.claims.get(claim.claim_no).round.decided_obligations}
    return world.pay.reserve(claim.claim_no, obligation=owed[payee])


def walk(world: World, claim: Claim, payee: str, state: TransferState = TransferState.SUCCESS) -> str:
    """Walk one beneficiary's execution; the bank settles between two questions."""
    outcome = _walk(world, claim, payee, state)
    world.check_books()
    return outcome


def _walk(world: World, claim: Claim, payee: str, state: TransferState) -> str:
    reserved = reserved_for(world, claim, payee)
    number, outcome = reserved.payout_id, reserved.outcome
    if number is None or outcome in {"ALREADY_PAID", "NOT_PAYABLE", "IDENTITY_REQUIRED"}:
        return outcome
    if outcome != "SUCCEEDED":
        outcome = world.pay.submit(number)
    if outcome == "PENDING":
        world.real_bank.finish(number, state)
        outcome = world.pay.confirm(number)
    if outcome == "SUCCEEDED":
        return world.pay.post(number)
    return world.pay.record_failure(claim.claim_no, outcome, number)


def run_all(world: World, claim: Claim) -> None:
    """Run the first execution and every one that it starts."""
    before = len(world.workflows.obligations)
    reserved = world.pay.reserve(claim.claim_no)
    payees = {o.number: o.payee for o in world.claims.get(claim.claim_no).round.obligations}
    if reserved.payout_id is not None:  # one is left, who is paid by this very execution
        walk(world, claim, world.payouts.get(reserved.payout_id).payee)
    else:
        assert reserved.outcome in {"APART", "ALREADY_PAID"}
    for number in world.workflows.obligations[before:]:
        assert number is not None
        walk(world, claim, payees[number])


def assert_paid(world: World, claim: Claim, shares: dict[str, int]) -> None:
    stored = world.claims.get(claim.claim_no)
    assert stored.status is ClaimStatus.PAID
    assert world.real_bank.paid_fen == claim.amount_fen == sum(shares.values())
    assert world.bank.bills == {}, "never to the insured's wallet"
    paid: dict[str, int] = {}
    for number in world.books.paid:
        payout = world.payouts.get(number)
        assert payout.channel is Channel.BANK
        if payout.state is PayoutState.SUCCEEDED:
            paid[payout.payee] = paid.get(payout.payee, 0) + payout.amount_fen
    assert paid == shares
    found = figures_of(world.books.entries, claim.claim_no)
    assert found == Figures(paid=sum(shares.values()), reserved=0, in_flight=0, incurred=sum(shares.values()))


shares_of_a_whole = st.lists(st.integers(1, 1_000), min_size=1, max_size=MOST).map(
    lambda parts: [Fraction(part, sum(parts)) for part in parts]
)


@given(amount_fen=st.integers(1, 80_000_000), shares=shares_of_a_whole)
def test_shares_add_up_to_the_fen_when_split(amount_fen: int, shares: list[Fraction]) -> None:
    people = by_id([a_beneficiary(number, share) for number, share in enumerate(shares)])
    fen = split(amount_fen, people)
    assert sum(fen.values()) == amount_fen
    for payee, person in people.items():
        assert abs(fen[payee] - amount_fen * person.share) < 1


@pytest.mark.parametrize(
    ("amount_fen", "shares", "fen"),
    [
        (80_000_000, ("1/3", "1/3", "1/3"), [26_666_667, 26_666_667, 26_666_666]),
        (80_000_000, ("2/6", "3/9", "3333/9999"), [26_666_667, 26_666_667, 26_666_666]),
        (100, ("3334/10000", "3333/10000", "3333/10000"), [34, 33, 33]),
        (100, ("3333/10000", "3333/10000", "3334/10000"), [33, 33, 34]),
        (100, ("1/7", "2/7", "4/7"), [14, 29, 57]),
        (900_001, ("1/2", "1/4", "1/4"), [450_001, 225_000, 225_000]),
        (1, ("1/2", "1/2"), [1, 0]),
        (50_000_000, ("1/1",), [50_000_000]),
    ],
)
def test_remainder_goes_to_the_largest_when_fen_are_left(
    amount_fen: int, shares: tuple[str, ...], fen: list[int]
) -> None:
    people = [a_beneficiary(number, share) for number, share in enumerate(shares)]
    assert list(split(amount_fen, by_id(people)).values()) == fen


NO_SHARES = [
    *("0/1", "1/0", "-1/2", "1", "01/3", "1/10001", "10001/10001", "0.5", "50%", "1/3/1", "1 / 3", ""),
    *("１/３", "1/\u0663", "1∕3", 0.5, 1),
]


@pytest.mark.parametrize("written", NO_SHARES)
def test_share_is_refused_when_it_is_no_fraction_of_small_whole_numbers(written: object) -> None:
    body: Any = FIRST | {"share": written}
    with pytest.raises(ValidationError):
        BeneficiaryBody.model_validate(body)
    with pytest.raises(ValueError, match="a share is written"):
        share_of(written)


def test_share_is_kept_as_a_fraction_when_it_is_not_in_lowest_terms() -> None:
    [person] = BeneficiariesBody.model_validate(
        {"beneficiaries": [FIRST | {"name": "家属甲", "share": "2500/10000"}]}
    ).people()
    assert person.share == Fraction(1, 4)
    assert person.model_dump(mode="json")["share"] == "1/4"
    assert a_beneficiary(1, "10000/10000").model_dump(mode="json")["share"] == "1/1"


def test_amount_is_agreed_when_staff_received_the_beneficiaries_answer() -> None:
    world, claim = confirmed()
    asked = claim.model_copy(update={"status": ClaimStatus.ACKNOWLEDGED, "agreed_at": None})
    world.claims._claims[claim.claim_no] = asked
    answer = AnswerForBeneficiaries(
        claims=world.claims, beneficiaries=world.beneficiaries, take=world.answer.take
    )
    for person in (claim.round.decided_by, claim.round.acknowledged_by):
        assert person is not None
        with pytest.raises(DecisionBySamePersonError):
            answer(person, claim.claim_no, AnswerKind.ACCEPT, "签署协议")
    for _ in range(2):
        agreed = answer("intake-1", claim.claim_no, AnswerKind.ACCEPT, "签署协议")
        assert (agreed.status, agreed.round.agreed_at) == (ClaimStatus.AGREED, world.at)
    lines = [entry for entry in world.claims.history(claim.claim_no) if entry.event == "ACCEPTED"]
    assert [(line.by.id, line.reason) for line in lines[-1:]] == [("intake-1", "签署协议")]
    run_all(world, agreed)
    assert_paid(world, agreed, {"B1": 450_001, "B2": 225_000, "B3": 225_000})


def test_death_claim_waits_before_finance_when_nobody_is_confirmed() -> None:
    world, claim = dead()
    outcome = world.pay.reserve(claim.claim_no).outcome
    assert outcome == "BENEFICIARY_MISSING"
    world.pay.record_failure(claim.claim_no, outcome)
    assert [c.attention for c in queued(world.claims, Queue.PAYOUT)] == ["PAYOUT_BENEFICIARY_MISSING"]
    assert all(news_of(e) is None for e in world.claims.history(claim.claim_no)[-1:])
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, THREE)
    assert world.pay.reserve(claim.claim_no).outcome == "BENEFICIARY_MISSING", "one person's word"
    started = len(world.workflows.payouts)
    world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)
    assert len(world.workflows.payouts) == started + 1
    run_all(world, claim)
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})
    assert queued(world.claims, Queue.PAYOUT) == []


@pytest.mark.parametrize("kind", [ClaimType.DEATH, ClaimType.SUDDEN_DEATH])
def test_insured_s_wallet_gets_nothing_when_the_insured_has_died(kind: ClaimType) -> None:
    world, claim = dead()
    types = (kind, ClaimType.MEDICAL)
    world.claims._claims[claim.claim_no] = claim.model_copy(update={"claim_types": types})
    assert world.pay.reserve(claim.claim_no).payout_id is None
    assert world.claims.get(claim.claim_no).payouts == 0


def test_claim_is_paid_when_the_last_share_arrives() -> None:
    world, claim = confirmed()
    assert world.pay.reserve(claim.claim_no).outcome == "APART"
    assert walk(world, claim, "B2") == "SUCCEEDED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAYING
    assert walk(world, claim, "B1") == "SUCCEEDED"
    assert world.claims.get(claim.claim_no).round.paid_at is None
    assert walk(world, claim, "B3") == "SUCCEEDED"
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})
    history = world.claims.history(claim.claim_no)
    assert [e.reason_code for e in history if e.event is ClaimEvent.SHARE_PAID] == ["B2", "B1"]
    assert len(world.books.paid) == 3
    assert walk(world, claim, "B1") == "ALREADY_PAID"


def test_others_are_paid_when_one_beneficiary_s_payment_fails() -> None:
    world, claim = confirmed()
    assert walk(world, claim, "B1", TransferState.FAIL) == "FAILED"
    assert world.claims.get(claim.claim_no).first_attention == "PAYOUT_FAILED"
    walk(world, claim, "B2")
    walk(world, claim, "B3")
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.first_attention) == (ClaimStatus.PAYING, "PAYOUT_FAILED")
    corrected = (a_beneficiary(1, "1/2", account_no="6217000010001234567"), *THREE[1:])
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, corrected)
    assert reserved_for(world, claim, "B1").outcome == "BENEFICIARY_MISSING"
    world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)
    assert walk(world, claim, "B1") == "SUCCEEDED"
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})
    number = payout_number(claim.claim_no, 4)
    assert world.payouts.get(number).payee == "B1"
    assert world.real_bank.accounts[-1] == corrected[0].account


def test_money_that_came_back_is_paid_again_when_the_account_was_corrected() -> None:
    world, claim = confirmed()
    for payee in ("B1", "B2", "B3"):
        walk(world, claim, payee)
    number = payout_number(claim.claim_no, 2)
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) == "BOUNCED"
    stored = world.claims.get(claim.claim_no)
    assert (stored.status, stored.round.paid_at) == (ClaimStatus.AGREED, None)
    changed = (a_beneficiary(1, "1/2", account_no="6217000010001234567"), *THREE[1:])
    with pytest.raises(BeneficiaryPaidError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, changed)
    run_all(world, claim)
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})


def test_money_comes_back_while_others_are_being_paid() -> None:
    world, claim = confirmed()
    walk(world, claim, "B1")
    number = payout_number(claim.claim_no, 1)
    world.real_bank.return_money(number)
    assert world.pay.bounce(number) == "BOUNCED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAYING
    for payee in ("B2", "B3", "B1"):
        walk(world, claim, payee)
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})


def test_money_of_several_comes_back_after_all_were_paid() -> None:
    """The second return finds the claim agreed again; it stands in the same file of the bank as others' money."""
    world, claim = confirmed()
    run_all(world, claim)
    for number in world.books.paid[:]:
        world.real_bank.return_money(number)
        assert world.pay.bounce(number) == "BOUNCED"
        assert world.claims.get(claim.claim_no).status is ClaimStatus.AGREED
        world.check_books()
    run_all(world, claim)
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})


def test_large_share_waits_for_its_beneficiary_alone() -> None:
    world, claim = confirmed(3_000_000)  # B1: 1,500,000; B2 and B3: 750,000
    assert walk(world, claim, "B1") == "IDENTITY_REQUIRED"
    number = payout_number(claim.claim_no, 1)
    world.request_identity.hold(claim.claim_no, number, "wait-b1")
    assert world.claims.get(claim.claim_no).first_attention == "PAYOUT_IDENTITY_REQUIRED"
    lines = world.claims.history(claim.claim_no)
    asked = [line for line in lines if line.event is ClaimEvent.IDENTITY_REQUESTED]
    assert [(line.reason_code, news_of(line)) for line in asked] == [("B1", None)]
    assert walk(world, claim, "B2") == walk(world, claim, "B3") == "SUCCEEDED"
    for staff_id in ("finance-1", "intake-1"):
        world.confirm_identity(staff_id, claim.claim_no, IdentityDocument.RESIDENT_ID, "B1")
    assert world.workflows.answers["wait-b1"] == {"outcome": "PROVED"}
    assert walk(world, claim, "B1") == "SUCCEEDED"
    assert_paid(world, claim, {"B1": 1_500_000, "B2": 750_000, "B3": 750_000})


@pytest.mark.parametrize(
    ("people", "fault"),
    [
        ((a_beneficiary(1, "9999/10000"),), "SHARES"),
        ((a_beneficiary(1, "1/2"), a_beneficiary(2, "5001/10000")), "SHARES"),
        ((a_beneficiary(1, "2/1"),), "SHARES"),
        ((a_beneficiary(1, "1/3"), a_beneficiary(2, "1/3"), a_beneficiary(3, "3333/10000")), "SHARES"),
        ((a_beneficiary(1, Fraction(3, 2)), a_beneficiary(2, Fraction(-1, 2))), "SHARES"),
        ((a_beneficiary(1, "1/1"), a_beneficiary(2, Fraction(0))), "SHARES"),
        ((), "SHARES"),
        (tuple(a_beneficiary(n, "1/10") for n in range(10)), "SHARES"),
        (
            (a_beneficiary(1, "1/2"), a_beneficiary(1, "1/2", account_no="62220212345678")),
            "SAME_PERSON_TWICE",
        ),
        ((a_beneficiary(1, "1/1", document_number=an_id_number()),), "INSURED"),
        (
            (a_beneficiary(1, "1/2"), a_beneficiary(2, "1/2", account_no=THREE[0].account_no)),
            "SAME_ACCOUNT_TWICE",
        ),
        ((a_beneficiary(1, "1/1", name="浦江劳务"),), "COMPANY"),
        ((a_beneficiary(1, "1/1", name="东方物流"),), "COMPANY"),
        ((a_beneficiary(1, "1/1", name="某某劳务有限公司"),), "COMPANY"),
    ],
)
def test_beneficiaries_are_refused_when_they_cannot_stand(
    people: tuple[Beneficiary, ...], fault: str
) -> None:
    world, claim = dead()
    with pytest.raises(BeneficiariesInvalidError) as refused:
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    assert refused.value.facts == {"fault": fault}
    assert world.beneficiaries.find(claim.claim_no).version == 0


@pytest.mark.parametrize("status", [DocumentStatus.RECEIVED, DocumentStatus.REJECTED, DocumentStatus.WAIVED])
def test_beneficiaries_are_refused_when_no_relation_is_proved(status: DocumentStatus) -> None:
    world, claim = dead(proof=status)
    with pytest.raises(RelationUnprovedError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, THREE)


def test_beneficiary_is_refused_when_the_id_number_is_mistyped() -> None:
    """A company has no resident ID either."""
    world, claim = dead()
    people = (a_beneficiary(1, "1/1", document_number="110105197001010010"),)
    with pytest.raises(ResidentIdError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)


OTHER_KINDS = (
    (IdentityDocument.PASSPORT, "E12345678"),
    (IdentityDocument.HK_MO_PERMIT, "H12345678"),
    (IdentityDocument.TW_PERMIT, "12345678"),
)


def test_heirs_are_stated_when_they_have_other_documents() -> None:
    """Three equal heirs, from abroad, Hong Kong and Taiwan."""
    world, claim = dead()
    people = tuple(
        a_beneficiary(place, "1/3", document_type=kind, document_number=f" {number.lower()} ")
        for place, (kind, number) in enumerate(OTHER_KINDS, start=1)
    )
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    assert [person.document_number for person in stated.beneficiaries.people] == [n for _, n in OTHER_KINDS]
    shown = BeneficiariesView.of(stated).beneficiaries
    assert [(v.document_type, v.document_number, v.share) for v in shown] == [
        (IdentityDocument.PASSPORT, "*****5678", "1/3"),
        (IdentityDocument.HK_MO_PERMIT, "*****5678", "1/3"),
        (IdentityDocument.TW_PERMIT, "****5678", "1/3"),
    ]
    world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)
    run_all(world, claim)
    assert_paid(world, claim, {"B1": 300_001, "B2": 300_000, "B3": 300_000})


@pytest.mark.parametrize(("kind", "number"), OTHER_KINDS)
@pytest.mark.parametrize("fault", ["INSURED", "SAME_PERSON_TWICE"])
def test_person_is_found_again_when_the_document_is_no_resident_id(
    kind: IdentityDocument, number: str, fault: str
) -> None:
    """A renewed permit is the same person's: two digits count its issues."""
    again = {IdentityDocument.PASSPORT: number.lower()}.get(kind, f"{number}02")
    documents = {"document_type": kind}
    first = a_beneficiary(1, "1/2", document_number=again, **documents)
    second = a_beneficiary(2, "1/2", document_number=number, **documents)
    world, claim = dead()
    people = (first, second)
    if fault == "INSURED":
        people = (first, a_beneficiary(2, "1/2"))
        person_id = world.state_beneficiaries.index.person_id(indexed(kind, number))
        policy = claim.policy.model_copy(update={"person_id": person_id})
        world.claims._claims[claim.claim_no] = claim.model_copy(update={"policy": policy})
    with pytest.raises(BeneficiariesInvalidError) as refused:
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    assert refused.value.facts == {"fault": fault}


def test_two_kinds_are_two_persons_when_their_numbers_are_the_same() -> None:
    world, claim = dead()
    number = "12345678"
    people = tuple(
        a_beneficiary(place, "1/2", document_type=kind, document_number=number)
        for place, kind in enumerate((IdentityDocument.PASSPORT, IdentityDocument.TW_PERMIT), start=1)
    )
    stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    assert len(stated.beneficiaries.people) == 2


def test_beneficiary_is_refused_when_the_number_is_of_another_kind() -> None:
    world, claim = dead()
    for kind in (IdentityDocument.HK_MO_PERMIT, IdentityDocument.TW_PERMIT):
        people = (a_beneficiary(1, "1/1", document_type=kind, document_number="E12345678"),)
        with pytest.raises(DocumentNumberError):
            world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
    assert world.beneficiaries.find(claim.claim_no).version == 0


def test_claim_is_not_paid_early_when_an_account_is_corrected_meanwhile() -> None:
    world, claim = confirmed()
    walk(world, claim, "B1", TransferState.FAIL)
    numbers = [reserved_for(world, claim, payee).payout_id for payee in ("B2", "B3")]
    corrected = (a_beneficiary(1, "1/2", account_no="6217000010001234567"), *THREE[1:])
    world.state_beneficiaries.state("adjuster-1", claim.claim_no, corrected)  # and nobody confirmed it yet
    for number in map(str, numbers):
        assert world.pay.submit(number) == "PENDING"
        world.real_bank.finish(number)
        assert world.pay.confirm(number) == world.pay.post(number) == "SUCCEEDED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAYING
    assert reserved_for(world, claim, "B1").outcome == "BENEFICIARY_MISSING"


def test_account_is_refused_when_it_pays_another_person() -> None:
    """F18: one account in many claims."""
    world, claim = confirmed()
    other = (a_beneficiary(7, "1/1", account_no=THREE[0].account_no),)
    with pytest.raises(PayeeAccountTakenError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, other)
    swapped = (
        a_beneficiary(1, "1/2", account_no=THREE[1].account_no),
        a_beneficiary(2, "1/2", account_no=THREE[0].account_no),
    )
    with pytest.raises(PayeeAccountTakenError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, swapped)


def test_two_people_are_needed_when_beneficiaries_are_confirmed() -> None:
    world, claim = dead()
    state = world.state_beneficiaries
    version = state.state("adjuster-1", claim.claim_no, THREE).beneficiaries.version
    with pytest.raises(BeneficiariesBySamePersonError):
        state.confirm("adjuster-1", claim.claim_no, version)
    again = state.state("adjuster-2", claim.claim_no, (*THREE[:1], a_beneficiary(4, "1/2")))
    with pytest.raises(ConcurrentChangeError):
        state.confirm("senior-1", claim.claim_no, version)  # it was read before it changed
    for _ in range(2):
        found = state.confirm("senior-1", claim.claim_no, again.beneficiaries.version).beneficiaries
        assert found.confirmed_by == "senior-1"
    events = [entry.event for entry in world.claims.history(claim.claim_no)]
    assert events.count(ClaimEvent.BENEFICIARIES_CONFIRMED) == 1


def test_payout_starts_when_the_confirmation_overtook_its_question() -> None:
    world, claim = dead()
    version = world.state_beneficiaries.state("adjuster-1", claim.claim_no, THREE).beneficiaries.version
    assert world.pay.reserve(claim.claim_no).outcome == "BENEFICIARY_MISSING"
    started = len(world.workflows.payouts)
    world.state_beneficiaries.confirm("senior-1", claim.claim_no, version)
    world.pay.record_failure(claim.claim_no, Outcome.BENEFICIARY_MISSING)
    assert len(world.workflows.payouts) == started + 1
    run_all(world, claim)
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})


def test_insured_s_app_hears_nothing_of_a_beneficiary_s_payment() -> None:
    world, claim = confirmed()
    before = len(world.claims.history(claim.claim_no))
    walk(world, claim, "B1", TransferState.FAIL)
    walk(world, claim, "B2")
    lines = world.claims.history(claim.claim_no)[before:]
    assert {line.event for line in lines} >= {ClaimEvent.PAYOUT_RESERVED, ClaimEvent.SHARE_PAID}
    assert [news_of(line) for line in lines] == [None] * len(lines)
    file = world.read.my_file(WORKER, claim.claim_no)
    shown = [line.event for line in claim_view(file).timeline]
    assert ClaimEvent.PAYOUT_RESERVED not in shown
    by_staff = lines[0].model_copy(update={"by": Actor.staff("S1"), "event": ClaimEvent.REMINDED})
    assert news_of(by_staff) is not None, "a reason code of a person's own is no beneficiary"


def test_shares_stand_when_money_is_under_way() -> None:
    world, claim = confirmed()
    reserved_for(world, claim, "B1")
    other_shares = (a_beneficiary(1, "1/2"), a_beneficiary(2, "3/10"), a_beneficiary(3, "1/5"))
    other_account = (a_beneficiary(1, "1/2", account_no="6217000010001234567"), *THREE[1:])
    for people in (other_shares, other_account, THREE[:1] + THREE[2:] + THREE[1:2]):
        with pytest.raises((BeneficiaryPaidError, PayeeAccountTakenError)):
            world.state_beneficiaries.state("adjuster-1", claim.claim_no, people)


def test_statement_and_reservation_never_pass_each_other() -> None:
    """Whoever reserves has read the beneficiaries; a statement meanwhile moves the claim under them."""
    world, claim = confirmed()
    other = (a_beneficiary(5, "1/1"),)

    def state_meanwhile(name: str) -> None:
        if name == "claims.save":
            world.steps.calm()
            stated = world.state_beneficiaries.state("adjuster-1", claim.claim_no, other)
            world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)

    world.steps.before = state_meanwhile
    reserved = reserved_for(world, claim, "B1")
    assert reserved.payout_id is not None
    assert world.payouts.get(reserved.payout_id).amount_fen == claim.amount_fen


def test_beneficiaries_are_not_wanted_when_the_insured_lives() -> None:
    world = World()
    claim = world.agreed()
    with pytest.raises(BeneficiariesNotWantedError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, THREE)


def second_round(world: World, claim_no: str) -> None:
    """The claim is closed and reopened, and two people decide a further amount, which its heirs accept.

    The first time what was paid moves the proposal, and the adjuster is told before they decide; later only where it
    proposes something else.
    """
    world.follow.close(claim_no)
    world.review.reopen("S1", claim_no, "NEW_BILLS", "又收到票据")
    world.open_step(claim_no, WaitStep.DECISION)
    decided = Verdict(Decision.APPROVED, 100_001, "WITHIN_TERMS", "单据齐全")
    claim = world.claims.get(claim_no)
    moved = not world.compute(claim).assessment.same_as(claim.assessment)
    assert moved or len(claim.rounds) > 2
    if moved:
        with pytest.raises(ExposureMovedError):
            world.decide("adjuster-1", claim_no, decided)
    world.decide("adjuster-1", claim_no, decided)
    world.acknowledge("senior-1", claim_no, True, None)
    world.answer.take(world.claims.get(claim_no), Actor.staff("intake-1"), AnswerKind.ACCEPT, "签署协议")


@example(
    steps=[("B1", "pay"), ("B2", "pay"), ("B1", "reopen"), ("B1", "pay"), ("B2", "fail"), ("B1", "bounce")]
)
@example(
    steps=[("B1", "pay"), ("B1", "bounce"), ("B1", "pay"), ("B2", "pay"), ("B1", "reopen"), ("B2", "pay")]
)
@example(
    steps=[("B1", "pay"), ("B2", "pay"), ("B1", "reopen"), ("B1", "pay"), ("B2", "pay"), ("B1", "reopen")]
)
@example(steps=[("B1", "pay"), ("B2", "pay"), ("B1", "reopen"), ("B1", "bounce"), ("B1", "bounce")])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(("B1", "B2")), st.sampled_from(("pay", "fail", "bounce", "reopen", "confirm"))
        ),
        max_size=10,
    )
)
def test_books_say_what_the_claim_says_when_shares_fail_bounce_and_a_second_round_opens(
    steps: list[tuple[str, str]],
) -> None:
    """Incurred is paid and reserved after every step, and nothing is reserved once all is paid and closed."""
    world, claim = confirmed(people=(a_beneficiary(1, "1/2"), a_beneficiary(2, "1/2")))
    for payee, step in steps:
        world.at += timedelta(minutes=10)
        try:
            if step == "reopen":
                second_round(world, claim.claim_no)
            elif step == "confirm":
                stated = world.state_beneficiaries.state(
                    "adjuster-1", claim.claim_no, (a_beneficiary(1, "1/2"), a_beneficiary(2, "1/2"))
                )
                world.state_beneficiaries.confirm("senior-1", claim.claim_no, stated.beneficiaries.version)
            elif step == "bounce":
                for number in world.books.paid:
                    if world.payouts.get(number).payee == payee and number not in world.books.returned:
                        bill = world.real_bank.find(number)
                        assert bill is not None
                        if (
                            bill.state is TransferState.SUCCESS
                        ):  # it comes back once, and may not be taken in at once
                            world.real_bank.return_money(number)
                        world.pay.bounce(number)
            else:
                state = TransferState.FAIL if step == "fail" else TransferState.SUCCESS
                walk(world, world.claims.get(claim.claim_no), payee, state)
        except (DaycoverError, KeyError):
            pass  # not now: nobody is confirmed, or the step is closed
        world.check_books()


def test_beneficiaries_stand_when_the_claim_is_paid() -> None:
    world, claim = confirmed()
    run_all(world, claim)
    with pytest.raises(ClaimStepClosedError):
        world.state_beneficiaries.state("adjuster-1", claim.claim_no, THREE)


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(CALLS))
def test_each_share_is_paid_once_when_the_process_dies_between_any_two_steps(
    index: int, applied: bool
) -> None:
    world, claim = confirmed()
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        run_all(world, claim)
    except Crash:
        pass
    world.steps.calm()
    world.at += timedelta(seconds=20)
    for payee in ("B1", "B2", "B3"):  # redriven
        walk(world, claim, payee)
    run_all(world, claim)
    assert_paid(world, claim, {"B1": 450_001, "B2": 225_000, "B3": 225_000})
    assert len(world.real_bank.bills) == len(world.books.paid) == 3
