"""The loss sheet through the whole flow: report, papers, sheet, decision. Right values are those worked by hand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from daycover.china_time import china_day
from daycover.claims.adjudication import source_of
from daycover.claims.answer import AnswerKind
from daycover.claims.bill import BillElements, BillFamily, BillState, OtherPayment, ReadFile
from daycover.claims.claim import Claim
from daycover.claims.compute import Computed
from daycover.claims.decide import Verdict
from daycover.claims.disability import BodySide, DisabilityScale, DisabilitySite, WrongScaleError
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import DayFacts, InvoiceFacts
from daycover.claims.fill_sheet import BillUsedError, SheetMovedError
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.loss import paid_by_others
from daycover.claims.sheet import (
    Appraisal,
    Death,
    DeathCause,
    HospitalStay,
    LossSheet,
    SheetBill,
    SheetLine,
    SickLeave,
    Source,
    SourceKind,
    kept_sources,
)
from daycover.claims.steps import WaitStep
from daycover.claims.terms import Term, findings
from daycover.cover.policy import Policy
from tests.support.builders import NOW, WORKER, a_policy
from tests.support.claims import ACCIDENT_AT, a_bill_no, a_checked_bill, an_invoice, receipt_facts
from tests.support.fakes.port import Crash
from tests.support.papers import a_jpeg
from tests.unit.claims.world import World

C, S = ClaimType, ClaimStatus
DAY = china_day(ACCIDENT_AT)
LEFT_FOOT = DisabilitySite(part="FOOT", side=BodySide.LEFT, grade=9)
RIGHT_EYE = DisabilitySite(part="EYE", side=BodySide.RIGHT, grade=9)
LEFT_TOES = DisabilitySite(part="TOES", side=BodySide.LEFT, grade=9)


def t4(sequence: int = 1, **changes: Any) -> Policy:
    update = {"plan_id": "T4", "sum_insured_fen": 80_000_000}
    return a_policy(sequence=sequence, **changes).model_copy(update=update)


def appraisal(world: World, *sites: DisabilitySite, **changes: Any) -> Appraisal:
    said = {
        "appraised_on": DAY + timedelta(days=90),
        "body": "市司法鉴定中心",
        "sites": sites,
        "source": world.fill_sheet.source("S1"),
    }
    return Appraisal(**(said | changes))


def filled(world: World, claim: Claim, **entries: Any) -> Claim:
    """The adjuster enters these beside what stands in the sheet."""
    claim = world.claims.get(claim.claim_no)
    if "bills" in entries:
        entered = {"source": world.fill_sheet.source("S1")}
        entries["bills"] = tuple(bill.model_copy(update=entered) for bill in entries["bills"])
    sheet = world.sheets.find(claim.claim_no, claim.round.sheet).model_copy(update=entries)
    return world.fill_sheet("S1", claim.claim_no, claim.round.sheet, sheet, "按原件录入")


def disabled(world: World, minutes: int = 0, policy_no: str | None = None) -> Claim:
    """A claim for a disability that waits for an adjuster."""
    claim = world.reported(
        claim_types=(C.DISABILITY,), occurred_at=ACCIDENT_AT + timedelta(minutes=minutes), policy_no=policy_no
    )
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.DISABILITY_APPRAISAL):
        world.send(claim, doc_type, content=a_jpeg(f"{doc_type} {minutes}"))
    world.all_sent(claim)
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    return world.claims.get(claim.claim_no)


def stands(world: World, claim: Claim) -> Claim:
    world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "按鉴定等级"))
    return world.acknowledge("S2", claim.claim_no, True, None)


# ---- disability


@pytest.mark.parametrize(
    ("sites", "fen"),
    [
        ((LEFT_FOOT, RIGHT_EYE), 24_000_000),
        ((LEFT_FOOT, LEFT_TOES), 16_000_000),  # toes are of the foot: no promotion
        ((LEFT_TOES, LEFT_TOES.model_copy(update={"side": BodySide.RIGHT})), 24_000_000),
        ((LEFT_FOOT.model_copy(update={"grade": 7, "worsened_from": 9}),), 32_000_000 - 16_000_000),
    ],
)
def test_disability_is_paid_by_its_sites_when_the_appraisal_is_entered(
    sites: tuple[DisabilitySite, ...], fen: int
) -> None:
    world = World(t4())
    claim = filled(world, disabled(world), appraisal=appraisal(world, *sites))
    assert claim.assessment is not None
    assert claim.assessment.total_fen == fen
    (line,) = claim.assessment.lines
    assert source_of("grade", claim.assessment.loss) == ("appraisal",)
    assert "JR/T 0083-2013" in line.explanation_zh
    assert stands(world, claim).amount_fen == fen


def test_worsened_site_earns_the_difference_when_another_claim_of_the_policy_was_paid_for_it() -> None:
    world = World(t4())
    stands(world, filled(world, disabled(world), appraisal=appraisal(world, LEFT_TOES)))
    worse = LEFT_FOOT.model_copy(update={"grade": 7})
    second = filled(world, disabled(world, 30), appraisal=appraisal(world, worse))
    assert second.assessment is not None
    assert second.assessment.total_fen == 32_000_000 - 16_000_000
    other = filled(world, second, appraisal=appraisal(world, RIGHT_EYE))
    assert other.assessment is not None
    assert other.assessment.total_fen == 16_000_000, "another part is another injury"


def test_worsened_site_earns_the_difference_when_the_claim_is_reopened() -> None:
    world = World(t4())
    claim = stands(world, filled(world, disabled(world), appraisal=appraisal(world, LEFT_FOOT)))
    world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    pays(world, claim)
    world.review.reopen("S1", claim.claim_no, "WORSENED", "伤情加重")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    claim = filled(world, claim, appraisal=appraisal(world, LEFT_FOOT.model_copy(update={"grade": 8})))
    assert stands(world, claim).amount_fen == 24_000_000 - 16_000_000


def pays(world: World, claim: Claim) -> None:
    """By the bank: it is above what a wallet takes."""
    current = world.claims.get(claim.claim_no)
    paid = current.round.model_copy(update={"paid_at": world.at})
    after = current.model_copy(update={"status": S.CLOSED, "rounds": current.with_round(paid)})
    world.claims._claims[claim.claim_no] = after


def test_other_scale_is_the_wrong_standard_and_no_finding_of_no_disability() -> None:
    world = World(t4())
    claim = disabled(world)
    with pytest.raises(WrongScaleError):
        filled(world, claim, appraisal=appraisal(world, LEFT_FOOT, scale=DisabilityScale.WORK_INJURY))
    assert world.claims.get(claim.claim_no).round.sheet == 0


# ---- what others paid


def third_party_paid(fen: int, social_fen: int = 0) -> SheetBill:
    source = Source(kind=SourceKind.ADJUSTER, by="S1", at=NOW)
    return SheetBill(
        bill_no="A1",
        dated=DAY,
        hospital="市第二人民医院",
        hospital_level=2,
        lines=(SheetLine(item="住院费", billed_fen=1_000_000),),
        third_party_paid_fen=fen,
        social_insurance_paid_fen=social_fen,
        source=source,
    )


def test_third_party_s_2_000_yuan_are_netted_when_an_adjuster_enters_them() -> None:
    world = World()
    claim = world.referred(claim_types=(C.MEDICAL,))
    (bill,) = world.sheets.find(claim.claim_no, claim.round.sheet).bills
    netted = bill.model_copy(update={"third_party_paid_fen": 200_000})
    claim = filled(world, claim, bills=(netted,))
    assert claim.assessment is not None
    assert claim.assessment.total_fen == (1_000_000 - 200_000 - 10_000) * 8 // 10
    assert source_of("others_fen", claim.assessment.loss) == (f"bill {a_bill_no('A1')}",)
    (entered,) = world.sheets.find(claim.claim_no, claim.round.sheet).bills
    assert (entered.source.kind, entered.source.by) == (SourceKind.ADJUSTER, "S1")
    assert stands(world, claim).amount_fen == 632_000


def test_social_insurance_is_netted_without_typing_when_the_platform_tells_it_and_the_plan_is_priced_so() -> (
    None
):
    """Worked example 2: 18,600 yuan, of which the insurance fund paid 7,420."""
    world = World()
    claim = world.reported(claim_types=(C.MEDICAL,))
    nets = claim.benefits.model_copy(update={"nets_social_insurance": True})
    world.claims._claims[claim.claim_no] = claim.model_copy(update={"benefits": nets})
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    receipt = receipt_facts(1_860_000)
    world.send_bill(claim, receipt, fund_paid_fen=742_000, cash_paid_fen=1_118_000)
    world.all_sent(claim)
    assert world.assess(claim.claim_no) == ("REFERRED", 886_400)
    (bill,) = world.sheets.find(claim.claim_no, 1).bills
    assert (bill.social_insurance_paid_fen, bill.source.kind) == (742_000, SourceKind.VERIFIED)


@pytest.mark.parametrize(
    ("payer", "field", "asks"),
    [
        ("大病保险", "social_insurance_paid_fen", False),
        ("医疗救助", "social_insurance_paid_fen", False),
        ("其他保险", "other_insurer_paid_fen", False),
        ("道路救助基金垫付", "third_party_paid_fen", False),
        ("", "third_party_paid_fen", True),
    ],
)
def test_payment_of_others_has_a_payer_or_a_person_asks(payer: str, field: str, asks: bool) -> None:
    world = World()
    claim = world.reported(claim_types=(C.MEDICAL,))
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    others = (OtherPayment(payer=payer, amount_fen=50_000),)
    world.send_bill(claim, receipt_facts(300_000), others_paid=others, cash_paid_fen=250_000)
    world.all_sent(claim)
    world.assess(claim.claim_no)
    (bill,) = world.sheets.find(claim.claim_no, 1).bills
    assert getattr(bill, field) == 50_000
    assert ("OTHER_PAYER" in world.claims.get(claim.claim_no).round.referred_for) is asks


def test_payment_of_others_reduces_its_own_bill_and_no_other() -> None:
    cut = SheetLine(item="住院费", billed_fen=1_000_000, accepted_fen=0, reason_code="NOT_OF_THE_ACCIDENT")
    assert sum(paid_by_others(third_party_paid(200_000).model_copy(update={"lines": (cut,)}))) == 0
    assert paid_by_others(third_party_paid(700_000, 300_000))[:2] == (300_000, 700_000)


# ---- what the machine may approve


def medical(world: World, **said: Any) -> Claim:
    """A small medical claim whose receipt the platform knows so."""
    claim = world.reported(claim_types=(C.MEDICAL,))
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send_bill(claim, receipt_facts(), **said)
    return world.all_sent(claim)


def reasons(world: World, claim: Claim) -> set[str]:
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    return set(world.claims.get(claim.claim_no).round.referred_for)


def test_toe_injury_is_approved_when_its_receipt_is_verified_and_not_when_nothing_vouches_for_it() -> None:
    world = World()
    assert world.assess(medical(world).claim_no) == ("AUTO_APPROVED", 248_000)
    world = World()
    world.platform.is_forgetful = True
    assert {"BILL_UNKNOWN", "BILL_UNVERIFIED", "NOTHING_TO_PAY"} <= reasons(world, medical(world))
    world = World()
    claim = world.reported(claim_types=(C.MEDICAL,))
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send(claim, DocumentType.INVOICE, an_invoice())
    assert "BILL_UNVERIFIED" in reasons(world, world.all_sent(claim))
    claim = world.accept(claim, DocumentType.INVOICE)
    assert claim.assessment is not None
    assert claim.assessment.total_fen == 248_000, "a person's look"


@pytest.mark.parametrize(
    "state",
    [BillState.REVERSED, BillState.VOID, BillState.EXCHANGED, BillState.UNKNOWN, BillState.ALTERED],
)
def test_bill_pays_nothing_and_is_named_when_its_platform_says_so(state: BillState) -> None:
    world = World()
    claim = medical(world, state=state)
    assert f"BILL_{state}" in reasons(world, claim)
    assert world.claims.get(claim.claim_no).round.sheet == 0


@pytest.mark.parametrize("patient", ["王小红", None, ""])
def test_bill_of_another_patient_is_named_and_fills_nothing(patient: str | None) -> None:
    world = World()
    claim = medical(world, patient=patient)
    assert "BILL_OTHER_PATIENT" in reasons(world, claim)
    assert world.claims.get(claim.claim_no).round.sheet == 0


@pytest.mark.parametrize("patient", ["王 小明", "王小明 ", "王·小明"])
def test_patient_is_the_insured_when_the_hospital_writes_the_name_its_own_way(patient: str) -> None:
    world = World()
    assert world.assess(medical(world, patient=patient).claim_no).outcome == "AUTO_APPROVED"


def test_bill_is_named_when_its_claimant_states_another_amount() -> None:
    world = World()
    claim = medical(world, total_fen=100_000, items=())
    assert "BILL_STATED_OTHERWISE" in reasons(world, claim)
    assert world.claims.get(claim.claim_no).assessment is not None
    (bill,) = world.sheets.find(claim.claim_no, 1).bills
    assert bill.billed_fen == 100_000, "what the platform says, not what was typed"


def test_bill_is_named_and_fills_nothing_when_another_person_s_claim_had_it_first() -> None:
    world = World()
    world.documents.first_with_bill(a_bill_no("A1"), "CL999/D1")
    claim = medical(world)
    assert {"F15_DUPLICATE_INVOICE", "BILL_UNVERIFIED"} <= reasons(world, claim)
    assert world.claims.get(claim.claim_no).round.sheet == 0
    with pytest.raises(BillUsedError):
        filled(world, claim, bills=(third_party_paid(0).model_copy(update={"bill_no": a_bill_no("A1")}),))


def test_same_number_with_another_amount_is_an_alarm_beside_the_genuine_one() -> None:
    world = World()
    claim = medical(world)
    forged = receipt_facts(900_000)
    world.send(claim, DocumentType.INVOICE, forged, a_jpeg("the same number"))
    assert "BILL_ALTERED" in reasons(world, claim)
    (bill,) = world.sheets.find(claim.claim_no, 1).bills
    assert bill.billed_fen == 320_000


def test_every_bill_of_a_file_is_asked_for_when_it_holds_several() -> None:
    world = World()
    claim = medical(world)
    second = receipt_facts(100_000, "A2")
    both = tuple(e for e in (receipt_facts().elements, second.elements) if e is not None)
    world.platform.put(a_checked_bill(second))
    world.verify = replaced(world, ReadFile(both))
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", (420_000 - 10_000) * 8 // 10)
    assert {bill.bill_no for bill in world.sheets.find(claim.claim_no, 1).bills} == {
        a_bill_no("A1"),
        a_bill_no("A2"),
    }


def replaced(world: World, read: ReadFile) -> Any:
    return replace(world.verify, read=lambda content, kind: read)


def test_nothing_is_lost_when_the_platform_is_down_and_answers_later() -> None:
    world = World()
    claim = medical(world)
    world.platform.is_down = True
    with pytest.raises(Exception, match="BillPlatformUnavailableError"):
        world.verify(claim.claim_no)
    assert "BILL_UNVERIFIED" in set(assessed_unverified(world, claim))
    world.platform.is_down = False
    world.verify.again("S1", claim.claim_no)
    found = world.claims.get(claim.claim_no)
    assert found.assessment is not None
    assert (found.assessment.total_fen, found.decision) == (248_000, Decision.PENDING)


def assessed_unverified(world: World, claim: Claim) -> tuple[str, ...]:
    world.assess_verified(claim.claim_no)
    return world.claims.get(claim.claim_no).round.referred_for


def test_bill_leaves_the_sheet_when_it_was_reversed_after_the_assessment() -> None:
    world = World()
    claim = world.referred()
    world.platform.reverse()
    world.verify.again("S1", claim.claim_no)
    after = world.claims.get(claim.claim_no)
    assert after.assessment is not None
    assert after.assessment.total_fen == 0
    assert "BILL_REVERSED" in after.round.referred_for
    assert [bill.bill_no for bill in world.sheets.find(claim.claim_no, 1).bills] == [a_bill_no("A1")]


def test_adjuster_s_cut_stays_when_the_platforms_are_asked_again() -> None:
    world = World()
    claim = world.referred()
    (bill,) = world.sheets.find(claim.claim_no, 1).bills
    line = bill.lines[0].model_copy(update={"accepted_fen": 900_000, "reason_code": "OVER_SOCIAL_STANDARD"})
    filled(world, claim, bills=(bill.model_copy(update={"lines": (line,)}),))
    world.verify.again("S1", claim.claim_no)
    (bill,) = world.sheets.find(claim.claim_no, world.claims.get(claim.claim_no).round.sheet).bills
    assert bill.lines[0].accepted_fen == 900_000


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(14))
def test_sheet_is_filled_once_when_the_verification_is_cut_off(index: int, applied: bool) -> None:
    world = World()
    claim = medical(world)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        world.verify(claim.claim_no)
    except Crash:
        pass
    world.steps.calm()
    for _ in range(2):
        assert world.verify(claim.claim_no) == 1
    assert [sheet.version for sheet in world.sheets.versions(claim.claim_no)] == [1]
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 248_000)


# ---- the terms


def a_sheet(**entries: Any) -> LossSheet:
    return LossSheet(claim_no="CL1", **entries)


def source() -> Source:
    return Source(kind=SourceKind.ADJUSTER, by="S1", at=NOW)


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({}, set()),
        ({"dated": DAY + timedelta(days=180)}, set()),
        ({"dated": DAY + timedelta(days=181)}, {Term.AFTER_180_DAYS}),
        ({"dated": DAY - timedelta(days=1)}, {Term.BEFORE_ACCIDENT}),
        ({"hospital_level": 1}, {Term.HOSPITAL_LEVEL}),
        ({"hospital_level": 1, "emergency": True}, set()),
        ({"hospital_level": None}, {Term.HOSPITAL_LEVEL}),
        ({"hospital_level": None, "is_public": True}, set()),
    ],
)
def test_bill_is_shown_to_the_adjuster_when_it_is_outside_the_terms(
    changes: dict[str, Any], terms: set[Term]
) -> None:
    bill = third_party_paid(0).model_copy(update=changes)
    assert {found.term for found in findings(a_sheet(bills=(bill,)), DAY)} == terms


@pytest.mark.parametrize(
    ("cause", "onset_on", "at_work", "died_after", "terms"),
    [
        (DeathCause.ACCIDENT, None, None, 180, set()),
        (DeathCause.ACCIDENT, None, None, 181, {Term.AFTER_180_DAYS}),
        (DeathCause.SUDDEN, None, True, 0, set()),
        (DeathCause.SUDDEN, DAY, False, 2, set()),
        (DeathCause.SUDDEN, DAY, False, 3, {Term.SUDDEN_DEATH_48_HOURS}),
        (DeathCause.SUDDEN, None, None, 0, {Term.SUDDEN_DEATH_48_HOURS}),
        (DeathCause.OTHER, None, None, 0, {Term.DEATH_CAUSE}),
    ],
)
def test_death_is_shown_to_the_adjuster_when_it_is_outside_the_terms(
    cause: DeathCause, onset_on: date | None, at_work: bool | None, died_after: int, terms: set[Term]
) -> None:
    death = Death(
        died_on=DAY + timedelta(days=died_after),
        cause=cause,
        onset_on=onset_on,
        at_work=at_work,
        source=source(),
    )
    assert {found.term for found in findings(a_sheet(death=death), DAY)} == terms


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"treated_on": DAY + timedelta(days=181)}, "AFTER_180_DAYS"),
        ({"treated_on": DAY - timedelta(days=1)}, "BEFORE_ACCIDENT"),
        ({"hospital_level": 1}, "HOSPITAL_LEVEL"),
    ],
)
def test_verified_bill_is_never_automatic_when_it_is_outside_the_terms(
    said: dict[str, Any], reason: str
) -> None:
    world = World()
    claim = medical(world, **said)
    assert reasons(world, claim) == {reason}
    found = world.claims.get(claim.claim_no).assessment
    assert found is not None
    assert found.total_fen == 248_000, "shown, and cut by a person alone"


# ---- days


def test_days_count_once_when_stays_and_leaves_overlap() -> None:
    stay = HospitalStay(first_day=DAY, last_day=DAY + timedelta(days=5), source=source())
    again = stay.model_copy(
        update={"first_day": DAY + timedelta(days=4), "last_day": DAY + timedelta(days=8)}
    )
    same_day = stay.model_copy(
        update={"first_day": DAY + timedelta(days=20), "last_day": DAY + timedelta(days=20)}
    )
    leave = SickLeave(first_day=DAY + timedelta(days=3), last_day=DAY + timedelta(days=12), source=source())
    sheet = a_sheet(stays=(stay, again, same_day), sick_leaves=(leave,))
    assert (sheet.inpatient_days, sheet.certified_days) == (8 + 1, 13 + 1)


def test_stated_days_are_a_draft_until_an_adjuster_has_seen_the_paper() -> None:
    world = World()
    claim = world.reported(claim_types=(C.LOST_INCOME,))
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS):
        world.send(claim, doc_type)
    facts = DayFacts(days=14, first_day=DAY + timedelta(days=1))
    world.send(claim, DocumentType.SICK_LEAVE_CERTIFICATE, facts)
    world.all_sent(claim)
    assert "SICK_LEAVE_UNVERIFIED" in reasons(world, claim)
    claim = world.accept(claim, DocumentType.SICK_LEAVE_CERTIFICATE)
    assert claim.assessment is not None
    assert claim.assessment.total_fen == (14 - 3) * 10_000
    (leave,) = world.sheets.versions(claim.claim_no)[-1].sick_leaves
    assert (leave.first_day, leave.last_day) == (DAY + timedelta(days=1), DAY + timedelta(days=14))
    rejected = world.documents.list_of(claim.claim_no)
    paper = next(d for d in rejected if d.announced.doc_type is DocumentType.SICK_LEAVE_CERTIFICATE)
    world.judge(
        "S1", claim.claim_no, paper.document_id, DocumentVerdict(DocumentStatus.REJECTED, "FORGED", "x")
    )
    claim = world.claims.get(claim.claim_no)
    assert claim.assessment is not None
    assert claim.assessment.total_fen == 0


# ---- the sheet itself


def test_sheet_is_refused_when_another_version_was_read() -> None:
    world = World()
    claim = world.referred()
    sheet = world.sheets.find(claim.claim_no, 1)
    leave = SickLeave(first_day=DAY, last_day=DAY, source=world.fill_sheet.source("S1"))
    world.fill_sheet("S1", claim.claim_no, 1, sheet.with_entries(sick_leaves=[leave]), "x")
    with pytest.raises(SheetMovedError) as moved:
        world.fill_sheet("S2", claim.claim_no, 1, sheet, "y")
    assert moved.value.facts == {"sheet_version": 2}
    again = world.fill_sheet("S1", claim.claim_no, 1, sheet.with_entries(sick_leaves=[leave]), "x")
    assert again.round.sheet == 2, "the same sheet again is the one that stands"


def test_entry_keeps_its_source_when_it_says_the_same() -> None:
    world = World()
    claim = world.referred()
    before = world.sheets.find(claim.claim_no, 1)
    retyped = before.model_copy(
        update={"bills": tuple(b.model_copy(update={"source": source()}) for b in before.bills)}
    )
    assert kept_sources(before, retyped) == before


def test_every_number_of_an_assessment_has_a_source() -> None:
    world = World(t4())
    claim = world.documented(claim_types=(C.MEDICAL, C.HOSPITAL))
    world.assess(claim.claim_no)
    computed: Computed = world.compute(world.claims.get(claim.claim_no))
    for line in computed.assessment.lines:
        for name in line.inputs:
            assert source_of(name, computed.assessment.loss) != (), name
    assert source_of("billed_fen", computed.assessment.loss) == (f"bill {a_bill_no('A1')}",)
    assert source_of("inpatient_days", computed.assessment.loss) == ("stay 1",)
    assert source_of("deductible_fen", computed.assessment.loss) == ("policy",)
    assert source_of("limit_left_fen", computed.assessment.loss) == ("paid before",)


def test_elements_are_told_by_the_shape_of_the_numbers() -> None:
    def elements(**changes: Any) -> BillElements | None:
        facts = receipt_facts().model_dump() | {"invoice_no": "0123456789"} | changes
        return InvoiceFacts.model_validate(facts).elements

    assert elements() is not None
    families = [
        (elements(code="11060124", invoice_no="0123 456789"), BillFamily.FISCAL),
        (elements(code=None, invoice_no="25312000000123456789"), BillFamily.TAX),
        (elements(code="044001900111", invoice_no="12345678"), BillFamily.TAX),
    ]
    assert [found.family if found else None for found, _ in families] == [family for _, family in families]
    assert elements(issued_on=None) is None
    assert elements(code=None) is None
