"""POST /v1/consents and /v1/claims/{claim_no}/consents: the worker accepts texts, named by their hash."""

from typing import Any

from daycover.api.claims.consents import ClaimConsentsBody, ClaimConsentsView, accepted_of
from daycover.api.cover.scan import ConsentsBody, ConsentsView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims
from daycover.wiring.cover import cover

api = guarded_api()


@api.post("/v1/consents")
def give_consents(body: ConsentsBody) -> Reply[ConsentsView]:
    """Accept texts, named by the hash of what was shown."""
    caller = api.caller
    records = cover().preview_cover.accept(caller.subject, body.qr_token, body.accepted())
    return reply(201, ConsentsView(given=[record.kind for record in records]))


@api.post("/v1/claims/<claim_no>/consents")
def give_claim_consents(claim_no: str, body: ClaimConsentsBody) -> Reply[ClaimConsentsView]:
    """Consent to what a claim needs (health data, bank account, face), each by itself.
    The texts stand in `consents` of the claim.
    """
    claim = claims().consents.give(api.caller.subject, claim_no, accepted_of(body.consents))
    return reply(201, ClaimConsentsView.of(claim))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
