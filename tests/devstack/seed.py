"""A believable day on a fresh stack: one service provider, two labour companies, five projects, 35 workers.

Everything goes over HTTP as people would do it, from the two members of the staff who enrol provider and companies on.
All of it may be repeated.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.devstack.stack import Stack
from tests.support.actors import ProviderClient, WorkerApp
from tests.support.back_office import BackOffice, LabourCompany
from tests.support.clocks import INTO_THE_SHIFT, when_the_shift_began
from tests.support.codes import decode_png, token_of
from tests.support.http import Answer, Api
from tests.support.people import Person
from tests.support.simulated import Simulated

CHINA = timezone(timedelta(hours=8))
PROVIDER_ID = "sp-linggongtong"
PROVIDER_NAME = "灵工通服务平台"
HENGXIN = LabourCompany(
    "lw-hengxin",
    "苏州恒信劳务服务有限公司",
    "1900008001",
    "苏州工业园区星湖街1号",
)
ZHONGCHENG = LabourCompany(
    "lw-zhongcheng", "杭州众诚人力资源有限公司", "1900008002", "杭州市钱塘区下沙路88号"
)
COMPANIES = (HENGXIN, ZHONGCHENG)
HENGXIN_OWNER_SUB = "owner-zhou"
OWNERS = ((HENGXIN_OWNER_SUB, "周晓明"), ("owner-wu", "吴佳慧"))
"""Who the companies' owners are at their own issuer, and their names."""
CONSTRUCTION_SITE, RIDE_HAILING = "三标段钢筋绑扎", "网约车白班"

STAFF = (
    {"sub": "staff-shen", "name": "沈核赔", "roles": ["adjuster"]},
    {"sub": "staff-gu", "name": "顾主核", "roles": ["adjuster", "senior_adjuster"]},
    {"sub": "staff-lu", "name": "陆主核", "roles": ["senior_adjuster"]},
    {"sub": "staff-qiao", "name": "乔财务", "roles": ["finance"]},
    {"sub": "staff-fang", "name": "方审计", "roles": ["auditor"]},
    {"sub": "staff-jin", "name": "金接案", "roles": ["intake"]},
)

