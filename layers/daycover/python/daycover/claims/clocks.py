"""The legal clocks (理赔时限) of a claim, computed from instants whenever somebody reads them.

All instants are aware and in UTC. The clocks that bind us are counted to the second, which is never later
than the end of the civil day that the law allows (Civil Code arts. 201, 203). The one that binds the
claimant, the limitation, is counted to the end of that day.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, BaseModel, model_validator

from daycover.china_time import china_day, china_midnight
from daycover.claims.calendar import working_day

ADJUDICATION = timedelta(days=30)
REFUSAL_NOTICE = timedelta(days=3)
PAYMENT = timedelta(days=10)
ADVANCE = timedelta(days=60)
LIMITATION_YEARS = 2
SERVICE_LEVEL_WORKING_DAYS = 2


class PausedInterval(BaseModel, frozen=True, defer_build=True):
    """From delivery of the one notice that asks for documents to receipt of them; `end` None while open."""

    start: AwareDatetime
    end: AwareDatetime | None = None

    @model_validator(mode="after")
    def _never_ends_before_its_start(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("a pause cannot end before it starts")
        return self


class ServiceLevel(BaseModel, frozen=True, defer_build=True):
    """When the promise to pay falls due, and how well the days in between are known."""

    due: datetime
    holidays_known: bool
    """False where a year's notice is not known yet and the rule stands in for it."""


def adjudication_due(started: datetime, pauses: Collection[PausedInterval] = ()) -> datetime | None:
    """Give the end of 30 days from the first receipt of request and documents; None while paused.

    Insurance Law art. 23; Interpretation II art. 15 for start and pauses. Overlapping pauses push the due
    time once, and a pause that begins when the 30 days have run out comes too late to move it.
    """
    due = started + ADJUDICATION
    counted_until = started
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.start >= due:
            break
        if pause.end is None:
            return None
        due += max(timedelta(0), pause.end - max(pause.start, counted_until))
        counted_until = max(counted_until, pause.end)
    return due


def refusal_notice_due(adjudicated: datetime) -> datetime:
    """Give the end of the 3 days in which a refusal is sent with its reasons (Insurance Law art. 24)."""
    return adjudicated + REFUSAL_NOTICE


def payment_due(agreed: datetime) -> datetime:
    """Give the end of the 10 days after the agreement on the amount (Insurance Law art. 23)."""
    return agreed + PAYMENT


def advance_due(started: datetime) -> datetime:
    """Give the end of 60 days from the first receipt, when the certain part is paid in advance.

    Insurance Law art. 25. A pause of the 30 days does not stop this clock.
    """
    return started + ADVANCE


def limitation_ends(accident: datetime) -> datetime:
    """Give the instant from which a claim is out of time: two years after the accident's day in +08:00.

    Insurance Law art. 26; Civil Code arts. 201-203 for the count: the last day is the same date two years
    on, 28 February where that year has no 29th, and it counts to its end. The law starts at the day the
    claimant knew or should have known, and moves a last day that is a holiday: both only lengthen. A claim
    after this instant is therefore marked for a person to look at, never refused by it.
    """
    first = china_day(accident)
    year = first.year + LIMITATION_YEARS
    try:
        last = first.replace(year=year)
    except ValueError:
        last = date(year, 2, 28)
    return _end_of(last)


def service_level(documents_complete: datetime) -> ServiceLevel:
    """Give the end of the second PRC working day in +08:00 after the day the documents were complete.

    The scheme's own promise, not law. The day itself does not count (as in Civil Code art. 201). Without the year's
    notice the rule counts (`claims/calendar.py`), and the due time moves to its place when the notice is known.
    """
    day = china_day(documents_complete)
    left = SERVICE_LEVEL_WORKING_DAYS
    all_known = True
    while left:
        day += timedelta(days=1)
        is_working, is_published = working_day(day)
        left -= is_working
        all_known = all_known and is_published
    return ServiceLevel(due=_end_of(day), holidays_known=all_known)


def service_level_due(documents_complete: datetime) -> datetime:
    """Give the due time alone of `service_level`."""
    return service_level(documents_complete).due


def working_time(start: datetime, end: datetime) -> timedelta:
    """Give how much of the time from `start` to `end` lies on PRC working days in +08:00, at any hour."""
    spent, day = timedelta(0), china_day(start)
    while day <= china_day(end) and start < end:
        if working_day(day).is_working:
            midnight = _end_of(day - timedelta(days=1))
            spent += max(timedelta(0), min(end, _end_of(day)) - max(start, midnight))
        day += timedelta(days=1)
    return spent


def _end_of(day: date) -> datetime:
    return china_midnight(day + timedelta(days=1)).astimezone(UTC)
