"""Roster stuffing (F12, 虚增人员): how much of a company's roster rests on shared phones, as a score for a person.

What we see is who checked in with which phone. Whether somebody worked and was paid we do not: the work card
has no check-out, and the wage file is the company's (docs/decisions/0092). Pure counting; nothing is refused.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.signals import Flagged, FlaggedCheckIns
from daycover.projects.project import Project, Projects

CHECK = "F12"
LOOKED_BACK = timedelta(days=7)
FULL_SHARE_PERCENT = 50
"""With half of the planned people on shared phones the score is 100 (assumption)."""
REVIEW_FROM = 20
"""A tenth of the planned people: a person should ask the company (assumption)."""
PAGES = 20
"""Lines of one project that are looked at: 1,000 in a week are enough to say."""


class ProjectStuffing(BaseModel, frozen=True, defer_build=True):
    """`workers` are those whom F12 signals of the week name, once each; `headcount` is planned."""

    project_id: str
    name: str
    headcount: int
    workers: int
    score: int


class CompanyStuffing(BaseModel, frozen=True, defer_build=True):
    """The company's score is that of all its projects together. `review`: a person should look."""

    company_id: str
    since: datetime
    headcount: int
    workers: int
    score: int
    review: bool
    projects: tuple[ProjectStuffing, ...]


def stuffing_score(workers: int, headcount: int) -> int:
    """Give 0 to 100: the share of workers on shared phones among the planned people, or among themselves."""
    share = workers * 100 // max(1, headcount, workers)
    return min(100, share * 100 // FULL_SHARE_PERCENT)


def suspected(lines: Iterable[Flagged], since: datetime) -> set[str]:
    """Give the workers whom F12 signals name, those in the evidence too: the first of a burst came unflagged."""
    found: set[str] = set()
    for line in lines:
        signals = [signal for signal in line.signals if signal.check == CHECK]
        if line.at >= since and signals:
            found.add(line.worker_id)
            found |= {id_.partition("/")[0] for signal in signals for id_ in signal.evidence}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStuffing:
    """GET /v1/staff/companies/{company_id}/roster-signals."""

    now: Callable[[], datetime]
    projects: Projects
    flagged: FlaggedCheckIns

    def __call__(self, company_id: str) -> CompanyStuffing:
        """Cost: the company's projects, and a page of flagged check-ins or more for each that ran this week."""
        since = self.now() - LOOKED_BACK
        ran = [project for project in self.projects.list_of(company_id) if project.last_shift_end >= since]
        of_each = [(project, suspected(self._lines(project.project_id, since), since)) for project in ran]
        workers = len(set[str]().union(*(found for _, found in of_each)))
        headcount = sum(project.headcount for project in ran)
        score = stuffing_score(workers, headcount)
        return CompanyStuffing(
            company_id=company_id,
            since=since,
            headcount=headcount,
            workers=workers,
            score=score,
            review=score >= REVIEW_FROM,
            projects=_worst_first(of_each),
        )

    def _lines(self, project_id: str, since: datetime) -> Iterable[Flagged]:
        """The list is ordered by day, so it is read until a page ends before the first one."""
        first_day, token = f"{china_day(since):%Y%m%d}", None
        for _ in range(PAGES):
            page = self.flagged.list_of(project_id, token)
            yield from page.lines
            token = page.next_token
            if token is None or page.lines[-1].check_in_id[:8] < first_day:
                return


def _worst_first(of_each: Sequence[tuple[Project, set[str]]]) -> tuple[ProjectStuffing, ...]:
    projects = [
        ProjectStuffing(
            project_id=project.project_id,
            name=project.name,
            headcount=project.headcount,
            workers=len(found),
            score=stuffing_score(len(found), project.headcount),
        )
        for project, found in of_each
    ]
    return tuple(sorted(projects, key=lambda project: (-project.score, project.project_id)))
