"""Collect the documents of a claim: announce, upload, receive; the last one required ends the wait."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from daycover.claims.access import ClaimAccess, Standing
from daycover.claims.assess import Reassessed
from daycover.claims.claim import SYSTEM, Actor, Claim, ClaimNotFoundError, Claims, as_written
from daycover.claims.clocks import PausedInterval
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.consents import ClaimConsentKind, consent_for, is_withdrawn, require
from daycover.claims.documents import DocumentStatus, DocumentType, checklist, missing
from daycover.claims.evidence import (
    Announcement,
    ClaimDocument,
    DocumentNotFoundError,
    Documents,
    document_id,
    statuses_of,
)
from daycover.claims.lifecycle import TABLE, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.notice import answered, last_request
from daycover.claims.record import record
from daycover.claims.steps import Waits, WaitStep
from daycover.errors import DaycoverError, ErrorKind
from daycover.upload import Upload, Vault, digest_of

_COMPLETION = {
    ClaimStatus.AWAITING_DOCS: ClaimEvent.DOCUMENTS_COMPLETED,
    ClaimStatus.AWAITING_SUPPLEMENT: ClaimEvent.SUPPLEMENT_COMPLETED,
}
SILENCE = timedelta(days=3)
"""After which the last required paper is taken for the last one."""
_COLLECTING = frozenset(
    {
        ClaimStatus.REGISTERED,
        ClaimStatus.AWAITING_DOCS,
        ClaimStatus.AWAITING_SUPPLEMENT,
        ClaimStatus.INVESTIGATING,
        ClaimStatus.IN_REVIEW,
        ClaimStatus.DISPUTED,
        ClaimStatus.REOPENED,
    }
)
_DECIDED = frozenset(
    {
        ClaimStatus.DECIDED,
        ClaimStatus.ACKNOWLEDGED,
        ClaimStatus.AGREED,
        ClaimStatus.PAYING,
        ClaimStatus.PAID,
        ClaimStatus.CLOSED,
    }
)
"""Where a claim may stand whose papers were all there."""


class PapersMissingError(DaycoverError):
    """Required papers are still missing, so this can't be all.

    What to do: Send those that the problem names, or ask staff to waive one that cannot be had.
    含义:仍缺少必需的材料。
    处理:补交问题中列出的材料;确实无法取得的,请联系工作人员免交。
    """

    kind = ErrorKind.CONFLICT
    title = "还有材料没有交", "Papers are still missing"
    detail = "还缺:{missing_zh}。", "Still missing: {missing}."


class DocumentAcceptedError(DaycoverError):
    """The document was accepted and is not replaced any more.

    What to do: Send the new one beside it.
    含义:该材料已审核通过,不能再替换。
    处理:另行上传新的材料。
    """

    kind = ErrorKind.CONFLICT
    title = "该材料已审核通过", "The document has been accepted"
    detail = (
        "已通过的材料不能替换,请另行上传。",
        "Upload the new one beside it; an accepted one is not replaced.",
    )


class Announced(NamedTuple):
    """`uploads`: a form for each page."""

    document: ClaimDocument
    uploads: tuple[Upload, ...]


class Received(NamedTuple):
    document: ClaimDocument
    missing: tuple[DocumentType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteDocuments:
    """Ends the wait for documents once none is missing; what came as a supplement is assessed anew."""

    claims: Claims
    documents: Documents
    waits: Waits
    assess_again: Callable[[Claim], Reassessed]
    now: Callable[[], datetime]

    @repeated_on_conflict
    def __call__(self, claim_no: str, all_sent: Actor | None = None) -> tuple[DocumentType, ...]:
        """Give what is missing. Documents that arrive side by side all come here: the last one sees all.

        The first wait ends when nothing is missing and somebody has said that this is all (`all_sent`): more
        bills may follow the first. A supplement ends with the last paper that was asked for.
        """
        documents = self.documents.list_of(claim_no)
        claim = self.claims.get(claim_no)
        still_missing = awaited(claim, documents)
        if still_missing:
            self._note_first(claim, documents)
            return still_missing
        event = _COMPLETION.get(claim.status)
        if event is ClaimEvent.DOCUMENTS_COMPLETED and all_sent is None:
            self._note_first(claim, documents)
            return ()
        if event is not None:
            at = self.now()
            anew: dict[str, Any] = {}
            if event is ClaimEvent.SUPPLEMENT_COMPLETED and not is_withdrawn(
                claim.consents, ClaimConsentKind.HEALTH_DATA
            ):
                anew = self.assess_again(claim)._asdict()
            change = record(
                claim,
                event,
                at=at,
                by=all_sent or SYSTEM,
                received_at=claim.round.received_at or at,
                documents_complete_at=claim.round.documents_complete_at or at,
                pauses=_ended(claim, at),
                notices=answered(claim.round.notices, at),
                **anew,
            )
            self.claims.save(change)
            claim = change.after
        self.waits.settle(claim, WaitStep.DOCUMENTS)
        return ()

    def after_silence(self, claim_no: str) -> tuple[DocumentType, ...] | None:
        """Complete a claim that lacks nothing and whose claimant has been silent for SILENCE; None where it waits on.

        Nobody loses a claim for a word that was not said.
        """
        documents = self.documents.list_of(claim_no)
        last = max((d.received_at for d in documents if d.received_at is not None), default=None)
        lacking = awaited(self.claims.get(claim_no), documents)
        if last is None or lacking or self.now() - last < SILENCE:
            return None
        return self(claim_no, SYSTEM)

    def _note_first(self, claim: Claim, documents: Collection[ClaimDocument]) -> None:
        """Start the round's 30 days with the first paper that arrives, however many are still missing."""
        arrived = [d.received_at for d in documents if d.received_at is not None]
        collecting = (claim.status, ClaimEvent.PAPERS_RECEIVED) in TABLE
        if arrived and collecting and claim.round.received_at is None:
            change = record(claim, ClaimEvent.PAPERS_RECEIVED, at=self.now(), received_at=min(arrived))
            self.claims.save(change)


