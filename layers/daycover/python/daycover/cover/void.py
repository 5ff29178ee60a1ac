"""Voiding (作废): staff find that there never was cover, perhaps long after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.cover.archive import Archive, KeepPolicies
from daycover.cover.end import EndPolicies
from daycover.cover.lifecycle import Author, Event, Phase, end, phase_of
from daycover.cover.policy import EndReason, Policies, Policy, PolicyNotFoundError
from daycover.errors import ConcurrentChangeError


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPolicy:
    """POST /v1/staff/policies/{policy_no}/voidance: there never was cover, whenever that is found out."""

    now: Callable[[], datetime]
    policies: Policies
    archive: Archive
    end_policies: EndPolicies

    def __call__(self, staff_id: str, policy_no: str, reason: EndReason) -> Policy:
        """Void the policy, and the adjacent one bought on top of it: it has the same defect, and alone it
        would make a new check-in wait for its start.

        Raises PolicyNotFoundError, PolicyTransitionError.
        """
        author = Author("staff", staff_id)
        try:
            policy = self.policies.get(policy_no)
            voided = self.end_policies(policy, Event.VOID, reason, author)
        except PolicyNotFoundError:  # TTL took the item, perhaps in this moment
            return self._void_archived(policy_no, reason, author)
        now = self.now()
        if phase_of(policy.period, now) is not Phase.OVER:
            # not what began meanwhile: this may be told again when the person is covered anew
            recent = self.policies.recent(policy.person_id, now)
            adjacent = [other for other in recent if other.period.start == policy.period.end]
            self.end_policies.all_on(adjacent, frozenset({policy.project_id}), Event.VOID, reason, author)
        return voided

    def _void_archived(self, policy_no: str, reason: EndReason, author: Author) -> Policy:
        """TTL took the item, and with it the stream. It is put back as it ended, in one write: from there books, claims
        and insurer hear of it, whatever becomes of this process. The archive tells it at once, to whoever asks.
        """
        known = self.archive.find(policy_no)
        if known is None:
            raise PolicyNotFoundError
        voided = end(known.policy, Event.VOID, reason, author, self.now())
        if voided == known.policy:
            return voided
        try:
            self.policies.put_back(voided)
        except ConcurrentChangeError:  # somebody else did, the same way
            voided = self.policies.get(policy_no)
        KeepPolicies(archive=self.archive).keep(voided, known)
        return voided
