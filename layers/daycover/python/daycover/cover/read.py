"""A worker's own policies. What belongs to somebody else is simply not found."""

from dataclasses import dataclass

from daycover.cover.policy import KeptPolicies, Policy, PolicyNotFoundError
from daycover.identity.worker import Workers
from daycover.projects.project import Project, ProjectNotFoundError, Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPolicies:
    """GET /v1/policies and GET /v1/policies/{policy_no}."""

    workers: Workers
    policies: KeptPolicies
    projects: Projects

    def all_of(self, worker_id: str, before: str | None = None) -> list[Policy]:
        """The worker's newest policies, or those before that number; newest first, at most 100.

        Empty until the work card has proved who they are. Raises PolicyNotFoundError for a mistyped number.
        """
        person_id = self.workers.get(worker_id).person_id
        return [] if person_id is None else self.policies.list_of(person_id, before)

    def one_of(self, worker_id: str, policy_no: str) -> Policy:
        """Raises PolicyNotFoundError, also for another person's policy."""
        policy = self.policies.get(policy_no)
        if policy.person_id != self.workers.get(worker_id).person_id:
            raise PolicyNotFoundError
        return policy

    def project_of(self, policy: Policy) -> Project | None:
        """The work that it insures, with what is not insured at it; None where the project is no longer known."""
        try:
            return self.projects.get(policy.project_id)
        except ProjectNotFoundError:  # a policy is shown for ever
            return None
