"""The pages about people and enrolment in a browser, on answers that the API's own views make."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from daycover.api.access.enrolment import (
    ApprovedView,
    EnrolledCompanyFileView,
    ProposalsView,
    ProposalView,
    ProviderBody,
    ProvidersView,
)
from daycover.api.access.operators import (
    DeedsView,
    InvitationView,
    InvitedView,
    MembershipView,
    OperatorSession,
    OperatorSignIn,
    OperatorsView,
    RolesBody,
    SignInWayView,
)
from daycover.projects.company import Authorisation, Company
from daycover.projects.contract import Contract
from daycover.projects.deed import Deed
from daycover.projects.enrol import Approved, Proposal, ProposalContent, ProposalKind, ProposalStatus
from daycover.projects.operator import Invitation, Operator, SignInWay
from daycover.projects.operators import Membership
from daycover.projects.provider import Credential, Provider
from daycover.projects.roles import OperatorRole
from tests.functional.web.money_pages import Answered, MoneyPages, Query
from tests.functional.web.pages import ENDS, ORIGIN
from tests.support.builders import NOW

SECRET = "c2VjcmV0LXRoYXQtaXMtc2hvd24tb25jZQ"
TOKEN = "C1.aW52aXRhdGlvbi10aGF0LWlzLXNob3duLW9uY2U"
CONTRACT = Contract(
    valid_from=date(2026, 11, 1), insurer="paic", plans=None, due_days=10, commission_bps=1250
)


def a_company(company_id: str, name: str) -> Company:
    return Company(
        company_id=company_id,
        name=name,
        sub_mchid="1900008003",
        credit_code="91310000MA1FL0000N",
        address="上海市浦东新区张江路1号",
        contracts=(CONTRACT,),
    )


def an_operator(company_id: str, operator_id: str, name: str, *roles: OperatorRole) -> Operator:
    return Operator(
        company_id=company_id,
        operator_id=operator_id,
        name=name,
        roles=roles,
        way=SignInWay.OIDC,
        invited_by="staff-1",
        joined_at=NOW,
    )


class PeoplePages(MoneyPages):
    """One company with two people, one more company, a provider, and what was proposed."""

    def __init__(self) -> None:
        super().__init__()
        self.companies = {"C1": a_company("C1", "浦江劳务"), "C2": a_company("C2", "甬江劳务")}
        self.member_of: tuple[str, ...] = ("C1",)
        self.operators = [
            an_operator("C1", "O1", "林负责", OperatorRole.OWNER),
            an_operator("C1", "O2", "周现场", OperatorRole.OPERATOR),
        ]
        self.invitations: list[Invitation] = []
        self.proposals = [self._proposal("P1", ProposalKind.ISSUE_CREDENTIAL, "senior-1", NOW)]
        self.provider = Provider(
            provider_id="sp-1",
            name="云聘服务",
            credentials=(Credential(credential_id="K1", sha256="0" * 64, created_at=NOW),),
        )

    @staticmethod
    def _proposal(proposal_id: str, kind: ProposalKind, by: str, at: datetime) -> Proposal:
        content = ProposalContent(kind=kind, provider_id="sp-1")
        return Proposal(proposal_id=proposal_id, content=content, proposed_by=by, proposed_at=at)

    # ---- the desk

    def _way(self, _: str, query: Query, body: Any) -> Answered:
        assert query == {"company_id": ["C1"]}
        view = SignInWayView(authorization_endpoint=f"{ORIGIN}/desk", client_id="daycover-desk")
        return 200, view.model_dump(mode="json")

    def _session(self, _: str, query: Query, body: Any) -> Answered:
        OperatorSignIn.read(body)
        companies = [
            MembershipView.of(Membership(self.companies[one], self.operators[0])) for one in self.member_of
        ]
        session = OperatorSession(
            access_token="t", expires_at=datetime.fromisoformat(ENDS), operator_id="O1", companies=companies
        )
        return 200, session.model_dump(mode="json")

    def _projects(self, company_id: str, query: Query, body: Any) -> Answered:
        return 200, {"projects": []}

    def _operators(self, _: str, query: Query, body: Any) -> Answered:
        return 200, OperatorsView.of(self.operators, self.invitations).model_dump(mode="json")

    def _invite(self, company_id: str, query: Query, body: Any) -> Answered:
        invitation = Invitation(
            company_id=company_id,
            invitation_id="I1",
            sha256="0" * 64,
            roles=RolesBody.read(body).stated(),
            invited_by="O1",
            invited_at=NOW,
        )
        self.invitations.append(invitation)
        view = InvitedView(invitation=InvitationView.of(invitation), token=TOKEN)
        return 201, view.model_dump(mode="json")

    def _remove(self, operator_id: str, query: Query, body: Any) -> Answered:
        removed = [
            one.removed("O1", NOW) if one.operator_id == operator_id else one for one in self.operators
        ]
        self.operators = removed
        return 200, {}

    def _deeds(self, company_id: str, query: Query, body: Any) -> Answered:
        page = query.get("page", [None])[0]
        about = {"operator_id": "O2"} if page is None else {"project_id": "PJ1"}
        deed = Deed(
            company_id=company_id,
            request_id="r",
            at=NOW,
            role="operator" if page is None else "provider",
            subject="O1" if page is None else "sp-1",
            operation="change_operator_roles" if page is None else "create_project",
            about=about,
        )
        return 200, DeedsView.of([deed], "more" if page is None else None).model_dump(mode="json")

    # ---- the staff

    def _list_proposals(self, _: str, query: Query, body: Any) -> Answered:
        return 200, ProposalsView.of(self.proposals, None).model_dump(mode="json")

    def _propose_provider(self, _: str, query: Query, body: Any) -> Answered:
        content = ProviderBody.read(body).content()
        proposal = Proposal(proposal_id="P2", content=content, proposed_by="adjuster-2", proposed_at=NOW)
        self.proposals.append(proposal)
        return 201, ProposalView.of(proposal).model_dump(mode="json")

    def _approve(self, proposal_id: str, query: Query, body: Any) -> Answered:
        (found,) = (one for one in self.proposals if one.proposal_id == proposal_id)
        settled = found.settled(ProposalStatus.APPROVED, "adjuster-2", NOW + timedelta(hours=1))
        self.proposals[self.proposals.index(found)] = settled
        view = ApprovedView.of(Approved(settled, client_secret=SECRET))
        return 200, view.model_dump(mode="json")

    def _providers(self, _: str, query: Query, body: Any) -> Answered:
        return 200, ProvidersView.of([self.provider], None).model_dump(mode="json")

    def _revoke(self, credential_id: str, query: Query, body: Any) -> Answered:
        self.provider = self.provider.without_credential(credential_id, "adjuster-2", NOW)
        return 200, {}

    def _company(self, company_id: str, query: Query, body: Any) -> Answered:
        granted = Authorisation(provider_id="sp-1", company_id=company_id, granted_at=NOW)
        view = EnrolledCompanyFileView.of(self.companies[company_id], [granted])
        return 200, view.model_dump(mode="json")

    def _taken(self, _: str, query: Query, body: Any) -> Answered:
        return 201, {}

    routes: ClassVar[Mapping[str, Callable[..., Answered]]] = {
        r"GET (/v1/operator-sign-in)": _way,
        r"POST (/v1/operator-sessions)": _session,
        r"GET /v1/companies/(\w+)/projects": _projects,
        r"GET /v1/companies/(\w+)/operators": _operators,
        r"POST /v1/companies/(\w+)/invitations": _invite,
        r"POST /v1/companies/C1/operators/(\w+)/removal": _remove,
        r"GET /v1/companies/(\w+)/deeds": _deeds,
        r"GET (/v1/staff/proposals)": _list_proposals,
        r"POST (/v1/staff/proposals/providers)": _propose_provider,
        r"POST (/v1/staff/proposals/contracts)": _taken,
        r"POST /v1/staff/proposals/(\w+)/approval": _approve,
        r"GET (/v1/staff/providers)": _providers,
        r"POST /v1/staff/providers/sp-1/credentials/(\w+)/revocation": _revoke,
        r"GET /v1/staff/companies/(\w+)": _company,
        **MoneyPages.routes,
    }
