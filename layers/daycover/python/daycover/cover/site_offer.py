"""Whether a project's site stands where its workers are.

Workers who are refused at one place, one after another, are more likely at their work than all in the wrong: the
site's point was copied from a map of another datum, or set beside the gate. The desk is then offered to move it, and
a person decides. What is kept of a refused position is a count at a spot of some ten metres, for two days, and
apart from it that a worker was counted; nothing joins the two, and who is far away is not counted at all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from daycover.china_time import china_day
from daycover.projects.place import LARGEST_RADIUS_M, Datum, Place, Point, Site, StatedPoint, distance_m
from daycover.projects.project import Project, ProjectStatus

COUNTED_WITHIN_M = LARGEST_RADIUS_M
"""Nobody mistakes their gate by more, and whoever is at home is left alone."""
COUNTED_ACCURACY_M = 100
TOGETHER_M = 115
"""A hundred metres, and what rounding to spots adds."""
WORKERS_NEEDED = 3
DATUM_SPREAD_M = 300
"""How far from the point that another datum gives workers may stand for it to be the explanation."""
SPOT_DECIMALS = 4
"""Of a degree: 11 m from north to south."""


class OfferReason(StrEnum):
    """`DATUM`: the figures, read in another datum, are where the workers are. `TOGETHER`: they are at one place."""

    DATUM = "DATUM"
    TOGETHER = "TOGETHER"


class Spot(NamedTuple):
    """How many workers were refused about here on a day; WGS-84."""

    latitude: float
    longitude: float
    workers: int


class SiteOffer(NamedTuple):
    """Where the site might stand instead, for how many workers, and how far that is from where it stands."""

    site: Site
    workers: int
    distance_m: int
    reason: OfferReason


class RefusedPlaces(Protocol):
    def count(self, project_id: str, day: date, worker_id: str, spot: Point) -> None:
        """Count a refused worker at a spot; once a project and day, wherever else they try."""
        ...

    def spots(self, project_id: str, day: date) -> list[Spot]: ...


def spot_of(site: Site, place: Place) -> Point | None:
    """Give where a refused worker counts; None for a fix that says little: far away, inexact, or a mock."""
    if place.is_mock or place.accuracy_m > COUNTED_ACCURACY_M or distance_m(site, place) > COUNTED_WITHIN_M:
        return None
    return Point(round(place.latitude, SPOT_DECIMALS), round(place.longitude, SPOT_DECIMALS))


def offer_of(site: Site, spots: Sequence[Spot]) -> SiteOffer | None:
    """Give what the desk is offered, for at least three workers of one day outside the site as it stands now."""
    outside = [spot for spot in spots if site.radius_m < distance_m(site, spot) <= COUNTED_WITHIN_M]
    offers = [offer for offer in (_other_datum(site, outside), _together(site, outside)) if offer is not None]
    return max(offers, key=lambda offer: (offer.workers, offer.reason is OfferReason.DATUM), default=None)


def _other_datum(site: Site, outside: Iterable[Spot]) -> SiteOffer | None:
    """The figures as they were stated, in the datum in which most of the workers stand at them."""
    offers = []
    for datum in set(Datum) - {site.stated.datum}:
        there = Site.of(site.stated.model_copy(update={"datum": datum}), site.radius_m)
        near = [distance_m(there, spot) for spot in outside for _ in range(spot.workers)]
        near = [metres for metres in near if metres <= min(site.radius_m, DATUM_SPREAD_M)]
        if len(near) >= WORKERS_NEEDED:
            offer = SiteOffer(there, len(near), round(distance_m(site, there)), OfferReason.DATUM)
            offers.append((len(near), -sum(near), offer))
    return max(offers, key=lambda ranked: ranked[:2])[2] if offers else None


def _together(site: Site, outside: Sequence[Spot]) -> SiteOffer | None:
    """The middle of the workers who were closest together."""
    groups = [[spot for spot in outside if distance_m(centre, spot) <= TOGETHER_M] for centre in outside]
    group = max(groups, key=_workers, default=[])
    if _workers(group) < WORKERS_NEEDED:
        return None
    middle = StatedPoint(
        datum=Datum.WGS84,
        latitude=round(sum(spot.latitude * spot.workers for spot in group) / _workers(group), SPOT_DECIMALS),
        longitude=round(
            sum(spot.longitude * spot.workers for spot in group) / _workers(group), SPOT_DECIMALS
        ),
    )
    there = Site.of(middle, site.radius_m)
    return SiteOffer(there, _workers(group), round(distance_m(site, there)), OfferReason.TOGETHER)


def _workers(spots: Iterable[Spot]) -> int:
    return sum(spot.workers for spot in spots)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSite:
    """What the desk is offered for a project: of today's refusals, else of yesterday's."""

    now: Callable[[], datetime]
    refused: RefusedPlaces

    def __call__(self, project: Project) -> SiteOffer | None:
        today = china_day(self.now())
        if project.status is ProjectStatus.CLOSED:  # its site is moved no more
            return None
        for day in (today, today - timedelta(days=1)):  # each apart: a worker counts once a day
            offer = offer_of(project.site, self.refused.spots(project.project_id, day))
            if offer is not None:
                return offer
        return None
