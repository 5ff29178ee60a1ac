"""GET …/projects/{project_id}/roster and …/gate: who is insured now, on one project or all, and who is not, and why."""

from typing import Any

from daycover.api.cover.gate import GatePage, GateView, gate_view
from daycover.api.cover.roster import PageToken, RosterView, Rows, roster_view, told_in_clear
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.gate import gates

api = guarded_api()


@api.get("/v1/companies/<company_id>/projects/<project_id>/roster")
def read_roster(
    company_id: str, project_id: str, rows: Rows = 200, page: PageToken = ""
) -> Reply[RosterView]:
    """Read who is insured on the project now, and who is there uninsured, and why.

    `rows`: lines on a page; with 0 the figures alone, which cost the same however many are insured: ask for them
    often, and for pages when somebody looks. `page`: the `next` of the page before. `uninsured` are those seen in the
    last 12 hours without a policy in force, 200 at most; of a large project 1,000 a day are counted. Names are masked,
    and in clear for the company's own people (`full_name`).
    """
    company_caller(api, company_id)
    in_clear = told_in_clear(api)
    roster = gates().read_roster(company_id, project_id, rows, page or None, in_clear=in_clear)
    return reply(200, roster_view(roster))


@api.get("/v1/companies/<company_id>/gate")
def read_gate(company_id: str, page: GatePage = "") -> Reply[GateView]:
    """Read all projects that run now: who is there uninsured, by name, which referrals wait, and how many are covered.

    25 projects an answer, by their ids; `page`: the `next` of the answer before. `uninsured` are those seen in the
    last 12 hours without a policy in force, 1,000 an answer at most. Names are in clear for the company's own people.
    """
    company_caller(api, company_id)
    return reply(200, gate_view(gates().read_gate(company_id, page or None, in_clear=told_in_clear(api))))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
