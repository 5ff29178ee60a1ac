"""A break (差异项): one difference between two of our books, or between ours and somebody else's.

A break is found by a machine and resolved by a person. It keeps its id however often it is found, and it
does not close by itself when the difference is gone: nothing is silently corrected.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from daycover import crockford
from daycover.errors import DaycoverError, ErrorKind


class BreakNotFoundError(DaycoverError):
    """There is no such break of the reconciliation.

    What to do: Check its id.
    含义:没有这个对账差异项。
    处理:核对编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该差异项", "No such break"


class BreakResolvedError(DaycoverError):
    """Somebody resolved the break in another way.

    What to do: Read it again.
    含义:差异项已由他人以其他方式处理。
    处理:重新读取。
    """

    kind = ErrorKind.CONFLICT
    title = "该差异项已处理", "The break is resolved"
    detail = (
        "该差异项已由他人以其他方式处理,请重新读取。",
        "Somebody resolved it in another way. Read it again.",
    )


class BreakOwner(StrEnum):
    """Who has to look into it."""

    FINANCE = "FINANCE"  # 财务
    REPORTING = "REPORTING"  # 保险公司对接
    CLAIMS = "CLAIMS"  # 理赔


class BreakKind(StrEnum):
    JOURNAL_MISSING = "JOURNAL_MISSING"  # 保单无记账
    JOURNAL_AMOUNT = "JOURNAL_AMOUNT"  # 记账金额不符
    JOURNAL_ORPHAN = "JOURNAL_ORPHAN"  # 记账无保单
    STATEMENT_MISSING = "STATEMENT_MISSING"  # 无账单
    STATEMENT_TOTAL = "STATEMENT_TOTAL"  # 账单合计不符
    STATEMENT_LINE_MISSING = "STATEMENT_LINE_MISSING"  # 账单缺行
    STATEMENT_LINE_AMOUNT = "STATEMENT_LINE_AMOUNT"  # 账单行金额不符
    STATEMENT_LINE_ORPHAN = "STATEMENT_LINE_ORPHAN"  # 账单行无保单
    REPORT_MISSING = "REPORT_MISSING"  # 保单未上报
    REPORT_DOUBLED = "REPORT_DOUBLED"  # 重复上报
    REPORT_AMOUNT = "REPORT_AMOUNT"  # 上报金额不符
    REPORT_ORPHAN = "REPORT_ORPHAN"  # 上报无保单
    REPORT_REJECTED = "REPORT_REJECTED"  # 被保险公司拒收
    ACKNOWLEDGEMENT_MISSING = "ACKNOWLEDGEMENT_MISSING"  # 保险公司未确认
    FILE_MISSING = "FILE_MISSING"  # 日报文件未送达
    FILE_REFUSED = "FILE_REFUSED"  # 日报文件被拒
    PAYOUT_WITHOUT_CLAIM = "PAYOUT_WITHOUT_CLAIM"  # 有付款无赔案
    CLAIM_PAID_WITHOUT_PAYOUT = "CLAIM_PAID_WITHOUT_PAYOUT"  # 赔案已付无付款
    PAYOUT_AMOUNT = "PAYOUT_AMOUNT"  # 付款与赔案金额不符
    TRANSFER_MISSING = "TRANSFER_MISSING"  # 转账文件无此付款
    TRANSFER_AMOUNT = "TRANSFER_AMOUNT"  # 转账文件金额不符
    ADVANCE_EXCEEDS_DECISION = "ADVANCE_EXCEEDS_DECISION"  # 先予支付超过核定金额
    TRANSFER_ORPHAN = "TRANSFER_ORPHAN"  # 转账文件有流水无付款
    TRANSFER_UNPOSTED = "TRANSFER_UNPOSTED"  # 转账文件有流水未入账
    TRANSFER_UNREADABLE = "TRANSFER_UNREADABLE"  # 转账文件有一行读不出


def owner_of(kind: BreakKind) -> BreakOwner:
    """Money is finance's, what the insurer lacks reporting's, a paid claim the claims desk's."""
    if kind.startswith(("REPORT_", "ACKNOWLEDGEMENT_", "FILE_")):
        return BreakOwner.REPORTING
    if kind is BreakKind.CLAIM_PAID_WITHOUT_PAYOUT:
        return BreakOwner.CLAIMS
    return BreakOwner.FINANCE


