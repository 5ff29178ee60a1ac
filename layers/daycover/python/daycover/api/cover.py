"""Bodies and answers of scanning, consenting, checking in, and policies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import AwareDatetime, Field, StringConstraints

from daycover.api.projects import ShiftView, acceptance_of, shift_view
from daycover.china_time import CHINA
from daycover.cover.archive import PAGE
from daycover.cover.check_in import CheckIn, Device
from daycover.cover.disclosure import EXCLUSIONS, HOTLINE, INSURER
from daycover.cover.evidence import BY_CODE
from daycover.cover.issue import Issued
from daycover.cover.occupation import Acceptance
from daycover.cover.period import next_check_in_from
from daycover.cover.plan import Benefits, Plan, plan
from daycover.cover.policy import EndReason, Policy, PolicyStatus
from daycover.cover.preview import Preview
from daycover.identity.consent import ConsentKind
from daycover.identity.document import DocumentReferredError, IdDocumentType
from daycover.platform.http import Body, View
from daycover.projects.project import Place, Site

QrToken = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Merchant(Protocol):
    """The service provider's numbers at WeChat."""

    @property
    def mchid(self) -> str: ...

    @property
    def appid(self) -> str: ...


class ConsentView(View):
    kind: ConsentKind
    version: str
    text: str
    sha256: str
    given: bool


class PlanView(View):
    plan_id: str
    version: str
    sum_insured_fen: int
    benefits: Benefits


class ScanView(View):
    """With `acceptance` REFER nobody is insured by checking in: the worker asks for a referral."""

    project_id: str
    project_name: str
    employer_name: str
    site: Site
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
    consents: list[ConsentView]

    @classmethod
    def of(cls, preview: Preview) -> "ScanView":
        project = preview.project
        return cls(
            project_id=project.project_id,
            project_name=project.name,
            employer_name=project.employer_name,
            site=project.site,
            shift=shift_view(project.shift),
            occupation_class=project.occupation_class,
            **acceptance_of(project),
            plan=plan_view(preview.plan),
            premium_fen=preview.premium_fen,
            premium_payer=project.company_name,
            cover_hours=24,
            insurer=INSURER,
            hotline=HOTLINE,
            exclusions=[chinese for chinese, _ in EXCLUSIONS],
            consents=[
                ConsentView(
                    kind=text.kind,
                    version=text.version,
                    text=text.text,
                    sha256=text.sha256,
                    given=preview.is_given(text),
                )
                for text in preview.texts
            ],
        )


class GivenConsent(Body):
    kind: ConsentKind
    sha256: Sha256
    shown_at: AwareDatetime


class ConsentsBody(Body):
    qr_token: QrToken
    consents: Annotated[list[GivenConsent], Field(min_length=1, max_length=4)]

    def accepted(self) -> dict[ConsentKind, tuple[str, datetime]]:
        return {consent.kind: (consent.sha256, consent.shown_at) for consent in self.consents}


class ConsentsView(View):
    given: list[ConsentKind]


class IdentityBody(Body):
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    id_number: Annotated[str, StringConstraints(min_length=1, max_length=18)]
    document_type: IdDocumentType = IdDocumentType.RESIDENT_ID


class PlaceBody(Body):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)]
    fixed_at: AwareDatetime
    is_mock: bool = False


class DeviceBody(Body):
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    time: AwareDatetime


class CheckInBody(Body):
    qr_token: QrToken
    identity: IdentityBody | None = None
    place: PlaceBody | None = None
    device: DeviceBody

    def stated(self) -> tuple[str, str] | None:
        """Raises DocumentReferredError: the work card knows resident IDs only."""
        if self.identity is None:
            return None
        if self.identity.document_type is not IdDocumentType.RESIDENT_ID:
            raise DocumentReferredError
        return self.identity.name, self.identity.id_number

    def at_place(self) -> Place | None:
        if self.place is None:
            return None
        return Place(**{name: _metre(value) for name, value in self.place})

    def on_device(self) -> Device:
        return Device(**dict(self.device))


CARD_APP_ID = "wxd24d9057cd83d47a"
FACE_PAGE = "/pages/card/authen_with_auth"
"""WeChat's card mini program, and its page that authorises and checks the face in one flow."""


class WorkCardLaunch(View):
    """What `wx.navigateToMiniProgram` needs to open the card mini program for the face check."""

    app_id: str
    path: str
    mchid: str
    sub_mchid: str
    appid: str
    authenticate_number: str
    token: str | None


class CheckInView(View):
    """`signals` are those that the worker can put right next time; the rest is between us and the insurer.

    `token` in `work_card` is None while a parallel scan of the same worker is still asking for it.
    """

    check_in_id: str
    status: str
    expires_at: datetime
    signals: tuple[str, ...]
    work_card: WorkCardLaunch

    @classmethod
    def of(cls, check_in: CheckIn, mchid: str, appid: str) -> "CheckInView":
        return cls(
            check_in_id=check_in.check_in_id,
            status=check_in.status,
            expires_at=check_in.token_ends_at,
            signals=tuple(signal.code for signal in check_in.signals if BY_CODE[signal.code].told),
            work_card=WorkCardLaunch(
                app_id=CARD_APP_ID,
                path=FACE_PAGE,
                mchid=mchid,
                sub_mchid=check_in.sub_mchid,
                appid=appid,
                authenticate_number=check_in.authenticate_number,
                token=check_in.token,
            ),
        )


class EndingView(View):
    """How a policy ended before its time: by which role, why, and what of the premium goes back."""

    at: datetime
    by: str
    reason: EndReason
    refund_fen: int


