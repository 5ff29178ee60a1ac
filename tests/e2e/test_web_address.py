"""The pages at the stack's own address, under its stage: where they are before there is a domain."""

import gzip
import http.client
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.devstack.stack import api_address
from tests.support.browser import PHONE, Tab
from tests.support.world import World

pytestmark = pytest.mark.stack


@pytest.fixture
def address(world: World) -> str:
    """Of the API at the gateway itself, as the output ApiUrl names it in the cloud."""
    stack = world.stack
    return api_address(stack.name, stack.engine_url, stack.region)


def test_worker_reads_the_offer_when_the_code_leads_to_the_stage(
    world: World, browser: Browser, address: str
) -> None:
    tab = Tab(browser, address, PHONE, None)
    tab.open(f"{address}/s/{world.qr_token}")
    tab.sees("请用微信扫码", "此刻还没有保障")
    tab.open(f"{address}/me")
    tab.page.locator("header a.brand").wait_for()
    tab.open(f"{address}/")
    tab.follow("劳务公司")
    tab.page.locator("header a.brand").wait_for()
    assert tab.page.url == f"{address}/desk"
    tab.close()
    assert (tab.complaints, tab.refusals) == ([], [])


def test_pages_travel_in_gzip_and_are_kept_when_a_browser_asks(world: World) -> None:
    host = urlsplit(world.stack.base_url).netloc

    def got(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(host)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    plain, packed = got("/me"), got("/me", **{"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip, br"})
    script = urljoin("/me", plain[2].decode().split('<script type="module" src="')[1].split('"')[0])
    assert packed[2] == plain[2], "a page is short"
    kept = got(script, **{"Accept": "*/*", "Accept-Encoding": "gzip"})
    assert kept[1]["content-encoding"] == "gzip"
    assert kept[1]["cache-control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(kept[2]) == got(script)[2]
    again = got("/me", **{"If-None-Match": plain[1]["etag"]})
    assert (again[0], again[2]) == (304, b"")
    assert again[1]["strict-transport-security"] == "max-age=31536000; includeSubDomains"
