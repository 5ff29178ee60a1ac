"""The models hold, each claim notices a rule that is missing, and the product moves as they do."""

import shutil

import pytest

from daycover.cover.lifecycle import STEPS
from daycover.cover.policy import PolicyStatus
from daycover.payouts.payout import MOVES, PayoutState
from tests.model import checks
from tests.model.checks import HOLD, PLANTED, Check, Found, NoSpinError, probes
from tests.model.transitions import MODELS, allowed, moves


def searched(check: Check) -> Found:
    """A search; without spin the test fails with what to install, it is never skipped."""
    try:
        return checks.search(check)
    except NoSpinError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.parametrize("check", HOLD, ids=lambda check: check.name)
def test_model_holds_when_every_state_is_searched(check: Check) -> None:
    assert searched(check).errors == 0


@pytest.mark.parametrize("check", PLANTED, ids=lambda check: check.name)
def test_claim_is_violated_when_a_rule_is_taken_out_of_the_model(check: Check) -> None:
    assert searched(check).errors == 1


def test_every_claim_has_a_planted_defect_when_claims_are_listed() -> None:
    for machine, path in MODELS.items():
        words = path.read_text(encoding="utf-8").split()
        claims = {words[place + 1] for place, word in enumerate(words) if word == "ltl"}
        assert claims == {check.claim for check in PLANTED if check.machine == machine}
        plants = {word for word in words if word.startswith("PLANT_") and "…" not in word}
        assert plants == {
            define
            for check in PLANTED
            if check.machine == machine
            for define in check.defines
            if define.startswith("PLANT_")
        }


def test_payouts_move_as_the_model_does_when_their_table_is_compared() -> None:
    assert moves("payout").steps == {
        (before, after) for before, reached in MOVES.items() for after in reached
    }
    assert moves("payout").first == {PayoutState.CREATED}


def test_policies_move_as_the_model_does_when_their_table_is_compared() -> None:
    assert moves("policy").steps == {(PolicyStatus.ISSUED, step.status) for step in STEPS.values()}
    assert moves("policy").first == {PolicyStatus.ISSUED}


def test_changes_are_judged_by_the_model_when_a_history_is_read() -> None:
    assert allowed("payout", None, "CREATED")
    assert allowed("payout", "UNKNOWN", "UNKNOWN")
    assert not allowed("payout", "SUCCEEDED", "FAILED")
    assert not allowed("payout", None, "SUCCEEDED")
    assert allowed("policy", "ISSUED", "VOIDED")
    assert not allowed("policy", "VOIDED", "ISSUED")


def test_every_move_is_looked_for_when_the_tables_are_probed() -> None:
    assert len(probes()) == len(moves("payout").steps) + len(moves("policy").steps)


def test_what_to_install_is_said_when_there_is_no_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoSpinError, match=r"apt-get install spin gcc"):
        checks.search(HOLD[0])
