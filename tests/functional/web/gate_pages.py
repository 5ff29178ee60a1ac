"""The worker's check-in and the company's desk in a browser, on the use cases of a gate in memory."""

from collections.abc import Mapping
from typing import Any, ClassVar

from playwright.sync_api import Browser

from daycover.api.cover.certificates import CertificateView
from daycover.api.cover.check_in import CheckInBody, answer_check_in
from daycover.api.cover.consents import ConsentHistoryView
from daycover.api.cover.issued import answer_issued
from daycover.api.cover.policy_files import PoliciesView, PolicyFileView
from daycover.api.cover.roster import roster_view
from daycover.api.cover.scan import ConsentsBody, ScanView
from daycover.api.cover.tariff import OccupationsView
from daycover.api.projects.company import OneProjectView, ProjectBody, ProjectView, SiteBody
from daycover.cover.certificate import Certificate
from daycover.cover.certify import IssuedCertificate
from daycover.cover.open_project import RunProjects
from daycover.cover.policy import Policy
from daycover.cover.roster import ReadRoster
from daycover.cover.site_offer import OfferSite
from daycover.cover.tariff import ReadTariff
from daycover.projects.code import issue_token
from daycover.projects.company import Company
from daycover.projects.image import draw_code
from daycover.projects.project import Project
from tests.functional.web.pages import DESK_SESSION, ENDS, ORIGIN, Merchant, Served, terms_at
from tests.support.browser import Tab
from tests.support.builders import a_project
from tests.support.enrolled import enrol
from tests.support.fakes.cover import FakeCoverLines, FakeOccupationReferrals
from tests.support.fakes.projects import FakeCompanies
from tests.unit.cover.world import NAME, World, code_key

CREDENTIAL = "e30.e30.sig"
Answered = tuple[int, dict[str, Any]]
Query = Mapping[str, list[str]]


