"""The web faces in a browser without a stack: files through their handler, the API as the use cases on fakes.

What the pages read is what the API's own views give, so a renamed member shows here.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from email.parser import BytesParser
from email.policy import HTTP
from email.utils import format_datetime
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qs, urlsplit

from aws_lambda_powertools.utilities.typing import LambdaContext
from playwright.sync_api import Browser, Route

from daycover.api.books.company import StatementView
from daycover.api.books.staff import BookView
from daycover.api.claims.disability import DisabilityItemsView
from daycover.api.claims.documents import AnnouncedView, ClaimDocumentBody, CompletionView, ReceiptView
from daycover.api.claims.file import claim_file_view
from daycover.api.claims.insured import insured_view
from daycover.api.claims.notices import DeliveryBody
from daycover.api.claims.queues import found_claims_view, queue_view, wanted_by
from daycover.api.claims.sheet import SheetBody, SheetsView
from daycover.api.claims.staff import AcknowledgementBody, AssignmentBody, ClaimDecisionBody, VerdictBody
from daycover.api.claims.worker import claim_view, own_claims_view
from daycover.api.cover.certificates import CertificateView
from daycover.api.cover.policy_files import PoliciesView, PolicyFileView
from daycover.api.cover.scan import ScanView
from daycover.api.discretion import IDENTIFYING
from daycover.api.payouts.beneficiaries import BeneficiariesBody, BeneficiariesView
from daycover.api.payouts.designations import DesignationBody, DesignationView
from daycover.api.payouts.identities import answer_result, answer_started
from daycover.api.payouts.payees import PayeeBody
from daycover.books.figures import ReadFigures
from daycover.claims.assign import Assigner
from daycover.claims.claim import Actor, Queue
from daycover.claims.documents import ClaimType
from daycover.claims.insured import LookAtInsured
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.looks import Looker
from daycover.cover.certificate import Certificate
from daycover.cover.certify import IssuedCertificate
from daycover.cover.disclosure import consent_texts
from daycover.cover.preview import Preview
from daycover.cover.terms import TermsReference, reference
from daycover.errors import DaycoverError
from daycover.platform.callers import Caller, Duty
from daycover.platform.discretion import discreet
from daycover.platform.problems import problem_document, status_of
from daycover.projects.company import Company
from daycover.projects.image import draw_code
from daycover.projects.roles import OperatorRole
from daycover.upload import Upload
from tests.functional.web.settings import UPLOADS
from tests.support.browser import Tab
from tests.support.builders import NOW, WORKER, a_plan, a_policy, a_project, an_identity
from tests.support.events import read_event
from tests.support.fakes.claims import FakeLooks
from tests.support.fakes.projects import FakeProjects
from tests.support.functions import event_file, load
from tests.support.papers import a_png
from tests.unit.books.desk import Desk as Books
from tests.unit.claims.world import World

ORIGIN = "https://daycover.test"
STORE = UPLOADS.split()[0]
ENDS = "2099-01-01T00:00:00Z"
"""When the sessions of these tests end."""


def desk_session(*roles: OperatorRole) -> dict[str, Any]:
    """What the desk keeps of the sign-in of one of C1's people."""
    at = {"company_id": "C1", "company_name": "浦江劳务", "roles": [role.value for role in roles]}
    return {"token": "t", "ends": ENDS, "operator": "O1", "company": "C1", "companies": [at]}


DESK_SESSION = desk_session(OperatorRole.OWNER)
NOBODY_AT_THE_GATE: dict[str, Any] = {
    "at": "2026-11-24T00:30:00Z",
    "projects": [],
    "projects_count": 0,
    "page_size": 25,
    "next": None,
    "reasons": [],
}


def terms_at(version: str) -> TermsReference:
    return reference(version, "SANDBOX-NOT-FILED", ORIGIN)


def staff_session(staff_id: str, duties: Iterable[Duty]) -> dict[str, Any]:
    """What the console keeps of a sign-in; it reads from the token who it is."""
    payload = base64.urlsafe_b64encode(json.dumps({"sub": staff_id}).encode()).decode().rstrip("=")
    return {"token": f"e30.{payload}.s", "ends": ENDS, "roles": [duty.value for duty in duties]}


class Merchant(NamedTuple):
    mchid: str = "1900000001"
    appid: str = "wx8888888888888888"


