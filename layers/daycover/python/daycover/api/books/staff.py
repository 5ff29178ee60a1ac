"""Payments, credit limits and the insurer's book: bodies and answers for finance."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from daycover.api.books.company import OwedView
from daycover.api.fields import Line
from daycover.books.claims_figures import ClaimsTotal, FundTotal
from daycover.books.credit import CompanyAccount
from daycover.books.figures import Book
from daycover.books.payment import Payment
from daycover.books.settlement import CompanyShare, DaySettlements, Position, Settlement, SettlementStatus
from daycover.books.sheets import SheetKind
from daycover.books.statement import ClassTotal, StatementStatus
from daycover.platform.http import Body, View

Fen = Annotated[int, Field(ge=-(10**12), le=10**12)]


class PaymentBody(Body):
    amount_fen: Fen
    reference: Annotated[Line, Field(min_length=1, max_length=64)]


class PaymentView(View):
    company_id: str
    day: date
    status: StatementStatus
    amount_fen: int
    reference: str
    paid_at: datetime

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        return cls(**payment.model_dump(exclude={"recorded_by"}), status=StatementStatus.PAID)


SettlementPosition = Position
SettlementSheet = SheetKind


class AccountView(OwedView):
    """As in `CreditView`, without `overshoot_bound_fen`, for which every project would have to be read."""

    name: str

    @classmethod
    def of(cls, account: CompanyAccount) -> "AccountView":
        return cls(**cls.facts(account))


class AccountsView(View):
    """By company id, at most 25; `next_page` is null at the end."""

    accounts: list[AccountView]
    next_page: str | None

    @classmethod
    def of(cls, accounts: Sequence[CompanyAccount], next_page: str | None) -> "AccountsView":
        return cls(accounts=[AccountView.of(account) for account in accounts], next_page=next_page)


class DepositBody(Body):
    """Under the bank's reference; the same again changes nothing."""

    amount_fen: Annotated[int, Field(ge=1, le=10**12)]
    reference: Annotated[Line, Field(min_length=1, max_length=64)]


class TransferBody(Body):
    """With the sign of what is due: negative where money goes the other way."""

    amount_fen: Fen
    reference: Annotated[Line, Field(min_length=1, max_length=64)]


class TransferView(View):
    reference: str
    amount_fen: int
    recorded_by: str
    at: datetime


class SettlementView(View):
    """One position of a day. `PREMIUM`: what was collected for statements, less commission, goes to the insurer.
    `CLAIMS_BY_WALLET`, `CLAIMS_BY_BANK`: the insurer makes good what claims took from the account."""

    day: date
    position: Position
    status: SettlementStatus
    due_fen: int
    settled_fen: int
    open_fen: int
    shares: tuple[CompanyShare, ...]
    transfers: list[TransferView]

    @classmethod
    def of(cls, settlement: Settlement) -> "SettlementView":
        transfers = [TransferView(**dict(transfer)) for transfer in settlement.transfers]
        return cls(**dict(settlement) | {"transfers": transfers}, open_fen=settlement.open_fen)


class SettlementsView(View):
    """`missing`: companies that have no statement of the day, so nothing of it can be settled yet."""

    day: date
    missing: tuple[str, ...]
    settlements: list[SettlementView]

    @classmethod
    def of(cls, day: date, read: DaySettlements) -> "SettlementsView":
        settlements = [SettlementView.of(settlement) for settlement in read.settlements]
        return cls(day=day, missing=read.missing, settlements=settlements)


class LimitBody(Body):
    """None lifts the limit."""

    limit_fen: Annotated[int, Field(ge=0, le=10**12)] | None


class ClaimsTotalView(View):
    """Claims of an occupation class on a plan. `outstanding_fen` is null while a company's is unknown."""

    occupation_class: int | None
    plan_id: str | None
    paid_fen: int
    reserve_change_fen: int
    incurred_fen: int
    outstanding_fen: int | None

    @classmethod
    def of(cls, total: ClaimsTotal) -> "ClaimsTotalView":
        return cls(**dict(total), incurred_fen=total.incurred_fen)


class BookView(View):
    """`incurred_fen` is what the day's claims cost: paid, and reserved more than before. `unknown` names the
    companies whose outstanding claims are not known yet: a day before was not closed."""

    day: date
    companies: int
    policies: int
    premium_fen: int
    claims_paid_fen: int
    incurred_fen: int
    outstanding_fen: int | None
    claims: tuple[ClaimsTotalView, ...]
    funds_paid: tuple[FundTotal, ...]
    """Which account paid claims, net of what bounced."""
    unknown: tuple[str, ...]
    classes: tuple[ClassTotal, ...]
    below_three: tuple[str, ...]
    """Companies whose list of the day names fewer than three insured: to be looked at, never blocked."""

    @classmethod
    def of(cls, book: Book) -> "BookView":
        return cls(**dict(book) | {"claims": tuple(map(ClaimsTotalView.of, book.claims))})