# All made up: Beijing has no city 99 in the division codes, and 128 is no mobile network's. The last nine are the
# journey's; the others check in while the day is seeded, and with them those of the journey who will be hurt.
# The log scan searches for every one of these values.
WORKERS = (
    Person("周建国", "119965196806051279", "12829962626", "oDC0zPde0IgxLd6GncfBAepfJBd0"),
    Person("吴秀兰", "119929197111215854", "12885753514", "oDC0L8dKLzdocJ2isAjIhKtJ0Rlg"),
    Person("郑海涛", "119900197504120845", "12877097845", "oDC0gJTeKdNnFRIBXuDL7DxtpYlS"),
    Person("孙丽娟", "119989197905178094", "12842110478", "oDC0F4vUCsMehGAkWvj7FAc9QeWJ"),
    Person("钱志强", "119963198206237340", "12851780050", "oDC0wMFLZDe1f8rESQedUStPKR0C"),
    Person("冯玉珍", "119903198411122853", "12818377915", "oDC0b8DwkNhFdnXsiVpzz63FfkCz"),
    Person("陈大勇", "119968198607281504", "12856230047", "oDC0JrTAwR4y9ojfljoQoaF1Llqs"),
    Person("褚小燕", "11992219880912409X", "12852897893", "oDC0NKu8iS2G8NPRVdD53X83RZJz"),
    Person("卫国平", "119908199002166296", "12850496650", "oDC0OzdmenCkhvMdgaKjIg8xNbe3"),
    Person("蒋春梅", "119946199103215294", "12803099855", "oDC0q9wMxEhh2FDEEtfjgVvVqE1S"),
    Person("沈长河", "119937199304173389", "12885421789", "oDC0xjSI6bWHtP3fS2qHx6kwXoII"),
    Person("韩雪梅", "119941199504204586", "12897056591", "oDC0ZYW2mZp0zVZomHFwUbbYrEqm"),
    Person("杨铁柱", "119966199606128024", "12895494971", "oDC0fogoEmvnEN5N1aE6PwZPf1Qh"),
    Person("朱明霞", "119925199804168265", "12888027796", "oDC04lBYOvfZ8UzDzV8fUkkibjL5"),
    Person("秦广林", "119958199903200299", "12833800696", "oDC00MEQ7wjJJibaZUPgHV7iB3m0"),
    Person("尤彩云", "119920200104101346", "12871380338", "oDC0GpWLuqIA1id6Vw5DQL05HA06"),
    Person("许文斌", "119906200203178042", "12814241764", "oDC0Gb3CXlMaXZjljENUhJduRHHJ"),
    Person("何桂芳", "11992620030902547X", "12864160948", "oDC0pmrcXgGCJbW56eCuNGMGmSrC"),
    Person("吕春生", "119999200409082189", "12889855030", "oDC0SH4487q7J58m1CiAhzCueQpB"),
    Person("施巧玲", "119966200505261665", "12894801142", "oDC0h5Xj8TPQxjq4i9DoV8gz4FkQ"),
    Person("张立冬", "119949197007179414", "12830675978", "oDC0zvAmwufUxbvJDCTbyvHNsG9e"),
    Person("孔令军", "119959197302030922", "12837455108", "oDC0qrc5XlrWi0B26R08qzjI6GKF"),
    Person("曹月娥", "11994519770126949X", "12835951526", "oDC0SlB5er8bOfZqfM2oeq3hDavJ"),
    Person("严守信", "119986198010058230", "12802437810", "oDC0cHTp8hkqdlm7tOtHWnsCGRlr"),
    Person("华清秋", "119926198505022364", "12845997036", "oDC0abUGJmGEp7CgQ0PBQFI14zGt"),
    Person("金满仓", "119990198704276878", "12837840444", "oDC04TUOizwd1iaeOV4qBkdfQ1y3"),
    Person("阿卜杜拉·麦麦提", "119921198804123710", "12856117420", "oDC0n4TqZr7LwPcYxKbV1eHsGa2M"),
    Person("杨德胜", "119934196405201059", "12817730952", "oDC0u9FmXe3JtBdQyRkA6wCiNo5S"),
    Person("林志豪", "830000199105123011", "12844902618", "oDC0h2VgPz8KsDfWnLqT4xEjYb7U"),
    Person("魏红梅", "119995198910083913", "12811259600", "oDC0SscDlkrCaqx9vJupc94tnwla"),
    Person("陶安然", "119971199208098748", "12820837589", "oDC0GPmpGXafq0fjzLczbttOofL9"),
    Person("姜水生", "119983199411231431", "12870297512", "oDC0Y4MyWuUFjsUNPjc01T5GOBUS"),
    Person("戚继东", "11999619970919572X", "12806815618", "oDC010Zb0RLZ5TR9SPofbciOx9gy"),
    Person("谢云飞", "119920200011018674", "12835642621", "oDC0OIRpFqaDZeV7G5IfQHeVVEqZ"),
    Person("邹小满", "119961200604246688", "12899752931", "oDC0WnoVPDF2yeE6RsXcNOPmeMjv"),
)
JOURNEY_WORKERS = WORKERS[26:]
DOTTED, OVER_SIXTY, PERMIT_HOLDER = JOURNEY_WORKERS[:3]
"""A name with a middle dot; 60 and more; a residence permit of Taiwan instead of a resident's card."""
ON_SHIFT, BEFORE_SHIFT = JOURNEY_WORKERS[3:6], JOURNEY_WORKERS[6:]
"""Two hours into their shift in the first project when the day begins; and not at work yet."""
_AT_ONCE = 4
"""Phones at the gates at the same moment; more only start more cold functions on a laptop's two cores."""


_REPEATABLE = (
    ("GET", re.compile(r"/v1/.*")),
    ("POST", re.compile(r"/v1/tokens")),
    ("POST", re.compile(r"/v1/consents")),
    ("POST", re.compile(r"/v1/check-ins")),
    ("POST", re.compile(r"/v1/check-ins/[^/]+/policy")),
)
"""What does no harm twice: a second check-in goes on with the first one's attempt. A login code is good once, and
a second project is a second project."""
_UNAVAILABLE = frozenset((502, 503, 504))
_PAUSES = (0.5, 1.0, 2.0, 4.0)


