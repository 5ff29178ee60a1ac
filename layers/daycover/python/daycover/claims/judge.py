"""An adjuster's verdict on one document (材料审核): accepted, rejected or waived, with its reason.

To accept a document is to vouch for what it states: that enters the loss sheet.
"""

from collections.abc import Callable, Sequence
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
)
from daycover.claims.lifecycle import TABLE, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.record import record
from daycover.claims.sheet import LossSheet, LossSheets, SheetBill, Source, SourceKind, kept_sources
from daycover.claims.stated import LineVerdict, stated
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
        "有一行不存在(行号从 0 起),或认可金额超过票面金额。",
        "A line does not exist (they count from 0), or more is accepted than was billed.",
    )


class DocumentVerdict(NamedTuple):
    """`status` is ACCEPTED, REJECTED or WAIVED; `lines` cut single lines of an accepted bill."""

    status: DocumentStatus
    reason_code: str
    reason: str
    lines: tuple[LineVerdict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeDocument:
    claims: Claims
    documents: Documents
    sheets: LossSheets
    compute: ComputeClaim
    complete: CompleteDocuments
    now: Callable[[], datetime]

    def __call__(self, staff_id: str, claim_no: str, document_id: str, verdict: DocumentVerdict) -> Claim:
        """Record the verdict, enter what an accepted document states into the loss sheet or take out what a rejected
        one did, and compute the claim again.

        To waive, `document_id` may be a document type: then nothing need have been sent. Raises
        ClaimNotFoundError, ClaimStepClosedError, DocumentNotFoundError, DocumentFactsError,
        LineVerdictError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if (claim.status, ClaimEvent.DOCUMENT_JUDGED) not in TABLE:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        before = sheet = self.sheets.find(claim_no, claim.round.sheet)
        waived = claim.waived
        if verdict.status is DocumentStatus.WAIVED:
            waived = tuple(dict.fromkeys((*waived, self._type_of(claim_no, document_id))))
        else:
            document = self.documents.get(claim_no, document_id)
            if document.status in {DocumentStatus.REQUIRED, DocumentStatus.REPLACED}:
                raise DocumentNotFoundError  # announced and never uploaded, or superseded
            sheet = self._entered(claim, document, staff_id, verdict, before)
            judged = {
                "status": verdict.status,
                "verdict_code": verdict.reason_code,
                "verdict_reason": verdict.reason,
            }
            self.documents.judge(document.model_copy(update=judged), document.status)
        change = record(
            claim,
            ClaimEvent.DOCUMENT_JUDGED,
            at=self.now(),
            by=Actor.staff(staff_id),
            reason_code=f"{verdict.status}:{verdict.reason_code}",
            reason=verdict.reason,
            waived=waived,
            sheet=None if sheet.says_the_same(before) else sheet,
            assessment=self._assessed(claim, sheet),
        )
        self.claims.save(change)
        self.complete(claim_no)  # a waiver may have been the last thing missing
        return self.claims.get(claim_no)

    def _type_of(self, claim_no: str, document_id: str) -> DocumentType:
        if document_id in set(DocumentType):
            return DocumentType(document_id)
        return self.documents.get(claim_no, document_id).announced.doc_type

    def _entered(
        self,
        claim: Claim,
        document: ClaimDocument,
        staff_id: str,
        verdict: DocumentVerdict,
        before: LossSheet,
    ) -> LossSheet:
        """Give the sheet after the verdict. What a platform verified stays, but for the lines that are cut; a bill
        that another person's claim had first is entered by hand or not at all.
        """
        if verdict.status is DocumentStatus.REJECTED:
            return before.without_document(document.document_id)
        source = Source(
            kind=SourceKind.ADJUSTER, by=staff_id, at=self.now(), document_id=document.document_id
        )
        verified = [b for b in before.bills if b.source.document_id == document.document_id]
        if verified and document.checks:
            cut = self._cut(verified, verdict.lines, source)
            return before.with_entries(bills=cut)
        if verdict.lines:
            _check_lines(document, verdict.lines)
        entries = stated(claim, document, source, verdict.lines)
        if document.duplicate_of is not None and not self._is_own(claim, document.duplicate_of):
            return before
        return kept_sources(before, entries.into(before.without_document(document.document_id)))

    def _cut(
        self, verified: Sequence[SheetBill], verdicts: Sequence[LineVerdict], source: Source
    ) -> list[SheetBill]:
        if not verdicts:
            return []
        if len(verified) > 1:
            raise LineVerdictError  # of which bill? the sheet itself says
        lines = list(verified[0].lines)
        for verdict in verdicts:
            if verdict.line >= len(lines) or verdict.accepted_fen > lines[verdict.line].billed_fen:
                raise LineVerdictError
            cut = {"accepted_fen": verdict.accepted_fen, "reason_code": verdict.reason_code}
            lines[verdict.line] = lines[verdict.line].model_copy(update=cut)
        return [verified[0].model_copy(update={"lines": tuple(lines), "source": source})]

    def _is_own(self, claim: Claim, holder: str) -> bool:
        """Whether the claim that had the bill first is this one (an earlier copy), or another of the insured."""
        claim_no = holder.partition("/")[0]
        return any(known.claim_no == claim_no for known in self.claims.list_of(claim.policy.person_id))

    def _assessed(self, claim: Claim, sheet: LossSheet) -> Assessment | None:
        """The claim computed anew; before it is referred the workflow computes it."""
        if claim.status not in _JUDGED or not claim.round.referred_for:
            return claim.assessment
        if is_withdrawn(claim.consents, ClaimConsentKind.HEALTH_DATA):
            return claim.assessment  # nothing is computed from papers that may not be used
        return self.compute(claim, sheet).assessment


def _check_lines(document: ClaimDocument, verdicts: Sequence[LineVerdict]) -> None:
    facts = document.announced.facts
    if not isinstance(facts, InvoiceFacts):
        raise DocumentFactsError(doc_type=document.announced.doc_type.value)
    for verdict in verdicts:
        lines = facts.lines
        if verdict.line >= len(lines) or verdict.accepted_fen > lines[verdict.line].amount_fen:
            raise LineVerdictError
