"""Valid things to start a test from; state only what the test is about."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from daycover import crockford
from daycover.books.endorsement import Endorsement
from daycover.cover.check_in import CheckIn, CheckInStatus, Device
from daycover.cover.disclosure import consent_texts
from daycover.cover.evidence import BY_CODE, Signal
from daycover.cover.occupation_referral import StatedWork
from daycover.cover.open_project import NewProject
from daycover.cover.period import COVER, Period
from daycover.cover.plan import Plan, plan
from daycover.cover.policy import Policy, policy_number
from daycover.cover.roster import CoverLine, line_of
from daycover.identity.consent import Consent, references
from daycover.identity.document import IdDocumentType
from daycover.identity.resident_id import birth_date, check_character, has_form
from daycover.identity.worker import Identity, Worker
from daycover.projects.place import Datum, Place, Site, StatedPoint
from daycover.projects.project import Project, ProjectStatus, ReferredWork, Scene, Shift
from daycover.upload import ContentType, FilePage

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
"""08:30 on a Tuesday in China, half an hour into the day shift of `a_project`."""
PERSON = crockford.encode(0xABCDEF0123456789ABCDE, 20)
WORKER = crockford.encode(0x123456789ABCDEF012345, 20)
PROJECT = crockford.encode(7, 26)
COMMISSION_BPS = 500
FIELDS: Any = dict
"""The type of overrides: any member of the model that is built."""
METRE = 1 / 111_194.93
"""Degrees of latitude on a sphere of 6,371 km."""


def a_site(
    latitude: float = 31.2304, longitude: float = 121.4737, radius_m: int = 200, datum: Datum = Datum.WGS84
) -> Site:
    return Site.of(StatedPoint(datum=datum, latitude=latitude, longitude=longitude), radius_m)


SITE = a_site()


def numbered(area: str, born: str = "19900307", order: str = "002") -> str:
    """Give the number of 18 characters that an area issues: of a resident, or of somebody who resides."""
    body = f"{area}{born}{order}"
    return body + check_character(body)


def an_id_number(born: str = "19900307", order: str = "002") -> str:
    return numbered("110105", born, order)


def a_project(**changes: Any) -> Project:
    return Project(
        **FIELDS(
            project_id=PROJECT,
            company_id="C1",
            company_name="浦江劳务",
            sub_mchid="1900000109",
            name="双十一分拣",
            employer_name="东方物流",
            site=SITE,
            scene=Scene.LOGISTICS,
            occupation_code="PARCEL_SORTER",
            occupation_zh="快递分拣员",
            occupation_en="Parcel sorter",
            occupation_class=3,
            plan_id="T2",
            premium_fen=70,
            shift=Shift(starts_at=time(8), ends_at=time(18)),
            starts_on=date(2026, 11, 20),
            ends_on=date(2026, 11, 30),
            headcount=30,
            status=ProjectStatus.OPEN,
            created_at=NOW - timedelta(days=5),
        )
        | changes
    )


def a_new_project(**changes: Any) -> NewProject:
    """What a company states of `a_project`."""
    facts = {name: value for name, value in a_project() if name in NewProject.model_fields}
    return NewProject(**facts | changes)


def a_night_project(**changes: Any) -> Project:
    return a_project(shift=Shift(starts_at=time(20), ends_at=time(6)), **changes)


def a_referred_project(**changes: Any) -> Project:
    """A project of class 6: an underwriter decides about each worker."""
    work = ReferredWork(
        code="LONG_HAUL_TRUCK_DRIVER",
        reason_zh="长途货运属于六类职业,须由核保员确认路线和车型",
        reason_en="Long-haul haulage is class 6: an underwriter must confirm route and vehicle",
    )
    facts = FIELDS(
        occupation_code=work.code,
        occupation_zh="长途货车司机",
        occupation_en="Long-haul truck driver",
        occupation_class=6,
        plan_id="T1",
        premium_fen=150,
        referred_work=work,
    )
    return a_project(**facts | changes)


def stated_work(**changes: Any) -> StatedWork:
    """Work that the occupation table does not list."""
    return StatedWork(
        **FIELDS(
            name="琥珀打磨",
            tasks="手工打磨琥珀原石",
            place="室内工作台",
            scene=Scene.MANUFACTURING,
            tools="砂纸、小型磨机",
            height_m=0,
            certificates="不需要",
        )
        | changes
    )


def a_worker(**changes: Any) -> Worker:
    shown = shown_by(changes["id_number"]) if "id_number" in changes else {}
    return Worker(**FIELDS(worker_id=WORKER, openid="o-worker", created_at=NOW) | shown | changes)


def an_identity(**changes: Any) -> Identity:
    shown = shown_by(changes.setdefault("id_number", an_id_number()))
    return Identity(**FIELDS(name="王小明", person_id=PERSON) | shown | changes)


def shown_by(id_number: str) -> dict[str, Any]:
    """What goes with a document's number: kind and birth date, where it is no resident ID those of a passport."""
    if has_form(id_number):
        return {"document_type": IdDocumentType.RESIDENT_ID, "birth_date": birth_date(id_number)}
    return {"document_type": IdDocumentType.PASSPORT, "birth_date": date(1990, 3, 7)}


