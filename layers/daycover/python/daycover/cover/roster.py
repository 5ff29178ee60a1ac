"""The roster (在岗名单): who is insured on a project, derived from the policy stream, not from check-ins."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.ended import EndedPolicies
from daycover.cover.open_project import RunProjects
from daycover.cover.period import COVER, RENEWAL_WINDOW, Period
from daycover.cover.policy import EndReason, Policy, PolicyStatus
from daycover.cover.presence import PRESENT_FOR, Visit, Visits, Why
from daycover.projects.project import Project, ProjectNotFoundError, Projects


class CoverLine(BaseModel, frozen=True, defer_build=True):
    """One policy as the company sees it: a line of the roster and of the day's statement.

    `day` is the +08:00 day of issue, the day whose statement carries the premium (单日投保, 单日结算).
    """

    policy_no: str
    company_id: str
    project_id: str
    day: date
    worker_id: str = ""
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


COUNTED_FROM = 1_000
"""People planned from which a project's covers are counted as they come: a larger roster is not read to be counted.
Never lowered: what was recorded before would not be in the count."""


class LineRecorder(Protocol):
    def record(self, line: CoverLine) -> bool:
        """Store a line, or the ending of one that stands ISSUED; False when there was nothing to do.

        A line never goes back, in whatever order the records come.
        """
        ...

    def missing(self, lines: Sequence[CoverLine]) -> list[CoverLine]:
        """Those of the lines that are not stored."""
        ...


class LinePage(NamedTuple):
    lines: list[CoverLine]
    next_token: str | None


class CoverLines(LineRecorder, Protocol):
    def of_project(self, company_id: str, project_id: str, days: Iterable[date]) -> list[CoverLine]: ...

    def page(
        self, company_id: str, project_id: str, days: Sequence[date], limit: int, token: str | None
    ) -> LinePage:
        """At most `limit` lines of a project, by day and policy number. Raises PageTokenError."""
        ...

    def counts(self, company_id: str, project_id: str, days: Iterable[date]) -> dict[datetime, int]:
        """Of a counted project: how many covers that stand ISSUED began in each minute."""
        ...

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
        worker_id=policy.worker_id,
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


class Accounts(Protocol):
    def names_of(self, worker_ids: Iterable[str]) -> dict[str, str]:
        """The names that were proved on these accounts. Whose data are locked or erased is left out."""
        ...


class Roster(NamedTuple):
    """Who is insured on a project now, and who was seen there without being insured, last seen first.

    `in_force` is one page of the `insured` lines; `next_token` leads to the next one. `names` are those in clear, by
    worker, where they were asked for; a visit may hold one that was typed.
    """

    project: Project
    in_force: list[CoverLine]
    uninsured: list[Visit]
    on_shift: bool
    insured: int
    next_token: str | None = None
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def uninsured_places(self) -> int:
        """Check F13 (漏保): how many of the planned headcount have no policy in force."""
        return max(0, self.project.headcount - self.insured)


UNINSURED_SHOWN = 200
"""The rest is counted: whoever has more people uninsured than this needs no list."""
ROWS = 200
"""Lines on a page of the roster, unless asked for fewer."""
MOST_UNINSURED = 1_000
"""So many visits of a counted project are read; whoever has more people uninsured has no use for the exact number."""


def is_counted(project: Project) -> bool:
    """Whether a project's covers are counted as they come. Its headcount never changes."""
    return project.headcount >= COUNTED_FROM


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRoster:
    """The roster of one project, live."""

    now: Callable[[], datetime]
    projects: RunProjects
    lines: CoverLines
    visits: Visits
    accounts: Accounts

    def __call__(
        self,
        company_id: str,
        project_id: str,
        rows: int = ROWS,
        token: str | None = None,
        *,
        in_clear: bool = False,
    ) -> Roster:
        """Give the counts and at most `rows` lines in force, from `token` on, with names where `in_clear`.

        Raises ProjectNotFoundError, PageTokenError.
        """
        project = self.projects.get(company_id, project_id)
        roster = self.of(project, rows, token, in_clear=in_clear)
        if not in_clear:
            return roster
        shown = roster.uninsured[:UNINSURED_SHOWN]
        names = self.names_of(shown, roster.in_force)
        return roster._replace(names=names)

    def names_of(self, seen: Iterable[Visit], lines: Iterable[CoverLine] = ()) -> dict[str, str]:
        """Give the proved names of who is insured here, and of who consented here and has typed none: a visit holds
        what was typed."""
        nameless = {visit.worker_id for visit in seen if visit.consented and visit.name is None}
        return self.accounts.names_of(sorted(nameless | {line.worker_id for line in lines}))

    def of(
        self, project: Project, rows: int = 0, token: str | None = None, *, in_clear: bool = False
    ) -> Roster:
        """Give a project's roster; the visits alone have names.

        Cover in force was issued within the last 26 hours: two days suffice, a third where it began in the renewal
        window around midnight. A counted project costs the same however many it insures: its count is to the minute (a
        cover counts until its last minute is over).
        """
        now = self.now()
        company_id, project_id = project.company_id, project.project_id
        oldest = now - COVER - RENEWAL_WINDOW
        days = sorted({china_day(oldest + timedelta(days=step)) for step in (0, 1)} | {china_day(now)})
        seen_on = sorted({china_day(now - PRESENT_FOR), china_day(now)})
        on_shift = project.is_on_shift(now)
        if is_counted(project):
            count = running(self.lines.counts(company_id, project_id, days), now)
            page = self.lines.page(company_id, project_id, days, rows, token) if rows else LinePage([], None)
            seen = self.visits.of_project(project_id, seen_on, MOST_UNINSURED, in_clear=in_clear)
            shown = in_force(page.lines, now)
            return Roster(project, shown, uninsured(seen, shown, now), on_shift, count, page.next_token)
        lines = self.lines.of_project(company_id, project_id, days)
        covered = in_force(lines, now)
        seen = self.visits.of_project(project_id, seen_on, in_clear=in_clear)
        start = _place(token, len(covered))
        left = start + rows < len(covered)
        return Roster(
            project,
            covered[start : start + rows],
            uninsured(seen, lines, now),
            on_shift,
            len(covered),
            str(start + rows) if left and rows else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCover:
    """Take in one policy of the stream."""

    lines: LineRecorder
    ended: EndedPolicies
    counted: Callable[[str], bool]
    """Whether the covers of a project (id) are counted as they come."""
    visits: Visits

    def __call__(self, image: Mapping[str, object]) -> bool:
        """Record the policy's line, or its ending; False when that was recorded before."""
        policy = Policy.model_validate(image)
        is_new = self.lines.record(line_of(policy))
        if self.counted(policy.project_id):
            self._keep_visits(policy)
        if policy.status is not PolicyStatus.ISSUED:
            self.ended.tell(policy.policy_no)  # also for a replay: the first try may have died here
        return is_new

    def _keep_visits(self, policy: Policy) -> None:
        """On a counted project nobody reads all lines to tell who of those seen is insured: a visit goes when its
        policy comes, and is back when that ends early. Repeating changes nothing."""
        if policy.ended is None:
            self.visits.forget(policy.project_id, policy.worker_id, policy.issued_at)
        elif policy.ended.at - policy.issued_at <= PRESENT_FOR:
            self.visits.record(
                Visit(
                    project_id=policy.project_id,
                    worker_id=policy.worker_id,
                    seen_at=policy.issued_at,
                    why=Why.POLICY_ENDED,
                    insured_name=policy.insured_name,
                    consented=policy.ended.reason is not EndReason.CONSENT_WITHDRAWN,
                )
            )


@dataclass(frozen=True, slots=True)
class CountedProjects:
    """Which projects are counted: each is read once by a container, because its headcount never changes."""

    projects: Projects
    _known: dict[str, bool] = field(default_factory=dict, init=False)

    def __call__(self, project_id: str) -> bool:
        known = self._known.get(project_id)
        if known is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            try:
                known = is_counted(self.projects.get(project_id))
            except ProjectNotFoundError:
                known = False
            self._known[project_id] = known
        return known


MOST_REMEMBERED = 10_000


def running(counts: Mapping[datetime, int], now: datetime) -> int:
    """How many of the covers that began in each minute run at `now`."""
    return sum(n for start, n in counts.items() if start <= now < start + COVER + timedelta(minutes=1))


def _place(token: str | None, count: int) -> int:
    """Where a page begins in a roster that is read whole; a stale token ends it."""
    return min(int(token), count) if token and re.fullmatch("[0-9]{1,9}", token) else 0


def in_force(lines: Iterable[CoverLine], now: datetime) -> list[CoverLine]:
    """The lines whose cover runs at `now`, longest-running first."""
    running = (line for line in lines if line.status is PolicyStatus.ISSUED and line.period.covers(now))
    return sorted(running, key=lambda line: line.period.start)


def uninsured(seen: Iterable[Visit], lines: Iterable[CoverLine], now: datetime) -> list[Visit]:
    """Those seen lately who have no policy in force on the project, each once, last seen first."""
    own: dict[str, list[CoverLine]] = {}
    for line in lines:
        own.setdefault(line.worker_id, []).append(line)
    latest: dict[str, Visit] = {}
    for visit in sorted(seen, key=lambda visit: visit.seen_at):
        if now - visit.seen_at <= PRESENT_FOR:
            latest[visit.worker_id] = visit
    found = [
        _because(visit, own.get(worker_id, ()))
        for worker_id, visit in latest.items()
        if not in_force(own.get(worker_id, ()), now)
    ]
    return sorted(found, key=lambda visit: visit.seen_at, reverse=True)


def _because(visit: Visit, lines: Iterable[CoverLine]) -> Visit:
    """A policy that ended since tells more than what was noted before, or than a scan not followed up."""
    last = max(lines, key=lambda line: line.period.end, default=None)
    if last is None:
        return visit
    why = visit.why
    over_at = last.ended_at or last.period.end
    if over_at > visit.seen_at or why in {Why.NOT_CHECKED_IN, Why.NOT_VERIFIED, Why.CONSENT_MISSING}:
        why = Why.EXPIRED if last.status is PolicyStatus.ISSUED else Why.POLICY_ENDED
    changes = {"why": why, "insured_name": visit.insured_name or last.insured_name}
    return visit.model_copy(update=changes if why is visit.why else changes | {"distance_m": None})
