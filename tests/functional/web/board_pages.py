"""The gate board in a browser: a company of many gates, on the use cases of its worlds in memory."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from playwright.sync_api import Browser, Route

from daycover import crockford
from daycover.api.cover.gate import SiteReferralView, gate_view
from daycover.api.cover.roster import roster_view
from daycover.api.projects.company import ProjectsView, ProjectView
from daycover.cover.ask_referral import AskReferral
from daycover.cover.decide_referral import ConfirmReferral, SiteDecline
from daycover.cover.disclosure import HOTLINE, INSURER
from daycover.cover.gate import ReadGate
from daycover.cover.presence import Visit, Why
from daycover.cover.referral import Document, ReferralReason
from daycover.cover.roster import line_of
from daycover.identity.document import IdDocumentType
from daycover.projects.code import issue_token
from daycover.projects.image import draw_code, poster_sheet
from daycover.projects.project import Project
from daycover.projects.roles import OperatorRole
from tests.functional.web.gate_pages import GatePages
from tests.functional.web.pages import ORIGIN, desk_session
from tests.support.browser import Tab
from tests.support.builders import a_policy, a_project
from tests.support.fakes.cover import FakeCoverLines
from tests.unit.cover.world import code_key

Answered = tuple[int, dict[str, Any]]
Query = Mapping[str, list[str]]
SURNAMES = "赵钱孙李周吴郑王冯陈"
GIVEN = "一二三四五六七八九十"


def name_of(number: int) -> str:
    """Two hundred and fifty given names, so that of 500 people each has a namesake."""
    return f"{SURNAMES[number % 10]}{GIVEN[number // 10 % 10]}{GIVEN[number % 250 // 25]}"


class BoardPages(GatePages):
    """A company with gates; `role` is that of whoever sits at the desk, `status` what the board is answered."""

    def __init__(self, projects: int = 3, role: OperatorRole = OperatorRole.OWNER) -> None:
        super().__init__()
        self.lines = FakeCoverLines()
        self.read_roster = self.read_roster.__class__(
            now=self.world.now,
            projects=self.run,
            lines=self.lines,
            visits=self.world.visits,
            accounts=self.world.workers,
        )
        self.gates: list[Project] = [self.project]
        for number in range(2, projects + 1):
            self.gates.append(
                a_project(project_id=crockford.encode(100 + number, 26), name=f"{number}号门", headcount=40)
            )
            self.world.projects.add(self.gates[-1])
        self.role = role
        self.status = 200
        self.read_gate = ReadGate(
            now=self.world.now,
            projects=self.world.projects,
            roster=self.read_roster,
            referrals=self.world.referrals,
        )
        self.ask_referral = AskReferral(
            now=self.world.now,
            new_id=lambda _: crockford.encode(900 + len(self.world.referrals._referrals), 26),
            projects=self.world.projects,
            code_key=code_key,
            check_ins=self.world.check_ins,
            policies=self.world.policies,
            index=self.world.index,
            referrals=self.world.referrals,
        )
        self.confirm_referral = ConfirmReferral(now=self.world.now, referrals=self.world.referrals)

    def foreman(self, browser: Browser, size: Mapping[str, int], *scripts: str) -> Tab:
        return self.tab(browser, size, "desk", desk_session(self.role), scripts)

    def out(self, gate: Project, number: int, name: str, phone: str | None = None, **changes: Any) -> None:
        """Somebody is at a gate without cover."""
        facts = {"why": Why.OUTSIDE_SITE, "distance_m": 420, "consented": True} | changes
        self.world.visits.record(
            Visit(
                project_id=gate.project_id,
                worker_id=f"out-{number:04d}",
                seen_at=self.world.now() - timedelta(seconds=number),
                name=name,
                phone=phone,
                **facts,
            )
        )

    def insured(self, gate: Project, number: int) -> None:
        policy = a_policy(person_id=f"{number:016d}", worker_id=f"in-{number}", project_id=gate.project_id)
        self.lines.record(line_of(policy).model_copy(update={"policy_no": f"{gate.project_id}{number:04d}"}))

    def asks(self, openid: str, name: str = "王小明", number: str = "E12345678") -> str:
        """Somebody asks for a referral at the first gate."""
        worker = self.world.worker(openid, self.project)
        shown = Document(type=IdDocumentType.PASSPORT, name=name, number=number, birth_date=date(1990, 3, 7))
        token, _ = issue_token(self.project, code_key)
        return self.ask_referral(worker, token, ReferralReason.DOCUMENT_TYPE, shown).referral_id

    def _serve(self, route: Route) -> None:
        if "format=png" in route.request.url:
            route.fulfill(content_type="image/png", body=draw_code("png", self._link))
        else:
            super()._serve(route)

    def picture(self, path: str, query: str) -> bytes | None:
        if not path.endswith("/qr-code"):
            return None
        if "format=sheet" in query:
            return poster_sheet(self._link, self.project, INSURER, HOTLINE)
        return draw_code("svg", self._link)

    @property
    def _link(self) -> str:
        return f"{ORIGIN}/s/{issue_token(self.project, code_key)[0]}"

    # ---- the API

    def answer(self, method: str, path: str, query: Query, body: Any) -> Answered:
        if self.status != 200 and path.endswith("/gate"):
            return self.status, {"title": "您不能操作", "status": self.status, "detail": "请稍后再试。"}
        return super().answer(method, path, query, body)

    def _projects(self, _: str, query: Query, body: Any) -> Answered:
        views = [ProjectView.of(project) for project in self.run.list_of("C1")]
        return 200, ProjectsView(projects=views).model_dump(mode="json")

    def _gate(self, _: str, query: Query, body: Any) -> Answered:
        found = self.read_gate("C1", query.get("page", [""])[0] or None, in_clear=True)
        return 200, gate_view(found).model_dump(mode="json")

    def _named_roster(self, project_id: str, query: Query, body: Any) -> Answered:
        rows, page = int(query.get("rows", ["200"])[0]), query.get("page", [""])[0]
        found = self.read_roster("C1", project_id, rows, page or None, in_clear=True)
        return 200, roster_view(found).model_dump(mode="json")

    def _referrals(self, project_id: str, query: Query, body: Any) -> Answered:
        now, found = self.world.now(), self.confirm_referral.of_project("C1", project_id)
        return 200, {"referrals": [SiteReferralView.at_site(r, now).model_dump(mode="json") for r in found]}

    def _confirm(self, path: str, query: Query, body: Any) -> Answered:
        project_id, referral_id = path.split("/referrals/")
        done = self.confirm_referral("C1", project_id, referral_id, "operator", "O1")
        return 200, SiteReferralView.at_site(done, self.world.now()).model_dump(mode="json")

    def _decline(self, path: str, query: Query, body: Any) -> Answered:
        project_id, referral_id = path.split("/referrals/")
        because = SiteDecline(body["reason"])
        done = self.confirm_referral.decline("C1", project_id, referral_id, "operator", "O1", because=because)
        return 200, SiteReferralView.at_site(done, self.world.now()).model_dump(mode="json")

    routes: ClassVar = GatePages.routes | {
        r"GET /v1/companies/C1/(gate)": _gate,
        r"GET /v1/companies/C1/(projects)": _projects,
        r"GET /v1/companies/C1/projects/([^/]+)/roster": _named_roster,
        r"GET /v1/companies/C1/projects/([^/]+)/referrals": _referrals,
        r"POST /v1/companies/C1/projects/([^/]+/referrals/[^/]+)/confirmation": _confirm,
        r"POST /v1/companies/C1/projects/([^/]+/referrals/[^/]+)/decline": _decline,
    }
