"""Finishing check-ins whose app never came back, from the delayed queue."""

from dataclasses import dataclass

from daycover.cover.check_in import POLL_DELAYS, CheckIn, CheckInNotFoundError, CheckIns, Reminders
from daycover.cover.presence import WHY_BY_ERROR, Visit, Visits, Why
from daycover.cover.prove import REFUSALS, FaceCheckFailedError, ProveCheckIn
from daycover.cover.signals import WeighCheckIn
from daycover.errors import DaycoverError
from daycover.identity.work_card import WorkCardRefusedError

SETTLED: tuple[type[DaycoverError], ...] = (
    *REFUSALS,
    FaceCheckFailedError,
    WorkCardRefusedError,
)
"""Outcomes that asking again cannot change; the check-in says which."""
ISSUED, PENDING = "ISSUED", "PENDING"
SLOW_FACE = 0
"""With this attempt, 45 seconds after the pre-order, a face still awaited is told to the foreman."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteCheckIn:
    """Ask once more; ask later again while the face is still awaited; once it is settled, weigh the evidence.

    Every pre-order sends a message, so every check-in is weighed, whoever got its policy first; and whoever
    stays without one is noted as a visit, with the reason.
    """

    prove_check_in: ProveCheckIn
    reminders: Reminders
    weigh: WeighCheckIn
    check_ins: CheckIns
    visits: Visits

    def __call__(self, worker_id: str, check_in_id: str, attempt: int) -> str:
        """Give `ISSUED`, `PENDING` or the name of what settled it.

        Cost of what was issued by then: 1 read unit, and what weighing takes.
        Raises WorkCardUnavailableError and StoreUnavailableError: the message then comes back by itself.
        """
        try:
            return self._complete(worker_id, check_in_id, attempt)
        except CheckInNotFoundError as unknown:  # also where an erasure came in between
            return type(unknown).__name__

    def _complete(self, worker_id: str, check_in_id: str, attempt: int) -> str:
        check_in = self.check_ins.get(worker_id, check_in_id)
        if check_in.policy_no is not None:  # the app was there, as it is nearly always: nothing to ask
            self.weigh(check_in)
            return ISSUED
        outcome = self._ask(worker_id, check_in_id)
        if outcome == PENDING:
            if attempt + 1 < len(POLL_DELAYS):
                self.reminders.ask_later(worker_id, check_in_id, attempt + 1)
            if attempt == SLOW_FACE:
                self._note(check_in, Why.FACE_PENDING)
            return PENDING
        if outcome in WHY_BY_ERROR:
            self._note(check_in, WHY_BY_ERROR[outcome])
        self.weigh(self.check_ins.get(worker_id, check_in_id))
        return outcome

    def _note(self, check_in: CheckIn, why: Why) -> None:
        """As of the check-in: a scan since then says more. Whoever took their consent back meanwhile has no name."""
        consented = why is not Why.CONSENT_MISSING
        seen = Visit(
            project_id=check_in.project_id,
            worker_id=check_in.worker_id,
            seen_at=check_in.at,
            why=why,
            name=check_in.identity.name if consented else None,
            consented=consented,
        )
        self.visits.record(seen)

    def _ask(self, worker_id: str, check_in_id: str) -> str:
        try:
            issued = self.prove_check_in(worker_id, check_in_id)
        except SETTLED as outcome:
            return type(outcome).__name__
        return PENDING if issued.policy is None else ISSUED
