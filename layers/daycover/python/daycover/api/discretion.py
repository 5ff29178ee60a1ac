"""What of a claim only those read whose duty needs it (最小必要, PIPL art. 6, 28, 51), and who looks.

`Health[str]` in a view is text that may speak of somebody's health: what people typed about an accident, what a
document says, why something was decided. `Contact[str]` is how a person is reached. Finance and auditors work with
amounts, payees, dates, statuses and codes; both are null for them. `Identifying[str]` is who somebody is, in clear, for
those who decide about them (docs/decisions/0215). The rule is applied to every answer
(`platform/discretion.py`); a test asks for a mark, or a reason against one, on every text of every view of a claim.
"""

from typing import Annotated, TypeVar

from daycover.claims.looks import Looker
from daycover.platform.callers import Duty
from daycover.platform.discretion import Confidential
from daycover.platform.http import HttpApi

T = TypeVar("T")
HEALTH = Confidential(frozenset({Duty.INTAKE, Duty.ADJUSTER, Duty.SENIOR_ADJUSTER}))
CONTACT = Confidential(frozenset({Duty.INTAKE, Duty.ADJUSTER, Duty.SENIOR_ADJUSTER}))
IDENTIFYING = Confidential(frozenset({Duty.ADJUSTER, Duty.SENIOR_ADJUSTER}), roles=frozenset())
Health = Annotated[T | None, HEALTH]
Contact = Annotated[T | None, CONTACT]
Identifying = Annotated[T | None, IDENTIFYING]


def looker_of(api: HttpApi) -> Looker:
    """Give who asks, for the record of looks: it holds those who are shown health text or an identity in clear."""
    caller = api.caller
    return Looker(
        caller.subject,
        caller.staff_roles,
        api.request_id,
        in_clear=HEALTH.is_shown_to(caller),
        identified=IDENTIFYING.is_shown_to(caller),
    )
