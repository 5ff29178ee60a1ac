"""What is known of payees' identities, in the operations table. Launch tokens stand sealed."""

from typing import Any

from daycover.claims.claim import ClaimChange
from daycover.claims.obligation import INSURED
from daycover.errors import ConcurrentChangeError
from daycover.payouts.identity import PayeeIdentity
from daycover.store import keys
from daycover.store.claims import StoredClaims
from daycover.store.dynamodb import ConditionFailedError, Item, Table, Write, put_after
from daycover.wire import Cipher

SCHEMA_VERSION = 1


class StoredIdentities:
    """Implements `payouts.identity.Identities`."""

    def __init__(self, table: Table, claims: StoredClaims, cipher: Cipher) -> None:
        self._table = table
        self._claims = claims
        self._cipher = cipher

    def find(self, claim_no: str, payee: str = INSURED) -> PayeeIdentity:
        """Access: GetItem (CLAIM#no, IDENTITY#payee), strong. Cost: 1 read unit."""
        item = self._table.get(keys.payee_identity(claim_no, payee), strong=True)
        return self._read(item) if item else PayeeIdentity(claim_no=claim_no, payee=payee)

    def save(self, identity: PayeeIdentity, change: ClaimChange | None = None) -> None:
        """Access: transaction of the identity and, with a change, the claim and its history line.

        Condition: the version before, absent for the first; the claim as it was read. Cost: 4 write units
        (1-2 KB), about 16 with a change.
        """
        key = keys.payee_identity(identity.claim_no, identity.payee)
        put = put_after(identity.version - 1, key, self._item(identity))
        beside: list[Write] = self._claims.writes(change) if change is not None else []
        try:
            self._table.write(put, *beside)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def _item(self, identity: PayeeIdentity) -> Item:
        item: Item = identity.model_dump(mode="json", exclude_none=True)
        for check in item["checks"]:
            if "token" in check:
                check["token_sealed"] = self._cipher.seal(check.pop("token"), identity.claim_no)
        return item | {"schema_version": SCHEMA_VERSION}

    def _read(self, item: Item) -> PayeeIdentity:
        checks = [self._read_check(check, item["claim_no"]) for check in item["checks"]]
        return PayeeIdentity.model_validate(item | {"checks": checks})

    def _read_check(self, check: Item, claim_no: str) -> dict[str, Any]:
        sealed = check.get("token_sealed")
        return check | {"token": self._cipher.open(sealed, claim_no) if sealed else None}
