"""Bodies and answers of referrals: the worker's, the operator's and the staff's."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from daycover.api.cover.issued import CoverWarning, cover_warnings
from daycover.api.fields import QrToken
from daycover.cover.decline import decline_words
from daycover.cover.issue import Issued
from daycover.cover.policy import mask_name
from daycover.cover.referral import Document, Referral, ReferralReason, ReferralStatus
from daycover.identity.document import IdDocumentType
from daycover.platform.http import Body, View
from daycover.projects.project import Answered, ReferredWork

DeclineCode = Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,40}$")]


class IdentityDocumentBody(Body):
    type: IdDocumentType
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    number: Annotated[str, StringConstraints(min_length=4, max_length=20, pattern=r"^[0-9A-Za-z]+$")]


class ReferralBody(Body):
    qr_token: QrToken
    reason: ReferralReason
    document: IdentityDocumentBody

    def shown(self) -> Document:
        return Document(**dict(self.document))


class ReferralDecisionBody(Body):
    """`reason` is a code; worker and foreman see it when the referral is declined."""

    approved: bool
    reason: DeclineCode


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
    attempts: int
    failed: int
    asked_at: datetime
    answer_by: datetime
    policy_no: str | None
    warnings: tuple[CoverWarning, ...] = ()

    @classmethod
    def of(cls, referral: Referral, now: datetime, issued: Issued | None = None) -> "ReferralView":
        facts = {name: value for name, value in referral if name in cls.model_fields}
        words = decline_words(referral, now)
        return cls(
            **facts,
            name=mask_name(referral.identity.name),
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
