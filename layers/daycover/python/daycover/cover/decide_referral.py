"""Two people answer a referral (核验): the operator on site confirms, a member of staff decides, approval issues."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus, Device
from daycover.cover.issue import (
    CONSENT_WITHDRAWN,
    SUM_LIMIT,
    CheckInExpiredError,
    ConsentWithdrawnError,
    Issued,
    IssuePolicy,
    SumInsuredLimitError,
)
from daycover.cover.referral import (
    Referral,
    ReferralClosedError,
    ReferralDecision,
    ReferralNotFoundError,
    Referrals,
    ReferralStatus,
    ReferralStep,
)
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.worker import PersonalDataLockedError, Worker

ISSUED_TOO_LATE = "ISSUED_TOO_LATE"
DATA_LOCKED = "DATA_LOCKED"
NOT_ISSUED: Mapping[type[DaycoverError], str] = MappingProxyType(
    {
        SumInsuredLimitError: SUM_LIMIT,
        CheckInExpiredError: ISSUED_TOO_LATE,
        ConsentWithdrawnError: CONSENT_WITHDRAWN,
        PersonalDataLockedError: DATA_LOCKED,
    }
)
"""What can still refuse a policy after the approval, and the code that everybody sees then."""
FOR_STAFF = {ReferralStatus.CONFIRMED, ReferralStatus.ISSUING}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReferral:
    """The operator's part, on site: GET …/referrals and POST …/referrals/{referral_id}/confirmation."""

    now: Callable[[], datetime]
    referrals: Referrals

    def of_project(self, company_id: str, project_id: str) -> list[Referral]:
        return [r for r in self.referrals.of_project(project_id) if r.company_id == company_id]

    def __call__(
        self, company_id: str, project_id: str, referral_id: str, role: str, subject: str
    ) -> Referral:
        """Say that person and document were seen. Repeating changes nothing.

        Raises ReferralNotFoundError, also for another project's, ReferralClosedError.
        """
        referral = self.referrals.get(referral_id)
        if (referral.company_id, referral.project_id) != (company_id, project_id):
            raise ReferralNotFoundError
        now = self.now()
        status = referral.status(now)
        if status is ReferralStatus.CONFIRMED:
            return referral
        if status is not ReferralStatus.ASKED:
            raise ReferralClosedError(referral_status=status)
        confirmed = referral.model_copy(
            update={"confirmed": ReferralStep(role=role, subject=subject, at=now)}
        )
        try:
            self.referrals.confirm(confirmed)
        except ConcurrentChangeError:
            return self.referrals.get(referral_id)
        return confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReferral:
    """Staff's part: GET /v1/staff/referrals and POST /v1/staff/referrals/{referral_id}/decision."""

    now: Callable[[], datetime]
    referrals: Referrals
    check_ins: CheckIns
    issue_policy: IssuePolicy

    def waiting(self) -> Sequence[Referral]:
        """What a person must do: decide, or go on with an approval that has no policy yet."""
        now = self.now()
        return [r for r in self.referrals.waiting() if r.status(now) in FOR_STAFF]

    def __call__(
        self, staff_id: str, referral_id: str, approved: bool, reason: str
    ) -> tuple[Referral, Issued | None]:
        """Decide, and on approval issue from now on. Repeating the same decision goes on where it stopped.

        What would refuse the policy is asked before the approval is stored. What comes between the two is
        noted on the referral, so that nobody reads "approved" without being covered, and whoever repeats
        the approval tries again, also a colleague of the person who decided.

        Raises ReferralNotFoundError, ReferralClosedError, ConsentWithdrawnError, PersonalDataLockedError,
        SumInsuredLimitError, CheckInExpiredError, ConcurrentChangeError.
        """
        referral = self.referrals.get(referral_id)
        now = self.now()
        if referral.decided is None:
            status = referral.status(now)
            if status is not ReferralStatus.CONFIRMED:
                raise ReferralClosedError(referral_status=status)
            decision = ReferralDecision(
                role="staff", subject=staff_id, at=now, approved=approved, reason=reason
            )
            if approved:
                self._check_worker(referral)
                self.issue_policy.check_referred(_as_check_in(referral))
            referral = referral.model_copy(update={"decided": decision})
            self.referrals.decide(referral)
        decided = referral.decided
        assert decided is not None
        is_left = decided.approved and referral.policy_no is None
        if decided.approved is not approved or (decided.subject != staff_id and not is_left):
            raise ReferralClosedError(referral_status=referral.status(now))
        return self._issue(referral) if approved else (referral, None)

    def _issue(self, referral: Referral) -> tuple[Referral, Issued]:
        check_in = _as_check_in(referral)
        try:
            if referral.policy_no is None:
                self._check_worker(referral)
            issued = self.issue_policy.referred(check_in)
            if referral.policy_no is None:
                self._check_consents(referral)  # a withdrawal since the first look saw no policy to end
        except tuple(NOT_ISSUED) as refusal:
            code = NOT_ISSUED[type(refusal)]
            self.referrals.not_issued(referral.model_copy(update={"not_issued_for": code}))
            if isinstance(refusal, ConsentWithdrawnError):
                self.issue_policy.end_withdrawn(check_in)
            raise
        assert issued.policy is not None
        if referral.policy_no is None:
            outcome = {"policy_no": issued.policy.policy_no, "not_issued_for": None}
            referral = referral.model_copy(update=outcome)
            self.referrals.issued(referral)
        return referral, issued

    def _check_worker(self, referral: Referral) -> None:
        """In the half hour the worker may have asked for erasure, or withdrawn a consent."""
        worker = self._check_consents(referral)
        if worker.locked_at is not None:
            raise PersonalDataLockedError(locked_at=worker.locked_at)

    def _check_consents(self, referral: Referral) -> Worker:
        key = f"{referral.plan_id}@{referral.plan_version}"
        context = self.check_ins.context(referral.worker_id, referral.project_id, key)
        if not set(referral.consents) <= set(context.consents):
            raise ConsentWithdrawnError
        return context.worker


def _as_check_in(referral: Referral) -> CheckIn:
    """The referral in the form that issuing takes; its id stands where a check-in's would."""
    return CheckIn(
        check_in_id=referral.referral_id,
        authenticate_number="",
        status=CheckInStatus.STARTED,
        at=referral.asked_at,
        token_ends_at=referral.ends_at,
        shift_ends_at=referral.shift_ends_at,
        device=Device(id="", time=referral.asked_at),
        **referral.terms(),
    )
