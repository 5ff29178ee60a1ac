"""Finishing check-ins whose app never came back, from the delayed queue."""

from daycover.cover.check_in import POLL_DELAYS, CheckInNotFoundError, Reminders
from daycover.cover.issue import (
    CheckInExpiredError,
    FaceCheckFailedError,
    IssuePolicy,
    NameMismatchError,
    SumInsuredLimitError,
)
from daycover.identity.work_card import WorkCardRefusedError

SETTLED = (
    CheckInExpiredError,
    CheckInNotFoundError,
    FaceCheckFailedError,
    NameMismatchError,
    SumInsuredLimitError,
    WorkCardRefusedError,
)
"""Outcomes that asking again cannot change; the check-in says which."""


class CompleteCheckIn:
    """Ask once more; ask later again while the face is still awaited."""

    def __init__(self, issue_policy: IssuePolicy, reminders: Reminders) -> None:
        self._issue_policy = issue_policy
        self._reminders = reminders

    def __call__(self, worker_id: str, check_in_id: str, attempt: int) -> str:
        """Give `ISSUED`, `PENDING` or the name of what settled it.

        Raises WorkCardUnavailableError and StoreUnavailableError: the message then comes back by itself.
        """
        try:
            issued = self._issue_policy(worker_id, check_in_id)
        except SETTLED as outcome:
            return type(outcome).__name__
        if issued.policy is not None:
            return "ISSUED"
        if attempt + 1 < len(POLL_DELAYS):
            self._reminders.ask_later(worker_id, check_in_id, attempt + 1)
        return "PENDING"
