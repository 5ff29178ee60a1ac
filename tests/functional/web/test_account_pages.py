"""Finance looks over every company's account, and pays several statements by one bank transfer."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Route, expect

from daycover.books.accounts import ACCOUNTS_A_PAGE
from daycover.books.journal import closing_time
from daycover.platform.callers import Duty
from daycover.projects.company import Company
from tests.functional.web.test_money_pages import TODAY, Money
from tests.support.browser import Tab
from tests.support.builders import a_line
from tests.support.enrolled import enrol

TOMORROW = TODAY + timedelta(days=1)
SIZES = [{"width": 240, "height": 480}, {"width": 360, "height": 740}, {"width": 1366, "height": 768}]
PAYMENT = "/v1/staff/companies/{}/statements/{}/payment"
NAMES = {"C0": "浦江劳务", "C2": "浦江劳务", "C3": "滨江人力", "C4": "钱塘用工"}


@pytest.fixture
def money(browser: Browser) -> Iterator[Money]:
    """C1 is prepaid; C0, C2 and C4 owe for a closed day or two, C2 and C3 for one that runs; C3 is near its limit."""
    made = Money(browser)
    for company_id in ("C3", "C4"):
        enrol(made.books.companies, Company(company_id=company_id, name=NAMES[company_id], sub_mchid="19"))
    for company_id, policies in (("C0", 2), ("C2", 1), ("C4", 3)):
        cover(made, company_id, policies)
    made.books.companies.set_credit_limit("C3", 80)
    made.books.companies.set_credit_limit("C4", 210)
    close(made, TODAY)
    cover(made, "C0", 1, TOMORROW)
    close(made, TOMORROW)
    for company_id in ("C2", "C3"):
        cover(made, company_id, 1, TOMORROW + timedelta(days=1))
    yield made
    for tab in made.tabs:
        tab.close()


def cover(money: Money, company_id: str, policies: int, day: date = TODAY) -> None:
    """Each premium is 0.70 yuan."""
    start = closing_time(day) - timedelta(hours=20)
    project_id = f"{company_id}-{day:%d}"
    lines = (
        a_line(sequence=number + 1, company_id=company_id, project_id=project_id, start=start)
        for number in range(policies)
    )
    money.books.take_in(*lines)


def close(money: Money, day: date) -> None:
    money.books.now.at = closing_time(day)
    for company_id in ("C0", "C1", "C2", "C3", "C4"):
        money.books.close(company_id, day)


def rows(tab: Tab) -> list[str]:
    """What each line begins with: its company's id, and in the list of statements the day."""
    found = []
    for line in tab.page.locator("tbody tr").all():
        cells = [text.split("\n")[-1] for text in line.locator("td:not(.picks)").all_inner_texts()]
        found.append(" ".join(cells[:1] + [cell for cell in cells[1:2] if cell.startswith("20")]))
    return found


def totals(tab: Tab) -> list[str]:
    return tab.page.locator(".sums dd").all_inner_texts()


def unpaid(money: Money, size: dict[str, int] | None = None) -> Tab:
    staff = money.staff(size=size) if size else money.staff()
    staff.open("/staff#/accounts/unpaid")
    staff.sees("未付账单", "已全部读取")
    return staff


def pick(tab: Tab, *statements: tuple[str, date]) -> None:
    for company_id, day in statements:
        line = tab.page.locator("tbody tr").filter(has_text=company_id).filter(has_text=str(day))
        line.get_by_role("checkbox").check()


def transfer(tab: Tab, reference: str, amount: str) -> None:
    made = tab.page.get_by_role("form", name="登记一笔汇款")
    made.locator("[name=reference]").fill(reference)
    made.locator("[name=amount]").fill(amount)
    made.get_by_role("button", name="登记付款").click()


def agree(tab: Tab, *says: str) -> None:
    box = tab.page.get_by_role("dialog")
    for text in says:
        expect(box).to_contain_text(text)
    box.get_by_role("button", name="登记付款").click()


def hold(tab: Tab, pattern: str) -> list[Route]:
    """Let such calls wait for the test."""
    held: list[Route] = []

    def wait(route: Route) -> None:
        held.append(route)

    tab.page.route(pattern, wait)
    return held


def reference_of(money: Money, company_id: str, day: date = TODAY) -> str | None:
    payment = money.books.payments.find(company_id, day)
    return None if payment is None else payment.reference


