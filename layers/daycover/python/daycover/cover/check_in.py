"""Check-in (上工打卡): from a scanned code to a pre-order at the work card.

The proof is not here. It comes when the server asks the work card for the result (`cover/issue.py`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel

from daycover.cover.application import Application
from daycover.cover.evidence import Evidence, Signal, Trace
from daycover.cover.occupation import OCCUPATION_TABLES
from daycover.cover.plan import Plan, plan_on_sale
from daycover.cover.policy import Proof
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.attempt import Attempt
from daycover.identity.consent import Consent
from daycover.identity.worker import Worker
from daycover.projects.code import CodeKey, check_generation, read_token
from daycover.projects.place import Place
from daycover.projects.project import Project, Projects

POLL_DELAYS = (45, 45, 60, 90, 120, 120)
"""Seconds between asking the work card on behalf of an app that never came back: the first 45 belong to the app, which
asks by itself (`PATIENCE`); together they outlast the pre-order token (300 s)."""
PATIENCE = (2, 3, 5, 8)
"""Seconds until an app that is told PENDING asks again, the last one from then on, by the check-in's
age: a face takes some ten seconds, and an app that begins to ask after two is told so twice."""


def patience_at(age: timedelta) -> int:
    """Give the seconds until the app should ask again about a check-in of this age."""
    begun = 0
    for pause in PATIENCE:
        begun += pause
        if age.total_seconds() < begun:
            return pause
    return PATIENCE[-1]


class CheckInNotFoundError(DaycoverError):
    """The worker has no such check-in.

    What to do: Use the `check_in_id` that the check-in returned.
    含义:该劳动者没有这个打卡记录。
    处理:使用打卡时返回的 `check_in_id`。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该打卡记录", "No such check-in"


class CheckInExistsError(Exception):
    """Another scan of the same worker took this attempt number, or asks under it, or it was settled meanwhile."""


class CheckInStatus(StrEnum):
    STARTED = "STARTED"
    PRE_ORDERED = "PRE_ORDERED"
    ISSUED = "ISSUED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class Device(BaseModel, frozen=True, defer_build=True):
    """The phone as it presents itself; evidence, never proof. Its id is stored as a blind index."""

    id: str
    time: datetime


class ScannedCode(BaseModel, frozen=True, defer_build=True):
    """The code that was scanned; `id` is a hash of its text. The scene form ends with its project."""

    id: str
    ends_at: datetime | None


class CheckIn(Application, Attempt, frozen=True):
    """One attempt with its evidence. `check_in_id` is the +08:00 day and the attempt's number on it.

    Asked for again, it takes the place of what was asked before: time, place and phone are those of the scan
    whose face will be shown.
    """

    check_in_id: str
    status: CheckInStatus
    device: Device
    code: ScannedCode | None = None
    place: Place | None = None
    distance_m: int | None = None
    radius_m: int | None = None
    """Of the site at the scan, as the distance is: a site that is moved since makes nobody an outsider."""
    signals: tuple[Signal, ...] = ()
    policy_no: str | None = None

    @property
    def application_id(self) -> str:
        return self.check_in_id

    @property
    def proof(self) -> Proof:
        return Proof.WORK_CARD

    @property
    def day(self) -> str:
        return day_of(self.check_in_id)

    @property
    def is_open(self) -> bool:
        return self.status in {CheckInStatus.STARTED, CheckInStatus.PRE_ORDERED}


def day_of(check_in_id: str) -> str:
    """The +08:00 day (yyyymmdd) that a check-in id begins with."""
    return check_in_id[:8]


class CheckIns(Protocol):
    """Check-ins of workers, and what a new one has to be judged by."""

    def context(self, worker_id: str, project_id: str, plan_key: str) -> "Context":
        """Worker and consents for one project and plan, in one read."""
        ...

    def add(self, check_in: CheckIn) -> None:
        """Raises CheckInExistsError when the attempt number is taken."""
        ...

    def ask_again(self, check_in: CheckIn, before: CheckIn) -> None:
        """Put an attempt that is asked for again in the place of `before`. Raises CheckInExistsError unless that
        still stands as it was read.
        """
        ...

    def pre_ordered(self, check_in: CheckIn) -> None:
        """Store token and status of a STARTED check-in, unless it was asked for again meanwhile."""
        ...

    def unanswered(self, check_in: CheckIn) -> None:
        """Store what WeChat made of asking for it, unless it was asked for again meanwhile."""
        ...

    def get(self, worker_id: str, check_in_id: str) -> CheckIn:
        """Strongly consistent. Raises CheckInNotFoundError."""
        ...

    def of_day(self, worker_id: str, day: str) -> list[CheckIn]:
        """The worker's attempts of a +08:00 day (yyyymmdd), oldest first, strongly consistent."""
        ...

    def attempts_of_day(self, worker_id: str, day: str) -> list[Attempt]:
        """What WeChat may have counted of a day, as `of_day`. Nothing sealed is opened."""
        ...

    def settle(self, check_in: CheckIn) -> CheckIn:
        """Store the outcome of an open check-in and give it as it stands: an earlier outcome stays, the token goes."""
        ...

    def trail(self, worker_id: str, limit: int) -> list[tuple[Trace, str]]:
        """The worker's newest check-ins with their projects, newest first. Nothing sealed is opened."""
        ...

    def weigh(self, check_in: CheckIn) -> None:
        """Store the signals."""
        ...

    def delete_before(self, worker_id: str, day: str, *, issued: bool) -> int:
        """Delete check-ins before a +08:00 day (yyyymmdd), those that issued a policy only when `issued`."""
        ...


class Reminders(Protocol):
    def ask_later(self, worker_id: str, check_in_id: str, attempt: int) -> None:
        """Have the check-in asked about again after `POLL_DELAYS[attempt]` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    worker: Worker
    consents: Sequence[Consent]


class Opened(NamedTuple):
    project: Project
    plan: Plan
    code: ScannedCode


def open_code(qr_token: str, projects: Projects, key: CodeKey, now: datetime) -> Opened:
    """Give the open project that a scanned code stands for, and its plan as it is sold at `now`.

    Raises QrTokenInvalidError, QrTokenExpiredError, QrTokenRevokedError, ProjectNotOpenError,
    ProjectNotRunningError, PlanUnknownError. A code that names no project is not ours.
    """
    token = read_token(qr_token, key, now)
    project = projects.get(token.project_id)
    check_generation(token, project)
    project.check_open(now)
    code = ScannedCode(id=hashlib.sha256(qr_token.encode()).hexdigest()[:20], ends_at=token.expires_at)
    return Opened(project, plan_on_sale(project.plan_id, now), code)


def evidence_at_scan(check_in: CheckIn, project: Project, **later: Any) -> Evidence:
    """Give the evidence that the check-in itself holds, with what became known `later`."""
    table, code = OCCUPATION_TABLES.at(check_in.at), check_in.code
    allowed = {} if check_in.radius_m is None else {"radius_m": check_in.radius_m}
    return Evidence(
        at=check_in.at,
        worker_id=check_in.worker_id,
        device_time=check_in.device.time,
        device_id=check_in.device.id,
        place=check_in.place,
        distance_m=check_in.distance_m,
        site=project.site.model_copy(update=allowed),
        occupation_class=check_in.occupation_class,
        scene_class=1 if table is None else table.scene_classes[project.scene],
        code_id=None if code is None else code.id,
        code_ends_at=None if code is None else code.ends_at,
        **later,
    )
