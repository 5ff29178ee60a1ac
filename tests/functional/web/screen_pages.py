"""A world for every screen of each face: names as long as people and companies have them, and no names at all."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from playwright.sync_api import Route

from daycover import crockford
from daycover.api.access.enrolment import EnrolledCompaniesView
from daycover.api.claims.queues import notice_view
from daycover.api.cover.certificates import certificate_page, verification_page
from daycover.api.cover.occupations import OccupationReferralsView, WaitingOccupationsView
from daycover.api.cover.referrals import ReferralsView
from daycover.api.cover.signals import SignalsView
from daycover.api.cover.terms import terms_page
from daycover.books.journal import closing_time
from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import Decision
from daycover.cover.certificate import Certificate, CertificateVerdict
from daycover.cover.certify import IssuedCertificate, Verification
from daycover.cover.check_in import CheckInStatus
from daycover.cover.evidence import BY_CODE, Signal
from daycover.cover.policy import PolicyStatus
from daycover.cover.signals import Flagged, FlaggedPage
from daycover.cover.terms import terms
from daycover.platform.pages import filled_page
from daycover.projects.code import issue_token
from daycover.projects.company import Company
from daycover.projects.enrol import ProposalKind, ProposalStatus
from daycover.projects.image import draw_code
from daycover.projects.operator import Invitation
from daycover.projects.project import Project
from daycover.projects.roles import OperatorRole
from daycover.reporting.breaks import BreakKind, Difference, opened
from tests.functional.cover.gate import ROOT
from tests.functional.cover.test_referrals import a_referral, confirmed
from tests.functional.web.board_pages import BoardPages
from tests.functional.web.gate_pages import GatePages
from tests.functional.web.pages import ORIGIN, Pages, Served, terms_at
from tests.functional.web.people_pages import PeoplePages, a_company, an_operator
from tests.functional.web.test_claim_pages import failed, wanted
from tests.functional.web.test_underwriting_pages import UnderwritingPages
from tests.support.builders import NOW, WORKER, a_line, a_policy, a_project
from tests.support.claims import ACCIDENT_AT, a_notice
from tests.support.papers import a_png
from tests.unit.claims.world import World
from tests.unit.cover.test_occupation_referral import REFUSAL, accepted
from tests.unit.cover.test_occupation_referral import Desk as Occupations
from tests.unit.cover.world import code_key

COMPANY = "阿克苏地区温宿县丝路新天地人力资源服务外包有限责任公司乌鲁木齐第一分公司"
EMPLOYER = "新疆生产建设兵团第一师阿拉尔市塔里木河流域水利工程建设管理局物流产业园"
PROJECT = "二〇二六年度双十一至年货节快递包裹分拣转运（夜班）第三标段"
PERSON = "阿卜杜热合曼·买买提明·艾力江"
WORK = "高层建筑外立面玻璃幕墙安装、清洗及吊篮操作作业人员（含地面监护）"
LONG = a_project(company_name=COMPANY, employer_name=EMPLOYER, name=PROJECT, occupation_zh=WORK)
KNOWN = (
    *(COMPANY, EMPLOYER, PROJECT, PERSON, WORK, "艾力·买买提", "王小明", "王**", "李四", "周现场"),
    *("浦江劳务", "甬江劳务", "东方物流", "云聘服务", "双十一分拣", "2号门", "3号门", "市第二人民医院"),
    *("三号分拣线", "脚趾被传送带夹伤", "右脚拇趾骨折", "住院费", "单据齐全", "非意外事故"),
    *("右下角的印章被手指挡住了", "两张发票与本次事故无关，已扣除", "上海市浦东新区张江路1号", "阿*******"),
    *("爆破作业", "琥珀雕花", "手工打磨琥珀原石", "室内工作台", "砂纸、小型磨机", "不需要"),
    *("平安产险", "中国平安财产保险股份有限公司", "深圳市福田区益田路5033号平安金融中心", "微工卡"),
)
"""Names, and what somebody typed: Chinese in whichever language a page speaks."""
Answered = tuple[int, dict[str, Any]]
Query = Mapping[str, list[str]]


class Worlds(Served):
    """Several worlds behind one face: the first that knows a path answers. While `is_empty` its lists hold nothing."""

    empty: ClassVar[Mapping[str, dict[str, Any]]] = {}

    def __init__(self, *worlds: Served) -> None:
        super().__init__()
        self.worlds = worlds
        self.is_empty = False

    def answer(self, method: str, path: str, query: Query, body: Any) -> Answered:
        asked = f"{method} {path}"
        if self.is_empty:
            for pattern, answer in self.empty.items():
                if re.fullmatch(pattern, asked):
                    return 200, answer
        for pattern, own in self.routes.items():
            if match := re.fullmatch(pattern, asked):
                return own(self, match[1], query, body)
        for world in self.worlds:
            if any(re.fullmatch(pattern, asked) for pattern in world.routes):
                world.language = self.language
                return world.answer(method, path, query, body)
        raise AssertionError(f"nobody answers {asked}")

    def picture(self, path: str, query: str) -> bytes | None:
        found = (world.picture(path, query) for world in self.worlds)
        return next((picture for picture in found if picture is not None), None)

    def _uploaded(self, route: Route) -> None:
        route.fulfill(content_type="image/png", body=a_png("page", 800, 1100))


def claims_of(world: World) -> dict[str, Claim]:
    """One claim of each kind that a page shows in its own way."""

    def at(minutes: int) -> dict[str, Any]:
        return {"occurred_at": ACCIDENT_AT - timedelta(minutes=minutes)}

    rejected = world.reported(**at(1))
    sent = world.send(rejected, DocumentType.DIAGNOSIS)
    verdict = DocumentVerdict(DocumentStatus.REJECTED, "UNREADABLE", "右下角的印章被手指挡住了")
    world.judge("S1", rejected.claim_no, sent.document_id, verdict)
    less = Verdict(Decision.PARTIAL, 100_000, "PARTLY_PROVEN", "两张发票与本次事故无关，已扣除")
    no = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外事故")
    decided = []
    for number, said in ((2, less), (3, no)):
        claim = world.referred(invoice_no=f"N{number}", **at(number))
        world.decide("S1", claim.claim_no, said)
        decided.append(world.acknowledge("S2", claim.claim_no, True, None))
    offered, declined = decided
    return {
        "documents": rejected,
        "offered": offered,
        "queued": world.referred(invoice_no="N4", **at(4)),
        "refused": world.follow.notify_refusal(declined.claim_no),
    }


class OfClaims(Pages):
    """The worker's claims; what is not about them answers the gate."""

    routes: ClassVar = {
        pattern: answer
        for pattern, answer in Pages.routes.items()
        if re.search("claims|designation|loss-notices", pattern) and "/staff/" not in pattern
    }