class Difference(BaseModel, frozen=True, defer_build=True):
    """What a comparison found about one subject: a policy, a report row, a payout, or a company's day.

    `expected_fen` is what the policies or claims say, `found_fen` what the other book says; in fen, None
    where a book says nothing at all.
    """

    kind: BreakKind
    day: date
    subject: str
    company_id: str | None = None
    expected_fen: int | None = None
    found_fen: int | None = None
    detail: str | None = None
    """A code: the insurer's reason, or the state that was found."""

    @property
    def break_id(self) -> str:
        """`BR` + 24 characters: the same difference has one id, however often it is found."""
        text = f"{self.kind}|{self.day}|{self.subject}"
        digest = hashlib.sha256(text.encode()).digest()
        return "BR" + crockford.of_digest(digest, 24)


class BreakStatus(StrEnum):
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


class Resolution(StrEnum):
    """What a person did about it."""

    CORRECTED = "CORRECTED"  # 已更正
    REPORTED_AGAIN = "REPORTED_AGAIN"  # 已重新上报
    ACCEPTED = "ACCEPTED"  # 核实后接受
    FALSE_ALARM = "FALSE_ALARM"  # 误报


class Break(BaseModel, frozen=True, defer_build=True):
    """One break item. `reference` names the record that settles it: a reversal, a ticket, a row id."""

    break_id: str
    difference: Difference
    owner: BreakOwner
    found_at: datetime
    status: BreakStatus = BreakStatus.OPEN
    resolution: Resolution | None = None
    reference: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None

    def age(self, now: datetime) -> timedelta:
        """How long it stood open, or stands open now."""
        return (self.resolved_at or now) - self.found_at


def opened(difference: Difference, now: datetime) -> Break:
    return Break(
        break_id=difference.break_id, difference=difference, owner=owner_of(difference.kind), found_at=now
    )


class Breaks(Protocol):
    def add(self, found: Break) -> bool:
        """Store a break; False when it was found before, and then it stays as it is."""
        ...

    def get(self, break_id: str) -> Break:
        """Raises BreakNotFoundError."""
        ...

    def resolve(self, resolved: Break) -> None:
        """Store the resolution of an open break. Raises ConcurrentChangeError when it is open no longer."""
        ...

    def list_by(self, status: BreakStatus, token: str | None = None) -> tuple[Sequence[Break], str | None]:
        """One page, oldest first, and the next page's token. Raises as the store for a foreign token."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepBreaks:
    """Turns differences into break items."""

    breaks: Breaks
    now: Callable[[], datetime]

    def __call__(self, differences: Iterable[Difference]) -> tuple[int, int]:
        """Give how many differences there are, and how many of them are new."""
        found = new = 0
        for difference in differences:
            found += 1
            new += self.breaks.add(opened(difference, self.now()))
        return found, new


OVERDUE_AFTER = timedelta(days=1)
"""A break that nobody has resolved by then rings an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOverdue:
    """How many breaks have stood open for more than a day."""

    breaks: Breaks
    now: Callable[[], datetime]

    def __call__(self) -> int:
        """Reads the open ones oldest first, as far as they are overdue."""
        overdue, token = 0, None
        while True:
            page, token = self.breaks.list_by(BreakStatus.OPEN, token)
            late = [found for found in page if found.age(self.now()) >= OVERDUE_AFTER]
            overdue += len(late)
            if len(late) < len(page) or token is None:
                return overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveBreak:
    """A person says what was done about a break. Saying the same again changes nothing."""

    breaks: Breaks
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, break_id: str, resolution: Resolution, reference: str) -> Break:
        """Raises BreakNotFoundError, BreakResolvedError, ConcurrentChangeError."""
        found = self.breaks.get(break_id)
        if found.status is BreakStatus.RESOLVED:
            if (found.resolution, found.reference) == (resolution, reference):
                return found
            raise BreakResolvedError
        resolved = found.model_copy(
            update={
                "status": BreakStatus.RESOLVED,
                "resolution": resolution,
                "reference": reference,
                "resolved_by": staff_id,
                "resolved_at": self.now(),
            }
        )
        self.breaks.resolve(resolved)
        return resolved
