"""What staff do while a claim is reviewed: ask for a supplement, investigate, note, answer, reopen.

None of it decides a claim, and none of it ends the workflow's wait for the decision.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from daycover.claims.benefits import united
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.documents import ClaimType, DocumentType, checklist, missing
from daycover.claims.evidence import Documents, statuses_of
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError, Decision
from daycover.claims.notice_text import fact_of, papers_request
from daycover.claims.record import record
from daycover.claims.round import Round
from daycover.claims.steps import Workflows
from daycover.errors import DaycoverError, ErrorKind

INVESTIGATION = timedelta(days=10)
"""The time box (assumption): a third of the 30 days, which an investigation does not stop."""


class SupplementRequestedError(DaycoverError):
    """Insurance Law art. 22 allows one notice, and this round of review has sent it.

    What to do: Decide on what arrives; a dispute or a reopening begins a new round.
    含义:保险法第二十二条只允许一次性告知;本轮已发出补充通知。
    处理:等材料到齐后据此作出核定;重新开案或异议后为新一轮。
    """

    kind = ErrorKind.CONFLICT
    title = "本轮审核已一次性告知补充材料", "This round of review has had its one supplement notice"
    detail = (
        "已要求补充:{documents}。同一轮审核不得再次要求补充材料。",
        "Asked for already: {documents}. Insurance Law art. 22 allows one notice.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClaim:
    """Raises ClaimNotFoundError, ClaimStepClosedError and ConcurrentChangeError throughout."""

    claims: Claims
    documents: Documents
    workflows: Workflows
    now: Callable[[], datetime]

    def request_supplement(
        self, staff_id: str, claim_no: str, wanted: tuple[DocumentType, ...], reason: str
    ) -> Claim:
        """Ask once for everything: what is `wanted` and what the checklist still misses.

        The request is a notice. From its delivery the 30 days stand still until all has arrived
        (`claims.deliver`). The same request again changes nothing. Raises SupplementRequestedError.
        """
        claim = self.claims.get(claim_no)
        lacking = missing(checklist(claim.claim_types), statuses_of(claim, self.documents.list_of(claim_no)))
        everything = tuple(sorted({*wanted, *lacking}))
        if claim.status is ClaimStatus.AWAITING_SUPPLEMENT and claim.round.supplement == everything:
            return claim
        if claim.round.supplement:
            raise SupplementRequestedError(documents=", ".join(claim.round.supplement))
        at = self.now()
        notice = papers_request(claim, everything, reason, at)
        change = record(
            claim,
            ClaimEvent.SUPPLEMENT_REQUESTED,
            at=at,
            by=Actor.staff(staff_id),
            reason_code="SUPPLEMENT",
            reason=reason,
            supplement=everything,
            notice=notice.number,
            notices=(*claim.round.notices, fact_of(notice, told_by=claim.version + 1)),
        )
        self.claims.save(change._replace(notice=notice))
        return change.after

    def open_investigation(self, staff_id: str, claim_no: str, reason_code: str, reason: str) -> Claim:
        """Begin an investigation, which has 10 days and never declines by itself."""
        claim = self.claims.get(claim_no)
        if not claim.round.referred_for:  # the machine is still at it
            raise ClaimStepClosedError(claim_status=claim.status.value)
        at = self.now()
        return self._save(
            claim,
            ClaimEvent.INVESTIGATION_OPENED,
            staff_id,
            reason_code,
            reason,
            investigate_by=at + INVESTIGATION,
        )

    def close_investigation(self, staff_id: str, claim_no: str, reason_code: str, finding: str) -> Claim:
        """File the report; the claim goes back to review."""
        claim = self.claims.get(claim_no)
        return self._save(
            claim, ClaimEvent.INVESTIGATION_CLOSED, staff_id, reason_code, finding, investigate_by=None
        )

    def note(self, staff_id: str, claim_no: str, text: str) -> Claim:
        """Add a line for colleagues to the history, in whatever status."""
        return self._save(self.claims.get(claim_no), ClaimEvent.NOTED, staff_id, None, text)

    def answer_complaint(self, staff_id: str, claim_no: str, text: str) -> Claim:
        """Answer the open complaint: the claimant reads the text."""
        claim = self.claims.get(claim_no)
        if claim.complained_at is None:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        return self._save(claim, ClaimEvent.COMPLAINT_ANSWERED, staff_id, None, text, complained_at=None)

    def reopen(
        self,
        staff_id: str,
        claim_no: str,
        reason_code: str,
        reason: str,
        added: tuple[ClaimType, ...] = (),
    ) -> Claim:
        """Take a closed claim up again: new bills, another grade, an appeal, benefits that are `added`.

        A round of its own is appended, with clocks of its own from now on; what earlier ones paid stays paid, and
        the next decision's amount comes on top. A workflow of its own follows it.
        Repeating it, also after a crash, starts that workflow once.
        """
        claim = self.claims.get(claim_no)
        if claim.status is not ClaimStatus.REOPENED:
            at = self.now()
            begun = Round(
                number=len(claim.rounds),
                requested_at=at,
                received_at=at,
                documents_complete_at=at,
                sheet=claim.round.sheet,
                referred_for=("REOPENED",),
            )
            rounds = (*claim.rounds, begun)
            claim = self._save(
                claim,
                ClaimEvent.REOPENED,
                staff_id,
                reason_code,
                reason,
                rounds=rounds,
                decision=Decision.PENDING,
                claim_types=united(claim, added),
            )
        self.workflows.start_claim(claim_no, claim.round.number)
        return claim

    def _save(
        self,
        claim: Claim,
        event: ClaimEvent,
        staff_id: str,
        reason_code: str | None,
        reason: str,
        **changes: Any,
    ) -> Claim:
        change = record(
            claim,
            event,
            at=self.now(),
            by=Actor.staff(staff_id),
            reason_code=reason_code,
            reason=reason,
            **changes,
        )
        self.claims.save(change)
        return change.after