class PatientApi(Api):
    """A caller that repeats a repeatable request while the gateway has no answer, as a phone at the gate would."""

    def send(
        self, method: str, path: str, content: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        answer = super().send(method, path, content, headers=headers)
        if any(method == known and route.fullmatch(path) for known, route in _REPEATABLE):
            for pause in _PAUSES:
                if answer.status not in _UNAVAILABLE:
                    break
                time.sleep(pause)
                answer = super().send(method, path, content, headers=headers)
        return answer


@dataclass(frozen=True)
class SeededProject:
    """One project of the day: who labours where, and which of `WORKERS` are on site."""

    company: LabourCompany
    wanted: dict[str, Any]
    on_site: tuple[Person, ...]


def night_shift(now: datetime) -> dict[str, str]:
    """Give 20:00-06:00, stretched so far that a check-in now is inside, and one two hours ago.

    It always crosses midnight.
    """
    now = now.astimezone(CHINA)
    if now.hour >= 20 or now.hour < 5:  # check-in opens two hours before the shift
        return {"starts_at": "20:00", "ends_at": "06:00"}
    if now.hour < 8:
        return {"starts_at": "20:00", "ends_at": "10:00"}
    return {"starts_at": f"{now.hour:02d}:00", "ends_at": "06:00"}


def day_shift(now: datetime, starts_at: str, ends_at: str) -> dict[str, str]:
    """Give the usual hours, or around the clock where a check-in now would be outside of them."""
    now = now.astimezone(CHINA)
    usual = int(starts_at[:2]) - 1 <= now.hour < int(ends_at[:2]) - 1
    return (
        {"starts_at": starts_at, "ends_at": ends_at} if usual else {"starts_at": "00:00", "ends_at": "23:59"}
    )


def project_dates(now: datetime) -> dict[str, str]:
    today = now.astimezone(CHINA).date()
    return {
        "starts_on": (today - timedelta(days=7)).isoformat(),
        "ends_on": (today + timedelta(days=60)).isoformat(),
    }


def seeded_projects(now: datetime) -> tuple[SeededProject, ...]:
    """Describe the day's five projects, usable at `now`."""
    return (
        SeededProject(
            HENGXIN,
            {
                "name": "快递分拣夜班",
                "employer_name": "顺捷速运虹桥转运中心",
                "site": {"datum": "GCJ02", "latitude": 31.1979, "longitude": 121.3363, "radius_m": 400},
                "scene": "LOGISTICS",
                "occupation_code": "PARCEL_SORTER",
                "plan_id": "T2",
                "shift": night_shift(now),
                "headcount": 14,
                **project_dates(now),
            },
            WORKERS[:10],
        ),
        SeededProject(
            HENGXIN,
            {
                "name": "酒店客房保洁",
                "employer_name": "云栖湖畔大酒店",
                "site": {"datum": "GCJ02", "latitude": 31.3017, "longitude": 120.5812, "radius_m": 200},
                "scene": "HOTEL",
                "occupation_code": "HOTEL_ATTENDANT",
                "plan_id": "T1",
                "shift": day_shift(now, "07:00", "19:00"),
                "headcount": 8,
                **project_dates(now),
            },
            WORKERS[10:18],
        ),
        SeededProject(
            ZHONGCHENG,
            {
                "name": "饮料灌装线操作",
                "employer_name": "清泉饮料下沙工厂",
                "site": {"datum": "GCJ02", "latitude": 30.3151, "longitude": 120.3442, "radius_m": 600},
                "scene": "MANUFACTURING",
                "occupation_code": "MACHINE_OPERATOR",
                "plan_id": "T3",
                "shift": day_shift(now, "08:00", "20:00"),
                "headcount": 12,
                **project_dates(now),
            },
            WORKERS[18:26],
        ),
        SeededProject(
            ZHONGCHENG,
            {
                "name": CONSTRUCTION_SITE,
                "employer_name": "江南建工钱塘府三标段",
                "site": {"datum": "GCJ02", "latitude": 30.2912, "longitude": 120.3305, "radius_m": 500},
                "scene": "OTHERS",
                "occupation_code": "REBAR_WORKER_AT_HEIGHT",
                "answers": {"HEIGHT": 9},
                "plan_id": "T2",
                "shift": day_shift(now, "06:00", "18:00"),
                "headcount": 20,
                **project_dates(now),
            },
            (),
        ),
        SeededProject(
            HENGXIN,
            {
                "name": RIDE_HAILING,
                "employer_name": "苏行出行园区车队",
                "site": {"datum": "BD09", "latitude": 31.3222, "longitude": 120.7283, "radius_m": 2000},
                "scene": "OTHERS",
                "occupation_code": "RIDE_HAILING_DRIVER",
                "answers": {"HOURS": 8},
                "plan_id": "T3",
                "shift": day_shift(now, "06:00", "22:00"),
                "headcount": 40,
                **project_dates(now),
            },
            (),
        ),
    )


def prepare(stack: Stack) -> None:
    """Give the product its merchant's secret, and the companies their work card authorisation."""
    merchant = (stack.directory / "simulators" / "merchant.json").read_text(encoding="utf-8")
    stack.boto3_client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["WechatSecretArn"], SecretString=merchant
    )
    bank = (stack.directory / "simulators" / "bank.json").read_text(encoding="utf-8")
    stack.boto3_client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["BankSecretArn"], SecretString=bank
    )
    insurer = (stack.directory / "simulators" / "insurer.json").read_text(encoding="utf-8")
    stack.boto3_client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["InsurerSecretArn"], SecretString=insurer
    )
    bills = (stack.directory / "simulators" / "bill_platforms.json").read_text(encoding="utf-8")
    stack.boto3_client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["BillPlatformsSecretArn"], SecretString=bills
    )
    Simulated(stack.simulators).authorise_companies(company.sub_mchid for company in COMPANIES)


