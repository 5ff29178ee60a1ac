"""A referral as a member of staff decides it, and who looked at it."""

from collections.abc import Iterable
from datetime import date, datetime

from daycover.api.cover.referrals import ReferralView
from daycover.api.work import WorkView
from daycover.china_time import china_day
from daycover.cover.decline import reason_words
from daycover.cover.policy import PolicyStatus
from daycover.cover.referral import Referral, ReferralReason, ReferralStatus
from daycover.cover.referral_file import ReferralFile, ReferralLook, ReferralPart, ReferralReader
from daycover.identity.age import age_on
from daycover.identity.document import IdDocumentType
from daycover.platform.http import HttpApi, View


class SiteConfirmationView(View):
    """Who saw person and document on site. `name` is null where nobody knows it any more."""

    role: str
    name: str | None
    at: datetime


class EarlierReferralView(View):
    referral_id: str
    project_id: str
    reason: ReferralReason
    status: ReferralStatus
    declined_for: str | None
    declined_zh: str | None
    declined_en: str | None
    asked_at: datetime
    policy_no: str | None

    @classmethod
    def of(cls, referral: Referral, now: datetime) -> "EarlierReferralView":
        words = reason_words(referral, now)
        return cls(
            referral_id=referral.referral_id,
            project_id=referral.project_id,
            reason=referral.reason,
            status=referral.status(now),
            declined_for=referral.declined_for(now),
            declined_zh=None if words is None else words.zh,
            declined_en=None if words is None else words.en,
            asked_at=referral.at,
            policy_no=referral.policy_no,
        )


class HeldPolicyView(View):
    policy_no: str
    project_id: str
    plan_id: str
    status: PolicyStatus
    starts_at: datetime
    ends_at: datetime


class ReferralFileView(View):
    """The person in clear, for those who decide about them; each look is recorded."""

    referral: ReferralView
    name: str
    document_type: IdDocumentType
    document_number: str
    birth_date: date
    age: int
    is_proved: bool
    """The work card had proved this person on this account before."""
    work: WorkView | None
    confirmed: SiteConfirmationView | None
    earlier: list[EarlierReferralView]
    """The account's others, newest first, at most 20."""
    policies: list[HeldPolicyView]
    """The person's policies that the hot table holds, newest first, at most 20."""


class ReferralLookView(View):
    at: datetime
    by: str
    duties: tuple[str, ...]
    what: ReferralPart
    document_id: str | None
    request_id: str


class ReferralLooksView(View):
    """Newest first."""

    looks: list[ReferralLookView]

    @classmethod
    def of(cls, looks: Iterable[ReferralLook]) -> "ReferralLooksView":
        return cls(looks=[ReferralLookView(**look.model_dump(exclude={"referral_id"})) for look in looks])


def referral_reader_of(api: HttpApi) -> ReferralReader:
    caller = api.caller
    return ReferralReader(caller.subject, caller.staff_roles, api.request_id)


def referral_file_view(file: ReferralFile, now: datetime) -> ReferralFileView:
    referral = file.referral
    identity, step = referral.identity, referral.confirmed
    return ReferralFileView(
        referral=ReferralView.of(referral, now),
        name=identity.name,
        document_type=identity.document_type,
        document_number=identity.id_number,
        birth_date=identity.birth_date,
        age=age_on(identity.birth_date, china_day(now)),
        is_proved=referral.is_proved,
        work=WorkView.of(file.project),
        confirmed=None
        if step is None
        else SiteConfirmationView(role=step.role, name=file.confirmed_by, at=step.at),
        earlier=[EarlierReferralView.of(known, now) for known in file.earlier],
        policies=[
            HeldPolicyView(
                policy_no=policy.policy_no,
                project_id=policy.project_id,
                plan_id=policy.plan_id,
                status=policy.status,
                starts_at=policy.period.start,
                ends_at=policy.period.end,
            )
            for policy in file.policies
        ],
    )
