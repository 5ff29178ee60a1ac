"""The journal (日记账): every fen between company, insurer, distributor and insured, twice, for ever.

Entries are derived from what happened, with ids made of what happened, so a replay posts nothing. The lines of
an entry sum to zero, and a correction is an entry of its own that turns an earlier one back. Balances are never
stored: they are the fold of the entries. Debits are positive, credits negative, all in fen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, model_validator

from daycover.china_time import china_day, china_midnight
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine

CUT_OFF = timedelta(minutes=15)
"""A day's statement carries what was posted until 00:15 +08:00 of the next day. It is drawn up at 00:30, so no
write that began before the cut-off can still be under way: the close reads a set that no longer changes."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much the clock of the function that closes a day may be behind the schedule's, whose start it is."""


class Account(StrEnum):
    COMPANY_RECEIVABLE = "company_receivable"  # 应收劳务公司保费
    COMPANY_DEPOSIT = "company_deposit"  # 劳务公司预存保费
    PREMIUM_PAYABLE = "premium_payable"  # 应付保险公司保费, 尚未收到
    REMITTANCE_DUE = "remittance_due"  # 应解付保费, 已收到
    DISTRIBUTOR_COMMISSION = "distributor_commission"  # 渠道佣金
    CASE_RESERVE = "case_reserve"  # 未决赔款准备金
    RESERVE_CHANGE = "reserve_change"  # 提取未决赔款准备金
    CLAIMS_PAID = "claims_paid"  # 赔付支出
    PAYOUT_IN_FLIGHT = "payout_in_flight"  # 在途赔款
    BANK = "bank"  # 银行存款(收保费, 付大额赔款)
    WECHAT_WALLET = "wechat_wallet"  # 微信商户账户(付赔款)
    CLAIMS_FUNDING = "claims_funding"  # 保险公司拨付的赔款资金


class Kind(StrEnum):
    """What an entry records. An entry's id is its source, its kind, and its version where it may happen again."""

    POLICY_ISSUED = "POLICY_ISSUED"
    POLICY_CANCELLED = "POLICY_CANCELLED"
    POLICY_TERMINATED = "POLICY_TERMINATED"
    POLICY_VOIDED = "POLICY_VOIDED"
    PAYOUT_RESERVED = "PAYOUT_RESERVED"
    PAYOUT_SUCCEEDED = "PAYOUT_SUCCEEDED"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    PAYOUT_BOUNCED = "PAYOUT_BOUNCED"
    RESERVE_CHANGED = "RESERVE_CHANGED"
    STATEMENT_PAID = "STATEMENT_PAID"
    DEPOSIT_PAID_IN = "DEPOSIT_PAID_IN"
    DEPOSIT_REFUNDED = "DEPOSIT_REFUNDED"
    PREMIUM_REMITTED = "PREMIUM_REMITTED"
    CLAIMS_FUNDED = "CLAIMS_FUNDED"


class Line(NamedTuple):
    account: Account
    fen: int


class Risk(BaseModel, frozen=True, defer_build=True):
    """What was insured, as figures of claims are told apart."""

    occupation_class: int
    plan_id: str


class Entry(BaseModel, frozen=True, defer_build=True):
    """One event, balanced. `day` is its +08:00 day, `statement_day` the day whose statement carries it: a later
    one when it was posted after its own day's cut-off. `cover` is what the statement says of the policy, `risk`
    what a claim's money is counted under. `version` is the source's, for what happens to it more than once."""

    source_id: str
    kind: Kind
    version: int = 0
    company_id: str
    project_id: str
    day: date
    statement_day: date
    lines: tuple[Line, ...]
    cover: CoverLine | None = None
    risk: Risk | None = None

    @model_validator(mode="after")
    def _balances(self) -> "Entry":
        if sum(line.fen for line in self.lines):
            raise ValueError(f"{self.entry_id} does not balance")
        return self

    @property
    def entry_id(self) -> str:
        again = f"#{self.version}" if self.version else ""
        return f"{self.source_id}#{self.kind}{again}"

    @property
    def is_late(self) -> bool:
        """Whether its own day's statement had been drawn up without it."""
        return self.statement_day != self.day

    @property
    def receivable_fen(self) -> int:
        """What the company owes more by it."""
        return self.fen_on(Account.COMPANY_RECEIVABLE)

    def fen_on(self, account: Account) -> int:
        """What it moves on an account."""
        return sum(line.fen for line in self.lines if line.account is account)


