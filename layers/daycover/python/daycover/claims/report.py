"""Report an accident (报案): find the policy that covers its instant, open the claim, start the workflow."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, Field

from daycover import crockford
from daycover.claims.benefits import added, news
from daycover.claims.claim import Accident, Actor, ActorKind, Claim, ClaimExistsError, Claims, claim_number
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.consents import Accepted, ClaimConsent, ConsentWay, given_with_report
from daycover.claims.documents import ClaimType
from daycover.claims.fraud import SAME_ACCIDENT, Thresholds, timing_signals
from daycover.claims.lifecycle import ADDING, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.loss_notice import (
    LossNotice,
    LossNoticeMatchedError,
    LossNotices,
    NoticeStatus,
)
from daycover.claims.record import opening, record
from daycover.claims.round import Round
from daycover.claims.standing import better, covers
from daycover.claims.steps import Workflows
from daycover.cover.archive import ArchiveDamagedError
from daycover.cover.plan import plan
from daycover.cover.policy import KeptPolicies, Policy, PolicyNotFoundError, locate
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.worker import Workers


class AccidentInFutureError(DaycoverError):
    """The accident lies in the future.

    What to do: Check its time.
    含义:事故时间在将来。
    处理:核对事故时间。
    """

    kind = ErrorKind.INVALID
    title = "出险时间晚于当前时间", "The accident lies in the future"
    detail = "请核对出险时间。", "Check the time of the accident."


class AccidentOutsideCoverError(DaycoverError):
    """The accident is not within this policy's cover; this is no refusal, the report is kept as
    `report_no`.

    What to do: Staff will contact you; if another policy covers it, report with that.
    含义:事故时间不在该保单的保障期间内;这不是拒赔,报案已留存为 `report_no`。
    处理:等候工作人员联系;如有其他保单,用它报案。
    """

    kind = ErrorKind.INVALID
    title = "出险时间不在该保单的保障期间内", "The accident lies outside this policy's cover"
    detail = (
        "该保单的保障期间为 {period_zh}。这不是拒赔:报案已登记,报案号 {report_no},工作人员会核实并与您联系。",
        "This policy covers {starts_at} to {ends_at}. This is not a refusal: your report is kept as "
        "{report_no}, and our staff will look into it and contact you.",
    )


class LossReport(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What a worker reports."""

    policy_no: str | None
    accident: Accident
    claim_types: tuple[ClaimType, ...]
    first_treated_at: datetime | None = None
    contact: str | None = Field(default=None, repr=False)
    consents: tuple[Accepted, ...] = ()
    """What the insured said yes to with it. Without any the report stands as well."""
    phone: str | None = Field(default=None, repr=False)
    insured_name: str | None = Field(default=None, repr=False)
    relation: str | None = None


