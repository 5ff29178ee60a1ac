"""Where a site and a worker are: degrees, the datum (坐标系) that they are stated in, and the way between two points.

Everything is computed and stored in WGS-84, which satellites and phones give. Maps made in China show GCJ-02
(高德, 腾讯, Google's map of China) or BD-09 (百度), which lie 300 to 700 m and up to 1.5 km beside it: a site copied
from such a map without its datum refuses everybody at its own gate.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from math import asin, atan2, cos, hypot, pi, radians, sin, sqrt
from types import MappingProxyType
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.errors import DaycoverError, ErrorKind

EARTH_RADIUS_M = 6_371_000
LARGEST_RADIUS_M = 5_000
"""Of a site."""
USABLE_ACCURACY_M = 500
"""A fix that may be farther off than this says nothing about a site of 200 m."""


class OutsideGeofenceError(DaycoverError):
    """The position is outside the site, accuracy allowed for.

    A usable position is farther from the site than its radius and the fix's accuracy allow.

    What to do: Check in at the site; a phone without a position is not refused. Whoever stands at the gate and reads
    this tells the foreman the distance: the site's point may be wrong, and the desk can move it.
    含义:定位在项目现场范围之外(已计入定位精度)。
    处理:到现场后再打卡;没有定位不会被拒绝。人在现场仍看到此提示的,把距离告诉现场负责人:项目的位置可能填错,可在企业工作台更正。
    """

    kind = ErrorKind.INVALID
    title = "不在项目现场", "You are not at the site"
    detail = (
        "您距离项目现场约 {distance_m} 米,允许范围为 {radius_m} 米,手机定位误差约 {accuracy_m} 米。"
        "如果您就在现场,请把这个距离告诉现场负责人,由其更正项目位置。",
        "You are about {distance_m} m from the site; {radius_m} m are allowed, and your position is good to about"
        " {accuracy_m} m. If you are at the site, tell the foreman this distance: the site's point can be corrected.",
    )


class SiteAbroadError(DaycoverError):
    """The site's point lies outside China, as it does where latitude and longitude were mistaken for each other.

    What to do: Check both figures, and that they stand in the right member.
    含义:项目位置不在中国境内,常见原因是经度和纬度填反。
    处理:核对两个数,以及是否填在各自的字段。
    """

    kind = ErrorKind.INVALID
    title = "项目位置不在中国境内", "The site is not in China"
    detail = "请核对经度和纬度,是否填反。", "Check latitude and longitude; they may have been swapped."


class Datum(StrEnum):
    """What degrees refer to. `WGS84`: satellites, browsers. `GCJ02`: 高德, 腾讯. `BD09`: 百度."""

    WGS84 = "WGS84"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


class Located(Protocol):
    """Whatever has a point in WGS-84."""

    @property
    def latitude(self) -> float: ...

    @property
    def longitude(self) -> float: ...


class Point(NamedTuple):
    """Degrees in whatever datum is said beside it."""

    latitude: float
    longitude: float


class StatedPoint(BaseModel, frozen=True, defer_build=True):
    """A point as somebody stated it: they must read back what they typed."""

    datum: Datum
    latitude: float
    longitude: float

    @property
    def wgs84(self) -> Point:
        return to_wgs84(Point(self.latitude, self.longitude), self.datum)


class Place(BaseModel, frozen=True, defer_build=True):
    """Where a worker's phone says it is: WGS-84 degrees, accuracy in metres, and when it was fixed."""

    latitude: float
    longitude: float
    accuracy_m: float
    fixed_at: datetime
    is_mock: bool = False
    """The phone's own word that a mock provider gave the fix."""

    @property
    def is_usable(self) -> bool:
        return self.accuracy_m <= USABLE_ACCURACY_M


