"""Where journeys are played: one person, one company with a project, and how somebody without an answer goes on."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.cover.open_project import NewProject
from daycover.projects.company import Authorisation, Company
from daycover.projects.contract import Contract
from daycover.projects.project import Scene, Shift
from tests.simulation.cast import PROVIDER, SITE, Cast, Somebody, made_up_people, open_project
from tests.simulation.invariants import Watch
from tests.simulation.processes import SimulatedAdapters
from tests.simulation.world import World
from tests.support.enrolled import a_provider, enrol

START = datetime(2026, 12, 1, 1, tzinfo=UTC)
"""Nine in the morning at the gate."""
AGAIN = 7.0
"""Seconds after which somebody without an answer asks again."""
PATIENCE = 4
COMPANY = "C1"

Asked = Callable[[SimulatedAdapters], Any]


class Stage:
    """One person, one company with a project, and what they set out to do; stands for a history to its acts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cast: Cast = made_up_people(Random("crash"), 1)
        self.person: Somebody = self.cast.people[0]
        self.openid = self.person.openids[0]
        self.watch = Watch(world, self.cast)
        self.refused: set[tuple[str, str]] = set()
        """What somebody who asked again was refused, or at once."""
        observer = world.observer
        contract = Contract(
            valid_from=china_day(START), insurer="PAIC", due_days=10, commission_bps=500, partitions=1
        )
        company = Company(company_id=COMPANY, name="甲劳务", sub_mchid="1900000101", contracts=(contract,))
        by_provider = Authorisation(provider_id=PROVIDER, company_id=COMPANY, granted_at=START)
        self.cast.company_ids.append(COMPANY)
        enrol(observer.companies, a_provider(PROVIDER), company, by_provider, at=START)
        open_project(self.cast, observer, COMPANY, _wanted())

    @property
    def worker_id(self) -> str:
        return self.person.worker_ids[self.openid]

    @property
    def code(self) -> str:
        return self.cast.codes[self.cast.projects[0][1]][-1]

    def at(self, seconds: float, doing: Callable[..., object], *of: object, **named: object) -> None:
        """Plan what somebody does, so long after the beginning."""
        act = partial(doing, self, *of, **named)
        self.world.agenda.at(START + timedelta(seconds=seconds), doing.__name__, act)

    def later(self, seconds: float, name: str, doing: Callable[..., object], *of: object) -> None:
        self.world.agenda.after(timedelta(seconds=seconds), name, partial(doing, *of))

    def ask(
        self,
        who: str,
        what: str,
        act: Asked,
        then: Callable[[Any], object] = lambda result: None,
        again: int = 0,
    ) -> None:
        """Ask something, and once more after a while where there was no answer; `then` is told the result."""
        told = self.world.perform(who, what, act)
        if told.is_ok:
            then(told.result)
        elif told.is_unknown and again < PATIENCE:
            self.later(AGAIN, f"{what} again", self.ask, who, what, act, then, again + 1)
        elif told.refusal is not None:
            self.refused.add((what, type(told.refusal).__name__))

    @property
    def claim(self) -> Claim | None:
        """The one there is."""
        return next((self.world.observer.claims.get(number) for number in sorted(self.watch.claims)), None)


def _wanted() -> NewProject:
    today = china_day(START)
    return NewProject(
        name="冷链仓库分拣",
        employer_name="北仑冷链物流园",
        site=SITE,
        scene=Scene.LOGISTICS,
        occupation_code="PARCEL_SORTER",
        plan_id="T2",
        shift=Shift(starts_at=time(0), ends_at=time(0)),
        starts_on=today,
        ends_on=today + timedelta(days=30),
        headcount=30,
    )
