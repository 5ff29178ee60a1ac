"""The main screens as `docs/images` shows them: `make pictures` draws them from the worlds of the browser tests."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from daycover.books.journal import closing_time
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.judge import DocumentVerdict
from daycover.cover.presence import Why
from daycover.platform.callers import Duty
from tests.functional.web.board_pages import BoardPages
from tests.functional.web.gate_pages import GatePages
from tests.functional.web.pages import Pages
from tests.functional.web.settings import configure
from tests.functional.web.test_money_pages import Money
from tests.support.browser import Tab, chromium
from tests.support.builders import NOW, a_line
from tests.unit.claims.world import World

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}


def _kept(name: str, tab: Tab, *texts: str) -> None:
    """Keep what a tab shows once it shows these texts."""
    tab.sees(*texts)
    tab.page.wait_for_load_state("networkidle")
    tab.page.evaluate("() => document.activeElement?.blur()")
    tab.page.screenshot(path=IMAGES / f"{name}.png")
    tab.close()


def worker(browser: Browser) -> None:
    """Scan, face check, cover, a claim."""
    first = GatePages()
    tab = first.worker(browser, PHONE)
    tab.open(first.scanned)
    _kept("worker-scan", tab, "此刻还没有保障")
    gate = GatePages()
    gate.world.consent(gate.worker_id, gate.project)
    tab = gate.worker(browser, PHONE)
    tab.open(gate.scanned)
    _kept("worker-check-in", tab, "此刻还没有保障", "我同意过的内容")
    policy = gate.world.cover(gate.worker_id, gate.project)
    gate.world.now.at += timedelta(hours=5)
    tab = gate.worker(browser, PHONE)
    tab.open(f"/me#/policies/{policy.policy_no}")
    _kept("worker-policy", tab, "您已在保障中", "保险凭证")
    pages = Pages(World())
    claim = pages.world.reported()
    for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS):
        sent = pages.world.send(claim, doc_type)
    blurred = DocumentVerdict(DocumentStatus.REJECTED, "UNREADABLE", "右下角的印章被手指挡住了")
    pages.world.judge("S1", claim.claim_no, sent.document_id, blurred)
    tab = pages.worker(browser, PHONE)
    tab.open(f"/me#/claims/{claim.claim_no}")
    tab.page.get_by_text("右下角的印章").scroll_into_view_if_needed()
    _kept("worker-claim", tab, "右下角的印章")


def company(browser: Browser) -> None:
    """Gate board, statements."""
    board = BoardPages()
    people = ("张建军", "欧阳建国", "李秀英", "王海涛", "赵小红")
    whys = (Why.OUTSIDE_SITE, Why.NOT_CHECKED_IN, Why.CONSENT_MISSING, Why.ID_REFUSED, Why.NOT_CHECKED_IN)
    for number, (name, why) in enumerate(zip(people, whys, strict=True)):
        board.out(board.gates[number % 3], number, name, phone=f"138001380{number:02d}", why=why)
    for number in range(18):
        board.insured(board.gates[number % 3], number)
    for name, size in (("desk-gate-phone", PHONE), ("desk-gate", DESK)):
        tab = board.foreman(browser, size)
        tab.open("/desk")
        _kept(name, tab, "门岗看板")
    money = Money(browser)
    money.books.deposit.pay_in("finance-1", "C1", 100_000, "BANK-1")
    for number in range(5):
        day = (NOW - timedelta(days=4 - number)).date()
        money.books.now.at = NOW - timedelta(days=4 - number)
        for sequence in range(1 + number % 3):
            money.books.take_in(a_line(sequence=number * 10 + sequence, start=money.books.now.at))
        money.books.now.at = closing_time(day)
        money.books.close("C1", day)
    tab = money.desk(DESK)
    tab.open("/desk#/statements/2026-11")
    _kept("desk-statements", tab, "日结账单", "应付保费")


RECORD = """<svg xmlns="http://www.w3.org/2000/svg" width="840" height="1188" viewBox="0 0 840 1188"
 font-family="WenQuanYi Zen Hei, sans-serif" font-size="25" fill="#222"><rect width="840" height="1188" fill="#fbfaf5"/>
<g text-anchor="middle"><text x="420" y="105" font-size="38">上海市浦东新区人民医院</text>
<text x="420" y="160" font-size="32">出院记录</text></g>
<path d="M70 185H770" stroke="#222"/><text x="70" y="230">{facts}</text>
<g>{lines}</g><g fill="none" stroke="#c22" stroke-width="4" opacity=".8"><circle cx="640" cy="1010" r="82"/></g>
<g fill="#c22" text-anchor="middle" opacity=".8">
<text x="640" y="1000">医务专用章</text><text x="640" y="1040">★</text></g></svg>"""
SAID = (
    ("入院", "2026-11-24，急诊以“重物砸伤右足 2 小时”收入骨科。"),
    ("诊断", "右足第一趾近节趾骨骨折（闭合性）。"),
    ("经过", "X 线示趾骨线形骨折，无明显移位；予手法复位、"),
    ("", "石膏固定，消肿止痛，住院观察 3 天。"),
    ("出院", "2026-11-27，肿胀减轻，末梢血运良好。"),
    ("医嘱", "石膏固定四周，休息六周，两周后复查。"),
)


class Papers(Pages):
    """Whoever opens a paper sees a hospital's record."""

    def _uploaded(self, route: Route) -> None:
        lines = "".join(
            f'<text x="70" y="{300 + 60 * at}">{head}</text><text x="150" y="{300 + 60 * at}">{text}</text>'
            for at, (head, text) in enumerate(SAID)
        )
        page = RECORD.format(facts="姓名：王小明　　性别：男　　年龄：36 岁　　住院号：0124771", lines=lines)
        route.fulfill(content_type="image/svg+xml", body=page)


def insurer(browser: Browser) -> None:
    """Queue, a file in two panes."""
    pages = Papers(World())
    claim = pages.world.referred()
    for number in range(7):
        name = f"CL{number:024d}"
        pages.world.claims._claims[name] = claim.model_copy(update={"claim_no": name})
    tab = pages.staff(browser, DESK, Duty.ADJUSTER)
    tab.page.clock.set_fixed_time(NOW + timedelta(days=2))
    tab.open("/staff#/")
    _kept("staff-queue", tab, "待核定")
    tab = pages.staff(browser, DESK, Duty.ADJUSTER)
    tab.page.clock.set_fixed_time(NOW + timedelta(days=2))
    tab.open(f"/staff#/claims/{claim.claim_no}")
    _kept("staff-claim", tab, "历史")


DRAWN: tuple[Callable[[Browser], None], ...] = (worker, company, insurer)


def _draw() -> None:
    patch = pytest.MonkeyPatch()
    configure(patch)
    logging.disable(logging.CRITICAL)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for draw in DRAWN:
            draw(browser)


if __name__ == "__main__":
    _draw()
