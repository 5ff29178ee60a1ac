"""Finance staff record what a company pays into its deposit (预存保费), and what goes back to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from daycover.books.credit import WatchCredit
from daycover.books.journal import Account, Kind, Line, entry_at
from daycover.books.payment import DepositMovement, Deposits, MovementKind, moved
from daycover.china_time import china_day
from daycover.claims.conflict import repeated_on_conflict
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind
from daycover.projects.company import Companies
from daycover.projects.contract import Billing

MOVEMENTS_PAGE = 50
ENTRIES = {MovementKind.PAID_IN: Kind.DEPOSIT_PAID_IN, MovementKind.REFUNDED: Kind.DEPOSIT_REFUNDED}


class DepositNotAgreedError(DaycoverError):
    """The company's contract says that it pays after its statements, so nothing can be paid in.

    What to do: Record a payment of a statement, or have the contract changed to prepaid first.
    含义:该公司的合作协议约定账单出具后付款,不收预存保费。
    处理:登记为账单付款,或先把协议变更为预存保费。
    """

    kind = ErrorKind.CONFLICT
    title = "协议未约定预存保费", "The contract has no deposit"
    detail = (
        "该公司按账单付款;如改为预存,请先变更协议。",
        "The company pays by statement; have its contract changed to prepaid first.",
    )


class DepositRecordedError(DaycoverError):
    """Another amount stands under this reference.

    What to do: Compare with `amount_fen`, and check the bank's reference.
    含义:该凭证号已登记,金额不同。
    处理:与 `amount_fen` 核对,并核对银行凭证号。
    """

    kind = ErrorKind.CONFLICT
    title = "该凭证号已登记", "The reference is recorded already"
    detail = "已登记 {amount_fen} 分。", "{amount_fen} fen are recorded under it."


class DepositTooSmallError(DaycoverError):
    """More would go back than the company has left after what it owes.

    What to do: Refund at most `available_fen`.
    含义:退款金额超过预存余额减去未结保费后的可退金额。
    处理:退款不超过 `available_fen`。
    """

    kind = ErrorKind.CONFLICT
    title = "可退余额不足", "Not enough is left of the deposit"
    detail = "目前最多可退 {available_fen} 分。", "At most {available_fen} fen can go back now."


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDeposit:
    """POST …/deposits and …/deposit-refunds. The same reference again changes nothing."""

    now: Callable[[], datetime]
    companies: Companies
    deposits: Deposits
    draw: Callable[[str], list[date]]
    """Pays from the deposit what is billed."""
    watch: WatchCredit

    def pay_in(self, staff_id: str, company_id: str, amount_fen: int, reference: str) -> DepositMovement:
        """Record money that arrived at the bank; it pays what is billed, and lifts the block.

        Raises CompanyNotAuthorisedError, DepositNotAgreedError, DepositRecordedError, ConcurrentChangeError.
        """
        company = self.companies.get(company_id)
        stands = self.deposits.find(company_id, MovementKind.PAID_IN, reference)
        if stands is None and company.billing_on(china_day(self.now())) is not Billing.PREPAID:
            raise DepositNotAgreedError
        movement = stands or self._move(staff_id, company_id, MovementKind.PAID_IN, reference, amount_fen)
        return self._recorded(movement, amount_fen)

    def refund(self, staff_id: str, company_id: str, amount_fen: int, reference: str) -> DepositMovement:
        """Record money that went back to the company: at most what is left after all that it owes, cover of days
        that still run included. A company whose contract has no deposit any more gets the rest back so.

        Raises CompanyNotAuthorisedError, DepositTooSmallError, DepositRecordedError, ConcurrentChangeError.
        """
        stands = self.deposits.find(company_id, MovementKind.REFUNDED, reference)
        movement = stands or self._move(staff_id, company_id, MovementKind.REFUNDED, reference, -amount_fen)
        return self._recorded(movement, -amount_fen)

    def movements(self, company_id: str, before: int | None) -> list[DepositMovement]:
        """A page of what moved the deposit, the newest first."""
        return self.deposits.movements(company_id, before, MOVEMENTS_PAGE)

    def _recorded(self, movement: DepositMovement, amount_fen: int) -> DepositMovement:
        """Finish what follows, also where an earlier run was cut off after the record."""
        if movement.amount_fen != amount_fen:
            raise DepositRecordedError(amount_fen=abs(movement.amount_fen))
        self.draw(movement.company_id)
        self.watch(movement.company_id)
        return movement

    @repeated_on_conflict
    def _move(
        self, staff_id: str, company_id: str, kind: MovementKind, reference: str, amount_fen: int
    ) -> DepositMovement:
        deposit, now = self.deposits.get(company_id), self.now()
        left_fen = self.watch.left_of(deposit) if amount_fen < 0 else 0
        change = moved(deposit, kind, reference, amount_fen, recorded_by=staff_id, at=now)
        if change is None or (amount_fen < 0 and left_fen + amount_fen < 0):
            raise DepositTooSmallError(available_fen=max(0, min(left_fen, deposit.balance_fen)))
        lines = Line(Account.BANK, amount_fen), Line(Account.COMPANY_DEPOSIT, -amount_fen)
        entry = entry_at(f"DEPOSIT-{change.movement.number}", ENTRIES[kind], company_id, lines, now)
        try:
            self.deposits.move(change, entry)
        except ConcurrentChangeError:
            stands = self.deposits.find(company_id, kind, reference)
            if stands is None:
                raise
            return stands
        return change.movement
