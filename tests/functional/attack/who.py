"""Who may call what, and what everybody else is answered: written down from the product's description, not the code.

`WHO` says it for every route; a route that is not here can't pass. Names are those of `world.EVERYBODY`. The other
tables say what is answered about objects that are somebody else's, are not there, or do not belong together.
"""

from collections.abc import Mapping

STAFF = "staff:intake staff:adjuster staff:senior_adjuster staff:finance staff:auditor"
WHO: Mapping[str, str] = {
    "worker": """
        POST /v1/check-ins
        POST /v1/check-ins/{check_in_id}/policy
        GET /v1/claims
        POST /v1/claims
        GET /v1/claims/{claim_no}
        POST /v1/claims/{claim_no}/answer
        POST /v1/claims/{claim_no}/benefits
        POST /v1/claims/{claim_no}/complaint
        POST /v1/claims/{claim_no}/consents
        POST /v1/claims/{claim_no}/consents/withdrawal
        POST /v1/claims/{claim_no}/documents
        POST /v1/claims/{claim_no}/documents/completion
        POST /v1/claims/{claim_no}/documents/{document_id}/receipt
        POST /v1/claims/{claim_no}/identity-checks
        POST /v1/claims/{claim_no}/identity-checks/{check_id}/result
        POST /v1/claims/{claim_no}/notices/{number}/receipt
        POST /v1/claims/{claim_no}/payee
        POST /v1/claims/{claim_no}/representatives
        POST /v1/claims/{claim_no}/representatives/{number}/revocation
        POST /v1/claims/{claim_no}/withdrawal
        GET /v1/consents
        POST /v1/consents
        POST /v1/consents/withdrawal
        GET /v1/designation
        POST /v1/designation
        POST /v1/erasure-requests
        GET /v1/loss-notices
        POST /v1/loss-notices
        GET /v1/policies
        GET /v1/policies/{policy_no}
        POST /v1/policies/{policy_no}/cancellation
        GET /v1/policies/{policy_no}/certificate
        GET /v1/referrals
        POST /v1/referrals
        POST /v1/referrals/{referral_id}/documents
        POST /v1/referrals/{referral_id}/documents/{document_id}/receipt
        GET /v1/scan/{token}
    """,
    "owner": """
        POST /v1/companies/{company_id}/invitations
        POST /v1/companies/{company_id}/invitations/{invitation_id}/withdrawal
        POST /v1/companies/{company_id}/operators/{operator_id}/removal
        POST /v1/companies/{company_id}/operators/{operator_id}/roles
    """,
    "owner auditor": """
        GET /v1/companies/{company_id}/deeds
        GET /v1/companies/{company_id}/operators
    """,
    "provider company owner finance auditor": """
        GET /v1/companies/{company_id}/credit
        GET /v1/companies/{company_id}/deposit
        GET /v1/companies/{company_id}/master-policies/{year}
        GET /v1/companies/{company_id}/months/{month}
        GET /v1/companies/{company_id}/statements
        GET /v1/companies/{company_id}/statements/{day}
    """,
    "provider company owner operator": """
        POST /v1/companies/{company_id}/loss-notices
        POST /v1/companies/{company_id}/occupation-referrals
        POST /v1/companies/{company_id}/policies/{policy_no}/cancellation
        POST /v1/companies/{company_id}/projects
        GET /v1/companies/{company_id}/projects/{project_id}/qr-code
        POST /v1/companies/{company_id}/projects/{project_id}/qr-code
        POST /v1/companies/{company_id}/projects/{project_id}/referrals/{referral_id}/confirmation
        POST /v1/companies/{company_id}/projects/{project_id}/referrals/{referral_id}/decline
        POST /v1/companies/{company_id}/projects/{project_id}/site
        POST /v1/companies/{company_id}/projects/{project_id}/status
    """,
    "provider company owner operator finance auditor": """
        GET /v1/companies/{company_id}/gate
        GET /v1/companies/{company_id}/occupation-referrals
        GET /v1/companies/{company_id}/projects
        GET /v1/companies/{company_id}/projects/{project_id}
        GET /v1/companies/{company_id}/projects/{project_id}/referrals
        GET /v1/companies/{company_id}/projects/{project_id}/roster
        GET /v1/plans
    """,
    "provider company owner operator finance auditor " + STAFF: """
        GET /v1/occupations
    """,
    "staff:adjuster staff:senior_adjuster": """
        POST /v1/staff/claims/{claim_no}/advances
        POST /v1/staff/claims/{claim_no}/bills/check
        POST /v1/staff/claims/{claim_no}/decision
        POST /v1/staff/claims/{claim_no}/documents/{document_id}/verdict
        POST /v1/staff/claims/{claim_no}/investigation
        POST /v1/staff/claims/{claim_no}/reopening
        GET /v1/staff/claims/{claim_no}/sheet
        POST /v1/staff/claims/{claim_no}/sheet
        POST /v1/staff/claims/{claim_no}/supplement
        POST /v1/staff/companies/{company_id}/occupation-referrals/{referral_id}/answer
        GET /v1/staff/disability-items
        GET /v1/staff/referrals/{referral_id}
        POST /v1/staff/referrals/{referral_id}/decision
        GET /v1/staff/referrals/{referral_id}/documents/{document_id}/file
    """,
    "staff:finance": """
        POST /v1/staff/breaks/{break_id}/resolution
        POST /v1/staff/claims/{claim_no}/payout
        POST /v1/staff/companies/{company_id}/credit-limit
        POST /v1/staff/companies/{company_id}/deposit-refunds
        POST /v1/staff/companies/{company_id}/deposits
        POST /v1/staff/companies/{company_id}/statements/{day}/payment
        POST /v1/staff/settlements/{day}/{position}/transfers
    """,
    "staff:finance staff:auditor": """
        GET /v1/staff/accounts
        GET /v1/staff/book/{day}
        GET /v1/staff/breaks
        GET /v1/staff/companies/{company_id}/credit
        GET /v1/staff/companies/{company_id}/deposit
        GET /v1/staff/settlements/{day}
        GET /v1/staff/settlements/{day}/{position}
    """,
    "staff:intake staff:adjuster staff:senior_adjuster": """
        POST /v1/staff/claims/{claim_no}/beneficiaries
        POST /v1/staff/claims/{claim_no}/beneficiaries/answer
        POST /v1/staff/claims/{claim_no}/benefits
        POST /v1/staff/claims/{claim_no}/consents
        POST /v1/staff/claims/{claim_no}/documents
        POST /v1/staff/claims/{claim_no}/documents/completion
        GET /v1/staff/claims/{claim_no}/documents/{document_id}/file
        POST /v1/staff/claims/{claim_no}/documents/{document_id}/receipt
        POST /v1/staff/claims/{claim_no}/notices/{number}/delivery
        POST /v1/staff/claims/{claim_no}/representatives/{number}/judgement
        POST /v1/staff/loss-notices
        POST /v1/staff/loss-notices/{report_no}/match
    """,
    "staff:intake staff:adjuster staff:senior_adjuster staff:finance": """
        POST /v1/staff/claims/{claim_no}/assignment
        POST /v1/staff/claims/{claim_no}/notes
    """,
    STAFF: """
        GET /v1/staff/claim-search
        GET /v1/staff/claims
        GET /v1/staff/claims/{claim_no}
        GET /v1/staff/claims/{claim_no}/beneficiaries
        GET /v1/staff/claims/{claim_no}/insured
        GET /v1/staff/loss-notices/{report_no}
        GET /v1/staff/occupation-referrals
        GET /v1/staff/referrals
    """,
    "staff:intake staff:finance": """
        POST /v1/staff/claims/{claim_no}/identity-confirmation
    """,
    "staff:senior_adjuster": """
        POST /v1/staff/claims/{claim_no}/acknowledgement
        POST /v1/staff/claims/{claim_no}/advances/{number}/acknowledgement
        POST /v1/staff/policies/{policy_no}/voidance
    """,
    "staff:senior_adjuster staff:auditor": """
        GET /v1/staff/claims/{claim_no}/looks
        GET /v1/staff/companies/{company_id}/roster-signals
        GET /v1/staff/projects/{project_id}/signals
        GET /v1/staff/referrals/{referral_id}/looks
    """,
    "staff:senior_adjuster staff:finance": """
        POST /v1/staff/authorisations/withdrawal
        POST /v1/staff/claims/{claim_no}/beneficiaries/confirmation
        POST /v1/staff/proposals/authorisations
        POST /v1/staff/proposals/companies
        POST /v1/staff/proposals/contracts
        POST /v1/staff/proposals/credentials
        POST /v1/staff/proposals/owners
        POST /v1/staff/proposals/providers
        POST /v1/staff/proposals/{proposal_id}/approval
        POST /v1/staff/proposals/{proposal_id}/withdrawal
        POST /v1/staff/providers/{provider_id}/credentials/{credential_id}/revocation
        POST /v1/staff/tables/calendar/versions
        POST /v1/staff/tables/occupations/versions
        POST /v1/staff/tables/plans/versions
        POST /v1/staff/tables/{table}/versions/{version}/approval
        POST /v1/staff/tables/{table}/versions/{version}/withdrawal
    """,
    "staff:senior_adjuster staff:finance staff:auditor": """
        GET /v1/staff/companies
        GET /v1/staff/companies/{company_id}
        GET /v1/staff/proposals
        GET /v1/staff/providers
        GET /v1/staff/service-levels/{month}
        GET /v1/staff/tables
        GET /v1/staff/tables/{table}/versions/{version}
    """,
    "anybody": """
        GET /
        GET /.well-known/jwks.json
        GET /c/{credential}
        GET /desk
        GET /me
        GET /s/{token}
        GET /staff
        GET /static/{version}/{file}
        GET /v1/certificates/{credential}
        GET /v1/health
        POST /v1/insurer/answers
        POST /v1/operator-sessions
        GET /v1/operator-sign-in
        POST /v1/sessions
        POST /v1/staff-sessions
        GET /v1/terms/{terms_id}
        POST /v1/tokens
        GET /v1/verifications/{policy_no}
        POST /v1/wechat/transfer-notices
    """,
}


