"""The disability scale (伤残等级) of JR/T 0083-2013: grade 1 is the worst, grade 10 the lightest.

Grades of the work-injury scale (劳动能力鉴定) or of the courts' scale (人体损伤致残程度分级) are other numbers
for other injuries. An appraisal by one of them is the wrong standard, not "no disability".

Several injuries (多处伤残的评定原则, JR/T 0083-2013 clause 3.4; clause 4.4 of the association's edition of 2013):
each site is graded by itself; where grades differ the worst is the finding; where two or more sites share it,
it rises by one at most, never above grade 1. One part and nature (同一部位和性质) is not graded by two items, nor
by one item twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel, model_validator

from daycover.claims.disability_table import (
    DisabilityTable,
    Extent,
    Grade,
    ItemCode,
    PartCode,
    disability_table,
)
from daycover.errors import DaycoverError, ErrorKind

_PERCENTAGE_BPS: Mapping[int, int] = MappingProxyType(
    {1: 10_000, 2: 9_000, 3: 8_000, 4: 7_000, 5: 6_000, 6: 5_000, 7: 4_000, 8: 3_000, 9: 2_000, 10: 1_000}
)


class DisabilityGradeError(DaycoverError):
    """There is no grade, or one that the scale does not have.

    What to do: Give at least one site; grades are 1 (worst) to 10.
    含义:没有伤残等级,或等级不在一至十级之内。
    处理:至少填写一处伤残;等级为1(最重)至10。
    """

    kind = ErrorKind.INVALID
    title = "伤残等级有误", "No such disability grade"
    detail = (
        "请至少填写一处伤残,等级为1(最重)至10级。",
        "Give at least one site, with a grade from 1 (worst) to 10.",
    )


class WrongScaleError(DaycoverError):
    """The appraisal is by another scale than JR/T 0083-2013, which the terms name.

    What to do: Ask for an appraisal by JR/T 0083-2013. The grade of another scale is no basis for an amount, and
    no proof that there is no disability.
    含义:鉴定所依据的不是条款约定的《人身保险伤残评定标准及代码》(JR/T 0083-2013)。
    处理:请申请人补充按 JR/T 0083-2013 作出的鉴定。其他标准的等级不能用来计算,也不说明没有伤残。
    """

    kind = ErrorKind.INVALID
    title = "鉴定标准不符", "An appraisal by another standard"
    detail = (
        "该鉴定依据{scale_zh}。条款约定的是《人身保险伤残评定标准及代码》(JR/T 0083-2013),请补充按该标准作出的鉴定。",
        "The appraisal is by {scale_en}. The terms name JR/T 0083-2013: ask for an appraisal by it.",
    )


class DisabilityItemMismatchError(DaycoverError):
    """The site's grade or part is not that of its item.

    What to do: Correct the grade or the part, or choose the item that the appraisal names. Where the appraisal
    names none, leave `item` out.
    含义:所填等级或部位与伤残条目不一致。
    处理:更正等级或部位,或改选鉴定所用条目;鉴定没有写明条目时不填 `item`。
    """

    kind = ErrorKind.INVALID
    title = "等级或部位与条目不一致", "Grade or part is not the item's"
    detail = (
        "条目 {item} 为{item_grade}级,部位为 {item_parts}。请更正,或改选条目。",
        "{item} is grade {item_grade}, of {item_parts}. Correct it, or choose another item.",
    )


class DisabilitySideError(DaycoverError):
    """The side of the body is missing or does not fit: left and right are different parts.

    What to do: Give `side` as `allowed` says; leave it out for a part that there is once.
    含义:左右侧缺失或与部位、条目不符;左右是不同的部位。
    处理:按 `allowed` 填写 `side`;不分左右的部位不填。
    """

    kind = ErrorKind.INVALID
    title = "左右侧有误", "The side does not fit"
    detail = (
        "部位 {part} 的左右侧应为:{allowed}。不分左右的部位不填。",
        "The side of {part} must be one of: {allowed}. Leave it out for a part that there is once.",
    )


class DisabilityScale(StrEnum):
    """By which standard an appraisal (伤残鉴定) was made."""

    JRT_0083 = "JRT_0083"
    WORK_INJURY = "WORK_INJURY"
    COURT = "COURT"


SCALE_WORDS: Mapping[DisabilityScale, tuple[str, str]] = MappingProxyType(
    {
        DisabilityScale.JRT_0083: (
            "《人身保险伤残评定标准及代码》(JR/T 0083-2013)",
            "JR/T 0083-2013, the scale of personal insurance",
        ),
        DisabilityScale.WORK_INJURY: (
            "《劳动能力鉴定 职工工伤与职业病致残等级》(工伤)",
            "GB/T 16180, the scale of work injury insurance",
        ),
        DisabilityScale.COURT: (
            "《人体损伤致残程度分级》(司法鉴定)",
            "the scale that courts use",
        ),
    }
)
"""Each in Chinese and in English."""


class BodySide(StrEnum):
    """LEFT 左, RIGHT 右, BOTH 双侧."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    BOTH = "BOTH"


