"""What the machine has approved in a day (自动核赔日限额): a cap each for a project, a company and all of it.

A hole in the rules, found by somebody, is worth a day's cap and no more. Above it every claim goes to a person;
none is refused and none waits for the next day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from daycover.claims.limits import MachineLimits

DAILY_CAP_PROJECT = "DAILY_CAP_PROJECT"
DAILY_CAP_COMPANY = "DAILY_CAP_COMPANY"
DAILY_CAP_ALL = "DAILY_CAP_ALL"
DAILY_CAPS = (DAILY_CAP_PROJECT, DAILY_CAP_COMPANY, DAILY_CAP_ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one automatic approval adds to its +08:00 day, and the caps that it must not pass. Amounts in fen."""

    day: date
    project_id: str
    company_id: str
    amount_fen: int
    cap_project_fen: int
    cap_company_fen: int
    cap_all_fen: int


class Spent(NamedTuple):
    """What the machine has approved on a +08:00 day so far."""

    project_fen: int
    company_fen: int
    all_fen: int


class AutomaticSpending(Protocol):
    """The day's sums. They grow in the write that approves a claim, so a repetition counts once."""

    def spent(self, day: date, project_id: str, company_id: str) -> Spent:
        """Read strongly consistent; nothing approved yet is 0."""
        ...


def spending_of(
    day: date, project_id: str, company_id: str, amount_fen: int, limits: MachineLimits
) -> Spending:
    """Give what approving so much on a day adds."""
    return Spending(
        day=day,
        project_id=project_id,
        company_id=company_id,
        amount_fen=amount_fen,
        cap_project_fen=limits.cap_project_fen,
        cap_company_fen=limits.cap_company_fen,
        cap_all_fen=limits.cap_all_fen,
    )


def cap_reasons(spent: Spent, amount_fen: int, limits: MachineLimits) -> tuple[str, ...]:
    """Give which caps so much more would pass; reaching one exactly is allowed."""
    passed = {
        DAILY_CAP_PROJECT: spent.project_fen + amount_fen > limits.cap_project_fen,
        DAILY_CAP_COMPANY: spent.company_fen + amount_fen > limits.cap_company_fen,
        DAILY_CAP_ALL: spent.all_fen + amount_fen > limits.cap_all_fen,
    }
    return tuple(code for code, is_passed in passed.items() if is_passed)


def is_capped(referred_for: Iterable[str]) -> bool:
    """Whether a claim went to a person because a cap was reached: counted as `DailyCapReached`."""
    return not set(DAILY_CAPS).isdisjoint(referred_for)
