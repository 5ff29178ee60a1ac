"""The payee proves who they are (核身): by their face at the work card, or before two members of staff."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from daycover.china_time import seconds_left_of_day
from daycover.claims.claim import SYSTEM, Actor, Claim, ClaimChange, ClaimNotFoundError, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.consents import ClaimConsentKind, require
from daycover.claims.lifecycle import ClaimEvent, ClaimStepClosedError
from daycover.claims.obligation import INSURED
from daycover.claims.record import record
from daycover.cover.check_in import CheckIns
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.attempt import (
    TOO_MANY_FACES,
    DayUse,
    ask,
    check_spacing,
    day_key,
    digest_of,
    payee_checks_on,
    way_on,
)
from daycover.identity.document import IdDocumentType
from daycover.identity.work_card import (
    ANSWER_MARGIN,
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    FacesUsedUpError,
    PreOrder,
    Purpose,
    WorkCard,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.identity.worker import PayeeCheckNotes, Worker, Workers
from daycover.payouts.identity import (
    ATTENTION,
    FRESH,
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
"""Half of the 20 pre-orders that WeChat grants an account a day, so that payouts never cost a check-in."""


class Checked(NamedTuple):
    """`check` is None where an earlier proof still serves."""

    identity: PayeeIdentity
    check: FaceCheck | None


class OpenedCheck(NamedTuple):
    """With `order` the work card is yet to be asked, by this call and no other."""

    checked: Checked
    order: PreOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveIdentity:
    """The insured's part: show their face to the work card, and have the server ask for the result."""

    claims: Claims
    identities: Identities
    workers: Workers
    notes: PayeeCheckNotes
    check_ins: CheckIns
    projects: Projects
    work_card: Callable[[], WorkCard]
    wait: IdentityWait
    now: Callable[[], datetime]

    def start(self, worker_id: str, claim_no: str) -> Checked:
        """Open a face check, or go on with an open one; one whose token never came is asked for again.

        The attempt is stored before the card is asked, and noted with the account, because check-ins share the day's
        20 with it.
        Raises ClaimNotFoundError, ClaimStepClosedError, IdentityNotWantedError, IdentityChecksUsedUpError,
        IdentityCheckRefusedError, IdentityCheckUnavailableError, FaceConsentMissingError, ConcurrentChangeError.
        """
        while True:
            opened = self._open(worker_id, claim_no)
            check = opened.checked.check
            if opened.order is None or check is None:
                return opened.checked
            number, day = check.authenticate_number, day_key(check.at)
            self.notes.note(worker_id, day, number, "")
            answered = ask(self.work_card(), opened.order, check, check.at)
            check = check.model_copy(update=answered.changes)
            if check.token is not None:
                check = check.model_copy(update={"status": CheckStatus.PRE_ORDERED})
                return Checked(self._store(opened.checked.identity, check), check)
            self._store(opened.checked.identity, check)
            if not check.may_have_counted:
                self.notes.forget(worker_id, day, number)
            if answered.error is not None:
                raise _ours(answered.error) from answered.error

    @repeated_on_conflict
    def _open(self, worker_id: str, claim_no: str) -> OpenedCheck:
        """Store the check to ask the card for, or give the one to go on with, also that of another phone."""
        worker, claim, identity = self._mine(worker_id, claim_no)
        identity = self._settled(worker, claim, identity)  # the app may never have come back
        now = self.now()
        if identity.is_fresh(now):
            self.wait.end(identity)
            return OpenedCheck(Checked(identity, None))
        require(claim.consents, ClaimConsentKind.FACE)
        known = worker.identity
        if known is None or known.document_type is not IdDocumentType.RESIDENT_ID:
            raise IdentityCheckRefusedError(code="DOCUMENT_TYPE")
        project = self.projects.get(claim.policy.project_id)
        digest = digest_of(project.sub_mchid, project.name, project.employer_name, worker.person_id or "")
        today = tuple(check for check in identity.checks if day_key(check.at) == day_key(now))
        mine = [check for check in today if check.worker_id == worker_id]
        way = way_on([check for check in mine if check.is_open], digest, now)
        if way.attempt is not None and not way.ask:
            return OpenedCheck(Checked(identity, way.attempt))
        tried = identity.attempts + 1 if way.attempt is None else way.attempt.number
        number = authenticate_number(claim_no, tried)
        self._check_day(worker, number, now)
        if way.attempt is None:
            _check_spacing(mine, now)
        self.work_card()  # what keeps us from asking must fail before an attempt is stored
        check = FaceCheck(
            authenticate_number=number,
            order_digest=digest,
            number=tried,
            worker_id=worker_id,
            sub_mchid=project.sub_mchid,
            at=now,
            token_ends_at=now + timedelta(seconds=PRE_ORDER_SECONDS),
        )
        if way.attempt is not None:
            check = check.model_copy(update=way.attempt.asked_again())
        identity = identity.model_copy(update={"checks": today}).with_check(check)
        self.identities.save(identity)
        order = PreOrder(
            authenticate_number=number,
            openid=worker.openid,
            sub_mchid=project.sub_mchid,
            project_name=project.name,
            employer_name=project.employer_name,
            name=known.name,
            id_number=known.id_number,
            purpose=Purpose.PAYOUT,
        )
        return OpenedCheck(Checked(identity, check), order)

    def _check_day(self, worker: Worker, number: str, now: datetime) -> None:
        """Raises IdentityChecksUsedUpError: no further check may be asked for, or WeChat would refuse it."""
        used_up = IdentityChecksUsedUpError(retry_after=seconds_left_of_day(now))
        if len(payee_checks_on(worker.payee_checks, now).keys() - {number}) >= CHECKS_PER_DAY:
            raise used_up
        check_ins = self.check_ins.attempts_of_day(worker.worker_id, day_key(now))
        try:
            DayUse.of(check_ins, worker.payee_checks, now, beside=number).check(now)
        except (FacesUsedUpError, WorkCardLimitError) as refusal:
            raise used_up from refusal

    def _store(self, identity: PayeeIdentity, check: FaceCheck) -> PayeeIdentity:
        """Store what came of asking; a sighting or reminder in between is no reason to lose it."""
        moved = identity.with_check(check)
        try:
            self.identities.save(moved)
        except ConcurrentChangeError:
            return self._store_on_top(identity.claim_no, check)
        return moved

    @repeated_on_conflict
    def _store_on_top(self, claim_no: str, check: FaceCheck) -> PayeeIdentity:
        identity = self.identities.find(claim_no)
        asked = [(known.number, known.asks) for known in identity.checks if known.is_open]
        if (check.number, check.asks) not in asked:
            raise IdentityCheckUnavailableError  # asked for again meanwhile: that answer is newer
        moved = identity.with_check(check)
        self.identities.save(moved)
        return moved

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
        now = self.now()
        if identity.is_fresh(now):
            self.wait.end(identity)
        check = next(check for check in identity.checks if str(check.number) == check_id)
        if check.is_open and check.token is None and not check.serves(now):
            # said and not stored: no face can have been shown, and the next start goes on under its number
            check = check.model_copy(update={"status": CheckStatus.EXPIRED})
        return Checked(identity, check)

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
            mine = check.worker_id == worker.worker_id and check.is_open
            if not mine or check.token is None or check_id not in (None, str(check.number)):
                continue  # without a token nobody can have shown a face
            now = self.now()
            status, reason, at = self._outcome(worker, check, now)
            if status is check.status:
                continue
            if reason == TOO_MANY_FACES:
                self.notes.note(worker.worker_id, day_key(check.at), check.authenticate_number, reason)
            change = {"status": status, "failed_reason": reason, "token": None}  # nosec B105 # it is forgotten
            ended = check.model_copy(update=change)
            if status is not CheckStatus.PROVED:
                identity = identity.with_check(ended)
                self.identities.save(identity)
                continue
            proof = PayeeProof(means=Means.FACE, by=check.authenticate_number, at=at)
            identity = identity.with_check(ended, proof=proof)
            self.identities.save(identity, proved(claim, now, SYSTEM, Means.FACE))
            return identity
        return identity

    def _outcome(
        self, worker: Worker, check: FaceCheck, now: datetime
    ) -> tuple[CheckStatus, str | None, datetime]:
        is_late = now > check.token_ends_at + ANSWER_MARGIN
        late = (CheckStatus.EXPIRED if is_late else check.status, None, now)
        try:
            answer = self.work_card().authentication(check.authenticate_number, check.sub_mchid)
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


def _check_spacing(mine: Sequence[FaceCheck], now: datetime) -> None:
    try:
        check_spacing(mine, now)
    except WorkCardUnavailableError as refusal:
        raise _ours(refusal) from refusal


def _ours(refusal: DaycoverError) -> DaycoverError:
    if isinstance(refusal, WorkCardLimitError):
        return IdentityChecksUsedUpError(retry_after=refusal.retry_after)
    if isinstance(refusal, WorkCardRefusedError):
        return IdentityCheckRefusedError(code=refusal.facts.get("code"))
    return IdentityCheckUnavailableError(retry_after=refusal.retry_after)
