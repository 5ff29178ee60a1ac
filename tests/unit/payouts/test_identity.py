"""A large payout waits for its payee: no money before a fresh proof, no refusal ever, one payment in the end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from daycover.api.claims.worker import claim_view
from daycover.claims.claim import Claim, ClaimNotFoundError, Queue
from daycover.claims.inform import news_of
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.identity.attempt import PRE_ORDERS_PER_DAY, TOO_MANY_FACES
from daycover.identity.document import IdDocumentType
from daycover.identity.work_card import (
    Purpose,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.payouts.identity import (
    ATTENTION,
    FRESH,
    IDENTITY_CHECK_FROM_FEN,
    CheckStatus,
    IdentityBySamePersonError,
    IdentityCheckNotFoundError,
    IdentityCheckRefusedError,
    IdentityChecksUsedUpError,
    IdentityCheckUnavailableError,
    IdentityNotWantedError,
    Means,
    needs_check,
)
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import PayoutState, payout_number
from daycover.payouts.prove_identity import CHECKS_PER_DAY
from daycover.payouts.request_identity import REMINDERS_BEFORE_FINANCE
from daycover.payouts.transfer import TransferState
from tests.support.builders import PERSON, WORKER, a_worker
from tests.support.claims import insured
from tests.support.fakes.port import Crash
from tests.support.queues import queued
from tests.unit.claims.world import World

LARGE_FEN = 1_500_000
CALLS = 60
"""More than a whole large payout makes."""
PASSPORT, RESIDENT_ID = IdDocumentType.PASSPORT, IdDocumentType.RESIDENT_ID


def waiting() -> tuple[World, Claim, str]:
    """A large payout whose workflow waits for the payee."""
    world = World()
    claim = world.agreed_large(LARGE_FEN)
    reserved = world.pay.reserve(claim.claim_no)
    assert reserved.outcome == "IDENTITY_REQUIRED"
    assert reserved.payout_id is not None
    world.request_identity.hold(claim.claim_no, reserved.payout_id, "wait-1")
    return world, world.claims.get(claim.claim_no), reserved.payout_id


def shown(world: World, claim: Claim, *, failed: str | None = None) -> str:
    """The worker opens the check and shows their face; gives the check's id."""
    check = world.prove_identity.start(WORKER, claim.claim_no).check
    assert check is not None
    world.work_card.show_face(f"{claim.claim_no}I{check.number}", failed=failed)
    return str(check.number)


def events(world: World, claim: Claim) -> list[ClaimEvent]:
    return [entry.event for entry in world.claims.history(claim.claim_no)]


@pytest.mark.parametrize(
    ("fen", "needed"),
    [(999_999, False), (IDENTITY_CHECK_FROM_FEN, True), (1_000_001, True), (80_000_000, True)],
)
def test_check_is_needed_when_the_payout_has_ten_thousand_yuan(fen: int, needed: bool) -> None:
    assert needs_check(fen) is needed


def test_payout_makes_no_call_more_when_it_is_below_the_limit() -> None:
    world = World()
    claim = world.agreed_large(IDENTITY_CHECK_FROM_FEN - 1)
    reserved = world.pay.reserve(claim.claim_no)
    assert reserved.outcome == "RESERVED"
    assert reserved.payout_id is not None
    assert world.pay.submit(reserved.payout_id) == "PENDING"
    assert not any(call.startswith("identities") for call in world.steps.calls)


def test_payout_goes_on_when_the_face_was_recognised() -> None:
    world, claim, number = waiting()
    assert claim.status is ClaimStatus.PAYING
    check_id = shown(world, claim)
    order = world.work_card.orders[f"{claim.claim_no}I1"]
    assert (order.purpose, order.openid, order.sub_mchid) == (Purpose.PAYOUT, "o-worker", "1900000109")
    checked = world.prove_identity.result(WORKER, claim.claim_no, check_id)
    assert checked.check is not None
    assert checked.check.status is CheckStatus.PROVED
    assert checked.check.token is None
    assert world.workflows.answers == {**world.workflows.answers, "wait-1": {"outcome": "PROVED"}}
    assert world.tokens.find(number, "identity") is None
    assert world.pay.submit(number) == "PENDING"
    world.bank.finish(number)
    assert world.pay.confirm(number) == "SUCCEEDED"
    assert world.pay.post(number) == "SUCCEEDED"
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    assert world.bank.paid_fen == LARGE_FEN
    told = events(world, claim)
    assert told.count(ClaimEvent.IDENTITY_REQUESTED) == told.count(ClaimEvent.IDENTITY_PROVED) == 1


