"""The three faces under API Gateway's stage, where a stack without a domain of its own has them."""

import pytest
from playwright.sync_api import Browser

from tests.functional.web.pages import ORIGIN, Pages
from tests.support.browser import DESKTOP, PHONE
from tests.unit.claims.world import World

TOKEN = "01K9ZC5W9V7K3Q8M2N4P6R8T0A"


@pytest.fixture
def pages() -> Pages:
    under_the_stage = Pages(World())
    under_the_stage.base = "/live"
    return under_the_stage


def test_worker_reads_the_offer_and_their_policy_when_the_site_stands_under_a_path(
    browser: Browser, pages: Pages
) -> None:
    tab = pages.worker(browser, PHONE)
    tab.open(f"/live/s/{TOKEN}")
    tab.sees("这些情况不赔")
    terms = tab.page.get_by_role("link", name="阅读完整条款").first.get_attribute("href")
    assert str(terms).startswith(f"{ORIGIN}/live/v1/terms/")
    tab.open("/live/me")
    tab.follow("保单")
    tab.page.locator("main a[href^='#/policies/']").first.click()
    tab.sees("合同内容")
    door = tab.page.get_by_role("link", name="打开核验页面").get_attribute("href")
    assert door == f"{ORIGIN}/live/c/e30.e30.sig"
    assert tab.page.locator("a.brand").get_attribute("href") == f"{ORIGIN}/live/"
    assert (tab.complaints, tab.refusals) == ([], [])


def test_desk_opens_when_the_site_stands_under_a_path(browser: Browser, pages: Pages) -> None:
    tab = pages.company(browser, DESKTOP)
    tab.open("/live/desk")
    tab.page.locator("header a.brand").wait_for()
    tab.sees("新建项目")
    assert (tab.complaints, tab.refusals) == ([], [])


def test_staff_come_back_to_where_they_left_when_the_site_stands_under_a_path(
    browser: Browser, pages: Pages
) -> None:
    tab = pages.tab(browser, DESKTOP, "nobody", {})
    tab.open("/live/staff")
    # the console's own script names where the issuer sends them back to
    tab.page.route("https://sso.insurer.test/**", lambda route: route.fulfill(
        content_type="application/json", headers={"Access-Control-Allow-Origin": "*"},
        body='{"authorization_endpoint": "https://daycover.test/live/left"}'))  # fmt: skip
    with tab.page.expect_request("**/live/left?*") as left:
        tab.page.get_by_role("button", name="登录").first.click()
    assert "redirect_uri=https%3A%2F%2Fdaycover.test%2Flive%2Fstaff&" in left.value.url
