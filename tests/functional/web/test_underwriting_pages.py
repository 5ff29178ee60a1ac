"""An underwriter before a referral: the person in clear, their papers in the page, and no cover by one press."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Route, expect

from daycover.api.cover.referral_file import ReferralLooksView, referral_file_view
from daycover.api.cover.referrals import ReferralDecisionBody, ReferralsView, ReferralView
from daycover.cover.application import ApplicationDocumentType
from daycover.cover.referral import Referral, ReferralReason, ReferralStatus
from daycover.cover.referral_documents import AddReferralDocument
from daycover.cover.referral_file import ReferralReader
from daycover.platform.callers import Duty
from daycover.projects.code import issue_token
from daycover.upload import ContentType
from tests.functional.web.pages import STORE, Served, staff_session
from tests.support.browser import DESKTOP, PHONE, Tab
from tests.support.builders import a_page
from tests.support.fakes.claims import FakeVault
from tests.support.fakes.cover import FakeReferralLooks
from tests.support.papers import a_png
from tests.unit.cover.referral_desk import PASSPORT, Desk
from tests.unit.cover.test_referral_file import reader
from tests.unit.cover.world import code_key

PAGE = a_png("certificate", 900, 600)
SMALLEST = {"width": 240, "height": 500}


class UnderwritingPages(Served):
    """One referral that the site has confirmed, with a paper of two pages."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.looks = FakeReferralLooks()
        self.vault = FakeVault()
        self.reads = 0
        self.referral = self._with_paper(self.desk.ask())
        self.desk.confirm(self.referral)
        self.read = reader(self.desk, self.looks, project=self.desk.project, vault=self.vault)
        self.opened: list[int] = []

    def _with_paper(self, referral: Referral) -> Referral:
        add = AddReferralDocument(now=self.desk.world.now, referrals=self.desk.referrals, vault=self.vault)
        page = a_page(PAGE, ContentType.PNG)
        announced = add.announce(
            referral.worker_id,
            referral.referral_id,
            ApplicationDocumentType.OPERATION_CERTIFICATE,
            [page, page],
        )
        for upload in announced.uploads:
            self.vault.upload(upload, PAGE)
        return add.receive(referral.worker_id, referral.referral_id, announced.document.document_id)

    @property
    def status(self) -> ReferralStatus:
        return self.desk.referrals.get(self.referral.referral_id).status(self.desk.world.now())

    def staff(self, browser: Browser, size: Mapping[str, int], *duties: Duty) -> Tab:
        return self.tab(browser, size, "staff", staff_session("s-1", duties))

    def _looker(self) -> ReferralReader:
        self.reads += 1
        return ReferralReader("s-1", ("adjuster",), f"r-{self.reads}")

    def _uploaded(self, route: Route) -> None:
        route.fulfill(content_type="image/png", body=PAGE)

    def _list(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        view = ReferralsView.of(self.desk.decide.waiting(), self.desk.world.now())
        return 200, view.model_dump(mode="json")

    def _file(
        self, referral_id: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        file = self.read.file(self._looker(), referral_id)
        return 200, referral_file_view(file, self.desk.world.now()).model_dump(mode="json")

    def _open(self, path: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        referral_id, _, document_id = path.split("/")
        page = int(query.get("page", ["1"])[0])
        self.read.document(self._looker(), referral_id, document_id, page - 1)
        self.opened.append(page)
        return 200, {"url": f"{STORE}/a-page"}

    def _looks(
        self, referral_id: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        return 200, ReferralLooksView.of(self.read.of(referral_id)).model_dump(mode="json")

    def _decide(
        self, referral_id: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        given = ReferralDecisionBody.read(body)
        referral, issued = self.desk.decide("s-1", referral_id, given.approved, given.reason)
        return 200, ReferralView.of(referral, self.desk.world.now(), issued).model_dump(mode="json")

    routes: ClassVar = {
        r"GET /v1/staff/(referrals)": _list,
        r"GET /v1/staff/referrals/([^/]+)": _file,
        r"GET /v1/staff/referrals/([^/]+/documents/[^/]+)/file": _open,
        r"GET /v1/staff/referrals/([^/]+)/looks": _looks,
        r"POST /v1/staff/referrals/([^/]+)/decision": _decide,
    }


@pytest.fixture
def pages() -> UnderwritingPages:
    return UnderwritingPages()


def opened(pages: UnderwritingPages, browser: Browser, size: Mapping[str, int] = DESKTOP) -> Tab:
    tab = pages.staff(browser, size, Duty.ADJUSTER)
    tab.open("/staff#/referrals")
    tab.sees("护照", "非居民身份证")
    tab.does_not_see("王小明")
    tab.follow("王**")
    tab.sees("投保人员")
    return tab


def test_underwriter_sees_whom_what_and_who_saw_them_once_it_is_recorded(
    browser: Browser, pages: UnderwritingPages
) -> None:
    tab = opened(pages, browser)
    project = pages.desk.project
    tab.sees("王小明", "E1234567", "1990-03-07", project.name, project.company_name, project.employer_name)
    tab.sees("公司接口", "特种作业操作证", "此前的申请（0）和保单（0）")
    picture = tab.page.locator(".paper-sheet img")
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.naturalWidth") == 900
    wide = picture.evaluate("img => img.getBoundingClientRect().width")
    tab.page.keyboard.press("+")
    assert picture.evaluate("img => img.getBoundingClientRect().width") > wide * 1.4
    tab.page.keyboard.press("-")
    tab.page.keyboard.press("t")
    turned = picture.evaluate(
        "img => { const box = img.getBoundingClientRect(); return box.height / box.width; }"
    )
    assert turned > 1.4, "what lay on its side stands"
    tab.page.keyboard.press("]")
    expect(tab.page.locator(".paper-page")).to_have_text("第 2/2 页")
    expect(tab.page.locator(".paper-sheet img")).to_be_visible()
    assert pages.opened == [1, 2]
    kinds = [look.what for look in pages.looks.list_of(pages.referral.referral_id)]
    assert sorted(kinds) == ["DOCUMENT", "DOCUMENT", "FILE"]
    assert "E1234567" not in tab.stored()
    tab.check()
    tab.close()


def test_nobody_is_insured_by_one_press_when_nothing_was_chosen(
    browser: Browser, pages: UnderwritingPages
) -> None:
    tab = opened(pages, browser)
    tab.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    form = tab.page.get_by_role("form", name="核保决定")
    assert form.get_by_role("radio", checked=True).count() == 0
    assert form.locator("[name=reason]").input_value() == ""
    form.get_by_role("button", name="提交").click()
    assert pages.calls == []
    form.get_by_label("通过，立即出单").check()
    form.locator("[name=reason]").select_option("DOCUMENT_SEEN")
    form.get_by_role("button", name="提交").click()
    tab.sees("将为 王小明（护照 E1234567）", "立即出单，保障 24 小时。")
    assert pages.calls == [], "the second press insures, not the first"
    tab.press("返回修改")
    assert tab.page.get_by_role("button", name="确认出单").count() == 0
    form.get_by_role("button", name="提交").click()
    tab.press("确认出单")
    tab.sees("已出单。")
    assert pages.status is ReferralStatus.APPROVED
    assert [body for _, _, body in pages.calls] == [{"approved": True, "reason": "DOCUMENT_SEEN"}]
    tab.check()
    tab.close()


def test_refusal_takes_its_reason_when_the_person_is_declined(
    browser: Browser, pages: UnderwritingPages
) -> None:
    tab = opened(pages, browser, PHONE)
    form = tab.page.get_by_role("form", name="核保决定")
    form.get_by_label("不通过").check()
    form.get_by_role("button", name="提交").click()
    assert pages.calls == [], "without a reason nobody is declined"
    form.locator("[name=reason]").select_option("PHOTO_DIFFERS")
    form.get_by_role("button", name="提交").click()
    tab.sees("未通过：")
    assert pages.status is ReferralStatus.DECLINED
    tab.check()
    tab.close()


def test_auditor_reads_who_looked_and_nothing_of_the_person(
    browser: Browser, pages: UnderwritingPages
) -> None:
    opened(pages, browser).close()
    tab = pages.staff(browser, DESKTOP, Duty.AUDITOR)
    tab.open("/staff#/referrals")
    tab.follow("王**")
    tab.press("显示查阅记录")
    tab.sees("s-1", "核保资料", "核赔")
    tab.does_not_see("王小明")
    assert tab.page.locator("main form").count() == 0
    tab.check()
    tab.close()


def test_page_says_it_is_gone_when_the_person_was_erased(browser: Browser, pages: UnderwritingPages) -> None:
    pages.desk.referrals.delete(pages.referral)
    tab = pages.staff(browser, DESKTOP, Duty.ADJUSTER)
    tab.open(f"/staff#/referrals/{pages.referral.referral_id}")
    tab.sees("没有找到该人工核验申请")
    tab.check(refusals=[404])
    tab.close()


@pytest.mark.parametrize("size", [{"width": 1366, "height": 768}, {"width": 360, "height": 740}, SMALLEST])
def test_referral_fits_when_the_window_is_small(
    browser: Browser, pages: UnderwritingPages, size: dict[str, int]
) -> None:
    tab = opened(pages, browser, size)
    tab.sees("核保决定")
    assert tab.fits()
    assert tab.small("main button, .file-head a, main summary") == []
    tab.check()
    tab.close()


SOON = """
const wait = globalThis.setTimeout;
globalThis.setTimeout = (act, ms, ...more) => wait(act, ms >= 10000 && ms <= 120000 ? ms / 50 : ms, ...more);
"""
"""Asks fifty times as often."""


def test_menu_and_title_say_how_many_wait_on_whichever_page_an_underwriter_is(
    pages: UnderwritingPages, browser: Browser
) -> None:
    tab = pages.tab(browser, DESKTOP, "staff", staff_session("s-1", (Duty.ADJUSTER,)), (SOON,))
    tab.open("/staff#/intake")
    badge = tab.page.locator("header nav .badge")
    expect(badge).to_contain_text("1")
    expect(tab.page).to_have_title("(1 待核保) 理赔工作台 · 日结保")
    tab.page.get_by_label("地点").fill("三号塔吊旁")
    tab.page.get_by_role("button", name="English").click()
    expect(tab.page).to_have_title("(1 referrals) Claims console · daycover")
    expect(badge).to_contain_text("wait for an underwriter")
    tab.check()
    pages.desk.world.now.advance(minutes=30)
    expect(badge).to_have_count(0)
    expect(tab.page).to_have_title("Claims console · daycover")
    tab.close()


def test_auditor_is_not_told_what_waits_for_an_underwriter(
    pages: UnderwritingPages, browser: Browser
) -> None:
    tab = pages.tab(browser, DESKTOP, "staff", staff_session("a-1", (Duty.AUDITOR,)), (SOON,))
    tab.open("/staff#/signals")
    tab.sees("打卡信号")
    assert tab.page.locator(".badges").count() == 0
    tab.check()
    tab.close()


def test_list_of_who_waits_goes_on_by_itself_and_leaves_the_cursor_where_it_is(
    pages: UnderwritingPages, browser: Browser
) -> None:
    tab = pages.tab(browser, DESKTOP, "staff", staff_session("s-1", (Duty.ADJUSTER,)), (SOON,))
    tab.open("/staff#/referrals")
    lines = tab.page.locator("main tbody tr")
    expect(lines).to_have_count(1)
    tab.page.locator("main tbody a").focus()
    pages.desk.world.now.advance(minutes=1)
    worker = pages.desk.world.worker("o-2", pages.desk.project)
    shown = PASSPORT.model_copy(update={"number": "E99999999"})
    token, _ = issue_token(pages.desk.project, code_key)
    pages.desk.confirm(pages.desk.ask_referral(worker, token, ReferralReason.DOCUMENT_TYPE, shown))
    expect(lines).to_have_count(2)
    focused = tab.page.evaluate("document.activeElement.getAttribute('href')")
    assert focused == f"#/referrals/{pages.referral.referral_id}"
    tab.check()
    tab.close()
