"""The public keys of certificates: written once, never changed, never deleted."""

from daycover.cover.certificate import PublicKey
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredCertificateKeys:
    """Implements `cover.certificate.CertificateKeys`. Keys never change: a container asks for each once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[str, PublicKey] = {}

    def find(self, key_id: str) -> PublicKey | None:
        """Access: GetItem (CERTIFICATE_KEYS, KEY#id), strong, once per container. Cost: 1 read unit."""
        if key_id not in self._known:
            item = self._table.get(keys.certificate_key(key_id), strong=True)
            if item is None:
                return None
            self._known[key_id] = PublicKey.model_validate(item)
        return self._known[key_id]

    def list_all(self) -> list[PublicKey]:
        """Access: Query (CERTIFICATE_KEYS, KEY#). Cost: 0.5 read units for some 30 keys."""
        return [PublicKey.model_validate(item) for item in self._table.query_all(*keys.certificate_keys())]

    def publish(self, key: PublicKey) -> None:
        """Access: GetItem, and PutItem only for a new key. Condition: absent. Cost: 1 read unit.

        Reading first keeps a rush of new containers from writing to one item.
        """
        if self.find(key.key_id) is not None:
            return
        item = key.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.certificate_key(key.key_id), item))
        except ConditionFailedError:
            pass  # another container published the same key: the id is made of it
