"""Referral (人工核验): when the machine cannot say who somebody is, or may not insure the work, two people can.

The worker asks, the operator confirms name and document on site, a member of staff decides; approval issues
through the same chain as every policy, from that moment on. Unanswered for 30 minutes it is declined.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.cover.application import Application, ApplicationDocument
from daycover.cover.policy import Proof
from daycover.cover.underwriting import MAXIMUM_AGE, OLDEST_AT_THE_EDGE
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.document import IdDocumentType

ANSWER_WITHIN = timedelta(minutes=30)

TIMED_OUT = "TIMED_OUT"


LISTED = 50


class ReferralNotFoundError(DaycoverError):
    """The id does not exist or belongs to another project.

    What to do: Choose from the list again.
    含义:编号不存在,或属于其他项目。
    处理:从列表中重新选择。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该人工核验申请", "No such referral"


class ReferralClosedError(DaycoverError):
    """It is not confirmed on site yet, decided, past its 30 minutes, or the account is another person's
    (see `referral_status`).

    What to do: Ask anew where needed.
    含义:申请尚未由现场确认、已有结论、已超过 30 分钟,或微信账号属于他人(见 `referral_status`)。
    处理:需要时重新申请。
    """

    kind = ErrorKind.CONFLICT
    title = "该人工核验申请不在此步骤", "The referral does not wait for this step"
    detail = (
        "申请状态为 {referral_status}。30 分钟内未完成的申请自动失效,可以重新申请。",
        "The referral is {referral_status}. One that is not answered within 30 minutes ends; it can be "
        "asked anew.",
    )


class AlreadyCoveredError(DaycoverError):
    """A policy on this project is in force.

    What to do: Nothing.
    含义:该项目的保单正在有效期内。
    处理:无需操作。
    """

    kind = ErrorKind.CONFLICT
    title = "您在该项目已有保障", "You are covered on this project"
    detail = "现有保单继续有效,无需人工核验。", "The policy in force goes on; there is nothing to refer."


class ReferralNotNeededError(DaycoverError):
    """It was asked for with `OCCUPATION_CLASS`, but the project's occupation is not referred.

    What to do: Check in; where that fails, ask with that reason.
    含义:以 `OCCUPATION_CLASS` 申请,但项目的工种可以直接投保。
    处理:扫码打卡;打卡不成时,按遇到的原因申请。
    """

    kind = ErrorKind.CONFLICT
    title = "该工种无需人工核保", "This occupation needs no underwriter"
    detail = (
        "职业类别 {occupation_class} 可以直接打卡投保;如打卡不成,请按遇到的原因申请人工核验。",
        "Class {occupation_class} is insured by checking in; where that fails, ask for a referral with that "
        "reason.",
    )


class ReferralDocumentNotFoundError(DaycoverError):
    """The referral has no such document, or it has not arrived.

    What to do: Use the `document_id` of the referral.
    含义:该申请没有这份材料,或文件还没有收到。
    处理:使用申请中列出的 `document_id`。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该材料", "No such document"


class ReferralDocumentsFullError(DaycoverError):
    """The referral has as many documents as it may have.

    What to do: Ask the insurer's staff whether one is missing at all.
    含义:该申请的材料数量已达上限。
    处理:向保险公司人员确认是否还缺材料。
    """

    kind = ErrorKind.CONFLICT
    title = "材料数量已达上限", "There are as many documents as there may be"
    detail = "每次申请最多上传 {most} 份材料。", "A referral takes at most {most} documents."


MOST_DOCUMENTS = 8


class ReferralReason(StrEnum):
    PRE_ORDERS_USED_UP = "PRE_ORDERS_USED_UP"
    FACE_FAILED = "FACE_FAILED"
    NAME_MISMATCH = "NAME_MISMATCH"
    DOCUMENT_TYPE = "DOCUMENT_TYPE"
    AGE_EDGE = "AGE_EDGE"
    FACE_DECLINED = "FACE_DECLINED"
    """The person declines face recognition: nobody may be made to show their face where another way serves
    (人脸识别技术应用安全管理办法, in force 2025-06-01)."""
    OCCUPATION_CLASS = "OCCUPATION_CLASS"
    """Only where the project's occupation is referred."""


def maximum_age(reason: ReferralReason) -> int:
    """Give the full years up to which people may decide; below 16 nobody may."""
    return OLDEST_AT_THE_EDGE if reason is ReferralReason.AGE_EDGE else MAXIMUM_AGE


