"""…/statements, …/statements/{day} and …/master-policies/{year}: premiums by day, and the lists of insured."""

from datetime import date
from typing import Any

from daycover.api.books import company as views
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply, sheet_file
from daycover.wiring.access import company_caller
from daycover.wiring.books import books

api = guarded_api()


@api.get("/v1/companies/<company_id>/statements")
def list_statements(
    company_id: str, first: date, last: date, format: views.ForPeople = None, rows: views.RowsOf = views.DAYS
) -> Reply[views.StatementsView | bytes]:
    """List the statements of the days from `first` to `last`, at most 92, with what was paid for them.

    `format` asks for a sheet instead, in the answer: a row for each of the `days`, or of their `lines`, at most 10,000.
    """
    company_caller(api, company_id)
    statements = books().list_statements
    if format is None:
        return reply(200, views.StatementsView.of(company_id, statements(company_id, first, last)))
    sheet = statements.sheet(company_id, first, last, rows, format)
    return sheet_file(format, f"daycover-{company_id}-{first}-{last}-{rows}", sheet)


@api.get("/v1/companies/<company_id>/statements/<day>")
def read_statement(
    company_id: str, day: date, format: views.SheetFormat | None = None
) -> Reply[views.StatementView | views.LinkView]:
    """Read the day's premiums so far, or as billed.

    Refunds and late premiums of earlier days are lines with `correction`. A day that still runs is `OPEN`, revision 0;
    from 2,000 lines on with some of them, and without projects, claims paid and corrected lists. A closed one of more
    than 5,000 lines has none here: `lines_url` leads to them. `format` asks for a sheet with all instead: `{"url"}`.
    """
    company_caller(api, company_id)
    if format is not None:
        return reply(200, views.LinkView(url=books().read_statement.link(company_id, day, format)))
    return reply(200, views.StatementView.of(books().read_statement(company_id, day)))


@api.get("/v1/companies/<company_id>/master-policies/<year>")
def read_master_policy(
    company_id: str, year: views.Year, before: views.EndorsementNumber | None = None
) -> Reply[views.MasterPolicyView]:
    """Read the company's master policy of a year, with its 31 newest endorsements or those before a number.

    Each day's list of insured is one endorsement; a correction is another that says what it corrects.
    """
    company_caller(api, company_id)
    return reply(200, views.MasterPolicyView.of(books().read_master_policy(company_id, year, before)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
