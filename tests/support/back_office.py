"""How providers and companies come into a running stack: two members of the staff, by the product's own routes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zlib import crc32

from daycover.projects.credit_code import check_character
from tests.support.actors import OperatorDesk, StaffConsole
from tests.support.http import Answer, Api
from tests.support.simulated import Simulated

CHINA = timezone(timedelta(hours=8))
FIRST, SECOND = "staff-yuan", "staff-he"
ENROLLERS = (
    {"sub": FIRST, "name": "袁准入", "roles": ["finance"]},
    {"sub": SECOND, "name": "何准入", "roles": ["senior_adjuster"]},
)
"""Who proposes, and who approves."""
INSURER = "pingan-pc"
DESK_CLIENT = "daycover-desk"
"""What the companies' own issuer calls our desk."""


def made_up_credit_code(company_id: str) -> str:
    """Give a code of the right form that is always the same; no district has the number 990000."""
    first_17 = f"91990000MA{crc32(company_id.encode()) % 10_000_000:07d}"
    return first_17 + check_character(first_17)


@dataclass(frozen=True)
class LabourCompany:
    """A labour company with its WeChat Pay sub-merchant number, and what its contract says of it."""

    company_id: str
    name: str
    sub_mchid: str
    address: str = "浙江省宁波市北仑区明州路1号"
    credit_limit_fen: int | None = None
    plans: tuple[str, ...] | None = None
    billing: str = "CREDIT"

    @property
    def credit_code(self) -> str:
        return made_up_credit_code(self.company_id)


@dataclass
class BackOffice:
    """Two people at the console. Everything may be repeated: what is enrolled stays."""

    api: Api
    simulated: Simulated
    _consoles: dict[str, StaffConsole] = field(default_factory=dict)

    def open_companies(self, companies: Iterable[LabourCompany]) -> None:
        for company in companies:
            body = {
                "company_id": company.company_id,
                "name": company.name,
                "credit_code": company.credit_code,
                "address": company.address,
                "sub_mchid": company.sub_mchid,
                "credit_limit_fen": company.credit_limit_fen,
                "contract": {
                    "valid_from": datetime.now(UTC).astimezone(CHINA).date().isoformat(),
                    "insurer": INSURER,
                    "plans": company.plans and list(company.plans),
                    "due_days": 10,
                    "commission_bps": 500,
                    "billing": company.billing,
                },
                "oidc": {"issuer": self.simulated.addresses["oidc"], "client_id": DESK_CLIENT},
            }
            self._enrol("companies", body)

    def register_provider(self, provider_id: str, name: str) -> str:
        """Register an API client and give it a secret. One that is registered gets another: its old ones end."""
        if self._enrol("providers", {"provider_id": provider_id, "name": name}) is None:
            self._revoke_secrets(provider_id)
        approved = self._enrol("credentials", {"provider_id": provider_id})
        assert approved is not None
        return str(approved["client_secret"])

    def authorise(self, provider_id: str, companies: Iterable[LabourCompany]) -> None:
        for company in companies:
            body = {"provider_id": provider_id, "company_id": company.company_id}
            self._enrol("authorisations", body)

    def invite_owner(self, company_id: str) -> str:
        """Give the invitation's token."""
        approved = self._enrol("owners", {"company_id": company_id})
        assert approved is not None
        return str(approved["invitation"])

    def owner_of(self, company_id: str, openid: str, name: str) -> OperatorDesk:
        """Give the desk of an owner who signs in with this WeChat account; invited, if they are nobody yet."""
        desk = OperatorDesk(self.api, self.simulated, openid=openid)
        if desk.sign_in().status != 200 or company_id not in desk.companies:
            desk.sign_in(invitation=self.invite_owner(company_id), name=name).expect(200)
        return desk

    def owner_at_issuer(self, company_id: str, sub: str, name: str) -> OperatorDesk:
        """Give the desk of an owner who signs in at the company's own issuer; invited, if they are nobody yet."""
        self.simulated.know_staff([{"sub": sub, "name": name, "roles": []}])
        desk = OperatorDesk(self.api, self.simulated)
        if desk.sign_in_at_issuer(sub, company_id).status != 200 or company_id not in desk.companies:
            invitation = self.invite_owner(company_id)
            desk.sign_in_at_issuer(sub, company_id, invitation=invitation, name=name).expect(200)
        return desk

    def propose(self, what: str, body: dict[str, Any]) -> Answer:
        return self._console(FIRST).api.post(f"/v1/staff/proposals/{what}", body)

    def approve(self, proposal_id: str) -> Answer:
        return self._console(SECOND).api.post(f"/v1/staff/proposals/{proposal_id}/approval")

    def _enrol(self, what: str, body: dict[str, Any]) -> Any:
        """Propose and approve; None where it is enrolled."""
        proposed = self.propose(what, body)
        if proposed.status == 409 and proposed.body["type"].endswith("/already-enrolled"):
            return None
        return self.approve(proposed.expect(201)["proposal_id"]).expect(200)

    def _revoke_secrets(self, provider_id: str) -> None:
        console = self._console(FIRST).api
        for provider in console.get("/v1/staff/providers").expect(200)["providers"]:
            if provider["provider_id"] != provider_id:
                continue
            for credential in provider["credentials"]:
                if credential["revoked_at"] is None:
                    number = credential["credential_id"]
                    path = f"/v1/staff/providers/{provider_id}/credentials/{number}/revocation"
                    console.post(path).expect(200)

    def _console(self, sub: str) -> StaffConsole:
        if sub not in self._consoles:
            self.simulated.know_staff(ENROLLERS)
            console = StaffConsole(sub, self.api, self.simulated)
            console.sign_in().expect(200)
            self._consoles[sub] = console
        return self._consoles[sub]
