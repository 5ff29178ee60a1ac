"""The roster as the company reads it: who is covered now, and who was seen without cover."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from daycover.cover.presence import NEXT_STEPS, Visit, Why
from daycover.cover.roster import CoverLine, Roster
from daycover.platform.http import View


class RosterEntry(View):
    policy_no: str
    insured_name: str
    plan_id: str
    start: datetime
    end: datetime

    @classmethod
    def of(cls, line: CoverLine) -> "RosterEntry":
        period = line.period
        return cls(
            policy_no=line.policy_no,
            insured_name=line.insured_name,
            plan_id=line.plan_id,
            start=period.start.astimezone(UTC),
            end=period.end.astimezone(UTC),
        )


PageToken = Annotated[str, Field(max_length=700)]
Rows = Annotated[int, Field(ge=0, le=500)]
UNINSURED_SHOWN = 200
"""The rest is counted: whoever has more people uninsured than this needs no list."""


class UninsuredView(View):
    """Somebody seen on site without cover. The name is masked, or 未核验 until the work card has proved it.

    `distance_m`: how far from the site they were, where they were refused for that.
    """

    name: str
    last_seen: datetime
    why: Why
    distance_m: int | None
    next_step_zh: str
    next_step_en: str

    @classmethod
    def of(cls, visit: Visit) -> "UninsuredView":
        chinese, english = NEXT_STEPS[visit.why]
        return cls(
            name=visit.insured_name or "未核验",
            last_seen=visit.seen_at.astimezone(UTC),
            why=visit.why,
            distance_m=visit.distance_m,
            next_step_zh=chinese,
            next_step_en=english,
        )


class RosterView(View):
    """`in_force`: one page of the `count` lines in force, `next` leads to the next one; the earliest first where fewer
    than 1,000 people are planned, else by day and number. `count` of a larger project is to the minute.

    `uninsured_places`: how many of the planned headcount have no policy in force now.

    `under_insured` (F13, 漏保): a shift runs with fewer policies than the planned headcount.
    `uninsured`: who was seen in the last 12 hours without a policy in force now, last seen first.
    `cover_blocked`: nobody new is insured until the company pays; who is listed stays insured.
    """

    in_force: list[RosterEntry]
    next: str | None
    count: int
    headcount: int
    uninsured_places: int
    under_insured: bool
    uninsured: list[UninsuredView]
    uninsured_count: int
    cover_blocked: bool


def roster_view(roster: Roster) -> RosterView:
    project = roster.project
    return RosterView(
        in_force=[RosterEntry.of(line) for line in roster.in_force],
        next=roster.next_token,
        count=roster.insured,
        headcount=project.headcount,
        uninsured_places=roster.uninsured_places,
        under_insured=roster.on_shift and roster.uninsured_places > 0,
        uninsured=[UninsuredView.of(visit) for visit in roster.uninsured[:UNINSURED_SHOWN]],
        uninsured_count=len(roster.uninsured),
        cover_blocked=project.credit_blocked,
    )
