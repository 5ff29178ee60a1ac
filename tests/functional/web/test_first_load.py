"""What a phone fetches at the gate, and what it can show without a network; `first_load.py` measures the time."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.functional.web.site import Site
from tests.performance import first_load
from tests.performance.first_load import keep_pages, load, opened

AT_MOST_REQUESTS = 8
AT_MOST_BYTES = 40_000


@pytest.fixture
def gate(browser: Browser) -> Iterator[tuple[Site, BrowserContext]]:
    with opened(browser) as served:
        yield served


def test_worker_s_page_is_small_when_a_phone_opens_it_first(gate: tuple[Site, BrowserContext]) -> None:
    served, context = gate
    first = load(context, served.pages.scanned, slow=False)
    assert first.requests <= AT_MOST_REQUESTS, served.asked
    assert first.bytes <= AT_MOST_BYTES
    again = load(context, served.pages.scanned, slow=False)
    assert again.bytes < first.bytes / 4, "scripts and style are kept for ever"


def test_policy_and_its_code_are_read_without_a_network_and_without_signing_in(
    gate: tuple[Site, BrowserContext],
) -> None:
    served, context = gate
    keep_pages(served, context)
    policy = served.pages.policies[0]
    served.is_out = True
    page = context.new_page()
    page.goto("/me")
    page.get_by_text("这台手机上保存的保单").click()
    expect(page.get_by_text(policy.policy_no)).to_be_visible()
    expect(page.get_by_role("img", name="保险凭证二维码")).to_be_visible()
    page.close()


def test_page_that_is_open_shows_the_policy_it_kept_when_the_network_goes(
    gate: tuple[Site, BrowserContext],
) -> None:
    served, context = gate
    keep_pages(served, context)
    policy = served.pages.policies[0]
    page = context.new_page()
    page.goto("/me?code=once")
    page.get_by_role("link", name="保单", exact=True).wait_for()
    served.is_out = True
    page.get_by_role("link", name="保单", exact=True).click()
    page.get_by_text("没有网络").wait_for()
    page.get_by_text(policy.policy_no).click()
    expect(page.get_by_role("img", name="保险凭证二维码")).to_be_visible()
    page.close()


def test_nothing_of_a_policy_stays_on_the_phone_when_its_owner_signs_out(
    gate: tuple[Site, BrowserContext],
) -> None:
    served, context = gate
    keep_pages(served, context)
    page = context.new_page()
    page.goto("/me?code=once")
    page.get_by_role("button", name="退出").click()
    page.get_by_text("请从微信进入").wait_for()
    page.wait_for_function("() => localStorage.getItem('daycover.policies') === null")
    page.close()


def test_kept_pages_give_way_when_another_deployment_is_out(
    gate: tuple[Site, BrowserContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, context = gate
    keep_pages(served, context)
    monkeypatch.setattr("daycover.platform.pages.version_of", lambda _: "0" * 16)
    page = context.new_page()
    page.goto("/me")
    page.get_by_text("请从微信进入").wait_for()
    page.wait_for_function("async () => (await navigator.serviceWorker.getRegistrations()).length === 0")
    page.goto("/me")
    assert page.locator("script").first.get_attribute("src") == f"./static/{'0' * 16}/worker.js"
    page.close()


def test_every_script_of_the_worker_is_kept_for_a_phone_without_network() -> None:
    """The set that `worker-offline.js` names is what `worker.js` can come to."""
    assert first_load.kept_files() == first_load.reachable_from("worker.js") | {"style.css"}
