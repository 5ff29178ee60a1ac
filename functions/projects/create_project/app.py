"""POST /v1/companies/{company_id}/projects: open a work project."""

from typing import Any

from daycover.api.projects.company import ProjectBody, ProjectView
from daycover.platform.http import http_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access
from daycover.wiring.projects import projects

api = http_api()


@api.post("/v1/companies/<company_id>/projects")
def create_project(company_id: str, body: ProjectBody) -> Reply[ProjectView]:
    caller = api.caller("provider", "company")
    access().act_for(caller, company_id)
    return reply(201, ProjectView.of(projects().run_projects.create(company_id, body.wanted())))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
