"""Working days (工作日) in China: by the State Council's yearly notice (关于部分节假日安排的通知), and by rule in a
year whose notice is not known.

The notice is a dated table, packaged as `tables/calendar.<year>.json` or loaded by operations when it is published,
in autumn for the year after. The rule is the holiday decree (全国年节及纪念日放假办法), art. 2 as amended on
2024-11-10, with weekends. It knows neither the days in lieu (补假, 调休) of a holiday that falls on a weekend, nor the
make-up working days: only a notice sets them. So what we promised falls due earlier by rule than by notice, and later
only where a weekend before it is made up: no deadline is missed for want of a notice but by those days.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field, StringConstraints, model_validator

from daycover.china_time import CHINA, china_day
from daycover.cover.versions import DatedTable, Version

SATURDAY = 5
DECEMBER = 12
LUNAR = MappingProxyType(
    {
        2020: ("0125", "0404", "0625", "1001"),
        2021: ("0212", "0404", "0614", "0921"),
        2022: ("0201", "0405", "0603", "0910"),
        2023: ("0122", "0405", "0622", "0929"),
        2024: ("0210", "0404", "0610", "0917"),
        2025: ("0129", "0404", "0531", "1006"),
        2026: ("0217", "0405", "0619", "0925"),
        2027: ("0206", "0405", "0609", "0915"),
        2028: ("0126", "0404", "0528", "1003"),
        2029: ("0213", "0404", "0616", "0922"),
        2030: ("0203", "0405", "0605", "0912"),
        2031: ("0123", "0405", "0624", "1001"),
        2032: ("0211", "0404", "0612", "0919"),
        2033: ("0131", "0404", "0601", "0908"),
        2034: ("0219", "0405", "0620", "0927"),
        2035: ("0208", "0405", "0610", "0916"),
        2036: ("0128", "0404", "0530", "1004"),
        2037: ("0215", "0404", "0618", "0924"),
        2038: ("0204", "0405", "0607", "0913"),
        2039: ("0124", "0405", "0527", "1002"),
        2040: ("0212", "0404", "0614", "0920"),
        2041: ("0201", "0404", "0603", "0910"),
        2042: ("0122", "0404", "0622", "0928"),
        2043: ("0210", "0405", "0611", "0917"),
        2044: ("0130", "0404", "0531", "1005"),
        2045: ("0217", "0404", "0619", "0925"),
        2046: ("0206", "0404", "0608", "0915"),
        2047: ("0126", "0405", "0529", "1004"),
        2048: ("0214", "0404", "0615", "0922"),
        2049: ("0202", "0404", "0604", "0911"),
        2050: ("0123", "0404", "0623", "0930"),
    }
)
"""The first day of the lunar year, 清明, 端午 (5/5) and 中秋 (8/15), month and day. Taken from two independent
libraries, sxtwl (astronomical) and lunardate (tables; it has no 清明), which agree on all of them."""
AMENDED = 2025
"""The first year with thirteen days: New Year's Eve and 2 May came with the amendment of 2024-11-10."""


class Festival(StrEnum):
    """A statutory day (节日)."""

    NEW_YEAR = "NEW_YEAR"  # 元旦
    SPRING_FESTIVAL = "SPRING_FESTIVAL"  # 春节
    QINGMING = "QINGMING"  # 清明节
    LABOUR_DAY = "LABOUR_DAY"  # 劳动节
    DRAGON_BOAT = "DRAGON_BOAT"  # 端午节
    MID_AUTUMN = "MID_AUTUMN"  # 中秋节
    NATIONAL_DAY = "NATIONAL_DAY"  # 国庆节


@cache
def statutory_days(year: int) -> frozenset[date]:
    """Give the days that every citizen has off in a year, by rule (放假办法 art. 2).

    Of a year that `LUNAR` does not know, those of the solar calendar alone.
    """
    amended = year >= AMENDED
    days = {date(year, 1, 1), date(year, 5, 1), *(date(year, 10, day) for day in (1, 2, 3))}
    if amended:
        days.add(date(year, 5, 2))
    if year in LUNAR:
        first, *others = (date(year, int(day[:2]), int(day[2:])) for day in LUNAR[year])
        days |= {first + timedelta(days=n) for n in range(-1 if amended else 0, 3)} | set(others)
    return frozenset(days)


