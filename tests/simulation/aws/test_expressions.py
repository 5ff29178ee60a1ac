"""What the plain answers give is what the library gives, for every expression of the product's definitions."""

import json
import re
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.aws import expressions
from tests.simulation.aws.expressions import (
    Names,
    QueryError,
    by_library,
    parse,
    plain_form,
    template,
)
from tests.support.functions import ROOT

WORKFLOWS = sorted((ROOT / "functions" / "workflows").glob("*.asl.json"))
PATH = re.compile(r"\$(\w+(?:\.\w+)*)(?!\w*\()")
MILLIS = 1_795_478_420_123
SHAPES = [
    "$a + $b.c - 1",
    "$a.b & '-' & $c",
    "$a.b <= $b.a",
    "$a < $b and $b > 3",
    "$a.b in ['x', 'y'] or $c",
    "$a.b != 'x'",
    "$a.b = 3",
    "$not($a.b)",
    "$exists($a.b) ? $a.b : $c.d",
    "$string($a.b)",
    "$toMillis($a.b)",
    "$millis() - $toMillis($a.b) > 5",
    "[$a.b, $c]",
    "{'x': $a.b}",
    "$a.b.c",
    "null",
    "$count($a.b)",
    "$a.b[0]",
    "$merge([$a, {'x': 1}])",
]


def written() -> list[str]:
    texts: set[str] = set()
    for path in WORKFLOWS:
        texts |= {found.strip() for found in re.findall(r'"\{%(.*?)%\}"', path.read_text(encoding="utf-8"))}
    return sorted(texts)


# JSON is read so that no whole number is a float: `executions.read_json`
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 2**40),
    st.sampled_from([0.5, -2.25]),
    st.sampled_from(
        ["", "x", "SUCCEEDED", "DONE", "AUTO_APPROVED", "NO_CLAIM", "2026-11-24T00:30:00.123Z", "ä'\""]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def names_for(draw: st.DrawFn, text: str) -> Names:
    """Values for the paths that an expression names: some are missing, some lead through something else."""
    values: dict[str, Any] = {}
    for path in PATH.findall(text):
        first, *fields = path.split(".")
        at, key = values, first
        for field in fields:
            if not isinstance(at.get(key), dict):
                at[key] = draw(st.one_of(st.just({}), st.just({}), st.just({}), VALUES))
            if not isinstance(at[key], dict):
                break
            at, key = at[key], field
        else:
            if draw(st.integers(0, 4)):
                at.setdefault(key, draw(VALUES))
    return Names(values, MILLIS)


def same(one: Any, other: Any) -> bool:
    return bool(one is other or (type(one) is type(other) and json.dumps(one) == json.dumps(other)))


@pytest.mark.parametrize("text", [*written(), *SHAPES])
def test_plain_answer_is_the_library_s_when_it_is_given(text: str) -> None:
    parsed = parse(text)
    plain = plain_form(parsed.ast)
    if plain is None:
        return  # the library's own

    @settings(max_examples=15, deadline=None, database=None)
    @given(names_for(text))
    def compare(names: Names) -> None:
        try:
            answer = plain(names)
        except expressions._OtherShapeError:
            return
        try:
            expected = by_library(parsed, names)
        except QueryError:
            expected = QueryError
        assert same(answer, expected), (answer, expected, names)

    compare()


def test_most_expressions_have_a_plain_form_when_definitions_are_read() -> None:
    """Speed only, and that `plain_form` does not quietly leave everything to the library."""
    texts = written()
    plain = [text for text in texts if plain_form(parse(text).ast) is not None]
    assert len(plain) >= 0.7 * len(texts), sorted(set(texts) - set(plain))


def value_of(text: str, **values: Any) -> Any:
    return template("{% " + text + " %}")(Names(values, MILLIS))


@pytest.mark.parametrize("text", ["$a.b", "$nothing", "$not($a.b)", "$a.x.y", "$count"])
def test_expression_is_an_error_when_it_has_no_value(text: str) -> None:
    with pytest.raises(QueryError):
        value_of(text, a={"x": "text"})


def test_null_is_a_value_when_a_field_holds_it() -> None:
    assert value_of("$a.b", a={"b": None}) is None
    assert value_of("$a", a=None) is None
    assert value_of("$merge([$a, {'x': $a.b}])", a={"b": None}) == {"b": None, "x": None}


def test_numbers_are_written_as_javascript_does_when_they_are_whole() -> None:
    assert repr(value_of("$sum($a)", a=[0.5, 0.5])) == "1"
    assert repr(value_of("$a / 2", a=3)) == "1.5"


def test_values_of_two_types_are_unequal_when_python_says_otherwise() -> None:
    assert value_of("$a = 1", a=True) is False
    assert value_of("$a != 1", a=True) is True
    assert value_of("$a = 0", a=False) is False


def test_clock_is_the_simulation_s_when_the_library_asks_for_it() -> None:
    assert value_of("$millis()") == MILLIS
    assert value_of("$sum([$millis(), 1])") == MILLIS + 1


@pytest.mark.parametrize(
    "text", ["$now()", "$random()", "$uuid()", "$eval('1')", "$unheard()", "$sum([$now()])"]
)
def test_function_is_refused_when_it_is_not_played(text: str) -> None:
    with pytest.raises(NotImplementedError):
        template("{% " + text + " %}")


def test_template_keeps_what_is_no_expression_when_it_is_evaluated() -> None:
    given = {"a": "{% $x %}", "b": [1, "$x", "{% $x & 'y' %}"], "c": None}
    assert template(given)(Names({"x": "z"}, 0)) == {"a": "z", "b": [1, "$x", "zy"], "c": None}


def test_recursion_ends_as_everywhere_when_the_library_is_loaded() -> None:
    """jsonata would raise the limit to 10,000, where the interpreter may crash instead of raising RecursionError."""
    assert sys.getrecursionlimit() <= 3_000


def test_infinite_number_is_no_json_when_an_expression_gives_one() -> None:
    with pytest.raises(QueryError):
        value_of("$a / 0", a=1)
