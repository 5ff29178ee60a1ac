"""The pages through their handler: every event file, the headers that keep a page to itself, what a page loads."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from daycover.platform.pages import version_of
from tests.functional.cover.gate import ROOT
from tests.functional.web.settings import ISSUER, UPLOADS
from tests.support.events import read_event
from tests.support.functions import event_file, events_of, load

EVENTS = events_of("serve_web")
STATIC = ROOT / "functions" / "web" / "static"
PAGES = ("home", "scanned", "worker", "desk", "staff")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def opened(case: str) -> dict[str, Any]:
    path = next(path for path in EVENTS if path.name.split(".")[0] == case)
    response: dict[str, Any] = load("serve_web").lambda_handler(read_event(path, {}), LambdaContext())
    return response


def header(response: dict[str, Any], name: str) -> str:
    value: str = response["multiValueHeaders"][name][0]
    return value


class Page(HTMLParser):
    """Every start tag with its attributes, and what stands inside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in {"script", "style"} and data.strip():
            self.inline.append(data)

    def leads(self) -> Iterator[str]:
        for tag, attrs in self.tags:
            if tag == "a" and not (address := attrs.get("href") or "").startswith("tel:"):
                yield address

    def loads(self) -> Iterator[str]:
        for tag, attrs in self.tags:
            address = attrs.get("src") if tag == "script" else attrs.get("href") if tag == "link" else None
            if address and not address.startswith("data:"):
                yield address


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_handler_answers_as_the_file_s_name_says(path: Path) -> None:
    response = opened(path.name.split(".")[0])
    assert str(response["statusCode"]) == path.name.split(".")[1]
    assert response["isBase64Encoded"] is False
    if response["statusCode"] == 200:
        assert header(response, "X-Content-Type-Options") == "nosniff"
        assert header(response, "Referrer-Policy") == "no-referrer"
        assert header(response, "Cache-Control") == "no-cache"
        assert header(response, "Strict-Transport-Security").startswith("max-age=31536000")
    else:
        assert header(response, "Content-Type").startswith("application/problem+json")


FILES = sorted(file for file in STATIC.iterdir() if file.suffix != ".html")


def asked_for(name: str, version: str, **headers: str) -> dict[str, Any]:
    event = read_event(event_file("serve_web", "script.200"), {})
    event |= {"path": f"/static/{version}/{name}", "headers": headers}
    response: dict[str, Any] = load("serve_web").lambda_handler(event, LambdaContext())
    return response


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_file_has_a_type_that_browsers_run_when_served(file: Path) -> None:
    response = asked_for(file.name, version_of(STATIC))
    assert response["statusCode"] == 200
    assert header(response, "Content-Type").startswith(TYPES[file.suffix])
    assert header(response, "Cache-Control") == "public, max-age=31536000, immutable"
    assert response["body"] == file.read_text(encoding="utf-8")


def test_file_is_asked_for_again_when_its_page_came_from_another_deployment() -> None:
    """The page gets its scripts all the same; kept for ever they would stay the wrong ones."""
    response = asked_for("worker.js", "0123456789abcdef")
    assert response["body"] == (STATIC / "worker.js").read_text(encoding="utf-8")
    assert header(response, "Cache-Control") == "no-cache"
    tag = header(response, "ETag")
    again = asked_for("worker.js", "0123456789abcdef", **{"If-None-Match": f'"other", {tag}'})
    assert (again["statusCode"], again["body"]) == (304, "")
    assert header(again, "ETag") == tag
    assert asked_for("worker.js", "current", **{"If-None-Match": '"other"'})["statusCode"] == 200


