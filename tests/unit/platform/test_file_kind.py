"""What a file is, by its bytes: what phones, scanners and printers write is told from what only looks so."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.file_kind import SHORTEST_SIDE, FileKind, file_kind
from tests.support.bills import a_heic, an_ofd, fiscal_pdf, fiscal_xml, tax_xml_chinese, tax_xml_pinyin
from tests.support.papers import a_jpeg, a_pdf, a_png

JPEG, PNG, PDF = a_jpeg("病历 1"), a_png("病历 1"), a_pdf("病历 1")
REAL = ((JPEG, FileKind.JPEG), (PNG, FileKind.PNG), (PDF, FileKind.PDF))
XML, OFD, HEIC = fiscal_xml(), an_ofd(fiscal_xml()), a_heic()
BILLS = ((XML, FileKind.XML), (OFD, FileKind.OFD), (fiscal_pdf(), FileKind.PDF), (HEIC, FileKind.HEIC))
FIFTY_BYTES = b"%PDF-1.4\n% paid in 107 seconds by machine.\n%%EOF\n"
THUMBNAIL = b"\xff\xe1" + (len(JPEG) + 8).to_bytes(2, "big") + b"Exif\0\0" + JPEG
"""An APP1 segment that holds a picture with an end marker of its own."""


def piece(name: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    whole = name + data
    return len(data).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")


def progressive() -> bytes:
    """The same frame as progressive, in three scans with a table and a restart marker between them."""
    start = JPEG.index(b"\xff\xda")
    scan = JPEG[start:-2]
    table = b"\xff\xc4\x00\x14\x11" + bytes([1, *[0] * 16])
    frame = JPEG[:start].replace(b"\xff\xc0\x00\x0b", b"\xff\xc2\x00\x0b")
    return frame + scan + b"\xff\xd0" + b"\x55\xff\x00" + table + scan + scan + b"\xff\xff\xd9"


def incremental() -> bytes:
    """A scan that was signed afterwards: objects, table and trailer appended."""
    new = b"7 0 obj\n<< /Type /Sig >>\nendobj\n"
    place = len(PDF) + len(new)
    table = b"xref\n7 1\n%010d 00000 n \n" % len(PDF)
    trailer = b"trailer\n<< /Size 8 /Root 1 0 R /Prev 500 >>\nstartxref\n%d\n%%%%EOF" % place
    return PDF + new + table + trailer


def linearised() -> bytes:
    """For the web: the table of the first page near the start, which the end points at."""
    start = b"%PDF-1.5\r%\xe2\xe3\xcf\xd3\r\n1 0 obj\r<< /Linearized 1 >>\rendobj\r"
    first = (
        b"xref\r\n1 1\r\n0000000017 00000 n\r\ntrailer\r\n<< /Root 2 0 R >>\r\nstartxref\r\n0\r\n%%EOF\r\n"
    )
    body = b"2 0 obj\r<< /Length 1 >>stream\r\nx\r\nendstream\rendobj\r"
    table = b"xref\r\n0 1\r\n0000000000 65535 f\r\ntrailer\r\n<< /Size 1 >>\r\n"
    return start + first + body + table + b"startxref\r\n%d\r\n%%%%EOF\r\n" % len(start)


def with_stream_table() -> bytes:
    """As Word and phones write it since PDF 1.5: the table is a stream, the objects are packed."""
    start = (
        b"%PDF-1.7\n1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Length 3 >>\nstream\nabc\nendstream\nendobj\n"
    )
    table = (
        b"2 0 obj\n<< /Type /XRef /Root 3 0 R /W [1 2 1] /Length 2 >>\nstream\n\x01\xff\nendstream\nendobj\n"
    )
    return start + table + b"startxref\n%d\n%%%%EOF\n" % len(start)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        *REAL,
        *BILLS,
        (b"\xef\xbb\xbf" + XML, FileKind.XML),
        (b"\r\n" + XML + b"\r\n\0", FileKind.XML),
        (XML.partition(b"?>")[2], FileKind.XML),
        (b"<!-- printed --><a>x</a >", FileKind.XML),
        (b'<!DOCTYPE a SYSTEM "x"><a>x</a>', FileKind.XML),  # for the reader to refuse
        (tax_xml_chinese(), FileKind.XML),
        (tax_xml_chinese().decode().replace("¥", "").encode("gbk"), FileKind.XML),
        (tax_xml_pinyin(), FileKind.XML),
        (OFD + b"", FileKind.OFD),
        (OFD[:-2] + b"\x03\0abc", FileKind.OFD),  # a comment at the end
        (HEIC.replace(b"heic", b"mif1", 1), FileKind.HEIC),
        (JPEG[:2] + THUMBNAIL + JPEG[2:], FileKind.JPEG),
        (progressive(), FileKind.JPEG),
        (JPEG + b"\0" * 4096, FileKind.JPEG),
        (JPEG + b"\0\0\0\x18ftypmp42" + b"film" * 100_000, FileKind.JPEG),
        (PNG[:33] + piece(b"eXIf", b"MM\0*") + piece(b"pHYs", bytes(9)) + PNG[33:], FileKind.PNG),
        (PNG + b"\0" * 4096, FileKind.PNG),
        (PDF.rstrip(), FileKind.PDF),
        (PDF + b"\0" * 4096, FileKind.PDF),
        (b"\xef\xbb\xbf\r\n" + PDF, FileKind.PDF),
        (b"x" * 1024 + PDF, FileKind.PDF),
        (incremental(), FileKind.PDF),
        (linearised(), FileKind.PDF),
        (with_stream_table(), FileKind.PDF),
        (a_jpeg("receipt", 300, 4_000), FileKind.JPEG),
        (a_png("receipt", 4_000, 300), FileKind.PNG),
    ],
)
def test_file_is_known_when_a_phone_or_a_scanner_wrote_it(content: bytes, kind: FileKind) -> None:
    assert file_kind(content) is kind
    assert file_kind(bytearray(content)) is kind


START_OF_SCAN = JPEG.index(b"\xff\xda")
IDAT = PNG.index(b"IDAT") - 4
TABLE = PDF.rindex(b"\nxref") + 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"scan",
        FIFTY_BYTES,
        b"<html><body>x</body></html>",
        b"<!DOCTYPE html><html></html>",
        b'<svg xmlns="x"></svg>',
        b"<a></b>",
        b"<a>",
        b"plain </a>",
        b"< a></a>",
        b"<?xml version='1.0'?>",
        b"<" + b"b" * 70_000 + b"><a></a>",
        OFD.replace(b"OFD.xml", b"OFD.xmk"),
        OFD.replace(b"PK\x01\x02", b"PK\x01\x03"),
        OFD.replace(b"PK\x05\x06", b"PK\x05\x07"),
        OFD[:4] + b"x" + OFD[4:],
        b"x" + OFD,
        HEIC.replace(b"heic", b"avif", 1),
        HEIC.replace(b"heic", b"isom", 1),
        b"\0\0\0\x08ftypheic",
        b"\0\0\xff\xffftypheic" + b"\0" * 100_000,
        HEIC[:20],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0" + b"\0" * 100 + b"\xff\xd9",
        JPEG[:START_OF_SCAN] + b"\xff\xd9",  # no picture
        JPEG[: START_OF_SCAN + 10] + b"\xff\xd9",  # a scan without data
        JPEG.replace(b"\xff\xc0\x00\x0b", b"\xff\xef\x00\x0b"),  # no frame
        JPEG.replace(
            b"\xff\xc0\x00\x0b\x08\x01\x2c\x01\x2c\x01", b"\xff\xc0\x00\x0b\x08\x01\x2c\x01\x2c\x02"
        ),
        JPEG[:2] + THUMBNAIL,  # the end marker of the thumbnail is not the picture's
        PNG[:IDAT] + piece(b"IEND", b""),
        PNG[:IDAT] + piece(b"IDAT", b"") + piece(b"IEND", b""),
        PNG[:IDAT] + bytes([PNG[IDAT] ^ 1]) + PNG[IDAT + 1 :],
        PNG[:-1] + b"\0",
        PNG[:8] + piece(b"tEXt", b"a\0b") + PNG[8:],  # the head comes first
        PNG[:33] + PNG[8:],  # and once
        PNG[:8] + piece(b"IHDR", PNG[16:24] + b"\x03\x00\0\0\0") + PNG[33:],
        PDF.replace(b" obj", b" job"),
        PDF.replace(b"endstream", b"endsteam"),
        PDF.replace(b"/Root", b"/Loot"),
        PDF.replace(b"%PDF-", b"%PDX-"),
        PDF.replace(b"startxref\n%d" % TABLE, b"startxref\n%d" % (TABLE + 7)),
        PDF.replace(b"startxref\n%d" % TABLE, b"startxref\n99999"),
        PDF.replace(b"startxref\n%d" % TABLE, b"startxref\n9999999999"),
        PDF.replace(b"%%EOF", b"%%OEF"),
        with_stream_table().replace(b"/XRef", b"/Xobj"),
        b"x" * 1025 + PDF,
        PDF + b"\0" * 20_000,
        a_jpeg("small", SHORTEST_SIDE - 1, 4_000),
        a_jpeg("small", 4_000, SHORTEST_SIDE - 1),
        a_png("small", SHORTEST_SIDE - 1, 4_000),
        a_png("small", 4_000, SHORTEST_SIDE - 1),
    ],
)
def test_file_is_unknown_when_nobody_could_read_it(content: bytes) -> None:
    assert file_kind(content) is None


@pytest.mark.parametrize(
    "content", [JPEG, PNG, PDF.rstrip(), progressive(), with_stream_table().rstrip(), XML.rstrip(), OFD]
)
def test_file_is_unknown_when_it_is_cut_off_anywhere(content: bytes) -> None:
    assert [file_kind(content[:size]) for size in range(len(content))] == [None] * len(content)


HEADS = (
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"%PDF-1.7\n1 0 obj\n",
    b"PK\x03\x04",
    b"<?xml version='1.0'?>",
    b"\0\0\0\x18ftyp",
)


@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=400))
def test_random_bytes_are_no_file_whatever_they_begin_with(head: bytes, rest: bytes) -> None:
    assert file_kind(head + rest) is None


@given(
    real=st.sampled_from(
        [content for content, _ in (*REAL, *BILLS)] + [progressive(), linearised(), with_stream_table()]
    ),
    place=st.integers(0, 700),
    gone=st.integers(0, 40),
    put=st.binary(max_size=12),
)
def test_damage_anywhere_never_raises(real: bytes, place: int, gone: int, put: bytes) -> None:
    assert file_kind(real[:place] + put + real[place + gone :]) in {None, *FileKind}


@given(texts=st.lists(st.text(max_size=40), min_size=2, max_size=2, unique=True))
def test_papers_of_the_tests_are_real_and_differ_by_their_text(texts: list[str]) -> None:
    for make, kind in ((a_jpeg, FileKind.JPEG), (a_png, FileKind.PNG), (a_pdf, FileKind.PDF)):
        one, other = (make(text) for text in texts)
        assert file_kind(one) is file_kind(other) is kind
        assert one != other
        assert one == make(texts[0])
