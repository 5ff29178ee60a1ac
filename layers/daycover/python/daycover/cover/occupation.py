"""Occupations (职业/工种) and their classes: 1-6, referred or refused, always with a reason.

The table is data, `tables/occupations.<version>.json`. Sources differ in places; where one trade stands in
several classes (trucks) the rows say what decides, and the questions ask for it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, model_validator

from daycover.cover.plan import OccupationClass
from daycover.cover.versions import DatedTable, Version
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import ReferredWork, Scene

REFERRED_CLASS = 6
"""No occupation of this class is taken without an underwriter (reference section 4.2)."""
REFERRED_BY_CLASS = ReferredWork(
    code="CLASS_6",
    reason_zh="六类职业须由核保员逐人确认",
    reason_en="Class 6 needs an underwriter for each worker",
)


class OccupationUnknownError(DaycoverError):
    """The code is not in the occupation table.

    What to do: Use a code of the table.
    含义:职业表中没有这个代码。
    处理:使用职业表中的代码。
    """

    kind = ErrorKind.INVALID
    title = "未知工种", "Unknown occupation"
    detail = "职业表中没有这个工种代码,请查找后再填。", "The table has no such code; search it first."


class OccupationReferredError(DaycoverError):
    """An underwriter must decide about each worker; `reason_en` says why, and the work card was not asked.

    What to do: Ask with `POST /v1/referrals`, reason `OCCUPATION_CLASS`; there is no cover until it is
    approved.
    含义:该工种须人工核保,`reason_zh` 给出理由;没有向微工卡发起打卡。
    处理:`POST /v1/referrals` 以 `OCCUPATION_CLASS` 申请人工核验;批准之前没有保障。
    """

    kind = ErrorKind.CONFLICT
    title = "该工种需人工核保", "This occupation needs an underwriter"
    detail = (
        "{reason_zh}。请申请人工核验:现场负责人核对证件,保险公司批准后即时生效。批准之前没有保障,请勿开工。",
        "{reason_en}. Ask for a referral: the foreman checks your document, the insurer approves, and cover "
        "begins at once. There is no cover before; do not start work.",
    )


class OccupationRefusedError(DaycoverError):
    """The occupation is not insured; `reason_en` says why.

    What to do: Do not start work uninsured.
    含义:该工种不在承保范围内,`reason_zh` 给出理由。
    处理:请勿在无保障情况下开工。
    """

    kind = ErrorKind.INVALID
    title = "该工种暂不承保", "This occupation is not insured"
    detail = "{reason_zh}。请勿在无保障情况下开工。", "{reason_en}. Do not start work uninsured."


class Acceptance(StrEnum):
    ACCEPT = "ACCEPT"
    REFER = "REFER"
    REFUSE = "REFUSE"


class Occupation(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One row of the table. `when` says what of its family it is for, in answer to the family's questions."""

    code: str
    name_zh: str
    name_en: str
    occupation_class: OccupationClass
    acceptance: Acceptance = Acceptance.ACCEPT
    reason_zh: str = ""
    reason_en: str = ""
    family: str | None = None
    when_zh: str = ""
    when_en: str = ""
    aliases: tuple[str, ...] = ()
    """What people also call it."""

    @model_validator(mode="after")
    def _is_never_silent(self) -> "Occupation":
        if self.acceptance is not Acceptance.ACCEPT and not (self.reason_zh and self.reason_en):
            raise ValueError(f"{self.code}: no reason given")
        if self.occupation_class >= REFERRED_CLASS and self.acceptance is Acceptance.ACCEPT:
            raise ValueError(f"{self.code}: class {self.occupation_class} needs an underwriter")
        if self.family is not None and not (self.when_zh and self.when_en):
            raise ValueError(f"{self.code}: does not say when it is the one of its family")
        return self

    @property
    def referred_work(self) -> ReferredWork | None:
        """What a project of this occupation remembers, None where the machine may insure its workers."""
        if self.acceptance is not Acceptance.REFER:
            return None
        return ReferredWork(code=self.code, reason_zh=self.reason_zh, reason_en=self.reason_en)

    def is_called(self, words: str) -> bool:
        """Whether every word occurs in its code, names or aliases."""
        names = " ".join((self.code, self.name_zh, self.name_en, *self.aliases)).casefold()
        return all(word in names for word in words.casefold().split())


class Question(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """What must be asked to tell the rows of a family apart."""

    family: str
    code: str
    text_zh: str
    text_en: str


class Reason(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    reason_zh: str
    reason_en: str


class OccupationTable(Version, frozen=True):
    """The whole table of one stretch of time. `scene_classes`: the lowest class usual in a scene (F14)."""

    occupations: tuple[Occupation, ...]
    questions: tuple[Question, ...]
    unlisted: Reason
    scene_classes: Mapping[Scene, OccupationClass]

    @model_validator(mode="after")
    def _is_complete(self) -> "OccupationTable":
        if len({row.code for row in self.occupations}) < len(self.occupations):
            raise ValueError("two occupations of one code")
        if {row.family for row in self.occupations} - {None} != {asked.family for asked in self.questions}:
            raise ValueError("families and questions do not match")
        if set(self.scene_classes) != set(Scene):
            raise ValueError("a scene has no class")
        return self

    def find(self, code: str) -> Occupation | None:
        return next((row for row in self.occupations if row.code == code), None)

    def search(self, words: str) -> list[Occupation]:
        """The rows that are called so; all of them for no words."""
        return [row for row in self.occupations if row.is_called(words)]


OCCUPATION_TABLES = DatedTable("occupations", OccupationTable)


def occupation(code: str, now: datetime) -> Occupation:
    """Give the row of a code in the table of `now`. Raises OccupationUnknownError."""
    table = OCCUPATION_TABLES.at(now)
    row = None if table is None else table.find(code)
    if row is None:
        raise OccupationUnknownError
    return row


class Work(Protocol):
    """What somebody is to be insured for: a project, or a check-in on one."""

    @property
    def occupation_class(self) -> int: ...

    @property
    def referred_work(self) -> ReferredWork | None: ...


def work_to_refer(work: Work) -> ReferredWork | None:
    """Give why an underwriter must decide about each worker, None where the machine may.

    Class 6 is referred whatever the item says: one written before it carried a reason is no exception.
    """
    if work.referred_work is not None:
        return work.referred_work
    return REFERRED_BY_CLASS if work.occupation_class >= REFERRED_CLASS else None


def check_not_referred(work: Work) -> None:
    """Raise OccupationReferredError where an underwriter must decide about each worker."""
    referred = work_to_refer(work)
    if referred is not None:
        raise OccupationReferredError(**dict(referred))
