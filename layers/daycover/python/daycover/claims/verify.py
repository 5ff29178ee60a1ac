"""Verify the bills of a claim (票据查验): read each file, ask the platform that knows the bill, fill the sheet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daycover.claims.assess import Reassessed
from daycover.claims.bill import BillElements, BillFault, BillPlatform, BillReader
from daycover.claims.checked import entries_of, own_bills
from daycover.claims.claim import SYSTEM, Actor, Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.consents import ClaimConsentKind, is_withdrawn
from daycover.claims.documents import DocumentType
from daycover.claims.evidence import ClaimDocument, Documents, InvoiceFacts
from daycover.claims.lifecycle import TABLE, ClaimEvent
from daycover.claims.record import record
from daycover.claims.sheet import LossSheet, LossSheets, SourceKind, kept_sources
from daycover.file_kind import file_kind
from daycover.identity.worker import Workers
from daycover.upload import Vault

MOST_BILLS_OF_A_DOCUMENT = 20
"""That the platforms are asked for; more in one file are a person's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyBills:
    """Repeatable: a bill that was asked for is not asked for again, unless a person says so."""

    claims: Claims
    documents: Documents
    sheets: LossSheets
    insureds: Workers
    vault: Vault
    read: BillReader
    platform: BillPlatform
    assess_again: Callable[[Claim, LossSheet], Reassessed]
    now: Callable[[], datetime]

    def __call__(self, claim_no: str) -> int:
        """Check what was not checked yet; give how many bills the sheet has then.

        Raises ClaimNotFoundError, BillPlatformUnavailableError (then what was checked before it stays known).
        """
        return len(self._verify(claim_no, SYSTEM, again=False).bills)

    def again(self, staff_id: str, claim_no: str) -> LossSheet:
        """Ask for every bill anew: one may have been issued late, or reversed since. Raises as the call."""
        return self._verify(claim_no, Actor.staff(staff_id), again=True)

    def _verify(self, claim_no: str, by: Actor, *, again: bool) -> LossSheet:
        claim = self.claims.get(claim_no)
        if is_withdrawn(claim.consents, ClaimConsentKind.HEALTH_DATA):
            return self.sheets.find(claim_no, claim.round.sheet)  # papers that may not be used are not read
        bills = [
            document
            for document in self.documents.list_of(claim_no)
            if document.announced.doc_type is DocumentType.INVOICE
            and document.proves
            and (again or document.checked_at is None)
        ]
        if bills:
            insured_name = self.insureds.get(claim.policy.worker_id).name
            for document in bills:
                self._check(document, insured_name)
        return self._fill(claim_no, by)

    def _check(self, document: ClaimDocument, insured_name: str | None) -> None:
        elements, faults = self._elements(document)
        checks = tuple(self.platform.check(each) for each in elements[:MOST_BILLS_OF_A_DOCUMENT])
        first = document.reference
        for check in checks:
            if check.is_genuine:
                holder = self.documents.first_with_bill(check.bill_no, document.reference)
                first = holder if holder.partition("/")[0] != document.claim_no else first
        known: dict[str, Any] = {
            "checked_at": self.now(),
            "checks": checks,
            "own_bills": own_bills(checks, insured_name),
            "faults": faults,
        }
        if first != document.reference:
            known["duplicate_of"] = first
        self.documents.judge(document.model_copy(update=known), document.status)

    def _elements(self, document: ClaimDocument) -> tuple[list[BillElements], tuple[BillFault, ...]]:
        """What the pages say, each bill once for each way that it is told; else what the claimant typed."""
        found: dict[BillElements, None] = {}
        faults: dict[BillFault, None] = {}
        for page in range(len(document.announced.pages)):
            content = self.vault.read(document, page)
            kind = file_kind(content) if content is not None else None
            if content is None or kind is None:
                continue
            result = self.read(content, kind)
            found |= dict.fromkeys(result.bills)
            faults |= dict.fromkeys(result.faults)
        facts = document.announced.facts
        if not found and isinstance(facts, InvoiceFacts) and facts.elements is not None:
            found[facts.elements] = None
        return list(found), tuple(faults)

    @repeated_on_conflict
    def _fill(self, claim_no: str, by: Actor) -> LossSheet:
        """Enter what is verified, and take out what was verified and no longer is."""
        claim = self.claims.get(claim_no)
        before = self.sheets.find(claim_no, claim.round.sheet)
        if (claim.status, ClaimEvent.SHEET_FILLED) not in TABLE:
            return before
        documents = self.documents.list_of(claim_no)
        own = {other.claim_no for other in self.claims.list_of(claim.policy.person_id)} - {claim_no}
        after = _verified(documents, before, own, self.now())
        if after.says_the_same(before):
            return before
        anew: dict[str, Any] = {}
        if claim.round.referred_for:
            anew = self.assess_again(claim, after)._asdict()
        change = record(
            claim, ClaimEvent.SHEET_FILLED, at=self.now(), by=by, reason_code="VERIFIED", sheet=after, **anew
        )
        self.claims.save(change)
        assert change.sheet is not None
        return change.sheet


def _verified(
    documents: Iterable[ClaimDocument], before: LossSheet, own: set[str], at: datetime
) -> LossSheet:
    """Give the sheet with all that is verified. What an adjuster has entered of a document stays as it is."""
    after = before
    for document in documents:
        entered = [bill for bill in after.bills if bill.source.document_id == document.document_id]
        if document.checked_at is None or any(b.source.kind is SourceKind.ADJUSTER for b in entered):
            continue
        after = after.without_document(document.document_id)
        if document.proves:
            entries = entries_of(document, own, at)
            bills = [bill for bill in entries.bills if after.bill(bill.bill_no) is None]
            known = {(stay.first_day, stay.last_day) for stay in after.stays}
            stays = [stay for stay in entries.stays if (stay.first_day, stay.last_day) not in known]
            after = after.with_entries(bills, stays)
    return kept_sources(before, after)
