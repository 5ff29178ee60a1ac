"""Files that were made to harm, and files that chance has damaged: an answer comes, soon, and nothing is raised."""

import io
import os
import signal
import time
import zipfile
import zlib
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter

from daycover.bills import confined
from daycover.bills.markup import MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS
from daycover.bills.read import MOST_BYTES as MOST_OF_A_FILE
from daycover.bills.read import read_bills
from daycover.claims.bill import BillFault, ReadFile
from daycover.file_kind import FileKind
from tests.support.bills import (
    a_pdf_page,
    a_photo,
    a_scan,
    an_ofd,
    code_of,
    fiscal_elements,
    fiscal_pdf,
    fiscal_xml,
    tax_pdf,
    tax_xml,
    tax_xml_chinese,
)

HOSTILE, UNREADABLE = (BillFault.HOSTILE,), (BillFault.UNREADABLE,)
SECONDS = 5.0
"""Far above what any takes, far below what Lambda waits."""


def read(content: bytes, kind: FileKind) -> ReadFile:
    begun = time.perf_counter()
    found = read_bills(content, kind)
    assert time.perf_counter() - begun < SECONDS
    return found


LAUGHS = b"".join(
    b'<!ENTITY l%d "%b">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"ha") for level in range(10)
)
BODY = fiscal_xml().partition(b"?>")[2]
HOSTILE_XML = {
    "billion laughs": b"<!DOCTYPE EInvoice [" + LAUGHS + b"]><EInvoice>&l9;</EInvoice>",
    "external entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "external DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + BODY,
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' + BODY,
    "harmless DTD": b"<!DOCTYPE EInvoice>" + BODY,
    "depth": b"<a>" * (MOST_DEPTH + 1) + b"</a>" * (MOST_DEPTH + 1),
    "great depth": b"<a>" * 200_000 + b"</a>" * 200_000,
    "50,000 elements": b"<a>" + b"<b/>" * 50_000 + b"</a>",
    "attributes": b"<a " + b" ".join(b'a%d="1"' % place for place in range(1_000)) + b"/>",
    "size": b"<a>" + b" " * MOST_BYTES + b"</a>",
}


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_xml_is_refused_when_it_was_made_to_harm(name: str) -> None:
    content = HOSTILE_XML[name]
    assert read(content, FileKind.XML) == ReadFile(faults=HOSTILE)
    # neither packed nor attached is it another
    assert HOSTILE[0] in read(an_ofd(content), FileKind.OFD).faults


def test_bounds_are_no_smaller_than_real_bills() -> None:
    line = b"<Item><ItemName>x</ItemName><ItemAmount>0.00</ItemAmount></Item>"
    long_list = fiscal_xml().replace(b"</Details>", line * 2_000 + b"</Details>")
    assert long_list.count(b"<") // 2 < MOST_ELEMENTS
    assert read(long_list, FileKind.XML) == ReadFile((fiscal_elements(),))


def test_hostile_attachment_of_a_pdf_is_named_and_the_page_is_read() -> None:
    content = a_pdf_page("x", b"<?xml version='1.0'?>" + HOSTILE_XML["external entity"])
    assert read(content, FileKind.PDF) == ReadFile(faults=HOSTILE)


