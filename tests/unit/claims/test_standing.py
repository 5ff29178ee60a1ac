"""Whether the policy of a claim still stands, and what becomes of the claim where it does not: as tables."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentType
from daycover.claims.exposure import NOTHING_HELD
from daycover.claims.fraud import FraudWeight
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.round import Round
from daycover.claims.standing import (
    POLICY_NOT_STANDING,
    PolicyOf,
    covers,
    may_leave,
    policy_ended,
    standing_signal,
)
from daycover.cover.archive import ArchiveDamagedError
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from tests.support.builders import NOW, WORKER, a_policy
from tests.support.claims import ACCIDENT_AT, a_report
from tests.support.fakes.cover import FakePolicyReader
from tests.unit.claims.world import World

S, P = ClaimStatus, PolicyStatus
SECOND = timedelta(seconds=1)
LATER = ACCIDENT_AT + timedelta(hours=1)


def ended(status: PolicyStatus, at: datetime = LATER, policy: Policy | None = None) -> Policy:
    ending = Ending(at=at, by="staff", actor="S9", reason=EndReason.IDENTITY_THEFT, refund_fen=0)
    changes = {"status": status, "ended": ending if status is not P.ISSUED else None}
    return (policy or a_policy()).model_copy(update=changes)


@pytest.mark.parametrize(
    ("policy", "occurred_at", "covered"),
    [
        (ended(P.ISSUED), ACCIDENT_AT, True),
        (ended(P.TERMINATED, ACCIDENT_AT + SECOND), ACCIDENT_AT, True),
        (ended(P.TERMINATED, ACCIDENT_AT), ACCIDENT_AT, False),
        (ended(P.TERMINATED, ACCIDENT_AT - SECOND), ACCIDENT_AT, False),
        (ended(P.VOIDED, ACCIDENT_AT + SECOND), ACCIDENT_AT, False),
        (ended(P.VOIDED, ACCIDENT_AT - SECOND), ACCIDENT_AT, False),
        (ended(P.CANCELLED, NOW - SECOND), ACCIDENT_AT, False),
        (a_policy().model_copy(update={"status": P.TERMINATED}), ACCIDENT_AT, False),
    ],
    ids=lambda value: getattr(value, "status", None) and f"{value.status}",
)
def test_policy_pays_for_an_accident_when_it_was_not_over_by_then(
    policy: Policy, occurred_at: datetime, covered: bool
) -> None:
    assert covers(policy, occurred_at) is covered


@pytest.mark.parametrize(
    ("now", "seen", "leaves"),
    [
        (ended(P.ISSUED), P.ISSUED, True),
        (ended(P.TERMINATED), P.ISSUED, False),
        (ended(P.TERMINATED), P.TERMINATED, True),
        (ended(P.TERMINATED, ACCIDENT_AT), P.TERMINATED, False),
        (ended(P.ISSUED), P.TERMINATED, False),
        (ended(P.VOIDED), P.ISSUED, False),
        (ended(P.VOIDED), P.VOIDED, False),
        (ended(P.CANCELLED), P.CANCELLED, False),
    ],
    ids=lambda value: getattr(value, "status", value) and f"{getattr(value, 'status', value)}",
)
def test_money_leaves_when_the_policy_stands_as_whoever_decided_saw_it(
    now: Policy, seen: PolicyStatus, leaves: bool
) -> None:
    claim = World().reported()
    owing = Round(requested_at=NOW, policy_status=seen)
    assert may_leave(now, claim, owing) is leaves


@given(
    status=st.sampled_from(P),
    seen=st.sampled_from(P),
    seconds=st.integers(-100_000, 100_000),
)
def test_nothing_leaves_on_a_policy_that_does_not_cover(
    status: PolicyStatus, seen: PolicyStatus, seconds: int
) -> None:
    policy = ended(status, ACCIDENT_AT + timedelta(seconds=seconds))
    assert covers(policy, ACCIDENT_AT) is (status is P.ISSUED or (status is P.TERMINATED and seconds > 0))
    leaves = may_leave(policy, CLAIM, Round(requested_at=NOW, policy_status=seen))
    assert leaves is (covers(policy, ACCIDENT_AT) and status is seen)


CLAIM = World().reported()


@pytest.mark.parametrize("status", P)
def test_policy_that_has_ended_is_a_matter_for_a_person(status: PolicyStatus) -> None:
    signals = standing_signal(ended(status))
    if status is P.ISSUED:
        assert signals == ()
    else:
        [signal] = signals
        assert (signal.rule, signal.weight) == (POLICY_NOT_STANDING, FraudWeight.REVIEW)
        assert signal.evidence == (status.value,)


class DamagedPolicies(FakePolicyReader):
    """An archive whose records can't be read."""

    def get(self, policy_no: str) -> Policy:
        raise ArchiveDamagedError


