"""What a claim is expected to cost, from the notice to the closed file."""

import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.reserve import estimates_of, opening_fen, ultimate_fen
from daycover.claims.steps import WaitStep
from daycover.cover.policy import Ending, EndReason, PolicyStatus
from tests.support.builders import WORKER, a_policy
from tests.support.ledger import figures_of
from tests.unit.claims.world import World

_T = ClaimType


def refused(world: World, claim_no: str, *, acknowledged: bool = True) -> None:
    world.decide("adjuster-1", claim_no, Verdict(Decision.DECLINED, 0, "EXCLUDED", "除外责任"))
    if acknowledged:
        world.acknowledge("senior-1", claim_no, True, None)


def expected(world: World, claim_no: str) -> int:
    return ultimate_fen(world.claims.get(claim_no))


@pytest.mark.parametrize(
    ("claimed", "parts"),
    [
        ((_T.MEDICAL,), (_T.MEDICAL,)),
        ((_T.MEDICAL, _T.HOSPITAL, _T.LOST_INCOME), (_T.MEDICAL, _T.HOSPITAL, _T.LOST_INCOME)),
        ((_T.DISABILITY, _T.AMBULANCE), (_T.DISABILITY, _T.AMBULANCE)),
        ((_T.DEATH,), (_T.DEATH,)),
        ((_T.DEATH, _T.DISABILITY), (_T.DEATH,)),  # never more than the sum insured
    ],
)
def test_opening_estimate_is_the_sum_of_what_is_claimed_when_noticed(
    claimed: tuple[ClaimType, ...], parts: tuple[ClaimType, ...]
) -> None:
    world = World()
    claim = world.reported(claim_types=claimed)
    table = estimates_of(claim.benefits, claim.policy.sum_insured_fen)
    assert opening_fen(claim) == ultimate_fen(claim) == sum(table[part] for part in parts) > 0
    assert figures_of(world.books.entries, claim.claim_no).reserved == ultimate_fen(claim)


def test_estimate_of_each_benefit_is_within_its_limit() -> None:
    claim = World().reported()
    table = estimates_of(claim.benefits, claim.policy.sum_insured_fen)
    assert set(table) == set(ClaimType)
    assert all(0 <= fen <= claim.policy.sum_insured_fen for fen in table.values())


def test_reserve_follows_the_claim_when_it_is_assessed_decided_agreed_and_paid() -> None:
    world = World()
    claim = world.referred()
    proposed = claim.assessment.total_fen if claim.assessment else 0
    assert expected(world, claim.claim_no) == proposed > 0
    world.decide("adjuster-1", claim.claim_no, Verdict(Decision.PARTIAL, 400_000, "WITHIN_TERMS", "部分"))
    assert expected(world, claim.claim_no) == 400_000
    world.acknowledge("senior-1", claim.claim_no, True, None)
    world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    assert expected(world, claim.claim_no) == 400_000
    assert figures_of(world.books.entries, claim.claim_no).incurred == 400_000


@pytest.mark.parametrize("acknowledged", [False, True])
def test_reserve_is_released_when_a_refusal_stands_and_not_before(acknowledged: bool) -> None:
    world = World()
    claim = world.referred()
    before = expected(world, claim.claim_no)
    refused(world, claim.claim_no, acknowledged=acknowledged)
    assert expected(world, claim.claim_no) == (0 if acknowledged else before)


def test_reserve_stands_again_when_a_refused_claim_is_reopened() -> None:
    world = World()
    claim = world.referred()
    before = expected(world, claim.claim_no)
    refused(world, claim.claim_no)
    world.follow.close(claim.claim_no)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.CLOSED
    assert figures_of(world.books.entries, claim.claim_no).reserved == 0
    world.review.reopen("S1", claim.claim_no, "APPEAL", "申诉")
    assert expected(world, claim.claim_no) == before
    world.open_step(claim.claim_no, WaitStep.DECISION)
    assert expected(world, claim.claim_no) == before
    world.check_books()


def test_nothing_is_reserved_when_the_insured_gives_the_claim_up() -> None:
    world = World()
    claim = world.reported()
    world.own.withdraw(WORKER, claim.claim_no, "不要了")
    assert expected(world, claim.claim_no) == 0
    world.check_books()


def test_reserve_rises_when_a_benefit_is_added() -> None:
    world = World()
    claim = world.reported(claim_types=(_T.MEDICAL,))
    before = expected(world, claim.claim_no)
    world.add_benefits.for_account(WORKER, claim.claim_no, (_T.DISABILITY,))
    table = estimates_of(claim.benefits, claim.policy.sum_insured_fen)
    assert expected(world, claim.claim_no) == before + table[_T.DISABILITY]


def test_reserve_stands_when_the_policy_was_voided_until_people_refuse() -> None:
    world = World()
    claim = world.referred()
    before = expected(world, claim.claim_no)
    ending = Ending(at=world.at, by="staff", actor="s-1", reason=EndReason.NO_CONSENT, refund_fen=0)
    world.policies.put(world.policy.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ending}))
    assert world.flag(world.policy.policy_no) == [claim.claim_no]
    assert expected(world, claim.claim_no) == before
    refused(world, claim.claim_no)
    assert expected(world, claim.claim_no) == 0
    world.check_books()


def test_two_claims_of_two_policies_are_reserved_each_when_one_accident_is_covered_twice() -> None:
    first, second = a_policy(), a_policy(sequence=2, project_id="P2", company_id="C2")
    world = World(first, second)
    for policy in (first, second):
        world.reported(policy_no=policy.policy_no)
    world.check_books()
    assert len({entry.company_id for entry in world.books.entries}) == 2
