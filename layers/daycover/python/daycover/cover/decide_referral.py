"""Two people answer a referral (核验): the operator on site confirms or declines, a member of staff decides, approval
issues."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from daycover.cover.issue import (
    CheckInExpiredError,
    ConsentWithdrawnError,
    DataErasedError,
    Issued,
    IssuePolicy,
    SumInsuredLimitError,
)
from daycover.cover.referral import (
    ANSWER_WITHIN,
    Referral,
    ReferralClosedError,
    ReferralDecision,
    ReferralNotFoundError,
    Referrals,
    ReferralStatus,
    ReferralStep,
)
from daycover.cover.underwriting import AgeOutOfRangeError, MinorInHazardousWorkError
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.worker import NameMismatchError

ISSUED_TOO_LATE = "ISSUED_TOO_LATE"
DATA_LOCKED = "DATA_LOCKED"
ANOTHER_PERSON = "ANOTHER_PERSON"
NOT_ISSUED: Mapping[type[DaycoverError], str] = MappingProxyType(
    {
        SumInsuredLimitError: "SUM_INSURED_LIMIT",
        CheckInExpiredError: ISSUED_TOO_LATE,
        ConsentWithdrawnError: "CONSENT_WITHDRAWN",
        DataErasedError: DATA_LOCKED,
        NameMismatchError: ANOTHER_PERSON,
        AgeOutOfRangeError: "AGE_OUT_OF_RANGE",
        MinorInHazardousWorkError: "MINOR_IN_HAZARDOUS_WORK",
    }
)
"""What can still refuse a policy after the approval, and the code that everybody sees then."""


class SiteDecline(StrEnum):
    """Why somebody on site declines; `cover/decline.py` has the words for the worker."""

    NOT_ON_SITE = "NOT_ON_SITE"
    PHOTO_DIFFERS = "PHOTO_DIFFERS"
    DOCUMENT_INVALID = "DOCUMENT_INVALID"


FOR_STAFF = {ReferralStatus.CONFIRMED, ReferralStatus.ISSUING}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReferral:
    """The operator's part, on site: GET …/referrals and POST …/referrals/{referral_id}/confirmation or …/decline."""

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
        referral = self._of_site(company_id, project_id, referral_id)
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
        except ConcurrentChangeError:  # a colleague was first, with the same or by declining
            stands = self.referrals.get(referral_id)
            if stands.decided is not None:
                raise ReferralClosedError(referral_status=stands.status(now)) from None
            return stands
        return confirmed

    def decline(
        self,
        company_id: str,
        project_id: str,
        referral_id: str,
        role: str,
        subject: str,
        *,
        because: SiteDecline,
    ) -> Referral:
        """Say that the person is not here or not who the document names, also of somebody whom a colleague has
        confirmed, as long as staff have not decided. Repeating it changes nothing.

        Raises ReferralNotFoundError, also for another project's, ReferralClosedError, ConcurrentChangeError when
        staff decide at this moment.
        """
        referral = self._of_site(company_id, project_id, referral_id)
        now = self.now()
        status, decided = referral.status(now), referral.decided
        if (
            decided is not None
            and not decided.approved
            and decided.reason == because
            and decided.role == role
        ):
            return referral
        if status not in {ReferralStatus.ASKED, ReferralStatus.CONFIRMED}:
            raise ReferralClosedError(referral_status=status)
        decision = ReferralDecision(role=role, subject=subject, at=now, approved=False, reason=because)
        declined = referral.model_copy(update={"decided": decision})
        self.referrals.decide(declined)
        return declined

    def _of_site(self, company_id: str, project_id: str, referral_id: str) -> Referral:
        referral = self.referrals.get(referral_id)
        if (referral.company_id, referral.project_id) != (company_id, project_id):
            raise ReferralNotFoundError
        return referral


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReferral:
    """Staff's part: GET /v1/staff/referrals and POST /v1/staff/referrals/{referral_id}/decision."""

    now: Callable[[], datetime]
    referrals: Referrals
    issue_policy: IssuePolicy

    def waiting(self) -> Sequence[Referral]:
        """What a person must do: decide, or go on with an approval that has no policy yet."""
        now = self.now()
        return [r for r in self.referrals.waiting(now - ANSWER_WITHIN) if r.status(now) in FOR_STAFF]

    def __call__(
        self, staff_id: str, referral_id: str, approved: bool, reason: str
    ) -> tuple[Referral, Issued | None]:
        """Decide, and on approval issue from now on. Repeating the same decision goes on where it stopped.

        What would refuse the policy is asked before the approval is stored. What comes between the two is
        noted on the referral, so that nobody reads "approved" without being covered, and whoever repeats
        the approval tries again, also a colleague of the person who decided.

        Raises ReferralNotFoundError, ReferralClosedError, and what `IssuePolicy` raises.
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
                self.issue_policy.check(referral)
            referral = referral.model_copy(update={"decided": decision})
            self.referrals.decide(referral)
        decided = referral.decided
        assert decided is not None
        is_left = decided.approved and referral.policy_no is None
        if decided.approved is not approved or (decided.subject != staff_id and not is_left):
            raise ReferralClosedError(referral_status=referral.status(now))
        return self._issue(referral) if approved else (referral, None)

    def _issue(self, referral: Referral) -> tuple[Referral, Issued]:
        try:
            issued = self.issue_policy(referral)
        except tuple(NOT_ISSUED) as refusal:
            code = NOT_ISSUED[type(refusal)]
            self.referrals.not_issued(referral.model_copy(update={"not_issued_for": code}))
            raise
        assert issued.policy is not None
        if referral.policy_no is None:
            outcome = {"policy_no": issued.policy.policy_no, "not_issued_for": None}
            referral = referral.model_copy(update=outcome)
            self.referrals.issued(referral)
        return referral, issued