class WorkerScreens(Worlds):
    """A worker with policies, claims, a referral and somebody whom they act for."""

    empty: ClassVar = {
        r"GET /v1/policies": {"policies": [], "before": None},
        r"GET /v1/claims": {"claims": [], "representations": []},
        r"GET /v1/loss-notices": {"loss_notices": []},
        r"GET /v1/referrals": {"referrals": []},
        r"GET /v1/consents": {"consents": [], "next": None},
    }

    def __init__(self) -> None:
        self.of_claims, self.gate = OfClaims(World()), GatePages(LONG)
        super().__init__(self.of_claims, self.gate)
        self.claims = {"face": wanted(self.of_claims.world)} | claims_of(self.of_claims.world)
        checked = self.of_claims.world.prove_identity.start(WORKER, self.claims["face"].claim_no)
        assert checked.check is not None
        self.check_id = str(checked.check.number)
        world, worker_id = self.gate.world, self.gate.worker_id
        world.consent(worker_id, LONG)
        self.policy = world.cover(worker_id, LONG)
        self.covered = self._scanned(LONG)
        new, begun = (LONG.model_copy(update={"project_id": crockford.encode(n, 26)}) for n in (77, 78))
        for project in (new, begun):
            world.projects.add(project)
        self.new = self._scanned(new)
        world.consent(worker_id, begun)
        self.check_in = world.begin(worker_id, begun)

    @staticmethod
    def _scanned(project: Project) -> str:
        """The path that the code at a gate leads to."""
        return f"/s/{issue_token(project, code_key)[0]}"

    def _referrals(self, _: str, query: Query, body: Any) -> Answered:
        found = [a_referral(1), confirmed(a_referral(2))]
        return 200, ReferralsView.of(found, NOW).model_dump(mode="json")

    routes: ClassVar = {r"GET /v1/(referrals)": _referrals}


