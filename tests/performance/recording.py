"""A pytest plugin: what AWS and the outside answered to one successful invocation of each function.

The worlds of the functional tests bring every function's event and state. Each invocation begins with cold adapters,
as a new container does; what it is answered is written down for `container.py` to answer again.
"""

import copy
import json
import os
import pickle
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
from moto.core.models import botocore_stubber

from daycover.insurer.client import InsurerClient
from daycover.platform.config import Config
from daycover.wiring import adapters as container
from daycover.wiring.adapters import Adapters
from tests.performance.container import key_of, text_of
from tests.support import functions

A = TypeVar("A", bound=Adapters)
CASES = {
    "assess_claim": "toe_injury",
    "check_in": "valid",
    "confirm_payout": "received",
    "flag_claims": "voided",
    "issue_policy": "proved",
    "reserve_payout": "agreed",
    "submit_payout": "reserved",
    "sweep_archive": "first",
    "verify_policy": "in_force",
}
"""The event of a function whose first successful one is not its everyday."""
TESTS = {
    "receive_transfer_notice": "test_waiting_payout_is_woken_when_a_signed_notice_arrives",
    "serve_web": "test_staff_page_names_the_issuer_when_opened",
}
"""Functions whose tests of event files are not one by one, or whose event is signed within its minute."""
OPERATORS = "access"
"""The folder whose tests hand an event to its function only where an operator may send it: the event's own test goes
before them."""
REFUSED = re.compile(r"[45]\d\d|failed|unauthorized|.*Error")
SPEAKING = (InsurerClient,)
"""The product's own adapters that speak over HTTP even in the tests."""
AWS = {"workflows", "client", "files"}
"""What some worlds replace although it is AWS: it stays, and calls that nobody recorded get an empty answer."""
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
        return heard(given, name, self._said)


def heard(given: Any, name: str, said: list[tuple[str, bytes]]) -> Any:
    """Write down what was given; a stand-in's own parts and methods are overheard in their turn."""
    if not (callable(given) or type(given).__module__.startswith("tests.") or type(given) in SPEAKING):
        try:
            said.append((name, pickle.dumps(("value", given))))
            return given
        except TypeError:
            pass  # it holds a key that a library has opened
    said.append((name, pickle.dumps(("part", None))))
    return Overheard(given, name, said)


def replaced(world: Adapters) -> set[str]:
    """The names that a test world's adapters replace: what lies outside AWS."""
    return {
        name
        for kind in type(world).__mro__
        if kind.__module__.startswith("tests.") and kind.__module__ != ONLY_HERE
        for name in vars(kind)
        if not name.startswith("__") and hasattr(Adapters, name)
    } - AWS | {"insurer"}


def cold(world: Adapters, said: list[tuple[str, bytes]]) -> Adapters:
    """The same adapters as they are before the first request of a container, overheard."""

    def overheard(name: str) -> property:
        return property(lambda _: heard(getattr(world, name), name, said))

    fresh = as_new(world)
    outside = {name: overheard(name) for name in replaced(world)}
    fresh.__class__ = type("Cold", (type(world),), outside)
    return fresh


def as_new(world: A, kept: Collection[str] = ()) -> A:
    """A copy of adapters that remembers nothing but what is `kept`."""
    fresh = copy.copy(world)
    for name in list(vars(fresh)):
        if isinstance(getattr(Adapters, name, None), cached_property) and name not in kept:
            del vars(fresh)[name]
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
        answers: list[tuple[str, str, str, int, dict[str, str], bytes]] = []
        said: list[tuple[str, bytes]] = []
        process = botocore_stubber.process_request

        def answered(request: Any) -> Any:
            found = process(request)
            if found is not None:
                status, headers, body = found
                target = str(request.headers.get("x-amz-target") or "")
                told = {str(name): str(value) for name, value in dict(headers).items()}
                data = body.encode() if isinstance(body, str) else bytes(body or b"")
                key = key_of(request.method, request.url, target)
                answers.append((key, target, text_of(request.body), status, told, data))
            return found

        world = container.current
        overheard = world if world is None else cold(world, said)
        with (
            patch.object(botocore_stubber, "process_request", answered),
            patch.object(container, "current", overheard),
        ):
            answer = run(event, context)
        if succeeded(answer):
            RECORDINGS[function] = {
                "event": json.dumps(event),
                "environment": environment(world),
                "now": world.now().timestamp() if world is not None else None,
                "answers": answers,
                "outside": said,
            }
        return answer

    return lambda_handler


def environment(world: Adapters | None) -> dict[str, str]:
    """The configuration as the function will read it."""
    names = [name.upper() for name in Config.__dataclass_fields__]
    if world is None:
        return {name: os.environ[name] for name in names if name in os.environ}
    return {name: str(getattr(world.config, name.lower())) for name in names}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Stand in for `load` before anybody imports it."""
    load = functions.load

    @cache
    def loaded(function: str) -> Any:
        module: Any = load(function)
        module.lambda_handler = recorded(function, module.lambda_handler)
        return module

    functions.load = loaded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep one test for each wanted function."""
    wanted = set(os.environ["RECORD_FUNCTIONS"].split())
    kept: dict[str, pytest.Item] = {}
    for item in sorted(items, key=lambda item: OPERATORS in item.path.parts):
        function = next((name for name, test in TESTS.items() if item.name.startswith(test)), None)
        event = event_of(item)
        if event is not None:
            case, promised = event.name.split(".")[:2]
            if not REFUSED.fullmatch(promised) and CASES.get(event.parent.name, case) == case:
                function = event.parent.name
        if function in wanted:
            kept.setdefault(str(function), item)
    items[:] = kept.values()


def event_of(item: pytest.Item) -> Path | None:
    """The event file that a test is about."""
    given = (
        item.callspec.params.get("path")
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else None
    )
    return given if isinstance(given, Path) and given.suffix == ".json" else None


def pytest_sessionfinish() -> None:
    Path(os.environ["RECORD"]).write_bytes(pickle.dumps(RECORDINGS))
