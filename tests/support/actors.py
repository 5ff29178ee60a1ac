"""The people who use the product and what each can do over HTTP. Methods return the answer as it came."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from daycover.china_time import china_day
from daycover.claims.bill import CheckedBill
from tests.support.bills import a_fiscal_bill, an_inpatient_bill, fiscal_elements, fiscal_xml
from tests.support.http import Answer, Api, Trace, UnexpectedAnswerError, post_form
from tests.support.papers import a_pdf
from tests.support.people import Person
from tests.support.simulated import Simulated

STAFF_AUDIENCE = "daycover-staff"
METRES_PER_DEGREE = 111_195


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


PDF, XML = "application/pdf", "application/xml"


@dataclass
class WorkerApp:
    """One worker's phone: the mini program, and their hands and face."""

    person: Person
    api: Api
    simulated: Simulated
    trace: Trace | None = None
    worker_id: str = ""
    behind: timedelta = timedelta()
    """How much the phone's clock is late."""
    consented: set[str] = field(default_factory=set)
    """The claims whose texts were accepted on this phone."""

    def _shown(self) -> str:
        """What the phone's clock shows."""
        return instant(datetime.now(UTC) - self.behind)

    def sign_in(self) -> Answer:
        code = self.simulated.login_code(self.person.openid)
        answer = self.api.post("/v1/sessions", {"login_code": code})
        if answer.status == 200:
            self.api = self.api.with_token(answer.body["access_token"])
            self.worker_id = answer.body["worker_id"]
        return answer

    def scan(self, qr_token: str, language: str | None = None) -> Answer:
        return self.api.speaking(language).get(f"/v1/scan/{qr_token}")

    def give_consents(self, qr_token: str, scanned: Mapping[str, Any], *, leave_out: str = "") -> Answer:
        """Accept the texts of a scan, all but one kind if asked."""
        now = self._shown()
        consents = [
            {"kind": consent["kind"], "sha256": consent["sha256"], "shown_at": now}
            for consent in scanned["consents"]
            if consent["kind"] != leave_out
        ]
        return self.api.post("/v1/consents", {"qr_token": qr_token, "consents": consents})

    def check_in(
        self,
        qr_token: str,
        site: Mapping[str, Any],
        *,
        identity: Mapping[str, str] | None = None,
        metres_north: float = 0.0,
        language: str | None = None,
    ) -> Answer:
        """Check in from the site, or from some metres north of it."""
        now = self._shown()
        body = {
            "qr_token": qr_token,
            "identity": identity or {"name": self.person.name, "id_number": self.person.id_number},
            "place": {
                "datum": site["datum"],
                "latitude": site["latitude"] + metres_north / METRES_PER_DEGREE,
                "longitude": site["longitude"],
                "accuracy_m": 15,
                "fixed_at": now,
            },
            "device": {"id": f"phone-{self.person.openid[-6:]}", "time": now},
        }
        return self.api.speaking(language).post("/v1/check-ins", body)

    def fetch_policy(self, check_in_id: str, language: str | None = None) -> Answer:
        """Come back from the card mini program and ask for the policy."""
        return self.api.speaking(language).post(f"/v1/check-ins/{check_in_id}/policy")

    def ask_referral(
        self,
        qr_token: str,
        reason: str,
        language: str | None = None,
        *,
        document_type: str = "RESIDENT_ID",
    ) -> Answer:
        """Ask people to decide, with the document whose number the worker has."""
        document = {"type": document_type, "name": self.person.name, "number": self.person.id_number}
        body = {"qr_token": qr_token, "reason": reason, "document": document}
        return self.api.speaking(language).post("/v1/referrals", body)

    def referrals(self) -> list[Any]:
        return list(self.api.get("/v1/referrals").expect(200)["referrals"])

    def policies(self) -> list[Any]:
        return list(self.api.get("/v1/policies").expect(200)["policies"])

    def become_insured(self, qr_token: str, *, come_back: bool = True) -> Any:
        """Walk from sign-in to the policy; without coming back, give the check-in instead."""
        if self.api.token is None:
            self.sign_in().expect(200)
        scanned = self.scan(qr_token).expect(200)
        if not all(consent["given"] for consent in scanned["consents"]):
            self.give_consents(qr_token, scanned).expect(201)
        checked_in = self.check_in(qr_token, scanned["site"]).expect(200, 201)
        if checked_in["status"] == "COVERED":
            return checked_in["policy"]
        self.simulated.show_face(checked_in["work_card"]["authenticate_number"], press_done=come_back)
        return self.fetch_policy(checked_in["check_in_id"]).expect(200, 201) if come_back else checked_in

    # ---- claims

    def report(
        self,
        claim_types: Sequence[str],
        occurred_at: datetime,
        *,
        policy_no: str | None = None,
        injury: str = "右脚踇趾压伤",
        language: str | None = None,
    ) -> Answer:
        """Report an accident in the worker's words, which people fill with names and phone numbers."""
        body: dict[str, Any] = {
            "accident": {
                "occurred_at": instant(occurred_at),
                "place": "二号卸货口",
                "description": f"搬箱时货物滑落。我是{self.person.name}，电话{self.person.phone}。",
                "injury": injury,
            },
            "claim_types": list(claim_types),
        }
        if policy_no is not None:
            body["policy_no"] = policy_no
        return self.api.speaking(language).post("/v1/claims", body)

    def claim(self, claim_no: str) -> Any:
        return self.api.get(f"/v1/claims/{claim_no}").expect(200)

    def consent_to_claim(self, claim_no: str) -> None:
        """Read the claim's texts and say yes to each that is not consented to yet."""
        answer = self.api.get(f"/v1/claims/{claim_no}")
        if answer.status != 200:
            return  # somebody else's
        self.consented.add(claim_no)
        open_texts = [text for text in answer.body["consents"] if text["given_at"] is None]
        consents = [
            {"kind": text["kind"], "sha256": text["sha256"], "shown_at": self._shown()} for text in open_texts
        ]
        if consents:
            self.api.post(f"/v1/claims/{claim_no}/consents", {"consents": consents}).expect(201)

    def announce(
        self,
        claim_no: str,
        doc_type: str,
        file: bytes,
        facts: Any = None,
        language: str | None = None,
        content_type: str = PDF,
    ) -> Answer:
        """Announce a document, once what its claim needs is consented to."""
        if claim_no not in self.consented:
            self.consent_to_claim(claim_no)
        body = {
            "doc_type": doc_type,
            "content_type": content_type,
            "size": len(file),
            "sha256": hashlib.sha256(file).hexdigest(),
        }
        if facts is not None:
            body["facts"] = facts
        return self.api.speaking(language).post(f"/v1/claims/{claim_no}/documents", body)

    def upload(self, announced: Mapping[str, Any], file: bytes, content_type: str = PDF) -> None:
        """Send a file to where the announcement said."""
        if (status := self.try_upload(announced, file, content_type)) not in STORED:
            raise UnexpectedAnswerError(f"the upload was answered with {status}")

    def try_upload(self, announced: Mapping[str, Any], file: bytes, content_type: str = PDF) -> int:
        """Send whatever file; gives what S3 answered."""
        form = announced["upload"]
        return post_form(form["url"], form["fields"], file, content_type, self.trace)

    def receipt(self, claim_no: str, document_id: str, language: str | None = None) -> Answer:
        path = f"/v1/claims/{claim_no}/documents/{document_id}/receipt"
        return self.api.speaking(language).post(path)

    def hand_in(self, claim_no: str, doc_type: str, facts: Any = None) -> Any:
        """Announce, upload and have counted one document; gives the receipt."""
        if isinstance(facts, CheckedBill):
            return self.hand_in_bill(claim_no, facts)
        file = paper(claim_no, doc_type)
        announced = self.announce(claim_no, doc_type, file, facts).expect(201)
        self.upload(announced, file)
        return self.receipt(claim_no, announced["document_id"]).expect(200)

    def hand_in_bill(self, claim_no: str, bill: CheckedBill) -> Any:
        """Hand in the electronic receipt of a bill, which its platform knows from now on."""
        self.simulated.know_bill(bill)
        file = fiscal_xml(bill.elements)
        announced = self.announce(claim_no, "INVOICE", file, content_type=XML).expect(201)
        self.upload(announced, file, XML)
        return self.receipt(claim_no, announced["document_id"]).expect(200)

    def medical_papers(self, claim_no: str, bills_fen: Sequence[int], days: int) -> dict[str, Any]:
        """Give what the papers of a medical (and, with days, a hospital) claim say, by document type."""
        occurred_at = datetime.fromisoformat(self.claim(claim_no)["accident"]["occurred_at"])
        day, number = china_day(occurred_at), f"{crc32(claim_no.encode()):010d}"
        elements = fiscal_elements(number=number, total_fen=sum(bills_fen), issued_on=day)
        # nobody's accidents all end in one clinic: from the twentieth on a person would look (F17)
        said = {"patient": self.person.name, "hospital": f"杭州市第{number}医院"}
        bill = (
            an_inpatient_bill(elements, admitted_on=day, days=days, **said)
            if days
            else a_fiscal_bill(elements, treated_on=day, **said)
        )
        return {"INVOICE": bill, "ADMISSION_RECORD": {"days": days}}

    def hand_in_all(self, reported: Mapping[str, Any], facts: Mapping[str, Any]) -> Any:
        """Hand in every required document of the checklist and say that this is all; gives the last receipt."""
        required = [line["doc_type"] for line in reported["documents"] if line["need"] == "REQUIRED"]
        receipt = None
        for doc_type in required:
            receipt = self.hand_in(reported["claim_no"], doc_type, facts.get(doc_type))
        self.all_sent(reported["claim_no"]).expect(200)
        return receipt

    def all_sent(self, claim_no: str, language: str | None = None) -> Answer:
        return self.api.speaking(language).post(f"/v1/claims/{claim_no}/documents/completion")

    def answer_amount(self, claim_no: str, answer: str = "ACCEPT", language: str | None = None) -> Answer:
        return self.api.speaking(language).post(f"/v1/claims/{claim_no}/answer", {"answer": answer})


