"""Who was seen on site today, and why somebody who was has no cover: what a foreman must be told live.

A visit is what the latest scan, refusal or outcome says of one worker on one project and day. It is a note, not
a record: it is written where something ends without a policy, never where a policy is issued, and TTL takes it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from pydantic import BaseModel, Field

from daycover.china_time import china_day
from daycover.cover.occupation import work_to_refer
from daycover.cover.policy import mask_name
from daycover.identity.worker import Worker
from daycover.projects.project import CheckInTooEarlyError, Project

PRESENT_FOR = timedelta(hours=12)
"""Somebody seen longer ago than this has gone home (assumption; a shift is rarely longer)."""


class Why(StrEnum):
    """Why a worker who was seen has no policy in force."""

    CONSENT_MISSING = "CONSENT_MISSING"
    NOT_VERIFIED = "NOT_VERIFIED"
    NOT_CHECKED_IN = "NOT_CHECKED_IN"
    OCCUPATION_REFERRED = "OCCUPATION_REFERRED"
    TOO_EARLY = "TOO_EARLY"
    OUTSIDE_SITE = "OUTSIDE_SITE"
    ID_REFUSED = "ID_REFUSED"
    AGE_REFUSED = "AGE_REFUSED"
    FACE_PENDING = "FACE_PENDING"
    FACE_FAILED = "FACE_FAILED"
    NAME_MISMATCH = "NAME_MISMATCH"
    CHECK_IN_EXPIRED = "CHECK_IN_EXPIRED"
    WORK_CARD_LIMIT = "WORK_CARD_LIMIT"
    WORK_CARD_DOWN = "WORK_CARD_DOWN"
    WORK_CARD_REFUSED = "WORK_CARD_REFUSED"
    SUM_LIMIT = "SUM_LIMIT"
    COVER_BLOCKED = "COVER_BLOCKED"
    EXPIRED = "EXPIRED"
    POLICY_ENDED = "POLICY_ENDED"


NEXT_STEPS: Mapping[Why, tuple[str, str]] = MappingProxyType(
    {
        Why.CONSENT_MISSING: (
            "请其重新扫码并阅读同意四项条款",
            "Have them scan again and accept the four texts",
        ),
        Why.NOT_VERIFIED: (
            "请其填写姓名和证件号,完成人脸打卡",
            "Have them state name and ID number and show their face",
        ),
        Why.NOT_CHECKED_IN: ("请其扫码打卡", "Have them scan and check in"),
        Why.OCCUPATION_REFERRED: (
            "该工种须核保员逐人确认:请其申请人工核验,并在现场确认",
            "An underwriter decides about each worker: have them ask for a referral and confirm it on site",
        ),
        Why.TOO_EARLY: (
            "班次打卡时间未到,到时再扫一次",
            "The shift's check-in has not opened; scan again then",
        ),
        Why.OUTSIDE_SITE: (
            "请其到项目现场后再扫码;人已在现场的,请核对并更正项目位置",
            "Have them come to the site and scan there; if they are there, correct the site's point",
        ),
        Why.ID_REFUSED: (
            "请核对证件号;非居民身份证请联系核保员",
            "Check the ID number; other documents go to an underwriter",
        ),
        Why.AGE_REFUSED: (
            "年龄不符合要求,不得上岗",
            "Too young or too old for this work: they must not start",
        ),
        Why.FACE_PENDING: ("请其在微工卡中完成人脸核验", "Have them finish the face check in the work card"),
        Why.FACE_FAILED: (
            "光线充足处再试;一天失败五次后联系核保员",
            "Try again in good light; after five failures ask staff",
        ),
        Why.NAME_MISMATCH: ("请其用本人的微信账号打卡", "Have them use their own WeChat account"),
        Why.CHECK_IN_EXPIRED: ("打卡超时,请重新扫码", "The check-in ran out of time: scan again"),
        Why.WORK_CARD_LIMIT: ("今日打卡次数用完,请联系核保员", "The day's attempts are used up: ask staff"),
        Why.WORK_CARD_DOWN: (
            "微工卡暂时不可用,几分钟后再试",
            "The work card is out of reach: try again in a few minutes",
        ),
        Why.WORK_CARD_REFUSED: (
            "微工卡拒绝了请求,请联系服务商",
            "The work card refused: ask the service provider",
        ),
        Why.SUM_LIMIT: (
            "其在保保额已达上限,无需重复投保;请核对项目计划",
            "Their cover elsewhere is at the limit; check the plan",
        ),
        Why.COVER_BLOCKED: (
            "公司授信已用完,请先结清保费",
            "The company's credit is used up: settle the premiums first",
        ),
        Why.EXPIRED: ("保单已到期,请重新扫码打卡", "Their policy has ended: scan and check in again"),
        Why.POLICY_ENDED: (
            "保单已取消或终止,请重新扫码打卡",
            "Their policy was cancelled or terminated: check in again",
        ),
    }
)
"""What the foreman can do about it; until then the worker must not start."""

WHY_BY_ERROR: Mapping[str, Why] = MappingProxyType(
    {
        "OccupationReferredError": Why.OCCUPATION_REFERRED,
        "CheckInTooEarlyError": Why.TOO_EARLY,
        "OutsideGeofenceError": Why.OUTSIDE_SITE,
        "ConsentMissingError": Why.CONSENT_MISSING,
        "ConsentWithdrawnError": Why.CONSENT_MISSING,
        "DataErasedError": Why.CONSENT_MISSING,
        "IdentityRequiredError": Why.NOT_VERIFIED,
        "ResidentIdError": Why.ID_REFUSED,
        "DocumentReferredError": Why.ID_REFUSED,
        "AgeOutOfRangeError": Why.AGE_REFUSED,
        "MinorInHazardousWorkError": Why.AGE_REFUSED,
        "CoverNotAvailableError": Why.COVER_BLOCKED,
        "FacesUsedUpError": Why.FACE_FAILED,
        "WorkCardLimitError": Why.WORK_CARD_LIMIT,
        "WorkCardUnavailableError": Why.WORK_CARD_DOWN,
        "WorkCardRefusedError": Why.WORK_CARD_REFUSED,
        "FaceCheckFailedError": Why.FACE_FAILED,
        "NameMismatchError": Why.NAME_MISMATCH,
        "CheckInExpiredError": Why.CHECK_IN_EXPIRED,
        "SumInsuredLimitError": Why.SUM_LIMIT,
    }
)
"""By the names of the refusals, because some of them are raised by modules that stand above this one."""


class Typed(NamedTuple):
    """What a worker says of themselves at a gate: the name as typed, and a telephone number in one form."""

    name: str | None = None
    phone: str | None = None


class Visit(BaseModel, frozen=True, defer_build=True):
    """One worker on one project: when they were last seen, and what stood in the way then."""

    project_id: str
    worker_id: str
    seen_at: datetime
    why: Why
    insured_name: str | None = None
    """Masked; None until the work card has proved who they are."""
    name: str | None = Field(default=None, repr=False, exclude=True)
    """As they typed it to this company's gate: for its own people, never for another company's."""
    phone: str | None = Field(default=None, repr=False, exclude=True)
    """Where they left one for the site to reach them by."""
    consented: bool = False
    """Whether they had accepted all texts of this project: then it may know them by the name that was proved."""
    distance_m: int | None = None
    """From the site, where that was why they were refused."""

    @property
    def day(self) -> date:
        return china_day(self.seen_at)


class Visits(Protocol):
    def record(self, visit: Visit) -> None:
        """Note a visit; a later one stays, and a name that is known stays known."""
        ...

    def forget(self, project_id: str, worker_id: str, until: datetime) -> None:
        """Drop what was noted of a worker until then, on its day and the one before."""
        ...

    def unname(self, worker_id: str, project_ids: Iterable[str], today: date) -> None:
        """Take away what the notes of a worker on these projects say of who they are; that somebody was seen stays."""
        ...

    def of_project(
        self, project_id: str, days: Iterable[date], limit: int | None = None, *, in_clear: bool = False
    ) -> list[Visit]:
        """Those of the days, at most `limit` of each; `name` and `phone` are opened only `in_clear`."""
        ...


def visit_of(
    worker: Worker,
    project: Project,
    why: Why,
    now: datetime,
    distance_m: int | None = None,
    *,
    consented: bool = False,
    told: Typed | None = None,
) -> Visit:
    """Make the note. `told` counts where the worker has consented: before, nothing that they typed is kept."""
    name, phone = told if told is not None and consented else (None, None)
    return Visit(
        name=name,
        phone=phone,
        consented=consented,
        project_id=project.project_id,
        worker_id=worker.worker_id,
        seen_at=now,
        why=why,
        insured_name=None if worker.name is None or worker.locked_at is not None else mask_name(worker.name),
        distance_m=distance_m,
    )


def why_at_scan(worker: Worker, project: Project, now: datetime, *, consented: bool) -> Why:
    """What stands between somebody who has just scanned and their cover.

    That a worker's data are locked is nobody's business on site: they count as not verified.
    """
    try:
        project.check_shift(now)
    except CheckInTooEarlyError:
        return Why.TOO_EARLY
    if not consented:
        return Why.CONSENT_MISSING
    if work_to_refer(project) is not None:
        return Why.OCCUPATION_REFERRED
    known = worker.person_id is not None and worker.locked_at is None
    return Why.NOT_CHECKED_IN if known else Why.NOT_VERIFIED
