"""What a company paid for its statements (缴费), and the deposit (预存保费) that they may be paid from.

A deposit is paid in before anybody is covered. Statements are paid from it as they are issued, oldest first, and
what is left goes back when the company asks. Its balance moves only together with the record of why, in one
transaction with the journal's entry.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.books.journal import Entry

BY_DEPOSIT = "DEPOSIT"
"""The reference, and the recorder, of a payment that the product itself made from the deposit."""


class Payment(BaseModel, frozen=True, defer_build=True):
    """The company paid one statement: from its bank, under the bank's reference as finance staff recorded it, or
    from its deposit."""

    company_id: str
    day: date
    amount_fen: int
    reference: str
    recorded_by: str
    paid_at: datetime

    @property
    def is_from_deposit(self) -> bool:
        return self.recorded_by == BY_DEPOSIT


class Deposit(BaseModel, frozen=True, defer_build=True):
    """What is left of all that a company paid in; version 0 is one that was never paid into. Never below zero."""

    company_id: str
    balance_fen: int = 0
    version: int = 0


class MovementKind(StrEnum):
    PAID_IN = "PAID_IN"
    """Under the bank's reference."""
    REFUNDED = "REFUNDED"
    """Under the bank's reference."""
    STATEMENT_PAID = "STATEMENT_PAID"
    """The reference is the statement's day."""


class DepositMovement(BaseModel, frozen=True, defer_build=True):
    """One change of a deposit. `amount_fen` is positive for what came in; `balance_fen` is what was left after it.

    `number` is the deposit's version that it made: they have no gaps.
    """

    company_id: str
    number: int
    kind: MovementKind
    reference: str
    amount_fen: int
    balance_fen: int
    recorded_by: str
    at: datetime


class DepositChange(NamedTuple):
    """A lawful change of a deposit, to be written only on `before`."""

    before: Deposit
    after: Deposit
    movement: DepositMovement


class Deposits(Protocol):
    """The companies' deposits and what moved them."""

    def get(self, company_id: str) -> Deposit:
        """Read strongly consistent."""
        ...

    def move(self, change: DepositChange, entry: Entry) -> None:
        """Write a paying in or a refund with its entry, all or nothing.

        Raises ConcurrentChangeError unless `before` stands and nothing is recorded under the kind and reference.
        """
        ...

    def find(self, company_id: str, kind: MovementKind, reference: str) -> DepositMovement | None:
        """Of the kinds that a bank's reference names. Read strongly consistent."""
        ...

    def movements(self, company_id: str, before: int | None, limit: int) -> list[DepositMovement]:
        """The newest first, those below number `before` if given."""
        ...


class Payments(Protocol):
    """The payments of statements: one for each, for ever."""

    def find(self, company_id: str, day: date) -> Payment | None:
        """Read strongly consistent."""
        ...

    def of_month(self, company_id: str, month: str) -> list[Payment]:
        """Those of a month's statements (yyyy-mm), by day."""
        ...

    def record(self, payment: Payment, entry: Entry, change: DepositChange | None = None) -> None:
        """Write a payment with its entry, take its day from what the company owes and the amount from its deposit if
        that is where it comes from, all or nothing.

        Raises ConcurrentChangeError unless the day is unpaid, billed at that amount, and the deposit as read.
        """
        ...


def moved(
    deposit: Deposit, kind: MovementKind, reference: str, amount_fen: int, *, recorded_by: str, at: datetime
) -> DepositChange | None:
    """Give the change; None where the deposit does not hold as much."""
    balance_fen = deposit.balance_fen + amount_fen
    if balance_fen < 0:
        return None
    after = deposit.model_copy(update={"balance_fen": balance_fen, "version": deposit.version + 1})
    return DepositChange(
        deposit,
        after,
        DepositMovement(
            company_id=deposit.company_id,
            number=after.version,
            kind=kind,
            reference=reference,
            amount_fen=amount_fen,
            balance_fen=balance_fen,
            recorded_by=recorded_by,
            at=at,
        ),
    )