STORED = (200, 201, 204)
"""What S3 answers when it took an upload."""


def paper(claim_no: str, doc_type: str) -> bytes:
    """Make a small file that stands for a scanned document."""
    return a_pdf(f"{claim_no} {doc_type}")


class CompanyDesk:
    """What somebody does for a labour company, whoever they are."""

    api: Api

    def create_project(
        self, company_id: str, project: Mapping[str, Any], language: str | None = None
    ) -> Answer:
        return self.api.speaking(language).post(f"/v1/companies/{company_id}/projects", dict(project))

    def projects(self, company_id: str) -> list[Any]:
        return list(self.api.get(f"/v1/companies/{company_id}/projects").expect(200)["projects"])

    def qr_code(self, project: Mapping[str, Any], kind: str) -> Answer:
        return self.api.get(f"{_path(project)}/qr-code?format={kind}")

    def qr_token(self, project: Mapping[str, Any]) -> str:
        return str(self.qr_code(project, "json").expect(200)["token"])


@dataclass
class OperatorDesk(CompanyDesk):
    """One person of a labour company, by their WeChat account or their company's."""

    api: Api
    simulated: Simulated
    openid: str = ""
    operator_id: str = ""
    companies: dict[str, list[str]] = field(default_factory=dict)
    """Their roles in each company."""

    def sign_in(self, *, invitation: str | None = None, name: str | None = None) -> Answer:
        return self._enter({"login_code": self.simulated.login_code(self.openid)}, invitation, name)

    def _enter(self, body: dict[str, Any], invitation: str | None, name: str | None) -> Answer:
        if invitation is not None:
            body["acceptance"] = {"invitation": invitation, "name": name}
        answer = self.api.post("/v1/operator-sessions", body)
        if answer.status == 200:
            self.api = self.api.with_token(answer.body["access_token"])
            self.operator_id = answer.body["operator_id"]
            self.companies = {one["company_id"]: one["roles"] for one in answer.body["companies"]}
        return answer

    def sign_in_at_issuer(
        self, sub: str, company_id: str, *, invitation: str | None = None, name: str | None = None
    ) -> Answer:
        """Sign in by the company's own account."""
        way = self.api.get(f"/v1/operator-sign-in?company_id={company_id}").expect(200)
        code = self.simulated.authorization_code(sub, way["client_id"], "http://127.0.0.1/desk")
        return self._enter({"oidc": {"company_id": company_id, **code}}, invitation, name)

    def invite(self, company_id: str, *roles: str) -> str:
        """Give the token of an invitation."""
        answer = self.api.post(f"/v1/companies/{company_id}/invitations", {"roles": list(roles)})
        return str(answer.expect(201)["token"])


