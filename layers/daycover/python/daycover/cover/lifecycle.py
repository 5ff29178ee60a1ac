"""The lifecycle of a policy after it is issued: what may end it when, and what of the premium goes back.

Time is derived, never stored: a policy is before its start, in force, or over. It leaves ISSUED once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from daycover.cover.period import Period
from daycover.cover.policy import (
    Ending,
    EndReason,
    Policy,
    PolicyInForceError,
    PolicyStatus,
    PolicyTransitionError,
)


class Event(StrEnum):
    CANCEL = "CANCEL"
    WITHDRAW_CONSENT = "WITHDRAW_CONSENT"
    VOID = "VOID"


class Phase(StrEnum):
    """Where the clock stands in a period."""

    BEFORE_START = "BEFORE_START"
    IN_FORCE = "IN_FORCE"
    OVER = "OVER"


class Author(NamedTuple):
    """Who ends a policy: their role and that role's id."""

    role: str
    subject: str


class PolicyStep(NamedTuple):
    """The status an event leads to, and the refund in fen of (policy, instant)."""

    status: PolicyStatus
    refund_fen: Callable[[Policy, datetime], int]


def whole(policy: Policy, _now: datetime) -> int:
    return policy.premium_fen


def pro_rata(policy: Policy, now: datetime) -> int:
    """The premium of the time that is left, rounded half up to the fen."""
    left, cover = policy.period.end - now, policy.period.end - policy.period.start
    return int((2 * policy.premium_fen * left + cover) // (2 * cover))


STEPS: Mapping[tuple[Event, Phase], PolicyStep] = MappingProxyType(
    {
        (Event.CANCEL, Phase.BEFORE_START): PolicyStep(PolicyStatus.CANCELLED, whole),
        # the insured's withdrawal counts as rescission (Interpretation III art. 2)
        (Event.WITHDRAW_CONSENT, Phase.BEFORE_START): PolicyStep(PolicyStatus.TERMINATED, whole),
        (Event.WITHDRAW_CONSENT, Phase.IN_FORCE): PolicyStep(PolicyStatus.TERMINATED, pro_rata),
        # the insurer may keep a fee (Interpretation II art. 2); of 0.30 to 2 yuan we keep none
        (Event.VOID, Phase.BEFORE_START): PolicyStep(PolicyStatus.VOIDED, whole),
        (Event.VOID, Phase.IN_FORCE): PolicyStep(PolicyStatus.VOIDED, whole),
        (Event.VOID, Phase.OVER): PolicyStep(PolicyStatus.VOIDED, whole),
    }
)
"""Every step out of ISSUED. What is not here is refused: no cancelling once the risk has started."""


def phase_of(period: Period, now: datetime) -> Phase:
    if now < period.start:
        return Phase.BEFORE_START
    return Phase.IN_FORCE if now < period.end else Phase.OVER


def end(policy: Policy, event: Event, reason: EndReason, author: Author, now: datetime) -> Policy:
    """Give the policy as the event leaves it; one that this event ended before comes back as it is.

    Raises PolicyInForceError, PolicyTransitionError.
    """
    if policy.status is not PolicyStatus.ISSUED:
        if policy.status in {step.status for (cause, _), step in STEPS.items() if cause is event}:
            return policy
        raise PolicyTransitionError(policy_status=policy.status)
    step = STEPS.get((event, phase_of(policy.period, now)))
    if step is None:
        raise PolicyInForceError(starts_at=policy.period.start, ends_at=policy.period.end)
    ending = Ending(
        at=now,
        by=author.role,
        actor=author.subject,
        reason=reason,
        refund_fen=step.refund_fen(policy, now),
    )
    return policy.model_copy(update={"status": step.status, "ended": ending})
