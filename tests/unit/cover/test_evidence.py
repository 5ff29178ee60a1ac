"""The checks on a check-in's evidence: each at its edge, and nothing but the hard ones ever blocks."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.cover.evidence import (
    BURST_WORKERS,
    BY_CODE,
    CHECKS,
    CROWD_WORKERS,
    QUEUE_AT_A_SCREEN,
    Evidence,
    Signal,
    SignalWeight,
    Trace,
    evaluate,
    score_of,
)
from daycover.projects.place import USABLE_ACCURACY_M, Site
from tests.support.builders import NOW, SITE, a_place, a_site

KM = 1 / 111.195
"""Degrees of latitude in a kilometre on a sphere of 6,371 km."""


def north(kilometres: float) -> Site:
    return a_site(SITE.latitude + kilometres * KM)


def a_trace(worker: str = "other", seconds: float = -60, **changes: Any) -> Trace:
    at = NOW + timedelta(seconds=seconds)
    return Trace(**dict[str, Any](id=f"{worker}/1", worker_id=worker, at=at) | changes)


def evidence(**changes: Any) -> Evidence:
    clean = dict[str, Any](
        at=NOW,
        worker_id="me",
        device_time=NOW,
        device_id="phone",
        place=a_place(),
        distance_m=0,
        site=SITE,
        occupation_class=3,
        scene_class=3,
        code_id="code",
        code_ends_at=NOW + timedelta(days=6),
    )
    return Evidence(**clean | changes)


def codes(**changes: Any) -> list[str]:
    return [signal.code for signal in evaluate(evidence(**changes))]


def fix(distance_m: int, **changes: Any) -> dict[str, Any]:
    return {"place": a_place(**changes), "distance_m": distance_m}


def crowd(count: int, **changes: Any) -> list[Trace]:
    return [a_trace(f"w{number}", **changes) for number in range(count)]


SPARE = {"same_device": crowd(BURST_WORKERS - 1, seconds=-3600)}
"""A phone that four workers use within the day."""
SCREEN = {"code_ends_at": NOW + timedelta(seconds=20)}
EDGES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    # F3: the code
    ({"code_ends_at": NOW}, ["CODE_EXPIRED", "CODE_LATE"]),
    ({"code_ends_at": NOW + timedelta(seconds=15)}, ["CODE_LATE"]),
    ({"code_ends_at": NOW + timedelta(seconds=16)}, []),
    ({"code_ends_at": None}, []),
    (SCREEN | {"same_code": crowd(QUEUE_AT_A_SCREEN)}, ["CODE_SHARED"]),
    (SCREEN | {"same_code": [*crowd(QUEUE_AT_A_SCREEN - 1), a_trace("me")]}, []),
    ({"same_code": crowd(100)}, []),  # a poster is for everybody
    # F5: the position
    (fix(0, is_mock=True), ["MOCK_POSITION"]),
    (fix(0, fixed_at=NOW - timedelta(seconds=120)), []),
    (fix(0, fixed_at=NOW - timedelta(seconds=121)), ["STALE_POSITION"]),
    (fix(0, fixed_at=NOW + timedelta(seconds=120)), []),
    (fix(0, fixed_at=NOW + timedelta(seconds=121)), ["FUTURE_POSITION"]),
    (fix(0, accuracy_m=1.0), []),
    (fix(0, accuracy_m=0.99), ["IMPOSSIBLE_ACCURACY"]),
    (fix(0, accuracy_m=0), ["IMPOSSIBLE_ACCURACY"]),
    ({"past": [a_trace("me", -3600, site=north(400))]}, []),
    ({"past": [a_trace("me", -3600, site=north(401))]}, ["TELEPORT"]),
    ({"past": [a_trace("me", -3600), a_trace("me", -7200, site=north(4000))]}, []),  # only the one before
    ({"past": [a_trace("me", 0, site=SITE)]}, []),  # the same instant, the same site
    ({"past": [a_trace("me", 0, site=north(1))]}, ["TELEPORT"]),
    # F6: the fence
    (fix(200), []),
    (fix(201), ["PERHAPS_OUTSIDE"]),
    (fix(215), ["PERHAPS_OUTSIDE"]),
    (fix(216), ["FAR_OUTSIDE"]),
    (fix(700, accuracy_m=500), ["PERHAPS_OUTSIDE"]),
    (fix(700, accuracy_m=501), ["POOR_ACCURACY"]),
    (fix(0, accuracy_m=501), ["POOR_ACCURACY"]),
    (fix(90_000, accuracy_m=501), ["POOR_ACCURACY"]),
    ({"place": None, "distance_m": None}, ["NO_POSITION"]),
    # F7, F12: the phone
    ({"same_device": [a_trace("me", -9)]}, []),
    ({"same_device": [a_trace("w", -86_400)]}, ["DEVICE_SHARED"]),
    ({"same_device": [a_trace("w", -86_401)]}, []),
    ({"same_device": crowd(BURST_WORKERS - 2, seconds=-600)}, ["DEVICE_SHARED"]),
    ({"same_device": crowd(BURST_WORKERS - 1, seconds=-600)}, ["DEVICE_SHARED", "DEVICE_BURST"]),
    ({"same_device": crowd(BURST_WORKERS - 1, seconds=-601)}, ["DEVICE_SHARED"]),
    ({"same_device": crowd(CROWD_WORKERS - 2, seconds=-3600)}, ["DEVICE_SHARED"]),
    ({"same_device": crowd(CROWD_WORKERS - 1, seconds=-3600)}, ["DEVICE_SHARED", "DEVICE_CROWD"]),
    ({"same_device": crowd(CROWD_WORKERS - 1, seconds=-86_401)}, []),
    ({"same_device": crowd(CROWD_WORKERS - 1)}, ["DEVICE_SHARED", "DEVICE_BURST", "DEVICE_CROWD"]),
    (SPARE | {"past": crowd(3, device_id="phone")}, ["DEVICE_SHARED", "ALWAYS_BORROWED_PHONE"]),
    (SPARE | {"past": crowd(2, device_id="phone")}, ["DEVICE_SHARED"]),
    (SPARE | {"past": [*crowd(3, device_id="phone"), a_trace("me", device_id="own")]}, ["DEVICE_SHARED"]),
    ({"past": crowd(3, device_id="phone")}, []),  # a phone of one's own
    (
        {"same_device": crowd(BURST_WORKERS - 2, seconds=-3600), "past": crowd(3, device_id="phone")},
        ["DEVICE_SHARED"],
    ),
    ({"past": [a_trace("me", device_id=name) for name in ("phone", "b")]}, []),
    ({"past": [a_trace("me", device_id=name) for name in ("a", "b")]}, ["MANY_DEVICES"]),
    # F8, F10: the work card's answer
    ({"face_failed": True}, ["FACE_FAILED"]),
    ({"wrong_person": True}, ["IDENTITY_MISMATCH"]),
    # F9: the clock
    ({"device_time": NOW + timedelta(seconds=120)}, []),
    ({"device_time": NOW + timedelta(seconds=121)}, ["DEVICE_CLOCK_SKEW"]),
    ({"device_time": NOW - timedelta(seconds=121)}, ["DEVICE_CLOCK_SKEW"]),
    # F11: the person
    ({"elsewhere": [a_trace("me", -3600, site=north(120))]}, []),
    ({"elsewhere": [a_trace("twin", -3600, site=north(121))]}, ["TWO_PLACES"]),
    ({"elsewhere": [a_trace("twin", 3600, site=north(121))]}, ["TWO_PLACES"]),
    ({"elsewhere": [a_trace("twin", -3600)]}, []),
    # F14: the class
    ({"occupation_class": 2}, ["CLASS_BELOW_SCENE"]),
    ({"occupation_class": 4}, []),
]


@pytest.mark.parametrize(("changes", "found"), EDGES, ids=[str(number) for number in range(len(EDGES))])
def test_signal_is_found_when_and_only_when_the_edge_is_crossed(
    changes: dict[str, Any], found: list[str]
) -> None:
    assert codes(**changes) == found


def test_every_check_is_seen_to_find_something_when_the_edges_are_walked() -> None:
    assert {code for _, found in EDGES for code in found} == set(BY_CODE)


def test_only_code_site_and_work_card_block_when_the_table_is_read() -> None:
    hard = {check.code for check in CHECKS if check.weight is SignalWeight.HARD}
    assert hard == {"CODE_EXPIRED", "FAR_OUTSIDE", "FACE_FAILED", "IDENTITY_MISMATCH"}
    assert all("refused by" in check.source for check in CHECKS if check.code in hard)


def test_table_covers_the_checks_of_a_check_in_when_compared_with_the_reference() -> None:
    assert {check.check for check in CHECKS} == {
        "F3",
        "F5",
        "F6",
        "F7",
        "F8",
        "F9",
        "F10",
        "F11",
        "F12",
        "F14",
    }
    for check in CHECKS:
        assert 0 < check.score <= 100
        assert check.what_zh
        assert check.what_en.isascii()
        assert check.source


def test_what_the_worker_is_told_can_be_put_right_when_listed() -> None:
    told = {check.code for check in CHECKS if check.told}
    assert told == {"NO_POSITION", "POOR_ACCURACY", "STALE_POSITION", "DEVICE_CLOCK_SKEW"}


def test_signal_names_what_proves_it_when_there_is_something_to_look_up() -> None:
    (shared,) = evaluate(evidence(same_device=[a_trace("w1"), a_trace("me", -9)]))
    assert shared.evidence == ("w1/1",)
    (places,) = evaluate(evidence(elsewhere=[a_trace("me", id="DC1", site=north(900))]))
    assert places.evidence == ("DC1",)
    (phones,) = evaluate(evidence(past=[a_trace("me", device_id=name, id=name) for name in ("a", "b")]))
    assert set(phones.evidence) == {"a", "b"}


@given(st.sets(st.sampled_from(sorted(BY_CODE))))
def test_score_is_the_sum_and_never_above_100_when_signals_add_up(found: set[str]) -> None:
    signals = [
        Signal(**{k: getattr(BY_CODE[c], k) for k in ("code", "check", "score", "weight")}) for c in found
    ]
    assert score_of(signals) == min(100, sum(BY_CODE[code].score for code in found))


accuracies = st.floats(0, 100_000)
distances = st.integers(0, 20_000_000)


@given(accuracies, distances)
def test_place_is_inside_perhaps_or_far_and_never_two_of_them_when_anywhere(
    accuracy: float, distance: int
) -> None:
    places = {"PERHAPS_OUTSIDE", "FAR_OUTSIDE", "POOR_ACCURACY"}
    found = places & {*codes(**fix(distance, accuracy_m=accuracy))}
    assert len(found) == (distance > SITE.radius_m or accuracy > USABLE_ACCURACY_M)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(-90_000, 90_000)), max_size=8))
def test_weighing_is_the_same_when_the_traces_come_in_any_order(seen: list[tuple[str, int]]) -> None:
    traces = [a_trace(worker, seconds) for worker, seconds in dict(seen).items()]
    forward, backward = codes(same_device=traces), codes(same_device=traces[::-1])
    assert forward == backward