def test_policy_is_unknown_and_not_ended_when_it_cannot_be_read() -> None:
    policy = ended(P.VOIDED)
    claim = World().reported()
    assert PolicyOf(policies=FakePolicyReader(policy))(claim) == policy, "as it is now, not the claim's copy"
    assert PolicyOf(policies=FakePolicyReader())(claim) is None
    assert PolicyOf(policies=DamagedPolicies(policy))(claim) is None


# What becomes of a claim. Each of these takes one to a status as people and machine do.


def decided(world: World, decision: Decision = Decision.APPROVED) -> Claim:
    claim = world.referred()
    return world.decide("S1", claim.claim_no, Verdict(decision, None, "WITHIN_TERMS", "理由"))


def acknowledged(world: World, decision: Decision = Decision.APPROVED) -> Claim:
    return world.acknowledge("S2", decided(world, decision).claim_no, True, None)


def disputed(world: World) -> Claim:
    return world.answer(WORKER, acknowledged(world).claim_no, AnswerKind.DISPUTE, "少算了")


def agreed(world: World) -> Claim:
    return world.answer(WORKER, acknowledged(world).claim_no, AnswerKind.ACCEPT, None)


def reserved(world: World) -> Claim:
    claim = agreed(world)
    assert world.pay.reserve(claim.claim_no).outcome == "RESERVED"
    return world.claims.get(claim.claim_no)


def paid(world: World) -> Claim:
    number = world.pay.reserve(agreed(world).claim_no).payout_id
    assert number is not None
    world.pay.submit(number)
    world.bank.finish(number)
    world.pay.confirm(number)
    world.pay.post(number)
    return world.claims.get(world.payouts.get(number).claim_no)


def reopened(world: World) -> Claim:
    claim = world.follow.close(paid(world).claim_no)
    return world.review.reopen("S1", claim.claim_no, "NEW_BILLS", "后续治疗")


def supplement(world: World) -> Claim:
    claim = world.referred()
    return world.review.request_supplement("S1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补拍")


def just_reported(world: World) -> Claim:
    claim = world.report(WORKER, a_report()).claim
    assert claim is not None
    return claim


class Becomes(NamedTuple):
    """What the end of its policy makes of a claim; `status` None: nothing. `referred`: a person is told why."""

    status: ClaimStatus | None
    referred: bool = False
    attention: Attention | None = None


