"""Finance at the insurer: differences resolved together, trends and service levels as charts beside their numbers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from daycover.books.journal import closing_time
from daycover.china_time import china_day
from daycover.claims.due import Clock
from daycover.claims.service import ServiceLevels
from daycover.platform.callers import Duty
from daycover.reporting.breaks import BreakKind, BreakStatus, Difference, Resolution, opened
from tests.functional.web.pages import Pages, staff_session
from tests.functional.web.test_claim_pages import failed
from tests.functional.web.test_money_pages import Money
from tests.support.browser import PHONE, Tab
from tests.support.builders import NOW, a_line
from tests.unit.claims.world import World

TODAY = date(2026, 11, 24)
NARROW, SMALL = {"width": 240, "height": 480}, {"width": 360, "height": 740}


@pytest.fixture
def money(browser: Browser) -> Iterator[Money]:
    made = Money(browser)
    yield made
    for tab in made.tabs:
        tab.close()


def a_break(
    number: int, kind: BreakKind = BreakKind.JOURNAL_AMOUNT, hours: int = 1
) -> tuple[Difference, datetime]:
    difference = Difference(
        kind=kind,
        day=TODAY,
        company_id=f"C{number % 2}",
        subject=f"DC{number:04d}",
        expected_fen=70,
        found_fen=100 + number,
    )
    return difference, NOW - timedelta(hours=hours)


@pytest.fixture
def broken(money: Money) -> Money:
    for number in range(4):
        money.breaks.add(opened(*a_break(number)))
    money.breaks.add(opened(*a_break(9, BreakKind.REPORT_MISSING, hours=30)))
    return money


def pick(tab: Tab, subject: str) -> None:
    tab.page.get_by_label(f"选择 {subject}").check()


def resolve(tab: Tab, reference: str, resolution: Resolution = Resolution.CORRECTED) -> None:
    made = tab.page.get_by_role("form", name="批量处理")
    made.locator("[name=resolution]").select_option(resolution)
    made.locator("[name=reference]").fill(reference)
    made.get_by_role("button", name="处理所选").click()


def test_differences_are_resolved_together_and_only_those_that_are_picked(broken: Money) -> None:
    staff = broken.staff()
    staff.open("/staff#/breaks")
    staff.sees("对账差异", "DC0003", "超过 24 小时")
    assert staff.page.locator(".sums dd").all_inner_texts() == ["5", "1.65 元", "1"]
    pick(staff, "DC0001")
    pick(staff, "DC0002")
    staff.sees("已选 2 项，差额合计 0.63 元")
    resolve(staff, "REV-20261124-1")
    staff.sees("已处理 2 项")
    assert staff.page.locator("tbody tr").count() == 3
    resolved, _ = broken.breaks.list_by(BreakStatus.RESOLVED)
    assert {one.difference.subject for one in resolved} == {"DC0001", "DC0002"}
    assert {(one.resolved_by, one.reference) for one in resolved} == {("finance-1", "REV-20261124-1")}
    staff.check()


def test_what_somebody_else_resolved_is_named_and_the_rest_goes_on(broken: Money) -> None:
    staff = broken.staff()
    staff.open("/staff#/breaks")
    staff.sees("DC0000")
    (first, *_), _ = broken.breaks.list_by(BreakStatus.OPEN)
    other = next(one for one in broken.breaks.items.values() if one.difference.subject == "DC0001")
    broken.resolve("finance-2", other.break_id, Resolution.ACCEPTED, "T-1")
    staff.page.get_by_label("全选").check()
    resolve(staff, "REV-2")
    staff.sees("已处理 4 项", "该差异项已处理")
    assert staff.page.locator("tbody tr").count() == 1
    assert staff.page.get_by_label("选择 DC0001").is_checked()
    assert broken.breaks.get(first.break_id).status is BreakStatus.RESOLVED
    staff.check(refusals=[409])


def test_what_is_filtered_away_is_not_resolved_with_the_rest(broken: Money) -> None:
    staff = broken.staff()
    staff.open("/staff#/breaks")
    pick(staff, "DC0003")
    staff.page.get_by_label("类型").select_option(BreakKind.REPORT_MISSING)
    staff.sees("保单未上报")
    staff.does_not_see("DC0003")
    staff.page.get_by_label("全选").check()
    staff.sees("已选 1 项")
    resolve(staff, "REV-3")
    staff.sees("已处理 1 项", "没有差异")
    resolved, _ = broken.breaks.list_by(BreakStatus.RESOLVED)
    assert [one.difference.subject for one in resolved] == ["DC0009"]
    staff.page.get_by_label("类型").select_option("")
    staff.page.get_by_label("对象、公司或日期").fill("dc0003")
    assert staff.page.locator("tbody tr").count() == 1
    staff.sees("已选 1 项")
    staff.check()


def test_reference_is_asked_for_at_its_field_and_nothing_is_sent_without_a_pick(broken: Money) -> None:
    staff = broken.staff()
    staff.open("/staff#/breaks")
    staff.sees("DC0000")
    resolve(staff, "REV-4")
    staff.sees("请先勾选差异")
    pick(staff, "DC0000")
    resolve(staff, "张三处理的")
    staff.sees("字母、数字和 # / _ . -")
    assert broken.calls == []
    staff.check()


def test_more_breaks_are_loaded_when_they_are_asked_for_and_what_was_picked_stays(
    broken: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, _ = broken.breaks.list_by(BreakStatus.OPEN)
    pages = {None: (every[:3], "next/1"), "next/1": (every[3:], None)}
    monkeypatch.setattr(broken.breaks, "list_by", lambda status, token=None: pages[token])
    staff = broken.staff()
    staff.open("/staff#/breaks")
    staff.sees("载入更多")
    assert staff.page.locator("tbody tr").count() == 3
    subject = every[1].difference.subject
    pick(staff, subject)
    staff.press("载入更多")
    staff.page.locator("tbody tr").nth(4).wait_for()
    staff.does_not_see("载入更多")
    assert staff.page.get_by_label(f"选择 {subject}").is_checked()
    staff.sees("已选 1 项")
    staff.check()


def test_auditor_reads_breaks_and_what_was_done_about_them(broken: Money) -> None:
    (first, *_), _ = broken.breaks.list_by(BreakStatus.OPEN)
    broken.resolve("finance-2", first.break_id, Resolution.ACCEPTED, "T-1")
    auditor = broken.staff(Duty.AUDITOR)
    auditor.open("/staff#/breaks")
    auditor.sees("DC0001")
    auditor.does_not_see("批量处理")
    auditor.open("/staff#/breaks/RESOLVED")
    auditor.sees("核实后接受", "T-1 · finance-2")
    auditor.check()


def test_two_weeks_of_the_book_are_charts_with_their_numbers(money: Money) -> None:
    now = money.books.now.at
    yesterday = china_day(_real_now()) - timedelta(days=1)
    money.books.now.at = closing_time(yesterday) - timedelta(hours=20)
    money.books.take_in(a_line(company_id="C2", start=money.books.now.at))
    money.close(yesterday)
    money.books.now.at = now
    staff = money.staff()
    staff.open("/staff#/trends")
    staff.sees("走势", "每日保费（元）", "未决赔款准备（元）", "0.70")
    assert staff.page.locator("svg rect.bar").count() == 14
    assert staff.page.locator("tbody tr").count() == 14
    assert staff.page.locator("tbody tr").first.locator("td").first.inner_text() == str(yesterday)
    staff.check()


def _real_now() -> datetime:
    """The browser's clock is the machine's."""
    return datetime.now(UTC)


def test_service_levels_are_shown_by_month_with_what_was_late(money: Money) -> None:
    month = f"{china_day(_real_now()):%Y-%m}"
    money.levels[month] = ServiceLevels(
        month=month,
        claims_paid=8,
        paid_in_time=7,
        in_time_bps=8_750,
        median_hours=12.5,
        p90_hours=40.0,
        breaches={Clock.SERVICE_LEVEL: 1},
        decisions=9,
        automatic=6,
        automatic_bps=6_666,
        overturned=1,
        overturned_bps=1_666,
    )
    staff = money.staff()
    staff.open("/staff#/service-levels")
    staff.sees("服务时效", "87.50%", "66.66%", "12.5", "两个工作日承诺")
    assert staff.page.locator("circle.point").count() == 2
    staff.check()


def test_finance_reads_what_wechat_said_and_pays_again(browser: Browser) -> None:
    pages = Pages(World())
    claim = failed(pages.world, "BANK_CARD_STATUS_ABNORMAL")
    tab = pages.tab(browser, PHONE, "staff", staff_session("finance-1", [Duty.FINANCE]))
    tab.open("/staff#/payouts")
    tab.sees("支付异常", claim.claim_no, "银行卡状态异常", "BANK_CARD_STATUS_ABNORMAL", "支付未成功")
    assert tab.fits()
    tab.press("重新支付")
    tab.page.get_by_role("dialog").get_by_role("button", name="重新支付").click()
    tab.page.wait_for_load_state("networkidle")
    assert pages.calls == [("POST", f"/v1/staff/claims/{claim.claim_no}/payout?obligation=1", None)]
    tab.check()
    tab.close()


@pytest.mark.parametrize("size", [NARROW, SMALL, {"width": 1366, "height": 768}], ids=["240", "360", "1366"])
@pytest.mark.parametrize(
    "path", ["breaks", "trends", "service-levels", f"settlements/{TODAY}", "enrolment/companies/C2"]
)
def test_pages_of_finance_fit_any_window(broken: Money, size: dict[str, int], path: str) -> None:
    staff = broken.staff(size=size)
    staff.open(f"/staff#/{path}")
    staff.page.locator("main:not([aria-busy]) h1").wait_for()
    staff.page.wait_for_load_state("networkidle")
    assert staff.fits()
    staff.check()
