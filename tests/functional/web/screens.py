"""The table of every screen that there is, and the tour that leads one tab through those of a face."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from playwright.sync_api import Browser

from daycover.platform.callers import Duty
from tests.functional.cover.gate import ROOT
from tests.functional.web.pages import DESK_SESSION, ENDS, ORIGIN, staff_session
from tests.functional.web.people_pages import TOKEN
from tests.functional.web.screen_pages import (
    KNOWN,
    DeskScreens,
    StaffScreens,
    StandingPages,
    WorkerScreens,
    Worlds,
)
from tests.functional.web.settings import UPLOADS
from tests.support.browser import Tab
from tests.support.sweep import Sweep

STATIC = ROOT / "functions" / "web" / "static"
WIDTHS = (1366, 360, 240)
PHONE = 360
WALKED = {("zh", 1366), ("zh", 360), ("en", 240)}
"""Where the tabulator walks: the stops are the same everywhere, what lies over them is not, and English is longer."""

NO_SCREEN = {
    *("没有这一页", "打不开这一页", "您的岗位不能打开这一页"),
    *("There is no such page", "This page cannot be shown", "Your role does not open this page"),
}


class Screen(NamedTuple):
    """One state of a view: the pattern of a face's `views` that leads to it, and the address."""

    pattern: str
    hash: str
    page: str = ""
    """The path of the page, where it is not the face's own."""
    is_empty: bool = False

    @property
    def name(self) -> str:
        return f"{self.page}{self.hash}{' without anything' * self.is_empty}"


class Face(NamedTuple):
    """One face: its page, who is signed in, its world, and its screens there."""

    path: str
    session: dict[str, Any]
    world: Worlds
    screens: list[Screen]


def patterns_of(face: str) -> list[str]:
    """The patterns of a face's views, in their order, as its script has them."""
    script = (STATIC / f"{face}.js").read_text(encoding="utf-8")
    (views,) = re.findall(r"\n  views: \[\n(.*?)\n  \],", script, flags=re.S)
    found = re.findall(r"^    \[/(.+?)/, ", views, flags=re.M)
    assert len(found) == len(views.splitlines()), "each view stands in a line of its own"
    return [pattern.replace("\\/", "/") for pattern in found]


def leads_to(patterns: list[str], address: str) -> str:
    return next(pattern for pattern in patterns if re.search(pattern, address))


def worker() -> Face:
    world = WorkerScreens()
    claims = {name: claim.claim_no for name, claim in world.claims.items()}
    number = world.policy.policy_no
    screens = [
        Screen("^#/$", "#/"),
        Screen("^#/$", "#/", world.new),
        Screen("^#/$", "#/", world.covered),
        Screen("^#/waiting/([^/]+)$", f"#/waiting/{world.check_in.check_in_id}", world.new),
        Screen("^#/referral/([A-Z_]+)$", "#/referral/OCCUPATION_CLASS", world.new),
        Screen("^#/policies$", "#/policies"),
        Screen("^#/policies/before/([^/]+)$", f"#/policies/before/{number}"),
        Screen("^#/policies/([^/]+)$", f"#/policies/{number}"),
        Screen("^#/report(?:/([^/]+))?$", "#/report"),
        Screen("^#/report(?:/([^/]+))?$", f"#/report/{number}"),
        Screen("^#/claims$", "#/claims"),
        *(Screen("^#/claims/([^/]+)$", f"#/claims/{claim}") for claim in claims.values()),
        Screen("^#/claims/([^/]+)/identity/([^/]+)$", f"#/claims/{claims['face']}/identity/{world.check_id}"),
        Screen("^#/family$", "#/family"),
        Screen("^#/me$", "#/me"),
        Screen("^#/beneficiaries$", "#/beneficiaries"),
        Screen("^#/referrals$", "#/referrals"),
        Screen("^#/$", "#/", is_empty=True),
        *(
            Screen(f"^{place}$", place, is_empty=True)
            for place in ("#/policies", "#/claims", "#/referrals", "#/me")
        ),
    ]
    return Face("/me", {"token": "t", "ends": ENDS}, world, screens)


