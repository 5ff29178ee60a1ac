"""Bodies and answers about a company's projects and their QR codes."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from daycover.api.fields import Measured
from daycover.api.projects.terms import ShiftView, acceptance_of, shift_view
from daycover.cover.occupation import Acceptance
from daycover.cover.open_project import NewProject
from daycover.platform.http import Body, View
from daycover.projects import code
from daycover.projects.code import CodeToken
from daycover.projects.project import Answered, Exclusion, Project, ProjectStatus, Scene, Shift, Site

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


AnswerBody = Annotated[Code, Field(strict=True)] | Measured
"""The code of a choice, or a number in the question's unit."""


class ProjectBody(Body):
    """`answers` by the codes of the questions that `GET /v1/occupations` has for the occupation's family."""

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
    answers: Annotated[dict[Code, AnswerBody], Field(max_length=10)] = Field(default_factory=dict)

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


class ProjectView(View):
    """With `acceptance` REFER an underwriter decides about each worker, for the reason given.

    `answered` is what the company said of the work, `exclusions` are those of the occupation beside the general ones.
    """

    project_id: str
    company_id: str
    company_name: str
    name: str
    employer_name: str
    site: Site
    scene: Scene
    occupation_code: str
    occupation_zh: str
    occupation_en: str
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
    answered: tuple[Answered, ...]
    exclusions: tuple[Exclusion, ...]

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