_SIDES: Mapping[Extent, tuple[BodySide, ...]] = MappingProxyType(
    {Extent.ONE: (BodySide.LEFT, BodySide.RIGHT), Extent.BOTH: (BodySide.BOTH,)}
)
_SIDE_ZH: Mapping[BodySide | None, str] = MappingProxyType(
    {None: "", BodySide.LEFT: "左", BodySide.RIGHT: "右", BodySide.BOTH: "双侧"}
)


class DisabilitySite(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One injury (一处伤残) as an appraisal has it.

    `item` is None where the appraisal names only part and grade. `side` where there is a left and a right part.
    `worsened_from`: the lighter grade that the same part had before or was paid for; the amount takes it off, the
    grade of the accident does not.
    """

    part: PartCode
    grade: Grade
    item: ItemCode | None = None
    side: BodySide | None = None
    worsened_from: Grade | None = None

    @model_validator(mode="after")
    def _got_worse(self) -> "DisabilitySite":
        if self.worsened_from is not None and self.worsened_from <= self.grade:
            raise ValueError("worsened_from must be a lighter grade (a larger number) than grade")
        return self


class GradedSites(NamedTuple):
    """What several sites of one accident amount to. `counted`: places in the sites given, in their order."""

    grade: int
    is_promoted: bool
    counted: tuple[int, ...]
    text_zh: str


def check_scale(scale: DisabilityScale) -> None:
    """Raise WrongScaleError unless the appraisal is by the scale that the terms name."""
    if scale is not DisabilityScale.JRT_0083:
        scale_zh, scale_en = SCALE_WORDS[scale]
        raise WrongScaleError(scale=scale.value, scale_zh=scale_zh, scale_en=scale_en)


def check_site(site: DisabilitySite, table: DisabilityTable) -> None:
    """Check a site against the table: an item's grade is the table's, its part one of the item's, its side fits.

    Raises DisabilityItemUnknownError, DisabilityPartUnknownError, DisabilityItemMismatchError and
    DisabilitySideError.
    """
    part = table.part(site.part)
    sides: tuple[BodySide, ...] = tuple(BodySide) if part.sided else ()
    if site.item is not None:
        item = table.item(site.item)
        if item.grade != site.grade or site.part not in item.parts:
            raise DisabilityItemMismatchError(
                item=item.code, item_grade=item.grade, item_parts=", ".join(item.parts)
            )
        sides = () if item.extent is None else _SIDES[item.extent]
    if site.side not in (sides or (None,)):
        raise DisabilitySideError(part=site.part, allowed=", ".join(sides) or "—")


def are_same_part(one: DisabilitySite, other: DisabilitySite, table: DisabilityTable) -> bool:
    """Whether two sites are of the same part and nature (同一部位和性质): what their parts cover meets.

    Left and right are different parts. Raises DisabilityPartUnknownError.
    """
    sides = {one.side, other.side}
    return sides != {BodySide.LEFT, BodySide.RIGHT} and bool(
        table.within(one.part) & table.within(other.part)
    )


def counted_grades(sites: Iterable[DisabilitySite]) -> tuple[int, ...]:
    """Give the grades that `final_grade` takes, by the edition that our terms name; none without sites.

    Raises DisabilityPartUnknownError.
    """
    given = tuple(sites)
    return (
        tuple(given[place].grade for place in grade_sites(given, disability_table()).counted) if given else ()
    )


def grade_sites(sites: Sequence[DisabilitySite], table: DisabilityTable) -> GradedSites:
    """Give the grade of one accident, which sites count for it, and why, in Chinese words.

    Of sites of the same part and nature one counts, the worst; two parts are the same where one is within the
    other, and left and right are not. The order of the sites does not matter. Where sites of the worst grade may
    be paired so that the grade rises or does not, it rises: a doubt goes to the insured (Insurance Law art. 30).
    Raises DisabilityGradeError without sites, DisabilityPartUnknownError.
    """
    if not sites:
        raise DisabilityGradeError
    worst = min(site.grade for site in sites)

    def rank(place: int) -> tuple[int, int, str, str, str]:
        site = sites[place]
        return site.grade, len(table.within(site.part)), site.part, site.side or "", site.item or ""

    ordered = sorted(range(len(sites)), key=rank)
    counted = ordered[:1]
    for first in (place for place in ordered if sites[place].grade == worst):
        kept = [first]
        for place in ordered:
            if not any(are_same_part(sites[place], sites[other], table) for other in kept):
                kept.append(place)
        if first == ordered[0] or _count_of(kept, sites, worst) > 1:
            counted = kept
        if _count_of(counted, sites, worst) > 1:
            break
    grade = final_grade([sites[place].grade for place in counted])
    text = "".join(_words(sites, counted, grade, table))
    return GradedSites(grade, grade < worst, tuple(sorted(counted)), text)


def final_grade(grades: Sequence[int]) -> int:
    """Combine the grades of one accident into one (JR/T 0083-2013, several injuries).

    The worst grade counts. Two or more injuries of that same worst grade raise it by one, once, and never
    above 1. The caller gives one grade for each body part: the same part is not graded twice.
    Raises DisabilityGradeError when empty or outside 1-10.
    """
    if not grades or any(grade not in _PERCENTAGE_BPS for grade in grades):
        raise DisabilityGradeError
    worst = min(grades)
    return max(1, worst - 1) if list(grades).count(worst) > 1 else worst


def percentage_bps(grade: int) -> int:
    """Give the share of the sum insured in basis points (JR/T 0083-2013). Raises DisabilityGradeError."""
    try:
        return _PERCENTAGE_BPS[grade]
    except KeyError:
        raise DisabilityGradeError from None


def _count_of(places: Sequence[int], sites: Sequence[DisabilitySite], grade: int) -> int:
    return sum(sites[place].grade == grade for place in places)


def _words(
    sites: Sequence[DisabilitySite],
    counted: Sequence[int],
    grade: int,
    table: DisabilityTable,
) -> Iterator[str]:
    """Say which sites there are, which of them count, and how the grade follows."""
    yield f"伤残{len(sites)}处："
    yield "；".join(f"第{place}处，{site_words(site, table)}" for place, site in enumerate(sites, 1)) + "。"
    for place, site in enumerate(sites):
        if place not in counted:
            same = min(other for other in counted if are_same_part(site, sites[other], table))
            yield f"第{place + 1}处与第{same + 1}处属同一部位和性质，不重复评定。"
    worst = min(site.grade for site in sites)
    sharing = _count_of(counted, sites, worst)
    if grade < worst:
        yield f"计入的最重等级{worst}级有{sharing}处，晋升一级，评定为{grade}级"
    elif sharing > 1:
        yield f"计入的最重等级有{sharing}处，已为1级，不再晋升，评定为1级"
    elif len(counted) > 1:
        yield f"计入{len(counted)}处，等级不同，以最重的为准，评定为{grade}级"
    else:
        yield f"评定为{grade}级"
    yield "（JR/T 0083-2013第3.4条）"


def site_words(site: DisabilitySite, table: DisabilityTable) -> str:
    """Say where a site is, by which item, and its grade. Raises DisabilityPartUnknownError."""
    item = "" if site.item is None else f"，条目{site.item}“{table.item(site.item).text_zh}”"
    before = "" if site.worsened_from is None else f"，此前为{site.worsened_from}级"
    return f"{_SIDE_ZH[site.side]}{table.part(site.part).name_zh}{item}，{site.grade}级{before}"
