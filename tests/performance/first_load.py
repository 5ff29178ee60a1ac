"""What the worker's page costs a phone at the gate: `python -m tests.performance.first_load` measures it.

Slow 3G as `reference` has it: 400 ms, 400 kbit/s, and a processor at a quarter of this machine's speed.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.architecture.source import FUNCTIONS
from tests.functional.web.gate_pages import GatePages
from tests.functional.web.settings import configure
from tests.functional.web.site import Site, site
from tests.support.browser import chromium

STATIC = FUNCTIONS / "web" / "static"
PHONE = {"width": 360, "height": 740}
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER_PROCESSOR = 4
_USABLE = """
const seen = () => {
  const button = document.querySelector("main form button.main");
  if (button && !button.disabled) globalThis.usable = performance.now();
  else requestAnimationFrame(seen);
};
requestAnimationFrame(seen);
"""


class Load(NamedTuple):
    """One opening of a page until its button can be pressed."""

    requests: int
    bytes: int
    """On the wire, headers included."""
    usable_s: float


@contextmanager
def opened(browser: Browser) -> Iterator[tuple[Site, BrowserContext]]:
    """Serve the gate of a worker who has consented before, and give a phone that has never been there."""
    pages = GatePages()
    pages.world.consent(pages.worker_id, pages.project)
    with site(pages) as served:
        context = browser.new_context(base_url=served.url, viewport=PHONE, service_workers="allow")
        try:
            yield served, context
        finally:
            context.close()


def load(context: BrowserContext, path: str, *, slow: bool) -> Load:
    """Open a page in a tab of its own, signing in with a login code, and wait until it can be used."""
    page = context.new_page()
    received = _metered(page, slow=slow)
    page.add_init_script(_USABLE)
    page.goto(f"{path}?code=once")
    page.wait_for_function("() => globalThis.usable")
    page.wait_for_load_state("networkidle")
    usable = float(page.evaluate("() => globalThis.usable"))
    page.close()
    return Load(len(received), round(sum(received.values())), usable / 1000)


def _metered(page: Page, *, slow: bool) -> dict[str, float]:
    """Bytes by request, from the browser's own count."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received: dict[str, float] = {}
    session.on(
        "Network.loadingFinished",
        lambda event: received.__setitem__(event["requestId"], event["encodedDataLength"]),
    )
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    return received


def keep_pages(served: Site, context: BrowserContext) -> None:
    """Be insured once and look at the policy: from then on the phone keeps the pages."""
    policy = served.pages.world.cover(served.pages.worker_id, served.pages.project)
    page = context.new_page()
    page.goto(f"/me?code=once#/policies/{policy.policy_no}")
    page.get_by_text(policy.policy_no).first.wait_for()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.close()
    served.pages.world.now.at = policy.period.end


def reachable_from(script: str) -> set[str]:
    """Give the scripts that one imports, at once or later, and theirs."""
    found, open_ = set(), {script}
    while open_:
        name = open_.pop()
        found.add(name)
        text = (STATIC / name).read_text(encoding="utf-8")
        open_ |= set(re.findall(r"""(?:from |import\(|later\()"\./([\w-]+\.js)\"""", text)) - found
    return found


def kept_files() -> set[str]:
    """Give what the service worker keeps, by its own list."""
    text = (STATIC / "worker-offline.js").read_text(encoding="utf-8")
    names = re.search(r"const NAMES = \[(.*?)\];", text, re.S)
    assert names is not None
    return set(re.findall(r'"([^"]+)"', names[1]))


def measure() -> list[tuple[str, Load]]:
    """First visit, and another day's after the first cover: new tab, new login code."""
    with chromium() as browser, opened(browser) as (served, context):
        path = served.pages.scanned
        first = load(context, path, slow=True)
        keep_pages(served, context)
        return [("first", first), ("again", load(context, path, slow=True))]


def _show() -> None:
    patch = pytest.MonkeyPatch()
    configure(patch)
    print("worker's page at the gate, 400 ms, 400 kbit/s, processor at a quarter")
    for name, figures in measure():
        print(
            f"{name:>6}: {figures.requests} requests, {figures.bytes:,} bytes, usable after {figures.usable_s:.1f} s"
        )


if __name__ == "__main__":
    _show()
