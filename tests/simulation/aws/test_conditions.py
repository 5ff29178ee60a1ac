"""Expressions of conditions and updates, as the guide of DynamoDB describes them."""

from collections.abc import Callable
from typing import Any

import pytest

from daycover.store.aws import AwsError
from daycover.store.dynamodb import _to_wire
from tests.simulation.aws.conditions import Given, check_apart, check_used, condition, update
from tests.simulation.aws.values import number, same

ITEM = {
    "pk": "P",
    "sk": "S",
    "title": "parcel",
    "fen": 7,
    "ratio": 0.5,
    "is_open": True,
    "papers": {"a": {"pages": 2}, "b": {}},
    "past": ["one", 2],
    "blank": "",
}


def wire(item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _to_wire(item)["M"]
    return found


def given(values: dict[str, Any] | None = None, names: dict[str, str] | None = None) -> Given:
    return Given(names or {}, {name: _to_wire(value) for name, value in (values or {}).items()})


def holds(
    text: str, item: dict[str, Any] | None = None, names: dict[str, str] | None = None, **v: Any
) -> bool:
    beside = given({f":{name}": value for name, value in v.items()}, names)
    read = condition(text)
    check_used(beside, read.used)
    return read.holds(wire(ITEM if item is None else item), beside)


def changed(
    text: str, item: dict[str, Any] | None = None, names: dict[str, str] | None = None, **v: Any
) -> Any:
    """Give the item after an update, in wire form."""
    beside = given({f":{name}": value for name, value in v.items()}, names)
    read = update(text)
    check_used(beside, read.used)
    check_apart(read.paths, beside)
    before = wire(ITEM if item is None else item)
    after = dict(before)
    untouched = repr(before)
    for change in read.changes:
        change(before, after, beside)
    assert repr(before) == untouched, "an image of the stream was changed"
    return after


def refused(act: Any) -> None:
    with pytest.raises(AwsError) as raised:
        act()
    assert raised.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("attribute_exists(pk)", {}, True),
        ("attribute_not_exists(pk)", {}, False),
        ("attribute_exists(papers.a.pages)", {}, True),
        ("attribute_exists(papers.c)", {}, False),
        ("attribute_exists(past[1])", {}, True),
        ("attribute_exists(past[2])", {}, False),
        ("ratio = :v", {"v": 0.5}, True),
        ("ratio < :v", {"v": 7}, True),
        ("ratio > :v", {"v": 0.25}, True),
        ("ratio <= :v", {"v": 0.5}, True),
        ("ratio >= :v", {"v": 0.75}, False),
        ("ratio < :v", {"v": "7"}, False),  # of another kind: neither less nor more
        ("ratio > :v", {"v": "7"}, False),
        ("ratio <> :v", {"v": "7"}, True),
        ("ratio BETWEEN :low AND :high", {"low": 0, "high": 1}, True),
        ("ratio between :low and :high", {"low": 0.5, "high": 0.5}, True),
        ("ratio BETWEEN :low AND :high", {"low": 1, "high": 2}, False),
        ("ratio IN (:a, :b)", {"a": 1, "b": 0.5}, True),
        ("ratio IN (:a, :b)", {"a": 1, "b": 2}, False),
        ("begins_with(sk, :v)", {"v": "S"}, True),
        ("begins_with(sk, :v)", {"v": "s"}, False),
        ("begins_with(ratio, :v)", {"v": "0"}, False),
        ("contains(past, :v)", {"v": "one"}, True),
        ("contains(past, :v)", {"v": 2.0}, True),
        ("contains(past, :v)", {"v": "o"}, False),
        ("contains(sk, :v)", {"v": "S"}, True),
        ("size(papers) < :v", {"v": 3}, True),
        ("size(past) = :v", {"v": 2}, True),
        ("size(blank) = :v", {"v": 0}, True),
        ("size(gone) = :v", {"v": 0}, False),
        ("is_open = :v", {"v": True}, True),
        ("is_open = :v", {"v": False}, False),
        ("papers.b = :v", {"v": {}}, True),
        ("past = :v", {"v": ["one", 2.0]}, True),
        ("past = :v", {"v": ["one", 3]}, False),
        (":v = ratio", {"v": 0.5}, True),
        ("papers.a.pages = past[1]", {}, True),
    ],
)
def test_condition_holds(text: str, values: dict[str, Any], expected: bool) -> None:
    assert holds(text, **values) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gone = :v", False),
        ("gone <> :v", True),
        ("gone < :v", False),
        ("gone > :v", False),
        ("gone <= :v", False),
        ("gone IN (:v)", False),
        ("gone BETWEEN :v AND :v", False),
        ("begins_with(gone, :v)", False),
        ("contains(gone, :v)", False),
        ("NOT gone = :v", True),
        ("attribute_not_exists(pk) OR gone = :v", True),
        ("attribute_exists(pk) AND gone <> :v", False),
    ],
)
def test_absent_attribute_equals_nothing_when_no_item_stands_there(text: str, expected: bool) -> None:
    """Also `attribute_not_exists(pk)` is how a write says that nothing may stand there."""
    assert holds(text, {}, v=1) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ratio = :no AND ratio = :no OR ratio = :yes", True),  # AND binds tighter
        ("ratio = :no AND (ratio = :no OR ratio = :yes)", False),
        ("NOT ratio = :no AND ratio = :no", False),  # NOT binds tightest
        ("NOT (ratio = :no AND ratio = :no)", True),
        ("NOT NOT ratio = :yes AND ratio <> :no", True),
        ("not ratio = :no or ratio = :no AND ratio = :yes", True),
    ],
)
def test_operators_bind_as_the_guide_orders_them(text: str, expected: bool) -> None:
    values: dict[str, Any] = {n: value for n, value in {"yes": 0.5, "no": 0}.items() if f":{n}" in text}
    assert holds(text, **values) is expected


