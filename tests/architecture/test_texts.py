"""What people type: every free text of a request has one of the named types, and digits are 0 to 9 everywhere."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import pytest
from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError

import daycover.api
from daycover.identity.document import plain_number
from daycover.identity.name import person_name
from daycover.platform.http import Body
from daycover.projects.credit_code import credit_code
from daycover.text import half_width, printable, printable_lines
from tests.architecture.source import FUNCTIONS, MODULES, PACKAGE, ROOT, lines_of, of_each, tree_of

OPAQUE = {"client_secret", "code", "invitation", "id_token", "login_code", "qr_token", "sha256"}
"""Compared or verified as a whole; nothing of them is kept or shown."""
NASTY = ("\x00", "\x07", "\x0b", "\x7f", "\x9f", "\ufffe", "\ufdd0", "\u202e", "\ud800")
LIKE_DIGITS = {"isdigit", "isdecimal", "isnumeric", "isalnum"}
"""True of the digits and letters of every script."""
READS_ONLY_ASCII = {
    "platform/routes.py": "segments of a path, percent-encoded before",
    "claims/evidence.py": "letters of a bill's number; other scripts' digits are refused where it is stated",
    "store/aws.py": "a header that AWS wrote",
}


class Text(NamedTuple):
    """A member of a request that is any string: where it stands, and its whole annotation."""

    place: str
    name: str
    annotation: Any
    pattern: str | None
    validators: tuple[Any, ...]


def bodies() -> list[type[BaseModel]]:
    for found in pkgutil.walk_packages(daycover.api.__path__, "daycover.api."):
        importlib.import_module(found.name)
    known, waiting = [], [Body]
    while waiting:
        for each in waiting.pop().__subclasses__():
            known.append(each)
            waiting.append(each)
    return [body for body in known if body.__module__.startswith("daycover.")]


def texts() -> list[Text]:
    seen: set[type[BaseModel]] = set()
    found: list[Text] = []

    def walk(model: type[BaseModel]) -> None:
        if model not in seen:
            seen.add(model)
            for name, field in model.model_fields.items():
                for leaf in leaves(field.annotation, tuple(field.metadata)):
                    if isinstance(leaf, type):
                        walk(leaf)
                    else:
                        place = f"{model.__module__}.{model.__name__}.{name}"
                        pattern = next((p for m in leaf if (p := getattr(m, "pattern", None))), None)
                        validators = tuple(m.func for m in leaf if isinstance(m, AfterValidator))
                        found.append(Text(place, name, _typed(leaf), pattern, validators))

    for body in bodies():
        walk(body)
    return sorted(set(found), key=lambda text: text.place)


def leaves(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[Any]:
    """The metadata of every `str` in an annotation, and every model in it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from leaves(inner, (*metadata, *more))
    elif annotation is str:
        yield metadata
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        is_union = get_origin(annotation) in {Union, UnionType}
        for inner in get_args(annotation):
            yield from leaves(inner, metadata if is_union else ())


def _typed(metadata: tuple[Any, ...]) -> Any:
    return Annotated[(str, *metadata)] if metadata else str


def place_of(text: Text) -> str:
    return text.place.removeprefix("daycover.")


TASKS = ("daycover.api.claims.tasks", "daycover.api.payouts.tasks")
"""Of our own workflows; nobody types them."""
TEXTS = [text for text in texts() if not text.place.startswith(TASKS)]
READ_BY_PEOPLE = {printable, printable_lines, person_name}
READ_BY = READ_BY_PEOPLE | {plain_number, half_width, credit_code}


@of_each(TEXTS, place_of)
def test_text_of_a_request_has_a_named_type_or_a_pattern(text: Text) -> None:
    assert text.pattern or text.name in OPAQUE or READ_BY & set(text.validators), text.place


@pytest.mark.filterwarnings("ignore:The 'repr' attribute")
@of_each([text for text in TEXTS if READ_BY_PEOPLE & set(text.validators)], place_of)
def test_text_is_refused_or_without_it_when_a_sign_cannot_be_printed(text: Text) -> None:
    adapter = TypeAdapter(text.annotation)
    assert adapter.validate_python("王小明") == "王小明"
    for sign in NASTY:
        try:
            kept = adapter.validate_python(f"王{sign}小明")
        except ValidationError:
            continue
        assert kept == "王小明"


def test_names_of_people_are_read_as_names_wherever_they_are_stated() -> None:
    named = {text.place for text in TEXTS if person_name in text.validators}
    stated = {text.place for text in TEXTS if text.name == "name"}
    of_things = {
        "access.enrolment.CompanyBody",
        "access.enrolment.ProviderBody",
        "cover.occupations.OccupationReferralBody",
        "projects.company.ProjectBody",
    }
    assert stated - named == {f"daycover.api.{body}.name" for body in of_things}


def patterns_of(path: Path) -> Iterator[tuple[int, str]]:
    """Strings of a module that hold `\\d`, with their lines, but for docstrings."""
    for node in ast.walk(tree_of(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\\[dwDW]", node.value)
        ):
            yield node.lineno, node.value


@of_each([*MODULES, *FUNCTIONS.rglob("*.py")], lambda path: str(path.relative_to(ROOT)))
def test_digits_are_ascii_when_a_pattern_or_a_method_asks_for_them(path: Path) -> None:
    for line, pattern in patterns_of(path):
        assert "re.ASCII" in lines_of(path)[line - 1], f"{path}:{line} {pattern}: [0-9] is meant"
    if PACKAGE in path.parents and str(path.relative_to(PACKAGE)) in READS_ONLY_ASCII:
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in LIKE_DIGITS, f"{path}:{node.lineno} .{node.attr} takes every script's"
