"""An adjuster's verdict on one document (材料审核): accepted, rejected or waived, with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.claims.adjudication import Assessment
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.collect import CompleteDocuments
from daycover.claims.compute import ComputeClaim
from daycover.claims.consents import ClaimConsentKind, is_withdrawn
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import (
    ClaimDocument,
    DocumentFactsError,
    DocumentNotFoundError,
    Documents,
    InvoiceFacts,
    LineVerdict,
)
from daycover.claims.lifecycle import TABLE, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.record import record
from daycover.errors import DaycoverError, ErrorKind

_JUDGED = frozenset({ClaimStatus.IN_REVIEW, ClaimStatus.AWAITING_SUPPLEMENT, ClaimStatus.INVESTIGATING})


class LineVerdictError(DaycoverError):
    """The invoice has no such line, or more is accepted than was billed.

    A line that the invoice does not have, or more accepted than was billed, or a cut without a reason.

    What to do: Use line numbers (from 0) and amounts of the claim file.
    含义:发票没有这一行,或认可金额超过票面金额。
    处理:按案卷中发票的行号(从 0 起)和金额重新提交。
    """

    kind = ErrorKind.INVALID
    title = "逐项认定与发票不符", "The line verdict does not fit the invoice"
    detail = (
        "第 {line} 行(从 0 起)不存在,或认可金额超过票面金额。",
        "Line {line} (from 0) does not exist, or more is accepted than was billed.",
    )


class DocumentVerdict(NamedTuple):
    """`status` is ACCEPTED, REJECTED or WAIVED; `lines` cut single lines of an accepted invoice."""

    status: DocumentStatus
    reason_code: str
    reason: str
    lines: tuple[LineVerdict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeDocument:
    claims: Claims
    documents: Documents
    compute: ComputeClaim
    complete: CompleteDocuments
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, document_id: str, verdict: DocumentVerdict) -> Claim:
        """Record the verdict and compute the claim again from what now stands.

        To waive, `document_id` may be a document type: then nothing need have been sent. Raises
        ClaimNotFoundError, ClaimStepClosedError, DocumentNotFoundError, DocumentFactsError,
        LineVerdictError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if (claim.status, ClaimEvent.DOCUMENT_JUDGED) not in TABLE:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        waived = claim.waived
        if verdict.status is DocumentStatus.WAIVED:
            waived = tuple(dict.fromkeys((*waived, self._type_of(claim_no, document_id))))
        else:
            self._judge(self.documents.get(claim_no, document_id), verdict)
        change = record(
            claim,
            ClaimEvent.DOCUMENT_JUDGED,
            at=self.now(),
            by=Actor.staff(staff_id),
            reason_code=f"{verdict.status}:{verdict.reason_code}",
            reason=verdict.reason,
            waived=waived,
            assessment=self._assessed(claim),
        )
        self.claims.save(change)
        self.complete(claim_no)  # a waiver may have been the last thing missing
        return self.claims.get(claim_no)

    def _type_of(self, claim_no: str, document_id: str) -> DocumentType:
        if document_id in set(DocumentType):
            return DocumentType(document_id)
        return self.documents.get(claim_no, document_id).announced.doc_type

    def _judge(self, document: ClaimDocument, verdict: DocumentVerdict) -> None:
        if document.status is DocumentStatus.REQUIRED:
            raise DocumentNotFoundError  # announced, never uploaded
        if verdict.lines:
            facts = document.announced.facts
            if not isinstance(facts, InvoiceFacts) or verdict.status is not DocumentStatus.ACCEPTED:
                raise DocumentFactsError(doc_type=document.announced.doc_type.value)
            for line in verdict.lines:
                fits = line.line < len(facts.lines) and line.accepted_fen <= facts.lines[line.line].amount_fen
                if not fits:
                    raise LineVerdictError(line=line.line)
        judged = document.model_copy(update={"status": verdict.status, "line_verdicts": verdict.lines})
        self.documents.judge(judged, document.status)

    def _assessed(self, claim: Claim) -> Assessment | None:
        """The claim computed anew; before it is referred the workflow computes it."""
        if claim.status not in _JUDGED or not claim.round.referred_for:
            return claim.assessment
        if is_withdrawn(claim.consents, ClaimConsentKind.HEALTH_DATA):
            return claim.assessment  # nothing is computed from papers that may not be used
        return self.compute(claim).assessment
