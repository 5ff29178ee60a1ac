"""Lists that the API gives page by page: what was loaded is searched, filtered and sorted, and more can be loaded."""

from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, expect

from daycover.api.access.enrolment import EnrolledCompaniesView, ProposalsView, ProvidersView
from daycover.api.cover.signals import SignalsView
from daycover.cover.check_in import CheckInStatus
from daycover.cover.evidence import BY_CODE, Signal
from daycover.cover.signals import Flagged, FlaggedPage
from daycover.platform.callers import Duty
from daycover.projects.enrol import ProposalKind, ProposalStatus
from daycover.projects.provider import Credential, Provider
from tests.functional.web.pages import Served, staff_session
from tests.functional.web.people_pages import PeoplePages, a_company
from tests.support.browser import DESKTOP
from tests.support.builders import NOW

PAGE, ALL = 50, 130
CHECK = BY_CODE["TWO_PLACES"]


def companies(numbers: range, following: str | None) -> Any:
    return EnrolledCompaniesView.of([a_company(f"C{n:03d}", f"第{n:03d}劳务") for n in numbers], following)


def providers(numbers: range, following: str | None) -> Any:
    secret = Credential(credential_id="K1", sha256="0" * 64, created_at=NOW)
    made = [Provider(provider_id=f"C{n:03d}", name=f"第{n:03d}服务", credentials=(secret,)) for n in numbers]
    return ProvidersView.of(made, following)


def proposals(numbers: range, following: str | None) -> Any:
    """The first of each page is open, the others are settled."""
    made = [
        PeoplePages._proposal(f"C{n:03d}", ProposalKind.ISSUE_CREDENTIAL, f"S{n:03d}", NOW) for n in numbers
    ]
    settled = [
        one.settled(ProposalStatus.APPROVED, f"C{n:03d}", NOW) for n, one in zip(numbers, made, strict=True)
    ]
    return ProposalsView.of([made[0], *settled[1:]], following)


def signals(numbers: range, following: str | None) -> Any:
    found = Signal(code=CHECK.code, check=CHECK.check, score=CHECK.score, weight=CHECK.weight)
    lines = [
        Flagged(
            check_in_id=f"C{n:03d}",
            worker_id="w-1",
            project_id="P1",
            company_id="C1",
            insured_name="王**",
            at=NOW,
            status=CheckInStatus.ISSUED,
            policy_no=f"C{n:03d}",
            score=50,
            signals=(found,),
        )
        for n in numbers
    ]
    return SignalsView.of(FlaggedPage(lines, following))


class List(NamedTuple):
    hash: str
    path: str
    page: Any
    rows: int
    """Of three pages."""


LISTS = {
    "companies": List("#/enrolment/companies", "/v1/staff/companies", companies, ALL),
    "providers": List("#/enrolment/providers", "/v1/staff/providers", providers, ALL),
    "proposals": List("#/enrolment", "/v1/staff/proposals", proposals, ALL - 3),
    "signals": List("#/signals/P1", "/v1/staff/projects/P1/signals", signals, ALL),
}


class Paged(Served):
    """One list of 130, of which the API gives 50 at a time."""

    def __init__(self, given: List) -> None:
        super().__init__()
        self.given = given

    def answer(self, method: str, path: str, query: Any, body: Any) -> tuple[int, dict[str, Any]]:
        if path != self.given.path:
            return super().answer(method, path, query, body)
        start = int(query.get("page", ["0"])[0])
        end = min(start + PAGE, ALL)
        view = self.given.page(range(start, end), str(end) if end < ALL else None)
        return 200, view.model_dump(mode="json")


@pytest.mark.parametrize("name", LISTS)
def test_rest_is_loaded_and_searched_when_a_list_has_pages(browser: Browser, name: str) -> None:
    given = LISTS[name]
    tab = Paged(given).tab(
        browser, DESKTOP, "staff", staff_session("finance-1", [Duty.FINANCE, Duty.ADJUSTER])
    )
    tab.open(f"/staff{given.hash}")
    rows = tab.page.locator("tbody tr")
    first = PAGE - (name == "proposals")
    tab.sees(f"已载入 {first} 个")
    search = tab.page.get_by_label("查找", exact=True)
    search.fill("c12 5")
    expect(rows).to_have_count(0)
    for _ in range(2):
        tab.press("载入更多")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("C125")
    tab.sees(f"1 个，共 {given.rows} 个")
    assert tab.page.get_by_role("button", name="载入更多").count() == 0
    search.fill("")
    expect(rows).to_have_count(100)
    tab.press("更多")
    expect(rows).to_have_count(given.rows)
    tab.check()
    tab.close()
