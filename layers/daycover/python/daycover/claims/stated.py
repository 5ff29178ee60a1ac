"""What a document states, as entries of the loss sheet: a draft until an adjuster accepts the document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.claims.documents import DocumentType
from daycover.claims.evidence import ClaimDocument, DayFacts, InvoiceFacts
from daycover.claims.sheet import HospitalStay, LossSheet, SheetBill, SheetLine, SickLeave, Source


class LineVerdict(NamedTuple):
    """What an adjuster accepts of one line (counted from 0) in fen, and why not all of it."""

    line: int
    accepted_fen: int
    reason_code: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What one document puts into the sheet."""

    bills: tuple[SheetBill, ...] = ()
    stays: tuple[HospitalStay, ...] = ()
    sick_leaves: tuple[SickLeave, ...] = ()

    def into(self, sheet: LossSheet) -> LossSheet:
        return sheet.with_entries(self.bills, self.stays, self.sick_leaves)


def stated(
    claim: Claim, document: ClaimDocument, source: Source, verdicts: Iterable[LineVerdict] = ()
) -> Entries:
    """Give what the claimant wrote beside a document, for an adjuster who has seen it to be true.

    Days without a date begin on the day of the accident; a bill without one is of that day.
    """
    facts, accident_day = document.announced.facts, china_day(claim.accident.occurred_at)
    if isinstance(facts, InvoiceFacts):
        cut = {verdict.line: verdict for verdict in verdicts}
        lines = tuple(
            SheetLine(item=line.item, kind=line.kind, billed_fen=line.amount_fen, **_cut(cut.get(place)))
            for place, line in enumerate(facts.lines)
        )
        bill = SheetBill(
            bill_no=facts.bill_no,
            dated=facts.treated_on or facts.issued_on or accident_day,
            hospital=facts.hospital,
            lines=lines,
            first_in=document.duplicate_of,
            source=source,
        )
        return Entries(bills=(bill,))
    if not isinstance(facts, DayFacts):
        return Entries()
    first = facts.first_day or accident_day
    if document.announced.doc_type is DocumentType.ADMISSION_RECORD:
        discharged = first + timedelta(days=facts.days)
        stay = HospitalStay(first_day=first, last_day=discharged, hospital=facts.hospital, source=source)
        return Entries(stays=(stay,))
    last = first + timedelta(days=facts.days - 1)
    return Entries(sick_leaves=(SickLeave(first_day=first, last_day=last, source=source),))


def _cut(verdict: LineVerdict | None) -> Mapping[str, int | str]:
    if verdict is None:
        return {}
    return {"accepted_fen": verdict.accepted_fen, "reason_code": verdict.reason_code}
