"""The machine's share of decisions and what people overturned of it, from the history that claims really leave."""

import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.decide import Verdict
from daycover.claims.lifecycle import ClaimEvent, Decision
from daycover.claims.service import ServiceLevels
from daycover.claims.steps import WaitStep
from daycover.platform.config import Config
from tests.functional.claims.stage import Stage
from tests.support.builders import WORKER


def kept(stage: Stage, claim_no: str) -> ServiceLevels:
    """Every line of the history as the stream gives it, twice; the month that staff read."""
    for entry in 2 * list(stage.adapters.claims.history(claim_no)):
        stage.claims.keep_service_levels(entry)
    return stage.claims.read_service_levels.book("2026-11")


@pytest.mark.parametrize(("decided_fen", "overturned"), [(358_000, 0), (350_000, 1)])
def test_automatic_approval_is_overturned_when_people_decide_another_amount(
    decided_fen: int, overturned: int, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    claim_no = stage.approved().claim_no
    assert stage.adapters.claims.get(claim_no).amount_fen == 358_000
    month = kept(stage, claim_no)
    assert (month.decisions, month.automatic, month.automatic_bps) == (1, 1, 10_000)
    assert (month.overturned, month.overturned_bps) == (0, 0)

    stage.claims.answer_claim(WORKER, claim_no, AnswerKind.DISPUTE, "还有一张票据")
    stage.claims.follow_claim.open_step(claim_no, WaitStep.DECISION, "token")
    verdict = Verdict(Decision.APPROVED, decided_fen, "WITHIN_TERMS", "重新核定")
    stage.claims.decide_claim("adjuster-1", claim_no, verdict)
    stage.claims.acknowledge_decision("senior-1", claim_no, True, None)
    month = kept(stage, claim_no)
    assert (month.decisions, month.automatic, month.automatic_bps) == (2, 1, 5_000)
    assert (month.overturned, month.overturned_bps) == (overturned, overturned * 10_000)
    events = [entry.event for entry in stage.adapters.claims.history(claim_no)]
    assert events.count(ClaimEvent.AUTO_APPROVED) == 1


def test_decision_of_people_is_theirs_when_the_machine_referred(
    aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    claim_no = stage.acknowledged_large().claim_no
    month = kept(stage, claim_no)
    assert (month.decisions, month.automatic, month.automatic_bps) == (1, 0, 0)
    assert (month.overturned, month.overturned_bps) == (0, None)
