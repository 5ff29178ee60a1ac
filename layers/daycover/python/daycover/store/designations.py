"""The insured's own designations in the operations table, sealed; every version is an item that never changes."""

import json

from daycover.errors import ConcurrentChangeError
from daycover.payouts.designation import Designation
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Item, Put, Table
from daycover.store.keys import Key
from daycover.wire import Cipher

SCHEMA_VERSION = 1


class StoredDesignations:
    """Implements `payouts.designation.Designations`."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def list_of(self, person_id: str) -> list[Designation]:
        """Access: Query (PERSON#id, DESIGNATION#), strong. Cost: 1 read unit per 4 KB, about 10 versions."""
        items = self._table.query_all(*keys.designations_of(person_id), strong=True)
        return [
            Designation.model_validate(
                item | {"people": json.loads(self._cipher.open(item["sealed"], person_id))}
            )
            for item in items
        ]

    def delete_all(self, person_id: str) -> int:
        """Access: Query (PERSON#id, DESIGNATION#), strong, then a delete each. Condition: present.

        Cost: 1 write unit per KB each.
        """
        items = list(self._table.query_all(*keys.designations_of(person_id), strong=True))
        for item in items:
            self._table.remove(Key(item["pk"], item["sk"]))
        return len(items)

    def add(self, designation: Designation) -> None:
        """Access: PutItem (PERSON#id, DESIGNATION#version). Condition: absent. Cost: 1 write unit per KB."""
        item: Item = designation.model_dump(mode="json", exclude={"people"}, exclude_none=True)
        people = designation.model_dump(mode="json", include={"people"})["people"]
        sealed = self._cipher.seal(json.dumps(people, ensure_ascii=False), designation.person_id)
        key = keys.designation(designation.person_id, designation.version)
        try:
            self._table.put(Put(key, item | {"sealed": sealed, "schema_version": SCHEMA_VERSION}))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error
