"""Issuing (出单): a proven check-in becomes exactly 24 hours of named cover, once.

A person's policies form a numbered chain. Whoever issues reads the latest place, strongly consistent,
and claims the next one in a single conditional write; of any number of concurrent check-ins that read
the same past one wins, and the others read again and find its policy. No calendar day is involved, so
midnight is no special case, and because the chain is per person it also serialises several employers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from daycover.cover.check_in import CheckIn, CheckIns, CheckInStatus, latest_of
from daycover.cover.end import EndPolicies
from daycover.cover.lifecycle import Author, Event
from daycover.cover.occupation import check_not_referred, work_to_refer
from daycover.cover.period import Period, next_period
from daycover.cover.plan import MAXIMUM_SUM_INSURED_FEN
from daycover.cover.policy import (
    EndReason,
    Policies,
    Policy,
    PolicyExistsError,
    PolicyStatus,
    Proof,
    mask_name,
    policy_number,
)
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind
from daycover.identity.consent import ConsentMissingError
from daycover.identity.work_card import (
    ANSWER_MARGIN,
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    WorkCard,
    WorkCardRefusedError,
)
from daycover.identity.worker import Workers

PROOF_LIFE = timedelta(hours=2)
"""A face check proves presence for its own shift; a queue that was down this long issues nothing."""
MAX_RACES = 60
"""Each lost race means somebody else issued, so this bounds a person's employers at one instant, not luck."""
SUM_LIMIT = "SUM_INSURED_LIMIT"
CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
OCCUPATION_REFERRED = "OCCUPATION_REFERRED"


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


class NameMismatchError(DaycoverError):
    """Name or ID number is not that of the WeChat account's owner.

    What to do: Check in again with your own account and identity.
    含义:姓名或身份证号码与微信实名不一致。
    处理:用本人微信和本人身份信息重新打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "姓名或身份证号码与微信实名不一致", "Name or ID number does not match the WeChat real name"
    detail = (
        "请用本人微信和本人身份信息重新打卡;确属本人的,可申请人工核验。",
        "Check in again with your own account and identity; if they are, ask for a referral.",
    )


class SumInsuredLimitError(DaycoverError):
    """The sums in force and the new one together would exceed the limit; existing policies stay valid.

    What to do: Check in when another cover has ended.
    含义:有效保单与新保单的保额合计将超过上限;已有保单继续有效。
    处理:在另一份保障结束后再打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "累计保额已达上限", "The sum insured has reached its limit"
    detail = (
        "您当前有效保单的保额合计不能超过 {limit_yuan} 元,已有保单继续有效。",
        "Your sums insured in force may not exceed {limit_yuan} yuan together. Existing policies stay valid.",
    )


class ConsentWithdrawnError(DaycoverError):
    """The insured withdrew a consent after this check-in began; it issues nothing, and what it issued is
    terminated.

    What to do: To be covered, scan, consent and check in anew.
    含义:打卡开始之后,被保险人撤回了同意;本次打卡不出单,已出的保单随即终止。
    处理:如需投保,重新扫码、同意、打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "您已撤回同意", "You have withdrawn your consent"
    detail = (
        "本次打卡不再有效,目前没有保障。如需投保,请重新扫码并同意后再打卡。",
        "This check-in no longer counts and there is no cover now. To be covered, scan, consent and check "
        "in anew.",
    )


class CheckInExpiredError(DaycoverError):
    """The face check was not done in time.

    The face check was not done while the pre-order token lived (300 s).

    What to do: Scan and check in again.
    含义:人脸核验没有在规定时间内完成。
    处理:重新扫码打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "打卡已超时", "The check-in has expired"
    detail = (
        "核验需在 {seconds} 秒内完成,请重新扫码打卡。",
        "The face check must be done within {seconds} seconds. Scan and check in again.",
    )