class OwnOccupations(Served):
    """What companies asked about their work: answered, refused and waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Occupations()
        self.desk.answer(self.desk.ask(name=WORK[:40], tasks=WORK * 3), accepted())
        self.desk.answer(self.desk.ask(name="爆破作业"), REFUSAL)
        self.desk.ask(name="琥珀雕花")

    def _of_company(self, _: str, query: Query, body: Any) -> Answered:
        view = OccupationReferralsView.of(self.desk.refer.of("C1"), NOW)
        return 200, view.model_dump(mode="json")

    def _waiting(self, _: str, query: Query, body: Any) -> Answered:
        waiting = OccupationReferralsView.of(self.desk.decide.waiting(), NOW + timedelta(days=2))
        clauses = tuple(self.desk.decide.clauses())
        view = WaitingOccupationsView(referrals=waiting.referrals, clauses=clauses)
        return 200, view.model_dump(mode="json")

    routes: ClassVar = {
        r"GET /v1/companies/C1/(occupation-referrals)": _of_company,
        r"GET /v1/staff/(occupation-referrals)": _waiting,
    }


class LongPeople(PeoplePages):
    """Companies and people with long names, and the money of a few days."""

    def __init__(self) -> None:
        super().__init__()
        self.companies = {"C1": a_company("C1", COMPANY), "C2": a_company("C2", "甬江劳务")}
        self.operators = [
            an_operator("C1", "O1", PERSON, OperatorRole.OWNER, OperatorRole.FINANCE),
            an_operator("C1", "O2", "周现场", OperatorRole.OPERATOR),
        ]
        self.invitations = [
            Invitation(
                company_id="C1",
                invitation_id="I1",
                sha256="0" * 64,
                roles=(OperatorRole.OPERATOR,),
                invited_by="O1",
                invited_at=NOW,
            )
        ]
        revoke = self._proposal("P3", ProposalKind.ISSUE_CREDENTIAL, "senior-2", NOW)
        self.proposals.append(revoke.settled(ProposalStatus.APPROVED, "senior-1", NOW))
        self.books.projects.add(LONG)
        self.contract()
        self.books.deposit.pay_in("finance-1", "C1", 100_000, "BANK-1")
        for number in range(3):
            self.books.now.at = NOW - timedelta(days=2 - number)
            self.books.take_in(a_line(sequence=number, start=self.books.now.at))
            day = date(2026, 11, 22) + timedelta(days=number)
            self.books.now.at = closing_time(day)
            for company_id in ("C0", "C1", "C2"):
                self.books.close(company_id, day)
        for number, kind in enumerate((BreakKind.JOURNAL_AMOUNT, BreakKind.REPORT_MISSING)):
            difference = Difference(
                kind=kind,
                day=date(2026, 11, 24),
                company_id="C1",
                subject=f"DC{number:04d}",
                expected_fen=70,
                found_fen=100,
            )
            self.breaks.add(opened(difference, NOW - timedelta(hours=number * 30)))

    def _all_companies(self, _: str, query: Query, body: Any) -> Answered:
        view = EnrolledCompaniesView.of(list(self.companies.values()), None)
        return 200, view.model_dump(mode="json")

    routes: ClassVar = {r"GET /v1/staff/(companies)": _all_companies} | dict(PeoplePages.routes)


class DeskScreens(Worlds):
    """A company of long names with people at its gate, its occupations, its people and its money."""

    empty: ClassVar = {
        r"GET /v1/companies/C1/projects": {"projects": []},
        r"GET /v1/companies/C1/gate": {
            "at": "2026-11-24T00:30:00Z",
            "projects": [],
            "projects_count": 0,
            "page_size": 25,
            "next": None,
            "reasons": [],
        },
        r"GET /v1/companies/C1/occupation-referrals": {"referrals": []},
        r"GET /v1/companies/C1/deeds": {"deeds": [], "next_page": None},
    }

    def __init__(self) -> None:
        self.board = BoardPages()
        self.people = LongPeople()
        super().__init__(self.board, self.people, OwnOccupations())
        board, world = self.board, self.board.world
        project = LONG.model_copy(update={"project_id": board.project.project_id})
        world.projects._projects[project.project_id] = project
        board.project = board.gates[0] = project
        board.out(project, 1, PERSON, "13800138000")
        board.out(board.gates[1], 2, "李四")
        board.insured(project, 3)
        board.asks("o-asks", PERSON)


class StaffScreens(Worlds):
    """The insurer's console with something in each of its pages."""

    empty: ClassVar = {
        r"GET /v1/staff/claims": {
            "claims": [],
            "waiting": 0,
            "matched": 0,
            "page": 1,
            "pages": 1,
            "counts": [{"queue": "DECISION", "waiting": 0, "overdue": 0}],
        },
        r"GET /v1/staff/claim-search": {"claims": []},
        r"GET /v1/staff/referrals": {"referrals": []},
        r"GET /v1/staff/occupation-referrals": {"referrals": [], "clauses": []},
        r"GET /v1/staff/projects/[^/]+/signals": {"check_ins": [], "next": None},
        r"GET /v1/staff/breaks": {"breaks": [], "next_page": None},
        r"GET /v1/staff/proposals": {"proposals": [], "next_page": None},
        r"GET /v1/staff/providers": {"providers": [], "next_page": None},
        r"GET /v1/staff/companies": {"companies": [], "next_page": None},
        r"GET /v1/staff/accounts": {"accounts": [], "next_page": None},
    }

    def __init__(self) -> None:
        self.pages = Pages(World())
        self.underwriting = UnderwritingPages()
        super().__init__(self.pages, self.underwriting, LongPeople(), OwnOccupations())
        world = self.pages.world
        self.claims = {"failed": failed(world, "BANK_CARD_STATUS_ABNORMAL")} | claims_of(world)
        self.notice = a_notice("RN1")
        world.notices.add(self.notice)

    def _signals(self, project_id: str, query: Query, body: Any) -> Answered:
        found = [BY_CODE[code] for code in ("FACE_FAILED", "TWO_PLACES", "DEVICE_CLOCK_SKEW")]
        line = Flagged(
            check_in_id="20261124-01",
            worker_id="w-1",
            project_id=project_id,
            company_id="C1",
            insured_name="阿*******",
            at=NOW,
            status=CheckInStatus.ISSUED,
            policy_no=a_policy().policy_no,
            distance_m=120,
            score=90,
            signals=tuple(Signal(code=o.code, check=o.check, score=o.score, weight=o.weight) for o in found),
        )
        return 200, SignalsView.of(FlaggedPage([line], None)).model_dump(mode="json")

    def _notice(self, report_no: str, query: Query, body: Any) -> Answered:
        return 200, notice_view(self.notice).model_dump(mode="json")

    routes: ClassVar = {
        r"GET /v1/staff/projects/([^/]+)/signals": _signals,
        r"GET /v1/staff/loss-notices/([^/]+)": _notice,
    }


