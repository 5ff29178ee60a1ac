"""The gate board in a browser: the foreman finds the person, hears who waits, and acts."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from daycover.cover.presence import Why
from daycover.cover.roster import line_of
from daycover.projects.roles import OperatorRole
from tests.functional.web.board_pages import BoardPages, name_of
from tests.support.browser import DESKTOP, PHONE, Tab

SMALL = {"width": 240, "height": 500}
TAPS = """
globalThis.taps = 0;
addEventListener("pointerdown", () => { globalThis.taps += 1; }, true);
"""
SOON = """
const wait = globalThis.setTimeout;
globalThis.setTimeout = (act, ms, ...more) => wait(act, ms >= 10000 && ms <= 120000 ? ms / 100 : ms, ...more);
"""
"""Polls a hundred times as often, and gives up on a silent API no sooner than it would in 0.6 s."""
TONES = """
globalThis.tones = 0;
globalThis.AudioContext = class {
  state = "running"; currentTime = 0; destination = {};
  resume() { return Promise.resolve(); }
  createOscillator() { return { frequency: {}, connect() {}, start() { globalThis.tones += 1; }, stop() {} }; }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect() {} }; }
};
"""


@pytest.fixture
def pages() -> BoardPages:
    return BoardPages()


def opened(pages: BoardPages, browser: Browser, size: dict[str, int], *scripts: str) -> Tab:
    tab = pages.foreman(browser, size, *scripts)
    tab.open("/desk")
    tab.sees("门岗看板")
    return tab


def finding(tab: Tab, text: str) -> Any:
    field = tab.page.get_by_label("找人（所有项目）")
    field.tap() if tab.page.evaluate("navigator.maxTouchPoints") else field.click()
    tab.page.keyboard.insert_text(text)
    return tab.page.locator(".found-people .people-out summary")


def test_foreman_finds_one_of_five_hundred_uninsured_in_three_taps_and_calls_them(
    pages: BoardPages, browser: Browser
) -> None:
    for number in range(500):
        pages.out(pages.gates[number % 3], number, name_of(number), phone=f"138{number:08d}")
    pages.out(pages.gates[1], 600, "欧阳建国", phone="13912345678")
    tab = opened(pages, browser, PHONE, TAPS)
    tab.sees("501")
    row = finding(tab, "建国")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("欧阳建国")
    expect(row).to_contain_text("2号门")
    row.click()
    call = tab.page.get_by_role("link", name="打电话 13912345678").filter(visible=True)
    expect(call).to_have_attribute("href", "tel:13912345678")
    assert tab.page.evaluate("globalThis.taps") == 2, "the third one is the call"
    tab.check()
    tab.close()


def test_namesakes_are_told_apart_when_found_by_the_end_of_the_phone(
    pages: BoardPages, browser: Browser
) -> None:
    pages.out(pages.gates[0], 1, "王小明", phone="13800138000")
    pages.out(pages.gates[2], 2, "王小明", phone="13900139999")
    pages.out(pages.gates[1], 3, "王 小明")
    tab = opened(pages, browser, PHONE)
    row = finding(tab, "王小明")
    expect(row).to_have_count(3)
    tab.page.get_by_label("找人（所有项目）").fill("9999")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("3号门")
    tab.close()


def test_foreman_is_told_what_else_can_be_done_when_no_phone_is_known(
    pages: BoardPages, browser: Browser
) -> None:
    pages.out(pages.gates[0], 1, "王小明")
    tab = opened(pages, browser, PHONE)
    finding(tab, "小明").click()
    tab.sees("没有留手机号", "请其到项目现场后再扫码")
    found = tab.page.locator(".found-people")
    expect(found.get_by_role("link", name="人工核验")).to_have_attribute(
        "href", f"#/projects/{pages.project.project_id}/referrals"
    )
    expect(found.get_by_role("link", name="出示二维码")).to_be_visible()
    assert tab.page.locator("[href^='tel:']").count() == 0
    tab.close()


def test_covered_person_is_found_when_the_foreman_asks_for_them_too(
    pages: BoardPages, browser: Browser
) -> None:
    worker = pages.world.worker("o-9", pages.project)
    policy = pages.world.cover(worker, pages.project)
    pages.lines.record(line_of(policy))
    tab = opened(pages, browser, PHONE)
    tab.sees("在保 / 计划")
    finding(tab, "王小明")
    tab.sees("未投保的人中没有找到")
    tab.press("也在已投保的人里找")
    tab.sees("王小明", "至 2026-11-25 08:30")
    tab.check()
    tab.close()


def test_each_project_says_heads_covers_and_reasons_when_the_board_stands(
    pages: BoardPages, browser: Browser
) -> None:
    for number in range(3):
        pages.insured(pages.gates[1], number)
    for number in range(7):
        pages.out(pages.gates[1], number, name_of(number))
    pages.out(pages.gates[1], 9, "丁一", why=Why.AGE_REFUSED, distance_m=None)
    tab = opened(pages, browser, DESKTOP)
    card = tab.page.locator(".gate").first
    expect(card).to_contain_text("2号门")
    expect(card).to_contain_text("3 在保 / 计划 40")
    expect(card.locator(".reasons")).to_have_text("不在现场 7年龄不符 1")
    expect(card.locator("summary")).to_have_count(5)
    card.get_by_role("button", name="显示全部 8 人").click()
    expect(tab.page.locator(".gate").first.locator("summary")).to_have_count(8)
    tab.close()


def test_badge_counts_who_waits_and_who_is_uninsured_when_another_page_stands(
    pages: BoardPages, browser: Browser
) -> None:
    pages.asks("o-1")
    pages.out(pages.gates[0], 1, "王小明")
    pages.out(pages.gates[0], 2, "李小明")
    tab = pages.foreman(browser, PHONE)
    tab.open(pages.desk_path)
    tab.sees("在场但没有保障")
    nav = tab.page.locator("header nav a").first
    expect(nav.locator(".badge.ring")).to_contain_text("1")
    expect(nav.locator(".badge:not(.ring)")).to_contain_text("2")
    expect(tab.page).to_have_title("(1 待确认 · 2 未投保) 企业工作台 · 日结保")
    tab.check()
    tab.close()


def test_confirming_asks_who_was_seen_with_which_document_when_pressed(
    pages: BoardPages, browser: Browser
) -> None:
    pages.asks("o-1")
    tab = opened(pages, browser, PHONE)
    tab.sees("请当面核对本人和证件", "还剩")
    tab.press("已见本人和证件")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("王小明 本人")
    expect(dialog).to_contain_text("护照（尾号 5678）")
    dialog.get_by_role("button", name="取消").click()
    assert pages.calls == []
    tab.press("已见本人和证件")
    tab.page.get_by_role("dialog").get_by_role("button", name="已见本人和证件").click()
    tab.sees("另有 1 人已确认，等核保员决定。")
    assert len(pages.calls) == 1
    tab.check()
    tab.close()


def test_reason_is_asked_and_stays_open_while_the_board_asks_on_when_somebody_cannot_be_confirmed(
    pages: BoardPages, browser: Browser
) -> None:
    pages.asks("o-1")
    pages.asks("o-2", "李四", "E99999999")
    tab = opened(pages, browser, PHONE, SOON)
    waiting = tab.page.locator(".waiting-one")
    expect(waiting).to_have_count(2)
    first = waiting.filter(has_text="王小明")
    first.get_by_text("不能确认").click()
    with tab.page.expect_response("**/gate"):
        pass
    tab.check()
    first.get_by_role("button", name="本人不在现场").click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("不确认 王小明：本人不在现场")
    dialog.get_by_role("button", name="本人不在现场").click()
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("李四")
    ((*_, body),) = pages.calls
    assert body == {"reason": "NOT_ON_SITE"}
    tab.check()
    tab.close()


def test_time_left_runs_down_when_a_referral_waits(pages: BoardPages, browser: Browser) -> None:
    pages.asks("o-1")
    pages.world.now.advance(minutes=26)
    tab = opened(pages, browser, PHONE)
    left = tab.page.locator(".left").first
    expect(left).to_have_class("left short")
    before = left.text_content()
    expect(left).not_to_have_text(before or "")
    tab.close()


def test_new_referral_rings_once_when_sound_is_on_and_never_when_it_is_off(
    pages: BoardPages, browser: Browser
) -> None:
    pages.asks("o-1")
    tab = opened(pages, browser, PHONE, SOON, TONES)
    tab.sees("还剩")
    pages.asks("o-2", "李四", "E99999999")
    tab.sees("李四")
    assert tab.page.evaluate("globalThis.tones") == 0, "off by default"
    tab.page.get_by_role("switch", name="提示音：关").click()
    heard = tab.page.evaluate("globalThis.tones")
    assert heard == 2, "whoever switches it on hears it"
    pages.asks("o-3", "王五", "E88888888")
    tab.sees("王五")
    tab.page.wait_for_timeout(600)
    assert tab.page.evaluate("globalThis.tones") == 4
    tab.page.reload()
    expect(tab.page.get_by_role("switch", name="提示音：开")).to_have_attribute("aria-checked", "true")
    tab.close()


def test_board_says_that_it_is_old_and_goes_on_when_the_network_comes_back(
    pages: BoardPages, browser: Browser
) -> None:
    tab = opened(pages, browser, PHONE, SOON)
    tab.sees("自动刷新")
    pages.status = 503
    tab.sees("连接断了，以下是")
    pages.out(pages.gates[0], 1, "王小明")
    pages.status = 200
    tab.sees("王小明")
    expect(tab.page.locator(".stale")).to_have_count(0)
    tab.close()


def test_foreman_signs_in_anew_when_the_session_ends_before_the_board(
    pages: BoardPages, browser: Browser
) -> None:
    tab = opened(pages, browser, PHONE, SOON)
    pages.status = 401
    tab.sees("企业工作台登录")
    tab.close()


def test_board_says_what_the_api_says_when_somebody_may_not_read_it_any_more(
    pages: BoardPages, browser: Browser
) -> None:
    tab = opened(pages, browser, PHONE, SOON)
    pages.status = 403
    tab.sees("您不能操作")
    tab.does_not_see("连接断了")
    tab.close()


def test_nobody_asks_when_the_page_is_hidden_and_at_once_when_it_is_seen_again(
    pages: BoardPages, browser: Browser
) -> None:
    asked = []
    tab = pages.foreman(browser, PHONE, SOON)
    tab.page.on("request", lambda request: asked.append(1) if request.url.endswith("/gate") else None)
    tab.open("/desk")
    tab.sees("自动刷新")
    hide = """(hidden) => { Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange")); }"""
    tab.page.evaluate(hide, True)
    tab.page.wait_for_timeout(400)
    before = len(asked)
    tab.page.wait_for_timeout(800)
    assert len(asked) == before
    tab.page.evaluate(hide, False)
    tab.page.wait_for_timeout(300)
    assert len(asked) > before
    tab.close()


def test_typed_search_and_opened_person_stay_when_the_board_is_drawn_again(
    pages: BoardPages, browser: Browser
) -> None:
    pages.out(pages.gates[0], 1, "王小明")
    tab = opened(pages, browser, PHONE, SOON)
    tab.sees("王小明")
    row = tab.page.locator(".gate summary").first
    row.click()
    tab.page.get_by_label("找人（所有项目）").fill("小")
    pages.out(pages.gates[1], 2, "李小明")
    tab.sees("找到 2 人")
    assert tab.page.locator(".gate details[open]").count() == 1
    expect(tab.page.get_by_label("找人（所有项目）")).to_have_value("小")
    expect(tab.page.get_by_label("找人（所有项目）")).to_be_focused()
    tab.close()


def test_eighty_five_projects_stand_on_one_board_when_the_answer_has_pages(browser: Browser) -> None:
    pages = BoardPages(85)
    pages.out(pages.gates[84], 1, "王小明")
    tab = opened(pages, browser, DESKTOP)
    tab.sees("王小明")
    expect(tab.page.locator(".gate")).to_have_count(85)
    assert "85号门" in (tab.page.locator(".gate").first.text_content() or ""), "who is uninsured comes first"
    tab.close()


@pytest.mark.parametrize("role", [OperatorRole.FINANCE, OperatorRole.AUDITOR])
def test_whoever_keeps_the_books_begins_at_the_projects_and_confirms_nobody(
    role: OperatorRole, browser: Browser
) -> None:
    pages = BoardPages(role=role)
    pages.asks("o-1")
    tab = pages.foreman(browser, DESKTOP)
    tab.open("/desk#/gate")
    tab.sees("请当面核对本人和证件")
    assert tab.page.get_by_role("button", name="已见本人和证件").count() == 0
    assert tab.page.get_by_role("link", name="出示二维码").count() == 0
    tab.close()


@pytest.fixture(params=[SMALL, {"width": 360, "height": 740}, {"width": 1366, "height": 768}])
def size(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_board_fits_and_can_be_hit_when_the_screen_is_small_or_large(
    pages: BoardPages, browser: Browser, size: dict[str, int]
) -> None:
    pages.asks("o-1", "买买提·阿不都热合曼·尼亚孜")
    for number in range(8):
        pages.out(pages.gates[0], number, name_of(number), phone="13800138000")
    tab = opened(pages, browser, size)
    tab.sees("买买提")
    tab.page.locator(".gate summary").first.click()
    assert tab.fits()
    tab.press("English")
    tab.sees("Gate board", "on site uninsured")
    assert tab.fits()
    low = tab.page.evaluate(
        "() => [...document.querySelectorAll('main a, main button, main summary, header nav a')]"
        ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.textContent)"
    )
    assert low == []
    tab.close()
