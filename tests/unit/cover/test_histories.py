"""Any history of scans, faces, crashes, renewals, pauses and TTL keeps rules 1 to 4."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from daycover import crockford
from daycover.cover.check_in import CheckIn
from daycover.cover.policy import Policy, PolicyStatus
from daycover.errors import DaycoverError
from daycover.projects.project import ProjectStatus, Shift
from tests.support.builders import a_project, an_id_number
from tests.support.fakes.port import Crash
from tests.unit.cover.world import World

PEOPLE = [("王小明", an_id_number(order="002")), ("李四", an_id_number(order="013"))]
ALL_DAY = Shift.model_validate({"starts_at": "08:00", "ends_at": "08:00"})
PROJECTS = [
    a_project(
        project_id=crockford.encode(20 + number, 26), plan_id=plan, shift=ALL_DAY, ends_on=date(2027, 3, 31)
    )
    for number, plan in enumerate(("T2", "T2", "T3"))
]
ACCOUNTS = ["o-1", "o-2", "o-3"]
"""The first two belong to one person."""


class Histories(RuleBasedStateMachine):
    check_ins = Bundle("check_ins")

    def __init__(self) -> None:
        super().__init__()
        self.world = World(*PROJECTS)
        self.workers = [self.world.worker(openid, *PROJECTS) for openid in ACCOUNTS]
        self.ever: dict[str, Policy] = {}
        self.promised: list[tuple[Policy, Any]] = []

    @rule(target=check_ins, account=st.integers(0, 2), project=st.sampled_from(PROJECTS))
    def scan(self, account: int, project: Any) -> tuple[str, str] | None:
        worker = self.workers[account]
        current = self.world.projects.get(project.project_id)
        try:
            outcome = self.world.scan(worker, current, PEOPLE[account // 2])
        except DaycoverError:
            return None
        if isinstance(outcome, CheckIn):
            return worker, outcome.check_in_id
        assert outcome.period.end > self.world.now(), "a policy that is over serves nobody"
        return None

    @rule(check_in=check_ins, failed=st.booleans())
    def show_face(self, check_in: tuple[str, str] | None, failed: bool) -> None:
        if check_in is not None:
            number = self.world.check_ins.get(*check_in).authenticate_number
            if number in self.world.work_card.orders and number not in self.world.work_card._results:
                self.world.work_card.show_face(number, failed="FACE_RECOGNITION_FAILED" if failed else None)

    @rule(check_in=check_ins, crash=st.none() | st.integers(0, 5), applied=st.booleans())
    def issue(self, check_in: tuple[str, str] | None, crash: int | None, applied: bool) -> None:
        if check_in is None:
            return
        self.world.steps.calm()
        if crash is not None:
            self.world.steps.crash_at(crash, applied=applied)
        try:
            issued = self.world.prove_check_in(*check_in)
        except (DaycoverError, Crash):
            return
        finally:
            self.world.steps.calm()
        if issued.policy is not None and issued.is_new:
            assert issued.policy.issued_at == self.world.now()

    @rule(minutes=st.sampled_from([0, 1, 4, 60, 119, 121, 22 * 60, 24 * 60, 26 * 60, 15 * 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.world.now.advance(minutes=minutes)

    @rule(
        project=st.sampled_from(PROJECTS), status=st.sampled_from([ProjectStatus.OPEN, ProjectStatus.PAUSED])
    )
    def move(self, project: Any, status: ProjectStatus) -> None:
        current = self.world.projects.get(project.project_id)
        if current.status is not status:
            self.world.projects.save(current.moved_to(status))

    @rule()
    def forget_the_old(self) -> None:
        """TTL: everything that is due, days after its cover."""
        for policy in self.world.policies.all():
            if policy.forgotten_at < self.world.now():
                self.world.policies.forget(policy)

    @invariant()
    def rules_hold(self) -> None:
        for policy in self.world.policies.all():
            assert self.ever.setdefault(policy.policy_no, policy) == policy, "a policy changed"
        everyone = list(self.ever.values())
        for policy in everyone:
            assert policy.period.end - policy.period.start == timedelta(hours=24)
            assert policy.period.start >= policy.issued_at, "backdated"
            assert policy.status is PolicyStatus.ISSUED
            source = self.world.check_ins.get(policy.worker_id, policy.check_in_id)
            assert source.consents
            assert self.world.work_card._results[source.authenticate_number].at is not None, "no proof"
        for person in {policy.person_id for policy in everyone}:
            mine = [policy for policy in everyone if policy.person_id == person]
            for project in PROJECTS:
                here = sorted(
                    (policy for policy in mine if policy.project_id == project.project_id),
                    key=lambda policy: policy.period.start,
                )
                assert all(one.period.end <= two.period.start for one, two in pairwise(here)), "overlap"
            for at in (policy.period.start for policy in mine):
                assert sum(p.sum_insured_fen for p in mine if p.period.covers(at)) <= 80_000_000
        sources = [(policy.worker_id, policy.check_in_id) for policy in everyone]
        assert len(sources) == len(set(sources)), "two policies of one check-in"


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
test_rules_hold_when_anything_happens_in_any_order = Histories.TestCase
