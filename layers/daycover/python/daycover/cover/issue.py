"""Issuing (出单): a proved application becomes exactly 24 hours of named cover, once.

A person's policies form a numbered chain. Whoever issues reads the latest place, strongly consistent,
and claims the next one in a single conditional write; of any number of concurrent applications that read
the same past one wins, and the others read again and find its policy. No calendar day is involved, so
midnight is no special case, and because the chain is per person it also serialises several employers.
What ends a person's applications (`cover/stop.py`) takes a place of the same chain, and so comes before or
after a policy, never beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from daycover.china_time import china_day
from daycover.cover.application import Application
from daycover.cover.period import Period, next_period
from daycover.cover.plan import MAXIMUM_SUM_INSURED_FEN
from daycover.cover.policy import (
    Chain,
    Policies,
    Policy,
    PolicyExistsError,
    PolicyStatus,
    StopReason,
    latest_of,
    mask_name,
    policy_number,
)
from daycover.cover.underwriting import check_age
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind
from daycover.identity.consent import Consent, ConsentMissingError, references
from daycover.identity.work_card import PRE_ORDER_SECONDS
from daycover.identity.worker import NameMismatchError, Worker, Workers

PROOF_LIFE = timedelta(hours=2)
"""A face check proves presence for its own shift; a queue that was down this long issues nothing."""
MAX_RACES = 60
"""Each lost race means somebody else issued, so this bounds a person's employers at one instant, not luck."""


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
    """The insured withdrew a consent after this application began; it issues nothing, and what it issued is
    terminated.

    What to do: To be covered, scan, consent and check in anew.
    含义:申请开始之后,被保险人撤回了同意;本次申请不出单,已出的保单随即终止。
    处理:如需投保,重新扫码、同意、打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "您已撤回同意", "You have withdrawn your consent"
    detail = (
        "本次打卡不再有效,目前没有保障。如需投保,请重新扫码并同意后再打卡。",
        "This check-in no longer counts and there is no cover now. To be covered, scan, consent and check "
        "in anew.",
    )


class DataErasedError(DaycoverError):
    """The insured asked for erasure after this application began; it issues nothing.

    What to do: To be covered, scan, consent and check in anew; data that is locked must be unlocked before
    (`WITHDRAW` to `POST /v1/erasure-requests`).
    含义:申请开始之后,被保险人要求删除个人信息;本次申请不出单。
    处理:如需投保,重新扫码、同意、打卡;信息已锁定的,先用 `POST /v1/erasure-requests` 发送 `WITHDRAW`。
    """

    kind = ErrorKind.CONFLICT
    title = "您已申请删除个人信息", "You have asked for erasure of your data"
    detail = (
        "本次打卡不再有效,目前没有保障。如需投保,请重新扫码并同意后再打卡;信息已锁定的,请先撤回删除申请。",
        "This check-in no longer counts and there is no cover now. To be covered, scan, consent and check in anew; "
        "where your data is locked, withdraw the request first.",
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
    """The policy of an application, or None while the work card still waits for the face."""

    policy: Policy | None
    is_new: bool = False
    shift_ends_at: datetime | None = None
    ask_again_after: int = 0
    """Seconds, while there is no policy."""


class Applicant(Protocol):
    """The worker and the consents that stand, for one project and plan."""

    @property
    def worker(self) -> Worker: ...

    @property
    def consents(self) -> Sequence[Consent]: ...


class Earned(NamedTuple):
    """The period that an application earns, and the policy that it adjoins, where it does not begin now."""

    period: Period
    neighbour: Policy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePolicy:
    """Turn an application whose person is proved into a policy. Repeating gives the same policy."""

    now: Callable[[], datetime]
    policies: Policies
    workers: Workers
    applicant: Callable[[str, str, str], Applicant]
    """Of (worker, project, plan key), strongly consistent."""

    def __call__(self, application: Application) -> Issued:
        """Give the application's policy. An account whose person was not proved before is bound first, so that
        no policy is ever issued that its owner can't see.

        Raises ConsentMissingError, ConsentWithdrawnError, DataErasedError, NameMismatchError, CheckInExpiredError,
        AgeOutOfRangeError, MinorInHazardousWorkError, SumInsuredLimitError, ConcurrentChangeError.
        """
        if not application.consents:
            raise ConsentMissingError(kinds="")  # no consent record, no policy, whatever went wrong before
        if not application.is_proved:
            self.workers.bind(application.worker_id, application.identity, application.at)
            refusal = self._no_longer_stands(application)
            if refusal is not None:
                return self._own_or(application, refusal)
        return self._issue(application)

    def check(self, application: Application) -> None:
        """Raise what `__call__` would refuse with at this moment, ConcurrentChangeError apart."""
        now = self.now()
        chain = self.policies.chain(application.identity.person_id, now)
        if own_of(chain.policies, application) is None:
            refusal = self._no_longer_stands(application)
            if refusal is not None:
                raise refusal
            _earned(application, chain, now)

    def _no_longer_stands(self, application: Application) -> DaycoverError | None:
        """What the worker did since the application, read after the account is bound: who erases or withdraws
        later finds the person and stops the chain."""
        applicant = self.applicant(application.worker_id, application.project_id, application.plan_key)
        if applicant.worker.is_erased_since(application.at):
            return DataErasedError()
        if not set(application.consents) <= set(references(applicant.consents)):
            return ConsentWithdrawnError()
        if applicant.worker.person_id not in (None, application.identity.person_id):
            return NameMismatchError()  # the account is somebody else's: its owner would never see the policy
        return None

    def _own_or(self, application: Application, refusal: DaycoverError) -> Issued:
        """The policy that was written before a crash stands, whatever its owner did since."""
        recent = self.policies.recent(application.identity.person_id, self.now())
        own = own_of(recent, application)
        if own is None:
            raise refusal
        return Issued(own, shift_ends_at=application.shift_ends_at)

    def _issue(self, application: Application) -> Issued:
        person_id = application.identity.person_id
        for _ in range(MAX_RACES):
            now = self.now()
            chain = self.policies.chain(person_id, now)
            own = own_of(chain.policies, application)
            if own is not None:  # written before a crash or by a parallel request
                return Issued(own, shift_ends_at=application.shift_ends_at)
            earned = _earned(application, chain, now)
            if isinstance(earned, Policy):
                return Issued(earned, shift_ends_at=application.shift_ends_at)
            policy = _policy(application, chain.next_sequence, now, earned.period)
            try:
                self.policies.add(policy, chain.latest, earned.neighbour)
            except PolicyExistsError:
                continue
            return Issued(policy, is_new=True, shift_ends_at=application.shift_ends_at)
        raise ConcurrentChangeError


def own_of(policies: Sequence[Policy], application: Application) -> Policy | None:
    """The policy that this application has already become."""
    source = (application.worker_id, application.application_id)
    return next((p for p in policies if (p.worker_id, p.check_in_id) == source), None)


STOPPED: dict[StopReason, type[DaycoverError]] = {
    StopReason.ERASURE: DataErasedError,
    StopReason.CONSENT_WITHDRAWN: ConsentWithdrawnError,
}


def _earned(application: Application, chain: Chain, now: datetime) -> Earned | Policy:
    """Give the period that the application earns at `now`, or the policy that still serves; or refuse."""
    stop = application.stopped_by(chain.stops)
    if stop is not None:
        raise STOPPED[stop.reason]()
    if now - application.at > PROOF_LIFE:
        raise CheckInExpiredError(seconds=PRE_ORDER_SECONDS)
    latest_here = latest_of(chain.policies, application.project_id)
    period = next_period(now, latest_here.period if latest_here else None)
    if period is None:
        assert latest_here is not None  # next_period gives None only to somebody who is covered
        return latest_here
    identity, starts_on = application.identity, china_day(period.start)
    check_age(identity.birth_date, starts_on, application.occupation_class, maximum=application.maximum_age)
    if not _within_sum_limit(application, chain.policies, period):
        raise SumInsuredLimitError(limit_yuan=MAXIMUM_SUM_INSURED_FEN // 100)
    return Earned(period, latest_here if period.start > now else None)


def _within_sum_limit(application: Application, recent: Sequence[Policy], period: Period) -> bool:
    """Check F20: the person's sums insured in force at any instant of the new cover.

    The sum only grows where a policy begins, so those instants and the first one suffice.
    """
    others = [policy for policy in recent if policy.status is PolicyStatus.ISSUED]
    instants = [period.start, *(p.period.start for p in others if period.covers(p.period.start))]
    highest = max(sum(p.sum_insured_fen for p in others if p.period.covers(at)) for at in instants)
    return highest + application.sum_insured_fen <= MAXIMUM_SUM_INSURED_FEN


def _policy(application: Application, sequence: int, now: datetime, period: Period) -> Policy:
    return Policy(
        policy_no=policy_number(application.identity.person_id, sequence, now),
        person_id=application.identity.person_id,
        sequence=sequence,
        worker_id=application.worker_id,
        check_in_id=application.application_id,
        project_id=application.project_id,
        company_id=application.company_id,
        insured_name=mask_name(application.identity.name),
        plan_id=application.plan_id,
        plan_version=application.plan_version,
        occupation_class=application.occupation_class,
        premium_fen=application.premium_fen,
        sum_insured_fen=application.sum_insured_fen,
        period=period,
        issued_at=now,
        proof=application.proof,
    )
