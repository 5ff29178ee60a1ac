"""A worker's referrals in the browser: what they look at while people decide."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from playwright.sync_api import Browser, FilePayload, expect

from daycover.api.cover.referrals import ReferralsView
from daycover.cover.referral import Referral, ReferralDecision
from tests.functional.cover.test_referrals import a_referral, confirmed
from tests.functional.web.pages import ENDS, Served
from tests.support.browser import PHONE
from tests.support.builders import NOW

PAPER: FilePayload = {"name": "front.jpg", "mimeType": "image/jpeg", "buffer": b"paper"}


class ReferralPages(Served):
    """One worker with a referral that waits."""

    def __init__(self) -> None:
        super().__init__()
        self.referral = a_referral()

    def _referrals(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, ReferralsView.of([self.referral], NOW).model_dump(mode="json")

    routes: ClassVar = {r"GET /v1/(referrals)": _referrals}


def rejected(referral: Referral) -> Referral:
    decision = ReferralDecision(
        role="staff", subject="s-1", at=NOW, approved=False, reason="DOCUMENT_NOT_SHOWN"
    )
    return confirmed(referral).model_copy(update={"decided": decision})


def test_chosen_paper_stays_when_the_site_confirms_and_goes_when_it_is_decided(browser: Browser) -> None:
    pages = ReferralPages()
    tab = pages.tab(browser, PHONE, "worker", {"token": "t", "ends": ENDS})
    tab.page.clock.install(time=NOW)
    tab.open("/me#/referrals")
    tab.sees("请现场负责人当面核对您和证件，并在企业工作台确认。")
    tab.page.clock.pause_at(NOW + timedelta(minutes=1))
    tab.page.locator("[name=files]").set_input_files([PAPER])

    pages.referral = confirmed(pages.referral)
    for _ in range(2):
        with tab.page.expect_response("**/v1/referrals"):
            tab.page.clock.run_for(3_000)
    assert tab.page.locator("[name=files]").evaluate("input => input.files.length") == 1

    pages.referral = rejected(pages.referral)
    with tab.page.expect_response("**/v1/referrals"):
        tab.page.clock.run_for(3_000)
    expect(tab.page.locator("[name=files]")).to_have_count(0)
    tab.check()


def test_list_is_drawn_anew_when_the_site_confirms_and_nothing_is_chosen(browser: Browser) -> None:
    pages = ReferralPages()
    tab = pages.tab(browser, PHONE, "worker", {"token": "t", "ends": ENDS})
    tab.page.clock.install(time=NOW)
    tab.open("/me#/referrals")
    tab.sees("请现场负责人当面核对您和证件，并在企业工作台确认。")
    tab.page.clock.pause_at(NOW + timedelta(minutes=1))
    pages.referral = confirmed(pages.referral)
    with tab.page.expect_response("**/v1/referrals"):
        tab.page.clock.run_for(3_000)
    tab.sees("现场已确认，核保员正在决定。")
    tab.check()
