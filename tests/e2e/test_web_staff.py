"""The insurer's console: one person decides, another acknowledges, and a conflict is told."""

from collections.abc import Callable
from urllib.request import urlopen
from uuid import uuid4

import pytest

from tests.e2e.test_web_desk import sign_in as sign_in_to_desk
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.world import World

pytestmark = pytest.mark.stack
OpenTab = Callable[..., Tab]


def sign_in(tab: Tab, name: str) -> None:
    """Through the issuer's own page and back."""
    tab.open("/staff")
    tab.sees("理赔工作台登录")
    tab.press("登录")
    tab.page.get_by_role("button", name=name).click()
    tab.sees("待办")
    assert "code=" not in tab.page.url


def decide(tab: Tab) -> None:
    tab.page.get_by_role("form", name="提交核定").locator("[name=reason]").fill(
        "票据和病历齐全，金额在责任范围内"
    )
    tab.press("提交核定")


def stay(tab: Tab) -> None:
    """Do not go on to the next file of the queue."""
    tab.page.get_by_label("提交后打开下一件").uncheck()


def test_two_people_settle_a_claim_when_the_machine_may_not(world: World, open_tab: OpenTab) -> None:
    worker, claim_no = world.referred_claim()
    first, late, second, finance, auditor = (open_tab(DESKTOP) for _ in range(5))
    sign_in(first, "顾主核")
    first.follow(claim_no)
    first.sees("理算", "金额超过自动核定上限", "两个工作日承诺", "8,820 元", "损失清单")
    sign_in(late, "沈核赔")
    late.open(f"/staff#/claims/{claim_no}")
    late.sees("提交核定")

    stay(first)
    decide(first)
    first.sees("已核定，待复核", "这是您自己的核定，须由另一人复核。")
    assert first.page.get_by_role("button", name="复核通过").count() == 0

    decide(late)
    conflict = late.page.get_by_role("alert")
    conflict.wait_for()
    assert "conflict" in (conflict.get_attribute("class") or "")
    late.press("重新载入")
    late.sees("已核定，待复核")

    sign_in(second, "陆主核")
    second.page.get_by_role("link", name="待复核").click()
    second.follow(claim_no)
    stay(second)
    second.press("复核通过")
    second.sees("已复核", "全额赔付")
    assert worker.claim(claim_no)["amount_fen"] == 882_000

    worker.answer_amount(claim_no).expect(200)
    world.wait_for_claim(worker, claim_no, "PAYING")
    sign_in(finance, "乔财务")
    finance.open(f"/staff#/claims/{claim_no}")
    finance.press("支付第 1 笔")
    finance.answer_to(
        "POST",
        r"/payout\?obligation=1$",
        lambda: finance.page.get_by_role("dialog").get_by_text("支付第 1 笔").click(),
    )
    finance.sees("支付中")
    finance.does_not_see("提交核定")
    bill = world.wait_for_bill(worker, claim_no)
    assert [known["out_bill_no"] for known in world.bills_of(claim_no)] == [bill], "paid once"

    sign_in(auditor, "方审计")
    auditor.open(f"/staff#/claims/{claim_no}")
    auditor.sees("历史", "复核通过", "核定")
    assert auditor.page.locator("main form").count() == 0
    auditor.sees("不在您的职责范围内，未显示")
    auditor.does_not_see("右脚踇趾压伤")
    auditor.page.locator("summary").filter(has_text="查阅记录").click()
    acts = auditor.page.locator("main .act").all_inner_texts()
    assert set(acts) == {"显示查阅记录"}, "auditors read"
    auditor.press("显示查阅记录")
    auditor.sees("案卷", "核赔")
    world.staff("staff-fang").claim_file(claim_no).expect(200)
    first.open(f"/staff#/claims/{claim_no}")
    first.sees("右脚踇趾压伤")
    first.page.get_by_role("button", name="查看文件").first.click()
    first.page.locator(".paper-frame iframe, .paper-frame img").first.wait_for()
    console = world.staff("staff-shen")
    files = console.claim_file(claim_no).expect(200)["files"]
    document = next(known for known in files if known["doc_type"] == "DIAGNOSIS")
    path = f"/v1/staff/claims/{claim_no}/documents/{document['document_id']}/file"
    with urlopen(console.api.get(path).expect(200)["url"]) as file:
        assert file.read().startswith(b"%PDF"), "the file that the worker sent"
    auditor.page.get_by_role("link", name="对账差异").click()
    auditor.sees("未处理")

    for tab in (first, second, finance, auditor):
        tab.check(worker.person)
    late.check(worker.person, refusals=[409])


