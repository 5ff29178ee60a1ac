"""Every expression that the product's stores send to DynamoDB, read from their sources."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import daycover.store
from daycover.store.aws import AwsError
from tests.simulation.aws.conditions import condition, update

_SOURCES = Path(daycover.store.__file__).parent
_UPDATE = re.compile(r"\s*(SET|REMOVE|ADD) ")
_CONDITION = re.compile(
    r"attribute_(not_)?exists|begins_with\(|contains\(|size\(|list_append\(|(=|<|>) :[a-z]"
)
_FILLED = "", "word", "word :word"
"""What may stand where a text is put together: nothing, a name, or a name and a value."""


def _texts() -> Iterator[str]:
    """Strings as written; a part that is put in is a `{}`."""
    for source in sorted(_SOURCES.glob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
                yield node.value


def _whole(text: str) -> Iterator[str]:
    """A text, or what it may be a part of."""
    yield text
    yield f"SET kept = :kept{text}"
    yield f"SET {text}"
    yield f"attribute_exists(pk){text}"


def _readable(text: str) -> str | None:
    for filled in product(_FILLED, repeat=min(text.count("{}"), 6)):
        plain = text.replace("IN ({})", "IN (:word)")
        for part in filled:
            plain = plain.replace("{}", part, 1)
        for whole in _whole(plain.replace("{}", "")):
            try:
                (update if _UPDATE.match(whole) else condition)(whole)
            except (AwsError, NotImplementedError):
                continue
            return whole
    return None


def expressions() -> tuple[list[str], list[str], list[str]]:
    """Give updates, conditions, and what looks like one and can't be read."""
    updates, conditions, unread = set[str](), set[str](), set[str]()
    for text in _texts():
        if (
            "\n" in text
            or text.strip() in {"SET", "REMOVE", "ADD"}
            or not (_UPDATE.match(text) or _CONDITION.search(text))
        ):
            continue
        whole = _readable(text)
        if whole is None:
            unread.add(text)
        else:
            (updates if _UPDATE.match(whole) else conditions).add(whole)
    return sorted(updates), sorted(conditions), sorted(unread)
