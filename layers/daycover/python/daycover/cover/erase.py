"""Erasure and forgetting: what goes at once, what is locked until its retention ends, what goes by schedule.

A worker who was never insured and reported no loss is forgotten. For everybody else the insurer must keep who
was insured, with which consents, for ten years (Anti-Money-Laundering Law art. 34; Insurance Law art. 87 asks
for five): that is locked and used for nothing new until then (PIPL art. 47). Policies stay visible and claims
stay open.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from daycover.china_time import china_day
from daycover.cover.check_in import CheckIns
from daycover.cover.disclosure import PLACES_KEPT_DAYS
from daycover.cover.policy import KeptPolicies, Policy, StopReason
from daycover.cover.presence import Visits
from daycover.cover.referral import Referrals
from daycover.cover.stop import StopApplications, Stopped
from daycover.errors import ConcurrentChangeError
from daycover.identity.consent import Consents
from daycover.identity.worker import Workers
from daycover.upload import Vault

RETENTION_YEARS = 10
PLACES_KEPT = timedelta(days=PLACES_KEPT_DAYS)
"""Positions serve the checks of a check-in and the first days of a claim, and nothing after that."""


class ErasureStatus(StrEnum):
    LOCKED = "LOCKED"
    DELETED = "DELETED"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a request came to. `kept_until` is when the rest is deleted, by itself.

    `finished_on`: today's attempts go with the next day's run, since their numbers at the work card are never
    used again.
    """

    status: ErasureStatus
    kept_until: date | None = None
    finished_on: date | None = None
    check_ins: int = 0
    consents: int = 0


class Erasures(Protocol):
    """Requests that wait for a day to come."""

    def schedule(self, worker_id: str, due: date) -> None: ...

    def due(self, day: date) -> list[tuple[date, str]]: ...

    def done(self, worker_id: str, due: date) -> None: ...


class PersonalRecords(Protocol):
    """What else stands under a person: whom they designated."""

    def delete_all(self, person_id: str) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseWorker:
    """POST /v1/erasure-requests, and what the daily run does with requests that are due."""

    now: Callable[[], datetime]
    workers: Workers
    consents: Consents
    check_ins: CheckIns
    referrals: Referrals
    visits: Visits
    vault: Vault
    policies: KeptPolicies
    designations: PersonalRecords
    reported_at: Callable[[str, str | None], datetime | None]
    """When (worker, person) last reported a loss: a report is kept like a policy."""
    erasures: Erasures
    stop: StopApplications

    def request(self, worker_id: str) -> Erasure:
        """Delete what nobody must keep and lock the rest. Repeating it changes nothing more.

        The account is locked first, then everything on its way is stopped: what is insured by then is kept and
        stays visible, and nothing is issued afterwards. Raises ConcurrentChangeError, also when its owner took the
        request back or asked anew meanwhile.
        """
        now = self.now()
        today = china_day(now)
        tomorrow = today + timedelta(days=1)
        self.workers.lock_data(worker_id, now)
        stopped = self.stop(worker_id, StopReason.ERASURE)
        self.erasures.schedule(worker_id, tomorrow)
        return self._erase(worker_id, today, now, tomorrow, stopped)

    def withdraw(self, worker_id: str) -> Erasure:
        """Unlock: the worker wants to be insured again. The scheduled look finds that and goes by it."""
        self.workers.lock_data(worker_id, None)
        return Erasure(ErasureStatus.OPEN)

    def run_due(self) -> int:
        """Delete what has been locked until today, and what a request left of its own day.

        Give how many requests were looked at.
        """
        today = china_day(self.now())
        due = self.erasures.due(today)
        for day, worker_id in due:
            worker = self.workers.get(worker_id)
            if worker.locked_at is not None and worker.erased_at is not None:
                try:  # cover taken out after an unlocking has a later end of its own
                    self._erase(worker_id, today, worker.erased_at)
                except ConcurrentChangeError:
                    pass  # taken back at this moment, or asked anew, which has a day of its own
            elif worker.erased_at is not None:
                until = china_day(worker.erased_at) + timedelta(days=1)
                self._delete_attempts(worker_id, until, self._policies(worker_id), issued=False)
            self.erasures.done(worker_id, day)
        return len(due)

    def _erase(
        self,
        worker_id: str,
        today: date,
        erased_at: datetime,
        finished_on: date | None = None,
        stopped: Sequence[Stopped] = (),
    ) -> Erasure:
        policies = self._policies(worker_id, stopped)
        kept_until = self._kept_until(worker_id, today, policies)
        is_kept = kept_until is not None
        self.visits.unname(worker_id, self.consents.projects_of(worker_id), today)
        check_ins = self._delete_attempts(worker_id, today, policies, issued=not is_kept)
        if kept_until is not None:
            self.erasures.schedule(worker_id, kept_until)
            return Erasure(ErasureStatus.LOCKED, kept_until, finished_on, check_ins)
        consents = self.consents.delete_all(worker_id)
        person_id = self.workers.get(worker_id).person_id
        if person_id is not None:
            self.designations.delete_all(person_id)
        self.workers.forget_identity(worker_id, erased_at)
        if person_id is not None:
            # one that came meanwhile; whoever states one later sees that nobody is known
            self.designations.delete_all(person_id)
        return Erasure(ErasureStatus.DELETED, None, finished_on, check_ins, consents)

    def _delete_attempts(self, worker_id: str, day: date, policies: Iterable[Policy], *, issued: bool) -> int:
        """Attempts and referrals of days before; without a policy they serve nothing any more.

        A referral whose approval was cut off may have its policy and not say so: the policies are asked too.
        """
        became = {policy.check_in_id for policy in policies}
        for referral in self.referrals.list_before(worker_id, day, issued=issued):
            if not issued and referral.referral_id in became:
                continue
            for document in referral.documents:  # the files first: without the item nobody would find them
                self.vault.delete(document)
            self.referrals.delete(referral)
        return self.check_ins.delete_before(worker_id, f"{day:%Y%m%d}", issued=issued)

    def _policies(self, worker_id: str, stopped: Sequence[Stopped] = ()) -> list[Policy]:
        """The newest of the account's person, and what the stop saw, strongly consistent: a policy of this moment is
        in no list yet."""
        person_id = self.workers.get(worker_id).person_id
        kept = [] if person_id is None else self.policies.list_of(person_id)
        return [*kept, *(policy for person in stopped for policy in person.policies)]

    def _kept_until(self, worker_id: str, today: date, policies: Iterable[Policy]) -> date | None:
        """The day after which nothing of the worker need be kept, None when there is no such day to come."""
        person_id = self.workers.get(worker_id).person_id
        ends = [policy.period.end for policy in policies]
        reported_at = self.reported_at(worker_id, person_id)
        if reported_at is not None:
            ends.append(reported_at)
        if not ends:
            return None
        until = _years_after(china_day(max(ends)), RETENTION_YEARS)
        return until if until > today else None


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
