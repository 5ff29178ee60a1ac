"""Become a claim's representative: ask, be accepted or refused by staff, end it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from daycover.china_time import china_day
from daycover.claims.access import Act, ClaimAccess, NotForRepresentativeError, insured_has_died
from daycover.claims.claim import (
    Actor,
    ActorKind,
    Claim,
    ClaimNotFoundError,
    Claims,
    as_written,
)
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, Documents
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import record
from daycover.claims.representative import (
    MOST,
    MOST_OF_ACCOUNT,
    PROVED_BY,
    Particulars,
    ProofFiledBySamePersonError,
    ProofOfRepresentationError,
    RepresentationClosedError,
    RepresentationInvalidError,
    RepresentationStandsError,
    Representative,
    RepresentativeKind,
    RepresentativeStatus,
)
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.document import IdDocumentType, id_document, indexed
from daycover.identity.phone import phone_number
from daycover.identity.worker import PersonIndex

ASKED_BY_ACCOUNT, ASKED_OF_CLAIM = 5, 10
"""Requests a day (+08:00): who guesses a claim number and an identity number gets no further."""
_ARRIVED = frozenset({DocumentStatus.RECEIVED, DocumentStatus.ACCEPTED})


class TooManyRequestsToRepresentError(DaycoverError):
    """The account, or this claim number, has had its requests of the day (5 and 10), right or wrong.

    What to do: Ask again tomorrow, or call the hotline.
    含义:该账号或该赔案号当天的代理申请次数已用完(5 次、10 次),无论是否正确。
    处理:次日再试,或致电理赔热线。
    """

    kind = ErrorKind.TOO_MANY
    title = "今日代理申请次数已达上限", "The day's requests to represent are used up"
    detail = "请明天再试,或致电理赔热线。", "Ask again tomorrow, or call the claims hotline."
    retry_after = 3600


class Asked(Protocol):
    """How often somebody asked to act on a claim, by account and by number, in a day."""

    def by_account(self, worker_id: str, day: date) -> int:
        """Count one more of an account and give the count, this one included."""
        ...

    def of_claim(self, claim_no: str, day: date) -> int:
        """The same of a claim number, whether there is such a claim or not."""
        ...


class Insured(NamedTuple):
    """The insured's identity document as the asker knows it; its form is not checked, a wrong one finds nobody."""

    document_type: IdDocumentType
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToRepresent:
    """The part of the account that asks, and of the insured who is asked for."""

    claims: Claims
    access: ClaimAccess
    asked: Asked
    index: Callable[[], PersonIndex]
    now: Callable[[], datetime]

    def __call__(self, worker_id: str, claim_no: str, said: Particulars, insured: Insured) -> Representative:
        """Ask to act on a claim. The same request again changes nothing.

        A wrong identity number is answered as an unknown claim. Raises ResidentIdError, DocumentNumberError,
        PhoneNumberError, TooManyRequestsToRepresentError, ClaimNotFoundError, RepresentationInvalidError,
        RepresentationStandsError.
        """
        day = china_day(self.now())
        shown = id_document(said.document_type, said.document_number, day)
        normal = {"document_type": shown.type, "document_number": shown.number}
        said = said.model_copy(update=normal | {"phone": phone_number(said.phone)})
        if (
            self.asked.by_account(worker_id, day) > ASKED_BY_ACCOUNT
            or self.asked.of_claim(claim_no, day) > ASKED_OF_CLAIM
        ):
            raise TooManyRequestsToRepresentError
        return self._ask(worker_id, claim_no, said, insured)

    @repeated_on_conflict
    def _ask(self, worker_id: str, claim_no: str, said: Particulars, insured: Insured) -> Representative:
        claim = self.claims.get(claim_no)
        index = self.index()
        person_id = index.person_id(indexed(insured.document_type, insured.number))
        if person_id != claim.policy.person_id:
            raise ClaimNotFoundError
        if claim.belongs_to(self.access.workers.get(worker_id).person_id):
            raise RepresentationInvalidError(fault="INSURED")
        if index.person_id(said.identity) == claim.policy.person_id:
            raise RepresentationInvalidError(fault="INSURED")
        known = claim.represented_by(worker_id)
        if known is not None and known.stands:
            if known.said != said:
                raise RepresentationStandsError
            return known
        mine = sum(r.worker_id == worker_id for r in claim.representatives)
        if len(claim.representatives) >= MOST or mine >= MOST_OF_ACCOUNT:
            raise RepresentationInvalidError(fault="TOO_MANY")
        if said.kind is not RepresentativeKind.HEIR and insured_has_died(claim):
            raise RepresentationInvalidError(fault="INSURED_HAS_DIED")
        at = self.now()
        asking = Representative(
            number=len(claim.representatives) + 1, worker_id=worker_id, said=said, requested_at=at
        )
        by = Actor(kind=ActorKind.REPRESENTATIVE, id=worker_id)
        self._save(claim, ClaimEvent.REPRESENTATIVE_REQUESTED, by, asking)
        return asking

    @repeated_on_conflict
    def end(self, worker_id: str, claim_no: str, number: int, reason: str) -> Representative:
        """End a representation: the account its own, of whatever kind, and the insured an agent's.

        Repeating it changes nothing. Raises ClaimNotFoundError, NotForRepresentativeError,
        RepresentativeNotFoundError, RepresentationClosedError.
        """
        claim = self.claims.get(claim_no)
        own = [r for r in claim.representatives if r.worker_id == worker_id and r.number == number]
        if own:
            by, found = Actor(kind=ActorKind.REPRESENTATIVE, id=worker_id), own[0]
        else:
            by = self.access(worker_id, claim, Act.REVOKE_AGENT).actor
            found = claim.representative(number)
            if found.kind is not RepresentativeKind.AGENT:
                raise NotForRepresentativeError
        if found.status is RepresentativeStatus.REVOKED:
            return found
        if not found.stands:
            raise RepresentationClosedError(status=found.status.value)
        ended = found.model_copy(update={"status": RepresentativeStatus.REVOKED, "ended_at": self.now()})
        self._save(claim, ClaimEvent.REPRESENTATIVE_REVOKED, by, ended, reason=reason)
        return ended

    def _save(
        self, claim: Claim, event: ClaimEvent, by: Actor, changed: Representative, reason: str | None = None
    ) -> None:
        change = record(
            claim,
            event,
            at=self.now(),
            by=by,
            reason_code=f"R{changed.number}",
            reason=reason,
            representatives=claim.with_representative(changed),
        )
        self.claims.save(change)


