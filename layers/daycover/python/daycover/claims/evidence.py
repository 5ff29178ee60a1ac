"""The documents (索赔材料) of a claim and the facts they prove."""

import base64
import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import BaseModel, Field

from daycover import crockford
from daycover.claims.adjudication import ExpenseLine, Loss
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.file_kind import FileKind
from daycover.errors import DaycoverError, ErrorKind

MAXIMUM_BYTES = 20 * 1024 * 1024
"""One photo or PDF."""
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


class UploadMissingError(DaycoverError):
    """The file has not been uploaded.

    What to do: Upload it, then confirm.
    含义:文件还没有上传。
    处理:先上传,再确认。
    """

    kind = ErrorKind.CONFLICT
    title = "尚未收到上传的文件", "The file has not arrived"
    detail = (
        "请先把文件上传到所给地址,再确认。",
        "Upload the file to the address you were given, then confirm it.",
    )


class UploadMismatchError(DaycoverError):
    """Size or SHA-256 differ from what was announced.

    What to do: Upload the file again.
    含义:上传的文件与声明的大小或 SHA-256 不符。
    处理:重新上传。
    """

    kind = ErrorKind.CONFLICT
    title = "上传的文件与登记的不一致", "The uploaded file is not the one announced"
    detail = "文件大小或 SHA-256 不一致,请重新上传。", "Size or SHA-256 differ. Upload the file again."


