"""What a checked bill means for its claim: an entry of the loss sheet, or a finding that has a name."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from daycover.claims.bill import BillFault, BillKind, BillState, CheckedBill, OtherPayment
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, DayFacts, InvoiceFacts
from daycover.claims.fraud import FraudSignal, FraudWeight
from daycover.claims.sheet import HospitalStay, LossSheet, SheetBill, SheetLine, Source, SourceKind
from daycover.claims.stated import Entries
from daycover.identity.name import same_person_name

PLATFORM = "platform"
"""Who entered what a platform verified."""
OTHER_PATIENT = "BILL_OTHER_PATIENT"
OTHER_PAYER = "OTHER_PAYER"
UNVERIFIED = "BILL_UNVERIFIED"
SICK_LEAVE_UNVERIFIED = "SICK_LEAVE_UNVERIFIED"
STAY_UNVERIFIED = "STAY_UNVERIFIED"

_BY_PAYER: tuple[tuple[str, tuple[str, ...]], ...] = (
    # the first that fits: 道路救助基金垫付 is no 医疗救助, and 大病保险 no insurer's
    ("third_party_paid_fen", ("道路", "垫付", "肇事", "责任方")),
    ("other_insurer_paid_fen", ("商业", "商保")),
    ("social_insurance_paid_fen", ("大病", "救助", "公务员", "统筹", "医保", "补充医疗", "居民保险")),
    ("other_insurer_paid_fen", ("保险",)),
)
"""Words of 其他支付 by who pays. What none of them names counts as a third party's, and a person looks."""


def entries_of(document: ClaimDocument, own: Collection[str], at: datetime) -> Entries:
    """Give what the verified bills of a document put into the sheet.

    Not those of another patient, nor one that another person's claim had first (`own` are the numbers of the
    insured's other claims).
    """
    if document.duplicate_of is not None and document.duplicate_of.partition("/")[0] not in own:
        return Entries()
    good = [c for c in document.checks if c.is_genuine and c.bill_no in document.own_bills]
    source = Source(kind=SourceKind.VERIFIED, by=PLATFORM, at=at, document_id=document.document_id)
    return Entries(
        bills=tuple(_bill(check, source, document.duplicate_of) for check in good),
        stays=tuple(_stay(check, source) for check in good if check.admitted_on is not None),
    )


def own_bills(checks: Iterable[CheckedBill], insured_name: str | None) -> tuple[str, ...]:
    """Give the numbers of the genuine bills whose patient is the insured; none where either name is unknown."""
    return tuple(
        check.bill_no
        for check in checks
        if check.is_genuine
        and check.patient
        and insured_name
        and same_person_name(check.patient, insured_name)
    )


def _bill(check: CheckedBill, source: Source, first_in: str | None) -> SheetBill:
    others = {name: 0 for name, _ in _BY_PAYER}
    for payment in check.others_paid:
        others[payer_of(payment) or "third_party_paid_fen"] += payment.amount_fen
    others["social_insurance_paid_fen"] += check.fund_paid_fen
    items = check.items
    lines = tuple(SheetLine(item=i.item, kind=i.kind, billed_fen=i.amount_fen) for i in items if i.amount_fen)
    if sum(line.billed_fen for line in lines) != check.total_fen:
        # a platform that gives no classes, or only some of them, still vouches for the total
        kinds = {item.kind for item in items}
        kind = kinds.pop() if len(kinds) == 1 else BillKind.MEDICAL
        lines = (SheetLine(item=check.hospital or "医疗费", kind=kind, billed_fen=check.total_fen),)
    return SheetBill(
        bill_no=check.bill_no,
        dated=check.treated_on or check.admitted_on or check.elements.issued_on,
        hospital=check.hospital,
        hospital_level=check.hospital_level,
        is_public=check.is_public,
        emergency=check.emergency,
        lines=lines,
        self_paid_fen=check.self_paid_fen,
        first_in=first_in,
        source=source,
        **others,
    )


