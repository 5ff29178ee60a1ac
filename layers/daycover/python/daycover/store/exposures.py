"""The exposures of policies in the operations table, one item each."""

from collections.abc import Iterable

from daycover.claims.exposure import ExposureChange, PolicyExposure
from daycover.store import keys
from daycover.store.dynamodb import Put, Table, Write, put_after

SCHEMA_VERSION = 1


class StoredExposures:
    """Implements `claims.exposure.Exposures`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, policy_nos: Iterable[str]) -> dict[str, PolicyExposure]:
        """Access: BatchGetItem (EXPOSURE#policy, EXPOSURE) by 100, strong. Cost: 1 read unit each."""
        wanted = {policy_no: keys.exposure(policy_no) for policy_no in policy_nos}
        found = self._table.get_many(wanted.values(), strong=True)
        return {
            number: PolicyExposure.model_validate(found[key])
            if key in found
            else PolicyExposure(policy_no=number)
            for number, key in wanted.items()
        }


def exposure_writes(change: ExposureChange | None) -> list[Write]:
    """Give the writes that move an exposure, for the transaction of the claim that moves it.

    Condition: each stands as it was read. Cost: 2 write units for each (item <= 1 KB: about 12 bills).
    """
    if change is None:
        return []
    moved = [(change.before, change.after)]
    moved += [(b, b.model_copy(update={"version": b.version + 1})) for b in change.beside]
    return [_put(before, after) for before, after in moved]


def _put(before: PolicyExposure, after: PolicyExposure) -> Put:
    item = after.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
    key = keys.exposure(after.policy_no)
    return put_after(before.version, key, item)
