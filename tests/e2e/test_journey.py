"""The journey of one day, from the service provider's sign-in to the paid claim and the closed day."""

import json

import pytest

from tests.devstack.journey import STEPS
from tests.devstack.report import Report
from tests.devstack.seed import WORKERS
from tests.support.personal_data import values_of

pytestmark = pytest.mark.stack


def test_every_step_of_the_journey_succeeds(journey_report: Report) -> None:
    failed = {step.name: step.response for step in journey_report.steps if not step.ok}
    assert not failed
    assert [step.name for step in journey_report.steps] == [name for name, _ in STEPS]


def test_toe_injury_pays_what_the_reference_computes(journey_report: Report) -> None:
    assert journey_report.figures["toe_claim_fen"] == 358_000


def test_claims_paid_equal_what_left_the_wallet(journey_report: Report) -> None:
    figures = journey_report.figures
    assert figures["claims_paid_fen"] == figures["money_left_the_wallet_fen"] == 358_000 + 722_000 + 40_000


def test_report_holds_no_personal_data_and_no_token(journey_report: Report) -> None:
    told = json.dumps([vars(step) for step in journey_report.steps], ensure_ascii=False, default=str)
    assert [kind for value, kind in values_of(WORKERS).items() if value in told] == []
    assert "eyJ" not in told.replace("eyJhbG…", "")
