"""Whom and what a claim is about, for whoever decides it: the person in clear, their work, what else they hold.

Nothing of it is copied into the claim. It is read when somebody looks, and who was shown the person is recorded before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from daycover.claims.claim import Claim, Claims
from daycover.claims.exposure import Exposures, Holding
from daycover.claims.looks import LookedAt, Looker, Looks
from daycover.cover.policy import HeldPolicies, Policy
from daycover.identity.worker import Identity, Worker
from daycover.projects.project import Project, ProjectNotFoundError, Projects

LISTED = 20
"""Of the person's other policies, the newest."""


class InsuredWorkers(Protocol):
    def find(self, worker_id: str) -> Worker | None: ...


class InsuredFile(NamedTuple):
    """`identity` is None once it was erased; `locked_at` is when the person asked for that."""

    claim: Claim
    identity: Identity | None
    locked_at: datetime | None
    project: Project | None
    held: Holding
    """What all claims of the policy hold of its limits, this one's rounds included."""
    claims: list[Claim]
    """The person's other ones, newest first."""
    policies: list[Policy]
    """The person's other ones, newest first, at most LISTED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtInsured:
    """GET /v1/staff/claims/{claim_no}/insured."""

    claims: Claims
    workers: InsuredWorkers
    projects: Projects
    policies: HeldPolicies
    exposures: Exposures
    looks: Looks
    now: Callable[[], datetime]

    def __call__(self, looker: Looker, claim_no: str) -> InsuredFile:
        """Raises ClaimNotFoundError, StoreUnavailableError."""
        claim = self.claims.get(claim_no)
        policy = claim.policy
        worker = self.workers.find(policy.worker_id)
        identity = identity_on(worker, policy.person_id)
        if looker.identified and identity is not None:
            self.looks.add(looker.look(claim_no, LookedAt.IDENTITY, self.now()))
        exposure = self.exposures.find([policy.policy_no])[policy.policy_no]
        others = [known for known in self.claims.list_of(policy.person_id) if known.claim_no != claim_no]
        held = [
            known for known in self.policies.list_of(policy.person_id) if known.policy_no != policy.policy_no
        ]
        return InsuredFile(
            claim,
            identity,
            worker.locked_at if worker is not None and identity is not None else None,
            self._project(policy.project_id),
            exposure.held,
            sorted(others, key=lambda known: known.reported_at, reverse=True),
            held[:LISTED],
        )

    def _project(self, project_id: str) -> Project | None:
        try:
            return self.projects.get(project_id)
        except ProjectNotFoundError:
            return None


def identity_on(worker: Worker | None, person_id: str) -> Identity | None:
    """Give the account's identity where it is still that person's.

    After an erasure the account may have proved somebody else, whom this claim is not about.
    """
    identity = worker.identity if worker is not None else None
    return identity if identity is not None and identity.person_id == person_id else None
