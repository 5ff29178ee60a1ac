"""Beneficiaries of death claims in the operations table, sealed."""

import json
from collections.abc import Mapping

from daycover.claims.claim import ClaimChange
from daycover.errors import ConcurrentChangeError
from daycover.payouts.beneficiary import Beneficiaries
from daycover.payouts.payee import PayeeAccountTakenError
from daycover.store import keys
from daycover.store.claims import StoredClaims
from daycover.store.dynamodb import ConditionFailedError, Item, Put, Table, put_after
from daycover.wire import Cipher

SCHEMA_VERSION = 1
REFUSED = "ConditionalCheckFailed"


class StoredBeneficiaries:
    """Implements `payouts.beneficiaries.BeneficiaryStore`."""

    def __init__(self, table: Table, claims: StoredClaims, cipher: Cipher) -> None:
        self._table = table
        self._claims = claims
        self._cipher = cipher

    def find(self, claim_no: str) -> Beneficiaries:
        """Access: GetItem (CLAIM#no, BENEFICIARIES), strong. Cost: 1 read unit."""
        item = self._table.get(keys.claim_beneficiaries(claim_no), strong=True)
        if item is None:
            return Beneficiaries(claim_no=claim_no)
        people = json.loads(self._cipher.open(item["sealed"], claim_no))
        reason = self._cipher.open(item["sealed_reason"], claim_no) if "sealed_reason" in item else None
        return Beneficiaries.model_validate(item | {"people": people, "departs_because": reason})

    def state(self, beneficiaries: Beneficiaries, change: ClaimChange, owners: Mapping[str, str]) -> None:
        """Access: transaction of the statement, each account's person, the claim and its history line.

        Condition: the version before; accounts unknown or the same person's; the claim as it was read.
        Cost: about 16 write units, and 2 for each account.
        """
        accounts = [
            Put(
                keys.bank_account(account_id),
                {"person_id": person_id, "schema_version": SCHEMA_VERSION},
                condition="attribute_not_exists(pk) OR person_id = :person",
                values={":person": person_id},
            )
            for account_id, person_id in owners.items()
        ]
        try:
            self._table.write(*accounts, self._put(beneficiaries), *self._claims.writes(change))
        except ConditionFailedError as error:
            if REFUSED in error.reasons[: len(accounts)]:
                raise PayeeAccountTakenError from error
            raise ConcurrentChangeError from error

    def confirm(self, beneficiaries: Beneficiaries, change: ClaimChange) -> None:
        """Access: transaction of the statement, the claim and its history line. Cost: about 16 write units."""
        try:
            self._table.write(self._put(beneficiaries), *self._claims.writes(change))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def _put(self, beneficiaries: Beneficiaries) -> Put:
        item: Item = beneficiaries.model_dump(
            mode="json", exclude={"people", "departs_because"}, exclude_none=True
        )
        people = beneficiaries.model_dump(mode="json", include={"people"})["people"]
        sealed = self._cipher.seal(json.dumps(people, ensure_ascii=False), beneficiaries.claim_no)
        if (reason := beneficiaries.departs_because) is not None:
            item["sealed_reason"] = self._cipher.seal(reason, beneficiaries.claim_no)
        item |= {"sealed": sealed, "schema_version": SCHEMA_VERSION}
        return put_after(beneficiaries.version - 1, keys.claim_beneficiaries(beneficiaries.claim_no), item)
