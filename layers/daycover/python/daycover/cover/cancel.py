"""Cancelling (撤单): worker or company gives up cover that has not begun."""

from dataclasses import dataclass

from daycover.cover.end import EndPolicies
from daycover.cover.lifecycle import Author, Event
from daycover.cover.policy import EndReason, Policies, Policy, PolicyNotFoundError
from daycover.identity.worker import Workers
from daycover.projects.act_for import CompanyActor


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
