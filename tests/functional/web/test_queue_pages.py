"""A queue of claims in the browser: counts, filters, pages, who has taken what, the search, and the keyboard."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from daycover.claims.assign import Assigner
from daycover.claims.claim import Claim, Queue
from daycover.platform.callers import Duty
from tests.functional.web.pages import Pages
from tests.support.browser import Tab
from tests.support.claims import ACCIDENT_AT, a_notice
from tests.unit.claims.world import World

WIDE = {"width": 1366, "height": 768}
SIZES = [WIDE, {"width": 360, "height": 740}, {"width": 240, "height": 500}]
COLLEAGUE = Assigner("adjuster-9")


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def referred(pages: Pages, number: int = 0) -> Claim:
    return pages.world.referred(invoice_no=f"N{number}", occurred_at=ACCIDENT_AT - timedelta(minutes=number))


def many(pages: Pages, count: int) -> None:
    """As many claims as a busy week leaves."""
    claim = referred(pages)
    for number in range(count):
        name = f"CL{number:024d}"
        pages.world.claims._claims[name] = claim.model_copy(update={"claim_no": name})


def opened(pages: Pages, browser: Browser, hash_: str = "#/", size: dict[str, int] = WIDE) -> Tab:
    tab = pages.staff(browser, size, Duty.ADJUSTER)
    tab.open(f"/staff{hash_}")
    tab.sees("待核定")
    return tab


def test_tabs_say_how_many_wait_and_how_many_are_late(browser: Browser, pages: Pages) -> None:
    claim = referred(pages)
    assert claim.place is not None
    pages.world.at = claim.place.due
    tab = opened(pages, browser)
    expect(tab.page.get_by_role("link", name="待核定")).to_have_text(re.compile("待核定 1 超时 1"))
    expect(tab.page.get_by_role("link", name="待复核")).to_have_text("待复核 0")
    tab.check()
    tab.close()


def test_two_who_take_one_claim_are_told_who_has_it(browser: Browser, pages: Pages) -> None:
    claim = referred(pages)
    tab = opened(pages, browser)
    tab.sees("领取")
    pages.world.assign.hand_to(COLLEAGUE, claim.claim_no, COLLEAGUE.staff_id)
    tab.press("领取")
    tab.sees("该赔案已由他人领取", "重新载入可见是谁")
    tab.press("重新载入")
    tab.sees("adjuster-9")
    assert pages.world.claims.get(claim.claim_no).assignee == COLLEAGUE.staff_id
    tab.check(refusals=[409])
    tab.close()


def test_claim_is_taken_given_back_and_handed_over_with_its_history_in_words(
    browser: Browser, pages: Pages
) -> None:
    claim = referred(pages)
    tab = opened(pages, browser)
    tab.press("领取")
    expect(tab.page.get_by_role("button", name="退回")).to_be_visible()
    assert pages.world.claims.get(claim.claim_no).assignee == pages.staff_id
    tab.page.get_by_label("处理人").select_option("MINE")
    expect(tab.page).to_have_url(re.compile("whose=MINE"))
    expect(tab.page.locator("a.queue-line")).to_have_count(1)
    tab.follow(claim.claim_no)
    tab.sees("由您处理", "分配")
    tab.page.locator("summary", has_text="转交同事").click()
    tab.fill(to="adjuster-9")
    tab.press("转交")
    tab.sees("由 adjuster-9 处理。")
    assert pages.world.claims.get(claim.claim_no).assignee == "adjuster-9"
    tab.check()
    tab.close()


def test_queue_of_thousands_comes_page_by_page_and_stays_where_it_was(browser: Browser, pages: Pages) -> None:
    many(pages, 130)
    tab = opened(pages, browser)
    expect(tab.page.locator("a.queue-line")).to_have_count(50)
    tab.sees("第 1 / 3 页")
    tab.follow("下一页")
    tab.sees("第 2 / 3 页")
    expect(tab.page.get_by_role("link", name="待核定")).to_have_text(re.compile("131"))
    tab.page.reload()
    tab.sees("第 2 / 3 页")
    tab.page.get_by_label("责任", exact=True).select_option("DEATH")
    tab.sees("没有等待处理的。", "131 件中有 0 件符合。")
    tab.page.go_back()
    tab.sees("第 2 / 3 页")
    tab.check()
    tab.close()


def test_every_notice_is_reached_when_more_than_a_hundred_wait(browser: Browser, pages: Pages) -> None:
    for number in range(131):
        pages.world.notices.add(a_notice(f"RN{number:03d}", hours=number))
    tab = opened(pages, browser, "#/queues/UNMATCHED")
    expect(tab.page.get_by_role("link", name="未匹配报案")).to_have_text(re.compile("131"))
    shown = []
    for page in (1, 2, 3):
        tab.sees(f"第 {page} / 3 页")
        shown += tab.page.locator("a.queue-line").all_inner_texts()
        if page < 3:
            tab.follow("下一页")
    assert shown == [f"RN{number:03d}" for number in range(131)]
    tab.check()
    tab.close()


def test_rows_are_walked_by_keys_and_a_search_is_never_hijacked(browser: Browser, pages: Pages) -> None:
    first, second = referred(pages), referred(pages, 1)
    order = [entry.number for entry in pages.world.claims.entries(Queue.DECISION, 9)]
    assert set(order) == {first.claim_no, second.claim_no}
    tab = opened(pages, browser)
    for key, number in (("j", order[0]), ("j", order[1]), ("ArrowUp", order[0]), ("k", order[0])):
        tab.page.keyboard.press(key)
        expect(tab.page.get_by_role("link", name=number)).to_be_focused()
    tab.page.keyboard.press("/")
    search = tab.page.locator("[name=number]")
    expect(search).to_be_focused()
    tab.page.keyboard.type("jk/ j")
    assert search.input_value() == "jk/ j"
    search.fill(f"{order[1][4:8]}-{order[1][8:12]}".lower())
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("a.queue-line")).to_have_count(1)
    expect(tab.page.locator("a.queue-line")).to_have_text(order[1])
    search.focus()
    tab.page.keyboard.press("j")
    assert "j" in search.input_value(), "typing goes on in the field"
    tab.page.locator("h1").focus()
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("Enter")
    tab.sees("赔案", order[1])
    tab.check()
    tab.close()


def test_next_file_follows_a_decision_and_leaves_out_what_a_colleague_has(
    browser: Browser, pages: Pages
) -> None:
    for number in range(3):
        referred(pages, number)
    order = [entry.number for entry in pages.world.claims.entries(Queue.DECISION, 9)]
    pages.world.assign.hand_to(COLLEAGUE, order[1], COLLEAGUE.staff_id)
    tab = opened(pages, browser)
    tab.follow(order[0])
    form = tab.page.get_by_role("form", name="提交核定")
    form.locator("[name=reason]").fill("票据和病历齐全")
    form.get_by_role("button", name="提交核定").click()
    expect(tab.page).to_have_url(re.compile(f"{order[2]}\\?from=DECISION"))
    tab.sees(order[2])
    assert pages.world.claims.get(order[0]).decision == "APPROVED"
    tab.press("下一件 ›")
    expect(tab.page).to_have_url(re.compile("#/queues/DECISION$"))
    tab.check()
    tab.close()


@pytest.mark.parametrize("size", SIZES)
def test_queue_fits_and_is_touched_with_a_thumb(browser: Browser, pages: Pages, size: dict[str, int]) -> None:
    many(pages, 60)
    tab = opened(pages, browser, size=size)
    assert tab.fits()
    assert tab.small("main button, main a, main select, main input") == []
    tab.check()
    tab.close()
