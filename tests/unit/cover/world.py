"""A gate with workers, a work card and our use cases around one in-memory store."""

import hmac
from datetime import datetime
from typing import Any

from daycover.cover.archive import PolicyFinder
from daycover.cover.check_in import CheckIn, Device
from daycover.cover.complete import CompleteCheckIn
from daycover.cover.disclosure import plan_key
from daycover.cover.end import EndPolicies
from daycover.cover.erase import EraseWorker
from daycover.cover.issue import IssuePolicy
from daycover.cover.open_project import RunProjects
from daycover.cover.policy import Policy
from daycover.cover.preview import PreviewCover
from daycover.cover.prove import ProveCheckIn
from daycover.cover.read import ReadPolicies
from daycover.cover.signals import WeighCheckIn
from daycover.cover.start_check_in import StartCheckIn
from daycover.cover.stop import StopApplications
from daycover.cover.withdraw import WithdrawConsents
from daycover.identity.worker import Worker
from daycover.projects.code import issue_token
from daycover.projects.place import Place
from daycover.projects.project import Project
from tests.support.builders import NOW, a_device, a_place, a_plan, a_project, an_id_number, consents_for
from tests.support.fakes.archive import FakeArchive
from tests.support.fakes.claims import FakeVault
from tests.support.fakes.cover import (
    FakeCheckIns,
    FakeFlaggedCheckIns,
    FakeOccupationReferrals,
    FakePolicies,
    FakeReferrals,
    FakeRefusedPlaces,
    FakeReminders,
    FakeSightings,
    FakeVisits,
)
from tests.support.fakes.identity import (
    FakeConsents,
    FakeErasures,
    FakeIndex,
    FakeWorkCard,
    FakeWorkers,
)
from tests.support.fakes.payouts import FakeDesignations
from tests.support.fakes.port import Clock, Steps
from tests.support.fakes.projects import FakeCompanies, FakeProjects

NAME, ID_NUMBER = "王小明", an_id_number()


def code_key(project_id: str, key_version: int) -> bytes:
    return hmac.digest(b"secret", f"{project_id}:{key_version}".encode(), "sha256")


