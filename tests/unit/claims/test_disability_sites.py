"""Several sites of one accident: which count, what they amount to, and the words for it (JR/T 0083-2013, 3.4)."""

import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.claims.disability import (
    SCALE_WORDS,
    BodySide,
    DisabilityGradeError,
    DisabilityItemMismatchError,
    DisabilityScale,
    DisabilitySideError,
    DisabilitySite,
    WrongScaleError,
    are_same_part,
    check_scale,
    check_site,
    counted_grades,
    final_grade,
    grade_sites,
    percentage_bps,
)
from daycover.claims.disability_table import (
    DisabilityItemUnknownError,
    DisabilityPartUnknownError,
    DisabilityTable,
    disability_table,
)

pytestmark = pytest.mark.disable_socket

TABLE = disability_table()


def a_site(part: str, grade: int, side: str | None = None, **more: Any) -> DisabilitySite:
    return DisabilitySite(part=part, grade=grade, side=None if side is None else BodySide(side), **more)


def sites_of(table: DisabilityTable) -> st.SearchStrategy[DisabilitySite]:
    parts = st.sampled_from(table.parts)
    return parts.flatmap(
        lambda part: st.builds(
            DisabilitySite,
            part=st.just(part.code),
            grade=st.integers(1, 10),
            side=st.sampled_from(BodySide) if part.sided else st.none(),
        )
    )


several = st.lists(sites_of(TABLE), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("sites", "grade", "counted"),
    [
        ([a_site("RIBS", 9), a_site("SPLEEN", 9)], 8, (0, 1)),
        ([a_site("EYE", 9, "LEFT"), a_site("EYE", 9, "RIGHT")], 8, (0, 1)),
        ([a_site("EYE", 9, "LEFT"), a_site("EYE", 9, "LEFT")], 9, (0,)),
        ([a_site("RIBS", 9), a_site("RIBS", 9)], 9, (0,)),
        ([a_site("RIBS", 10), a_site("SPLEEN", 10), a_site("LIVER", 10)], 9, (0, 1, 2)),
        ([a_site("BRAIN", 1), a_site("LIMBS", 1)], 1, (0, 1)),
        ([a_site("RIBS", 7), a_site("SPLEEN", 10)], 7, (0, 1)),
        ([a_site("RIBS", 9), a_site("RIBS", 9), a_site("SPLEEN", 10)], 9, (0, 2)),
        ([a_site("RIBS", 10), a_site("RIBS", 9), a_site("SPLEEN", 10)], 9, (1, 2)),
        # hands are graded together, by adding up (note to 7.3)
        ([a_site("HAND", 9), a_site("HAND", 9)], 9, (0,)),
        # what is within another part is the same part
        ([a_site("UPPER_LIMB", 5, "LEFT"), a_site("UPPER_LIMB_JOINTS", 5, "LEFT")], 5, None),
        ([a_site("UPPER_LIMB", 5, "LEFT"), a_site("UPPER_LIMB_JOINTS", 5, "RIGHT")], 4, (0, 1)),
        ([a_site("LIMBS", 3), a_site("TOES", 10, "LEFT")], 3, (0,)),
        ([a_site("EAR", 4, "BOTH"), a_site("HEARING", 4, "LEFT")], 4, None),
        ([a_site("AURICLE", 8, "LEFT"), a_site("HEARING", 8, "LEFT")], 7, (0, 1)),
        # leg length is in the pelvis's items, and in those of the jaws there are teeth
        ([a_site("PELVIS", 9), a_site("LOWER_LIMB_LENGTH", 9)], 9, None),
        ([a_site("JAW_AND_TEETH", 9), a_site("TEETH", 9)], 9, None),
        # a burn is graded by its area or by its scar (note 2 to 8.2)
        ([a_site("BODY_SKIN", 5), a_site("TRUNK_LIMB_SKIN", 5)], 5, None),
        # one that overlaps two others does not hide that these are apart
        ([a_site("EYE", 9, "BOTH"), a_site("EYE", 9, "LEFT"), a_site("EYE", 9, "RIGHT")], 8, (1, 2)),
        ([a_site("PELVIS", 9), a_site("LOWER_LIMB_LENGTH", 9), a_site("RIBS", 9)], 8, None),
    ],
)
def test_sites_give_one_grade_when_of_one_accident(
    sites: list[DisabilitySite], grade: int, counted: tuple[int, ...] | None
) -> None:
    graded = grade_sites(sites, TABLE)
    assert graded.grade == grade
    assert graded.is_promoted is (grade < min(site.grade for site in sites))
    assert counted in (None, graded.counted)


def test_two_sites_of_grade_nine_are_worth_240_000_yuan_when_the_sum_insured_is_800_000() -> None:
    eyes = [a_site("EYE", 9, "LEFT", item="2.2-14"), a_site("EYE", 9, "RIGHT", item="2.2-14")]
    for site in eyes:
        check_site(site, TABLE)
    assert 80_000_000 * percentage_bps(grade_sites(eyes, TABLE).grade) // 10_000 == 24_000_000
    assert 80_000_000 * percentage_bps(grade_sites(eyes[:1] * 2, TABLE).grade) // 10_000 == 16_000_000