def back_office(stack: Stack) -> BackOffice:
    return BackOffice(Api(stack.base_url), Simulated(stack.simulators))


def credentials_file(stack: Stack) -> Path:
    """The provider's credentials, in the shape that `POST /v1/tokens` takes."""
    return stack.directory / "credentials.json"


def provider_client(stack: Stack, api: Api | None = None) -> ProviderClient:
    """Give the seeded service provider's server."""
    credentials = json.loads(credentials_file(stack).read_text())
    return ProviderClient(credentials["client_id"], credentials["client_secret"], api or Api(stack.base_url))


def _enrol(stack: Stack) -> ProviderClient:
    """Let the staff enrol provider and companies, unless the provider's credentials work; give its server."""
    file = credentials_file(stack)
    office = BackOffice(PatientApi(stack.base_url), Simulated(stack.simulators))
    office.open_companies(COMPANIES)
    if not file.exists() or provider_client(stack).sign_in().status != 200:
        secret = office.register_provider(PROVIDER_ID, PROVIDER_NAME)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        content = {"client_id": PROVIDER_ID, "client_secret": secret}
        file.write_text(json.dumps(content, indent=2) + "\n")
    office.authorise(PROVIDER_ID, COMPANIES)
    for company, (sub, name) in zip(COMPANIES, OWNERS, strict=True):
        office.owner_at_issuer(company.company_id, sub, name)
    provider = provider_client(stack, PatientApi(stack.base_url))
    provider.sign_in().expect(200)
    return provider


def seed(stack: Stack) -> list[Any]:
    """Seed the day and return its five projects as the API describes them."""
    simulated = Simulated(stack.simulators)
    simulated.know_people(WORKERS)
    simulated.know_staff(STAFF)
    provider = _enrol(stack)
    day = seeded_projects(datetime.now(UTC))
    projects = [_ensure_project(provider, planned) for planned in day]
    _drop_old_codes(stack, provider)
    tokens = [save_code(stack, provider, project) for project in projects]
    with ThreadPoolExecutor(_AT_ONCE) as gates:

        def arrive(arrivals: Iterable[tuple[Person, str]], behind: timedelta = timedelta()) -> None:
            for arrival in [gates.submit(_arrive, stack, simulated, *who, behind) for who in arrivals]:
                arrival.result()

        with when_the_shift_began(
            stack
        ):  # first of all: no function is warm yet, which a set clock would undo
            arrive(((worker, tokens[0]) for worker in ON_SHIFT), INTO_THE_SHIFT)
        arrive(
            (worker, token) for token, planned in zip(tokens, day, strict=True) for worker in planned.on_site
        )
    return projects


def _ensure_project(provider: ProviderClient, planned: SeededProject) -> Any:
    """Find the project by its name, or create it."""
    company_id = planned.company.company_id
    for project in provider.projects(company_id):
        if project["name"] == planned.wanted["name"]:
            return project
    return provider.create_project(company_id, planned.wanted).expect(201)


def _drop_old_codes(stack: Stack, provider: ProviderClient) -> None:
    """Remove the pictures of projects that this stack does not know: those of an earlier one."""
    projects = [project for company in COMPANIES for project in provider.projects(company.company_id)]
    known = {project["project_id"] for project in projects}
    for picture in (stack.directory / "qr").glob("*.*g"):
        if picture.stem not in known:
            picture.unlink()


def save_code(stack: Stack, provider: ProviderClient, project: Any) -> str:
    """Save the project's QR code as PNG and SVG; return the token that the picture holds."""
    directory = stack.directory / "qr"
    directory.mkdir(parents=True, exist_ok=True)
    picture = b""
    for kind in ("svg", "png"):
        answer = provider.qr_code(project, kind)
        answer.expect(200)
        picture = answer.content
        (directory / f"{project['project_id']}.{kind}").write_bytes(picture)
    return token_of(decode_png(picture))


def _arrive(stack: Stack, simulated: Simulated, worker: Person, qr_token: str, behind: timedelta) -> None:
    WorkerApp(worker, PatientApi(stack.base_url), simulated, behind=behind).become_insured(qr_token)
