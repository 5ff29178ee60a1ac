"""Covered twice: the report opens the claim on the better policy and offers the other; each has its own claim."""

from typing import Any

from daycover.api.claims.reports import ReportedView
from daycover.api.claims.worker import claim_view
from daycover.claims.claim import Claim
from daycover.cover.policy import Policy, PolicyStatus
from tests.support.builders import PERSON, WORKER, a_policy
from tests.support.claims import a_report
from tests.unit.claims.world import World


def two(**changes: Any) -> tuple[World, Policy, Policy]:
    small = a_policy()
    large = a_policy(sequence=2, plan_id="T4", sum_insured_fen=80_000_000, **changes)
    return World(small, large), small, large


def reported(world: World, policy_no: str | None = None) -> tuple[Claim, ReportedView]:
    found = world.report(WORKER, a_report(policy_no=policy_no))
    assert found.claim is not None
    return found.claim, ReportedView.of(found)


def test_other_policy_is_offered_when_the_report_names_none() -> None:
    world, small, large = two()
    claim, answer = reported(world)
    assert claim.policy == large
    assert answer.also_covered == (small.policy_no,)
    assert claim_view(world.read.my_file(WORKER, claim.claim_no)).also_covered == (small.policy_no,)
    assert reported(world)[1].also_covered == (small.policy_no,)  # the same report again


def test_second_claim_opens_when_the_other_number_is_reported() -> None:
    world, small, large = two()
    first, _ = reported(world)
    second, answer = reported(world, small.policy_no)
    assert second.claim_no != first.claim_no
    assert second.policy == small
    assert answer.also_covered == (large.policy_no,)
    assert {c.claim_no for c in world.read.mine(WORKER).claims} == {first.claim_no, second.claim_no}


def test_nothing_is_offered_when_one_policy_covers() -> None:
    world = World()
    assert reported(world)[1].also_covered == ()


def test_standing_policy_is_taken_when_the_better_one_was_voided() -> None:
    world, small, large = two(status=PolicyStatus.VOIDED)
    claim, answer = reported(world)
    assert claim.policy == small
    assert answer.also_covered == ()  # nothing is paid on the other
    again, _ = reported(world, large.policy_no)  # who names it anyway is not refused: a person looks
    assert [signal.rule for signal in again.signals] == ["POLICY_NOT_STANDING"]
    assert again.also_covered == (small.policy_no,)


def test_company_learns_nothing_of_another_s_policy_when_it_reports() -> None:
    world, small, large = two(company_id="C2")
    found = world.report.for_another("company", "C1", PERSON, a_report(), company_id=small.company_id)
    assert found.claim is not None
    assert found.claim.policy == small
    assert ReportedView.of(found).also_covered == ()
    own = claim_view(world.read.my_file(WORKER, found.claim.claim_no))
    assert own.also_covered == (large.policy_no,)  # the insured does
