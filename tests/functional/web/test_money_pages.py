"""Finance keeps a company's account and settles with the insurer; the company sees what is left of its deposit."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser

from daycover.books.journal import Account, Entry, Kind, Line, closing_time
from daycover.platform.callers import Duty
from daycover.projects.roles import OperatorRole
from tests.functional.web.money_pages import MoneyPages
from tests.functional.web.pages import desk_session, staff_session
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.builders import a_line, a_project

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)


class Money(MoneyPages):
    """C1 pays from a deposit, C0 and C2 on credit."""

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self.browser = browser
        self.tabs: list[Tab] = []
        self.books.projects.add(a_project())
        self.contract()

    def opened(self, face: str, facts: dict[str, object], size: Mapping[str, int]) -> Tab:
        self.tabs.append(self.tab(self.browser, size, face, facts))
        return self.tabs[-1]

    def staff(self, duty: Duty = Duty.FINANCE, size: Mapping[str, int] = DESKTOP) -> Tab:
        return self.opened("staff", staff_session("finance-1", [duty]), size)

    def desk(self, size: Mapping[str, int] = PHONE) -> Tab:
        return self.opened("desk", desk_session(OperatorRole.FINANCE), size)

    def close(self, day: date) -> None:
        self.books.now.at = closing_time(day)
        for company_id in ("C0", "C1", "C2"):
            self.books.close(company_id, day)


@pytest.fixture
def money(browser: Browser) -> Iterator[Money]:
    made = Money(browser)
    yield made
    for tab in made.tabs:
        tab.close()


def inside(tab: Tab, form: str, **values: str) -> None:
    """Fill a form by its name, and send it."""
    found = tab.page.get_by_role("form", name=form)
    for name, value in values.items():
        found.locator(f"[name={name}]").fill(value)
    found.locator("button:not([type=button])").click()


def test_deposit_lifts_the_block_and_shows_on_both_sides_when_finance_records_it(money: Money) -> None:
    staff = money.staff()
    staff.open("/staff#/enrolment/companies/C1")
    staff.sees("授信或预存保费已用完", "账户", "预存保费", "没有未结清的保费")
    desk = money.desk()
    desk.open("/desk#/credit")
    desk.sees("预存保费已用完，新的打卡不能投保")
    assert desk.fits()
    staff.page.get_by_text("登记存入").first.click()
    inside(staff, "存入", amount="5000", reference="BANK-20261124-1")
    staff.sees("BANK-20261124-1", "5,000.00")
    staff.does_not_see("已用完")
    desk.page.reload()
    desk.sees("预存余额", "5,000.00", "存入")
    desk.does_not_see("已用完")
    assert desk.fits()
    money.books.take_in(*(a_line(sequence=number) for number in (1, 2)))
    money.close(TODAY)
    desk.page.reload()
    desk.sees("扣缴账单", "2026-11-24", "4,998.60")
    staff.page.reload()
    staff.page.get_by_text("登记退回").first.click()
    inside(staff, "退回", amount="5000", reference="BANK-20261125-9")
    staff.sees("可退余额不足", "499860")
    inside(staff, "退回", amount="4998.6", reference="BANK-20261125-9")
    staff.sees("退回", "-4,998.60")
    staff.check(refusals=[409])
    desk.check()


def test_statement_on_credit_is_paid_and_its_limit_set_when_finance_records_it(money: Money) -> None:
    money.books.take_in(*(a_line(sequence=number, company_id="C2") for number in (1, 2)))
    money.close(TODAY)
    staff = money.staff()
    staff.open("/staff#/enrolment/companies/C2")
    staff.sees("先保后付", "不限额", "已出账", "1.40")
    staff.page.get_by_text("变更授信额度").first.click()
    inside(staff, "授信额度", limit="100")
    staff.sees("100.00")
    inside(staff, "2026-11-24 的付款", amount="1.40", reference="BANK-1")
    staff.sees("没有未结清的保费")
    staff.does_not_see("登记存入")
    staff.check()


def test_insurer_is_settled_with_by_position_when_every_company_is_closed(money: Money) -> None:
    money.books.take_in(a_line(sequence=1, company_id="C2"))
    money.close(TODAY)
    money.books.pay("finance-1", "C2", TODAY, 70, "BANK-1")
    paid = Entry(
        source_id="CL1P1",
        kind=Kind.PAYOUT_SUCCEEDED,
        company_id="C1",
        project_id="P",
        day=TOMORROW,
        statement_day=TOMORROW,
        lines=(Line(Account.WECHAT_WALLET, -88_800), Line(Account.CLAIMS_PAID, 88_800)),
    )
    money.books.journal.post(paid)
    staff = money.staff()
    staff.open(f"/staff#/settlements/{TOMORROW}")
    staff.sees("还有 3 家公司没有该日账单", "未结账")
    money.close(TOMORROW)
    staff.page.reload()
    staff.sees("保费解付", "0.66", "0.04", "赔款拨付 · 微信商户账户", "888.00")
    with staff.page.expect_download() as sheet:
        staff.page.get_by_role("button", name="下载 CSV").first.click()
    assert sheet.value.suggested_filename == f"daycover-PREMIUM-{TOMORROW}.csv"
    text = sheet.value.path().read_text(encoding="utf-8-sig")
    assert f"C2,{TOMORROW},保费解付,0.70,0.04,0.66" in text
    assert text.endswith("合计,,,,0.70,0.04,0.66\n")
    inside(staff, "保费解付", amount="0.67", reference="R-1")
    staff.sees("金额与未结金额不符")
    inside(staff, "保费解付", amount="0.66", reference="R-1")
    staff.sees("已结清", "R-1", "finance-1")
    inside(staff, "赔款拨付 · 微信商户账户", amount="800", reference="F-1")
    staff.sees("F-1", "88.00")
    assert staff.fits()
    staff.check(refusals=[422])
    auditor = money.staff(Duty.AUDITOR, PHONE)
    auditor.open(f"/staff#/settlements/{TOMORROW}")
    auditor.sees("赔款拨付 · 微信商户账户", "88.00")
    auditor.does_not_see("登记拨付")
    assert auditor.fits()
    auditor.check()
