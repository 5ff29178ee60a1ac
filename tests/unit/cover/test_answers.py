"""Answers to underwriting questions are complete, of their kind, and fit the occupation that a project opens with."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.cover.answers import OccupationAnswersError, OccupationDoesNotFitError, check_answers
from daycover.cover.occupation import OCCUPATION_TABLES, Answer, Question
from daycover.projects.project import Answered

(TABLE,) = OCCUPATION_TABLES
FAMILIES = sorted({row.family for row in TABLE.occupations if row.family})


def answered(code: str, **given: Any) -> tuple[Answered, ...]:
    row = TABLE.find(code)
    assert row is not None
    return check_answers(TABLE, row, given)


@pytest.mark.parametrize(
    ("tonnage", "haul", "code"),
    [
        (0, 0, "VAN_DRIVER"),
        (3.99, 199, "VAN_DRIVER"),
        (4, 199.9, "TRUCK_DRIVER"),
        (4.5, 20, "TRUCK_DRIVER"),
        (100, 0, "TRUCK_DRIVER"),
        (2, 200, "LONG_HAUL_TRUCK_DRIVER"),
        (40, 1500, "LONG_HAUL_TRUCK_DRIVER"),
    ],
)
def test_truck_is_the_one_row_that_fits_when_tonnage_and_haul_are_told(
    tonnage: float, haul: float, code: str
) -> None:
    kept = answered(code, TONNAGE=tonnage, HAUL=haul)
    assert [(one.code, one.answer) for one in kept] == [("TONNAGE", tonnage), ("HAUL", haul)]
    assert kept[0].answer_zh == f"{tonnage:g} 吨"
    assert kept[0].text_en.endswith("?")
    for other in {"VAN_DRIVER", "TRUCK_DRIVER", "LONG_HAUL_TRUCK_DRIVER"} - {code}:
        with pytest.raises(OccupationDoesNotFitError) as error:
            answered(other, TONNAGE=tonnage, HAUL=haul)
        assert error.value.facts["fitting_code"] == code


def test_choice_is_kept_in_words_of_both_languages_when_answered() -> None:
    (kept,) = answered("WELDER", CERTIFICATE="YES")
    assert (kept.answer, kept.answer_zh, kept.answer_en) == ("YES", "有", "yes")
    with pytest.raises(OccupationDoesNotFitError) as error:
        answered("WELDER", CERTIFICATE="NO")
    assert error.value.facts["fitting_code"] == "WELDER_WITHOUT_CERTIFICATE"


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("TRUCK_DRIVER", {}),
        ("TRUCK_DRIVER", {"TONNAGE": 5}),
        ("TRUCK_DRIVER", {"TONNAGE": 5, "HAUL": "FAR"}),
        ("TRUCK_DRIVER", {"TONNAGE": 5, "HAUL": -1}),
        ("TRUCK_DRIVER", {"TONNAGE": 5, "HAUL": 10_001}),
        ("TRUCK_DRIVER", {"TONNAGE": 5, "HAUL": float("nan")}),
        ("TRUCK_DRIVER", {"TONNAGE": 5, "HAUL": 10, "HEIGHT": 1}),
        ("TRUCK_DRIVER", {"TONNAGE": 5, "HEIGHT": 1}),
        ("WELDER", {"CERTIFICATE": 1.0}),
        ("WELDER", {"CERTIFICATE": "MAYBE"}),
        ("COOK", {"CERTIFICATE": "YES"}),
    ],
)
def test_answers_are_refused_and_the_questions_named_when_they_are_not_those_asked(
    code: str, given: dict[str, Answer]
) -> None:
    with pytest.raises(OccupationAnswersError) as error:
        answered(code, **given)
    row = TABLE.find(code)
    assert row is not None
    for asked in TABLE.questions_of(row.family):
        assert asked.text_zh in str(error.value.facts["questions_zh"])
        assert asked.text_en in str(error.value.facts["questions_en"])


def test_nothing_is_kept_when_nothing_is_asked() -> None:
    assert answered("COOK") == ()


def answers_to(questions: list[Question]) -> st.SearchStrategy[dict[str, Answer]]:
    return st.fixed_dictionaries(
        {
            asked.code: st.sampled_from([choice.code for choice in asked.choices])
            if asked.at_most is None
            else st.floats(0, asked.at_most)
            for asked in questions
        }
    )


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
def test_exactly_one_row_of_a_family_is_taken_when_everything_is_answered(
    family: str, data: st.DataObject
) -> None:
    given = data.draw(answers_to(TABLE.questions_of(family)))
    taken = [row for row in TABLE.rows_of(family) if row.takes(given)]
    assert len(taken) == 1
    for row in TABLE.rows_of(family):
        if row in taken:
            assert len(check_answers(TABLE, row, given)) == len(given)
        else:
            with pytest.raises(OccupationDoesNotFitError) as error:
                check_answers(TABLE, row, given)
            assert error.value.facts["fitting_code"] == taken[0].code
