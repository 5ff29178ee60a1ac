"""Report for somebody else (代为报案): a relative or a workmate, from an account of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.china_time import china_day
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.loss_notice import LossNotice, LossNotices, NoticeStatus
from daycover.claims.record import record
from daycover.claims.report import LossReport, ReportClaim
from daycover.identity.document import IdDocumentType, id_document, indexed
from daycover.identity.phone import phone_number
from daycover.identity.worker import PersonIndex, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForSomebody:
    """Whoever reports for another learns a report number and nothing else: not whether there is cover."""

    report: ReportClaim
    claims: Claims
    notices: LossNotices
    workers: Workers
    index: Callable[[], PersonIndex]
    now: Callable[[], datetime]

    def __call__(
        self, worker_id: str, document_type: IdDocumentType, number: str, report: LossReport
    ) -> LossNotice:
        """Keep the notice, and open the claim where a policy covers the accident. Repeatable.

        Raises AccidentInFutureError, ResidentIdError, DocumentNumberError, PhoneNumberError.
        """
        known = id_document(document_type, number, china_day(self.now()))
        phone = phone_number(report.phone or "")
        report = report.model_copy(update={"phone": phone, "policy_no": None})
        person_id = self.index().person_id(indexed(known.type, known.number))
        notice = self.report.keep(worker_id, person_id, report)
        kept = self.notices.get(notice.report_no)
        if kept.claim_no is None:
            reported = self.report.for_account(worker_id, person_id, report)
            if reported.claim is not None:
                status = NoticeStatus.CONVERTED if reported.is_new else NoticeStatus.DUPLICATE
                self._note(worker_id, reported.claim.claim_no, kept.report_no)
                settled = {"status": status, "claim_no": reported.claim.claim_no}
                self.notices.settle(kept.model_copy(update=settled))
        return kept

    def mine(self, worker_id: str) -> tuple[str | None, list[LossNotice]]:
        """The person behind the account; what it reported and what is about that person, newest first.

        Only the person concerned learns what became of it.
        """
        person_id = self.workers.get(worker_id).person_id
        return person_id, self.notices.of_worker(worker_id, person_id)

    @repeated_on_conflict
    def _note(self, worker_id: str, claim_no: str, report_no: str) -> Claim:
        """Leave the notice's number in the claim's history: the notice says whom to call."""
        claim = self.claims.get(claim_no)
        reason_code = f"MATCHED:{report_no}"
        by, event = Actor.worker(worker_id), ClaimEvent.REPORTED_AGAIN
        change = record(claim, event, at=self.now(), by=by, reason_code=reason_code)
        self.claims.save(change)
        return change.after


def is_of(notice: LossNotice, worker_id: str, person_id: str | None) -> bool:
    """Whether the notice is about the person behind the account, who may know what became of it."""
    reported_for_self = notice.reporter_id == worker_id and notice.relation is None
    return reported_for_self or (person_id is not None and notice.person_id == person_id)
