"""The documents (索赔材料) of a claim: what is announced, what arrived, and what its bills are."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator

from daycover import crockford
from daycover.claims.bill import BillElements, BillFamily, BillFault, BillKind, CheckedBill
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.errors import DaycoverError, ErrorKind
from daycover.file_kind import FileKind
from daycover.text import TextFaultError, plain_digits, printable
from daycover.upload import PICTURES, FilePage

MOST_LINES = 200
"""Of one invoice."""


class DocumentNotFoundError(DaycoverError):
    """The claim has no such document.

    What to do: Use the `document_id` that was returned.
    含义:该赔案没有这份材料。
    处理:使用上传时返回的 `document_id`。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该材料", "No such document"


class DocumentFactsError(DaycoverError):
    """The document lacks the facts of its type.

    What to do: Send `facts` as [api.md](api.md) shows.
    含义:材料缺少所需的事实,或事实与类型不符。
    处理:按 [api.md](api.md) 发送 `facts`。
    """

    kind = ErrorKind.INVALID
    title = "材料内容与材料类型不符", "The facts do not fit the document type"
    detail = "请按材料类型 {doc_type} 填写 facts。", "Send the facts that {doc_type} carries."


BILL_FILES = PICTURES | {FileKind.OFD, FileKind.XML}
"""What a bill may be."""
MOST_PAGES = 20


