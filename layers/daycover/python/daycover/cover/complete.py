"""Finishing check-ins whose app never came back, from the delayed queue."""

from daycover.cover.check_in import POLL_DELAYS, CheckInNotFoundError, Reminders
from daycover.cover.issue import (
    CheckInExpiredError,
    ConsentWithdrawnError,
    FaceCheckFailedError,
    IssuePolicy,
    NameMismatchError,
    SumInsuredLimitError,
)
from daycover.cover.signals import WeighCheckIn
from daycover.identity.work_card import WorkCardRefusedError

SETTLED = (
    CheckInExpiredError,
    CheckInNotFoundError,
    ConsentWithdrawnError,
    FaceCheckFailedError,
    NameMismatchError,
    SumInsuredLimitError,
    WorkCardRefusedError,
)
"""Outcomes that asking again cannot change; the check-in says which."""
PENDING = "PENDING"


class CompleteCheckIn:
    """Ask once more; ask later again while the face is still awaited; once it is settled, weigh the evidence.

    Every pre-order sends a message, so every check-in is weighed, whoever got its policy first.
    """

    def __init__(self, issue_policy: IssuePolicy, reminders: Reminders, weigh: WeighCheckIn) -> None:
        self._issue_policy = issue_policy
        self._reminders = reminders
        self._weigh = weigh

    def __call__(self, worker_id: str, check_in_id: str, attempt: int) -> str:
        """Give `ISSUED`, `PENDING` or the name of what settled it.

        Raises WorkCardUnavailableError and StoreUnavailableError: the message then comes back by itself.
        """
        outcome = self._ask(worker_id, check_in_id)
        if outcome == PENDING:
            if attempt + 1 < len(POLL_DELAYS):
                self._reminders.ask_later(worker_id, check_in_id, attempt + 1)
        elif outcome != CheckInNotFoundError.__name__:
            self._weigh(worker_id, check_in_id)
        return outcome

    def _ask(self, worker_id: str, check_in_id: str) -> str:
        try:
            issued = self._issue_policy(worker_id, check_in_id)
        except SETTLED as outcome:
            return type(outcome).__name__
        return PENDING if issued.policy is None else "ISSUED"
