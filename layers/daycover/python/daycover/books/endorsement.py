"""The day's list of insured as a numbered endorsement (批单) to the company's master policy.

The list is the statement's own sheet, in which each line says whether it adds somebody or takes somebody off; the
endorsement names the sheet by its hash. Numbers run without a gap within a master policy. An endorsement is never
changed: a later revision of the day's statement, or a correction of an earlier day, is the next number and says what it
replaces or corrects.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from pydantic import BaseModel


class CorrectedDay(BaseModel, frozen=True, defer_build=True):
    """What an endorsement changes in an earlier day's list. `number` is the latest endorsement of that day, None where
    it had none; `fewer_than_three` is of that day as it stands now."""

    day: date
    master_no: str
    number: int | None = None
    added: int
    removed: int
    fewer_than_three: bool


class Endorsement(BaseModel, frozen=True, defer_build=True):
    """One endorsement. `policies` are those that its own day's list insures, `premium_fen` what its statement charges.

    `fewer_than_three`: the list names one or two people. `replaces` is the number that an earlier revision of the same
    day has.
    """

    master_no: str
    number: int
    company_id: str
    day: date
    revision: int
    replaces: int | None = None
    policies: int
    premium_fen: int
    fewer_than_three: bool
    corrections: tuple[CorrectedDay, ...] = ()
    list_sha256: str
    issued_at: datetime


class Endorsements(Protocol):
    def latest(self, company_id: str, day: date) -> Endorsement | None:
        """Give the newest endorsement of a company's day, strongly consistent."""
        ...

    def get(self, company_id: str, year: int, number: int) -> Endorsement: ...

    def newest(self, company_id: str, year: int, before: int | None, limit: int) -> Sequence[Endorsement]:
        """Those of a master policy, the highest number first, strongly consistent."""
        ...

    def add(self, endorsement: Endorsement, after: Endorsement | None) -> None:
        """Store one whose day had `after` as its newest. Raises ConcurrentChangeError where its number is taken, or the
        day has another by now."""
        ...


def endorsements_of_day(endorsements: Endorsements, company_id: str, day: date) -> list[Endorsement]:
    """Give every endorsement of a company's day, the first one first."""
    found = endorsements.latest(company_id, day)
    chain: list[Endorsement] = []
    while found is not None:
        chain.insert(0, found)
        found = None if found.replaces is None else endorsements.get(company_id, day.year, found.replaces)
    return chain