def test_every_company_is_listed_with_what_it_owes_and_what_is_left(money: Money) -> None:
    staff = money.staff()
    staff.open(f"/staff#/book/{TODAY}")
    staff.follow("账户")
    staff.sees("公司账户", "共 5 家公司，已全部读取")
    assert rows(staff) == ["C0", "C1", "C2", "C3", "C4"]
    assert totals(staff) == ["5", "6.30 元", "0.00 元", "0.00 元", "2"]
    cells = [line.locator("td").all_inner_texts() for line in staff.page.locator("tbody tr").all()]
    assert [line[1:] for line in cells] == [
        ["先保后付", "正常", "不限额", "0.00 元", "2.10 元", "不限额", str(TODAY)],
        ["预存保费", "已停止新打卡", "—", "0.00 元", "0.00 元", "0.00 元", "—"],
        ["先保后付", "正常", "不限额", "0.00 元", "1.40 元", "不限额", str(TODAY)],
        ["先保后付", "接近上限", "0.80 元", "0.00 元", "0.70 元", "0.10 元", "—"],
        ["先保后付", "已停止新打卡", "2.10 元", "0.00 元", "2.10 元", "0.00 元", str(TODAY)],
    ]
    staff.check()
    staff.follow("钱塘用工")
    staff.sees("已停止新打卡", "登记付款")
    staff.check()


def test_accounts_are_searched_filtered_and_sorted_and_the_totals_follow(money: Money) -> None:
    staff = money.staff()
    staff.open("/staff#/accounts")
    staff.sees("已全部读取")
    staff.page.get_by_label("状态", exact=True).select_option("BLOCKED")
    assert rows(staff) == ["C1", "C4"]
    assert totals(staff) == ["2", "2.10 元", "0.00 元", "0.00 元", "2"]
    staff.page.get_by_label("收费方式", exact=True).select_option("PREPAID")
    assert rows(staff) == ["C1"]
    staff.page.get_by_label("状态", exact=True).select_option("WARNING")
    staff.sees("没有符合条件的公司")
    staff.page.get_by_label("状态", exact=True).select_option("")
    staff.page.get_by_label("收费方式", exact=True).select_option("")
    staff.press("可用")
    assert rows(staff) == ["C1", "C4", "C3", "C0", "C2"], "no limit is more than any"
    staff.press("状态")
    assert rows(staff)[-2:] == ["C1", "C4"]
    staff.press("授信额度")
    assert rows(staff) == ["C1", "C3", "C4", "C0", "C2"]
    staff.page.get_by_label("公司名称或编号").fill("钱 塘")
    assert rows(staff) == ["C4"]
    staff.page.get_by_label("公司名称或编号").fill("c3")
    assert rows(staff) == ["C3"]
    staff.check()


def test_all_pages_are_read_and_one_that_fails_is_said_and_gone_on_with(money: Money) -> None:
    for number in range(2 * ACCOUNTS_A_PAGE):
        company = Company(company_id=f"D{number:02}", name="大批劳务", sub_mchid="19")
        enrol(money.books.companies, company)
    staff = money.staff()
    held = hold(staff, "**/v1/staff/accounts?page=*")
    staff.open("/staff#/accounts")
    staff.sees("已读取 25 家公司，还在读取其余公司")
    assert staff.page.locator("tbody tr").count() == ACCOUNTS_A_PAGE
    staff.page.locator("tbody tr").nth(20).scroll_into_view_if_needed()
    stands = staff.page.locator(".listed").evaluate("(box) => box.scrollTop")
    assert stands > 0
    held.pop().fallback()
    staff.sees("已读取 50 家公司，还在读取其余公司")
    assert staff.page.locator(".listed").evaluate("(box) => box.scrollTop") == stands, "nobody is moved"
    problem = '{"title": "暂时无法处理", "status": 500}'
    held.pop().fulfill(status=500, headers={"Content-Type": "application/problem+json"}, body=problem)
    staff.sees("只读取了 50 家公司", "暂时无法处理")
    assert totals(staff)[0] == "50"
    staff.page.unroute("**/v1/staff/accounts?page=*")
    staff.press("继续读取")
    staff.sees("共 55 家公司，已全部读取")
    staff.does_not_see("暂时无法处理")
    assert len(rows(staff)) == 55
    staff.check(refusals=[500])


def test_three_statements_of_two_companies_are_paid_by_one_transfer(money: Money) -> None:
    staff = unpaid(money)
    assert rows(staff) == [f"C0 {TODAY}", f"C0 {TOMORROW}", f"C2 {TODAY}", f"C4 {TODAY}"], (
        "a running day is not there"
    )
    assert totals(staff) == ["4", "3", "4.90 元"]
    pick(staff, ("C0", TODAY), ("C0", TOMORROW), ("C2", TODAY))
    staff.sees("已选 3 张账单，2 家公司，合计 2.80 元")
    transfer(staff, " BANK-77 ", "2.8")
    agree(staff, "BANK-77", "3 张账单", "2 家公司", "2.80 元")
    staff.sees("已登记 3 张账单的付款", "勾选这笔汇款支付的账单")
    assert rows(staff) == [f"C4 {TODAY}"]
    assert money.calls == [
        ("POST", PAYMENT.format("C0", TODAY), {"amount_fen": 140, "reference": "BANK-77"}),
        ("POST", PAYMENT.format("C0", TOMORROW), {"amount_fen": 70, "reference": "BANK-77"}),
        ("POST", PAYMENT.format("C2", TODAY), {"amount_fen": 70, "reference": "BANK-77"}),
    ]
    assert staff.page.locator("[name=reference]").input_value() == "", "the next transfer has its own"
    staff.check()