def test_two_people_advance_the_certain_part_when_the_worker_disputes(
    world: World, open_tab: OpenTab
) -> None:
    worker, claim_no = world.referred_claim()
    adjuster, senior = world.staff("staff-shen"), world.staff("staff-lu")
    adjuster.decide(claim_no).expect(200)
    senior.acknowledge(claim_no).expect(200)
    world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")
    disputed = {"answer": "DISPUTE", "reason": "住院费用没有算进去"}
    worker.api.post(f"/v1/claims/{claim_no}/answer", disputed).expect(200)
    world.wait_for_claim(worker, claim_no, "IN_REVIEW")

    stating, acknowledging = open_tab(DESKTOP), open_tab(DESKTOP)
    sign_in(stating, "顾主核")
    stating.open(f"/staff#/claims/{claim_no}")
    stating.page.locator("summary", has_text="先予支付").click()
    advance = stating.page.get_by_role("form", name="提出先予支付")
    advance.locator("[name=amount]").fill("5000")
    advance.locator("[name=reason]").fill("门诊费用已核实，双方无争议")
    stating.press("提出先予支付")
    stating.sees("已提出，待复核", "无争议部分", "这是您自己提出的，须由另一人复核。")
    assert stating.page.get_by_role("button", name="同意先予支付").count() == 0

    sign_in(acknowledging, "陆主核")
    acknowledging.open(f"/staff#/claims/{claim_no}")
    acknowledging.press("同意先予支付")
    acknowledging.sees("先予支付复核通过")

    phone = open_tab(PHONE)
    phone.open(f"/me?code={world.simulated.login_code(worker.person.openid)}")
    phone.follow("理赔")
    phone.follow("意外医疗")
    phone.sees("先予支付", "5,000 元", "赔款等您确认收款", "收款要在手机微信里确认")
    (bill,) = world.bills_of(claim_no)
    assert (bill["out_bill_no"], bill["transfer_amount"]) == (f"{claim_no}P1", 500_000)
    for tab in (stating, acknowledging, phone):
        tab.check(worker.person)


def test_staff_stay_outside_when_the_answer_was_not_asked_for(world: World, open_tab: OpenTab) -> None:
    tab = open_tab(DESKTOP)
    tab.open("/staff?code=stolen&state=another")
    tab.sees("登录没有完成，请重试。")
    tab.check()


def test_referral_becomes_cover_when_site_and_staff_agree(world: World, open_tab: OpenTab) -> None:
    worker = world.consenting_worker()
    document = {"type": "PASSPORT", "name": worker.person.name, "number": "E" + worker.person.phone[-8:]}
    document["birth_date"] = "1990-03-07"
    asked = {"qr_token": world.qr_token, "reason": "DOCUMENT_TYPE", "document": document}
    worker.api.post("/v1/referrals", asked).expect(201)

    desk = open_tab(DESKTOP)
    sign_in_to_desk(desk, world.owner_sub)
    desk.follow("冷链仓库分拣")
    desk.follow("人工核验")
    desk.sees("护照", "待现场确认")
    desk.press("已见本人和证件")
    desk.page.get_by_role("dialog").get_by_role("button", name="已见本人和证件").click()
    desk.sees("已确认，待核保")

    console = open_tab(DESKTOP)
    sign_in(console, "沈核赔")
    console.follow("人工核保")
    console.sees("护照", "非居民身份证")
    console.page.locator("main tr", has_text="护照").get_by_role("link").click()
    console.sees(worker.person.name, document["number"])
    console.page.get_by_label("通过，立即出单").check()
    console.page.locator("[name=reason]").select_option("DOCUMENT_SEEN")
    console.press("提交")
    console.press("确认出单")
    console.sees("已出单。")
    assert [policy["in_force"] for policy in worker.policies()] == [True]
    for tab in (desk, console):
        tab.check(worker.person)


def test_provider_gets_its_secret_when_two_people_agree(world: World, open_tab: OpenTab) -> None:
    provider_id = f"sp-{uuid4().hex[:12]}"
    first, second = open_tab(DESKTOP), open_tab(DESKTOP)
    sign_in(first, "乔财务")
    first.follow("准入")
    first.page.locator("nav.tabs").get_by_role("link", name="服务商").click()
    first.page.locator("summary", has_text="登记服务商").click()
    first.fill(provider_id=provider_id, name="云聘人力服务")
    first.press("提交申请")
    own = first.page.locator("section", has_text=provider_id)
    own.get_by_text("这是您自己提交的，须由另一人批准。").wait_for()
    assert own.get_by_role("button", name="批准").count() == 0

    sign_in(second, "陆主核")
    second.follow("准入")
    _approve(second, provider_id)
    second.page.locator("main tr", has_text=provider_id).get_by_text("已批准").wait_for()

    first.page.locator("nav.tabs").get_by_role("link", name="服务商").click()
    enrolled = first.page.locator("main tr", has_text=provider_id)
    enrolled.get_by_role("button", name="申请新的接口密钥").click()
    first.page.get_by_role("dialog").get_by_role("button", name="申请新的接口密钥").click()
    first.page.locator("section", has_text=provider_id).get_by_text("签发接口密钥").first.wait_for()

    second.page.reload()
    _approve(second, provider_id)
    shown = second.page.get_by_label("密钥", exact=True)
    shown.wait_for()
    secret = shown.input_value()
    assert len(secret) >= 43
    second.page.reload()
    second.page.locator("main tr", has_text=provider_id).first.wait_for()
    assert second.page.get_by_label("密钥", exact=True).count() == 0, "shown once"
    for tab in (first, second):
        assert secret not in tab.stored()
        tab.check()


def _approve(tab: Tab, subject: str) -> None:
    tab.page.locator("section", has_text=subject).get_by_role("button", name="批准").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="批准").click()
