"""Settlement with the insurer (保险公司结算), day by day: premium that goes to it, claims money that comes from it.

What is due for a day follows from the statements of all companies for that day, and only from them: premium that was
collected on it, less commission (保费解付), and what claims took from each account on it (赔款拨付). It can be settled
in parts; every transfer is recorded once, under its bank's reference, in one transaction with its entry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.books.journal import Account, Entry, Kind, Line, entry_at, is_closed
from daycover.books.sheets import Column, ColumnKind, SheetKind, sheet_of
from daycover.books.statement import Statement, Statements
from daycover.claims.conflict import repeated_on_conflict
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.company import Companies

INSURER_BOOK = "(insurer)"
"""In the place of a company's id: the journal of what passes between us and the insurer, for no company alone."""
MOST_TRANSFERS = 200
"""Of one position of a day; they stand in one item."""


class Position(StrEnum):
    """What is settled apart, since it goes by another account or another way."""

    PREMIUM = "PREMIUM"
    """We remit what was collected, after commission."""
    CLAIMS_BY_WALLET = "CLAIMS_BY_WALLET"
    """The insurer makes good what the WeChat merchant account paid."""
    CLAIMS_BY_BANK = "CLAIMS_BY_BANK"
    """The insurer makes good what the bank account paid."""


ACCOUNTS = {Position.CLAIMS_BY_WALLET: Account.WECHAT_WALLET, Position.CLAIMS_BY_BANK: Account.BANK}


class SettlementStatus(StrEnum):
    """Derived, never stored. OPEN: the day is not closed for every company."""

    OPEN = "OPEN"
    DUE = "DUE"
    SETTLED = "SETTLED"


class SettlementOpenError(DaycoverError):
    """The day has not been closed for every company, so what is due may still change.

    What to do: Record the transfer after every statement of the day is issued.
    含义:该日还有公司没有出账,结算金额仍可能变动。
    处理:待该日全部账单出具后再登记。
    """

    kind = ErrorKind.CONFLICT
    title = "该日尚未全部结账", "The day is not closed yet"
    detail = (
        "该日全部账单出具后(次日 00:30 起)才能登记;目前缺 {missing} 家公司的账单。",
        "Record it once every statement of the day is issued (00:30 of the next); {missing} are missing now.",
    )


class SettlementAmountError(DaycoverError):
    """The amount is more than is left to settle, or goes the other way.

    What to do: Compare with the bank's record; `open_fen` is left.
    含义:登记的金额超过未结金额,或方向相反。
    处理:核对银行流水;未结金额为 `open_fen`。
    """

    kind = ErrorKind.INVALID
    title = "金额与未结金额不符", "The amount does not fit what is left to settle"
    detail = "未结金额为 {open_fen} 分。", "{open_fen} fen are left to settle."


class TransferRecordedError(DaycoverError):
    """Another amount stands under this reference.

    What to do: Compare with `amount_fen`, and check the bank's reference.
    含义:该凭证号已登记,金额不同。
    处理:与 `amount_fen` 核对,并核对银行凭证号。
    """

    kind = ErrorKind.CONFLICT
    title = "该凭证号已登记", "The reference is recorded already"
    detail = "已登记 {amount_fen} 分。", "{amount_fen} fen are recorded under it."


class SettlementTransfer(BaseModel, frozen=True, defer_build=True):
    """Money that passed between us and the insurer, as finance staff recorded it. It has the sign of what was due."""

    reference: str
    amount_fen: int
    recorded_by: str
    at: datetime


class PositionTransfers(BaseModel, frozen=True, defer_build=True):
    """What was transferred for one position of a day so far. Transfers are only ever added: their number is its
    version, 0 for nothing."""

    day: date
    position: Position
    transfers: tuple[SettlementTransfer, ...] = ()

    @property
    def version(self) -> int:
        return len(self.transfers)

    @property
    def fen(self) -> int:
        return sum(transfer.amount_fen for transfer in self.transfers)

    def find(self, reference: str) -> SettlementTransfer | None:
        return next((one for one in self.transfers if one.reference == reference), None)

    def with_transfer(self, transfer: SettlementTransfer) -> "PositionTransfers":
        return self.model_copy(update={"transfers": (*self.transfers, transfer)})


