"""What became of the notices to workers, and WeChat's access token, in the operations table."""

from datetime import UTC, datetime
from typing import NamedTuple

from daycover.claims.inform import Delivery
from daycover.store import keys
from daycover.store.dynamodb import ABSENT, ConditionFailedError, Put, Table
from daycover.wire import Cipher

SCHEMA_VERSION = 1


class StoredDeliveries:
    """Implements `claims.inform.Deliveries`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, claim_no: str, version: int) -> Delivery | None:
        """Access: GetItem (CLAIM#no, DELIVERY#version), strong. Cost: 1 read unit."""
        item = self._table.get(keys.claim_delivery(claim_no, version), strong=True)
        return Delivery(item["delivery"]) if item else None

    def add(self, claim_no: str, version: int, delivery: Delivery, at: datetime) -> None:
        """Access: PutItem (CLAIM#no, DELIVERY#version). Condition: absent. Cost: 1 write unit."""
        item = {"delivery": delivery.value, "delivered_at": at.isoformat(), "schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.claim_delivery(claim_no, version), item))
        except ConditionFailedError:
            return  # told twice at the same moment; the first stands


class KeptToken(NamedTuple):
    token: str
    ends_at: datetime


class StoredAccessToken:
    """Implements `wechat.subscribe.AccessTokenCache`: one token of one mini program, sealed."""

    def __init__(self, table: Table, cipher: Cipher, appid: str) -> None:
        self._table = table
        self._cipher = cipher
        self._appid = appid

    def find(self) -> KeptToken | None:
        """Access: GetItem (MINI_PROGRAM#appid, ACCESS_TOKEN). Cost: 0.5 read units."""
        item = self._table.get(keys.access_token(self._appid))
        if item is None:
            return None
        token = self._cipher.open(item["sealed"], self._appid)
        return KeptToken(token, datetime.fromisoformat(item["ends_at"]))

    def keep(self, token: tuple[str, datetime]) -> None:
        """Access: PutItem. Condition: absent, or one that ends no later. Cost: 2 write units (1-2 KB)."""
        text, ends_at = token
        ends = ends_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        item = {
            "sealed": self._cipher.seal(text, self._appid),
            "ends_at": ends,
            "schema_version": SCHEMA_VERSION,
        }
        try:
            self._table.put(
                Put(
                    keys.access_token(self._appid),
                    item,
                    condition=f"{ABSENT} OR ends_at <= :ends",
                    values={":ends": ends},
                )
            )
        except ConditionFailedError:
            return  # somebody has kept a newer one
