"""Work that an underwriter decides about: a price for it, a reason always, and no policy without two people."""

from functools import partial
from typing import Any

import pytest

from daycover.cover.check_in import CheckIn, CheckInStatus
from daycover.cover.complete import CompleteCheckIn
from daycover.cover.decide_referral import ISSUED_TOO_LATE, NOT_ISSUED
from daycover.cover.decline import NOT_APPROVED, REASONS, decline_words
from daycover.cover.issue import (
    CheckInExpiredError,
    ConsentWithdrawnError,
    DataErasedError,
    SumInsuredLimitError,
)
from daycover.cover.occupation import (
    OCCUPATION_TABLES,
    REFERRED_BY_CLASS,
    Acceptance,
    OccupationReferredError,
    work_to_refer,
)
from daycover.cover.policy import Policy, PolicyStatus, Proof
from daycover.cover.presence import Why
from daycover.cover.referral import (
    TIMED_OUT,
    Referral,
    ReferralClosedError,
    ReferralNotNeededError,
    ReferralReason,
    ReferralStatus,
)
from daycover.cover.underwriting import MinorInHazardousWorkError
from daycover.identity.consent import ConsentKind
from daycover.projects.code import issue_token
from daycover.projects.project import Project
from tests.support.builders import (
    NOW,
    PROJECT,
    a_check_in,
    a_policy,
    a_project,
    a_referred_project,
    an_id_number,
    an_identity,
)
from tests.support.fakes.port import Crash
from tests.unit.cover.referral_desk import PASSPORT, Desk, resident
from tests.unit.cover.world import ID_NUMBER, code_key

OWN = resident(ID_NUMBER)
CLASS = ReferralReason.OCCUPATION_CLASS
REASON_ZH = "长途货运属于六类职业,须由核保员确认路线和车型"
REASON_EN = "Long-haul haulage is class 6: an underwriter must confirm route and vehicle"


@pytest.fixture
def desk() -> Desk:
    return Desk(a_referred_project())


def whys(desk: Desk) -> list[Why]:
    return [visit.why for visit in desk.world.visits.of_project(PROJECT, [desk.day])]


def approved(desk: Desk) -> Policy:
    referral = desk.confirm(desk.ask(OWN, CLASS))
    _, issued = desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    assert issued is not None
    assert issued.policy is not None
    return issued.policy


# ---- the gate ----------------------------------------------------------------------------------------


def test_check_in_is_sent_to_people_before_the_work_card_hears_of_it_when_work_is_referred(
    desk: Desk,
) -> None:
    desk.world.steps.calm()
    with pytest.raises(OccupationReferredError) as refusal:
        desk.world.scan(desk.worker, desk.project)
    assert refusal.value.facts == {
        "code": "LONG_HAUL_TRUCK_DRIVER",
        "reason_zh": REASON_ZH,
        "reason_en": REASON_EN,
    }
    assert desk.world.work_card.orders == {}
    assert desk.world.check_ins.all() == []
    assert desk.world.reminders.due == []
    assert whys(desk) == [Why.OCCUPATION_REFERRED]
    assert desk.world.steps.calls.count("projects.get") == 1, "nothing more is read at the gate"


def test_scan_says_what_stands_in_the_way_when_consents_are_given(desk: Desk) -> None:
    token, _ = issue_token(desk.project, code_key)
    preview = desk.world.preview_cover(desk.worker, token)
    assert preview.project.referred_work == a_referred_project().referred_work
    assert preview.premium_fen == 150
    assert whys(desk) == [Why.OCCUPATION_REFERRED]
    desk.world.now.advance(minutes=1)
    stranger = desk.world.worker("o-2", consents=False)
    texts = desk.world.preview_cover(stranger, token).texts
    desk.world.preview_cover.accept(
        stranger, token, {text.kind: (text.sha256, desk.world.now()) for text in texts}
    )
    assert whys(desk) == [Why.OCCUPATION_REFERRED] * 2


def test_scanning_again_gives_the_policy_when_the_worker_was_approved(desk: Desk) -> None:
    policy = approved(desk)
    desk.world.now.advance(hours=1)
    assert desk.world.scan(desk.worker, desk.project) == policy
    desk.world.now.advance(hours=21, minutes=30)  # 90 minutes are left: adjacent cover needs people again
    with pytest.raises(OccupationReferredError):
        desk.world.scan(desk.worker, desk.project)
    second = approved(desk)
    assert second.period.start == policy.period.end


