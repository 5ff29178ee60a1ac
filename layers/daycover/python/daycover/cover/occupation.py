"""Occupations (职业/工种) and their classes: 1-6, referred or refused, always with a reason.

The table is data, `tables/occupations.<version>.json`. Sources differ in places; where one trade stands in
several classes (trucks) its rows are a family: questions are asked, and each row says which answers it is for.
How people's words find a row: `cover/spoken.py`. How answers are checked: `cover/answers.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from itertools import product
from math import prod
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, Field, StringConstraints, model_validator

from daycover.cover.plan import OccupationClass
from daycover.cover.versions import DatedTable, Version
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import Exclusion, ReferredWork, Scene, TableCode, TableWords
from daycover.text import ONE_LINE

MOST_ANSWERS = 10_000
"""Of one family, tried when a table is read: a family asks two or three questions."""
REFERRED_CLASS = 6
"""No occupation of this class is taken without an underwriter (reference section 4.2)."""
REFERRED_BY_CLASS = ReferredWork(
    code="CLASS_6",
    reason_zh="六类职业须由核保员逐人确认",
    reason_en="Class 6 needs an underwriter for each worker",
)
OWN = "OWN_"
"""The codes of what underwriters answered for one company begin so (`cover/occupation_referral.py`)."""


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


Answer = str | float
"""The code of a choice, or a number in the question's unit."""
TableWordsOrNone = Annotated[str, StringConstraints(pattern=f"^$|{ONE_LINE}", max_length=300)]
Quantity = Annotated[float, Field(allow_inf_nan=False)]


