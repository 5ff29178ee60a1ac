"""A route of a function: whether a request is for it, and the function's arguments out of the request."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from daycover.platform.callers import Allowed
from daycover.platform.replies import Reply

IN_SEGMENTS = frozenset("-._~()'!*:@,;=+&$%<> []{}|^_")
"""What a path parameter may hold beside letters and digits: API Gateway hands paths over decoded."""

MOST_ERRORS = 100
"""Told of one body: who sent more has them told after the next try, and Lambda answers with 6 MB at most."""


class ContentError(Exception):
    """The request breaks the route's contract; `errors` are pydantic's, `loc` begins with path, query or body.

    Every name in a `loc` is one of the contract: what the request calls its members is input.
    """

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("content")
        self.errors = errors


class Route:
    """Method and path, as API Gateway writes them (`/v1/claims/{claim_no}`), and the function that answers.

    A parameter of the function is in the path if its name is, the body if its annotation is a model, and in the
    query otherwise.
    """

    def __init__(
        self, method: str, rule: str, run: Callable[..., Reply[Any]], allowed: Allowed | None = None
    ) -> None:
        self.method = method
        self.path = rule.replace("<", "{").replace(">", "}")
        self.run = run
        self.allowed = allowed
        """Who may call it; None for anybody."""
        self._segments = segments_of(self.path)
        self._adapters: dict[str, TypeAdapter[Any]] = {}

    @property
    def is_literal(self) -> bool:
        return "{" not in self.path

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        """Give the path parameters of a request for this route, None for any other."""
        if method != self.method or len(segments) != len(self._segments):
            return None
        found: dict[str, str] = {}
        for wanted, given in zip(self._segments, segments, strict=True):
            if not wanted.startswith("{"):
                if wanted != given:
                    return None
            elif given and all(one.isalnum() or one in IN_SEGMENTS for one in given):
                found[wanted[1:-1]] = given
            else:
                return None
        return found

    @cached_property
    def in_path(self) -> list[inspect.Parameter]:
        return [one for one in self._parameters if "{" + one.name + "}" in self._segments]

    @cached_property
    def in_query(self) -> list[inspect.Parameter]:
        return [one for one in self._parameters if one not in self.in_path and not _is_model(one.annotation)]

    @cached_property
    def in_body(self) -> list[inspect.Parameter]:
        """The parameter whose annotation is the body's model, if the function takes a body."""
        return [one for one in self._parameters if _is_model(one.annotation)]

    @property
    def answer(self) -> Any:
        """What the function's `Reply[…]` holds: a view, or Any for pages, pictures and views of several kinds."""
        return get_args(inspect.signature(self.run).return_annotation)[0]

    def arguments(
        self, found: Mapping[str, str], event: Mapping[str, Any], read_body: Callable[[], Any]
    ) -> dict[str, Any]:
        """Give the function's arguments. Raises ContentError, and what `read_body` raises before it."""
        values: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        given = [("path", one, found[one.name]) for one in self.in_path]
        given += [("query", one, _asked(event, one.name)) for one in self.in_query]
        given += [("body", one, read_body()) for one in self.in_body]
        for place, parameter, value in given:
            loc = ("body",) if place == "body" else (place, parameter.name)
            if value is None:
                if parameter.default is inspect.Parameter.empty:
                    errors.append({"type": "missing", "loc": loc, "msg": "Field required"})
                values[parameter.name] = parameter.default
                continue
            try:
                values[parameter.name] = self._read(parameter, value)
            except ValidationError as error:
                for one in error.errors(include_url=False, include_input=False)[:MOST_ERRORS]:
                    errors.append({**one, "loc": loc + _ours(one["loc"], parameter.annotation)})
        if errors:
            raise ContentError(errors)
        return values

    def _read(self, parameter: inspect.Parameter, value: Any) -> Any:
        if _is_model(parameter.annotation):
            # a table's body is the model that reads the table, and that takes what its own steps have made
            read = getattr(parameter.annotation, "read", parameter.annotation.model_validate)
            return read(value)
        if parameter.annotation is str and isinstance(value, str):
            return value  # most are; an adapter of pydantic takes long to make
        if parameter.name not in self._adapters:
            self._adapters[parameter.name] = TypeAdapter(parameter.annotation)
        return self._adapters[parameter.name].validate_python(value)

    @cached_property
    def _parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.run).parameters.values())


def segments_of(path: str) -> list[str]:
    """Split a path; slashes at its end, and one line feed after them, mean nothing."""
    return path.removesuffix("\n").rstrip("/").split("/")


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _ours(location: tuple[int | str, ...], annotation: Any) -> tuple[int | str, ...]:
    """Leave of a place in the body what the contract names, and the numbers of items in lists.

    An unknown member, or a key of a mapping, is told by the object that holds it.
    """
    return tuple(part for part in location if isinstance(part, int) or part in _names_in(annotation))


@cache
def _names_in(annotation: Any) -> frozenset[str]:
    """Give the members of a model and of all models within it."""
    names: set[str] = set()
    waiting, seen = [annotation], set()
    while waiting:
        kind = waiting.pop()
        if _is_model(kind) and kind not in seen:
            seen.add(kind)
            for name, field in kind.model_fields.items():
                names.add(field.alias or name)
                waiting.append(field.annotation)
        waiting += get_args(kind)
    return frozenset(names)


def _asked(event: Mapping[str, Any], name: str) -> Any:
    """A query parameter; one that is given several times stays a list, which no annotation of ours takes."""
    repeated = event.get("multiValueQueryStringParameters") or {}
    if name not in repeated:
        return (event.get("queryStringParameters") or {}).get(name)
    return repeated[name][0] if len(repeated[name]) == 1 else repeated[name]
