"""ClaimToPayout over the real handlers: renewed before its year is over, and back to people after an agreement."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentType
from daycover.claims.exposure import NOTHING_HELD, Holding
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.platform.config import Config
from tests.functional.claims.stage import Stage
from tests.functional.claims.walk_claim import MACHINE, ClaimWalk
from tests.support.builders import WORKER
from tests.support.claims import a_report

APPROVED = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
DECLINED = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外事故")
OLD = timedelta(days=301)


@pytest.fixture
def stage(aws: Config, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(aws, monkeypatch)


# ---- claims in each status ------------------------------------------------------------------------


def registered(stage: Stage) -> Claim:
    claim = stage.claims.report_claim(WORKER, a_report()).claim
    assert claim is not None
    return claim


def supplement_asked(stage: Stage) -> Claim:
    claim = stage.referred()
    stage.at += timedelta(hours=1)  # what arrives at the same instant would answer it
    wanted = (DocumentType.DIAGNOSIS,)
    return stage.claims.review_claim.request_supplement("adjuster-1", claim.claim_no, wanted, "字迹不清")


def investigated(stage: Stage) -> Claim:
    claim = stage.referred()
    return stage.claims.review_claim.open_investigation("adjuster-1", claim.claim_no, "SCENE", "核实现场")


def disputed(stage: Stage) -> Claim:
    claim = stage.approved()
    return stage.claims.answer_claim(WORKER, claim.claim_no, AnswerKind.DISPUTE, "金额不对")


def withdrawn(stage: Stage) -> Claim:
    return stage.claims.manage_own_claim.withdraw(WORKER, stage.referred().claim_no, "已由单位赔付")


def closed(stage: Stage) -> Claim:
    return stage.claims.follow_claim.close(stage.paid().claim_no)


def refused_and_closed(stage: Stage) -> Claim:
    claim = stage.refused()
    stage.claims.follow_claim.notify_refusal(claim.claim_no)
    return stage.claims.follow_claim.close(claim.claim_no)


def reopened(stage: Stage) -> Claim:
    return stage.claims.review_claim.reopen("adjuster-1", closed(stage).claim_no, "NEW_BILLS", "补交票据")


Made = Callable[[Stage], Claim]
S = ClaimStatus
IN_EACH_STATUS: list[tuple[ClaimStatus, Made, str, ClaimStatus]] = [
    (S.REGISTERED, registered, "AwaitDocuments", S.AWAITING_DOCS),
    (S.AWAITING_DOCS, Stage.reported, "AwaitDocuments", S.AWAITING_DOCS),
    (S.IN_REVIEW, Stage.documented, "AwaitAgreement", S.ACKNOWLEDGED),
    (S.IN_REVIEW, Stage.referred, "AwaitDecision", S.IN_REVIEW),
    (S.AWAITING_SUPPLEMENT, supplement_asked, "AwaitDocuments", S.AWAITING_SUPPLEMENT),
    (S.INVESTIGATING, investigated, "AwaitDecision", S.INVESTIGATING),
    (S.DECIDED, Stage.decided, "AwaitAcknowledgement", S.DECIDED),
    (S.ACKNOWLEDGED, Stage.approved, "AwaitAgreement", S.ACKNOWLEDGED),
    (S.ACKNOWLEDGED, Stage.acknowledged_large, "AwaitAgreement", S.ACKNOWLEDGED),
    (S.ACKNOWLEDGED, Stage.refused, "CloseClaim", S.CLOSED),
    (S.DISPUTED, disputed, "AwaitDecision", S.IN_REVIEW),
    (S.AGREED, Stage.agreed, "CloseClaim", S.CLOSED),
    (S.PAYING, Stage.reserved, "CloseClaim", S.CLOSED),
    (S.PAYING, Stage.submitted, "CloseClaim", S.CLOSED),
    (S.PAYING, Stage.confirmed, "CloseClaim", S.CLOSED),
    (S.PAID, Stage.paid, "CloseClaim", S.CLOSED),
    (S.CLOSED, closed, "CloseClaim", S.CLOSED),
    (S.CLOSED, refused_and_closed, "CloseClaim", S.CLOSED),
    (S.REOPENED, reopened, "AwaitDecision", S.IN_REVIEW),
    (S.WITHDRAWN, withdrawn, "ClaimWithdrawn", S.WITHDRAWN),
]


def test_every_status_is_walked_from_the_start() -> None:
    assert {status for status, *_ in IN_EACH_STATUS} == set(ClaimStatus)


@pytest.mark.parametrize(
    ("status", "made", "rest", "after"), IN_EACH_STATUS, ids=lambda part: getattr(part, "__name__", None)
)
def test_claim_stands_as_before_when_a_new_execution_walks_again_from_the_start(
    status: ClaimStatus,
    made: Made,
    rest: str,
    after: ClaimStatus,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a walk does is what the claim was due anyway; a second walk finds nothing to do and pays nothing."""
    claim = made(stage)
    assert claim.claim_no
    store = stage.adapters.claims
    assert store.get(claim.claim_no).status is status
    assert ClaimWalk(stage, claim.claim_no, monkeypatch).rest() == rest
    stands = store.get(claim.claim_no)
    history, bills = store.history(claim.claim_no), dict(stage.adapters.wallet_transfers.bills)
    assert stands.status is after
    renewed = ClaimWalk(stage, claim.claim_no, monkeypatch, name=f"{claim.claim_no}Y")
    assert renewed.rest() == rest
    assert store.get(claim.claim_no) == stands
    assert store.history(claim.claim_no) == history
    assert stage.adapters.wallet_transfers.bills == bills
    assert len(bills) <= 1


