"""What a statement of an IAM policy allows: actions, resources and the two conditions that the template writes.

Standard library only: the engine's recorder says in the same terms what was asked for.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

CONDITIONS = {
    "dynamodb": ("ForAllValues:StringLike", "dynamodb:LeadingKeys"),
    "s3": ("StringLikeIfExists", "s3:prefix"),
}


class UnknownConditionError(Exception):
    """A condition that is not judged here; it may never pass for one that holds."""


class Need(NamedTuple):
    """One thing that must be allowed: an action, on a resource, for all of these partition keys (or, when a
    bucket is listed, this prefix) at once."""

    action: str
    resource: str
    keys: tuple[str, ...] = ()


class Grant(NamedTuple):
    """The smallest thing that a statement gives: one action, one resource, one pattern of keys or prefixes."""

    action: str
    resource: str
    pattern: str = "*"


def allows(statement: Mapping[str, Any], need: Need) -> bool:
    """Whether this one statement allows all of the need; several never add up to one."""
    return bool(used(statement, need))


def used(statement: Mapping[str, Any], need: Need) -> set[Grant]:
    """Give what a need uses of a statement: nothing where the statement doesn't allow all of it."""
    given = {
        grant
        for grant in grants(statement)
        if grant.action == need.action and is_like(need.resource, grant.resource)
    }
    met = {grant for grant in given if any(is_like(key, grant.pattern) for key in need.keys)}
    if all(any(is_like(key, grant.pattern) for grant in met) for key in need.keys):
        return met if need.keys else given
    return set()


def grants(statement: Mapping[str, Any]) -> Iterator[Grant]:
    """Give the statement in its smallest parts."""
    assert statement["Effect"] == "Allow", "no role of ours denies"
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            for pattern in _patterns(action, statement.get("Condition", {})):
                yield Grant(action, resource, pattern)


def is_like(text: str, pattern: str) -> bool:
    """Whether IAM's `StringLike` holds: `*` is any text and `?` any letter, also across slashes."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.S)


def _patterns(action: str, condition: Mapping[str, Any]) -> list[str]:
    if not condition:
        return ["*"]
    operator, key = CONDITIONS.get(action.split(":", maxsplit=1)[0], ("", ""))
    if list(condition) != [operator] or list(condition[operator]) != [key]:
        raise UnknownConditionError(f"{action}: {condition}")
    return _listed(condition[operator][key])


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
