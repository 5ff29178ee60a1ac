"""Documents: announced, uploaded, counted in; the last required one ends the wait, whoever comes first."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from daycover.china_time import china_day
from daycover.claims.claim import Actor, ClaimNotFoundError
from daycover.claims.collect import DocumentAcceptedError, PapersMissingError
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import (
    Announcement,
    DayFacts,
    DocumentFactsError,
    DocumentNotFoundError,
    plain_invoice_number,
)
from daycover.claims.lifecycle import ClaimStatus, ClaimStepClosedError
from daycover.claims.steps import WaitStep
from daycover.file_kind import FileKind
from daycover.upload import (
    MAXIMUM_BYTES,
    ContentType,
    PhotoFormatError,
    UploadMismatchError,
    UploadMissingError,
)
from tests.support.builders import WORKER, a_page
from tests.support.claims import (
    ACCIDENT_AT,
    SCAN,
    a_checked_bill,
    an_announcement,
    an_invoice,
    insured,
    receipt_facts,
)
from tests.support.fakes.port import Crash
from tests.support.papers import a_jpeg, a_pdf, a_png
from tests.unit.claims.world import World


def test_wait_ends_when_the_last_required_document_arrives() -> None:
    world = World()
    claim = world.reported()
    world.open_step(claim.claim_no, WaitStep.DOCUMENTS)
    assert world.workflows.answers == {}
    claim = world.documented()
    assert claim.status is ClaimStatus.IN_REVIEW
    assert claim.round.documents_complete_at == world.at
    assert world.workflows.answers == {"token-documents": {"outcome": "DONE"}}


def test_wait_ends_at_once_when_the_documents_came_before_the_step() -> None:
    world = World()
    claim = world.documented()
    world.open_step(claim.claim_no, WaitStep.DOCUMENTS)
    assert "token-documents" in world.workflows.answers


def test_wait_ends_at_once_when_the_documents_came_before_the_checklist() -> None:
    world = World()
    claim = world.reported()
    early = claim.model_copy(update={"status": ClaimStatus.REGISTERED})
    world.claims._claims[claim.claim_no] = early  # the workflow is late
    world.send(claim, DocumentType.MEDICAL_RECORD)
    world.send(claim, DocumentType.DIAGNOSIS)
    world.send(claim, DocumentType.INVOICE, an_invoice())
    world.send(claim, DocumentType.EXPENSE_LIST)
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    world.follow.register(claim.claim_no)
    world.open_step(claim.claim_no, WaitStep.DOCUMENTS)
    assert world.workflows.answers == {}, "nobody has said that this is all"
    world.all_sent(claim)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW
    assert "token-documents" in world.workflows.answers


def test_missing_documents_are_named_when_one_arrives() -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    world.vault.upload(announced.uploads[0], SCAN)
    received = world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert received.document.status is DocumentStatus.RECEIVED
    assert set(received.missing) == {
        DocumentType.MEDICAL_RECORD,
        DocumentType.INVOICE,
        DocumentType.EXPENSE_LIST,
        DocumentType.ADMISSION_RECORD,
    }


def test_document_is_one_when_announced_twice() -> None:
    world = World()
    claim = world.reported()
    first = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    again = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    assert first.document.document_id == again.document.document_id
    assert len(world.documents.list_of(claim.claim_no)) == 1


def test_receipt_is_refused_when_nothing_was_uploaded() -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    with pytest.raises(UploadMissingError):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)


@pytest.mark.parametrize("content", [a_jpeg("scam"), a_jpeg("longer scan")])
def test_receipt_is_refused_when_the_upload_is_another_file(content: bytes) -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    world.vault.upload(announced.uploads[0], content)
    with pytest.raises(UploadMismatchError):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert world.documents.list_of(claim.claim_no)[0].status is DocumentStatus.REQUIRED


@pytest.mark.parametrize(
    ("content", "kind", "readable"),
    [
        (SCAN, FileKind.JPEG, True),
        (a_png("scan"), FileKind.PNG, True),  # every one is announced as a JPEG: the bytes tell
        (a_pdf("scan"), FileKind.PDF, True),
        (b"scan", None, False),
        (SCAN[:-2], None, False),
    ],
)
def test_document_is_received_and_says_what_its_file_is_when_it_is_anything(
    content: bytes, kind: FileKind | None, readable: bool
) -> None:
    world = World()
    claim = world.reported()
    document = world.send(claim, DocumentType.DIAGNOSIS, content=content)
    assert document.status is DocumentStatus.RECEIVED
    assert (document.file_kind, document.is_readable) == (kind, readable)
    assert world.documents.list_of(claim.claim_no) == [document]


def test_document_is_refused_when_the_claim_is_another_person_s() -> None:
    world = World(workers=(insured(), insured(worker_id="W2").model_copy(update={"person_id": "P2"})))
    claim = world.reported()
    with pytest.raises(ClaimNotFoundError):
        world.collect.announce(Actor.worker("W2"), claim.claim_no, an_announcement())


def test_document_is_refused_when_the_claim_is_closed() -> None:
    world = World()
    claim = world.agreed()
    with pytest.raises(ClaimStepClosedError):
        world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())


def test_receipt_is_refused_when_the_document_is_unknown() -> None:
    world = World()
    with pytest.raises(DocumentNotFoundError):
        world.collect.receive(Actor.worker(WORKER), world.reported().claim_no, "D" + "0" * 24)


@pytest.mark.parametrize(
    ("doc_type", "facts"),
    [
        (DocumentType.ADMISSION_RECORD, None),
        (DocumentType.INVOICE, DayFacts(days=3)),
        (DocumentType.SICK_LEAVE_CERTIFICATE, None),
        (DocumentType.DIAGNOSIS, DayFacts(days=3)),
    ],
)
def test_document_is_refused_when_its_facts_belong_to_another_type(
    doc_type: DocumentType, facts: DayFacts | None
) -> None:
    with pytest.raises(DocumentFactsError):
        an_announcement(doc_type, facts).check()


@pytest.mark.parametrize("size", [0, MAXIMUM_BYTES + 1])
def test_document_is_refused_when_its_size_is_out_of_bounds(size: int) -> None:
    with pytest.raises(ValidationError):
        Announcement(
            doc_type=DocumentType.DIAGNOSIS, content_type=ContentType.PDF, size=size, sha256="0" * 64
        )


@pytest.mark.parametrize("number", ["ab-12 34", "AB1234", "ＡＢ１２３４", "ab_12/34"])
def test_invoice_number_is_the_same_when_written_differently(number: str) -> None:
    assert plain_invoice_number(number) == "AB1234"


def test_invoice_counts_once_when_the_claim_holds_it_twice() -> None:
    world = World()
    claim = world.documented()
    world.send_bill(claim, receipt_facts(), 14, a_jpeg("second photo"))
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000)
    sheet = world.sheets.find(claim.claim_no, 1)
    assert [bill.billed_fen for bill in sheet.bills] == [320_000]
    assert sheet.inpatient_days == 14


def test_other_claim_is_named_when_its_invoice_comes_again() -> None:
    world = World()
    first = world.documented()
    second = world.documented(occurred_at=ACCIDENT_AT + timedelta(minutes=5))
    duplicates = [d.duplicate_of for d in world.documents.list_of(second.claim_no) if d.duplicate_of]
    assert [holder.partition("/")[0] for holder in duplicates] == [first.claim_no]


def test_day_counts_once_when_two_certificates_overlap() -> None:
    world = World()
    claim = world.referred(days=5)
    day = china_day(ACCIDENT_AT)
    for first, days in ((day, 10), (day + timedelta(days=7), 7), (day + timedelta(days=20), 2)):
        facts = DayFacts(days=days, first_day=first)
        scan = a_jpeg(f"certificate of {first}")
        world.send(claim, DocumentType.SICK_LEAVE_CERTIFICATE, facts, content=scan)
    world.accept(claim, DocumentType.SICK_LEAVE_CERTIFICATE)
    sheet = world.sheets.versions(claim.claim_no)[-1]
    assert sheet.certified_days == 14 + 2, "days in hospital lie within"


def heic(brand: bytes = b"heic") -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1" + brand + bytes(2000)


def test_photo_is_refused_with_what_to_set_when_it_is_heic_named_as_a_jpeg() -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(
        Actor.worker(WORKER), claim.claim_no, an_announcement(DocumentType.DIAGNOSIS, content=heic())
    )
    world.vault.upload(announced.uploads[0], heic())
    with pytest.raises(PhotoFormatError):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert world.documents.list_of(claim.claim_no)[0].status is DocumentStatus.REQUIRED


def test_document_is_received_when_all_its_pages_have_arrived() -> None:
    world = World()
    claim = world.reported()
    second = a_png("page 2")
    pages = (a_page(second, ContentType.OTHER),)
    announcement = an_announcement(DocumentType.MEDICAL_RECORD).model_copy(update={"further_pages": pages})
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, announcement)
    document_id = announced.document.document_id
    world.vault.upload(announced.uploads[0], SCAN)
    with pytest.raises(UploadMissingError):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, document_id)
    world.vault.upload(announced.uploads[1], second)
    received = world.collect.receive(Actor.worker(WORKER), claim.claim_no, document_id).document
    assert (received.file_kind, received.further_kinds) == (FileKind.JPEG, (FileKind.PNG,))
    assert received.is_readable


def test_document_takes_the_place_of_another_when_it_replaces_it() -> None:
    world = World()
    claim = world.reported()
    blurred = world.send_bill(claim, receipt_facts(300_000, "A0"))
    receipt = receipt_facts()
    world.platform.put(a_checked_bill(receipt, 14))
    better = an_announcement(DocumentType.INVOICE, receipt, a_jpeg("better")).model_copy(
        update={"replaces": blurred.document_id}
    )
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, better)
    world.vault.upload(announced.uploads[0], a_jpeg("better"))
    for _ in range(2):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    status = {d.document_id: d.status for d in world.documents.list_of(claim.claim_no)}
    assert status == {
        blurred.document_id: DocumentStatus.REPLACED,
        announced.document.document_id: DocumentStatus.RECEIVED,
    }
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
        world.send(claim, doc_type)
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    world.all_sent(claim)
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 358_000), "the replaced one counts for nothing"


def test_accepted_document_is_not_replaced() -> None:
    world = World()
    claim = world.reported()
    good = world.send(claim, DocumentType.DIAGNOSIS)
    world.accept(claim)
    better = an_announcement(DocumentType.DIAGNOSIS, content=a_jpeg("better")).model_copy(
        update={"replaces": good.document_id}
    )
    with pytest.raises(DocumentAcceptedError):
        world.collect.announce(Actor.worker(WORKER), claim.claim_no, better)


def test_review_begins_with_the_claimant_s_word_and_not_before() -> None:
    world = World()
    claim = world.reported(claim_types=(ClaimType.MEDICAL,))
    world.send(claim, DocumentType.MEDICAL_RECORD)
    with pytest.raises(PapersMissingError) as missing:
        world.all_sent(claim)
    assert missing.value.facts["missing"] == "DIAGNOSIS, INVOICE, EXPENSE_LIST"
    world.send(claim, DocumentType.DIAGNOSIS)
    world.send(claim, DocumentType.EXPENSE_LIST)
    world.send_bill(claim, receipt_facts(100_000))
    world.send_bill(claim, receipt_facts(60_000, "A2"), content=a_jpeg("second bill"))
    assert world.claims.get(claim.claim_no).status is ClaimStatus.AWAITING_DOCS
    for _ in range(2):
        assert world.all_sent(claim).status is ClaimStatus.IN_REVIEW
    assert world.assess(claim.claim_no) == ("AUTO_APPROVED", 120_000)
    # whoever had no answer says it again, and the machine was quicker
    assert world.all_sent(claim).status is ClaimStatus.ACKNOWLEDGED


@pytest.mark.parametrize(("silent", "status"), [(2, "AWAITING_DOCS"), (3, "IN_REVIEW")])
def test_silence_says_that_these_are_all_when_it_has_lasted(silent: int, status: str) -> None:
    world = World()
    claim = world.reported(claim_types=(ClaimType.AMBULANCE,))
    world.follow.remind(claim.claim_no, WaitStep.DOCUMENTS)
    world.send_bill(claim, receipt_facts(60_000))
    world.at += timedelta(days=silent)
    world.follow.remind(claim.claim_no, WaitStep.DOCUMENTS)
    assert world.claims.get(claim.claim_no).status == status


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(16))
def test_repetition_heals_when_the_last_receipt_is_cut_off(index: int, applied: bool) -> None:
    world = World()
    claim = world.reported()
    world.open_step(claim.claim_no, WaitStep.DOCUMENTS)
    world.send(claim, DocumentType.MEDICAL_RECORD)
    world.send(claim, DocumentType.DIAGNOSIS)
    world.send(claim, DocumentType.INVOICE, an_invoice())
    world.send(claim, DocumentType.EXPENSE_LIST)
    last = an_announcement(DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, last)
    world.vault.upload(announced.uploads[0], SCAN)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
        world.all_sent(claim)
    except Crash:
        pass
    world.steps.calm()
    received = world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert received.missing == ()
    world.all_sent(claim)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW
    assert world.workflows.answers == {"token-documents": {"outcome": "DONE"}}