class World:
    """`now` is the one clock of all; `steps` is where tests interleave and crash."""

    def __init__(self, *projects: Project, at: datetime = NOW) -> None:
        self.now = Clock(at)
        self.steps = Steps()
        self.projects = FakeProjects(*(projects or (a_project(),)), steps=self.steps)
        self.companies = FakeCompanies(self.steps)
        self.run_projects = RunProjects(
            now=self.now,
            new_id=lambda now: "0" * 25 + "9",
            projects=self.projects,
            companies=self.companies,
            occupation_referrals=FakeOccupationReferrals(steps=self.steps),
            master=lambda company_id, day: None,
            code_key=code_key,
        )
        self.workers = FakeWorkers(steps=self.steps)
        self.consents = FakeConsents(steps=self.steps)
        self.check_ins = FakeCheckIns(self.workers, self.consents, steps=self.steps)
        self.policies = FakePolicies(steps=self.steps)
        self.archive = FakeArchive()
        self.reminders = FakeReminders(steps=self.steps)
        self.work_card = FakeWorkCard(self.now, steps=self.steps)
        self.index = FakeIndex()
        self.visits = FakeVisits(steps=self.steps)
        self.refused = FakeRefusedPlaces(steps=self.steps)
        self.start_check_in = StartCheckIn(
            now=self.now,
            projects=self.projects,
            code_key=code_key,
            check_ins=self.check_ins,
            policies=self.policies,
            index=self.index,
            work_card=self.work_card,
            reminders=self.reminders,
            visits=self.visits,
            refused=self.refused,
        )
        self.issue_policy = IssuePolicy(
            now=self.now,
            policies=self.policies,
            workers=self.workers,
            applicant=self.check_ins.context,
        )
        self.prove_check_in = ProveCheckIn(
            now=self.now,
            check_ins=self.check_ins,
            policies=self.policies,
            work_card=self.work_card,
            issue_policy=self.issue_policy,
        )
        self.referrals = FakeReferrals(steps=self.steps)
        self.stop = StopApplications(
            now=self.now,
            workers=self.workers,
            check_ins=self.check_ins,
            referrals=self.referrals,
            policies=self.policies,
        )
        self.sightings = FakeSightings(steps=self.steps)
        self.flagged = FakeFlaggedCheckIns(steps=self.steps)
        self.weigh_check_in = WeighCheckIn(
            check_ins=self.check_ins,
            projects=self.projects,
            policies=self.policies,
            sightings=self.sightings,
            flagged=self.flagged,
        )
        self.complete_check_in = CompleteCheckIn(
            prove_check_in=self.prove_check_in,
            reminders=self.reminders,
            weigh=self.weigh_check_in,
            check_ins=self.check_ins,
            visits=self.visits,
        )
        kept = PolicyFinder(hot=self.policies, archive=self.archive)
        self.read_policies = ReadPolicies(workers=self.workers, policies=kept, projects=self.projects)
        self.end_policies = EndPolicies(now=self.now, policies=self.policies)
        self.withdraw = WithdrawConsents(
            now=self.now,
            consents=self.consents,
            projects=self.projects,
            stop=self.stop,
            end_policies=self.end_policies,
        )
        self.vault = FakeVault(steps=self.steps)
        self.erasures = FakeErasures(steps=self.steps)
        self.designations = FakeDesignations(steps=self.steps)
        self.reported_at: datetime | None = None
        self.erase = EraseWorker(
            now=self.now,
            workers=self.workers,
            consents=self.consents,
            check_ins=self.check_ins,
            referrals=self.referrals,
            vault=self.vault,
            policies=kept,
            designations=self.designations,
            reported_at=lambda worker_id, person_id: self.reported_at,
            erasures=self.erasures,
            stop=self.stop,
        )
        self.preview_cover = PreviewCover(
            now=self.now,
            projects=self.projects,
            code_key=code_key,
            check_ins=self.check_ins,
            consents=self.consents,
            visits=self.visits,
            policies=self.policies,
        )

    def worker(self, openid: str = "o-1", *projects: Project, consents: bool = True) -> str:
        """Sign a worker in and, by default, have them consent to all `projects`."""
        worker_id = self.index.worker_id(openid)
        self.workers.add(Worker(worker_id=worker_id, openid=openid, created_at=self.now()))
        if consents:
            for project in projects or (a_project(),):
                self.consent(worker_id, project)
        return worker_id

    def consent(self, worker_id: str, project: Project) -> None:
        key = plan_key(a_plan(project.plan_id))
        self.consents.add(worker_id, project.project_id, key, consents_for(project, self.now()))

    def scan(
        self,
        worker_id: str,
        project: Project | None = None,
        stated: tuple[str, str] | None = (NAME, ID_NUMBER),
        place: Place | None = None,
        device: Device | None = None,
    ) -> CheckIn | Policy:
        project = project or a_project()
        token, _ = issue_token(project, code_key)
        return self.start_check_in(
            worker_id,
            token,
            stated,
            place or a_place(fixed_at=self.now()),
            device or a_device(self.now()),
        )

    def begin(self, worker_id: str, project: Project | None = None, **scan: Any) -> CheckIn:
        outcome = self.scan(worker_id, project, **scan)
        assert isinstance(outcome, CheckIn), outcome
        return outcome

    def face(self, worker_id: str, project: Project | None = None, **scan: Any) -> CheckIn:
        """Check in up to the shown face."""
        check_in = self.begin(worker_id, project, **scan)
        self.work_card.show_face(check_in.authenticate_number)
        return check_in

    def cover(self, worker_id: str, project: Project | None = None, **scan: Any) -> Policy:
        """The whole journey, to the policy."""
        check_in = self.face(worker_id, project, **scan)
        policy = self.prove_check_in(worker_id, check_in.check_in_id).policy
        assert policy is not None
        return policy