class CompanyShare(BaseModel, frozen=True, defer_build=True):
    """What of a position comes from one company's statement. `collected_fen` and `commission_fen` are 0 for claims."""

    company_id: str
    company_name: str
    collected_fen: int
    commission_fen: int
    due_fen: int


class Settlement(BaseModel, frozen=True, defer_build=True):
    """The statement of one position of a day. A negative amount goes the other way: more was refunded than collected,
    or more came back than was paid."""

    day: date
    position: Position
    status: SettlementStatus
    due_fen: int
    settled_fen: int
    shares: tuple[CompanyShare, ...]
    transfers: tuple[SettlementTransfer, ...]

    @property
    def open_fen(self) -> int:
        return self.due_fen - self.settled_fen


class DaySettlements(NamedTuple):
    """`missing` are companies without a statement of the day."""

    missing: tuple[str, ...]
    settlements: tuple[Settlement, ...]


class Settlements(Protocol):
    """What was transferred for each position of each day."""

    def get(self, day: date, position: Position) -> PositionTransfers:
        """Read strongly consistent."""
        ...

    def record(self, settled: PositionTransfers, entry: Entry) -> None:
        """Write what follows on the version before, with the entry of its last transfer, all or nothing.

        Raises ConcurrentChangeError.
        """
        ...


def share_of(statement: Statement, position: Position) -> CompanyShare:
    """Give what a company's statement brings to a position."""
    account = ACCOUNTS.get(position)
    company = {"company_id": statement.company_id, "company_name": statement.company_name}
    if account is not None:
        due_fen = sum(total.fen for total in statement.funds_paid if total.account is account)
        return CompanyShare(**company, collected_fen=0, commission_fen=0, due_fen=due_fen)
    return CompanyShare(
        **company,
        collected_fen=statement.collected_fen,
        commission_fen=statement.collected_fen - statement.remittable_fen,
        due_fen=statement.remittable_fen,
    )


POSITIONS = {
    Position.PREMIUM: "保费解付",
    Position.CLAIMS_BY_WALLET: "赔款拨付 · 微信商户账户",
    Position.CLAIMS_BY_BANK: "赔款拨付 · 银行账户",
}


def settlement_columns(day: date, position: Position) -> tuple[Column[CompanyShare], ...]:
    """Give the columns of a position's sheet: claims have no commission."""
    company: tuple[Column[CompanyShare], ...] = (
        Column("公司", ColumnKind.TEXT, 32, lambda share: share.company_name or share.company_id),
        Column("公司编号", ColumnKind.TEXT, 30, lambda share: share.company_id),
        Column("结算日", ColumnKind.DAY, 12, lambda _: day),
        Column("款项", ColumnKind.TEXT, 26, lambda _: POSITIONS[position]),
    )
    if position is not Position.PREMIUM:
        return *company, Column("支付赔款（元）", ColumnKind.YUAN, 18, lambda share: share.due_fen)
    return (
        *company,
        Column("收到保费（元）", ColumnKind.YUAN, 18, lambda share: share.collected_fen),
        Column("佣金（元）", ColumnKind.YUAN, 16, lambda share: share.commission_fen),
        Column("应解付（元）", ColumnKind.YUAN, 18, lambda share: share.due_fen),
    )


