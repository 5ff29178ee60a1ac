"""A referral carries the papers that its own reason asks for, until somebody has decided."""

import pytest

from daycover.cover.application import ApplicationDocumentType
from daycover.cover.referral import (
    MOST_DOCUMENTS,
    Referral,
    ReferralClosedError,
    ReferralDocumentNotFoundError,
    ReferralDocumentsFullError,
    ReferralNotFoundError,
)
from daycover.cover.referral_documents import AddReferralDocument, OpenReferralDocument
from daycover.file_kind import FileKind
from daycover.upload import ContentType, FilePage, PhotoFormatError, UploadMismatchError, UploadMissingError
from tests.support.bills import a_heic
from tests.support.builders import a_page
from tests.support.papers import a_jpeg
from tests.unit.cover.referral_desk import Desk

CERTIFICATE = ApplicationDocumentType.OPERATION_CERTIFICATE
PHOTO = a_jpeg("特种作业操作证")


class Papers(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.add = AddReferralDocument(now=self.world.now, referrals=self.referrals, vault=self.world.vault)
        self.open = OpenReferralDocument(referrals=self.referrals, vault=self.world.vault)

    def sent(self, referral: Referral, *contents: bytes) -> str:
        """Announce, upload and confirm; give the document's id."""
        announced = self.add.announce(self.worker, referral.referral_id, CERTIFICATE, pages(*contents))
        for upload, content in zip(announced.uploads, contents, strict=True):
            self.world.vault.upload(upload, content)
        self.add.receive(self.worker, referral.referral_id, announced.document.document_id)
        return announced.document.document_id


def pages(*contents: bytes) -> list[FilePage]:
    return [a_page(content, ContentType.OTHER) for content in contents]


@pytest.fixture
def papers() -> Papers:
    return Papers()


def test_staff_read_both_sides_when_a_paper_has_arrived(papers: Papers) -> None:
    referral = papers.ask()
    number = papers.sent(referral, PHOTO, PHOTO + b"x")
    (document,) = papers.referrals.get(referral.referral_id).documents
    assert (document.doc_type, document.kinds[0]) == (CERTIFICATE, FileKind.JPEG)
    assert papers.open(referral.referral_id, number, 1).endswith(f"{referral.referral_id}/{number}/1")
    for page in (2, 9):
        with pytest.raises(ReferralDocumentNotFoundError):
            papers.open(referral.referral_id, number, page)
    assert papers.sent(referral, PHOTO, PHOTO + b"x") == number, "the same files are the same paper"
    assert len(papers.referrals.get(referral.referral_id).documents) == 1


def test_paper_is_not_opened_or_counted_before_its_bytes_are_those_announced(papers: Papers) -> None:
    referral = papers.ask()
    announced = papers.add.announce(papers.worker, referral.referral_id, CERTIFICATE, pages(PHOTO))
    number = announced.document.document_id
    with pytest.raises(ReferralDocumentNotFoundError):
        papers.open(referral.referral_id, number, 0)
    with pytest.raises(UploadMissingError):
        papers.add.receive(papers.worker, referral.referral_id, number)
    papers.world.vault.upload(announced.uploads[0], PHOTO[:-1] + b"!")
    with pytest.raises(UploadMismatchError):
        papers.add.receive(papers.worker, referral.referral_id, number)
    with pytest.raises(PhotoFormatError):
        papers.sent(referral, a_heic())
    assert all(d.received_at is None for d in papers.referrals.get(referral.referral_id).documents)


def test_nobody_else_adds_a_paper(papers: Papers) -> None:
    referral = papers.ask()
    stranger = papers.world.worker("o-2")
    with pytest.raises(ReferralNotFoundError):
        papers.add.announce(stranger, referral.referral_id, CERTIFICATE, pages(PHOTO))
    number = papers.sent(referral, PHOTO)
    with pytest.raises(ReferralNotFoundError):
        papers.add.receive(stranger, referral.referral_id, number)


def test_no_paper_is_taken_when_the_referral_is_over_or_full(papers: Papers) -> None:
    referral = papers.confirmed()
    for number in range(MOST_DOCUMENTS):
        papers.sent(referral, PHOTO + bytes([number]))
    with pytest.raises(ReferralDocumentsFullError):
        papers.sent(referral, PHOTO)
    papers.decide("s-1", referral.referral_id, False, "CERTIFICATE_MISSING")
    with pytest.raises(ReferralClosedError):
        papers.sent(referral, PHOTO + bytes([0]))
    late = Papers()
    asked = late.ask()
    late.world.now.advance(minutes=31)
    with pytest.raises(ReferralClosedError):
        late.sent(asked, PHOTO)


def test_papers_travel_with_the_application_that_is_issued(papers: Papers) -> None:
    referral = papers.confirmed()
    papers.sent(referral, PHOTO)
    decided, issued = papers.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    assert issued is not None
    assert [document.doc_type for document in decided.documents] == [CERTIFICATE]


def test_files_go_with_the_referral_when_its_worker_is_erased(papers: Papers) -> None:
    referral = papers.ask()
    papers.sent(referral, PHOTO)
    (paper,) = papers.referrals.get(referral.referral_id).documents
    assert papers.world.vault.read(paper) == PHOTO
    papers.world.erase.request(papers.worker)
    papers.world.now.advance(days=1)
    papers.world.erase.run_due()
    assert papers.world.vault.read(paper) is None
    with pytest.raises(ReferralNotFoundError):
        papers.referrals.get(referral.referral_id)