def zipped(names: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as package:
        for name, content in names.items():
            package.writestr(name, content)
    return written.getvalue()


ROOT = {"OFD.xml": b"<OFD/>"}
HOSTILE_OFD = {
    "bomb": zipped(ROOT | {"Doc_0/Attachs/invoice.xml": b"<a>" + b" " * 300_000_000}),
    "many of the largest": zipped(
        ROOT | {f"Attachs/invoice{n}.xml": b"<a>" + b" " * (MOST_BYTES - 7) + b"</a>" for n in range(9)}
    ),
    "archive inside": zipped(ROOT | {"Doc_0/Attachs/more.zip": zipped({"x.xml": fiscal_xml()})}),
    "archive under another name": zipped(ROOT | {"Attachs/invoice.xml": zipped({"x.xml": fiscal_xml()})}),
    "thousands": zipped(ROOT | {f"{n}.txt": b"" for n in range(3_000)}),
    "another method": zipped(ROOT | {"Attachs/invoice.xml": fiscal_xml()}, zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("name", HOSTILE_OFD)
def test_ofd_is_refused_when_it_was_made_to_harm(name: str) -> None:
    assert read(HOSTILE_OFD[name], FileKind.OFD) == ReadFile(faults=HOSTILE)


def test_path_leads_nowhere_because_nothing_is_written(tmp_path: os.PathLike[str]) -> None:
    os.chdir(tmp_path)
    names = ("../../Attachs/invoice.xml", "/Attachs/invoice.xml", "..\\Attach\\invoice.xml")
    for name in names:
        assert read(zipped(ROOT | {name: fiscal_xml()}), FileKind.OFD).bills == (fiscal_elements(),)
    assert os.listdir(tmp_path) == []


def test_encrypted_or_damaged_package_is_unreadable() -> None:
    plain = an_ofd(fiscal_xml())
    encrypted = bytearray(plain)
    for place in range(len(plain) - 10):
        if plain[place : place + 4] == b"PK\x01\x02":
            encrypted[place + 8] |= 1
    assert read(bytes(encrypted), FileKind.OFD) == ReadFile(faults=UNREADABLE)
    assert read(plain[:-30], FileKind.OFD) == ReadFile(faults=UNREADABLE)
    assert read(plain.replace(b"PK\x03\x04", b"PK\x03\x05"), FileKind.OFD) == ReadFile(faults=UNREADABLE)


def a_huge_png(width: int, height: int) -> bytes:
    """A picture whose head says that it is huge; its rows are as empty as they can be."""
    written = io.BytesIO()
    Image.new("1", (300, 300)).save(written, "PNG")
    head = bytearray(written.getvalue())
    head[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    head[29:33] = zlib.crc32(bytes(head[12:29])).to_bytes(4, "big")
    return bytes(head)


@pytest.mark.parametrize("sides", [(10_000, 10_000), (60_000, 60_000), (2_000_000_000, 2)])
def test_huge_picture_is_refused_before_it_is_unpacked(sides: tuple[int, int]) -> None:
    found = read(a_huge_png(*sides), FileKind.PNG)
    assert found.bills == ()
    assert found.faults in {HOSTILE, UNREADABLE}


def a_pdf_with_a_bomb() -> bytes:
    """A page whose content unpacks to 500 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 10_000_000) for _ in range(50)) + packer.flush()
    page = (
        b"%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj\n"
        b"4 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
    )
    return page + packed + b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


def a_pdf_whose_pages_turn_in_a_circle() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999999 >>\nendobj\n"
        b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
    )


@pytest.mark.parametrize("content", [a_pdf_with_a_bomb(), a_pdf_whose_pages_turn_in_a_circle(), b"%PDF-1.7"])
def test_pdf_that_was_made_to_harm_gives_a_fault_or_nothing(content: bytes) -> None:
    assert read(content, FileKind.PDF).bills == ()


def test_locked_pdf_is_unreadable() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(fiscal_pdf()))
    writer.encrypt("a password", algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    assert read(written.getvalue(), FileKind.PDF) == ReadFile(faults=UNREADABLE)


def test_file_beyond_an_upload_is_not_looked_at() -> None:
    for kind in FileKind:
        found = read(b"\0" * (MOST_OF_A_FILE + 1), kind)
        assert found == ReadFile(faults=HOSTILE)


# ---- the process that reads -----------------------------------------------------------------------


def endless(_content: bytes) -> ReadFile:
    while True:
        pass


def greedy(_content: bytes) -> ReadFile:
    bytes(2 * confined.MOST_MEMORY)  # asked for, never touched
    return ReadFile()


def crashing(_content: bytes) -> ReadFile:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def failing(_content: bytes) -> ReadFile:
    raise RecursionError


@pytest.mark.parametrize(
    ("reader", "faults"),
    [(endless, HOSTILE), (greedy, HOSTILE), (crashing, HOSTILE), (failing, UNREADABLE)],
)
def test_reader_ends_with_its_bounds(
    reader: confined.Reader, faults: tuple[BillFault, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    fork, forked = os.fork, []

    def noted() -> int:
        forked.append(fork())
        return forked[-1]

    monkeypatch.setattr(os, "fork", noted)
    begun = time.perf_counter()
    assert confined.confined(reader, b"", seconds=1) == ReadFile(faults=faults)
    assert time.perf_counter() - begun < SECONDS
    (child,) = forked  # the process of the tests has children of its own: servers, a browser
    with pytest.raises(ChildProcessError):
        os.waitpid(child, os.WNOHANG)  # and nobody is left behind


# ---- chance ---------------------------------------------------------------------------------------

REAL = (
    (fiscal_xml(), FileKind.XML),
    (tax_xml_chinese(), FileKind.XML),
    (an_ofd(fiscal_xml(), tax_xml()), FileKind.OFD),
    (fiscal_pdf(), FileKind.PDF),
    (tax_pdf(embedded=False), FileKind.PDF),
    (a_scan(code_of(fiscal_elements())), FileKind.PDF),
    (a_photo(code_of(fiscal_elements()), width=600, height=800), FileKind.JPEG),
    (a_photo(code_of(fiscal_elements()), width=600, height=800, form="PNG"), FileKind.PNG),
)


@given(content=st.binary(max_size=2_000), kind=st.sampled_from(FileKind))
def test_random_bytes_have_no_bill_whatever_they_are_said_to_be(content: bytes, kind: FileKind) -> None:
    assert read(content, kind).bills == ()


@settings(max_examples=60)
@given(real=st.sampled_from(REAL), cut=st.floats(0, 1))
def test_file_that_was_cut_off_is_answered(real: tuple[bytes, FileKind], cut: float) -> None:
    content, kind = real
    found = read(content[: int(len(content) * cut)], kind)
    assert set(found.bills) <= set(read_bills(content, kind).bills)


@settings(max_examples=60)
@given(
    real=st.sampled_from(REAL),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 7)), min_size=1, max_size=20),
)
def test_file_with_turned_bits_is_answered(
    real: tuple[bytes, FileKind], flips: list[tuple[float, int]]
) -> None:
    content = bytearray(real[0])
    for place, bit in flips:
        content[int(len(content) * place)] ^= 1 << bit
    read(bytes(content), real[1])


def test_file_is_answered_when_it_is_said_to_be_another() -> None:
    for (content, kind), said in product(REAL, FileKind):
        if kind is not said and {kind, said} != {FileKind.JPEG, FileKind.PNG}:
            assert read(content, said).bills == ()
