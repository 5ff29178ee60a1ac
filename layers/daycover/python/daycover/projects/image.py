"""The picture of a QR code: PNG for screens, SVG for print. Never on the check-in path."""

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage
from qrcode.image.svg import SvgPathFillImage

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""


def qr_png(content: str, module_px: int = 10) -> bytes:
    """Draw `content` as a PNG with `module_px` pixels a module."""
    return _draw(content, PyPNGImage, module_px)


def qr_svg(content: str, module_px: int = 10) -> bytes:
    """Draw `content` as an SVG, on a white ground so that it scans on any paper."""
    return _draw(content, SvgPathFillImage, module_px)


def _draw(content: str, factory: type, module_px: int) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=module_px, border=QUIET_ZONE)
    code.add_data(content)
    code.make(fit=True)
    target = io.BytesIO()
    code.make_image(image_factory=factory).save(target)
    return target.getvalue()
