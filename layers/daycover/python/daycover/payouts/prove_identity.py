"""The payee proves who they are (核身): by their face at the work card, or before two members of staff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from daycover.china_time import china_day
from daycover.claims.claim import SYSTEM, Actor, Claim, ClaimChange, ClaimNotFoundError, Claims
from daycover.claims.consents import ClaimConsentKind, require
from daycover.claims.lifecycle import ClaimEvent, ClaimStepClosedError
from daycover.claims.obligation import INSURED
from daycover.claims.record import record
from daycover.errors import DaycoverError
from daycover.identity.document import IdDocumentType
from daycover.identity.work_card import (
    ANSWER_MARGIN,
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    PreOrder,
    Purpose,
    WorkCard,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.identity.worker import Worker, Workers
from daycover.payouts.identity import (
    ATTENTION,
    FRESH,
    OPEN_CHECKS,
    OVER,
    CheckStatus,
    FaceCheck,
    Identities,
    IdentityBySamePersonError,
    IdentityCheckNotFoundError,
    IdentityCheckRefusedError,
    IdentityChecksUsedUpError,
    IdentityCheckUnavailableError,
    IdentityNotWantedError,
    Means,
    PayeeIdentity,
    PayeeProof,
    Sighting,
    authenticate_number,
)
from daycover.payouts.request_identity import IdentityWait
from daycover.projects.project import Projects

CHECKS_PER_DAY = 10
"""Half of the 20 pre-orders that WeChat grants a person a day, so that a payout never costs a check-in."""
TOO_MANY_FACES = "VERIFY_FACE_FAILED_TOO_MANY"
"""WeChat's reason once five faces failed: every further check of that day fails."""


