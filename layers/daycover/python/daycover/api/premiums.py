"""Bodies and answers about the day's money: sheets, payments, credit, months and the insurer's book."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.books.credit import CreditDay, CreditLevel, Exposure
from daycover.books.figures import Book, Month
from daycover.books.statement import ClassTotal, Format, Payment, StatementStatus
from daycover.claims.claim import Clock
from daycover.claims.service import ServiceLevels
from daycover.platform.http import Body, View

SheetFormat = Format
MonthName = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
Fen = Annotated[int, Field(ge=-(10**12), le=10**12)]


class LinkView(View):
    """`url` needs no token and lasts five minutes."""

    url: str


class PaymentBody(Body):
    amount_fen: Fen
    reference: Annotated[str, StringConstraints(min_length=1, max_length=64)]


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


class LimitBody(Body):
    """None lifts the limit."""

    limit_fen: Annotated[int, Field(ge=0, le=10**12)] | None


class CreditDayView(View):
    """`closed`: the statement's total, exact; otherwise the running figure of a day that is open."""

    day: date
    owed_fen: int
    closed: bool

    @classmethod
    def of(cls, day: CreditDay) -> "CreditDayView":
        return cls(day=day.day, owed_fen=day.owed_fen, closed=day.billed_fen is not None)


class CreditView(View):
    company_id: str
    level: CreditLevel
    limit_fen: int | None
    exposure_fen: int
    overshoot_fen: int
    overshoot_bound_fen: int
    days: list[CreditDayView]

    @classmethod
    def of(cls, exposure: Exposure) -> "CreditView":
        days = [CreditDayView.of(day) for day in exposure.days]
        return cls(**dict(exposure) | {"days": days}, overshoot_bound_fen=exposure.bound_fen)


class ServiceLevelsView(View):
    """`in_time_bps`: share paid within two working days of complete documents. `breaches`: legal clocks that ran out.

    Hours are working time, 24 a working day.
    """

    month: str
    claims_paid: int
    paid_in_time: int
    in_time_bps: int | None
    median_hours: float | None
    p90_hours: float | None
    breaches: dict[Clock, int]

    @classmethod
    def of(cls, levels: ServiceLevels) -> "ServiceLevelsView":
        return cls(**dict(levels))


class MonthView(View):
    company_id: str
    month: str
    closed_days: int
    people_days: int
    premium_fen: int
    claims_paid_fen: int
    loss_ratio_bps: int | None
    service: ServiceLevelsView

    @classmethod
    def of(cls, month: Month, levels: ServiceLevels) -> "MonthView":
        return cls(**dict(month), service=ServiceLevelsView.of(levels))


class BookView(View):
    day: date
    companies: int
    policies: int
    premium_fen: int
    claims_paid_fen: int
    classes: tuple[ClassTotal, ...]

    @classmethod
    def of(cls, book: Book) -> "BookView":
        return cls(**dict(book))
