"""The worker's answer to the amount (赔付协议): accept it, or dispute it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from daycover.claims.claim import Actor, Claim, ClaimNotFoundError, Claims
from daycover.claims.conflict import TRIES
from daycover.claims.delivery import read_by_answering
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.claims.steps import Waits, WaitStep
from daycover.errors import ConcurrentChangeError
from daycover.identity.worker import Workers


class AnswerKind(StrEnum):
    ACCEPT = "ACCEPT"
    DISPUTE = "DISPUTE"


_STANDS = {
    AnswerKind.ACCEPT: frozenset(
        {ClaimStatus.AGREED, ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED}
    ),
    AnswerKind.DISPUTE: frozenset({ClaimStatus.DISPUTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClaim:
    claims: Claims
    reporters: Workers
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, worker_id: str, claim_no: str, answer: AnswerKind, reason: str | None) -> Claim:
        """Record the answer; the same one again changes nothing.

        Raises ClaimNotFoundError, ClaimStepClosedError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if not claim.belongs_to(self.reporters.get(worker_id).person_id):
            raise ClaimNotFoundError
        return self.take(claim, Actor.worker(worker_id), answer, reason)

    def take(self, claim: Claim, by: Actor, answer: AnswerKind, reason: str | None) -> Claim:
        """Record an answer of whoever may give it, also where a machine's note of the claim came in between, as the
        delivery of the very notice that is answered does. Raises ClaimStepClosedError, and ConcurrentChangeError
        where the offer is another than the one that was read.
        """
        for _ in range(TRIES - 1):
            try:
                return self._take(claim, by, answer, reason)
            except ConcurrentChangeError:
                found = self.claims.get(claim.claim_no)
                if _offer(found) != _offer(claim):
                    raise
                claim = found
        return self._take(claim, by, answer, reason)

    def _take(self, claim: Claim, by: Actor, answer: AnswerKind, reason: str | None) -> Claim:
        if not (claim.status in _STANDS[answer] and claim.amount_fen):
            at = self.now()
            notices = read_by_answering(claim, by, at)
            if answer is AnswerKind.ACCEPT:
                change = record(
                    claim, ClaimEvent.ACCEPTED, at=at, by=by, reason=reason, agreed_at=at, notices=notices
                )
            else:
                change = record(
                    claim,
                    ClaimEvent.DISPUTED,
                    at=at,
                    by=by,
                    reason=reason,
                    undisputed_fen=claim.amount_fen,
                    disputed_at=at,
                    notices=notices,
                )
            self.claims.save(change)
            claim = change.after
        self.waits.settle(claim, WaitStep.AGREEMENT)
        return claim


def _offer(claim: Claim) -> tuple[object, ...]:
    this = claim.round
    return this.number, claim.status, this.acknowledged_at, this.amount_fen