@dataclass(frozen=True, slots=True)
class Issued:
    """The policy of a check-in, or None while the work card still waits for the face."""

    policy: Policy | None
    is_new: bool = False
    shift_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePolicy:
    """Turn a check-in into a policy; called by the app, and by the queue when the app never came back."""

    now: Callable[[], datetime]
    check_ins: CheckIns
    policies: Policies
    workers: Workers
    work_card: WorkCard

    @property
    def _end(self) -> EndPolicies:
        return EndPolicies(now=self.now, policies=self.policies)

    def __call__(self, worker_id: str, check_in_id: str) -> Issued:
        """Give the check-in's policy, issuing it if the work card confirms the face.

        Repeating changes nothing. Raises CheckInNotFoundError, FaceCheckFailedError, NameMismatchError,
        CheckInExpiredError, SumInsuredLimitError, ConsentWithdrawnError, ConcurrentChangeError,
        OccupationReferredError, WorkCardRefusedError, WorkCardUnavailableError.
        """
        check_in = self.check_ins.get(worker_id, check_in_id)
        if check_in.policy_no is not None:
            return Issued(self.policies.get(check_in.policy_no), shift_ends_at=check_in.shift_ends_at)
        if check_in.failed_reason == CONSENT_WITHDRAWN:
            self.end_withdrawn(check_in)
        _raise_settled(check_in)
        # the gate takes no such check-in, and a face never replaces people
        if work_to_refer(check_in) is not None:
            self._refuse(check_in, CheckInStatus.FAILED, OCCUPATION_REFERRED)
        proof = self._ask(check_in)
        now = self.now()
        if proof is None or proof.state is AuthenticationState.PROCESSING:
            if check_in.token is None and not check_in.serves(now):
                # no face can have been shown: nothing to wait for or settle, the next scan takes the number up
                raise CheckInExpiredError(seconds=PRE_ORDER_SECONDS)
            if now > check_in.token_ends_at + ANSWER_MARGIN:
                self._refuse(check_in, CheckInStatus.EXPIRED, "TOKEN_EXPIRED")
            return Issued(None)
        if proof.state is AuthenticationState.FAILED:
            self._refuse(check_in, CheckInStatus.FAILED, proof.failed_reason or "FACE_CHECK_FAILED")
        if proof.openid != check_in.openid:
            self._refuse(check_in, CheckInStatus.FAILED, "ANOTHER_ACCOUNT")
        if not check_in.consents:
            raise ConsentMissingError(kinds="")  # no consent record, no policy, whatever went wrong before
        policy, is_new = self._issue(check_in)
        if not check_in.is_proved:
            self.workers.bind(check_in.worker_id, check_in.identity)
        outcome = {"status": CheckInStatus.ISSUED, "policy_no": policy.policy_no}
        stands = self.check_ins.settle(check_in.model_copy(update=outcome))
        if stands.failed_reason == CONSENT_WITHDRAWN:
            self.end_withdrawn(check_in)
        return Issued(policy, is_new, check_in.shift_ends_at)

    def referred(self, check_in: CheckIn) -> Issued:
        """Issue for a check-in that two people approved instead of the work card; cover begins now.

        It is no stored check-in, so nothing is settled. Repeating gives the same policy.
        Raises CheckInExpiredError, SumInsuredLimitError, ConcurrentChangeError.
        """
        policy, is_new = self._issue(check_in, Proof.REFERRED)
        self.workers.bind(check_in.worker_id, check_in.identity)
        return Issued(policy, is_new, check_in.shift_ends_at)

    def check_referred(self, check_in: CheckIn) -> None:
        """Raise what `referred` would refuse with at this moment: CheckInExpiredError, SumInsuredLimitError."""
        now = self.now()
        recent = self.policies.recent(check_in.identity.person_id, now)
        if _own(recent, check_in) is None:
            self._earned(check_in, recent, now, Proof.REFERRED)

    def end_withdrawn(self, check_in: CheckIn) -> NoReturn:
        """End what this check-in issued while its worker withdrew consent, also before a crash.

        The withdrawal settles open check-ins first and then ends what is in force; so either it sees this
        policy, or this check-in sees the withdrawal here. Raises ConsentWithdrawnError always.
        """
        author = Author("worker", check_in.worker_id)
        own = _own(self.policies.recent(check_in.identity.person_id, self.now()), check_in)
        if own is not None:
            self._end(own, Event.WITHDRAW_CONSENT, EndReason.CONSENT_WITHDRAWN, author)
        raise ConsentWithdrawnError

    def _ask(self, check_in: CheckIn) -> Authentication | None:
        try:
            return self.work_card.authentication(check_in.authenticate_number, check_in.sub_mchid)
        except WorkCardRefusedError:
            if check_in.status is CheckInStatus.STARTED:
                return None  # cut off before the pre-order: the work card does not know this attempt
            raise

    @staticmethod
    def _within_sum_limit(check_in: CheckIn, recent: Sequence[Policy], period: Period) -> bool:
        """Check F20: the person's sums insured in force at any instant of the new cover.

        The sum only grows where a policy begins, so those instants and the first one suffice.
        """
        others = [policy for policy in recent if policy.status is PolicyStatus.ISSUED]
        instants = [period.start, *(p.period.start for p in others if period.covers(p.period.start))]
        highest = max(sum(p.sum_insured_fen for p in others if p.period.covers(at)) for at in instants)
        return highest + check_in.sum_insured_fen <= MAXIMUM_SUM_INSURED_FEN

    def _refuse(
        self, check_in: CheckIn, status: CheckInStatus, reason: str, proof: Proof = Proof.WORK_CARD
    ) -> NoReturn:
        settled = check_in.model_copy(update={"status": status, "failed_reason": reason})
        if proof is Proof.WORK_CARD:
            self.check_ins.settle(settled)
        _raise_settled(settled)
        raise AssertionError(status)  # every refusal has its error

    def _issue(self, check_in: CheckIn, proof: Proof = Proof.WORK_CARD) -> tuple[Policy, bool]:
        person_id = check_in.identity.person_id
        for _ in range(MAX_RACES):
            now = self.now()
            recent = self.policies.recent(person_id, now)
            own = _own(recent, check_in)
            if own is not None:
                return own, False  # written before a crash or by a parallel request
            earned = self._earned(check_in, recent, now, proof)
            if isinstance(earned, Policy):
                return earned, False
            latest = recent[0] if recent else None
            policy = _policy(check_in, (latest.sequence if latest else 0) + 1, now, earned)
            policy = policy.model_copy(update={"proof": proof})
            try:
                self.policies.add(policy, latest)
            except PolicyExistsError:
                continue
            return policy, True
        raise ConcurrentChangeError

    def _earned(
        self, check_in: CheckIn, recent: Sequence[Policy], now: datetime, proof: Proof
    ) -> Period | Policy:
        """Give the period that the check-in earns at `now`, or the policy that still serves; or refuse."""
        if now - check_in.at > PROOF_LIFE:
            self._refuse(check_in, CheckInStatus.EXPIRED, "PROOF_EXPIRED", proof)
        latest_here = latest_of(recent, check_in.project_id)
        period = next_period(now, latest_here.period if latest_here else None)
        if period is None:
            assert latest_here is not None  # next_period gives None only to somebody who is covered
            return latest_here
        if not self._within_sum_limit(check_in, recent, period):
            self._refuse(check_in, CheckInStatus.FAILED, SUM_LIMIT, proof)
        return period