def test_insured_is_told_that_their_face_is_wanted_until_it_was_seen() -> None:
    world, claim, _ = waiting()
    view = claim_view(world.read.my_file(WORKER, claim.claim_no))
    assert view.identity_wanted is True
    lines = world.claims.history(claim.claim_no)
    [asked] = [line for line in lines if line.event is ClaimEvent.IDENTITY_REQUESTED]
    news = news_of(asked)
    assert news is not None
    phrase, note = news
    assert (len(phrase) <= 5, len(note) <= 20) == (True, True)
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    assert claim_view(world.read.my_file(WORKER, claim.claim_no)).identity_wanted is False


def test_no_money_is_sent_when_the_state_machine_forgets_to_wait() -> None:
    world, _, number = waiting()
    assert world.pay.submit(number) == "IDENTITY_REQUIRED"
    assert world.bank.bills == {}
    assert world.payouts.get(number).state is PayoutState.CREATED


def test_no_money_is_sent_when_the_proof_has_grown_old() -> None:
    world, claim, number = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    world.at += FRESH - timedelta(seconds=1)
    assert world.pay.reserve(claim.claim_no).outcome == "RESERVED"
    world.at += timedelta(seconds=1)
    assert world.pay.reserve(claim.claim_no).outcome == "IDENTITY_REQUIRED"
    assert world.pay.submit(number) == "IDENTITY_REQUIRED"
    assert world.bank.bills == {}
    world.request_identity.hold(claim.claim_no, number, "wait-2")
    assert events(world, claim).count(ClaimEvent.IDENTITY_REQUESTED) == 2
    assert world.tokens.find(number, "identity") == "wait-2"


def test_sent_payout_is_asked_for_when_its_proof_has_grown_old() -> None:
    world, claim, number = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    world.bank.lost_replies = {"submit"}
    assert world.pay.submit(number) == "UNKNOWN"
    world.bank.lost_replies = set()
    world.bank.finish(number)
    world.at += FRESH
    assert world.pay.reserve(claim.claim_no).outcome == "RESERVED"
    sent = world.steps.calls.count("bank.submit")
    assert world.pay.submit(number) == "SUCCEEDED"
    assert world.steps.calls.count("bank.submit") == sent


def test_wait_ends_at_once_when_the_proof_is_there() -> None:
    world, claim, number = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    world.request_identity.hold(claim.claim_no, number, "wait-2")
    assert world.workflows.answers["wait-2"] == {"outcome": "PROVED"}


def test_second_attempt_within_a_day_needs_no_second_proof() -> None:
    world, claim, number = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    world.pay.submit(number)
    world.bank.finish(number, TransferState.FAIL)
    assert world.pay.confirm(number) == "FAILED"
    world.pay.record_failure(claim.claim_no, Outcome.FAILED, number)
    again = world.pay.reserve(claim.claim_no)
    assert (again.outcome, again.payout_id) == ("RESERVED", payout_number(claim.claim_no, 2))


def test_payout_starts_anew_when_the_workflow_that_waited_is_gone() -> None:
    """ClaimToPayout gives its nested execution three days."""
    world, claim, number = waiting()
    world.workflows.given_up = {"wait-1"}
    started = len(world.workflows.payouts)
    check_id = shown(world, claim)
    for _ in range(2):
        world.prove_identity.result(WORKER, claim.claim_no, check_id)
    assert len(world.workflows.payouts) == started + 1
    assert world.tokens.find(number, "identity") is None