class StandingPages(Worlds):
    """What is served as it stands, in both languages at once: certificates, what they are found to be, the terms."""

    def __init__(self) -> None:
        super().__init__()
        certificate = Certificate.of(a_policy())
        company = Company(company_id="C1", name=COMPANY, sub_mchid="19")
        issued = IssuedCertificate(certificate, "e30.e30.sig", a_policy(), PERSON, LONG, company, 0)
        link = f"{ORIGIN}/c/e30.e30.sig"
        paper = certificate_page(issued, link, draw_code("svg", link), terms_at)
        genuine, unknown = CertificateVerdict.GENUINE, CertificateVerdict.UNKNOWN_KEY
        found = {
            "in-force": Verification(genuine, certificate, PolicyStatus.ISSUED, in_force=True),
            "over": Verification(genuine, certificate),
            "voided": Verification(genuine, certificate, PolicyStatus.VOIDED),
            "forged": Verification(CertificateVerdict.FORGED),
            "unknown": Verification(unknown),
        }
        self.pages = {
            "/v1/policies/DC1/certificate": ("issue_certificate", "certificate.html", paper),
            "/v1/terms/T1": ("read_terms", "terms.html", terms_page(terms("2026-11"), "SANDBOX-NOT-FILED")),
        } | {
            f"/c/{name}": ("verify_certificate", *verification_page(one, NOW)) for name, one in found.items()
        }

    def _serve(self, route: Route) -> None:
        page = self.pages.get(urlsplit(route.request.url).path)
        if page is None:
            super()._serve(route)
            return
        function, name, values = page
        given = filled_page(ROOT / "functions" / "cover" / function, name, values)
        route.fulfill(status=given.status, headers=given.headers, body=given.body)
