"""The occupation table: over all trades, consistent, and a refusal or referral is never without a word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.api.cover.tables import OccupationsBody
from daycover.cover.occupation import (
    OCCUPATION_TABLES,
    Acceptance,
    Occupation,
    OccupationRefusedError,
    OccupationTable,
    OccupationUnknownError,
    Question,
    occupation,
)
from daycover.cover.occupation_referral import OccupationReferral, OwnOccupations
from daycover.cover.plan import PlanNotOfferedError, PlanUnknownError
from daycover.cover.spoken import said
from daycover.cover.tariff import ReadTariff, find_occupations
from daycover.cover.underwriting import terms_for
from daycover.text import TextFaultError, printable
from tests.support.builders import NOW
from tests.support.fakes.cover import FakeOccupationReferrals
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
        ("SECURITY_GUARD", 3),
        ("PACKER", 3),
        ("COOK", 3),
        ("PARCEL_SORTER", 3),
        ("COURIER", 4),
        ("PORTER", 4),
        ("VAN_DRIVER", 4),
        ("RIDE_HAILING_DRIVER", 4),
        ("EXCAVATOR_OPERATOR", 4),
        ("TRUCK_DRIVER", 5),
        ("ELECTRICIAN", 5),
        ("REBAR_WORKER_AT_HEIGHT", 5),
        ("REBAR_WORKER_ABOVE_15M", 6),
        ("SCAFFOLDER", 6),
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

read_tariff = ReadTariff(now=Clock(NOW), referrals=FakeOccupationReferrals())


@pytest.mark.parametrize("words", ["货车", "卡车", "貨車", "truck", "TRUCK driver", "开大车"])
def test_truck_has_a_price_or_a_referral_and_the_questions_that_decide_when_searched(words: str) -> None:
    found = read_tariff.occupations(words)
    decided = {priced.occupation.code: priced.occupation.acceptance for priced in found.rows}
    assert decided["TRUCK_DRIVER"] is Acceptance.ACCEPT
    assert decided["LONG_HAUL_TRUCK_DRIVER"] is Acceptance.REFER
    assert {asked.code for asked in found.questions} == {"TONNAGE", "HAUL"}
    trucks = [priced.occupation for priced in found.rows if priced.occupation.family == "TRUCK"]
    assert len(trucks) == 3
    assert all(row.when_zh and row.when_en for row in trucks)
    assert found.unlisted is None


def test_premiums_are_those_of_the_class_when_a_row_is_found() -> None:
    by_code = {p.occupation.code: p.premium_fen_by_plan for p in read_tariff.occupations("").rows}
    assert by_code["PARCEL_SORTER"] == {"T1": 40, "T2": 70, "T3": 90, "T4": 130}
    assert by_code["TRUCK_DRIVER"] == {"T1": 100, "T2": 160, "T3": 200}
    assert by_code["LONG_HAUL_TRUCK_DRIVER"] == {"T1": 150}
    assert by_code["DEMOLITION"] == {}
    assert set(by_code) == {row.code for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_premiums_are_within_the_scheme_and_what_is_not_offered_is_said_when_priced(row: Occupation) -> None:
    (priced,) = find_occupations(one_row(row), read_tariff.plans(), "", NOTHING_OF_ITS_OWN).rows
    assert all(30 <= fen <= 200 for fen in priced.premium_fen_by_plan.values())
    assert {*priced.premium_fen_by_plan, *priced.not_offered} == {"T1", "T2", "T3", "T4"}
    assert not set(priced.premium_fen_by_plan) & set(priced.not_offered)
    assert bool(priced.premium_fen_by_plan) is (row.acceptance is not Acceptance.REFUSE)
    for plan_id, fen in priced.premium_fen_by_plan.items():
        assert terms_for(row.code, plan_id, NOW).premium_fen == fen


NOTHING_OF_ITS_OWN = OwnOccupations([], {})


def one_row(row: Occupation) -> OccupationTable:
    return TABLE.model_copy(update={"occupations": (row,)})


@pytest.mark.parametrize("words", ["宇航员", "sorter astronaut"])
def test_operator_is_told_what_to_do_when_nothing_is_called_so(words: str) -> None:
    found = read_tariff.occupations(words)
    assert found.rows == []
    assert found.questions == []
    assert found.unlisted is not None
    assert CHINESE.search(found.unlisted.reason_zh)
    assert found.unlisted.reason_en


def test_nothing_is_on_sale_when_no_version_holds() -> None:
    before = ReadTariff(now=Clock(NOW.replace(year=2021)), referrals=FakeOccupationReferrals())
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
        {"family": "TRUCK", "when_zh": "4 吨以下", "when_en": "below 4 t"},
        {"hazard": "none"},
        # what no project could be opened with, nobody could read, or a slip would make class 1
        {"code": "cook 1"},
        {"code": "A" * 41},
        {"name_zh": ""},
        {"name_zh": " \u3000"},
        {"name_zh": "厨\u0007师"},
        {"name_en": "Co\u202eok"},
        {"aliases": [""]},
        {"acceptance": "REFER", "reason_zh": " ", "reason_en": "\u00a0"},
        {"acceptance": "REFUSE", "reason_zh": "\u200b", "reason_en": "no"},
        {"occupation_class": True},
        {"occupation_class": "3"},
        {"fits": {"HEIGHT": {"below": 2}}},
        {"exclusions": [{"code": "X", "text_zh": "", "text_en": "no"}]},
    ],
)
def test_row_is_refused_at_load_when_it_would_be_silent_or_wrong(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Occupation.model_validate(changed_row(**changes))


def changed_rows(which: str, **changes: object) -> list[dict[str, object]]:
    return [row.model_dump() | (changes if row.code == which else {}) for row in ROWS]


CERTIFICATE = next(asked for asked in TABLE.questions if asked.code == "CERTIFICATE")


def changed_question(which: str, **changes: object) -> list[dict[str, object]]:
    return [asked.model_dump() | (changes if asked.code == which else {}) for asked in TABLE.questions]


@pytest.mark.parametrize("name", ["电焊", "電 焊", "Welder", "welder"])
def test_table_is_not_proposed_when_two_occupations_are_called_the_same(name: str) -> None:
    body = TABLE.model_dump() | {"occupations": changed_rows("COOK", aliases=[name])}
    with pytest.raises(ValidationError, match="one before it has one of its names"):
        OccupationsBody.model_validate(body)
    assert OccupationsBody.model_validate(TABLE.model_dump()).occupations == TABLE.occupations


@given(st.text(max_size=40))
def test_row_takes_whatever_an_underwriter_s_entry_may_be_called(typed: str) -> None:
    """An entry of a company is made of lines that were typed: none may be refused when it is read."""
    try:
        line = printable(typed)
    except TextFaultError:
        return
    row = Occupation(code="OWN_1", name_zh=line, name_en=line, occupation_class=3, aliases=(line,))
    assert row.name_zh == line


@pytest.mark.parametrize(
    "changes",
    [
        {"questions": ()},
        {"scene_classes": {"LOGISTICS": 3}},
        {"occupations": (ROWS[0].model_dump(),) * 2},
        {"occupations": changed_rows("COOK", code="OWN_COOK")},
        {"occupations": changed_rows("COOK", exclusions=["HANDSTANDS"])},
        # no row for 4 t, two rows for 4 t, a row that asks what nobody is asked
        {"occupations": changed_rows("VAN_DRIVER", fits={"TONNAGE": {"below": 3.5}, "HAUL": {"below": 200}})},
        {"occupations": changed_rows("VAN_DRIVER", fits={"HAUL": {"below": 200}})},
        {"occupations": changed_rows("WELDER", fits={"AGE": {"below": 60}})},
        {"occupations": [], "questions": []},
        {"unlisted": {"reason_zh": " ", "reason_en": "no"}},
        {"clauses": (*TABLE.clauses, TABLE.clauses[0])},
        # a question that is put twice, that nobody can answer, or that stops short of a row
        {"questions": (*TABLE.questions, TABLE.questions[0])},
        {"questions": changed_question("TONNAGE", at_most=-1)},
        {"questions": changed_question("TONNAGE", at_most=float("inf"))},
        {"questions": changed_question("TONNAGE", at_most=3)},
        {"questions": changed_question("CERTIFICATE", choices=(CERTIFICATE.choices[0],) * 2)},
        {"occupations": changed_rows("VAN_DRIVER", fits={"TONNAGE": {"below": float("nan")}})},
        {"valid_to": "2022-03-01T00:00:00+08:00"},
        {"valid_from": "2022-03-01T00:00:00"},
    ],
)
def test_table_is_refused_at_load_when_it_is_not_complete(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OccupationTable.model_validate(TABLE.model_dump() | changes)


# ---- over all trades ---------------------------------------------------------------------------------

TRADES = {
    "construction": (
        "REBAR_WORKER FORMWORK_CARPENTER CONCRETE_WORKER BRICKLAYER PLASTERER SCAFFOLDER WELDER ELECTRICIAN "
        "PLUMBER_ELECTRICIAN PAINTER WATERPROOFER SITE_LABOURER TOWER_CRANE_OPERATOR EXCAVATOR_OPERATOR "
        "FORKLIFT_DRIVER STEEL_ERECTOR CRANE_OPERATOR RIGGER HOIST_OPERATOR ROAD_WORKER PILING_WORKER"
    ),
    "renovation": "TILER INTERIOR_CARPENTER CEILING_FITTER WINDOW_FITTER AIR_CONDITIONING_FITTER FLOOR_LAYER",
    "logistics": "PARCEL_SORTER PACKER PORTER WAREHOUSE_KEEPER ORDER_PICKER REMOVAL_WORKER DOCK_WORKER",
    "driving": "RIDE_HAILING_DRIVER TAXI_DRIVER VAN_DRIVER TRUCK_DRIVER LONG_HAUL_TRUCK_DRIVER DUMP_TRUCK_DRIVER",
    "delivery": "COURIER RIDER ERRAND_RUNNER GROCERY_DELIVERER WATER_DELIVERER",
    "catering": "COOK KITCHEN_HAND DISHWASHER RESTAURANT_SERVER PASTRY_COOK DRINKS_SHOP_STAFF",
    "hotel": "HOTEL_ATTENDANT HOTEL_RECEPTIONIST BELL_ATTENDANT LAUNDRY_WORKER",
    "cleaning": "HOUSEKEEPER STREET_SWEEPER REFUSE_COLLECTOR EXTERIOR_WALL_CLEANER WINDOW_CLEANER DRAIN_CLEANER",
    "retail": "RETAIL_CLERK SALES_PROMOTER LEAFLET_DISTRIBUTOR STOCKTAKER",
    "farming": "FARM_LABOURER FRUIT_PICKER LIVESTOCK_WORKER FORESTRY_LABOURER TREE_FELLER COASTAL_FISHER",
    "manufacturing": "ELECTRONICS_ASSEMBLER MACHINE_OPERATOR STAMPING_OPERATOR INJECTION_MOULDER SEWING_OPERATOR",
    "events": "STAGE_BUILDER FILM_EXTRA HOSTESS EVENT_STAFF STAGE_TECHNICIAN",
    "care": "CAREGIVER MATERNITY_NURSE NANNY ELDERLY_CARER",
    "security": "SECURITY_GUARD GATE_GUARD PARKING_ATTENDANT SECURITY_SCREENER",
    "office": "OFFICE_CLERK DATA_ENTRY_CLERK CUSTOMER_SERVICE_AGENT GENERAL_LABOURER",
}
REFUSED_BY_LAW_OR_REFERENCE = {
    "DEMOLITION",
    "UNDERGROUND_MINER",
    "FIREWORKS_WORKER",
    "LIVE_LINE_WORKER",
    "ELECTRICIAN_WITHOUT_CERTIFICATE",
    "FORKLIFT_DRIVER_WITHOUT_CERTIFICATE",
    "PLUMBER_ELECTRICIAN_WITHOUT_CERTIFICATE",
    "WELDER_WITHOUT_CERTIFICATE",
}


@pytest.mark.parametrize("trade", TRADES)
def test_trade_s_work_can_be_insured_when_the_table_is_read(trade: str) -> None:
    for code in TRADES[trade].split():
        assert terms_for(code, "T1", NOW).premium_fen in range(30, 201), code


def test_table_has_two_hundred_occupations_when_a_family_is_one() -> None:
    assert len({row.family or row.code for row in ROWS}) >= 200


def test_refusals_are_those_of_the_law_and_the_reference_when_the_table_is_read() -> None:
    refused = {row.code for row in ROWS if row.acceptance is Acceptance.REFUSE}
    assert refused == REFUSED_BY_LAW_OR_REFERENCE


def test_name_is_one_occupation_s_when_the_family_is_one() -> None:
    owners: dict[str, set[str]] = {}
    for row in ROWS:
        for name in row.names:
            owners.setdefault(said(name), set()).add(row.family or row.code)
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}
    assert len({row.name_zh for row in ROWS}) == len({row.name_en for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.exclusions], ids=lambda row: row.code)
def test_exclusion_is_one_of_the_table_s_in_both_languages_when_a_row_has_it(row: Occupation) -> None:
    assert set(row.exclusions) <= set(TABLE.clauses)
    assert all(CHINESE.search(own.text_zh) and not CHINESE.search(own.text_en) for own in row.exclusions)


def test_work_that_the_law_lets_nobody_do_uncertified_says_so_when_insured() -> None:
    excluded = {row.code: {own.code for own in row.exclusions} for row in ROWS}
    assert "ELECTRIC_CERTIFICATE" in excluded["ELECTRICIAN"] & excluded["PLUMBER_ELECTRICIAN"]
    assert "WELDING_CERTIFICATE" in excluded["WELDER"]
    assert "HEIGHT_CERTIFICATE" in excluded["WORK_AT_HEIGHT"] & excluded["PAINTER_AT_HEIGHT"]
    assert "DRIVING_LICENCE" in excluded["VAN_DRIVER"] & excluded["RIDE_HAILING_DRIVER"] & excluded["RIDER"]
    assert "EQUIPMENT_CERTIFICATE" in excluded["FORKLIFT_DRIVER"] & excluded["CRANE_OPERATOR"]
    assert excluded["PAINTER"] == excluded["OFFICE_CLERK"] == set()


@pytest.mark.parametrize("asked", TABLE.questions, ids=lambda asked: asked.code)
def test_question_is_asked_in_both_languages_and_says_its_unit_when_it_is_a_number(asked: Question) -> None:
    assert CHINESE.search(asked.text_zh)
    assert asked.text_en.endswith("?")
    assert bool(asked.choices) is not bool(asked.unit_zh and asked.unit_en and asked.at_most)


def test_table_s_version_and_no_company_s_answers_are_told_when_nobody_s_are_asked_for() -> None:
    found = read_tariff.occupations("")
    assert found.version == TABLE.version

    class Asked(FakeOccupationReferrals):
        def of_company(self, company_id: str) -> list[OccupationReferral]:
            raise AssertionError(company_id)

    assert ReadTariff(now=Clock(NOW), referrals=Asked()).occupations("") == found
