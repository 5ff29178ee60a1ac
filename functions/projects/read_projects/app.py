"""GET /v1/companies/{company_id}/projects: the company's projects."""

from typing import Any

from daycover.api.projects.company import ProjectsView, ProjectView
from daycover.platform.http import http_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access
from daycover.wiring.projects import projects

api = http_api()


@api.get("/v1/companies/<company_id>/projects")
def read_projects(company_id: str) -> Reply[ProjectsView]:
    caller = api.caller("provider", "company")
    access().act_for(caller, company_id)
    own = projects().run_projects.list_of(company_id)
    return reply(200, ProjectsView(projects=[ProjectView.of(project) for project in own]))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
