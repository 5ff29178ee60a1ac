"""GET /v1/staff/settlements/{day}, GET …/{position} and POST …/transfers: premium to the insurer, claims money back."""

from datetime import date
from typing import Any

from daycover.api.books.staff import (
    SettlementPosition,
    SettlementSheet,
    SettlementsView,
    SettlementView,
    TransferBody,
)
from daycover.api.duties import guarded_api
from daycover.platform.observability import count
from daycover.platform.replies import Reply, reply, sheet_file
from daycover.wiring.books import books

api = guarded_api()


@api.get("/v1/staff/settlements/<day>")
def read_settlements(day: date) -> Reply[SettlementsView]:
    """Read what is due between us and the insurer for one day, by company, and what was transferred."""
    return reply(200, SettlementsView.of(day, books().settle.read(day)))


@api.get("/v1/staff/settlements/<day>/<position>")
def download_settlement(
    day: date, position: SettlementPosition, format: SettlementSheet = SettlementSheet.XLSX
) -> Reply[bytes]:
    """Give one position of a day as a sheet, a row for each company."""
    return sheet_file(format, f"daycover-{position}-{day}", books().settle.sheet(day, position, format))


@api.post("/v1/staff/settlements/<day>/<position>/transfers")
def record_transfer(day: date, position: SettlementPosition, body: TransferBody) -> Reply[SettlementView]:
    """Record money that passed between us and the insurer, the whole or a part.

    The same reference again changes nothing.
    """
    settlement = books().settle.record(api.caller.subject, day, position, body.amount_fen, body.reference)
    count("SettlementTransferred")
    return reply(200, SettlementView.of(settlement))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
