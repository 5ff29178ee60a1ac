"""The loss sheet in the browser: read with its sources, filled, moved meanwhile, and the bills of the papers."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from daycover.china_time import china_day
from daycover.claims.bill import BillFault, BillState
from daycover.claims.claim import Actor, Claim
from daycover.claims.disability import BodySide, DisabilitySite, site_words
from daycover.claims.disability_table import disability_table
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.sheet import SickLeave, SourceKind
from daycover.platform.callers import Duty
from tests.functional.web.pages import Pages
from tests.support.browser import DESKTOP, Tab
from tests.support.builders import WORKER, a_page
from tests.support.claims import (
    ACCIDENT_AT,
    SCAN,
    a_checked_bill,
    a_receipt_no,
    an_announcement,
    an_invoice,
    receipt_facts,
)
from tests.support.papers import a_jpeg
from tests.unit.claims.world import World

BACK = a_jpeg("back")
DAY = china_day(ACCIDENT_AT)
NUMBER = f"11060124{a_receipt_no()}"


SITE = DisabilitySite(part="TOES", side=BodySide.BOTH, grade=10, item="7.5-16")


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def see(pages: Pages, browser: Browser, claim: Claim, *duties: Duty) -> Tab:
    tab = pages.staff(browser, DESKTOP, *(duties or (Duty.ADJUSTER,)))
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.sees("损失清单")
    return tab


def sheet_form(tab: Tab) -> Locator:
    return tab.page.get_by_role("form", name="填写损失清单", exact=True)


def save(tab: Tab, reason: str | None = "按材料录入") -> None:
    form = sheet_form(tab)
    if reason is not None:
        form.locator("[name=reason]").fill(reason)
    form.get_by_role("button", name="保存为新版本").click()


def test_every_number_shows_its_source_when_a_platform_verified_the_bill(
    browser: Browser, pages: Pages
) -> None:
    claim = pages.world.referred()
    tab = see(pages, browser, claim)
    tab.sees(NUMBER, "平台查验", "二级医院", "住院费", "合计住院 14 天", "第 1 版")
    tab.page.locator("summary", has_text="意外医疗：每个数的来源").click()
    tab.sees("票面金额", f"票据 {NUMBER}", "免赔额", "保单")
    tab.check()
    tab.close()


def test_adjuster_fills_the_sheet_when_the_papers_say_more(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    world.send(claim, DocumentType.INVOICE, an_invoice(100_000, "B7"))
    tab = see(pages, browser, claim)
    tab.press("修改损失清单")
    form = sheet_form(tab)
    form.get_by_role("button", name="采用发票").click()
    taken = form.locator("details.editor").nth(1)
    expect(taken.locator("summary").first).to_contain_text("B7")
    taken.locator("[name=hospital]").fill("镇卫生院")
    taken.locator("[name=hospital_level]").select_option("1")
    taken.locator("[name=accepted_fen]").fill("1200")
    save(tab)
    tab.sees("认可的 1,200 元 超过票面 1,000 元。")
    expect(taken.locator("[name=accepted_fen]")).to_be_focused()
    taken.locator("[name=accepted_fen]").fill("800")
    save(tab)
    tab.sees("有核减，请选原因。")
    taken.locator("[name=reason_code]").select_option("OVER_SOCIAL_STANDARD")
    taken.locator("[name=third_party_paid_fen]").fill("200.50")
    save(tab)
    tab.sees("第 2 版", "医院等级低于二级或不明，且非急诊", "超出医保同类费用标准的部分", "200.50 元")
    sheet = world.sheets.find(claim.claim_no, 2)
    bill = sheet.bill("B7")
    assert bill is not None
    assert (bill.lines[0].accepted_fen, bill.third_party_paid_fen, bill.dated) == (80_000, 20_050, DAY)
    assert bill.source.kind is SourceKind.ADJUSTER
    verified = sheet.bill(NUMBER)
    assert verified is not None
    assert verified.source.kind is SourceKind.VERIFIED, "what nobody changed keeps its source"
    tab.page.locator("summary", has_text="各版本（2）").click()
    tab.press("查看第 1 版")
    tab.sees("第 1 版的内容")
    decide = tab.page.get_by_role("form", name="提交核定")
    decide.locator("[name=decision]").select_option("PARTIAL")
    decide.locator("[name=amount]").fill("8000")
    decide.locator("[name=reason]").fill("核减后认可")
    tab.press("提交核定")
    tab.sees("已核定，待复核")
    expect(tab.page.get_by_role("table", name="理算与核定")).to_contain_text("意外医疗")
    expect(tab.page.get_by_role("table", name="理算与核定")).to_contain_text("差 -")
    assert tab.page.get_by_role("button", name="修改损失清单").count() == 0
    tab.check()
    tab.close()


def test_appraisal_takes_an_item_when_the_search_answers(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    tab = see(pages, browser, claim)
    tab.press("修改损失清单")
    form = sheet_form(tab)
    form.get_by_role("button", name="录入伤残鉴定").click()
    form.locator("[name=item_search]").fill("拇趾缺失")
    pages.is_scale_down = True
    form.get_by_role("button", name="查找条目").click()
    tab.sees("条目暂时查不到，请稍后再试。")
    pages.is_scale_down = False
    form.locator("[name=item_search]").fill("7.5-16")
    form.locator("[name=item_search]").press("Enter")
    form.get_by_role("button", name="7.5-16").click()
    form.get_by_role("button", name="删除部位").first.click()
    form.locator("[name=body]").fill("市司法鉴定中心")
    form.locator("[name=appraised_on]").fill(DAY.isoformat())
    form.get_by_role("button", name="录入身故").click()
    form.locator("[name=died_on]").fill(DAY.isoformat())
    form.locator("[name=cause]").select_option("SUDDEN")
    form.locator("[name=causation]").fill("80")
    save(tab)
    tab.sees(
        site_words(SITE, disability_table()),
        "市司法鉴定中心",
        "保险事故占 80%",
        "猝死：是否在岗或 48 小时内未证实",
    )
    sheet = pages.world.sheets.find(claim.claim_no, 2)
    assert sheet.appraisal is not None
    assert sheet.appraisal.sites == (SITE,)
    assert sheet.causation_bps == 8_000
    tab.check(refusals=[503])
    tab.close()


def enter_sick_leave(world: World, claim: Claim) -> None:
    """Another adjuster adds a sick leave and takes the emergency for granted."""
    version = world.claims.get(claim.claim_no).round.sheet
    source = world.fill_sheet.source("adjuster-9")
    before = world.sheets.find(claim.claim_no, version)
    leave = SickLeave(first_day=DAY, last_day=DAY, source=source)
    world.fill_sheet(
        "adjuster-9", claim.claim_no, version, before.with_entries(sick_leaves=[leave]), "病休一天"
    )


def test_nothing_typed_is_lost_when_the_sheet_has_moved(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    tab = see(pages, browser, claim)
    tab.press("修改损失清单")
    form = sheet_form(tab)
    form.locator("details.editor > summary").first.click()
    form.locator("[name=third_party_paid_fen]").fill("2000")
    enter_sick_leave(world, claim)
    save(tab, "第三方已付 2000 元")
    notice = tab.page.locator(".sheet-moved")
    expect(notice).to_contain_text("损失清单已被修改")
    expect(notice).to_contain_text("现为第 2 版")
    expect(notice).to_be_focused()
    form = sheet_form(tab)
    assert form.locator("[name=third_party_paid_fen]").input_value() == "2000"
    assert form.locator("[name=reason]").input_value() == "第三方已付 2000 元"
    assert form.locator("[name=last_day]").count() == 2, "the other's sick leave stands beside the stay"
    save(tab, None)
    tab.sees("第 3 版")
    sheet = world.sheets.find(claim.claim_no, 3)
    bill = sheet.bill(NUMBER)
    assert bill is not None
    assert bill.third_party_paid_fen == 200_000
    assert [leave.source.by for leave in sheet.sick_leaves] == ["adjuster-9"]
    tab.check(refusals=[409])
    tab.close()


def test_what_is_typed_stays_when_a_document_was_judged(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    tab = see(pages, browser, claim)
    decide = tab.page.get_by_role("form", name="提交核定")
    decide.locator("[name=decision]").select_option("PARTIAL")
    decide.locator("[name=reason]").fill("还在写")
    tab.press("修改损失清单")
    sheet_form(tab).locator("[name=reason]").fill("也在写")
    tab.page.locator(".checklist > li", has_text="病历").locator("summary", has_text="审核").click()
    judge = tab.page.locator("form[aria-label=审核病历]")
    judge.locator("[name=reason]").fill("清楚")
    judge.get_by_role("button", name="提交").click()
    tab.sees("已认可")
    assert decide.locator("[name=reason]").input_value() == "还在写"
    assert decide.locator("[name=decision]").input_value() == "PARTIAL"
    assert sheet_form(tab).locator("[name=reason]").input_value() == "也在写"
    assert judge.locator("[name=reason]").input_value() == ""
    tab.check()
    tab.close()


def test_line_is_cut_in_a_verdict_when_not_all_of_it_counts(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.referred()
    world.at += timedelta(minutes=1)
    bill = world.send(claim, DocumentType.INVOICE, an_invoice(100_000, "B7"))
    tab = see(pages, browser, claim)
    tab.page.locator(".checklist > li", has_text="B7").locator("summary", has_text="审核").click()
    judge = tab.page.get_by_role("form", name="审核发票（纸质原件或电子发票） 2")
    judge.locator("summary", has_text="逐项认定").click()
    judge.locator("[name=accepted-0]").fill("600")
    judge.locator("[name=cut-0]").select_option("NOT_OF_THE_ACCIDENT")
    judge.locator("[name=reason]").fill("其中一项与事故无关")
    judge.get_by_role("button", name="提交").click()
    tab.sees("与本次事故无关")
    assert world.documents.get(claim.claim_no, bill.document_id).status is DocumentStatus.ACCEPTED
    entered = world.sheets.find(claim.claim_no, 2).bill("B7")
    assert entered is not None
    assert entered.lines[0].accepted_fen == 60_000
    tab.check()
    tab.close()


def test_pages_are_opened_one_by_one_when_a_document_has_several(browser: Browser, pages: Pages) -> None:
    world = pages.world
    claim = world.reported()
    front = an_announcement(DocumentType.MEDICAL_RECORD)
    two = front.model_copy(update={"further_pages": (a_page(BACK),)})
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, two)
    for upload, content in zip(announced.uploads, (SCAN, BACK), strict=True):
        world.vault.upload(upload, content)
    world.collect.receive(Actor.worker(WORKER), claim.claim_no, announced.document.document_id)
    tab = see(pages, browser, claim, Duty.INTAKE)
    tab.page.evaluate("() => { globalThis.open = () => {}; }")
    tab.press("第 2 页")
    expect(tab.page.get_by_role("button", name="第 2 页")).to_be_enabled()
    assert pages.looks == [(f"{claim.claim_no}/documents/{announced.document.document_id}", 2)]
    assert tab.page.get_by_role("button", name="填写损失清单").count() == 0, "adjusters fill it"
    assert tab.page.get_by_role("button", name="重新查验全部票据").count() == 0
    tab.check()
    tab.close()


def test_stay_is_refused_where_it_stands_when_it_ends_before_it_begins(
    browser: Browser, pages: Pages
) -> None:
    claim = pages.world.referred()
    tab = see(pages, browser, claim)
    tab.press("修改损失清单")
    form = sheet_form(tab)
    form.get_by_role("button", name="加一段病休").click()
    leave = form.locator("[name=last_day]").last
    leave.fill((DAY - timedelta(days=1)).isoformat())
    save(tab)
    tab.sees("早于第一天")
    expect(leave).to_be_focused()
    form.get_by_role("button", name="放弃修改").click()
    tab.sees("修改损失清单")
    assert pages.calls == []
    tab.check()
    tab.close()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (BillState.GENUINE, "真票"),
        (BillState.UNKNOWN, "查无此票"),
        (BillState.ALTERED, "要素不符"),
        (BillState.REVERSED, "已冲红"),
        (BillState.VOID, "已作废"),
        (BillState.EXCHANGED, "已换开纸质"),
    ],
)
def test_bill_is_named_in_words_when_its_platform_was_asked_again(
    browser: Browser, pages: Pages, state: BillState, told: str
) -> None:
    world = pages.world
    claim = world.referred()
    facts = receipt_facts(90_000, "C9")
    world.platform.put(a_checked_bill(facts, state=state, patient="王小明"))
    sent = world.send(claim, DocumentType.INVOICE, facts)
    tab = see(pages, browser, claim)
    item = tab.page.locator(".checklist > li", has_text=facts.invoice_no)
    expect(item).to_contain_text("尚未查验")
    tab.press("重新查验全部票据")
    expect(item.get_by_role("table")).to_contain_text(told)
    expect(item.get_by_role("table")).to_contain_text("王小明")
    hostile = world.documents.get(claim.claim_no, sent.document_id).model_copy(
        update={"faults": (BillFault.HOSTILE,)}
    )
    world.documents.judge(hostile, hostile.status)
    tab.page.reload()
    tab.sees("含有攻击内容，请勿在电脑上打开")
    tab.check()
    tab.close()
