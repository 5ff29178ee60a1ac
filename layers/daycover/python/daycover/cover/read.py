"""A worker's own policies. What belongs to somebody else is simply not found."""

from dataclasses import dataclass

from daycover.cover.policy import KeptPolicies, Policy, PolicyNotFoundError
from daycover.identity.worker import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPolicies:
    """GET /v1/policies and GET /v1/policies/{policy_no}."""

    workers: Workers
    policies: KeptPolicies

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
