"""Read claims: the insured their own, staff whole files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple, Protocol

from daycover.claims.access import Act, ClaimAccess, Standing, may_still
from daycover.claims.adjudication import Assessment
from daycover.claims.claim import Claim, Claims, HistoryEntry
from daycover.claims.delivery import undelivered
from daycover.claims.evidence import ClaimDocument, Documents
from daycover.claims.inform import Deliveries, Delivery
from daycover.claims.loss_notice import LossNotice, LossNotices
from daycover.claims.notice import Notice, NoticeFact
from daycover.claims.notice_text import automatic_notice
from daycover.claims.representative import Representative
from daycover.claims.sheet import LossSheet, LossSheets


class PayoutSeen(Protocol):
    """What a claim's reader needs to know of its latest payout."""

    @property
    def payout_id(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def amount_fen(self) -> int: ...

    @property
    def package_info(self) -> str | None: ...

    @property
    def fail_reason(self) -> str | None: ...

    @property
    def fault(self) -> str | None: ...


class ClaimFile(NamedTuple):
    """Everything about one claim (案卷)."""

    claim: Claim
    documents: list[ClaimDocument]
    sheet: LossSheet
    history: list[HistoryEntry]
    payouts: dict[int, PayoutSeen]
    """The latest payout of each obligation that was sent, by the obligation's number."""
    assessments: list[Assessment]
    """Every assessment, oldest first."""
    notices: list[tuple[NoticeFact, Notice]]
    """What was said in writing, oldest first, and what became of it."""
    message: Delivery | None = None
    """What WeChat said of the message that tells of the undelivered notice; for staff."""
    seen_by: Standing | None = None
    """Who reads it from outside; None for staff."""


class Represented(NamedTuple):
    """A request to act on a claim, and whether its power goes on."""

    claim_no: str
    representative: Representative
    in_force: bool


class OwnClaims(NamedTuple):
    """What an account has to do with claims: those that it reads, and its requests to act on others'."""

    claims: list[Claim]
    represented: list[Represented]


class SeenPayouts(Protocol):
    def find(self, payout_id: str) -> PayoutSeen | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClaims:
    claims: Claims
    notices: LossNotices
    documents: Documents
    sheets: LossSheets
    payouts: SeenPayouts
    access: ClaimAccess
    deliveries: Deliveries
    now: Callable[[], datetime]

    def mine(self, worker_id: str) -> OwnClaims:
        """Every claim of the person behind the account, and those on which it is accepted, newest first."""
        person_id = self.access.workers.get(worker_id).person_id
        claims = {claim.claim_no: claim for claim in (self.claims.list_of(person_id) if person_id else ())}
        represented = []
        for claim in self.claims.represented_by(worker_id):
            found = claim.represented_by(worker_id)
            if found is not None:
                in_force = may_still(claim, found)
                represented.append(Represented(claim.claim_no, found, in_force))
                claims |= {claim.claim_no: claim} if in_force else {}
        newest = sorted(claims.values(), key=lambda claim: claim.reported_at, reverse=True)
        return OwnClaims(newest, represented)

    def my_file(self, worker_id: str, claim_no: str) -> ClaimFile:
        """Raises ClaimNotFoundError, also for another person's claim."""
        claim = self.claims.get(claim_no)
        standing = self.access(worker_id, claim, Act.SEE)
        return self._file(claim)._replace(seen_by=standing)

    def file(self, claim_no: str) -> ClaimFile:
        """Raises ClaimNotFoundError."""
        claim = self.claims.get(claim_no)
        waiting = undelivered(claim)
        told = waiting.told_by if waiting else None
        message = self.deliveries.find(claim_no, told) if told is not None else None
        return self._file(claim)._replace(message=message)

    def notice(self, report_no: str) -> LossNotice:
        """Raises LossNoticeNotFoundError."""
        return self.notices.get(report_no)

    def _file(self, claim: Claim) -> ClaimFile:
        owed = [o for known in claim.rounds for o in known.obligations if o.payout_id]
        sent = {o.number: self.payouts.find(o.payout_id) for o in owed if o.payout_id}
        assessments = self.claims.assessments(claim.claim_no)
        return ClaimFile(
            claim,
            # their ids are random: a file is read in the order in which it grew
            sorted(self.documents.list_of(claim.claim_no), key=attrgetter("announced_at", "document_id")),
            self.sheets.find(claim.claim_no, claim.round.sheet),
            self.claims.history(claim.claim_no),
            {number: payout for number, payout in sent.items() if payout is not None},
            assessments,
            self._notices(claim, assessments),
        )

    def _notices(self, claim: Claim, assessments: list[Assessment]) -> list[tuple[NoticeFact, Notice]]:
        """The documents with their facts. Only what people decided, or asked for, has one that is stored."""
        facts = [fact for known in claim.rounds for fact in known.notices]
        is_stored = any(fact.assessment is None for fact in facts)
        documents = {n.number: n for n in self.claims.notices(claim.claim_no)} if is_stored else {}
        computed = {assessment.version: assessment for assessment in assessments}
        found: list[tuple[NoticeFact, Notice]] = []
        for fact in facts:
            if fact.assessment is not None:
                found.append((fact, automatic_notice(claim, fact, computed[fact.assessment])))
            elif fact.number in documents:
                found.append((fact, documents[fact.number]))
        return found
