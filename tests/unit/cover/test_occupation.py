"""The occupation table: a refusal or referral is never without a word."""

import re

import pytest

from daycover.cover.occupation import (
    OCCUPATIONS,
    Acceptance,
    Occupation,
    OccupationReferredError,
    OccupationRefusedError,
    OccupationUnknownError,
    occupation,
)
from daycover.cover.plan import PlanNotOfferedError, PlanUnknownError
from daycover.cover.underwriting import terms_for

ROWS = list(OCCUPATIONS.values())
NOT_ACCEPTED = [row for row in ROWS if row.acceptance is not Acceptance.ACCEPT]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_row_is_complete_when_in_the_table(row: Occupation) -> None:
    assert 1 <= row.occupation_class <= 6
    assert CHINESE.search(row.name_zh)
    assert row.name_en.isascii()


@pytest.mark.parametrize("row", NOT_ACCEPTED, ids=lambda row: row.code)
def test_reason_is_given_in_both_languages_when_not_accepted(row: Occupation) -> None:
    assert CHINESE.search(row.reason_zh)
    assert row.reason_en
    assert not CHINESE.search(row.reason_en)
    refusal = {Acceptance.REFER: OccupationReferredError, Acceptance.REFUSE: OccupationRefusedError}
    with pytest.raises(refusal[row.acceptance]) as error:
        terms_for(row.code, "T1")
    assert error.value.facts["reason_zh"] == row.reason_zh
    assert error.value.facts["reason_en"] == row.reason_en


def test_both_kinds_of_decision_exist_when_the_table_is_read() -> None:
    assert {row.acceptance for row in ROWS} == set(Acceptance)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_class_six_is_never_accepted_without_an_underwriter_when_priced(row: Occupation) -> None:
    assert (row.occupation_class < 6) or row.acceptance is not Acceptance.ACCEPT


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("RESTAURANT_SERVER", 2),
        ("HOUSEKEEPER", 2),
        ("GATE_GUARD", 2),
        ("PACKER", 3),
        ("COOK", 3),
        ("PARCEL_SORTER", 3),
        ("COURIER", 4),
        ("PORTER", 4),
        ("TRUCK_DRIVER", 5),
        ("LONG_HAUL_TRUCK_DRIVER", 6),
    ],
)
def test_class_is_that_of_the_reference_when_looked_up(code: str, number: int) -> None:
    assert occupation(code).occupation_class == number


def test_truck_driver_is_priced_when_a_plan_is_offered_to_class_five() -> None:
    assert [terms_for("TRUCK_DRIVER", tier).premium_fen for tier in ("T1", "T2", "T3")] == [100, 160, 200]
    with pytest.raises(PlanNotOfferedError):
        terms_for("TRUCK_DRIVER", "T4")


def test_terms_are_refused_when_code_or_plan_is_unknown() -> None:
    with pytest.raises(OccupationUnknownError):
        terms_for("ASTRONAUT", "T1")
    with pytest.raises(PlanUnknownError):
        terms_for("COOK", "T9")
