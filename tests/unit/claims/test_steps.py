"""What a claim's status says about each step of its workflow, as a table."""

from itertools import product

import pytest

from daycover.claims.lifecycle import PAYING_DECISIONS, REFUSING_DECISIONS, ClaimStatus, Decision
from daycover.claims.steps import Answer, WaitStep, answer_of
from tests.unit.claims.world import World

S = ClaimStatus
REVIEWING = {S.IN_REVIEW, S.AWAITING_SUPPLEMENT, S.INVESTIGATING, S.DISPUTED, S.REOPENED}
COLLECTING = {S.REGISTERED, S.AWAITING_DOCS}
AGREED = {S.AGREED, S.PAYING, S.PAID, S.CLOSED}
Answers = dict[tuple[WaitStep, ClaimStatus, Decision], Answer | None]


@pytest.fixture(scope="module")
def answers() -> Answers:
    claim = World().referred()
    return {
        (step, status, decision): answer_of(
            claim.model_copy(
                update={
                    "status": status,
                    "rounds": (claim.round.model_copy(update={"decision": decision}),),
                }
            ),
            step,
        )
        for step, status, decision in product(WaitStep, ClaimStatus, Decision)
    }


@pytest.mark.parametrize("status", ClaimStatus)
def test_payout_waits_only_while_an_agreed_amount_is_owed(status: ClaimStatus, answers: Answers) -> None:
    expected: dict[str, str] | None = {"outcome": "REVIEW"}
    if status in {S.AGREED, S.PAYING} | COLLECTING:
        expected = None
    elif status in {S.PAID, S.CLOSED}:
        expected = {"outcome": "DONE"}
    for decision in Decision:
        assert answers[WaitStep.PAYOUT, status, decision] == expected


@pytest.mark.parametrize("status", ClaimStatus)
def test_agreement_waits_only_while_an_amount_is_asked_of_the_worker(
    status: ClaimStatus, answers: Answers
) -> None:
    for decision in PAYING_DECISIONS | REFUSING_DECISIONS:
        answer = answers[WaitStep.AGREEMENT, status, decision]
        if status in COLLECTING or (status is S.ACKNOWLEDGED and decision in PAYING_DECISIONS):
            assert answer is None
        else:
            assert answer == {"answer": "ACCEPTED" if status in AGREED else "DISPUTED"}


@pytest.mark.parametrize("status", ClaimStatus)
def test_acknowledgement_is_given_once_a_second_person_let_the_decision_stand(
    status: ClaimStatus, answers: Answers
) -> None:
    for decision in Decision:
        answer = answers[WaitStep.ACKNOWLEDGEMENT, status, decision]
        if status in COLLECTING | {S.DECIDED}:
            assert answer is None
        else:
            stands = status in AGREED | {S.ACKNOWLEDGED}
            assert answer == {"acknowledged": stands, "decision": decision.value}


@pytest.mark.parametrize("status", ClaimStatus)
def test_decision_waits_for_a_person_whatever_the_claim_went_through(
    status: ClaimStatus, answers: Answers
) -> None:
    for decision in Decision:
        answer = answers[WaitStep.DECISION, status, decision]
        if status in COLLECTING | REVIEWING:
            assert answer is None
        else:
            withdrawn = status is S.WITHDRAWN
            assert answer == ({"withdrawn": True} if withdrawn else {"decision": decision.value})


@pytest.mark.parametrize(
    ("status", "decision"),
    [(s, d) for s in set(ClaimStatus) - COLLECTING for d in sorted(PAYING_DECISIONS | REFUSING_DECISIONS)],
)
def test_claim_that_stands_still_never_makes_the_workflow_go_round(
    status: ClaimStatus, decision: Decision, answers: Answers
) -> None:
    """Whichever step it is at: from there on some step waits, or the workflow ends, before one comes again."""
    for first in (WaitStep.DECISION, WaitStep.ACKNOWLEDGEMENT, WaitStep.AGREEMENT, WaitStep.PAYOUT):
        step: WaitStep | None = first
        passed: set[WaitStep] = set()
        while step is not None and (answer := answers[step, status, decision]) is not None:
            assert step not in passed, (first, status, decision)
            passed.add(step)
            step = _next_step(step, answer)


def _next_step(step: WaitStep, answer: Answer) -> WaitStep | None:
    """Where the Choice after a step leads, None for an end; a payout that is tried again fails again."""
    if step is WaitStep.DECISION:
        return None if "withdrawn" in answer else WaitStep.ACKNOWLEDGEMENT
    if step is WaitStep.ACKNOWLEDGEMENT:
        if not answer["acknowledged"]:
            return WaitStep.DECISION
        return None if answer["decision"] in REFUSING_DECISIONS else WaitStep.AGREEMENT
    if step is WaitStep.AGREEMENT:
        return WaitStep.PAYOUT if answer["answer"] == "ACCEPTED" else WaitStep.DECISION
    return None if answer["outcome"] == "DONE" else WaitStep.DECISION
