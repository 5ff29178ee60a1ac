"""The work project (用工项目): who works where, at what, when, and under which plan."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import Annotated, Protocol

from pydantic import BaseModel, StringConstraints

from daycover.china_time import CHINA, china_day
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.place import Site
from daycover.text import ONE_LINE

EARLY = timedelta(minutes=120)
"""How long before the shift a check-in is welcome; cover then begins at the check-in."""


class ProjectNotFoundError(DaycoverError):
    """There is no such project, or it is another company's.

    What to do: Check project and company id.
    含义:没有这个项目,或属于另一家公司。
    处理:核对项目编号和公司编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该项目", "No such project"


class CoverNotAvailableError(DaycoverError):
    """The labour company's credit or deposit is used up, so a new check-in gives no cover now; cover in force goes on.

    What to do: Do not start work and ask the company; seconds after it has paid, scan again.
    含义:劳务公司的授信或预存保费已用完,新的打卡不能投保,目前没有保障;已生效的保障不受影响。
    处理:请勿开工,联系劳务公司;公司付款后几秒内恢复,再次扫码即可。
    """

    kind = ErrorKind.CONFLICT
    title = "目前无法投保", "No cover can be bought now"
    detail = (
        "您现在没有保障,请勿开工。请联系劳务公司或现场负责人,恢复投保后再次扫码。",
        "You are not covered now; do not start work. Ask the labour company or the foreman, then scan again.",
    )


class ProjectTransitionError(DaycoverError):
    """The lifecycle has no such step (a closed project, say, does not reopen).

    What to do: Read the project's status; create a new one if needed.
    含义:项目生命周期没有这一步(例如已关闭的项目不能重新开放)。
    处理:读取项目状态;需要时新建项目。
    """

    kind = ErrorKind.CONFLICT
    title = "项目当前状态不允许此操作", "The project's status does not allow this"
    detail = "项目状态为 {status}。", "The project is {status}."


class ProjectNotOpenError(DaycoverError):
    """The project is paused or closed and takes no new check-in; issued policies are not touched.

    What to do: There is no new cover: ask the labour company before you start work.
    含义:项目已暂停或关闭,不接受新的打卡;已出的保单不受影响。
    处理:目前没有新的保障,先联系劳务公司再开工。
    """

    kind = ErrorKind.CONFLICT
    title = "项目未开放投保", "The project is not open"
    detail = (
        "项目状态为 {status},目前没有保障,请联系劳务公司后再开工。",
        "The project is {status}: there is no cover now. Ask the labour company before you start work.",
    )


class ProjectNotRunningError(DaycoverError):
    """Outside the project's dates: its last shift is over.

    The instant is before the project's first shift or after its last.

    What to do: Ask the labour company about the dates.
    含义:不在项目日期内,最后一个班次已结束。
    处理:联系劳务公司确认项目日期。
    """

    kind = ErrorKind.CONFLICT
    title = "不在项目日期内", "Outside the project's dates"
    detail = "项目日期为 {starts_on} 至 {ends_on}。", "The project runs from {starts_on} to {ends_on}."


class CheckInTooEarlyError(DaycoverError):
    """The shift's check-in has not opened (120 minutes before it begins).

    What to do: Scan again after `opens_at`.
    含义:还没有到打卡时间(班次开始前 120 分钟)。
    处理:`opens_at` 之后再扫码。
    """

    kind = ErrorKind.CONFLICT
    title = "还没有到打卡时间", "It is too early to check in"
    detail = "请在 {opens_at} 之后再次扫码。", "Come back and scan again after {opens_at}."


class ProjectStatus(StrEnum):
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    PAUSED = "PAUSED"
    CLOSED = "CLOSED"


TRANSITIONS: Mapping[ProjectStatus, frozenset[ProjectStatus]] = MappingProxyType(
    {
        ProjectStatus.DRAFT: frozenset({ProjectStatus.OPEN, ProjectStatus.CLOSED}),
        ProjectStatus.OPEN: frozenset({ProjectStatus.PAUSED, ProjectStatus.CLOSED}),
        ProjectStatus.PAUSED: frozenset({ProjectStatus.OPEN, ProjectStatus.CLOSED}),
        ProjectStatus.CLOSED: frozenset(),
    }
)


class Scene(StrEnum):
    """The work card's employment scenes (`employment_scene`)."""

    LOGISTICS = "LOGISTICS"
    MANUFACTURING = "MANUFACTURING"
    HOTEL = "HOTEL"
    CATERING = "CATERING"
    EVENT = "EVENT"
    RETAIL = "RETAIL"
    OTHERS = "OTHERS"


