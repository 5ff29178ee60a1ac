"""The notices of a claim as they are read, and what staff say of a delivery."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from daycover.api.discretion import Health
from daycover.api.fields import Instant, Line, ShortWords
from daycover.claims.claim import Claim
from daycover.claims.deliver import HowDelivered
from daycover.claims.delivery import notice_due, undelivered
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.notice import DeliveryChannel, Notice, NoticeFact, NoticeKind, NoticeRecipient
from daycover.claims.read import ClaimFile
from daycover.platform.http import Body, View


class DeliveryBody(Body):
    """`at`: when a letter of refusal was posted, and when anything else reached its addressee; absent, now.

    `reference`: the number of the registered letter, the number called, or where it was handed over; `note`: who
    was spoken with or signed.
    """

    channel: Literal["LETTER", "CALL", "IN_PERSON"]
    at: Instant | None = None
    reference: Annotated[Line, Field(min_length=3, max_length=80)]
    note: ShortWords | None = None

    def delivery(self) -> HowDelivered:
        return HowDelivered(DeliveryChannel(self.channel), self.at, self.reference, self.note)


class BenefitNoticeView(View):
    claim_type: ClaimType
    amount_fen: int
    paid_before_fen: int
    """What earlier rounds decided for it."""
    reason: Health[str]
    """Why it gets nothing, or less than was computed. May speak of health."""


class AskedDocumentView(View):
    doc_type: DocumentType
    name: str


class NoticeDeliveryView(View):
    """`at`: when a letter of refusal was posted, and when anything else reached its addressee."""

    channel: DeliveryChannel
    at: datetime
    recorded_at: datetime


class ClaimNoticeView(View):
    """A notice (通知书), from the moment it was made. `text` and the reasons may speak of health.

    `due_at` is there while it must still be delivered.
    """

    number: str
    kind: NoticeKind
    addressee: NoticeRecipient
    made_at: datetime
    text: Health[str]
    reason: Health[str]
    amounts: list[BenefitNoticeView]
    total_fen: int | None
    documents: list[AskedDocumentView]
    legal_basis: str
    how_to_dispute: str
    contact: str
    due_at: datetime | None
    delivery: NoticeDeliveryView | None


def notice_views(file: ClaimFile) -> list[ClaimNoticeView]:
    return [_notice_view(file.claim, fact, notice) for fact, notice in file.notices]


def _notice_view(claim: Claim, fact: NoticeFact, notice: Notice) -> ClaimNoticeView:
    delivered = fact.delivered
    return ClaimNoticeView(
        number=fact.number,
        kind=fact.kind,
        addressee=notice.addressee,
        made_at=fact.made_at,
        text=notice.text,
        reason=notice.reason,
        amounts=[BenefitNoticeView(**dict(amount)) for amount in notice.amounts],
        total_fen=notice.total_fen,
        documents=[AskedDocumentView(**dict(document)) for document in notice.documents],
        legal_basis=notice.legal_basis,
        how_to_dispute=notice.how_to_dispute,
        contact=notice.contact,
        due_at=notice_due(claim) if fact == undelivered(claim) else None,
        delivery=NoticeDeliveryView(
            channel=delivered.channel, at=delivered.at, recorded_at=delivered.recorded_at
        )
        if delivered
        else None,
    )
