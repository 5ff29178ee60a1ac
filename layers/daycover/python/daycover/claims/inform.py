"""Tell the insured how the claim stands (小程序订阅消息), after every step that concerns them.

Beside the claim, never in its way: the line of the history is the outbox, and a message that nobody takes changes
nothing about the claim. One that was taken delivers the notice (通知书) that the line made, if it made one. A message
holds no amount, no name and nothing about health.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from daycover.claims.attention import PAYEE_MISSING
from daycover.claims.claim import Claim, Claims, HistoryEntry
from daycover.claims.deliver import DeliverNotice
from daycover.claims.lifecycle import REFUSING_DECISIONS, ClaimEvent
from daycover.errors import DaycoverError
from daycover.identity.worker import Workers


class NoticeUnavailableError(DaycoverError):
    """WeChat gave no usable answer to a notice; it may be sent again."""


class Delivery(StrEnum):
    """What became of a notice; none of them is retried."""

    SENT = "SENT"
    NOT_WANTED = "NOT_WANTED"  # 用户未订阅或次数已用完
    UNDELIVERABLE = "UNDELIVERABLE"


@dataclass(frozen=True, slots=True)
class ProgressNotice:
    """`phrase`: the state in at most 5 Chinese characters; `note`: what it means, in at most 20."""

    openid: str = field(repr=False)
    claim_no: str
    phrase: str
    note: str
    at: datetime


class ProgressNotices(Protocol):
    def send(self, notice: ProgressNotice) -> Delivery:
        """Send one notice. Raises NoticeUnavailableError."""
        ...


class Deliveries(Protocol):
    """What became of the notice of each history line."""

    def find(self, claim_no: str, version: int) -> Delivery | None: ...

    def add(self, claim_no: str, version: int, delivery: Delivery, at: datetime) -> None:
        """Keep it, once; the first stands."""
        ...


_E = ClaimEvent
PROGRESS: Mapping[ClaimEvent, tuple[str, str]] = MappingProxyType(
    {
        _E.CHECKLIST_SENT: ("已立案", "请按清单一次性提交所需材料"),
        _E.DOCUMENTS_COMPLETED: ("审核中", "材料已齐全,已开始审核"),
        _E.SUPPLEMENT_REQUESTED: ("待补材料", "请补充小程序中列出的材料"),
        _E.SUPPLEMENT_COMPLETED: ("审核中", "补充材料已收到,继续审核"),
        _E.AUTO_APPROVED: ("待您确认", "核定结果已出,请确认赔付金额"),
        _E.ACKNOWLEDGED: ("待您确认", "核定结果已出,请确认赔付金额"),
        _E.REFUSAL_NOTICE_ISSUED: ("已出结果", "核定结果通知书已发出,请查看"),
        _E.PAYOUT_RESERVED: ("支付中", "赔款支付中,请打开查看是否需确认"),
        _E.PAYOUT_FAILED: ("支付未成", "支付未成功,我们将重新支付"),
        _E.PAID: ("已到账", "赔款已支付,请查收"),
        _E.PAYOUT_BOUNCED: ("已退票", "赔款被银行退回,请核对收款账户"),
        _E.CLOSED: ("已结案", "赔案已结案,如有异议请联系我们"),
        _E.REOPENED: ("重新开案", "赔案已重新开案,继续审核"),
        _E.WITHDRAWN: ("已撤案", "赔案已按您的申请撤回"),
        _E.IDENTITY_REQUESTED: ("待刷脸", "赔款较大,请刷脸确认收款人是您本人"),
        _E.ADVANCE_RESERVED: ("先予支付", "先予支付中,请打开查看是否需确认"),
        _E.ADVANCE_FAILED: ("支付未成", "先予支付未成功,我们将处理"),
        _E.ADVANCE_PAID: ("先予到账", "先予支付的赔款已到账,审核继续"),
        _E.ADVANCE_BOUNCED: ("已退票", "先予支付被退回,请核对收款账户"),
        _E.ADVANCE_SUFFICED: ("已付清", "先予支付已付清核定金额,无需再付"),
        _E.REMINDED: ("请您处理", "有一项等待您处理,请打开查看"),
    }
)
ACCOUNT_WANTED = ("待填账户", "请填写本人银行账户以便支付")
"""For a payout above the wallet limit without an account (`PAYEE_MISSING`)."""


def news_of(entry: HistoryEntry) -> tuple[str, str] | None:
    """Give phrase and note of a history line; None where it tells the insured nothing yet.

    A refusal is told with its written notice, not when it is acknowledged.
    """
    if entry.is_of_beneficiary:
        return None
    if entry.event in {_E.PAYOUT_UNRESOLVED, _E.ADVANCE_UNRESOLVED}:
        return ACCOUNT_WANTED if entry.reason_code == PAYEE_MISSING else None
    if entry.event is _E.ACKNOWLEDGED and entry.decision in REFUSING_DECISIONS:
        return None
    return PROGRESS.get(entry.event)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformWorker:
    claims: Claims
    insureds: Workers
    notices: Callable[[], ProgressNotices]
    """Built on first use: most lines of a history are no news."""
    deliveries: Deliveries
    deliver: DeliverNotice
    now: Callable[[], datetime]
    is_on: bool = True
    """Whether there is a template to send by."""

    def follow(self, image: Mapping[str, Any]) -> Delivery | None:
        """Tell of the line as the stream shows it, where notices are sent at all. Raises as the call."""
        return self(HistoryEntry.model_validate(image)) if self.is_on else None

    def __call__(self, entry: HistoryEntry) -> Delivery | None:
        """Send the notice of one history line; a line that was told before is told no more.

        None where it is no news. Raises NoticeUnavailableError.
        """
        news = news_of(entry)
        if news is None:
            return None
        known = self.deliveries.find(entry.claim_no, entry.version)
        claim = self.claims.get(entry.claim_no)
        if known is not None:
            return self._delivered(claim, entry.version, known)
        phrase, note = news
        notice = ProgressNotice(
            openid=self.insureds.get(claim.policy.worker_id).openid,
            claim_no=entry.claim_no,
            phrase=phrase,
            note=note,
            at=entry.at,
        )
        delivery = self.notices().send(notice)
        self.deliveries.add(entry.claim_no, entry.version, delivery, self.now())
        return self._delivered(claim, entry.version, delivery)

    def _delivered(self, claim: Claim, version: int, delivery: Delivery) -> Delivery:
        """Note what a taken message delivers; a repetition notes what a crash kept from being noted."""
        if delivery is Delivery.SENT:
            self.deliver.by_message(claim, version)
        return delivery
