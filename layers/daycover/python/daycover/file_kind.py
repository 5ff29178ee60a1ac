"""What an uploaded file is, judged by its bytes: a picture, a PDF or an electronic bill that can be read, or neither.

Nothing is decoded: the skeleton of the format must be whole, so that a cut-off upload, a text with the right
first bytes and a picture too small for writing are told from a paper. What stands on it, only a person sees.
"""

import re
import zlib
from enum import StrEnum

Content = bytes | bytearray


class FileKind(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"
    PDF = "PDF"
    OFD = "OFD"  # 版式文件, GB/T 33190
    XML = "XML"
    HEIC = "HEIC"
    """A picture of the iPhone's own format: known, so that the person is told what to set, but none that we read."""


SHORTEST_SIDE = 300
"""Pixels. The narrowest paper, a till receipt, has about 24 characters a line, and 12 pixels for a Chinese
character are the least that anybody reads."""

_MOST_PARTS = 65_536
"""Segments or chunks that are looked at: real files have hundreds, 20 MiB of empty ones would take seconds."""
_PDF_JUNK = 1024
"""Bytes before `%PDF` that readers tolerate (ISO 32000, implementation note 13)."""
_PDF_TAIL = 8 * 1024
"""Bytes after `%%EOF` that are tolerated: mail gateways and scanners pad."""
_PDF_FIRST_OBJECT = 64 * 1024
"""Bytes within which the first object begins: it follows the header."""

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_RESTARTS = range(0xD0, 0xD8)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0–SOF15: baseline, progressive and the rest; the three between are tables (ITU-T T.81, table B.1)."""
_FILL = re.compile(rb"\xff+")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""The marker that ends a scan's data: neither a stuffed 0xFF nor a restart."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bit depths by colour type (PNG, table 11.1)."""

_BLANK = rb"[\x00\t\n\x0c\r ]"
_PDF_HEADER = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_OBJECT = re.compile(rb"(?<![0-9])[0-9]{1,10}" + _BLANK + rb"{1,16}[0-9]{1,5}" + _BLANK + rb"{1,16}obj\b")
_PDF_TABLE = re.compile(_BLANK + rb"{0,16}xref" + _BLANK)
_PDF_STREAM = re.compile(_BLANK + rb"{0,16}" + _PDF_OBJECT.pattern)
_PDF_END = re.compile(rb"startxref" + _BLANK + rb"{1,16}([0-9]{1,10})" + _BLANK + rb"{1,16}%%EOF")

_ZIP_ENTRY, _ZIP_LISTED, _ZIP_END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_ZIP_TAIL = 22 + 65_535
"""The end record with the longest comment."""
_OFD_ROOT = b"OFD.xml"

_XML_START = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\r ]{0,1024}<(?:\?xml[\t\n\r ]|!|[^\x00-\x2c<=>?/])")
_XML_END = re.compile(rb"</([^\x00-\x20<>/]{1,200})[\t\n\r ]{0,16}>[\x00\t\n\r ]{0,512}\Z")
_XML_ROOT = re.compile(rb"<([^\x00-\x20<>/!?]{1,200})[\t\n\r />]")
_XML_TAIL = 1024
_XML_HEAD = 64 * 1024
"""Bytes within which the root begins: declaration and comments before it are short."""
_PAGES = frozenset({b"html", b"svg"})
"""What a browser would show is no bill."""

_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
"""ISO/IEC 23008-12, annex B; the last two are the container's own, which iPhones write too."""
_LONGEST_FTYP = 1024


def file_kind(content: Content) -> FileKind | None:
    """Give what the whole file is; None for what nobody could read. Never raises, whatever the bytes."""
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG if _is_jpeg(content) else None
    if content.startswith(_PNG_SIGNATURE):
        return FileKind.PNG if _is_png(content) else None
    if content.startswith(_ZIP_ENTRY):
        return FileKind.OFD if _is_ofd(content) else None
    if content[4:8] == b"ftyp":
        return FileKind.HEIC if _is_heic(content) else None
    if _is_xml(content):
        return FileKind.XML
    return FileKind.PDF if _is_pdf(content) else None


def _is_jpeg(content: Content) -> bool:
    """A frame of a readable size, a scan with data, and the end marker after it.

    What follows the end is not looked at: phones append a film of the moment or a second picture.
    """
    place, framed, scanned = 2, False, False
    for _ in range(_MOST_PARTS):
        fill = _FILL.match(content, place)
        if fill is None:
            return False
        marker = _number(content, fill.end(), 1)
        place = fill.end() + 1
        if marker == _EOI:
            return framed and scanned
        if marker == _TEM or marker in _RESTARTS:
            continue
        length = _number(content, place, 2)
        if marker in {0, _SOI} or length < 2 or place + length > len(content):
            return False
        if marker in _FRAMES:
            if not _is_frame(content, place, length):
                return False
            framed = True
        place += length
        if marker == _SOS:
            found = _AFTER_SCAN.search(content, place)
            if found is None:
                return False
            scanned = scanned or found.start() > place
            place = found.start()
    return False


