"""The items of JR/T 0083-2013 as a table, and finding them by what people say."""

import json
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.api.claims.disability import DisabilityItemsView
from daycover.claims.disability_search import MAX_FOUND, find_items
from daycover.claims.disability_table import (
    EDITION,
    TABLES,
    DisabilityPartUnknownError,
    DisabilityTable,
    Extent,
    disability_table,
)

pytestmark = pytest.mark.disable_socket

TABLE = disability_table()
FILE = TABLES / f"disability.{EDITION}.json"
PER_CLAUSE = {
    "1.1": 1, "1.2": 4, "1.3": 1, "2.1": 7, "2.2": 17, "2.3": 1, "2.4": 6, "2.5": 13, "2.6": 13,
    "3.1": 6, "3.2": 4, "3.3": 1, "4.1": 3, "4.2": 3, "4.3": 4, "4.4": 4, "5.1": 1, "5.2": 11, "5.3": 2,
    "5.4": 5, "5.5": 3, "6.1": 21, "6.2": 19, "7.1": 20, "7.2": 4, "7.3": 13, "7.4": 8, "7.5": 18, "7.6": 14,
    "7.7": 3, "7.8": 18, "8.1": 18, "8.2": 14,
}  # fmt: skip


def test_table_is_as_counted_in_its_source_when_read() -> None:
    assert Counter(item.clause for item in TABLE.items) == PER_CLAUSE
    assert (len(TABLE.items), TABLE.items_of_the_standard) == (280, 281)
    assert {item.chapter for item in TABLE.items} == set(range(1, 9))
    assert {item.grade for item in TABLE.items} == set(range(1, 11))
    assert len({(item.clause, item.text_zh) for item in TABLE.items}) == len(TABLE.items)


def test_items_stand_by_clause_and_grade_when_read() -> None:
    codes = [item.code for item in TABLE.items]
    assert codes == sorted(codes)
    for clause in TABLE.clauses:
        grades = [item.grade for item in TABLE.items if item.clause == clause.number]
        assert grades == sorted(grades), clause


def test_extent_is_what_the_text_says_when_an_item_is_of_both_or_one() -> None:
    for item in TABLE.items:
        if item.extent is Extent.ONE:
            assert item.text_zh.count("侧") <= 1, item
            assert (
                not any(both in item.text_zh for both in ("双", "另一", "两")) or "两个关节" in item.text_zh
            ), item
        elif item.extent is Extent.BOTH:
            assert any(both in item.text_zh for both in ("双", "另一")), item


def test_every_part_is_used_and_every_reading_is_of_an_item_when_read() -> None:
    used = {code for item in TABLE.items for code in item.parts}
    assert used == {part.code for part in TABLE.parts}
    for reading in TABLE.readings:
        assert [TABLE.item(code).code for code in reading.items] == list(reading.items)


@pytest.mark.parametrize(
    ("code", "grade", "words"),
    [
        ("1.1-01", 10, "外伤性脑脊液鼻漏或耳漏"),
        ("2.1-01", 1, "双侧眼球缺失"),
        ("4.2-01", 8, "脾切除"),
        ("7.3-10", 9, "双手缺失（或丧失功能）大于等于10%"),
        ("7.5-16", 10, "双足十趾中，大于等于两趾缺失"),
        ("7.6-05", 2, "二肢缺失"),
        ("7.7-01", 7, "75%"),
        ("8.2-14", 9, "5%"),
    ],
)
def test_item_is_the_standard_s_when_looked_up(code: str, grade: int, words: str) -> None:
    item = TABLE.item(code)
    assert item.grade == grade
    assert words in item.text_zh


def test_table_is_refused_when_it_does_not_hold_together() -> None:
    written = json.loads(FILE.read_text(encoding="utf-8"))
    item = written["items"][0]
    for broken in (
        {"items": [*written["items"], item]},
        {"items": [{**item, "code": "1.1-02", "parts": ["TAIL"]}, *written["items"]]},
        {"items": [{**item, "code": "1.1-02", "extent": "ONE"}, *written["items"]]},
        {"items": written["items"][1:]},
        {"items_of_the_standard": 279},
        {"parts": [*written["parts"], written["parts"][0]]},
        {"chapters": written["chapters"][:7]},
    ):
        with pytest.raises(ValidationError):
            DisabilityTable.model_validate({**written, **broken})


