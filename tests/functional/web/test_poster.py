"""The sheet for the gate in a browser: one page on paper, and files that a printer takes."""

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.functional.web.board_pages import BoardPages
from tests.support.browser import DESKTOP, Tab
from tests.support.codes import decode_png, token_of

A4_300 = (2480, 3508)
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.fixture
def tab(browser: Browser) -> Tab:
    pages = BoardPages(1)
    opened = pages.foreman(browser, DESKTOP)
    opened.open(f"{pages.desk_path}/code")
    opened.page.get_by_alt_text("A4 打印页").wait_for()
    return opened


def saved(tab: Tab, name: str) -> tuple[str, bytes]:
    with tab.page.expect_download() as awaited:
        tab.page.get_by_role("button", name=name).or_(tab.page.get_by_role("link", name=name)).first.click()
    return awaited.value.suggested_filename, Path(awaited.value.path()).read_bytes()


def size_of(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def test_poster_is_one_page_when_it_is_printed(tab: Tab) -> None:
    printed = tab.page.pdf(prefer_css_page_size=True)
    assert len(PAGE.findall(printed)) == 1
    assert len(PAGE.findall(tab.page.pdf(format="A4", margin={"top": "10mm", "bottom": "10mm"}))) == 1
    tab.close()


def test_poster_is_a_pdf_of_one_page_when_downloaded(tab: Tab) -> None:
    name, content = saved(tab, "下载 PDF")
    assert name == "双十一分拣 投保海报.pdf"
    assert content.startswith(b"%PDF-1.4")
    assert content.endswith(b"%%EOF\n")
    assert len(PAGE.findall(content)) == 1
    assert b"/MediaBox [0 0 595.28 841.89]" in content
    begin = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert content[begin : begin + 4] == b"xref"
    for number, line in enumerate(content[begin:].split(b"\n")[3:8], start=1):
        assert content[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    tab.check()
    tab.close()


def test_poster_scans_when_it_is_a_picture_of_print_size(tab: Tab) -> None:
    name, content = saved(tab, "下载 PNG 图片")
    assert (name, size_of(content)) == ("双十一分拣 投保海报.png", A4_300)
    assert token_of(decode_png(content))
    tab.check()
    tab.close()


@pytest.mark.parametrize("name", ["下载 PNG", "下载 PNG（半分钟内有效）"])
def test_code_alone_is_a_picture_when_downloaded(tab: Tab, name: str) -> None:
    with tab.page.expect_download() as awaited:
        tab.page.get_by_text(name, exact=True).click()
    assert token_of(decode_png(Path(awaited.value.path()).read_bytes()))
    tab.close()