@dataclass
class ProviderClient(CompanyDesk):
    """A service provider's server."""

    client_id: str
    client_secret: str = field(repr=False)
    api: Api

    def sign_in(self, company_id: str | None = None) -> Answer:
        body = {"client_id": self.client_id, "client_secret": self.client_secret}
        if company_id is not None:
            body["company_id"] = company_id
        answer = self.api.post("/v1/tokens", body)
        if answer.status == 200:
            self.api = self.api.with_token(answer.body["access_token"])
        return answer

    def change_code(self, project: Mapping[str, Any], action: str) -> Answer:
        return self.api.post(f"{_path(project)}/qr-code", {"action": action})

    def move_project(self, project: Mapping[str, Any], status: str) -> Answer:
        return self.api.post(f"{_path(project)}/status", {"status": status})

    def roster(self, project: Mapping[str, Any]) -> Answer:
        return self.api.get(f"{_path(project)}/roster")

    def confirm_referral(self, project: Mapping[str, Any], referral_id: str) -> Answer:
        return self.api.post(f"{_path(project)}/referrals/{referral_id}/confirmation")

    def decline_referral(self, project: Mapping[str, Any], referral_id: str, reason: str) -> Answer:
        return self.api.post(f"{_path(project)}/referrals/{referral_id}/decline", {"reason": reason})

    def referrals(self, project: Mapping[str, Any]) -> list[Any]:
        return list(self.api.get(f"{_path(project)}/referrals").expect(200)["referrals"])

    def statement(self, company_id: str, day: str, language: str | None = None) -> Answer:
        return self.api.speaking(language).get(f"/v1/companies/{company_id}/statements/{day}")


