"""Ending a policy: cancelled by worker or company, terminated on withdrawn consent, voided by staff.

Each is one conditional write on the policy item, which carries it on to archive, roster and statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.cover.archive import Archive, KeepPolicies
from daycover.cover.lifecycle import Author, Event, Phase, end, phase_of
from daycover.cover.policy import EndReason, Policies, Policy, PolicyNotFoundError, PolicyStatus
from daycover.cover.roster import LineRecorder, line_of
from daycover.errors import ConcurrentChangeError
from daycover.identity.worker import Workers
from daycover.projects.company import CompanyActor


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
        self, person_id: str, project_ids: frozenset[str], event: Event, reason: EndReason, author: Author
    ) -> list[Policy]:
        """End every policy of the person on these projects that is in force or still to begin."""
        now = self.now()
        standing = [
            policy
            for policy in self.policies.recent(person_id, now)
            if policy.project_id in project_ids
            and policy.status is PolicyStatus.ISSUED
            and phase_of(policy.period, now) is not Phase.OVER
        ]
        return [self(policy, event, reason, author) for policy in standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPolicy:
    """POST …/policies/{policy_no}/cancellation, before the cover begins."""

    policies: Policies
    workers: Workers
    end_policies: EndPolicies

    def by_worker(self, worker_id: str, policy_no: str, reason: EndReason) -> Policy:
        """Raises PolicyNotFoundError, also for another person's, PolicyInForceError, PolicyTransitionError."""
        policy = self.policies.get(policy_no)
        if policy.person_id != self.workers.get(worker_id).person_id:
            raise PolicyNotFoundError
        return self.end_policies(policy, Event.CANCEL, reason, Author("worker", worker_id))

    def by_company(self, actor: CompanyActor, company_id: str, policy_no: str, reason: EndReason) -> Policy:
        """Raises PolicyNotFoundError, also for another company's, PolicyInForceError, PolicyTransitionError."""
        policy = self.policies.get(policy_no)
        if policy.company_id != company_id:
            raise PolicyNotFoundError
        return self.end_policies(policy, Event.CANCEL, reason, Author(actor.role, actor.subject))


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPolicy:
    """POST /v1/staff/policies/{policy_no}/voidance: there never was cover, whenever that is found out."""

    now: Callable[[], datetime]
    policies: Policies
    archive: Archive
    lines: LineRecorder
    end_policies: EndPolicies

    def __call__(self, staff_id: str, policy_no: str, reason: EndReason) -> Policy:
        """Void the policy, and the adjacent one bought on top of it: it has the same defect, and alone it
        would make a new check-in wait for its start.

        Raises PolicyNotFoundError, PolicyTransitionError.
        """
        author = Author("staff", staff_id)
        try:
            policy = self.policies.get(policy_no)
        except PolicyNotFoundError:
            return self._void_archived(policy_no, reason, author)
        voided = self.end_policies(policy, Event.VOID, reason, author)
        if phase_of(policy.period, self.now()) is not Phase.OVER:
            projects = frozenset({policy.project_id})
            self.end_policies.all_on(policy.person_id, projects, Event.VOID, reason, author)
        return voided

    def _void_archived(self, policy_no: str, reason: EndReason, author: Author) -> Policy:
        """TTL took the item and with it the stream: archive and line are written from here."""
        known = self.archive.find(policy_no)
        if known is None:
            raise PolicyNotFoundError
        voided = end(known.policy, Event.VOID, reason, author, self.now())
        KeepPolicies(archive=self.archive).keep(voided, known)
        self.lines.record(line_of(voided))
        return voided
