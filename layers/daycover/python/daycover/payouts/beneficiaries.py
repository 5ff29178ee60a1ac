"""Who is paid when the insured has died (身故受益人): recorded by staff on proof, confirmed by a second person.

Insurance Law art. 39, 40 and 42: whom the insured named or agreed to, else the heirs; never the labour
company. Each beneficiary is paid apart, to a bank account of their own; the insured's wallet is nobody's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import floor
from typing import NamedTuple, Protocol

from daycover.china_time import china_day
from daycover.claims.answer import AnswerKind, ConfirmedHeirs
from daycover.claims.claim import Actor, Claim, ClaimChange, Claims
from daycover.claims.decide import DecisionBySamePersonError
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import Documents
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.obligation import INSURED
from daycover.claims.record import record
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind
from daycover.identity.age import age_on
from daycover.identity.document import id_document
from daycover.identity.name import names_an_organisation, same_person_name
from daycover.identity.worker import PersonIndex
from daycover.payouts.beneficiary import (
    CAN_GUARD,
    Basis,
    Beneficiaries,
    Beneficiary,
    Holder,
    by_id,
    entitled,
)
from daycover.payouts.designation import Designation, Designations, departs, standing, stated_since
from daycover.payouts.payout import Payout, Payouts, PayoutState
from daycover.projects.project import Projects

MOST = 9
"""Spouse, children and parents of one person; more are a case for the court."""
BENEFICIARY_MISSING = "BENEFICIARY_MISSING"
"""The outcome of a payout without confirmed beneficiaries; it waits before finance."""
STATED_IN = frozenset(ClaimStatus) - {ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN}
_MOVABLE = frozenset({PayoutState.FAILED, PayoutState.BOUNCED})


class BeneficiariesNotWantedError(DaycoverError):
    """Its payee is the insured.

    What to do: Record no beneficiaries.
    含义:赔款归被保险人本人。
    处理:无需登记受益人。
    """

    kind = ErrorKind.CONFLICT
    title = "该赔案不涉及身故保险金", "The claim pays no death benefit"
    detail = "赔款归被保险人本人,无需登记受益人。", "Its payee is the insured; no beneficiaries are recorded."


class BeneficiariesInvalidError(DaycoverError):
    """Shares, ID numbers or persons are not lawful (`fault`).

    What to do: Correct what it names.
    含义:份额、证件号码或人员不符合要求(fault)。
    处理:按原因更正。
    """

    kind = ErrorKind.INVALID
    title = "受益人登记不符合要求", "The beneficiaries can't stand as stated"
    detail = (
        "原因 {fault}。份额合计须为 1,受益人须为自然人且不得重复,不得为被保险人或用工、劳务单位。",
        "Fault {fault}. Shares sum to 1; natural persons, each once; never the insured or a company.",
    )


class RelationUnprovedError(DaycoverError):
    """The proof of relation is missing or not accepted.

    What to do: Judge it first.
    含义:关系证明未收到或未认可。
    处理:先审核关系证明。
    """

    kind = ErrorKind.CONFLICT
    title = "尚无已认可的关系证明", "No accepted document proves the relation"
    detail = "请先审核并认可关系证明。", "Accept the proof of relation first."


class BeneficiariesBySamePersonError(DaycoverError):
    """Recording and confirming take two people.

    What to do: Have another person confirm.
    含义:登记和确认须由两人完成。
    处理:由另一人确认。
    """

    kind = ErrorKind.CONFLICT
    title = "确认人不能是登记人", "The same person may not record and confirm"
    detail = "请由另一位有权限的人员确认。", "Another person with the duty must confirm."


class BeneficiariesUnconfirmedError(DaycoverError):
    """Nobody is known yet who could answer for the money.

    What to do: Record the beneficiaries and have them confirmed.
    含义:还不知道谁能就赔款作答。
    处理:登记受益人并由另一人确认。
    """

    kind = ErrorKind.CONFLICT
    title = "受益人尚未确认", "The beneficiaries are not confirmed"
    detail = (
        "请先登记受益人,并由另一人确认。",
        "Record the beneficiaries first, and have another person confirm them.",
    )


class BeneficiaryPaidError(DaycoverError):
    """Shares stand once payment began, and so does an account in use.

    What to do: Correct an account after its payment failed or came back.
    含义:付款开始后份额不变,已提交的账户不变。
    处理:支付失败或退票后再更正账户。
    """

    kind = ErrorKind.CONFLICT
    title = "该受益人的赔款已支付或正在支付", "Money is under way to a beneficiary, or arrived"
    detail = (
        "已提交的份额和账户不能更改;支付失败或退票后可更正账户。",
        "Shares and that account stand; an account may be corrected once its payment failed or came back.",
    )


def split(amount_fen: int, payees: Mapping[str, Beneficiary]) -> dict[str, int]:
    """Share out an amount by largest remainder: the fen add up exactly, and the earlier place wins a tie."""
    exact = {payee: amount_fen * person.share for payee, person in payees.items()}
    fen = {payee: floor(share) for payee, share in exact.items()}
    left = amount_fen - sum(fen.values())
    by_remainder = sorted(exact, key=lambda payee: fen[payee] - exact[payee])
    return fen | {payee: fen[payee] + 1 for payee in by_remainder[:left]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesOf:
    """Says to whom an amount of a claim is owed: the insured, or each confirmed beneficiary by share."""

    beneficiaries: "BeneficiaryStore"

    def __call__(self, claim: Claim, amount_fen: int) -> dict[str, int]:
        """Give fen by payee; nobody where beneficiaries must be confirmed first.

        With what the round's advances paid them, every beneficiary ends at the share of the sum of both.
        """
        if not claim.goes_to_beneficiaries:
            return {INSURED: amount_fen}
        payees = self.beneficiaries.find(claim.claim_no).payees()
        taken: dict[str, int] = {}
        for obligation in claim.round.obligations:
            if obligation.is_taken or (obligation.stands and obligation.advance is not None):
                taken[obligation.payee] = taken.get(obligation.payee, 0) + obligation.amount_fen
        whole = split(amount_fen + sum(taken.values()), payees)
        return rest_of(amount_fen, {payee: fen - taken.get(payee, 0) for payee, fen in whole.items()})


def rest_of(amount_fen: int, wanting: Mapping[str, int]) -> dict[str, int]:
    """Give an amount out as far as each one wants it, in fen; who was paid a fen too much before wants less."""
    rest, left = {}, amount_fen
    for payee, fen in wanting.items():
        rest[payee] = min(max(0, fen), left)
        left -= rest[payee]
    return rest


class BeneficiaryStore(Protocol):
    """The beneficiaries of claims, sealed. Each statement moves the claim in the same transaction."""

    def find(self, claim_no: str) -> Beneficiaries:
        """Read strongly consistent; an empty one (version 0) where none are recorded."""
        ...

    def state(self, beneficiaries: Beneficiaries, change: ClaimChange, owners: Mapping[str, str]) -> None:
        """Keep a statement; `owners` are the persons whom its accounts pay, by account id.

        Raises PayeeAccountTakenError, ConcurrentChangeError unless the claim and the version before stand.
        """
        ...

    def confirm(self, beneficiaries: Beneficiaries, change: ClaimChange) -> None:
        """Raises ConcurrentChangeError unless the claim and the version before stand."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HeirsOf:
    """Says by whose documents the confirmed beneficiaries of a claim are known."""

    beneficiaries: "BeneficiaryStore"

    def __call__(self, claim_no: str) -> ConfirmedHeirs:
        """Raises BeneficiariesUnconfirmedError."""
        found = self.beneficiaries.find(claim_no)
        documents = {payee: frozenset({person.answers}) for payee, person in found.payees().items()}
        if not documents:
            raise BeneficiariesUnconfirmedError
        return ConfirmedHeirs(found.version, documents)


