"""Referral (人工核验): when the machine cannot say who somebody is, or may not insure the work, two people can.

The worker asks, the operator confirms name and document on site, a member of staff decides; approval issues
through the same chain as every policy, from that moment on. Unanswered for 30 minutes it is declined.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.china_time import china_day
from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus, Device, latest_of, open_code
from daycover.cover.disclosure import consent_texts, plan_key
from daycover.cover.issue import (
    CONSENT_WITHDRAWN,
    SUM_LIMIT,
    CheckInExpiredError,
    ConsentWithdrawnError,
    Issued,
    IssuePolicy,
    SumInsuredLimitError,
)
from daycover.cover.occupation import work_to_refer
from daycover.cover.period import next_period
from daycover.cover.policy import Policies
from daycover.cover.underwriting import MAXIMUM_AGE, check_age
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind
from daycover.identity.consent import Consent, check_complete
from daycover.identity.document import IdDocumentType, indexed
from daycover.identity.resident_id import age_on, normalise
from daycover.identity.worker import Identity, PersonalDataLockedError, PersonIndex, Worker
from daycover.projects.code import CodeKey
from daycover.projects.project import Projects, ReferredWork

ANSWER_WITHIN = timedelta(minutes=30)
OLDEST_AT_THE_EDGE = 70
"""Above 65 and up to this age a person may be referred; below 16 nobody is."""
TIMED_OUT = "TIMED_OUT"
ISSUED_TOO_LATE = "ISSUED_TOO_LATE"
DATA_LOCKED = "DATA_LOCKED"
NOT_ISSUED: Mapping[type[DaycoverError], str] = MappingProxyType(
    {
        SumInsuredLimitError: SUM_LIMIT,
        CheckInExpiredError: ISSUED_TOO_LATE,
        ConsentWithdrawnError: CONSENT_WITHDRAWN,
        PersonalDataLockedError: DATA_LOCKED,
    }
)
"""What can still refuse a policy after the approval, and the code that everybody sees then."""
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


class ReferralReason(StrEnum):
    PRE_ORDERS_USED_UP = "PRE_ORDERS_USED_UP"
    FACE_FAILED = "FACE_FAILED"
    NAME_MISMATCH = "NAME_MISMATCH"
    DOCUMENT_TYPE = "DOCUMENT_TYPE"
    AGE_EDGE = "AGE_EDGE"
    OCCUPATION_CLASS = "OCCUPATION_CLASS"
    """Only where the project's occupation is referred."""


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


class Document(BaseModel, frozen=True, hide_input_in_errors=True):
    """What the worker shows on site."""

    type: IdDocumentType
    name: str = Field(repr=False)
    number: str = Field(repr=False)


class ReferralStep(BaseModel, frozen=True):
    """One person's part: role, that role's id, and when."""

    role: str
    subject: str
    at: datetime


class ReferralDecision(ReferralStep, frozen=True):
    approved: bool
    reason: str


class Referral(BaseModel, frozen=True, hide_input_in_errors=True):
    """One request with everything that its policy needs; `attempts` and `failed` are of its day."""

    referral_id: str
    worker_id: str
    openid: str = Field(repr=False)
    identity: Identity = Field(repr=False)
    document_type: IdDocumentType
    reason: ReferralReason
    project_id: str
    company_id: str
    sub_mchid: str
    plan_id: str
    plan_version: str
    occupation_class: int
    referred_work: ReferredWork | None = None
    """The project's: why an underwriter decides whatever the worker asked for."""
    premium_fen: int
    sum_insured_fen: int
    consents: tuple[Consent, ...]
    shift_ends_at: datetime
    attempts: int
    failed: int
    asked_at: datetime
    confirmed: ReferralStep | None = None
    decided: ReferralDecision | None = None
    policy_no: str | None = None
    not_issued_for: str | None = None
    """Why an approval brought no policy. Gone once it did."""

    @property
    def ends_at(self) -> datetime:
        return self.asked_at + ANSWER_WITHIN

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


FOR_STAFF = {ReferralStatus.CONFIRMED, ReferralStatus.ISSUING}


