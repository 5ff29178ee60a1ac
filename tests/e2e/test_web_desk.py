"""A labour company's desk: open a project, show its code, see who is on site uninsured, close it again."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.devstack.report import Report
from tests.devstack.seed import HENGXIN, HENGXIN_OWNER_SUB
from tests.support.browser import DESKTOP, Tab
from tests.support.codes import decode_png, token_of
from tests.support.world import COMPANY, World, today

pytestmark = pytest.mark.stack
OpenTab = Callable[..., Tab]
STRANGER_SUB = "staff-shen"
"""Known to the issuer, and an operator nowhere."""
INVITED_SUB = "staff-qiao"
"""Known to the issuer, and invited by no other test."""


def sign_in(tab: Tab, sub: str, company_id: str = COMPANY.company_id) -> None:
    """Through the page of the company's own issuer and back, as the person `sub` there."""
    tab.open("/desk")
    tab.sees("企业工作台登录")
    tab.fill(owner_id=company_id)
    tab.press("登录")
    choose_at_issuer(tab, sub)


def choose_at_issuer(tab: Tab, sub: str) -> None:
    tab.page.locator(f"button[name=sub][value='{sub}']").click()


def test_operator_sees_who_is_uninsured_when_a_project_runs(world: World, open_tab: OpenTab) -> None:
    tab = open_tab(DESKTOP)
    sign_in(tab, world.owner_sub)
    tab.sees("门岗看板", "待现场确认")
    tab.follow("项目")
    tab.sees("用工项目", COMPANY.name)
    assert "code=" not in tab.page.url

    tab.follow("新建项目")
    tab.fill(query="货车")
    tab.sees("须人工核保")
    assert tab.page.locator(".occupation .reason").filter(visible=True).count() > 0, "never without a reason"
    tab.page.get_by_label("长途货车司机").check()
    tab.sees("可以开项目，但每名工人须现场核对、由核保员逐人确认后才有保障。")
    tab.fill(query="快递分拣")
    tab.page.get_by_label("快递分拣员").check()
    tab.does_not_see("可以开项目")
    tab.fill(name="双十一分拣", employer_name="甬江转运中心", point="121.843200, 29.901600")
    tab.page.locator("[name=datum]").select_option("WGS84")
    tab.fill(starts_on=(today() - timedelta(days=1)).isoformat(), starts_at="00:00", ends_at="00:00")
    tab.page.locator("[name=plan_id]").select_option("T2")
    tab.press("创建并开放")
    tab.sees("双十一分拣", "开放打卡", "现在没有人在保。")

    tab.follow("二维码")
    tab.page.get_by_alt_text("海报二维码").wait_for()
    token = token_of(decode_png(tab.page.get_by_alt_text("海报二维码").screenshot()))
    screen = decode_png(tab.page.get_by_alt_text("现场屏幕二维码").screenshot())
    assert token_of(screen) != token, "a screen's code is another one and ends soon"

    worker = world.worker()
    scanned = worker.scan(token).expect(200)
    tab.follow("在保名册")
    tab.sees("在场但没有保障", "未同意条款", "未核验", "请其重新扫码并阅读同意四项条款")
    worker.give_consents(token, scanned).expect(201)
    policy = worker.become_insured(token)
    tab.sees(policy["policy_no"], worker.person.name)

    tab.press("暂停")
    tab.page.get_by_role("dialog").get_by_role("button", name="暂停").click()
    tab.sees("已暂停")
    refused = worker.scan(token)
    assert refused.status == 409

    tab.follow("代工人报案")
    tab.fill(id_number=worker.person.id_number, place="一号月台", description="被货笼夹伤", injury="左手食指")
    tab.press("提交报案")
    tab.sees("已立案 CL")
    tab.follow("授信与月度")
    tab.sees("额度", "人天")
    tab.open(f"/desk#/statements/{today() - timedelta(days=40)}")  # before any day that a test may close
    tab.sees("日结账单", "还没有账单")
    tab.follow("操作员")
    tab.page.locator("nav.tabs").get_by_role("link", name="操作记录").click()
    tab.sees("新建项目", "开放、暂停或关闭项目", "代工人报案")
    tab.check(worker.person, refusals=[404])


