"""How the gate's world comes to what the event files of enrolment and operators presuppose."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from daycover.projects.company import Company
from daycover.projects.contract import Contract
from daycover.projects.enrol import CompanyFacts, Proposal, ProposalContent, ProposalKind
from daycover.projects.operator import SignInWay
from daycover.projects.roles import OperatorRole
from tests.functional.cover.gate import Gate
from tests.support.back_office import made_up_credit_code
from tests.support.builders import NOW
from tests.support.enrolled import enrol, join

PROPOSAL = "01JDW0000000000000000000P1"
OWNER, OTHER = "0PERATR0WNER00000001", "0PERATR0THER00000002"
CONTRACT = Contract(
    valid_from=NOW.date(), insurer="pingan-pc", plans=("T1",), due_days=10, commission_bps=500
)

FACTS = CompanyFacts(
    name="宁波千帆劳务有限公司",
    credit_code=made_up_credit_code("lw-new"),
    address="宁波市北仑区明州路1号",
    sub_mchid="1900008123",
    credit_limit_fen=None,
    contract=CONTRACT,
)
CONTENTS: Mapping[ProposalKind, ProposalContent] = {
    content.kind: content
    for content in (
        ProposalContent(kind=ProposalKind.REGISTER_PROVIDER, provider_id="sp-new", name="灵工通"),
        ProposalContent(kind=ProposalKind.ISSUE_CREDENTIAL, provider_id="P1"),
        ProposalContent(kind=ProposalKind.REGISTER_COMPANY, company_id="lw-new", company=FACTS),
        ProposalContent(
            kind=ProposalKind.CHANGE_CONTRACT,
            company_id="C1",
            contract=CONTRACT.model_copy(update={"valid_from": NOW.date() + timedelta(days=7)}),
        ),
        ProposalContent(kind=ProposalKind.AUTHORISE_PROVIDER, provider_id="P1", company_id="C2"),
        ProposalContent(kind=ProposalKind.INVITE_OWNER, company_id="C1"),
    )
}


def proposed(kind: ProposalKind) -> Callable[[Gate], Proposal]:
    def prepare(gate: Gate) -> Proposal:
        """Somebody of the staff has proposed it."""
        proposal = Proposal(
            proposal_id=PROPOSAL, content=CONTENTS[kind], proposed_by="s-1", proposed_at=gate.now()
        )
        gate.adapters.enrolments.add(proposal)
        return proposal

    return prepare


def approved(gate: Gate) -> None:
    proposed(ProposalKind.ISSUE_CREDENTIAL)(gate)
    gate.access.enrol.approve(PROPOSAL, "s-2")


def company_enrolled_since(gate: Gate) -> None:
    proposed(ProposalKind.REGISTER_COMPANY)(gate)
    other = Company(
        company_id="lw-other", name="同一执照", sub_mchid="1900008124", credit_code=FACTS.credit_code
    )
    enrol(gate.adapters.enrolments, other)


def operators(gate: Gate) -> None:
    """C1 has an owner and a foreman."""
    join(gate.adapters, "C1", OWNER, OperatorRole.OWNER)
    join(gate.adapters, "C1", OTHER, OperatorRole.OPERATOR)


def invited(gate: Gate) -> str:
    """An owner of C1 has invited somebody; gives the token."""
    operators(gate)
    invitation, token = gate.access.manage_operators.invite("C1", (OperatorRole.OPERATOR,), OWNER)
    gate.values |= {"invitation": token, "invitation_id": invitation.invitation_id}
    return token


def accepted(gate: Gate) -> None:
    """Somebody has used the invitation up, who signs in elsewhere."""
    token = invited(gate)
    proof = gate.operator_proof("somebody else")
    gate.access.sign_in_operator.accept(proof, token, "吴佳慧")


def member(gate: Gate) -> None:
    """Who signs in by WeChat in the event files is a foreman of C1."""
    join(gate.adapters, "C1", gate.adapters.index.operator_id("wechat:o-worker"), OperatorRole.OPERATOR)


def member_by_issuer(gate: Gate) -> None:
    who = gate.adapters.index.operator_id("oidc:https://sso.c1.example#u-1")
    join(gate.adapters, "C1", who, OperatorRole.FINANCE, way=SignInWay.OIDC)


PREPARED: Mapping[str, Callable[[Gate], object]] = {
    "propose_enrolment/credential_third": approved,
    "approve_enrolment/credential": proposed(ProposalKind.ISSUE_CREDENTIAL),
    "approve_enrolment/provider": proposed(ProposalKind.REGISTER_PROVIDER),
    "approve_enrolment/company": proposed(ProposalKind.REGISTER_COMPANY),
    "approve_enrolment/contract": proposed(ProposalKind.CHANGE_CONTRACT),
    "approve_enrolment/authorisation": proposed(ProposalKind.AUTHORISE_PROVIDER),
    "approve_enrolment/owner": proposed(ProposalKind.INVITE_OWNER),
    "approve_enrolment/same_person": proposed(ProposalKind.REGISTER_COMPANY),
    "approve_enrolment/approved_already": approved,
    "approve_enrolment/company_exists_since": company_enrolled_since,
    "approve_enrolment/withdraw": proposed(ProposalKind.REGISTER_COMPANY),
    "approve_enrolment/withdraw_approved": approved,
    "read_enrolments/proposals": approved,
    "sign_in_operator/wechat": member,
    "sign_in_operator/both_ways": member,
    "sign_in_operator/accept": invited,
    "sign_in_operator/accept_used": accepted,
    "sign_in_operator/oidc": member_by_issuer,
    "sign_in_operator/oidc_wrong_code": member_by_issuer,
    "sign_in_operator/too_many": lambda gate: gate.kept_failing("operator"),
    "manage_operators/invite": operators,
    "manage_operators/invite_not_owner": operators,
    "manage_operators/invite_no_role": operators,
    "manage_operators/invite_provider": operators,
    "manage_operators/invite_stranger": operators,
    "manage_operators/roles": operators,
    "manage_operators/own_roles": operators,
    "manage_operators/remove": operators,
    "manage_operators/remove_unknown": operators,
    "manage_operators/withdraw": invited,
    "manage_operators/withdraw_unknown": operators,
    "read_operators/list": invited,
    "read_operators/list_not_owner": operators,
    "read_operators/deeds": invited,
    "read_operators/other_company": operators,
}
FUNCTIONS = (
    "approve_enrolment",
    "manage_operators",
    "propose_enrolment",
    "read_enrolments",
    "read_operators",
    "revoke_access",
    "sign_in_operator",
)
