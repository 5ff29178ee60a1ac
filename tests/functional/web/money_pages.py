"""The pages about money in a browser, on the rules that answer them in truth."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from daycover.api.access.enrolment import EnrolledCompanyFileView
from daycover.api.books.company import CreditView, MonthView, MovementsView, MovementView
from daycover.api.books.staff import DepositBody, PaymentBody, SettlementsView, SettlementView, TransferBody
from daycover.books.figures import ReadFigures
from daycover.books.settlement import Position
from daycover.claims.service import sum_up
from tests.functional.web.pages import Served
from tests.support.builders import NOW
from tests.unit.books.desk import Desk

Query = Mapping[str, list[str]]
Answered = tuple[int, dict[str, Any]]


class MoneyPages(Served):
    """The money of C0, C1 and C2."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Desk(NOW)

    def _enrolled(self, company_id: str, query: Query, body: Any) -> Answered:
        view = EnrolledCompanyFileView.of(self.books.companies.get(company_id), [])
        return 200, view.model_dump(mode="json")

    def _credit(self, company_id: str, query: Query, body: Any) -> Answered:
        return 200, CreditView.of(self.books.watch.read(company_id)).model_dump(mode="json")

    def _limit(self, company_id: str, query: Query, body: Any) -> Answered:
        exposure = self.books.watch.limit(company_id, body["limit_fen"])
        return 200, CreditView.of(exposure).model_dump(mode="json")

    def _deposit(self, company_id: str, query: Query, body: Any) -> Answered:
        movements = self.books.deposit.movements(company_id, None)
        return 200, MovementsView.of(movements).model_dump(mode="json")

    def _pay_in(self, company_id: str, query: Query, body: Any) -> Answered:
        given = DepositBody.model_validate(body)
        moved = self.books.deposit.pay_in("finance-1", company_id, given.amount_fen, given.reference)
        return 200, MovementView.of(moved).model_dump(mode="json")

    def _refund(self, company_id: str, query: Query, body: Any) -> Answered:
        given = DepositBody.model_validate(body)
        moved = self.books.deposit.refund("finance-1", company_id, given.amount_fen, given.reference)
        return 200, MovementView.of(moved).model_dump(mode="json")

    def _pay(self, where: str, query: Query, body: Any) -> Answered:
        company_id, _, day = where.split("/")
        given = PaymentBody.model_validate(body)
        self.books.pay("finance-1", company_id, date.fromisoformat(day), given.amount_fen, given.reference)
        return 200, {}

    def _month(self, where: str, query: Query, body: Any) -> Answered:
        company_id, _, month = where.split("/")
        figures = ReadFigures(statements=self.books.statements).month(company_id, month)
        return 200, MonthView.of(figures, sum_up(month, [])).model_dump(mode="json")

    def _settlements(self, day: str, query: Query, body: Any) -> Answered:
        on = date.fromisoformat(day)
        return 200, SettlementsView.of(on, self.books.settle.read(on)).model_dump(mode="json")

    def _transfer(self, where: str, query: Query, body: Any) -> Answered:
        day, position = where.split("/")
        given = TransferBody.model_validate(body)
        settlement = self.books.settle.record(
            "finance-1", date.fromisoformat(day), Position(position), given.amount_fen, given.reference
        )
        return 200, SettlementView.of(settlement).model_dump(mode="json")


MoneyPages.routes = {
    r"GET /v1/staff/companies/([^/]+)": MoneyPages._enrolled,
    r"GET /v1/(?:staff/)?companies/([^/]+)/credit": MoneyPages._credit,
    r"GET /v1/(?:staff/)?companies/([^/]+)/deposit": MoneyPages._deposit,
    r"GET /v1/companies/([^/]+/months/[^/]+)": MoneyPages._month,
    r"POST /v1/staff/companies/([^/]+)/credit-limit": MoneyPages._limit,
    r"POST /v1/staff/companies/([^/]+)/deposits": MoneyPages._pay_in,
    r"POST /v1/staff/companies/([^/]+)/deposit-refunds": MoneyPages._refund,
    r"POST /v1/staff/companies/([^/]+/statements/[^/]+)/payment": MoneyPages._pay,
    r"GET /v1/staff/settlements/([^/]+)": MoneyPages._settlements,
    r"POST /v1/staff/settlements/([^/]+/[^/]+)/transfers": MoneyPages._transfer,
}
