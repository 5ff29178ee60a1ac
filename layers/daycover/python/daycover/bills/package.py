"""OFD (GB/T 33190): a ZIP with `OFD.xml`, and in it the invoice's own XML, several where it holds several.

Nothing is written anywhere, so that no path in it leads anywhere; what is unpacked is bounded as it comes.
"""

import io
import zlib
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from daycover.bills.dialects import bills_in, each_once
from daycover.bills.markup import MOST_BYTES, HostileMarkupError, UnreadableMarkupError, parse
from daycover.claims.bill import BillElements, BillFault, ReadFile

MOST_ENTRIES = 2_000
"""Pages, fonts, seals and attachments of a real one are 10 to 100."""
MOST_UNPACKED = 16 * 1024 * 1024
"""Of all that is read out of one file."""
_ENTRY = b"PK\x01\x02"
_ARCHIVES = (".zip", ".ofd", ".rar", ".7z", ".gz", ".jar")
_OWN_FILES = ("attach", "invoice", "发票", "票据", "ofd.xml", "customtag")
"""Words of the paths under which an invoice's own XML stands; pages and fonts are not looked at."""


class _HostilePackageError(Exception):
    """A bomb, another archive inside, thousands of entries."""


def read_package(content: bytes) -> ReadFile:
    """Give every bill in an OFD; never raises."""
    if content.count(_ENTRY) > MOST_ENTRIES:
        return ReadFile(faults=(BillFault.HOSTILE,))
    try:
        with ZipFile(io.BytesIO(content)) as package:
            return _read(package)
    except _HostilePackageError:
        return ReadFile(faults=(BillFault.HOSTILE,))
    except (
        BadZipFile,
        LargeZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
        KeyError,
        NotImplementedError,
    ):
        # RuntimeError: encrypted; the others are damage in the many places where a ZIP can have it
        return ReadFile(faults=(BillFault.UNREADABLE,))


def _read(package: ZipFile) -> ReadFile:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if any(entry.filename.lower().endswith(_ARCHIVES) for entry in entries):
        raise _HostilePackageError
    bills: list[BillElements] = []
    faults: set[BillFault] = set()
    left = MOST_UNPACKED
    # OFD.xml repeats a part of the invoice: it counts where nothing better is there
    for entry in sorted(
        filter(_is_own, entries), key=lambda entry: entry.filename.lower().endswith("ofd.xml")
    ):
        if entry.filename.lower().endswith("ofd.xml") and bills:
            continue
        text = _unpack(package, entry, left)
        left -= len(text)
        try:
            found = bills_in(parse(text))
        except HostileMarkupError:
            faults.add(BillFault.HOSTILE)
        except UnreadableMarkupError:
            faults.add(BillFault.UNREADABLE)
        else:
            faults.update(found.faults)
            bills += found.bills
    return ReadFile(each_once(bills), tuple(sorted(faults)))


def _is_own(entry: ZipInfo) -> bool:
    path = entry.filename.lower()
    return path.endswith(".xml") and any(word in path for word in _OWN_FILES)


def _unpack(package: ZipFile, entry: ZipInfo, left: int) -> bytes:
    """Give an entry's content, never more than is left of what may be read, whatever its size is said to be."""
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise _HostilePackageError
    with package.open(entry) as file:
        most = min(MOST_BYTES, left)
        text = file.read(most + 1)
    if len(text) > most or text.startswith(b"PK\x03\x04"):
        raise _HostilePackageError
    return text