def desk() -> Face:
    world = DeskScreens()
    project = world.board.project.project_id
    companies = [
        *DESK_SESSION["companies"],
        {"company_id": "C2", "company_name": "甬江劳务", "roles": ["finance"]},
    ]
    of_project = "^#/projects/([^/]+)(?:/([^/]+))?$"
    screens = [
        Screen("^#/$", "#/"),
        Screen("^#/gate$", "#/gate"),
        Screen("^#/projects$", "#/projects"),
        Screen("^#/companies$", "#/companies"),
        Screen("^#/new$", "#/new"),
        Screen("^#/new/([^/]+)$", f"#/new/{project}"),
        Screen("^#/occupations(?:/([^/]*))?$", "#/occupations"),
        Screen(of_project, f"#/projects/{project}"),
        *(Screen(of_project, f"#/projects/{project}/{part}") for part in ("code", "referrals", "accident")),
        Screen("^#/statements(?:/([^/]+))?$", "#/statements/2026-11"),
        Screen("^#/statements(?:/([^/]+))?$", "#/statements/2026-11-24"),
        Screen("^#/statements(?:/([^/]+))?$", "#/statements/2026-10"),
        Screen("^#/credit(?:/([^/]+))?$", "#/credit/2026-11"),
        Screen("^#/operators$", "#/operators"),
        Screen("^#/operators/deeds$", "#/operators/deeds"),
        Screen("^#/$", "#/", is_empty=True),
        Screen("^#/projects$", "#/projects", is_empty=True),
        Screen("^#/occupations(?:/([^/]*))?$", "#/occupations", is_empty=True),
        Screen("^#/operators/deeds$", "#/operators/deeds", is_empty=True),
        Screen("^#/invitation/[^/]+$", "#/invitation/C1.aW52aXRhdGlvbg"),
    ]
    return Face("/desk", DESK_SESSION | {"companies": companies}, world, screens)


def staff() -> Face:
    world = StaffScreens()
    duties = (Duty.ADJUSTER, Duty.SENIOR_ADJUSTER, Duty.FINANCE, Duty.INTAKE)
    queue = "^#/queues/([A-Z]+)(?:\\?(.*))?$"
    claims = "^#/claims/([^/?]+)(?:\\?from=([A-Z]+))?$"
    shown = [world.claims[name].claim_no for name in ("failed", "documents", "queued")]
    number = world.claims["queued"].claim_no
    empty = {
        "^#/$": "#/",
        "^#/search/([^/]+)$": "#/search/CL99",
        "^#/referrals$": "#/referrals",
        "^#/occupations$": "#/occupations",
        "^#/signals(?:/([^/]+))?$": "#/signals/P2",
        "^#/breaks(?:/(OPEN|RESOLVED))?$": "#/breaks",
        "^#/enrolment$": "#/enrolment",
        "^#/enrolment/providers$": "#/enrolment/providers",
        "^#/enrolment/companies$": "#/enrolment/companies",
        "^#/payouts(?:/(\\d+))?$": "#/payouts",
        "^#/accounts$": "#/accounts",
        "^#/accounts/unpaid$": "#/accounts/unpaid",
    }
    screens = [
        Screen("^#/$", "#/"),
        Screen(queue, "#/queues/UNMATCHED"),
        Screen(queue, "#/queues/DECISION?benefit=MEDICAL"),
        Screen("^#/search/([^/]+)$", f"#/search/{number[:8]}"),
        *(Screen(claims, f"#/claims/{claim}?from=DECISION") for claim in shown),
        Screen("^#/notices/([^/]+)$", "#/notices/RN1"),
        Screen("^#/referrals$", "#/referrals"),
        Screen("^#/referrals/([^/]+)$", f"#/referrals/{world.underwriting.referral.referral_id}"),
        Screen("^#/occupations$", "#/occupations"),
        Screen("^#/intake$", "#/intake"),
        Screen("^#/signals(?:/([^/]+))?$", "#/signals"),
        Screen("^#/signals(?:/([^/]+))?$", "#/signals/P1"),
        Screen("^#/breaks(?:/(OPEN|RESOLVED))?$", "#/breaks"),
        Screen("^#/breaks(?:/(OPEN|RESOLVED))?$", "#/breaks/RESOLVED"),
        Screen("^#/enrolment$", "#/enrolment"),
        Screen("^#/enrolment/providers$", "#/enrolment/providers"),
        Screen("^#/enrolment/companies$", "#/enrolment/companies"),
        Screen("^#/enrolment/companies/([^/]+)$", "#/enrolment/companies/C1"),
        Screen("^#/book(?:/([^/]+))?$", "#/book/2026-11-24"),
        Screen("^#/accounts$", "#/accounts"),
        Screen("^#/accounts/unpaid$", "#/accounts/unpaid"),
        Screen("^#/payouts(?:/(\\d+))?$", "#/payouts"),
        Screen("^#/trends$", "#/trends"),
        Screen("^#/service-levels$", "#/service-levels"),
        Screen("^#/settlements(?:/([^/]+))?$", "#/settlements/2026-11-24"),
        *(Screen(pattern, place, is_empty=True) for pattern, place in empty.items()),
    ]
    return Face("/staff", staff_session("adjuster-2", duties), world, screens)


