"""A company sees its statements by day, keeps them as sheets, and is told how to pay."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

import openpyxl
import pytest
from playwright.sync_api import Browser

from daycover.books.journal import closing_time
from daycover.projects.roles import OperatorRole
from tests.functional.web.pages import desk_session
from tests.functional.web.test_money_pages import Money
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.builders import NOW, a_line

FIRST = date(2026, 11, 20)
DAYS = 5
NARROW, SMALL = {"width": 240, "height": 480}, {"width": 360, "height": 740}


@pytest.fixture
def money(browser: Browser) -> Iterator[Money]:
    """Five days of C1, whose deposit pays them; the last one has two policies."""
    made = Money(browser)
    made.books.deposit.pay_in("finance-1", "C1", 100_000, "BANK-1")
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        made.books.now.at = NOW - timedelta(days=DAYS - 1 - number)
        for sequence in range(1 + (number == DAYS - 1)):
            made.books.take_in(a_line(sequence=number * 10 + sequence, start=made.books.now.at))
        made.books.now.at = closing_time(day)
        made.books.close("C1", day)
    yield made
    for tab in made.tabs:
        tab.close()


def kept(tab: Tab, name: str) -> tuple[str, bytes]:
    with tab.page.expect_download() as awaited:
        tab.press(name)
    return awaited.value.suggested_filename, awaited.value.path().read_bytes()


def test_days_of_a_month_are_listed_with_their_payment_and_totals(money: Money) -> None:
    desk = money.desk(DESKTOP)
    desk.open("/desk#/statements/2026-11")
    desk.sees("日结账单", "应付保费", "4.20 元", "已支付", "预存保费", "合计")
    assert desk.page.locator("tbody tr").count() == DAYS
    assert desk.page.locator("tfoot td.money").all_inner_texts() == [
        "4.20 元",
        "0.00 元",
        "4.20 元",
        "0.00 元",
    ]
    desk.follow("2026-11-24")
    desk.sees("‹ 2026-11 的账单", "出具时间", "双十一分拣", "下载 XLSX")
    desk.does_not_see("尚未出账")
    desk.check()


def test_days_and_lines_are_sorted_searched_and_summed_as_they_are_shown(money: Money) -> None:
    desk = money.desk(DESKTOP)
    desk.open("/desk#/statements/2026-11")
    desk.press("应付")
    desk.press("应付")
    days = desk.page.locator("tbody tr td:first-child")
    assert days.first.inner_text() == "2026-11-24", "the dearest first"
    desk.follow("2026-11-24")
    desk.sees("明细", "共 2 个")
    lines = desk.page.get_by_role("region", name="明细").locator("tbody tr")
    number = lines.first.locator("td").first.inner_text()
    assert (
        desk.page.get_by_role("region", name="明细").locator("tfoot td.money").first.inner_text() == "1.40 元"
    )
    desk.page.get_by_label("查找", exact=True).fill(number.lower())
    desk.sees("1 个，共 2 个")
    assert lines.count() == 1
    desk.check()


def test_chart_says_in_words_what_it_shows(money: Money) -> None:
    desk = money.desk(DESKTOP)
    desk.open("/desk#/statements/2026-11")
    chart = desk.page.get_by_role("img", name="每日应付保费（元）")
    chart.wait_for()
    assert chart.locator("rect.bar").count() == DAYS
    assert chart.locator("desc").text_content() == "5 天，最高 2026-11-24 1.40 元；数字见下表。"
    last = chart.locator("rect title").last.text_content()
    assert last == "2026-11-24 · 1.40 元 · 已支付"
    assert desk.page.locator("[style]").count() == 0
    desk.press("English")
    desk.page.get_by_role("img", name="Premium due by day (CNY)").wait_for()
    desk.check()


def test_sheets_of_the_days_and_of_all_lines_can_be_kept(money: Money) -> None:
    desk = money.desk(DESKTOP)
    desk.open("/desk#/statements/2026-11-21..2026-11-24")
    name, content = kept(desk, "按日汇总 XLSX")
    assert name == "daycover-2026-11-21-2026-11-24-days.xlsx"
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    assert [row[0] for row in sheet.values][-1] == "合计"
    assert sheet.max_row == 6
    name, content = kept(desk, "全部明细 5 条 CSV")
    assert name == "daycover-2026-11-21-2026-11-24-lines.csv"
    assert content.decode("utf-8-sig").count("双十一分拣") == 5
    desk.check()


def test_sheet_is_kept_when_the_store_is_away_for_a_moment(money: Money) -> None:
    desk = money.desk(DESKTOP)
    desk.open("/desk#/statements/2026-11")
    money.outage = 2
    name, content = kept(desk, "按日汇总 XLSX")
    assert name == "daycover-2026-11-01-2026-11-30-days.xlsx"
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets
    desk.check(refusals=[503, 503])


def test_days_that_do_not_fit_are_refused_in_words(money: Money) -> None:
    desk = money.desk(DESKTOP)
    desk.open("/desk#/statements/2026-11")
    desk.fill(first="2026-11-24", last="2026-11-01")
    desk.press("查看")
    desk.sees("账单期间不正确", "不超过 92 天")
    desk.fill(first="2026-11-24", last="2026-11-24")
    desk.press("查看")
    desk.sees("1.40 元")
    desk.check(refusals=[422])


def test_running_day_says_until_when_it_was_counted_and_offers_no_sheet(money: Money) -> None:
    money.books.now.at = closing_time(date(2026, 11, 24)) + timedelta(hours=9)
    money.books.take_in(a_line(sequence=88, start=money.books.now.at))
    desk = money.desk()
    desk.open("/desk#/statements/2026-11-25")
    desk.sees("暂计，尚未出账", "统计截至", "暂计保费", "次日 00:30 出账后可下载")
    for text in ("出具时间", "应付日", "下载 XLSX"):
        desk.does_not_see(text)
    assert desk.fits()
    desk.check()


def test_company_is_told_how_to_pay_in_and_what_to_write(money: Money) -> None:
    desk = money.desk()
    desk.open("/desk#/credit/2026-11")
    desk.sees("怎样存入保费", "C1 预存", "本页不显示账号", "2026-11 的账单和下载")
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.press("复制")
    desk.sees("已复制。")
    assert desk.page.evaluate("() => navigator.clipboard.readText()") == "C1 预存"
    assert desk.fits()
    desk.check()


def test_statement_to_be_paid_is_named_with_its_words_on_credit(money: Money) -> None:
    money.books.now.at = NOW
    money.books.take_in(a_line(sequence=77, company_id="C2", start=NOW))
    money.books.now.at = closing_time(date(2026, 11, 24))
    money.books.close("C2", date(2026, 11, 24))
    session = desk_session(OperatorRole.FINANCE)
    at_another = session["companies"][0] | {"company_id": "C2"}
    desk = money.opened("desk", session | {"company": "C2", "companies": [at_another]}, PHONE)
    desk.open("/desk#/credit/2026-11")
    desk.sees("怎样付款", "C2 2026-11-24", "已出账未付 1 天")
    desk.check()


@pytest.mark.parametrize("size", [NARROW, SMALL, {"width": 1366, "height": 768}], ids=["240", "360", "1366"])
@pytest.mark.parametrize("path", ["statements/2026-11", "statements/2026-11-24", "credit/2026-11"])
def test_pages_of_money_fit_any_window_and_a_finger(money: Money, size: dict[str, int], path: str) -> None:
    desk = money.desk(size)
    desk.open(f"/desk#/{path}")
    desk.sees("2026-11")
    desk.page.locator("main:not([aria-busy]) h1").wait_for()
    assert desk.fits()
    low = desk.page.evaluate(
        "() => [...document.querySelectorAll('main button, main input')]"
        ".filter((one) => one.offsetHeight && one.offsetHeight < 44).map((one) => one.outerHTML)"
    )
    assert low == []
    desk.check()
