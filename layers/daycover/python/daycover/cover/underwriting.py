"""Who is insured at what premium. A refusal or referral always says why."""

from datetime import date, datetime

from pydantic import BaseModel

from daycover.cover.occupation import Acceptance, OccupationRefusedError, occupation
from daycover.cover.plan import plan_on_sale
from daycover.errors import DaycoverError
from daycover.identity.resident_id import age_on
from daycover.projects.project import ReferredWork

MINIMUM_AGE = 16
MAXIMUM_AGE = 65
ADULT_AGE = 18
HAZARDOUS_CLASS = 5


class AgeOutOfRangeError(DaycoverError):
    """The person is younger than 16 or older than 65 full years on the day."""


class MinorInHazardousWorkError(DaycoverError):
    """Somebody under 18 in an occupation of class 5 or 6."""


class Terms(BaseModel, frozen=True):
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
    row, chosen = occupation(occupation_code, now), plan_on_sale(plan_id, now)
    if row.acceptance is Acceptance.REFUSE:
        raise OccupationRefusedError(code=row.code, reason_zh=row.reason_zh, reason_en=row.reason_en)
    return Terms(
        occupation_class=row.occupation_class,
        premium_fen=chosen.premium_fen(row.occupation_class),
        sum_insured_fen=chosen.sum_insured_fen,
        referred_work=row.referred_work,
    )


def check_age(id_number: str, day: date, occupation_class: int) -> None:
    """Check full years (周岁) on `day`: 16 to 65, from class 5 on at least 18.

    Raises AgeOutOfRangeError, MinorInHazardousWorkError.
    """
    age = age_on(id_number, day)
    if not MINIMUM_AGE <= age <= MAXIMUM_AGE:
        raise AgeOutOfRangeError(minimum=MINIMUM_AGE, maximum=MAXIMUM_AGE)
    if age < ADULT_AGE and occupation_class >= HAZARDOUS_CLASS:
        raise MinorInHazardousWorkError(minimum=ADULT_AGE, occupation_class=occupation_class)