class Served:
    """Files through their handler, and calls to the API by `routes`: "METHOD path" as a pattern, and who answers."""

    routes: ClassVar[Mapping[str, Callable[..., tuple[int, dict[str, Any]]]]] = {}
    base = ""
    """The path that the site stands under, as API Gateway's stage is one."""

    def __init__(self) -> None:
        self.language = "zh"
        """What the caller of the last call reads."""
        self.clock: Callable[[], datetime] | None = None
        """What the API's answers say the time is; without it they say nothing."""
        self.calls: list[tuple[str, str, Any]] = []
        """(method, path with its query, body) of every call to the API that changes something."""

    def tab(
        self,
        browser: Browser,
        size: Mapping[str, int],
        face: str,
        facts: Mapping[str, Any],
        scripts: tuple[str, ...] = (),
        position: tuple[float, float] | None = None,
    ) -> Tab:
        """Open a tab of somebody who is signed in; `scripts` run before the page's own."""
        tab = Tab(browser, ORIGIN, size, position)
        tab.page.route("**/*", self._serve)
        kept = json.dumps(json.dumps(facts))
        tab.page.add_init_script(f'sessionStorage.setItem("daycover.{face}", {kept})')
        for script in scripts:
            tab.page.add_init_script(script)
        return tab

    def _serve(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.netloc in UPLOADS:
            self._uploaded(route)
            return
        assert url.path.startswith(f"{self.base}/"), f"{url.path} is beside the site"
        path = url.path.removeprefix(self.base)
        if not path.startswith("/v1/"):
            _serve_file(route, path, self.base)
            return
        if picture := self.picture(path, url.query):
            route.fulfill(content_type="image/svg+xml", body=picture)
            return
        body = json.loads(route.request.post_data or "null")
        if route.request.method != "GET":
            self.calls.append((route.request.method, f"{path}{url.query and '?'}{url.query}", body))
        language = self.language = route.request.headers.get("accept-language", "zh")
        headers = {"Content-Type": "application/json"}
        if self.clock is not None:
            headers["Date"] = format_datetime(self.clock().astimezone(UTC), usegmt=True)
        try:
            status, answer = self.answer(route.request.method, path, parse_qs(url.query), body)
        except DaycoverError as error:
            status, answer = (
                status_of(type(error)),
                problem_document(type(error), language, "i-1", error.facts),
            )
            if error.retry_after is not None:
                headers["Retry-After"] = str(error.retry_after)
        headers["x-amzn-RequestId"] = f"i-{len(self.calls)}"
        route.fulfill(status=status, headers=headers, body=json.dumps(answer))

    def picture(self, path: str, query: str) -> bytes | None:
        """Give the picture (SVG) where one is asked for."""
        del path, query
        return None

    def _uploaded(self, route: Route) -> None:
        raise AssertionError(f"nobody takes {route.request.url}")

    def answer(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        """Give what the API answers. Raises what its use case raises."""
        for pattern, answer in self.routes.items():
            if match := re.fullmatch(pattern, f"{method} {path}"):
                return answer(self, match[1], query, body)
        # whichever page of the console or the desk stands open asks for its badge
        if method == "GET" and path == "/v1/staff/referrals":
            return 200, {"referrals": []}
        if method == "GET" and path.endswith("/gate"):
            return 200, NOBODY_AT_THE_GATE
        if method == "GET" and path.endswith("/projects"):  # a new one may begin from one of these
            return 200, {"projects": []}
        raise AssertionError(f"nobody answers {method} {path}")


class Pages(Served):
    """One world of claims, and the tabs of the people who look at it."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.staff_id = "adjuster-2"
        self.duties: tuple[Duty, ...] = ()
        """Those of whoever opened a tab of staff last."""
        self.insured_looks = FakeLooks()
        self.reads = 0
        self.looks: list[tuple[str, int]] = []
        """The pages that staff opened."""
        self.issued = IssuedCertificate(
            Certificate.of(a_policy()),
            "e30.e30.sig",
            a_policy(),
            an_identity().name,
            a_project(),
            Company(
                company_id="C1",
                name="浦江劳务",
                sub_mchid="19",
                credit_code="91310000MA1FL0000N",
                address="上海市浦东新区张江路1号",
            ),
            0,
        )
        """What the worker's certificate says."""
        self.books = Books(NOW)
        """The money of C1 and C2."""
        self.is_scale_down = False
        """Of JR/T 0083, as its search answers; without them nobody answers."""

    def picture(self, path: str, query: str) -> bytes | None:
        if not path.endswith("/certificate") or "format=svg" not in query:
            return None
        return draw_code("svg", f"{ORIGIN}/c/{self.issued.credential}")

    def worker(self, browser: Browser, size: Mapping[str, int], *, scripts: tuple[str, ...] = ()) -> Tab:
        """Open a tab of the insured, signed in."""
        return self.tab(browser, size, "worker", {"token": "t", "ends": ENDS}, scripts)

    def company(self, browser: Browser, size: Mapping[str, int]) -> Tab:
        """Open a tab of company C1's desk, signed in."""
        return self.tab(browser, size, "desk", DESK_SESSION)

    def staff(self, browser: Browser, size: Mapping[str, int], *duties: Duty) -> Tab:
        """Open a tab of `staff_id`, signed in."""
        self.duties = duties
        return self.tab(browser, size, "staff", staff_session(self.staff_id, duties))

    def _uploaded(self, route: Route) -> None:
        """As the store takes a presigned form, and shows a page by a presigned link."""
        request = route.request
        if request.method == "GET":
            route.fulfill(content_type="image/png", body=a_png("page", 800, 1100))
            return
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + (request.post_data_buffer or b""))
        parts = {
            str(part.get_param("name", header="content-disposition")): part for part in form.iter_parts()
        }
        key = parts["key"].get_content().strip()
        content = parts["file"].get_payload(decode=True)
        assert isinstance(content, bytes)
        self.world.vault.upload(Upload(url="", fields={"key": key}), content)
        route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})

    def _claim(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        view = claim_view(self.world.read.my_file(WORKER, claim_no), Merchant)
        return 200, view.model_dump(mode="json")

    def _payee(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        self.world.state_payee(WORKER, claim_no, PayeeBody.read(body).account())
        return 200, {}

    def _check(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        checked = self.world.prove_identity.start(WORKER, claim_no)
        status, view = answer_started(checked, Merchant(), self.world.at)
        return status, view.model_dump(mode="json")

    def _checked(self, check: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        claim_no, _, check_id = check.partition("/identity-checks/")
        checked = self.world.prove_identity.result(WORKER, claim_no, check_id)
        status, view, _headers = answer_result(checked, Merchant(), self.world.at)
        return status, view.model_dump(mode="json")

    def _announce(
        self, claim_no: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        given = ClaimDocumentBody.read(body)
        announced = self.world.collect.announce(Actor.worker(WORKER), claim_no, given.announcement())
        here = [upload.model_copy(update={"url": f"{STORE}/"}) for upload in announced.uploads]
        view = AnnouncedView.of(announced._replace(uploads=tuple(here)))
        return 201, view.model_dump(mode="json")

    def _receive(
        self, document: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        claim_no, _, document_id = document.partition("/documents/")
        received = self.world.collect.receive(Actor.worker(WORKER), claim_no, document_id)
        return 200, ReceiptView.of(received).model_dump(mode="json")

    def _complete(
        self, claim_no: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        claim = self.world.collect.all_sent(Actor.worker(WORKER), claim_no)
        return 200, CompletionView(status=claim.status).model_dump(mode="json")

    def _judge(self, document: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        claim_no, _, document_id = document.partition("/documents/")
        verdict = VerdictBody.read(body).verdict()
        self.world.judge(self.staff_id, claim_no, document_id, verdict)
        return self._file(claim_no, query, None)

    def _recheck(
        self, claim_no: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        self.world.verify.again(self.staff_id, claim_no)
        return self._file(claim_no, query, None)

    def _sheets(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, SheetsView.of(
            self.world.claims.get(claim_no), self.world.sheets.versions(claim_no)
        ).model_dump(mode="json")

    def _fill(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        given, fill = SheetBody.read(body), self.world.fill_sheet
        fill(
            self.staff_id,
            claim_no,
            given.version,
            given.sheet(claim_no, fill.source(self.staff_id)),
            given.reason,
        )
        return self._file(claim_no, query, None)

    def _open(self, document: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        self.looks.append((document, int(query.get("page", ["1"])[0])))
        return 200, {"url": f"{STORE}/a-page"}

    def _items(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        if self.is_scale_down:
            return 503, {"title": "暂时不可用"}
        return 200, DisabilityItemsView.of(query.get("q", [""])[0], None, None).model_dump(mode="json")

    def _file(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, claim_file_view(self.world.read.file(claim_no)).model_dump(mode="json")

    def _queue(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        given = {name: values[0] for name, values in query.items()}
        queue, page = Queue(given["queue"]), int(given.get("page", 1))
        wanted = wanted_by(
            self.staff_id,
            ClaimType(given["benefit"]) if "benefit" in given else None,
            ClaimStatus(given["status"]) if "status" in given else None,
            "PAST" if "due" in given else None,
            "MINE" if given.get("whose") == "MINE" else "NOBODYS" if "whose" in given else None,
        )
        found = self.world.queues.page(queue, wanted, page)
        counts = self.world.queues.counts() if page == 1 else None
        return 200, queue_view(queue, found, counts).model_dump(mode="json")

    def _search(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        found = self.world.queues.search(query["number"][0])
        return 200, found_claims_view(found).model_dump(mode="json")

    def _assign(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        to, by = AssignmentBody.read(body).to, Assigner(self.staff_id, Duty.SENIOR_ADJUSTER in self.duties)
        if to is None:
            self.world.assign.give_back(by, claim_no)
        else:
            self.world.assign.hand_to(by, claim_no, to)
        return self._file(claim_no, query, None)

    def _insured(
        self, claim_no: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        look_at = LookAtInsured(
            claims=self.world.claims,
            workers=self.world.workers,
            projects=FakeProjects(a_project()),
            policies=self.world.policies,
            exposures=self.world.exposures,
            looks=self.insured_looks,
            now=lambda: self.world.at,
        )
        caller = Caller("staff", self.staff_id, self.duties)
        self.reads += 1
        identified = IDENTIFYING.is_shown_to(caller)
        looker = Looker(self.staff_id, self.duties, f"r-{self.reads}", in_clear=True, identified=identified)
        view = insured_view(look_at(looker, claim_no))
        return 200, discreet(view, caller).model_dump(mode="json")

    def _decide(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        verdict = ClaimDecisionBody.read(body).verdict()
        self.world.decide(self.staff_id, claim_no, verdict)
        return self._file(claim_no, query, None)

    def _acknowledge(
        self, claim_no: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        given = AcknowledgementBody.read(body)
        self.world.acknowledge(self.staff_id, claim_no, given.acknowledged, given.reason)
        return self._file(claim_no, query, None)

    def _read_notice(
        self, path: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        claim_no, _, number = path.split("/")
        self.world.deliver.by_reading(WORKER, claim_no, number)
        return self._claim(claim_no, query, None)

    def _deliver(self, path: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        claim_no, _, number = path.split("/")
        given = DeliveryBody.read(body).delivery()
        self.world.deliver.by_staff(self.staff_id, claim_no, number, given)
        return self._file(claim_no, query, None)

    def _designation(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        if body is not None:
            given = DesignationBody.read(body)
            self.world.designate(WORKER, given.version, given.designated())
        return 200, DesignationView.of(self.world.designate.read(WORKER)).model_dump(mode="json")

    def _beneficiaries(
        self, claim_no: str, query: Mapping[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        state = self.world.state_beneficiaries
        if body is not None:
            given = BeneficiariesBody.read(body)
            state.state(self.staff_id, claim_no, given.people(), given.basis, given.departs_because)
        return 200, BeneficiariesView.of(state.read(claim_no)).model_dump(mode="json")

    def _policies(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, PoliciesView.of([a_policy()], NOW).model_dump(mode="json")

    def _claims(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, own_claims_view(self.world.read.mine(WORKER)).model_dump(mode="json")

    def _notices(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, {"loss_notices": []}

    def _referrals(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, {"referrals": []}

    def _policy(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, PolicyFileView.with_terms(a_policy(), a_project(), NOW, terms_at).model_dump(mode="json")

    def _certificate(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        view = CertificateView.of(self.issued, f"{ORIGIN}/c/e30.e30.sig", terms_at)
        return 200, view.model_dump(mode="json")

    def _statement(self, day: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        found = self.books.read("C1", date.fromisoformat(day))
        return 200, StatementView.of(found).model_dump(mode="json")

    def _no_projects(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        return 200, {"projects": []}

    def _book(self, day: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        figures = ReadFigures(statements=self.books.statements).book(date.fromisoformat(day))
        return 200, BookView.of(figures).model_dump(mode="json")

    def _scan(self, _: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        project, plan = a_project(), a_plan("T2")
        preview = Preview(project, plan, consent_texts(project, plan), [])
        return 200, ScanView.of(preview, terms_at, self.language).model_dump(mode="json")

    def _pay(self, claim_no: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, dict[str, Any]]:
        numbers = query.get("obligation")
        return 202, {"execution": self.world.trigger(claim_no, int(numbers[0]) if numbers else None)}


Pages.routes = {
    r"(?:GET|POST) /v1/(designation)": Pages._designation,
    r"GET /v1/(policies)": Pages._policies,
    r"GET /v1/(claims)": Pages._claims,
    r"GET /v1/(loss-notices)": Pages._notices,
    r"GET /v1/(referrals)": Pages._referrals,
    r"GET /v1/policies/([^/]+)": Pages._policy,
    r"GET /v1/policies/([^/]+)/certificate": Pages._certificate,
    r"GET /v1/scan/([^/]+)": Pages._scan,
    r"GET /v1/companies/C1/statements/([^/]+)": Pages._statement,
    r"GET /v1/companies/C1/(projects)": Pages._no_projects,
    r"GET /v1/staff/book/([^/]+)": Pages._book,
    r"GET /v1/claims/([^/]+)": Pages._claim,
    r"POST /v1/claims/([^/]+)/payee": Pages._payee,
    r"POST /v1/claims/([^/]+)/identity-checks": Pages._check,
    r"POST /v1/claims/([^/]+/identity-checks/[^/]+)/result": Pages._checked,
    r"POST /v1/claims/([^/]+)/documents": Pages._announce,
    r"POST /v1/claims/([^/]+/documents/[^/]+)/receipt": Pages._receive,
    r"POST /v1/claims/([^/]+)/documents/completion": Pages._complete,
    r"POST /v1/claims/([^/]+/notices/[^/]+)/receipt": Pages._read_notice,
    r"POST /v1/staff/claims/([^/]+/notices/[^/]+)/delivery": Pages._deliver,
    r"GET /v1/staff/(claims)": Pages._queue,
    r"GET /v1/staff/(claim-search)": Pages._search,
    r"POST /v1/staff/claims/([^/]+)/assignment": Pages._assign,
    r"GET /v1/staff/claims/([^/]+)": Pages._file,
    r"GET /v1/staff/claims/([^/]+)/insured": Pages._insured,
    r"(?:GET|POST) /v1/staff/claims/([^/]+)/beneficiaries": Pages._beneficiaries,
    r"GET /v1/staff/claims/([^/]+)/sheet": Pages._sheets,
    r"POST /v1/staff/claims/([^/]+)/sheet": Pages._fill,
    r"POST /v1/staff/claims/([^/]+)/bills/check": Pages._recheck,
    r"GET /v1/staff/claims/([^/]+/documents/[^/]+)/file": Pages._open,
    r"POST /v1/staff/claims/([^/]+/documents/[^/]+)/verdict": Pages._judge,
    r"GET /v1/staff/(disability-items)": Pages._items,
    r"POST /v1/staff/claims/([^/]+)/decision": Pages._decide,
    r"POST /v1/staff/claims/([^/]+)/acknowledgement": Pages._acknowledge,
    r"POST /v1/staff/claims/([^/]+)/payout": Pages._pay,
}
_CASES = {"/desk": "desk.200", "/me": "worker.200", "/staff": "staff.200"}


def file_event(path: str, base: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give the event of a page or file, as the gateway makes it of a path below the site's own."""
    case = "scanned.200" if path.startswith("/s/") else _CASES.get(path, "script.200")
    event = read_event(event_file("serve_web", case), {})
    if case == "script.200":
        event |= {"path": path}
    event["requestContext"]["path"] = base + path
    if headers is not None:
        event["headers"] = dict(headers)
        event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    built: dict[str, Any] = event
    return built


def _serve_file(route: Route, path: str, base: str) -> None:
    """As the handler gives it: with its type and its content security policy."""
    response = load("serve_web").lambda_handler(file_event(path, base), LambdaContext())
    headers = {name: values[0] for name, values in response["multiValueHeaders"].items()}
    route.fulfill(status=response["statusCode"], headers=headers, body=response["body"])