def awaited(claim: Claim, documents: Collection[ClaimDocument]) -> tuple[DocumentType, ...]:
    """Give what the claim waits for: what the checklist misses, and what a supplement asked for.

    What was asked for again must arrive after it was asked for; what is waived is not awaited.
    """
    lacking = missing(checklist(claim.claim_types), statuses_of(claim, documents))
    request = last_request(claim.round.notices)
    if claim.status is not ClaimStatus.AWAITING_SUPPLEMENT or request is None:
        return lacking
    asked_at = request.made_at
    arrived = {
        document.announced.doc_type
        for document in documents
        if document.received_at is not None
        and document.received_at >= asked_at
        and document.status in {DocumentStatus.RECEIVED, DocumentStatus.ACCEPTED}
    }
    wanted = [kind for kind in claim.round.supplement if kind not in arrived | set(claim.waived)]
    return tuple(dict.fromkeys((*lacking, *wanted)))


def _ended(claim: Claim, at: datetime) -> tuple[PausedInterval, ...]:
    """The pauses, the open one ended: the 30 days go on."""
    return tuple(
        pause if pause.end is not None else PausedInterval(start=pause.start, end=max(at, pause.start))
        for pause in claim.round.pauses
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectDocuments:
    """What the insured, a representative, or staff for them, do with documents. Every step may be repeated."""

    claims: Claims
    documents: Documents
    vault: Vault
    access: ClaimAccess
    complete: CompleteDocuments
    now: Callable[[], datetime]

    def announce(self, by: Actor, claim_no: str, announced: Announcement) -> Announced:
        """Register a document and give the form that uploads it.

        `by` is a member of staff, or an account (`Actor.worker`), whose standing is looked up. Raises
        ClaimNotFoundError, ClaimStepClosedError, DocumentFactsError, ClaimConsentMissingError,
        DocumentNotFoundError and DocumentAcceptedError (of the one that it replaces).
        """
        announced.check()
        claim, standing = self._standing(by, claim_no)
        standing.require_filing(announced.doc_type)
        require(claim.consents, consent_for(announced.doc_type))
        self._replaced(claim_no, announced, standing)
        document = ClaimDocument(
            document_id=document_id(claim_no, announced),
            claim_no=claim_no,
            announced=announced,
            announced_at=self.now(),
            announced_by=as_written(standing.actor),
        )
        self.documents.announce(document)
        pages = range(len(announced.pages))
        return Announced(document, tuple(self.vault.upload_form(document, page) for page in pages))

    def receive(self, by: Actor, claim_no: str, document_id: str) -> Received:
        """Check the uploaded file against its announcement and count it in.

        Raises ClaimNotFoundError, ClaimStepClosedError, DocumentNotFoundError, UploadMissingError,
        UploadMismatchError, PhotoFormatError, DocumentAcceptedError, ClaimConsentMissingError.
        """
        claim, standing = self._standing(by, claim_no)
        document = self.documents.get(claim_no, document_id)
        standing.require_filing(document.announced.doc_type)
        if standing.is_asking and document.announced_by != as_written(standing.actor):
            raise DocumentNotFoundError
        require(claim.consents, consent_for(document.announced.doc_type))  # withdrawn meanwhile
        if document.status is DocumentStatus.REQUIRED:
            document = self._check_in(document)
        replaced = self._replaced(claim_no, document.announced, standing)
        if replaced is not None:
            self.documents.judge(
                replaced.model_copy(update={"status": DocumentStatus.REPLACED}), replaced.status
            )
        still_missing = self.complete(claim_no)
        return Received(document, still_missing)

    def all_sent(self, by: Actor, claim_no: str) -> Claim:
        """Take the claimant's word, or that of staff for them, that these are all papers: the review begins. Again it
        changes nothing, also where the machine has decided since: whoever had no answer asks a moment later.

        Raises ClaimNotFoundError, ClaimStepClosedError, PapersMissingError.
        """
        claim = self.claims.get(claim_no)
        is_complete = claim.round.documents_complete_at is not None
        if is_complete and claim.status in _DECIDED and not self.access.participant(by, claim).is_asking:
            return claim
        _, standing = self._standing(by, claim_no)
        if standing.is_asking:
            raise ClaimNotFoundError
        lacking = self.complete(claim_no, standing.actor)
        if lacking:
            names = {r.doc_type: r.name_zh for r in checklist(self.claims.get(claim_no).claim_types)}
            missing_zh = "、".join(names.get(doc_type, doc_type.value) for doc_type in lacking)
            raise PapersMissingError(missing=", ".join(lacking), missing_zh=missing_zh)
        return self.claims.get(claim_no)

    def _replaced(self, claim_no: str, announced: Announcement, standing: Standing) -> ClaimDocument | None:
        """Give the document that is to be replaced; None where there is none, or it was replaced before."""
        if announced.replaces is None:
            return None
        found = self.documents.get(claim_no, announced.replaces)
        if standing.is_asking and found.announced_by != as_written(standing.actor):
            raise DocumentNotFoundError
        if found.status is DocumentStatus.REPLACED or found.document_id == document_id(claim_no, announced):
            return None
        if found.status is DocumentStatus.ACCEPTED:
            raise DocumentAcceptedError
        if found.status is DocumentStatus.REQUIRED or found.announced.doc_type is not announced.doc_type:
            raise DocumentNotFoundError
        return found

    def _standing(self, by: Actor, claim_no: str) -> tuple[Claim, Standing]:
        """Give the claim and who files; the proof of one's own power is taken in whatever status."""
        claim = self.claims.get(claim_no)
        standing = self.access.participant(by, claim)
        if claim.status not in _COLLECTING and not standing.is_asking:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        return claim, standing

    def _check_in(self, document: ClaimDocument) -> ClaimDocument:
        kinds = digest_of(self.vault, document)
        receipt = {
            "status": DocumentStatus.RECEIVED,
            "received_at": self.now(),
            "file_kind": kinds[0],
            "further_kinds": kinds[1:],
        }
        received = document.model_copy(update=receipt)
        # a file or an invoice seen before, or a file that nobody can read, is evidence, not a refusal
        for number in range(len(kinds)):
            first = self.documents.first_with_file(received, number)
            if first.partition("/")[0] != document.claim_no:
                received = received.model_copy(update={"same_file_as": first})
        holder = self.documents.receive(received)
        return received.model_copy(update={"duplicate_of": holder})