class GatePages(Served):
    """One project, one worker who has not consented, and the desk of its company."""

    def __init__(self, project: Project | None = None) -> None:
        super().__init__()
        self.project = project or a_project()
        self.world = World(self.project)
        self.clock = self.world.now
        self.worker_id = self.world.worker("o-worker", consents=False)
        companies = FakeCompanies()
        enrol(companies, Company(company_id="C1", name="浦江劳务", sub_mchid="1900000109"))
        self.run = RunProjects(
            occupation_referrals=FakeOccupationReferrals(),
            master=lambda company_id, day: None,
            now=self.world.now,
            new_id=lambda _: "P-NEW",
            projects=self.world.projects,
            companies=companies,
            code_key=code_key,
        )
        self.read_roster = ReadRoster(
            now=self.world.now,
            projects=self.run,
            lines=FakeCoverLines(),
            visits=self.world.visits,
            accounts=self.world.workers,
        )
        self.offer_site = OfferSite(now=self.world.now, refused=self.world.refused)

    @property
    def scanned(self) -> str:
        """The path that the code at the gate leads to."""
        return f"/s/{issue_token(self.project, code_key)[0]}"

    @property
    def desk_path(self) -> str:
        return f"/desk#/projects/{self.project.project_id}"

    def worker(
        self,
        browser: Browser,
        size: Mapping[str, int],
        *scripts: str,
        position: tuple[float, float] | None = None,
    ) -> Tab:
        return self.tab(browser, size, "worker", {"token": "t", "ends": ENDS}, scripts, position)

    def operator(
        self,
        browser: Browser,
        size: Mapping[str, int],
        *scripts: str,
        position: tuple[float, float] | None = None,
    ) -> Tab:
        return self.tab(browser, size, "desk", DESK_SESSION, scripts, position)

    @property
    def place(self) -> dict[str, Any] | None:
        """What the last check-in said of its place."""
        (*_, body) = (body for _, path, body in self.calls if path == "/v1/check-ins")
        found: dict[str, Any] | None = body.get("place")
        return found

    # ---- the API

    def _sign_in(self, _: str, query: Query, body: Any) -> Answered:
        return 200, {"access_token": "t", "expires_at": ENDS, "worker_id": self.worker_id}

    def _scan(self, token: str, query: Query, body: Any) -> Answered:
        preview = self.world.preview_cover(self.worker_id, token)
        return 200, ScanView.of(preview, terms_at, self.language).model_dump(mode="json")

    def _consent(self, _: str, query: Query, body: Any) -> Answered:
        given = ConsentsBody.read(body)
        self.world.preview_cover.accept(self.worker_id, given.qr_token, given.accepted())
        return 201, {}

    def _check_in(self, _: str, query: Query, body: Any) -> Answered:
        given = CheckInBody.read(body)
        outcome = self.world.start_check_in(
            self.worker_id, given.qr_token, given.stated(), given.at_place(), given.on_device()
        )
        status, view = answer_check_in(outcome, Merchant(), self.world.now())
        return status, view.model_dump(mode="json")

    def _policy(self, check_in_id: str, query: Query, body: Any) -> Answered:
        issued = self.world.prove_check_in(self.worker_id, check_in_id)
        status, view, _ = answer_issued(issued, self.world.now())
        return status, view.model_dump(mode="json")

    @property
    def policies(self) -> list[Policy]:
        """The worker's, newest first."""
        person_id = self.world.workers.get(self.worker_id).person_id
        return [] if person_id is None else self.world.policies.list_of(person_id)

    def _policies(self, _: str, query: Query, body: Any) -> Answered:
        return 200, PoliciesView.of(self.policies, self.world.now()).model_dump(mode="json")

    def _policy_file(self, policy_no: str, query: Query, body: Any) -> Answered:
        policy = self.world.policies.get(policy_no)
        view = PolicyFileView.with_terms(policy, self.project, self.world.now(), terms_at)
        return 200, view.model_dump(mode="json")

    def _certificate(self, policy_no: str, query: Query, body: Any) -> Answered:
        policy = self.world.policies.get(policy_no)
        company = Company(company_id="C1", name="浦江劳务", sub_mchid="1900000109")
        certificate = Certificate.of(policy)
        issued = IssuedCertificate(certificate, CREDENTIAL, policy, NAME, self.project, company, 0)
        view = CertificateView.of(issued, f"{ORIGIN}/c/{CREDENTIAL}", terms_at)
        return 200, view.model_dump(mode="json")

    def picture(self, path: str, query: str) -> bytes | None:
        if path.endswith("/certificate") and "format=svg" in query:
            return draw_code("svg", f"{ORIGIN}/c/{CREDENTIAL}")
        return None

    def _consented(self, _: str, query: Query, body: Any) -> Answered:
        entries, token = self.world.consents.history(self.worker_id, None)
        return 200, ConsentHistoryView.of(entries, token).model_dump(mode="json")

    def _nothing(self, name: str, query: Query, body: Any) -> Answered:
        return 200, {name.replace("-", "_"): [], "representations": []}

    def _project(self, project_id: str, query: Query, body: Any) -> Answered:
        project = self.run.get("C1", project_id)
        return 200, OneProjectView.with_offer(project, self.offer_site(project)).model_dump(mode="json")

    def _open(self, _: str, query: Query, body: Any) -> Answered:
        project = self.run.create("C1", ProjectBody.read(body).wanted())
        return 201, ProjectView.of(project).model_dump(mode="json")

    def _move(self, project_id: str, query: Query, body: Any) -> Answered:
        moved = self.run.move_site("C1", project_id, SiteBody.read(body).site())
        return 200, ProjectView.of(moved).model_dump(mode="json")

    def _roster(self, project_id: str, query: Query, body: Any) -> Answered:
        return 200, roster_view(self.read_roster("C1", project_id)).model_dump(mode="json")

    def _occupations(self, _: str, query: Query, body: Any) -> Answered:
        found = ReadTariff(now=self.world.now, referrals=FakeOccupationReferrals()).occupations(
            query.get("query", [""])[0]
        )
        return 200, OccupationsView.of(found).model_dump(mode="json")

    routes: ClassVar = {
        r"POST /v1/(sessions)": _sign_in,
        r"GET /v1/scan/([^/]+)": _scan,
        r"GET /v1/(consents)": _consented,
        r"POST /v1/(consents)": _consent,
        r"POST /v1/(check-ins)": _check_in,
        r"POST /v1/check-ins/([^/]+)/policy": _policy,
        r"GET /v1/(policies)": _policies,
        r"GET /v1/(claims|loss-notices|referrals)": _nothing,
        r"GET /v1/policies/([^/]+)": _policy_file,
        r"GET /v1/policies/([^/]+)/certificate": _certificate,
        r"GET /v1/companies/C1/projects/([^/]+)": _project,
        r"POST /v1/companies/C1/(projects)": _open,
        r"POST /v1/companies/C1/projects/([^/]+)/site": _move,
        r"GET /v1/companies/C1/projects/([^/]+)/roster": _roster,
        r"GET /v1/(occupations)": _occupations,
    }
