"""A worker's day in a browser: from the code at the gate to the money on its way."""

import re
from collections.abc import Callable
from zlib import crc32

import pytest

from tests.support.actors import METRES_PER_DEGREE, paper
from tests.support.bills import a_fiscal_bill, fiscal_elements, fiscal_pdf
from tests.support.browser import PHONE, WECHAT, Tab
from tests.support.clocks import when_the_shift_began
from tests.support.people import Person, make_person
from tests.support.world import LONG_HAUL, World, today

pytestmark = pytest.mark.stack
MEDICAL_DOCUMENTS = ("MEDICAL_RECORD", "DIAGNOSIS", "INVOICE", "EXPENSE_LIST")
NAMES = {
    "MEDICAL_RECORD": "病历",
    "DIAGNOSIS": "诊断证明",
    "INVOICE": "发票（纸质原件或电子发票）",
    "EXPENSE_LIST": "费用清单",
}
OpenTab = Callable[..., Tab]


def at_site(world: World, metres_north: float = 0.0) -> tuple[float, float]:
    return world.site["latitude"] + metres_north / METRES_PER_DEGREE, world.site["longitude"]


def consent_and_check_in(tab: Tab, name: str, id_number: str) -> None:
    """Accept every text, and say who it is when asked."""
    tab.sees("这些情况不赔")
    for box in tab.page.locator("[name=consent]").all():
        box.check()
    tab.press("同意并打卡")
    tab.sees("请填写姓名和身份证号码，再点一次。")
    tab.fill(name=name, id_number=id_number)


def test_worker_is_insured_and_paid_when_only_a_browser_is_at_hand(world: World, open_tab: OpenTab) -> None:
    person = make_person(today())
    world.simulated.know_people([person])
    tab = open_tab(PHONE, at_site(world))
    tab.page.add_init_script(WECHAT)

    tab.open(f"/s/{world.qr_token}")
    tab.sees("请用微信扫码", "此刻还没有保障")

    tab.open(f"/s/{world.qr_token}?code={world.simulated.login_code(person.openid)}")
    tab.sees(
        "冷链仓库分拣",
        "北仑冷链物流园",
        "300,000 元",
        "由宁波千帆劳务有限公司承担，不从工资中扣除",
        "被保险人酒后驾驶",
        "100 元、80%",
    )
    assert "code=" not in tab.page.url
    with when_the_shift_began(world.stack):  # the browser's clock stays right: a signal, which refuses nobody
        consent_and_check_in(tab, person.name, person.id_number)
        begun = tab.answer_to("POST", "/v1/check-ins$", lambda: tab.press("同意并打卡")).json()
        tab.sees("还差一步：人脸核验", "此刻还没有保障")
        world.simulated.show_face(begun["work_card"]["authenticate_number"])
        tab.sees("您已在保障中", "保障中")

    policy_no = tab.page.url.rsplit("/", 1)[-1]
    tab.sees(policy_no, "发生意外？")
    tab.follow("打卡")  # as whoever scans the code again
    tab.sees("您已在保障中", "保障到")
    tab.follow("查看保单和二维码")
    tab.sees(policy_no, "发生意外？")
    certificate = tab.page.get_by_role("link", name="打开核验页面").get_attribute("href")
    assert certificate is not None
    tab.check(person, refusals=[422])

    tab.follow("报案")
    tab.fill(place="二号卸货口", description="搬箱时货物滑落", injury="右脚踇趾压伤")
    tab.press("提交报案")
    tab.sees("还差 4 份")
    claim_no = tab.page.url.rsplit("/", 1)[-1]
    boxes = tab.page.locator("[name=claim_consent]").all()
    assert [box.is_checked() for box in boxes] == [False] * 3, "each is the worker's own tick"
    for box in boxes:
        box.check()
    tab.press("同意所选各项")
    tab.sees("我的单独同意")
    bill = a_receipt(world, person, claim_no)
    for doc_type in MEDICAL_DOCUMENTS:
        hand_in(tab, doc_type, bill if doc_type == "INVOICE" else paper(claim_no, doc_type))
    tab.press("材料交齐了")
    tab.page.get_by_role("dialog").get_by_role("button", name="材料交齐了").click()
    tab.sees("核定金额", "400 元")
    tab.press("同意金额")
    tab.page.get_by_role("dialog").get_by_role("button", name="同意金额").click()
    tab.sees("赔款等您确认收款")
    tab.press("确认收款")
    tab.sees("正在查询是否到账")
    ((_, values),) = tab.page.evaluate("() => globalThis.asked")
    bill = world.bills_of(claim_no)[0]["out_bill_no"]
    world.simulated.confirm_transfer(bill, package_info=values["package"])
    tab.sees("赔款已到账")

    tab.press("English")
    tab.sees("Closed", "Medical costs")
    assert tab.page.locator("html").get_attribute("lang") == "en"
    tab.follow("Policies")
    tab.sees("My policies", "In force")
    tab.check(person, refusals=[422])

    tab.open(certificate)
    tab.sees("真实有效，保障中")


