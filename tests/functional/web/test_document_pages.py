"""Handing in papers on a phone: pages, several bills, a better one, photos as phones really make them."""

import io
import re
import struct

import pytest
from PIL import ExifTags, Image, ImageDraw
from playwright.sync_api import Browser, FilePayload, Locator, expect

from daycover.claims.claim import Claim
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import DayFacts
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimStatus
from daycover.file_kind import FileKind
from daycover.upload import ContentType
from tests.functional.web.pages import Pages
from tests.support.browser import PHONE, Tab
from tests.support.papers import a_jpeg, a_pdf, a_png
from tests.unit.claims.world import World

APPLE_BROWSER = """
const decode = globalThis.createImageBitmap;
globalThis.createImageBitmap = (blob) => decode(blob.type === "image/heic" ? new ImageData(900, 700) : blob);
"""
"""A browser that opens Apple's photos, as Safari does."""
PAPERS = (
    DocumentType.MEDICAL_RECORD,
    DocumentType.DIAGNOSIS,
    DocumentType.INVOICE,
    DocumentType.EXPENSE_LIST,
)
HEIC = struct.pack(">I", 24) + b"ftypheic" + b"\0\0\0\0mif1heic" + b"\0" * 4000


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


PROGRESS = """
globalThis.said = [];
const say = () => document.querySelectorAll(".sending").forEach((one) => globalThis.said.push(one.textContent));
new MutationObserver(say).observe(document, { childList: true, subtree: true, characterData: true });
"""


def photo(text: str, mime: str = "image/jpeg", name: str = "IMG_0001.jpg") -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": a_jpeg(text)}


def upload_form(tab: Tab, name: str) -> Locator:
    return tab.page.get_by_role("form", name=name, exact=True)


def choose(form: Locator, *files: FilePayload) -> None:
    form.locator("[name=file]").set_input_files(list(files))


def opened(pages: Pages, browser: Browser, *scripts: str) -> tuple[Claim, Tab]:
    claim = pages.world.reported()
    tab = pages.worker(browser, PHONE, scripts=scripts)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.sees("还差 5 份")
    return claim, tab


def fits_a_phone(tab: Tab) -> None:
    """Nothing is wider than the phone, and what is touched is as large as a thumb."""
    assert tab.fits()
    small = tab.page.evaluate(
        """() => [...document.querySelectorAll("main button, main summary, main .shoot label, main select")]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
          .map((one) => `${one.textContent || one.name} ${one.getBoundingClientRect().height}`)"""
    )
    assert small == []


def test_document_has_several_pages_when_photos_are_taken_one_after_another(
    browser: Browser, pages: Pages
) -> None:
    claim, tab = opened(pages, browser)
    form = upload_form(tab, "上传病历")
    choose(form, photo("one"))
    choose(form, photo("two", ""), photo("three", "image/jpg"))
    expect(form.locator(".pages li")).to_have_count(3)
    form.get_by_role("button", name="删除第 2 页").click()
    choose(form, photo("four", "application/octet-stream"))
    fits_a_phone(tab)
    form.get_by_role("button", name="上传（3 页）").click()
    tab.sees("第 1 份，3 页", "还差 4 份")
    (document,) = pages.world.documents.list_of(claim.claim_no)
    assert document.status is DocumentStatus.RECEIVED
    assert (document.file_kind, *document.further_kinds) == (FileKind.JPEG,) * 3
    assert {page.content_type.value for page in document.announced.pages} == {"image/jpeg"}
    fits_a_phone(tab)
    tab.check()
    tab.close()


def test_what_is_chosen_elsewhere_stays_when_one_document_was_sent(browser: Browser, pages: Pages) -> None:
    _, tab = opened(pages, browser)
    other = upload_form(tab, "上传诊断证明")
    choose(other, photo("diagnosis"))
    record = upload_form(tab, "上传病历")
    choose(record, photo("record"))
    record.get_by_role("button", name="上传", exact=True).click()
    tab.sees("还差 4 份")
    expect(other.locator(".pages li")).to_have_count(1)
    tab.check()
    tab.close()