def test_silence_is_reminded_and_goes_before_finance_but_never_ends() -> None:
    world, claim, number = waiting()
    for day in range(1, REMINDERS_BEFORE_FINANCE + 3):
        world.at += timedelta(days=1)
        world.request_identity.remind(claim.claim_no, number)
        world.request_identity.hold(claim.claim_no, number, f"wait-{day + 1}")
        stands = world.claims.get(claim.claim_no)
        assert stands.status is ClaimStatus.PAYING
        assert (stands.attention == ATTENTION) is (day >= REMINDERS_BEFORE_FINANCE)
    assert [c.claim_no for c in queued(world.claims, Queue.PAYOUT)] == [claim.claim_no]
    assert events(world, claim).count(ClaimEvent.IDENTITY_REQUESTED) == 1
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    assert world.claims.get(claim.claim_no).first_attention is None
    assert queued(world.claims, Queue.PAYOUT) == []


def test_payee_is_reminded_once_a_day_when_two_wait_for_them_or_the_step_is_repeated() -> None:
    world, claim, number = waiting()
    for day in range(1, REMINDERS_BEFORE_FINANCE + 1):
        world.at += timedelta(days=1)
        for later in (timedelta(0), timedelta(seconds=90), timedelta(hours=5)):
            world.at += later
            identity = world.request_identity.remind(claim.claim_no, number)
            assert identity.reminders == day
        world.at -= timedelta(hours=5, seconds=90)
    assert events(world, claim).count(ClaimEvent.REMINDED) == REMINDERS_BEFORE_FINANCE


def test_nobody_is_reminded_when_the_proof_came_first() -> None:
    world, claim, number = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    world.request_identity.remind(claim.claim_no, number)
    assert ClaimEvent.REMINDED not in events(world, claim)


def test_open_attempt_is_gone_on_with_when_it_is_started_twice() -> None:
    world, claim, _ = waiting()
    first = world.prove_identity.start(WORKER, claim.claim_no).check
    assert world.prove_identity.start(WORKER, claim.claim_no).check == first
    assert len(world.work_card.orders) == 1
    world.at += timedelta(seconds=300)
    second = world.prove_identity.start(WORKER, claim.claim_no).check
    assert second is not None
    assert second.number == 2


def test_proof_is_found_when_the_app_never_came_back() -> None:
    world, claim, _ = waiting()
    shown(world, claim)
    checked = world.prove_identity.start(WORKER, claim.claim_no)
    assert checked.check is None
    assert checked.identity.is_fresh(world.at)
    assert world.workflows.answers["wait-1"] == {"outcome": "PROVED"}


def test_result_is_pending_when_no_face_was_shown_and_expires_with_the_token() -> None:
    world, claim, _ = waiting()
    check = world.prove_identity.start(WORKER, claim.claim_no).check
    assert check is not None
    result = world.prove_identity.result
    pending = result(WORKER, claim.claim_no, "1").check
    assert pending is not None
    assert pending.status is CheckStatus.PRE_ORDERED
    world.at += timedelta(seconds=361)
    expired = result(WORKER, claim.claim_no, "1").check
    assert expired is not None
    assert expired.status is CheckStatus.EXPIRED
    assert not world.identities.find(claim.claim_no).is_fresh(world.at)


def test_face_of_another_account_proves_nothing() -> None:
    world, claim, number = waiting()
    world.prove_identity.start(WORKER, claim.claim_no)
    world.work_card.show_face(f"{claim.claim_no}I1", openid="o-other")
    check = world.prove_identity.result(WORKER, claim.claim_no, "1").check
    assert check is not None
    assert (check.status, check.failed_reason) == (CheckStatus.FAILED, "ANOTHER_ACCOUNT")
    assert world.pay.submit(number) == "IDENTITY_REQUIRED"


def test_old_face_proves_nothing_when_it_is_asked_for_late() -> None:
    world, claim, _ = waiting()
    check_id = shown(world, claim)
    world.at += FRESH
    check = world.prove_identity.result(WORKER, claim.claim_no, check_id).check
    assert check is not None
    assert check.status is CheckStatus.EXPIRED


def test_day_s_checks_are_limited_so_that_check_ins_keep_theirs() -> None:
    assert CHECKS_PER_DAY < PRE_ORDERS_PER_DAY
    world, claim, _ = waiting()
    for _ in range(CHECKS_PER_DAY):
        world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim, failed="FACE"))
    with pytest.raises(IdentityChecksUsedUpError):
        world.prove_identity.start(WORKER, claim.claim_no)
    world.at += timedelta(days=1)
    check = world.prove_identity.start(WORKER, claim.claim_no).check
    assert check is not None
    assert check.number == CHECKS_PER_DAY + 1


