"""Documents of claims: what is known of them in the operations table, the files in S3."""

import hashlib
import json
from typing import Any

from daycover.claims.documents import DocumentStatus
from daycover.claims.evidence import Announcement, ClaimDocument, DocumentNotFoundError
from daycover.errors import ConcurrentChangeError
from daycover.file_kind import FileKind, file_kind
from daycover.store import keys
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.dynamodb import ConditionFailedError, Item, Put, Table, Write
from daycover.upload import MAXIMUM_BYTES, ContentType, Filed, Upload, UploadedFile
from daycover.wire import Cipher

SCHEMA_VERSION = 1
_SHOWN_AS = {
    FileKind.JPEG: ContentType.JPEG,
    FileKind.PNG: ContentType.PNG,
    FileKind.PDF: ContentType.PDF,
    FileKind.OFD: ContentType.OFD,
    FileKind.XML: ContentType.OTHER,  # a browser would run what an XML asks for
    FileKind.HEIC: ContentType.OTHER,
}
UPLOAD_SECONDS = 900
LINK_SECONDS = 60
"""Long enough to open it; a link that is passed on is dead by then."""
_CHUNK = 1024 * 1024


class StoredDocuments:
    """Implements `claims.evidence.Documents`. Facts (bills, days off) stand sealed, bound to the claim."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def get(self, claim_no: str, document_id: str) -> ClaimDocument:
        """Access: GetItem (CLAIM#no, DOCUMENT#id), strong. Cost: 1 read unit."""
        item = self._table.get(keys.claim_document(claim_no, document_id), strong=True)
        if item is None:
            raise DocumentNotFoundError
        return self._read(item)

    def list_of(self, claim_no: str) -> list[ClaimDocument]:
        """Access: Query (CLAIM#no, DOCUMENT#), strong. Cost: 1 read unit per 4 KB, about 4 documents."""
        items = self._table.query_all(*keys.claim_documents(claim_no), strong=True)
        return [self._read(item) for item in items]

    def announce(self, document: ClaimDocument) -> None:
        """Access: PutItem. Condition: no such document. Cost: 1 write unit per KB, also for a repetition."""
        try:
            self._table.put(Put(self._key(document), self._item(document)))
        except ConditionFailedError:
            return

    def receive(self, document: ClaimDocument) -> str | None:
        """Access: transaction of document and invoice entry. Condition: not received yet; invoice not taken.

        Cost: 4 write units, 8 when the invoice is another document's. A repetition changes nothing.
        """
        invoice_no = document.invoice_no
        holder = f"{document.claim_no}/{document.document_id}"
        if invoice_no is None:
            self._receive(document)
            return None
        taken = Put(keys.invoice(invoice_no), {"holder": holder, "schema_version": SCHEMA_VERSION})
        try:
            self._table.write(self._receipt(document), taken)
            return None
        except ConditionFailedError:
            found = self._table.get(taken.key, strong=True)
            if found is None or found["holder"] == holder:  # received before
                return None
            other = str(found["holder"])
            self._receive(document.model_copy(update={"duplicate_of": other}))
            return other

    def first_with_file(self, document: ClaimDocument, page: int = 0) -> str:
        """Access: PutItem (FILE#sha256), GetItem where it is taken. Condition: none. Cost: 1 or 2 units."""
        return self._first(keys.claim_file(document.announced.pages[page].sha256), document.reference)

    def first_with_bill(self, bill_no: str, holder: str) -> str:
        """Access: PutItem (INVOICE#no), GetItem where it is taken. Condition: none. Cost: 1 or 2 units."""
        return self._first(keys.invoice(bill_no), holder)

    def _first(self, key: keys.Key, holder: str) -> str:
        entry = Put(key, {"holder": holder, "schema_version": SCHEMA_VERSION})
        try:
            self._table.put(entry)
        except ConditionFailedError:
            found = self._table.get(entry.key, strong=True)
            return str(found["holder"]) if found else holder
        return holder

    def judge(self, document: ClaimDocument, before: DocumentStatus) -> None:
        """Access: PutItem in a transaction. Condition: the status read. Cost: 2 write units per KB."""
        write = Put(
            self._key(document),
            self._item(document),
            condition="#status = :before",
            values={":before": before.value},
            names={"#status": "status"},
        )
        try:
            self._table.write(write)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def _receive(self, document: ClaimDocument) -> None:
        try:
            self._table.write(self._receipt(document))
        except ConditionFailedError:
            return  # received before

    def _receipt(self, document: ClaimDocument) -> Write:
        return Put(
            self._key(document),
            self._item(document),
            condition="#status = :announced",
            values={":announced": DocumentStatus.REQUIRED.value},
            names={"#status": "status"},
        )

    def _key(self, document: ClaimDocument) -> keys.Key:
        return keys.claim_document(document.claim_no, document.document_id)

    def _item(self, document: ClaimDocument) -> Item:
        apart = {"announced", "checks", "verdict_reason"}
        item: Item = document.model_dump(mode="json", exclude=apart, exclude_none=True)
        announced = document.announced.model_dump_json()
        if document.checks:
            checks = json.dumps(
                [check.model_dump(mode="json", exclude_defaults=True) for check in document.checks]
            )
            item["sealed_checks"] = self._cipher.seal(checks, document.claim_no)
        if document.verdict_reason is not None:
            item["sealed_reason"] = self._cipher.seal(document.verdict_reason, document.claim_no)
        return item | {
            "doc_type": document.announced.doc_type.value,
            "sealed": self._cipher.seal(announced, document.claim_no),
            "schema_version": SCHEMA_VERSION,
        }

    def _read(self, item: Item) -> ClaimDocument:
        announced = Announcement.model_validate_json(self._cipher.open(item["sealed"], item["claim_no"]))
        sealed = item.get("sealed_checks")
        checks = json.loads(self._cipher.open(sealed, item["claim_no"])) if sealed else ()
        reason = (
            self._cipher.open(item["sealed_reason"], item["claim_no"]) if "sealed_reason" in item else None
        )
        return ClaimDocument.model_validate(
            item | {"announced": announced, "checks": checks, "verdict_reason": reason}
        )


class DocumentVault:
    """Implements `upload.Vault` on S3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload_form(self, document: Filed, page: int = 0) -> Upload:
        """Sign a POST policy for exactly this key, size, type and SHA-256. No call to S3.

        S3 refuses bytes of another checksum; the local engine does not, so the receipt hashes them again.
        """
        announced = document.pages[page]
        fixed = {
            "Content-Type": announced.content_type.value,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": announced.checksum,
        }
        form = self._client.generate_presigned_post(
            Bucket=self._bucket,
            Key=document.object_key(page),
            Fields=dict(fixed),
            Conditions=[
                *({name: value} for name, value in fixed.items()),
                ["content-length-range", announced.size, announced.size],
            ],
            ExpiresIn=UPLOAD_SECONDS,
        )
        return Upload(url=form["url"], fields=form["fields"])

    def link(self, document: Filed, page: int = 0) -> str:
        """Sign a GET of this key, shown in the browser as what its bytes are. No call to S3."""
        kind = document.kinds[page]
        content_type = document.pages[page].content_type if kind is None else _SHOWN_AS[kind]
        link: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": document.object_key(page),
                "ResponseContentType": content_type.value,
                "ResponseContentDisposition": "inline",
                "ResponseCacheControl": "no-store",
            },
            ExpiresIn=LINK_SECONDS,
        )
        return link

    def read(self, document: Filed, page: int = 0) -> bytes | None:
        """Access: GetObject. Memory: as much as one file may have (20 MiB); None for a larger one."""
        body = self._open(document, page)
        if body is None:
            return None
        content: bytes = body.read(MAXIMUM_BYTES + 1)
        return content if len(content) <= MAXIMUM_BYTES else None

    def digest(self, document: Filed, page: int = 0) -> UploadedFile | None:
        """Access: GetObject, streamed: the bytes are hashed, whatever a header says of them.

        Memory: as much as one file may have (20 MiB), because the place of a PDF's table stands at its end.
        """
        body = self._open(document, page)
        if body is None:
            return None
        digest, size, content = hashlib.sha256(), 0, bytearray()
        for chunk in body.iter_chunks(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size <= MAXIMUM_BYTES:  # a larger one is refused by its size
                content += chunk
        kind = file_kind(content) if len(content) == size else None
        return UploadedFile(size, digest.hexdigest(), kind)

    def delete(self, document: Filed) -> None:
        """Access: DeleteObject of every page. The bucket keeps versions; a lifecycle rule ends those."""
        for page in range(len(document.pages)):
            self._client.delete_object(Bucket=self._bucket, Key=document.object_key(page))

    def _open(self, document: Filed, page: int) -> Any:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=document.object_key(page))["Body"]
        except AwsError as error:
            # S3 says AccessDenied without s3:ListBucket
            if error.code in {"NoSuchKey", "404", "AccessDenied"}:
                return None
            raise StoreUnavailableError from error
