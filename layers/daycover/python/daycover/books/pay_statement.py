"""Paying statements: what finance staff record of the bank, and what is drawn from a deposit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from daycover.books.credit import Credit, WatchCredit
from daycover.books.journal import Account, Entry, Kind, Line, closing_time, entry_at, is_closed
from daycover.books.payment import BY_DEPOSIT, Deposits, MovementKind, Payment, Payments, moved
from daycover.books.statement import Statement, StatementNotFoundError, StatementOpenError, Statements
from daycover.claims.conflict import repeated_on_conflict
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind


class StatementPaidError(DaycoverError):
    """The statement was paid under another reference.

    What to do: Compare with `reference`; a second payment goes back. `DEPOSIT` is the company's deposit.
    含义:该账单已用另一凭证号登记付款。
    处理:核对凭证号 `reference`,重复付款请退回;`DEPOSIT` 表示已从预存保费中扣除。
    """

    kind = ErrorKind.CONFLICT
    title = "账单已登记付款", "The statement is paid already"
    detail = "已按凭证号 {reference} 登记。", "It was recorded under the reference {reference}."


class PaymentAmountError(DaycoverError):
    """The amount is not what the statement comes to.

    What to do: Check the bank's record; the total is `premium_fen`.
    含义:登记的金额与账单应付总额不同。
    处理:核对银行流水,登记 `premium_fen` 所示的金额。
    """

    kind = ErrorKind.INVALID
    title = "付款金额与账单不符", "The amount is not the statement's total"
    detail = "账单应付 {premium_fen} 分。", "The statement's total is {premium_fen} fen."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment:
    """POST …/payment by finance staff: the company has paid a statement."""

    now: Callable[[], datetime]
    statements: Statements
    payments: Payments
    watch: WatchCredit

    def __call__(self, staff_id: str, company_id: str, day: date, amount_fen: int, reference: str) -> Payment:
        """Record it once; the same reference again changes nothing.

        Raises StatementNotFoundError, StatementOpenError, PaymentAmountError, StatementPaidError.
        """
        now = self.now()
        statement = self.statements.latest(company_id, day)
        if statement is None:
            raise StatementNotFoundError
        if not is_closed(day, now):
            raise StatementOpenError(closes_at=closing_time(day))
        payment = self.payments.find(company_id, day)
        if payment is None:
            if amount_fen != statement.premium_fen:
                raise PaymentAmountError(premium_fen=statement.premium_fen)
            payment = self._record(statement, reference, staff_id, now)
        if payment.reference != reference:
            raise StatementPaidError(reference=payment.reference)
        if payment.amount_fen != amount_fen:
            raise PaymentAmountError(premium_fen=payment.amount_fen)
        self.watch(company_id)
        return payment

    def _record(self, statement: Statement, reference: str, staff_id: str, now: datetime) -> Payment:
        payment = _payment(statement, reference, staff_id, now)
        try:
            self.payments.record(payment, entry_of_payment(statement, Account.BANK, now))
        except ConcurrentChangeError:
            stands = self.payments.find(statement.company_id, statement.day)
            if stands is None:  # not billed yet, or not at this amount: its close has not ended
                raise StatementOpenError(closes_at=closing_time(statement.day)) from None
            return stands
        return payment


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawOnDeposit:
    """Pay a company's billed days from its deposit, oldest first, as far as it goes. May be repeated or cut off.

    A day is paid whole or not at all, and none before an older one: what is left over still counts against the days
    that are owed.
    """

    now: Callable[[], datetime]
    statements: Statements
    payments: Payments
    deposits: Deposits
    credit: Credit

    def __call__(self, company_id: str) -> list[date]:
        """Give the days that it paid. Raises ConcurrentChangeError when others keep coming in between."""
        if self.deposits.get(company_id).version == 0:
            return []
        paid: list[date] = []
        for owed in self.credit.unpaid(company_id):
            if not owed.billed_fen:
                continue
            if not self._pay(company_id, owed.day, owed.billed_fen):
                break
            paid.append(owed.day)
        return paid

    @repeated_on_conflict
    def _pay(self, company_id: str, day: date, due_fen: int) -> bool:
        statement = self.statements.latest(company_id, day)
        deposit, now = self.deposits.get(company_id), self.now()
        change = moved(
            deposit,
            MovementKind.STATEMENT_PAID,
            day.isoformat(),
            -due_fen,
            recorded_by=BY_DEPOSIT,
            at=now,
        )
        if change is None or statement is None or statement.premium_fen != due_fen:
            return False
        payment = _payment(statement, BY_DEPOSIT, BY_DEPOSIT, now)
        try:
            self.payments.record(payment, entry_of_payment(statement, Account.COMPANY_DEPOSIT, now), change)
        except ConcurrentChangeError:
            if self.payments.find(company_id, day) is None:
                raise
        return True


def _payment(statement: Statement, reference: str, recorded_by: str, now: datetime) -> Payment:
    return Payment(
        company_id=statement.company_id,
        day=statement.day,
        amount_fen=statement.premium_fen,
        reference=reference,
        recorded_by=recorded_by,
        paid_at=now,
    )


def entry_of_payment(statement: Statement, source: Account, now: datetime) -> Entry:
    """The company has paid the statement from `source`, its bank or its deposit: the insurer's part of it is due to
    the insurer from now on."""
    amount_fen, payable_fen = statement.premium_fen, statement.payable_fen
    lines = (
        Line(source, amount_fen),
        Line(Account.COMPANY_RECEIVABLE, -amount_fen),
        Line(Account.PREMIUM_PAYABLE, payable_fen),
        Line(Account.REMITTANCE_DUE, -payable_fen),
    )
    return entry_at(
        f"STATEMENT-{statement.day:%Y%m%d}", Kind.STATEMENT_PAID, statement.company_id, lines, now
    )