def test_how_far_it_has_come_is_said_while_payments_are_sent(money: Money) -> None:
    staff = unpaid(money)
    held = hold(staff, "**/payment")
    staff.page.get_by_label("全选").check()
    transfer(staff, "BANK-9", "4.90")
    agree(staff, "4 张账单", "3 家公司")
    for number in range(1, 5):
        staff.sees(f"正在处理 {number} / 4…")
        held.pop().fallback()
    staff.sees("已登记 4 张账单的付款", "没有未付的账单")
    staff.check()


@pytest.mark.parametrize(
    ("amount", "said"), [("2.11", "合计 2.10 元，到账多 0.01 元"), ("1.40", "合计 2.10 元，到账少 0.70 元")]
)
def test_difference_is_said_at_the_amount_and_nothing_is_sent_when_the_sum_is_another(
    money: Money, amount: str, said: str
) -> None:
    staff = unpaid(money)
    transfer(staff, "BANK-1", "2.10")
    staff.sees("请先勾选账单")
    pick(staff, ("C0", TODAY), ("C2", TODAY))
    transfer(staff, "BANK-1", amount)
    expect(staff.page.locator(".field", has=staff.page.locator("[name=amount]"))).to_contain_text(said)
    expect(staff.page.locator("[name=amount]")).to_be_focused()
    assert money.calls == []
    staff.check()
    staff.page.locator("[name=amount]").fill("2.10")
    staff.does_not_see(said)
    staff.page.get_by_role("form", name="登记一笔汇款").get_by_role("button").click()
    staff.page.get_by_role("dialog").get_by_role("button", name="取消").click()
    assert money.calls == [], "whoever would rather not has sent nothing"
    staff.press("English")
    staff.sees("Unpaid statements")
    assert staff.page.locator("[name=reference]").input_value() == "BANK-1", "what is not sent is kept"
    staff.check()


def test_one_that_was_paid_meanwhile_stays_picked_and_says_under_which_reference(money: Money) -> None:
    staff = unpaid(money)
    money.books.pay("finance-2", "C2", TODAY, 70, "OTHER-5")
    pick(staff, ("C0", TODAY), ("C2", TODAY), ("C4", TODAY))
    transfer(staff, "BANK-3", "4.20")
    agree(staff, "3 张账单", "3 家公司", "4.20 元")
    staff.sees("已登记 2 张账单的付款", "账单已登记付款", "OTHER-5")
    assert rows(staff) == [f"C0 {TOMORROW}", f"C2 {TODAY}"]
    assert [box.is_checked() for box in staff.page.locator("tbody input").all()] == [False, True]
    assert [reference_of(money, one) for one in ("C0", "C2", "C4")] == ["BANK-3", "OTHER-5", "BANK-3"]
    assert staff.page.locator("[name=reference]").input_value() == "BANK-3"
    staff.page.locator("tbody input").last.uncheck()
    pick(staff, ("C0", TOMORROW))  # the same amount: what the transfer paid in truth
    transfer(staff, "BANK-3", "4.20")
    agree(staff, "1 张账单", "0.70 元")
    staff.sees("已登记 1 张账单的付款")
    pick(staff, ("C2", TODAY))
    transfer(staff, "BANK-3", "0.70")
    staff.sees("该凭证号已登记 4.20 元，所选账单合计 0.70 元，到账少 4.20 元")
    staff.check(refusals=[409])
    staff.press("English")
    staff.sees("No statement is unpaid.")
    staff.does_not_see("C2")
    assert rows(staff) == [], "read anew, without what others paid"
    staff.check(refusals=[409])


def test_list_is_read_anew_when_somebody_loads_it_again_from_a_refusal(money: Money) -> None:
    for number in range(ACCOUNTS_A_PAGE):  # before the others: what the first page draws stays as it was
        company = Company(company_id=f"A{number:02}", name="大批劳务", sub_mchid="19")
        enrol(money.books.companies, company)
    staff = unpaid(money)
    money.books.pay("finance-2", "C2", TODAY, 70, "OTHER-5")
    pick(staff, ("C2", TODAY))
    transfer(staff, "BANK-3", "0.70")
    agree(staff)
    staff.sees("OTHER-5")
    staff.press("重新载入")
    staff.page.locator("tbody tr").filter(has_text="C2").wait_for(state="detached")
    staff.sees("已全部读取", "4.20 元")
    assert rows(staff) == [f"C0 {TODAY}", f"C0 {TOMORROW}", f"C4 {TODAY}"]
    assert staff.page.locator("[name=reference]").input_value() == "BANK-3"
    staff.check(refusals=[409])


