"""Builders of claims: the accident of worked example 1, reported an hour later, and what is handed in."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from daycover.china_time import china_day
from daycover.claims.bill import BilledItem, BillState, CheckedBill
from daycover.claims.claim import (
    Accident,
    Claim,
)
from daycover.claims.consents import CLAIM_TEXTS, Accepted, ClaimConsentKind
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.evidence import (
    Announcement,
    ClaimDocument,
    Facts,
    InvoiceFacts,
    InvoiceLine,
    document_id,
)
from daycover.claims.limits import MachineLimits
from daycover.claims.loss_notice import LossNotice
from daycover.claims.report import LossReport
from daycover.identity.worker import Worker
from daycover.payouts.payout import Payout, payout_number
from daycover.upload import ContentType
from tests.support.builders import (
    NOW,
    PERSON,
    WORKER,
    a_worker,
    an_id_number,
)
from tests.support.papers import a_jpeg

SCAN = a_jpeg("scan")
"""A photo of a paper, whichever."""

ACCIDENT_AT = NOW + timedelta(hours=2)


REPORTED_AT = NOW + timedelta(hours=3)


TOE = (ClaimType.MEDICAL, ClaimType.HOSPITAL)
"""A toe injury, all of which one receipt proves: 3,200 yuan and 14 days in hospital give 358,000 fen on plan T2."""


LIMITS = MachineLimits(
    approval_fen=500_000,
    first_claim_fen=400_000,
    sample_bps=0,
    near_start_minutes=60,
    frequent_person=3,
    frequent_phone=3,
    frequent_project=20,
    frequent_clinic=20,
    frequent_company=100,
    cap_project_fen=2_000_000,
    cap_company_fen=10_000_000,
    cap_all_fen=100_000_000,
)
"""The template's defaults, as `tests/architecture` checks, but nothing left to chance."""


def insured(**changes: Any) -> Worker:
    return a_worker(person_id=PERSON, name="王小明", id_number=an_id_number(), **changes)


def an_accident(occurred_at: datetime = ACCIDENT_AT) -> Accident:
    return Accident(
        occurred_at=occurred_at, place="三号分拣线", description="脚趾被传送带夹伤", injury="右脚拇趾骨折"
    )


def a_report(
    occurred_at: datetime = ACCIDENT_AT,
    claim_types: tuple[ClaimType, ...] = TOE,
    policy_no: str | None = None,
    first_treated_at: datetime | None = None,
    consents: tuple[ClaimConsentKind, ...] = tuple(ClaimConsentKind),
) -> LossReport:
    return LossReport(
        policy_no=policy_no,
        accident=an_accident(occurred_at),
        claim_types=claim_types,
        first_treated_at=first_treated_at,
        consents=accepted(*consents),
    )


def a_notice(number: str = "RN1", hours: int = 0) -> LossNotice:
    """A report that matched no policy, `hours` after the usual time of one."""
    return LossNotice(
        report_no=number,
        policy_no="DC-mistyped",
        person_id=None,
        reporter_id=WORKER,
        reported_at=REPORTED_AT + timedelta(hours=hours),
        accident=an_accident(),
        claim_types=TOE,
    )


def accepted(*kinds: ClaimConsentKind, at: datetime = REPORTED_AT) -> tuple[Accepted, ...]:
    """Yes to the current texts of these kinds."""
    return tuple(Accepted(text.kind, text.sha256, at) for text in CLAIM_TEXTS if text.kind in kinds)


def an_invoice(
    amount_fen: int = 320_000, invoice_no: str = "A1", hospital: str | None = None
) -> InvoiceFacts:
    """A bill on paper, as its claimant reads it."""
    line = InvoiceLine(item="清创缝合", amount_fen=amount_fen)
    return InvoiceFacts(invoice_no=invoice_no, lines=(line,), hospital=hospital)


def a_receipt_no(name: str = "A1") -> str:
    """The number, 10 digits, of the medical fee receipt that a test calls by a short name."""
    return f"{int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], 'big'):010d}"


RECEIPT_CODE = "11060124"


def a_bill_no(name: str = "A1") -> str:
    """What the receipt of that short name is known by."""
    return RECEIPT_CODE + a_receipt_no(name)


def receipt_facts(amount_fen: int = 320_000, name: str = "A1", hospital: str | None = None) -> InvoiceFacts:
    """A medical fee receipt as its claimant reads it: its platform can be asked."""
    line = InvoiceLine(item="住院费", amount_fen=amount_fen)
    return InvoiceFacts(
        invoice_no=a_receipt_no(name),
        code=RECEIPT_CODE,
        check_code="a1b2c3",
        issued_on=china_day(REPORTED_AT),
        lines=(line,),
        hospital=hospital,
    )


def a_checked_bill(
    facts: InvoiceFacts, days: int = 0, accident_at: datetime = ACCIDENT_AT, **changes: Any
) -> CheckedBill:
    """What the platform says of a receipt: genuine, of the insured, `days` in hospital from the accident on."""
    assert facts.elements is not None
    first = china_day(accident_at)
    inpatient = {
        "admitted_on": first,
        "discharged_on": first + timedelta(days=days),
        "hospital_days": days,
    }
    said: dict[str, Any] = {
        "elements": facts.elements,
        "state": BillState.GENUINE,
        "patient": "王小明",
        "hospital": facts.hospital or "市第二人民医院",
        "hospital_level": 2,
        "is_public": True,
        "treated_on": first,
        "items": tuple(BilledItem(item=line.item, amount_fen=line.amount_fen) for line in facts.lines),
        "total_fen": facts.total_fen,
        "cash_paid_fen": facts.total_fen,
    }
    return CheckedBill(**(said | (inpatient if days else {}) | changes))


def an_announcement(
    doc_type: DocumentType = DocumentType.DIAGNOSIS, facts: Facts | None = None, content: bytes = SCAN
) -> Announcement:
    return Announcement(
        doc_type=doc_type,
        content_type=ContentType.JPEG,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        facts=facts,
    )


def a_document(announced: Announcement) -> ClaimDocument:
    """A document of CL1 that the insured has announced and not uploaded."""
    return ClaimDocument(
        document_id=document_id("CL1", announced),
        claim_no="CL1",
        announced=announced,
        announced_at=REPORTED_AT,
        announced_by=WORKER,
    )


def a_payout(claim: Claim, **changes: Any) -> Payout:
    """The first payout of what a claim owes."""
    facts: dict[str, Any] = {
        "payout_id": payout_number(claim.claim_no, 1),
        "claim_no": claim.claim_no,
        "obligation": 1,
        "round": 0,
        "company_id": claim.policy.company_id,
        "project_id": claim.policy.project_id,
        "worker_id": claim.policy.worker_id,
        "amount_fen": 358_000,
        "created_at": REPORTED_AT,
    }
    return Payout(**facts | changes)