def routes_of(table: Mapping[str, str]) -> dict[str, str]:
    """Turn `who: routes, one a line` into who by route. Raises ValueError for a route that stands twice."""
    found: dict[str, str] = {}
    for who, lines in table.items():
        for line in filter(None, map(str.strip, lines.splitlines())):
            if line in found:
                raise ValueError(line)
            found[line] = who
    return found


OF_ANOTHER_WORKER: Mapping[str, str] = {
    "404 policy-not-found": """
        POST /v1/claims
        GET /v1/policies/{policy_no}
        POST /v1/policies/{policy_no}/cancellation
        GET /v1/policies/{policy_no}/certificate
    """,
    "404 check-in-not-found": """
        POST /v1/check-ins/{check_in_id}/policy
    """,
    "404 referral-not-found": """
        POST /v1/referrals/{referral_id}/documents
        POST /v1/referrals/{referral_id}/documents/{document_id}/receipt
    """,
    "404 claim-not-found": """
        GET /v1/claims/{claim_no}
        POST /v1/claims/{claim_no}/answer
        POST /v1/claims/{claim_no}/benefits
        POST /v1/claims/{claim_no}/complaint
        POST /v1/claims/{claim_no}/consents
        POST /v1/claims/{claim_no}/consents/withdrawal
        POST /v1/claims/{claim_no}/documents
        POST /v1/claims/{claim_no}/documents/completion
        POST /v1/claims/{claim_no}/documents/{document_id}/receipt
        POST /v1/claims/{claim_no}/identity-checks
        POST /v1/claims/{claim_no}/identity-checks/{check_id}/result
        POST /v1/claims/{claim_no}/notices/{number}/receipt
        POST /v1/claims/{claim_no}/payee
        POST /v1/claims/{claim_no}/representatives/{number}/revocation
        POST /v1/claims/{claim_no}/withdrawal
    """,
    "409 designation-needs-identity": """
        GET /v1/designation
        POST /v1/designation
    """,
    "422 consent-missing": """
        POST /v1/check-ins
        POST /v1/referrals
    """,
    "2xx": """
        GET /v1/claims
        POST /v1/claims/{claim_no}/representatives
        GET /v1/consents
        POST /v1/consents
        POST /v1/consents/withdrawal
        POST /v1/erasure-requests
        GET /v1/loss-notices
        POST /v1/loss-notices
        GET /v1/policies
        GET /v1/referrals
        GET /v1/scan/{token}
    """,
}
"""What a worker is answered who asks word for word what the one asked whose objects they are; 2xx is about themselves,
or open to everybody who has the code or knows the insured's number."""

