"""Withdrawing consent (撤回同意): any time, for one project or a whole company; it ends the cover there.

The insured's written withdrawal counts as rescission (Interpretation III art. 2). What was lawful before
stays so, and the record of it stays (PIPL art. 16, Insurance Law art. 87).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from daycover.china_time import china_day
from daycover.cover.end import EndPolicies
from daycover.cover.lifecycle import Author, Event
from daycover.cover.policy import EndReason, Policy, StopReason
from daycover.cover.presence import Visits
from daycover.cover.stop import StopApplications
from daycover.identity.consent import ConsentEntry, ConsentKind, Consents
from daycover.projects.project import Projects


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was withdrawn now, and every policy that it ended."""

    entries: Sequence[ConsentEntry]
    ended: Sequence[Policy]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsents:
    """POST /v1/consents/withdrawal. Repeating it repairs what a crash left and changes nothing else."""

    now: Callable[[], datetime]
    consents: Consents
    projects: Projects
    visits: Visits
    stop: StopApplications
    end_policies: EndPolicies

    def __call__(
        self,
        worker_id: str,
        kinds: Collection[ConsentKind],
        *,
        project_id: str | None = None,
        company_id: str | None = None,
    ) -> Withdrawal:
        """Withdraw for one project, or for every project of a company that the worker consented to.

        The order is what makes it hold against an application on its way: first the record, so that nothing new
        begins; then what is on its way is stopped; last, what was issued before is ended.
        """
        projects = self._targets(worker_id, project_id, company_id)
        now = self.now()
        entries = [
            entry
            for project in sorted(projects)
            for entry in self.consents.withdraw(worker_id, project, kinds, now)
        ]
        self.visits.unname(worker_id, projects, china_day(now))
        author = Author("worker", worker_id)
        reason = EndReason.CONSENT_WITHDRAWN
        ended = [
            policy
            for person in self.stop(worker_id, StopReason.CONSENT_WITHDRAWN, projects)
            for policy in self.end_policies.all_on(
                person.policies, projects, Event.WITHDRAW_CONSENT, reason, author
            )
        ]
        return Withdrawal(entries, ended)

    def _targets(self, worker_id: str, project_id: str | None, company_id: str | None) -> frozenset[str]:
        if project_id is not None:
            return frozenset({project_id})
        known = self.consents.projects_of(worker_id)
        return frozenset(p for p in known if self.projects.get(p).company_id == company_id)
