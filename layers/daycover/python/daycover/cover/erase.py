"""Erasure and forgetting: what goes at once, what is locked until its retention ends, what goes by schedule.

A worker who was never insured is forgotten. For everybody else the insurer must keep who was insured, with
which consents, for ten years (Anti-Money-Laundering Law art. 34; Insurance Law art. 87 asks for five): that
is locked and used for nothing new until then (PIPL art. 47). Policies stay visible and claims stay open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from daycover.china_time import china_day
from daycover.cover.check_in import CheckIns
from daycover.cover.policy import KeptPolicies
from daycover.identity.consent import Consents
from daycover.identity.worker import Workers

RETENTION_YEARS = 10
PLACES_KEPT = timedelta(days=30)
"""Positions serve the checks of a check-in and the first days of a claim, and nothing after that."""


class ErasureStatus(StrEnum):
    LOCKED = "LOCKED"
    DELETED = "DELETED"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a request came to. `kept_until` is when the rest is deleted, by itself."""

    status: ErasureStatus
    kept_until: date | None = None
    check_ins: int = 0
    consents: int = 0


class Erasures(Protocol):
    """Requests that wait for a retention to end."""

    def schedule(self, worker_id: str, due: date) -> None: ...

    def due(self, day: date) -> list[tuple[date, str]]: ...

    def done(self, worker_id: str, due: date) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseWorker:
    """POST /v1/erasure-requests, and what the daily run does with requests that are due."""

    now: Callable[[], datetime]
    workers: Workers
    consents: Consents
    check_ins: CheckIns
    policies: KeptPolicies
    erasures: Erasures

    def request(self, worker_id: str) -> Erasure:
        """Delete what nobody must keep and lock the rest. Repeating it changes nothing more."""
        now = self.now()
        today = china_day(now)
        kept_until = self._kept_until(worker_id, today)
        if kept_until is None:
            return self._delete(worker_id, today)
        self.workers.lock_data(worker_id, now)
        self.erasures.schedule(worker_id, kept_until)
        # attempts that led to no policy serve nothing any more; today's still count against the day's limit
        deleted = self.check_ins.delete_before(worker_id, f"{today:%Y%m%d}", issued=False)
        return Erasure(ErasureStatus.LOCKED, kept_until, check_ins=deleted)

    def withdraw(self, worker_id: str) -> Erasure:
        """Unlock: the worker wants to be insured again. The scheduled look finds that and goes by it."""
        self.workers.lock_data(worker_id, None)
        return Erasure(ErasureStatus.OPEN)

    def run_due(self) -> int:
        """Delete what has been locked until today. Give how many requests were looked at."""
        today = china_day(self.now())
        due = self.erasures.due(today)
        for day, worker_id in due:
            if self.workers.get(worker_id).locked_at is not None:
                self.request(worker_id)  # cover taken out after an unlocking has a later end of its own
            self.erasures.done(worker_id, day)
        return len(due)

    def _kept_until(self, worker_id: str, today: date) -> date | None:
        """The day after which nothing of the worker need be kept, None when there is no such day to come."""
        person_id = self.workers.get(worker_id).person_id
        policies = [] if person_id is None else self.policies.list_of(person_id)
        if not policies:
            return None
        last = china_day(max(policy.period.end for policy in policies))
        until = _years_after(last, RETENTION_YEARS)
        return until if until > today else None

    def _delete(self, worker_id: str, today: date) -> Erasure:
        consents = self.consents.delete_all(worker_id)
        check_ins = self.check_ins.delete_before(worker_id, f"{today:%Y%m%d}", issued=True)
        self.workers.forget_identity(worker_id)
        return Erasure(ErasureStatus.DELETED, check_ins=check_ins, consents=consents)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeLocations:
    """Makes positions older than 30 days unreadable, by deleting the keys of their days."""

    now: Callable[[], datetime]
    delete_keys_before: Callable[[str], list[str]]
    """Deletes the keys of all days before one (yyyymmdd), and gives the days."""

    def __call__(self) -> list[str]:
        return self.delete_keys_before(f"{china_day(self.now() - PLACES_KEPT):%Y%m%d}")


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