@pytest.mark.parametrize(
    ("one", "two", "is_same"),
    [
        ({"N": "1"}, {"N": "1.0"}, True),
        ({"N": "100"}, {"N": "1E2"}, True),
        ({"N": "0.1"}, {"N": "0.10"}, True),
        ({"N": "1"}, {"N": "1.00000000000000000000000000000000000001"}, False),
        ({"N": "1"}, {"S": "1"}, False),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1.0"}]}, True),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1"}, {"N": "1"}]}, False),
        ({"M": {"a": {"N": "1"}}}, {"M": {"a": {"N": "1.0"}}}, True),
        ({"M": {"a": {"N": "1"}}}, {"M": {"b": {"N": "1"}}}, False),
        ({"BOOL": True}, {"BOOL": False}, False),
        ({"NULL": True}, {"NULL": True}, True),
    ],
)
def test_numbers_are_equal_by_value(one: Any, two: Any, is_same: bool) -> None:
    assert (same(one, two), same(two, one)) == (is_same, is_same)


def test_strings_are_ordered_by_their_utf_8() -> None:
    signs = ["", "A", "Z", "a", "é", "保", "😀"]
    ordered = [(one, two) for one in signs for two in signs if holds("sk < :v", {"sk": one}, v=two)]
    assert ordered == [(one, two) for one in signs for two in signs if one.encode() < two.encode()]


# ---- updates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("SET ratio = :v", {"v": 1}, {"ratio": 1}),
        ("SET fresh = :v", {"v": {"a": [1]}}, {"fresh": {"a": [1]}}),
        ("SET ratio = if_not_exists(ratio, :v)", {"v": 9}, {"ratio": 0.5}),
        ("SET fresh = if_not_exists(fresh, :v)", {"v": 9}, {"fresh": 9}),
        ("SET fresh = if_not_exists(gone, ratio)", {}, {"fresh": 0.5}),
        ("SET past = list_append(past, :v)", {"v": [3]}, {"past": ["one", 2, 3]}),
        ("SET past = list_append(:v, past)", {"v": [0]}, {"past": [0, "one", 2]}),
        ("SET fresh = list_append(if_not_exists(fresh, :none), :v)", {"none": [], "v": [3]}, {"fresh": [3]}),
        ("SET papers.b.pages = :v", {"v": 5}, {"papers": {"a": {"pages": 2}, "b": {"pages": 5}}}),
        ("SET papers.c = :v", {"v": 5}, {"papers": {"a": {"pages": 2}, "b": {}, "c": 5}}),
        (
            "SET papers.a.pages = papers.a.pages + :v, papers.b.pages = :v",
            {"v": 1},
            {"papers": {"a": {"pages": 3}, "b": {"pages": 1}}},
        ),
        ("SET ratio = ratio + :v", {"v": 2}, {"ratio": 2.5}),
        ("SET ratio = ratio - :v", {"v": 0.5}, {"ratio": 0}),
        ("SET fresh = ratio, ratio = :v", {"v": 3}, {"ratio": 3, "fresh": 0.5}),  # the item as it was
        ("ADD ratio :v", {"v": -1}, {"ratio": -0.5}),
        ("ADD fresh :v", {"v": 4}, {"fresh": 4}),
        ("ADD fresh :v, ratio :v", {"v": 4}, {"fresh": 4, "ratio": 4.5}),
        ("set ratio = :v add fresh :v remove past", {"v": 4}, {"ratio": 4, "fresh": 4, "past": None}),
        ("REMOVE ratio, gone", {}, {"ratio": None}),
        ("REMOVE papers.a.pages", {}, {"papers": {"a": {}, "b": {}}}),
        ("REMOVE papers.c", {}, {}),
    ],
)
def test_update_changes(text: str, values: dict[str, Any], expected: dict[str, Any]) -> None:
    assert changed(text, **values) == wire(
        {name: v for name, v in (ITEM | expected).items() if v is not None}
    )


