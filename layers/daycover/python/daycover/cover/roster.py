"""The roster (在岗名单): who is insured on a project, derived from the policy stream, not from check-ins."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.open_project import RunProjects
from daycover.cover.period import COVER, RENEWAL_WINDOW, Period
from daycover.cover.policy import Policy, PolicyStatus
from daycover.projects.project import Project


class CoverLine(BaseModel, frozen=True):
    """One policy as the company sees it: a line of the roster and of the day's statement.

    `day` is the +08:00 day of issue, the day whose statement carries the premium (单日投保, 单日结算).
    """

    policy_no: str
    company_id: str
    project_id: str
    day: date
    insured_name: str
    plan_id: str
    occupation_class: int
    period: Period
    premium_fen: int
    sum_insured_fen: int
    status: PolicyStatus = PolicyStatus.ISSUED
    refund_fen: int = 0
    ended_at: datetime | None = None

    @property
    def due_fen(self) -> int:
        """What the company owes for this policy."""
        return self.premium_fen - self.refund_fen


class LineRecorder(Protocol):
    def record(self, line: CoverLine) -> bool:
        """Store a line, or the ending of one that stands ISSUED; False when there was nothing to do.

        A line never goes back, in whatever order the records come.
        """
        ...


class CoverLines(LineRecorder, Protocol):
    def of_project(self, company_id: str, project_id: str, days: Iterable[date]) -> list[CoverLine]: ...

    def of_day(self, company_id: str, day: date) -> Iterable[CoverLine]:
        """Every line of a company's day, ordered by project and policy number."""
        ...


def line_of(policy: Policy) -> CoverLine:
    """Derive the line of a policy; the same policy always gives the same line."""
    return CoverLine(
        policy_no=policy.policy_no,
        company_id=policy.company_id,
        project_id=policy.project_id,
        day=china_day(policy.issued_at),
        insured_name=policy.insured_name,
        plan_id=policy.plan_id,
        occupation_class=policy.occupation_class,
        period=policy.period,
        premium_fen=policy.premium_fen,
        sum_insured_fen=policy.sum_insured_fen,
        status=policy.status,
        refund_fen=0 if policy.ended is None else policy.ended.refund_fen,
        ended_at=None if policy.ended is None else policy.ended.at,
    )


class ReadRoster:
    """Who is insured on a project now."""

    def __init__(self, *, now: Callable[[], datetime], projects: RunProjects, lines: CoverLines) -> None:
        self._now = now
        self._projects = projects
        self._lines = lines

    def __call__(self, company_id: str, project_id: str) -> tuple[Project, list[CoverLine]]:
        """Raises ProjectNotFoundError. Cover in force was issued within the last 26 hours: two days suffice,
        a third where it began in the renewal window around midnight."""
        now = self._now()
        project = self._projects.get(company_id, project_id)
        oldest = now - COVER - RENEWAL_WINDOW
        days = {china_day(oldest + timedelta(days=step)) for step in (0, 1)} | {china_day(now)}
        return project, in_force(self._lines.of_project(company_id, project_id, sorted(days)), now)


class RecordCover:
    """Take in one policy of the stream."""

    def __init__(self, lines: LineRecorder) -> None:
        self._lines = lines

    def __call__(self, image: Mapping[str, object]) -> bool:
        """Record the policy's line, or its ending; False when that was recorded before."""
        return self._lines.record(line_of(Policy.model_validate(image)))


def in_force(lines: Iterable[CoverLine], now: datetime) -> list[CoverLine]:
    """The lines whose cover runs at `now`, longest-running first."""
    running = (line for line in lines if line.status is PolicyStatus.ISSUED and line.period.covers(now))
    return sorted(running, key=lambda line: line.period.start)
