"""POST …/projects/{project_id}/status, …/site and …/qr-code: pause, reopen, close, move; rotate or revoke the code."""

from typing import Any

from daycover.api.duties import guarded_api
from daycover.api.projects.company import (
    CodeAction,
    CodeBody,
    CodeStateView,
    ProjectView,
    SiteBody,
    StatusBody,
)
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.projects import projects

api = guarded_api()


@api.post("/v1/companies/<company_id>/projects/<project_id>/status")
def change_project(company_id: str, project_id: str, body: StatusBody) -> Reply[ProjectView]:
    """Pause, reopen or close a project."""
    company_caller(api, company_id)
    return reply(200, ProjectView.of(projects().run_projects.move(company_id, project_id, body.status)))


@api.post("/v1/companies/<company_id>/projects/<project_id>/site")
def move_site(company_id: str, project_id: str, body: SiteBody) -> Reply[ProjectView]:
    """Put the project's site elsewhere, or name the datum of its point; later check-ins are measured from there."""
    company_caller(api, company_id)
    return reply(200, ProjectView.of(projects().run_projects.move_site(company_id, project_id, body.site())))


@api.post("/v1/companies/<company_id>/projects/<project_id>/qr-code")
def change_qr_code(company_id: str, project_id: str, body: CodeBody) -> Reply[CodeStateView]:
    """Rotate or revoke the project's QR code."""
    company_caller(api, company_id)
    run = projects().run_projects
    change = run.rotate_code if body.action is CodeAction.ROTATE else run.revoke_code
    project = change(company_id, project_id)
    return reply(200, CodeStateView(key_version=project.key_version, revoked=project.code_revoked))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
