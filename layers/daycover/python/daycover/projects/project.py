"""The work project (用工项目): who works where, at what, when, and under which plan."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from typing import Protocol

from pydantic import BaseModel

from daycover.china_time import CHINA, china_day
from daycover.errors import DaycoverError

EARLY = timedelta(minutes=120)
"""How long before the shift a check-in is welcome; cover then begins at the check-in."""
EARTH_RADIUS_M = 6_371_000
USABLE_ACCURACY_M = 500
"""A fix that may be farther off than this says nothing about a site of 200 m."""


class ProjectNotFoundError(DaycoverError):
    """There is no such project, or it belongs to another company."""


class CoverNotAvailableError(DaycoverError):
    """The labour company's credit is used up: no new cover until it pays. Cover in force goes on."""


class ProjectTransitionError(DaycoverError):
    """The lifecycle has no such step from the current status."""


class ProjectNotOpenError(DaycoverError):
    """Only an OPEN project takes new scans; issued policies are not touched."""


class ProjectNotRunningError(DaycoverError):
    """The instant is before the project's first shift or after its last."""


class CheckInTooEarlyError(DaycoverError):
    """The next shift's check-in has not opened; `opens_at` says when to come back."""


class OutsideGeofenceError(DaycoverError):
    """A usable position is farther from the site than its radius and the fix's accuracy allow."""


class ProjectStatus(StrEnum):
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAUSED = "PAUSED"
    CLOSED = "CLOSED"


TRANSITIONS: Mapping[ProjectStatus, frozenset[ProjectStatus]] = MappingProxyType(
    {
        ProjectStatus.DRAFT: frozenset({ProjectStatus.OPEN, ProjectStatus.CLOSED}),
        ProjectStatus.OPEN: frozenset({ProjectStatus.PAUSED, ProjectStatus.CLOSED}),
        ProjectStatus.PAUSED: frozenset({ProjectStatus.OPEN, ProjectStatus.CLOSED}),
        ProjectStatus.CLOSED: frozenset(),
    }
)


class Scene(StrEnum):
    """The work card's employment scenes (`employment_scene`)."""

    LOGISTICS = "LOGISTICS"
    MANUFACTURING = "MANUFACTURING"
    HOTEL = "HOTEL"
    CATERING = "CATERING"
    EVENT = "EVENT"
    RETAIL = "RETAIL"
    OTHERS = "OTHERS"


class Site(BaseModel, frozen=True):
    """Where the work is: WGS-84 degrees and a radius in metres."""

    latitude: float
    longitude: float
    radius_m: int


class Place(BaseModel, frozen=True):
    """Where a worker's phone says it is: degrees, accuracy in metres, and when it was fixed."""

    latitude: float
    longitude: float
    accuracy_m: float
    fixed_at: datetime
    is_mock: bool = False
    """The phone's own word that a mock provider gave the fix."""

    @property
    def is_usable(self) -> bool:
        return self.accuracy_m <= USABLE_ACCURACY_M


