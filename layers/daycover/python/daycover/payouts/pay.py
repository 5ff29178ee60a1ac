"""Pay an agreed claim: reserve, submit, confirm, post, and bounce. Every step may be repeated or cut off.

The order makes it safe: the intent is stored before the call, the call carries the number of the intent,
and an answer that was lost is asked for under the same number, never sent again under another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from daycover.claims.claim import Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.claims.steps import Tokens, Waits, WaitStep, Workflows
from daycover.identity.worker import Workers
from daycover.payouts.attempt import PAYABLE, begin_attempt, is_over, paid, take_up
from daycover.payouts.beneficiaries import (
    BeneficiaryStore,
    share_mark,
)
from daycover.payouts.identity import IDENTITY_REQUIRED, Identities, needs_check
from daycover.payouts.pay_advance import ADVANCE_PENDING, PayAdvance
from daycover.payouts.pay_share import PayShare
from daycover.payouts.payout import (
    INSURED,
    Book,
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
    TransferPostponedError,
    TransferRefusedError,
    Transfers,
    TransferState,
    TransferUnknownError,
    channel_for,
)

CONFIRMATION = "confirmation"
ASKABLE = timedelta(days=29)
"""WeChat answers questions about a bill for 30 days; after that "not known" no longer means "not paid"."""
NO_ANSWER = "NO_ANSWER"
"""Why a result is unknown (`Payout.fault`) where the other side gave no code of its own."""
REMARK = "日结保理赔款"
PAYEE_MISSING = "PAYOUT_PAYEE_MISSING"
PAYOUT_BOUNCED = "PAYOUT_BOUNCED"
"""Why finance, and with it the worker, must look at a claim (`Claim.attention`)."""
RETURNED = "RETURNED"


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
    book: Book
    now: Callable[[], datetime]

    @property
    def _advances(self) -> PayAdvance:
        return PayAdvance(
            claims=self.claims,
            payouts=self.payouts,
            accounts=self.accounts,
            wallet_limit_fen=self.wallet_limit_fen,
            book=self.book,
            now=self.now,
        )

    @property
    def _shares(self) -> PayShare:
        return PayShare(
            claims=self.claims,
            payouts=self.payouts,
            heirs=self.heirs,
            workflows=self.workflows,
            book=self.book,
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
        except (TransferPostponedError, TransferUnknownError) as error:
            return self._move(payout, PayoutState.UNKNOWN, fault=error.facts.get("code", NO_ANSWER))
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
        except TransferUnknownError as error:
            return self._move(payout, PayoutState.UNKNOWN, fault=error.facts.get("code", NO_ANSWER))
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
            claim = self._shares.post(payout, claim)
        elif claim.status is ClaimStatus.PAYING and payout.state is PayoutState.SUCCEEDED:
            change = paid(claim, payout, self.now())
            self.payouts.post(payout, change, posting_of(payout, claim, change.entry.at))
            claim = change.after
        if claim.status is ClaimStatus.PAID and claim.closed_at is not None:
            # closed before its money bounced, so no workflow is left to close it
            change = record(claim, ClaimEvent.CLOSED, at=self.now(), closed_at=self.now(), attention=None)
            self.claims.save(change)
            claim = change.after
        self.book(payout, claim)
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
        self.book(bounced, claim)  # first: a repeated bounce of what is BOUNCED ends above
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
            return self._shares.record_failure(claim, outcome, payout_id)
        payout = self.payouts.find(payout_number(claim_no, claim.payout_attempt))
        if payout_id is not None and (payout is None or payout.payout_id != payout_id):
            return outcome
        if payout is not None:
            self.book(payout, claim)
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
        if payout is None or is_over(payout, claim):
            return self._reserve_anew(claim)
        if payout.state is PayoutState.SUCCEEDED:
            return Reserved("SUCCEEDED", payout.payout_id)
        payout = take_up(payout, self.payouts)
        if claim.status is ClaimStatus.AGREED:
            self.claims.save(record(claim, ClaimEvent.PAYOUT_RESERVED, at=self.now(), attention=None))
        self.book(payout, claim)
        return self._reserved(payout)

    def _reserve_anew(self, claim: Claim) -> Reserved:
        """Reserve a new attempt for what the advances have left of the decided amount."""
        if not claim.remaining_fen:
            return self._settle_by_advance(claim)
        channel = channel_for(claim.remaining_fen, self.wallet_limit_fen)
        if channel is Channel.BANK and self.accounts.find(claim.claim_no) is None:
            return Reserved("PAYEE_MISSING", None)
        payout = begin_attempt(
            claim,
            self.payouts,
            channel=channel,
            payee=INSURED,
            amount_fen=claim.remaining_fen,
            at=self.now(),
        )
        self.book(payout, claim)
        return self._reserved(payout)

    def _reserve_share(self, claim: Claim, payee: str) -> Reserved:
        found = self._shares.reserve(claim, payee)
        if found is None:
            return self._settle_by_advance(claim)
        return self._reserved(found) if isinstance(found, Payout) else found

    def _addressee(self, payout: Payout) -> tuple[str, str, BankAccount | None]:
        """Give the payee's openid, name and bank account. Raises PayeeUnknownError."""
        if payout.payee != INSURED:
            heir = self._shares.addressee(payout)
            return "", heir.name, heir.account
        payee = self.payees.get(payout.worker_id)
        account = self.accounts.find(payout.claim_no) if payout.channel is Channel.BANK else None
        if payee.name is None or (payout.channel is Channel.BANK and account is None):
            raise PayeeUnknownError
        return payee.openid, payee.name, account

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
