"""Payee checks through their handler: an outage uses up none, and check-ins keep their share of the day."""

import json
from datetime import timedelta
from typing import Any

import pytest

from daycover.china_time import seconds_left_of_day
from daycover.identity.attempt import PreOrderState
from daycover.payouts.prove_identity import CHECKS_PER_DAY
from daycover.platform.config import Config
from tests.functional.claims.stage import Stage
from tests.simulators.payroll_card import Duplicates
from tests.support.builders import WORKER
from tests.support.events import read_event
from tests.support.functions import event_file
from tests.support.work_card import Card


@pytest.fixture
def stage(aws: Config, card: Card, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A large payout waits for its payee; the real adapter leads to the simulated card."""
    stage = Stage(aws, monkeypatch)
    stage.adapters.__dict__["work_card"] = card.adapter
    stage.identity_wanted()
    return stage


def start(stage: Stage) -> tuple[int, Any, str | None]:
    """Status, body and `Retry-After` of starting a check."""
    answer = stage.invoke("check_identity", read_event(event_file("check_identity", "start.201"), {}))
    (after,) = answer["multiValueHeaders"].get("Retry-After", [None])
    return answer["statusCode"], json.loads(answer["body"]), after


@pytest.mark.parametrize(
    ("duplicates", "counted"), [(Duplicates.SAME, 1), (Duplicates.FRESH, 1), (Duplicates.REFUSED, 2)]
)
def test_lost_answer_goes_on_under_its_number(
    stage: Stage, card: Card, duplicates: Duplicates, counted: int
) -> None:
    card.server.payroll_card.set_duplicates(duplicates)
    card.arm("lost_reply")
    status, _, after = start(stage)
    assert (status, after) == (503, "3")
    status, body, _ = start(stage)
    assert (status, body["check_id"], body["status"]) == (201, str(counted), "PRE_ORDERED")
    assert card.counted == {"counted": counted, "over_the_limit": 0}
    checks = stage.adapters.workers.get(WORKER).payee_checks
    assert checks is not None
    assert len(checks.checks) == counted


def test_outage_uses_up_nothing_and_the_share_ends_with_wechat_s_day(stage: Stage, card: Card) -> None:
    card.arm("status", 6, status=503)
    waits = [start(stage)[2] for _ in range(6)]
    assert waits == ["3", "6", "12", "24", "48", "60"]
    claim_no = read_event(event_file("check_identity", "start.201"), {})["pathParameters"]["claim_no"]
    (check,) = stage.adapters.identities.find(claim_no).checks
    assert check.pre_order is PreOrderState.UNANSWERED
    for number in range(1, CHECKS_PER_DAY + 1):
        status, body, _ = start(stage)
        assert (status, body["check_id"]) == (201, str(number))
        stage.at += timedelta(minutes=7)
    status, problem, after = start(stage)
    assert (status, problem["type"].split("/")[-1]) == (429, "identity-checks-used-up")
    assert after == str(seconds_left_of_day(stage.at))
    assert card.counted == {"counted": CHECKS_PER_DAY, "over_the_limit": 0}
