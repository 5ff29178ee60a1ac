"""POST /v1/staff/companies/{company_id}/statements/{day}/payment: the company has paid a statement."""

from datetime import date
from typing import Any

from daycover.api.books.staff import PaymentBody, PaymentView
from daycover.api.duties import guarded_api
from daycover.platform.observability import count, logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.books import books

api = guarded_api()


@api.post("/v1/staff/companies/<company_id>/statements/<day>/payment")
def record_payment(company_id: str, day: date, body: PaymentBody) -> Reply[PaymentView]:
    """Record that the company has paid a statement.

    The same reference again changes nothing.
    """
    caller = api.caller
    payment = books().record_payment(caller.subject, company_id, day, body.amount_fen, body.reference)
    count("StatementPaid")
    logger.info("statement paid", company_id=company_id, day=day.isoformat(), amount_fen=payment.amount_fen)
    return reply(200, PaymentView.of(payment))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
