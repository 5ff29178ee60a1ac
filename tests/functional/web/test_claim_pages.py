"""The money of a claim in the browser: what the insured confirms, and what staff see, decide and pay."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import Decision
from daycover.cover.policy import PolicyStatus
from daycover.identity.work_card import WorkCardUnavailableError
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import payout_number
from daycover.payouts.transfer import TransferState
from daycover.platform.callers import Duty
from tests.functional.web.pages import ORIGIN, Merchant, Pages
from tests.support.browser import DESKTOP, LATE_WECHAT, PHONE, WECHAT, Tab
from tests.support.builders import a_policy
from tests.support.claims import ACCIDENT_AT
from tests.unit.claims.world import World


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def waiting(world: World, **changes: Any) -> Claim:
    """A claim whose money waits until the insured confirms it."""
    claim = world.agreed(**changes)
    payout_id = world.pay.reserve(claim.claim_no).payout_id
    assert payout_id is not None
    assert world.pay.submit(payout_id) is Outcome.PENDING
    return claim


def failed(world: World, code: str) -> Claim:
    """A claim whose transfer WeChat has ended without paying."""
    claim = waiting(world)
    number = payout_number(claim.claim_no, 1)
    world.bank.finish(number, TransferState.FAIL)
    world.bank.bills[number] = replace(world.bank.bills[number], fail_reason=code)
    assert world.pay.confirm(number) is Outcome.FAILED
    world.pay.record_failure(claim.claim_no, Outcome.FAILED, number)
    return claim


def wanted(world: World) -> Claim:
    """A claim whose large payout waits for a face."""
    claim = world.agreed_large()
    number = world.pay.reserve(claim.claim_no).payout_id
    world.request_identity.hold(claim.claim_no, str(number), "wait-1")
    return claim


def see(tab: Tab, claim: Claim) -> None:
    tab.open(f"/me#/claims/{claim.claim_no}")


# ---- the insured


def test_page_counts_down_and_comes_back_by_itself_when_the_work_card_is_out(
    browser: Browser, pages: Pages
) -> None:
    claim = wanted(pages.world)
    card = pages.world.work_card
    card.refusal = WorkCardUnavailableError(may_have_counted=False, retry_after=2)
    tab = pages.worker(browser, PHONE)
    see(tab, claim)
    tab.press("开始刷脸确认")
    tab.sees("微工卡暂时不可用", "秒后自动再试", "什么都没有丢，也不会多占用次数")
    tab.page.wait_for_timeout(2_500)
    asked = [path for _, path, _ in pages.calls]
    assert asked.count(f"/v1/claims/{claim.claim_no}/identity-checks") == 2
    card.refusal = None
    tab.sees("等待刷脸结果…")
    assert list(card.orders) == [f"{claim.claim_no}I1"]
    card.refusal = WorkCardUnavailableError(retry_after=1)  # while the page asks for the result
    tab.sees("秒后自动再试")
    card.refusal = None
    card.show_face(f"{claim.claim_no}I1")
    tab.page.wait_for_url(f"**/me#/claims/{claim.claim_no}")
    assert pages.world.identities.find(claim.claim_no).is_fresh(pages.world.at)


def test_page_leaves_the_time_to_the_person_when_it_is_long(browser: Browser, pages: Pages) -> None:
    claim = wanted(pages.world)
    pages.world.work_card.refusal = WorkCardUnavailableError(retry_after=61)
    tab = pages.worker(browser, PHONE)
    see(tab, claim)
    tab.press("开始刷脸确认")
    tab.sees("微工卡暂时不可用", "不会多占用核身次数")
    assert tab.page.get_by_text("秒后自动再试").count() == 0


@pytest.mark.parametrize("wechat", [WECHAT, LATE_WECHAT], ids=["there", "late"])
def test_button_opens_wechat_s_confirmation_when_money_waits(
    browser: Browser, pages: Pages, wechat: str
) -> None:
    claim = waiting(pages.world)
    tab = pages.worker(browser, PHONE, scripts=(wechat,))
    see(tab, claim)
    tab.sees("待您确认收款", "赔款等您确认收款", "3,580 元", "请在 24 小时内确认")
    button = tab.page.get_by_role("button", name="确认收款", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 48, "as large as a thumb"
    assert box["y"] + box["height"] < PHONE["height"], "nobody has to scroll to it"
    button.click()
    tab.sees("正在查询是否到账")
    merchant = Merchant()
    values = {"mchId": merchant.mchid, "appId": merchant.appid, "package": "package"}
    assert tab.page.evaluate("() => globalThis.asked") == [["requestMerchantTransfer", values]]

    number = payout_number(claim.claim_no, 1)
    pages.world.bank.finish(number)
    pages.world.pay.confirm(number)
    pages.world.pay.post(number)
    tab.sees("已到账")
    tab.does_not_see("赔款等您确认收款")
    tab.check()
    tab.close()


def test_page_says_what_to_do_when_wechat_shows_nothing(browser: Browser, pages: Pages) -> None:
    claim = waiting(pages.world)
    tab = pages.worker(browser, PHONE, scripts=(WECHAT,))
    see(tab, claim)
    for said, told in (
        ("cancel", "您还没有确认，钱还没有到账"),
        ("function_not_exist", "请把微信更新到最新版本"),
    ):
        tab.page.evaluate("(said) => { globalThis.says = said; }", said)
        tab.press("确认收款")
        tab.sees(told)
    tab.check()
    tab.close()


def test_package_is_the_newest_when_the_bill_was_posted_again(browser: Browser, pages: Pages) -> None:
    claim = waiting(pages.world)
    tab = pages.worker(browser, PHONE, scripts=(WECHAT,))
    see(tab, claim)
    tab.sees("赔款等您确认收款")
    pages.world.pay.submit(payout_number(claim.claim_no, 1))
    with tab.page.expect_response("**/v1/claims/*") as read:
        pass
    assert read.value.json()["payout"]["confirmation"]["package"] == "package-2"
    expect(tab.page.locator("main")).not_to_have_attribute("aria-busy", "true")
    tab.press("确认收款")
    tab.sees("正在查询是否到账")
    assert tab.page.evaluate("() => globalThis.asked[0][1].package") == "package-2"
    tab.close()


def test_another_browser_leads_to_wechat_when_money_waits(browser: Browser, pages: Pages) -> None:
    claim = waiting(pages.world)
    tab = pages.worker(browser, PHONE)
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    see(tab, claim)
    tab.sees("收款要在手机微信里确认", "请在 24 小时内确认")
    assert tab.page.get_by_role("button", name="确认收款", exact=True).count() == 0
    tab.press("复制本页链接，到微信里打开")
    tab.sees("已复制。")
    copied = tab.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{ORIGIN}/me#/claims/{claim.claim_no}"
    tab.check()
    tab.close()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("NAME_NOT_CORRECT", ("姓名与微信实名不一致", "请核对微信“支付”里的实名是不是您本人。")),
        ("OVERDUE_CLOSE", ("24 小时内没有确认收款",)),
        ("REAL_NAME_CHECK_FAIL", ("请在微信“支付”里完成实名认证。",)),
        ("A_CODE_OF_TOMORROW", ("原因代码 A_CODE_OF_TOMORROW",)),
    ],
)
def test_insured_states_a_bank_account_when_the_wallet_failed(
    browser: Browser, pages: Pages, code: str, told: tuple[str, ...]
) -> None:
    claim = failed(pages.world, code)
    tab = pages.worker(browser, PHONE, scripts=(WECHAT,))
    see(tab, claim)
    tab.sees("未成功", *told, "赔款仍然是您的。")
    tab.fill(name="王小明", account_no="\u202a６２２２　0212－3456\u20117890 123\u202c", bank_name="工商银行")
    tab.press("保存账户")
    tab.sees("账户已保存，正在转到您的银行账户。")
    account = pages.world.accounts.find(claim.claim_no)
    assert account is not None
    assert account.account_no == "6222021234567890123"
    tab.check()
    tab.close()


def test_insured_has_nothing_to_do_when_our_account_is_too_low(browser: Browser, pages: Pages) -> None:
    claim = pages.world.agreed()
    pages.world.bank.refuse_next("NOT_ENOUGH")
    payout_id = pages.world.pay.reserve(claim.claim_no).payout_id
    assert payout_id is not None
    assert pages.world.pay.submit(payout_id) is Outcome.NOT_ENOUGH
    tab = pages.worker(browser, PHONE, scripts=(WECHAT,))
    see(tab, claim)
    tab.sees("支付中", "我们正在给付款账户充值，之后自动付款，您不用做什么。")
    tab.close()

    finance = pages.staff(browser, DESKTOP, Duty.FINANCE)
    finance.open(f"/staff#/claims/{claim.claim_no}")
    finance.sees("付款账户余额不足，请充值", "NOT_ENOUGH", payout_id)
    finance.check()
    finance.close()


# ---- staff


def test_finance_pays_one_obligation_when_its_transfer_failed(browser: Browser, pages: Pages) -> None:
    claim = failed(pages.world, "ACCOUNT_FROZEN")
    tab = pages.staff(browser, DESKTOP, Duty.FINANCE)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.sees(
        "占用保单限额：意外医疗 2,480 元、住院津贴 1,100 元", "应付，尚未支付", "支付未成功", "ACCOUNT_FROZEN"
    )
    tab.press("支付第 1 笔")
    tab.page.get_by_role("dialog").get_by_text("支付第 1 笔").click()
    tab.page.get_by_role("dialog").wait_for(state="detached")
    tab.sees("赔案")
    path = f"/v1/staff/claims/{claim.claim_no}/payout?obligation=1"
    assert pages.calls == [("POST", path, None)]
    tab.check()
    tab.close()


def test_decision_is_split_when_the_adjuster_says_how(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    tab = pages.staff(browser, DESKTOP, Duty.ADJUSTER)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    decide = tab.page.get_by_role("form", name="提交核定")
    decide.locator("[name=decision]").select_option("PARTIAL")
    decide.locator("[name=reason]").fill("票据核减后认可")
    tab.page.locator("summary", has_text="按责任分列金额").click()
    tab.fill(**{"benefit-MEDICAL": "５,０００", "benefit-HOSPITAL": "600.50"})
    decide.locator("[name=amount]").fill("5000")
    tab.sees("合计 5,600.50 元")
    tab.press("提交核定")
    tab.sees("各项责任合计 5,600.50 元，与金额 5,000 元 不符。")
    decide.locator("[name=amount]").fill("")
    tab.press("提交核定")
    tab.sees("已核定，待复核")
    stored = pages.world.claims.get(claim.claim_no).round
    assert stored.amount_fen == 560_050
    assert dict(stored.granted) == {ClaimType.MEDICAL: 500_000, ClaimType.HOSPITAL: 60_050}
    tab.check()
    tab.close()


def other_claim_takes_the_limit(world: World) -> None:
    """Another claim of the policy is decided and acknowledged, as large as the medical limit allows."""
    other = world.referred(invoice_no="B2", occurred_at=ACCIDENT_AT + timedelta(hours=1))
    verdict = Verdict(
        Decision.PARTIAL, 2_600_000, "PARTLY_PROVEN", "票据核减", {ClaimType.MEDICAL: 2_600_000}
    )
    world.decide("adjuster-9", other.claim_no, verdict)
    world.acknowledge("senior-9", other.claim_no, True, None)


def test_new_figures_stand_by_the_form_when_the_limits_moved(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    tab = pages.staff(browser, DESKTOP, Duty.ADJUSTER)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.sees("提交核定")
    other_claim_takes_the_limit(pages.world)
    reason = tab.page.get_by_role("form", name="提交核定").locator("[name=reason]")
    reason.fill("票据和病历齐全")
    tab.press("提交核定")
    notice = tab.page.locator(".moved")
    expect(notice).to_contain_text("保单剩余额度已变化,已重新理算")
    expect(notice).to_contain_text("此前为 9,020 元")
    expect(notice).to_be_focused()
    computed = pages.world.claims.get(claim.claim_no).assessment
    assert computed is not None
    assert computed.version == 2
    tab.sees("没有核定，请按新的金额重新核定。", f"公式 {computed.formula_version}")
    assert reason.input_value() == "票据和病历齐全"
    tab.press("提交核定")
    tab.sees("已核定，待复核")
    tab.does_not_see("没有核定，请按新的金额重新核定。")
    tab.check(refusals=[409])
    tab.close()


def test_ended_policy_is_the_first_thing_to_see_when_somebody_decides(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    tab = pages.staff(browser, DESKTOP, Duty.SENIOR_ADJUSTER)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.page.get_by_role("form", name="提交核定").locator("[name=reason]").fill("票据和病历齐全")
    ended = a_policy(status=PolicyStatus.VOIDED)
    world.policies.put(ended)
    tab.press("提交核定")
    tab.sees("保单已失效,不能赔付", "没有核定，也不能按这张保单赔付。")
    expect(tab.page.locator(".moved strong")).to_have_text("已作废")
    tab.check(refusals=[409])

    assert world.flag(ended.policy_no) == [claim.claim_no]
    tab.page.reload()
    tab.sees("保单已作废", "作废、取消的保单不能赔付", "保单已取消、终止或作废")
    tab.check(refusals=[409])
    tab.close()


def test_rounds_stand_apart_when_a_claim_was_reopened(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = waiting(world)
    number = payout_number(claim.claim_no, 1)
    world.bank.finish(number)
    world.pay.confirm(number)
    world.pay.post(number)
    world.follow.close(claim.claim_no)
    world.review.reopen("adjuster-1", claim.claim_no, "NEW_EVIDENCE", "又收到一张发票")
    tab = pages.staff(browser, DESKTOP, Duty.AUDITOR)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.sees("第 2 轮")
    tab.page.locator("summary", has_text="第 1 轮").click()
    tab.sees("自动核定", "占用保单限额：意外医疗 2,480 元、住院津贴 1,100 元", number, "已到账")
    assert tab.page.get_by_role("button", name="支付第 1 笔").count() == 0, "auditors read"
    tab.check()
    tab.close()
