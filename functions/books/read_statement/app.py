"""…/statements/{day} and …/master-policies/{year}: a day's premiums and list of insured; what the lists hang under."""

from datetime import date
from typing import Any

from daycover.api.books.company import (
    EndorsementNumber,
    LinkView,
    MasterPolicyView,
    SheetFormat,
    StatementView,
    Year,
)
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.books import books

api = guarded_api()


@api.get("/v1/companies/<company_id>/statements/<day>")
def read_statement(
    company_id: str, day: date, format: SheetFormat | None = None
) -> Reply[StatementView | LinkView]:
    """Read the day's premiums so far, or as billed.

    Refunds and late premiums of earlier days are lines with `correction`. A day that still runs is `OPEN`,
    revision 0: what the journal comes to so far; from 2,000 lines on with some of the lines, and without projects,
    claims paid and corrected lists, which are known when it is closed. A closed one of more than 5,000 lines has
    none in the answer, and `lines_url` leads to all of them for five minutes. `format` asks for a sheet with every
    line instead: `{"url"}`, which needs no token and lasts five minutes.
    """
    company_caller(api, company_id)
    if format is not None:
        return reply(200, LinkView(url=books().read_statement.link(company_id, day, format)))
    return reply(200, StatementView.of(books().read_statement(company_id, day)))


@api.get("/v1/companies/<company_id>/master-policies/<year>")
def read_master_policy(
    company_id: str, year: Year, before: EndorsementNumber | None = None
) -> Reply[MasterPolicyView]:
    """Read the company's master policy of a year, with its 31 newest endorsements or those before a number.

    Each day's list of insured is one endorsement; a correction is another that says what it corrects.
    """
    company_caller(api, company_id)
    return reply(200, MasterPolicyView.of(books().read_master_policy(company_id, year, before)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
