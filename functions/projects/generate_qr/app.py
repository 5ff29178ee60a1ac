"""GET …/projects/{project_id}/qr-code: the project's insurance QR code for a poster, a screen, or WeChat."""

from typing import Any, Literal

from daycover.api.projects.company import CodeForm, CodeView
from daycover.bootstrap import use_cases
from daycover.platform.http import http_api
from daycover.platform.replies import Reply, picture, reply

api = http_api()


@api.get("/v1/companies/<company_id>/projects/<project_id>/qr-code")
def generate_qr(
    company_id: str,
    project_id: str,
    form: CodeForm = CodeForm.POSTER,
    format: Literal["png", "svg", "sheet", "json"] = "png",
) -> Reply[Any]:
    caller = api.caller("provider", "company")
    use_cases().act_for(caller, company_id)
    token, code = use_cases().run_projects.code(company_id, project_id, form)
    link = use_cases().scan_link(token)
    if format == "json":
        return reply(200, CodeView.of(link, token, code))
    if format == "sheet":
        return picture("svg", use_cases().draw_sheet(link, company_id, project_id))
    return picture(format, use_cases().draw_code(format, link))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
