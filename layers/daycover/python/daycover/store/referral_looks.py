"""Who looked at a referral, under the referral. They stay when the referral goes: they name nobody but staff."""

from daycover.cover.referral_file import ReferralLook
from daycover.store import keys
from daycover.store.dynamodb import Table
from daycover.store.looks import keep_look, part_of


class StoredReferralLooks:
    """Implements `cover.referral_file.ReferralLooks`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, look: ReferralLook) -> None:
        """Access: PutItem (REFERRAL#id, LOOK#request#what). Condition: absent. Cost: 1 write unit."""
        part = part_of(look.what.value, look.document_id)
        keep_look(self._table, keys.referral_look(look.referral_id, look.request_id, part), look)

    def list_of(self, referral_id: str) -> list[ReferralLook]:
        """Access: Query (REFERRAL#id, LOOK#), strong. Cost: 1 read unit per 4 KB, about 15 looks."""
        items = self._table.query_all(*keys.referral_looks(referral_id), strong=True)
        found = (ReferralLook.model_validate(item) for item in items)
        return sorted(found, key=lambda look: look.at, reverse=True)
