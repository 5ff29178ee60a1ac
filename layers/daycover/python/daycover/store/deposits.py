"""Payments of statements, and the deposits of companies, each written with what it moves."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from daycover.books.journal import Entry
from daycover.books.payment import Deposit, DepositChange, DepositMovement, MovementKind, Payment
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Delete, Put, Table, Write, put_after
from daycover.store.journal import entry_writes

SCHEMA_VERSION = 1


class StoredDeposits:
    """Implements `books.payment.Deposits`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, company_id: str) -> Deposit:
        """Access: GetItem (COMPANY#id, DEPOSIT), strong. Cost: 1 read unit."""
        item = self._table.get(keys.deposit(company_id), strong=True)
        return Deposit(company_id=company_id) if item is None else Deposit.model_validate(item)

    def move(self, change: DepositChange, entry: Entry) -> None:
        """Access: transaction of the deposit, its movement, the movement under its reference, and the entry.

        Condition: the deposit's version; the others absent. Cost: 8 write units.
        """
        movement = change.movement
        reference = keys.deposit_reference(movement.company_id, movement.kind, movement.reference)
        try:
            self._table.write(*_change(change), Put(reference, _item(movement)), *entry_writes(entry))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def find(self, company_id: str, kind: MovementKind, reference: str) -> DepositMovement | None:
        """Access: GetItem (COMPANY#id, DEPOSITED#kind#reference), strong. Cost: 1 read unit."""
        item = self._table.get(keys.deposit_reference(company_id, kind, reference), strong=True)
        return None if item is None else DepositMovement.model_validate(item)

    def movements(self, company_id: str, before: int | None, limit: int) -> list[DepositMovement]:
        """Access: Query (COMPANY#id, DEPOSIT#), newest first, strong. Cost: 1 read unit per 4 KB (about 14)."""
        after = None if before is None else keys.deposit_movement(company_id, before).sk
        page = self._table.query(
            *keys.deposit_movements(company_id), limit=limit, newest_first=True, strong=True, after=after
        )
        return [DepositMovement.model_validate(item) for item in page.items]


class StoredPayments:
    """Implements `books.payment.Payments`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, company_id: str, day: date) -> Payment | None:
        """Access: GetItem (COMPANY#id, PAYMENT#day), strong. Cost: 1 read unit."""
        item = self._table.get(keys.payment(company_id, day.isoformat()), strong=True)
        return None if item is None else Payment.model_validate(item)

    def of_month(self, company_id: str, month: str) -> list[Payment]:
        """Access: Query (COMPANY#id, PAYMENT#month-), strong. Cost: 1 read unit per 4 KB (about 20)."""
        items = self._table.query_all(*keys.payments_of_month(company_id, month), strong=True)
        return [Payment.model_validate(item) for item in items]

    def record(self, payment: Payment, entry: Entry, change: DepositChange | None = None) -> None:
        """Access: transaction of the payment, its entry, the day's credit figure, and of a deposit what it moves.

        Condition: no payment of the day; the day is billed at the amount; the deposit's version. Cost: 6 write units,
        10 from a deposit.
        """
        company_id, day = payment.company_id, payment.day.isoformat()
        writes: list[Write] = [Put(keys.payment(company_id, day), _item(payment)), *entry_writes(entry)]
        if payment.amount_fen:  # a day that comes to nothing is not owed
            condition, values = "billed_fen = :amount", {":amount": payment.amount_fen}
            writes.append(Delete(keys.credit_day(company_id, day), condition=condition, values=values))
        if change is not None:
            writes.extend(_change(change))
        try:
            self._table.write(*writes)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error


def _change(change: DepositChange) -> list[Write]:
    movement = change.movement
    return [
        put_after(change.before.version, keys.deposit(movement.company_id), _item(change.after)),
        Put(keys.deposit_movement(movement.company_id, movement.number), _item(movement)),
    ]


def _item(noun: BaseModel) -> dict[str, Any]:
    return noun.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