class Stated(NamedTuple):
    """The beneficiaries, what has become of the share of each, and whom the insured had designated: before the
    accident, and at last after it, where they did."""

    beneficiaries: Beneficiaries
    payouts: Mapping[str, Payout]
    designation: Designation | None = None
    later: Designation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForBeneficiaries:
    """The beneficiaries' answer to the amount, as staff received it (signed agreement, recorded call)."""

    claims: Claims
    beneficiaries: BeneficiaryStore
    take: Callable[[Claim, Actor, AnswerKind, str | None], Claim]

    def __call__(self, staff_id: str, claim_no: str, answer: AnswerKind, reason: str) -> Claim:
        """Record the answer; `reason` says how it was received. The same one again changes nothing.

        Who decided or acknowledged the amount does not accept it as well. Raises ClaimNotFoundError,
        BeneficiariesNotWantedError, DecisionBySamePersonError, BeneficiariesUnconfirmedError,
        ClaimStepClosedError, ConcurrentChangeError.
        """
        claim = self.claims.get(claim_no)
        if not claim.goes_to_beneficiaries:
            raise BeneficiariesNotWantedError
        if staff_id in {claim.round.decided_by, claim.round.acknowledged_by}:
            raise DecisionBySamePersonError
        if not self.beneficiaries.find(claim_no).payees():
            raise BeneficiariesUnconfirmedError
        return self.take(claim, Actor.staff(staff_id), answer, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBeneficiaries:
    """The staff's part: record, confirm, read."""

    claims: Claims
    beneficiaries: BeneficiaryStore
    documents: Documents
    payouts: Payouts
    designations: Designations
    projects: Projects
    index: PersonIndex
    pay_again: Callable[[str], object]
    now: Callable[[], datetime]

    def read(self, claim_no: str) -> Stated:
        """Raises ClaimNotFoundError."""
        claim = self.claims.get(claim_no)
        found, payouts = self.beneficiaries.find(claim_no), payouts_of_shares(claim, self.payouts)
        return Stated(found, payouts, *self._designations(claim))

    def state(
        self,
        staff_id: str,
        claim_no: str,
        people: Sequence[Beneficiary],
        basis: Basis = Basis.STATUTORY,
        departs_because: str | None = None,
    ) -> Stated:
        """Record the beneficiaries, all of them; a later statement replaces it and must be confirmed anew.

        Raises ClaimNotFoundError, ClaimStepClosedError, BeneficiariesNotWantedError,
        ResidentIdError, DocumentNumberError, BirthDateError, BeneficiariesInvalidError, RelationUnprovedError,
        BeneficiaryPaidError, PayeeAccountTakenError, ConcurrentChangeError.
        """
        claim = self._open(claim_no)
        today = china_day(self.now())
        people = tuple(_normal(person, today) for person in people)
        self._check(claim, people)
        designated = self._designations(claim)
        if departs_because is None and any(departs(known, people) for known in designated if known):
            raise BeneficiariesInvalidError(fault="DEPARTS_FROM_DESIGNATION")
        proof = self._relation_proof(claim_no)
        before, payouts = self.beneficiaries.find(claim_no), payouts_of_shares(claim, self.payouts)
        if any(o.payee != INSURED and o.stands for known in claim.rounds for o in known.obligations):
            _check_standing(before, people, payouts)
        now = self.now()
        stated = Beneficiaries(
            claim_no=claim_no,
            version=before.version + 1,
            people=people,
            basis=basis,
            departs_because=departs_because,
            relation_proof=proof,
            stated_by=staff_id,
            stated_at=now,
        )
        change = record(claim, ClaimEvent.BENEFICIARIES_STATED, at=now, by=Actor.staff(staff_id))
        owners = {self.index.account_id(p.account_no): self.index.person_id(p.owner) for p in people}
        self.beneficiaries.state(stated, change, owners)
        return Stated(stated, payouts, *designated)

    def confirm(self, staff_id: str, claim_no: str, version: int) -> Stated:
        """Confirm the statement that was read (`version`), and go on paying an agreed claim.

        Raises ClaimNotFoundError, ClaimStepClosedError, BeneficiariesNotWantedError,
        BeneficiariesBySamePersonError, ConcurrentChangeError, also for another version.
        """
        claim = self._open(claim_no)
        found = self.beneficiaries.find(claim_no)
        if version == 0 or found.version not in {version, version + 1}:
            raise ConcurrentChangeError
        if staff_id == found.stated_by:
            raise BeneficiariesBySamePersonError
        if found.confirmed_by is None:
            if found.version != version:
                raise ConcurrentChangeError
            now = self.now()
            confirmed = {"version": version + 1, "confirmed_by": staff_id, "confirmed_at": now}
            found = found.model_copy(update=confirmed)
            change = record(claim, ClaimEvent.BENEFICIARIES_CONFIRMED, at=now, by=Actor.staff(staff_id))
            self.beneficiaries.confirm(found, change)
            claim = change.after
        if claim.status in {ClaimStatus.AGREED, ClaimStatus.PAYING}:
            self.pay_again(claim_no)  # also where no payout has told yet that it waits for this
        return Stated(found, payouts_of_shares(claim, self.payouts), *self._designations(claim))

    def _designations(self, claim: Claim) -> tuple[Designation | None, Designation | None]:
        """Those that stood when the accident happened and at last after it."""
        versions, at = self.designations.list_of(claim.policy.person_id), claim.accident.occurred_at
        return standing(versions, at), stated_since(versions, at)

    def _open(self, claim_no: str) -> Claim:
        claim = self.claims.get(claim_no)
        if not claim.goes_to_beneficiaries:
            raise BeneficiariesNotWantedError
        if claim.status not in STATED_IN:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        return claim

    def _check(self, claim: Claim, people: Sequence[Beneficiary]) -> None:
        """A document of identity is a natural person's, so no company passes; its names are refused as well."""
        shares = [person.share for person in people]
        if not 1 <= len(shares) <= MOST or min(shares) <= 0 or sum(shares) != 1:
            raise BeneficiariesInvalidError(fault="SHARES")
        persons = {self.index.person_id(person.identity) for person in people}
        if len(persons) != len(people):
            raise BeneficiariesInvalidError(fault="SAME_PERSON_TWICE")
        if claim.policy.person_id in persons:
            raise BeneficiariesInvalidError(fault="INSURED")
        own = [p.account_no for p in people if p.holder is Holder.OWN]
        held = {(p.account_no, p.owner) for p in people if p.holder is Holder.GUARDIAN}  # of several children
        if len({*own, *(account for account, _ in held)}) != len(own) + len(held):
            raise BeneficiariesInvalidError(fault="SAME_ACCOUNT_TWICE")
        if not entitled(people):
            raise BeneficiariesInvalidError(fault="NOBODY_ENTITLED")
        for person in people:
            self._check_guardian(claim, person)
        project = self.projects.get(claim.policy.project_id)
        companies = (project.company_name, project.employer_name)
        if any(
            names_an_organisation(person.name)
            or any(same_person_name(person.name, company) for company in companies)
            for person in people
        ):
            raise BeneficiariesInvalidError(fault="COMPANY")

    def _check_guardian(self, claim: Claim, person: Beneficiary) -> None:
        """A minor has a guardian; nobody guards themselves, and a reason says why somebody takes nothing."""
        if (person.loses is None) != (person.loses_reason is None):
            raise BeneficiariesInvalidError(fault="LOSS_WITHOUT_REASON")
        guardian = person.guardian
        if guardian is None:
            if person.is_minor(self.now()) and person.loses is None:
                raise BeneficiariesInvalidError(fault="MINOR_WITHOUT_GUARDIAN")
            if person.holder is Holder.GUARDIAN:
                raise BeneficiariesInvalidError(fault="NO_GUARDIAN")
            return
        if guardian.identity == person.identity or (
            self.index.person_id(guardian.identity) == claim.policy.person_id
        ):
            raise BeneficiariesInvalidError(fault="GUARDIAN")

    def _relation_proof(self, claim_no: str) -> str:
        for document in self.documents.list_of(claim_no):
            is_relation = document.announced.doc_type is DocumentType.RELATION_PROOF
            if is_relation and document.status is DocumentStatus.ACCEPTED:
                return document.document_id
        raise RelationUnprovedError


def _normal(person: Beneficiary, today: date) -> Beneficiary:
    """Give the person with documents in one form, and the birth date that the number tells.

    Raises ResidentIdError, DocumentNumberError, BirthDateError, BeneficiariesInvalidError.
    """
    shown = id_document(person.document_type, person.document_number, today, person.born)
    update: dict[str, object] = {
        "document_type": shown.type,
        "document_number": shown.number,
        "born": shown.birth_date,
    }
    if (guardian := person.guardian) is not None:
        theirs = id_document(guardian.document_type, guardian.document_number, today)
        if theirs.birth_date is not None and age_on(theirs.birth_date, today) < CAN_GUARD:
            raise BeneficiariesInvalidError(fault="GUARDIAN")
        normal = {"document_type": theirs.type, "document_number": theirs.number}
        update["guardian"] = guardian.model_copy(update=normal)
    return person.model_copy(update=update)


def payouts_of_shares(claim: Claim, payouts: Payouts) -> dict[str, Payout]:
    """Give each beneficiary's latest payout of the current round."""
    latest = {o.payee: o.payout_id for o in claim.round.obligations if o.payee != INSURED and o.payout_id}
    found = {payee: payouts.find(payout_id) for payee, payout_id in latest.items()}
    return {payee: payout for payee, payout in found.items() if payout is not None}


def _check_standing(
    before: Beneficiaries, people: Sequence[Beneficiary], payouts: Mapping[str, Payout]
) -> None:
    """Once anything is owed by share all shares stand; of those whose money did not arrive the account may change."""
    old, new = by_id(before.people), by_id(people)
    if {p: (b.document_type, b.document_number, b.share, b.loses) for p, b in old.items()} != {
        p: (b.document_type, b.document_number, b.share, b.loses) for p, b in new.items()
    }:
        raise BeneficiaryPaidError
    for payee, payout in payouts.items():
        if payout.state not in _MOVABLE and old[payee] != new[payee]:
            raise BeneficiaryPaidError
