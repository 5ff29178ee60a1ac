"""Bank accounts of payees in the operations table, sealed, each kept for one person."""

import json

from daycover.claims.claim import Claim
from daycover.claims.lifecycle import ClaimStepClosedError
from daycover.payouts.payee import STATED_IN, PayeeAccountTakenError
from daycover.payouts.transfer import BankAccount
from daycover.store import keys
from daycover.store.dynamodb import ConditionCheck, ConditionFailedError, Put, Table
from daycover.wire import Cipher

SCHEMA_VERSION = 1
REFUSED = "ConditionalCheckFailed"
STATUS = {"#status": "status"}


class StoredPayeeAccounts:
    """Implements `payouts.payout.PayeeAccounts`."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def find(self, claim_no: str) -> BankAccount | None:
        """Access: GetItem (CLAIM#no, PAYEE), strong. Cost: 1 read unit."""
        item = self._table.get(keys.claim_payee(claim_no), strong=True)
        if item is None:
            return None
        holder, account_no, bank_name = json.loads(self._cipher.open(item["sealed"], claim_no))
        return BankAccount(holder=holder, account_no=account_no, bank_name=bank_name)

    def state(self, claim: Claim, account: BankAccount, account_id: str) -> None:
        """Access: transaction of the claim's check, its account, and the account's person.

        Condition: neither the claim nor an advance on it is being paid; the account is unknown or the same
        person's. The claim is checked in the same transaction, so that no account changes under a payment.
        Cost: 6 write units.
        """
        sealed = json.dumps([account.holder, account.account_no, account.bank_name], ensure_ascii=False)
        states = {f":open{n}": status.value for n, status in enumerate(sorted(STATED_IN))}
        person = {":person": claim.policy.person_id}
        unpaid = f"#status IN ({', '.join(states)}) AND money_under_way = :no"
        item = {"claim_no": claim.claim_no, "sealed": self._cipher.seal(sealed, claim.claim_no)}
        try:
            self._table.write(
                ConditionCheck(keys.claim(claim.claim_no), unpaid, states | {":no": False}, STATUS),
                Put(
                    keys.claim_payee(claim.claim_no),
                    item | {"schema_version": SCHEMA_VERSION},
                    condition="attribute_not_exists(pk) OR claim_no = :claim_no",
                    values={":claim_no": claim.claim_no},
                ),
                Put(
                    keys.bank_account(account_id),
                    {"person_id": claim.policy.person_id, "schema_version": SCHEMA_VERSION},
                    condition="attribute_not_exists(pk) OR person_id = :person",
                    values=person,
                ),
            )
        except ConditionFailedError as error:
            if error.reasons[0] == REFUSED:
                raise ClaimStepClosedError(claim_status="PAYING") from error
            raise PayeeAccountTakenError from error