@pytest.mark.parametrize(
    "work", [a_referred_project(), a_referred_project(referred_work=None), a_check_in(occupation_class=6)]
)
def test_work_is_referred_when_its_item_or_its_class_says_so(work: Project | CheckIn) -> None:
    assert work_to_refer(work) == (work.referred_work or REFERRED_BY_CLASS)
    assert work_to_refer(a_project(occupation_class=5)) is None


def test_old_item_loads_and_checks_in_when_it_has_no_such_attribute() -> None:
    item = a_project().model_dump(mode="json")
    del item["referred_work"]
    assert Project.model_validate(item) == a_project()
    old = a_check_in().model_dump(mode="json")
    del old["referred_work"]
    assert CheckIn.model_validate(old).referred_work is None


# ---- issuing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"referred_work": a_referred_project().referred_work}, {}])
def test_no_face_brings_a_policy_when_an_old_attempt_is_still_open(desk: Desk, changes: Any) -> None:
    attempt = a_check_in(
        worker_id=desk.worker,
        identity=an_identity(person_id=desk.world.index.person_id(ID_NUMBER)),
        occupation_class=6,
        **changes,
    )
    desk.world.check_ins.add(attempt)
    for _ in range(2):
        with pytest.raises(OccupationReferredError) as refusal:
            desk.world.prove_check_in(desk.worker, attempt.check_in_id)
    assert refusal.value.facts["reason_zh"]
    stored = desk.world.check_ins.get(desk.worker, attempt.check_in_id)
    assert (stored.status, stored.failed_reason) == (CheckInStatus.FAILED, "OCCUPATION_REFERRED")
    assert desk.world.policies.all() == []


def test_queue_settles_an_old_attempt_without_blaming_the_face_when_work_is_referred(desk: Desk) -> None:
    attempt = a_check_in(worker_id=desk.worker, occupation_class=6)
    desk.world.check_ins.add(attempt)
    complete: CompleteCheckIn = desk.world.complete_check_in
    assert complete(desk.worker, attempt.check_in_id, 0) == "OccupationReferredError"
    assert whys(desk) == [Why.OCCUPATION_REFERRED]
    stored = desk.world.check_ins.get(desk.worker, attempt.check_in_id)
    assert "FACE_FAILED" not in {signal.code for signal in stored.signals}


# ---- the referral ------------------------------------------------------------------------------------


def test_cover_begins_at_the_approval_at_the_price_of_class_six_when_an_underwriter_approves(
    desk: Desk,
) -> None:
    referral = desk.ask(OWN, CLASS)
    desk.world.now.advance(minutes=10)
    desk.confirm(referral)
    desk.world.now.advance(minutes=10)
    decided, issued = desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    assert issued is not None
    policy = issued.policy
    assert policy is not None
    assert (policy.premium_fen, policy.occupation_class, policy.proof) == (150, 6, Proof.REFERRED)
    assert policy.period.start == policy.issued_at == desk.world.now()
    assert decided.status(desk.world.now()) is ReferralStatus.APPROVED
    assert decline_words(decided, desk.world.now()) is None


def test_class_is_no_reason_to_ask_when_the_work_is_not_referred() -> None:
    desk = Desk()
    with pytest.raises(ReferralNotNeededError) as refusal:
        desk.ask(OWN, CLASS)
    assert refusal.value.facts == {"occupation_class": 3}
    assert desk.referrals.of_worker(desk.worker) == []


@pytest.mark.parametrize("reason", ReferralReason)
def test_people_decide_with_the_occupation_before_them_when_the_worker_gives_any_reason(
    desk: Desk, reason: ReferralReason
) -> None:
    referral = desk.ask(PASSPORT, reason)
    assert referral.referred_work == a_referred_project().referred_work
    assert referral.status(desk.world.now()) is ReferralStatus.ASKED
    assert desk.world.policies.all() == []


@pytest.mark.parametrize("reason", [CLASS, ReferralReason.AGE_EDGE, ReferralReason.FACE_FAILED])
def test_minor_is_refused_when_the_work_is_hazardous_whatever_the_reason(
    desk: Desk, reason: ReferralReason
) -> None:
    with pytest.raises(MinorInHazardousWorkError):
        desk.ask(resident(an_id_number("20091124")), reason)


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_worker_and_operator_read_why_when_nobody_answered_in_time(desk: Desk, is_confirmed: bool) -> None:
    referral = desk.ask(OWN, CLASS)
    if is_confirmed:
        desk.confirm(referral)
    desk.world.now.advance(minutes=30)
    now = desk.world.now()
    for (seen,) in (desk.ask_referral.of(desk.worker), desk.confirm_referral.of_project("C1", PROJECT)):
        assert seen.status(now) is ReferralStatus.DECLINED
        words = decline_words(seen, now)
        assert words is not None
        assert words.zh.startswith(REASONS[TIMED_OUT].zh)
        assert REASON_ZH in words.zh
        assert words.en.startswith(REASONS[TIMED_OUT].en)
        assert REASON_EN in words.en
    assert desk.world.policies.all() == []