class Referrals(Protocol):
    def add(self, referral: Referral) -> None: ...

    def get(self, referral_id: str) -> Referral:
        """Strongly consistent. Raises ReferralNotFoundError."""
        ...

    def of_worker(self, worker_id: str) -> list[Referral]:
        """The newest, newest first."""
        ...

    def of_project(self, project_id: str) -> list[Referral]: ...

    def waiting(self) -> list[Referral]:
        """What waits for staff, the oldest first: confirmed ones, and approved ones without a policy."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReferral:
    """POST /v1/referrals and GET /v1/referrals."""

    now: Callable[[], datetime]
    new_id: Callable[[datetime], str]
    projects: Projects
    code_key: CodeKey
    check_ins: CheckIns
    policies: Policies
    index: PersonIndex
    referrals: Referrals

    def of(self, worker_id: str) -> list[Referral]:
        return self.referrals.of_worker(worker_id)

    def __call__(self, worker_id: str, qr_token: str, reason: ReferralReason, document: Document) -> Referral:
        """Ask people; an open request of the same worker and project is gone on with.

        Raises what `open_code` raises, PersonalDataLockedError, ResidentIdError, AgeOutOfRangeError,
        MinorInHazardousWorkError, CoverNotAvailableError, CheckInTooEarlyError, ConsentMissingError,
        AlreadyCoveredError, ReferralNotNeededError.
        """
        now = self.now()
        project, chosen, _ = open_code(qr_token, self.projects, self.code_key, now)
        work = work_to_refer(project)
        if reason is ReferralReason.OCCUPATION_CLASS and work is None:
            raise ReferralNotNeededError(occupation_class=project.occupation_class)
        context = self.check_ins.context(worker_id, project.project_id, plan_key(chosen))
        if context.worker.locked_at is not None:
            raise PersonalDataLockedError(locked_at=context.worker.locked_at)
        identity = self._identity(document)
        _check_age(document, identity, reason, now, project.occupation_class)
        project.check_credit()
        shift_ends_at = project.check_shift(now)
        check_complete(consent_texts(project, chosen), context.consents)
        if context.worker.person_id not in (None, identity.person_id):
            raise ReferralClosedError(referral_status="ANOTHER_PERSON")  # the account is somebody else's
        latest = latest_of(self.policies.recent(identity.person_id, now), project.project_id)
        if latest is not None and next_period(now, latest.period) is None:
            raise AlreadyCoveredError
        for earlier in self.referrals.of_worker(worker_id):
            open_here = earlier.project_id == project.project_id and earlier.identity == identity
            if open_here and earlier.status(now) in {ReferralStatus.ASKED, ReferralStatus.CONFIRMED}:
                return earlier
        today = self.check_ins.of_day(worker_id, f"{china_day(now):%Y%m%d}")
        referral = Referral(
            referral_id=self.new_id(now),
            worker_id=worker_id,
            openid=context.worker.openid,
            identity=identity,
            document_type=document.type,
            reason=reason,
            project_id=project.project_id,
            company_id=project.company_id,
            sub_mchid=project.sub_mchid,
            plan_id=chosen.plan_id,
            plan_version=chosen.version,
            occupation_class=project.occupation_class,
            referred_work=work,
            premium_fen=chosen.premium_fen(project.occupation_class),
            sum_insured_fen=chosen.sum_insured_fen,
            consents=tuple(context.consents),
            shift_ends_at=shift_ends_at,
            attempts=len(today),
            failed=sum(check_in.status is CheckInStatus.FAILED for check_in in today),
            asked_at=now,
        )
        self.referrals.add(referral)
        return referral

    def _identity(self, document: Document) -> Identity:
        is_resident_id = document.type is IdDocumentType.RESIDENT_ID
        number = normalise(document.number) if is_resident_id else document.number.strip().upper()
        person_id = self.index.person_id(indexed(document.type, number))
        return Identity(name=document.name.strip(), id_number=number, person_id=person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReferral:
    """The operator's part, on site: GET …/referrals and POST …/referrals/{referral_id}/confirmation."""

    now: Callable[[], datetime]
    referrals: Referrals

    def of_project(self, company_id: str, project_id: str) -> list[Referral]:
        return [r for r in self.referrals.of_project(project_id) if r.company_id == company_id]

    def __call__(
        self, company_id: str, project_id: str, referral_id: str, role: str, subject: str
    ) -> Referral:
        """Say that person and document were seen. Repeating changes nothing.

        Raises ReferralNotFoundError, also for another project's, ReferralClosedError.
        """
        referral = self.referrals.get(referral_id)
        if (referral.company_id, referral.project_id) != (company_id, project_id):
            raise ReferralNotFoundError
        now = self.now()
        status = referral.status(now)
        if status is ReferralStatus.CONFIRMED:
            return referral
        if status is not ReferralStatus.ASKED:
            raise ReferralClosedError(referral_status=status)
        confirmed = referral.model_copy(
            update={"confirmed": ReferralStep(role=role, subject=subject, at=now)}
        )
        try:
            self.referrals.confirm(confirmed)
        except ConcurrentChangeError:
            return self.referrals.get(referral_id)
        return confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReferral:
    """Staff's part: GET /v1/staff/referrals and POST /v1/staff/referrals/{referral_id}/decision."""

    now: Callable[[], datetime]
    referrals: Referrals
    check_ins: CheckIns
    issue_policy: IssuePolicy

    def waiting(self) -> Sequence[Referral]:
        """What a person must do: decide, or go on with an approval that has no policy yet."""
        now = self.now()
        return [r for r in self.referrals.waiting() if r.status(now) in FOR_STAFF]

    def __call__(
        self, staff_id: str, referral_id: str, approved: bool, reason: str
    ) -> tuple[Referral, Issued | None]:
        """Decide, and on approval issue from now on. Repeating the same decision goes on where it stopped.

        What would refuse the policy is asked before the approval is stored. What comes between the two is
        noted on the referral, so that nobody reads "approved" without being covered, and whoever repeats
        the approval tries again, also a colleague of the person who decided.

        Raises ReferralNotFoundError, ReferralClosedError, ConsentWithdrawnError, PersonalDataLockedError,
        SumInsuredLimitError, CheckInExpiredError, ConcurrentChangeError.
        """
        referral = self.referrals.get(referral_id)
        now = self.now()
        if referral.decided is None:
            status = referral.status(now)
            if status is not ReferralStatus.CONFIRMED:
                raise ReferralClosedError(referral_status=status)
            decision = ReferralDecision(
                role="staff", subject=staff_id, at=now, approved=approved, reason=reason
            )
            if approved:
                self._check_worker(referral)
                self.issue_policy.check_referred(_as_check_in(referral))
            referral = referral.model_copy(update={"decided": decision})
            self.referrals.decide(referral)
        decided = referral.decided
        assert decided is not None
        is_left = decided.approved and referral.policy_no is None
        if decided.approved is not approved or (decided.subject != staff_id and not is_left):
            raise ReferralClosedError(referral_status=referral.status(now))
        return self._issue(referral) if approved else (referral, None)

    def _issue(self, referral: Referral) -> tuple[Referral, Issued]:
        check_in = _as_check_in(referral)
        try:
            if referral.policy_no is None:
                self._check_worker(referral)
            issued = self.issue_policy.referred(check_in)
            if referral.policy_no is None:
                self._check_consents(referral)  # a withdrawal since the first look saw no policy to end
        except tuple(NOT_ISSUED) as refusal:
            code = NOT_ISSUED[type(refusal)]
            self.referrals.not_issued(referral.model_copy(update={"not_issued_for": code}))
            if isinstance(refusal, ConsentWithdrawnError):
                self.issue_policy.end_withdrawn(check_in)
            raise
        assert issued.policy is not None
        if referral.policy_no is None:
            outcome = {"policy_no": issued.policy.policy_no, "not_issued_for": None}
            referral = referral.model_copy(update=outcome)
            self.referrals.issued(referral)
        return referral, issued

    def _check_worker(self, referral: Referral) -> None:
        """In the half hour the worker may have asked for erasure, or withdrawn a consent."""
        worker = self._check_consents(referral)
        if worker.locked_at is not None:
            raise PersonalDataLockedError(locked_at=worker.locked_at)

    def _check_consents(self, referral: Referral) -> Worker:
        key = f"{referral.plan_id}@{referral.plan_version}"
        context = self.check_ins.context(referral.worker_id, referral.project_id, key)
        if not set(referral.consents) <= set(context.consents):
            raise ConsentWithdrawnError
        return context.worker


