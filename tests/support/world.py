"""What the tests of one caller's mistakes need: a company, an open project, workers nobody has met before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daycover.platform.secrets import SecretReader
from daycover.projects.code import issue_screen_token
from daycover.store.secrets import StoredSecrets
from tests.devstack.seed import CHINA, back_office, project_dates
from tests.devstack.stack import Stack
from tests.support.actors import OperatorDesk, ProviderClient, StaffConsole, WorkerApp
from tests.support.back_office import LabourCompany
from tests.support.builders import a_project
from tests.support.clocks import (
    INTO_THE_SHIFT,
    SINCE_THE_ACCIDENT,
    function_clocks,
    when_the_shift_began,
)
from tests.support.engine import client_on
from tests.support.http import Api
from tests.support.people import make_person
from tests.support.simulated import Simulated
from tests.support.waiting import eventually

COMPANY = LabourCompany("lw-e2e", "宁波千帆劳务有限公司", "1900008003")
PROVIDER_ID, STRANGER_ID = "sp-e2e", "sp-stranger"
OWNER = ("oDC0wnerOfTheTestsOnly000003", "郑海棠")
"""WeChat account and name of the owner of the tests' companies."""
_secrets: dict[tuple[str, str], str] = {}
"""Of each stack and provider: shown once, as anybody gets them."""
LARGE_BILLS_FEN, LARGE_DAYS = (900_000,), 20
"""882,000 fen under plan T2, above what the machine may approve."""
LONG_HAUL: dict[str, Any] = {
    "occupation_code": "LONG_HAUL_TRUCK_DRIVER",
    "plan_id": "T1",
    "answers": {"TONNAGE": 18, "HAUL": 900},
}
"""What makes a project one of class 6: an underwriter decides about each worker."""
_SHIFT_SIZE, _GATES = 8, 4
"""Workers whose cover began two hours ago are insured eight at a time, in a project of their own: so clocks are
set rarely, and no project sees as many claims as a person would look at."""


def today() -> date:
    return datetime.now(UTC).astimezone(CHINA).date()


