"""Papers that a referral carries (材料): the worker uploads what its reason asks for, staff look before they decide."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover import crockford
from daycover.cover.application import ApplicationDocument, ApplicationDocumentType
from daycover.cover.referral import (
    MOST_DOCUMENTS,
    Referral,
    ReferralClosedError,
    ReferralDocumentNotFoundError,
    ReferralDocumentsFullError,
    ReferralNotFoundError,
    Referrals,
    ReferralStatus,
)
from daycover.upload import FilePage, Upload, Vault, digest_of

OPEN = {ReferralStatus.ASKED, ReferralStatus.CONFIRMED}


class AnnouncedDocument(NamedTuple):
    """`uploads`: a form for each page."""

    document: ApplicationDocument
    uploads: Sequence[Upload]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReferralDocument:
    """POST /v1/referrals/{referral_id}/documents and …/{document_id}/receipt. Every step may be repeated."""

    now: Callable[[], datetime]
    referrals: Referrals
    vault: Vault

    def announce(
        self, worker_id: str, referral_id: str, doc_type: ApplicationDocumentType, pages: Sequence[FilePage]
    ) -> AnnouncedDocument:
        """Register a paper and give a form for each of its pages; the same files are the same paper.

        Raises ReferralNotFoundError, also for another worker's, ReferralClosedError, ReferralDocumentsFullError.
        """
        referral = self._open(worker_id, referral_id)
        document = ApplicationDocument(
            document_id=_document_id(referral_id, doc_type, pages),
            application_id=referral_id,
            doc_type=doc_type,
            pages=tuple(pages),
            announced_at=self.now(),
        )
        if all(known.document_id != document.document_id for known in referral.documents):
            if len(referral.documents) >= MOST_DOCUMENTS:
                raise ReferralDocumentsFullError(most=MOST_DOCUMENTS)
            self.referrals.add_document(referral_id, document)
        uploads = [self.vault.upload_form(document, page) for page in range(len(pages))]
        return AnnouncedDocument(document, uploads)

    def receive(self, worker_id: str, referral_id: str, document_id: str) -> Referral:
        """Hold the uploaded files against what was announced and count the paper in.

        Raises ReferralNotFoundError, ReferralClosedError, ReferralDocumentNotFoundError, UploadMissingError,
        UploadMismatchError, PhotoFormatError.
        """
        referral = self._open(worker_id, referral_id)
        document = _document(referral, document_id)
        if document.received_at is None:
            kinds = digest_of(self.vault, document)
            received = document.model_copy(update={"received_at": self.now(), "kinds": kinds})
            self.referrals.receive_document(referral_id, received)
        return self.referrals.get(referral_id)

    def _open(self, worker_id: str, referral_id: str) -> Referral:
        referral = self.referrals.get(referral_id)
        if referral.worker_id != worker_id:
            raise ReferralNotFoundError
        status = referral.status(self.now())
        if status not in OPEN:
            raise ReferralClosedError(referral_status=status)
        return referral


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReferralDocument:
    """GET /v1/staff/referrals/{referral_id}/documents/{document_id}/file."""

    referrals: Referrals
    vault: Vault

    def __call__(self, referral_id: str, document_id: str, page: int) -> str:
        """Give a link to a page (from 0), good for a minute.

        Raises ReferralNotFoundError, ReferralDocumentNotFoundError.
        """
        document = _document(self.referrals.get(referral_id), document_id)
        if document.received_at is None or page >= len(document.pages):
            raise ReferralDocumentNotFoundError
        return self.vault.link(document, page)


def _document(referral: Referral, document_id: str) -> ApplicationDocument:
    found = next((known for known in referral.documents if known.document_id == document_id), None)
    if found is None:
        raise ReferralDocumentNotFoundError
    return found


def _document_id(referral_id: str, doc_type: ApplicationDocumentType, pages: Sequence[FilePage]) -> str:
    text = f"{referral_id}|{doc_type}|{'|'.join(page.sha256 for page in pages)}"
    return "D" + crockford.of_digest(hashlib.sha256(text.encode()).digest(), 24)
