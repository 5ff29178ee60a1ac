"""The roster as the company reads it: who is covered now, and who was seen without cover.

Names in clear go to the company's own people, each known by name (`operator`), who have to find the person. An API
client of a provider, or of the company by one, gets the masked name alone: it acts for nobody in particular
(docs/decisions/0205).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import Field

from daycover.cover.presence import NEXT_STEPS, Visit, Why
from daycover.cover.roster import UNINSURED_SHOWN, CoverLine, Roster
from daycover.platform.discretion import Confidential
from daycover.platform.http import HttpApi, View

T = TypeVar("T")


SITE = Confidential(frozenset(), frozenset({"operator"}))
ToSite = Annotated[T | None, SITE]
"""Told to the company's own people alone."""


def told_in_clear(api: HttpApi) -> bool:
    """Whether the caller is shown names in clear; for others they are not even opened."""
    return SITE.is_shown_to(api.caller)


def phone_end(phone: str | None) -> str | None:
    """Give the last four digits of a number in its one form (`identity/phone.py`), an extension not counted."""
    return None if phone is None else phone.replace("-", "").partition("x")[0][-4:]


class RosterEntry(View):
    """`insured_name` is masked; `full_name` is the proved name, null for API clients and once it was erased."""

    policy_no: str
    insured_name: str
    full_name: ToSite[str]
    plan_id: str
    start: datetime
    end: datetime

    @classmethod
    def of(cls, line: CoverLine, names: Mapping[str, str] = MappingProxyType({})) -> "RosterEntry":
        period = line.period
        return cls(
            full_name=names.get(line.worker_id),
            policy_no=line.policy_no,
            insured_name=line.insured_name,
            plan_id=line.plan_id,
            start=period.start.astimezone(UTC),
            end=period.end.astimezone(UTC),
        )


PageToken = Annotated[str, Field(max_length=700)]
Rows = Annotated[int, Field(ge=0, le=500)]


class GateUninsuredView(View):
    """Somebody seen on site without cover. The name is masked, or 未核验 until the work card has proved it.

    `full_name`: as they typed it to this gate, else as it was proved of who has accepted this project's texts; null
    for API clients, and of who has done neither. `phone`: what they left for the site to reach them by, `phone_end`
    its last four digits; mostly null. `distance_m`: how far from the site they were, where they were refused for that.
    """

    name: str
    full_name: ToSite[str]
    phone: ToSite[str]
    phone_end: ToSite[str]
    last_seen: datetime
    why: Why
    distance_m: int | None

    @classmethod
    def of(cls, visit: Visit, names: Mapping[str, str] = MappingProxyType({})) -> "GateUninsuredView":
        return cls(**_seen(visit, names))


class UninsuredView(GateUninsuredView):
    """The same with what to do about `why`; the gate board says that once, in `reasons`."""

    next_step_zh: str
    next_step_en: str

    @classmethod
    def of(cls, visit: Visit, names: Mapping[str, str] = MappingProxyType({})) -> "UninsuredView":
        chinese, english = NEXT_STEPS[visit.why]
        return cls(**_seen(visit, names), next_step_zh=chinese, next_step_en=english)


def _seen(visit: Visit, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": visit.insured_name or "未核验",
        "full_name": visit.name or names.get(visit.worker_id),
        "phone": visit.phone,
        "phone_end": phone_end(visit.phone),
        "last_seen": visit.seen_at.astimezone(UTC),
        "why": visit.why,
        "distance_m": visit.distance_m,
    }


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
        in_force=[RosterEntry.of(line, roster.names) for line in roster.in_force],
        next=roster.next_token,
        count=roster.insured,
        headcount=project.headcount,
        uninsured_places=roster.uninsured_places,
        under_insured=roster.on_shift and roster.uninsured_places > 0,
        uninsured=[UninsuredView.of(visit, roster.names) for visit in roster.uninsured[:UNINSURED_SHOWN]],
        uninsured_count=len(roster.uninsured),
        cover_blocked=project.credit_blocked,
    )
