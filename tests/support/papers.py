"""Photographed and printed papers: the smallest real files, the same for the same text, another for another."""

import struct
import zlib

SIDE = 300
"""Pixels of a picture's side: the least that can be read."""


def a_png(text: str, width: int = SIDE, height: int = SIDE) -> bytes:
    """Give a white picture in grey levels; the text stands in a comment."""
    rows = (b"\0" + b"\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"iTXt", b"Comment\0\0\0\0\0" + text.encode())
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def a_jpeg(text: str, width: int = SIDE, height: int = SIDE) -> bytes:
    """Give a grey picture, baseline; the text stands in a comment.

    Each code table knows one word, `0`: no change of brightness, end of block. So a block is two bits.
    """
    blocks = -(-width // 8) * -(-height // 8)
    bits = "00" * blocks
    data = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8), "big")
    one_word = bytes([1, *[0] * 15, 0])
    return (
        b"\xff\xd8"
        + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + _segment(0xFE, text.encode())
        + _segment(0xDB, bytes([0, *[1] * 64]))
        + _segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
        + _segment(0xC4, b"\x00" + one_word)
        + _segment(0xC4, b"\x10" + one_word)
        + _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + data.replace(b"\xff", b"\xff\0")
        + b"\xff\xd9"
    )


def a_pdf(text: str) -> bytes:
    """Give one page A4 that shows the text; only ASCII is drawn, the whole of it stands in the title."""
    drawn = "".join(c if c.isascii() and c.isprintable() and c not in "\\()" else "?" for c in text)
    page = f"BT /F1 18 Tf 72 720 Td ({drawn}) Tj ET".encode()
    title = (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title <%b> >>" % title,
    )
    file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        file
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
