"""GET /v1/companies/{company_id}/projects and …/{project_id}: the company's projects."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.projects.company import OneProjectView, ProjectsView, ProjectView
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.projects import projects

api = guarded_api()


@api.get("/v1/companies/<company_id>/projects")
def list_projects(company_id: str) -> Reply[ProjectsView]:
    """List the company's projects."""
    company_caller(api, company_id)
    own = projects().run_projects.list_of(company_id)
    return reply(200, ProjectsView(projects=[ProjectView.of(project) for project in own]))


@api.get("/v1/companies/<company_id>/projects/<project_id>")
def read_project(company_id: str, project_id: str) -> Reply[OneProjectView]:
    """Read one project of the company.

    `site_offer` says where the site should rather stand, once workers were refused at one place.
    """
    company_caller(api, company_id)
    project = projects().run_projects.get(company_id, project_id)
    return reply(200, OneProjectView.with_offer(project, projects().offer_site(project)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