def test_sites_are_explained_in_chinese_when_graded() -> None:
    toes = a_site("TOES", 10, "BOTH", item="7.5-16")
    ribs = a_site("RIBS", 10, item="4.4-04", worsened_from=None)
    graded = grade_sites([toes, ribs, a_site("FOOT", 10, "LEFT")], TABLE)
    assert graded.text_zh == (
        "伤残3处：第1处，双侧足趾，条目7.5-16“双足十趾中，大于等于两趾缺失”，10级；"
        "第2处，肋骨，条目4.4-04“胸部损伤导致大于等于4根肋骨骨折”，10级；第3处，左足，10级。"
        "第3处与第1处属同一部位和性质，不重复评定。"
        "计入的最重等级10级有2处，晋升一级，评定为9级（JR/T 0083-2013第3.4条）"
    )
    one = grade_sites([a_site("SPLEEN", 8, worsened_from=9)], TABLE).text_zh
    assert one == "伤残1处：第1处，脾，8级，此前为9级。评定为8级（JR/T 0083-2013第3.4条）"
    assert "已为1级，不再晋升" in grade_sites([a_site("BRAIN", 1), a_site("LIVER", 1)], TABLE).text_zh
    assert (
        "等级不同，以最重的为准，评定为7级"
        in grade_sites([a_site("BRAIN", 7), a_site("LIVER", 9)], TABLE).text_zh
    )


def test_sites_are_an_error_when_there_are_none_or_a_part_is_unknown() -> None:
    with pytest.raises(DisabilityGradeError):
        grade_sites([], TABLE)
    with pytest.raises(DisabilityPartUnknownError):
        grade_sites([a_site("TAIL", 9)], TABLE)


@given(several)
def test_grade_is_never_better_than_the_worst_by_more_than_one_when_graded(
    sites: list[DisabilitySite],
) -> None:
    worst = min(site.grade for site in sites)
    graded = grade_sites(sites, TABLE)
    assert max(1, worst - 1) <= graded.grade <= worst
    assert any(sites[place].grade == worst for place in graded.counted)


@given(several, st.randoms(use_true_random=False))
def test_grade_is_the_same_when_sites_come_in_another_order(
    sites: list[DisabilitySite], shuffler: random.Random
) -> None:
    shuffled = list(sites)
    shuffler.shuffle(shuffled)
    one, other = grade_sites(sites, TABLE), grade_sites(shuffled, TABLE)
    assert one.grade == other.grade
    counted = sorted(repr(sites[place]) for place in one.counted)
    assert counted == sorted(repr(shuffled[place]) for place in other.counted)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_site("EYE", 9, "LEFT"), a_site("EYE", 9, "BOTH")),
        (a_site("TOES", 10, "BOTH", item="7.5-16"), a_site("TOES", 10, "BOTH")),
        (a_site("TOES", 10, "BOTH", item="7.5-16"), a_site("TOES", 10, "BOTH", item="7.5-15")),
    ],
)
def test_same_one_of_two_equal_sites_counts_in_whichever_order_they_were_entered(
    one: DisabilitySite, other: DisabilitySite
) -> None:
    """The words name it, and an appraisal typed in anew must read as before."""
    (first,), (second,) = (grade_sites(sites, TABLE).counted for sites in ([one, other], [other, one]))
    assert [one, other][first] == [other, one][second]


@given(several, st.data())
def test_nothing_changes_when_a_lighter_site_of_the_same_part_is_added(
    sites: list[DisabilitySite], data: st.DataObject
) -> None:
    site = data.draw(st.sampled_from(sites))
    assume(site.grade < 10)
    lighter = site.model_copy(update={"grade": data.draw(st.integers(site.grade + 1, 10))})
    before, after = grade_sites(sites, TABLE), grade_sites([*sites, lighter], TABLE)
    assert (before.grade, before.is_promoted) == (after.grade, after.is_promoted)


@given(several, sites_of(TABLE))
def test_grade_never_gets_lighter_when_a_site_is_added(
    sites: list[DisabilitySite], another: DisabilitySite
) -> None:
    assert grade_sites([*sites, another], TABLE).grade <= grade_sites(sites, TABLE).grade


@given(several)
def test_counted_grades_combine_to_the_grade_of_the_sites_when_taken_alone(
    sites: list[DisabilitySite],
) -> None:
    assert final_grade(counted_grades(sites)) == grade_sites(sites, TABLE).grade


def test_no_grade_counts_when_there_is_no_site() -> None:
    assert counted_grades(iter(())) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (a_site("FOOT", 7, "LEFT"), a_site("TOES", 9, "LEFT"), True),
        (a_site("FOOT", 7, "LEFT"), a_site("TOES", 9, "RIGHT"), False),
        (a_site("FOOT", 7, "LEFT"), a_site("TOES", 9, "BOTH"), True),
        (a_site("FOOT", 7, "LEFT"), a_site("FOOT", 9), True),
        (a_site("TOES", 9, "LEFT"), a_site("FOOT_ARCH", 9, "LEFT"), False),
        (a_site("CERVICAL_SPINE", 8), a_site("LUMBAR_SPINE", 8), False),
    ],
)
def test_parts_are_the_same_when_one_is_within_the_other_on_that_side(
    one: DisabilitySite, other: DisabilitySite, same: bool
) -> None:
    assert are_same_part(one, other, TABLE) is are_same_part(other, one, TABLE) is same