class Judgement(StrEnum):
    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    REVOKE = "REVOKE"


class RepresentativeVerdict(NamedTuple):
    """`document_id` is the proof, for ACCEPT alone; `reason` is for colleagues."""

    judgement: Judgement
    reason: str
    document_id: str | None = None
    for_all_heirs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRepresentative:
    """The staff's part."""

    claims: Claims
    documents: Documents
    now: Callable[[], datetime]

    def __call__(
        self, staff_id: str, claim_no: str, number: int, verdict: RepresentativeVerdict
    ) -> Representative:
        """Accept, refuse or revoke; the same verdict again changes nothing.

        Raises ClaimNotFoundError, RepresentativeNotFoundError, RepresentationClosedError,
        RepresentationInvalidError, ProofOfRepresentationError, ProofFiledBySamePersonError,
        ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        found = claim.representative(number)
        before, after, event = _STEPS[verdict.judgement]
        if found.status is after and found.judged_by == staff_id:
            return found
        if found.status is not before:
            raise RepresentationClosedError(status=found.status.value)
        at = self.now()
        update: dict[str, Any] = {"status": after, "judged_by": staff_id, "judged_at": at}
        if verdict.judgement is Judgement.ACCEPT:
            update |= self._proof(staff_id, claim, found, verdict)
        elif verdict.judgement is Judgement.REVOKE:
            update["ended_at"] = at
        judged = found.model_copy(update=update)
        change = record(
            claim,
            event,
            at=at,
            by=Actor.staff(staff_id),
            reason_code=f"R{number}",
            reason=verdict.reason,
            representatives=claim.with_representative(judged),
        )
        self.claims.save(change)
        return judged

    def _proof(
        self, staff_id: str, claim: Claim, found: Representative, verdict: RepresentativeVerdict
    ) -> dict[str, Any]:
        """What an acceptance rests on. An heir who answers for all has the others' powers of attorney as well."""
        is_heir = found.kind is RepresentativeKind.HEIR
        if not is_heir and (insured_has_died(claim) or verdict.for_all_heirs):
            raise RepresentationInvalidError(fault="INSURED_HAS_DIED" if insured_has_died(claim) else "KIND")
        arrived = [d for d in self.documents.list_of(claim.claim_no) if d.status in _ARRIVED]
        named = [d for d in arrived if d.document_id == verdict.document_id]
        proof = _of_kind(named, PROVED_BY[found.kind])
        if verdict.for_all_heirs:
            _of_kind(arrived, frozenset({DocumentType.POWER_OF_ATTORNEY}))
        if proof.announced_by == as_written(Actor.staff(staff_id)):
            raise ProofFiledBySamePersonError
        return {"document_id": proof.document_id, "for_all_heirs": verdict.for_all_heirs}


_S, _E = RepresentativeStatus, ClaimEvent
_STEPS = {
    Judgement.ACCEPT: (_S.REQUESTED, _S.ACCEPTED, _E.REPRESENTATIVE_ACCEPTED),
    Judgement.REFUSE: (_S.REQUESTED, _S.REFUSED, _E.REPRESENTATIVE_REFUSED),
    Judgement.REVOKE: (_S.ACCEPTED, _S.REVOKED, _E.REPRESENTATIVE_REVOKED),
}


def _of_kind(documents: list[ClaimDocument], wanted: frozenset[DocumentType]) -> ClaimDocument:
    """Give the first of the wanted kinds. Raises ProofOfRepresentationError."""
    for document in documents:
        if document.announced.doc_type in wanted:
            return document
    raise ProofOfRepresentationError(wanted=", ".join(sorted(wanted)))