class ReferralStatus(StrEnum):
    """Derived from what people did and from the clock, never stored.

    APPROVED always has its policy. ISSUING is approved without one: issuing was cut off, and whoever repeats
    the decision goes on.
    """

    ASKED = "ASKED"
    CONFIRMED = "CONFIRMED"
    ISSUING = "ISSUING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


class Document(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What the worker says that they show on site; the number may say another kind."""

    type: IdDocumentType
    name: str = Field(repr=False)
    number: str = Field(repr=False)
    birth_date: date | None = Field(default=None, repr=False)


class ReferralStep(BaseModel, frozen=True, defer_build=True):
    """One person's part: role, that role's id, and when."""

    role: str
    subject: str
    at: datetime


class ReferralDecision(ReferralStep, frozen=True):
    approved: bool
    reason: str


class Referral(Application, frozen=True):
    """One request; `attempts` and `failed` are of its day. With `referred_work` an underwriter
    decides, whatever the worker asked for."""

    referral_id: str
    reason: ReferralReason
    attempts: int
    failed: int
    confirmed: ReferralStep | None = None
    decided: ReferralDecision | None = None
    policy_no: str | None = None
    not_issued_for: str | None = None
    """Why an approval brought no policy. Gone once it did."""

    @property
    def application_id(self) -> str:
        return self.referral_id

    @property
    def proof(self) -> Proof:
        return Proof.REFERRED

    @property
    def maximum_age(self) -> int:
        return maximum_age(self.reason)

    @property
    def ends_at(self) -> datetime:
        return self.at + ANSWER_WITHIN

    def status(self, now: datetime) -> ReferralStatus:
        if self.decided is not None:
            if self.policy_no is not None:
                return ReferralStatus.APPROVED
            cut_off = self.decided.approved and self.not_issued_for is None
            return ReferralStatus.ISSUING if cut_off else ReferralStatus.DECLINED
        if now >= self.ends_at:
            return ReferralStatus.DECLINED
        return ReferralStatus.ASKED if self.confirmed is None else ReferralStatus.CONFIRMED

    def declined_for(self, now: datetime) -> str | None:
        """The code of the reason that worker and foreman see; `cover/decline.py` has the words."""
        if self.status(now) is not ReferralStatus.DECLINED:
            return None
        return TIMED_OUT if self.decided is None else self.not_issued_for or self.decided.reason


class Referrals(Protocol):
    def add(self, referral: Referral) -> None: ...

    def get(self, referral_id: str) -> Referral:
        """Strongly consistent. Raises ReferralNotFoundError."""
        ...

    def of_worker(self, worker_id: str) -> list[Referral]:
        """The newest, newest first."""
        ...

    def of_project(self, project_id: str) -> list[Referral]: ...

    def open_of(self, project_id: str, since: datetime) -> list[Referral]:
        """The newest that were asked for since then, newest first."""
        ...

    def waiting(self, since: datetime) -> list[Referral]:
        """What was put before staff, the oldest first: all that was asked for since then, and the newest of what is
        older, which waits only if it was approved and has no policy."""
        ...

    def list_before(self, worker_id: str, day: date, *, issued: bool) -> list[Referral]:
        """The worker's referrals that were asked for before a +08:00 day, those that issued a policy only when
        `issued`."""
        ...

    def delete(self, referral: Referral) -> None:
        """Delete a referral and its entries. Again it changes nothing."""
        ...

    def add_document(self, referral_id: str, document: ApplicationDocument) -> None:
        """Store an announced document; one that stands stays as it is.

        Raises ConcurrentChangeError once the referral is decided, or has MOST_DOCUMENTS.
        """
        ...

    def receive_document(self, referral_id: str, document: ApplicationDocument) -> None:
        """Store that it arrived. Raises ConcurrentChangeError once the referral is decided."""
        ...

    def confirm(self, referral: Referral) -> None:
        """Store the confirmation and put it before staff. Raises ConcurrentChangeError when it has one."""
        ...

    def decide(self, referral: Referral) -> None:
        """Store the decision; a refusal waits for staff no longer. Raises ConcurrentChangeError when it has one."""
        ...

    def issued(self, referral: Referral) -> None:
        """Note the policy; the referral waits for staff no longer."""
        ...

    def not_issued(self, referral: Referral) -> None:
        """Note why the approval brought no policy. One that was issued meanwhile stays."""
        ...
