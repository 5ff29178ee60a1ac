"""Files that people upload, whatever they belong to: what is said of one, where it goes, where it is read."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from daycover.api.fields import Sha256
from daycover.platform.http import Body, View
from daycover.upload import MAXIMUM_BYTES, ContentType, FilePage, Upload

_ALIASES = {
    "image/jpg": ContentType.JPEG,
    "image/pjpeg": ContentType.JPEG,
    "image/x-png": ContentType.PNG,
    "application/x-pdf": ContentType.PDF,
    "text/xml": ContentType.XML,
}


def _known_type(said: Any) -> Any:
    """Phones say `image/jpg`, nothing, or what they please of a genuine photo: the bytes tell, at the receipt."""
    if not isinstance(said, str):
        return said
    plain = said.partition(";")[0].strip().lower()
    return _ALIASES.get(plain, plain if plain in set(ContentType) else ContentType.OTHER)


FileType = Annotated[ContentType, BeforeValidator(_known_type)]


class PageBody(Body):
    """One file of a document."""

    content_type: FileType
    size: Annotated[int, Field(ge=1, le=MAXIMUM_BYTES)]
    sha256: Sha256

    def file_page(self) -> FilePage:
        return FilePage(content_type=self.content_type, size=self.size, sha256=self.sha256)


class UploadView(View):
    url: str
    fields: dict[str, str]

    @classmethod
    def of(cls, form: Upload) -> "UploadView":
        return cls(url=form.url, fields=form.fields)


class FileLinkView(View):
    """Where the file can be read, for 60 seconds."""

    url: str
