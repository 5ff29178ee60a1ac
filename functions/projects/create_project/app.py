"""POST /v1/companies/{company_id}/projects: open a work project."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.projects.company import ProjectBody, ProjectView
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.projects import projects

api = guarded_api()


@api.post("/v1/companies/<company_id>/projects")
def create_project(company_id: str, body: ProjectBody) -> Reply[ProjectView]:
    """Open a work project.

    `OPEN` when every guard holds; with `acceptance` `REFER` an underwriter decides about each worker.
    """
    company_caller(api, company_id)
    return reply(201, ProjectView.of(projects().run_projects.create(company_id, body.wanted())))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