def test_card_is_left_alone_for_the_day_when_five_faces_failed() -> None:
    world, claim, _ = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim, failed=TOO_MANY_FACES))
    with pytest.raises(IdentityChecksUsedUpError):
        world.prove_identity.start(WORKER, claim.claim_no)
    assert len(world.work_card.orders) == 1


@pytest.mark.parametrize(
    ("refusal", "ours"),
    [
        (WorkCardLimitError(), IdentityChecksUsedUpError),
        (WorkCardRefusedError(code="NO_AUTH"), IdentityCheckRefusedError),
        (WorkCardUnavailableError(), IdentityCheckUnavailableError),
    ],
)
def test_refusal_of_the_card_never_refuses_the_payment(refusal: Exception, ours: type[Exception]) -> None:
    world, claim, number = waiting()
    world.work_card.refusal = refusal
    with pytest.raises(ours):
        world.prove_identity.start(WORKER, claim.claim_no)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAYING
    assert world.tokens.find(number, "identity") == "wait-1"
    world.work_card.refusal = None
    assert world.prove_identity.start(WORKER, claim.claim_no).check is not None


def test_old_attempt_is_given_up_when_the_card_will_not_speak_of_it_any_more() -> None:
    world, claim, _ = waiting()
    world.prove_identity.start(WORKER, claim.claim_no)
    world.work_card.refusal = WorkCardRefusedError(code="NO_AUTH")
    with pytest.raises(IdentityCheckRefusedError):
        world.prove_identity.result(WORKER, claim.claim_no, "1")
    world.at += timedelta(seconds=361)
    check = world.prove_identity.result(WORKER, claim.claim_no, "1").check
    assert check is not None
    assert check.status is CheckStatus.EXPIRED


def test_passport_holder_is_sent_to_staff() -> None:
    world = World(workers=(a_worker(person_id=PERSON, name="ANNA", id_number="E12345678"),))
    claim = world.agreed_large(LARGE_FEN)
    number = world.pay.reserve(claim.claim_no).payout_id
    world.request_identity.hold(claim.claim_no, str(number), "wait-1")
    with pytest.raises(IdentityCheckRefusedError):
        world.prove_identity.start(WORKER, claim.claim_no)
    assert world.work_card.orders == {}


def test_check_is_hidden_when_the_claim_is_another_s() -> None:
    stranger = a_worker(worker_id="W2", openid="o-2", person_id="P2", name="李四", id_number="1")
    world = World(workers=(insured(), stranger))
    claim = world.agreed_large(LARGE_FEN)
    world.request_identity.hold(claim.claim_no, str(world.pay.reserve(claim.claim_no).payout_id), "wait-1")
    with pytest.raises(ClaimNotFoundError):
        world.prove_identity.start("W2", claim.claim_no)
    world.prove_identity.start(WORKER, claim.claim_no)
    with pytest.raises(ClaimNotFoundError):
        world.prove_identity.result("W2", claim.claim_no, "1")
    with pytest.raises(IdentityCheckNotFoundError):
        world.prove_identity.result(WORKER, claim.claim_no, "2")


def test_check_is_refused_when_no_payout_waits_for_one() -> None:
    world = World()
    claim = world.agreed()
    with pytest.raises(IdentityNotWantedError):
        world.prove_identity.start(WORKER, claim.claim_no)
    with pytest.raises(IdentityNotWantedError):
        world.confirm_identity("finance-1", claim.claim_no, RESIDENT_ID)


def test_payout_goes_on_when_two_members_of_staff_saw_the_payee() -> None:
    world, claim, number = waiting()
    confirm = world.confirm_identity
    for _ in range(2):  # the same word again is no second word
        assert not confirm("finance-1", claim.claim_no, RESIDENT_ID).is_fresh(world.at)
    assert world.pay.submit(number) == "IDENTITY_REQUIRED"
    identity = confirm("intake-1", claim.claim_no, RESIDENT_ID)
    assert identity.proof is not None
    assert (identity.proof.means, identity.proof.by) == (Means.STAFF, "finance-1,intake-1")
    assert world.workflows.answers["wait-1"] == {"outcome": "PROVED"}
    assert world.pay.submit(number) == "PENDING"
    assert confirm("intake-2", claim.claim_no, RESIDENT_ID) == identity
    seen = [e.by.id for e in world.claims.history(claim.claim_no) if e.event is ClaimEvent.IDENTITY_SEEN]
    assert seen == ["finance-1"]


