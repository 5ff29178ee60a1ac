"""The worker's next act: what the page says of cover, of a claim, and of what may be asked for."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from daycover.api.claims.reports import OwnNoticeLine
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import Decision
from daycover.claims.loss_notice import NoticeStatus
from daycover.errors import DaycoverError
from daycover.platform.problems import InternalError, UnavailableError
from tests.functional.web.gate_pages import GatePages
from tests.functional.web.pages import Pages
from tests.support.browser import PHONE, Tab
from tests.support.builders import an_id_number
from tests.support.claims import ACCIDENT_AT
from tests.unit.claims.world import World
from tests.unit.cover.world import NAME

TAPS = """
globalThis.taps = 0;
addEventListener("click", (event) => { if (event.isTrusted) globalThis.taps += 1; }, true);
"""
UNSEEN = """
globalThis.unseen = false;
Object.defineProperty(document, "hidden", { get: () => globalThis.unseen });
"""
PAGES = ("#/", "#/policies", "#/claims", "#/report", "#/me", "#/family", "#/referrals")


class Gate(GatePages):
    """A gate whose answers to "is my policy there?" may fail, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[DaycoverError] = []

    def answer(self, method: str, path: str, query: Any, body: Any) -> tuple[int, dict[str, Any]]:
        if self.failures and path.endswith("/policy"):
            raise self.failures.pop(0)
        return super().answer(method, path, query, body)


@pytest.fixture
def gate() -> Gate:
    gate = Gate()
    gate.world.consent(gate.worker_id, gate.project)
    return gate


@pytest.fixture
def pages() -> Pages:
    return Pages(World())


def begun(gate: Gate, tab: Tab) -> str:
    """Check in up to the face check; give the path of the page that waits."""
    tab.open(gate.scanned)
    tab.press("打卡")
    tab.sees("首次打卡")
    tab.fill(name=NAME, id_number=an_id_number())
    tab.press("打卡")
    tab.sees("还差一步：人脸核验", "人脸核验还剩")
    return tab.page.url


def show_face(gate: Gate) -> None:
    (order,) = gate.world.work_card.orders
    gate.world.work_card.show_face(order)


# ---- cover


def test_page_waits_on_when_the_api_fails_and_shows_the_policy_once_it_is_there(
    browser: Browser, gate: Gate
) -> None:
    tab = gate.worker(browser, PHONE)
    begun(gate, tab)
    gate.failures = [UnavailableError(), InternalError()]
    tab.sees("这一页会自动再试，不用重来")
    show_face(gate)
    tab.sees("您已在保障中")
    assert gate.failures == []
    tab.check(refusals=[422, 503, 500])
    tab.close()


