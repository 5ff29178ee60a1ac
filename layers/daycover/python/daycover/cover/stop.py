"""Ending a worker's applications (终止投保申请): before erasure and withdrawal answer, nothing is on its way any more.

The record comes first (the locked account, the withdrawn consent), so that nothing new begins; then a stop takes
the next place of each person's chain, so that whatever was proved before finds it there instead of a free place;
last, what is open is settled. Repeating it stops again and changes nothing else.

An application names its person before anybody has proved them: it may be a colleague, whose cover is their own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.china_time import china_day
from daycover.cover.application import Application
from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus
from daycover.cover.issue import MAX_RACES, PROOF_LIFE, own_of
from daycover.cover.policy import Policies, Policy, PolicyExistsError, Stop, StopReason
from daycover.cover.referral import Referrals
from daycover.errors import ConcurrentChangeError
from daycover.identity.worker import Workers


class Stopped(NamedTuple):
    """A person whom the account applied for, and every policy that came before the stop, may matter now and is the
    account's: taken out on it, or of the person who is proved on it."""

    person_id: str
    policies: list[Policy]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopApplications:
    """Part of `erase.py` and `withdraw.py`."""

    now: Callable[[], datetime]
    workers: Workers
    check_ins: CheckIns
    referrals: Referrals
    policies: Policies

    def __call__(
        self, worker_id: str, reason: StopReason, project_ids: frozenset[str] | None = None
    ) -> list[Stopped]:
        """Stop on these projects, None for all, and give the account's person and whom it applied for.

        Raises ConcurrentChangeError.
        """
        at = self.now()
        check_ins = [c for c in self._check_ins(worker_id, at) if _is_on(c, project_ids)]
        asked = [r for r in self.referrals.of_worker(worker_id) if _is_on(r, project_ids)]
        proved = self.workers.get(worker_id).person_id
        named: dict[str, list[Application]] = {} if proved is None else {proved: []}
        for application in (*check_ins, *asked):
            if at - application.at <= PROOF_LIFE:
                named.setdefault(application.identity.person_id, []).append(application)
        stopped = []
        for person, applications in sorted(named.items()):
            is_proved = person == proved
            before = self._stop(
                person, worker_id, reason, project_ids, applications, is_claimed=not is_proved
            )
            own = [policy for policy in before if is_proved or policy.worker_id == worker_id]
            stopped.append(Stopped(person, own))
        for check_in in check_ins:
            if check_in.is_open:
                self._settle(check_in, reason, stopped)
        return stopped

    def _check_ins(self, worker_id: str, at: datetime) -> Iterable[CheckIn]:
        for day in sorted({china_day(at), china_day(at - PROOF_LIFE)}):
            yield from self.check_ins.of_day(worker_id, f"{day:%Y%m%d}")

    def _stop(
        self,
        person_id: str,
        worker_id: str,
        reason: StopReason,
        project_ids: frozenset[str] | None,
        applications: Sequence[Application],
        *,
        is_claimed: bool,
    ) -> list[Policy]:
        """Take a place of the chain, and give the policies before it.

        `is_claimed`: nobody has proved the person on the account. The applications are all that is known to be on
        its way for them, so no second stop holds more than the first; the chain may be a stranger's.
        """
        asked = [application.at for application in applications]
        for _ in range(MAX_RACES):
            now = self.now()
            chain = self.policies.chain(person_id, now)
            if is_claimed and all(application.stopped_by(chain.stops) for application in applications):
                return chain.policies
            # what stands here was asked for before, whatever its container's clock said
            at = max([now, *asked])
            stop = Stop(
                person_id=person_id,
                sequence=chain.next_sequence,
                worker_id=worker_id,
                reason=reason,
                project_ids=project_ids,
                at=at,
            )
            try:
                self.policies.stop(stop, chain.latest)
            except PolicyExistsError:
                continue
            return chain.policies
        raise ConcurrentChangeError

    def _settle(self, check_in: CheckIn, reason: StopReason, stopped: Iterable[Stopped]) -> None:
        """A policy that came before the stop stands: its check-in must not say that there is none."""
        own = next((own for person in stopped if (own := own_of(person.policies, check_in))), None)
        outcome = (
            {"status": CheckInStatus.FAILED, "failed_reason": reason.value}
            if own is None
            else {"status": CheckInStatus.ISSUED, "policy_no": own.policy_no}
        )
        self.check_ins.settle(check_in.model_copy(update=outcome))


def _is_on(application: Application, project_ids: frozenset[str] | None) -> bool:
    return project_ids is None or application.project_id in project_ids