@pytest.mark.parametrize(
    ("start", "amount", "sum_"), [("0.1", "0.2", "0.3"), ("1", "-0.0", "1"), ("1E2", "1", "101")]
)
def test_sum_is_exact_and_in_plain_figures(start: str, amount: str, sum_: str) -> None:
    read = update("ADD n :v")
    after: dict[str, Any] = {}
    read.changes[0]({"n": {"N": start}}, after, Given({}, {":v": {"N": amount}}))
    assert (after, number(after["n"])) == ({"n": {"N": sum_}}, number({"N": sum_}))


def test_sum_of_more_than_38_digits_is_refused_and_not_rounded() -> None:
    read = update("ADD n :v")
    big, small = {"n": {"N": "1" + "0" * 30 + ".0"}}, Given({}, {":v": {"N": "0.0000000001"}})
    refused(lambda: read.changes[0](big, {}, small))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SET ratio = gone", {}),
        ("SET ratio = gone + :v", {"v": 1}),
        ("SET ratio = sk + :v", {"v": 1}),
        ("SET ratio = ratio + :v", {"v": "1"}),
        ("SET past = list_append(gone, :v)", {"v": [1]}),
        ("SET past = list_append(past, :v)", {"v": 1}),
        ("SET past = list_append(sk, :v)", {"v": [1]}),
        ("SET gone.a = :v", {"v": 1}),
        ("SET sk.a = :v", {"v": 1}),
        ("SET papers.c.d = :v", {"v": 1}),
        ("ADD sk :v", {"v": 1}),
        ("ADD ratio :v", {"v": "1"}),
        ("REMOVE gone.a", {}),
        ("SET pk = :v", {"v": "Q"}),
        ("ADD fresh :v SET sk = :v", {"v": 1}),
        ("REMOVE pk", {}),
        ("SET ratio = :v, ratio = :v", {"v": 1}),
        ("SET ratio = :v REMOVE ratio", {"v": 1}),
        ("SET papers = :v, papers.a = :v", {"v": 1}),
        ("SET papers.a.pages = :v REMOVE papers.a", {"v": 1}),
        ("SET ratio = :v SET past = :v", {"v": 1}),
        ("", {}),
        ("SET", {}),
        ("PUT ratio = :v", {"v": 1}),
    ],
)
def test_update_is_refused_as_by_dynamodb(text: str, values: dict[str, Any]) -> None:
    refused(lambda: changed(text, **values))


def test_paths_overlap_whatever_placeholder_names_them() -> None:
    refused(lambda: changed("SET #a = :v, ratio = :v", names={"#a": "ratio"}, v=1))
    assert changed("SET #a.#b = :v, papers.b = :v", names={"#a": "papers", "#b": "a"}, v=1)["papers"] == {
        "M": {"a": {"N": "1"}, "b": {"N": "1"}}
    }


@pytest.mark.parametrize("word", ["ttl", "status", "Status", "lines", "past", "name", "count", "state"])
def test_reserved_word_stands_in_an_expression_by_a_placeholder_only(word: str) -> None:
    """Source: Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB"."""
    is_reserved = word != "past"
    reads: list[Callable[[], object]] = [
        lambda: holds(f"{word} = :v", v=1),
        lambda: holds(f"papers.{word} = :v", v=1),
        lambda: changed(f"SET {word} = :v", {}, v=1),
    ]
    for read in reads:
        if is_reserved:
            refused(read)
        else:
            read()
    assert holds("#word <> :v", names={"#word": word}, v=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ratio",
        "ratio =",
        "ratio = :v AND",
        "(ratio = :v",
        "ratio = :v)",
        "ratio == :v",
        "attribute_exists ratio",
        "attribute_exists(ratio",
        "ratio ! :v",
        "begins_with(sk)",
        "ratio = :v ratio = :v",
        "9share = :v",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    refused(lambda: condition(text))


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ({"#n": "name"}, {}),
        ({}, {":v": 1}),
        ({"#n": "name"}, {":v": 1, ":more": 1}),
        ({"#n": "name", "#m": "past"}, {":v": 1}),
    ],
)
def test_placeholders_are_exactly_those_that_are_used(names: dict[str, str], values: dict[str, Any]) -> None:
    refused(lambda: check_used(given(values, names), condition("#n = :v").used))
    check_used(given({":v": 1}, {"#n": "name"}), condition("#n = :v").used)


@pytest.mark.parametrize(
    "act",
    [
        lambda: condition("attribute_type(ratio, :v)"),
        lambda: update("DELETE ratio :v"),
        lambda: update("ADD ratio :v").changes[0]({}, {}, Given({}, {":v": {"SS": ["a"]}})),
        lambda: same({"SS": ["a"]}, {"SS": ["a"]}),
        lambda: condition("size(ratio) = :v").holds(wire(ITEM), given({":v": 1})),
        lambda: changed("SET past[0] = :v", v=1),
        lambda: changed("REMOVE past[0]"),
    ],
)
def test_what_is_not_done_here_is_not_silently_left_out(act: Any) -> None:
    with pytest.raises(NotImplementedError):
        act()
