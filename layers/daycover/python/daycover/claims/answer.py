"""The worker's answer to the amount (赔付协议): accept it, or dispute it."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from daycover.claims.claim import Actor, Claim, ClaimNotFoundError, Claims, record
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.report import Reporters
from daycover.claims.steps import Step, Waits


class AnswerKind(StrEnum):
    ACCEPT = "ACCEPT"
    DISPUTE = "DISPUTE"


_STANDS = {
    AnswerKind.ACCEPT: frozenset(
        {ClaimStatus.AGREED, ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED}
    ),
    AnswerKind.DISPUTE: frozenset({ClaimStatus.DISPUTED}),
}


class AnswerClaim:
    def __init__(
        self, claims: Claims, reporters: Reporters, waits: Waits, now: Callable[[], datetime]
    ) -> None:
        self._claims = claims
        self._reporters = reporters
        self._waits = waits
        self._now = now

    def __call__(self, worker_id: str, claim_no: str, answer: AnswerKind, reason: str | None) -> Claim:
        """Record the answer; the same one again changes nothing.

        Raises ClaimNotFoundError, ClaimStepClosedError, ConcurrentChangeError.
        """
        claim = self._claims.get(claim_no)
        if not claim.belongs_to(self._reporters.get(worker_id).person_id):
            raise ClaimNotFoundError
        return self.take(claim, Actor.worker(worker_id), answer, reason)

    def take(self, claim: Claim, by: Actor, answer: AnswerKind, reason: str | None) -> Claim:
        """Record an answer of whoever may give it. Raises ClaimStepClosedError, ConcurrentChangeError."""
        if not (claim.status in _STANDS[answer] and claim.amount_fen):
            at = self._now()
            if answer is AnswerKind.ACCEPT:
                change = record(claim, ClaimEvent.ACCEPTED, at=at, by=by, reason=reason, agreed_at=at)
            else:
                change = record(
                    claim,
                    ClaimEvent.DISPUTED,
                    at=at,
                    by=by,
                    reason=reason,
                    undisputed_fen=claim.amount_fen,
                    disputed_at=at,
                )
            self._claims.save(change)
            claim = change.after
        self._waits.settle(claim, Step.AGREEMENT)
        return claim