class Shift(BaseModel, frozen=True):
    """The daily shift in +08:00 wall time; an end at or before the start is on the next day."""

    starts_at: time
    ends_at: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Give start and end of the shift that begins on `day`."""
        start = datetime.combine(day, self.starts_at, CHINA)
        end = datetime.combine(day, self.ends_at, CHINA)
        return start, end if end > start else end + timedelta(days=1)


class ReferredWork(BaseModel, frozen=True):
    """Why people decide about every worker of a project: the occupation and its reason in both languages."""

    code: str
    reason_zh: str
    reason_en: str


class Project(BaseModel, frozen=True):
    """A project. `version` counts its changes; `key_version` is the generation of its QR codes.

    Company name and sub-merchant number stand here too, so that a scan needs one read.
    """

    project_id: str
    company_id: str
    company_name: str
    sub_mchid: str
    name: str
    employer_name: str
    site: Site
    scene: Scene
    occupation_code: str
    occupation_class: int
    plan_id: str
    premium_fen: int
    shift: Shift
    starts_on: date
    ends_on: date
    headcount: int
    status: ProjectStatus
    key_version: int = 1
    code_revoked: bool = False
    version: int = 1
    created_at: datetime
    credit_blocked: bool = False
    """Its company owes more than it may; copied here so that a check-in sees it in the read it makes anyway."""
    referred_work: ReferredWork | None = None
    """Set where an underwriter decides about every worker; it stands here for the same reason."""

    def moved_to(self, status: ProjectStatus) -> "Project":
        """Give the project in its next status. Raises ProjectTransitionError."""
        if status not in TRANSITIONS[self.status]:
            raise ProjectTransitionError(status=self.status, wanted=status)
        return self.model_copy(update={"status": status, "version": self.version + 1})

    def with_next_code(self) -> "Project":
        """Give the project with a new generation of QR codes; every older one is refused from now on."""
        return self.model_copy(
            update={"key_version": self.key_version + 1, "code_revoked": False, "version": self.version + 1}
        )

    def with_code_revoked(self) -> "Project":
        """Give the project without a valid QR code; the next rotation brings a new one."""
        return self.model_copy(update={"code_revoked": True, "version": self.version + 1})

    @property
    def last_shift_end(self) -> datetime:
        return self.shift.on(self.ends_on)[1]

    def check_open(self, now: datetime) -> None:
        """Raise ProjectNotOpenError or ProjectNotRunningError where no scan is taken at all."""
        if self.status is not ProjectStatus.OPEN:
            raise ProjectNotOpenError(status=self.status)
        self.check_not_over(now)

    def check_credit(self) -> None:
        """Raise CoverNotAvailableError while the company's credit is used up."""
        if self.credit_blocked:
            raise CoverNotAvailableError

    def check_not_over(self, now: datetime) -> None:
        """Raise ProjectNotRunningError once the last shift has ended."""
        if now >= self.last_shift_end:
            raise ProjectNotRunningError(starts_on=self.starts_on, ends_on=self.ends_on)

    def check_shift(self, now: datetime) -> datetime:
        """Give the planned end of the latest shift that is on or begins within the early window.

        Raises CheckInTooEarlyError before that, ProjectNotRunningError when no shift is left.
        """
        shifts = islice(self._shifts_from(china_day(now) - timedelta(days=1)), 3)
        left = [shift for shift in shifts if now < shift[1]]
        if not left:
            raise ProjectNotRunningError(starts_on=self.starts_on, ends_on=self.ends_on)
        open_ones = [end for start, end in left if now >= start - EARLY]
        if not open_ones:
            raise CheckInTooEarlyError(opens_at=left[0][0] - EARLY)
        return open_ones[-1]

    def is_on_shift(self, now: datetime) -> bool:
        """Whether a shift runs at `now`, the early window not counted."""
        shifts = self._shifts_from(china_day(now) - timedelta(days=1))
        return next((start <= now for start, end in shifts if now < end), False)

    def check_place(self, place: Place | None) -> None:
        """Raise OutsideGeofenceError for a usable fix outside the site. No usable fix is a signal, not a refusal."""
        if place is None or not place.is_usable:
            return
        distance = self.distance_from_site_m(place)
        if distance > self.site.radius_m + place.accuracy_m:
            raise OutsideGeofenceError(distance_m=distance, radius_m=self.site.radius_m)

    def distance_from_site_m(self, place: Place) -> int:
        """Whole metres between a fix and the site."""
        return round(distance_m(self.site, place))

    def _shifts_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        day = max(day, self.starts_on)
        while day <= self.ends_on:
            yield self.shift.on(day)
            day += timedelta(days=1)


def distance_m(site: Site, place: Place) -> float:
    """Great-circle distance in metres (haversine)."""
    lat1, lat2 = radians(site.latitude), radians(place.latitude)
    dlat, dlon = lat2 - lat1, radians(place.longitude - site.longitude)
    half = sin(dlat / 2) ** 2 + cos(lat1) * cos(lat2) * sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


class Projects(Protocol):
    def get(self, project_id: str, *, strong: bool = False) -> Project:
        """Give the project; `strong` includes every change made before. Raises ProjectNotFoundError."""
        ...

    def add(self, project: Project) -> None: ...

    def save(self, project: Project) -> None:
        """Store a change; its version is one more than what it replaces. Raises ConcurrentChangeError."""
        ...

    def list_of(self, company_id: str) -> list[Project]: ...