def payer_of(payment: OtherPayment) -> str | None:
    """Give the field of the sheet that a payment of others belongs to; None where its words do not say."""
    return next((name for name, words in _BY_PAYER if any(word in payment.payer for word in words)), None)


def _stay(check: CheckedBill, source: Source) -> HospitalStay:
    assert check.admitted_on is not None
    last = check.discharged_on or check.admitted_on
    return HospitalStay(
        first_day=check.admitted_on,
        last_day=max(last, check.admitted_on),
        hospital=check.hospital,
        source=source,
    )


def bill_signals(documents: Iterable[ClaimDocument]) -> tuple[FraudSignal, ...]:
    """Name what is wrong with the bills of a claim; each is a matter for a person and refuses nothing."""
    found: dict[str, list[str]] = {}
    for document in documents:
        if document.status is DocumentStatus.RECEIVED and document.announced.doc_type is DocumentType.INVOICE:
            for rule, evidence in _wrong_with(document):
                found.setdefault(rule, []).append(evidence)
    return tuple(
        FraudSignal(rule=rule, weight=FraudWeight.REVIEW, evidence=tuple(dict.fromkeys(evidence)))
        for rule, evidence in found.items()
    )


class _Wrong(NamedTuple):
    rule: str
    evidence: str


_NAMED = {
    BillFault.HOSTILE: "BILL_FILE_HOSTILE",
    BillFault.UNREADABLE: "BILL_FILE_UNREADABLE",
    BillFault.SUMS_DIFFER: "BILL_SUMS_DIFFER",
}


def _wrong_with(document: ClaimDocument) -> Iterable[_Wrong]:
    facts = document.announced.facts
    for fault in document.faults:
        yield _Wrong(_NAMED[fault], document.document_id)
    for check in document.checks:
        if check.state is not BillState.GENUINE:
            yield _Wrong(f"BILL_{check.state}", check.bill_no)
        elif check.bill_no not in document.own_bills:
            yield _Wrong(OTHER_PATIENT, check.bill_no)
        elif (
            isinstance(facts, InvoiceFacts)
            and len(document.checks) == 1
            and facts.total_fen != check.total_fen
        ):
            yield _Wrong("BILL_STATED_OTHERWISE", check.bill_no)


def unverified(documents: Iterable[ClaimDocument], sheet: LossSheet) -> tuple[str, ...]:
    """Give why the papers of a claim need a person's look: reason codes.

    Whatever no platform vouches for and no adjuster has accepted is a draft: paying the rest would refuse it by
    machine.
    """
    waiting = [d for d in documents if d.status is DocumentStatus.RECEIVED]
    entered = {bill.source.document_id for bill in sheet.bills}
    reasons: dict[str, None] = {}
    for document in waiting:
        kind, facts = document.announced.doc_type, document.announced.facts
        if kind is DocumentType.INVOICE and not _is_in(document, sheet, entered):
            reasons[UNVERIFIED] = None
        elif kind is DocumentType.SICK_LEAVE_CERTIFICATE:
            reasons[SICK_LEAVE_UNVERIFIED] = None
        elif kind is DocumentType.ADMISSION_RECORD and isinstance(facts, DayFacts):
            if facts.days > sheet.inpatient_days:
                reasons[STAY_UNVERIFIED] = None
        elif kind is DocumentType.SPLIT_SHEET:
            reasons[OTHER_PAYER] = None
        if any(payer_of(payment) is None for check in document.checks for payment in check.others_paid):
            reasons[OTHER_PAYER] = None
    return tuple(reasons)


def _is_in(document: ClaimDocument, sheet: LossSheet, entered: Collection[str | None]) -> bool:
    """Whether all that the document shows stands in the sheet, from it or from another copy of the same bill."""
    if not document.checks:
        return document.document_id in entered
    genuine = [check.bill_no for check in document.checks if check.is_genuine]
    return bool(genuine) and all(sheet.bill(bill_no) is not None for bill_no in genuine)