def test_bill_needs_no_typing_when_its_file_says_what_it_is(browser: Browser, pages: Pages) -> None:
    claim, tab = opened(pages, browser)
    form = upload_form(tab, "上传发票（纸质原件或电子发票）")
    tab.sees("电子发票的文件（XML、OFD、PDF），或拍到二维码的照片，不用再填。")
    expect(form.locator("[name=invoice_no]")).to_be_hidden()
    choose(form, {"name": "发票.xml", "mimeType": "text/xml", "buffer": b'<?xml version="1.0"?><EInvoice/>'})
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("第 1 份 ·")
    tab.page.locator("summary", has_text="再传一张发票").click()
    choose(form, photo("paper bill"))
    form.locator("summary", has_text="纸质发票").click()
    form.locator("[name=invoice_no]").fill("0012345678")
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("票据号码和合计金额都要填")
    form.locator("[name=code]").fill("12")
    form.locator("summary", has_text="纸质发票").click()
    form.get_by_role("button", name="上传", exact=True).click()
    expect(form.locator("[name=code]"), "what is wrong is unfolded").to_be_visible()
    form.locator("[name=code]").fill("１１０６ ０１２４")
    form.locator("[name=check_code]").fill("12345 67890")
    form.locator("[name=amount]").fill("1，6００．50")
    fits_a_phone(tab)
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("第 2 份 ·")
    first, second = sorted(
        pages.world.documents.list_of(claim.claim_no), key=lambda d: d.announced.facts is not None
    )
    assert first.announced.facts is None
    assert first.announced.content_type is ContentType.XML
    assert second.invoice_no == "110601240012345678"
    tab.check()
    tab.close()


def test_heic_is_told_what_to_set_when_the_browser_cannot_open_it(browser: Browser, pages: Pages) -> None:
    _, tab = opened(pages, browser)
    form = upload_form(tab, "上传病历")
    for name, mime in (("IMG_2034.HEIC", "image/heic"), ("IMG_2034.jpg", "image/jpeg"), ("image", "")):
        choose(form, {"name": name, "mimeType": mime, "buffer": HEIC})
        tab.sees("设置 - 相机 - 格式 里选“兼容性最佳”", "传截图")
    choose(form, {"name": "病历.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"})
    tab.sees("这个文件不是照片，也不是 PDF")
    expect(form.locator(".pages li")).to_have_count(0)
    expect(form.get_by_role("button", name="上传", exact=True)).to_be_hidden()
    assert pages.calls == []
    fits_a_phone(tab)
    tab.check()
    tab.close()


def test_heic_is_sent_as_jpeg_when_the_browser_can_open_it(browser: Browser, pages: Pages) -> None:
    claim, tab = opened(pages, browser, APPLE_BROWSER)
    form = upload_form(tab, "上传病历")
    choose(form, {"name": "IMG_2034.jpg", "mimeType": "", "buffer": HEIC})
    tab.sees("已转成 JPEG")
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("还差 4 份")
    (document,) = pages.world.documents.list_of(claim.claim_no)
    assert document.file_kind is FileKind.JPEG
    tab.check()
    tab.close()


def test_photo_is_sent_as_it_is_when_the_browser_decodes_none(browser: Browser, pages: Pages) -> None:
    claim, tab = opened(pages, browser, "delete globalThis.createImageBitmap;")
    form = upload_form(tab, "上传病历")
    choose(form, {"name": "IMG_2034.jpg", "mimeType": "image/jpeg", "buffer": HEIC})
    tab.sees("设置 - 相机 - 格式 里选“兼容性最佳”")
    choose(form, photo("one", ""))
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("还差 4 份")
    (document,) = pages.world.documents.list_of(claim.claim_no)
    assert document.file_kind is FileKind.JPEG
    tab.check()
    tab.close()


def test_large_photo_is_made_smaller_and_a_pdf_never_when_chosen(browser: Browser, pages: Pages) -> None:
    claim, tab = opened(pages, browser)
    large = a_png("large", 4000, 3000) + b"\0" * (3 * 1024 * 1024)
    form = upload_form(tab, "上传病历")
    choose(form, {"name": "scan.png", "mimeType": "image/png", "buffer": large})
    tab.sees("已缩小，字迹不受影响")
    pdf = a_pdf("list") + b"\n" * 4096
    choose(form, {"name": "list.pdf", "mimeType": "", "buffer": pdf})
    form.get_by_role("button", name="上传（2 页）").click()
    tab.sees("第 1 份，2 页")
    (document,) = pages.world.documents.list_of(claim.claim_no)
    picture, paper = document.announced.pages
    assert (document.file_kind, *document.further_kinds) == (FileKind.JPEG, FileKind.PDF)
    assert picture.size < len(large)
    assert paper.size == len(pdf)
    tab.check()
    tab.close()


def test_photo_of_a_phone_leaves_upright_as_400_kb_and_its_bytes_are_counted(
    browser: Browser, pages: Pages
) -> None:
    """Four megabytes of a bill on a table, held sideways: printed lines, a shadow, the sensor's noise."""
    claim, tab = opened(pages, browser, PROGRESS)
    taken = a_phone_s_photo()
    assert len(taken) > 4_000_000
    form = upload_form(tab, "上传病历")
    choose(form, {"name": "IMG_4032.jpg", "mimeType": "image/jpeg", "buffer": taken})
    tab.sees("已缩小，字迹不受影响")
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("还差 4 份")
    (document,) = pages.world.documents.list_of(claim.claim_no)
    (page,) = document.announced.pages
    assert page.size <= 400_000
    with Image.open(io.BytesIO(pages.world.vault.read(document) or b"")) as sent:
        assert (sent.width, sent.height) == (1800, 2400)
    said = tab.page.evaluate("() => globalThis.said")
    assert any(re.search(rf"\d+ KB / {-(-page.size // 1024)} KB", text) for text in said)
    tab.check()
    tab.close()


