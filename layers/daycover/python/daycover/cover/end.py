"""Ending a policy: cancelled (`cancel.py`), terminated on withdrawn consent (`withdraw.py`), voided (`void.py`).

Each is one conditional write on the policy item, which carries it on to archive, roster and statement.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from daycover.cover.lifecycle import Author, Event, Phase, end, phase_of
from daycover.cover.policy import (
    EndReason,
    Policies,
    Policy,
    PolicyInForceError,
    PolicyStatus,
    PolicyTransitionError,
)
from daycover.errors import ConcurrentChangeError


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPolicies:
    """The conditional write behind every ending. Repeating one changes nothing."""

    now: Callable[[], datetime]
    policies: Policies

    def __call__(self, policy: Policy, event: Event, reason: EndReason, author: Author) -> Policy:
        """Raises PolicyInForceError, PolicyTransitionError."""
        ended = end(policy, event, reason, author, self.now())
        if ended == policy:
            return policy
        try:
            self.policies.end(ended)
        except ConcurrentChangeError:  # somebody else ended it first: the same way, or it is refused
            return end(self.policies.get(policy.policy_no), event, reason, author, self.now())
        return ended

    def all_on(
        self,
        policies: Iterable[Policy],
        project_ids: frozenset[str],
        event: Event,
        reason: EndReason,
        author: Author,
    ) -> list[Policy]:
        """End each of these that is in force or still to begin on one of the projects, and give those that it ended
        so, now or before; one that ends some other way meanwhile is no refusal of the rest."""
        now = self.now()
        standing = [
            policy
            for policy in policies
            if policy.project_id in project_ids
            and policy.status is PolicyStatus.ISSUED
            and phase_of(policy.period, now) is not Phase.OVER
        ]
        ended = []
        for policy in standing:
            try:
                ended.append(self(policy, event, reason, author))
            except (PolicyTransitionError, PolicyInForceError):
                continue
        return ended
