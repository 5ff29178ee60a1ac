"""The life of a policy in counts, by containers that start cold and by the same ones warm; `make bench` prices them."""

import os

import pytest

from tests.devstack.layout import LOCAL
from tests.performance.cost import LIFE, POLLS, TOGETHER
from tests.performance.life import PEOPLE, Life, as_json
from tests.performance.test_capacity import Till
from tests.performance.test_total import MOST_UNITS, till

__all__ = ["till"]


def test_policy_s_whole_life_stays_within_its_counts_when_containers_start_cold(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(till.gate, monkeypatch)
    life.known()
    cold, warm = (life.go(person) for person in PEOPLE)
    if os.environ.get("SHOW_FIGURES"):
        LIFE.parent.mkdir(parents=True, exist_ok=True)
        LIFE.write_text(as_json(cold, warm), encoding="utf-8")
        for name in cold:
            print(name, cold[name], warm[name], sep="\n  ")
    assert {name: one.kms_calls for name, one in warm.items() if one.kms_calls} == {}
    for counted in (cold, warm):
        assert sum(one.write_units * one.times / one.policies for one in counted.values()) <= MOST_UNITS
        assert counted["pending poll"].write_units == 0
        assert counted["archive"].sends == 3, "ten messages in a request"
    assert warm["queue"].read_units == 3.5 * TOGETHER, (
        "what was issued meanwhile is not asked about, only weighed"
    )
    assert sum(one.kms_calls for one in cold.values()) == 9, "each container opens each key once"
    assert POLLS == 2
    assert LIFE.is_relative_to(LOCAL)