def a_phone_s_photo() -> bytes:
    noise = Image.effect_noise((4032, 3024), 38).convert("RGB")
    shadow = Image.linear_gradient("L").resize(noise.size).convert("RGB")
    picture = Image.blend(shadow, noise, 0.35)
    pen = ImageDraw.Draw(picture)
    for line in range(200, 2_900, 60):
        pen.text((200, line), "HOSPITAL BILL No 00120045 12.50 0.80 110101", fill=(20, 20, 30))
    held = Image.Exif()
    held[ExifTags.Base.Orientation] = 6
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=92, exif=held)
    return content.getvalue()


def test_legible_size_is_kept_when_a_photo_is_made_smaller(browser: Browser, pages: Pages) -> None:
    _, tab = opened(pages, browser)
    for width, height, scale in ((4000, 3000, 0.6), (1000, 8000, 1), (2400, 1800, 1)):
        asked = f"async () => (await import('/static/current/photos.js')).scaleOf({width}, {height})"
        assert tab.page.evaluate(asked) == scale
    tab.close()


def test_rejected_document_is_replaced_when_a_better_one_is_sent(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.reported()
    blurred = world.send(claim, DocumentType.MEDICAL_RECORD)
    world.send(claim, DocumentType.DIAGNOSIS)
    verdict = DocumentVerdict(DocumentStatus.REJECTED, "UNREADABLE", "拍糊了")
    world.judge("adjuster-1", claim.claim_no, blurred.document_id, verdict)
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.sees("原因：材料不清晰", "还差 4 份")
    form = upload_form(tab, "换一张病历")
    choose(form, photo("sharp"))
    fits_a_phone(tab)
    form.get_by_role("button", name="上传", exact=True).click()
    tab.sees("已换新", "还差 3 份")
    tab.page.get_by_label("换一张：第 1 份诊断证明").click()
    choose(upload_form(tab, "换一张诊断证明"), photo("as good"))
    tab.sees("再加一页")
    stored = world.documents.list_of(claim.claim_no)
    (sharp,) = (document for document in stored if document.announced.replaces == blurred.document_id)
    assert sharp.status is DocumentStatus.RECEIVED
    assert world.documents.get(claim.claim_no, blurred.document_id).status is DocumentStatus.REPLACED
    tab.check()
    tab.close()


def test_refusal_names_what_is_missing_when_staff_have_rejected_meanwhile(
    browser: Browser, pages: Pages
) -> None:
    world = pages.world
    claim = world.reported()
    papers = [world.send(claim, kind) for kind in PAPERS]
    world.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.sees("需要的材料都已收到")
    verdict = DocumentVerdict(DocumentStatus.REJECTED, "UNREADABLE", "拍糊了")
    tab.press("材料交齐了")
    world.judge("adjuster-1", claim.claim_no, papers[0].document_id, verdict)
    tab.page.get_by_role("dialog").get_by_role("button", name="材料交齐了").click()
    tab.sees("还有材料没有交", "还缺:病历。")
    tab.check(refusals=[409])
    tab.close()


def test_papers_are_all_sent_when_the_worker_says_so(browser: Browser, pages: Pages) -> None:
    claim, tab = opened(pages, browser)
    tab.sees("还差：病历、诊断证明", "交齐后，这里会出现“材料交齐了”。")
    assert tab.page.get_by_role("button", name="材料交齐了").count() == 0
    for name in ("病历", "诊断证明", "发票（纸质原件或电子发票）", "费用清单", "出入院记录"):
        form = upload_form(tab, f"上传{name}")
        choose(form, photo(name))
        if name == "出入院记录":
            form.locator("[name=days]").fill("14")
        form.get_by_role("button", name="上传", exact=True).click()
        form.wait_for(state="detached")
    tab.sees("需要的材料都已收到")
    expect(tab.page.get_by_role("button", name="材料交齐了")).to_be_focused()
    fits_a_phone(tab)
    tab.press("材料交齐了")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("确定材料都交齐了？")
    dialog.get_by_role("button", name="材料交齐了").click()
    tab.sees("审核中")
    assert pages.world.claims.get(claim.claim_no).status is ClaimStatus.IN_REVIEW
    tab.check()
    tab.close()