@pytest.mark.parametrize("code", [*REASONS, "SOMETHING_OF_THEIR_OWN"])
def test_worker_reads_a_sentence_when_staff_decline_with_any_code(desk: Desk, code: str) -> None:
    referral = desk.confirm(desk.ask(OWN, CLASS))
    decided, _ = desk.decide("s-1", referral.referral_id, False, code)
    words = decline_words(decided, desk.world.now())
    assert words is not None
    zh, en = REASONS.get(code, NOT_APPROVED)
    assert words.zh == f"{zh}。该工种须人工核保:{REASON_ZH}。目前没有保障,请勿开工;可以重新申请。"
    assert words.en.startswith(f"{en}. Why this work is referred: {REASON_EN}.")
    plain = decline_words(decided.model_copy(update={"referred_work": None}), desk.world.now())
    assert plain is not None
    assert plain.zh == f"{zh}。目前没有保障,请勿开工;可以重新申请。"


def test_every_referred_occupation_has_a_premium_when_its_table_holds_today() -> None:
    table = OCCUPATION_TABLES.at(NOW)
    assert table is not None
    referred = [row for row in table.occupations if row.acceptance is Acceptance.REFER]
    assert referred
    assert all(row.referred_work is not None for row in referred)


# ---- an approval that meets a refusal of issuing -----------------------------------------------------


def insured_elsewhere(desk: Desk, **changes: Any) -> Policy:
    person = desk.world.index.person_id(ID_NUMBER)
    other = a_policy(
        person_id=person, check_in_id="other", project_id="P2", sum_insured_fen=80_000_000, **changes
    )
    desk.world.policies.add(other, None)
    return other


def confirmed(desk: Desk) -> Referral:
    return desk.confirm(desk.ask(OWN, CLASS))


def test_approval_is_not_stored_when_the_sum_insured_is_at_its_limit(desk: Desk) -> None:
    referral = confirmed(desk)
    insured_elsewhere(desk)
    with pytest.raises(SumInsuredLimitError):
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    stored = desk.referrals.get(referral.referral_id)
    assert stored.decided is None
    assert stored.status(desk.world.now()) is ReferralStatus.CONFIRMED
    assert desk.decide.waiting() == [stored]
    declined, _ = desk.decide("s-1", referral.referral_id, False, "SUM_INSURED_LIMIT")
    assert declined.declined_for(desk.world.now()) == "SUM_INSURED_LIMIT"


def race(desk: Desk) -> Policy:
    """The other policy comes between the check and the chain."""
    raced: list[Policy] = []
    desk.world.steps.interrupt_at(
        "referrals.decide", lambda: raced.append(insured_elsewhere(desk)), applied=True
    )
    referral = desk.ask(OWN, CLASS)
    desk.confirm(referral)
    with pytest.raises(SumInsuredLimitError):
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    return raced[0]


def test_worker_reads_that_there_is_no_cover_when_the_sum_was_used_in_the_instant_of_approval(
    desk: Desk,
) -> None:
    other = race(desk)
    (seen,) = desk.ask_referral.of(desk.worker)
    assert seen.status(desk.world.now()) is ReferralStatus.DECLINED
    assert seen.declined_for(desk.world.now()) == "SUM_INSURED_LIMIT"
    words = decline_words(seen, desk.world.now())
    assert words is not None
    assert words.zh.startswith("您有效保单的保额合计已达上限")
    assert desk.world.policies.all() == [other]


def test_repeated_approval_issues_when_the_sum_is_free_again(desk: Desk) -> None:
    other = race(desk)
    (seen,) = desk.ask_referral.of(desk.worker)
    with pytest.raises(ReferralClosedError):
        desk.decide("s-1", seen.referral_id, False, "CHANGED_MIND")
    desk.world.policies.forget(other)
    decided, issued = desk.decide("s-2", seen.referral_id, True, "WORK_SEEN")
    assert issued is not None
    assert issued.policy is not None
    assert issued.policy.period.start == desk.world.now()
    assert decided.decided is not None
    assert decided.decided.subject == "s-1", "a colleague goes on; the decision stays whose it was"
    (seen,) = desk.ask_referral.of(desk.worker)
    assert (seen.status(desk.world.now()), seen.not_issued_for) == (ReferralStatus.APPROVED, None)
    with pytest.raises(ReferralClosedError):
        desk.decide("s-3", seen.referral_id, True, "WORK_SEEN")


