"""Who looked at a referral, under the referral. They stay when the referral goes: they name nobody but staff."""

from daycover.cover.referral_file import ReferralLook
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredReferralLooks:
    """Implements `cover.referral_file.ReferralLooks`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, look: ReferralLook) -> None:
        """Access: PutItem (REFERRAL#id, LOOK#request#what). Condition: absent. Cost: 1 write unit."""
        item = look.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        what = f"{look.what}-{look.document_id}" if look.document_id else look.what.value
        try:
            self._table.put(Put(keys.referral_look(look.referral_id, look.request_id, what), item))
        except ConditionFailedError:
            return  # the same request, repeated

    def list_of(self, referral_id: str) -> list[ReferralLook]:
        """Access: Query (REFERRAL#id, LOOK#), strong. Cost: 1 read unit per 4 KB, about 15 looks."""
        items = self._table.query_all(*keys.referral_looks(referral_id), strong=True)
        found = (ReferralLook.model_validate(item) for item in items)
        return sorted(found, key=lambda look: look.at, reverse=True)