class PolicyView(View):
    """A policy as its worker sees it. `in_force` is of the moment of the answer."""

    policy_no: str
    status: PolicyStatus
    in_force: bool
    start: datetime
    end: datetime
    issued_at: datetime
    project_id: str
    company_id: str
    insured_name: str
    plan_id: str
    plan_version: str
    occupation_class: int
    premium_fen: int
    sum_insured_fen: int
    ended: EndingView | None = None

    @classmethod
    def of(cls, policy: Policy, now: datetime) -> "PolicyView":
        return cls(**_facts(policy), in_force=policy.in_force(now))


class CoverWarning(View):
    """The shift is planned to outlast the cover: when to check in for the next one."""

    code: str = "SHIFT_OUTLASTS_COVER"
    next_check_in_from: datetime
    cover_ends_at: datetime
    shift_ends_at: datetime
    text_zh: str
    text_en: str


class IssuedView(PolicyView):
    warnings: tuple[CoverWarning, ...] = ()

    @classmethod
    def of_issued(cls, issued: Issued, policy: Policy, now: datetime) -> "IssuedView":
        return cls(**_facts(policy), in_force=policy.in_force(now), warnings=cover_warnings(issued))


class CoveredView(View):
    status: str = "COVERED"
    policy: PolicyView


class PendingView(View):
    status: str = "PENDING"


class PoliciesView(View):
    """`next` is the number to ask with for the policies before these, None at the end."""

    policies: list[PolicyView]
    next: str | None = None

    @classmethod
    def of(cls, policies: Sequence[Policy], now: datetime) -> "PoliciesView":
        following = policies[-1].policy_no if len(policies) >= PAGE else None
        return cls(policies=[PolicyView.of(policy, now) for policy in policies], next=following)


class PolicyFileView(PolicyView):
    plan: PlanView
    exclusions: list[str]
    insurer: str
    hotline: str

    @classmethod
    def of(cls, policy: Policy, now: datetime) -> "PolicyFileView":
        return cls(
            **_facts(policy),
            in_force=policy.in_force(now),
            plan=plan_view(plan(policy.plan_id, policy.plan_version)),
            exclusions=[chinese for chinese, _ in EXCLUSIONS],
            insurer=INSURER,
            hotline=HOTLINE,
        )


class VerificationView(View):
    """What anybody may know of a policy: nothing beyond the masked name points to a person."""

    genuine: bool
    status: PolicyStatus
    in_force: bool
    start: datetime
    end: datetime
    plan_id: str
    sum_insured_fen: int
    insured_name: str

    @classmethod
    def of(cls, policy: Policy, now: datetime) -> "VerificationView":
        facts = {name: value for name, value in _facts(policy).items() if name in cls.model_fields}
        return cls(**facts, genuine=True, in_force=policy.in_force(now))


def answer_check_in(
    outcome: CheckIn | Policy, merchant: Merchant, now: datetime
) -> tuple[int, CoveredView | CheckInView]:
    """201 for an attempt of this scan, 200 for the policy that already covers the worker."""
    if isinstance(outcome, Policy):
        return 200, CoveredView(policy=PolicyView.of(outcome, now))
    return 201, CheckInView.of(outcome, merchant.mchid, merchant.appid)


def answer_issued(issued: Issued, now: datetime) -> tuple[int, IssuedView | PendingView, dict[str, str]]:
    """201 for a new policy, 200 for the same again, 202 while the work card waits for the face."""
    if issued.policy is None:
        return 202, PendingView(), {"Retry-After": "2"}
    view = IssuedView.of_issued(issued, issued.policy, now)
    return 201 if issued.is_new else 200, view, {}


def cover_warnings(issued: Issued) -> tuple[CoverWarning, ...]:
    """What the worker must be told beside the policy."""
    warned = None if issued.policy is None else _outlasted(issued.policy, issued.shift_ends_at)
    return () if warned is None else (warned,)


def _outlasted(policy: Policy, shift_ends_at: datetime | None) -> CoverWarning | None:
    opens = next_check_in_from(policy.period, shift_ends_at)
    if opens is None or shift_ends_at is None:
        return None
    until, shift, again = (
        f"{instant.astimezone(CHINA):%m-%d %H:%M}" for instant in (policy.period.end, shift_ends_at, opens)
    )
    return CoverWarning(
        next_check_in_from=opens,
        cover_ends_at=policy.period.end,
        shift_ends_at=shift_ends_at,
        text_zh=f"您的班次到 {shift} 才结束,而这份保障到 {until} 为止。请在 {again} 之后再扫一次码打卡,"
        "保障就会接上,中间不断。",
        text_en=f"Your shift ends at {shift}, but this cover ends at {until}. Scan and check in once more after "
        f"{again}: the next cover then follows without a gap.",
    )


def plan_view(chosen: Plan) -> PlanView:
    return PlanView(
        plan_id=chosen.plan_id,
        version=chosen.version,
        sum_insured_fen=chosen.sum_insured_fen,
        benefits=chosen.benefits,
    )


def _metre(value: object) -> object:
    """Numbers to 6 decimals (0.1 m of a degree): finer is noise, and no store takes a float of 1e-300."""
    return round(value, 6) if isinstance(value, float) else value


def _facts(policy: Policy) -> dict[str, object]:
    facts = {name: value for name, value in policy if name in PolicyView.model_fields}
    if policy.ended is not None:
        facts["ended"] = EndingView(**policy.ended.model_dump(exclude={"actor"}))
    return facts | {"start": policy.period.start, "end": policy.period.end}
