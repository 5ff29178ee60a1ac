"""A member of staff has seen the payee's document."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from daycover.claims.obligation import INSURED
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import MOST
from daycover.payouts.identity import PayeeIdentity
from daycover.platform.http import Body, View


class ConfirmationBody(Body):
    """The kind of document that the member of staff saw; never its number."""

    document_type: IdDocumentType
    payee: Annotated[str, StringConstraints(pattern=rf"^({INSURED}|B[1-{MOST}])$")] = INSURED
    """Whom they saw: the insured, or a beneficiary by the id of the share."""


class ConfirmationView(View):
    """`SEEN` after the first member of staff, `PROVED` after the second."""

    claim_no: str
    status: str
    seen_by: str | None = None
    proved_until: datetime | None = None

    @classmethod
    def of(cls, identity: PayeeIdentity, now: datetime) -> "ConfirmationView":
        if identity.is_fresh(now):
            return cls(claim_no=identity.claim_no, status="PROVED", proved_until=identity.fresh_until)
        seen_by = identity.sighting.by if identity.sighting else None
        return cls(claim_no=identity.claim_no, status="SEEN", seen_by=seen_by)
