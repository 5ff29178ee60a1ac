"""Documents: announced, uploaded, counted in; the last required one ends the wait, whoever comes first."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from daycover.claims.claim import Actor, ClaimNotFoundError
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import (
    MAXIMUM_BYTES,
    Announcement,
    ContentType,
    DayFacts,
    DocumentFactsError,
    DocumentNotFoundError,
    UploadMismatchError,
    UploadMissingError,
    open_questions,
    plain_invoice_number,
    proven_loss,
)
from daycover.claims.file_kind import FileKind
from daycover.claims.lifecycle import ClaimStatus, ClaimStepClosedError
from daycover.claims.steps import WaitStep
from tests.support.builders import WORKER
from tests.support.claims import ACCIDENT_AT, SCAN, TOE, an_announcement, an_invoice, insured
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
    world.send(claim, DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=14))
    world.follow.register(claim.claim_no)
    world.open_step(claim.claim_no, WaitStep.DOCUMENTS)
    assert world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW
    assert "token-documents" in world.workflows.answers


def test_missing_documents_are_named_when_one_arrives() -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    world.vault.upload(announced.upload, SCAN)
    received = world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert received.document.status is DocumentStatus.RECEIVED
    assert set(received.missing) == {
        DocumentType.MEDICAL_RECORD,
        DocumentType.INVOICE,
        DocumentType.EXPENSE_LIST,
        DocumentType.SICK_LEAVE_CERTIFICATE,
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
    world.vault.upload(announced.upload, content)
    with pytest.raises(UploadMismatchError):
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert world.documents.list_of(claim.claim_no)[0].status is DocumentStatus.REQUIRED


@pytest.mark.parametrize(
    ("content", "kind", "readable"),
    [
        (SCAN, FileKind.JPEG, True),
        (a_png("scan"), FileKind.PNG, False),  # every one is announced as a JPEG
        (a_pdf("scan"), FileKind.PDF, False),
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
        (DocumentType.INVOICE, None),
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
    world.send(claim, DocumentType.INVOICE, an_invoice(999_999, "a-1"), content=a_jpeg("second photo"))
    documents = world.documents.list_of(claim.claim_no)
    assert sum(line.amount_fen for line in proven_loss(TOE, documents).expenses) == 320_000


def test_other_claim_is_named_when_its_invoice_comes_again() -> None:
    world = World()
    first = world.documented()
    second = world.documented(occurred_at=ACCIDENT_AT + timedelta(minutes=5))
    duplicates = [d.duplicate_of for d in world.documents.list_of(second.claim_no) if d.duplicate_of]
    assert [holder.partition("/")[0] for holder in duplicates] == [first.claim_no]


def test_person_is_asked_when_two_certificates_may_overlap() -> None:
    world = World()
    claim = world.documented()
    world.send(claim, DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=7), content=a_jpeg("second"))
    documents = world.documents.list_of(claim.claim_no)
    assert open_questions(documents) == ("SEVERAL_SICK_LEAVE_CERTIFICATES",)
    assert proven_loss(TOE, documents).certified_days == 14


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(9))
def test_repetition_heals_when_the_last_receipt_is_cut_off(index: int, applied: bool) -> None:
    world = World()
    claim = world.reported()
    world.open_step(claim.claim_no, WaitStep.DOCUMENTS)
    world.send(claim, DocumentType.MEDICAL_RECORD)
    world.send(claim, DocumentType.DIAGNOSIS)
    world.send(claim, DocumentType.INVOICE, an_invoice())
    world.send(claim, DocumentType.EXPENSE_LIST)
    last = an_announcement(DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=14))
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, last)
    world.vault.upload(announced.upload, SCAN)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    try:
        world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    except Crash:
        pass
    world.steps.calm()
    received = world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    assert received.missing == ()
    assert world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW
    assert world.workflows.answers == {"token-documents": {"outcome": "DONE"}}
