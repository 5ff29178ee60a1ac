"""The transfer machine: reserve, submit, confirm, post, bounce. Every step may be repeated or cut off.

It pays obligations and knows no claims: what a step means for whoever owes is told to `Obligations`. The order
makes it safe: the intent is stored before the call, the call carries the number of the intent, and an answer
that was lost is asked for under the same number, never sent again under another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.steps import Tokens, Workflows
from daycover.payouts.addressee import Addressees
from daycover.payouts.identity import IDENTITY, Identities, needs_check
from daycover.payouts.outcome import Outcome
from daycover.payouts.owed import Obligations, Owed
from daycover.payouts.payout import Payout, Payouts, PayoutState, Reserved
from daycover.payouts.transfer import (
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
IN_FLIGHT = timedelta(minutes=5)
"""Longer than any call lives: a bill that is not known this long after it was sent never comes to be."""
REMARK = "日结保理赔款"
RETURNED = "RETURNED"
NO_ANSWER = "NO_ANSWER"
BILL_NOT_FOUND = "BILL_NOT_FOUND"
NOT_ENOUGH = "NOT_ENOUGH"
TAKEN_BACK = "POLICY_NOT_STANDING"
"""Why a payout that had not left came to its end (`fail_reason`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayObligation:
    obligations: Obligations
    payouts: Payouts
    transfers: Callable[[Channel], Transfers]
    addressees: Addressees
    identities: Identities
    wallet_limit_fen: int
    tokens: Tokens
    workflows: Workflows
    now: Callable[[], datetime]

    @repeated_on_conflict
    def reserve(
        self, claim_no: str, *, obligation: int | None = None, advance: int | None = None
    ) -> Reserved:
        """Store the intent to pay an obligation, or find the payout that is not definitely over.

        Without a number what is owed of an advance, or of the decided amount. Raises ClaimNotFoundError,
        ObligationNotFoundError, AdvanceNotFoundError, ConcurrentChangeError.
        """
        due = self.obligations.due(claim_no, obligation=obligation, advance=advance)
        if isinstance(due, Outcome):
            return Reserved(due, None)
        owed = due.obligation
        payout = self.payouts.find(owed.payout_id) if owed.payout_id else None
        if payout is not None and payout.state is PayoutState.SUCCEEDED:
            return Reserved(Outcome.SUCCEEDED, payout.payout_id)
        if payout is not None and payout.is_final and not self.obligations.may_leave(payout):
            return Reserved(self._stopped(payout), payout.payout_id)
        known = None if payout is None or payout.is_over or payout.amount_fen != owed.amount_fen else payout
        channel = known.channel if known is not None else self._channel(due, payout)
        is_unsent = known is None or known.state in {PayoutState.CREATED, PayoutState.FAILED}
        if is_unsent and not self.addressees.is_known(claim_no, owed.payee, channel):
            # of one that was refused before any bill existed the account may have been corrected since
            missing = Outcome.PAYEE_MISSING if due.goes_to_insured else Outcome.BENEFICIARY_MISSING
            return Reserved(missing, None)
        if known is None:
            payout = self.obligations.begin(due, channel)
        else:
            payout = self._taken_up(known)
            self.obligations.resume(due, payout, anew=payout is not known)
        waits = payout.state is PayoutState.CREATED and self._lacks_identity(payout)
        return Reserved(Outcome.IDENTITY_REQUIRED if waits else Outcome.RESERVED, payout.payout_id)

    @repeated_on_conflict
    def submit(self, payout_id: str) -> Outcome:
        """Send the transfer under the payout's number, or find it there.

        The policy is read again first. A large payout whose payee has not proved who they are is only asked
        for: PENDING, or IDENTITY_REQUIRED where nothing was sent.
        """
        payout = self.payouts.get(payout_id)
        if payout.is_final:
            return payout.outcome
        if not self.obligations.may_leave(payout):
            return self._take_back(payout)
        if self._lacks_identity(payout):
            outcome = self.confirm(payout_id)
            return Outcome.IDENTITY_REQUIRED if outcome is Outcome.NOT_SENT else outcome
        outcome = self._sent(self._about_to_send(payout))
        if payout.fault == NOT_ENOUGH and outcome is not Outcome.NOT_ENOUGH:
            self.obligations.resolved(payout)
        return outcome

    def _about_to_send(self, payout: Payout) -> Payout:
        """Say so before the call: CREATED was never sent, whoever dies or is overtaken."""
        if payout.transfer_bill_no is not None:
            return payout
        sending = payout.moved(PayoutState.UNKNOWN, sent_at=self.now())
        self.payouts.save(sending, payout)
        return sending

    def _sent(self, payout: Payout) -> Outcome:
        addressee = self.addressees.of(payout)
        order = TransferOrder(
            out_bill_no=payout.payout_id,
            openid=addressee.openid,
            name=addressee.name,
            amount_fen=payout.amount_fen,
            remark=REMARK,
            claim_no=payout.claim_no,
            account=addressee.account,
        )
        try:
            return self._take_over(payout, self.transfers(payout.channel).submit(order))
        except TransferRefusedError as error:
            code = str(error.facts.get("code"))
            return self._move(payout, PayoutState.FAILED, fail_reason=code, finished_at=self.now())
        except TransferPostponedError as error:
            return self._postponed(payout, str(error.facts.get("code")))
        except TransferUnknownError as error:
            return self._unanswered(payout, error)

    def hold(self, payout_id: str, token: str) -> None:
        """Let the workflow wait for WeChat's notice; ends the wait at once if one has arrived."""
        self.tokens.hold(payout_id, CONFIRMATION, token)
        payout = self.payouts.get(payout_id)  # after the token: see Waits
        if payout.is_final or self.payouts.noted_since(payout_id, payout.asked_at):
            self.wake(payout_id)

    def wake(self, payout_id: str, step: str = CONFIRMATION) -> None:
        """End the wait for a notice, or for what `step` waits for, if there is one."""
        token = self.tokens.find(payout_id, step)
        if token is not None:
            self.workflows.answer(token, {"outcome": "NOTICED"})
            self.tokens.drop(payout_id, step, token)

    @repeated_on_conflict
    def confirm(self, payout_id: str) -> Outcome:
        """Ask WeChat or the bank for the result.

        Gives SUCCEEDED, FAILED, PENDING, UNKNOWN, or NOT_SENT (submit again): also for a bill that waits for its
        payee without the package that opens it, which no question gives and the same number posted again does.
        """
        payout = self.payouts.get(payout_id)
        if payout.is_final:
            return payout.outcome
        at = self.now()
        try:
            transfer = self.transfers(payout.channel).find(payout_id)
        except TransferUnknownError as error:
            return self._unanswered(payout, error)
        if transfer is not None:
            outcome = self._take_over(payout, transfer, asked_at=at)
            wants_post = transfer.state is TransferState.ACCEPTED or _lacks_package(payout, transfer)
            return Outcome.NOT_SENT if wants_post and outcome is Outcome.PENDING else outcome
        if payout.transfer_bill_no is not None or at - payout.created_at > ASKABLE:
            return self._move(payout, PayoutState.UNKNOWN, fault=BILL_NOT_FOUND)
        return Outcome.NOT_SENT

    @repeated_on_conflict
    def post(self, payout_id: str) -> Outcome:
        """Record money that arrived: in the journal, and what it paid.

        The journal first: where the process dies in between, nobody asks again for what is paid.
        """
        payout = self.payouts.get(payout_id)
        self.obligations.paid(payout)
        return payout.outcome

    @repeated_on_conflict
    def bounce(self, payout_id: str) -> Outcome:
        """Take in settled money that came back (退票); it is owed again.

        The 10 days of payment run on from the agreement as if nothing had been paid. The bank is asked: whoever
        says so is not enough. BOUNCED where the money is back. Raises PayoutNotFoundError, TransferUnknownError.
        """
        payout = self.payouts.get(payout_id)
        if not payout.is_final and self.confirm(payout_id) is Outcome.SUCCEEDED:
            payout = self.payouts.get(payout_id)
        if payout.state is not PayoutState.SUCCEEDED:
            return payout.outcome
        transfer = self.transfers(payout.channel).find(payout_id)
        is_back = transfer is not None and transfer.state is TransferState.RETURNED
        if transfer is None or not is_back or not self.obligations.owes_again(payout):
            return payout.outcome
        self.post(payout_id)  # the claim knows that it was paid before it is owed again
        reason = transfer.fail_reason or RETURNED
        bounced = payout.moved(PayoutState.BOUNCED, finished_at=self.now(), fail_reason=reason)
        self.obligations.bounced(bounced, payout)
        return Outcome.BOUNCED

    @repeated_on_conflict
    def record_failure(
        self,
        claim_no: str,
        outcome: Outcome,
        payout_id: str | None = None,
        *,
        advance: int | None = None,
    ) -> Outcome:
        """Put what did not come through before finance; gives the outcome, STOPPED where a person decides first.

        A wallet payment that failed for good goes on to the bank by itself where an account is stated.
        """
        payout = self.payouts.find(payout_id) if payout_id is not None else None
        if payout is None:
            return self.obligations.unresolved(claim_no, outcome, None, advance=advance)
        if payout.state is not PayoutState.FAILED:
            return self.obligations.unresolved(claim_no, outcome, payout, advance=advance)
        found = self.obligations.failed(payout)
        if found is Outcome.FAILED and self._may_go_to_bank(payout):
            name = f"{payout.payout_id}-{Channel.BANK}"
            self.workflows.start_payout(claim_no, name, obligation=payout.obligation)
        return found

    @repeated_on_conflict
    def take_back(self, payout_id: str) -> Outcome:
        """Stop a payment that has not left, because its policy has ended. Safe to repeat."""
        payout = self.payouts.get(payout_id)
        if payout.is_final or self.obligations.may_leave(payout):
            return payout.outcome
        outcome = self._take_back(payout)
        for step in (CONFIRMATION, IDENTITY):  # the execution finds it ended, whichever it waits for
            self.wake(payout_id, step)
        return outcome

    def _take_back(self, payout: Payout) -> Outcome:
        """End the payout where nothing was ever sent; ask to cancel a bill that waits for its payee.

        One that was taken up again is CREATED, and an earlier request of its number may still be on its way.
        """
        if payout.state is not PayoutState.CREATED or payout.sent_at is not None:
            try:
                transfer = self.transfers(payout.channel).cancel(payout.payout_id)
            except TransferUnknownError as error:
                return self._unanswered(payout, error)
            if transfer is not None:
                outcome = self._take_over(payout, transfer)
                return self._stopped(payout) if outcome is Outcome.FAILED else outcome
            if payout.transfer_bill_no is not None:
                return self._move(payout, PayoutState.UNKNOWN, fault=BILL_NOT_FOUND)
            if payout.sent_at is not None and self.now() - payout.sent_at < IN_FLIGHT:
                # not there, or not there yet: written, so that a call in flight finds itself overtaken
                return self._move(payout, PayoutState.UNKNOWN, fault=TAKEN_BACK)
        self._move(payout, PayoutState.FAILED, fail_reason=TAKEN_BACK, finished_at=self.now())
        return self._stopped(payout)

    def _stopped(self, payout: Payout) -> Outcome:
        ended = self.payouts.get(payout.payout_id)
        return self.obligations.failed(ended)

    def _lacks_identity(self, payout: Payout) -> bool:
        """Costs nothing below the limit."""
        if not needs_check(payout.amount_fen):
            return False
        return not self.identities.find(payout.claim_no, payout.payee).is_fresh(self.now())

    def _channel(self, due: Owed, last: Payout | None) -> Channel:
        """A beneficiary has an account; the insured's wallet comes first, unless it has failed."""
        if not due.goes_to_insured or (last is not None and self._may_go_to_bank(last)):
            return Channel.BANK
        return channel_for(due.obligation.amount_fen, self.wallet_limit_fen)

    def _may_go_to_bank(self, last: Payout) -> bool:
        """Whether the insured's wallet has failed for good, and there is an account instead."""
        failed = last.channel is Channel.WALLET and last.state is PayoutState.FAILED and last.is_over
        return failed and self.addressees.has_account(last.claim_no)

    def _taken_up(self, payout: Payout) -> Payout:
        """Take up a payout that was refused before any bill existed: the same number again can't pay twice, a new
        one could."""
        if payout.state is not PayoutState.FAILED:
            return payout
        again = payout.moved(PayoutState.CREATED, fail_reason=None, finished_at=None, taken_up_at=self.now())
        self.payouts.save(again, payout)
        return again

    def _unanswered(self, payout: Payout, error: TransferUnknownError) -> Outcome:
        return self._move(payout, PayoutState.UNKNOWN, fault=str(error.facts.get("code") or NO_ANSWER))

    def _postponed(self, payout: Payout, code: str) -> Outcome:
        """WeChat took nothing and said why; the same number goes again by itself."""
        self._move(payout, PayoutState.UNKNOWN, fault=code)
        if code != NOT_ENOUGH:
            return Outcome.UNKNOWN
        held = self.payouts.get(payout.payout_id)
        return self.obligations.unresolved(payout.claim_no, Outcome.NOT_ENOUGH, held, advance=payout.advance)

    def _take_over(self, payout: Payout, transfer: Transfer, asked_at: datetime | None = None) -> Outcome:
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

    def _move(self, payout: Payout, state: PayoutState, **changes: object) -> Outcome:
        moved = payout.moved(state, **changes)
        if moved.model_copy(update={"version": payout.version}) != payout:
            self.payouts.save(moved, payout)
        return moved.outcome


def _lacks_package(payout: Payout, transfer: Transfer) -> bool:
    waits = transfer.state is TransferState.WAIT_USER_CONFIRM
    return waits and payout.package_info is None and transfer.package_info is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveNotice:
    """WeChat's notice that a bill came to its end. It is never trusted for the result: it wakes the asker."""

    payouts: Payouts
    pay: PayObligation
    now: Callable[[], datetime]

    def __call__(self, out_bill_no: str, event_id: str, state: str) -> None:
        """Keep the notice and wake the workflow; repeated notices do no more. Raises PayoutNotFoundError."""
        self.payouts.get(out_bill_no)
        self.payouts.note(out_bill_no, event_id, state, self.now())
        self.pay.wake(out_bill_no)
