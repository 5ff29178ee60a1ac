"""The application (投保申请): what a person asks to be covered for. A check-in is one, and a referral is another."""

from typing import Any

from pydantic import BaseModel, Field

from daycover.cover.plan import Plan
from daycover.identity.consent import Consent
from daycover.identity.worker import Identity
from daycover.projects.project import Project, ReferredWork


class Application(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What issuing needs of both, as it stood when it was asked for. Amounts in fen."""

    worker_id: str
    openid: str = Field(repr=False)
    identity: Identity = Field(repr=False)
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
    consents: tuple[Consent, ...]

    def terms(self) -> dict[str, Any]:
        """Give what every application holds, for another form of the same one."""
        return {name: getattr(self, name) for name in Application.model_fields}


def terms_of(project: Project, plan: Plan) -> dict[str, Any]:
    """Give the part of an application that project and plan decide."""
    return {
        "project_id": project.project_id,
        "company_id": project.company_id,
        "sub_mchid": project.sub_mchid,
        "plan_id": plan.plan_id,
        "plan_version": plan.version,
        "occupation_class": project.occupation_class,
        "premium_fen": plan.premium_fen(project.occupation_class),
        "sum_insured_fen": plan.sum_insured_fen,
    }
