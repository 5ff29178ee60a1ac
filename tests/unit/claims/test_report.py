"""Reporting an accident: admitted by the time of the accident, repeated at will, never lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover import crockford
from daycover.claims.claim import claim_number
from daycover.claims.loss_notice import NoticeStatus
from daycover.claims.report import AccidentInFutureError, AccidentOutsideCoverError
from daycover.cover.archive import ArchiveDamagedError
from daycover.cover.policy import Policy, PolicyNotFoundError, PolicyStatus
from tests.support.builders import NOW, PERSON, WORKER, a_policy, a_worker
from tests.support.claims import ACCIDENT_AT, REPORTED_AT, a_report, insured
from tests.support.fakes.port import Crash
from tests.unit.claims.world import World

OTHER_PERSON = crockford.encode(99, 20)


@pytest.mark.parametrize(
    "offset", [timedelta(0), timedelta(seconds=1), timedelta(hours=23, minutes=59, seconds=59)]
)
def test_claim_opens_when_the_accident_lies_in_the_period(offset: timedelta) -> None:
    world = World()
    world.at = NOW + timedelta(days=3)
    reported = world.report(WORKER, a_report(NOW + offset, policy_no=world.policy.policy_no))
    assert reported.claim is not None
    assert reported.is_new
    assert reported.claim.policy == world.policy
    assert world.workflows.claims == [reported.claim.claim_no]


@pytest.mark.parametrize("offset", [timedelta(seconds=-1), timedelta(hours=24), timedelta(days=2)])
def test_notice_is_kept_when_the_accident_lies_outside_the_period(offset: timedelta) -> None:
    world = World()
    world.at = NOW + timedelta(days=3)
    with pytest.raises(AccidentOutsideCoverError) as refused:
        world.report(WORKER, a_report(NOW + offset, policy_no=world.policy.policy_no))
    notice = world.notices.waiting()[0]
    assert refused.value.facts.pop("period_zh")
    assert refused.value.facts == {
        "starts_at": world.policy.period.start,
        "ends_at": world.policy.period.end,
        "report_no": notice.report_no,
    }
    assert world.workflows.claims == []


def test_report_is_refused_when_the_accident_lies_in_the_future() -> None:
    world = World()
    with pytest.raises(AccidentInFutureError):
        world.report(WORKER, a_report(REPORTED_AT + timedelta(seconds=1)))
    assert world.notices.waiting() == []


def test_same_claim_is_found_when_the_accident_is_reported_again() -> None:
    world = World()
    first = world.report(WORKER, a_report()).claim
    world.at += timedelta(days=1)
    again = world.report(WORKER, a_report(ACCIDENT_AT + timedelta(seconds=20)))
    assert first is not None
    assert again.claim == first
    assert not again.is_new
    assert world.workflows.claims == [first.claim_no]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(4))
def test_repetition_heals_when_the_report_is_cut_off(index: int, applied: bool) -> None:
    world = World()
    world.steps.crash_at(index, applied=applied)
    try:
        world.report(WORKER, a_report(policy_no=world.policy.policy_no))
    except Crash:
        pass
    world.steps.calm()
    claim = world.report(WORKER, a_report(policy_no=world.policy.policy_no)).claim
    assert claim is not None
    assert world.workflows.claims == [claim.claim_no]
    assert len(world.claims.history(claim.claim_no)) == 1


@pytest.mark.parametrize("policy_no", ["DC", "no such thing", a_policy(NOW - timedelta(days=700)).policy_no])
def test_notice_waits_for_staff_when_the_policy_number_is_not_known(policy_no: str) -> None:
    world = World()
    reported = world.report(WORKER, a_report(policy_no=policy_no))
    assert reported.claim is None
    assert world.notices.waiting() == [reported.notice]
    world.report(WORKER, a_report(policy_no=policy_no))
    assert len(world.notices.waiting()) == 1


def test_notice_waits_for_staff_when_no_policy_covers_the_instant() -> None:
    world = World()
    reported = world.report(WORKER, a_report(NOW - timedelta(hours=1)))
    assert reported.notice is not None
    assert reported.notice.person_id == PERSON


def test_notice_waits_for_staff_when_nobody_is_proved_behind_the_account() -> None:
    world = World(workers=(a_worker(),))
    assert world.report(WORKER, a_report()).notice is not None


def test_policy_is_not_found_when_it_is_another_person_s() -> None:
    theirs = a_policy(person_id=OTHER_PERSON)
    world = World(theirs)
    with pytest.raises(PolicyNotFoundError):
        world.report(WORKER, a_report(policy_no=theirs.policy_no))
    assert world.notices.waiting() == []


def test_better_cover_is_taken_when_two_policies_cover_the_instant() -> None:
    small, large = a_policy(), a_policy(sequence=2, plan_id="T4", sum_insured_fen=80_000_000)
    claim = World(small, large).report(WORKER, a_report()).claim
    assert claim is not None
    assert claim.policy == large
    assert claim.benefits.medical_limit_fen == 8_000_000


def test_claim_opens_for_a_person_to_look_when_the_policy_is_voided() -> None:
    world = World(a_policy(status=PolicyStatus.VOIDED))
    claim = world.report(WORKER, a_report(policy_no=world.policy.policy_no)).claim
    assert claim is not None
    assert [signal.rule for signal in claim.signals] == ["POLICY_NOT_STANDING"]


def test_claim_belongs_to_the_person_when_another_account_of_theirs_reports() -> None:
    other = insured(worker_id="W2")
    world = World(workers=(insured(), other))
    claim = world.report("W2", a_report()).claim
    assert claim is not None
    assert claim.reporter_id == "W2"
    assert claim.policy.worker_id == WORKER


@given(st.integers(0, 2**40), st.integers(0, 24 * 60 - 1), st.integers(0, 59))
def test_claim_number_fits_everywhere_when_made_from_any_accident(
    seed: int, minute: int, second: int
) -> None:
    policy_no = "DC" + crockford.encode(seed, 28)
    at = NOW.replace(second=0) + timedelta(minutes=minute)
    number = claim_number(policy_no, at)
    assert len(number) + len("P9999") <= 32
    assert number.isalnum()
    assert claim_number(policy_no, at + timedelta(seconds=second)) == number


class DamagedRecords:
    """Implements `cover.policy.KeptPolicies` over an archive whose object of the person is damaged."""

    def get(self, policy_no: str) -> Policy:
        raise ArchiveDamagedError(policy_no=policy_no)

    def list_of(self, person_id: str, before: str | None = None) -> list[Policy]:
        raise ArchiveDamagedError(policy_no=a_policy().policy_no)

    def covering(self, person_id: str, instant: datetime) -> list[Policy]:
        raise ArchiveDamagedError(policy_no=a_policy().policy_no)


@pytest.mark.parametrize("policy_no", [None, a_policy().policy_no])
def test_notice_is_kept_for_a_person_when_the_policy_s_record_is_damaged(policy_no: str | None) -> None:
    world = World()
    world.report = replace(world.report, policies=DamagedRecords())
    own = world.report(WORKER, a_report(policy_no=policy_no))
    by_phone = world.report.for_another("staff", "s-1", PERSON, a_report(policy_no=policy_no))
    for reported in (own, by_phone):
        assert reported.claim is None
        assert reported.notice is not None
        assert reported.notice.status is NoticeStatus.UNMATCHED
    assert len(world.notices.waiting()) == 2
