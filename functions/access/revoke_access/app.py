"""POST …/revocation of a client secret and …/withdrawal of an authorisation: one person ends them at once."""

from typing import Any

from daycover.api.access.enrolment import (
    AuthorisationView,
    ProviderView,
    WithdrawnAuthorisationBody,
)
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.access import access

api = guarded_api()


@api.post("/v1/staff/providers/<provider_id>/credentials/<credential_id>/revocation")
def revoke_credential(provider_id: str, credential_id: str) -> Reply[ProviderView]:
    """Revoke a client secret for ever; tokens that it obtained live for their hour at most."""
    revoked = access().enrol.revoke_credential(provider_id, credential_id, api.caller.subject)
    logger.info("credential revoked", provider_id=revoked.provider_id, by=api.caller.subject)
    return reply(200, ProviderView.of(revoked))


@api.post("/v1/staff/authorisations/withdrawal")
def withdraw_authorisation(body: WithdrawnAuthorisationBody) -> Reply[AuthorisationView]:
    """Let a provider act for a company no longer, from its next request on."""
    withdrawn = access().enrol.withdraw_authorisation(body.provider_id, body.company_id)
    logger.info(
        "authorisation withdrawn",
        provider_id=withdrawn.provider_id,
        company_id=withdrawn.company_id,
        by=api.caller.subject,
    )
    return reply(200, AuthorisationView.of(withdrawn))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