class Fit(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """The answers to one question that make a row the one of its family: choices, or numbers in [at_least, below)."""

    among: tuple[TableCode, ...] = ()
    at_least: Quantity = 0
    below: Quantity | None = None

    def takes(self, answer: Answer) -> bool:
        if isinstance(answer, str):
            return answer in self.among
        return not self.among and self.at_least <= answer and (self.below is None or answer < self.below)


class Occupation(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One row of the table. `when` says in words what of its family it is for, `fits` by the answers."""

    code: TableCode
    name_zh: TableWords
    name_en: TableWords
    occupation_class: Annotated[OccupationClass, Field(strict=True)]
    acceptance: Acceptance = Acceptance.ACCEPT
    reason_zh: TableWordsOrNone = ""
    reason_en: TableWordsOrNone = ""
    family: TableCode | None = None
    when_zh: TableWordsOrNone = ""
    when_en: TableWordsOrNone = ""
    fits: Mapping[TableCode, Fit] = Field(default_factory=dict)
    """By question; one that is not named here makes no difference to this row."""
    aliases: tuple[TableWords, ...] = ()
    """What people also call it."""
    exclusions: tuple[Exclusion, ...] = ()

    @model_validator(mode="after")
    def _is_never_silent(self) -> "Occupation":
        if self.acceptance is not Acceptance.ACCEPT and not (self.reason_zh and self.reason_en):
            raise ValueError("须说明理由", "gives no reason")
        if self.occupation_class >= REFERRED_CLASS and self.acceptance is Acceptance.ACCEPT:
            raise ValueError("六类职业须由核保员逐人确认", "is of a class that needs an underwriter")
        if self.family is not None and not (self.when_zh and self.when_en and self.fits):
            raise ValueError("同族工种须写明各自适用的情形", "does not say when it is the one of its family")
        if self.family is None and self.fits:
            raise ValueError("没有同族工种,不能按答案区分", "fits answers, but is of no family")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it is called; the code reads as English words."""
        return (self.name_zh, self.name_en, self.code, *self.aliases)

    @property
    def referred_work(self) -> ReferredWork | None:
        """What a project of this occupation remembers, None where the machine may insure its workers."""
        if self.acceptance is not Acceptance.REFER:
            return None
        return ReferredWork(code=self.code, reason_zh=self.reason_zh, reason_en=self.reason_en)

    def takes(self, answers: Mapping[str, Answer]) -> bool:
        """Whether it is the one of its family for these answers to all of the family's questions."""
        return all(fit.takes(answers[code]) for code, fit in self.fits.items())


class Choice(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    code: TableCode
    name_zh: TableWords
    name_en: TableWords


class Question(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """What must be asked to tell the rows of families apart: one of `choices`, or a number from 0 to `at_most`."""

    families: tuple[TableCode, ...]
    code: TableCode
    text_zh: TableWords
    text_en: TableWords
    choices: tuple[Choice, ...] = ()
    unit_zh: TableWordsOrNone = ""
    unit_en: TableWordsOrNone = ""
    at_most: Annotated[Quantity, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _can_be_answered(self) -> "Question":
        if bool(self.choices) is (self.at_most is not None and bool(self.unit_zh and self.unit_en)):
            raise ValueError(
                "问题须有选项,或有单位和上限", "has either choices, or a unit and the most that makes sense"
            )
        if len({choice.code for choice in self.choices}) < len(self.choices):
            raise ValueError("两个选项的代码相同", "two choices have one code")
        return self

    def words_of(self, answer: Answer) -> tuple[str, str] | None:
        """Give an answer in both languages, None where it is none to this question."""
        if isinstance(answer, str):
            chosen = next((choice for choice in self.choices if choice.code == answer), None)
            return None if chosen is None else (chosen.name_zh, chosen.name_en)
        if self.at_most is None or not 0 <= answer <= self.at_most:
            return None
        return f"{answer:.10g} {self.unit_zh}", f"{answer:.10g} {self.unit_en}"


class Reason(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    reason_zh: TableWords
    reason_en: TableWords


class OccupationTable(Version, frozen=True):
    """The whole table of one stretch of time. `scene_classes`: the lowest class usual in a scene (F14).

    In the file a row names its exclusions by the codes of `clauses`.
    """

    occupations: Annotated[tuple[Occupation, ...], Field(min_length=1)]
    questions: tuple[Question, ...]
    clauses: tuple[Exclusion, ...]
    unlisted: Reason
    scene_classes: Mapping[Scene, OccupationClass]

    @model_validator(mode="before")
    @classmethod
    def _every_row_has_its_clauses(cls, read: Any) -> Any:
        clauses, rows = (
            read.get(name) if isinstance(read, dict) else None for name in ("clauses", "occupations")
        )
        if not isinstance(clauses, (list, tuple)) or not isinstance(rows, (list, tuple)):
            return read  # what is missing is said by its field
        texts = {str(clause.get("code")): clause for clause in clauses if isinstance(clause, dict)}
        return {**read, "occupations": [_with_texts(row, texts) for row in rows]}

    @model_validator(mode="after")
    def _is_complete(self) -> "OccupationTable":
        if len({row.code for row in self.occupations}) < len(self.occupations):
            raise ValueError("两个工种的代码相同", "two occupations have one code")
        if any(row.code.startswith(OWN) for row in self.occupations):
            raise ValueError(
                f"{OWN} 开头的代码留给职业表以外的工种", f"{OWN} is for what is not in the table"
            )
        if len({clause.code for clause in self.clauses}) < len(self.clauses):
            raise ValueError("两条除外责任的代码相同", "two clauses have one code")
        asked = {family for question in self.questions for family in question.families}
        families = {row.family for row in self.occupations} - {None}
        if families != asked:
            raise ValueError("工种的族与问题不对应", "families and questions do not match")
        if set(self.scene_classes) != set(Scene):
            raise ValueError("有场景没有类别", "a scene has no class")
        for family in asked:
            self._check_answers_decide(family)
        return self

    def _check_answers_decide(self, family: str) -> None:
        """Whatever is answered, one row of the family fits, and no other."""
        questions, rows = self.questions_of(family), self.rows_of(family)
        if len({asked.code for asked in questions}) < len(questions):
            raise ValueError("同族的两个问题代码相同", "two questions of a family have one code")
        if not {code for row in rows for code in row.fits} <= {asked.code for asked in questions}:
            raise ValueError(
                "有工种引用了没有问的问题", "a row fits the answer to a question that is not asked"
            )
        tried = [_telling_answers(asked, rows) for asked in questions]
        if any(
            isinstance(answer, float) and asked.at_most is not None and answer > asked.at_most
            for asked, answers in zip(questions, tried, strict=True)
            for answer in answers
        ):
            raise ValueError("有工种所适用的数值超过了问题的上限", "a row is for more than a question takes")
        if prod(map(len, tried)) > MOST_ANSWERS:
            raise ValueError("同族问题的组合过多", "the questions of a family have too many answers together")
        for answers in product(*tried):
            given = dict(zip((asked.code for asked in questions), answers, strict=True))
            if sum(row.takes(given) for row in rows) != 1:
                raise ValueError(
                    "同族工种中,任何一组答案须恰好对应一个工种",
                    "of a family exactly one row fits whatever is answered",
                )

    def find(self, code: str) -> Occupation | None:
        return next((row for row in self.occupations if row.code == code), None)

    def rows_of(self, family: str) -> list[Occupation]:
        return [row for row in self.occupations if row.family == family]

    def questions_of(self, family: str | None) -> list[Question]:
        return [asked for asked in self.questions if family in asked.families]


def _with_texts(row: Any, texts: Mapping[str, Any]) -> Any:
    named = row.get("exclusions") if isinstance(row, dict) else None
    if not isinstance(named, (list, tuple)):
        return row
    return {**row, "exclusions": [texts.get(one, one) if isinstance(one, str) else one for one in named]}


def _telling_answers(asked: Question, rows: list[Occupation]) -> list[Answer]:
    """Answers among which every one that makes a difference has its like: the choices, or the limits of the rows."""
    if asked.choices:
        return [choice.code for choice in asked.choices]
    fits = [row.fits[asked.code] for row in rows if asked.code in row.fits]
    return sorted(
        {0.0} | {fit.at_least for fit in fits} | {fit.below for fit in fits if fit.below is not None}
    )


OCCUPATION_TABLES = DatedTable("occupations", OccupationTable)


def table_at(now: datetime) -> OccupationTable:
    """Give the table of `now`. Raises OccupationUnknownError where none holds."""
    table = OCCUPATION_TABLES.at(now)
    if table is None:
        raise OccupationUnknownError
    return table


def occupation(code: str, now: datetime) -> Occupation:
    """Give the row of a code in the table of `now`. Raises OccupationUnknownError."""
    row = table_at(now).find(code)
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
