"""The disability scale (伤残等级) of JR/T 0083-2013: grade 1 is the worst, grade 10 the lightest.

Grades of the work-injury scale (劳动能力鉴定) or of the courts' scale (人体损伤致残程度) are other numbers
for other injuries. A certificate that names one of them is the wrong standard, not "no disability".
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError

_PERCENTAGE_BPS: Mapping[int, int] = MappingProxyType(
    {1: 10_000, 2: 9_000, 3: 8_000, 4: 7_000, 5: 6_000, 6: 5_000, 7: 4_000, 8: 3_000, 9: 2_000, 10: 1_000}
)


class DisabilityGradeError(DaycoverError):
    """There is no grade, or one that the scale does not have."""


class DisabilityScale(StrEnum):
    JRT_0083 = "JRT_0083"
    WORK_INJURY = "WORK_INJURY"
    COURT = "COURT"


class DisabilitySite(BaseModel, frozen=True, defer_build=True):
    item: str | None = None
    part: str
    grade: int = Field(ge=1, le=10)


def counted_grades(sites: Iterable[DisabilitySite]) -> tuple[int, ...]:
    worst: dict[str, int] = {}
    for site in sites:
        worst[site.part] = min(site.grade, worst.get(site.part, site.grade))
    return tuple(worst.values())


def final_grade(grades: Sequence[int]) -> int:
    """Combine the grades of one accident into one (JR/T 0083-2013, several injuries).

    The worst grade counts. Two or more injuries of that same worst grade raise it by one, once, and never
    above 1. The caller gives one grade for each body part: the same part is not graded twice.
    Raises DisabilityGradeError when empty or outside 1-10.
    """
    if not grades or any(grade not in _PERCENTAGE_BPS for grade in grades):
        raise DisabilityGradeError(grades=list(grades))
    worst = min(grades)
    return max(1, worst - 1) if list(grades).count(worst) > 1 else worst


def percentage_bps(grade: int) -> int:
    """Give the share of the sum insured in basis points (JR/T 0083-2013). Raises DisabilityGradeError."""
    try:
        return _PERCENTAGE_BPS[grade]
    except KeyError:
        raise DisabilityGradeError(grades=[grade]) from None
