"""Several workers refused at one place: when the desk is offered to move the site, and where to."""

from datetime import timedelta

import pytest

from daycover import crockford
from daycover.cover.policy import Policy
from daycover.cover.presence import Why
from daycover.cover.site_offer import OfferReason, OfferSite, SiteOffer, Spot, offer_of, spot_of
from daycover.errors import DaycoverError
from daycover.projects.place import Datum, OutsideGeofenceError, Place, Point, distance_m, from_wgs84
from daycover.projects.project import Project, ProjectStatus
from tests.support.builders import METRE, SITE, a_place, a_project, a_site
from tests.unit.cover.world import World

HERE = Point(SITE.latitude, SITE.longitude)


def north(metres: float, workers: int = 1, site: Point = HERE) -> Spot:
    return Spot(round(site.latitude + metres * METRE, 4), site.longitude, workers)


def at(metres_north: float, **changes: object) -> Place:
    return a_place(latitude=SITE.latitude + metres_north * METRE, **changes)


class Morning:
    """Workers who come to the gate, and what the desk is offered."""

    def __init__(self, project: Project | None = None) -> None:
        self.project = project or a_project()
        self.world = World(self.project)
        self.offer_site = OfferSite(now=self.world.now, refused=self.world.refused)

    def refused(self, who: str, place: Place | None) -> DaycoverError:
        worker = self.world.index.worker_id(who)
        if worker not in self.world.workers._workers:
            self.world.worker(who, self.project)
        with pytest.raises(OutsideGeofenceError) as refusal:
            self.world.scan(worker, self.project, place=place)
        return refusal.value

    def offer(self) -> SiteOffer | None:
        return self.offer_site(self.world.projects.get(self.project.project_id))


def test_site_is_offered_when_three_workers_were_refused_at_one_place() -> None:
    morning = Morning()
    for who, metres in (("a", 480), ("b", 500)):
        morning.refused(who, at(metres))
        assert morning.offer() is None
    morning.refused("c", at(520))
    offer = morning.offer()
    assert offer is not None
    assert (offer.workers, offer.reason, offer.site.radius_m) == (3, OfferReason.TOGETHER, 200)
    assert offer.site.stated.datum is Datum.WGS84
    assert offer.distance_m == pytest.approx(500, abs=10)
    offer.site.check_place(at(480))
    offer.site.check_place(at(520))


def test_site_is_not_offered_when_one_worker_scans_as_often_as_they_like() -> None:
    morning = Morning()
    for metres in (480, 500, 520, 500, 500):
        morning.refused("a", at(metres))
    assert morning.offer() is None
    morning.refused("b", at(500))
    assert morning.offer() is None


def test_site_is_offered_in_the_datum_that_explains_it_when_it_was_read_from_a_chinese_map() -> None:
    for datum in (Datum.GCJ02, Datum.BD09):
        shown = from_wgs84(HERE, datum)
        morning = Morning(a_project(site=a_site(*shown, radius_m=300)))
        for number, metres in enumerate((-120, 0, 130)):  # a large site: no two of them at one place
            refusal = morning.refused(f"o-{number}", at(metres))
            assert refusal.facts["radius_m"] == 300
        offer = morning.offer()
        assert offer is not None
        assert (offer.reason, offer.workers, offer.site.stated.datum) == (OfferReason.DATUM, 3, datum)
        assert (offer.site.stated.latitude, offer.site.stated.longitude) == shown, "the figures stay"
        assert distance_m(offer.site, HERE) < 1


def test_offer_is_gone_when_it_was_taken() -> None:
    morning = Morning()
    for who in "abc":
        morning.refused(who, at(500))
    offer = morning.offer()
    assert offer is not None
    morning.world.projects.save(morning.project.with_site(offer.site))
    assert morning.offer() is None


def test_nothing_is_offered_when_the_project_is_closed() -> None:
    morning = Morning()
    for who in "abc":
        morning.refused(who, at(500))
    morning.world.projects.save(morning.project.moved_to(ProjectStatus.CLOSED))
    assert morning.offer() is None


