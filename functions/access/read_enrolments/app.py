"""GET /v1/staff/proposals, /providers, /companies and /companies/{company_id}: what is proposed and enrolled."""

from typing import Any

from daycover.api.access.enrolment import (
    LISTED,
    EnrolledCompaniesView,
    EnrolledCompanyFileView,
    ProposalsView,
    ProvidersView,
)
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

api = guarded_api()


@api.get("/v1/staff/proposals")
def list_proposals(page: str | None = None) -> Reply[ProposalsView]:
    """List proposals, the newest first."""
    return reply(200, ProposalsView.of(*access().enrolments.list_proposals(page, LISTED)))


@api.get("/v1/staff/providers")
def list_providers(page: str | None = None) -> Reply[ProvidersView]:
    """List service providers and their client secrets' ids; never a secret."""
    return reply(200, ProvidersView.of(*access().enrolments.list_providers(page, LISTED)))


@api.get("/v1/staff/companies")
def list_enrolled_companies(page: str | None = None) -> Reply[EnrolledCompaniesView]:
    """List labour companies and their contracts, by id."""
    return reply(200, EnrolledCompaniesView.of(*access().enrolments.list_companies(page, LISTED)))


@api.get("/v1/staff/companies/<company_id>")
def read_enrolled_company(company_id: str) -> Reply[EnrolledCompanyFileView]:
    """Read a labour company, its contracts, and which providers may act for it."""
    return reply(200, EnrolledCompanyFileView.of(*access().enrolled_company(company_id)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
