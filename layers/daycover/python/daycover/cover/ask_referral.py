"""The worker asks for people (申请人工核验) where the machine cannot say who they are, or may not insure the work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.china_time import china_day
from daycover.cover.application import terms_of
from daycover.cover.check_in import CheckIns, CheckInStatus, latest_of, open_code
from daycover.cover.disclosure import consent_texts, plan_key
from daycover.cover.occupation import work_to_refer
from daycover.cover.period import next_period
from daycover.cover.policy import Policies
from daycover.cover.referral import (
    AlreadyCoveredError,
    Document,
    Referral,
    ReferralClosedError,
    ReferralNotNeededError,
    ReferralReason,
    Referrals,
    ReferralStatus,
)
from daycover.cover.underwriting import MAXIMUM_AGE, check_age
from daycover.identity.consent import check_complete
from daycover.identity.document import IdDocumentType, indexed
from daycover.identity.resident_id import age_on, normalise
from daycover.identity.worker import Identity, PersonalDataLockedError, PersonIndex
from daycover.projects.code import CodeKey
from daycover.projects.project import Projects

OLDEST_AT_THE_EDGE = 70
"""Above 65 and up to this age a person may be referred; below 16 nobody is."""


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

    def __call__(self, worker_id: str, qr_token: str, reason: ReferralReason, document: Document) -> Referral:
        """Ask people; an open request of the same worker and project is gone on with.

        Raises what `open_code` raises, PersonalDataLockedError, ResidentIdError, AgeOutOfRangeError,
        MinorInHazardousWorkError, CoverNotAvailableError, CheckInTooEarlyError, ConsentMissingError,
        AlreadyCoveredError, ReferralNotNeededError.
        """
        now = self.now()
        project, chosen, _ = open_code(qr_token, self.projects, self.code_key, now)
        work = work_to_refer(project)
        if reason is ReferralReason.OCCUPATION_CLASS and work is None:
            raise ReferralNotNeededError(occupation_class=project.occupation_class)
        context = self.check_ins.context(worker_id, project.project_id, plan_key(chosen))
        if context.worker.locked_at is not None:
            raise PersonalDataLockedError(locked_at=context.worker.locked_at)
        identity = self._identity(document)
        _check_age(document, identity, reason, now, project.occupation_class)
        project.check_credit()
        shift_ends_at = project.check_shift(now)
        check_complete(consent_texts(project, chosen), context.consents)
        if context.worker.person_id not in (None, identity.person_id):
            raise ReferralClosedError(referral_status="ANOTHER_PERSON")  # the account is somebody else's
        latest = latest_of(self.policies.recent(identity.person_id, now), project.project_id)
        if latest is not None and next_period(now, latest.period) is None:
            raise AlreadyCoveredError
        for earlier in self.referrals.of_worker(worker_id):
            open_here = earlier.project_id == project.project_id and earlier.identity == identity
            if open_here and earlier.status(now) in {ReferralStatus.ASKED, ReferralStatus.CONFIRMED}:
                return earlier
        today = self.check_ins.of_day(worker_id, f"{china_day(now):%Y%m%d}")
        referral = Referral(
            referral_id=self.new_id(now),
            worker_id=worker_id,
            openid=context.worker.openid,
            identity=identity,
            document_type=document.type,
            reason=reason,
            referred_work=work,
            answered=project.answered,
            consents=tuple(context.consents),
            shift_ends_at=shift_ends_at,
            attempts=len(today),
            failed=sum(check_in.status is CheckInStatus.FAILED for check_in in today),
            asked_at=now,
            **terms_of(project, chosen),
        )
        self.referrals.add(referral)
        return referral

    def _identity(self, document: Document) -> Identity:
        is_resident_id = document.type is IdDocumentType.RESIDENT_ID
        number = normalise(document.number) if is_resident_id else document.number.strip().upper()
        person_id = self.index.person_id(indexed(document.type, number))
        return Identity(name=document.name.strip(), id_number=number, person_id=person_id)


def _check_age(
    document: Document, identity: Identity, reason: ReferralReason, now: datetime, occupation_class: int
) -> None:
    """Age is checked where the document's number tells it; at the upper edge people may decide."""
    if document.type is not IdDocumentType.RESIDENT_ID:
        return
    age = age_on(identity.id_number, china_day(now))
    if reason is ReferralReason.AGE_EDGE and MAXIMUM_AGE < age <= OLDEST_AT_THE_EDGE:
        return
    check_age(identity.id_number, china_day(now), occupation_class)
