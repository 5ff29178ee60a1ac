"""Datums and distances: what maps of China show, where GPS puts the same point, and the fence around a site."""

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.projects.place import (
    USABLE_ACCURACY_M,
    Datum,
    OutsideGeofenceError,
    Point,
    distance_m,
    from_wgs84,
    is_in_china,
    to_wgs84,
)
from tests.support.builders import METRE, SITE, a_place, a_site

CHINA = st.builds(Point, st.floats(3, 54), st.floats(73, 135.1))
ANYWHERE = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
WGS84, GCJ02, BD09 = Datum


@pytest.mark.parametrize(
    ("gps", "on_the_map"),
    [  # of the test suite of googollee/eviltransform; the last of wandergis/coordtransform
        (Point(31.1774276, 121.5272106), Point(31.17530398364597, 121.531541859215)),  # 上海
        (Point(22.543847, 113.912316), Point(22.540796131694766, 113.9171764808363)),  # 深圳
        (Point(39.911954, 116.377817), Point(39.91334545536069, 116.38404722455657)),  # 北京
        (Point(39.915, 116.404), Point(39.91640428150164, 116.41024449916938)),
    ],
)
def test_gcj02_is_what_chinese_maps_show_when_compared_with_published_points(
    gps: Point, on_the_map: Point
) -> None:
    assert distance_m(from_wgs84(gps, GCJ02), on_the_map) < 0.1
    assert distance_m(to_wgs84(on_the_map, GCJ02), gps) < 0.1


@pytest.mark.parametrize(
    ("gcj", "baidu"),
    [  # both of wandergis/coordtransform: to Baidu's map, and back from it
        (Point(39.915, 116.404), Point(39.92133699351021, 116.41036949371029)),
        (Point(39.90865673957631, 116.39762729119315), Point(39.915, 116.404)),
    ],
)
def test_bd09_is_what_baidu_shows_when_compared_with_published_points(gcj: Point, baidu: Point) -> None:
    """Their way back is a formula that is some decimetres off; ours asks the way there."""
    assert distance_m(from_wgs84(to_wgs84(gcj, GCJ02), BD09), baidu) < 0.5
    assert distance_m(from_wgs84(to_wgs84(baidu, BD09), GCJ02), gcj) < 0.5


@pytest.mark.parametrize(
    ("name", "gcj", "metres"),
    [
        ("天安门", Point(39.90923, 116.397428), (540, 560)),
        ("人民广场", Point(31.228458, 121.478223), (475, 490)),
    ],
)
def test_point_of_a_chinese_map_lies_some_500_m_beside_when_read_as_gps(
    name: str, gcj: Point, metres: tuple[int, int]
) -> None:
    assert metres[0] < distance_m(gcj, to_wgs84(gcj, GCJ02)) < metres[1], name


@given(point=CHINA, datum=st.sampled_from(Datum))
def test_point_comes_back_within_a_centimetre_when_converted_both_ways_in_china(
    point: Point, datum: Datum
) -> None:
    assert distance_m(to_wgs84(from_wgs84(point, datum), datum), point) < 0.01
    assert distance_m(from_wgs84(to_wgs84(point, datum), datum), point) < 0.01


@given(point=CHINA)
def test_offsets_have_the_size_that_is_known_of_them_when_in_china(point: Point) -> None:
    assert from_wgs84(point, WGS84) == to_wgs84(point, WGS84) == point
    assert 10 < distance_m(point, from_wgs84(point, GCJ02)) < 1000
    assert 100 < distance_m(point, from_wgs84(point, BD09)) < 2000


@given(point=ANYWHERE, datum=st.sampled_from(Datum))
def test_conversion_stays_near_and_on_earth_wherever_the_point_is(point: Point, datum: Datum) -> None:
    for there in (from_wgs84(point, datum), to_wgs84(point, datum)):
        assert all(map(isfinite, there))
        assert -90 <= there.latitude <= 90
        assert distance_m(there, point) < 5_000


@pytest.mark.parametrize("abroad", [Point(48.8584, 2.2945), Point(-33.8568, 151.2153), Point(40.7, -74.0)])
def test_datums_are_one_when_abroad(abroad: Point) -> None:
    assert not is_in_china(abroad)
    assert (
        {from_wgs84(abroad, datum) for datum in Datum}
        == {to_wgs84(abroad, datum) for datum in Datum}
        == {abroad}
    )


def test_site_keeps_what_was_stated_when_it_is_computed_in_wgs84() -> None:
    site = a_site(31.228458, 121.478223, 300, GCJ02)
    assert (site.stated.datum, site.stated.latitude, site.stated.longitude) == (GCJ02, 31.228458, 121.478223)
    assert distance_m(site, SITE) < 1
    assert site.model_validate_json(site.model_dump_json()) == site


# ---- the fence


@pytest.mark.parametrize(("metres", "accuracy", "inside"), [(0, 0, True), (199, 0, True), (202, 0, False),
                                                            (250, 60, True), (250, 40, False)])  # fmt: skip
def test_place_is_accepted_when_radius_and_accuracy_reach_it(
    metres: float, accuracy: float, inside: bool
) -> None:
    place = a_place(latitude=SITE.latitude + metres * METRE, accuracy_m=accuracy)
    if inside:
        SITE.check_place(place)
    else:
        with pytest.raises(OutsideGeofenceError) as refusal:
            SITE.check_place(place)
        assert refusal.value.facts == {"distance_m": metres, "radius_m": 200, "accuracy_m": accuracy}


def test_place_is_no_reason_to_refuse_when_the_phone_gives_none_or_none_that_counts() -> None:
    SITE.check_place(None)
    SITE.check_place(a_place(latitude=32, accuracy_m=USABLE_ACCURACY_M + 1))


@pytest.mark.parametrize("datum", [GCJ02, BD09])
def test_worker_at_the_gate_is_inside_when_the_site_was_read_from_a_chinese_map(datum: Datum) -> None:
    shown = from_wgs84(Point(SITE.latitude, SITE.longitude), datum)
    a_site(*shown, radius_m=50, datum=datum).check_place(a_place(accuracy_m=0))
    with pytest.raises(OutsideGeofenceError):
        a_site(*shown, radius_m=300).check_place(a_place(accuracy_m=15))


def test_distance_is_great_circle_when_far_apart() -> None:
    assert distance_m(SITE, Point(39.9042, 116.4074)) == pytest.approx(1_067_000, rel=0.005)
    date_line = Point(SITE.latitude, SITE.longitude - 360)
    assert distance_m(SITE, date_line) == pytest.approx(0, abs=1e-3)
