"""Collect the documents of a claim: announce, upload, receive; the last one required ends the wait."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.claims.access import ClaimAccess, Standing
from daycover.claims.assess import Reassessed
from daycover.claims.claim import Actor, Claim, Claims, as_written
from daycover.claims.clocks import PausedInterval
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.documents import DocumentStatus, DocumentType, checklist, missing
from daycover.claims.evidence import (
    Announcement,
    ClaimDocument,
    DocumentNotFoundError,
    Documents,
    Upload,
    UploadMismatchError,
    UploadMissingError,
    Vault,
    document_id,
    statuses_of,
)
from daycover.claims.lifecycle import TABLE, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.record import record
from daycover.claims.steps import Waits, WaitStep

_COMPLETION = {
    ClaimStatus.AWAITING_DOCS: ClaimEvent.DOCUMENTS_COMPLETED,
    ClaimStatus.AWAITING_SUPPLEMENT: ClaimEvent.SUPPLEMENT_COMPLETED,
}
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


class Announced(NamedTuple):
    document: ClaimDocument
    upload: Upload


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
    def __call__(self, claim_no: str) -> tuple[DocumentType, ...]:
        """Give what is missing. Documents that arrive side by side all come here: the last one sees all."""
        documents = self.documents.list_of(claim_no)
        claim = self.claims.get(claim_no)
        still_missing = awaited(claim, documents)
        if still_missing:
            self._note_first(claim, documents)
            return still_missing
        event = _COMPLETION.get(claim.status)
        if event is not None:
            at = self.now()
            anew: dict[str, Any] = {}
            if event is ClaimEvent.SUPPLEMENT_COMPLETED:
                anew = self.assess_again(claim)._asdict()
            change = record(
                claim,
                event,
                at=at,
                received_at=claim.round.received_at or at,
                documents_complete_at=claim.round.documents_complete_at or at,
                pauses=_ended(claim, at),
                **anew,
            )
            self.claims.save(change)
            claim = change.after
        self.waits.settle(claim, WaitStep.DOCUMENTS)
        return ()

    def _note_first(self, claim: Claim, documents: Collection[ClaimDocument]) -> None:
        """Start the round's 30 days with the first paper that arrives, however many are still missing."""
        arrived = [d.received_at for d in documents if d.received_at is not None]
        collecting = (claim.status, ClaimEvent.PAPERS_RECEIVED) in TABLE
        if arrived and collecting and claim.round.received_at is None:
            change = record(claim, ClaimEvent.PAPERS_RECEIVED, at=self.now(), received_at=min(arrived))
            self.claims.save(change)


def awaited(claim: Claim, documents: Collection[ClaimDocument]) -> tuple[DocumentType, ...]:
    """Give what the claim waits for: what the checklist misses, and what a supplement asked for.

    What was asked for again must arrive after the notice; what is waived is not awaited.
    """
    lacking = missing(checklist(claim.claim_types), statuses_of(claim, documents))
    if claim.status is not ClaimStatus.AWAITING_SUPPLEMENT or not claim.round.pauses:
        return lacking
    asked_at = claim.round.pauses[-1].start
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
        ClaimNotFoundError, ClaimStepClosedError, DocumentFactsError.
        """
        announced.check()
        standing = self._standing(by, claim_no)
        standing.require_filing(announced.doc_type)
        document = ClaimDocument(
            document_id=document_id(claim_no, announced),
            claim_no=claim_no,
            announced=announced,
            announced_at=self.now(),
            announced_by=as_written(standing.actor),
        )
        self.documents.announce(document)
        return Announced(document, self.vault.upload_form(document))

    def receive(self, by: Actor, claim_no: str, document_id: str) -> Received:
        """Check the uploaded file against its announcement and count it in.

        Raises ClaimNotFoundError, ClaimStepClosedError, DocumentNotFoundError, UploadMissingError,
        UploadMismatchError.
        """
        standing = self._standing(by, claim_no)
        document = self.documents.get(claim_no, document_id)
        standing.require_filing(document.announced.doc_type)
        if standing.is_asking and document.announced_by != as_written(standing.actor):
            raise DocumentNotFoundError
        if document.status is DocumentStatus.REQUIRED:
            document = self._check_in(document)
        still_missing = self.complete(claim_no)
        return Received(document, still_missing)

    def _standing(self, by: Actor, claim_no: str) -> Standing:
        """Who files; the proof of one's own power is taken in whatever status."""
        claim = self.claims.get(claim_no)
        standing = self.access.participant(by, claim)
        if claim.status not in _COLLECTING and not standing.is_asking:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        return standing

    def _check_in(self, document: ClaimDocument) -> ClaimDocument:
        file = self.vault.digest(document)
        if file is None:
            raise UploadMissingError
        if (file.size, file.sha256) != (document.announced.size, document.announced.sha256):
            raise UploadMismatchError
        receipt = {"status": DocumentStatus.RECEIVED, "received_at": self.now(), "file_kind": file.kind}
        received = document.model_copy(update=receipt)
        # a file or an invoice seen before, or a file that nobody can read, is evidence, not a refusal
        first = self.documents.first_with_file(received)
        if first.partition("/")[0] != document.claim_no:
            received = received.model_copy(update={"same_file_as": first})
        holder = self.documents.receive(received)
        return received.model_copy(update={"duplicate_of": holder})