@dataclass
class World:
    """The stack as the tests use it."""

    stack: Stack
    simulated: Simulated
    provider: ProviderClient
    stranger: ProviderClient
    owner: OperatorDesk
    project: Any
    qr_token: str
    _on_shift: list[tuple[WorkerApp, Any]] = field(default_factory=list)

    @classmethod
    def opened(cls, stack: Stack, company: LabourCompany = COMPANY) -> "World":
        """Register the tests' company, or another, and its provider, and open a project."""
        simulated = Simulated(stack.simulators)
        simulated.authorise_companies([company.sub_mchid])
        office = back_office(stack)
        office.open_companies([company])
        for provider_id in (PROVIDER_ID, STRANGER_ID):
            if (stack.base_url, provider_id) not in _secrets:
                _secrets[stack.base_url, provider_id] = office.register_provider(provider_id, provider_id)
        office.authorise(PROVIDER_ID, [company])
        owner = office.owner_of(company.company_id, *OWNER)
        office.owner_at_issuer(company.company_id, f"owner-{company.company_id}", OWNER[1])
        api = Api(stack.base_url)
        provider, stranger = (
            ProviderClient(name, _secrets[stack.base_url, name], api) for name in (PROVIDER_ID, STRANGER_ID)
        )
        for client in (provider, stranger):
            client.sign_in().expect(200)
        project = provider.create_project(company.company_id, wanted_project()).expect(201)
        return cls(stack, simulated, provider, stranger, owner, project, provider.qr_token(project))

    @property
    def owner_sub(self) -> str:
        """An owner of the tests' company alone, as its issuer knows them: the desk opens it at once."""
        return f"owner-{COMPANY.company_id}"

    @property
    def api(self) -> Api:
        return Api(self.stack.base_url)

    @property
    def site(self) -> Any:
        return self.project["site"]

    def open_project(self, **changes: Any) -> tuple[Any, str]:
        """Open another project; return it and the token of its code."""
        wanted = wanted_project() | changes
        project = self.provider.create_project(self.project["company_id"], wanted).expect(201)
        return project, self.provider.qr_token(project)

    def old_screen_code(self) -> str:
        """A genuine code of the project as a foreman's screen showed it an hour ago, signed with the stack's key."""
        environment = self.stack.boto3_client("lambda").get_function_configuration(
            FunctionName=self.stack.resource_id("GenerateQrFunction")
        )["Environment"]["Variables"]
        secrets = SecretReader(StoredSecrets(client_on(self.stack, "secretsmanager")))
        project = a_project(project_id=self.project["project_id"], key_version=self.project["key_version"])
        token, _ = issue_screen_token(
            project,
            lambda project_id, version: secrets.key(environment["QR_SECRET"], f"qr:{project_id}:{version}"),
            datetime.now(UTC) - timedelta(hours=1),
        )
        return token

    def worker(self, *, age: int = 30, born: date | None = None) -> WorkerApp:
        """A worker who has just signed in for the first time."""
        worker = WorkerApp(make_person(today(), age=age, born=born), self.api, self.simulated)
        self.simulated.know_people([worker.person])
        worker.sign_in().expect(200)
        return worker

    def consenting_worker(self, qr_token: str | None = None, **facts: Any) -> WorkerApp:
        """A worker who has read and accepted the four texts."""
        token = qr_token or self.qr_token
        worker = self.worker(**facts)
        worker.give_consents(token, worker.scan(token).expect(200)).expect(201)
        return worker

    def insured_worker(self) -> tuple[WorkerApp, Any]:
        """A worker and their policy, which begins now."""
        worker = self.worker()
        return worker, worker.become_insured(self.qr_token)

    def worker_on_shift(self) -> tuple[WorkerApp, Any]:
        """A worker whose cover began two hours ago, and their policy; everyone is given once."""
        if not self._on_shift:
            self._on_shift = self._begin_shift()
        return self._on_shift.pop()

    def _begin_shift(self) -> list[tuple[WorkerApp, Any]]:
        _, token = self.open_project()

        def arrive(_number: int) -> tuple[WorkerApp, Any]:
            worker = self.worker()
            worker.behind = INTO_THE_SHIFT
            return worker, worker.become_insured(token)

        with when_the_shift_began(self.stack), ThreadPoolExecutor(_GATES) as gates:
            arrived = list(gates.map(arrive, range(_SHIFT_SIZE)))
        for worker, _ in arrived:
            worker.behind = timedelta()
        return arrived

    def checked_in_worker(self) -> tuple[WorkerApp, Any]:
        """A worker who has not shown their face yet, and the check-in."""
        worker = self.consenting_worker()
        return worker, worker.check_in(self.qr_token, self.site).expect(201)

    def staff(self, sub: str) -> StaffConsole:
        """A member of the seeded staff who has just signed in."""
        console = StaffConsole(sub, self.api, self.simulated)
        console.sign_in().expect(200)
        return console

    def reported_claim(self, *types: str) -> tuple[WorkerApp, Any]:
        """A worker who was hurt on their shift, and the claim they have just opened."""
        worker, _ = self.worker_on_shift()
        occurred_at = datetime.now(UTC) - SINCE_THE_ACCIDENT
        return worker, worker.report(types or ("MEDICAL",), occurred_at).expect(202)

    def approved_claim(self, bills_fen: int = 60_000) -> tuple[WorkerApp, str]:
        """A claim that the machine approved and the worker has not answered."""
        worker, reported = self.reported_claim()
        worker.hand_in_all(reported, worker.medical_papers(reported["claim_no"], [bills_fen], 0))
        self.wait_for_claim(worker, reported["claim_no"], "ACKNOWLEDGED")
        return worker, str(reported["claim_no"])

    def referred_claim(self) -> tuple[WorkerApp, str]:
        """A claim that waits for an adjuster."""
        worker, reported = self.reported_claim("MEDICAL", "HOSPITAL")
        claim_no = str(reported["claim_no"])
        worker.hand_in_all(reported, worker.medical_papers(claim_no, LARGE_BILLS_FEN, LARGE_DAYS))
        adjuster = self.staff("staff-shen")
        eventually(
            lambda: [line["claim_no"] for line in adjuster.queue("DECISION")],
            lambda queue: claim_no in queue,
            "the claim waits for a decision",
        )
        return worker, claim_no

    def wait_for_claim(self, worker: WorkerApp, claim_no: str, *statuses: str) -> Any:
        return eventually(
            lambda: worker.claim(claim_no),
            lambda claim: claim["status"] in statuses,
            f"the claim becomes {' or '.join(statuses)}",
        )

    def wait_for_bill(self, worker: WorkerApp, claim_no: str) -> str:
        """Wait until WeChat wants the worker's confirmation; return the bill's number."""
        claim = eventually(
            lambda: worker.claim(claim_no),
            lambda seen: bool(seen["payout"] and seen["payout"]["confirmation"]),
            "the transfer waits for the worker",
        )
        return str(claim["payout"]["payout_id"])

    def bills_of(self, claim_no: str) -> list[Any]:
        """Every transfer bill of a claim, whatever became of it."""
        bills = self.simulated.ledger()["bills"]
        return [bill for bill in bills if bill["out_bill_no"].startswith(claim_no)]

    @contextmanager
    def pay_clock_ahead(self, seconds: float) -> Iterator[None]:
        """Let WeChat Pay believe that it is later."""
        self.simulated.shift_pay_clock(seconds)
        try:
            yield
        finally:
            self.simulated.shift_pay_clock(0)

    @contextmanager
    def function_clock_ahead(self, logical_id: str, seconds: int) -> Iterator[None]:
        """Let one function believe that it is later."""
        with function_clocks(self.stack, logical_id) as set_clocks:
            set_clocks(timedelta(seconds=seconds))
            yield


def wanted_project() -> dict[str, Any]:
    """A project that takes check-ins at any time of any day."""
    return {
        "name": "冷链仓库分拣",
        "employer_name": "北仑冷链物流园",
        "site": {"datum": "WGS84", "latitude": 29.9016, "longitude": 121.8432, "radius_m": 300},
        "scene": "LOGISTICS",
        "occupation_code": "PARCEL_SORTER",
        "plan_id": "T2",
        "shift": {"starts_at": "00:00", "ends_at": "00:00"},
        "headcount": 100,
        **project_dates(datetime.now(UTC)),
    }


def project_days(first: int, last: int) -> dict[str, str]:
    """Dates of a project, as days from today."""
    return {
        "starts_on": (today() + timedelta(days=first)).isoformat(),
        "ends_on": (today() + timedelta(days=last)).isoformat(),
    }
