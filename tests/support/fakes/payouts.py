"""Payouts, payees and a bank in memory, which counts the money that left, whoever asks.

The stores pass the contract suite of `tests/functional/claims`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from daycover.books.payouts import entries_of_payout
from daycover.claims.claim import (
    Claim,
    ClaimChange,
)
from daycover.claims.lifecycle import ClaimStepClosedError
from daycover.claims.obligation import INSURED
from daycover.errors import ConcurrentChangeError
from daycover.payouts.beneficiary import Beneficiaries
from daycover.payouts.designation import Designation
from daycover.payouts.identity import (
    PayeeIdentity,
)
from daycover.payouts.payee import STATED_IN, PayeeAccountTakenError
from daycover.payouts.payout import (
    MOVES,
    Payout,
    PayoutNotFoundError,
)
from daycover.payouts.transfer import (
    BankAccount,
    Transfer,
    TransferOrder,
    TransferPostponedError,
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

    def get(self, payout_id: str) -> Payout:
        payout = self.find(payout_id)
        if payout is None:
            raise PayoutNotFoundError
        return payout

    def find(self, payout_id: str) -> Payout | None:
        with self.call("payouts.find"):
            return self._payouts.get(payout_id)

    def reserve(self, payout: Payout, change: ClaimChange) -> None:
        with self.call("payouts.reserve"):
            if payout.payout_id in self._payouts:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self._write(payout)

    def save(self, payout: Payout, before: Payout) -> None:
        with self.call("payouts.save"):
            stored = self._payouts[payout.payout_id]
            if stored.version != before.version or payout.state not in MOVES[stored.state]:
                raise ConcurrentChangeError
            self._write(payout)

    def bounce(self, payout: Payout, before: Payout, change: ClaimChange) -> None:
        with self.call("payouts.bounce"):
            if self._payouts[payout.payout_id] != before:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self._write(payout)

    def all(self) -> list[Payout]:
        """Every payout that there is, for a test."""
        return list(self._payouts.values())

    def _write(self, payout: Payout) -> None:
        self._claims.books.append(entries_of_payout(payout))
        self._payouts[payout.payout_id] = payout

    def note(self, payout_id: str, event_id: str, state: str, at: datetime) -> None:
        with self.call("payouts.note"):
            self._notes.setdefault(payout_id, {}).setdefault(event_id, at)

    def noted_since(self, payout_id: str, at: datetime | None) -> bool:
        with self.call("payouts.noted_since"):
            return any(at is None or noted >= at for noted in self._notes.get(payout_id, {}).values())


SLOW = (TransferState.ACCEPTED, TransferState.PROCESSING)
"""The states through which WeChat may lead a bill before it waits for the user."""


class FakeTransfers(FakePort):
    """Implements `payouts.transfer.Transfers` as WeChat does: one bill per number, whatever happens to answers.

    A package comes from `submit` alone, once the bill waits for the user, and another one each time.
    """

    waits_as = TransferState.WAIT_USER_CONFIRM
    postpones = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"})
    leaves_open = frozenset({"SYSTEM_ERROR"})

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.bills: dict[str, Transfer] = {}
        self.packages: dict[str, list[str]] = {}
        """Every package of a bill, also those whose answer was lost; each opens the confirmation."""
        self.paid_fen = 0
        self.openids: set[str] = set()
        self.accounts: list[BankAccount | None] = []
        self.lost_replies: set[str] = set()
        """Calls (`submit`, `find`, `cancel`) whose effect happens and whose answer does not arrive."""
        self.refuses: str | None = None
        """The code with which submissions are answered until further notice, without effect."""
        self.slow: tuple[TransferState, ...] = ()
        """What new bills go through before they wait, as in `SLOW`.

        ACCEPTED ends when the same number is submitted again, PROCESSING at the next call of either kind.
        """
        self._refused_next: list[str] = []
        self._ahead: dict[str, list[TransferState]] = {}
        self._orders: dict[str, TransferOrder] = {}

    def submit(self, order: TransferOrder) -> Transfer:
        with self.call("bank.submit"):
            number = order.out_bill_no
            code = self._refused_next.pop(0) if self._refused_next else self.refuses
            if code is not None:
                return self._refused(number, code)
            if number not in self.bills:
                self._open(order)
            elif not _alike(order, self._orders.get(number, order)):
                return self._refused(number, "INVALID_REQUEST")
            else:
                self._go_on(number, again=True)
            bill = self._answered(self.bills[number])
            self._lose_reply("submit")
            return bill

    def find(self, out_bill_no: str) -> Transfer | None:
        with self.call("bank.find"):
            self._go_on(out_bill_no, again=False)
            self._lose_reply("find")
            return self.bills.get(out_bill_no)

    def cancel(self, out_bill_no: str) -> Transfer | None:
        with self.call("bank.cancel"):
            bill = self.bills.get(out_bill_no)
            if bill is not None and bill.state in {*SLOW, self.waits_as}:
                bill = self.bills[out_bill_no] = replace(bill, state=TransferState.CANCELING)
            self._lose_reply("cancel")
            taken_back = {TransferState.CANCELING, TransferState.CANCELLED}
            if bill is None or bill.state not in taken_back:
                return bill  # WeChat refuses, and the query says what the bill is
            return replace(bill, amount_fen=None, fail_reason=None)

    def refuse_next(self, code: str, times: int = 1) -> None:
        """Answer the next submissions with this code, without effect (NOT_ENOUGH, SYSTEM_ERROR, NO_AUTH, …)."""
        self._refused_next += [code] * times

    def finish(self, out_bill_no: str, state: TransferState = TransferState.SUCCESS) -> None:
        """The insured confirms in WeChat, which only a bill that waits allows, or the bill ends otherwise."""
        bill = self.bills[out_bill_no]
        waits = bill.state is self.waits_as
        if waits or (bill.state in SLOW and state is not TransferState.SUCCESS):
            fail = None if state is TransferState.SUCCESS else "OVERDUE_CLOSE"
            self.bills[out_bill_no] = replace(bill, state=state, fail_reason=fail)
            if state is TransferState.SUCCESS:
                self.paid_fen += bill.amount_fen or 0

    def return_money(self, out_bill_no: str) -> None:
        """The payee's bank sends settled money back."""
        bill = self.bills[out_bill_no]
        assert bill.state is TransferState.SUCCESS
        self.bills[out_bill_no] = replace(bill, state=TransferState.RETURNED, fail_reason="ACCOUNT_CLOSED")
        self.paid_fen -= bill.amount_fen or 0

    def _open(self, order: TransferOrder) -> None:
        number = order.out_bill_no
        self.openids.add(order.openid)
        self.accounts.append(order.account)
        self._orders[number] = order
        first, *self._ahead[number] = *self.slow, self.waits_as
        self.bills[number] = Transfer(
            out_bill_no=number, state=first, amount_fen=order.amount_fen, transfer_bill_no=f"W{number}"
        )

    def _go_on(self, number: str, *, again: bool) -> None:
        """Let time pass for a bill: `again` when its number is submitted again."""
        bill = self.bills.get(number)
        if bill is None:
            return
        if bill.state is TransferState.CANCELING:
            closed = replace(bill, state=TransferState.CANCELLED, fail_reason="MCH_CANCEL")
            self.bills[number] = closed
        elif bill.state in SLOW and self._ahead.get(number) and (again or bill.state is not SLOW[0]):
            self.bills[number] = replace(bill, state=self._ahead[number].pop(0))

    def _answered(self, bill: Transfer) -> Transfer:
        """Give the answer to a submission: no amount, and a new package while the user must confirm."""
        if bill.state is not self.waits_as:
            return replace(bill, amount_fen=None)
        given = self.packages.setdefault(bill.out_bill_no, [])
        given.append(f"package-{len(given) + 1}" if given else "package")
        return replace(bill, amount_fen=None, package_info=given[-1])

    def _refused(self, number: str, code: str) -> Transfer:
        if code in self.postpones:
            raise TransferPostponedError(code=code)
        if code in self.leaves_open:
            raise TransferUnknownError(code=code)
        self._lose_reply("find", code)
        if number not in self.bills:
            raise TransferRefusedError(code=code)
        return self.bills[number]

    def _lose_reply(self, call: str, code: str | None = None) -> None:
        if call in self.lost_replies:
            raise TransferUnknownError(code=code) if code is not None else TransferUnknownError()


