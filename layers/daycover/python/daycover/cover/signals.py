"""Weighing a check-in once the work card has answered, and the list of those that somebody should look at.

Everything here happens after the check-in, on the queue's time: counting phones in the check-in would put a
second write on the path that must not fail (docs/decisions/0071).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus, evidence_at_scan
from daycover.cover.evidence import Evidence, Signal, Trace, evaluate, score_of
from daycover.cover.period import COVER
from daycover.cover.policy import Policies, PolicyStatus, mask_name
from daycover.projects.project import Project, ProjectNotFoundError, Projects

PAST = 5
"""Check-ins before this one that are looked at."""
PAGE = 50
KEPT = timedelta(days=180)
"""How long a line stays on the list; the signals themselves stay on the check-in."""
ANOTHER_PERSON = {"INCONSISTENT_REAL_NAME", "ANOTHER_ACCOUNT"}
NOT_THE_FACE = {"SUM_INSURED_LIMIT", "OCCUPATION_REFERRED", *ANOTHER_PERSON}


class Via(StrEnum):
    """What two check-ins may have in common."""

    DEVICE = "DEVICE"
    CODE = "CODE"


class Sightings(Protocol):
    """Who used a phone or a screen's code: one item for each and worker, with the last time."""

    def record(self, via: Via, id_: str, trace: Trace) -> None:
        """An older trace never replaces a newer one."""
        ...

    def of(self, via: Via, id_: str) -> list[Trace]:
        """At most 100."""
        ...


class Flagged(BaseModel, frozen=True, defer_build=True):
    """A check-in with signals, as a list shows it: the name masked, no position."""

    check_in_id: str
    worker_id: str
    project_id: str
    company_id: str
    insured_name: str
    at: datetime
    status: CheckInStatus
    policy_no: str | None = None
    distance_m: int | None = None
    score: int
    signals: tuple[Signal, ...]


class FlaggedPage(NamedTuple):
    lines: list[Flagged]
    next_token: str | None


class FlaggedCheckIns(Protocol):
    def put(self, line: Flagged) -> None:
        """Store a line; one of a higher score stays."""
        ...

    def list_of(self, project_id: str, token: str | None) -> FlaggedPage:
        """Newest first, `PAGE` a page. Raises PageTokenError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighCheckIn:
    """Gather the evidence of a finished check-in and keep what it says. Repeating changes nothing."""

    check_ins: CheckIns
    projects: Projects
    policies: Policies
    sightings: Sightings
    flagged: FlaggedCheckIns

    def __call__(self, check_in: CheckIn) -> tuple[Signal, ...]:
        """`check_in` as it is stored. Raises CheckInNotFoundError, ProjectNotFoundError."""
        project = self.projects.get(check_in.project_id)
        signals = evaluate(self._gather(check_in, project))
        if signals != check_in.signals:
            check_in = check_in.model_copy(update={"signals": signals})
            self.check_ins.weigh(check_in)
        if signals:
            self.flagged.put(flagged(check_in))
        return signals

    def _gather(self, check_in: CheckIn, project: Project) -> Evidence:
        """Add what is known by now to what the scan knew."""
        own = Trace(id=_id(check_in), worker_id=check_in.worker_id, at=check_in.at)
        self.sightings.record(Via.DEVICE, check_in.device.id, own)
        seen = evidence_at_scan(check_in, project)
        same_code: Sequence[Trace] = ()
        if seen.fresh_code and seen.code_id is not None:
            self.sightings.record(Via.CODE, seen.code_id, own)
            same_code = self.sightings.of(Via.CODE, seen.code_id)
        sites = _Sites(self.projects, project)
        return evidence_at_scan(
            check_in,
            project,
            face_failed=_face_failed(check_in),
            wrong_person=check_in.failed_reason in ANOTHER_PERSON,
            same_device=self.sightings.of(Via.DEVICE, check_in.device.id),
            same_code=same_code,
            past=self._past(check_in, sites),
            elsewhere=self._elsewhere(check_in, sites),
        )

    def _past(self, check_in: CheckIn, sites: "_Sites") -> list[Trace]:
        trail = self.check_ins.trail(check_in.worker_id, PAST + 3)
        before = [(trace, project_id) for trace, project_id in trail if trace.at < check_in.at][:PAST]
        return [
            sites.placed(trace, project_id) if number == 0 else trace
            for number, (trace, project_id) in enumerate(before)
        ]

    def _elsewhere(self, check_in: CheckIn, sites: "_Sites") -> list[Trace]:
        return [
            sites.placed(
                Trace(id=policy.policy_no, worker_id=policy.worker_id, at=policy.issued_at), policy.project_id
            )
            for policy in self.policies.recent(check_in.identity.person_id, check_in.at)
            if policy.status is PolicyStatus.ISSUED
            and policy.project_id != check_in.project_id
            and abs(policy.issued_at - check_in.at) < COVER
        ]


class _Sites:
    """Sites of other projects, each read once."""

    def __init__(self, projects: Projects, own: Project) -> None:
        self._projects = projects
        self._known: dict[str, Project | None] = {own.project_id: own}

    def placed(self, trace: Trace, project_id: str) -> Trace:
        if project_id not in self._known:
            try:
                self._known[project_id] = self._projects.get(project_id)
            except ProjectNotFoundError:  # it says nothing then
                self._known[project_id] = None
        project = self._known[project_id]
        return trace if project is None else trace.model_copy(update={"site": project.site})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSignals:
    """GET /v1/staff/projects/{project_id}/signals."""

    projects: Projects
    flagged: FlaggedCheckIns

    def __call__(self, project_id: str, token: str | None = None) -> FlaggedPage:
        """Raises ProjectNotFoundError, PageTokenError."""
        self.projects.get(project_id)
        return self.flagged.list_of(project_id, token)


def flagged(check_in: CheckIn) -> Flagged:
    facts: Mapping[str, object] = {name: value for name, value in check_in if name in Flagged.model_fields}
    return Flagged.model_validate(
        {
            **facts,
            "insured_name": mask_name(check_in.identity.name),
            "score": score_of(check_in.signals),
        }
    )


def _id(check_in: CheckIn) -> str:
    return f"{check_in.worker_id}/{check_in.check_in_id}"


def _face_failed(check_in: CheckIn) -> bool:
    """The work card's own words are free text; what we write ourselves is known."""
    reason = check_in.failed_reason
    return check_in.status is CheckInStatus.FAILED and reason is not None and reason not in NOT_THE_FACE