def cut_off(desk: Desk, referral: Referral | None = None) -> Referral:
    """The process ends right after the decision was stored."""
    referral = referral or confirmed(desk)
    desk.world.steps.crash_at("referrals.decide", applied=True)
    with pytest.raises(Crash):
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    desk.world.steps.calm()
    return desk.referrals.get(referral.referral_id)


def test_cut_off_approval_waits_for_staff_and_reads_as_no_cover_when_it_has_no_policy(desk: Desk) -> None:
    seen = cut_off(desk)
    assert seen.status(desk.world.now()) is ReferralStatus.ISSUING
    assert desk.decide.waiting() == [seen]
    decided, _ = desk.decide("s-2", seen.referral_id, True, "WORK_SEEN")
    assert decided.status(desk.world.now()) is ReferralStatus.APPROVED
    assert desk.decide.waiting() == []


def test_cut_off_approval_issues_nothing_when_it_is_repeated_too_late(desk: Desk) -> None:
    seen = cut_off(desk)
    desk.world.now.advance(hours=2, seconds=1)
    with pytest.raises(CheckInExpiredError):
        desk.decide("s-1", seen.referral_id, True, "WORK_SEEN")
    stored = desk.referrals.get(seen.referral_id)
    assert stored.declined_for(desk.world.now()) == ISSUED_TOO_LATE
    assert desk.decide.waiting() == []


def test_cut_off_approval_issues_nothing_when_consent_was_withdrawn_meanwhile(desk: Desk) -> None:
    seen = cut_off(desk)
    desk.world.consents.withdraw(desk.worker, PROJECT, [ConsentKind.SUM_INSURED], desk.world.now())
    with pytest.raises(ConsentWithdrawnError):
        desk.decide("s-1", seen.referral_id, True, "WORK_SEEN")
    assert desk.world.policies.all() == []
    assert desk.referrals.get(seen.referral_id).declined_for(desk.world.now()) == "CONSENT_WITHDRAWN"


@pytest.mark.parametrize("call", ["referrals.decide", "workers.bind", "check_ins.context", "policies.chain"])
def test_nothing_is_issued_when_consent_is_withdrawn_during_the_approval(desk: Desk, call: str) -> None:
    referral = confirmed(desk)
    withdraw_after(desk, call)
    with pytest.raises(ConsentWithdrawnError):
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    assert desk.world.policies.all() == []
    with pytest.raises((ConsentWithdrawnError, ReferralClosedError)):
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    assert desk.world.policies.all() == []


def test_policy_is_ended_when_consent_is_withdrawn_right_after_it_was_issued(desk: Desk) -> None:
    referral = confirmed(desk)
    withdraw_after(desk, "policies.add")
    decided, _ = desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    (policy,) = desk.world.policies.all()
    assert (policy.policy_no, policy.status) == (decided.policy_no, PolicyStatus.TERMINATED)


def withdraw_after(desk: Desk, call: str) -> None:
    """Let the worker withdraw one consent right after the first such call."""
    withdraw = partial(desk.world.withdraw, desk.worker, [ConsentKind.SUM_INSURED], project_id=PROJECT)
    desk.world.steps.interrupt_at(call, withdraw, applied=True)


def test_nothing_is_issued_when_the_worker_asked_for_erasure_in_the_half_hour(desk: Desk) -> None:
    referral = confirmed(desk)
    desk.world.workers.lock_data(desk.worker, desk.world.now())
    with pytest.raises(DataErasedError):
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")
    assert desk.referrals.get(referral.referral_id).decided is None
    desk.world.workers.lock_data(desk.worker, None)
    with pytest.raises(DataErasedError):  # unlocked or not: it was asked for before
        desk.decide("s-1", referral.referral_id, True, "WORK_SEEN")


def test_cut_off_approval_issues_nothing_when_the_worker_asked_for_erasure_meanwhile(desk: Desk) -> None:
    seen = cut_off(desk)
    desk.world.workers.lock_data(desk.worker, desk.world.now())
    with pytest.raises(DataErasedError):
        desk.decide("s-1", seen.referral_id, True, "WORK_SEEN")
    assert desk.referrals.get(seen.referral_id).declined_for(desk.world.now()) == "DATA_LOCKED"
    assert desk.world.policies.all() == []


def test_every_late_refusal_has_words_when_it_is_noted() -> None:
    assert set(NOT_ISSUED.values()) <= set(REASONS)
