"""When the machine cannot say who somebody is: the worker asks, two people answer, or the half hour does."""

from datetime import time, timedelta

import pytest

from daycover.china_time import seconds_left_of_day
from daycover.cover.issue import ConsentWithdrawnError
from daycover.cover.policy import Proof, mask_name
from daycover.cover.referral import (
    TIMED_OUT,
    AlreadyCoveredError,
    Document,
    ReferralClosedError,
    ReferralNotFoundError,
    ReferralReason,
    ReferralStatus,
)
from daycover.cover.underwriting import AgeOutOfRangeError, MinorInHazardousWorkError
from daycover.identity.consent import ConsentKind, ConsentMissingError
from daycover.identity.document import DocumentReferredError
from daycover.identity.resident_id import ResidentIdError
from daycover.projects.project import Shift
from tests.support.builders import PROJECT, a_project, an_id_number
from tests.support.fakes.port import Crash
from tests.unit.cover.referral_desk import PASSPORT, Desk, resident


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_cover_begins_at_the_approval_and_names_both_people_when_approved(desk: Desk) -> None:
    referral = desk.ask()
    assert referral.status(desk.world.now()) is ReferralStatus.ASKED
    desk.world.now.advance(minutes=10)
    desk.confirm(referral)
    assert desk.decide.waiting() == [desk.referrals.get(referral.referral_id)]
    desk.world.now.advance(minutes=10)
    decided, issued = desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    assert issued is not None
    policy = issued.policy
    assert policy is not None
    assert policy.period.start == policy.issued_at == desk.world.now()
    assert (policy.proof, policy.insured_name) == (Proof.REFERRED, mask_name("王小明"))
    assert decided.confirmed is not None
    assert decided.decided is not None
    assert (decided.confirmed.subject, decided.decided.subject) == ("C1", "s-1")
    assert decided.status(desk.world.now()) is ReferralStatus.APPROVED
    assert desk.world.read_policies.all_of(desk.worker) == [policy]
    assert desk.decide.waiting() == []
    assert desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")[0] == decided
    assert desk.world.policies.all() == [policy]


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_referral_is_declined_by_itself_when_half_an_hour_has_passed(desk: Desk, is_confirmed: bool) -> None:
    referral = desk.ask()
    if is_confirmed:
        desk.confirm(referral)
    desk.world.now.advance(minutes=29, seconds=59)
    assert desk.referrals.get(referral.referral_id).status(desk.world.now()) is not ReferralStatus.DECLINED
    desk.world.now.advance(seconds=1)
    (seen,) = desk.ask_referral.of(desk.worker)
    (listed,) = desk.confirm_referral.of_project("C1", PROJECT)
    for view in (seen, listed):
        assert view.status(desk.world.now()) is ReferralStatus.DECLINED
        assert view.declined_for(desk.world.now()) == TIMED_OUT
    with pytest.raises(ReferralClosedError):
        desk.decide("s-1", referral.referral_id, True, "LATE")
    with pytest.raises(ReferralClosedError):
        desk.confirm(referral)
    assert desk.decide.waiting() == []
    assert desk.world.policies.all() == []
    assert desk.ask().referral_id != referral.referral_id


def test_reason_is_seen_and_nothing_issued_when_staff_reject(desk: Desk) -> None:
    referral = desk.confirmed()
    decided, issued = desk.decide("s-1", referral.referral_id, False, "PHOTO_DIFFERS")
    assert issued is None
    assert decided.declined_for(desk.world.now()) == "PHOTO_DIFFERS"
    with pytest.raises(ReferralClosedError):
        desk.decide("s-2", referral.referral_id, True, "DOCUMENT_SEEN")
    assert desk.world.policies.all() == []


def test_staff_cannot_approve_when_nobody_has_seen_the_worker(desk: Desk) -> None:
    with pytest.raises(ReferralClosedError):
        desk.decide("s-1", desk.ask().referral_id, True, "DOCUMENT_SEEN")


def test_referral_is_not_found_when_it_is_another_projects(desk: Desk) -> None:
    referral = desk.ask()
    for company, project in (("C2", PROJECT), ("C1", "00000000000000000000000009")):
        with pytest.raises(ReferralNotFoundError):
            desk.confirm_referral(company, project, referral.referral_id, "company", company)
    assert desk.confirm_referral.of_project("C2", PROJECT) == []


def test_open_request_is_gone_on_with_when_asked_again(desk: Desk) -> None:
    first = desk.ask()
    assert desk.ask() == first
    assert desk.confirm(first) == desk.confirm(first)
    assert desk.ask().referral_id == first.referral_id