class Reported(NamedTuple):
    """What became of a report: a claim, new or known, or a notice that staff will match."""

    claim: Claim | None
    notice: LossNotice | None
    is_new: bool
    also_covered: tuple[str, ...] = ()
    """Other policies of the person that cover the accident: each takes a report of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportClaim:
    """Takes a worker's report. Repeating it, also under another Idempotency-Key, finds the same claim."""

    claims: Claims
    notices: LossNotices
    policies: KeptPolicies
    reporters: Workers
    workflows: Workflows
    thresholds: Thresholds
    now: Callable[[], datetime]

    def __call__(self, worker_id: str, report: LossReport) -> Reported:
        """Raises AccidentInFutureError, AccidentOutsideCoverError, PolicyNotFoundError (another person's)."""
        now = self.now()
        if report.accident.occurred_at > now:
            raise AccidentInFutureError
        person_id = self.reporters.get(worker_id).person_id
        policy, also = self._match(person_id, report)
        by = Actor.worker(worker_id)
        if policy is None:
            return Reported(None, self._keep(by, person_id, report, now), True)
        if not policy.period.covers(report.accident.occurred_at):
            notice = self._keep(by, person_id, report, now)
            raise AccidentOutsideCoverError(
                starts_at=policy.period.start,
                ends_at=policy.period.end,
                period_zh=policy.period.in_china(),
                report_no=notice.report_no,
            )
        return self._open(by, policy, report, now, also)

    def for_another(
        self,
        role: str,
        subject: str,
        person_id: str | None,
        report: LossReport,
        *,
        company_id: str | None = None,
    ) -> Reported:
        """Take the notice of an operator or an intake clerk, with or without a policy number.

        `role` and `subject` say who reports: `operator`, `company`, `provider` or `staff`, and its id. Who does it
        for a company (`company_id`) matches that company's own policies only and learns nothing of others;
        whatever matches none waits for a person. Raises AccidentInFutureError.
        """
        now = self.now()
        by = Actor(kind=ActorKind(role.upper()), id=subject)
        occurred_at = report.accident.occurred_at
        if occurred_at > now:
            raise AccidentInFutureError
        found = self._candidates(person_id, report)
        policy = max(
            (
                policy
                for policy in found
                if policy.period.covers(occurred_at)
                and company_id in (None, policy.company_id)
                and person_id in (None, policy.person_id)
            ),
            key=better(occurred_at),
            default=None,
        )
        if policy is None:
            return Reported(None, self._keep(by, person_id, report, now), True)
        opened = self._open(by, policy, report, now, self._beside(policy, occurred_at))
        return opened if company_id is None else opened._replace(also_covered=())

    def keep(self, worker_id: str, person_id: str, report: LossReport) -> LossNotice:
        """Keep an account's notice for somebody else, matched or not. Raises AccidentInFutureError."""
        now = self.now()
        if report.accident.occurred_at > now:
            raise AccidentInFutureError
        return self._keep(Actor.worker(worker_id), person_id, report, now)

    def for_account(self, worker_id: str, person_id: str, report: LossReport) -> Reported:
        """Take the notice that `keep` has kept to a claim, where a policy of the person covers the accident."""
        return self.for_another("worker", worker_id, person_id, report)

    def match(self, staff_id: str, report_no: str, policy_no: str) -> Claim:
        """Open the claim of a notice on the policy that a person found, also where the times do not fit:
        then the file says so, and people decide. Repeating it changes nothing.

        Raises LossNoticeNotFoundError, LossNoticeMatchedError, PolicyNotFoundError, and ClaimStepClosedError
        where the claim was withdrawn: it must be reopened.
        """
        notice = self.notices.get(report_no)
        policy = self.policies.get(policy_no)
        if notice.claim_no is not None:
            claim = self.claims.get(notice.claim_no)
            if claim.policy.policy_no != policy.policy_no:
                raise LossNoticeMatchedError(claim_no=notice.claim_no)
            return claim
        report = LossReport(
            policy_no=policy.policy_no,
            accident=notice.accident,
            claim_types=notice.claim_types,
            first_treated_at=notice.first_treated_at,
            consents=notice.consents if _is_of(notice, policy) else (),
        )
        by = Actor(kind=notice.reported_by, id=notice.reporter_id)
        also = self._beside(policy, notice.accident.occurred_at)
        opened, _, is_new, _ = self._open(by, policy, report, notice.reported_at, also)
        if opened is None:  # withdrawn, or decided without what is claimed now: it must be reopened
            status_now = self.claims.get(claim_number(policy_no, notice.accident.occurred_at)).status
            raise ClaimStepClosedError(claim_status=status_now.value)
        claim = opened
        status = NoticeStatus.CONVERTED if is_new else NoticeStatus.DUPLICATE
        settled = {"status": status, "claim_no": claim.claim_no}
        change = record(
            claim,
            ClaimEvent.NOTED,
            at=self.now(),
            by=Actor.staff(staff_id),
            reason_code=f"MATCHED:{report_no}",
        )
        self.claims.save(change)
        self.notices.settle(notice.model_copy(update=settled))
        return change.after

    def _candidates(self, person_id: str | None, report: LossReport) -> list[Policy]:
        if report.policy_no is not None:
            try:
                return [self.policies.get(report.policy_no)]
            except (PolicyNotFoundError, ArchiveDamagedError):
                pass  # mistyped on the phone, or lost to us: the person and the instant may still tell
        return self._covering(person_id, report) if person_id else []

    def _covering(self, person_id: str, report: LossReport) -> list[Policy]:
        """None where a record is damaged: a person looks, and the loss is noted all the same."""
        try:
            return self.policies.covering(person_id, report.accident.occurred_at)
        except ArchiveDamagedError:
            return []

    def _beside(self, policy: Policy, occurred_at: datetime) -> tuple[str, ...]:
        """The person's other policies that stand and cover the instant: fixed sums add up, costs are shared."""
        try:
            covering = self.policies.covering(policy.person_id, occurred_at)
        except ArchiveDamagedError:
            return ()
        others = (p for p in covering if p.policy_no != policy.policy_no and covers(p, occurred_at))
        return tuple(other.policy_no for other in sorted(others, key=better(occurred_at), reverse=True))

    def _match(self, person_id: str | None, report: LossReport) -> tuple[Policy | None, tuple[str, ...]]:
        """The named policy, or the one that covers the accident (None where a person must look), and what else
        covers it."""
        if report.policy_no is not None:
            try:
                owner, _ = locate(report.policy_no)
                if owner == person_id:
                    named = self.policies.get(report.policy_no)
                    return named, self._beside(named, report.accident.occurred_at)
            except (PolicyNotFoundError, ArchiveDamagedError):  # mistyped, or lost to us: never a refusal
                return None, ()
            raise PolicyNotFoundError
        if person_id is None:
            return None, ()
        occurred_at = report.accident.occurred_at
        covering = self._covering(person_id, report)
        # covered twice (two companies in one day): the better cover serves the worker
        best = max(covering, key=better(occurred_at), default=None)
        return best, self._beside(best, occurred_at) if best is not None and len(covering) > 1 else ()

    def _open(
        self,
        by: Actor,
        policy: Policy,
        report: LossReport,
        now: datetime,
        also: tuple[str, ...] = (),
    ) -> Reported:
        accident = report.accident
        known = self._known(by, policy, accident.occurred_at)
        if known is not None:
            return self._again(known.claim_no, by, policy, report, also)
        claim = Claim(
            claim_no=claim_number(policy.policy_no, accident.occurred_at),
            policy=policy,
            benefits=plan(policy.plan_id, policy.plan_version).benefits,
            accident=accident,
            claim_types=report.claim_types,
            reporter_id=by.id,
            reported_at=now,
            rounds=(Round(requested_at=now),),
            consents=_consented((), by, report, now),
            first_treated_at=report.first_treated_at,
            also_covered=also,
            signals=timing_signals(
                policy, accident.occurred_at, now, report.first_treated_at, self.thresholds
            ),
        )
        try:
            self.claims.add(claim, opening(claim, by))
        except ClaimExistsError:
            return self._again(claim.claim_no, by, policy, report, also)
        self.workflows.start_claim(claim.claim_no)
        return Reported(claim, None, True, also)

    def _again(
        self, claim_no: str, by: Actor, policy: Policy, report: LossReport, also: tuple[str, ...]
    ) -> Reported:
        """The claim stands. What can't join it any more, because a person must reopen it, is kept as a notice."""
        claim = self.claims.get(claim_no)
        is_late = bool(news(claim, report.claim_types)) and claim.status not in ADDING
        if claim.status is ClaimStatus.WITHDRAWN or is_late:
            return Reported(None, self._keep(by, policy.person_id, report, self.now()), True)
        return Reported(self._join(claim_no, by, report), None, False, also)

    def _known(self, by: Actor, policy: Policy, occurred_at: datetime) -> Claim | None:
        """The claim that somebody else opened for the same accident: they remember another minute of it.

        A reporter who names a second minute means a second accident; that is a signal, not a merger.
        """
        for claim in self.claims.list_of(policy.person_id):
            apart = abs(claim.accident.occurred_at - occurred_at)
            if (
                claim.policy.policy_no == policy.policy_no
                and claim.status is not ClaimStatus.WITHDRAWN
                and apart <= SAME_ACCIDENT
                and by.id not in _reporters_of(claim)
            ):
                return claim
        return None

    @repeated_on_conflict
    def _join(self, claim_no: str, by: Actor, report: LossReport) -> Claim:
        """Add a reporter, the benefits that they name and the consents that they bring, once; and start the claim's
        workflow, before which the first may have died."""
        claim, at = self.claims.get(claim_no), self.now()
        is_known = by.id in _reporters_of(claim)
        named = report.claim_types if claim.status in ADDING else ()  # decided a moment ago: they stand there
        if not is_known or news(claim, named):
            reporters = claim.reporters if is_known else (*claim.reporters, by)
            consents = claim.consents if is_known else _consented(claim.consents, by, report, at)
            change = added(
                claim, ClaimEvent.REPORTED_AGAIN, named, at=at, by=by, reporters=reporters, consents=consents
            )
            self.claims.save(change)
            claim = change.after
        self.workflows.start_claim(claim.claim_no)
        return claim

    def _keep(self, by: Actor, person_id: str | None, report: LossReport, now: datetime) -> LossNotice:
        notice = LossNotice(
            report_no=report_number(by, person_id, report),
            policy_no=report.policy_no,
            person_id=person_id,
            reporter_id=by.id,
            reported_by=by.kind,
            contact=report.contact,
            phone=report.phone,
            insured_name=report.insured_name,
            relation=report.relation,
            reported_at=now,
            accident=report.accident,
            claim_types=report.claim_types,
            first_treated_at=report.first_treated_at,
            consents=report.consents,
        )
        self.notices.add(notice)
        return notice


