"""The gate board (门岗看板): all projects of a company that run now, who is there uninsured, and who waits for people.

One answer for a foreman of many gates. It is paged by projects, so that what an answer costs is bounded whatever the
company; a project of it costs what its roster's figures cost, whose reads grow with kilobytes and not with policies.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from daycover.china_time import china_day
from daycover.cover.presence import Visit, Why
from daycover.cover.referral import ANSWER_WITHIN, Referral, ReferralStatus
from daycover.cover.roster import ReadRoster, Roster
from daycover.projects.project import Project, ProjectStatus

PROJECTS_A_PAGE = 25
UNINSURED_A_PAGE = 1_000
"""People listed on a page, over all its projects; the rest is counted."""
WAITING = (ReferralStatus.ASKED, ReferralStatus.CONFIRMED)


class ListsProjects(Protocol):
    def list_of(self, company_id: str) -> list[Project]: ...


class OpenReferrals(Protocol):
    def open_of(self, project_id: str, since: datetime) -> list[Referral]:
        """The newest that were asked for since then, newest first."""
        ...


class AtGate(NamedTuple):
    """One project: `uninsured` are those listed, last seen first, of all that `refusals` count by reason."""

    project: Project
    covered: int
    on_shift: bool
    uninsured: list[Visit]
    refusals: Mapping[Why, int]
    referrals: list[Referral]

    @property
    def uninsured_count(self) -> int:
        return sum(self.refusals.values())


class Gate(NamedTuple):
    """A page of the board. `projects_count` are all that run now; `next_token` leads to the next page."""

    at: datetime
    projects: list[AtGate]
    projects_count: int
    names: Mapping[str, str]
    next_token: str | None


def is_at_gate(project: Project, now: datetime) -> bool:
    """Whether people may come to a project's gate: it isn't closed, begins by tomorrow and is not over."""
    begins = project.starts_on <= china_day(now + timedelta(days=1))
    return project.status is not ProjectStatus.CLOSED and begins and now < project.last_shift_end


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadGate:
    """GET /v1/companies/{company_id}/gate."""

    now: Callable[[], datetime]
    projects: ListsProjects
    roster: ReadRoster
    referrals: OpenReferrals

    def __call__(self, company_id: str, token: str | None = None, *, in_clear: bool = False) -> Gate:
        """Give a page of the projects by their ids, from `token` on; one that is no id begins at its place."""
        now = self.now()
        all_ = [project for project in self.projects.list_of(company_id) if is_at_gate(project, now)]
        left = [project for project in all_ if token is None or project.project_id > token]
        page = left[:PROJECTS_A_PAGE]
        room = UNINSURED_A_PAGE
        shown = []
        for project in page:
            at_gate = self._at_gate(project, now, room, in_clear=in_clear)
            room -= len(at_gate.uninsured)
            shown.append(at_gate)
        names = self.roster.names_of(_listed(shown)) if in_clear else {}
        more = len(left) > len(page)
        return Gate(now, shown, len(all_), names, page[-1].project_id if more else None)

    def _at_gate(self, project: Project, now: datetime, room: int, *, in_clear: bool) -> AtGate:
        roster: Roster = self.roster.of(project, in_clear=in_clear)
        asked = self.referrals.open_of(project.project_id, now - ANSWER_WITHIN)
        return AtGate(
            project,
            roster.insured,
            roster.on_shift,
            roster.uninsured[:room],
            Counter(visit.why for visit in roster.uninsured),
            [referral for referral in asked if referral.status(now) in WAITING],
        )


def _listed(projects: Iterable[AtGate]) -> list[Visit]:
    return [visit for at_gate in projects for visit in at_gate.uninsured]
