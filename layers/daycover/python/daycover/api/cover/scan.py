"""What a scan shows, and the consents that follow it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from daycover.api.cover.plan import PlanView, plan_view
from daycover.api.cover.terms import TermsReferenceView
from daycover.api.fields import QrToken, Sha256
from daycover.api.projects.terms import ShiftView, SiteView, acceptance_of, shift_view
from daycover.cover.disclosure import HOTLINE, INSURER, exclusions_of
from daycover.cover.occupation import Acceptance
from daycover.cover.preview import Preview
from daycover.cover.terms import TermsReference
from daycover.cover.translation import consents_in_english, exclusions_in_english
from daycover.identity.consent import ConsentKind
from daycover.platform.http import Body, View


class ConsentView(View):
    kind: ConsentKind
    version: str
    text: str
    text_en: str | None
    """What the text says in English, without force, for whoever asks in English."""
    sha256: str
    given: bool


class StandingCover(View):
    """The worker's own cover on this project. `renewable`: a check-in now buys what follows on it."""

    policy_no: str
    start: datetime
    end: datetime
    renewable: bool


class ScanView(View):
    """With `acceptance` REFER nobody is insured by checking in: the worker asks for a referral.

    `cover` is null for whoever has none here; one that was bought ahead begins later than now.
    """

    project_id: str
    project_name: str
    employer_name: str
    site: SiteView
    shift: ShiftView
    occupation_class: int
    acceptance: Acceptance
    reason_zh: str
    reason_en: str
    plan: PlanView
    premium_fen: int
    premium_payer: str
    cover_hours: int
    insurer: str
    hotline: str
    exclusions: list[str]
    exclusions_en: list[str] | None
    terms: TermsReferenceView
    consents: list[ConsentView]
    cover: StandingCover | None

    @classmethod
    def of(cls, preview: Preview, refer: Callable[[str], TermsReference], language: str = "zh") -> "ScanView":
        """`refer` says of a version of the terms where it is read; `language` is the caller's, `zh` or `en`."""
        project, is_english = preview.project, language == "en"
        english = consents_in_english(project, preview.plan) if is_english else {}
        return cls(
            project_id=project.project_id,
            project_name=project.name,
            employer_name=project.employer_name,
            site=SiteView.of(project.site),
            shift=shift_view(project.shift),
            occupation_class=project.occupation_class,
            **acceptance_of(project),
            plan=plan_view(preview.plan),
            premium_fen=preview.premium_fen,
            premium_payer=project.company_name,
            cover_hours=24,
            insurer=INSURER,
            hotline=HOTLINE,
            exclusions=exclusions_of(project, preview.plan),
            exclusions_en=exclusions_in_english(project, preview.plan) if is_english else None,
            terms=TermsReferenceView.of(refer(preview.plan.terms)),
            consents=[
                ConsentView(
                    kind=text.kind,
                    version=text.version,
                    text=text.text,
                    text_en=english.get(text.kind),
                    sha256=text.sha256,
                    given=preview.is_given(text),
                )
                for text in preview.texts
            ],
            cover=_standing(preview),
        )


def _standing(preview: Preview) -> StandingCover | None:
    if preview.cover is None:
        return None
    period = preview.cover.period
    return StandingCover(
        policy_no=preview.cover.policy_no,
        start=period.start,
        end=period.end,
        renewable=preview.renewable,
    )


class GivenConsent(Body):
    kind: ConsentKind
    sha256: Sha256
    shown_at: AwareDatetime


class ConsentsBody(Body):
    qr_token: QrToken
    consents: Annotated[list[GivenConsent], Field(min_length=1, max_length=len(ConsentKind))]

    def accepted(self) -> dict[ConsentKind, tuple[str, datetime]]:
        return {consent.kind: (consent.sha256, consent.shown_at) for consent in self.consents}


class ConsentsView(View):
    given: list[ConsentKind]
