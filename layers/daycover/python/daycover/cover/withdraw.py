"""Withdrawing consent (撤回同意): any time, for one project or a whole company; it ends the cover there.

The insured's written withdrawal counts as rescission (Interpretation III art. 2). What was lawful before
stays so, and the record of it stays (PIPL art. 16, Insurance Law art. 87).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from daycover.china_time import china_day
from daycover.cover.check_in import CheckIns, CheckInStatus
from daycover.cover.end import EndPolicies
from daycover.cover.issue import CONSENT_WITHDRAWN, PROOF_LIFE
from daycover.cover.lifecycle import Author, Event
from daycover.cover.policy import EndReason, Policy
from daycover.identity.consent import ConsentEntry, ConsentKind, Consents
from daycover.identity.worker import Workers
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
    workers: Workers
    consents: Consents
    check_ins: CheckIns
    projects: Projects
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

        The order is what makes it hold against a check-in on its way: first the record, so that no new
        check-in begins; then open check-ins are settled; last, what they issued before is ended.
        """
        projects = self._targets(worker_id, project_id, company_id)
        now = self.now()
        entries = [
            entry
            for project in sorted(projects)
            for entry in self.consents.withdraw(worker_id, project, kinds, now)
        ]
        persons = self._settle_open(worker_id, projects, now)
        person_id = self.workers.get(worker_id).person_id
        if person_id is not None:
            persons.add(person_id)
        author = Author("worker", worker_id)
        reason = EndReason.CONSENT_WITHDRAWN
        ended = [
            policy
            for person in sorted(persons)
            for policy in self.end_policies.all_on(person, projects, Event.WITHDRAW_CONSENT, reason, author)
        ]
        return Withdrawal(entries, ended)

    def _targets(self, worker_id: str, project_id: str | None, company_id: str | None) -> frozenset[str]:
        if project_id is not None:
            return frozenset({project_id})
        known = self.consents.projects_of(worker_id)
        return frozenset(p for p in known if self.projects.get(p).company_id == company_id)

    def _settle_open(self, worker_id: str, projects: Collection[str], now: datetime) -> set[str]:
        """Settle the open check-ins on these projects; give the persons that proved ones were made for."""
        persons = set()
        for day in {china_day(now), china_day(now - PROOF_LIFE)}:
            for check_in in self.check_ins.of_day(worker_id, f"{day:%Y%m%d}"):
                if check_in.project_id not in projects:
                    continue
                if check_in.status in {CheckInStatus.STARTED, CheckInStatus.PRE_ORDERED}:
                    failed = {"status": CheckInStatus.FAILED, "failed_reason": CONSENT_WITHDRAWN}
                    check_in = self.check_ins.settle(check_in.model_copy(update=failed))  # noqa: PLW2901
                if check_in.status is CheckInStatus.ISSUED:
                    persons.add(check_in.identity.person_id)
        return persons
