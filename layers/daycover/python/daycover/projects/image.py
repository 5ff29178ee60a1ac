"""The picture of a QR code: PNG for screens, SVG for print, a sheet for the gate."""

import io
import re
from html import escape

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage
from qrcode.image.svg import SvgPathFillImage

from daycover.projects.project import Project

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""


SHEET_FONTS = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"


def draw_code(kind: str, link: str) -> bytes:
    """Draw the code of a link as `png` or `svg`."""
    return (qr_png if kind == "png" else qr_svg)(link)


def qr_png(content: str, module_px: int = 10) -> bytes:
    """Draw `content` as a PNG with `module_px` pixels a module."""
    return _draw(content, PyPNGImage, module_px)


def qr_svg(content: str, module_px: int = 10) -> bytes:
    """Draw `content` as an SVG, on a white ground so that it scans on any paper."""
    return _draw(content, SvgPathFillImage, module_px)


def poster_sheet(link: str, project: Project, insurer: str, hotline: str) -> bytes:
    """Draw the A4 sheet for the gate as SVG: code, project, four steps, who pays, insurer and hotline.

    What must be read from the wall at three metres, title, steps and warning, has letters of 9 mm and more.
    """
    drawn = qr_svg(link).decode()
    view_box, path = re.search(r'viewBox="([^"]+)"', drawn), re.search(r'<path [^>]*?d="([^"]+)"', drawn)
    assert view_box is not None  # both always stand in what SvgPathFillImage draws
    assert path is not None
    shift = f"{project.shift.starts_at:%H:%M} – {project.shift.ends_at:%H:%M}"
    face = "人脸打卡" if project.referred_work is None else "申请人工核验"
    dates = f"{project.starts_on:%Y.%m.%d} – {project.ends_on:%Y.%m.%d}"
    lines = [
        (26, 15, "700", "#14213d", "上工前扫码 保障 24 小时"),
        (36, 6, "400", "#5c677d", "Scan before work. Covered for the next 24 hours."),
        (48, 8, "600", "#14213d", project.name),
        (57, 5.5, "400", "#5c677d", f"{project.employer_name}  ·  {dates}  ·  {shift}"),
        (262, 9, "700", "#b42318", "没有看到保单号之前没有保障,请勿开工"),
        (274, 6, "600", "#067a45", f"保费由{project.company_name}承担,不从工资中扣除"),
        (285, 6, "400", "#14213d", f"承保:{insurer}    理赔电话:{hotline}"),
    ]
    texts = "".join(_line(*line) for line in lines)
    steps = "".join(
        _step(number, text)
        for number, text in enumerate(("微信扫码", "阅读并同意", face, "看到保单号"), start=1)
    )
    sheet = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">'
        '<rect width="210" height="297" fill="#fff"/>'
        f'<svg x="40" y="62" width="130" height="130" viewBox="{view_box[1]}"><path d="{path[1]}"/></svg>'
        f'<g font-family="{SHEET_FONTS}"><g text-anchor="middle">{texts}</g>{steps}</g></svg>'
    )
    return sheet.encode()


def _line(y: int, size: float, weight: str, fill: str, text: str) -> str:
    """One centred line; a long name gets smaller letters instead of running off the sheet."""
    size = min(size, 190 / len(text))
    style = f'font-size="{size:.1f}" font-weight="{weight}" fill="{fill}"'
    return f'<text x="105" y="{y}" {style}>{escape(text)}</text>'


STEP_MM = 12.0
"""Letters of a step; two steps stand beside each other."""


def _step(number: int, text: str) -> str:
    """One of four steps, its number in a disc."""
    x, y = 14 + (number - 1) % 2 * 96, 198 + (number - 1) // 2 * 24
    return (
        f'<circle cx="{x + 9}" cy="{y + 9}" r="9" fill="#067a45"/>'
        f'<text x="{x + 9}" y="{y + 13.5}" font-size="{STEP_MM}" font-weight="700" fill="#fff" text-anchor="middle">'
        f"{number}</text>"
        f'<text x="{x + 22}" y="{y + 13.5}" font-size="{STEP_MM}" font-weight="700" fill="#14213d">{text}</text>'
    )


def _draw(content: str, factory: type, module_px: int) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=module_px, border=QUIET_ZONE)
    code.add_data(content)
    code.make(fit=True)
    target = io.BytesIO()
    code.make_image(image_factory=factory).save(target)
    return target.getvalue()