def test_nothing_is_paid_twice_when_an_answer_is_lost_and_the_same_is_sent_again(money: Money) -> None:
    staff = unpaid(money)

    def lose(route: Route) -> None:
        money.books.pay("finance-1", "C2", TODAY, 70, "BANK-8")
        route.abort("connectionreset")

    staff.page.route("**/companies/C2/**/payment", lose, times=1)
    pick(staff, ("C0", TODAY), ("C2", TODAY), ("C4", TODAY))
    transfer(staff, "BANK-8", "4.20")
    agree(staff)
    staff.sees("已登记 1 张账单的付款", "连接不上", "不会重复")
    assert rows(staff) == [f"C0 {TOMORROW}", f"C2 {TODAY}", f"C4 {TODAY}"]
    assert reference_of(money, "C4") is None, "nothing follows a lost answer"
    staff.sees("已选 2 张账单，2 家公司，合计 2.80 元")
    staff.press("登记付款")
    agree(staff, "2 张账单", "2 家公司", "2.80 元")
    staff.sees("已登记 2 张账单的付款")
    assert [reference_of(money, one) for one in ("C0", "C2", "C4")] == ["BANK-8"] * 3
    assert rows(staff) == [f"C0 {TOMORROW}"]
    lost, staff.complaints = staff.complaints, []
    assert len(lost) == 1
    assert "ERR_CONNECTION_RESET" in lost[0]
    staff.check()


def test_statements_are_picked_and_paid_by_keyboard_alone(money: Money) -> None:
    staff = unpaid(money)
    keys = staff.page.keyboard
    staff.page.get_by_label("公司名称、编号或日期").focus()
    keys.type(str(TODAY))
    staff.sees("4.20")
    on = "() => document.activeElement.closest('tr')?.textContent ?? document.activeElement.name ?? ''"
    for company_id in ("C0", "C4"):
        while company_id not in staff.page.evaluate(on):
            keys.press("Tab")
        while staff.page.evaluate("() => document.activeElement.type") != "checkbox":
            keys.press("Shift+Tab")
        keys.press("Space")
    staff.sees("已选 2 张账单，2 家公司，合计 3.50 元")
    while staff.page.evaluate(on) != "reference":
        keys.press("Tab")
    keys.type("BANK-K")
    keys.press("Tab")
    keys.type("3.5")
    keys.press("Enter")
    staff.sees("以凭证号 BANK-K 登记 2 张账单的付款")
    keys.press("Enter")
    staff.sees("已登记 2 张账单的付款")
    assert [reference_of(money, one) for one in ("C0", "C2", "C4")] == ["BANK-K", None, "BANK-K"]
    staff.check()


def test_focus_and_picks_stay_when_another_page_of_companies_arrives(money: Money) -> None:
    for number in range(ACCOUNTS_A_PAGE):
        company = Company(company_id=f"D{number:02}", name="大批劳务", sub_mchid="19")
        enrol(money.books.companies, company)
    staff = money.staff()
    held = hold(staff, "**/v1/staff/accounts?page=*")
    staff.open("/staff#/accounts/unpaid")
    staff.sees("还在读取其余公司")
    box = staff.page.locator("tbody input").nth(2)
    box.focus()
    staff.page.keyboard.press("Space")
    held.pop().fallback()
    staff.sees("共 30 家公司，已全部读取", "已选 1 张账单")
    expect(box).to_be_focused()
    expect(box).to_be_checked()
    staff.check()


def test_auditor_reads_accounts_and_records_nothing(money: Money) -> None:
    auditor = money.staff(Duty.AUDITOR)
    auditor.open("/staff#/accounts/unpaid")
    auditor.sees("已全部读取", "4.90 元")
    auditor.does_not_see("登记付款")
    assert auditor.page.get_by_role("checkbox").count() == 0
    auditor.check()


@pytest.mark.parametrize("path", ["accounts", "accounts/unpaid"])
@pytest.mark.parametrize("size", SIZES, ids=["240", "360", "1366"])
def test_pages_of_accounts_fit_any_window_in_both_languages(
    money: Money, size: dict[str, int], path: str
) -> None:
    staff = money.staff(size=size)
    staff.open(f"/staff#/{path}")
    staff.sees("已全部读取")
    for said in ("", "All 5 companies are read"):
        if said:
            staff.press("English")
            staff.sees(said)
        if path.endswith("unpaid"):
            staff.page.locator("thead input").check()
        assert staff.fits()
        assert staff.small("main a.queue-line, main button, main .pick, .tabs a") == []
        staff.check()
