"""Uploading a document of a claim, and reading its file."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from daycover.api.uploads import PageBody, UploadView
from daycover.claims.collect import Announced, Received
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import FACTS, MOST_PAGES, Announcement, Facts, facts_fit
from daycover.claims.lifecycle import ClaimStatus
from daycover.platform.http import View

PageNumber = Annotated[int, Field(ge=1, le=MOST_PAGES)]


class ClaimDocumentBody(PageBody):
    """A document and its first page; `replaces` is the id of the document whose place it takes."""

    doc_type: DocumentType
    facts: Annotated[Facts | None, Field(validate_default=True)] = None
    further_pages: Annotated[tuple[PageBody, ...], Field(max_length=MOST_PAGES - 1)] = ()
    replaces: Annotated[str, StringConstraints(pattern=r"^D[0-9A-Z]{24}$")] | None = None

    @field_validator("facts")
    @classmethod
    def _of_its_type(cls, facts: Facts | None, info: ValidationInfo) -> Facts | None:
        if "doc_type" not in info.data:  # refused already
            return facts
        doc_type = info.data["doc_type"]
        if facts_fit(doc_type, facts):
            return facts
        if doc_type not in FACTS:
            raise ValueError("this document type carries no facts")
        raise ValueError("the facts of this document type are required")

    def announcement(self) -> Announcement:
        pages = tuple(page.file_page() for page in self.further_pages)
        return Announcement(**dict(self) | {"further_pages": pages})


class AnnouncedView(View):
    document_id: str
    upload: UploadView
    further_uploads: list[UploadView]
    """One for each further page, in their order."""

    @classmethod
    def of(cls, announced: Announced) -> "AnnouncedView":
        first, *further = map(UploadView.of, announced.uploads)
        return cls(document_id=announced.document.document_id, upload=first, further_uploads=further)


class CompletionView(View):
    status: ClaimStatus


class ReceiptView(View):
    status: DocumentStatus
    missing: list[DocumentType]

    @classmethod
    def of(cls, received: Received) -> "ReceiptView":
        return cls(status=received.document.status, missing=list(received.missing))
