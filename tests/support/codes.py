"""Read a QR code's picture with a decoder that shares nothing with the one that drew it."""

import importlib
from typing import Any

import zxingcpp

_png: Any = importlib.import_module("png")  # pypng has no type stubs


def decode_png(picture: bytes) -> str:
    """Return the text of the one QR code in a picture."""
    width, height, rows, facts = _png.Reader(bytes=picture).asDirect()
    planes, brightest = facts["planes"], (1 << facts["bitdepth"]) - 1
    grey = bytes(
        255 * row[column * planes] // brightest for row in map(list, rows) for column in range(width)
    )
    # of QR codes alone: a row of modules may by chance be what a short bar code looks like
    seen = memoryview(grey).cast("B", (height, width))
    found = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    if len(found) != 1:
        raise ValueError(f"{len(found)} codes in the picture")
    return str(found[0].text)


def token_of(link: str) -> str:
    """Return the signed token at the end of a scan link (`…/s/<token>`)."""
    head, _, token = link.rpartition("/s/")
    if not head.startswith(("https://", "http://")) or not token:
        raise ValueError("the code holds no scan link")
    return token