def test_page_asks_at_once_when_it_is_seen_again(browser: Browser, gate: Gate) -> None:
    """People leave it for the work card; while nobody sees it, it does not ask."""
    tab = gate.worker(browser, PHONE, UNSEEN)
    begun(gate, tab)
    turn = (
        "(unseen) => { globalThis.unseen = unseen; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    tab.page.evaluate(turn, True)
    tab.page.wait_for_timeout(3_000)
    asked = len(gate.calls)
    tab.page.wait_for_timeout(3_000)
    assert len(gate.calls) == asked
    show_face(gate)
    tab.page.evaluate(turn, False)
    tab.sees("您已在保障中")
    tab.check(refusals=[422])
    tab.close()


def test_covered_worker_who_scans_again_reads_until_when(browser: Browser, gate: Gate) -> None:
    policy = gate.world.cover(gate.worker_id, gate.project)
    tab = gate.worker(browser, PHONE)
    tab.open(gate.scanned)
    tab.sees("您已在保障中", "保障到 2026-11-25", "还剩")
    tab.does_not_see("此刻还没有保障")
    assert tab.page.get_by_role("button", name="打卡", exact=True).count() == 0
    tab.follow("查看保单和二维码")
    tab.sees(policy.policy_no, "双十一分拣", "东方物流", "浦江劳务")
    tab.check()
    gate.world.now.at = policy.period.end - timedelta(hours=1)
    tab.open(gate.scanned)
    tab.sees("保障快到期了", "打卡续保")
    tab.close()


def test_worker_who_consented_before_is_at_the_face_check_in_two_taps(browser: Browser, gate: Gate) -> None:
    first = gate.world.cover(gate.worker_id, gate.project)
    gate.world.now.at = first.period.end
    tab = gate.worker(browser, {"width": 360, "height": 740}, TAPS)
    tab.open(gate.scanned)
    button = tab.page.get_by_role("button", name="打卡", exact=True)
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    tab.sees("还差一步：人脸核验")
    assert tab.page.evaluate("() => globalThis.taps") <= 2
    tab.check()
    tab.close()


def test_way_back_does_not_lead_into_the_face_check_when_it_is_over(browser: Browser, gate: Gate) -> None:
    tab = gate.worker(browser, PHONE)
    begun(gate, tab)
    show_face(gate)
    tab.sees("您已在保障中")
    tab.page.go_back()
    tab.sees("查看保单和二维码")
    tab.page.wait_for_timeout(500)
    assert "#/policies/" not in tab.page.url
    tab.close()


def test_face_check_is_gone_on_with_when_the_code_is_scanned_again(browser: Browser, gate: Gate) -> None:
    tab = gate.worker(browser, PHONE)
    waiting = begun(gate, tab)
    tab.open("/me")
    tab.open(gate.scanned)
    tab.sees("还差人脸核验")
    tab.follow("去完成人脸核验")
    tab.page.wait_for_url(waiting)
    tab.close()


def test_nobody_waits_twice_for_a_position_that_does_not_come(browser: Browser, gate: Gate) -> None:
    never = "navigator.geolocation.getCurrentPosition = () => { globalThis.located = (globalThis.located ?? 0) + 1; };"
    tab = gate.worker(browser, PHONE, never)
    tab.open(gate.scanned)
    tab.press("打卡")
    tab.press("不等了，直接打卡")
    tab.sees("首次打卡")
    tab.fill(name=NAME, id_number=an_id_number())
    tab.press("打卡")
    tab.sees("还差一步：人脸核验", "您没有等手机给出位置")
    assert tab.page.evaluate("() => globalThis.located") == 1
    tab.check(refusals=[422])
    tab.close()


@pytest.mark.parametrize(("born", "offered"), [("20110101", 0), ("19560101", 1), ("19400101", 0)])
def test_way_to_two_people_is_offered_when_they_may_decide(
    browser: Browser, gate: Gate, born: str, offered: int
) -> None:
    """A child of 15 is not insured by anybody, a worker of 70 may be, one of 86 not."""
    tab = gate.worker(browser, PHONE)
    tab.open(gate.scanned)
    tab.press("打卡")
    tab.sees("首次打卡")
    tab.fill(name=NAME, id_number=an_id_number(born))
    tab.press("打卡")
    tab.sees("年龄不符合投保要求")
    assert tab.page.get_by_role("link", name="申请人工核验").count() == offered
    tab.check(refusals=[422, 422])
    tab.close()


def test_consent_is_withdrawn_where_it_was_given(browser: Browser, gate: Gate) -> None:
    tab = gate.worker(browser, PHONE)
    tab.open(gate.scanned)
    tab.page.get_by_text("我同意过的内容").click()
    asked = tab.page.get_by_role("button", name="撤回我在这个项目的同意")
    expect(asked).to_be_visible()
    boxes = tab.page.locator("main button, main summary, main a.button, nav a").all()
    assert all((box.bounding_box() or {"height": 44})["height"] >= 44 for box in boxes if box.is_visible())
    tab.close()


def test_consents_and_exclusions_are_read_in_english_with_the_binding_text_below(browser: Browser) -> None:
    gate = GatePages()
    tab = gate.worker(browser, PHONE)
    tab.open(gate.scanned)
    tab.press("English")
    tab.sees(
        "Read and accept each text",
        "I have read the insurance terms",
        "I separately agree",
        "deductible of CNY 100",
    )
    for consent in tab.page.locator("article.consent").all():
        expect(consent.locator("p[lang=en]")).to_be_visible()
        expect(consent.locator("p[lang='zh-CN']")).not_to_be_visible()
        consent.get_by_text("The binding text, in Chinese").click()
        expect(consent.locator("p[lang='zh-CN']")).to_be_visible()
    lines = tab.page.locator(".exclusions li").all_inner_texts()
    assert lines
    assert not any("\u4e00" <= letter <= "\u9fff" for line in lines for letter in line)
    tab.check()
    tab.press("中文")
    tab.sees("请逐项阅读并同意")
    assert tab.page.locator("p[lang=en]").count() == 0
    tab.close()


def test_foreman_can_call_who_left_a_number_and_is_not_covered(browser: Browser, gate: Gate) -> None:
    tab = gate.worker(browser, PHONE)
    tab.open(gate.scanned)
    tab.press("打卡")
    tab.sees("首次打卡")
    tab.fill(name=NAME, id_number=an_id_number(), phone="138 0013 8000")
    tab.press("打卡")
    tab.sees("还差一步：人脸核验")
    (*_, said) = (body for _, path, body in gate.calls if path == "/v1/check-ins")
    assert said["phone"] == "138 0013 8000"
    tab.check(refusals=[422])
    tab.close()


def test_worker_checks_in_by_keyboard_alone(browser: Browser, gate: Gate) -> None:
    tab = gate.worker(browser, PHONE, TAPS)
    tab.open(gate.scanned)
    tab.sees("此刻还没有保障")
    reached(tab, "打卡").press("Enter")
    tab.sees("首次打卡")
    expect(tab.page.locator("[name=name]")).to_be_focused()
    tab.page.keyboard.insert_text(NAME)
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.insert_text(an_id_number())
    tab.page.keyboard.press("Enter")
    tab.sees("还差一步：人脸核验")
    show_face(gate)
    tab.sees("您已在保障中")
    reached(tab, "报案", "link").press("Enter")
    tab.sees("请先救治")
    tab.close()


def reached(tab: Tab, name: str, role: Literal["button", "link"] = "button") -> Locator:
    """Press the tabulator until something has the cursor."""
    wanted = tab.page.get_by_role(role, name=name, exact=True)
    wanted.wait_for()
    for _ in range(40):
        tab.page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return wanted
    raise AssertionError(f"{name} is out of the tabulator's reach")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_read_in_letters_of_twice_the_size_and_in_the_dark(
    browser: Browser, gate: Gate, scheme: Literal["light", "dark"]
) -> None:
    policy = gate.world.cover(gate.worker_id, gate.project)
    tab = gate.worker(browser, {"width": 360, "height": 740})
    tab.page.emulate_media(color_scheme=scheme)
    tab.open(f"/me#/policies/{policy.policy_no}")
    tab.sees("您已在保障中", "保险凭证")
    tab.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert tab.fits()
    tab.check()
    tab.close()


@pytest.mark.parametrize("kind", ["good", "past", "bad"])
def test_finding_is_dark_on_paper_where_grounds_are_left_out(browser: Browser, gate: Gate, kind: str) -> None:
    tab = gate.worker(browser, PHONE)
    tab.open("/")
    tab.page.evaluate(
        """(kind) => {
          const box = document.createElement("section");
          box.className = `finding ${kind}`;
          document.querySelector("main").append(box);
        }""",
        kind,
    )
    tab.page.emulate_media(media="print")
    colour = tab.page.locator(".finding").evaluate("(box) => getComputedStyle(box).color")
    assert colour == "rgb(0, 0, 0)"
    tab.close()


# ---- claims


def test_worker_reads_the_adjuster_s_words_when_a_paper_is_rejected(browser: Browser, pages: Pages) -> None:
    claim = pages.world.reported()
    sent = pages.world.send(claim, DocumentType.DIAGNOSIS)
    verdict = DocumentVerdict(DocumentStatus.REJECTED, "UNREADABLE", "右下角的印章被手指挡住了")
    pages.world.judge("S1", claim.claim_no, sent.document_id, verdict)
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.sees("右下角的印章被手指挡住了")
    tab.check()
    tab.close()


def test_worker_reads_why_it_is_less_and_is_asked_before_accepting(browser: Browser, pages: Pages) -> None:
    claim = pages.world.referred()
    less = Verdict(Decision.PARTIAL, 100_000, "PARTLY_PROVEN", "两张发票与本次事故无关，已扣除")
    pages.world.decide("S1", claim.claim_no, less)
    pages.world.acknowledge("S2", claim.claim_no, True, None)
    answered: list[Any] = []
    tab = pages.worker(browser, PHONE)

    def answer(route: Route) -> None:
        answered.append(route.request.post_data_json)
        route.fulfill(json={})

    tab.page.route("**/answer", answer)
    tab.open(f"/me#/claims/{claim.claim_no}")
    offer = tab.page.locator(".offer")
    expect(offer.get_by_text("两张发票与本次事故无关，已扣除")).to_be_visible()
    tab.press("同意金额")
    ask = tab.page.get_by_role("dialog")
    expect(ask).to_contain_text("同意赔付 1,000 元？")
    ask.get_by_role("button", name="取消").click()
    assert answered == []
    tab.press("同意金额")
    ask.get_by_role("button", name="同意金额").click()
    tab.page.wait_for_timeout(200)
    assert answered == [{"answer": "ACCEPT"}]
    tab.check()
    tab.close()


def test_report_without_a_policy_stands_among_the_claims(browser: Browser, pages: Pages) -> None:
    """Two of them: one's own, and one for somebody else."""
    own, other = (
        OwnNoticeLine(
            report_no=number, reported_at=ACCIDENT_AT, occurred_at=ACCIDENT_AT, claim_types=("MEDICAL",),
            for_somebody_else=is_other, status=NoticeStatus.UNMATCHED, text="已收到,正在查找对应的保单;这不是拒赔",
        ).model_dump(mode="json")
        for number, is_other in (("R-OWN", False), ("R-OTHER", True))
    )  # fmt: skip
    tab = pages.worker(browser, PHONE)
    tab.page.route("**/v1/loss-notices", lambda route: route.fulfill(json={"loss_notices": [own, other]}))
    tab.open("/me#/claims")
    tab.sees("R-OWN", "R-OTHER", "这不是拒赔", "替别人报案")
    tab.check()
    tab.close()


# ---- every page at once


@pytest.mark.parametrize("width", [240, 360, 1366])
@pytest.mark.parametrize("language", ["中文", "English"])
def test_every_page_of_the_worker_fits_and_bars_nobody(
    browser: Browser, gate: Gate, width: int, language: str
) -> None:
    policy = gate.world.cover(gate.worker_id, gate.project)
    tab = gate.worker(browser, {"width": width, "height": 740})
    tab.open("/me")
    tab.sees("我的保障")
    if language == "English":
        tab.press("English")
    for hash_ in (*PAGES, f"#/policies/{policy.policy_no}"):
        tab.page.evaluate("(hash) => { location.hash = hash; }", hash_)
        tab.page.wait_for_function("() => !document.querySelector('main').hasAttribute('aria-busy')")
        tab.page.wait_for_timeout(100)
        assert tab.fits(), hash_
        tab.check()
    tab.close()
