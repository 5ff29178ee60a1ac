"""Payments, credit limits and the insurer's book: bodies and answers for finance."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from daycover.api.fields import Line
from daycover.books.figures import Book
from daycover.books.statement import ClassTotal, Payment, StatementStatus
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


class LimitBody(Body):
    """None lifts the limit."""

    limit_fen: Annotated[int, Field(ge=0, le=10**12)] | None


class BookView(View):
    day: date
    companies: int
    policies: int
    premium_fen: int
    claims_paid_fen: int
    classes: tuple[ClassTotal, ...]
    below_three: tuple[str, ...]
    """Companies whose list of the day names fewer than three insured: to be looked at, never blocked."""

    @classmethod
    def of(cls, book: Book) -> "BookView":
        return cls(**dict(book))
