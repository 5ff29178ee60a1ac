"""Company people sign in as themselves and see what their roles allow; staff enrol by two persons."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from daycover.platform.callers import Duty
from daycover.projects.roles import OperatorRole
from tests.functional.web.pages import ENDS, ORIGIN, desk_session, staff_session
from tests.functional.web.people_pages import SECRET, TOKEN, PeoplePages
from tests.support.browser import DESKTOP, PHONE, Tab


class People(PeoplePages):
    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self.browser = browser
        self.tabs: list[Tab] = []

    def opened(self, face: str, facts: dict[str, object], size: Mapping[str, int] = DESKTOP) -> Tab:
        self.tabs.append(self.tab(self.browser, size, face, facts))
        return self.tabs[-1]

    def desk(self, *roles: OperatorRole) -> Tab:
        return self.opened("desk", desk_session(*roles))

    def stranger(self) -> Tab:
        return self.opened("nobody", {"token": "t", "ends": ENDS})

    def staff(self, duty: Duty = Duty.FINANCE) -> Tab:
        return self.opened("staff", staff_session("adjuster-2", [duty]))


@pytest.fixture
def people(browser: Browser) -> Iterator[People]:
    made = People(browser)
    yield made
    for tab in made.tabs:
        tab.close()


def test_invited_person_comes_in_when_the_issuer_sends_them_back(people: People) -> None:
    tab = people.stranger()
    tab.open(f"/desk#/invitation/{TOKEN}")
    tab.sees("邀请您使用企业工作台")
    assert TOKEN not in tab.page.url
    tab.fill(name="林负责", owner_id="C1")
    with tab.page.expect_navigation(url=lambda url: "code_challenge=" in url) as left:
        tab.press("登录并接受邀请")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left.value.url).query).items()}
    assert asked["redirect_uri"] == f"{ORIGIN}/desk"
    assert (asked["client_id"], asked["code_challenge_method"]) == ("daycover-desk", "S256")
    tab.open(f"/desk?code=from-the-issuer&state={asked['state']}")
    tab.sees("门岗看板", "浦江劳务")
    (call,) = (body for _, path, body in people.calls if path == "/v1/operator-sessions")
    assert call["acceptance"] == {"invitation": TOKEN, "name": "林负责"}
    assert (call["oidc"]["company_id"], call["oidc"]["code"]) == ("C1", "from-the-issuer")
    assert call["oidc"]["nonce"] == asked["nonce"]
    assert "code=" not in tab.page.url
    assert TOKEN not in tab.stored()
    assert "林负责" not in tab.stored()
    tab.check()


def test_desk_stays_shut_when_nobody_here_asked_for_the_answer(people: People) -> None:
    tab = people.stranger()
    tab.open("/desk?code=stolen&state=another")
    tab.sees("登录没有完成，请重试。")
    assert people.calls == []
    tab.check()


def test_invited_person_says_their_name_first_when_they_come_from_wechat(people: People) -> None:
    tab = people.stranger()
    tab.open(f"/desk?code=from-wechat#/invitation/{TOKEN}")
    tab.sees("邀请您使用企业工作台")
    assert people.calls == []
    tab.page.get_by_role("form", name="用微信接受邀请").locator("[name=name]").fill("林负责")
    tab.press("用微信接受邀请")
    tab.sees("门岗看板")
    (call,) = people.calls
    assert call[2] == {"login_code": "from-wechat", "acceptance": {"invitation": TOKEN, "name": "林负责"}}
    tab.check()


def test_person_of_two_companies_chooses_one_when_they_sign_in(people: People) -> None:
    people.member_of = ("C1", "C2")
    tab = people.stranger()
    tab.open("/desk?code=from-wechat")
    tab.sees("选择公司")
    tab.press("打开 甬江劳务")
    tab.sees("门岗看板", "甬江劳务")
    tab.follow("换公司")
    tab.press("打开 浦江劳务")
    tab.sees("门岗看板", "浦江劳务")
    tab.check()


def test_each_role_sees_its_own_pages_when_signed_in(people: People) -> None:
    wanted = {
        OperatorRole.OWNER: ["门岗", "项目", "工种确认", "账单", "授信与月度", "操作员"],
        OperatorRole.OPERATOR: ["门岗", "项目", "工种确认"],
        OperatorRole.FINANCE: ["门岗", "项目", "账单", "授信与月度"],
        OperatorRole.AUDITOR: ["门岗", "项目", "账单", "授信与月度", "操作员"],
    }
    for role, pages in wanted.items():
        tab = people.desk(role)
        tab.open("/desk")
        runs_sites = role in {OperatorRole.OWNER, OperatorRole.OPERATOR}
        tab.sees("门岗看板" if runs_sites else "用工项目")
        tab.open("/desk#/projects")
        tab.sees("还没有项目。")
        assert tab.page.locator("header nav a").all_inner_texts() == pages, role
        assert (tab.page.get_by_role("link", name="新建项目").count() == 1) is runs_sites
        tab.check()


def test_owner_invites_and_removes_when_the_people_change(people: People) -> None:
    tab = people.desk(OperatorRole.OWNER)
    tab.open("/desk#/operators")
    tab.sees("林负责", "周现场", "这是您自己")
    assert tab.page.get_by_role("button", name="移除").count() == 1, "nobody removes themselves"
    tab.page.locator("summary", has_text="邀请操作员").click()
    invite = tab.page.get_by_role("form", name="生成邀请链接")
    invite.get_by_label("现场").uncheck()
    tab.press("生成邀请链接")
    tab.sees("请至少选一个岗位。")
    invite.get_by_label("财务").check()
    tab.press("生成邀请链接")
    link = tab.page.get_by_label("链接", exact=True)
    link.wait_for()
    assert link.input_value() == f"{ORIGIN}/desk#/invitation/{TOKEN}"
    assert people.calls[-1][2] == {"roles": ["FINANCE"]}
    tab.page.reload()
    tab.sees("未接受的邀请")
    assert tab.page.get_by_label("链接", exact=True).count() == 0
    tab.press("移除")
    tab.page.get_by_role("dialog").get_by_role("button", name="移除").click()
    tab.sees("已移除")
    tab.page.locator("nav.tabs").get_by_role("link", name="操作记录").click()
    tab.sees("更改岗位", "林负责", "周现场")
    tab.press("显示更多")
    tab.sees("新建项目", "服务商 sp-1")
    assert TOKEN not in tab.stored()
    tab.check()


def test_auditor_looks_on_when_the_people_change(people: People) -> None:
    tab = people.desk(OperatorRole.AUDITOR)
    tab.open("/desk#/operators")
    tab.sees("周现场")
    assert tab.page.locator("main form, main .act").count() == 0
    tab.check()


def test_secret_is_shown_once_when_another_person_approves(people: People) -> None:
    tab = people.staff()
    tab.open("/staff#/enrolment")
    tab.sees("签发接口密钥", "待批准")
    tab.press("批准")
    tab.page.get_by_role("dialog").get_by_role("button", name="批准").click()
    secret = tab.page.get_by_label("密钥", exact=True)
    secret.wait_for()
    assert secret.input_value() == SECRET
    tab.sees("只显示这一次")
    tab.page.reload()
    tab.sees("已批准")
    assert tab.page.get_by_label("密钥", exact=True).count() == 0
    assert SECRET not in tab.stored()
    tab.check()


def test_own_proposal_is_for_another_to_approve_when_it_is_made(people: People) -> None:
    people.proposals = []
    tab = people.staff()
    tab.open("/staff#/enrolment/providers")
    tab.page.locator("summary", has_text="登记服务商").click()
    tab.fill(provider_id="sp-2", name="新聘服务")
    tab.press("提交申请")
    tab.sees("登记服务商：新聘服务、sp-2", "这是您自己提交的，须由另一人批准。")
    assert tab.page.get_by_role("button", name="批准").count() == 0
    assert people.calls[-1][2] == {"provider_id": "sp-2", "name": "新聘服务", "oidc": None}
    tab.check()


def test_credential_ends_when_staff_revoke_it(people: People) -> None:
    tab = people.staff()
    tab.open("/staff#/enrolment/providers")
    tab.press("吊销")
    tab.page.get_by_role("dialog").get_by_role("button", name="吊销").click()
    tab.sees("已吊销")
    tab.check()


def test_next_contract_is_sent_in_basis_points_when_it_is_proposed(people: People) -> None:
    tab = people.staff()
    tab.open("/staff#/enrolment/companies/C1")
    tab.sees("浦江劳务", "12.5%", "sp-1", "全部在售计划", "最多 50 万人")
    tab.page.locator("summary", has_text="提交下一份协议").click()
    tab.page.locator("[name=which_plans]").select_option("some")
    tab.page.locator("[name=billing]").select_option("PREPAID")
    tab.fill(
        valid_from="2027-01-01", insurer="paic", plans="T1、T2", due_days="7", commission="0.29", people="51"
    )
    tab.press("提交申请")
    tab.sees("一人提交，另一人批准")
    contract = {"valid_from": "2027-01-01", "insurer": "paic", "plans": ["T1", "T2"], "due_days": 7}
    assert people.calls[-1][2] == {
        "company_id": "C1",
        "contract": contract | {"billing": "PREPAID", "commission_bps": 29, "partitions": 2},
    }
    tab.check()


def test_auditor_reads_only_when_companies_come_in(people: People) -> None:
    tab = people.staff(Duty.AUDITOR)
    for page in ("", "/providers", "/companies/C1"):
        tab.open(f"/staff#/enrolment{page}")
        tab.page.locator("nav.tabs").wait_for()
        assert tab.page.locator("main form, main .act").count() == 0, page
    tab.check()


def test_pages_fit_a_phone_when_opened_at_the_gate(people: People) -> None:
    pages = [
        ("desk", desk_session(OperatorRole.OWNER), "/desk#/operators", "周现场"),
        ("desk", desk_session(OperatorRole.OWNER), "/desk#/operators/deeds", "更改岗位"),
        ("nobody", {"token": "t", "ends": ENDS}, f"/desk#/invitation/{TOKEN}", "邀请您使用企业工作台"),
        ("staff", staff_session("adjuster-2", [Duty.FINANCE]), "/staff#/enrolment/companies/C1", "浦江劳务"),
        ("staff", staff_session("adjuster-2", [Duty.FINANCE]), "/staff#/enrolment/providers", "云聘服务"),
    ]
    for face, facts, path, text in pages:
        tab = people.opened(face, facts, PHONE)
        tab.open(path)
        tab.sees(text)
        for folded in tab.page.locator("main summary").all():
            folded.click()
        assert tab.fits(), path
        tab.check()


def test_pages_speak_english_when_asked_to(people: People) -> None:
    tab = people.desk(OperatorRole.OWNER)
    tab.open("/desk#/operators")
    tab.press("English")
    tab.sees("Invite an operator", "Company account", "Owner")
    assert tab.page.locator("html").get_attribute("lang") == "en"
    console = people.staff()
    console.open("/staff#/enrolment")
    console.press("English")
    console.sees("Issue a client secret", "To be approved")
    console.check()
