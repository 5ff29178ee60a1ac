"""From the shown face to the policy: the server asks the work card (核验), and a proved check-in is issued.

Called by the app, and by the queue when the app never came back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, NoReturn

from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus, patience_at
from daycover.cover.issue import (
    CheckInExpiredError,
    ConsentWithdrawnError,
    DataErasedError,
    Issued,
    IssuePolicy,
    SumInsuredLimitError,
)
from daycover.cover.occupation import OccupationReferredError, check_not_referred, work_to_refer
from daycover.cover.plan import MAXIMUM_SUM_INSURED_FEN
from daycover.cover.policy import Policies
from daycover.cover.underwriting import (
    ADULT_AGE,
    MAXIMUM_AGE,
    MINIMUM_AGE,
    AgeOutOfRangeError,
    MinorInHazardousWorkError,
)
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.work_card import (
    ANSWER_MARGIN,
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    WorkCard,
    WorkCardRefusedError,
)
from daycover.identity.worker import NameMismatchError


class FaceCheckFailedError(DaycoverError):
    """The work card reports a failed face check.

    What to do: There is no cover: check in again; after several failures ask the foreman.
    含义:微工卡报告人脸核验未通过。
    处理:目前没有保障;重新打卡,多次失败找现场负责人。
    """

    kind = ErrorKind.CONFLICT
    title = "人脸核验未通过", "The face check failed"
    detail = (
        "目前没有保障。请重新打卡;多次失败可申请人工核验,由现场负责人和保险公司确认。",
        "There is no cover now. Check in again; after several failures ask for a referral to foreman and "
        "insurer.",
    )


class SettledAs(NamedTuple):
    """How a check-in that was refused for good is stored."""

    status: CheckInStatus
    reason: str


FAILED, EXPIRED = CheckInStatus.FAILED, CheckInStatus.EXPIRED
TOKEN_EXPIRED = SettledAs(EXPIRED, "TOKEN_EXPIRED")
REFUSALS: Mapping[type[DaycoverError], SettledAs] = MappingProxyType(
    {
        SumInsuredLimitError: SettledAs(FAILED, "SUM_INSURED_LIMIT"),
        ConsentWithdrawnError: SettledAs(FAILED, "CONSENT_WITHDRAWN"),
        DataErasedError: SettledAs(FAILED, "ERASURE"),
        AgeOutOfRangeError: SettledAs(FAILED, "AGE_OUT_OF_RANGE"),
        MinorInHazardousWorkError: SettledAs(FAILED, "MINOR_IN_HAZARDOUS_WORK"),
        OccupationReferredError: SettledAs(FAILED, "OCCUPATION_REFERRED"),
        NameMismatchError: SettledAs(FAILED, "INCONSISTENT_REAL_NAME"),
        CheckInExpiredError: SettledAs(EXPIRED, "PROOF_EXPIRED"),
    }
)
"""What issuing refuses for good, and how the check-in remembers it: whoever asks again is told the same."""
FACTS: Mapping[type[DaycoverError], Mapping[str, int]] = MappingProxyType(
    {
        SumInsuredLimitError: {"limit_yuan": MAXIMUM_SUM_INSURED_FEN // 100},
        CheckInExpiredError: {"seconds": PRE_ORDER_SECONDS},
        AgeOutOfRangeError: {"minimum": MINIMUM_AGE, "maximum": MAXIMUM_AGE},
    }
)
REASONS = {settled.reason: error for error, settled in REFUSALS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveCheckIn:
    """POST /v1/check-ins/{id}/policy: ask the work card, and issue once it confirms the face."""

    now: Callable[[], datetime]
    check_ins: CheckIns
    policies: Policies
    work_card: WorkCard
    issue_policy: IssuePolicy

    def __call__(self, worker_id: str, check_in_id: str) -> Issued:
        """Give the check-in's policy; None while the face is awaited. Repeating changes nothing.

        Raises CheckInNotFoundError, FaceCheckFailedError, NameMismatchError, CheckInExpiredError,
        WorkCardRefusedError, WorkCardUnavailableError, OccupationReferredError and what `IssuePolicy` raises.
        """
        check_in = self.check_ins.get(worker_id, check_in_id)
        if check_in.policy_no is not None:
            return Issued(self.policies.get(check_in.policy_no), shift_ends_at=check_in.shift_ends_at)
        _raise_settled(check_in)
        if work_to_refer(check_in) is not None:
            # the gate takes no such check-in: a face never replaces people
            self._refuse(check_in, REFUSALS[OccupationReferredError])
        if not self._is_proved(check_in):
            return Issued(None, ask_again_after=patience_at(self.now() - check_in.at))
        try:
            issued = self.issue_policy(check_in)
        except tuple(REFUSALS) as refusal:
            self._settle(check_in, REFUSALS[type(refusal)])
            raise
        assert issued.policy is not None
        outcome = {"status": CheckInStatus.ISSUED, "policy_no": issued.policy.policy_no}
        self.check_ins.settle(check_in.model_copy(update=outcome))
        return issued

    def _is_proved(self, check_in: CheckIn) -> bool:
        """Whether the work card confirms the face; False while it is awaited."""
        proof = self._ask(check_in)
        if proof is None or proof.state is AuthenticationState.PROCESSING:
            now = self.now()
            if check_in.token is None and not check_in.serves(now):
                # no face can have been shown: nothing to wait for or settle, the next scan takes the number up
                raise CheckInExpiredError(seconds=PRE_ORDER_SECONDS)
            if now > check_in.token_ends_at + ANSWER_MARGIN:
                self._refuse(check_in, TOKEN_EXPIRED)
            return False
        if proof.state is AuthenticationState.FAILED:
            self._refuse(check_in, SettledAs(FAILED, proof.failed_reason or "FACE_CHECK_FAILED"))
        if proof.openid != check_in.openid:
            self._refuse(check_in, SettledAs(FAILED, "ANOTHER_ACCOUNT"))
        return True

    def _ask(self, check_in: CheckIn) -> Authentication | None:
        try:
            return self.work_card.authentication(check_in.authenticate_number, check_in.sub_mchid)
        except WorkCardRefusedError:
            if check_in.status is CheckInStatus.STARTED:
                return None  # cut off before the pre-order: the work card does not know this attempt
            raise

    def _settle(self, check_in: CheckIn, as_: SettledAs) -> CheckIn:
        settled = check_in.model_copy(update={"status": as_.status, "failed_reason": as_.reason})
        self.check_ins.settle(settled)
        return settled

    def _refuse(self, check_in: CheckIn, as_: SettledAs) -> NoReturn:
        _raise_settled(self._settle(check_in, as_))
        raise AssertionError(as_)  # every refusal has its error


def _raise_settled(check_in: CheckIn) -> None:
    """Raise what refused the check-in before, None where it is open."""
    if check_in.status not in {FAILED, EXPIRED}:
        return
    error = REASONS.get(check_in.failed_reason or "")
    if error is OccupationReferredError:
        check_not_referred(check_in)
    if check_in.status is EXPIRED or check_in.failed_reason == TOKEN_EXPIRED.reason:
        # WeChat's word for it too
        error = CheckInExpiredError
    if error is MinorInHazardousWorkError:
        raise error(minimum=ADULT_AGE, occupation_class=check_in.occupation_class)
    raise (error or FaceCheckFailedError)(**FACTS.get(error or FaceCheckFailedError, {}))
