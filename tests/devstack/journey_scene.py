"""Who takes part in the journey and what its steps have learnt so far."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from daycover.china_time import china_day
from tests.devstack.report import Report
from tests.devstack.seed import BEFORE_SHIFT, ON_SHIFT, provider_client
from tests.devstack.stack import Stack
from tests.support.actors import ProviderClient, StaffConsole, WorkerApp
from tests.support.http import Api, Trace
from tests.support.people import Person, make_person
from tests.support.simulated import Simulated


class NotReachedError(Exception):
    """A step needs what an earlier one, which failed, would have given."""


class Known(dict[str, Any]):
    """What the steps hand on to each other."""

    def __missing__(self, name: str) -> Any:
        raise NotReachedError(f"an earlier step failed to give the {name.replace('_', ' ')}")


class CheckFailedError(Exception):
    """The product answered, but not as it must."""


def check(holds: bool, what: str, seen: Any = None) -> None:
    """Raise CheckFailedError unless it holds."""
    if not holds:
        raise CheckFailedError(what if seen is None else f"{what}, seen: {seen!r}")


@dataclass
class Scene:
    """The stack, everybody on stage, and one trace of all that is said."""

    stack: Stack
    report: Report
    trace: Trace = field(default_factory=Trace)
    known: Known = field(default_factory=Known)

    def __post_init__(self) -> None:
        self.api = Api(self.stack.base_url, trace=self.trace)
        self.simulated = Simulated(self.stack.simulators, self.trace)
        self.provider: ProviderClient = provider_client(self.stack, self.api)
        # one for each part, because a person's second claim for the same day goes to a human reviewer;
        # those who are hurt are hours into their shift, because an accident at its start goes there too
        self.injured, self.porter, self.bounced = (self._worker(person) for person in ON_SHIFT)
        self.sorter, self.forgetful, self.passer_by = (self._worker(person) for person in BEFORE_SHIFT)
        self.dead = self.sorter
        self.heir = self._worker(make_person(china_day(datetime.now(UTC))))
        self.adjuster, self.senior, self.second_senior, self.finance, self.intake = (
            StaffConsole(sub, self.api, self.simulated)
            for sub in ("staff-shen", "staff-gu", "staff-lu", "staff-qiao", "staff-jin")
        )

    def _worker(self, person: Person) -> WorkerApp:
        return WorkerApp(person, self.api, self.simulated, self.trace)

    def step(self, name: str, act: Callable[["Scene"], object]) -> None:
        """Play one step and record it; what fails is recorded and the journey goes on where it can."""
        self.trace.take()
        try:
            with self.report.step(name) as step:
                try:
                    act(self)
                except Exception as error:
                    step.request, step.response = self._told()
                    step.response = {"error": f"{type(error).__name__}: {error}", "answers": step.response}
                    raise
                step.request, step.response = self._told()
        except Exception as error:
            print(f"         {type(error).__name__}: {_short(str(error))}", flush=True)

    def _told(self) -> tuple[Any, Any]:
        """One exchange as it is, several as lists."""
        exchanges = self.trace.take()
        if len(exchanges) == 1:
            return exchanges[0]
        return [request for request, _ in exchanges], [response for _, response in exchanges]

    def told(self, request: Any, response: Any) -> None:
        """Record what was said to somebody else than our API."""
        self.trace.add(request, json.loads(json.dumps(response, default=str)))


def _short(text: str) -> str:
    return text if len(text) < 600 else text[:600] + " …"
