"""Payouts, payees and a bank in memory, which counts the money that left, whoever asks.

The stores pass the contract suite of `tests/functional/claims`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from daycover.claims.advance import advance_number
from daycover.claims.claim import (
    Claim,
    ClaimChange,
)
from daycover.claims.lifecycle import ClaimStepClosedError
from daycover.errors import ConcurrentChangeError
from daycover.payouts.beneficiaries import Beneficiaries
from daycover.payouts.identity import (
    PayeeIdentity,
)
from daycover.payouts.payee import STATED_IN, PayeeAccountTakenError
from daycover.payouts.payout import (
    INSURED,
    MOVES,
    Payout,
    PayoutNotFoundError,
    Posting,
    payout_number,
)
from daycover.payouts.transfer import (
    BankAccount,
    Transfer,
    TransferOrder,
    TransferRefusedError,
    TransferState,
    TransferUnknownError,
)
from tests.support.fakes.claims import FakeClaims
from tests.support.fakes.port import FakePort, Steps


class FakePayouts(FakePort):
    """Implements `payouts.payout.Payouts`."""

    def __init__(self, claims: FakeClaims, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._payouts: dict[str, Payout] = {}
        self._notes: dict[str, dict[str, datetime]] = {}
        self.postings: dict[str, Posting] = {}
        self.reversals: dict[str, Posting] = {}

    def get(self, payout_id: str) -> Payout:
        payout = self.find(payout_id)
        if payout is None:
            raise PayoutNotFoundError
        return payout

    def find(self, payout_id: str) -> Payout | None:
        with self.call("payouts.find"):
            return self._payouts.get(payout_id)

    def latest(self, claim_no: str, attempt: int) -> Payout | None:
        return self.find(payout_number(claim_no, attempt))

    def of_advance(self, claim_no: str, number: int, attempt: int) -> Payout | None:
        return self.find(advance_number(claim_no, number, attempt))

    def reserve(self, payout: Payout, change: ClaimChange) -> None:
        with self.call("payouts.reserve"):
            if payout.payout_id in self._payouts:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self._payouts[payout.payout_id] = payout

    def save(self, payout: Payout, before: Payout) -> None:
        with self.call("payouts.save"):
            stored = self._payouts[payout.payout_id]
            if stored.version != before.version or payout.state not in MOVES[stored.state]:
                raise ConcurrentChangeError
            self._payouts[payout.payout_id] = payout

    def post(self, payout: Payout, change: ClaimChange, posting: Posting) -> None:
        with self.call("payouts.post"):
            if payout.payout_id in self.postings:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self.postings[payout.payout_id] = posting

    def bounce(self, payout: Payout, before: Payout, change: ClaimChange, reversal: Posting) -> None:
        with self.call("payouts.bounce"):
            stored = self._payouts[payout.payout_id]
            if stored != before or payout.payout_id in self.reversals:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self._payouts[payout.payout_id] = payout
            self.reversals[payout.payout_id] = reversal

    def note(self, payout_id: str, event_id: str, state: str, at: datetime) -> None:
        with self.call("payouts.note"):
            self._notes.setdefault(payout_id, {}).setdefault(event_id, at)

    def noted_since(self, payout_id: str, at: datetime | None) -> bool:
        with self.call("payouts.noted_since"):
            return any(at is None or noted >= at for noted in self._notes.get(payout_id, {}).values())


class FakeBank(FakePort):
    """Implements `payouts.transfer.Transfers`: one bill per number, whatever happens to the answers."""

    def __init__(
        self, steps: Steps | None = None, first_state: TransferState = TransferState.WAIT_USER_CONFIRM
    ) -> None:
        super().__init__(steps)
        self.bills: dict[str, Transfer] = {}
        self.paid_fen = 0
        self.openids: set[str] = set()
        self.lost_replies: set[str] = set()
        """Calls (`submit`, `find`) whose effect happens and whose answer does not arrive."""
        self.refuses: str | None = None
        self.first_state = first_state
        self.accounts: list[BankAccount | None] = []

    def submit(self, order: TransferOrder) -> Transfer:
        with self.call("bank.submit"):
            bill = self.bills.get(order.out_bill_no)
            if bill is None:
                if self.refuses:
                    raise TransferRefusedError(code=self.refuses)
                self.openids.add(order.openid)
                self.accounts.append(order.account)
                bill = Transfer(
                    out_bill_no=order.out_bill_no,
                    state=self.first_state,
                    amount_fen=order.amount_fen,
                    transfer_bill_no=f"W{order.out_bill_no}",
                    package_info="package",
                )
                self.bills[order.out_bill_no] = bill
            if "submit" in self.lost_replies:
                raise TransferUnknownError
            return bill

    def find(self, out_bill_no: str) -> Transfer | None:
        with self.call("bank.find"):
            if "find" in self.lost_replies:
                raise TransferUnknownError
            return self.bills.get(out_bill_no)

    def finish(self, out_bill_no: str, state: TransferState = TransferState.SUCCESS) -> None:
        """The insured confirms in WeChat (or does not)."""
        bill = self.bills[out_bill_no]
        if bill.state is self.first_state:
            fail = None if state is TransferState.SUCCESS else "OVERDUE_CLOSE"
            self.bills[out_bill_no] = Transfer(
                out_bill_no, state, bill.amount_fen, bill.transfer_bill_no, fail_reason=fail
            )
            if state is TransferState.SUCCESS:
                self.paid_fen += bill.amount_fen or 0

    def return_money(self, out_bill_no: str) -> None:
        """The payee's bank sends settled money back."""
        bill = self.bills[out_bill_no]
        assert bill.state is TransferState.SUCCESS
        self.bills[out_bill_no] = replace(bill, state=TransferState.RETURNED, fail_reason="ACCOUNT_CLOSED")
        self.paid_fen -= bill.amount_fen or 0