class Site(BaseModel, frozen=True, defer_build=True):
    """Where the work is: WGS-84 degrees and a radius in metres, and the point as it was stated."""

    latitude: float
    longitude: float
    radius_m: int
    stated: StatedPoint

    @classmethod
    def of(cls, stated: StatedPoint, radius_m: int) -> "Site":
        latitude, longitude = (round(degrees, 8) for degrees in stated.wgs84)
        return cls(latitude=latitude, longitude=longitude, radius_m=radius_m, stated=stated)

    def check_in_china(self) -> None:
        """Raise SiteAbroadError: nobody could ever check in there."""
        if not is_in_china(Point(self.latitude, self.longitude)):
            raise SiteAbroadError

    def check_place(self, place: Place | None) -> None:
        """Raise OutsideGeofenceError for a usable fix outside. No usable fix is a signal, not a refusal."""
        if place is None or not place.is_usable:
            return
        distance = distance_m(self, place)
        if distance > self.radius_m + place.accuracy_m:
            raise OutsideGeofenceError(
                distance_m=round(distance), radius_m=self.radius_m, accuracy_m=round(place.accuracy_m)
            )


def distance_m(one: Located, other: Located) -> float:
    """Great-circle distance in metres (haversine)."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    dlat, dlon = lat2 - lat1, radians(other.longitude - one.longitude)
    half = sin(dlat / 2) ** 2 + cos(lat1) * cos(lat2) * sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


# ---- datums

_AXIS_M = 6_378_245.0
_SQUARED_ECCENTRICITY = 0.00669342162296594323
"""Krasovsky 1940, the ellipsoid that GCJ-02 is computed on, whatever the point's own."""
_BAIDU = pi * 3000 / 180
_ROUNDS = 8
"""The offsets change by at most 2 % of the way, so that each round makes the error at least fifty times smaller."""


def is_in_china(point: Point) -> bool:
    """Whether the maps' offset applies: inside the rectangle of the published formula.

    It is that of the code which every map is checked against, and larger than China. A site is in China, so what it
    says of the neighbours matters to nobody; outside it GCJ-02 and BD-09 are WGS-84.
    """
    return 72.004 <= point.longitude <= 137.8347 and 0.8293 <= point.latitude <= 55.8271


def to_wgs84(point: Point, datum: Datum) -> Point:
    """Give the point in WGS-84: by the offset, taken away again and again, within a centimetre."""
    guess = point
    for _ in range(_ROUNDS if datum is not Datum.WGS84 else 0):
        there = from_wgs84(guess, datum)
        guess = Point(
            guess.latitude + point.latitude - there.latitude,
            guess.longitude + point.longitude - there.longitude,
        )
    return guess


def from_wgs84(point: Point, datum: Datum) -> Point:
    """Give a WGS-84 point as a map of the datum shows it."""
    return _FROM_WGS84[datum](point) if is_in_china(point) else point


def _gcj02(point: Point) -> Point:
    """GCJ-02 (国测局) by the formula that has been public since 2010 (`googollee/eviltransform`).

    It agrees with what the maps themselves convert to a metre or so.
    """
    x, y = point.longitude - 105, point.latitude - 35
    waves = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north_m += (waves + 20 * sin(pi * y) + 40 * sin(pi * y / 3)) * 2 / 3
    north_m += (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east_m += (waves + 20 * sin(pi * x) + 40 * sin(pi * x / 3)) * 2 / 3
    east_m += (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    latitude = radians(point.latitude)
    flat = 1 - _SQUARED_ECCENTRICITY * sin(latitude) ** 2
    meridian_m = _AXIS_M * (1 - _SQUARED_ECCENTRICITY) / (flat * sqrt(flat))
    parallel_m = _AXIS_M / sqrt(flat) * cos(latitude)
    return Point(
        point.latitude + north_m / meridian_m * 180 / pi, point.longitude + east_m / parallel_m * 180 / pi
    )


def _bd09(point: Point) -> Point:
    """BD-09 (百度) upon GCJ-02."""
    latitude, longitude = _gcj02(point)
    far = hypot(longitude, latitude) + 0.00002 * sin(latitude * _BAIDU)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * _BAIDU)
    return Point(far * sin(angle) + 0.006, far * cos(angle) + 0.0065)


_FROM_WGS84: Mapping[Datum, Callable[[Point], Point]] = MappingProxyType(
    {Datum.WGS84: lambda point: point, Datum.GCJ02: _gcj02, Datum.BD09: _bd09}
)
