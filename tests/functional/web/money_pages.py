"""The pages about money in a browser, on the rules that answer them in truth."""

from collections.abc import Mapping
from datetime import date
from re import fullmatch
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route

from daycover.api.access.enrolment import EnrolledCompanyFileView
from daycover.api.books.company import (
    CreditView,
    MonthView,
    MovementsView,
    MovementView,
    StatementsView,
    StatementView,
)
from daycover.api.books.staff import (
    AccountsView,
    BookView,
    DepositBody,
    PaymentBody,
    SettlementsView,
    SettlementView,
    TransferBody,
)
from daycover.api.claims.service_levels import InsurerServiceLevelsView
from daycover.api.reporting.breaks import BreakListView, ResolutionBody
from daycover.books.accounts import ListAccounts
from daycover.books.figures import ReadFigures
from daycover.books.list_statements import SheetContent
from daycover.books.settlement import Position
from daycover.books.sheets import SheetKind
from daycover.books.statement import Format
from daycover.claims.service import ServiceLevels, sum_up
from daycover.platform.replies import SHEET_TYPES
from daycover.projects.contract import Billing, Contract
from daycover.reporting.breaks import BreakStatus, ResolveBreak
from tests.functional.web.pages import Served
from tests.support.builders import NOW
from tests.support.enrolled import enrol
from tests.support.fakes.reporting import FakeBreaks
from tests.unit.books.desk import Desk

Query = Mapping[str, list[str]]
Answered = tuple[int, dict[str, Any]]


class MoneyPages(Served):
    """The money of C0, C1 and C2."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Desk(NOW)
        self.levels: dict[str, ServiceLevels] = {}
        self.breaks = FakeBreaks()
        self.resolve = ResolveBreak(now=self.books.now, breaks=self.breaks)
        self.outage = 0
        """How many sheets are refused with a 503 before one is answered."""

    def contract(self) -> None:
        """C1 pays from a deposit from now on, C0 and C2 on credit."""
        for company_id in ("C0", "C1", "C2"):
            billing = Billing.PREPAID if company_id == "C1" else Billing.CREDIT
            contract = Contract(
                valid_from=date(2026, 11, 1), insurer="paic", due_days=10, commission_bps=500, billing=billing
            )
            company = self.books.companies.get(company_id)
            enrol(self.books.companies, company.model_copy(update={"contracts": (contract,), "revision": 2}))
            self.books.watch(company_id)

    def _enrolled(self, company_id: str, query: Query, body: Any) -> Answered:
        view = EnrolledCompanyFileView.of(self.books.companies.get(company_id), [])
        return 200, view.model_dump(mode="json")

    def _credit(self, company_id: str, query: Query, body: Any) -> Answered:
        return 200, CreditView.of(self.books.watch.read(company_id)).model_dump(mode="json")

    def _accounts(self, _: str, query: Query, body: Any) -> Answered:
        listed = ListAccounts(enrolments=self.books.companies, watch=self.books.watch)
        return 200, AccountsView.of(*listed(query.get("page", [None])[0])).model_dump(mode="json")

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

    def _statements(self, company_id: str, query: Query, body: Any) -> Answered:
        days = self.books.list(company_id, *_days(query))
        return 200, StatementsView.of(company_id, days).model_dump(mode="json")

    def _statement(self, where: str, query: Query, body: Any) -> Answered:
        company_id, _, day = where.split("/")
        if "format" in query:
            return 200, {"url": self.books.read.link(company_id, date.fromisoformat(day), Format.XLSX)}
        read = self.books.read(company_id, date.fromisoformat(day))
        return 200, StatementView.of(read).model_dump(mode="json")

    def _projects(self, company_id: str, query: Query, body: Any) -> Answered:
        found = self.books.projects.list_of(company_id)
        return 200, {"projects": [{"project_id": one.project_id, "name": one.name} for one in found]}

    def _book(self, day: str, query: Query, body: Any) -> Answered:
        figures = ReadFigures(statements=self.books.statements).book(date.fromisoformat(day))
        return 200, BookView.of(figures).model_dump(mode="json")

    def _levels(self, month: str, query: Query, body: Any) -> Answered:
        levels = self.levels.get(month) or sum_up(month, [])
        return 200, InsurerServiceLevelsView.of(levels).model_dump(mode="json")

    def _breaks(self, _: str, query: Query, body: Any) -> Answered:
        found, following = self.breaks.list_by(BreakStatus(query["status"][0]), query.get("page", [None])[0])
        return 200, BreakListView.of(found, following, NOW).model_dump(mode="json")

    def _resolve(self, break_id: str, query: Query, body: Any) -> Answered:
        given = ResolutionBody.read(body)
        self.resolve("finance-1", break_id, given.resolution, given.reference)
        return 200, {}

    def _serve(self, route: Route) -> None:
        """Sheets are answers themselves."""
        url = urlsplit(route.request.url)
        asked = parse_qs(url.query)
        if "format" in asked and self.outage:
            self.outage -= 1
            route.fulfill(status=503, headers={"Retry-After": "1"})
            return
        if "format" in asked and (sheet := self._sheet(url.path, asked)) is not None:
            route.fulfill(status=200, headers={"Content-Type": SHEET_TYPES[asked["format"][0]]}, body=sheet)
            return
        super()._serve(route)

    def _sheet(self, path: str, asked: Query) -> bytes | None:
        if found := fullmatch(r"/v1/companies/([^/]+)/statements", path):
            content = SheetContent(asked["rows"][0])
            return self.books.list.sheet(found[1], *_days(asked), content, SheetKind(asked["format"][0]))
        if found := fullmatch(r"/v1/staff/settlements/([^/]+)/([^/]+)", path):
            day, position = date.fromisoformat(found[1]), Position(found[2])
            return self.books.settle.sheet(day, position, SheetKind(asked["format"][0]))
        return None

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


def _days(query: Query) -> tuple[date, date]:
    return date.fromisoformat(query["first"][0]), date.fromisoformat(query["last"][0])


MoneyPages.routes = {
    r"GET /v1/companies/([^/]+)/statements": MoneyPages._statements,
    r"GET /v1/companies/([^/]+/statements/[^/]+)": MoneyPages._statement,
    r"GET /v1/companies/([^/]+)/projects": MoneyPages._projects,
    r"GET /v1/staff/book/([^/]+)": MoneyPages._book,
    r"GET /v1/staff/service-levels/([^/]+)": MoneyPages._levels,
    r"GET /v1/staff/(breaks)": MoneyPages._breaks,
    r"POST /v1/staff/breaks/([^/]+)/resolution": MoneyPages._resolve,
    r"GET /v1/staff/companies/([^/]+)": MoneyPages._enrolled,
    r"GET /v1/staff/(accounts)": MoneyPages._accounts,
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
