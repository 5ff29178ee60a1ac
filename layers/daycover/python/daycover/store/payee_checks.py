"""The payee checks of an account's day, on its profile: a check-in reads that anyway and pays nothing for them."""

from daycover.identity.worker import PayeeChecks
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Table, Update

DAY = {"#day": "day"}


class StoredPayeeChecks:
    """Implements `identity.worker.PayeeCheckNotes`. An item of the day before gives way to one of today."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, worker_id: str, day: str, number: str, reason: str) -> None:
        """Access: UpdateItem (WORKER#id, PROFILE). Condition: the day stands there; else a second, which begins it.

        Cost: 1 write unit, 2 for the first of a day.
        """
        for _ in range(2):  # the second time where a parallel check began the day
            if self._set(worker_id, day, number, reason):
                return
            if self._begin(worker_id, PayeeChecks(day=day, checks={number: reason})):
                return

    def forget(self, worker_id: str, day: str, number: str) -> None:
        """Access: UpdateItem (WORKER#id, PROFILE). Condition: the day stands there. Cost: 1 write unit."""
        self._update(
            worker_id,
            "REMOVE payee_checks.checks.#number",
            {":day": day},
            "payee_checks.#day = :day",
            DAY | {"#number": number},
        )

    def _set(self, worker_id: str, day: str, number: str, reason: str) -> bool:
        return self._update(
            worker_id,
            "SET payee_checks.checks.#number = :reason",
            {":day": day, ":reason": reason},
            "payee_checks.#day = :day",
            DAY | {"#number": number},
        )

    def _begin(self, worker_id: str, checks: PayeeChecks) -> bool:
        return self._update(
            worker_id,
            "SET payee_checks = :checks",
            {":checks": checks.model_dump(), ":day": checks.day},
            "attribute_exists(pk) AND (attribute_not_exists(payee_checks) OR payee_checks.#day < :day)",
            DAY,
        )

    def _update(
        self,
        worker_id: str,
        expression: str,
        values: dict[str, object],
        condition: str,
        names: dict[str, str],
    ) -> bool:
        try:
            self._table.update(Update(keys.worker(worker_id), expression, values, condition, names))
        except ConditionFailedError:
            return False
        return True
