"""/v1/staff/claims/{claim_no}/sheet: every version of the loss sheet, and a new one."""

from typing import Any

from daycover.api.claims.file import ClaimFileView, claim_file_view
from daycover.api.claims.sheet import SheetBody, SheetsView
from daycover.api.discretion import looker_of
from daycover.api.duties import guarded_api
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, reply
from daycover.wiring.claims import claims

api = guarded_api()


@api.get("/v1/staff/claims/<claim_no>/sheet")
def read_sheet(claim_no: str) -> Reply[SheetsView]:
    """Give every version of the claim's loss sheet, oldest first."""
    return reply(200, SheetsView.of(*claims().look_at.sheets(looker_of(api), claim_no)))


@api.post("/v1/staff/claims/<claim_no>/sheet")
def fill_sheet(claim_no: str, body: SheetBody) -> Reply[ClaimFileView]:
    """Put a new version in the place of the one that was read; the assessment is computed anew.

    What says the same as before keeps its source, everything else is the adjuster's.
    """
    fill, staff_id = claims().fill_sheet, api.caller.subject
    entered = body.sheet(claim_no, fill.source(staff_id))
    claim = fill(staff_id, claim_no, body.version, entered, body.reason)
    logger.info("loss sheet filled", claim_no=claim_no, sheet=claim.round.sheet)
    return reply(200, claim_file_view(claims().look_at.file(looker_of(api), claim_no)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
