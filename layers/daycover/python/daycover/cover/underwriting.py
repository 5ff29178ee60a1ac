"""Who is insured at what premium. A refusal or referral always says why."""

from datetime import date, datetime

from pydantic import BaseModel

from daycover.cover.occupation import Acceptance, Occupation, OccupationRefusedError, occupation
from daycover.cover.plan import plan_on_sale
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.age import age_on
from daycover.projects.project import ReferredWork

MINIMUM_AGE = 16
MAXIMUM_AGE = 65
OLDEST_AT_THE_EDGE = 70
"""Above 65 and up to this age a person may be referred; below 16 nobody is."""
ADULT_AGE = 18
HAZARDOUS_CLASS = 5


class AgeOutOfRangeError(DaycoverError):
    """The age on the day that cover starts is not 16 to 65 full years.

    What to do: There can be no cover; do not start work uninsured.
    含义:保障开始当日年龄不在 16 至 65 周岁之间。
    处理:不能投保,请勿在无保障情况下开工。
    """

    kind = ErrorKind.INVALID
    title = "年龄不符合投保要求", "The age is outside the insurable range"
    detail = "投保年龄为 {minimum} 至 {maximum} 周岁。", "Cover is for ages {minimum} to {maximum}."


class MinorInHazardousWorkError(DaycoverError):
    """Nobody under 18 is insured in classes 5 and 6.

    What to do: Do not start work; ask the foreman for other work.
    含义:不满 18 周岁的人不能投保五类及以上职业。
    处理:请勿开工,联系现场负责人改派工种。
    """

    kind = ErrorKind.INVALID
    title = "未成年人不得从事该工种", "This work is not for minors"
    detail = (
        "职业类别 {occupation_class} 须年满 {minimum} 周岁。目前没有保障,请勿开工,并联系现场负责人。",
        "Class {occupation_class} is for ages from {minimum}. There is no cover: do not start, ask the "
        "foreman.",
    )


class Terms(BaseModel, frozen=True, defer_build=True):
    """What an occupation pays for a plan: class, premium of 24 hours in fen, sum insured in fen.

    With `referred_work` the price is that of each worker whom an underwriter approves.
    """

    occupation_class: int
    premium_fen: int
    sum_insured_fen: int
    referred_work: ReferredWork | None = None


def terms_for(occupation_code: str, plan_id: str, now: datetime) -> Terms:
    """Price an occupation under a plan by what is on sale at `now`.

    Raises OccupationUnknownError, OccupationRefusedError, PlanUnknownError, PlanNotOfferedError.
    """
    return terms_of_row(occupation(occupation_code, now), plan_id, now)


def terms_of_row(row: Occupation, plan_id: str, now: datetime) -> Terms:
    """The same for an occupation of the table, or one that was answered for a company."""
    chosen = plan_on_sale(plan_id, now)
    if row.acceptance is Acceptance.REFUSE:
        raise OccupationRefusedError(code=row.code, reason_zh=row.reason_zh, reason_en=row.reason_en)
    return Terms(
        occupation_class=row.occupation_class,
        premium_fen=chosen.premium_fen(row.occupation_class),
        sum_insured_fen=chosen.sum_insured_fen,
        referred_work=row.referred_work,
    )


def check_age(born: date, day: date, occupation_class: int, maximum: int = MAXIMUM_AGE) -> None:
    """Check full years (周岁) on `day`, the +08:00 day that cover starts: 16 to 65, from class 5 on at least 18.

    `maximum` is higher where people decide; the refusal says with `referable` whether they may.

    Raises AgeOutOfRangeError, MinorInHazardousWorkError.
    """
    age = age_on(born, day)
    if not MINIMUM_AGE <= age <= maximum:
        referable = maximum < age <= OLDEST_AT_THE_EDGE
        raise AgeOutOfRangeError(minimum=MINIMUM_AGE, maximum=maximum, referable=referable)
    if age < ADULT_AGE and occupation_class >= HAZARDOUS_CLASS:
        raise MinorInHazardousWorkError(minimum=ADULT_AGE, occupation_class=occupation_class)