_WAYS = {ActorKind.WORKER: ConsentWay.APP, ActorKind.STAFF: ConsentWay.PHONE}
"""Who may bring consents with a report: the insured, and staff who have them on the phone; never a company."""


def _consented(
    known: Sequence[ClaimConsent], by: Actor, report: LossReport, at: datetime
) -> tuple[ClaimConsent, ...]:
    way = _WAYS.get(by.kind)
    if way is None:
        return tuple(known)
    return given_with_report(known, report.consents, f"{by.kind}:{by.id}", way, at)


def _is_of(notice: LossNotice, policy: Policy) -> bool:
    """Whether who reported speaks for the insured: a worker for themselves only."""
    is_own = notice.person_id == policy.person_id and notice.relation is None
    return notice.reported_by is ActorKind.STAFF or is_own


def _reporters_of(claim: Claim) -> set[str]:
    return {claim.reporter_id, *(reporter.id for reporter in claim.reporters)}


def report_number(by: Actor, person_id: str | None, report: LossReport) -> str:
    """Give the number of a notice: `RN` + 24 characters; the same report again has the same one.

    Who reports for others has many accidents in one minute: there the person, or the words, tell them apart.
    """
    minute = int(report.accident.occurred_at.timestamp()) // 60
    text = f"{by.id}|{report.policy_no}|{minute}"
    if by.kind is not ActorKind.WORKER or report.relation is not None:
        text += f"|{person_id or report.accident.description}"
    digest = hashlib.sha256(text.encode()).digest()
    return "RN" + crockford.of_digest(digest, 24)