def test_hash_is_another_when_any_file_has_changed(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("1")
    (tmp_path / "two.css").write_text("2")
    before = version_of(tmp_path)
    version_of.cache_clear()  # as a new container
    (tmp_path / "two.css").write_text("3")
    changed = version_of(tmp_path)
    version_of.cache_clear()
    (tmp_path / "two.css").rename(tmp_path / "three.css")
    assert len({before, changed, version_of(tmp_path)}) == 3
    assert re.fullmatch("[0-9a-f]{16}", before)


@pytest.mark.parametrize("case", PAGES)
def test_page_is_answered_without_its_body_when_the_browser_has_it(case: str) -> None:
    event = read_event(event_file("serve_web", f"{case}.200"), {})
    event["headers"]["If-None-Match"] = header(opened(case), "ETag")
    response = load("serve_web").lambda_handler(event, LambdaContext())
    assert (response["statusCode"], response["body"]) == (304, "")
    assert header(response, "Cache-Control") == "no-cache"
    assert header(response, "Content-Security-Policy").startswith("default-src 'self'")
    assert header(response, "Strict-Transport-Security")


@pytest.mark.parametrize("address", ["", "/live"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("case", PAGES)
def test_page_leads_to_its_own_site_when_that_stands_under_a_path(
    case: str, address: str, slash: str
) -> None:
    event = read_event(event_file("serve_web", f"{case}.200"), {})
    asked = address + (event["path"].rstrip("/") + slash or "/")
    event["requestContext"]["path"] = asked
    page = Page(load("serve_web").lambda_handler(event, LambdaContext())["body"])
    led_to = {urljoin(f"https://daycover.test{asked}", href) for href in (*page.loads(), *page.leads())}
    site = f"https://daycover.test{address}/"
    files = f"{site}static/{version_of(STATIC)}/"
    assert {link for link in led_to if "static" in link} == {
        link for link in led_to if link.startswith(files)
    }
    doors = {f"{site}{name}" for name in ("me", "desk", "staff")} if case == "home" else set()
    assert {link for link in led_to if "static" not in link} == doors


@pytest.mark.parametrize(
    ("case", "connect"),
    [("home", ""), ("desk", ""), ("scanned", UPLOADS), ("worker", UPLOADS), ("staff", f"{ISSUER} {UPLOADS}")],
)
def test_page_may_ask_only_whom_it_needs_when_opened(case: str, connect: str) -> None:
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in header(opened(case), "Content-Security-Policy").split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy.get("connect-src", "") == (f"'self' {connect}" if connect else "")
    assert not {"script-src", "style-src"} & set(policy), "scripts and styles are ours alone"
    shown = case == "staff"
    assert policy["img-src"] == ("'self' data:" + f" {UPLOADS}" * shown)
    assert policy.get("frame-src", "") == UPLOADS * shown, "a PDF is shown where it is stored, by nobody else"


@pytest.mark.parametrize("case", PAGES)
def test_page_is_readable_and_has_nothing_inline_when_opened(case: str) -> None:
    response = opened(case)
    assert header(response, "Content-Type").startswith("text/html")
    page = Page(response["body"])
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert dict(page.tags)["html"]["lang"] == "zh-CN"
    assert page.inline == []
    assert not [name for _, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")]
    known = {file.name for file in FILES}
    assert all(address.split(f"static/{version_of(STATIC)}/")[1] in known for address in page.loads())


def test_staff_page_names_the_issuer_when_opened() -> None:
    page = Page(opened("staff")["body"])
    meta = {attrs["name"]: attrs["content"] for tag, attrs in page.tags if tag == "meta" and "name" in attrs}
    assert meta["oidc-issuer"] == f"{ISSUER}/realms/claims"
    assert meta["oidc-client"] == "oidc_audience"


def test_scan_link_shows_nothing_of_its_token_when_opened() -> None:
    response = opened("scanned")
    assert not re.search("01K9ZC5W9V7K3Q8M2N4P6R8T0A", str(response))


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` or `#rgb` (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground_when_colours_are_read(is_dark: bool) -> None:
    css = "".join(file.read_text(encoding="utf-8") for file in sorted(STATIC.glob("*.css")))
    css = re.sub(r"@media print \{.*?\n\}", "", css, flags=re.S)  # on paper all is black
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", block)) for block in css.split(":root")[1:3]
    )
    named = light | dark if is_dark else light
    for name, colour in named.items():
        css = css.replace(f"var(--{name})", colour)
    grounds = (named["card"], named["ground"])
    pairs = [(named[text], ground) for text in ("ink", "soft", "accent", "alarm") for ground in grounds]
    for kind in ("good", "warn", "bad", "past"):
        pairs.append((named[f"{kind}-ink"], named[f"{kind}-ground"]))
    for rule in re.findall(r"\{([^{}]*)\}", css):
        ground = re.search(r"background: (#[0-9a-f]{3,6})", rule)
        text = re.search(r"(?:^|[;\s])color: (#[0-9a-f]{3,6})", rule)
        if text:
            pairs.append((text[1], ground[1] if ground else named["card"]))
    pairs = [pair for pair in pairs if pair != ("#fff", "#fff")]
    assert len(pairs) > 20
    assert [(pair, round(contrast(*pair), 2)) for pair in pairs if contrast(*pair) < 4.5] == []
