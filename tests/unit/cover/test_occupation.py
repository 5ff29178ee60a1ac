"""The occupation table: a refusal or referral is never without a word."""

import re

import pytest
from pydantic import ValidationError

from daycover.cover.occupation import (
    OCCUPATION_TABLES,
    Acceptance,
    Occupation,
    OccupationRefusedError,
    OccupationTable,
    OccupationUnknownError,
    occupation,
)
from daycover.cover.plan import PlanNotOfferedError, PlanUnknownError
from daycover.cover.tariff import ReadTariff
from daycover.cover.underwriting import terms_for
from tests.support.builders import NOW
from tests.support.fakes.port import Clock

(TABLE,) = OCCUPATION_TABLES
ROWS = TABLE.occupations
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
    if row.acceptance is Acceptance.REFER:
        referred = terms_for(row.code, "T1", NOW).referred_work
        assert referred is not None
        assert (referred.code, referred.reason_zh, referred.reason_en) == (
            row.code,
            row.reason_zh,
            row.reason_en,
        )
    else:
        with pytest.raises(OccupationRefusedError) as error:
            terms_for(row.code, "T1", NOW)
        assert error.value.facts == {"code": row.code, "reason_zh": row.reason_zh, "reason_en": row.reason_en}


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
    assert occupation(code, NOW).occupation_class == number


def test_truck_driver_is_priced_when_a_plan_is_offered_to_class_five() -> None:
    assert [terms_for("TRUCK_DRIVER", tier, NOW).premium_fen for tier in ("T1", "T2", "T3")] == [
        100,
        160,
        200,
    ]
    with pytest.raises(PlanNotOfferedError):
        terms_for("TRUCK_DRIVER", "T4", NOW)


def test_terms_are_refused_when_code_or_plan_is_unknown() -> None:
    with pytest.raises(OccupationUnknownError):
        terms_for("ASTRONAUT", "T1", NOW)
    with pytest.raises(PlanUnknownError):
        terms_for("COOK", "T9", NOW)


# ---- what an operator is told before a project opens -------------------------------------------------

read_tariff = ReadTariff(now=Clock(NOW))


@pytest.mark.parametrize("words", ["货车", "卡车", "truck", "TRUCK driver", "_driver"])
def test_truck_has_a_price_or_a_referral_and_the_questions_that_decide_when_searched(words: str) -> None:
    found = read_tariff.occupations(words)
    decided = {priced.occupation.code: priced.occupation.acceptance for priced in found.rows}
    assert decided["TRUCK_DRIVER"] is Acceptance.ACCEPT
    assert decided["LONG_HAUL_TRUCK_DRIVER"] is Acceptance.REFER
    assert {asked.code for asked in found.questions} == {"TONNAGE", "HAUL"}
    assert all(priced.occupation.when_zh and priced.occupation.when_en for priced in found.rows)
    assert found.unlisted is None


def test_premiums_are_those_of_the_class_when_a_row_is_found() -> None:
    by_code = {p.occupation.code: p.premium_fen_by_plan for p in read_tariff.occupations("").rows}
    assert by_code["PARCEL_SORTER"] == {"T1": 40, "T2": 70, "T3": 90, "T4": 130}
    assert by_code["TRUCK_DRIVER"] == {"T1": 100, "T2": 160, "T3": 200}
    assert by_code["LONG_HAUL_TRUCK_DRIVER"] == {"T1": 150}
    assert by_code["DEMOLITION"] == {}
    assert set(by_code) == {row.code for row in ROWS}


@pytest.mark.parametrize("words", ["宇航员", "sorter astronaut"])
def test_operator_is_told_what_to_do_when_nothing_is_called_so(words: str) -> None:
    found = read_tariff.occupations(words)
    assert found.rows == []
    assert found.questions == []
    assert found.unlisted is not None
    assert CHINESE.search(found.unlisted.reason_zh)
    assert found.unlisted.reason_en


def test_nothing_is_on_sale_when_no_version_holds() -> None:
    before = ReadTariff(now=Clock(NOW.replace(year=2021)))
    with pytest.raises(PlanUnknownError):
        before.plans()
    with pytest.raises(OccupationUnknownError):
        before.occupations("COOK")


def changed_row(**changes: object) -> dict[str, object]:
    return ROWS[0].model_dump() | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"acceptance": "REFER"},
        {"acceptance": "REFUSE", "reason_zh": "不保"},
        {"occupation_class": 6},
        {"occupation_class": 7},
        {"family": "TRUCK"},
        {"hazard": "none"},
    ],
)
def test_row_is_refused_at_load_when_it_would_be_silent_or_wrong(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Occupation.model_validate(changed_row(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"questions": ()},
        {"scene_classes": {"LOGISTICS": 3}},
        {"occupations": (ROWS[0].model_dump(),) * 2},
        {"valid_to": "2022-03-01T00:00:00+08:00"},
        {"valid_from": "2022-03-01T00:00:00"},
    ],
)
def test_table_is_refused_at_load_when_it_is_not_complete(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OccupationTable.model_validate(TABLE.model_dump() | changes)
