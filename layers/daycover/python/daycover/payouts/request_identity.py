"""A payout waits for its payee (核身等待): asked for, reminded of, put before finance, and never refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from daycover.claims.claim import Claim, ClaimChange, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.obligation import INSURED
from daycover.claims.record import record
from daycover.claims.steps import Tokens, Workflows
from daycover.payouts.identity import ATTENTION, IDENTITY, OVER, Identities, PayeeIdentity
from daycover.payouts.payout import Payouts

REMINDERS_BEFORE_FINANCE = 3
"""Days of silence after which finance sees the claim; the payment goes on waiting (assumption)."""
REMINDED_AFTER = timedelta(hours=20)
"""Nobody is reminded sooner. Each workflow waits a whole day, but two may wait for one payee, and a step whose answer
was lost comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityWait:
    """The wait of Payout for a payee, and its end.

    Whoever waits writes the token first and then reads the identity; whoever proves writes the identity first
    and then reads the token (see `claims.steps.Waits`).
    """

    tokens: Tokens
    workflows: Workflows
    pay_again: Callable[[str], object]

    def hold(self, payout_id: str, token: str) -> None:
        self.tokens.hold(payout_id, IDENTITY, token)

    def end(self, identity: PayeeIdentity) -> None:
        """Let the payout go on; repeat at will."""
        token = self.tokens.find(identity.payout_id, IDENTITY) if identity.payout_id else None
        if token is None or identity.payout_id is None:
            return
        if not self.workflows.answer(token, {"outcome": "PROVED"}):
            self.pay_again(identity.payout_id)
        self.tokens.drop(identity.payout_id, IDENTITY, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestIdentity:
    """The workflow's part: wait for the payee, and remind them. Every step may be repeated."""

    claims: Claims
    payouts: Payouts
    identities: Identities
    wait: IdentityWait
    now: Callable[[], datetime]

    def hold(self, claim_no: str, payout_id: str, token: str) -> None:
        """Let the workflow wait, and tell the payee; ends the wait at once where the proof is there.

        A beneficiary has no account with us: finance is told at once. Raises ClaimNotFoundError,
        PayoutNotFoundError, ConcurrentChangeError.
        """
        self.wait.hold(payout_id, token)
        identity = self._requested(claim_no, payout_id)
        if identity.is_fresh(self.now()):
            self.wait.end(identity)

    @repeated_on_conflict
    def _requested(self, claim_no: str, payout_id: str) -> PayeeIdentity:
        payee, claim, now = self.payouts.get(payout_id).payee, self.claims.get(claim_no), self.now()
        identity = self.identities.find(claim_no, payee)
        is_fresh = identity.is_fresh(now)
        is_waiting = identity.requested_at is not None and (
            identity.proof is None or identity.proof.at < identity.requested_at
        )
        if identity.payout_id == payout_id and (is_fresh or is_waiting):
            return identity
        if is_fresh or is_waiting:  # asked for before, on behalf of an earlier attempt
            moved = identity.moved(payout_id=payout_id)
            self.identities.save(moved)
            return moved
        moved = identity.moved(payout_id=payout_id, requested_at=now, reminders=0, reminded_at=None)
        self.identities.save(moved, _asked(claim, payee, ClaimEvent.IDENTITY_REQUESTED, now))
        return moved

    @repeated_on_conflict
    def remind(self, claim_no: str, payout_id: str) -> PayeeIdentity:
        """Remind the payee, once a day; after some days of silence put the claim before finance. Never an end.

        Raises ClaimNotFoundError, PayoutNotFoundError, ConcurrentChangeError.
        """
        payee, claim, now = self.payouts.get(payout_id).payee, self.claims.get(claim_no), self.now()
        identity = self.identities.find(claim_no, payee)
        if identity.is_fresh(now) or claim.status in OVER:
            return identity  # proved while the wait ran out
        last = identity.reminded_at or identity.requested_at
        if last is not None and now - last < REMINDED_AFTER:
            return identity
        moved = identity.moved(reminders=identity.reminders + 1, reminded_at=now)
        late = moved.reminders >= REMINDERS_BEFORE_FINANCE
        self.identities.save(moved, _asked(claim, payee, ClaimEvent.REMINDED, now, late=late))
        return moved


def _asked(claim: Claim, payee: str, event: ClaimEvent, at: datetime, *, late: bool = False) -> ClaimChange:
    """Give the line that asks the insured in their app, or staff for a beneficiary."""
    if payee != INSURED:
        return record(claim, event, at=at, reason_code=payee, attention=ATTENTION)
    attention = ATTENTION if late else claim.attention
    return record(claim, event, at=at, reason_code=IDENTITY.upper(), attention=attention)
