"""What the worker reads of the contract in the browser, and whom they designate, at a phone's size."""

import json
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from daycover.books.journal import closing_time
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import line_of
from daycover.cover.terms import terms
from daycover.payouts.beneficiary import Relation
from daycover.platform.callers import Duty
from tests.functional.web.pages import Pages, terms_at
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.builders import NOW, WORKER, a_policy, an_identity
from tests.unit.books.test_endorsement import TODAY, ended, insured
from tests.unit.claims.world import World
from tests.unit.payouts.test_designation import named

WHOLE = terms("2026-11")


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def test_every_clause_that_limits_is_read_before_consent_and_the_whole_is_a_link_away(
    browser: Browser, pages: Pages
) -> None:
    tab = pages.worker(browser, PHONE)
    tab.open("/s/token")
    consent = tab.page.locator("article.consent").first
    for clause in WHOLE.limits:
        expect(consent).to_contain_text(clause.zh)
    link = tab.page.get_by_role("link", name="阅读完整条款")
    assert link.get_attribute("href") == terms_at("2026-11").link
    tab.sees("备案号 SANDBOX-NOT-FILED")
    assert tab.fits()
    tab.check()


def test_policy_page_says_the_whole_contract_to_the_insured(browser: Browser, pages: Pages) -> None:
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/policies/{a_policy().policy_no}")
    tab.sees(
        "合同内容",
        "中国平安财产保险股份有限公司",
        "浦江劳务",
        "91310000MA1FL0000N",
        "上海市浦东新区张江路1号",
        "DM-PAIC-2026-C1",
        an_identity().name,
        "未指定，为法定继承人",
        WHOLE.clause("PREMIUM").zh,
        WHOLE.clause("PAYMENT").zh,
        WHOLE.clause("DISPUTE").zh,
    )
    assert tab.fits()
    tab.check()
    tab.follow("指定或变更")
    tab.sees("没有指定，由法定继承人领取。")


def test_company_that_is_gone_is_named_by_the_master_policy(browser: Browser, pages: Pages) -> None:
    pages.issued = pages.issued._replace(policyholder=None, designated=2)
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/policies/{a_policy().policy_no}")
    tab.sees("以总保单记载为准", "已指定 2 人")
    tab.check()


def test_scan_is_light_enough_for_a_slow_phone(pages: Pages) -> None:
    """3G: about two seconds for 64 KB. The whole terms are a link; what limits them is here."""
    _, scan = pages._scan("", {}, None)
    assert len(json.dumps(scan, ensure_ascii=False).encode()) < 16_000


# ---- the list of insured


def a_closed_day(pages: Pages, *people: int) -> None:
    books = pages.books
    books.take_in(*(line_of(insured(person)) for person in people))
    books.now.at = closing_time(TODAY)
    books.close("C1", TODAY)


def test_company_and_insurer_see_who_are_too_few_and_which_endorsement_says_so(
    browser: Browser, pages: Pages
) -> None:
    a_closed_day(pages, 1, 2)
    desk = pages.company(browser, DESKTOP)
    desk.open(f"/desk#/statements/{TODAY}")
    desk.sees("当日名单不足三人", "被保险人名单批单", "DM-PAIC-2026-C1", "保障照常有效")
    desk.check()
    staff = pages.staff(browser, DESKTOP, Duty.FINANCE)
    staff.open(f"/staff#/book/{TODAY}")
    staff.sees("名单不足三人的公司", "C1", "保监发〔2015〕14号")
    staff.check()


def test_nothing_is_flagged_when_three_are_insured_and_a_later_void_is_said_as_correction(
    browser: Browser, pages: Pages
) -> None:
    a_closed_day(pages, 1, 2, 3)
    desk = pages.company(browser, PHONE)
    desk.open(f"/desk#/statements/{TODAY}")
    desk.sees("被保险人名单批单")
    desk.does_not_see("当日名单不足三人")
    assert desk.fits()
    books = pages.books
    books.now.at = NOW + timedelta(days=1)
    books.take_in(line_of(ended(insured(3), PolicyStatus.VOIDED, books.now())))
    books.now.at = closing_time(TODAY + timedelta(days=1))
    books.close("C1", TODAY + timedelta(days=1))
    desk.open(f"/desk#/statements/{TODAY + timedelta(days=1)}")
    desk.sees("更正往日名单", "更正后不足三人")
    desk.check()
    staff = pages.staff(browser, DESKTOP, Duty.FINANCE)
    staff.open(f"/staff#/book/{TODAY}")
    staff.sees("保单数")
    staff.does_not_see("名单不足三人的公司")


# ---- beneficiaries


def fill(tab: Tab, place: int, **values: str) -> None:
    row = tab.page.locator("main form fieldset").nth(place)
    for name, value in values.items():
        control = row.locator(f"[name={name}]")
        if name in {"relation", "document_type"}:
            control.select_option(value)
        else:
            control.fill(value)