class Checked(NamedTuple):
    """`check` is None where an earlier proof still serves."""

    identity: PayeeIdentity
    check: FaceCheck | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveIdentity:
    """The insured's part: show their face to the work card, and have the server ask for the result."""

    claims: Claims
    identities: Identities
    workers: Workers
    projects: Projects
    work_card: Callable[[], WorkCard]
    wait: IdentityWait
    now: Callable[[], datetime]

    def start(self, worker_id: str, claim_no: str) -> Checked:
        """Open a face check, or go on with an open one. The attempt is stored before the card is asked.

        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityChecksUsedUpError,
        IdentityCheckRefusedError, IdentityCheckUnavailableError, FaceConsentMissingError, ConcurrentChangeError.
        """
        worker, claim, identity = self._mine(worker_id, claim_no)
        identity = self._settled(worker, claim, identity)  # the app may never have come back
        now = self.now()
        if identity.is_fresh(now):
            self.wait.end(identity)
            return Checked(identity, None)
        require(claim.consents, ClaimConsentKind.FACE)
        today = [check for check in identity.checks if china_day(check.at) == china_day(now)]
        if today and today[-1].worker_id == worker_id and today[-1].still_open(now):
            return Checked(identity, today[-1])
        locked = any(check.failed_reason == TOO_MANY_FACES for check in today)
        if locked or len(today) >= CHECKS_PER_DAY:
            raise IdentityChecksUsedUpError
        known = worker.identity
        if known is None or known.document_type is not IdDocumentType.RESIDENT_ID:
            raise IdentityCheckRefusedError(code="DOCUMENT_TYPE")
        project = self.projects.get(claim.policy.project_id)
        check = FaceCheck(
            number=identity.attempts + 1,
            worker_id=worker_id,
            sub_mchid=project.sub_mchid,
            at=now,
            token_ends_at=now + timedelta(seconds=PRE_ORDER_SECONDS),
        )
        identity = identity.model_copy(update={"checks": tuple(today)}).with_check(check)
        self.identities.save(identity)
        order = PreOrder(
            authenticate_number=authenticate_number(claim_no, check),
            openid=worker.openid,
            sub_mchid=project.sub_mchid,
            project_name=project.name,
            employer_name=project.employer_name,
            name=known.name,
            id_number=known.id_number,
            purpose=Purpose.PAYOUT,
        )
        try:
            token = self.work_card().pre_order(order)
        except (WorkCardLimitError, WorkCardRefusedError, WorkCardUnavailableError) as refusal:
            failed = {"status": CheckStatus.FAILED, "failed_reason": type(refusal).__name__}
            self.identities.save(identity.with_check(check.model_copy(update=failed)))
            raise _ours(refusal) from refusal
        ready = {
            "status": CheckStatus.PRE_ORDERED,
            "token": token.token,
            "token_ends_at": now + timedelta(seconds=token.seconds),
        }
        check = check.model_copy(update=ready)
        identity = identity.with_check(check)
        self.identities.save(identity)
        return Checked(identity, check)

    def result(self, worker_id: str, claim_no: str, check_id: str) -> Checked:
        """Ask the work card for the outcome of an attempt; the payout goes on once it is proved.

        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityCheckNotFoundError,
        IdentityCheckRefusedError, IdentityCheckUnavailableError, ConcurrentChangeError.
        """
        worker, claim, identity = self._mine(worker_id, claim_no)
        mine = {str(check.number) for check in identity.checks if check.worker_id == worker_id}
        if check_id not in mine:
            raise IdentityCheckNotFoundError
        identity = self._settled(worker, claim, identity, check_id)
        if identity.is_fresh(self.now()):
            self.wait.end(identity)
        return Checked(identity, next(check for check in identity.checks if str(check.number) == check_id))

    def _mine(self, worker_id: str, claim_no: str) -> tuple[Worker, Claim, PayeeIdentity]:
        claim, worker = self.claims.get(claim_no), self.workers.get(worker_id)
        if not claim.belongs_to(worker.person_id):
            raise ClaimNotFoundError
        identity = self.identities.find(claim_no)
        if identity.requested_at is None:
            raise IdentityNotWantedError
        if claim.status in OVER:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        return worker, claim, identity

    def _settled(
        self, worker: Worker, claim: Claim, identity: PayeeIdentity, check_id: str | None = None
    ) -> PayeeIdentity:
        """Ask about the worker's open attempts, or one of them, and record what came of them."""
        for check in identity.checks:
            mine = check.worker_id == worker.worker_id and check.status in OPEN_CHECKS
            if not mine or check_id not in (None, str(check.number)):
                continue
            now = self.now()
            status, reason, at = self._outcome(worker, claim.claim_no, check, now)
            if status is check.status:
                continue
            ended = check.model_copy(update={"status": status, "failed_reason": reason, "token": None})
            if status is not CheckStatus.PROVED:
                identity = identity.with_check(ended)
                self.identities.save(identity)
                continue
            proof = PayeeProof(means=Means.FACE, by=authenticate_number(claim.claim_no, check), at=at)
            identity = identity.with_check(ended, proof=proof)
            self.identities.save(identity, proved(claim, now, SYSTEM, Means.FACE))
            return identity
        return identity

    def _outcome(
        self, worker: Worker, claim_no: str, check: FaceCheck, now: datetime
    ) -> tuple[CheckStatus, str | None, datetime]:
        is_late = now > check.token_ends_at + ANSWER_MARGIN
        late = (CheckStatus.EXPIRED if is_late else check.status, None, now)
        try:
            answer = self.work_card().authentication(authenticate_number(claim_no, check), check.sub_mchid)
        except WorkCardRefusedError as refusal:
            if is_late or refusal.facts.get("code") == "RESOURCE_NOT_EXISTS":
                return late  # the pre-order never arrived, or is on its way
            raise _ours(refusal) from refusal
        except WorkCardUnavailableError as refusal:
            raise _ours(refusal) from refusal
        if answer.state is AuthenticationState.PROCESSING:
            return late
        return _verdict(answer, worker, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmIdentity:
    """The staff's part: two people who see the payee with their document."""

    claims: Claims
    identities: Identities
    wait: IdentityWait
    now: Callable[[], datetime]

    def __call__(
        self, staff_id: str, claim_no: str, document: IdDocumentType, payee: str = INSURED
    ) -> PayeeIdentity:
        """Say that person and document were seen; the second person's word is the proof.

        The same person's word again changes nothing.
        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityBySamePersonError,
        ConcurrentChangeError.
        """
        claim, identity = self.claims.get(claim_no), self.identities.find(claim_no, payee)
        now = self.now()
        if identity.requested_at is None:
            raise IdentityNotWantedError
        if claim.status in OVER:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if staff_id in {claim.round.decided_by, claim.round.acknowledged_by}:
            raise IdentityBySamePersonError
        if identity.is_fresh(now):
            self.wait.end(identity)
            return identity
        first, by = identity.sighting, Actor.staff(staff_id)
        if first is None or first.document is not document or now - first.at >= FRESH:
            moved = identity.moved(sighting=Sighting(document=document, by=staff_id, at=now))
            seen = record(claim, ClaimEvent.IDENTITY_SEEN, at=now, by=by, reason_code=document.value)
            self.identities.save(moved, seen)
            return moved
        if first.by == staff_id:
            return identity
        proof = PayeeProof(means=Means.STAFF, by=f"{first.by},{staff_id}", at=now)
        moved = identity.moved(proof=proof)
        self.identities.save(moved, proved(claim, now, by, Means.STAFF))
        self.wait.end(moved)
        return moved


def proved(claim: Claim, at: datetime, by: Actor, means: Means) -> ClaimChange:
    """Give the line of the history that says so; finance need not look at the claim for this any more."""
    attention = None if claim.attention == ATTENTION else claim.attention
    return record(
        claim, ClaimEvent.IDENTITY_PROVED, at=at, by=by, reason_code=means.value, attention=attention
    )


def _verdict(
    answer: Authentication, worker: Worker, now: datetime
) -> tuple[CheckStatus, str | None, datetime]:
    if answer.state is AuthenticationState.FAILED or answer.at is None:
        return CheckStatus.FAILED, answer.failed_reason or "FAILED", now
    if answer.openid != worker.openid:
        return CheckStatus.FAILED, "ANOTHER_ACCOUNT", now
    if now - answer.at >= FRESH:
        return CheckStatus.EXPIRED, None, now
    return CheckStatus.PROVED, None, answer.at


def _ours(refusal: DaycoverError) -> DaycoverError:
    if isinstance(refusal, WorkCardLimitError):
        return IdentityChecksUsedUpError()
    if isinstance(refusal, WorkCardRefusedError):
        return IdentityCheckRefusedError(code=refusal.facts.get("code"))
    return IdentityCheckUnavailableError()
