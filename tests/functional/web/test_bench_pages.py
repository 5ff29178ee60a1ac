"""The adjuster's bench: the paper beside its verdict, whom the claim is about, and how few presses it takes."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from daycover.claims.claim import Claim
from daycover.claims.documents import DocumentStatus
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.looks import LookedAt
from daycover.platform.callers import Duty
from tests.functional.web.pages import Pages
from tests.support.browser import PHONE, Tab
from tests.support.builders import WORKER, a_project, an_id_number
from tests.unit.claims.world import World

WIDE = {"width": 1366, "height": 768}
SMALLEST = {"width": 240, "height": 500}


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def opened(pages: Pages, browser: Browser, claim: Claim, *duties: Duty, size: Any = None) -> Tab:
    tab = pages.staff(browser, size or WIDE, *(duties or (Duty.ADJUSTER,)))
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.sees("历史")
    return tab


def shown(tab: Tab) -> str:
    return tab.page.locator(".paper-name").inner_text()


class Presses:
    """Counts what a person does: every key or click, and a text that is typed, as one."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.count = 0

    def key(self, key: str) -> None:
        self.count += 1
        self.tab.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.count += 1
        self.tab.page.keyboard.insert_text(text)


def test_five_verdicts_and_a_decision_take_nine_presses_and_no_dialog(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    tab = opened(pages, browser, claim)
    tab.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    waiting = [d for d in world.documents.list_of(claim.claim_no) if d.status is DocumentStatus.RECEIVED]
    assert len(waiting) == 5
    presses = Presses(tab)
    for left in range(5, 0, -1):
        expect(tab.page.locator(".documents button.accept")).to_have_count(left)
        expect(tab.page.locator("main")).not_to_have_attribute("aria-busy", "true")
        presses.key("a")
    expect(tab.page.locator(".documents button.accept")).to_have_count(0)
    expect(tab.page.locator("main")).not_to_have_attribute("aria-busy", "true")
    presses.key("d")
    presses.types("票据和病历齐全，金额在责任范围内")
    presses.key("Tab")
    presses.key("Enter")
    tab.sees("已核定，待复核")
    assert presses.count <= 9
    assert tab.page.get_by_role("dialog").count() == 0
    assert {d.status for d in world.documents.list_of(claim.claim_no)} == {DocumentStatus.ACCEPTED}
    assert world.claims.get(claim.claim_no).status is ClaimStatus.DECIDED
    tab.check()
    tab.close()


def test_next_paper_is_shown_and_nothing_typed_is_lost_when_one_is_accepted(
    browser: Browser, pages: Pages
) -> None:
    claim = pages.world.referred()
    tab = opened(pages, browser, claim)
    decide = tab.page.get_by_role("form", name="提交核定")
    decide.locator("[name=reason]").fill("还在写")
    first = shown(tab)
    button = tab.page.get_by_role("button", name=f"认可{first}", exact=True)
    button.scroll_into_view_if_needed()
    places = "() => [scrollY, document.querySelector('.bench-right').scrollTop]"
    before = tab.page.evaluate(places)
    button.click()
    expect(button).to_have_count(0)
    expect(tab.page.locator("main")).not_to_have_attribute("aria-busy", "true")
    assert shown(tab) != first
    expect(tab.page.locator(".documents [aria-current] b")).to_have_text(shown(tab))
    assert decide.locator("[name=reason]").input_value() == "还在写"
    after = tab.page.evaluate(places)
    assert all(abs(now - then) < 200 for now, then in zip(after, before, strict=True)), (before, after)
    tab.check()
    tab.close()


def test_key_asks_for_a_reason_when_a_paper_is_rejected(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    tab = opened(pages, browser, claim)
    label = shown(tab)
    tab.page.keyboard.press("r")
    form = tab.page.get_by_role("form", name=f"审核{label}", exact=True)
    expect(form.locator("[name=reason]")).to_be_focused()
    assert form.locator("[name=status]").input_value() == "REJECTED"
    assert form.locator("[name=reason_code]").input_value() == "UNREADABLE"
    tab.page.keyboard.insert_text("a")
    assert form.locator("[name=reason]").input_value() == "a", "a letter that is typed is no verdict"
    form.locator("[name=reason]").fill("第二页看不清日期")
    form.get_by_role("button", name="提交").click()
    tab.sees("未通过，请重传")
    (rejected,) = [d for d in world.documents.list_of(claim.claim_no) if d.status is DocumentStatus.REJECTED]
    assert len(pages.calls) == 1
    assert rejected.document_id in pages.calls[0][1]
    tab.check()
    tab.close()


def test_rest_is_accepted_in_two_presses_when_nothing_is_doubtful(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    tab = opened(pages, browser, claim)
    tab.page.locator("summary", has_text="全部认可（5 份）").click()
    tab.sees("材料清晰，与本案相符")
    assert pages.calls == []
    tab.press("确认全部认可")
    expect(tab.page.locator(".documents button.accept")).to_have_count(0)
    assert {d.status for d in world.documents.list_of(claim.claim_no)} == {DocumentStatus.ACCEPTED}
    tab.check()
    tab.close()


def test_page_is_fetched_when_it_is_shown_and_not_before(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    tab = opened(pages, browser, claim)
    first = shown(tab)
    assert len(pages.looks) == 1, "each page that is shown is a look; no other is fetched"
    for key in ("j", "k"):
        with tab.page.expect_response(lambda answer: "/file?" in answer.url):
            tab.page.keyboard.press(key)
    expect(tab.page.locator(".paper-name")).to_have_text(first)
    assert len(pages.looks) == 3
    tab.check()
    tab.close()


def test_person_and_work_are_in_clear_for_who_decides_and_for_nobody_else(
    browser: Browser, pages: Pages
) -> None:
    claim = pages.world.referred()
    number = an_id_number()
    shown_as = f"{number[:6]} {number[6:14]} {number[14:]}"
    tab = opened(pages, browser, claim)
    project = a_project()
    tab.sees("王小明", shown_as, project.company_name, project.employer_name, project.name)
    (look,) = pages.insured_looks.list_of(claim.claim_no)
    assert (look.by, look.what) == (pages.staff_id, LookedAt.IDENTITY)
    tab.press("认可出入院记录")
    expect(tab.page.get_by_role("button", name="认可出入院记录")).to_have_count(0)
    assert len(pages.insured_looks.list_of(claim.claim_no)) == 1, "drawn again, not read again"
    assert number not in tab.stored()
    tab.check()
    tab.close()

    clerk = opened(pages, browser, claim, Duty.INTAKE)
    clerk.sees("王**", "姓名和证件号码只对核定人员显示。", project.company_name)
    insured = clerk.page.locator("section", has_text="被保险人和工作")
    assert "王小明" not in insured.inner_text(), "the patient of a bill is health data, which a clerk reads"
    clerk.does_not_see(shown_as)
    clerk.check()
    clerk.close()


def test_page_says_so_when_the_person_was_erased(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    world.workers.lock_data(WORKER, world.at)
    world.workers.forget_identity(WORKER, world.at)
    tab = opened(pages, browser, claim)
    tab.sees("此人的个人信息已按其申请删除，无法再显示。", "王**", "提交核定")
    tab.check()
    tab.close()


def test_history_speaks_in_words_when_read(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    tab = opened(pages, browser, claim)
    timeline = tab.page.locator(".timeline")
    expect(timeline).to_contain_text("被保险人")
    expect(timeline).to_contain_text("系统")
    assert "WORKER:" not in timeline.inner_text()
    assert "SYSTEM:" not in timeline.inner_text()
    tab.close()


@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 360, "height": 740}, SMALLEST])
def test_bench_fits_and_is_touched_with_a_thumb_when_the_window_is_small(
    browser: Browser, pages: Pages, size: dict[str, int]
) -> None:
    claim = pages.world.referred()
    tab = opened(pages, browser, claim, size=size)
    assert tab.fits()
    assert tab.small(".viewer button, .bench-right :is(button, summary), .file-head a") == []
    left, right = (tab.page.locator(side).bounding_box() for side in (".viewer", ".bench-right"))
    assert left is not None
    assert right is not None
    assert (right["x"] >= left["x"] + left["width"]) == (size["width"] >= 1000), "side by side, or one below"
    tab.check()
    tab.close()
