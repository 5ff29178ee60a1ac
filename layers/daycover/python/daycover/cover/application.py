"""The application (投保申请): what a person asks to be covered for. A check-in makes one, and a referral another.

`IssuePolicy` consumes it and asks nothing about where it came from: what proved the person is the caller's part.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from daycover.cover.occupation import work_to_refer
from daycover.cover.plan import Plan
from daycover.cover.policy import Proof, Stop
from daycover.cover.underwriting import MAXIMUM_AGE
from daycover.file_kind import FileKind
from daycover.identity.worker import Identity
from daycover.projects.project import Answered, Project, ReferredWork
from daycover.upload import FilePage

MOST_PAGES = 6
"""Of one paper: front and back of a few certificates."""


class ApplicationDocumentType(StrEnum):
    OPERATION_CERTIFICATE = "OPERATION_CERTIFICATE"
    """特种作业操作证."""
    DRIVING_LICENCE = "DRIVING_LICENCE"
    """驾驶证."""
    VEHICLE_LICENCE = "VEHICLE_LICENCE"
    """行驶证."""
    QUALIFICATION_CERTIFICATE = "QUALIFICATION_CERTIFICATE"
    """从业资格证."""
    HEALTH_CERTIFICATE = "HEALTH_CERTIFICATE"
    """健康证."""
    ID_DOCUMENT = "ID_DOCUMENT"
    """The document that is shown on site."""
    OTHER = "OTHER"


class ApplicationDocument(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One paper with its pages; received once its bytes are those announced, whose kinds are then known."""

    document_id: str
    application_id: str
    doc_type: ApplicationDocumentType
    pages: tuple[FilePage, ...] = Field(min_length=1, max_length=MOST_PAGES)
    announced_at: datetime
    received_at: datetime | None = None
    kinds: tuple[FileKind | None, ...] = ()

    def object_key(self, page: int = 0) -> str:
        """`page` counts from 0."""
        return f"applications/{self.application_id}/{self.document_id}/{page}"


class Application(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What issuing needs of both, as it stood when it was asked for (`at`). Amounts in fen."""

    worker_id: str
    openid: str = Field(repr=False)
    identity: Identity = Field(repr=False)
    is_proved: bool = False
    """The work card had proved this person on this account before, so issuing need not bind them."""
    project_id: str
    company_id: str
    sub_mchid: str
    plan_id: str
    plan_version: str
    occupation_class: int
    referred_work: ReferredWork | None = None
    """The project's, so that whoever decides knows it without reading the project."""
    premium_fen: int
    sum_insured_fen: int
    consents: tuple[str, ...]
    """`Consent.reference` of each that stood for project and plan."""
    answered: tuple[Answered, ...] = ()
    """What the company answered about the project's work: whoever decides reads it. A check-in's work was decided when
    its project was opened."""
    documents: tuple[ApplicationDocument, ...] = ()
    """What was uploaded for whoever decides; a check-in has none, the work card asks for no paper."""
    at: datetime
    shift_ends_at: datetime | None = None
    """Planned end of the shift that the application is for."""

    @property
    def application_id(self) -> str:
        """The check-in's or the referral's own id: with the worker it names the policy's source."""
        raise NotImplementedError

    @property
    def proof(self) -> Proof:
        raise NotImplementedError

    @property
    def maximum_age(self) -> int:
        """Full years at the start of cover."""
        return MAXIMUM_AGE

    def stopped_by(self, stops: Iterable[Stop]) -> Stop | None:
        """The one of a chain's stops that keeps it from becoming a policy."""
        asked = (self.worker_id, self.project_id, self.at)
        return next((stop for stop in stops if stop.holds(*asked)), None)

    @property
    def plan_key(self) -> str:
        """What its consents are bound to besides the project."""
        return f"{self.plan_id}@{self.plan_version}"


def terms_of(project: Project, plan: Plan) -> Mapping[str, Any]:
    """Give the part of an application that project and plan decide."""
    return {
        "project_id": project.project_id,
        "company_id": project.company_id,
        "sub_mchid": project.sub_mchid,
        "plan_id": plan.plan_id,
        "plan_version": plan.version,
        "occupation_class": project.occupation_class,
        "referred_work": work_to_refer(project),
        "premium_fen": plan.premium_fen(project.occupation_class),
        "sum_insured_fen": plan.sum_insured_fen,
    }
