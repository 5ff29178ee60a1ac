"""Who may call what: the role that each operation asks for, and the duties of which staff need one.

An operation is the function of a route. Everybody else is refused before it runs, and a route without a line here
can't be loaded.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daycover.platform.callers import Allowed, Duty
from daycover.platform.content import MAX_BODY_BYTES
from daycover.platform.http import HttpApi
from daycover.projects.roles import OperatorRole

WORKER = Allowed(("worker",))
ROLES = ("provider", "company", "operator")


def company(*operator_roles: OperatorRole) -> Allowed:
    """A labour company's operators with one of the roles, or a service provider for it; for which company is asked by
    the company gate. An owner may do what any operator may."""
    return Allowed(ROLES, operator_roles=operator_roles)


def operators(*operator_roles: OperatorRole) -> Allowed:
    """The same without providers: whom a company lets in is its own affair."""
    return Allowed(("operator",), operator_roles=operator_roles)


COMPANY = company(OperatorRole.OPERATOR, OperatorRole.FINANCE, OperatorRole.AUDITOR)
"""Everybody of the company."""
SITE = company(OperatorRole.OPERATOR)
"""Who runs the sites."""
MONEY = company(OperatorRole.FINANCE, OperatorRole.AUDITOR)
OWNER = operators(OperatorRole.OWNER)
OVERSIGHT = operators(OperatorRole.AUDITOR)


def staff(*duties: Duty) -> Allowed:
    return Allowed(("staff",), duties)


STAFF = staff()
"""Whatever their duty."""
ADJUSTERS = staff(Duty.ADJUSTER, Duty.SENIOR_ADJUSTER)
INTAKE = staff(Duty.INTAKE, Duty.ADJUSTER, Duty.SENIOR_ADJUSTER)
BOOKKEEPERS = staff(Duty.FINANCE, Duty.AUDITOR)
TARIFF_KEEPERS = staff(Duty.FINANCE, Duty.SENIOR_ADJUSTER)
"""Either proposes, either approves; never the same person."""
ENROLLERS = staff(Duty.FINANCE, Duty.SENIOR_ADJUSTER)
"""Either proposes, either approves; never the same person."""
ENROLMENT_READERS = staff(Duty.FINANCE, Duty.SENIOR_ADJUSTER, Duty.AUDITOR)
TARIFF_READERS = staff(Duty.FINANCE, Duty.SENIOR_ADJUSTER, Duty.AUDITOR)
ALLOWED: Mapping[str, Allowed] = MappingProxyType(
    {
        "ask_referral": WORKER,
        "list_own_referrals": WORKER,
        "announce_referral_document": WORKER,
        "receive_referral_document": WORKER,
        "cancel_policy": WORKER,
        "check_in": WORKER,
        "erase_worker": WORKER,
        "give_consents": WORKER,
        "issue_certificate": WORKER,
        "issue_policy": WORKER,
        "preview_cover": WORKER,
        "read_consents": WORKER,
        "list_policies": WORKER,
        "read_policy": WORKER,
        "withdraw_consents": WORKER,
        "give_claim_consents": WORKER,
        "withdraw_claim_consents": WORKER,
        "announce_document": WORKER,
        "receive_document": WORKER,
        "complete_documents": WORKER,
        "add_benefits": WORKER,
        "answer_claim": WORKER,
        "read_notice": WORKER,
        "ask_to_represent": WORKER,
        "end_representation": WORKER,
        "list_loss_notices": WORKER,
        "report_for_somebody": WORKER,
        "list_claims": WORKER,
        "read_claim": WORKER,
        "report_claim": WORKER,
        "withdraw_claim": WORKER,
        "complain_about_claim": WORKER,
        "start_identity_check": WORKER,
        "ask_identity_result": WORKER,
        "state_payee": WORKER,
        "read_designation": WORKER,
        "state_designation": WORKER,
        "change_project": SITE,
        "change_qr_code": SITE,
        "move_site": SITE,
        "create_project": SITE,
        "read_qr_code": SITE,
        "list_projects": COMPANY,
        "read_project": COMPANY,
        "cancel_company_policy": SITE,
        "list_project_referrals": COMPANY,
        "confirm_referral": SITE,
        "decline_referral": SITE,
        "read_roster": COMPANY,
        "read_gate": COMPANY,
        "find_occupations": Allowed((*ROLES, "staff"), operator_roles=COMPANY.operator_roles),
        "read_plans": COMPANY,
        "refer_occupation": SITE,
        "list_occupation_referrals": COMPANY,
        "report_loss": SITE,
        "read_credit": MONEY,
        "read_deposit": MONEY,
        "read_month": MONEY,
        "list_statements": MONEY,
        "read_statement": MONEY,
        "read_master_policy": MONEY,
        "list_waiting_referrals": STAFF,
        "decide_referral": ADJUSTERS,
        "open_referral_document": ADJUSTERS,
        "read_referral_file": ADJUSTERS,
        "read_referral_looks": staff(Duty.AUDITOR, Duty.SENIOR_ADJUSTER),
        "list_waiting_occupations": STAFF,
        "answer_occupation": ADJUSTERS,
        "read_signals": staff(Duty.AUDITOR, Duty.SENIOR_ADJUSTER),
        "read_roster_signals": staff(Duty.AUDITOR, Duty.SENIOR_ADJUSTER),
        "void_policy": staff(Duty.SENIOR_ADJUSTER),
        "acknowledge_advance": staff(Duty.SENIOR_ADJUSTER),
        "acknowledge_decision": staff(Duty.SENIOR_ADJUSTER),
        "decide_claim": ADJUSTERS,
        "find_disability_items": ADJUSTERS,
        "judge_document": ADJUSTERS,
        "recheck_bills": ADJUSTERS,
        "read_sheet": ADJUSTERS,
        "fill_sheet": ADJUSTERS,
        "list_staff_claims": STAFF,
        "read_claim_file": STAFF,
        "read_insured": STAFF,
        "read_loss_notice": STAFF,
        "match_loss_notice": INTAKE,
        "note_claim": staff(Duty.INTAKE, Duty.ADJUSTER, Duty.SENIOR_ADJUSTER, Duty.FINANCE),
        "assign_claim": staff(Duty.INTAKE, Duty.ADJUSTER, Duty.SENIOR_ADJUSTER, Duty.FINANCE),
        "search_claims": STAFF,
        "deliver_notice": INTAKE,
        "open_document": INTAKE,
        "read_looks": staff(Duty.AUDITOR, Duty.SENIOR_ADJUSTER),
        "read_service_levels": staff(Duty.FINANCE, Duty.AUDITOR, Duty.SENIOR_ADJUSTER),
        "reopen_claim": ADJUSTERS,
        "request_supplement": ADJUSTERS,
        "investigate_claim": ADJUSTERS,
        "state_advance": ADJUSTERS,
        "take_loss_notice": INTAKE,
        "record_claim_consents": INTAKE,
        "add_benefits_for_claimant": INTAKE,
        "file_document": INTAKE,
        "receive_filed_document": INTAKE,
        "complete_filed_documents": INTAKE,
        "judge_representative": INTAKE,
        "confirm_identity": staff(Duty.FINANCE, Duty.INTAKE),
        "read_beneficiaries": STAFF,
        "state_beneficiaries": INTAKE,
        "confirm_beneficiaries": staff(Duty.SENIOR_ADJUSTER, Duty.FINANCE),
        "answer_for_beneficiaries": INTAKE,
        "trigger_payout": staff(Duty.FINANCE),
        "read_book": BOOKKEEPERS,
        "record_payment": staff(Duty.FINANCE),
        "set_credit_limit": staff(Duty.FINANCE),
        "list_company_accounts": BOOKKEEPERS,
        "read_company_account": BOOKKEEPERS,
        "read_company_deposit": BOOKKEEPERS,
        "pay_in_deposit": staff(Duty.FINANCE),
        "refund_deposit": staff(Duty.FINANCE),
        "read_settlements": BOOKKEEPERS,
        "download_settlement": BOOKKEEPERS,
        "record_transfer": staff(Duty.FINANCE),
        "list_tables": TARIFF_READERS,
        "read_table_version": TARIFF_READERS,
        "propose_plans": TARIFF_KEEPERS,
        "propose_occupations": TARIFF_KEEPERS,
        "propose_calendar": TARIFF_KEEPERS,
        "approve_table_version": TARIFF_KEEPERS,
        "withdraw_table_version": TARIFF_KEEPERS,
        "propose_provider": ENROLLERS,
        "propose_credential": ENROLLERS,
        "propose_company": ENROLLERS,
        "propose_contract": ENROLLERS,
        "propose_authorisation": ENROLLERS,
        "propose_owner": ENROLLERS,
        "approve_proposal": ENROLLERS,
        "withdraw_proposal": ENROLLERS,
        "revoke_credential": ENROLLERS,
        "withdraw_authorisation": ENROLLERS,
        "list_proposals": ENROLMENT_READERS,
        "list_providers": ENROLMENT_READERS,
        "list_enrolled_companies": ENROLMENT_READERS,
        "read_enrolled_company": ENROLMENT_READERS,
        "list_operators": OVERSIGHT,
        "list_deeds": OVERSIGHT,
        "invite_operator": OWNER,
        "withdraw_invitation": OWNER,
        "change_operator_roles": OWNER,
        "remove_operator": OWNER,
        "list_breaks": BOOKKEEPERS,
        "resolve_break": staff(Duty.FINANCE),
    }
)


def answers_any_class(api: HttpApi) -> bool:
    """Whether the caller may answer what work is in class 5 and 6 as well (docs/decisions/0143)."""
    return Duty.SENIOR_ADJUSTER in api.caller.staff_roles


def guarded_api(max_body_bytes: int = MAX_BODY_BYTES) -> HttpApi:
    """Make the resolver of a function whose routes need a token."""
    return HttpApi(ALLOWED, max_body_bytes=max_body_bytes)