ACTING_FOR_ANOTHER: Mapping[str, str] = {
    "agent guardian": """
        GET /v1/claims/{claim_no}
        POST /v1/claims/{claim_no}/answer
        POST /v1/claims/{claim_no}/benefits
        POST /v1/claims/{claim_no}/complaint
        POST /v1/claims/{claim_no}/consents
        POST /v1/claims/{claim_no}/consents/withdrawal
        POST /v1/claims/{claim_no}/documents
        POST /v1/claims/{claim_no}/documents/completion
        POST /v1/claims/{claim_no}/documents/{document_id}/receipt
        POST /v1/claims/{claim_no}/notices/{number}/receipt
        POST /v1/claims/{claim_no}/payee
    """,
    "guardian": """
        POST /v1/claims/{claim_no}/withdrawal
    """,
    "": """
        POST /v1/claims/{claim_no}/identity-checks
        POST /v1/claims/{claim_no}/identity-checks/{check_id}/result
        POST /v1/claims/{claim_no}/representatives/{number}/revocation
    """,
    "waiting refused revoked agent guardian": """
        POST /v1/claims/{claim_no}/representatives
    """,
}
"""Which accounts beside the insured's may ask it of a claim: those whose request waits or came to nothing, and those
whom staff have accepted. The others are answered as strangers, or that it is not theirs to do."""

