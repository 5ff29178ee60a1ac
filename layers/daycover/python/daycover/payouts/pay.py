"""Pay an agreed claim: reserve, submit, confirm, post, and bounce. Every step may be repeated or cut off.

The order makes it safe: the intent is stored before the call, the call carries the number of the intent,
and an answer that was lost is asked for under the same number, never sent again under another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from daycover.claims.claim import Claim, ClaimChange, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.claims.steps import Tokens, Waits, WaitStep, Workflows
from daycover.identity.worker import Workers
from daycover.payouts.beneficiaries import (
    BENEFICIARY_MISSING,
    Beneficiary,
    BeneficiaryStore,
    by_id,
    payouts_of_shares,
    share_mark,
    split,
)
from daycover.payouts.identity import IDENTITY_REQUIRED, Identities, needs_check
from daycover.payouts.pay_advance import ADVANCE_PENDING, PayAdvance
from daycover.payouts.payout import (
    INSURED,
    Books,
    ClaimNotPayableError,
    PayeeAccounts,
    PayeeUnknownError,
    Payout,
    Payouts,
    PayoutState,
    Reserved,
    payout_number,
    posting_of,
    reversal_of,
)
from daycover.payouts.transfer import (
    BankAccount,
    Channel,
    Transfer,
    TransferOrder,
    TransferRefusedError,
    Transfers,
    TransferState,
    TransferUnknownError,
    channel_for,
)

CONFIRMATION = "confirmation"
ASKABLE = timedelta(days=29)
"""WeChat answers questions about a bill for 30 days; after that "not known" no longer means "not paid"."""
REMARK = "日结保理赔款"
PAYEE_MISSING = "PAYOUT_PAYEE_MISSING"
PAYOUT_BOUNCED = "PAYOUT_BOUNCED"
"""Why finance, and with it the worker, must look at a claim (`Claim.attention`)."""
RETURNED = "RETURNED"
PAYABLE = frozenset({ClaimStatus.AGREED, ClaimStatus.PAYING})


@dataclass(frozen=True, slots=True, kw_only=True)
class PayClaim:
    claims: Claims
    payouts: Payouts
    transfers: Callable[[Channel], Transfers]
    payees: Workers
    accounts: PayeeAccounts
    identities: Identities
    heirs: BeneficiaryStore
    wallet_limit_fen: int
    tokens: Tokens
    waits: Waits
    workflows: Workflows
    books: Books
    now: Callable[[], datetime]

    @property
    def _advances(self) -> PayAdvance:
        return PayAdvance(
            claims=self.claims,
            payouts=self.payouts,
            accounts=self.accounts,
            wallet_limit_fen=self.wallet_limit_fen,
            books=self.books,
            now=self.now,
        )

    def trigger(self, claim_no: str, advance: int | None = None) -> str:
        """Start the Payout workflow for a claim or an advance, as finance staff; gives the execution's ARN.

        The name holds both versions, so a double click is one execution and a later click another.
        Raises ClaimNotFoundError, AdvanceNotFoundError, ClaimNotPayableError.
        """
        claim = self.claims.get(claim_no)
        if advance is not None:
            found = self._advances.trigger(claim, advance)
            name = f"{found.payout_id}-{found.version}-{claim.version}"
            return self.workflows.start_payout(claim_no, name, advance=advance)
        if claim.status not in PAYABLE:
            raise ClaimNotPayableError(claim_status=claim.status.value)
        payout = self.payouts.find(payout_number(claim_no, claim.payout_attempt))
        state = f"{payout.payout_id}-{payout.version}" if payout else f"{payout_number(claim_no, 1)}-0"
        return self.workflows.start_payout(claim_no, f"{state}-{claim.version}")

    def trigger_again(self, payout_id: str) -> str:
        """Start the Payout workflow of this payout anew. Raises PayoutNotFoundError and as `trigger`."""
        payout = self.payouts.get(payout_id)
        return self.trigger(payout.claim_no, payout.advance)

    @repeated_on_conflict
    def reserve(self, claim_no: str, *, advance: int | None = None, payee: str = INSURED) -> Reserved:
        """Store the intent to pay a claim or an advance, or find the attempt that is not definitely over.

        A death claim is paid by an execution for each beneficiary (`payee`), which the first call starts.
        Raises ClaimNotFoundError, AdvanceNotFoundError, ConcurrentChangeError.
        """
        if advance is not None:
            return self._advances.reserve(claim_no, advance)
        claim = self.claims.get(claim_no)
        payout = self.payouts.find(payout_number(claim_no, claim.payout_attempt))
        if claim.status in {ClaimStatus.PAID, ClaimStatus.CLOSED} and claim.paid_at is not None:
            return Reserved("ALREADY_PAID", payout.payout_id if payout else None)
        if claim.status not in PAYABLE or not claim.amount_fen:
            return Reserved("NOT_PAYABLE", None)
        if claim.goes_to_beneficiaries:
            return self._reserve_share(claim, payee)
        return self._reserve_whole(claim, payout)

    @repeated_on_conflict
    def submit(self, payout_id: str) -> str:
        """Send the transfer under the payout's number, or find it there; gives the payout's state.

        A large payout whose payee has not proved who they are is only asked for: PENDING, or
        IDENTITY_REQUIRED where nothing was sent.
        """
        payout = self.payouts.get(payout_id)
        if payout.is_final:
            return payout.state.value
        if self._lacks_identity(payout):
            outcome = self.confirm(payout_id)
            return IDENTITY_REQUIRED if outcome == "NOT_SENT" else outcome
        openid, name, account = self._addressee(payout)
        order = TransferOrder(
            out_bill_no=payout.payout_id,
            openid=openid,
            name=name,
            amount_fen=payout.amount_fen,
            remark=REMARK,
            claim_no=payout.claim_no,
            account=account,
        )
        try:
            transfer = self.transfers(payout.channel).submit(order)
        except TransferRefusedError as error:
            return self._move(payout, PayoutState.FAILED, fail_reason=str(error.facts.get("code")))
        except TransferUnknownError:
            return self._move(payout, PayoutState.UNKNOWN, fault="NO_ANSWER")
        return self._take_over(payout, transfer)

    def hold(self, payout_id: str, token: str) -> None:
        """Let the workflow wait for WeChat's notice; ends the wait at once if one has arrived."""
        self.tokens.hold(payout_id, CONFIRMATION, token)
        payout = self.payouts.get(payout_id)  # after the token: see Waits
        if payout.is_final or self.payouts.noted_since(payout_id, payout.asked_at):
            self.wake(payout_id)

    def wake(self, payout_id: str) -> None:
        """End the wait for a notice, if there is one."""
        token = self.tokens.find(payout_id, CONFIRMATION)
        if token is not None:
            self.workflows.answer(token, {"outcome": "NOTICED"})
            self.tokens.drop(payout_id, CONFIRMATION, token)

    @repeated_on_conflict
    def confirm(self, payout_id: str) -> str:
        """Ask WeChat or the bank for the result.

        Gives SUCCEEDED, FAILED, PENDING, UNKNOWN or NOT_SENT (submit again).
        """
        payout = self.payouts.get(payout_id)
        if payout.is_final:
            return payout.state.value
        at = self.now()
        try:
            transfer = self.transfers(payout.channel).find(payout_id)
        except TransferUnknownError:
            return self._move(payout, PayoutState.UNKNOWN, fault="NO_ANSWER")
        if transfer is not None:
            state = self._take_over(payout, transfer, asked_at=at)
            return "PENDING" if state == PayoutState.SUBMITTED else state
        if payout.transfer_bill_no is not None or at - payout.created_at > ASKABLE:
            return self._move(payout, PayoutState.UNKNOWN, fault="BILL_NOT_FOUND")
        return "NOT_SENT"

    @repeated_on_conflict
    def post(self, payout_id: str) -> str:
        """Record the money and the paid claim or advance, then let a waiting claim go on."""
        payout = self.payouts.get(payout_id)
        if payout.advance is not None:
            self.waits.settle(self._advances.post(payout, payout.advance), WaitStep.PAYOUT)
            return payout.state.value
        claim = self.claims.get(payout.claim_no)
        if payout.payee != INSURED:
            claim = self._post_share(payout, claim)
        elif claim.status is ClaimStatus.PAYING and payout.state is PayoutState.SUCCEEDED:
            change = _paid(claim, payout, self.now())
            self.payouts.post(payout, change, posting_of(payout, claim, change.entry.at))
            claim = change.after
        if claim.status is ClaimStatus.PAID and claim.closed_at is not None:
            # closed before its money bounced, so no workflow is left to close it
            change = record(claim, ClaimEvent.CLOSED, at=self.now(), closed_at=self.now(), attention=None)
            self.claims.save(change)
            claim = change.after
        self.books.record(payout, claim)
        self.waits.settle(claim, WaitStep.PAYOUT)
        return payout.state.value

    @repeated_on_conflict
    def bounce(self, payout_id: str) -> str:
        """Take settled money that came back (退票) out of the books and open the claim's payment again.

        The 10 days of payment run on from the agreement as if nothing had been paid. The bank is asked:
        whoever says so is not enough. Gives the payout's state, BOUNCED where the money is back.
        Raises PayoutNotFoundError, TransferUnknownError.
        """
        payout = self.payouts.get(payout_id)
        if not payout.is_final and self.confirm(payout_id) == PayoutState.SUCCEEDED:
            payout = self.payouts.get(payout_id)
        if payout.state is not PayoutState.SUCCEEDED:
            return payout.state.value
        transfer = self.transfers(payout.channel).find(payout_id)
        if transfer is None or transfer.state is not TransferState.RETURNED:
            return payout.state.value
        claim, at = self.claims.get(payout.claim_no), self.now()
        if payout.advance is None and payout.round != claim.reopenings:
            # of before a reopening: the claim pays another amount now, so a person must look
            return payout.state.value
        self.post(payout_id)  # what left is in the books before it comes back
        claim = self.claims.get(payout.claim_no)
        reason_code = transfer.fail_reason or RETURNED
        if payout.advance is not None:
            change = self._advances.bounced(claim, payout.advance, reason_code, PAYOUT_BOUNCED)
        else:
            change = record(
                claim,
                ClaimEvent.PAYOUT_BOUNCED,
                at=at,
                reason_code=reason_code,
                moved_fen=-payout.amount_fen,
                paid_at=None,
                shares_paid=tuple(m for m in claim.shares_paid if m != share_mark(claim, payout.payee)),
                attention=PAYOUT_BOUNCED,
            )
        bounced = payout.moved(PayoutState.BOUNCED, finished_at=at, fail_reason=reason_code)
        self.books.record(bounced, claim)  # first: a repeated bounce of what is BOUNCED ends above
        self.payouts.bounce(bounced, payout, change, reversal_of(payout, claim, at))
        return bounced.state.value

    @repeated_on_conflict
    def record_failure(
        self, claim_no: str, outcome: str, payout_id: str | None = None, advance: int | None = None
    ) -> str:
        """Put a claim or advance whose payout did not come through before finance; gives the outcome.

        `payout_id`, where known, tells news of the latest attempt from old news of an earlier one.
        """
        if advance is not None:
            return self._advances.record_failure(claim_no, advance, outcome, payout_id)
        claim = self.claims.get(claim_no)
        if claim.goes_to_beneficiaries:
            return self._record_share_failure(claim, outcome, payout_id)
        payout = self.payouts.find(payout_number(claim_no, claim.payout_attempt))
        if payout_id is not None and (payout is None or payout.payout_id != payout_id):
            return outcome
        if payout is not None:
            self.books.record(payout, claim)
        failed = payout is not None and payout.state is PayoutState.FAILED
        if claim.status not in PAYABLE or (failed and claim.status is ClaimStatus.AGREED):
            return outcome
        attention = "PAYOUT_FAILED" if failed else f"PAYOUT_{outcome}"
        if claim.attention != attention:
            event = ClaimEvent.PAYOUT_FAILED if failed else ClaimEvent.PAYOUT_UNRESOLVED
            reason_code = (payout.fail_reason or payout.fault if payout else None) or outcome
            change = record(claim, event, at=self.now(), reason_code=reason_code, attention=attention)
            self.claims.save(change)
        return outcome

    def _lacks_identity(self, payout: Payout) -> bool:
        """Costs nothing below the limit."""
        if not needs_check(payout.amount_fen):
            return False
        return not self.identities.find(payout.claim_no, payout.payee).is_fresh(self.now())

    def _reserved(self, payout: Payout) -> Reserved:
        waits = payout.state is PayoutState.CREATED and self._lacks_identity(payout)
        return Reserved(IDENTITY_REQUIRED if waits else "RESERVED", payout.payout_id)

    def _reserve_whole(self, claim: Claim, payout: Payout | None) -> Reserved:
        """Go on with the latest attempt to pay the insured, or begin another."""
        if payout is None or _is_over(payout, claim):
            return self._reserve_anew(claim)
        if payout.state is PayoutState.SUCCEEDED:
            return Reserved("SUCCEEDED", payout.payout_id)
        payout = self._again(payout)
        if claim.status is ClaimStatus.AGREED:
            self.claims.save(record(claim, ClaimEvent.PAYOUT_RESERVED, at=self.now(), attention=None))
        self.books.record(payout, claim)
        return self._reserved(payout)

    def _reserve_anew(self, claim: Claim) -> Reserved:
        """Reserve a new attempt for what the advances have left of the decided amount."""
        if not claim.remaining_fen:
            return self._settle_by_advance(claim)
        channel = channel_for(claim.remaining_fen, self.wallet_limit_fen)
        if channel is Channel.BANK and self.accounts.find(claim.claim_no) is None:
            return Reserved("PAYEE_MISSING", None)
        payout = self._new_attempt(claim, channel, INSURED, claim.remaining_fen)
        self.books.record(payout, claim)
        return self._reserved(payout)

    def _reserve_share(self, claim: Claim, payee: str) -> Reserved:
        payees = self.heirs.find(claim.claim_no).payees()
        if not payees:
            return Reserved(BENEFICIARY_MISSING, None)
        if not _shared_fen(claim):
            return self._settle_by_advance(claim)
        latest, shares = payouts_of_shares(claim, self.payouts), _shares(claim, payees)
        if payee == INSURED:
            for heir in shares:
                if share_mark(claim, heir) not in claim.shares_paid:
                    known = latest.get(heir)
                    state = f"{known.payout_id}-{known.version}" if known else f"{claim.claim_no}-0"
                    name = f"{state}-{claim.version}-{heir}"
                    self.workflows.start_payout(claim.claim_no, name, payee=heir)
            return Reserved("APART", None)
        if payee not in shares:
            return Reserved("NOT_PAYABLE", None)
        payout = latest.get(payee)
        if payout is None or _is_over(payout, claim):
            payout = self._new_attempt(claim, Channel.BANK, payee, shares[payee])
        elif payout.state is PayoutState.SUCCEEDED:
            return Reserved("SUCCEEDED", payout.payout_id)
        else:
            payout = self._again(payout)
            if claim.status is ClaimStatus.AGREED:
                self.claims.save(record(claim, ClaimEvent.PAYOUT_RESERVED, at=self.now()))
        self.books.record(payout, claim)
        return self._reserved(payout)

    def _again(self, payout: Payout) -> Payout:
        """Take up a payout that was refused before any bill existed: the same number again can't pay twice,
        a new one could.
        """
        if payout.state is not PayoutState.FAILED or payout.transfer_bill_no is not None:
            return payout
        again = payout.moved(PayoutState.CREATED, fail_reason=None, finished_at=None)
        self.payouts.save(again, payout)
        return again

    def _addressee(self, payout: Payout) -> tuple[str, str, BankAccount | None]:
        """Give the payee's openid, name and bank account. Raises PayeeUnknownError."""
        if payout.payee != INSURED:
            # reserved, so confirmed: a correction of another's account meanwhile leaves this one as it is
            heir = by_id(self.heirs.find(payout.claim_no).people).get(payout.payee)
            if heir is None:
                raise PayeeUnknownError
            return "", heir.name, heir.account
        payee = self.payees.get(payout.worker_id)
        account = self.accounts.find(payout.claim_no) if payout.channel is Channel.BANK else None
        if payee.name is None or (payout.channel is Channel.BANK and account is None):
            raise PayeeUnknownError
        return payee.openid, payee.name, account

    def _post_share(self, payout: Payout, claim: Claim) -> Claim:
        """Record one beneficiary's money; the last one's is the claim's end."""
        mark = share_mark(claim, payout.payee)
        if claim.status is not ClaimStatus.PAYING or payout.state is not PayoutState.SUCCEEDED:
            return claim
        if mark in claim.shares_paid:
            return claim
        shares_paid, at = (*claim.shares_paid, mark), self.now()
        shares = _shares(claim, by_id(self.heirs.find(claim.claim_no).people))
        if all(share_mark(claim, heir) in shares_paid for heir in shares):
            change = _paid(claim, payout, at, shares_paid=shares_paid)
        else:
            change = record(
                claim,
                ClaimEvent.SHARE_PAID,
                at=at,
                reason_code=payout.payee,
                moved_fen=payout.amount_fen,
                payout_id=payout.payout_id,
                shares_paid=shares_paid,
            )
        self.payouts.post(payout, change, posting_of(payout, claim, at))
        return change.after

    def _record_share_failure(self, claim: Claim, outcome: str, payout_id: str | None) -> str:
        """Put one beneficiary's payout before finance; the others' go on, so the claim stays PAYING."""
        payout = self.payouts.find(payout_id) if payout_id is not None else None
        if payout is not None:
            if payouts_of_shares(claim, self.payouts).get(payout.payee) != payout:
                return outcome  # old news of an earlier attempt
            self.books.record(payout, claim)
        failed = payout is not None and payout.state is PayoutState.FAILED
        attention = "PAYOUT_FAILED" if failed else f"PAYOUT_{outcome}"
        if claim.status in PAYABLE and claim.attention != attention:
            reason_code = payout.payee if payout is not None else outcome
            change = record(
                claim,
                ClaimEvent.PAYOUT_UNRESOLVED,
                at=self.now(),
                reason_code=reason_code,
                attention=attention,
            )
            self.claims.save(change)
        return outcome

    def _new_attempt(self, claim: Claim, channel: Channel, payee: str, amount_fen: int) -> Payout:
        at = self.now()
        attempt = claim.payout_attempt + 1
        payout = Payout(
            payout_id=payout_number(claim.claim_no, attempt),
            claim_no=claim.claim_no,
            attempt=attempt,
            round=claim.reopenings,
            worker_id=claim.policy.worker_id,
            payee=payee,
            amount_fen=amount_fen,
            channel=channel,
            created_at=at,
        )
        is_share = payee != INSURED
        change = record(
            claim,
            ClaimEvent.PAYOUT_RESERVED,
            at=at,
            reason_code=payee if is_share else None,
            moved_fen=amount_fen,
            payout_attempt=attempt,
            settled_fen=_shared_fen(claim) if is_share else amount_fen,
            # what finance must do for another beneficiary still stands
            attention=claim.attention if is_share and claim.status is ClaimStatus.PAYING else None,
        )
        self.payouts.reserve(payout, change)
        return payout

    def _settle_by_advance(self, claim: Claim) -> Reserved:
        """Nothing is left to pay: the advances pay it, or have paid it already."""
        settled = self._advances.suffice(claim)
        if settled is None:
            return Reserved(ADVANCE_PENDING, None)
        self.waits.settle(settled, WaitStep.PAYOUT)
        return Reserved("ALREADY_PAID", None)

    def _take_over(self, payout: Payout, transfer: Transfer, asked_at: datetime | None = None) -> str:
        """Record what WeChat or the bank says of the bill. Money that came back had arrived before."""
        if transfer.amount_fen is not None and transfer.amount_fen != payout.amount_fen:
            return self._move(payout, PayoutState.UNKNOWN, fault="AMOUNT_DIFFERS")
        known = {"transfer_bill_no": transfer.transfer_bill_no or payout.transfer_bill_no, "fault": None}
        if transfer.state in {TransferState.SUCCESS, TransferState.RETURNED}:
            return self._move(
                payout, PayoutState.SUCCEEDED, finished_at=self.now(), package_info=None, **known
            )
        if transfer.state in {TransferState.FAIL, TransferState.CANCELLED}:
            reason = transfer.fail_reason or transfer.state.value
            return self._move(
                payout,
                PayoutState.FAILED,
                finished_at=self.now(),
                package_info=None,
                fail_reason=reason,
                **known,
            )
        package_info = transfer.package_info
        if package_info is None and transfer.state is TransferState.WAIT_USER_CONFIRM:
            package_info = payout.package_info  # a query does not repeat it
        return self._move(
            payout, PayoutState.SUBMITTED, package_info=package_info, asked_at=asked_at, **known
        )

    def _move(self, payout: Payout, state: PayoutState, **changes: object) -> str:
        moved = payout.moved(state, **changes)
        if moved.model_copy(update={"version": payout.version}) != payout:
            self.payouts.save(moved, payout)
        return state.value