def a_receipt(world: World, person: Person, claim_no: str) -> bytes:
    """Give the PDF of a receipt of 600 yuan that its platform knows."""
    elements = fiscal_elements(number=f"{crc32(claim_no.encode()):010d}", total_fen=60_000, issued_on=today())
    world.simulated.know_bill(a_fiscal_bill(elements, treated_on=today(), patient=person.name))
    return fiscal_pdf(elements)


def hand_in(tab: Tab, doc_type: str, file: bytes) -> None:
    upload = tab.page.get_by_role("form", name=f"上传{NAMES[doc_type]}", exact=True)
    upload.locator("[name=file]").set_input_files(
        {"name": "photo.pdf", "mimeType": "application/pdf", "buffer": file}
    )
    upload.get_by_role("button", name="上传").click()
    upload.wait_for(state="detached")


def test_worker_is_told_why_when_far_from_the_site(world: World, open_tab: OpenTab) -> None:
    person = make_person(today())
    world.simulated.know_people([person])
    tab = open_tab(PHONE, at_site(world, metres_north=5_000))
    code = world.simulated.login_code(person.openid)
    tab.open(f"/s/{world.qr_token}?code={code}")
    consent_and_check_in(tab, person.name, person.id_number)
    refused = tab.answer_to("POST", "/v1/check-ins$", lambda: tab.press("同意并打卡"))
    problem = refused.json()
    tab.sees(problem["title"], problem["detail"])
    assert re.search("[\u4e00-\u9fff]", problem["title"])
    tab.follow("保单")
    tab.sees("还没有保单。")
    tab.check(person, refusals=[422, refused.status])


def test_driver_asks_people_when_the_occupation_is_referred(world: World, open_tab: OpenTab) -> None:
    project, token = world.open_project(**LONG_HAUL)
    person = make_person(today())
    world.simulated.know_people([person])
    tab = open_tab(PHONE)
    tab.open(f"/s/{token}?code={world.simulated.login_code(person.openid)}")
    tab.sees("本项目须人工核保", "长途货运属于六类职业", "此刻还没有保障")
    for box in tab.page.locator("[name=consent]").all():
        box.check()
    tab.fill(name=person.name, number=person.id_number)
    tab.press("同意并申请人工核验")
    tab.sees("待现场确认", "请现场负责人当面核对您和证件")

    (asked,) = world.provider.referrals(project)
    world.provider.confirm_referral(project, asked["referral_id"]).expect(200)
    underwriter = world.staff("staff-shen")
    underwriter.decide_referral(asked["referral_id"], approved=True, reason="WORK_SEEN").expect(200)
    tab.follow("查看保单")
    tab.sees("您已在保障中", "保障中")
    tab.check(person)


def test_login_code_is_refused_when_used_before(world: World, open_tab: OpenTab) -> None:
    person = make_person(today())
    world.simulated.know_people([person])
    code = world.simulated.login_code(person.openid)
    first, second = open_tab(PHONE), open_tab(PHONE)
    first.open(f"/me?code={code}")
    first.sees("我的保障", "此刻没有保障")
    second.open(f"/me?code={code}")
    second.sees("请从微信进入", "登录凭证无效")
    second.check(person, refusals=[401])