class Ledger(Protocol):
    """What is read of the journal."""

    def of_statement(self, company_id: str, day: date) -> Iterable[Entry]:
        """The entries that a day's statement carries, by project and source; memory stays flat."""
        ...

    def of_day(self, company_id: str, day: date) -> Iterable[Entry]:
        """The entries of what happened on a day, whichever statement carries them, in the same order."""
        ...


class Journal(Ledger, Protocol):
    def some_of(self, company_id: str, day: date, limit: int) -> list[Entry]:
        """At most so many entries of what happened on a day, in no order."""
        ...

    def post(self, entry: Entry) -> bool:
        """Append an entry; False when it stands already. Raises StoreUnavailableError."""
        ...


def commission_fen(premium_fen: int, commission_bps: int) -> int:
    """The distributor's part of a premium, rounded half up to the fen."""
    return (premium_fen * commission_bps + 5_000) // 10_000


def statement_day(day: date, now: datetime) -> date:
    """Give the day whose statement carries what happened on `day` and is posted at `now`."""
    return max(day, china_day(now - CUT_OFF))


def closing_time(day: date) -> datetime:
    """When the statement of a day is drawn up: 00:30 +08:00 of the next."""
    return china_midnight(day + timedelta(days=1)) + 2 * CUT_OFF


def is_closed(day: date, now: datetime) -> bool:
    """Whether a statement of the day that is drawn up at `now` carries all it will ever carry, and is owed.

    Closing is started on the minute, once: whoever asked their own clock for the whole of it would find the day open
    where that clock is a moment behind, and nobody would bill it.
    """
    return now + CLOCKS_DIFFER >= closing_time(day)


def entries_of_cover(line: CoverLine, now: datetime, commission_bps: int) -> list[Entry]:
    """Everything a policy has caused so far: its premium and, once it has ended, the premium that goes back.

    Both follow from any later state of the policy, so records may come late, twice and in any order.
    """
    kept = line.premium_fen - line.refund_fen
    commission = commission_fen(line.premium_fen, commission_bps)
    premium = _premium_lines(line.premium_fen, commission)
    as_issued = line.model_copy(update={"status": PolicyStatus.ISSUED, "refund_fen": 0, "ended_at": None})
    entries = [_cover_entry(as_issued, Kind.POLICY_ISSUED, line.day, premium, now)]
    if line.ended_at is not None:
        back = _premium_lines(-line.refund_fen, commission_fen(kept, commission_bps) - commission)
        kind = Kind(f"POLICY_{line.status}")
        entries.append(_cover_entry(line, kind, china_day(line.ended_at), back, now))
    return entries


def entry_at(
    source_id: str,
    kind: Kind,
    company_id: str,
    lines: tuple[Line, ...],
    at: datetime,
    *,
    project_id: str = "-",
    version: int = 0,
    risk: Risk | None = None,
) -> Entry:
    """Give the entry of what is written at `at` together with it: it is never late."""
    day = china_day(at)
    return Entry(
        source_id=source_id,
        kind=kind,
        version=version,
        company_id=company_id,
        project_id=project_id,
        day=day,
        statement_day=day,
        lines=lines,
        risk=risk,
    )


def reversed_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(Line(line.account, -line.fen) for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepBooks:
    """Post what follows from a policy. Repeating posts nothing."""

    journal: Journal
    now: Callable[[], datetime]
    commission_bps: Callable[[str, date], int]
    """Of a company on a day: what a policy earned under one contract is settled under that one."""

    def cover(self, line: CoverLine) -> list[Entry]:
        """Give the entries that are new."""
        commission_bps = self.commission_bps(line.company_id, line.day)
        return self._post(entries_of_cover(line, self.now(), commission_bps))

    def _post(self, entries: list[Entry]) -> list[Entry]:
        return [entry for entry in entries if self.journal.post(entry)]


def _premium_lines(premium_fen: int, commission: int) -> tuple[Line, ...]:
    return (
        Line(Account.COMPANY_RECEIVABLE, premium_fen),
        Line(Account.PREMIUM_PAYABLE, commission - premium_fen),
        Line(Account.DISTRIBUTOR_COMMISSION, -commission),
    )


def _cover_entry(line: CoverLine, kind: Kind, day: date, lines: tuple[Line, ...], now: datetime) -> Entry:
    return Entry(
        source_id=line.policy_no,
        kind=kind,
        company_id=line.company_id,
        project_id=line.project_id,
        day=day,
        statement_day=statement_day(day, now),
        lines=lines,
        cover=line,
    )
