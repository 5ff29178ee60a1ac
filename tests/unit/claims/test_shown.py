"""Who sees what of a claim."""

from daycover.claims.claim import Claim, HistoryEntry
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.shown import TOLD_ZH, announced_assessment, as_announced, told
from tests.unit.claims.test_views import DECLINE
from tests.unit.claims.world import World

INSIDE = {
    ClaimEvent.DECIDED,
    ClaimEvent.SENT_BACK,
    ClaimEvent.PAPERS_RECEIVED,
    ClaimEvent.PAYOUT_UNRESOLVED,
    ClaimEvent.WORKFLOW_FAILED,
    ClaimEvent.REPORTED_AGAIN,
    ClaimEvent.DOCUMENT_JUDGED,
    ClaimEvent.SHEET_FILLED,
    ClaimEvent.REASSESSED,
    ClaimEvent.NOTED,
    ClaimEvent.ASSIGNED,
    ClaimEvent.GIVEN_BACK,
    ClaimEvent.CLOCK_BREACHED,
    ClaimEvent.IDENTITY_SEEN,
    ClaimEvent.ADVANCE_STATED,
    ClaimEvent.ADVANCE_SENT_BACK,
    ClaimEvent.ADVANCE_UNRESOLVED,
    ClaimEvent.BENEFICIARIES_STATED,
    ClaimEvent.SHARES_FIXED,
    ClaimEvent.SHARE_PAID,
}
"""What staff and machines do among themselves, or for others than the insured."""


def history_of(world: World, claim: Claim) -> list[HistoryEntry]:
    return world.claims.history(claim.claim_no)


def decided() -> tuple[World, Claim]:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, DECLINE)
    return world, world.claims.get(claim.claim_no)


def test_decision_is_in_review_when_nobody_acknowledged_it() -> None:
    _, claim = decided()
    shown = as_announced(claim)
    assert (claim.status, claim.decision) == (ClaimStatus.DECIDED, Decision.DECLINED)
    assert (shown.status, shown.decision, shown.amount_fen) == (ClaimStatus.IN_REVIEW, Decision.PENDING, None)
    assert announced_assessment(claim) is None


def test_every_event_is_told_or_stays_inside_when_listed() -> None:
    assert set(ClaimEvent) - set(TOLD_ZH) == INSIDE


def test_reason_of_the_decision_comes_with_its_announcement_and_no_other_reason_of_staff() -> None:
    world, claim = decided()
    assert all(line.reason != DECLINE.reason for line in told(history_of(world, claim)))
    world.acknowledge("S2", claim.claim_no, True, "同意")
    lines = list(told(history_of(world, claim)))
    assert (lines[-1].entry.event, lines[-1].reason) == (ClaimEvent.ACKNOWLEDGED, DECLINE.reason)
    assert all(line.reason != "同意" for line in lines)