class Shift(BaseModel, frozen=True, defer_build=True):
    """The daily shift in +08:00 wall time; an end at or before the start is on the next day."""

    starts_at: time
    ends_at: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Give start and end of the shift that begins on `day`."""
        start = datetime.combine(day, self.starts_at, CHINA)
        end = datetime.combine(day, self.ends_at, CHINA)
        return start, end if end > start else end + timedelta(days=1)


class ReferredWork(BaseModel, frozen=True, defer_build=True):
    """Why people decide about every worker of a project: the occupation and its reason in both languages."""

    code: str
    reason_zh: str
    reason_en: str


TableCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")]
"""As a project names an occupation and its answers: no other could be chosen."""
TableWords = Annotated[str, StringConstraints(pattern=ONE_LINE, max_length=300)]
"""What people read; a reason of spaces is none."""


class Exclusion(BaseModel, frozen=True, defer_build=True):
    """What is not insured at one occupation, beside what no occupation is (`cover/disclosure.py`)."""

    code: TableCode
    text_zh: TableWords
    text_en: TableWords


class Answered(BaseModel, frozen=True, defer_build=True):
    """An underwriting question as it was put when the project was opened, and the answer, in words too."""

    code: str
    text_zh: str
    text_en: str
    answer: str | float
    answer_zh: str
    answer_en: str


class Project(BaseModel, frozen=True, defer_build=True):
    """A project. `version` counts its changes; `key_version` is the generation of its QR codes.

    Company name and sub-merchant number stand here too, so that a scan needs one read.
    """

    project_id: str
    company_id: str
    company_name: str
    sub_mchid: str
    name: str
    employer_name: str
    site: Site
    scene: Scene
    occupation_code: str
    occupation_zh: str
    occupation_en: str
    occupation_class: int
    plan_id: str
    premium_fen: int
    shift: Shift
    starts_on: date
    ends_on: date
    headcount: int
    status: ProjectStatus
    key_version: int = 1
    code_revoked: bool = False
    version: int = 1
    created_at: datetime
    credit_blocked: bool = False
    """Its company owes more than it may; copied here so that a check-in sees it in the read it makes anyway."""
    referred_work: ReferredWork | None = None
    """Set where an underwriter decides about every worker; it stands here for the same reason."""
    answered: tuple[Answered, ...] = ()
    """What the operator answered about the work; the occupation fits them."""
    exclusions: tuple[Exclusion, ...] = ()
    """Those of the occupation, as shown to whoever consents on this project."""

    def moved_to(self, status: ProjectStatus) -> "Project":
        """Give the project in its next status. Raises ProjectTransitionError."""
        if status not in TRANSITIONS[self.status]:
            raise ProjectTransitionError(status=self.status, wanted=status)
        return self.model_copy(update={"status": status, "version": self.version + 1})

    def with_next_code(self) -> "Project":
        """Give the project with a new generation of QR codes; every older one is refused from now on."""
        return self.model_copy(
            update={"key_version": self.key_version + 1, "code_revoked": False, "version": self.version + 1}
        )

    def with_code_revoked(self) -> "Project":
        """Give the project without a valid QR code; the next rotation brings a new one."""
        return self.model_copy(update={"code_revoked": True, "version": self.version + 1})

    def with_site(self, site: Site) -> "Project":
        """Give the project with its site moved. Raises ProjectTransitionError for a closed one."""
        if self.status is ProjectStatus.CLOSED:
            raise ProjectTransitionError(status=self.status)
        return self.model_copy(update={"site": site, "version": self.version + 1})

    @property
    def last_shift_end(self) -> datetime:
        return self.shift.on(self.ends_on)[1]

    def check_open(self, now: datetime) -> None:
        """Raise ProjectNotOpenError or ProjectNotRunningError where no scan is taken at all."""
        if self.status is not ProjectStatus.OPEN:
            raise ProjectNotOpenError(status=self.status)
        self.check_not_over(now)

    def check_credit(self) -> None:
        """Raise CoverNotAvailableError while the company's credit or deposit is used up."""
        if self.credit_blocked:
            raise CoverNotAvailableError

    def check_not_over(self, now: datetime) -> None:
        """Raise ProjectNotRunningError once the last shift has ended."""
        if now >= self.last_shift_end:
            raise ProjectNotRunningError(starts_on=self.starts_on, ends_on=self.ends_on)

    def check_shift(self, now: datetime) -> datetime:
        """Give the planned end of the latest shift that is on or begins within the early window.

        Raises CheckInTooEarlyError before that, ProjectNotRunningError when no shift is left.
        """
        shifts = islice(self._shifts_from(china_day(now) - timedelta(days=1)), 3)
        left = [shift for shift in shifts if now < shift[1]]
        if not left:
            raise ProjectNotRunningError(starts_on=self.starts_on, ends_on=self.ends_on)
        open_ones = [end for start, end in left if now >= start - EARLY]
        if not open_ones:
            raise CheckInTooEarlyError(opens_at=left[0][0] - EARLY)
        return open_ones[-1]

    def is_on_shift(self, now: datetime) -> bool:
        """Whether a shift runs at `now`, the early window not counted."""
        shifts = self._shifts_from(china_day(now) - timedelta(days=1))
        return next((start <= now for start, end in shifts if now < end), False)

    def _shifts_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        day = max(day, self.starts_on)
        while day <= self.ends_on:
            yield self.shift.on(day)
            day += timedelta(days=1)


class Projects(Protocol):
    def get(self, project_id: str, *, strong: bool = False) -> Project:
        """Give the project; `strong` includes every change made before. Raises ProjectNotFoundError."""
        ...

    def add(self, project: Project) -> None: ...

    def save(self, project: Project) -> None:
        """Store a change; its version is one more than what it replaces. Raises ConcurrentChangeError."""
        ...

    def list_of(self, company_id: str, *, strong: bool = False) -> list[Project]:
        """`strong`: as they stand at this moment."""
        ...

    def set_credit_block(self, project_id: str, *, blocked: bool) -> None:
        """Raise or lift the block. A change of the project that was read before is then refused."""
        ...