class InvoiceLine(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One line of a bill as its claimant reads it, in fen. What an ambulance cost is no medical expense."""

    item: Annotated[str, AfterValidator(printable), Field(min_length=1, max_length=100, repr=False)]
    amount_fen: int = Field(gt=0, le=100_000_000)
    kind: BillKind = BillKind.MEDICAL


Hospital = Annotated[str, AfterValidator(printable), Field(min_length=2, max_length=100)]
"""The hospital as it stands on the paper."""


class InvoiceFacts(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """What an INVOICE says, as its claimant reads it: a draft for the adjuster.

    With code, check code and date of issue the platform can be asked, also for a photo that no machine reads.
    """

    invoice_no: Annotated[str, AfterValidator(printable), Field(min_length=1, max_length=40)]
    lines: tuple[InvoiceLine, ...] = Field(min_length=1, max_length=MOST_LINES)
    hospital: Hospital | None = Field(default=None, repr=False)
    code: Annotated[str | None, BeforeValidator(plain_digits)] = Field(default=None, pattern=r"^[0-9]{8,12}$")
    check_code: Annotated[str | None, BeforeValidator(plain_digits)] = Field(
        default=None, pattern=r"^[0-9A-Za-z]{4,20}$", repr=False
    )
    issued_on: date | None = None
    treated_on: date | None = None

    @field_validator("invoice_no")
    @classmethod
    def _has_a_number(cls, number: str) -> str:
        plain = plain_invoice_number(number)
        if not plain or any(unicodedata.category(sign) == "Nd" and not sign.isascii() for sign in plain):
            raise TextFaultError("票据号码应为数字和字母", "an invoice number has digits or letters")
        return number

    @property
    def bill_no(self) -> str:
        return plain_invoice_number((self.code or "") + self.invoice_no)

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)

    @property
    def elements(self) -> BillElements | None:
        """What its platform can be asked by; None where too little is stated.

        A medical fee receipt has a code of 8 digits and a number of 10; a digital invoice a number of 20, older
        ones a code of 10 or 12 and a number of 8.
        """
        number = plain_invoice_number(self.invoice_no)
        shape = (len(self.code or ""), len(number))
        families = {
            (8, 10): BillFamily.FISCAL,
            (0, 20): BillFamily.TAX,
            (10, 8): BillFamily.TAX,
            (12, 8): BillFamily.TAX,
        }
        family = families.get(shape)
        if family is None or self.issued_on is None or not number.isascii():
            return None
        return BillElements(
            family=family,
            code=self.code or "",
            number=number,
            check_code=self.check_code or "",
            total_fen=self.total_fen,
            issued_on=self.issued_on,
        )


class DayFacts(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """Days off work on a SICK_LEAVE_CERTIFICATE, days in hospital on an ADMISSION_RECORD, from `first_day` on
    (from the accident where nothing is stated)."""

    days: int = Field(ge=1, le=366)
    first_day: date | None = None
    hospital: Hospital | None = Field(default=None, repr=False)


Facts = InvoiceFacts | DayFacts

FACTS: Mapping[DocumentType, type[InvoiceFacts] | type[DayFacts]] = {
    DocumentType.INVOICE: InvoiceFacts,
    DocumentType.SICK_LEAVE_CERTIFICATE: DayFacts,
    DocumentType.ADMISSION_RECORD: DayFacts,
}
"""Which documents carry facts; all others must have none."""
MAY_LACK_FACTS = frozenset({DocumentType.INVOICE})
"""A bill's file says what it is."""


def facts_fit(doc_type: DocumentType, facts: Facts | None) -> bool:
    """Whether the facts are those of the document type."""
    if facts is None:
        return doc_type not in FACTS or doc_type in MAY_LACK_FACTS
    return type(facts) is FACTS.get(doc_type)


class Announcement(FilePage, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A document that the claimant is about to upload: its first page, and `further_pages` in their order.

    `replaces` names the document of the same type whose place it takes.
    """

    doc_type: DocumentType
    facts: Annotated[Facts | None, Field(repr=False)] = None
    further_pages: tuple[FilePage, ...] = Field(default=(), max_length=MOST_PAGES - 1)
    replaces: str | None = Field(default=None, max_length=40)

    @property
    def pages(self) -> tuple[FilePage, ...]:
        return (self, *self.further_pages)

    def check(self) -> None:
        """Raises DocumentFactsError unless the facts are those of the document type."""
        if not facts_fit(self.doc_type, self.facts):
            raise DocumentFactsError(doc_type=self.doc_type.value)


class ClaimDocument(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One document. `duplicate_of` names the one whose invoice this repeats, as `<claim_no>/<document_id>`.

    `same_file_as` names a document of another claim that has the very same file. `file_kind` is what the bytes
    of the first page were at the receipt, `further_kinds` those of the others; None for what nobody can read.
    `checks` is what the platforms said of the bills in it, once they were asked (`checked_at`).
    """

    document_id: str
    claim_no: str
    announced: Announcement
    status: DocumentStatus = DocumentStatus.REQUIRED
    announced_at: datetime
    announced_by: str
    received_at: datetime | None = None
    duplicate_of: str | None = None
    same_file_as: str | None = None
    file_kind: FileKind | None = None
    further_kinds: tuple[FileKind | None, ...] = ()
    checked_at: datetime | None = None
    checks: Annotated[tuple[CheckedBill, ...], Field(repr=False)] = ()
    own_bills: tuple[str, ...] = ()
    """The numbers of the genuine ones whose patient is the insured."""
    faults: tuple[BillFault, ...] = ()
    verdict_code: str | None = None
    """Why an adjuster accepted or rejected it, as a code; its claimant reads why one was rejected."""
    verdict_reason: Annotated[str | None, Field(repr=False)] = None
    """The same in the adjuster's words. They may speak of health."""

    @property
    def reference(self) -> str:
        return f"{self.claim_no}/{self.document_id}"

    def object_key(self, page: int = 0) -> str:
        """`page` counts from 0."""
        return f"claims/{self.claim_no}/{self.document_id}" + (f"/{page}" if page else "")

    @property
    def pages(self) -> tuple[FilePage, ...]:
        return self.announced.pages

    @property
    def kinds(self) -> tuple[FileKind | None, ...]:
        """What each page's bytes are, as far as they were received."""
        return (self.file_kind, *self.further_kinds)

    @property
    def is_readable(self) -> bool:
        """Whether every page is something that can be read, or a person has found it so."""
        readable = BILL_FILES if self.announced.doc_type is DocumentType.INVOICE else PICTURES
        return self.status is DocumentStatus.ACCEPTED or readable.issuperset(self.kinds)

    @property
    def invoice_no(self) -> str | None:
        facts = self.announced.facts
        return facts.bill_no if isinstance(facts, InvoiceFacts) else None

    @property
    def proves(self) -> bool:
        """Whether it was received and not rejected, nor replaced."""
        return self.status in PROVING


class Documents(Protocol):
    """The documents of the claims: what is known of them, and what was uploaded."""

    def get(self, claim_no: str, document_id: str) -> ClaimDocument:
        """Raises DocumentNotFoundError."""
        ...

    def list_of(self, claim_no: str) -> list[ClaimDocument]:
        """Strongly consistent: whoever received the last one sees all."""
        ...

    def announce(self, document: ClaimDocument) -> None:
        """Store a new document; one that stands stays as it is."""
        ...

    def receive(self, document: ClaimDocument) -> str | None:
        """Store the receipt and take the invoice number, unless it is taken.

        Gives `<claim_no>/<document_id>` of the document that holds the same invoice, or None.
        """
        ...

    def first_with_file(self, document: ClaimDocument, page: int = 0) -> str:
        """Remember a page by its SHA-256; give `<claim_no>/<document_id>` of the first that had it."""
        ...

    def first_with_bill(self, bill_no: str, holder: str) -> str:
        """Remember a bill by its number for `<claim_no>/<document_id>`; give the first that had it."""
        ...

    def judge(self, document: ClaimDocument, before: DocumentStatus) -> None:
        """Store a verdict or a check. Raises ConcurrentChangeError when the document no longer stands at `before`."""
        ...


def document_id(claim_no: str, announced: Announcement) -> str:
    """Give the document's id: the same files for the same purpose are one document of the claim."""
    facts = (
        announced.facts.model_dump_json(exclude_none=True, exclude_defaults=True) if announced.facts else ""
    )
    text = f"{claim_no}|{announced.doc_type}|{'|'.join(page.sha256 for page in announced.pages)}|{facts}"
    return "D" + crockford.of_digest(hashlib.sha256(text.encode()).digest(), 24)


def plain_invoice_number(number: str) -> str:
    """Full-width forms, case, blanks and hyphens do not make another invoice."""
    folded = unicodedata.normalize("NFKC", number).upper()
    return "".join(character for character in folded if character.isalnum())


def statuses(documents: Iterable[ClaimDocument]) -> dict[DocumentType, DocumentStatus]:
    """Give the best status of each document type: one good copy is enough."""
    best: dict[DocumentType, DocumentStatus] = {}
    for document in documents:
        known = best.get(document.announced.doc_type)
        if known is None or _WORTH.index(document.status) > _WORTH.index(known):
            best[document.announced.doc_type] = document.status
    return best


def statuses_of(
    claim: "HasWaivers", documents: Iterable[ClaimDocument]
) -> dict[DocumentType, DocumentStatus]:
    """Give the best status of each type for a claim: what staff waived needs no document."""
    found = statuses(documents)
    for doc_type in claim.waived:
        if found.get(doc_type) not in PROVING:
            found[doc_type] = DocumentStatus.WAIVED
    return found


class HasWaivers(Protocol):
    @property
    def waived(self) -> tuple[DocumentType, ...]: ...


_WORTH = (
    DocumentStatus.REPLACED,
    DocumentStatus.REJECTED,
    DocumentStatus.REQUIRED,
    DocumentStatus.RECEIVED,
    DocumentStatus.WAIVED,
    DocumentStatus.ACCEPTED,
)
PROVING = frozenset({DocumentStatus.RECEIVED, DocumentStatus.ACCEPTED})