ANOTHER_COMPANY_S: Mapping[str, str] = {
    "404": """
        GET /v1/companies/{company_id}/master-policies/{year}
        POST /v1/companies/{company_id}/operators/{operator_id}/removal
        POST /v1/companies/{company_id}/operators/{operator_id}/roles
        POST /v1/companies/{company_id}/policies/{policy_no}/cancellation
        GET /v1/companies/{company_id}/projects/{project_id}
        GET /v1/companies/{company_id}/projects/{project_id}/qr-code
        POST /v1/companies/{company_id}/projects/{project_id}/qr-code
        POST /v1/companies/{company_id}/projects/{project_id}/referrals/{referral_id}/confirmation
        POST /v1/companies/{company_id}/projects/{project_id}/referrals/{referral_id}/decline
        GET /v1/companies/{company_id}/projects/{project_id}/roster
        POST /v1/companies/{company_id}/projects/{project_id}/site
        POST /v1/companies/{company_id}/projects/{project_id}/status
    """,
    "409": """
        POST /v1/companies/{company_id}/invitations/{invitation_id}/withdrawal
    """,
    "2xx": """
        GET /v1/companies/{company_id}/credit
        GET /v1/companies/{company_id}/deeds
        GET /v1/companies/{company_id}/deposit
        GET /v1/companies/{company_id}/gate
        POST /v1/companies/{company_id}/invitations
        POST /v1/companies/{company_id}/loss-notices
        GET /v1/companies/{company_id}/months/{month}
        GET /v1/companies/{company_id}/occupation-referrals
        POST /v1/companies/{company_id}/occupation-referrals
        GET /v1/companies/{company_id}/operators
        GET /v1/companies/{company_id}/projects
        POST /v1/companies/{company_id}/projects
        GET /v1/companies/{company_id}/projects/{project_id}/referrals
        GET /v1/companies/{company_id}/statements
        GET /v1/companies/{company_id}/statements/{day}
    """,
}
"""What somebody of company C2 is answered who asks for C2 with an object of C1; 2xx is about C2 alone, mostly empty."""

