"""Uploading a document of a claim, and reading its file."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from daycover.claims.collect import Announced, Received
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import FACTS, MAXIMUM_BYTES, Announcement, ContentType, Facts
from daycover.platform.http import Body, View


class ClaimDocumentBody(Body):
    doc_type: DocumentType
    content_type: ContentType
    size: Annotated[int, Field(ge=1, le=MAXIMUM_BYTES)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    facts: Annotated[Facts | None, Field(validate_default=True)] = None

    @field_validator("facts")
    @classmethod
    def _of_its_type(cls, facts: Facts | None, info: ValidationInfo) -> Facts | None:
        if "doc_type" not in info.data:  # refused already
            return facts
        expected = FACTS.get(info.data["doc_type"])
        if expected is None and facts is not None:
            raise ValueError("this document type carries no facts")
        if expected is not None and not isinstance(facts, expected):
            raise ValueError("the facts of this document type are required")
        return facts

    def announcement(self) -> Announcement:
        return Announcement(**dict(self))


class UploadView(View):
    url: str
    fields: dict[str, str]


class AnnouncedView(View):
    document_id: str
    upload: UploadView

    @classmethod
    def of(cls, announced: Announced) -> "AnnouncedView":
        upload = UploadView(url=announced.upload.url, fields=announced.upload.fields)
        return cls(document_id=announced.document.document_id, upload=upload)


class FileLinkView(View):
    """Where the file can be read, for 60 seconds."""

    url: str


class ReceiptView(View):
    status: DocumentStatus
    missing: list[DocumentType]

    @classmethod
    def of(cls, received: Received) -> "ReceiptView":
        return cls(status=received.document.status, missing=list(received.missing))
