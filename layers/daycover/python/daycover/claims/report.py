"""Report an accident (报案): find the policy that covers its instant, open the claim, start the workflow."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover import crockford
from daycover.china_time import CHINA
from daycover.claims.claim import Accident, Actor, Claim, ClaimExistsError, Claims, claim_number, opening
from daycover.claims.documents import ClaimType
from daycover.claims.fraud import timing_signals
from daycover.claims.steps import Workflows
from daycover.cover.period import Period
from daycover.cover.plan import plan
from daycover.cover.policy import Policy, PolicyNotFoundError, locate
from daycover.errors import DaycoverError

UNMATCHED_WITHIN = timedelta(days=1)
"""How soon a person looks at a notice that no policy was found for (our own promise)."""


class AccidentInFutureError(DaycoverError):
    """The accident is said to happen later than now."""


class AccidentOutsideCoverError(DaycoverError):
    """The accident lies outside the named policy's period. The notice is kept: staff look at it."""


class LossNotice(BaseModel, frozen=True, hide_input_in_errors=True):
    """A notice (报案) without a policy. It waits in the staff queue and is never refused by itself."""

    report_no: str
    reporter_id: str
    reported_at: datetime
    accident: Accident
    claim_types: tuple[ClaimType, ...]
    policy_no: str | None = None
    person_id: str | None = None
    first_treated_at: datetime | None = None

    @property
    def due(self) -> datetime:
        return self.reported_at + UNMATCHED_WITHIN


class Report(BaseModel, frozen=True, hide_input_in_errors=True):
    """What a worker reports."""

    policy_no: str | None
    accident: Accident
    claim_types: tuple[ClaimType, ...]
    first_treated_at: datetime | None = None


class Reported(NamedTuple):
    """What became of a report: a claim, new or known, or a notice that staff will match."""

    claim: Claim | None
    notice: LossNotice | None
    is_new: bool


class Notices(Protocol):
    def add(self, notice: LossNotice) -> None:
        """Keep the notice and its place in the staff queue; one that stands stays as it is."""
        ...

    def waiting(self) -> list[LossNotice]:
        """By due time, at most 100."""
        ...


class PolicyReader(Protocol):
    def get(self, policy_no: str) -> Policy:
        """Raises PolicyNotFoundError."""
        ...

    def covering(self, person_id: str, instant: datetime) -> list[Policy]:
        """Every policy of the person whose period holds the instant, however long ago."""
        ...


class Reporter(Protocol):
    @property
    def person_id(self) -> str | None: ...


class Reporters(Protocol):
    def get(self, worker_id: str) -> Reporter: ...


class ReportClaim:
    """Takes a worker's report. Repeating it, also under another Idempotency-Key, finds the same claim."""

    def __init__(
        self,
        *,
        claims: Claims,
        notices: Notices,
        policies: PolicyReader,
        reporters: Reporters,
        workflows: Workflows,
        now: Callable[[], datetime],
    ) -> None:
        self._claims = claims
        self._notices = notices
        self._policies = policies
        self._reporters = reporters
        self._workflows = workflows
        self._now = now

    def __call__(self, worker_id: str, report: Report) -> Reported:
        """Raises AccidentInFutureError, AccidentOutsideCoverError, PolicyNotFoundError (another person's)."""
        now = self._now()
        if report.accident.occurred_at > now:
            raise AccidentInFutureError
        person_id = self._reporters.get(worker_id).person_id
        policy = self._match(person_id, report)
        if policy is None:
            return Reported(None, self._keep(worker_id, person_id, report, now), True)
        if not policy.period.covers(report.accident.occurred_at):
            notice = self._keep(worker_id, person_id, report, now)
            raise AccidentOutsideCoverError(
                starts_at=policy.period.start,
                ends_at=policy.period.end,
                period_zh=_in_china(policy.period),
                report_no=notice.report_no,
            )
        return self._open(worker_id, policy, report, now)

    def _match(self, person_id: str | None, report: Report) -> Policy | None:
        """The named policy, or the one that covers the accident; None where a person must look."""
        if report.policy_no is not None:
            try:
                owner, _ = locate(report.policy_no)
                if owner == person_id:
                    return self._policies.get(report.policy_no)
            except PolicyNotFoundError:  # mistyped, or lost to us: never a refusal
                return None
            raise PolicyNotFoundError
        if person_id is None:
            return None
        covering = self._policies.covering(person_id, report.accident.occurred_at)
        # covered twice (two companies in one day): the better cover serves the worker
        return max(covering, key=lambda policy: (policy.sum_insured_fen, policy.policy_no), default=None)

    def _open(self, worker_id: str, policy: Policy, report: Report, now: datetime) -> Reported:
        accident = report.accident
        claim = Claim(
            claim_no=claim_number(policy.policy_no, accident.occurred_at),
            policy=policy,
            benefits=plan(policy.plan_id, policy.plan_version).benefits,
            accident=accident,
            claim_types=report.claim_types,
            reporter_id=worker_id,
            reported_at=now,
            first_treated_at=report.first_treated_at,
            signals=timing_signals(policy, accident.occurred_at, now, report.first_treated_at),
        )
        is_new = True
        try:
            self._claims.add(claim, opening(claim, Actor.worker(worker_id)))
        except ClaimExistsError:
            claim, is_new = self._claims.get(claim.claim_no), False
        # also for a known claim: the first report may have died between the two
        self._workflows.start_claim(claim.claim_no)
        return Reported(claim, None, is_new)

    def _keep(self, worker_id: str, person_id: str | None, report: Report, now: datetime) -> LossNotice:
        notice = LossNotice(
            report_no=report_number(worker_id, report),
            policy_no=report.policy_no,
            person_id=person_id,
            reporter_id=worker_id,
            reported_at=now,
            accident=report.accident,
            claim_types=report.claim_types,
            first_treated_at=report.first_treated_at,
        )
        self._notices.add(notice)
        return notice


def _in_china(period: Period) -> str:
    start, end = (instant.astimezone(CHINA) for instant in (period.start, period.end))
    return f"{start:%Y-%m-%d %H:%M:%S} 至 {end:%Y-%m-%d %H:%M:%S}(北京时间)"


def report_number(worker_id: str, report: Report) -> str:
    """Give the number of a notice: `RN` + 24 characters; the same report again has the same one."""
    minute = int(report.accident.occurred_at.timestamp()) // 60
    digest = hashlib.sha256(f"{worker_id}|{report.policy_no}|{minute}".encode()).digest()
    return "RN" + crockford.encode(int.from_bytes(digest[:15], "big"), 24)