def _paid(claim: Claim, payout: Payout, at: datetime, **changes: Any) -> ClaimChange:
    """Give the change of a claim that this payout, or with it the last share, has paid."""
    return record(
        claim,
        ClaimEvent.PAID,
        at=at,
        moved_fen=payout.amount_fen,
        payout_id=payout.payout_id,
        paid_at=payout.finished_at or at,
        attention=None,
        **changes,
    )


def _is_over(payout: Payout, claim: Claim) -> bool:
    """Whether only another attempt can pay the claim: this one's bill ended, or was of before a reopening."""
    ended = payout.state is PayoutState.FAILED and payout.transfer_bill_no is not None
    return ended or payout.state is PayoutState.BOUNCED or payout.round != claim.reopenings


def _shared_fen(claim: Claim) -> int:
    """Give what the beneficiaries of one round share: fixed by its first payment, as advances may still change."""
    return claim.remaining_fen if claim.settled_fen is None else claim.settled_fen


def _shares(claim: Claim, payees: Mapping[str, Beneficiary]) -> dict[str, int]:
    """A share too small for a fen is no payment."""
    shares = split(_shared_fen(claim), payees)
    return {payee: fen for payee, fen in shares.items() if fen}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveNotice:
    """WeChat's notice that a bill came to its end. It is never trusted for the result: it wakes the asker."""

    payouts: Payouts
    pay: PayClaim
    now: Callable[[], datetime]

    def __call__(self, out_bill_no: str, event_id: str, state: str) -> None:
        """Keep the notice and wake the workflow; repeated notices do no more. Raises PayoutNotFoundError."""
        self.payouts.get(out_bill_no)
        self.payouts.note(out_bill_no, event_id, state, self.now())
        self.pay.wake(out_bill_no)
