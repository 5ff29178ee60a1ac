"""The answer to the amount (赔付协议): accept it, or dispute it; of a death claim every beneficiary accepts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from daycover.claims.access import Act, ClaimAccess, NotForRepresentativeError
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.conflict import TRIES, repeated_on_conflict
from daycover.claims.delivery import read_by_answering
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.record import record
from daycover.claims.representative import Representative
from daycover.claims.steps import Waits, WaitStep
from daycover.errors import ConcurrentChangeError


class AnswerKind(StrEnum):
    ACCEPT = "ACCEPT"
    DISPUTE = "DISPUTE"


_STANDS = {
    AnswerKind.ACCEPT: frozenset(
        {ClaimStatus.AGREED, ClaimStatus.PAYING, ClaimStatus.PAID, ClaimStatus.CLOSED}
    ),
    AnswerKind.DISPUTE: frozenset({ClaimStatus.DISPUTED}),
}


class ConfirmedHeirs(NamedTuple):
    """Who is paid of a death claim, as confirmed in `version`: the documents of those who answer for each payee."""

    version: int
    documents: Mapping[str, frozenset[str]]


class _HeirsAnswer(NamedTuple):
    by: Actor
    heir: Representative
    answer: AnswerKind
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClaim:
    claims: Claims
    access: ClaimAccess
    heirs: Callable[[str], ConfirmedHeirs]
    """Gives those of a claim. Raises BeneficiariesUnconfirmedError."""
    waits: Waits
    now: Callable[[], datetime]

    def __call__(self, worker_id: str, claim_no: str, answer: AnswerKind, reason: str | None) -> Claim:
        """Record the answer; the same one again changes nothing.

        Raises ClaimNotFoundError, NotForRepresentativeError, BeneficiariesUnconfirmedError, ClaimStepClosedError,
        ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        standing = self.access(worker_id, claim, Act.ANSWER)
        if standing.is_heir and standing.representative is not None:
            given = _HeirsAnswer(standing.actor, standing.representative, answer, reason)
            return self._of_heir(claim_no, claim.amount_fen, given)
        return self.take(claim, standing.actor, answer, reason)

    @repeated_on_conflict
    def _of_heir(self, claim_no: str, amount_fen: int | None, given: "_HeirsAnswer") -> Claim:
        """One beneficiary's answer: any may dispute, and the amount stands once each has accepted it.

        Repeated where another heir answered at the same moment, never for another amount.
        """
        by, heir, answer, reason = given
        claim = self.claims.get(claim_no)
        if not claim.goes_to_beneficiaries:
            raise NotForRepresentativeError  # the estate's money: staff take the heirs' signed agreement
        if claim.amount_fen != amount_fen:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        heirs = self.heirs(claim_no)
        everybody = frozenset(heirs.documents)
        own = {payee for payee, known in heirs.documents.items() if heir.said.identity in known}
        answered = everybody if heir.for_all_heirs else own
        if not answered:
            raise NotForRepresentativeError
        if answer is AnswerKind.DISPUTE or claim.status in _STANDS[AnswerKind.ACCEPT]:
            return self._take(claim, by, answer, reason)
        before = {payee for version, payee in claim.round.agreed_heirs if version == heirs.version}
        if before >= answered:
            return claim
        agreed = tuple((heirs.version, payee) for payee in sorted(before | answered))
        if before | answered >= everybody:
            return self._take(claim, by, answer, reason, agreed_heirs=agreed)
        change = record(
            claim,
            ClaimEvent.HEIR_ACCEPTED,
            at=self.now(),
            by=by,
            reason_code="+".join(sorted(answered)),
            reason=reason,
            agreed_heirs=agreed,
        )
        self.claims.save(change)
        return change.after

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

    def _take(self, claim: Claim, by: Actor, answer: AnswerKind, reason: str | None, **changes: Any) -> Claim:
        if not (claim.status in _STANDS[answer] and claim.amount_fen):
            at = self.now()
            notices = read_by_answering(claim, by, at)
            if answer is AnswerKind.ACCEPT:
                change = record(
                    claim,
                    ClaimEvent.ACCEPTED,
                    at=at,
                    by=by,
                    reason=reason,
                    agreed_at=at,
                    notices=notices,
                    **changes,
                )
            else:
                change = record(
                    claim,
                    ClaimEvent.DISPUTED,
                    at=at,
                    by=by,
                    reason=reason,
                    agreed_heirs=(),
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
