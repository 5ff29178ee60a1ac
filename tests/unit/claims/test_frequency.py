"""How often claims come from a company, project, clinic or phone: counted once each, for a person to see."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.claims.documents import DocumentType
from daycover.claims.evidence import ClaimDocument, DayFacts, document_id
from daycover.claims.fraud import FraudWeight
from daycover.claims.frequency import PERIOD, Dimension, clinics_of, frequency_signal, frequent
from daycover.claims.sheet import LossSheet
from tests.support.claims import LIMITS, a_document, an_announcement, an_invoice, receipt_facts
from tests.support.fakes.port import Crash
from tests.support.papers import a_jpeg
from tests.unit.claims.world import World

CLINIC = "上海市第一人民医院"
NO_SHEET = LossSheet(claim_no="CL1")


def an_invoice_of(hospital: str | None, **changes: Any) -> ClaimDocument:
    announced = an_announcement(DocumentType.INVOICE, an_invoice(hospital=hospital))
    return a_document(announced).model_copy(update=changes)


def with_hospital(world: World, hospital: str | None = CLINIC) -> Claim:
    claim = world.reported()
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send_bill(claim, receipt_facts(hospital=hospital), 14)
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    return world.all_sent(claim)


def with_phone(world: World) -> World:
    world.phones.put(world.policy.worker_id, world.policy.check_in_id, "PHONE1")
    return world


def others(world: World, dimension: Dimension, id_: str, count: int, ago: timedelta = timedelta(0)) -> None:
    """Claims of other people that were marked before."""
    for number in range(count):
        world.marks.mark(dimension, id_, china_day(world.at - ago), f"CL-OTHER-{number}")


def test_one_clinic_has_one_id_however_its_name_is_written() -> None:
    written = (CLINIC, "上海市第一人民医院 ", "上海市 第一人民医院", "上海市第一人民医院。", None)
    (clinic,) = clinics_of([an_invoice_of(name) for name in written], NO_SHEET)
    (latin,) = clinics_of([an_invoice_of("Ruijin Hospital"), an_invoice_of("RUIJIN　hospital")], NO_SHEET)
    assert clinic != latin
    assert CLINIC not in clinic


def test_document_is_another_one_only_when_it_names_another_hospital() -> None:
    """The form of the id predates the name: without one nothing may have changed."""
    plain = an_announcement(DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=14))
    named = an_announcement(DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=14, hospital=CLINIC))
    before = f"CL1|{plain.doc_type}|{plain.sha256}|" + '{"days":14}'
    digest = hashlib.sha256(before.encode()).digest()[:15]
    assert document_id("CL1", plain) == "D" + crockford.encode(int.from_bytes(digest, "big"), 24)
    assert document_id("CL1", plain) != document_id("CL1", named)


@pytest.mark.parametrize("dimension", list(Dimension))
def test_person_looks_from_the_number_of_claims_on_and_sees_a_score(dimension: Dimension) -> None:
    assert frequency_signal(dimension, "X", 6, 7) == ()
    (signal,) = frequency_signal(dimension, "X", 7, 7)
    assert (signal.rule, signal.weight, signal.score) == (f"F17_FREQUENT_{dimension}", FraudWeight.REVIEW, 50)
    assert [s.score for s in frequency_signal(dimension, "X", 35, 7)] == [100]


@pytest.mark.parametrize("dimension", list(Dimension))
def test_claim_goes_to_a_person_when_claims_from_there_are_frequent(dimension: Dimension) -> None:
    world = with_phone(World())
    (clinic,) = clinics_of([an_invoice_of(CLINIC)], NO_SHEET)
    ids = {
        Dimension.COMPANY: world.policy.company_id,
        Dimension.PROJECT: world.policy.project_id,
        Dimension.CLINIC: clinic,
        Dimension.PHONE: "PHONE1",
    }
    others(world, dimension, ids[dimension], frequent(dimension, LIMITS) - 1, PERIOD)
    claim = with_hospital(world)
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    claim = world.claims.get(claim.claim_no)
    assert claim.round.referred_for == (f"F17_FREQUENT_{dimension}",)
    (signal,) = claim.signals
    assert signal.evidence == (ids[dimension], f"{frequent(dimension, LIMITS)} claims in 90 days")


@pytest.mark.parametrize("dimension", list(Dimension))
def test_machine_approves_when_one_claim_is_missing_to_be_frequent(dimension: Dimension) -> None:
    world = with_phone(World())
    (clinic,) = clinics_of([an_invoice_of(CLINIC)], NO_SHEET)
    for id_ in (world.policy.company_id, world.policy.project_id, clinic, "PHONE1"):
        others(world, dimension, id_, frequent(dimension, LIMITS) - 2)
    assert world.assess(with_hospital(world).claim_no).outcome == "AUTO_APPROVED"


def test_phone_is_no_mark_when_its_check_in_is_deleted() -> None:
    world = World()
    others(world, Dimension.PHONE, "PHONE1", 50)
    claim = with_hospital(world)
    assert world.assess(claim.claim_no).outcome == "AUTO_APPROVED"
    assert world.marks.count(Dimension.PHONE, "PHONE1", china_day(world.at), 100) == 50


def test_phone_is_marked_when_it_checked_in_for_the_policy() -> None:
    world = with_phone(World())
    world.assess(with_hospital(world).claim_no)
    assert world.marks.count(Dimension.PHONE, "PHONE1", china_day(world.at), 100) == 1


def test_claims_of_long_ago_do_not_count() -> None:
    world = World()
    others(world, Dimension.PROJECT, world.policy.project_id, 50, PERIOD + timedelta(days=1))
    claim = with_hospital(world)
    world.assess(claim.claim_no)
    assert world.claims.get(claim.claim_no).signals == ()


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(15))
def test_claim_counts_once_when_its_assessment_is_cut_off_and_repeated(index: int, applied: bool) -> None:
    world = with_phone(World())
    claim = with_hospital(world)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        world.assess(claim.claim_no)
    except Crash:
        pass
    world.steps.calm()
    for _ in range(2):
        world.assess(claim.claim_no)
    (clinic,) = clinics_of([an_invoice_of(CLINIC)], NO_SHEET)
    since = china_day(world.at)
    for dimension, id_ in (
        (Dimension.COMPANY, "C1"),
        (Dimension.CLINIC, clinic),
        (Dimension.PHONE, "PHONE1"),
    ):
        assert world.marks.count(dimension, id_, since, 10) == 1


def test_clinic_that_a_supplement_names_is_counted() -> None:
    world = World()
    (clinic,) = clinics_of([an_invoice_of(CLINIC)], NO_SHEET)
    others(world, Dimension.CLINIC, clinic, LIMITS.frequent_clinic)
    claim = world.referred()
    world.review.request_supplement("S1", claim.claim_no, (DocumentType.INVOICE,), "请补充")
    world.send(claim, DocumentType.INVOICE, an_invoice(100, "B9", CLINIC), content=a_jpeg("later"))
    rules = {signal.rule for signal in world.claims.get(claim.claim_no).signals}
    assert "F17_FREQUENT_CLINIC" in rules
