"""The QR code in a photographed or scanned bill."""

import importlib
import io
from typing import TYPE_CHECKING

from daycover.bills.dialects import each_once
from daycover.bills.words import bill_in_code
from daycover.claims.bill import BillElements, BillFault, ReadFile

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = {"JPEG": 60_000_000, "PNG": 25_000_000}
"""Of a picture; one of more is refused before it is unpacked. The largest phones take 50 million and write JPEG, which
is unpacked at the scale that is needed; a PNG is a screenshot, or a scan of a page."""
_SIDES = (2_000, 4_000)
"""Pixels of the longer side at which the code is looked for, the quicker first: a code of 2 cm on a page of 30
has 130 of the former, four for each of its modules."""


def load_for_pictures() -> bool:
    """Load Pillow and the decoder before a fork, so that the next file finds them loaded; tell whether they are there.

    Their wheels need glibc 2.28, which the runtime python3.11 has not.
    """
    try:
        for module in ("PIL.JpegImagePlugin", "PIL.PngImagePlugin", "zxingcpp"):
            # loads on use: 12 ms that only the function that reads files pays
            importlib.import_module(module)
    except ImportError:
        return False
    return True


def read_picture(content: bytes) -> ReadFile:
    """Give the bills whose QR codes a JPEG or PNG shows. Raises what its libraries raise."""
    # loaded by `load_for_pictures`
    from PIL import Image  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = max(
        MOST_PIXELS.values()
    )  # it refuses what is twice as large before it is opened
    with Image.open(io.BytesIO(content), formats=tuple(MOST_PIXELS)) as picture:
        if picture.width * picture.height > MOST_PIXELS[picture.format or ""]:
            return ReadFile(faults=(BillFault.HOSTILE,))
        return ReadFile(bills_shown(picture))


def bills_shown(picture: "Image") -> tuple[BillElements, ...]:
    """Give the bills whose QR codes a picture shows. Raises what its libraries raise."""
    # likewise
    import zxingcpp  # noqa: PLC0415

    picture.draft("L", (_SIDES[-1], _SIDES[-1]))  # a JPEG is unpacked at the scale that is needed
    grey = picture.convert("L")
    for side in _SIDES:
        shown = grey.copy()
        shown.thumbnail((side, side))
        codes = zxingcpp.read_barcodes(
            shown, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
        )
        found = each_once(bill for code in codes if (bill := bill_in_code(code.text)) is not None)
        if found or max(grey.size) <= side:
            return found
    return ()
