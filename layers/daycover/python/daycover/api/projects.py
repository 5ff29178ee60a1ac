"""Bodies and answers about projects, their QR codes, rosters and statements."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from daycover.books.statement import ProjectTotal, StatementLine, StatementReading, StatementStatus
from daycover.cover.occupation import Acceptance, work_to_refer
from daycover.cover.open_project import NewProject
from daycover.cover.policy import PolicyStatus
from daycover.cover.presence import NEXT_STEPS, Visit, Why
from daycover.cover.roster import CoverLine, Roster
from daycover.platform.http import Body, View
from daycover.projects import code
from daycover.projects.code import CodeToken
from daycover.projects.project import Project, ProjectStatus, Scene, Shift, Site

CodeForm = code.CodeForm
Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""The work card's limit for project and employer names."""
WallTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,40}$")]


class SiteBody(Body):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    radius_m: Annotated[int, Field(ge=50, le=5000)]


class ShiftBody(Body):
    starts_at: WallTime
    ends_at: WallTime


class ProjectBody(Body):
    name: Name
    employer_name: Name
    site: SiteBody
    scene: Scene
    occupation_code: Code
    plan_id: Code
    shift: ShiftBody
    starts_on: date
    ends_on: date
    headcount: Annotated[int, Field(ge=1, le=100_000)]

    @model_validator(mode="after")
    def _dates_in_order(self) -> "ProjectBody":
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on must not be before starts_on")
        if (self.ends_on - self.starts_on).days > 366:
            raise ValueError("a project runs for a year at most")
        return self

    def wanted(self) -> NewProject:
        return NewProject(
            **dict(self)
            | {
                "site": Site(**dict(self.site)),
                "shift": Shift(
                    starts_at=time.fromisoformat(self.shift.starts_at),
                    ends_at=time.fromisoformat(self.shift.ends_at),
                ),
            }
        )


class StatusBody(Body):
    status: ProjectStatus


class CodeAction(StrEnum):
    ROTATE = "ROTATE"
    REVOKE = "REVOKE"


class CodeBody(Body):
    action: CodeAction


class ShiftView(View):
    starts_at: str
    ends_at: str
    crosses_midnight: bool


class ProjectView(View):
    """With `acceptance` REFER an underwriter decides about each worker, for the reason given."""

    project_id: str
    company_id: str
    company_name: str
    name: str
    employer_name: str
    site: Site
    scene: Scene
    occupation_code: str
    occupation_class: int
    acceptance: Acceptance
    reason_zh: str
    reason_en: str
    plan_id: str
    premium_fen: int
    shift: ShiftView
    starts_on: date
    ends_on: date
    headcount: int
    status: ProjectStatus
    key_version: int
    code_revoked: bool

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        return cls(**dict(project) | acceptance_of(project) | {"shift": shift_view(project.shift)})


class ProjectsView(View):
    projects: list[ProjectView]


class CodeView(View):
    """`token` is the `scene` of `wxacode.getUnlimited` where the form is `scene`."""

    link: str
    token: str
    key_version: int
    expires_at: datetime | None

    @classmethod
    def of(cls, link: str, token: str, said: CodeToken) -> "CodeView":
        return cls(link=link, token=token, key_version=said.key_version, expires_at=said.expires_at)


class CodeStateView(View):
    key_version: int
    revoked: bool


class RosterEntry(View):
    policy_no: str
    insured_name: str
    plan_id: str
    start: datetime
    end: datetime

    @classmethod
    def of(cls, line: CoverLine) -> "RosterEntry":
        period = line.period
        return cls(
            policy_no=line.policy_no,
            insured_name=line.insured_name,
            plan_id=line.plan_id,
            start=period.start.astimezone(UTC),
            end=period.end.astimezone(UTC),
        )


UNINSURED_SHOWN = 200
"""The rest is counted: whoever has more people uninsured than this needs no list."""


class UninsuredView(View):
    """Somebody seen on site without cover. The name is masked, or 未核验 until the work card has proved it."""

    name: str
    last_seen: datetime
    why: Why
    next_step_zh: str
    next_step_en: str

    @classmethod
    def of(cls, visit: Visit) -> "UninsuredView":
        chinese, english = NEXT_STEPS[visit.why]
        return cls(
            name=visit.insured_name or "未核验",
            last_seen=visit.seen_at.astimezone(UTC),
            why=visit.why,
            next_step_zh=chinese,
            next_step_en=english,
        )


class RosterView(View):
    """`uninsured_places`: how many of the planned headcount have no policy in force now.

    `under_insured` (F13, 漏保): a shift runs with fewer policies than the planned headcount.
    `uninsured`: who was seen in the last 12 hours without a policy in force now, last seen first.
    `cover_blocked`: nobody new is insured until the company pays; who is listed stays insured.
    """

    in_force: list[RosterEntry]
    count: int
    headcount: int
    uninsured_places: int
    under_insured: bool
    uninsured: list[UninsuredView]
    uninsured_count: int
    cover_blocked: bool


class LineView(View):
    """`correction`: an earlier statement's policy, or one that came after its own day's statement."""

    policy_no: str
    project_id: str
    day: date
    insured_name: str
    plan_id: str
    occupation_class: int
    start: datetime
    end: datetime
    sum_insured_fen: int
    status: PolicyStatus
    premium_fen: int
    refund_fen: int
    due_fen: int
    correction: bool


class StatementView(View):
    company_id: str
    day: date
    revision: int
    status: StatementStatus
    due_on: date
    policies: int
    premium_fen: int
    corrections: int
    corrections_fen: int
    projects: tuple[ProjectTotal, ...]
    issued_at: datetime
    line_count: int
    lines: list[LineView]
    lines_url: str | None
    """Leads to every line where `line_count` is above 5,000; needs no token and lasts five minutes."""

    @classmethod
    def of(cls, read: StatementReading) -> "StatementView":
        statement = read.statement
        return cls(
            **dict(statement) | {"lines": [_line_view(line) for line in read.lines]},
            status=read.status,
            due_on=statement.due_on,
            line_count=statement.lines,
            lines_url=read.link,
        )


def roster_view(roster: Roster) -> RosterView:
    project = roster.project
    return RosterView(
        in_force=[RosterEntry.of(line) for line in roster.in_force],
        count=len(roster.in_force),
        headcount=project.headcount,
        uninsured_places=roster.uninsured_places,
        under_insured=roster.on_shift and roster.uninsured_places > 0,
        uninsured=[UninsuredView.of(visit) for visit in roster.uninsured[:UNINSURED_SHOWN]],
        uninsured_count=len(roster.uninsured),
        cover_blocked=project.credit_blocked,
    )


def acceptance_of(project: Project) -> dict[str, Any]:
    """Whether the machine may insure the project's workers; the reasons are empty where it may."""
    referred = work_to_refer(project)
    if referred is None:
        return {"acceptance": Acceptance.ACCEPT, "reason_zh": "", "reason_en": ""}
    return {
        "acceptance": Acceptance.REFER,
        "reason_zh": referred.reason_zh,
        "reason_en": referred.reason_en,
    }


def shift_view(shift: Shift) -> ShiftView:
    return ShiftView(
        starts_at=f"{shift.starts_at:%H:%M}",
        ends_at=f"{shift.ends_at:%H:%M}",
        crosses_midnight=shift.ends_at <= shift.starts_at,
    )


def _line_view(line: StatementLine) -> LineView:
    return LineView(**dict(line), start=line.period.start, end=line.period.end, due_fen=line.due_fen)
