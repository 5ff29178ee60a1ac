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

from daycover.china_time import CHINA, china_day
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine

CUT_OFF = timedelta(minutes=15)
"""A day's statement carries what was posted until 00:15 +08:00 of the next day. It is drawn up at 00:30, so no
write that began before the cut-off can still be under way: the close reads a set that no longer changes."""


class Account(StrEnum):
    COMPANY_RECEIVABLE = "company_receivable"  # 应收劳务公司保费
    PREMIUM_PAYABLE = "premium_payable"  # 应付保险公司保费
    DISTRIBUTOR_COMMISSION = "distributor_commission"  # 渠道佣金
    CLAIMS_RESERVE = "claims_reserve"  # 赔款准备
    CLAIMS_PAID = "claims_paid"  # 已付赔款
    PAYOUT_IN_FLIGHT = "payout_in_flight"  # 在途赔款
    BANK = "bank"  # 银行存款(公司付款, 付大额赔款)
    WECHAT_WALLET = "wechat_wallet"  # 微信商户账户(付赔款)


class Kind(StrEnum):
    """What an entry records. An entry's id is its source and its kind; each source has each kind once."""

    POLICY_ISSUED = "POLICY_ISSUED"
    POLICY_CANCELLED = "POLICY_CANCELLED"
    POLICY_TERMINATED = "POLICY_TERMINATED"
    POLICY_VOIDED = "POLICY_VOIDED"
    PAYOUT_RESERVED = "PAYOUT_RESERVED"
    PAYOUT_SUCCEEDED = "PAYOUT_SUCCEEDED"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    PAYOUT_BOUNCED = "PAYOUT_BOUNCED"
    STATEMENT_PAID = "STATEMENT_PAID"


class Line(NamedTuple):
    account: Account
    fen: int


class Entry(BaseModel, frozen=True, defer_build=True):
    """One event, balanced. `day` is its +08:00 day, `statement_day` the day whose statement carries it: a later
    one when it was posted after its own day's cut-off. `cover` is what the statement says of the policy."""

    source_id: str
    kind: Kind
    company_id: str
    project_id: str
    day: date
    statement_day: date
    lines: tuple[Line, ...]
    cover: CoverLine | None = None

    @model_validator(mode="after")
    def _balances(self) -> "Entry":
        if sum(line.fen for line in self.lines):
            raise ValueError(f"{self.entry_id} does not balance")
        return self

    @property
    def entry_id(self) -> str:
        return f"{self.source_id}#{self.kind}"

    @property
    def is_late(self) -> bool:
        """Whether its own day's statement had been drawn up without it."""
        return self.statement_day != self.day

    @property
    def receivable_fen(self) -> int:
        """What the company owes more by it."""
        return sum(line.fen for line in self.lines if line.account is Account.COMPANY_RECEIVABLE)


class PayoutFacts(NamedTuple):
    """A payout as the journal sees it; `state` is one of CREATED, SUCCEEDED, FAILED, BOUNCED or under way.

    `source` is the account that its channel pays from; an attempt never changes its channel.
    """

    payout_id: str
    company_id: str
    project_id: str
    amount_fen: int
    state: str
    reserved_at: datetime
    ended_at: datetime | None
    source: Account = Account.WECHAT_WALLET


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
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), CHINA)
    return midnight + 2 * CUT_OFF


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


def entries_of_payout(payout: PayoutFacts, now: datetime) -> list[Entry]:
    """Everything a payout has caused so far. Failed and bounced ones turn back what went before."""
    amount = payout.amount_fen
    reserved = (Line(Account.CLAIMS_RESERVE, amount), Line(Account.PAYOUT_IN_FLIGHT, -amount))
    paid = (
        Line(Account.PAYOUT_IN_FLIGHT, amount),
        Line(payout.source, -amount),
        Line(Account.CLAIMS_PAID, amount),
        Line(Account.CLAIMS_RESERVE, -amount),
    )
    found: list[tuple[Kind, datetime, tuple[Line, ...]]] = [
        (Kind.PAYOUT_RESERVED, payout.reserved_at, reserved)
    ]
    ended_at = payout.ended_at or payout.reserved_at
    if payout.state in {"SUCCEEDED", "BOUNCED"}:
        found.append((Kind.PAYOUT_SUCCEEDED, ended_at, paid))
    if payout.state == "FAILED":
        found.append((Kind.PAYOUT_FAILED, ended_at, reversed_lines(reserved)))
    if payout.state == "BOUNCED":
        found.append((Kind.PAYOUT_BOUNCED, ended_at, reversed_lines((*reserved, *paid))))
    return [
        Entry(
            source_id=payout.payout_id,
            kind=kind,
            company_id=payout.company_id,
            project_id=payout.project_id,
            day=china_day(at),
            statement_day=statement_day(china_day(at), now),
            lines=lines,
        )
        for kind, at, lines in found
    ]


def entry_of_payment(company_id: str, day: date, amount_fen: int, now: datetime) -> Entry:
    """The company has paid the statement of a day."""
    today = china_day(now)
    return Entry(
        source_id=f"STATEMENT-{day:%Y%m%d}",
        kind=Kind.STATEMENT_PAID,
        company_id=company_id,
        project_id="-",
        day=today,
        statement_day=statement_day(today, now),
        lines=(Line(Account.BANK, amount_fen), Line(Account.COMPANY_RECEIVABLE, -amount_fen)),
    )


def reversed_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(Line(line.account, -line.fen) for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepBooks:
    """Post what follows from a policy or a payout. Repeating posts nothing."""

    journal: Journal
    now: Callable[[], datetime]
    commission_bps: Callable[[str, date], int]
    """Of a company on a day: what a policy earned under one contract is settled under that one."""

    def cover(self, line: CoverLine) -> list[Entry]:
        """Give the entries that are new."""
        commission_bps = self.commission_bps(line.company_id, line.day)
        return self._post(entries_of_cover(line, self.now(), commission_bps))

    def payout(self, payout: PayoutFacts) -> list[Entry]:
        """Give the entries that are new."""
        return self._post(entries_of_payout(payout, self.now()))

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