def test_somebody_stays_outside_when_nobody_invited_them(world: World, open_tab: OpenTab) -> None:
    tab = open_tab(DESKTOP)
    sign_in(tab, STRANGER_SUB)
    tab.sees("您还不是任何公司的操作员")
    tab.does_not_see("门岗看板")
    tab.check(refusals=[403])


def test_desk_stays_shut_when_the_company_has_no_issuer(world: World, open_tab: OpenTab) -> None:
    tab = open_tab(DESKTOP)
    tab.open("/desk")
    tab.fill(owner_id="nobody-there")
    tab.press("登录")
    tab.sees("没有可用的统一登录")
    tab.check(refusals=[404])


def test_invited_person_works_at_once_when_they_accept(world: World, open_tab: OpenTab) -> None:
    owner, invited = open_tab(DESKTOP), open_tab(DESKTOP)
    sign_in(owner, world.owner_sub)
    owner.follow("操作员")
    owner.page.locator("summary", has_text="邀请操作员").click()
    invite = owner.page.get_by_role("form", name="生成邀请链接")
    invite.get_by_label("现场").uncheck()
    invite.get_by_label("财务").check()
    owner.press("生成邀请链接")
    shown = owner.page.get_by_label("链接", exact=True)
    shown.wait_for()
    link = shown.input_value()
    owner.page.reload()
    owner.sees("未接受的邀请")
    assert owner.page.get_by_label("链接", exact=True).count() == 0, "shown once"

    invited.open(link)
    invited.sees("邀请您使用企业工作台")
    invited.fill(name="苏财务", owner_id=COMPANY.company_id)
    invited.press("登录并接受邀请")
    choose_at_issuer(invited, INVITED_SUB)
    invited.sees("用工项目", COMPANY.name)
    assert "授信与月度" in invited.page.locator("header nav a").all_inner_texts()
    assert invited.page.get_by_role("link", name="新建项目").count() == 0
    assert link.rpartition("/")[2] not in invited.stored()

    owner.page.reload()
    someone = owner.page.locator("section", has=owner.page.get_by_role("heading", name="苏财务"))
    someone.get_by_role("button", name="移除").click()
    owner.page.get_by_role("dialog").get_by_role("button", name="移除").click()
    owner.sees("已移除")
    invited.follow("授信与月度")
    invited.page.get_by_role("alert").first.wait_for()
    for tab, refusals in ((owner, ()), (invited, (403,))):
        tab.check(refusals=refusals)


def test_operator_downloads_the_statement_when_the_day_is_closed(
    world: World, journey_report: Report, open_tab: OpenTab
) -> None:
    assert journey_report.ok
    tab = open_tab(DESKTOP)
    sign_in(tab, HENGXIN_OWNER_SUB, HENGXIN.company_id)
    tab.sees("门岗看板")
    tab.open(f"/desk#/statements/{today() - timedelta(days=40)}")
    # not today: it may have ended since the journey closed it
    tab.fill(day=journey_report.figures["closed_day"])
    tab.press("查看")
    tab.sees("快递分拣夜班", "酒店客房保洁", "下载 XLSX")
    with tab.page.expect_download() as awaited:
        tab.press("下载 CSV")
    sheet = awaited.value.path().read_text(encoding="utf-8-sig")
    shown = tab.page.locator("td .number").all_inner_texts()
    assert shown
    assert all(number in sheet for number in shown if number.startswith("DC"))
    day = journey_report.figures["closed_day"]
    tab.open(f"/desk#/statements/{day}..{day}")
    lines = tab.page.get_by_role("button", name=re.compile("全部明细 .* CSV"))
    with tab.page.expect_download() as awaited:
        lines.click()
    of_days = awaited.value.path().read_text(encoding="utf-8-sig")
    assert all(number in of_days for number in shown if number.startswith("DC"))
    assert "快递分拣夜班" in of_days
    tab.check(refusals=[404])
