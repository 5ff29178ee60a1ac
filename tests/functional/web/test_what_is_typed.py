"""What somebody typed stays: through a drawing anew, a reload, another language, a session that ends; and no longer."""

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from daycover.claims.documents import DocumentType
from daycover.errors import DaycoverError
from daycover.platform.problems import UnauthenticatedError
from tests.functional.web.pages import ENDS, Pages
from tests.support.browser import PHONE, Tab
from tests.unit.claims.world import World

STORY = "从传送带上取件时被压到右脚"


class Reports(Pages):
    """Takes a report, unless told to refuse it."""

    refusal: DaycoverError | None = None
    errors: list[dict[str, str]] | None = None

    def answer(self, method: str, path: str, query: Any, body: Any) -> tuple[int, dict[str, Any]]:
        if (method, path) != ("POST", "/v1/claims"):
            return super().answer(method, path, query, body)
        if self.refusal is not None:
            raise self.refusal
        if self.errors is not None:
            detail = "有内容填写得不对，请按各处的说明修改后再提交。"
            return 422, {"title": "内容有误", "status": 422, "detail": detail, "errors": self.errors}
        return 202, {"report_no": "R1", "status": "UNMATCHED", "documents": [], "consents_wanted": []}


@pytest.fixture
def pages() -> Reports:
    return Reports(World())


def report(tab: Tab) -> Locator:
    return tab.page.locator("[name=description]")


def written(tab: Tab) -> None:
    tab.open("/me#/report")
    tab.fill(place="三号分拣线", injury="右脚", description=STORY, phone="13800138000")
    tab.page.get_by_label("住院津贴").check()


def stands(tab: Tab) -> None:
    expect(report(tab)).to_have_value(STORY)
    expect(tab.page.locator("[name=place]")).to_have_value("三号分拣线")
    expect(tab.page.locator("[name=claim_types][value=HOSPITAL]")).to_be_checked()


def token_of(subject: str) -> dict[str, str]:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).decode().rstrip("=")
    return {"token": f"e30.{claims}.s", "ends": ENDS}


def test_report_stands_as_typed_when_the_page_is_loaded_again_or_changes_its_language(
    browser: Browser, pages: Reports
) -> None:
    tab = pages.worker(browser, PHONE)
    written(tab)
    tab.page.reload()
    tab.sees("报案")
    stands(tab)
    tab.press("English")
    tab.sees("Report an accident")
    stands(tab)
    tab.press("中文")
    tab.sees("请先救治")
    stands(tab)
    assert "13800138000" not in tab.stored(), "a phone number is nobody's to find here"
    tab.check()
    tab.close()


def test_report_stands_as_typed_when_the_session_ends_under_it_and_for_nobody_else(
    browser: Browser, pages: Reports
) -> None:
    tab = pages.tab(browser, PHONE, "worker", token_of("W1"))
    written(tab)
    for subject, text in (("W1", STORY), ("W2", "")):
        pages.refusal = UnauthenticatedError()
        tab.press("提交报案")
        tab.sees("请从微信进入")
        kept = json.dumps(token_of(subject))
        tab.page.evaluate("(facts) => sessionStorage.setItem('daycover.worker', facts)", kept)
        tab.page.evaluate("() => dispatchEvent(new HashChangeEvent('hashchange'))")
        expect(report(tab)).to_have_value(text)
    tab.close()


def test_nothing_comes_back_when_it_was_sent(browser: Browser, pages: Reports) -> None:
    tab = pages.worker(browser, PHONE)
    written(tab)
    tab.press("提交报案")
    tab.sees("已收到报案 R1")
    (_, _, body) = pages.calls[-1]
    assert body["phone"] == "13800138000"
    tab.page.reload()
    tab.sees("请先救治")
    expect(report(tab)).to_have_value("")
    tab.check()
    tab.close()


def test_text_and_cursor_stay_when_the_claim_moves_under_them(browser: Browser, pages: Reports) -> None:
    """Two phones at once: a relative's sends a paper while the insured types a complaint."""
    claim = pages.world.reported()
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.page.get_by_text("投诉", exact=True).click()
    words = tab.page.get_by_label("内容")
    words.fill("等了三天")
    words.press("ArrowLeft")
    tab.page.evaluate("() => { globalThis.box = document.activeElement; globalThis.place = scrollY; }")
    pages.world.send(claim, DocumentType.MEDICAL_RECORD)
    tab.sees("还差 4 份")
    expect(words).to_have_value("等了三天")
    expect(words).to_be_focused()
    words.press_sequentially("整")
    expect(words).to_have_value("等了三整天")
    assert tab.page.evaluate("() => globalThis.box === document.activeElement"), "the very same element"
    tab.check()
    tab.close()


def test_what_is_wrong_stands_at_its_field_in_words_when_the_page_or_the_api_finds_it(
    browser: Browser, pages: Reports
) -> None:
    tab = pages.worker(browser, PHONE)
    tab.open("/me#/report")
    tab.press("提交报案")
    wrong = tab.page.locator("[aria-invalid=true]")
    expect(wrong).to_have_count(3)
    expect(tab.page.locator("[name=place]")).to_be_focused()
    tab.sees("请填写", "有 3 处要改")
    tab.fill(place="三号分拣线", injury="右脚", description=STORY)
    expect(wrong).to_have_count(0)
    pages.errors = [
        {"pointer": "/claim_types", "detail": "至少 1 项"},
        {"pointer": "/accident/occurred_at", "detail": "不能晚于现在"},
    ]
    tab.press("提交报案")
    tab.sees("至少 1 项", "不能晚于现在", "有 2 处要改")
    for developers in ("errors", "claim_types", "occurred_at", "/accident"):
        tab.does_not_see(developers)
    first = tab.page.locator("[name=occurred_at]")
    expect(first).to_have_attribute("aria-invalid", "true")
    described = str(first.get_attribute("aria-describedby"))
    expect(tab.page.locator(f"#{described.rsplit(maxsplit=1)[-1]}")).to_have_text("不能晚于现在")
    expect(first).to_be_in_viewport()
    tab.check(refusals=[422])
    tab.close()


@pytest.mark.parametrize("width", [240, 360, 1366])
def test_report_fits_when_the_window_is_as_narrow_or_as_wide(
    browser: Browser, pages: Reports, width: int
) -> None:
    tab = pages.worker(browser, {"width": width, "height": 740})
    written(tab)
    assert tab.fits()
    tab.close()