def facts_of(number: int) -> dict[str, str]:
    person = named(number)
    return {
        "name": person.name,
        "relation": person.relation.value,
        "document_type": person.document_type.value,
        "document_number": person.document_number,
    }


def test_worker_designates_shares_by_parts_changes_and_withdraws(browser: Browser, pages: Pages) -> None:
    tab = pages.worker(browser, PHONE)
    tab.open("/me#/beneficiaries")
    fill(tab, 0, **facts_of(1))
    tab.press("再加一人")
    fill(tab, 1, **facts_of(2), parts="2")
    tab.press("确认指定")
    tab.sees("更改指定", "1/3（33.3%）", "2/3（66.7%）", "起有效")
    stands = pages.world.designate.read(WORKER)
    assert [(p.name, str(p.share)) for p in stands.people] == [
        (named(1).name, "1/3"),
        (named(2).name, "2/3"),
    ]
    tab.does_not_see(named(1).document_number)
    assert tab.page.locator("[name=document_number]").first.input_value() == ""
    assert tab.fits()

    tab.page.get_by_role("button", name="去掉此人").first.click()
    fill(tab, 0, document_number=named(2).document_number)
    tab.press("确认指定")
    tab.sees("全部")
    assert [p.name for p in pages.world.designate.read(WORKER).people] == [named(2).name]

    tab.press("撤销指定")
    tab.page.get_by_role("dialog").get_by_role("button", name="撤销指定").click()
    tab.sees("没有指定，由法定继承人领取。")
    assert pages.world.designate.read(WORKER).people == ()
    tab.check()


@pytest.mark.parametrize("parts", [(2, 1, 1), (3, 2, 1), (1, 1, 1), (50, 30, 20)])
def test_parts_come_back_as_they_were_shared_when_somebody_is_changed(
    browser: Browser, pages: Pages, parts: tuple[int, ...]
) -> None:
    whole = sum(parts)
    people = [named(number, f"{part}/{whole}") for number, part in enumerate(parts, start=1)]
    pages.world.designate(WORKER, 0, people)
    tab = pages.worker(browser, PHONE)
    tab.open("/me#/beneficiaries")
    tab.sees("更改指定")
    for place, person in enumerate(people):
        fill(tab, place, document_number=person.document_number)
    fill(tab, 0, name="张三丰")
    tab.press("确认指定")
    expect(tab.page.get_by_text("张三丰")).to_be_visible()
    stands = pages.world.designate.read(WORKER).people
    assert [person.share for person in stands] == [Fraction(part, whole) for part in parts]
    tab.check()


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/people/1/document_number", "document_number"),
        ("/people/1/share", "parts"),
        ("/people/0/name", "name"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    browser: Browser, pages: Pages, pointer: str, name: str
) -> None:
    tab = pages.worker(browser, PHONE)
    tab.open("/me#/beneficiaries")
    refuse(
        tab, {"title": "请求内容有误", "status": 422, "errors": [{"pointer": pointer, "detail": "这里不对"}]}
    )
    fill(tab, 0, **facts_of(1))
    tab.press("再加一人")
    fill(tab, 1, **facts_of(2))
    tab.press("确认指定")
    wrong = tab.page.locator(f"main form fieldset >> nth={pointer.split('/')[2]}").locator(f"[name={name}]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    expect(tab.page.locator("small.wrong")).to_have_text("这里不对")
    assert tab.page.locator("[name=name]").first.input_value() == named(1).name
    tab.check(refusals=[422])


def test_rules_of_the_law_are_said_at_the_fields_that_break_them(browser: Browser, pages: Pages) -> None:
    """By the real rule: the same person twice; `OTHER` is not offered at all."""
    tab = pages.worker(browser, PHONE)
    tab.open("/me#/beneficiaries")
    tab.sees("确认指定")
    offered = tab.page.locator("[name=relation] option").all()
    assert {option.get_attribute("value") for option in offered} == set(Relation) - {Relation.OTHER}
    fill(tab, 0, **facts_of(1))
    tab.press("再加一人")
    fill(tab, 1, **facts_of(1))
    tab.press("确认指定")
    expect(tab.page.locator("small.wrong")).to_have_text(["同一个人只能填写一次"] * 2)
    fill(tab, 1, **facts_of(2))
    tab.press("确认指定")
    tab.sees("更改指定")
    tab.check(refusals=[422])


def refuse(tab: Tab, problem: dict[str, Any]) -> None:
    def answer(route: Route) -> None:
        if route.request.method == "GET":
            route.fallback()
            return
        route.fulfill(
            status=problem["status"], content_type="application/problem+json", body=json.dumps(problem)
        )

    tab.page.route("**/v1/designation", answer)
