"""Bodies and answers about a company's projects and their QR codes."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from daycover.api.fields import Line, Measured
from daycover.api.projects.terms import ShiftView, SiteView, acceptance_of, shift_view
from daycover.cover.occupation import Acceptance
from daycover.cover.open_project import NewProject
from daycover.cover.site_offer import OfferReason, SiteOffer
from daycover.platform.http import Body, View
from daycover.projects import code
from daycover.projects.code import CodeToken
from daycover.projects.place import LARGEST_RADIUS_M, Datum, Site, StatedPoint
from daycover.projects.project import Answered, Exclusion, Project, ProjectStatus, Scene, Shift

CodeForm = code.CodeForm
Name = Annotated[Line, Field(min_length=1, max_length=128)]
"""The work card's limit for project and employer names."""
WallTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,40}$")]


class SiteBody(Body):
    """`datum` is that of the map or device which the degrees were read from, and must be named.

    高德, 腾讯 and Google's map of China: `GCJ02`; 百度: `BD09`; GPS and phones: `WGS84`.
    """

    datum: Datum
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    radius_m: Annotated[int, Field(ge=50, le=LARGEST_RADIUS_M)]

    def site(self) -> Site:
        """Eight decimals are a millimetre: no map gives more, and no store takes 1e-300."""
        latitude, longitude = round(self.latitude, 8), round(self.longitude, 8)
        return Site.of(StatedPoint(datum=self.datum, latitude=latitude, longitude=longitude), self.radius_m)


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
                "site": self.site.site(),
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
    site: SiteView
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
        return cls(
            **dict(project)
            | acceptance_of(project)
            | {"shift": shift_view(project.shift), "site": SiteView.of(project.site)}
        )


class SiteOfferView(View):
    """Several workers were refused at one place: `site` is what moves the site there, posted as it stands.

    `reason` `DATUM`: the figures fit when they are read in that datum. `distance_m`: how far the site would move.
    """

    site: SiteBody
    reason: OfferReason
    workers: int
    distance_m: int

    @classmethod
    def of(cls, offer: SiteOffer) -> "SiteOfferView":
        site = SiteBody(**dict(offer.site.stated), radius_m=offer.site.radius_m)
        return cls(site=site, reason=offer.reason, workers=offer.workers, distance_m=offer.distance_m)


class OneProjectView(ProjectView):
    """A project with what the desk is offered to correct."""

    site_offer: SiteOfferView | None

    @classmethod
    def with_offer(cls, project: Project, offer: SiteOffer | None) -> "OneProjectView":
        shown = None if offer is None else SiteOfferView.of(offer)
        return cls(**dict(ProjectView.of(project)), site_offer=shown)


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