def gate() -> Face:
    """Whoever has not signed in."""
    screens = [
        Screen("", "#/", "/me"),
        Screen("", "#/", WorkerScreens().new),
        Screen("", "#/", "/desk"),
        Screen("", f"#/invitation/{TOKEN}", "/desk"),
        Screen("", "#/", "/staff"),
    ]
    return Face("", {"token": "t", "ends": ENDS}, StandingPages(), screens)


def standing() -> Face:
    """Pages that are in both languages at once and run no script."""
    world = StandingPages()
    return Face(
        "", {"token": "t", "ends": ENDS}, world, [Screen("", "", page) for page in ("/", *world.pages)]
    )


FACES: dict[str, Callable[[], Face]] = {
    "worker": worker,
    "desk": desk,
    "staff": staff,
    "gate": gate,
    "standing": standing,
}


class Tour:
    """One tab of one face that is led from screen to screen."""

    def __init__(self, browser: Browser, name: str, language: str) -> None:
        self.name, self.face = name, FACES[name]()
        world = self.face.world
        self.tab: Tab = world.tab(browser, {"width": WIDTHS[0], "height": 740}, name, self.face.session)
        self.sweep = Sweep(self.tab.page, ORIGIN, *UPLOADS.split())
        self._page = ""
        self.language = language
        if language == "en":
            self.tab.page.add_init_script('sessionStorage.setItem("daycover.language", "en")')

    def wrong_at(self, width: int) -> list[str]:
        """What is wrong at a width; on a phone a thumb must hit it, and a worker may read large, or in the dark."""
        sweep, page = self.sweep, self.tab.page
        wrong = sweep.wide() + self.tab.barriers()
        if (self.language, width) in WALKED:
            wrong += sweep.keyboard()
        if width != PHONE or self.name in {"staff", "standing"}:
            return wrong
        wrong += [f"too small: {one}" for one in sweep.small()]
        if self.name in {"worker", "gate"}:
            page.emulate_media(color_scheme="dark")
            wrong += [f"in the dark: {one}" for one in self.tab.barriers()]
            page.emulate_media(color_scheme="light")
            page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
            wrong += [f"at 200 %: {one}" for one in sweep.wide() + sweep.cut()]
            page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
        return wrong

    def wrong_anyway(self) -> list[str]:
        """What is wrong whatever the width, since the last time."""
        tab, sweep = self.tab, self.sweep
        wrong = tab.complaints + [f"refused: {status}" for status in tab.refusals]
        wrong += [f"asked {url}" for url in sweep.abroad]
        wrong += tab.page.evaluate("() => globalThis.violations")
        wrong += [text for text in tab.page.locator("h1").all_inner_texts() if text in NO_SCREEN]
        for noted in (tab.complaints, tab.refusals, sweep.abroad):
            noted.clear()
        return wrong + ([f"Chinese: {one}" for one in sweep.foreign(KNOWN)] if self.language == "en" else [])

    def faults(self) -> list[str]:
        """What is wrong with any screen, and where."""
        found = []
        for screen in self.face.screens:
            self.go(screen)
            for width in WIDTHS:
                self.sweep.resize(width)
                found += [f"{screen.name} at {width}: {wrong}" for wrong in self.wrong_at(width)]
            found += [f"{screen.name}: {wrong}" for wrong in self.wrong_anyway()]
        return found

    def go(self, screen: Screen) -> None:
        self.face.world.is_empty = screen.is_empty
        page = screen.page or self.face.path
        if page != self._page:
            self._page = page
            self.tab.open(page + screen.hash)
        elif not screen.hash or screen.hash == self.tab.page.evaluate("() => location.hash"):
            self.tab.page.reload()
        else:
            self.tab.page.evaluate("(hash) => { location.hash = hash; }", screen.hash)
        self.sweep.settle()
        self.sweep.unfold()
        self.sweep.settle()
