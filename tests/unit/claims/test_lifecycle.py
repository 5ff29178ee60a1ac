"""The table of a claim's life: every pair that it does not hold is refused."""

from itertools import product

import pytest

from daycover.claims.claim import SYSTEM, Actor
from daycover.claims.due import place_of
from daycover.claims.lifecycle import (
    PAYING_DECISIONS,
    REFUSING_DECISIONS,
    TABLE,
    ClaimEvent,
    ClaimStatus,
    ClaimStepClosedError,
    Decision,
    next_status,
    sources,
)
from daycover.claims.record import record
from tests.support.claims import REPORTED_AT
from tests.unit.claims.world import World

STAFF = Actor.staff("S1")
PAIRS = list(product(ClaimStatus, ClaimEvent))


@pytest.mark.parametrize(("status", "event"), [pair for pair in PAIRS if pair not in TABLE])
def test_step_is_refused_when_the_table_does_not_hold_it(status: ClaimStatus, event: ClaimEvent) -> None:
    claim = World().reported().model_copy(update={"status": status})
    for decision in Decision:
        with pytest.raises(ClaimStepClosedError) as closed:
            record(claim, event, at=REPORTED_AT, by=STAFF, decision=decision)
        assert closed.value.facts == {"claim_status": status.value}, "what the reader is told"


@pytest.mark.parametrize(("status", "event"), sorted(TABLE))
def test_step_depends_on_the_decision_when_the_table_says_so(status: ClaimStatus, event: ClaimEvent) -> None:
    transition = TABLE[status, event]
    for decision in Decision:
        if decision in transition.decisions:
            assert next_status(status, event, decision) is transition.to
        else:
            with pytest.raises(ClaimStepClosedError):
                next_status(status, event, decision)


def test_sources_name_every_status_and_no_other_when_asked_for_an_event() -> None:
    for status, event in PAIRS:
        assert (status in sources(event)) is ((status, event) in TABLE)
    assert all(sources(event) for event in ClaimEvent if event is not ClaimEvent.REGISTERED)


@pytest.mark.parametrize("event", [ClaimEvent.DECIDED, ClaimEvent.ACKNOWLEDGED, ClaimEvent.SENT_BACK])
@pytest.mark.parametrize("by", [SYSTEM, Actor.worker("W1")])
def test_decision_is_refused_when_no_person_takes_it(event: ClaimEvent, by: Actor) -> None:
    status = next(iter(sources(event)))
    claim = World().reported().model_copy(update={"status": status, "decision": Decision.DECLINED})
    with pytest.raises(ClaimStepClosedError):
        record(claim, event, at=REPORTED_AT, by=by)


def test_no_money_moves_when_the_decision_refuses() -> None:
    money = {ClaimEvent.ACCEPTED, ClaimEvent.PAYOUT_RESERVED, ClaimEvent.PAID}
    for (_, event), transition in TABLE.items():
        if event in money:
            assert transition.decisions == PAYING_DECISIONS


def test_machine_reaches_no_refusal_when_any_steps_are_taken() -> None:
    """Walk the table from the start with every event that needs no person: no refusing decision is lawful."""
    without_staff = set(ClaimEvent) - {
        ClaimEvent.DECIDED,
        ClaimEvent.ACKNOWLEDGED,
        ClaimEvent.SENT_BACK,
    }
    seen = {(ClaimStatus.REGISTERED, Decision.PENDING)}
    frontier = list(seen)
    while frontier:
        status, decision = frontier.pop()
        for event in without_staff:
            # AUTO_APPROVED is the only machine event that sets a decision, and its row allows one value
            after = Decision.APPROVED if event is ClaimEvent.AUTO_APPROVED else decision
            if event is ClaimEvent.REVIEW_RESUMED:
                after = Decision.PENDING
            try:
                state = (next_status(status, event, after), after)
            except ClaimStepClosedError:
                continue
            if state not in seen:
                seen.add(state)
                frontier.append(state)
    assert not {decision for _, decision in seen} & REFUSING_DECISIONS
    assert TABLE[ClaimStatus.IN_REVIEW, ClaimEvent.AUTO_APPROVED].decisions == {Decision.APPROVED}


def test_claim_leaves_every_queue_when_closed() -> None:
    claim = World().reported()
    attention = claim.model_copy(update={"attention": "WORKFLOW_FAILED:AssessClaim"})
    assert place_of(attention) is not None
    assert place_of(attention.model_copy(update={"status": ClaimStatus.CLOSED})) is None