def _own(recent: Sequence[Policy], check_in: CheckIn) -> Policy | None:
    """The policy that this check-in has already issued."""
    source = (check_in.worker_id, check_in.check_in_id)
    return next((p for p in recent if (p.worker_id, p.check_in_id) == source), None)


def _policy(check_in: CheckIn, sequence: int, now: datetime, period: Period) -> Policy:
    return Policy(
        policy_no=policy_number(check_in.identity.person_id, sequence, now),
        person_id=check_in.identity.person_id,
        sequence=sequence,
        worker_id=check_in.worker_id,
        check_in_id=check_in.check_in_id,
        project_id=check_in.project_id,
        company_id=check_in.company_id,
        insured_name=mask_name(check_in.identity.name),
        plan_id=check_in.plan_id,
        plan_version=check_in.plan_version,
        occupation_class=check_in.occupation_class,
        premium_fen=check_in.premium_fen,
        sum_insured_fen=check_in.sum_insured_fen,
        period=period,
        issued_at=now,
    )


def _raise_settled(check_in: CheckIn) -> None:
    if check_in.failed_reason == SUM_LIMIT:
        raise SumInsuredLimitError(limit_yuan=MAXIMUM_SUM_INSURED_FEN // 100)
    if check_in.failed_reason == OCCUPATION_REFERRED:
        check_not_referred(check_in)
    if check_in.status is CheckInStatus.EXPIRED or check_in.failed_reason == "TOKEN_EXPIRED":
        raise CheckInExpiredError(seconds=PRE_ORDER_SECONDS)
    if check_in.status is CheckInStatus.FAILED:
        if check_in.failed_reason == "INCONSISTENT_REAL_NAME":
            raise NameMismatchError
        raise FaceCheckFailedError
