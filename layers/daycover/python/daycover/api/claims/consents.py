"""The separate consents of a claim: their texts, and giving and withdrawing them one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from daycover.api.fields import Sha256
from daycover.claims.claim import Claim
from daycover.claims.consents import (
    CLAIM_TEXTS,
    Accepted,
    ClaimConsent,
    ClaimConsentKind,
    ConsentWay,
    standing,
    wanted,
)
from daycover.platform.http import Body, View

Kinds = Annotated[list[ClaimConsentKind], Field(min_length=1, max_length=len(ClaimConsentKind))]


class ClaimConsentBody(Body):
    """One text that was read, by its hash."""

    kind: ClaimConsentKind
    sha256: Sha256
    shown_at: AwareDatetime

    def accepted(self) -> Accepted:
        return Accepted(self.kind, self.sha256, self.shown_at)


GivenConsents = Annotated[tuple[ClaimConsentBody, ...], Field(max_length=len(ClaimConsentKind))]


def accepted_of(given: Sequence[ClaimConsentBody]) -> tuple[Accepted, ...]:
    return tuple(consent.accepted() for consent in given)


class ClaimConsentsBody(Body):
    consents: Annotated[GivenConsents, Field(min_length=1)]


class ClaimWithdrawalBody(Body):
    kinds: Kinds


class PhoneConsentsBody(Body):
    """What the claimant said on the phone: yes to texts that were read out, or no longer."""

    consents: GivenConsents = ()
    withdrawn: Annotated[tuple[ClaimConsentKind, ...], Field(max_length=len(ClaimConsentKind))] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if bool(self.consents) == bool(self.withdrawn):
            raise ValueError("name either consents or withdrawn")
        return self


class ConsentTextView(View):
    """A text that is not consented to yet."""

    kind: ClaimConsentKind
    version: str
    text: str
    text_en: str
    """The same in English, without force."""
    sha256: str


class ClaimConsentView(ConsentTextView):
    """A text, and since when it is consented to; `withdrawn_at` where the last consent to it was withdrawn."""

    given_at: datetime | None
    withdrawn_at: datetime | None
    way: ConsentWay | None


class ClaimConsentsView(View):
    claim_no: str
    consents: list[ClaimConsentView]

    @classmethod
    def of(cls, claim: Claim) -> "ClaimConsentsView":
        return cls(claim_no=claim.claim_no, consents=claim_consents(claim.consents))


def claim_consents(consents: Sequence[ClaimConsent]) -> list[ClaimConsentView]:
    """Give every current text with what became of it."""
    views = []
    for text in CLAIM_TEXTS:
        stands = standing(consents, text.kind)
        last = stands or next((one for one in reversed(consents) if one.kind is text.kind), None)
        views.append(
            ClaimConsentView(
                kind=text.kind,
                version=text.version,
                text=text.text,
                text_en=text.text_en,
                sha256=text.sha256,
                given_at=stands.given_at if stands else None,
                withdrawn_at=last.withdrawn_at if last else None,
                way=last.way if last else None,
            )
        )
    return views


def consents_wanted(consents: Sequence[ClaimConsent]) -> list[ConsentTextView]:
    """Give the texts that nobody has consented to."""
    return [
        ConsentTextView(
            kind=text.kind, version=text.version, text=text.text, text_en=text.text_en, sha256=text.sha256
        )
        for text in wanted(consents)
    ]