def a_plan(plan_id: str = "T2") -> Plan:
    return plan(plan_id, "2026-11")


def consents_for(project: Project, at: datetime = NOW) -> list[Consent]:
    return [
        Consent(kind=text.kind, version=text.version, sha256=text.sha256, shown_at=at, accepted_at=at)
        for text in consent_texts(project, a_plan(project.plan_id))
    ]


def a_place(**changes: Any) -> Place:
    return Place(
        **FIELDS(latitude=SITE.latitude, longitude=SITE.longitude, accuracy_m=15.0, fixed_at=NOW) | changes
    )


def a_device(at: datetime = NOW) -> Device:
    return Device(id="phone-1", time=at)


def a_signal(code: str = "STALE_POSITION", **changes: Any) -> Signal:
    check = BY_CODE[code]
    return Signal(**FIELDS(code=code, check=check.check, score=check.score, weight=check.weight) | changes)


def a_check_in(**changes: Any) -> CheckIn:
    return CheckIn(
        **FIELDS(
            check_in_id="20261124-01",
            worker_id=WORKER,
            openid="o-worker",
            identity=an_identity(),
            project_id=PROJECT,
            company_id="C1",
            sub_mchid="1900000109",
            plan_id="T2",
            plan_version="2026-11",
            occupation_class=3,
            premium_fen=70,
            sum_insured_fen=30_000_000,
            authenticate_number=f"{WORKER}2026112401",
            status=CheckInStatus.STARTED,
            at=NOW,
            token_ends_at=NOW + timedelta(seconds=300),
            device=a_device(),
            place=a_place(),
            distance_m=0,
            consents=references(consents_for(a_project())),
        )
        | changes
    )


def a_policy(start: datetime = NOW, sequence: int = 1, **changes: Any) -> Policy:
    issued_at = changes.get("issued_at", start)
    person = changes.get("person_id", PERSON)
    return Policy(
        **FIELDS(
            policy_no=policy_number(person, sequence, issued_at),
            person_id=person,
            sequence=sequence,
            worker_id=WORKER,
            check_in_id="20261124-01",
            project_id=PROJECT,
            company_id="C1",
            insured_name="王**",
            plan_id="T2",
            plan_version="2026-11",
            occupation_class=3,
            premium_fen=70,
            sum_insured_fen=30_000_000,
            period=Period(start=start, end=start + COVER),
            issued_at=issued_at,
        )
        | changes
    )


def a_line(**changes: Any) -> CoverLine:
    return line_of(a_policy(**changes))


def a_page(content: bytes, content_type: ContentType = ContentType.JPEG) -> FilePage:
    """The announcement of one file."""
    return FilePage(content_type=content_type, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def an_endorsement(number: int = 1, day: date = date(2026, 11, 24), **changes: Any) -> Endorsement:
    facts: dict[str, Any] = {
        "master_no": "DM-PAIC-2026-C1",
        "number": number,
        "company_id": "C1",
        "day": day,
        "revision": 1,
        "policies": 3,
        "premium_fen": 210,
        "fewer_than_three": False,
        "list_sha256": "0" * 64,
        "issued_at": NOW,
    }
    return Endorsement(**facts | changes)
