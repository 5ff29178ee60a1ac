"""PDF: what is attached to it first (the invoice's own XML or OFD), then the words on its pages, then its pictures."""

import importlib
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from daycover.bills.dialects import bills_in, each_once
from daycover.bills.markup import HostileMarkupError, UnreadableMarkupError, parse
from daycover.bills.package import read_package
from daycover.bills.picture import bills_shown, load_for_pictures, read_picture
from daycover.bills.words import MOST_LETTERS, bill_on_page
from daycover.claims.bill import BillElements, BillFault, ReadFile
from daycover.file_kind import FileKind, file_kind

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

Part = TypeVar("Part")

MOST_PAGES = 20
_MOST_PICTURE_PAGES = 2
_MOST_PICTURES = 4
"""Of a page that is a scan: the scan itself, and a code drawn apart."""
_MOST_ATTACHED = 20

# pypdf writes pieces of a damaged file into its log
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def load_for_documents() -> None:
    """Load pypdf before a fork, so that the next file finds it loaded."""
    # loads on use: 35 ms that only the function that reads files pays
    importlib.import_module("pypdf")


def read_document(content: bytes) -> ReadFile:
    """Give every bill in a PDF. Raises what pypdf raises for what is no PDF, and takes what it takes of a bad one:
    to be called where time and memory are bounded (`confined.py`).
    """
    # likewise
    from pypdf import PdfReader  # noqa: PLC0415

    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        reader.decrypt("")
    found = read_attached(_attached(reader))
    parts = _Parts()
    pages = [page for _, page in zip(range(MOST_PAGES), reader.pages, strict=False)]
    texts = [text for page in pages for text in parts.of(_written, page)]
    # what is attached says it best; a page with another number is another bill, that somebody merged
    attached = {bill.bill_no for bill in found.bills}
    printed = [bill for text in texts if (bill := bill_on_page(text)) is not None]
    bills = each_once((*found.bills, *(bill for bill in printed if bill.bill_no not in attached)))
    if not bills and (bill := bill_on_page("\n".join(texts))) is not None:
        bills = (bill,)
    if not bills and load_for_pictures():
        bills = each_once(bill for page in pages[:_MOST_PICTURE_PAGES] for bill in parts.of(_shown, page))
    damaged = {BillFault.UNREADABLE} if parts.damaged and not bills else set()
    return ReadFile(bills, tuple(sorted({*found.faults, *damaged})))


class _Parts:
    """Reads parts of a document, each for itself: a damaged page hides no other."""

    def __init__(self) -> None:
        self.damaged = False

    def of(self, read: Callable[["PageObject"], Iterable[Part]], page: "PageObject") -> list[Part]:
        try:
            return list(read(page))
        except MemoryError:
            raise
        except Exception:  # whatever pypdf makes of a damaged page
            self.damaged = True
            return []


def read_attached(files: Iterable[bytes]) -> ReadFile:
    """Give every bill in files that are attached; those of other kinds are passed over."""
    bills: list[BillElements] = []
    faults: set[BillFault] = set()
    for content in files:
        kind = file_kind(content)
        if kind is FileKind.OFD:
            found = read_package(content)
        elif kind is FileKind.XML:
            try:
                found = bills_in(parse(content))
            except HostileMarkupError:
                found = ReadFile(faults=(BillFault.HOSTILE,))
            except UnreadableMarkupError:
                found = ReadFile(faults=(BillFault.UNREADABLE,))
        else:
            continue
        bills += found.bills
        faults.update(found.faults)
    return ReadFile(each_once(bills), tuple(sorted(faults)))


def _attached(reader: "PdfReader") -> Iterator[bytes]:
    for _, file in zip(range(_MOST_ATTACHED), reader.attachment_list, strict=False):
        yield file.content


def _written(page: "PageObject") -> Iterator[str]:
    yield page.extract_text()[:MOST_LETTERS]


def _shown(page: "PageObject") -> Iterator[BillElements]:
    pictures = page.images
    for name in pictures.keys()[:_MOST_PICTURES]:
        stream = _stream(page, name)
        if stream.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            # a JPEG as it is: pypdf would unpack all of it, and refuses more than 25 million pixels
            yield from read_picture(stream._data).bills
        elif (shown := pictures[name].image) is not None:
            yield from bills_shown(shown)


def _stream(page: "PageObject", name: str | list[str]) -> Any:
    """Give a picture of the page's own as it is packed; one inside a form is left to pypdf."""
    resources: Any = page["/Resources"]
    return resources["/XObject"][name].get_object() if isinstance(name, str) else {}
