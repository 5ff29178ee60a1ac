"""What is asked of every screen: nothing in a foreign tongue, nothing out of the keyboard's reach, nothing cut off."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_ASKED = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_SETTLED = "() => !document.querySelector('main').hasAttribute('aria-busy')"
_TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
"""Pressed and not let go: half of what a press costs, and there are thousands."""


class Sweep:
    """Looks at whatever a page shows. Each answer lists what is wrong, in words to find it by."""

    def __init__(self, page: Page, *origins: str) -> None:
        self._page = page
        self._keys = page.context.new_cdp_session(page)
        self._under_way = 0
        self.abroad: list[str] = []
        """Requests to other origins than `origins`."""
        page.add_init_script(f"(() => {{ {_ASKED} }})();")
        page.on("request", lambda request: self._began(request.url, origins))
        page.on("requestfinished", lambda _: self._ended())
        page.on("requestfailed", lambda _: self._ended())

    def _began(self, url: str, origins: Iterable[str]) -> None:
        self._under_way += 1
        if not url.startswith((*origins, "data:", "blob:")):
            self.abroad.append(url)

    def _ended(self) -> None:
        self._under_way -= 1

    def settle(self) -> None:
        """Wait until the view stands and nothing is on its way to it."""
        for _ in range(200):
            self._page.wait_for_function(_SETTLED)
            if self._under_way == 0:
                self._page.wait_for_timeout(30)  # an answer that has come is drawn, and may ask for more
                if self._under_way == 0 and self._page.evaluate(_SETTLED):
                    return
            self._page.wait_for_timeout(10)
        raise AssertionError("the page does not come to rest")

    def unfold(self) -> None:
        """Open whatever is folded away."""
        self._page.evaluate(
            "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
        )

    def resize(self, width: int, height: int = 740) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def wide(self) -> list[str]:
        """Give what makes the page wider than its window."""
        found: list[str] = self._page.evaluate("() => sweep.wide()")
        return found

    def foreign(self, known: Iterable[str]) -> list[str]:
        """Give the Chinese that stands in an English page without being marked; `known` are names and typed content."""
        longest_first = sorted(known, key=len, reverse=True)
        found: list[str] = self._page.evaluate("(known) => sweep.foreign(known)", longest_first)
        return found

    def small(self) -> list[str]:
        """Give what a thumb misses: lower than 44 pixels."""
        found: list[str] = self._page.evaluate("() => sweep.small()")
        return found

    def cut(self) -> list[str]:
        """Give what holds more than it shows, without a way to it."""
        found: list[str] = self._page.evaluate("() => sweep.cut()")
        return found

    def keyboard(self) -> list[str]:
        """Walk the page by the tabulator; give what it misses, turns back to, does not mark, or marks out of sight."""
        count = self._page.evaluate("() => sweep.begin()")
        if not count:
            return []
        self._page.keyboard.press("Shift+Tab")  # to the first one
        walked: dict[str, Any] = {}
        for presses in (count, 12, 30, 60):  # a date takes several, and so does what scrolls
            for _ in range(presses):
                self._keys.send("Input.dispatchKeyEvent", _TAB)
            walked = self._page.evaluate("() => sweep.walked()")
            if not walked["missed"]:
                break
        return [f"{what}: {one}" for what, ones in walked.items() for one in ones]