@given(several)
def test_no_two_sites_of_one_part_count_when_graded(sites: list[DisabilitySite]) -> None:
    counted = [sites[place] for place in grade_sites(sites, TABLE).counted]
    for place, one in enumerate(counted):
        for other in counted[place + 1 :]:
            apart = {one.side, other.side} == {BodySide.LEFT, BodySide.RIGHT}
            assert apart or not TABLE.within(one.part) & TABLE.within(other.part)


@pytest.mark.parametrize(
    "site",
    [
        a_site("TOES", 10, "BOTH", item="7.5-16"),
        a_site("EYE", 7, "LEFT", item="2.1-07"),
        a_site("UPPER_LIMB", 5, "RIGHT", item="7.6-11"),
        a_site("LOWER_LIMB", 5, "LEFT", item="7.6-11"),
        a_site("SPLEEN", 8, item="4.2-01"),
        a_site("SPLEEN", 8),
        a_site("TOES", 9, "LEFT"),
        a_site("TOES", 9, "BOTH", worsened_from=10),
    ],
)
def test_site_is_in_order_when_the_table_has_it(site: DisabilitySite) -> None:
    check_site(site, TABLE)


@pytest.mark.parametrize(
    ("site", "error"),
    [
        (a_site("TOES", 9, "BOTH", item="7.5-16"), DisabilityItemMismatchError),
        (a_site("FOOT", 10, "BOTH", item="7.5-16"), DisabilityItemMismatchError),
        (a_site("TOES", 10, "LEFT", item="7.5-16"), DisabilitySideError),
        (a_site("EYE", 7, "BOTH", item="2.1-07"), DisabilitySideError),
        (a_site("EYE", 7, item="2.1-07"), DisabilitySideError),
        (a_site("SPLEEN", 8, "LEFT", item="4.2-01"), DisabilitySideError),
        (a_site("TOES", 9), DisabilitySideError),
        (a_site("SPLEEN", 9, "LEFT"), DisabilitySideError),
        (a_site("TAIL", 9), DisabilityPartUnknownError),
        (a_site("SPLEEN", 9, item="4.2-99"), DisabilityItemUnknownError),
    ],
)
def test_site_is_refused_by_name_when_it_is_not_what_the_table_says(
    site: DisabilitySite, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_site(site, TABLE)


@pytest.mark.parametrize(
    ("site", "facts"),
    [
        (
            a_site("TOES", 9, "BOTH", item="7.5-16"),
            {"item": "7.5-16", "item_grade": 10, "item_parts": "TOES"},
        ),
        (
            a_site("SPLEEN", 5, "LEFT", item="7.6-11"),
            {"item": "7.6-11", "item_grade": 5, "item_parts": "UPPER_LIMB, LOWER_LIMB"},
        ),
        (a_site("TOES", 10, "LEFT", item="7.5-16"), {"part": "TOES", "allowed": "BOTH"}),
        (a_site("EYE", 7, item="2.1-07"), {"part": "EYE", "allowed": "LEFT, RIGHT"}),
        (a_site("TOES", 9), {"part": "TOES", "allowed": "LEFT, RIGHT, BOTH"}),
        (a_site("SPLEEN", 9, "LEFT"), {"part": "SPLEEN", "allowed": "—"}),
    ],
)
def test_refusal_says_what_the_table_has_and_which_side_it_wants(
    site: DisabilitySite, facts: dict[str, object]
) -> None:
    with pytest.raises((DisabilityItemMismatchError, DisabilitySideError)) as refused:
        check_site(site, TABLE)
    assert refused.value.facts == facts


@pytest.mark.parametrize("before", [8, 9])
def test_site_is_refused_when_it_did_not_get_worse(before: int) -> None:
    with pytest.raises(ValidationError):
        a_site("SPLEEN", 9, worsened_from=before)


@pytest.mark.parametrize("grade", [0, 11])
def test_site_is_refused_when_the_scale_has_no_such_grade(grade: int) -> None:
    with pytest.raises(ValidationError):
        a_site("SPLEEN", grade)


def test_appraisal_is_refused_with_its_name_when_by_another_scale() -> None:
    check_scale(DisabilityScale.JRT_0083)
    assert set(SCALE_WORDS) == set(DisabilityScale)
    for scale in (DisabilityScale.WORK_INJURY, DisabilityScale.COURT):
        with pytest.raises(WrongScaleError) as caught:
            check_scale(scale)
        scale_zh, scale_en = SCALE_WORDS[scale]
        assert caught.value.facts == {"scale": scale.value, "scale_zh": scale_zh, "scale_en": scale_en}