class Holiday(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """A festival as the notice says it: off from `first` to `last`, weekends and days in lieu included."""

    festival: Festival
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @model_validator(mode="after")
    def _is_as_long_as_a_notice_makes_it(self) -> "Holiday":
        if not 0 <= (self.last - self.first).days < 15:
            raise ValueError(
                "一个节日放假 1 至 15 天,last 不得早于 first",
                "a festival lasts 1 to 15 days, and last is not before first",
            )
        return self


class Calendar(Version, frozen=True):
    """A year's notice. It holds from the year's first instant in +08:00, one that amends it from later in the year."""

    year: Annotated[int, Field(ge=2020, le=2199)]
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The notice: its number or title, and its date."""
    holidays: Annotated[tuple[Holiday, ...], Field(min_length=1, max_length=20)]
    working_days: Annotated[tuple[date, ...], Field(max_length=30)]
    """Weekend days on which offices work (调休上班)."""

    @model_validator(mode="after")
    def _is_a_notice(self) -> "Calendar":
        """A festival may begin in the last days of the year before; everything else lies in the year."""
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        if china_day(self.valid_from).year != self.year:
            raise ValueError(
                "valid_from 须在该年度之内(北京时间)", "valid_from must lie in the year, in +08:00"
            )
        if self.valid_to is not None and china_day(self.valid_to).year == self.year:
            raise ValueError(
                "不填 valid_to:通知一直有效到年底或修改它的通知为止",
                "leave valid_to out: a notice holds to the end of its year, or until one amends it",
            )
        for earlier, later in pairwise(self.holidays):
            if later.first <= earlier.last:
                raise ValueError("节日须按时间先后排列,互不重叠", "holidays must be in order and apart")
        off = {day for holiday in self.holidays for day in holiday.days}
        if not all(first - timedelta(days=7) <= day <= last for day in {*off, *self.working_days}):
            raise ValueError("有日期不在该年度之内", "a day lies outside the year")
        missing = sorted(statutory_days(self.year) - off)
        if missing:
            days = ", ".join(map(str, missing))
            raise ValueError(f"缺少法定节假日:{days}", f"statutory days are missing: {days}")
        if any(day.weekday() < SATURDAY or day in off for day in self.working_days):
            raise ValueError(
                "调休上班日须是周六或周日,且不是放假日",
                "a make-up working day is a Saturday or Sunday that is no holiday",
            )
        return self

    def fills_what(self, held: Version | None, /) -> bool:
        """A notice that is loaded late speaks of days of which none spoke; one that amends another is never late."""
        return held is None or (isinstance(held, Calendar) and held.year < self.year)

    def says(self, day: date) -> bool | None:
        """Whether offices work on a day that the notice names; None for any other."""
        if day in self.working_days:
            return True
        return False if any(holiday.first <= day <= holiday.last for holiday in self.holidays) else None


CALENDARS = DatedTable("calendar", Calendar, Path(__file__).parent / "tables")


class WorkingDay(NamedTuple):
    is_working: bool
    is_published: bool
    """False where the rule stands in for a notice."""


def working_day(day: date) -> WorkingDay:
    """Say whether PRC offices work on a day.

    By the notice of its year; in its last week by that of the next year too, whose New Year may begin there.
    """
    own = notice_of(day.year, day)
    following = notice_of(day.year + 1) if day > date(day.year, 12, 24) else None
    for notice in (own, following):
        said = None if notice is None else notice.says(day)
        if said is not None:
            return WorkingDay(said, True)
    by_rule = day.weekday() < SATURDAY and day not in statutory_days(day.year)
    return WorkingDay(by_rule, own is not None)


def notice_of(year: int, day: date | None = None) -> Calendar | None:
    """Give the notice of a year as it holds on a day of it, on the first where none is said."""
    noon = datetime.combine(day or date(year, 1, 1), time(12), CHINA)
    notice = CALENDARS.at(noon)
    return notice if notice is not None and notice.year == year else None


def missing_notice(now: datetime) -> int | None:
    """Give the year whose notice should be known by now and is not: this one, from 1 December in +08:00 on the next."""
    today = china_day(now)
    years = (today.year, today.year + 1) if today.month == DECEMBER else (today.year,)
    return next((year for year in years if notice_of(year) is None), None)