def draw_up_settlement(
    statements: Iterable[Statement], settled: PositionTransfers, *, closed: bool
) -> Settlement:
    """Sum the statements of a day for one position; companies that bring nothing are left out."""
    shares = tuple(
        share
        for share in (share_of(statement, settled.position) for statement in statements)
        if share.due_fen or share.collected_fen
    )
    due_fen = sum(share.due_fen for share in shares)
    status = SettlementStatus.SETTLED if due_fen == settled.fen else SettlementStatus.DUE
    return Settlement(
        day=settled.day,
        position=settled.position,
        status=status if closed else SettlementStatus.OPEN,
        due_fen=due_fen,
        settled_fen=settled.fen,
        shares=shares,
        transfers=settled.transfers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Read what is due between us and the insurer for a day, and record what was transferred."""

    now: Callable[[], datetime]
    statements: Statements
    companies: Companies
    settlements: Settlements

    def read(self, day: date) -> DaySettlements:
        """Memory grows with the companies that moved money on the day, a line each."""
        statements, missing, closed = self._closed(day)
        settled = (self.settlements.get(day, position) for position in Position)
        return DaySettlements(
            missing, tuple(draw_up_settlement(statements, one, closed=closed) for one in settled)
        )

    @repeated_on_conflict
    def record(
        self, staff_id: str, day: date, position: Position, amount_fen: int, reference: str
    ) -> Settlement:
        """Record a transfer once; the same reference again changes nothing. A position may be settled in parts.

        Raises SettlementOpenError, SettlementAmountError, TransferRecordedError, ConcurrentChangeError.
        """
        statements, missing, closed = self._closed(day)
        settled = self.settlements.get(day, position)
        settlement = draw_up_settlement(statements, settled, closed=closed)
        stands = settled.find(reference)
        if stands is not None:
            if stands.amount_fen != amount_fen:
                raise TransferRecordedError(amount_fen=stands.amount_fen)
            return settlement
        if not closed:
            raise SettlementOpenError(missing=len(missing))
        open_fen = settlement.open_fen
        fits = (amount_fen > 0) is (open_fen > 0) and 0 < abs(amount_fen) <= abs(open_fen)
        if not fits or len(settled.transfers) >= MOST_TRANSFERS:
            raise SettlementAmountError(open_fen=open_fen)
        now = self.now()
        transfer = SettlementTransfer(
            reference=reference, amount_fen=amount_fen, recorded_by=staff_id, at=now
        )
        after = settled.with_transfer(transfer)
        self.settlements.record(after, _entry(after, amount_fen, now))
        return draw_up_settlement(statements, after, closed=closed)

    def sheet(self, day: date, position: Position, kind: SheetKind) -> bytes:
        """Write a position's statement for people: a line for each company."""
        settlement = next(one for one in self.read(day).settlements if one.position is position)
        return sheet_of(
            settlement.shares, settlement_columns(day, position), f"{POSITIONS[position]} {day}", kind
        )

    def _closed(self, day: date) -> tuple[list[Statement], tuple[str, ...], bool]:
        """The day's statements, the companies that have none, and whether nothing can change any more."""
        statements = list(self.statements.of_day(day))
        missing = self._missing(day, {statement.company_id for statement in statements})
        return statements, missing, not missing and is_closed(day, self.now())

    def _missing(self, day: date, found: set[str]) -> tuple[str, ...]:
        """Companies that had a contract on the day, and have no statement of it."""
        missing: list[str] = []
        token: str | None = None
        while True:
            company_ids, token = self.companies.list_page(token, 1000)
            for company_id in company_ids:
                if company_id not in found and _had_contract(self.companies, company_id, day):
                    missing.append(company_id)
            if token is None:
                return tuple(missing)


def _had_contract(companies: Companies, company_id: str, day: date) -> bool:
    return companies.get(company_id).contract_on(day) is not None


def _entry(settled: PositionTransfers, amount_fen: int, now: datetime) -> Entry:
    source_id = f"{settled.position}-{settled.day:%Y%m%d}-{settled.version}"
    account = ACCOUNTS.get(settled.position)
    if account is None:
        lines = Line(Account.REMITTANCE_DUE, amount_fen), Line(Account.BANK, -amount_fen)
        return entry_at(source_id, Kind.PREMIUM_REMITTED, INSURER_BOOK, lines, now)
    lines = Line(account, amount_fen), Line(Account.CLAIMS_FUNDING, -amount_fen)
    return entry_at(source_id, Kind.CLAIMS_FUNDED, INSURER_BOOK, lines, now)
