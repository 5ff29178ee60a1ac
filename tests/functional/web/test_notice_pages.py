"""Notices in the browser: the claimant opens them, staff record how they were delivered."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.inform import Delivery
from daycover.claims.lifecycle import Decision
from daycover.claims.notice import DeliveryChannel
from daycover.platform.callers import Duty
from tests.functional.web.pages import Pages
from tests.support.browser import DESKTOP, PHONE
from tests.unit.claims.world import World


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def refused(world: World) -> Claim:
    claim = world.referred()
    world.decide(
        "adjuster-1", claim.claim_no, Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外事故")
    )
    world.acknowledge("senior-1", claim.claim_no, True, None)
    return world.follow.notify_refusal(claim.claim_no)


def test_notice_is_read_when_the_claimant_opens_it_and_stays_open(browser: Browser, pages: Pages) -> None:
    claim = refused(pages.world)
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.sees("通知书", "拒赔通知书")
    assert pages.calls == [], "seeing that there is one is not reading it"
    tab.page.locator("summary", has_text="拒赔通知书").click()
    tab.sees("拒绝给付保险金通知书", "理由:非意外事故", "12378")
    tab.sees("通知书已送达")  # the page has drawn the claim again
    assert tab.page.get_by_text("拒绝给付保险金通知书").is_visible()
    number = claim.round.notices[0].number
    assert pages.calls == [("POST", f"/v1/claims/{claim.claim_no}/notices/{number}/receipt", None)]
    delivered = pages.world.claims.get(claim.claim_no).round.notices[0].delivered
    assert delivered is not None
    assert delivered.channel is DeliveryChannel.APP_SEEN
    tab.check()
    tab.close()


def test_staff_see_what_is_undelivered_and_record_the_call(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = refused(world)
    world.messages.answer = Delivery.NOT_WANTED
    for entry in world.claims.history(claim.claim_no):
        world.inform(entry)
    world.at += timedelta(days=1)
    auditor = pages.staff(browser, DESKTOP, Duty.AUDITOR)
    auditor.open(f"/staff#/claims/{claim.claim_no}")
    auditor.sees("待送达", "对方未订阅消息")
    assert auditor.page.get_by_text("登记送达").count() == 0
    auditor.close()
    tab = pages.staff(browser, DESKTOP, Duty.INTAKE)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.page.locator("summary", has_text="登记送达").click()
    form = tab.page.get_by_role("form", name="登记拒赔通知书的送达")
    form.locator("[name=reference]").fill("13900001234")
    form.locator("[name=note]").fill("与本人通话")
    form.get_by_role("button").click()
    tab.sees("通知书已送达", "电话：13900001234; 与本人通话")
    tab.does_not_see("对方未订阅消息")
    ((_, _, body),) = pages.calls
    assert body == {"channel": "CALL", "reference": "13900001234", "note": "与本人通话"}, (
        "as it was it means now"
    )
    tab.check()
    tab.close()