def _check_age(
    document: Document, identity: Identity, reason: ReferralReason, now: datetime, occupation_class: int
) -> None:
    """Age is checked where the document's number tells it; at the upper edge people may decide."""
    if document.type is not IdDocumentType.RESIDENT_ID:
        return
    age = age_on(identity.id_number, china_day(now))
    if reason is ReferralReason.AGE_EDGE and MAXIMUM_AGE < age <= OLDEST_AT_THE_EDGE:
        return
    check_age(identity.id_number, china_day(now), occupation_class)


def _as_check_in(referral: Referral) -> CheckIn:
    """The referral in the form that issuing takes; its id stands where a check-in's would."""
    return CheckIn(
        check_in_id=referral.referral_id,
        worker_id=referral.worker_id,
        openid=referral.openid,
        identity=referral.identity,
        project_id=referral.project_id,
        company_id=referral.company_id,
        sub_mchid=referral.sub_mchid,
        plan_id=referral.plan_id,
        plan_version=referral.plan_version,
        occupation_class=referral.occupation_class,
        referred_work=referral.referred_work,
        premium_fen=referral.premium_fen,
        sum_insured_fen=referral.sum_insured_fen,
        authenticate_number="",
        status=CheckInStatus.STARTED,
        at=referral.asked_at,
        token_ends_at=referral.ends_at,
        shift_ends_at=referral.shift_ends_at,
        device=Device(id="", time=referral.asked_at),
        consents=referral.consents,
    )
