"""Referrals of occupations: one item under the company, and an entry in the staff's queue while it waits."""

from typing import Any

from daycover.cover.occupation_referral import LISTED, OccupationReferral
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Delete, Put, Table, Update
from daycover.store.keys import Key

SCHEMA_VERSION = 1
QUEUE = "OCCUPATION"


class StoredOccupationReferrals:
    """Implements `cover.occupation_referral.OccupationReferrals`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, referral: OccupationReferral) -> None:
        """Access: TransactWriteItems of item and queue entry. Condition: absent. Cost: 4 write units (2 KB: 6)."""
        item = referral.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        queued = {
            "company_id": referral.company_id,
            "referral_id": referral.referral_id,
            "schema_version": SCHEMA_VERSION,
        }
        try:
            self._table.write(Put(_key(referral), item), Put(_queued(referral), queued))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def find(self, company_id: str, referral_id: str) -> OccupationReferral | None:
        """Access: GetItem (COMPANY#id, WORK#id), strong. Cost: 1 read unit."""
        item = self._table.get(keys.occupation_referral(company_id, referral_id), strong=True)
        return None if item is None else OccupationReferral.model_validate(item)

    def latest(self, company_id: str, work_id: str) -> OccupationReferral | None:
        """Access: Query (COMPANY#id, WORK#work), newest 1, strong. Cost: 1 read unit."""
        prefix = keys.occupation_referral(company_id, work_id)
        page = self._table.query(*prefix, limit=1, newest_first=True, strong=True)
        return OccupationReferral.model_validate(page.items[0]) if page.items else None

    def of_company(self, company_id: str) -> list[OccupationReferral]:
        """Access: Query (COMPANY#id, WORK#). Cost: 0.5 read units per 4 KB, about 4 referrals."""
        found = map(
            OccupationReferral.model_validate,
            self._table.query_all(*keys.occupation_referral(company_id, "")),
        )
        return sorted(found, key=lambda referral: (referral.asked_at, referral.referral_id), reverse=True)

    def waiting(self) -> list[OccupationReferral]:
        """Access: Query (STAFF#OCCUPATION), first due 50, then BatchGetItem, strong. Cost: 1 read unit each."""
        page = self._table.query(keys.staff_queue(QUEUE), limit=LISTED, strong=True)
        wanted = [keys.occupation_referral(item["company_id"], item["referral_id"]) for item in page.items]
        found = self._table.get_many(wanted, strong=True)
        referrals = [OccupationReferral.model_validate(found[key]) for key in wanted if key in found]
        return [referral for referral in referrals if referral.answer is None]

    def answer(self, referral: OccupationReferral) -> None:
        """Access: TransactWriteItems of item and queue entry. Condition: not answered. Cost: 4 write units."""
        assert referral.answer is not None
        answered: dict[str, Any] = {":answer": referral.answer.model_dump(mode="json", exclude_none=True)}
        try:
            self._table.write(
                Update(
                    _key(referral),
                    "SET answer = :answer",
                    answered,
                    condition="attribute_exists(pk) AND attribute_not_exists(answer)",
                ),
                Delete(_queued(referral)),
            )
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error


def _key(referral: OccupationReferral) -> Key:
    return keys.occupation_referral(referral.company_id, referral.referral_id)


def _queued(referral: OccupationReferral) -> Key:
    number = f"{referral.company_id}#{referral.referral_id}"
    return keys.staff_entry(QUEUE, f"{referral.due_at:%Y-%m-%dT%H:%M:%S}Z", number)
