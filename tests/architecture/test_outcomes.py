"""The words of the workflow definitions are those of the code: outcomes, attentions, and a way on for each."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from daycover.claims.attention import Attention
from daycover.payouts.outcome import ATTENTIONS, SUBMISSION_COUNTS, Outcome
from daycover.payouts.payout import OUTCOMES, PayoutState
from tests.architecture.source import FUNCTIONS, of_each
from tests.support.outcomes import BY_DEFAULT, ENDS, GIVES
from tests.support.template import plain_template

WORKFLOWS = FUNCTIONS / "workflows"
STATES: Mapping[str, Any] = {
    name: state
    for file in ("claim_to_payout", "payout")
    for name, state in json.loads((WORKFLOWS / f"{file}.asl.json").read_text(encoding="utf-8"))[
        "States"
    ].items()
}
OF_CLAIMS: Mapping[str, frozenset[str]] = {
    "IsApproved": frozenset({"AUTO_APPROVED", "WITHDRAWN"}),
    "IsSettled": frozenset({"DONE"}),
}
"""Choices by the words of a claim's own steps, `claims.assess.Assessed` and `claims.steps.answer_of`."""
OF_CLAIMS_ENDS = frozenset({"RENEWED", "WITHDRAWN"})
WORD = re.compile(r"'([A-Z_]+)'")


def named_in(state: Mapping[str, Any]) -> set[str]:
    """The words that a Choice compares an outcome with."""
    conditions = (str(rule["Condition"]) for rule in state["Choices"])
    return {word for text in conditions if "input.outcome" in text for word in WORD.findall(text)}


CHOICES = [name for name, state in STATES.items() if state["Type"] == "Choice" and named_in(state)]


def literals() -> Iterator[str]:
    """The outcomes that a definition writes itself."""
    for state in STATES.values():
        for given in (state.get("Arguments", {}).get("Payload"), state.get("Output")):
            word = given.get("outcome", "{%") if isinstance(given, dict) else "{%"
            if not word.startswith("{%"):
                yield word


def test_every_choice_by_an_outcome_is_known_here() -> None:
    assert set(CHOICES) == set(GIVES) | set(OF_CLAIMS)
    assert set(GIVES) == set(BY_DEFAULT)


@of_each(CHOICES)
def test_outcomes_exist_when_a_choice_names_them(name: str) -> None:
    known = OF_CLAIMS.get(name) or {outcome.value for outcome in Outcome}
    assert named_in(STATES[name]) <= known


@of_each(GIVES)
def test_every_outcome_has_its_way_when_its_step_can_give_it(name: str) -> None:
    """By name, or by the default, which the Comment says."""
    named = named_in(STATES[name])
    default, words = BY_DEFAULT[name]
    assert named.isdisjoint(default)
    assert named | default == GIVES[name]
    assert words in STATES[name]["Comment"]


def test_outcomes_exist_when_a_definition_gives_them_itself() -> None:
    assert set(literals()) == {*ENDS, Outcome.ERROR} | OF_CLAIMS_ENDS


def test_finance_is_told_why_when_an_outcome_is_recorded_as_a_failure() -> None:
    """All that the definition leads to RecordPayoutFailure, and what asking may still give in the last round."""
    led = {
        word
        for state in STATES.values()
        for rule in state.get("Choices", ())
        if rule["Next"] == "RecordPayoutFailure"
        for word in WORD.findall(rule["Condition"])
    }
    last_round = GIVES["IsConfirmed"] - {Outcome.SUCCEEDED}
    assert {Outcome(word) for word in led} | last_round | {Outcome.ERROR} <= set(ATTENTIONS)


def test_every_attention_comes_from_somewhere() -> None:
    """An outcome, the end of a policy, a withdrawn consent, or a claim's own workflow; none is only listed."""
    of_the_claim = {Attention.WORKFLOW_FAILED, Attention.CONSENT_WITHDRAWN}
    assert set(Attention) == {*ATTENTIONS.values(), *of_the_claim}


def test_every_state_of_a_payout_says_what_came_of_it() -> None:
    assert set(OUTCOMES) == set(PayoutState)


def test_every_refused_submission_has_its_metric_and_alarm() -> None:
    alarms = {
        resource["Properties"].get("MetricName")
        for resource in plain_template()["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert set(SUBMISSION_COUNTS) <= GIVES["IsSubmitted"]
    assert set(SUBMISSION_COUNTS.values()) <= alarms
