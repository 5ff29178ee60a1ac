"""Bodies and answers about work that the table does not list: the company's and the staff's."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from daycover.api.fields import Line, Measured, ShortWords, Words
from daycover.cover.occupation_referral import (
    AnswerStated,
    OccupationReferral,
    OccupationReferralStatus,
    OccupationVerdict,
    StatedWork,
)
from daycover.cover.plan import OccupationClass
from daycover.cover.spoken import said
from daycover.platform.http import Body, View
from daycover.projects.project import Exclusion, Scene
from daycover.text import TextFaultError

LONG = 11
_LONG_NUMBER = re.compile(r"[0-9](?:[\s.–—-]*[0-9]){10,}")
_IN_GROUPS = re.compile(r"[0-9]{3,}(?:[\s._/·•,()–—-]{1,3}[0-9]{3,})+")
"""138/0013/8000; sizes such as 10/20/30/40/50/60 have shorter groups."""
_NUMERALS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")


def _impersonal(words: str) -> str:
    """No phone, document or account number has fewer than 11 digits, and no work needs one."""
    signs = unicodedata.normalize("NFKC", words).translate(_NUMERALS)
    plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)
    grouped = (len(re.sub("[^0-9]", "", found)) for found in _IN_GROUPS.findall(plain))
    if _LONG_NUMBER.search(plain) or any(digits >= LONG for digits in grouped):
        raise TextFaultError(
            "只写工作内容,不要写电话、证件或账号",
            "says what the work is, without phone, document or account numbers",
        )
    return words


def _spoken(words: str) -> str:
    if not said(words):
        raise TextFaultError("请用文字写明工种", "names the work in words")
    return words


WorkName = Annotated[
    Line,
    Field(min_length=2, max_length=40),
    AfterValidator(_spoken),
    AfterValidator(_impersonal),
]
"""As long as a search may be."""
Stated = Annotated[Words, AfterValidator(_impersonal)]
StatedShortly = Annotated[ShortWords, AfterValidator(_impersonal)]
ClauseCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]


class OccupationReferralBody(Body):
    """What the work is, and of nobody in person. `height_m`: the highest place of work above the ground."""

    name: WorkName
    tasks: Stated
    place: StatedShortly
    scene: Scene
    tools: StatedShortly
    height_m: Annotated[Measured, Field(le=1000)]
    certificates: StatedShortly

    def stated(self) -> StatedWork:
        return StatedWork(**dict(self))


class OccupationAnswerBody(Body):
    """With ACCEPT (class 1 to 5) and REFER `occupation_class` and both names, with LISTED `listed_code`.

    `exclusions` are codes of `clauses`.
    """

    verdict: OccupationVerdict
    reason_zh: ShortWords
    reason_en: ShortWords
    occupation_class: OccupationClass | None = None
    name_zh: WorkName | None = None
    name_en: WorkName | None = None
    exclusions: Annotated[list[ClauseCode], Field(max_length=20)] = Field(default_factory=list)
    listed_code: ClauseCode | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "OccupationAnswerBody":
        entry = (self.occupation_class, self.name_zh, self.name_en)
        insurable = self.verdict in {OccupationVerdict.ACCEPT, OccupationVerdict.REFER}
        if insurable and None in entry:
            raise ValueError("state occupation_class, name_zh and name_en")
        if not insurable and (any(part is not None for part in entry) or self.exclusions):
            raise ValueError("occupation_class, names and exclusions are for ACCEPT and REFER only")
        if (self.verdict is OccupationVerdict.LISTED) is (self.listed_code is None):
            raise ValueError("listed_code is for LISTED, and LISTED needs it")
        if self.verdict is OccupationVerdict.ACCEPT and self.occupation_class == 6:
            raise ValueError("class 6 needs an underwriter for each worker: REFER")
        return self

    def stated(self) -> AnswerStated:
        given = dict(self) | {"exclusions": tuple(dict.fromkeys(self.exclusions))}
        return AnswerStated(**{name: value for name, value in given.items() if value is not None})


class OccupationAnswerView(View):
    """`code` opens projects of this company from `at` on; null with LISTED, where `listed_code` does."""

    verdict: OccupationVerdict
    reason_zh: str
    reason_en: str
    code: str | None
    version: str
    name_zh: str
    name_en: str
    occupation_class: int | None
    exclusions: tuple[Exclusion, ...]
    listed_code: str | None
    at: datetime


class OccupationReferralView(View):
    """The same for company and staff. `overdue` is an answer that is late; it waits all the same."""

    referral_id: str
    company_id: str
    company_name: str
    name: str
    tasks: str
    place: str
    scene: Scene
    tools: str
    height_m: float
    certificates: str
    status: OccupationReferralStatus
    asked_at: datetime
    due_at: datetime
    overdue: bool
    answer: OccupationAnswerView | None

    @classmethod
    def of(cls, referral: OccupationReferral, now: datetime) -> "OccupationReferralView":
        return cls(
            referral_id=referral.referral_id,
            company_id=referral.company_id,
            company_name=referral.company_name,
            **dict(referral.statement),
            status=referral.status,
            asked_at=referral.asked_at,
            due_at=referral.due_at,
            overdue=referral.is_overdue(now),
            answer=_answer(referral),
        )


def _answer(referral: OccupationReferral) -> OccupationAnswerView | None:
    answer, entry = referral.answer, referral.entry
    if answer is None:
        return None
    return OccupationAnswerView(
        verdict=answer.verdict,
        reason_zh=answer.reason_zh,
        reason_en=answer.reason_en,
        code=None if entry is None else entry.code,
        version=answer.version,
        name_zh=answer.name_zh,
        name_en=answer.name_en,
        occupation_class=answer.occupation_class,
        exclusions=answer.clauses,
        listed_code=answer.listed_code,
        at=answer.at,
    )


class OccupationReferralsView(View):
    referrals: list[OccupationReferralView]

    @classmethod
    def of(cls, referrals: Iterable[OccupationReferral], now: datetime) -> "OccupationReferralsView":
        return cls(referrals=[OccupationReferralView.of(referral, now) for referral in referrals])


class WaitingOccupationsView(View):
    """`clauses` are the exclusions that an answer may name."""

    referrals: list[OccupationReferralView]
    clauses: tuple[Exclusion, ...]
