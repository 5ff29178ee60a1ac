"""Read claims: the insured their own, staff their queues and whole files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from daycover.claims.adjudication import Assessment
from daycover.claims.claim import Claim, ClaimNotFoundError, Claims, HistoryEntry, Queue
from daycover.claims.evidence import ClaimDocument, Documents
from daycover.claims.report import LossNotice, LossNotices
from daycover.claims.sheet import LossSheet, LossSheets
from daycover.identity.worker import Workers


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


class SeenPayouts(Protocol):
    def find(self, payout_id: str) -> PayoutSeen | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClaims:
    claims: Claims
    notices: LossNotices
    documents: Documents
    sheets: LossSheets
    payouts: SeenPayouts
    reporters: Workers
    now: Callable[[], datetime]

    def mine(self, worker_id: str) -> list[Claim]:
        """Every claim of the person behind the worker, newest first."""
        person_id = self.reporters.get(worker_id).person_id
        claims = self.claims.list_of(person_id) if person_id else []
        return sorted(claims, key=lambda claim: claim.reported_at, reverse=True)

    def my_file(self, worker_id: str, claim_no: str) -> ClaimFile:
        """Raises ClaimNotFoundError, also for another person's claim."""
        claim = self.claims.get(claim_no)
        if not claim.belongs_to(self.reporters.get(worker_id).person_id):
            raise ClaimNotFoundError
        return self._file(claim)

    def file(self, claim_no: str) -> ClaimFile:
        """Raises ClaimNotFoundError."""
        return self._file(self.claims.get(claim_no))

    def waiting(self, queue: Queue) -> list[Claim]:
        """One staff queue by due time."""
        if queue is Queue.ADVANCE:
            return self.claims.advances_due(self.now())
        return self.claims.waiting(queue)

    def unmatched(self) -> list[LossNotice]:
        """The loss notices that matched no policy, by due time."""
        return self.notices.waiting()

    def notice(self, report_no: str) -> LossNotice:
        """Raises LossNoticeNotFoundError."""
        return self.notices.get(report_no)

    def _file(self, claim: Claim) -> ClaimFile:
        owed = [o for known in claim.rounds for o in known.obligations if o.payout_id]
        sent = {o.number: self.payouts.find(o.payout_id) for o in owed if o.payout_id}
        return ClaimFile(
            claim,
            self.documents.list_of(claim.claim_no),
            self.sheets.find(claim.claim_no, claim.round.sheet),
            self.claims.history(claim.claim_no),
            {number: payout for number, payout in sent.items() if payout is not None},
            self.claims.assessments(claim.claim_no),
        )
