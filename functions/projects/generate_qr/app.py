"""GET …/projects/{project_id}/qr-code: the project's insurance QR code for a poster, a screen, or WeChat."""

from typing import Any, Literal

from daycover.api.duties import guarded_api
from daycover.api.projects.company import CodeForm, CodeView
from daycover.platform.replies import Reply, picture, reply
from daycover.wiring.access import company_caller
from daycover.wiring.projects import projects

api = guarded_api()


@api.get("/v1/companies/<company_id>/projects/<project_id>/qr-code")
def read_qr_code(
    company_id: str,
    project_id: str,
    form: CodeForm = CodeForm.POSTER,
    format: Literal["png", "svg", "sheet", "json"] = "png",
) -> Reply[CodeView | bytes]:
    """Give the project's insurance QR code for a poster, a screen, or WeChat.

    A screen code lasts its 15-second step and one more, a `scene` has 32 characters for `wxacode.getUnlimited`,
    `sheet` is the A4 poster.
    """
    company_caller(api, company_id)
    token, code = projects().run_projects.code(company_id, project_id, form)
    link = projects().scan_link(token)
    if format == "json":
        return reply(200, CodeView.of(link, token, code))
    if format == "sheet":
        return picture("svg", projects().draw_poster(link, company_id, project_id))
    return picture(format, projects().draw_code(format, link))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