NOT_THERE: Mapping[str, str] = {
    "400": """
        GET /v1/scan/{token} token
    """,
    "403": """
        GET /v1/staff/companies/{company_id} company_id
        GET /v1/staff/companies/{company_id}/credit company_id
        POST /v1/staff/companies/{company_id}/credit-limit company_id
        POST /v1/staff/companies/{company_id}/deposits company_id
    """,
    "409": """
        POST /v1/companies/{company_id}/invitations/{invitation_id}/withdrawal invitation_id
        POST /v1/staff/companies/{company_id}/deposit-refunds company_id
    """,
    "422": """
        GET /v1/staff/settlements/{day}/{position} position
        POST /v1/staff/settlements/{day}/{position}/transfers day
        POST /v1/staff/settlements/{day}/{position}/transfers position
    """,
    "200": """
        GET /v1/companies/{company_id}/months/{month} month
        GET /v1/companies/{company_id}/projects/{project_id}/referrals project_id
        GET /v1/staff/book/{day} day
        GET /v1/staff/claims/{claim_no}/looks claim_no
        GET /v1/staff/companies/{company_id}/deposit company_id
        GET /v1/staff/companies/{company_id}/roster-signals company_id
        GET /v1/staff/referrals/{referral_id}/looks referral_id
        GET /v1/staff/service-levels/{month} month
        GET /v1/staff/settlements/{day} day
        GET /v1/staff/settlements/{day}/{position} day
    """,
}
"""What is answered when one id of the path is nobody's, by route and id; every other one is 404."""

WHAT_A_REPEAT_LEAVES: Mapping[str, str] = {
    "another record of what was said or seen again": """
        POST /v1/claims/{claim_no}/complaint
        POST /v1/consents/withdrawal
        POST /v1/erasure-requests
        POST /v1/staff/claims/{claim_no}/bills/check
        POST /v1/staff/claims/{claim_no}/documents/{document_id}/verdict
        POST /v1/staff/claims/{claim_no}/notes
        POST /v1/staff/providers/{provider_id}/credentials/{credential_id}/revocation
    """,
    "the same, stated once more and to be confirmed once more": """
        POST /v1/claims/{claim_no}/payee
        POST /v1/companies/{company_id}/projects/{project_id}/site
        POST /v1/staff/claims/{claim_no}/beneficiaries
    """,
    "another attempt, which is counted": """
        POST /v1/claims/{claim_no}/representatives
    """,
    "another key of the gate, and the one before is void": """
        POST /v1/companies/{company_id}/projects/{project_id}/qr-code
    """,
    "another project, invitation or proposal, which others see and somebody must use or approve": """
        POST /v1/companies/{company_id}/invitations
        POST /v1/companies/{company_id}/projects
        POST /v1/staff/proposals/authorisations
        POST /v1/staff/proposals/companies
        POST /v1/staff/proposals/contracts
        POST /v1/staff/proposals/credentials
        POST /v1/staff/proposals/owners
        POST /v1/staff/proposals/providers
    """,
}
"""The requests that leave something more when they are sent again word for word; every other one leaves the stores as
the first has left them. No policy, claim, decision, payment or posting is among them."""
