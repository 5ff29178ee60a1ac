"""What the machine leaves behind: the record of its yes, the day's sums, and each reason for a person."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daycover.china_time import china_day
from daycover.claims.assess import AUTO_APPROVED_TYPES, CONSENT_WITHDRAWN, referral_reasons
from daycover.claims.benefits import BENEFITS_ADDED
from daycover.claims.claim import Claim
from daycover.claims.consents import ClaimConsentKind
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.exposure import NOTHING_HELD, ExposureChange, Held, Holding
from daycover.claims.fraud import FraudWeight
from daycover.claims.lifecycle import ClaimEvent, Decision
from daycover.claims.notice import NoticeKind
from daycover.claims.obligation import Obligation
from daycover.claims.sheet import SickLeave
from daycover.claims.spending import Spent, spending_of
from daycover.claims.standing import POLICY_NOT_STANDING, POLICY_UNREADABLE
from daycover.cover.policy import PolicyStatus
from tests.support.builders import NOW, WORKER, a_policy
from tests.support.claims import ACCIDENT_AT, LIMITS, accepted, receipt_facts
from tests.support.papers import a_jpeg
from tests.unit.claims.test_standing import ended
from tests.unit.claims.world import World

pytestmark = pytest.mark.disable_socket

C = ClaimType
LATER = timedelta(days=3)


def approved(world: World, **changes: Any) -> Claim:
    claim = world.documented(**changes)
    assert world.assess(claim.claim_no).outcome == "AUTO_APPROVED"
    return world.claims.get(claim.claim_no)


def referred(world: World, claim: Claim) -> Claim:
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    return world.claims.get(claim.claim_no)


# ---- the record of a yes


def test_approval_says_why_and_is_told_by_a_notice_that_its_assessment_renders() -> None:
    world = World()
    claim = approved(world)
    line = world.claims.history(claim.claim_no)[-1]
    (notice,) = claim.round.notices
    assert (line.event, line.reason_code, line.notice) == (
        ClaimEvent.AUTO_APPROVED,
        "WITHIN_TERMS",
        notice.number,
    )
    assert notice.number == f"{claim.claim_no}-0-1", "the first notice of the first round"
    assert (notice.kind, notice.made_at, notice.told_by) == (NoticeKind.RESULT, world.at, line.version)
    assert claim.assessment is not None
    assert (claim.assessment.total_fen, claim.assessment.version, notice.assessment) == (358_000, 1, 1)
    assert claim.round.policy_status is PolicyStatus.ISSUED
    assert (claim.round.automatic_at, claim.round.automatic_fen) == (world.at, 358_000)


def test_notice_is_rendered_from_the_approval_s_own_assessment_when_an_adjuster_had_one_computed() -> None:
    """They filled the sheet before the machine had looked, and so the claim was computed twice."""
    world = World()
    claim = world.documented()
    day = china_day(ACCIDENT_AT)
    leave = SickLeave(first_day=day, last_day=day, source=world.fill_sheet.source("S1"))
    sheet = world.sheets.find(claim.claim_no, 0).with_entries(sick_leaves=[leave])
    before = world.fill_sheet("S1", claim.claim_no, 0, sheet, "按原件录入").assessment
    assert before is not None
    assert (before.version, before.total_fen) == (1, 0), "without the bill"
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000)
    claim = world.claims.get(claim.claim_no)
    assert claim.assessment is not None
    (notice,) = claim.round.notices
    assert (claim.assessment.version, notice.assessment) == (2, 2)


def test_approved_claim_keeps_the_notes_that_nobody_needs_to_look_at() -> None:
    """The same paper in two claims of one person: bills of several policies are handed in together."""
    world = World(a_policy(), a_policy(start=NOW + LATER, sequence=2))
    first = approved(world)
    world.at += LATER
    second = approved(world, bill_fen=200_000, invoice_no="B2", occurred_at=world.at - timedelta(hours=1))
    assert {(signal.rule, signal.weight) for signal in second.signals} == {
        ("F16_REUSED_FILE", FraudWeight.NOTE)
    }
    assert {signal.evidence[0].partition("/")[0] for signal in second.signals} == {first.claim_no}


# ---- the sums of the day


def spent(world: World, project_id: str, company_id: str, days_ago: int = 0) -> Spent:
    return world.spending.spent(china_day(world.at) - timedelta(days=days_ago), project_id, company_id)


def spend(world: World, fen: int, project_id: str, company_id: str, days_ago: int = 0) -> None:
    day = china_day(world.at) - timedelta(days=days_ago)
    most = replace(LIMITS, cap_project_fen=10**9, cap_company_fen=10**9)
    world.spending.add(spending_of(day, project_id, company_id, fen, most))


@pytest.mark.parametrize("repeated", [1, 2])
def test_approval_counts_once_for_its_project_its_company_and_the_day(repeated: int) -> None:
    world = World()
    claim = approved(world)
    for _ in range(repeated):
        world.assess(claim.claim_no)
    policy = claim.policy
    assert spent(world, policy.project_id, policy.company_id) == (358_000, 358_000, 358_000)
    assert spent(world, "another", "another") == (0, 0, 358_000)
    assert spent(world, policy.project_id, policy.company_id, days_ago=1) == (0, 0, 0)


@pytest.mark.parametrize(
    ("cap", "before_fen", "project", "company"),
    [
        ("DAILY_CAP_PROJECT", 2_000_000, True, False),
        ("DAILY_CAP_COMPANY", 10_000_000, False, True),
        ("DAILY_CAP_ALL", 100_000_000, False, False),
    ],
)
def test_claim_goes_to_a_person_when_it_would_pass_a_cap_of_its_day(
    cap: str, before_fen: int, project: bool, company: bool
) -> None:
    """Exactly as much as the cap leaves is approved."""
    for over in (0, 1):
        world = World()
        ids = world.policy.project_id if project else "P9", world.policy.company_id if company else "C9"
        spend(world, before_fen - 358_000 + over, *ids)
        claim = world.documented()
        outcome = world.assess(claim.claim_no)
        assert outcome == (("AUTO_APPROVED", "CAPPED")[over], 358_000)
        assert world.claims.get(claim.claim_no).round.referred_for == ((), (cap,))[over]


def test_machine_approves_when_only_the_day_before_was_full() -> None:
    world = World()
    spend(world, 2_000_000, world.policy.project_id, world.policy.company_id, days_ago=1)
    approved(world)


# ---- why a person decides


def test_one_fen_is_something_to_pay() -> None:
    """A bill of 100.01 yuan: 80 % of a fen is one fen."""
    world = World()
    claim = approved(world, bill_fen=10_001, claim_types=(C.MEDICAL,))
    assert claim.amount_fen == 1


def test_all_four_benefits_that_the_machine_may_approve_are_no_reason_together() -> None:
    claim = approved(World())
    every = claim.model_copy(update={"claim_types": tuple(sorted(AUTO_APPROVED_TYPES))})
    assert claim.assessment is not None
    assert referral_reasons(every, claim.assessment, ()) == ()
    with_limb = every.model_copy(update={"claim_types": (*every.claim_types, C.DISABILITY)})
    assert referral_reasons(with_limb, claim.assessment, ()) == ("CLAIM_TYPE",)


def test_second_claim_of_a_policy_is_named_as_that_alone() -> None:
    """Its bill is named by the claim that had it first, its hour is no second accident of another policy."""
    world = World()
    first = approved(world)
    second = referred(world, world.documented(occurred_at=ACCIDENT_AT + timedelta(minutes=10)))
    found = {signal.rule: signal.evidence for signal in second.signals}
    assert found["SAME_POLICY"] == found["F15_DUPLICATE_INVOICE"] == (first.claim_no,)
    assert "SAME_ACCIDENT" not in found


def test_bill_is_no_duplicate_when_another_policy_of_the_person_shares_it() -> None:
    first, second = a_policy(), a_policy(start=NOW + timedelta(minutes=30), sequence=2, company_id="C2")
    world = World(first, second)
    approved(world, policy_no=first.policy_no)
    claim = referred(world, world.documented(policy_no=second.policy_no))
    assert "F15_DUPLICATE_INVOICE" not in {signal.rule for signal in claim.signals}


def test_bill_is_no_duplicate_when_it_was_photographed_twice_for_one_claim() -> None:
    world = World()
    claim = world.documented()
    world.send(claim, DocumentType.INVOICE, receipt_facts(), a_jpeg("once more"))
    world.assess(claim.claim_no)
    rules = {signal.rule for signal in world.claims.get(claim.claim_no).signals}
    assert "F15_DUPLICATE_INVOICE" not in rules


def test_every_reason_stands_beside_a_policy_that_cannot_be_read() -> None:
    world = World()
    claim = world.documented(bill_fen=1_000_000)
    world.policies._policies.clear()
    claim = referred(world, claim)
    assert claim.round.referred_for == ("ABOVE_LIMIT", "FIRST_CLAIM", POLICY_UNREADABLE)
    assert claim.round.policy_status is PolicyStatus.ISSUED, "as it was last seen"
    assert claim.decision is Decision.PENDING


def test_reason_of_before_stays_when_the_machine_looks_for_the_first_time() -> None:
    """A benefit was added, and the platform of the bills gave no answer: nothing was computed before."""
    world = World()
    claim = world.documented()
    world.add_benefits.for_staff("intake-1", claim.claim_no, [C.AMBULANCE])
    world.assess_verified(claim.claim_no)
    first, *others = world.claims.get(claim.claim_no).round.referred_for
    assert first == BENEFITS_ADDED
    assert "BILL_UNVERIFIED" in others


def test_claim_goes_on_with_a_person_when_a_consent_was_withdrawn_and_given_again() -> None:
    """They had been told to talk to the claimant, and still do."""
    world = World()
    claim = world.documented()
    world.consents.withdraw(WORKER, claim.claim_no, [ClaimConsentKind.HEALTH_DATA])
    assert referred(world, claim).assessment is None
    world.consents.give(WORKER, claim.claim_no, accepted(ClaimConsentKind.HEALTH_DATA))
    again = referred(world, claim)
    assert again.round.referred_for == (CONSENT_WITHDRAWN,)
    assert again.assessment is not None
    assert again.assessment.total_fen == 358_000


def test_claim_of_a_policy_that_ended_after_the_accident_waits_for_a_person_who_sees_so() -> None:
    world = World()
    claim = world.documented()
    policy = ended(PolicyStatus.TERMINATED, policy=claim.policy)
    world.policies._policies[policy.policy_no] = policy
    claim = referred(world, claim)
    assert claim.round.referred_for == (POLICY_NOT_STANDING,)
    assert claim.round.policy_status is PolicyStatus.TERMINATED
    assert {signal.rule for signal in claim.signals} == {POLICY_NOT_STANDING}


def test_claim_is_computed_from_the_sheet_that_is_about_to_be_its_own() -> None:
    world = World()
    claim = referred(world, world.documented(bill_fen=1_000_000))
    sheet = world.sheets.find(claim.claim_no, claim.round.sheet)
    without = sheet.model_copy(update={"bills": ()})
    # 11 days in hospital at 100 yuan, with the bill and without
    assert world.assess_verified.again(claim).assessment.total_fen == 792_000 + 110_000
    assert world.assess_verified.again(claim, without).assessment.total_fen == 110_000


def test_approval_holds_its_own_amount_when_a_larger_advance_was_owed_and_never_sent() -> None:
    """What was not sent lapses with the approval, and so does its room of the policy."""
    world = World()
    claim = world.documented()
    owed = Obligation(number=1, advance=1, amount_fen=500_000)
    holding = Holding(benefits={C.MEDICAL: Held(fen=500_000)})
    advanced = claim.round.model_copy(update={"obligations": (owed,), "holding": holding})
    world.claims._claims[claim.claim_no] = claim.model_copy(update={"rounds": (advanced,)})
    number = claim.policy.policy_no
    before = world.exposures.find([number])[number]
    world.exposures.apply(ExposureChange(before, before.moved(NOTHING_HELD, holding)))
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000)
    assert world.exposures.find([number])[number].held.fen == 358_000
    assert not any(o.stands for o in world.claims.get(claim.claim_no).round.obligations)
