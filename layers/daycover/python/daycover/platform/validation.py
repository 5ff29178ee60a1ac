"""Which rule a value broke, in the caller's language and without the value."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

OTHERWISE = "不符合要求"
RULES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "必填",
        "extra_forbidden": "含有未知字段",
        "string_type": "应为文字",
        "string_too_short": "至少 {min_length} 个字符",
        "string_too_long": "最多 {max_length} 个字符",
        "string_pattern_mismatch": "格式不正确",
        "int_type": "应为整数",
        "int_parsing": "应为整数",
        "int_from_float": "应为整数",
        "float_type": "应为数字",
        "float_parsing": "应为数字",
        "finite_number": "应为有限的数字",
        "bool_type": "应为 true 或 false",
        "bool_parsing": "应为 true 或 false",
        "greater_than": "应大于 {gt}",
        "greater_than_equal": "不得小于 {ge}",
        "less_than": "应小于 {lt}",
        "less_than_equal": "不得大于 {le}",
        "too_short": "至少 {min_length} 项",
        "too_long": "最多 {max_length} 项",
        "enum": "应为以下之一:{expected}",
        "literal_error": "应为以下之一:{expected}",
        "list_type": "应为数组",
        "dict_type": "应为对象",
        "model_type": "应为对象",
        "model_attributes_type": "应为对象",
        "timezone_aware": "时间须带时区,例如 +08:00",
        "date_from_datetime_inexact": "应为日期,不带时间",
        "decimal_type": "应为数字",
        "decimal_parsing": "应为数字",
    }
)
"""By pydantic's error type; `{…}` are the limits that the error carries."""
ENGLISH: Mapping[str, str] = MappingProxyType(
    {"missing": "is required", "extra_forbidden": "has a member that is not known"}
)
"""Where pydantic's own words do not fit."""
FAMILIES: Mapping[str, str] = MappingProxyType(
    {"datetime_": "应为 RFC 3339 时间", "date_": "应为日期,例如 2026-11-24", "time_": "应为时间,例如 08:00"}
)
"""The many types of one kind of value, by their beginning."""


def without_echoes(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out what only follows from another error: pydantic counts a tuple without its wrong items, and so calls
    one with a single wrong item too short."""
    inside = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in inside]


def rule_of(error: Mapping[str, Any], language: str) -> str:
    """Say the rule that one of pydantic's errors is about."""
    kind, limits = error["type"], error.get("ctx") or {}
    said = getattr(limits.get("error"), "args", ())
    if len(said) == 2:  # a rule of ours that says itself in both languages
        return str(said[language == "en"])
    if limits.get("field_type") == "Value":  # the length of a text after it was read
        kind = f"string_{kind}"
    family = next((text for start, text in FAMILIES.items() if kind.startswith(start)), OTHERWISE)
    if language == "en":
        is_known = kind in RULES or family is not OTHERWISE or kind == "value_error"
        # other messages of pydantic may quote the value, as that of an unknown tag or of a UUID does
        message = str(error.get("msg", "")).removeprefix("Value error, ") if is_known else ""
        return ENGLISH.get(kind) or message or "is not as required"
    plain = {name: _chinese(value) for name, value in limits.items()}
    try:
        return RULES.get(kind, family).format(**plain)
    except KeyError:
        return OTHERWISE


def _chinese(limit: object) -> str:
    """`'A', 'B' or 'C'` → `A、B、C`; numbers as they are."""
    return str(limit).replace("'", "").replace(" or ", "、").replace(", ", "、")
