"""Bodies and answers of referrals: the worker's, the operator's and the staff's."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.api.cover.issued import CoverWarning, cover_warnings
from daycover.api.fields import DocumentNumber, PersonName, QrToken
from daycover.api.uploads import PageBody, UploadView
from daycover.cover.application import MOST_PAGES, ApplicationDocumentType
from daycover.cover.decide_referral import SiteDecline
from daycover.cover.decline import decline_words
from daycover.cover.issue import Issued
from daycover.cover.policy import mask_name
from daycover.cover.referral import Document, Referral, ReferralReason, ReferralStatus
from daycover.cover.referral_documents import AnnouncedDocument
from daycover.file_kind import FileKind
from daycover.identity.document import IdDocumentType
from daycover.platform.http import Body, View
from daycover.projects.project import Answered, ReferredWork
from daycover.upload import FilePage

DeclineCode = Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,40}$")]


ReferralPageNumber = Annotated[int, Field(ge=1, le=MOST_PAGES)]


class IdentityDocumentBody(Body):
    type: IdDocumentType
    name: PersonName
    number: DocumentNumber
    birth_date: date | None = None
    """Of whose number does not tell it: passports and travel permits."""


class ReferralBody(Body):
    qr_token: QrToken
    reason: ReferralReason
    document: IdentityDocumentBody

    def shown(self) -> Document:
        return Document(**dict(self.document))


class ReferralDocumentBody(Body):
    """A paper and its pages, in their order."""

    doc_type: ApplicationDocumentType
    pages: Annotated[tuple[PageBody, ...], Field(min_length=1, max_length=MOST_PAGES)]

    def files(self) -> list[FilePage]:
        return [page.file_page() for page in self.pages]


class AnnouncedDocumentView(View):
    document_id: str
    uploads: list[UploadView]
    """One for each page, in their order: POST its `fields` and the file to its `url`, then confirm the receipt."""

    @classmethod
    def of(cls, announced: AnnouncedDocument) -> "AnnouncedDocumentView":
        uploads = list(map(UploadView.of, announced.uploads))
        return cls(document_id=announced.document.document_id, uploads=uploads)


class ReferralDocumentView(View):
    document_id: str
    doc_type: ApplicationDocumentType
    page_count: int
    page_kinds: list[FileKind | None]
    """What each page is, in their order; empty before the paper arrived."""
    is_received: bool


class ReferralDecisionBody(Body):
    """`reason` is a code; worker and foreman see it when the referral is declined."""

    approved: bool
    reason: DeclineCode


class SiteDeclineBody(Body):
    """Why nobody can confirm this person here; the worker sees it."""

    reason: SiteDecline


class ReferralView(View):
    """The same for worker, operator and staff: a masked name and what the document is, never its number.

    `referred_work` says why an underwriter decides about every worker of the project, null where that is not
    so; `answered` is what the company said of its work. `declined_zh` and `declined_en` are for people,
    `declined_for` is the code behind them.
    """

    referral_id: str
    project_id: str
    name: str
    document_type: IdDocumentType
    reason: ReferralReason
    occupation_class: int
    premium_fen: int
    referred_work: ReferredWork | None
    answered: tuple[Answered, ...]
    status: ReferralStatus
    declined_for: str | None
    declined_zh: str | None
    declined_en: str | None
    documents: list[ReferralDocumentView]
    attempts: int
    failed: int
    asked_at: datetime
    answer_by: datetime
    policy_no: str | None
    warnings: tuple[CoverWarning, ...] = ()

    @classmethod
    def of(cls, referral: Referral, now: datetime, issued: Issued | None = None) -> "ReferralView":
        facts = {name: value for name, value in referral if name in cls.model_fields}
        facts["documents"] = [
            ReferralDocumentView(
                document_id=document.document_id,
                doc_type=document.doc_type,
                page_count=len(document.pages),
                page_kinds=list(document.kinds),
                is_received=document.received_at is not None,
            )
            for document in referral.documents
        ]
        words = decline_words(referral, now)
        return cls(
            **facts,
            asked_at=referral.at,
            name=mask_name(referral.identity.name),
            document_type=referral.identity.document_type,
            status=referral.status(now),
            declined_for=referral.declined_for(now),
            declined_zh=None if words is None else words.zh,
            declined_en=None if words is None else words.en,
            answer_by=referral.ends_at,
            warnings=() if issued is None else cover_warnings(issued),
        )


class ReferralsView(View):
    referrals: list[ReferralView]

    @classmethod
    def of(cls, referrals: Iterable[Referral], now: datetime) -> "ReferralsView":
        return cls(referrals=[ReferralView.of(referral, now) for referral in referrals])