class FakeBank(FakeTransfers):
    """Implements `payouts.transfer.Transfers` as the bank does: nobody confirms, and nothing is recalled."""

    waits_as = TransferState.PROCESSING
    postpones = frozenset()

    def cancel(self, out_bill_no: str) -> Transfer | None:
        return self.find(out_bill_no)

    def _answered(self, bill: Transfer) -> Transfer:
        return bill


def _alike(order: TransferOrder, known: TransferOrder) -> bool:
    """WeChat and the bank refuse another order under a known number."""
    return replace(order, name=known.name) == known


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
            if stored.status not in STATED_IN or stored.money_under_way:
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


class FakeDesignations(FakePort):
    """Implements `payouts.designation.Designations`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._versions: dict[str, list[Designation]] = {}

    def list_of(self, person_id: str) -> list[Designation]:
        with self.call("designations.list_of"):
            return list(self._versions.get(person_id, ()))

    def add(self, designation: Designation) -> None:
        with self.call("designations.add"):
            versions = self._versions.setdefault(designation.person_id, [])
            if any(known.version == designation.version for known in versions):
                raise ConcurrentChangeError
            versions.append(designation)

    def delete_all(self, person_id: str) -> int:
        with self.call("designations.delete_all"):
            return len(self._versions.pop(person_id, ()))
