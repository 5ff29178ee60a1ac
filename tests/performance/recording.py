"""A pytest plugin: what AWS and the outside answered to one successful invocation of each function.

The worlds of the functional tests bring every function's event and state. Each invocation begins with cold adapters,
as a new container does; what it is answered is written down for `container.py` to answer again.
"""

import copy
import json
import os
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from moto.core.models import botocore_stubber

from daycover.platform.config import Config
from daycover.wiring import adapters as container
from daycover.wiring.adapters import Adapters
from tests.support import functions

LATEST = 3
"""Invocations remembered per function until one succeeds with the most calls; the first such one is kept."""
ONLY_HERE = "tests.support.wired"
"""The module of the adapters that only remember calls: they replace nothing."""


class Overheard:
    """A world's stand-in for something outside AWS, with all that it gives written down."""

    def __init__(self, inner: Any, name: str, said: list[tuple[str, bytes]]) -> None:
        self._inner, self._name, self._said = inner, name, said

    def __getattr__(self, name: str) -> Any:
        return self._heard(f"{self._name}.{name}", getattr(self._inner, name))

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            given = self._inner(*arguments, **named)
        except Exception as error:
            self._said.append((self._name, pickle.dumps(("raise", error))))
            raise
        return self._heard(self._name + "()", given)

    def _heard(self, name: str, given: Any) -> Any:
        if callable(given) or type(given).__module__.startswith("tests."):
            self._said.append((name, pickle.dumps(("part", None))))
            return Overheard(given, name, self._said)
        self._said.append((name, pickle.dumps(("value", given))))
        return given


def replaced(world: Adapters) -> set[str]:
    """The names that a test world's adapters replace: what lies outside AWS."""
    return {
        name
        for kind in type(world).__mro__
        if kind.__module__.startswith("tests.") and kind.__module__ != ONLY_HERE
        for name in vars(kind)
        if not name.startswith("__") and hasattr(Adapters, name)
    } - {"workflows"}


def cold(world: Adapters, said: list[tuple[str, bytes]]) -> Adapters:
    """The same adapters as they are before the first request of a container, overheard."""
    fresh = copy.copy(world)
    kept = replaced(world)
    for name in list(vars(fresh)):
        if isinstance(getattr(Adapters, name, None), cached_property) and name not in kept | {"workflows"}:
            del vars(fresh)[name]
    for name in kept:
        vars(fresh)[name] = Overheard(getattr(world, name), name, said)
    return fresh


def succeeded(answer: Any) -> bool:
    if not isinstance(answer, Mapping):
        return True
    if "statusCode" in answer:
        return 200 <= int(answer["statusCode"]) < 300
    return not answer.get("batchItemFailures")


RECORDINGS: dict[str, dict[str, Any]] = {}


def recorded(function: str, run: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The handler of a function, written down when it runs."""

    def lambda_handler(event: Any, context: Any) -> Any:
        if function in RECORDINGS:
            return run(event, context)
        answers: list[tuple[str, str, dict[str, str], str, int, dict[str, str], bytes]] = []
        said: list[tuple[str, bytes]] = []
        process = botocore_stubber.process_request

        def answered(request: Any) -> Any:
            found = process(request)
            if found is not None:
                status, headers, body = found
                data = body.encode() if isinstance(body, str) else bytes(body or b"")
                sent = request.body.read() if hasattr(request.body, "read") else request.body or b""
                text = sent if isinstance(sent, str) else bytes(sent).decode(errors="replace")
                asked = {str(name).lower(): str(value) for name, value in request.headers.items()}
                told = {str(name): str(value) for name, value in dict(headers).items()}
                answers.append((request.method, request.url, asked, text, status, told, data))
            return found

        world = container.current
        with patch.object(botocore_stubber, "process_request", answered):
            if world is not None:
                with patch.object(container, "current", cold(world, said)):
                    answer = run(event, context)
            else:
                answer = run(event, context)
        if succeeded(answer):
            RECORDINGS[function] = {
                "event": json.dumps(event),
                "environment": environment(world.config) if world is not None else {},
                "now": world.now().timestamp() if world is not None else None,
                "answers": [
                    (method, url, asked.get("x-amz-target", ""), text, status, told, data)
                    for method, url, asked, text, status, told, data in answers
                ],
                "outside": said,
            }
        return answer

    return lambda_handler


def environment(config: Config) -> dict[str, str]:
    return {name.upper(): str(getattr(config, name)) for name in Config.__dataclass_fields__}


def pytest_configure(config: pytest.Config) -> None:
    load = functions.load

    def loaded(function: str) -> Any:
        module = load(function)
        module.lambda_handler = recorded(function, module.lambda_handler)
        return module

    functions.load = loaded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that invoke a wanted function by an event file whose name promises success."""
    wanted = os.environ["RECORD_FUNCTIONS"].split()
    kept: dict[str, list[pytest.Item]] = defaultdict(list)
    others = []
    for item in items:
        path = getattr(item, "callspec", None) and item.callspec.params.get("path")
        if isinstance(path, Path) and path.suffix == ".json":
            promised = path.name.split(".")[1]
            if path.parent.name in wanted and promised in SUCCESS and len(kept[path.parent.name]) < LATEST:
                kept[path.parent.name].append(item)
        elif item.name in SIGNED:
            others.append(item)
    items[:] = [*(item for found in kept.values() for item in found), *others]


def pytest_runtest_setup(item: pytest.Item) -> None:
    path = getattr(item, "callspec", None) and item.callspec.params.get("path")
    if isinstance(path, Path) and path.parent.name in RECORDINGS:
        pytest.skip("recorded")


def pytest_sessionfinish() -> None:
    with open(os.environ["RECORD"], "wb") as file:
        pickle.dump(RECORDINGS, file)
