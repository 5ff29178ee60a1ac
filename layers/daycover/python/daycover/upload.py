"""Files that people upload: announced with size and hash, posted to the vault, held against that at the receipt."""

import base64
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind
from daycover.file_kind import FileKind

MAXIMUM_BYTES = 20 * 1024 * 1024
"""One photo or PDF."""


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


class PhotoFormatError(DaycoverError):
    """The photo is in Apple's format (HEIC), which few can open.

    What to do: On the iPhone: Settings, Camera, Formats, Most Compatible; take the photo again, or send a
    screenshot of it.
    含义:照片是苹果手机的 HEIC 格式,多数电脑打不开。
    处理:在 iPhone 的 设置-相机-格式 中选「兼容性最佳」后重拍,或发送该照片的截图。
    """

    kind = ErrorKind.INVALID
    title = "照片是 HEIC 格式,请换一种格式", "The photo is HEIC, which few can open"
    detail = (
        "请在 iPhone 的 设置-相机-格式 中选择「兼容性最佳」后重拍,或把照片截图后上传截图。",
        "On your iPhone choose Settings, Camera, Formats, Most Compatible and take the photo again, or upload a "
        "screenshot of it.",
    )


class ContentType(StrEnum):
    """What a browser says that a file is. Phones say the strangest things, so the bytes decide."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    OFD = "application/ofd"
    XML = "application/xml"
    OTHER = "application/octet-stream"


PICTURES = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.PDF})
"""What a person can read as a paper."""


class FilePage(BaseModel, frozen=True, defer_build=True):
    """One file. `sha256` in lower-case hex, `size` in bytes."""

    content_type: ContentType
    size: int = Field(ge=1, le=MAXIMUM_BYTES)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @property
    def checksum(self) -> str:
        """The SHA-256 in Base64, as S3 writes it."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


class Upload(BaseModel, frozen=True, defer_build=True):
    """Where and how to post the file (S3 presigned POST)."""

    url: str
    fields: dict[str, str] = Field(repr=False)


class UploadedFile(NamedTuple):
    """What lies in the vault: its size in bytes, its SHA-256 in lower-case hex, and what it is."""

    size: int
    sha256: str
    kind: FileKind | None


class Filed(Protocol):
    """A document of one or more pages, wherever it belongs."""

    @property
    def pages(self) -> tuple[FilePage, ...]: ...

    @property
    def kinds(self) -> tuple[FileKind | None, ...]: ...

    def object_key(self, page: int = 0) -> str:
        """Where a page lies in the vault; `page` counts from 0."""
        ...


class Vault(Protocol):
    """Where the files lie, encrypted. Pages count from 0."""

    def upload_form(self, document: Filed, page: int = 0) -> Upload:
        """Make a form that can upload exactly this page, for 15 minutes."""
        ...

    def link(self, document: Filed, page: int = 0) -> str:
        """Give an address under which the uploaded page can be read, for a minute."""
        ...

    def read(self, document: Filed, page: int = 0) -> bytes | None:
        """Read an uploaded page of at most 20 MiB; None when there is none."""
        ...

    def digest(self, document: Filed, page: int = 0) -> UploadedFile | None:
        """Read the uploaded page once; None when there is none."""
        ...

    def delete(self, document: Filed) -> None:
        """Delete every page; again it changes nothing."""
        ...


def digest_of(vault: Vault, document: Filed) -> tuple[FileKind | None, ...]:
    """Hold every uploaded page against its announcement and give what each is; None for what nobody can read.

    Raises UploadMissingError, UploadMismatchError, PhotoFormatError.
    """
    kinds = []
    for number, page in enumerate(document.pages):
        file = vault.digest(document, number)
        if file is None:
            raise UploadMissingError
        if (file.size, file.sha256) != (page.size, page.sha256):
            raise UploadMismatchError
        if file.kind is FileKind.HEIC:
            raise PhotoFormatError
        kinds.append(file.kind)
    return tuple(kinds)
