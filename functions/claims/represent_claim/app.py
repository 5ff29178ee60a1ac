"""…/representatives: somebody asks to act for the insured, ends it, and staff judge the request."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.representatives import JudgementBody, RepresentativeBody
from daycover.api.claims.worker import ReasonBody, RepresentationView, representation_view
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.post("/v1/claims/<claim_no>/representatives")
def ask_to_represent(claim_no: str, body: RepresentativeBody) -> Reply[RepresentationView]:
    """Ask to act for the insured of a claim, from one's own account.

    Whoever knows the claim number and the insured's identity number may ask; what is wrong is answered as an unknown
    claim, and five requests a day are answered at all. Until staff accept, only its proof may be sent.
    """
    asked = claims().ask_to_represent(api.caller.subject, claim_no, body.particulars(), body.insured())
    logger.info("representation requested", claim_no=claim_no, representative=asked.number)
    return reply(202, representation_view(claim_no, asked))


@api.post("/v1/claims/<claim_no>/representatives/<number>/revocation")
def end_representation(claim_no: str, number: int, body: ReasonBody) -> Reply[RepresentationView]:
    """End a representation: one's own, or as the insured that of an agent."""
    ended = claims().ask_to_represent.end(api.caller.subject, claim_no, number, body.reason)
    logger.info("representation ended", claim_no=claim_no, representative=number)
    return reply(200, representation_view(claim_no, ended))


@api.post("/v1/staff/claims/<claim_no>/representatives/<number>/judgement")
def judge_representative(claim_no: str, number: int, body: JudgementBody) -> Reply[ClaimFileView]:
    """Accept a representative on a document of the claim, refuse, or revoke."""
    claims().judge_representative(api.caller.subject, claim_no, number, body.verdict())
    logger.info("representative judged", claim_no=claim_no, representative=number, judgement=body.judgement)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
