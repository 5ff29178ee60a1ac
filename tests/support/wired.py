"""Test worlds on the product's own wiring: adapters that a world replaces where it must, one way to install them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from daycover.platform.config import Config
from daycover.wiring import adapters as container
from daycover.wiring.access import AccessWiring
from daycover.wiring.adapters import Adapters
from daycover.wiring.books import BooksWiring
from daycover.wiring.claims import ClaimsWiring
from daycover.wiring.cover import CoverWiring
from daycover.wiring.payouts import PayoutsWiring
from daycover.wiring.projects import ProjectsWiring
from daycover.wiring.reporting import ReportingWiring
from tests.support.in_process_aws import remember_calls


class RecordingAdapters(Adapters):
    """The adapters with every call to AWS remembered: operation and parameters."""

    def __init__(self, config: Config, clock: Callable[[], datetime]) -> None:
        super().__init__(config, clock)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def client(self, service: str, **limits: Any) -> Any:
        return remember_calls(super().client(service, **limits), self.calls)


def install(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every handler work on these adapters until the test ends."""
    monkeypatch.setattr(container, "current", adapters)


class Wired:
    """A world and its use cases, by capability: the very ones that handlers get once it is installed."""

    adapters: Adapters

    @property
    def access(self) -> AccessWiring:
        return self.adapters.wired(AccessWiring)

    @property
    def projects(self) -> ProjectsWiring:
        return self.adapters.wired(ProjectsWiring)

    @property
    def cover(self) -> CoverWiring:
        return self.adapters.wired(CoverWiring)

    @property
    def claims(self) -> ClaimsWiring:
        return self.adapters.wired(ClaimsWiring)

    @property
    def payouts(self) -> PayoutsWiring:
        return self.adapters.wired(PayoutsWiring)

    @property
    def books(self) -> BooksWiring:
        return self.adapters.wired(BooksWiring)

    @property
    def reporting(self) -> ReportingWiring:
        return self.adapters.wired(ReportingWiring)