class FakeAccounts(FakePort):
    """Implements `payouts.payout.PayeeAccounts`."""

    def __init__(self, claims: FakeClaims, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._accounts: dict[str, BankAccount] = {}
        self.persons: dict[str, str] = {}

    def find(self, claim_no: str) -> BankAccount | None:
        with self.call("accounts.find"):
            return self._accounts.get(claim_no)

    def state(self, claim: Claim, account: BankAccount, account_id: str) -> None:
        with self.call("accounts.state"):
            stored = self._claims.peek(claim.claim_no)
            if stored.status not in STATED_IN or stored.paying_advance is not None:
                raise ClaimStepClosedError(claim_status=stored.status.value)
            if self.persons.setdefault(account_id, claim.policy.person_id) != claim.policy.person_id:
                raise PayeeAccountTakenError
            self._accounts[claim.claim_no] = account


class FakeIdentities(FakePort):
    """Implements `payouts.identity.Identities`."""

    def __init__(self, claims: FakeClaims, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._identities: dict[tuple[str, str], PayeeIdentity] = {}

    def find(self, claim_no: str, payee: str = INSURED) -> PayeeIdentity:
        with self.call("identities.find"):
            empty = PayeeIdentity(claim_no=claim_no, payee=payee)
            return self._identities.get((claim_no, payee), empty)

    def save(self, identity: PayeeIdentity, change: ClaimChange | None = None) -> None:
        with self.call("identities.save"):
            key = (identity.claim_no, identity.payee)
            stored = self._identities.get(key)
            if identity.version != (stored.version if stored else 0) + 1:
                raise ConcurrentChangeError
            if change is not None:
                self._claims.apply(change)
            self._identities[key] = identity


class FakeBeneficiaries(FakePort):
    """Implements `payouts.beneficiaries.BeneficiaryStore`."""

    def __init__(self, claims: FakeClaims, accounts: FakeAccounts, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._persons = accounts.persons
        self._stated: dict[str, Beneficiaries] = {}

    def find(self, claim_no: str) -> Beneficiaries:
        with self.call("beneficiaries.find"):
            return self._stated.get(claim_no, Beneficiaries(claim_no=claim_no))

    def state(self, beneficiaries: Beneficiaries, change: ClaimChange, owners: Mapping[str, str]) -> None:
        with self.call("beneficiaries.state"):
            if any(self._persons.get(account, person) != person for account, person in owners.items()):
                raise PayeeAccountTakenError
            self._put(beneficiaries, change)
            self._persons.update(owners)

    def confirm(self, beneficiaries: Beneficiaries, change: ClaimChange) -> None:
        with self.call("beneficiaries.confirm"):
            self._put(beneficiaries, change)

    def _put(self, beneficiaries: Beneficiaries, change: ClaimChange) -> None:
        stored = self._stated.get(beneficiaries.claim_no)
        if beneficiaries.version != (stored.version if stored else 0) + 1:
            raise ConcurrentChangeError
        self._claims.apply(change)
        self._stated[beneficiaries.claim_no] = beneficiaries


class FakeBooks:
    """Implements `payouts.payout.Book`; remembers each payout in the state in which it was posted."""

    def __init__(self) -> None:
        self.posted: list[Payout] = []

    def __call__(self, payout: Payout, claim: Claim) -> None:
        self.posted.append(payout)
