"""From the loss sheet to the loss that the formulas read, with the source of each number."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from daycover.claims.adjudication import ExpenseLine, Loss
from daycover.claims.bill import BillKind
from daycover.claims.disability import DisabilitySite, grade_sites, percentage_bps
from daycover.claims.disability_table import disability_table
from daycover.claims.documents import ClaimType
from daycover.claims.sheet import LossSheet, SheetBill


def counting(sheet: LossSheet, paid_bills: Collection[str]) -> tuple[SheetBill, ...]:
    """Give the bills that count: one that another claim of the same policy was paid for does not count again."""
    return tuple(bill for bill in sheet.bills if bill.bill_no not in paid_bills)


def accepted_by_bill(bills: Iterable[SheetBill]) -> dict[str, int]:
    """Give what is accepted of each bill, in fen, by `<benefit>:<bill>`."""
    accepted = {f"{kind}:{bill.bill_no}": bill.eligible_fen(kind) for bill in bills for kind in BillKind}
    return {bill: fen for bill, fen in accepted.items() if fen}


def loss_of(claim_types: tuple[ClaimType, ...], sheet: LossSheet, bills: Collection[SheetBill]) -> Loss:
    """Add up what the sheet says; `bills` are those that count.

    What others paid of a bill reduces what is accepted of it, and never that of another bill.
    """
    appraisal, paid = sheet.appraisal, [paid_by_others(bill) for bill in bills]
    return Loss(
        claim_types=claim_types,
        expenses=tuple(
            ExpenseLine(
                item=line.item,
                amount_fen=line.billed_fen,
                accepted_fen=line.accepted_fen,
                reason_code=line.reason_code,
            )
            for bill in bills
            for line in bill.lines
            if line.kind is BillKind.MEDICAL
        ),
        social_insurance_paid_fen=sum(others.social_insurance_fen for others in paid),
        third_party_paid_fen=sum(others.third_party_fen for others in paid),
        other_policies_paid_fen=sum(others.other_insurer_fen for others in paid),
        ambulance_cost_fen=sum(
            bill.eligible_fen(BillKind.AMBULANCE) - others.of_ambulance_fen
            for bill, others in zip(bills, paid, strict=True)
        ),
        certified_days=sheet.certified_days,
        inpatient_days=sheet.inpatient_days,
        **(disability_of(appraisal.sites) if appraisal is not None else {}),
        causation_bps=sheet.causation_bps,
        sources=sources_of(sheet, bills),
    )


def disability_of(sites: Sequence[DisabilitySite]) -> dict[str, Any]:
    """Give what an appraisal's sites come to, as the fields of a loss."""
    graded = grade_sites(sites, disability_table())
    before = [percentage_bps(site.worsened_from) for site in sites if site.worsened_from is not None]
    return {
        "disability_grades": tuple(sites[place].grade for place in graded.counted),
        "disability_text_zh": graded.text_zh,
        "worsened_from_bps": max(before, default=0),
    }


class PaidByOthers(NamedTuple):
    """What others paid of the accepted part of one bill, in fen: of its medical expense, and (third party and other
    insurer) of its ambulance."""

    social_insurance_fen: int
    third_party_fen: int
    other_insurer_fen: int
    of_ambulance_fen: int


def paid_by_others(bill: SheetBill) -> PaidByOthers:
    """Lay what others paid on what is accepted of the bill: on the treatment first, then on the ambulance."""
    left = bill.eligible_fen(BillKind.MEDICAL)
    on_medical = []
    for fen in (bill.third_party_paid_fen, bill.other_insurer_paid_fen, bill.social_insurance_paid_fen):
        on_medical.append(min(fen, left))
        left -= on_medical[-1]
    third_party, other_insurer, social = on_medical
    rest = bill.third_party_paid_fen + bill.other_insurer_paid_fen - third_party - other_insurer
    return PaidByOthers(social, third_party, other_insurer, min(rest, bill.eligible_fen(BillKind.AMBULANCE)))


def sources_of(sheet: LossSheet, bills: Collection[SheetBill]) -> dict[str, tuple[str, ...]]:
    """Give, by input of the formulas, the entries of the sheet that it was added up from.

    An entry is named by its place: `bill <number>`, `stay <n>`, `sick leave <n>`, `appraisal`, `causation`.
    """
    medical = _named(bill for bill in bills if any(line.kind is BillKind.MEDICAL for line in bill.lines))
    ambulance = _named(bill for bill in bills if any(line.kind is BillKind.AMBULANCE for line in bill.lines))
    stays = tuple(f"stay {place}" for place in range(1, len(sheet.stays) + 1))
    leaves = tuple(f"sick leave {place}" for place in range(1, len(sheet.sick_leaves) + 1))
    found = {
        "billed_fen": medical,
        "eligible_fen": medical,
        "others_fen": _named(bill for bill in bills if any(paid_by_others(bill)[:3])),
        "cost_fen": ambulance,
        "inpatient_days": stays,
        "certified_days": (*leaves, *stays),
        "grade": ("appraisal",) if sheet.appraisal is not None else (),
        "causation_bps": ("causation",) if sheet.causation is not None else (),
    }
    return {name: entries for name, entries in found.items() if entries}


def _named(bills: Iterable[SheetBill]) -> tuple[str, ...]:
    return tuple(f"bill {bill.bill_no}" for bill in bills)
