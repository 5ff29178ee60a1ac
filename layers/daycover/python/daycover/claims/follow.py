"""What the workflow ClaimToPayout does to a claim between the waits. Every task may run twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, Claims
from daycover.claims.collect import CompleteDocuments
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.delivery import notice_of_decision
from daycover.claims.lifecycle import TABLE, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.notice import NoticeKind, replaced
from daycover.claims.record import record
from daycover.claims.steps import Waits, WaitStep
from daycover.claims.undecided import UNDECIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowClaim:
    claims: Claims
    waits: Waits
    complete: CompleteDocuments
    now: Callable[[], datetime]

    @repeated_on_conflict
    def register(self, claim_no: str) -> Claim:
        """Send the one notice that lists every document (Insurance Law art. 22): the claim shows it."""
        claim = self.claims.get(claim_no)
        if claim.status is not ClaimStatus.REGISTERED:
            return claim
        return self._save(claim, ClaimEvent.CHECKLIST_SENT)

    def open_step(self, claim_no: str, step: WaitStep, token: str) -> None:
        """Let the workflow wait on a step; ends the wait at once where it is already over."""
        self.waits.hold(claim_no, step, token)
        self._settle(claim_no, step)

    @repeated_on_conflict
    def _settle(self, claim_no: str, step: WaitStep) -> None:
        if step is WaitStep.DOCUMENTS:
            self.complete(claim_no)
        claim = self.claims.get(claim_no)
        if step is WaitStep.DECISION and claim.status in {ClaimStatus.DISPUTED, ClaimStatus.REOPENED}:
            referred_for = (*claim.round.referred_for, claim.status.value)
            complete_at = claim.round.documents_complete_at or self.now()
            claim = self._save(
                claim,
                ClaimEvent.REVIEW_RESUMED,
                referred_for=tuple(dict.fromkeys(referred_for)),
                documents_complete_at=complete_at,
                supplement=(),  # a new review has one notice of its own
                **UNDECIDED,
            )
        self.waits.settle(claim, step)

    @repeated_on_conflict
    def remind(self, claim_no: str, step: WaitStep) -> Claim:
        """Note that the claimant was reminded. Silence never refuses a claim."""
        claim = self.claims.get(claim_no)
        if claim.status in {ClaimStatus.WITHDRAWN, ClaimStatus.CLOSED}:
            return claim  # ended while the wait ran out
        if step is WaitStep.DOCUMENTS and self.complete.after_silence(claim_no) == ():
            return self.claims.get(claim_no)
        return self._save(claim, ClaimEvent.REMINDED, reason_code=step.value.upper())

    @repeated_on_conflict
    def notify_refusal(self, claim_no: str) -> Claim:
        """Issue the notice of refusal (Insurance Law art. 24), once: the message of this line tells of it.

        The document stands since the acknowledgement, and waits for delivery until that is a fact.
        """
        claim = self.claims.get(claim_no)
        fact = notice_of_decision(claim.round)
        if fact is None or fact.kind is not NoticeKind.REFUSAL:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if fact.told_by is not None:
            return claim
        issued = fact.model_copy(update={"told_by": claim.version + 1})
        notices = replaced(claim.round.notices, issued)
        return self._save(claim, ClaimEvent.REFUSAL_NOTICE_ISSUED, notice=fact.number, notices=notices)

    @repeated_on_conflict
    def close(self, claim_no: str) -> Claim:
        claim = self.claims.get(claim_no)
        if claim.status is ClaimStatus.CLOSED:
            return claim
        return self._save(claim, ClaimEvent.CLOSED, closed_at=self.now(), attention=None)

    @repeated_on_conflict
    def record_failure(self, claim_no: str, state: str) -> Claim:
        """Put a claim whose workflow broke down before staff, with the state that failed."""
        claim = self.claims.get(claim_no)
        attention = Attention.WORKFLOW_FAILED
        if claim.attention is attention or (claim.status, ClaimEvent.WORKFLOW_FAILED) not in TABLE:
            return claim
        return self._save(claim, ClaimEvent.WORKFLOW_FAILED, reason_code=state, attention=attention)

    def _save(
        self, claim: Claim, event: ClaimEvent, *, reason_code: str | None = None, **changes: Any
    ) -> Claim:
        change = record(claim, event, at=self.now(), reason_code=reason_code, **changes)
        self.claims.save(change)
        return change.after
