"""Whether the policy of a claim still stands (保单是否有效): read again before anything is decided or paid.

The claim holds a copy of its terms. What became of the policy since, only the policy tells: it may have been
voided, terminated or cancelled long after the report.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, ClaimChange
from daycover.claims.compute import gives_back
from daycover.claims.exposure import Exposures
from daycover.claims.fraud import FraudSignal, FraudWeight
from daycover.claims.lifecycle import DECIDED_UNPAID, REFUSING_DECISIONS, TABLE, ClaimEvent, ClaimStatus
from daycover.claims.record import record, unsent_lapsed
from daycover.claims.round import Round
from daycover.claims.undecided import UNDECIDED
from daycover.cover.archive import ArchiveDamagedError
from daycover.cover.policy import KeptPolicies, Policy, PolicyNotFoundError, PolicyStatus
from daycover.errors import DaycoverError, ErrorKind

POLICY_NOT_STANDING = "POLICY_NOT_STANDING"
POLICY_UNREADABLE = "POLICY_UNREADABLE"
"""Why a person must decide: reason codes."""


class PolicyNotStandingError(DaycoverError):
    """The policy was voided or cancelled, or ended before the accident: nothing is paid on it.

    What to do: Look into `policy_status`; refuse the claim, or pay on a policy that stands.
    含义:保单已作废、取消,或在事故前已终止,不能据此赔付。
    处理:核实 `policy_status`;作出不予赔付的决定,或按有效保单立案。
    """

    kind = ErrorKind.CONFLICT
    title = "保单已失效,不能赔付", "The policy does not stand"
    detail = (
        "保单状态为 {policy_status},不能据此赔付。",
        "The policy is {policy_status}: nothing can be paid on it.",
    )


def covers(policy: Policy, occurred_at: datetime) -> bool:
    """Whether a policy as it stands now can pay for an accident of that instant.

    A termination ends the cover from its instant on; voiding and cancelling mean that there never was any.
    """
    if policy.status is PolicyStatus.TERMINATED:
        return policy.ended is not None and occurred_at < policy.ended.at
    return policy.status is PolicyStatus.ISSUED


def better(occurred_at: datetime) -> Callable[[Policy], tuple[bool, int, str]]:
    """Order the policies that cover one accident (two companies in one day): what stands before what was voided,
    then the higher sum."""
    return lambda policy: (covers(policy, occurred_at), policy.sum_insured_fen, policy.policy_no)


def may_leave(policy: Policy, claim: Claim, owing: Round) -> bool:
    """Whether money may leave for what a round owes: the policy stands as whoever decided that saw it."""
    return policy.status is owing.policy_status and covers(policy, claim.accident.occurred_at)


def standing_signal(policy: Policy) -> tuple[FraudSignal, ...]:
    """Anything but a standing policy is a matter for a person."""
    if policy.status is PolicyStatus.ISSUED:
        return ()
    evidence = (policy.status.value,)
    return (FraudSignal(rule=POLICY_NOT_STANDING, weight=FraudWeight.REVIEW, evidence=evidence),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOf:
    """Reads the policy of a claim again."""

    policies: KeptPolicies

    def __call__(self, claim: Claim) -> Policy | None:
        """None where it can't be read now: that is unknown, and a matter for a person.

        Cost: 1 read unit; for a policy that has left the hot table also one GET.
        """
        try:
            return self.policies.get(claim.policy.policy_no)
        except (PolicyNotFoundError, ArchiveDamagedError):
            return None


_UNASSESSED = frozenset({ClaimStatus.REGISTERED, ClaimStatus.AWAITING_DOCS})
"""The machine has yet to look at these, and reads the policy then; the signal is enough."""


def policy_ended(claim: Claim, policy: Policy, exposures: Exposures, at: datetime) -> ClaimChange | None:
    """Give the change of an open claim whose policy has ended; None where it changes nothing.

    An undecided claim is marked for a person. A decision to pay falls, and what was not sent lapses; money
    that is under way keeps the claim where it is, before finance. A refusal stands.
    """
    current = claim.round
    if (claim.status, ClaimEvent.POLICY_ENDED) not in TABLE or current.decision in REFUSING_DECISIONS:
        return None
    if claim.status in DECIDED_UNPAID and may_leave(policy, claim, current):
        return None
    seen = {signal.rule for signal in claim.signals}
    signals = claim.signals + tuple(s for s in standing_signal(policy) if s.rule not in seen)
    if any(o.is_under_way for o in current.decided_obligations):
        if claim.attention is Attention.POLICY_NOT_STANDING:
            return None
        return record(
            claim,
            ClaimEvent.PAYOUT_UNRESOLVED,
            at=at,
            reason_code=POLICY_NOT_STANDING,
            signals=signals,
            attention=Attention.POLICY_NOT_STANDING,
        )
    referred_for = current.referred_for
    if claim.status not in _UNASSESSED:
        referred_for = tuple(dict.fromkeys((*referred_for, POLICY_NOT_STANDING)))
    if claim.status not in DECIDED_UNPAID and (signals, referred_for) == (
        claim.signals,
        current.referred_for,
    ):
        return None
    fallen = unsent_lapsed(
        current.model_copy(update=UNDECIDED | {"undisputed_fen": None}), ClaimEvent.POLICY_ENDED
    )
    hold = gives_back(claim, fallen, exposures)
    return record(
        claim,
        ClaimEvent.POLICY_ENDED,
        at=at,
        reason_code=policy.status.value,
        signals=signals,
        attention=None,
        referred_for=referred_for,
        undisputed_fen=None,
        agreed_at=None,
        holding=hold.holding,
        exposure=hold.exposure,
        **UNDECIDED,
    )
