"""Every bill in a file, whatever its form (`docs/bills.md`)."""

from daycover.bills.confined import confined
from daycover.bills.dialects import bills_in
from daycover.bills.document import load_for_documents, read_document
from daycover.bills.markup import HostileMarkupError, UnreadableMarkupError, parse
from daycover.bills.package import read_package
from daycover.bills.picture import load_for_pictures, read_picture
from daycover.claims.bill import BillFault, ReadFile
from daycover.file_kind import FileKind

MOST_BYTES = 20 * 1024 * 1024
"""What an upload may have; more is not looked at."""


def read_bills(content: bytes, kind: FileKind) -> ReadFile:
    """Read the bills out of a file (`claims.bill.BillReader`): each number once, in the file's order.

    Never raises. XML and OFD are read within bounds of their own; PDF and pictures in a process that is ended after
    ten seconds. A picture without a bill's QR code, and a paper that is no bill, have no bills and no fault.
    """
    if len(content) > MOST_BYTES:
        return ReadFile(faults=(BillFault.HOSTILE,))
    match kind:
        case FileKind.XML:
            return _read_markup(content)
        case FileKind.OFD:
            return read_package(content)
        case FileKind.PDF:
            load_for_documents()
            return confined(read_document, content)
        case FileKind.JPEG | FileKind.PNG:
            return confined(read_picture, content) if load_for_pictures() else ReadFile()
        case FileKind.HEIC:
            return ReadFile(faults=(BillFault.UNREADABLE,))


def _read_markup(content: bytes) -> ReadFile:
    try:
        return bills_in(parse(content))
    except HostileMarkupError:
        return ReadFile(faults=(BillFault.HOSTILE,))
    except UnreadableMarkupError:
        return ReadFile(faults=(BillFault.UNREADABLE,))