def test_offer_stands_until_the_next_day_is_over_and_counts_each_day_apart() -> None:
    morning = Morning()
    for who in "ab":
        morning.refused(who, at(500))
    morning.world.now.advance(days=1)
    morning.refused("a", at(500, fixed_at=morning.world.now()))
    assert morning.offer() is None, "two people, on two days"
    morning.world.now.advance(days=-1)
    morning.refused("c", at(500))
    morning.world.now.advance(days=1)
    assert morning.offer() is not None
    morning.world.now.advance(days=1)
    assert morning.offer() is None


@pytest.mark.parametrize(
    "place",
    [
        at(20_000),  # at home
        at(500, accuracy_m=200),
        at(500, is_mock=True),
    ],
)
def test_worker_is_not_counted_when_the_position_says_little(place: Place) -> None:
    assert spot_of(SITE, place) is None
    morning = Morning()
    for who in "abc":
        morning.refused(who, place)
    assert morning.offer() is None


def test_worker_counts_at_the_gate_when_they_were_refused_at_home_before() -> None:
    morning = Morning()
    for who in "abc":
        morning.refused(who, at(20_000))
        morning.refused(who, at(500))
    assert morning.offer() is not None


def test_spot_is_no_finer_than_ten_metres_when_counted() -> None:
    spot = spot_of(SITE, a_place(latitude=31.23461234, longitude=121.47371234))
    assert spot == Point(31.2346, 121.4737)


@pytest.mark.parametrize(
    ("spots", "workers"),
    [
        ([north(500, 2)], None),
        ([north(500, 3)], 3),
        ([north(400), north(500), north(600)], 3),
        ([north(300), north(500), north(700)], None),
        ([north(500, 2), north(900, 2)], None),
        ([north(100, 9)], None),  # inside as the site stands now
        ([north(6_000, 9)], None),  # of a site that was moved since
    ],
)
def test_cluster_is_as_large_as_its_workers_are_close(spots: list[Spot], workers: int | None) -> None:
    offer = offer_of(SITE, spots)
    assert (None if offer is None else offer.workers) == workers


def test_visit_tells_how_far_away_when_the_refusal_was_for_the_place() -> None:
    morning = Morning()
    morning.refused("a", at(487))
    (visit,) = morning.world.visits.of_project(morning.project.project_id, [morning.world.now().date()])
    assert (visit.why, visit.distance_m) == (Why.OUTSIDE_SITE, 487)
    worker = morning.world.index.worker_id("a")
    morning.world.now.advance(minutes=5)
    with pytest.raises(DaycoverError):
        morning.world.scan(worker, morning.project, stated=None)
    (visit,) = morning.world.visits.of_project(morning.project.project_id, [morning.world.now().date()])
    assert (visit.why, visit.distance_m) == (Why.NOT_VERIFIED, None)


def test_position_is_in_no_refusal_when_told() -> None:
    refusal = Morning().refused("a", at(487, accuracy_m=14.6))
    assert refusal.facts == {"distance_m": 487, "radius_m": 200, "accuracy_m": 15}


def test_worker_is_counted_once_when_a_refusal_is_repeated_after_a_crash() -> None:
    morning = Morning()
    worker, day = crockford.encode(1, 20), morning.world.now().date()
    for _ in range(3):
        morning.world.refused.count(morning.project.project_id, day, worker, Point(31.2349, 121.4737))
    assert [spot.workers for spot in morning.world.refused.spots(morning.project.project_id, day)] == [1]


def test_worker_at_the_site_leaves_no_trace_when_checking_in() -> None:
    morning = Morning()
    covered = morning.world.cover(morning.world.worker("a", morning.project), morning.project)
    assert isinstance(covered, Policy)
    day = morning.world.now().date()
    assert morning.world.refused.spots(morning.project.project_id, day) == []
    assert morning.world.refused.spots(morning.project.project_id, day - timedelta(days=1)) == []
