"""Work that the table does not list, in the browser: a company asks, an underwriter answers, a project opens with it.

The API is the real handlers behind the pages, on moto.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Route

from daycover.platform.callers import Duty
from tests.functional.cover.gate import Gate
from tests.functional.web.pages import DESK_SESSION, Served, staff_session
from tests.support.browser import DESKTOP, Tab
from tests.support.events import read_event
from tests.support.functions import event_file

ROUTES = {
    r"GET /v1/occupations": ("read_tariff", "trucks.200"),
    r"GET /v1/companies/(?P<company_id>[^/]+)/occupation-referrals": ("refer_occupation", "list.200"),
    r"POST /v1/companies/(?P<company_id>[^/]+)/occupation-referrals": ("refer_occupation", "new.201"),
    r"GET /v1/staff/occupation-referrals": ("answer_occupation", "list.200"),
    r"POST /v1/staff/companies/(?P<company_id>[^/]+)/occupation-referrals/(?P<referral_id>[^/]+)/answer": (
        "answer_occupation",
        "accept.200",
    ),
    r"POST /v1/companies/(?P<company_id>[^/]+)/projects": ("create_project", "valid.201"),
    r"GET /v1/companies/(?P<company_id>[^/]+)/projects": ("read_projects", "company.200"),
    r"GET /v1/companies/(?P<company_id>[^/]+)/projects/(?P<project_id>[^/]+)": ("read_projects", "one.200"),
    r"GET /v1/companies/(?P<company_id>[^/]+)/projects/(?P<project_id>[^/]+)/roster": (
        "read_roster",
        "company.200",
    ),
    r"GET /v1/companies/(?P<company_id>[^/]+)/gate": ("read_roster", "gate_company.200"),
}


class Site(Served):
    """Both faces in front of one gate."""

    def __init__(self, gate: Gate, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._gate = gate
        self._browser = browser
        self._patch = monkeypatch
        self._callers: dict[str, dict[str, str]] = {}
        """Who has which token, as the authorizer describes them."""
        self._caller: dict[str, str] = {}

    def desk(self) -> Tab:
        return self._signed_in("desk", DESK_SESSION, {"role": "company", "subject": "C1"})

    def staff(self, duty: Duty) -> Tab:
        caller = {"role": "staff", "subject": "s-1", "staff_roles": duty.value}
        return self._signed_in("staff", staff_session("s-1", [duty]), caller)

    def _signed_in(self, face: str, session: Mapping[str, Any], caller: dict[str, str]) -> Tab:
        self._callers[session["token"]] = caller
        return self.tab(self._browser, DESKTOP, face, session)

    def _serve(self, route: Route) -> None:
        token = route.request.headers.get("authorization", "").removeprefix("Bearer ")
        self._caller = self._callers.get(token, {})
        super()._serve(route)

    def answer(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        known = (
            (function, case, match)
            for pattern, (function, case) in ROUTES.items()
            if (match := re.fullmatch(pattern, f"{method} {path}"))
        )
        handled = next(known, None)
        if handled is None:  # what badges ask for
            return super().answer(method, path, query, body)
        function, case, found = handled
        event = read_event(event_file(function, case), self._gate.values)
        event["path"] = event["requestContext"]["path"] = path
        event["pathParameters"] = {name: unquote(value) for name, value in found.groupdict().items()} or None
        event["queryStringParameters"] = {name: values[-1] for name, values in query.items()} or None
        event["multiValueQueryStringParameters"] = dict(query) or None
        event["requestContext"]["authorizer"] = self._caller
        event["body"] = None if body is None else json.dumps(body)
        answer = self._gate.invoke(function, event, self._patch)
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def site(gate: Gate, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(gate, browser, monkeypatch)


def open_with(desk: Tab, words: str, label: str) -> None:
    desk.open("/desk#/new")
    desk.fill(query=words)
    desk.page.get_by_label(label).first.check()


def send(desk: Tab) -> None:
    desk.fill(name="琥珀车间", employer_name="东海工艺", point="121.8123, 29.9456", ends_on="2026-12-30")
    desk.page.locator("[name=datum]").select_option("GCJ02")
    desk.press("创建并开放")


def test_company_is_led_from_an_empty_search_to_a_project_when_an_underwriter_answers(site: Site) -> None:
    desk = site.desk()
    desk.open("/desk#/new")
    desk.fill(query="琥珀雕花")
    desk.sees("请核保员确认类别,确认后即可选用")
    desk.follow("请核保员确认")
    desk.sees("职业表外工种", "还没有申请。")
    assert desk.page.locator("[name=name]").input_value() == "琥珀雕花"
    desk.fill(tasks="手工雕刻琥珀", place="室内", height_m="0", tools="刻刀", certificates="没有")
    desk.press("请核保员确认")
    desk.sees("已提交", "等待核保员答复", "期限")

    staff = site.staff(Duty.ADJUSTER)
    staff.open("/staff#/occupations")
    staff.sees("琥珀雕花 · 浦江劳务", "手工雕刻琥珀", "等待核保员答复")
    staff.fill(name_en="Amber carver", reason_zh="手持刻刀,与手工装配相近", reason_en="Like handicraft")
    staff.page.locator("[name=occupation_class]").select_option("5")
    staff.press("答复")
    staff.sees("须由高级核保员答复")
    staff.page.locator("[name=occupation_class]").select_option("3")
    staff.page.get_by_label("无有效焊接与热切割作业操作证").check()
    staff.press("答复")
    staff.sees("没有等待答复的工种。")

    desk.open("/desk#/occupations")
    desk.page.reload()
    desk.sees("已答复", "琥珀雕花 · 3 类", "手持刻刀,与手工装配相近", "不赔：无有效焊接与热切割作业操作证")
    open_with(desk, "琥珀雕花", "琥珀雕花")
    send(desk)
    desk.sees("琥珀车间", "琥珀雕花 · 3 类", "本工种不赔")
    desk.check()
    staff.check(refusals=[403])
    desk.close()
    staff.close()


def test_company_is_told_which_truck_it_is_when_the_answers_say_so(site: Site) -> None:
    desk = site.desk()
    open_with(desk, "开货车", "轻型货车司机")
    desk.page.get_by_label("车辆总质量是多少吨").fill("4.5")
    desk.page.get_by_label("最长的单程是多少公里").fill("60")
    send(desk)
    desk.sees("按所答内容,应选“货车司机(4 吨及以上)”")
    desk.page.get_by_label("货车司机(4 吨及以上)").first.check()
    desk.page.get_by_label("车辆总质量是多少吨").fill("4.5")
    desk.page.get_by_label("最长的单程是多少公里").fill("60")
    desk.press("创建并开放")
    desk.sees("货车司机(4 吨及以上) · 5 类", "4.5 吨", "60 公里")
    desk.check(refusals=[422])
    desk.close()


def test_underwriter_says_which_occupation_of_the_table_it_is_when_it_is_one(site: Site) -> None:
    desk = site.desk()
    desk.open("/desk#/occupations/%E7%A0%8C%E7%81%B6%E5%8F%B0")
    desk.fill(tasks="砌筑灶台", place="厨房", height_m="1", tools="瓦刀", certificates="没有")
    desk.press("请核保员确认")
    desk.sees("已提交")
    staff = site.staff(Duty.SENIOR_ADJUSTER)
    staff.open("/staff#/occupations")
    staff.page.locator("[name=verdict]").select_option("LISTED")
    staff.fill(query="瓦工", reason_zh="即瓦工", reason_en="It is bricklaying")
    staff.page.locator("[name=query]").blur()
    staff.page.locator("[name=listed_code] option").first.wait_for(state="attached")
    staff.page.locator("[name=listed_code]").select_option("BRICKLAYER")
    staff.press("答复")
    staff.sees("没有等待答复的工种。")
    desk.page.reload()
    desk.sees("即职业表中的工种", "新建项目时查“砌灶台”即可选用。")
    desk.open("/desk#/new")
    desk.fill(query="砌灶台")
    desk.sees("瓦工(砌筑工)")
    for tab in (desk, staff):
        tab.check()
        tab.close()