# ---- renewal --------------------------------------------------------------------------------------


def payout_failed(stage: Stage) -> Claim:
    stage.adapters.wallet_transfers.refuses = "NO_AUTH"
    return stage.agreed()


AT_EACH_WAIT: list[tuple[str, Made]] = [
    ("AwaitDocuments", Stage.reported),
    ("AwaitDecision", Stage.referred),
    ("AwaitAcknowledgement", Stage.decided),
    ("AwaitAgreement", Stage.approved),
    ("AwaitPayout", payout_failed),
]
at_each_wait = pytest.mark.parametrize(("wait", "made"), AT_EACH_WAIT, ids=[wait for wait, _ in AT_EACH_WAIT])


@at_each_wait
def test_execution_goes_on_in_a_new_one_when_a_wait_runs_out_after_300_days(
    wait: str, made: Made, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_no = made(stage).claim_no
    old = ClaimWalk(stage, claim_no, monkeypatch, age=OLD, running_out=1)
    assert old.rest() == "ContinuedAnew"
    assert old.output == {"outcome": "RENEWED"}
    assert old.entered[-3:] == ["IsYearEnding", "RenewExecution", "ContinuedAnew"]
    given = {"claim_no": claim_no}
    assert old.started == [{"StateMachineArn": MACHINE, "Name": f"{claim_no}Y", "Input": given}]
    stands = stage.adapters.claims.get(claim_no)
    renewed = ClaimWalk(stage, claim_no, monkeypatch, name=f"{claim_no}Y")
    assert renewed.rest() == wait
    step = renewed.states[wait]["Arguments"]["Payload"]["step"]
    assert stage.adapters.claim_tokens.find(claim_no, step) == renewed.token(), (
        "the newest wait holds the step"
    )
    now_stands = stage.adapters.claims.get(claim_no)
    assert (now_stands.status, now_stands.decision) == (stands.status, stands.decision)


@at_each_wait
@pytest.mark.parametrize("age", [timedelta(), timedelta(days=300)])
def test_wait_opens_again_when_it_runs_out_before_300_days_are_over(
    age: timedelta, wait: str, made: Made, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_no = made(stage).claim_no
    young = ClaimWalk(stage, claim_no, monkeypatch, age=age, running_out=2)
    assert young.rest() == wait
    assert young.entered.count(wait) == 3
    assert young.entered[-2] == "IsYearEnding"
    assert young.started == []


def test_execution_is_renewed_once_when_its_start_is_repeated(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = ClaimWalk(stage, stage.referred().claim_no, monkeypatch, age=OLD, running_out=1)
    again.is_started_before = True
    assert (again.rest(), again.started) == ("ContinuedAnew", [])


def test_claim_is_paid_when_people_act_in_its_third_execution(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two years in review; the third execution hears the decision, and the money leaves once."""
    claim_no = stage.referred().claim_no
    name = claim_no
    for _ in range(2):
        execution = ClaimWalk(stage, claim_no, monkeypatch, name=name, age=OLD, running_out=1)
        assert execution.rest() == "ContinuedAnew"
        name = execution.started[0]["Name"]
    assert name == f"{claim_no}YY"
    last = ClaimWalk(stage, claim_no, monkeypatch, people(stage, claim_no), name=name)
    assert last.rest() == "CloseClaim"
    assert last.output == {"outcome": "CLOSED", "decision": "APPROVED"}
    assert stage.adapters.wallet_transfers.paid_fen == stage.adapters.claims.get(claim_no).amount_fen


# ---- the road back to a person --------------------------------------------------------------------


def people(stage: Stage, claim_no: str, verdict: Verdict = APPROVED) -> Callable[[str], None]:
    """Whoever is waited for acts."""

    def act(state: str) -> None:
        if state == "AwaitDecision":
            stage.claims.decide_claim("adjuster-1", claim_no, verdict)
        elif state == "AwaitAcknowledgement":
            stage.claims.acknowledge_decision("senior-1", claim_no, True, None)
        elif state == "AwaitAgreement":
            stage.claims.answer_claim(WORKER, claim_no, AnswerKind.ACCEPT, None)

    return act


def back_to_review(stage: Stage) -> None:
    """The policy's stream says so, and whoever waits is told."""
    stage.policy_ends()
    assert stage.payouts.flag_claims(stage.policy.policy_no) != []


def held(stage: Stage) -> Holding:
    policy_no = stage.policy.policy_no
    return stage.adapters.exposures.find([policy_no])[policy_no].held


LED_BACK: list[tuple[str, Made, str]] = [
    ("AwaitAcknowledgement", Stage.decided, "IsAcknowledged"),
    ("AwaitAgreement", Stage.approved, "IsAgreed"),
    ("AwaitPayout", payout_failed, "IsSettled"),
]
led_back = pytest.mark.parametrize(("wait", "made", "choice"), LED_BACK, ids=[wait for wait, *_ in LED_BACK])


@led_back
@pytest.mark.parametrize(
    ("verdict", "end"),
    [(APPROVED, ["PayClaim", "IsPaid", "CloseClaim"]), (DECLINED, ["NotifyRefusal", "CloseClaim"])],
    ids=["approved", "declined"],
)
def test_claim_is_decided_anew_when_it_goes_back_to_review_while_the_execution_waits(
    verdict: Verdict,
    end: list[str],
    wait: str,
    made: Made,
    choice: str,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim_no = made(stage).claim_no
    was_back: list[str] = []
    act = people(stage, claim_no, verdict)

    def meanwhile(state: str) -> None:
        if was_back:
            act(state)
        elif state == wait:
            was_back.append(state)
            stage.adapters.wallet_transfers.refuses = None
            back_to_review(stage)

    walk = ClaimWalk(stage, claim_no, monkeypatch, meanwhile)
    assert walk.rest() == "CloseClaim"
    waited = walk.entered.index(wait)
    assert walk.entered[waited : waited + 3] == [wait, choice, "AwaitDecision"]
    assert walk.entered[-len(end) :] == end
    claim = stage.adapters.claims.get(claim_no)
    assert claim.decision is verdict.decision
    assert stage.adapters.wallet_transfers.paid_fen == (claim.amount_fen if verdict is APPROVED else 0)
    assert held(stage).fen == stage.adapters.wallet_transfers.paid_fen


def test_claim_is_decided_anew_when_the_payout_stops_because_the_policy_no_longer_stands(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_no = stage.agreed().claim_no
    stage.policy_ends()
    walk = ClaimWalk(stage, claim_no, monkeypatch, people(stage, claim_no, DECLINED))
    assert walk.rest() == "CloseClaim"
    paid = walk.entered.index("IsPaid")
    assert walk.entered[paid : paid + 4] == ["IsPaid", "AwaitPayout", "IsSettled", "AwaitDecision"]
    assert walk.entered[-2:] == ["NotifyRefusal", "CloseClaim"]
    assert stage.adapters.wallet_transfers.bills == {}
    assert held(stage) == NOTHING_HELD, "the limits are free again"


@led_back
@pytest.mark.parametrize(
    "acts", [("decide",), ("decide", "acknowledge"), ("withdraw",)], ids=lambda acts: acts[-1]
)
def test_execution_finds_its_way_when_people_were_quicker_than_it(
    acts: tuple[str, ...],
    wait: str,
    made: Made,
    choice: str,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wait ran out, and before it opened again the claim had gone back and was refused or withdrawn."""
    claim_no = made(stage).claim_no
    walk = ClaimWalk(stage, claim_no, monkeypatch, running_out=1)
    act = people(stage, claim_no, DECLINED)
    quick: dict[str, Callable[[], object]] = {
        "decide": lambda: act("AwaitDecision"),
        "acknowledge": lambda: act("AwaitAcknowledgement"),
        "withdraw": lambda: stage.claims.manage_own_claim.withdraw(WORKER, claim_no, "已由单位赔付"),
    }
    call = walk.call

    def called(function: str, event: dict[str, Any]) -> Any:
        if walk.entered[-2:] == ["IsYearEnding", wait]:
            back_to_review(stage)
            for name in acts:
                quick[name]()
        return call(function, event)

    monkeypatch.setattr(walk, "call", called)
    ends = {"decide": "AwaitAcknowledgement", "acknowledge": "CloseClaim", "withdraw": "ClaimWithdrawn"}
    assert walk.rest() == ends[acts[-1]]
    claim = stage.adapters.claims.get(claim_no)
    kinds = [fact.kind for fact in claim.round.notices if fact.told_by == claim.version - 1]
    assert kinds == (["REFUSAL"] if acts[-1] == "acknowledge" else [])