@dataclass
class StaffConsole:
    """One member of the insurer's staff."""

    sub: str
    api: Api
    simulated: Simulated

    def sign_in(self) -> Answer:
        answer = self.api.post("/v1/staff-sessions", self.simulated.id_token(self.sub, STAFF_AUDIENCE))
        if answer.status == 200:
            self.api = self.api.with_token(answer.body["access_token"])
        return answer

    def queue(self, name: str) -> list[Any]:
        return list(self.api.get(f"/v1/staff/claims?queue={name}").expect(200)["claims"])

    def claim_file(self, claim_no: str) -> Answer:
        return self.api.get(f"/v1/staff/claims/{claim_no}")

    def decide(
        self,
        claim_no: str,
        decision: str = "APPROVED",
        *,
        amount_fen: int | None = None,
        language: str | None = None,
    ) -> Answer:
        body: dict[str, Any] = {
            "decision": decision,
            "reason_code": "WITHIN_TERMS",
            "reason": "票据和病历齐全，金额在责任范围内",
        }
        if amount_fen is not None:
            body["amount_fen"] = amount_fen
        return self.api.speaking(language).post(f"/v1/staff/claims/{claim_no}/decision", body)

    def acknowledge(self, claim_no: str, language: str | None = None) -> Answer:
        path = f"/v1/staff/claims/{claim_no}/acknowledgement"
        return self.api.speaking(language).post(path, {"acknowledged": True})

    def decide_referral(self, referral_id: str, *, approved: bool, reason: str) -> Answer:
        path = f"/v1/staff/referrals/{referral_id}/decision"
        return self.api.post(path, {"approved": approved, "reason": reason})

    def accept_documents(self, claim_no: str) -> None:
        """Find every document of a claim genuine."""
        verdict = {"status": "ACCEPTED", "reason_code": "GENUINE", "reason": "与原件一致"}
        for document in self.claim_file(claim_no).expect(200)["files"]:
            path = f"/v1/staff/claims/{claim_no}/documents/{document['document_id']}/verdict"
            self.api.post(path, verdict).expect(200)

    def state_advance(self, claim_no: str, amount_fen: int) -> Answer:
        body = {"amount_fen": amount_fen, "reason_code": "CERTAIN_PART", "reason": "门诊费用已核实"}
        return self.api.post(f"/v1/staff/claims/{claim_no}/advances", body)

    def acknowledge_advance(self, claim_no: str, number: int = 1) -> Answer:
        path = f"/v1/staff/claims/{claim_no}/advances/{number}/acknowledgement"
        return self.api.post(path, {"acknowledged": True})

    def trigger_payout(self, claim_no: str, obligation: int | None = None) -> Answer:
        of_one = "" if obligation is None else f"?obligation={obligation}"
        return self.api.post(f"/v1/staff/claims/{claim_no}/payout{of_one}")


def _path(project: Mapping[str, Any]) -> str:
    return f"/v1/companies/{project['company_id']}/projects/{project['project_id']}"
