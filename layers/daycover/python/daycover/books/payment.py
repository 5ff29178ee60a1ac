"""A company paid one statement (缴费): recorded once, posted, and gone from what it owes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from daycover.books.credit import Credit, WatchCredit
from daycover.books.journal import Journal, closing_time, entry_of_payment
from daycover.books.statement import Payment, StatementNotFoundError, StatementOpenError, Statements
from daycover.errors import DaycoverError, ErrorKind


class StatementPaidError(DaycoverError):
    """The statement was paid under another reference.

    What to do: Compare with `reference`; a second payment goes back.
    含义:该账单已用另一凭证号登记付款。
    处理:核对凭证号 `reference`,重复付款请退回。
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
    journal: Journal
    credit: Credit
    watch: WatchCredit

    def __call__(self, staff_id: str, company_id: str, day: date, amount_fen: int, reference: str) -> Payment:
        """Record it once; the same reference again completes what was cut off and changes nothing else.

        Raises StatementNotFoundError, StatementOpenError, PaymentAmountError, StatementPaidError.
        """
        now = self.now()
        statement = self.statements.latest(company_id, day)
        if statement is None:
            raise StatementNotFoundError
        if now < closing_time(day):
            raise StatementOpenError(closes_at=closing_time(day))
        if amount_fen != statement.premium_fen:
            raise PaymentAmountError(premium_fen=statement.premium_fen)
        payment = self.statements.pay(
            Payment(
                company_id=company_id,
                day=day,
                amount_fen=amount_fen,
                reference=reference,
                recorded_by=staff_id,
                paid_at=now,
            )
        )
        if payment.reference != reference:
            raise StatementPaidError(reference=payment.reference)
        self.journal.post(entry_of_payment(company_id, day, amount_fen, payment.paid_at))
        self.credit.settle(company_id, day)
        self.watch(company_id)
        return payment