@pytest.mark.parametrize("staff_id", ["adjuster-1", "senior-1"])
def test_decider_never_vouches_for_the_payee(staff_id: str) -> None:
    world, claim, _ = waiting()
    with pytest.raises(IdentityBySamePersonError):
        world.confirm_identity(staff_id, claim.claim_no, RESIDENT_ID)


def test_two_words_count_only_when_they_are_of_one_document_and_day() -> None:
    world, claim, _ = waiting()
    world.confirm_identity("finance-1", claim.claim_no, PASSPORT)
    assert world.confirm_identity("intake-1", claim.claim_no, RESIDENT_ID).proof is None
    world.at += FRESH
    assert world.confirm_identity("intake-2", claim.claim_no, RESIDENT_ID).proof is None
    assert world.confirm_identity("finance-1", claim.claim_no, RESIDENT_ID).proof is not None


def test_check_is_over_when_the_claim_is_paid() -> None:
    world, claim, number = waiting()
    world.prove_identity.result(WORKER, claim.claim_no, shown(world, claim))
    world.pay.submit(number)
    world.bank.finish(number)
    world.pay.confirm(number)
    world.pay.post(number)
    with pytest.raises(ClaimStepClosedError):
        world.prove_identity.start(WORKER, claim.claim_no)
    with pytest.raises(ClaimStepClosedError):
        world.confirm_identity("finance-1", claim.claim_no, RESIDENT_ID)
    assert world.request_identity.remind(claim.claim_no, number).reminders == 0


def by_face(world: World, claim: Claim) -> None:
    checked = world.prove_identity.start(WORKER, claim.claim_no)
    if checked.check is not None:
        world.work_card.show_face(f"{claim.claim_no}I{checked.check.number}")
        world.prove_identity.result(WORKER, claim.claim_no, str(checked.check.number))


def by_staff(world: World, claim: Claim) -> None:
    for staff_id in ("finance-1", "intake-1"):
        world.confirm_identity(staff_id, claim.claim_no, RESIDENT_ID)


def walk(world: World, claim: Claim, prove: Callable[[World, Claim], None]) -> None:
    """Walk the Payout definition once, with the payee proving and confirming in WeChat."""
    reserved = world.pay.reserve(claim.claim_no)
    number, outcome = reserved.payout_id, reserved.outcome
    if number is None or outcome == "ALREADY_PAID":
        return
    if outcome == "IDENTITY_REQUIRED":
        token = f"wait-{len(world.steps.calls)}"
        world.request_identity.hold(claim.claim_no, number, token)
        if token not in world.workflows.answers:
            prove(world, claim)
        assert token in world.workflows.answers
    if outcome != "SUCCEEDED":
        outcome = world.pay.submit(number)
    if outcome == "PENDING":
        world.bank.finish(number)
        outcome = world.pay.confirm(number)
    assert world.pay.post(number) == outcome == "SUCCEEDED"


@pytest.mark.parametrize("prove", [by_face, by_staff])
@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(CALLS))
def test_large_claim_is_paid_once_when_the_process_dies_between_any_two_steps(
    index: int, applied: bool, prove: Callable[[World, Claim], None]
) -> None:
    world = World()
    claim = world.agreed_large(LARGE_FEN)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        walk(world, claim, prove)
    except Crash:
        pass
    world.steps.calm()
    world.at += timedelta(seconds=20)
    walk(world, claim, prove)
    assert world.bank.paid_fen == LARGE_FEN
    assert list(world.bank.bills) == [payout_number(claim.claim_no, 1)]
    assert world.claims.get(claim.claim_no).status is ClaimStatus.PAID
    assert events(world, claim).count(ClaimEvent.IDENTITY_PROVED) == 1