@pytest.mark.parametrize(
    ("document", "reason", "error"),
    [
        (resident("110105199003070026"), ReferralReason.FACE_FAILED, ResidentIdError),
        (resident(an_id_number("20111125")), ReferralReason.AGE_EDGE, AgeOutOfRangeError),
        (resident(an_id_number("19601123")), ReferralReason.FACE_FAILED, AgeOutOfRangeError),
        (resident(an_id_number("19551124")), ReferralReason.AGE_EDGE, AgeOutOfRangeError),
    ],
)
def test_request_is_refused_when_no_person_could_approve_it(
    desk: Desk, document: Document, reason: ReferralReason, error: type[Exception]
) -> None:
    with pytest.raises(error):
        desk.ask(document, reason)


def test_person_at_the_upper_age_edge_may_be_referred_when_asked_for() -> None:
    assert Desk().ask(resident(an_id_number("19591124")), ReferralReason.AGE_EDGE).attempts == 0
    with pytest.raises(MinorInHazardousWorkError):
        Desk(a_project(occupation_class=5)).ask(resident(an_id_number("20091124")), ReferralReason.AGE_EDGE)


def test_age_is_read_at_the_start_of_cover_when_it_follows_on_cover_that_ends_after_midnight() -> None:
    desk = Desk(a_project(shift=Shift(starts_at=time(23, 30), ends_at=time(7, 30))))
    desk.world.now.advance(seconds=seconds_left_of_day(desk.world.now()) + 1800)
    tomorrow = desk.day + timedelta(days=1)
    elder = PASSPORT.model_copy(update={"birth_date": tomorrow.replace(year=tomorrow.year - 66)})
    desk.decide("s-1", desk.confirm(desk.ask(elder)).referral_id, True, "DOCUMENT_SEEN")
    desk.world.now.advance(hours=23)
    assert desk.day < tomorrow
    with pytest.raises(
        AgeOutOfRangeError
    ):  # before foreman and insurer look at somebody whom nobody can insure
        desk.ask(elder)


def test_request_needs_consents_and_no_cover_when_made(desk: Desk) -> None:
    desk.world.cover(desk.worker)
    with pytest.raises(AlreadyCoveredError):
        desk.ask(resident(an_id_number()), ReferralReason.FACE_FAILED)
    desk.world.now.advance(hours=25)
    desk.world.consents.withdraw(desk.worker, PROJECT, [ConsentKind.SENSITIVE_DATA], desk.world.now())
    with pytest.raises(ConsentMissingError):
        desk.ask(resident(an_id_number()), ReferralReason.FACE_FAILED)


def test_nothing_is_issued_when_consent_was_withdrawn_in_the_half_hour(desk: Desk) -> None:
    referral = desk.confirmed()
    desk.world.consents.withdraw(desk.worker, PROJECT, [ConsentKind.SUM_INSURED], desk.world.now())
    with pytest.raises(ConsentWithdrawnError):
        desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    assert desk.world.policies.all() == []


def test_account_of_another_person_is_refused_when_it_asks(desk: Desk) -> None:
    desk.world.cover(desk.worker)
    desk.world.now.advance(hours=25)
    with pytest.raises(ReferralClosedError):
        desk.ask(PASSPORT)


def test_next_check_in_is_referred_when_the_worker_is_known_by_a_passport(desk: Desk) -> None:
    desk.decide("s-1", desk.confirmed().referral_id, True, "DOCUMENT_SEEN")
    desk.world.now.advance(hours=24)
    with pytest.raises(DocumentReferredError):
        desk.world.scan(desk.worker, desk.project, stated=None)
    desk.world.now.advance(minutes=1)
    referral = desk.confirm(desk.ask())
    desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    assert len(desk.world.policies.all()) == 2


@pytest.mark.parametrize("index", range(8))
@pytest.mark.parametrize("applied", [False, True])
def test_one_policy_results_when_the_decision_is_cut_off_at_any_call_and_repeated(
    desk: Desk, index: int, applied: bool
) -> None:
    referral = desk.confirmed()
    desk.world.steps.calm()
    desk.world.steps.crash_at(index, applied=applied)
    try:
        desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    except Crash:
        pass
    desk.world.steps.calm()
    desk.world.now.advance(minutes=1)
    decided, _ = desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    (policy,) = desk.world.policies.all()
    assert decided.policy_no == policy.policy_no
    assert timedelta() <= desk.world.now() - policy.period.start <= timedelta(minutes=1)
    assert desk.world.read_policies.all_of(desk.worker) == [policy]