NOTHING = Becomes(None)
BACK = Becomes(S.IN_REVIEW, referred=True)
STATUSES: list[tuple[str, Callable[[World], Claim], ClaimStatus, Becomes]] = [
    ("registered", just_reported, S.REGISTERED, Becomes(S.REGISTERED)),
    ("awaiting documents", lambda w: w.reported(), S.AWAITING_DOCS, Becomes(S.AWAITING_DOCS)),
    ("not assessed", lambda w: w.documented(), S.IN_REVIEW, BACK),
    ("referred", lambda w: w.referred(), S.IN_REVIEW, BACK),
    ("awaiting a supplement", supplement, S.AWAITING_SUPPLEMENT, Becomes(S.AWAITING_SUPPLEMENT, True)),
    (
        "investigated",
        lambda w: w.review.open_investigation("S1", w.referred().claim_no, "SCENE", "核实"),
        S.INVESTIGATING,
        Becomes(S.INVESTIGATING, True),
    ),
    ("decided", decided, S.DECIDED, BACK),
    ("acknowledged", acknowledged, S.ACKNOWLEDGED, BACK),
    ("disputed", disputed, S.DISPUTED, Becomes(S.DISPUTED, True)),
    ("agreed", agreed, S.AGREED, BACK),
    ("under way", reserved, S.PAYING, Becomes(S.PAYING, attention=Attention.POLICY_NOT_STANDING)),
    ("paid", paid, S.PAID, NOTHING),
    ("closed", lambda w: w.follow.close(paid(w).claim_no), S.CLOSED, NOTHING),
    ("reopened", reopened, S.REOPENED, Becomes(S.REOPENED, True)),
    (
        "withdrawn",
        lambda w: w.own.withdraw(WORKER, w.reported().claim_no, "单位已赔"),
        S.WITHDRAWN,
        NOTHING,
    ),
    ("refused", lambda w: decided(w, Decision.DECLINED), S.DECIDED, NOTHING),
    ("refused by two", lambda w: acknowledged(w, Decision.NO_CLAIM), S.ACKNOWLEDGED, NOTHING),
]


@pytest.mark.parametrize("status", [P.VOIDED, P.TERMINATED])
@pytest.mark.parametrize(
    ("reach", "before", "becomes"), [case[1:] for case in STATUSES], ids=[case[0] for case in STATUSES]
)
def test_claim_goes_to_a_person_when_its_policy_ends(
    reach: Callable[[World], Claim], before: ClaimStatus, becomes: Becomes, status: PolicyStatus
) -> None:
    world = World()
    claim = reach(world)
    assert claim.status is before
    earlier = claim.held_before
    change = policy_ended(claim, ended(status), world.exposures, world.at)
    if becomes.status is None:
        assert change is None
        return
    assert change is not None
    after = change.after
    assert (after.status, after.attention) == (becomes.status, becomes.attention)
    assert (POLICY_NOT_STANDING in after.round.referred_for) is becomes.referred
    assert [s.evidence for s in after.signals if s.rule == POLICY_NOT_STANDING] == [(status.value,)]
    if becomes.attention is None:
        assert change.entry.event is ClaimEvent.POLICY_ENDED
        assert (after.decision, after.amount_fen, after.round.decided_by) == (Decision.PENDING, None, None)
        assert after.round.holding == NOTHING_HELD, "what did not stand gives its room back"
        assert after.holding == earlier, "what earlier rounds paid stays"
        assert after.round.agreed_at is None
    else:
        assert (after.decision, after.holding) == (Decision.APPROVED, claim.holding), "money may have left"
    assert (change.exposure is None) == (after.holding == claim.holding)
    if change.exposure is not None:
        assert change.exposure.before.held.fen - change.exposure.after.held.fen == claim.round.holding.fen
    again = policy_ended(after, ended(status), world.exposures, world.at)
    assert again is None, "a repetition changes nothing"


def test_every_status_has_its_line_in_the_table() -> None:
    assert {before for _, _, before, _ in STATUSES} == set(S)


@pytest.mark.parametrize("reach", [decided, acknowledged, agreed, reserved])
def test_decision_stands_when_the_policy_is_as_it_was_when_it_was_made(
    reach: Callable[[World], Claim],
) -> None:
    """Two people decided knowing that cover was terminated after the accident: its end is no news."""
    world = World()
    world.policies._policies[world.policy.policy_no] = ended(P.TERMINATED)
    claim = reach(world)
    assert claim.round.policy_status is P.TERMINATED
    assert policy_ended(claim, ended(P.TERMINATED), world.exposures, world.at) is None
    change = policy_ended(claim, ended(P.VOIDED), world.exposures, world.at)
    assert change is not None, "a later void is"
