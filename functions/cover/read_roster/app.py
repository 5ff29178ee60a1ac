"""GET …/projects/{project_id}/roster: who is insured on the project now, and who is there uninsured, and why."""

from typing import Any

from daycover.api.cover.roster import PageToken, RosterView, Rows, roster_view
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.cover import cover

api = guarded_api()


@api.get("/v1/companies/<company_id>/projects/<project_id>/roster")
def read_roster(
    company_id: str, project_id: str, rows: Rows = 200, page: PageToken = ""
) -> Reply[RosterView]:
    """Read who is insured on the project now, and who is there uninsured, and why.

    `rows`: lines on a page; with 0 the figures alone, which cost the same however many are insured: ask for them
    often, and for pages when somebody looks. `page`: the `next` of the page before. `uninsured` are those seen in the
    last 12 hours without a policy in force, 200 at most, names masked; of a large project 1,000 a day are counted.
    """
    company_caller(api, company_id)
    return reply(200, roster_view(cover().read_roster(company_id, project_id, rows, page or None)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
