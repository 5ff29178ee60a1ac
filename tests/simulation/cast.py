"""Who takes part in a history: companies with their projects, people with their phones, the insurer's staff."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from random import Random

from daycover.china_time import china_day
from daycover.cover.open_project import NewProject
from daycover.payouts.beneficiary import Relation
from daycover.projects.company import Authorisation, Company
from daycover.projects.contract import Billing, Contract
from daycover.projects.place import Datum, Site, StatedPoint
from daycover.projects.project import Project, Scene, Shift
from daycover.wiring.projects import ProjectsWiring
from tests.simulation.processes import SimulatedAdapters
from tests.support.builders import numbered
from tests.support.enrolled import a_provider, enrol

NAMES = ("赵新来", "欧阳初试", "万俟如归", "闻人问渠", "鲜于在握", "轩辕当归", "令狐未晚", "钟离知返")
BORN = ("19750101", "19880229", "19900307", "20010615", "19630420", "20080101", "19580301")
"""The last three are near the ages at which cover is refused; above 65 people may decide."""
PROVIDER = "SP1"
ADJUSTERS, SENIORS, FINANCE, UNDERWRITERS = (
    ("adj-1", "adj-2"),
    ("sen-1", "adj-1"),
    ("fin-1", "fin-2"),
    ("uw-1",),
)
SITE = Site.of(StatedPoint(datum=Datum.WGS84, latitude=29.9016, longitude=121.8432), 300)


@dataclass(slots=True)
class Somebody:
    """A person, and the WeChat accounts of their phones; `worker_ids` by account, once signed in."""

    name: str
    id_number: str
    openids: tuple[str, ...]
    worker_ids: dict[str, str] = field(default_factory=dict)

    @property
    def account_no(self) -> str:
        """Their account at the bank."""
        return f"62220000{self.id_number[-8:-1]}0"

    @property
    def personal(self) -> tuple[str, ...]:
        """What may stand nowhere in clear."""
        return self.name, self.id_number, self.account_no


@dataclass(slots=True)
class Relative(Somebody):
    """Somebody's relative, or who says to be one (OTHER)."""

    relation: Relation = Relation.OTHER
    accounts: tuple[str, ...] = ()
    """Numbers of bank accounts in their name."""

    @property
    def personal(self) -> tuple[str, ...]:
        return self.name, self.id_number, *self.accounts


@dataclass(frozen=True, slots=True)
class Clerk:
    """Implements `projects.act_for.CompanyActor`: the company's own system, or one of its people."""

    role: str
    subject: str
    provider_id: str | None = None


@dataclass(slots=True)
class Cast:
    people: list[Somebody]
    company_ids: list[str] = field(default_factory=list)
    projects: list[tuple[str, str]] = field(default_factory=list)
    """(company, project)."""
    codes: dict[str, list[str]] = field(default_factory=dict)
    """By project the codes that hang at its gate, printed ones of the past too."""
    families: dict[str, list[Relative]] = field(default_factory=dict)
    """By identity number the relatives of somebody, and who says to be one, once any of them acts."""

    def somebody(self, luck: Random) -> Somebody:
        return luck.choice(self.people)

    @property
    def personal(self) -> list[str]:
        """Of everybody, what may stand nowhere in clear."""
        relatives = (one for family in self.families.values() for one in family)
        return [word for one in (*self.people, *relatives) for word in one.personal]


def made_up_people(luck: Random, number: int) -> Cast:
    people = []
    for place in range(number):
        born = luck.choice(BORN[:4] if luck.random() < 0.9 else BORN)
        openids = tuple(f"o-{place}-{phone}" for phone in range(luck.choice((1, 1, 1, 2))))
        people.append(
            Somebody(NAMES[place % len(NAMES)], numbered("119901", born, f"{place + 1:03d}"), openids)
        )
    return Cast(people)


def enrol_companies(cast: Cast, adapters: SimulatedAdapters, luck: Random, number: int) -> None:
    """Let companies be there, on credit or prepaid, with a provider that acts for them."""
    now = adapters.now()
    enrolled: list[Company | Authorisation] = []
    for place in range(number):
        company_id = f"C{place + 1}"
        contract = Contract(
            valid_from=china_day(now),
            insurer="PAIC",
            due_days=10,
            commission_bps=luck.choice((0, 500, 1_250)),
            billing=Billing.PREPAID if luck.random() < 0.2 else Billing.CREDIT,
            partitions=luck.choice((1, 1, 2)),
        )
        company = Company(
            company_id=company_id,
            name=f"第{place + 1}劳务",
            sub_mchid=f"19000001{place + 1:02d}",
            contracts=(contract,),
        )
        enrolled += [company, Authorisation(provider_id=PROVIDER, company_id=company_id, granted_at=now)]
        cast.company_ids.append(company_id)
    enrol(adapters.companies, a_provider(PROVIDER), *enrolled, at=now)


def wanted_project(luck: Random, adapters: SimulatedAdapters, *, days: int) -> NewProject:
    """A project that takes check-ins at any time; some for fewer days than the history has."""
    today = china_day(adapters.now())
    shift = luck.choice(
        (Shift(starts_at=time(0), ends_at=time(0)),) * 3 + (Shift(starts_at=time(20), ends_at=time(6)),)
    )
    return NewProject(
        name=f"冷链仓库分拣{luck.randrange(1_000_000)}号",  # WeChat shows it: no two are alike
        employer_name="北仑冷链物流园",
        site=SITE,
        scene=Scene.LOGISTICS,
        occupation_code="PARCEL_SORTER",
        plan_id=luck.choice(("T2", "T2", "T1")),
        shift=shift,
        starts_on=today,
        ends_on=today + timedelta(days=min(days, luck.choice((2, 30, 80)))),
        headcount=30,
    )


def open_project(cast: Cast, adapters: SimulatedAdapters, company_id: str, wanted: NewProject) -> Project:
    """Open a project and print its code; nobody works at one whose code never came."""
    run = adapters.wired(ProjectsWiring).run_projects
    project = run.create(company_id, wanted)
    cast.codes[project.project_id] = [run.code(company_id, project.project_id)[0]]
    cast.projects.append((company_id, project.project_id))
    return project
