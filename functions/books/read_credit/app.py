"""GET …/credit and …/deposit of a company, for itself and for finance: what it owes and what it paid in.

GET /v1/staff/accounts: what every company owes, for finance.
"""

from typing import Any

from daycover.api.books.company import CreditView, MovementNumber, MovementsView
from daycover.api.books.staff import AccountsView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import company_caller
from daycover.wiring.books import books

api = guarded_api()


@api.get("/v1/companies/<company_id>/credit")
def read_credit(company_id: str) -> Reply[CreditView]:
    """Read what the company owes, and whether it still gets new cover.

    At `BLOCKED` new check-ins answer 409 `cover-not-available`.
    """
    company_caller(api, company_id)
    return reply(200, CreditView.of(books().watch_credit.read(company_id)))


@api.get("/v1/companies/<company_id>/deposit")
def read_deposit(company_id: str, before: MovementNumber | None = None) -> Reply[MovementsView]:
    """Read what was paid into the company's deposit, paid from it and refunded, the newest first."""
    company_caller(api, company_id)
    return reply(200, MovementsView.of(books().keep_deposit.movements(company_id, before)))


@api.get("/v1/staff/accounts")
def list_company_accounts(page: str | None = None) -> Reply[AccountsView]:
    """List what every company owes, its allowance, and whether it still gets new cover, by company id."""
    return reply(200, AccountsView.of(*books().list_accounts(page)))


@api.get("/v1/staff/companies/<company_id>/credit")
def read_company_account(company_id: str) -> Reply[CreditView]:
    """Read what a company owes, its allowance, and whether it still gets new cover."""
    return reply(200, CreditView.of(books().watch_credit.read(company_id)))


@api.get("/v1/staff/companies/<company_id>/deposit")
def read_company_deposit(company_id: str, before: MovementNumber | None = None) -> Reply[MovementsView]:
    """Read what moved a company's deposit, the newest first."""
    return reply(200, MovementsView.of(books().keep_deposit.movements(company_id, before)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
