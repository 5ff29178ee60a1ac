"""A worker's own policies. What belongs to somebody else is simply not found."""

from daycover.cover.policy import Policies, Policy, PolicyNotFoundError
from daycover.identity.worker import Workers


class ReadPolicies:
    """GET /v1/policies and GET /v1/policies/{policy_no}."""

    def __init__(self, workers: Workers, policies: Policies) -> None:
        self._workers = workers
        self._policies = policies

    def all_of(self, worker_id: str) -> list[Policy]:
        """Every policy of the worker, newest first; empty until the work card has proved who they are."""
        person_id = self._workers.get(worker_id).person_id
        return [] if person_id is None else self._policies.list_of(person_id)

    def one_of(self, worker_id: str, policy_no: str) -> Policy:
        """Raises PolicyNotFoundError, also for another person's policy."""
        policy = self._policies.get(policy_no)
        if policy.person_id != self._workers.get(worker_id).person_id:
            raise PolicyNotFoundError
        return policy
