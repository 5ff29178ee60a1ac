"""The worker asks for people (申请人工核验) where the machine cannot say who they are, or may not insure the work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.china_time import china_day
from daycover.cover.application import terms_of
from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus, open_code
from daycover.cover.disclosure import consent_texts, plan_key
from daycover.cover.occupation import work_to_refer
from daycover.cover.period import next_period
from daycover.cover.policy import Policies, latest_of
from daycover.cover.referral import (
    AlreadyCoveredError,
    Document,
    Referral,
    ReferralClosedError,
    ReferralNotNeededError,
    ReferralReason,
    Referrals,
    ReferralStatus,
    maximum_age,
)
from daycover.cover.underwriting import check_age
from daycover.identity.attempt import PreOrderState
from daycover.identity.consent import check_complete, references
from daycover.identity.document import id_document, indexed
from daycover.identity.worker import Identity, PersonalDataLockedError, PersonIndex
from daycover.projects.code import CodeKey
from daycover.projects.project import Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReferral:
    """POST /v1/referrals and GET /v1/referrals."""

    now: Callable[[], datetime]
    new_id: Callable[[datetime], str]
    projects: Projects
    code_key: CodeKey
    check_ins: CheckIns
    policies: Policies
    index: PersonIndex
    referrals: Referrals

    def of(self, worker_id: str) -> list[Referral]:
        return self.referrals.of_worker(worker_id)

    def __call__(self, worker_id: str, qr_token: str, reason: ReferralReason, shown: Document) -> Referral:
        """Ask people; an open request of the same worker and project is gone on with while it can bring a policy.

        Raises what `open_code` raises, PersonalDataLockedError, ResidentIdError, DocumentNumberError,
        BirthDateError, BirthDateMissingError, AgeOutOfRangeError, MinorInHazardousWorkError,
        CoverNotAvailableError, CheckInTooEarlyError, ConsentMissingError, AlreadyCoveredError,
        ReferralNotNeededError.
        """
        now = self.now()
        project, chosen, _ = open_code(qr_token, self.projects, self.code_key, now)
        work = work_to_refer(project)
        if reason is ReferralReason.OCCUPATION_CLASS and work is None:
            raise ReferralNotNeededError(occupation_class=project.occupation_class)
        context = self.check_ins.context(worker_id, project.project_id, plan_key(chosen))
        if context.worker.locked_at is not None:
            raise PersonalDataLockedError(locked_at=context.worker.locked_at)
        identity = self._identity(shown, now)
        check_age(identity.birth_date, china_day(now), project.occupation_class, maximum_age(reason))
        project.check_credit()
        shift_ends_at = project.check_shift(now)
        check_complete(consent_texts(project, chosen), context.consents)
        if context.worker.person_id not in (None, identity.person_id):
            raise ReferralClosedError(referral_status="ANOTHER_PERSON")  # the account is somebody else's
        latest = None
        if context.worker.person_id == identity.person_id:  # nobody else learns who is covered
            latest = latest_of(self.policies.recent(identity.person_id, now), project.project_id)
        earned = next_period(now, None if latest is None else latest.period)
        if earned is None:
            raise AlreadyCoveredError
        check_age(  # adjacent cover may begin on a birthday: nobody could approve it
            identity.birth_date, china_day(earned.start), project.occupation_class, maximum_age(reason)
        )
        for earlier in self.referrals.of_worker(worker_id):
            open_here = earlier.project_id == project.project_id and earlier.identity == identity
            stands = set(earlier.consents) <= set(
                references(context.consents)
            )  # nor was it for another tariff
            if context.worker.is_erased_since(earlier.at) or not stands:
                continue
            if open_here and earlier.status(now) in {ReferralStatus.ASKED, ReferralStatus.CONFIRMED}:
                return earlier
        today = self.check_ins.of_day(worker_id, f"{china_day(now):%Y%m%d}")
        referral = Referral(
            referral_id=self.new_id(now),
            worker_id=worker_id,
            openid=context.worker.openid,
            identity=identity,
            reason=reason,
            answered=project.answered,
            consents=references(context.consents),
            shift_ends_at=shift_ends_at,
            attempts=len(today),
            failed=sum(c.status is CheckInStatus.FAILED or _came_to_nothing(c) for c in today),
            at=now,
            **terms_of(project, chosen),
        )
        self.referrals.add(referral)
        return referral

    def _identity(self, shown: Document, now: datetime) -> Identity:
        known = id_document(shown.type, shown.number, china_day(now), shown.birth_date)
        return Identity.of(shown.name, known, self.index.person_id(indexed(known.type, known.number)))


def _came_to_nothing(check_in: CheckIn) -> bool:
    return check_in.pre_order in {PreOrderState.UNANSWERED, PreOrderState.NOT_COUNTED}
