"""POST /v1/staff/companies/{company_id}/deposits and …/deposit-refunds: what a company paid in, and what went back."""

from typing import Any

from daycover.api.books.company import MovementView
from daycover.api.books.staff import DepositBody
from daycover.api.duties import guarded_api
from daycover.platform.observability import count
from daycover.platform.replies import Reply, reply
from daycover.wiring.books import books

api = guarded_api()


@api.post("/v1/staff/companies/<company_id>/deposits")
def pay_in_deposit(company_id: str, body: DepositBody) -> Reply[MovementView]:
    """Record what a company paid into its deposit.

    It pays what is billed, oldest first, and lifts the block of new cover. The same reference again changes nothing.
    """
    staff_id = api.caller.subject
    movement = books().keep_deposit.pay_in(staff_id, company_id, body.amount_fen, body.reference)
    count("DepositPaidIn")
    return reply(200, MovementView.of(movement))


@api.post("/v1/staff/companies/<company_id>/deposit-refunds")
def refund_deposit(company_id: str, body: DepositBody) -> Reply[MovementView]:
    """Record what went back to a company: at most what is left after all that it owes.

    The same reference again changes nothing.
    """
    staff_id = api.caller.subject
    movement = books().keep_deposit.refund(staff_id, company_id, body.amount_fen, body.reference)
    count("DepositRefunded")
    return reply(200, MovementView.of(movement))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