def test_table_is_not_read_when_modules_are_imported() -> None:
    code = (
        "import daycover.claims.adjudication, daycover.claims.disability_search\n"
        "from daycover.claims.disability_table import disability_table\n"
        "assert disability_table.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("大脚趾截肢", {"7.5-08", "7.5-13", "7.5-16"}),
        ("拇趾缺失", {"7.5-08", "7.5-13", "7.5-16"}),
        ("缺失 拇趾", {"7.5-08", "7.5-13", "7.5-16"}),
        ("脚趾断了两个", {"7.5-08", "7.5-13", "7.5-16"}),
        ("一只眼睛瞎了", {"2.2-10"}),
        ("两只眼睛瞎了", {"2.2-01"}),
        ("左眼失明", {"2.2-01", "2.2-10", "2.2-12", "2.2-14"}),
        ("肋骨断了八根", {"4.4-02"}),
        ("骨折、肋骨", {"4.4-01", "4.4-02", "4.4-04"}),
        ("肋骨 9级", {"4.4-02", "4.4-03"}),
        ("九级 肋骨", {"4.4-02", "4.4-03"}),
        ("耳朵聋了", {"2.6-01"}),
        ("右手被机器切断", {"7.3-01"}),
        ("大拇指没了", {"7.3-01"}),
        ("切脾", {"4.2-01"}),
        ("脾 切除", {"4.2-01"}),
        ("植物人", {"1.3-01"}),
        ("截瘫 大小便失禁", {"7.8-02"}),
        ("门牙掉了8颗", {"3.2-04"}),
        ("小腿截肢", {"7.6-05", "7.6-09", "7.6-11", "7.6-13"}),
        ("小肠切除≥50%", {"5.2-07"}),
        ("小肠切除50%", {"5.2-07"}),
        ("髋臼骨折，８ｃｍ", {"7.4-02"}),
        ("１０级 足弓", {"7.5-15"}),
        ("7.5-16", {"7.5-16"}),
        ("失语", {"3.3-01"}),
    ],
)
def test_item_is_found_when_people_say_it_their_way(said: str, first: set[str]) -> None:
    found = [item.code for item in find_items(said)]
    assert found[0] in first, found
    assert first <= set(found), found


@pytest.mark.parametrize("said", ["感冒", "xyz", "!!!???无此条目无此词"])
def test_nothing_is_found_when_the_table_has_nothing_of_it(said: str) -> None:
    assert find_items(said) == []


def test_search_is_narrowed_when_grade_part_or_limit_is_given() -> None:
    assert {item.grade for item in find_items("", grade=9)} == {9}
    assert [item.code for item in find_items("7.5", grade=6)] == ["7.5-01"]
    of_toes = find_items("", part="TOES", limit=MAX_FOUND)
    assert {"7.5-16", "7.5-01", "7.6-01"} <= {item.code for item in of_toes}
    assert "7.5-02" not in {item.code for item in of_toes}
    assert len(find_items("", limit=3)) == 3
    assert len(find_items("", limit=1000)) == MAX_FOUND
    with pytest.raises(DisabilityPartUnknownError):
        find_items("", part="TAIL")


def test_answer_says_what_an_item_pays_and_how_complete_the_table_is_when_searched() -> None:
    answer = DisabilityItemsView.of("大脚趾截肢", 10, None)
    assert [(item.code, item.percentage_bps, item.parts) for item in answer.items] == [
        ("7.5-16", 1_000, ["TOES"])
    ]
    assert answer.items[0].clause_zh == "下肢的结构损伤，足功能或关节功能障碍"
    assert (answer.standard, answer.items_on_file, answer.items_of_the_standard) == (
        "JR/T 0083-2013",
        280,
        281,
    )
    assert {part.code for part in answer.parts if part.sided} >= {"EYE", "TOES", "UPPER_LIMB"}


def test_every_item_is_found_first_when_its_own_words_are_asked() -> None:
    for item in TABLE.items:
        texts = [found.text_zh for found in find_items(item.text_zh, grade=item.grade, limit=3)]
        assert item.text_zh in texts, item


@given(st.text(max_size=40), st.none() | st.integers(1, 10))
def test_search_never_fails_when_anything_is_typed(said: str, grade: int | None) -> None:
    found = find_items(said, grade=grade)
    assert len(found) <= 20
    assert len({item.code for item in found}) == len(found)