class ContentType(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


FILE_KIND: Mapping[ContentType, FileKind] = {
    ContentType.JPEG: FileKind.JPEG,
    ContentType.PNG: FileKind.PNG,
    ContentType.PDF: FileKind.PDF,
}
"""What the bytes must be when the claimant says what they are."""


class InvoiceLine(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """One line of an invoice, in fen. What an ambulance cost is no medical expense."""

    item: str = Field(min_length=1, max_length=100, repr=False)
    amount_fen: int = Field(gt=0, le=100_000_000)
    kind: Literal["MEDICAL", "AMBULANCE"] = "MEDICAL"


Hospital = Annotated[str | None, Field(min_length=2, max_length=100, repr=False)]
"""The hospital as it stands on the paper."""


class InvoiceFacts(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """What an INVOICE says."""

    invoice_no: str = Field(min_length=1, max_length=40)
    lines: tuple[InvoiceLine, ...] = Field(min_length=1, max_length=MOST_LINES)
    hospital: Hospital = None


class DayFacts(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """Days off work on a SICK_LEAVE_CERTIFICATE, days in hospital on an ADMISSION_RECORD."""

    days: int = Field(ge=1, le=366)
    hospital: Hospital = None


Facts = InvoiceFacts | DayFacts

FACTS: Mapping[DocumentType, type[InvoiceFacts] | type[DayFacts]] = {
    DocumentType.INVOICE: InvoiceFacts,
    DocumentType.SICK_LEAVE_CERTIFICATE: DayFacts,
    DocumentType.ADMISSION_RECORD: DayFacts,
}
"""Which documents carry facts; for these they are required, all others must have none."""


class Announcement(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A document that the claimant is about to upload. `sha256` in lower-case hex, `size` in bytes."""

    doc_type: DocumentType
    content_type: ContentType
    size: int = Field(ge=1, le=MAXIMUM_BYTES)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    facts: Annotated[Facts | None, Field(repr=False)] = None

    @property
    def checksum(self) -> str:
        """The SHA-256 in Base64, as S3 writes it."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()

    def check(self) -> None:
        """Raises DocumentFactsError unless the facts are those of the document type."""
        if type(self.facts) is not FACTS.get(self.doc_type, type(None)):
            raise DocumentFactsError(doc_type=self.doc_type.value)


class LineVerdict(BaseModel, frozen=True, defer_build=True, extra="forbid"):
    """What an adjuster accepts of one invoice line (counted from 0) in fen, and why not all of it.

    A drug outside the social-insurance list is cut by the excess over the comparable one only
    (Interpretation III art. 19): `OVER_SOCIAL_STANDARD`.
    """

    line: int = Field(ge=0, le=MOST_LINES - 1)
    accepted_fen: int = Field(ge=0)
    reason_code: str = Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")


class ClaimDocument(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One document. `duplicate_of` names the one whose invoice this repeats; then it counts for nothing.

    `same_file_as` names a document of another claim that is the very same file. `file_kind` is what the bytes
    were at the receipt; None when they were no picture and no PDF, or came before that was looked at.
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
    line_verdicts: Annotated[tuple[LineVerdict, ...], Field(repr=False)] = ()

    @property
    def object_key(self) -> str:
        return f"claims/{self.claim_no}/{self.document_id}"

    @property
    def is_readable(self) -> bool:
        """Whether the file is what it is said to be, or a person has found it so."""
        return (
            self.status is DocumentStatus.ACCEPTED or self.file_kind is FILE_KIND[self.announced.content_type]
        )

    @property
    def invoice_no(self) -> str | None:
        facts = self.announced.facts
        return plain_invoice_number(facts.invoice_no) if isinstance(facts, InvoiceFacts) else None


class Upload(BaseModel, frozen=True, defer_build=True):
    """Where and how to post the file (S3 presigned POST)."""

    url: str
    fields: dict[str, str] = Field(repr=False)


class UploadedFile(NamedTuple):
    """What lies in the vault: its size in bytes, its SHA-256 in lower-case hex, and what it is."""

    size: int
    sha256: str
    kind: FileKind | None


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

    def first_with_file(self, document: ClaimDocument) -> str:
        """Remember the file by its SHA-256; give `<claim_no>/<document_id>` of the first that had it."""
        ...

    def judge(self, document: ClaimDocument, before: DocumentStatus) -> None:
        """Store a verdict. Raises ConcurrentChangeError when the document no longer stands at `before`."""
        ...


class Vault(Protocol):
    """Where the files lie, encrypted."""

    def upload_form(self, document: ClaimDocument) -> Upload:
        """Make a form that can upload exactly this document, for 15 minutes."""
        ...

    def link(self, document: ClaimDocument) -> str:
        """Give an address under which the uploaded file can be read, for a minute."""
        ...

    def digest(self, document: ClaimDocument) -> UploadedFile | None:
        """Read the uploaded file once; None when there is none."""
        ...


def document_id(claim_no: str, announced: Announcement) -> str:
    """Give the document's id: the same file for the same purpose is one document of the claim."""
    facts = announced.facts.model_dump_json(exclude_none=True) if announced.facts else ""
    text = f"{claim_no}|{announced.doc_type}|{announced.sha256}|{facts}"
    return "D" + crockford.encode(int.from_bytes(hashlib.sha256(text.encode()).digest()[:15], "big"), 24)


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
        if found.get(doc_type) not in _PROVING:
            found[doc_type] = DocumentStatus.WAIVED
    return found


class HasWaivers(Protocol):
    @property
    def waived(self) -> tuple[DocumentType, ...]: ...


_WORTH = (
    DocumentStatus.REJECTED,
    DocumentStatus.REQUIRED,
    DocumentStatus.RECEIVED,
    DocumentStatus.WAIVED,
    DocumentStatus.ACCEPTED,
)
_PROVING = frozenset({DocumentStatus.RECEIVED, DocumentStatus.ACCEPTED})


def proven_loss(
    claim_types: tuple[ClaimType, ...],
    documents: Iterable[ClaimDocument],
    own: Collection[str] = (),
    paid_bills: Collection[str] = (),
) -> Loss:
    """Add up what the received documents prove. An invoice counts once, however often it was sent in.

    It counts again in another claim of the same person (`own` are the numbers of those), for several policies
    share a bill; never where another claim of the same policy was paid for it (`paid_bills`).
    """
    proving = counting(documents, own, paid_bills)
    lines = [pair for document in proving for pair in _invoice_lines(document)]
    return Loss(
        claim_types=claim_types,
        expenses=tuple(_expense(line, verdict) for line, verdict in lines if line.kind == "MEDICAL"),
        ambulance_cost_fen=sum(
            _expense(line, verdict).eligible_fen for line, verdict in lines if line.kind == "AMBULANCE"
        ),
        certified_days=_days(proving, DocumentType.SICK_LEAVE_CERTIFICATE),
        inpatient_days=_days(proving, DocumentType.ADMISSION_RECORD),
    )


def counting(
    documents: Iterable[ClaimDocument], own: Collection[str], paid_bills: Collection[str]
) -> list[ClaimDocument]:
    """Give the documents that prove something, as `proven_loss` says."""
    return [
        document
        for document in documents
        if document.status in _PROVING
        and document.invoice_no not in paid_bills
        and (document.duplicate_of is None or document.duplicate_of.partition("/")[0] in own)
    ]


def accepted_by_bill(documents: Iterable[ClaimDocument]) -> dict[str, int]:
    """Give what is accepted of each bill, in fen, by `<benefit>:<invoice number>`."""
    accepted: dict[str, int] = {}
    for document in documents:
        for line, verdict in _invoice_lines(document):
            bill = f"{line.kind}:{document.invoice_no}"
            accepted[bill] = accepted.get(bill, 0) + _expense(line, verdict).eligible_fen
    return accepted


def open_questions(documents: Iterable[ClaimDocument]) -> tuple[str, ...]:
    """Give what a person must settle before the documents can be added up: reason codes."""
    proving = [d for d in documents if d.status in _PROVING and d.duplicate_of is None]
    questions = []
    for doc_type in (DocumentType.SICK_LEAVE_CERTIFICATE, DocumentType.ADMISSION_RECORD):
        if sum(d.announced.doc_type is doc_type for d in proving) > 1:
            questions.append(f"SEVERAL_{doc_type.value}S")  # consecutive or overlapping? only reading tells
    if any(d.announced.doc_type is DocumentType.SPLIT_SHEET for d in proving):
        questions.append("OTHER_PAYER")
    return tuple(questions)


def _invoice_lines(document: ClaimDocument) -> list[tuple[InvoiceLine, LineVerdict | None]]:
    facts = document.announced.facts
    verdicts = {verdict.line: verdict for verdict in document.line_verdicts}
    lines = facts.lines if isinstance(facts, InvoiceFacts) else ()
    return [(line, verdicts.get(place)) for place, line in enumerate(lines)]


def _expense(line: InvoiceLine, verdict: LineVerdict | None) -> ExpenseLine:
    if verdict is None:
        return ExpenseLine(item=line.item, amount_fen=line.amount_fen)
    return ExpenseLine(
        item=line.item,
        amount_fen=line.amount_fen,
        accepted_fen=verdict.accepted_fen,
        reason_code=verdict.reason_code,
    )


def _days(documents: Iterable[ClaimDocument], doc_type: DocumentType) -> int:
    """The longest certificate of the type; several of them are a question for a person anyway."""
    return max(
        (
            document.announced.facts.days
            for document in documents
            if document.announced.doc_type is doc_type and isinstance(document.announced.facts, DayFacts)
        ),
        default=0,
    )
