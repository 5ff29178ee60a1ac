"""Items in the form of the wire: exactly boto3's, for whatever our items hold."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from daycover.cover.policy import PolicyStatus
from daycover.store.dynamodb import _from_wire, _to_wire

FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100).filter(
    lambda number: number == 0 or abs(number) > 1e-100
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**38) + 1, 10**38 - 1) | FLOATS | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _prepared(value: Any) -> Any:
    """As items were handed to boto3: floats by their shortest text, absent members left out."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: _prepared(inner) for key, inner in value.items() if inner is not None}
    return [_prepared(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _read(value: Any) -> Any:
    """As what boto3 gave was read."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _read(inner) for key, inner in value.items()}
    return [_read(inner) for inner in value] if isinstance(value, list) else value


@given(VALUES)
def test_item_is_boto3_s_both_ways_when_written_and_read(value: Any) -> None:
    wire = _to_wire(value)
    assert json.dumps(wire) == json.dumps(TypeSerializer().serialize(_prepared(value)))
    assert repr(_from_wire({"x": wire})["x"]) == repr(_read(TypeDeserializer().deserialize(wire)))


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0, "0"),
        (-7, "-7"),
        (1e22, "1E+22"),
        (31.2304, "31.2304"),
        (1e-7, "1E-7"),
        (-0.0, "-0.0"),
        (2.0, "2.0"),
    ],
)
def test_number_has_these_digits_when_written(value: float, digits: str) -> None:
    assert _to_wire(value) == {"N": digits}


def test_enum_is_its_text_when_written() -> None:
    assert json.dumps(_to_wire(PolicyStatus.ISSUED)) == json.dumps({"S": PolicyStatus.ISSUED.value})


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**38 + 1, 1e300, b"bytes", {1}, object(), [{"x": b""}]]
)
def test_value_is_refused_as_boto3_would_or_sooner_when_no_item_of_ours_holds_it(value: Any) -> None:
    with pytest.raises((TypeError, ArithmeticError)):
        _to_wire(value)
