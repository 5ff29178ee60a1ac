"""When the machine cannot say who somebody is: the worker asks, two people answer, or the half hour does."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from daycover.china_time import CHINA
from daycover.cover.decide_referral import SiteDecline
from daycover.cover.decline import decline_words
from daycover.cover.issue import ConsentWithdrawnError
from daycover.cover.policy import Proof, mask_name
from daycover.cover.referral import (
    TIMED_OUT,
    AlreadyCoveredError,
    Document,
    Referral,
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


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_nobody_can_answer_any_more_when_the_site_has_declined(desk: Desk, is_confirmed: bool) -> None:
    """Also of whom a colleague has confirmed by mistake: it waits before staff no longer."""
    referral = desk.confirmed() if is_confirmed else desk.ask()
    declined = desk.decline(referral, SiteDecline.PHOTO_DIFFERS)
    assert declined.status(desk.world.now()) is ReferralStatus.DECLINED
    assert (
        declined
        == desk.referrals.get(referral.referral_id)
        == desk.decline(referral, SiteDecline.PHOTO_DIFFERS)
    )
    (seen,) = desk.ask_referral.of(desk.worker)
    words = decline_words(seen, desk.world.now())
    assert words is not None
    assert words.zh.startswith("证件照片与本人不符。")
    assert desk.decide.waiting() == []
    with pytest.raises(ReferralClosedError):
        desk.decline(referral, SiteDecline.NOT_ON_SITE)
    with pytest.raises(ReferralClosedError):
        desk.confirm(referral)
    with pytest.raises(ReferralClosedError):
        desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    again = desk.confirm(desk.ask())
    assert again.referral_id != referral.referral_id
    assert desk.decide("s-1", again.referral_id, True, "DOCUMENT_SEEN")[1] is not None


def test_site_cannot_decline_when_staff_have_decided_or_time_is_up(desk: Desk) -> None:
    approved = desk.confirmed()
    desk.decide("s-1", approved.referral_id, True, "DOCUMENT_SEEN")
    with pytest.raises(ReferralClosedError):
        desk.decline(approved, SiteDecline.NOT_ON_SITE)
    assert desk.referrals.get(approved.referral_id).status(desk.world.now()) is ReferralStatus.APPROVED


def test_decision_of_staff_is_not_the_site_s_when_the_reason_is_the_same(desk: Desk) -> None:
    referral = desk.confirmed()
    desk.decide("s-1", referral.referral_id, False, "PHOTO_DIFFERS")
    with pytest.raises(ReferralClosedError):
        desk.decline(referral, SiteDecline.PHOTO_DIFFERS)


def test_confirmation_is_refused_when_a_colleague_declines_in_between(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = desk.ask()
    confirm = desk.referrals.confirm

    def late(confirmed: Referral) -> None:
        desk.decline(referral, SiteDecline.NOT_ON_SITE)
        confirm(confirmed)

    monkeypatch.setattr(desk.referrals, "confirm", late)
    with pytest.raises(ReferralClosedError):
        desk.confirm(referral)
    assert desk.referrals.get(referral.referral_id).confirmed is None


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


def withdraw(desk: Desk) -> None:
    desk.world.withdraw(desk.worker, [ConsentKind.SUM_INSURED], project_id=PROJECT)


def erase_and_think_better_of_it(desk: Desk) -> None:
    desk.world.workers.lock_data(desk.worker, desk.world.now())
    desk.world.workers.lock_data(desk.worker, None)


@pytest.mark.parametrize("ends", [withdraw, erase_and_think_better_of_it])
def test_new_request_is_made_when_the_open_one_can_bring_no_policy_any_more(
    desk: Desk, ends: Callable[[Desk], None]
) -> None:
    """Else whoever consents again is given a request that nobody can approve, for half an hour at the gate."""
    first = desk.confirmed()
    desk.world.now.advance(minutes=1)
    ends(desk)
    desk.world.now.advance(minutes=1)
    desk.world.consent(desk.worker, desk.project)
    again = desk.ask()
    assert again.referral_id != first.referral_id
    assert desk.ask() == again
    desk.confirm(again)
    _, issued = desk.decide("s-1", again.referral_id, True, "DOCUMENT_SEEN")
    assert issued is not None
    assert issued.is_new


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


@pytest.mark.parametrize(("born", "refused"), [("19601125", True), ("19601126", False)])
def test_age_is_that_of_the_day_on_which_adjacent_cover_begins(born: str, refused: bool) -> None:
    desk = Desk(a_project(shift=Shift(starts_at=time(0), ends_at=time(23, 59))))
    desk.world.now.at = datetime(2026, 11, 24, 0, 30, tzinfo=CHINA)
    worker = desk.world.worker("o-2", desk.project)
    number = an_id_number(born)
    desk.world.cover(worker, desk.project, stated=("王小明", number))
    desk.worker = worker
    desk.world.now.at = datetime(2026, 11, 24, 23, 30, tzinfo=CHINA)
    if refused:
        with pytest.raises(AgeOutOfRangeError):
            desk.ask(resident(number), ReferralReason.FACE_FAILED)
    else:
        assert desk.ask(resident(number), ReferralReason.FACE_FAILED).attempts == 1


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


def test_referral_of_cover_is_kept_when_nothing_was_noted_on_it_before_its_worker_was_erased(
    desk: Desk,
) -> None:
    referral = desk.confirmed()
    desk.world.steps.crash_at("referrals.issued", applied=False)
    with pytest.raises(Crash):
        desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    desk.world.steps.calm()
    desk.world.now.advance(hours=26)
    other = desk.ask()
    desk.world.now.advance(hours=26)
    desk.world.erase.request(desk.worker)
    (policy,) = desk.world.policies.all()
    assert desk.referrals.get(policy.check_in_id).referral_id == referral.referral_id
    with pytest.raises(ReferralNotFoundError):
        desk.referrals.get(other.referral_id)


def test_nobody_learns_who_is_covered_when_they_ask_in_a_colleague_s_name(desk: Desk) -> None:
    colleague = desk.world.worker("o-2")
    policy = desk.world.cover(colleague)
    asked = desk.ask(resident(an_id_number()), ReferralReason.FACE_FAILED)
    assert asked.status(desk.world.now()) is ReferralStatus.ASKED
    # whoever is seen to be that person, on another account, gets the policy that they have
    _, issued = desk.decide("s-1", desk.confirm(asked).referral_id, True, "SEEN")
    assert issued is not None
    assert issued.policy == policy
    assert desk.world.read_policies.all_of(desk.worker) == [policy]