def _is_frame(content: Content, place: int, length: int) -> bool:
    height, width = _number(content, place + 3, 2), _number(content, place + 5, 2)
    components = _number(content, place + 7, 1)
    return length == 8 + 3 * components and 1 <= components <= 4 and _is_legible(width, height)


def _is_png(content: Content) -> bool:
    """IHDR first, picture data, IEND, every chunk up to there with the right CRC; the rest may be anything."""
    place, painted = len(_PNG_SIGNATURE), False
    view = memoryview(content)
    for part in range(_MOST_PARTS):
        length, name = _number(content, place, 4), content[place + 4 : place + 8]
        end = place + 8 + length
        if end + 4 > len(content) or zlib.crc32(view[place + 4 : end]) != _number(content, end, 4):
            return False
        if (part == 0) is not (name == b"IHDR"):
            return False
        if name == b"IHDR" and not _is_png_head(content, place + 8, length):
            return False
        if name == b"IEND":
            return painted
        painted = painted or (name == b"IDAT" and length > 0)
        place = end + 4
    return False


def _is_png_head(content: Content, place: int, length: int) -> bool:
    width, height = _number(content, place, 4), _number(content, place + 4, 4)
    depth, colour = _number(content, place + 8, 1), _number(content, place + 9, 1)
    return length == 13 and depth in _PNG_DEPTHS.get(colour, ()) and _is_legible(width, height)


def _is_pdf(content: Content) -> bool:
    """A header, an object, a stream (a page without one is blank), and at the end the way to the catalogue."""
    header = _PDF_HEADER.search(content, 0, _PDF_JUNK + len(b"%PDF-1.7"))
    if header is None:
        return False
    start = header.start()
    if _PDF_OBJECT.search(content, start, start + _PDF_FIRST_OBJECT) is None:
        return False
    if content.find(b"endstream", start) < 0:
        return False
    ends = list(_PDF_END.finditer(content, max(start, len(content) - _PDF_TAIL)))
    if not ends:
        return False
    offset = int(ends[-1][1])
    # with junk before the header some writers count from the file's start, some from the header
    return any(_names_catalogue(content, place) for place in {offset, offset + start})


def _names_catalogue(content: Content, place: int) -> bool:
    """A cross-reference table with its trailer, or a cross-reference stream, and in it the document's root.

    Its own end is sought from its place on: that of a linearised file stands near the start.
    """
    end = content.find(b"startxref", place)
    if end < 0:
        return False
    if _PDF_TABLE.match(content, place):
        trailer = content.find(b"trailer", place, end)
        return trailer >= 0 and content.find(b"/Root", trailer, end) >= 0
    if _PDF_STREAM.match(content, place):
        return all(content.find(word, place, end) >= 0 for word in (b"/XRef", b"/Root"))
    return False


def _is_ofd(content: Content) -> bool:
    """A ZIP whose list of entries is whole and has the root of an OFD, which begins where the list says."""
    end = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_TAIL))
    if end < 0 or end + 22 + _little(content, end + 20, 2) > len(content):
        return False
    entries, place = _little(content, end + 10, 2), _little(content, end + 16, 4)
    rooted = False
    for _ in range(entries):
        if content[place : place + 4] != _ZIP_LISTED:
            return False
        length = _little(content, place + 28, 2)
        if content[place + 46 : place + 46 + length] == _OFD_ROOT:
            start = _little(content, place + 42, 4)
            rooted = content[start : start + 4] == _ZIP_ENTRY
        place += 46 + length + _little(content, place + 30, 2) + _little(content, place + 32, 2)
    return rooted and place <= end


def _is_heic(content: Content) -> bool:
    """The first box names a brand of HEIF's pictures; what follows is not looked at."""
    length = _number(content, 0, 4)
    return 16 <= length <= min(_LONGEST_FTYP, len(content)) and bytes(content[8:12]) in _HEIC_BRANDS


def _is_xml(content: Content) -> bool:
    """Begins as XML and ends with the end of the element that it begins with."""
    if _XML_START.match(content) is None:
        return False
    end = _XML_END.search(content, max(0, len(content) - _XML_TAIL))
    if end is None or end[1].lower() in _PAGES:
        return False
    root = _XML_ROOT.search(content, 0, _XML_HEAD)
    return root is not None and root[1] == end[1]


def _little(content: Content, place: int, size: int) -> int:
    return int.from_bytes(content[place : place + size], "little")


def _is_legible(width: int, height: int) -> bool:
    return min(width, height) >= SHORTEST_SIDE


def _number(content: Content, place: int, size: int) -> int:
    """Read a big-endian number; what lies beyond the end gives fewer digits, and the lengths tell."""
    return int.from_bytes(content[place : place + size], "big")
