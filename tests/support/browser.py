"""A real Chromium before the web faces, and everything a page must not do while somebody uses it."""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.support.people import Person
from tests.support.personal_data import values_of

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
WAIT_MS = 20_000
"""For a first call of a cold function on a laptop; what is there at once costs nothing."""
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
_WATCH = """
globalThis.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
_BLOCKED = "Service Worker registration blocked by Playwright"
_AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
_AT_REST = "() => !document.querySelector('[aria-busy]')"
_FINDINGS = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], iframes: false });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}
"""
_SMALL = """
(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.9)
  .map((one) => `${one.textContent} ${one.getBoundingClientRect().height}`)
"""
_UNLABELLED = """
() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter((input) => !input.labels?.length || ![...input.labels].some((label) => label.textContent.trim()))
  .map((input) => input.outerHTML)
"""

_BRIDGE = """
const agent = `${navigator.userAgent} MicroMessenger/8.0.50`;
Object.defineProperty(navigator, "userAgent", { get: () => agent });
globalThis.asked = [];
globalThis.says = "ok";
const arrive = () => {
  globalThis.WeixinJSBridge = { invoke: (name, values, answer) => {
    globalThis.asked.push([name, values]);
    answer({ err_msg: `${name}:${globalThis.says}` });
  } };
  document.dispatchEvent(new Event("WeixinJSBridgeReady"));
};
"""
WECHAT = _BRIDGE + "arrive();"
"""Makes a tab WeChat's web view: `asked` is what the page asked of its bridge, `says` what that answers."""
LATE_WECHAT = _BRIDGE + 'addEventListener("click", () => setTimeout(arrive, 200));'
"""The same with a bridge that comes only after the first tap."""


class NoBrowserError(Exception):
    """There is no Chromium; the text says what to install."""


def executable() -> str:
    """Where the browser is. Raises NoBrowserError."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise NoBrowserError(
        "the tests of the web pages need Chromium: on Debian run `apt-get install chromium fonts-wqy-zenhei`"
    )


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed browser. Raises NoBrowserError."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Without one the tests fail with what to install; they are never skipped."""
    try:
        with chromium() as started:
            yield started
    except NoBrowserError as error:
        pytest.fail(str(error), pytrace=False)


class Tab:
    """One person's tab. `refusals` are the statuses that the API answered with and the browser reported."""

    def __init__(
        self, browser: Browser, base_url: str, size: Mapping[str, int], position: tuple[float, float] | None
    ) -> None:
        self._base_url = base_url
        self._width = size["width"]
        place: dict[str, Any] = {}
        if position is not None:
            latitude, longitude = position
            place = {
                "geolocation": {"latitude": latitude, "longitude": longitude, "accuracy": 15},
                "permissions": ["geolocation"],
            }
        # a browser far away: times must be China's all the same
        self._context = browser.new_context(
            base_url=base_url,
            viewport={"width": size["width"], "height": size["height"]},
            locale="zh-CN",
            timezone_id="America/New_York",
            service_workers="block",  # they ask past the routes of a test; `tests/functional/web/site.py` serves them
            **place,
        )
        self._context.set_default_timeout(WAIT_MS)
        self.page: Page = self._context.new_page()
        self.refusals: list[int] = []
        self.complaints: list[str] = []
        self.page.add_init_script(_WATCH)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"} or message.text == _BLOCKED:
            return
        if refused := _REFUSED.match(message.text):
            if message.location["url"].startswith(self._base_url):  # the issuer's own page is not ours
                self.refusals.append(int(refused[1]))
        else:
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(path)

    def sees(self, *texts: str) -> None:
        """Wait until each text is visible."""
        for text in texts:
            self.page.get_by_text(text).filter(visible=True).first.wait_for()

    def does_not_see(self, text: str) -> None:
        assert self.page.get_by_text(text).filter(visible=True).count() == 0, text

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def fill(self, **values: str) -> None:
        """Fill fields by their names."""
        for name, value in values.items():
            self.page.locator(f"[name={name}]:not([type=hidden])").fill(value)

    def answer_to(self, method: str, path: str, act: Any) -> Response:
        """Do something and give the API's answer to the call that it makes."""
        with self.page.expect_response(
            lambda answer: answer.request.method == method and re.search(path, answer.url) is not None
        ) as awaited:
            act()
        return awaited.value

    def fits(self) -> bool:
        """Whether nothing is wider than the window."""
        return bool(self.page.evaluate("() => document.documentElement.scrollWidth") <= self._width)

    def small(self, selector: str) -> list[str]:
        """Give what of these is in sight and lower than a thumb is wide: 44 pixels."""
        found: list[str] = self.page.evaluate(_SMALL, selector)
        return found

    def stored(self) -> str:
        """Everything that web storage of this tab holds."""
        return str(self.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])"))

    def check(self, *people: Person, refusals: Iterable[int] = ()) -> None:
        """Nothing was blocked, nothing failed but what was expected, nothing personal stays, all is labelled."""
        stored = self.stored()
        found = {
            "complaints": self.complaints,
            "refusals": self.refusals,
            "violations": self.page.evaluate("() => globalThis.violations"),
            "personal": [kind for value, kind in values_of(people).items() if value in stored],
            "kept": sorted(set(json.loads(stored)[0]) - {"daycover.device", "daycover.policies"}),
            "unlabelled": self.page.evaluate(_UNLABELLED),
            "barriers": self.barriers(),
            "headings": self.page.locator("h1").count(),
        }
        wanted: dict[str, Any] = {key: [] for key in found} | {"refusals": list(refusals), "headings": 1}
        assert found == wanted, f"{self.page.url.split('?')[0]}: {found}"
        assert self.page.locator("html").get_attribute("lang") in {"zh-CN", "en"}

    def barriers(self) -> list[str]:
        """Give what axe finds serious or critical for people who see, hear or move otherwise."""
        if self.page.evaluate("() => globalThis.__pwClock !== undefined"):
            self.page.clock.resume()  # axe waits by the page's timers, which a test may have stopped
        if not self.page.evaluate("() => typeof axe !== 'undefined'"):
            self.page.evaluate(_AXE)
        found = self._findings()
        if found:
            # what a page is about to replace is dimmed for a moment: what stays is found again
            again = self._findings()
            found = [finding for finding in found if finding in again]
        return found

    def _findings(self) -> list[str]:
        self.page.wait_for_function(_AT_REST)
        found: list[str] = self.page.evaluate(_FINDINGS)
        return found

    def close(self) -> None:
        self._context.close()
