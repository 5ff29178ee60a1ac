"""Claim more (增加申请项目): benefits are added until the decision, by whoever files or by staff."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daycover.claims.access import Act, ClaimAccess
from daycover.claims.claim import Actor, Claim, ClaimChange, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ADDING, ClaimEvent, ClaimStatus
from daycover.claims.record import record
from daycover.errors import DaycoverError, ErrorKind

BENEFITS_ADDED = "BENEFITS_ADDED"
"""The review had begun without them, so a person decides: reason code."""
_NOT_REVIEWED = frozenset({ClaimStatus.REGISTERED, ClaimStatus.AWAITING_DOCS})


class BenefitsClosedError(DaycoverError):
    """The claim is decided; benefits are added by reopening it.

    What to do: Ask the insurer to reopen the claim for them, once it is closed.
    含义:赔案已核定;此后增加申请项目须重新开案。
    处理:结案后请联系理赔人员重新开案并增加项目。
    """

    kind = ErrorKind.CONFLICT
    title = "赔案已核定,不能直接增加申请项目", "The claim is decided; benefits can't be added now"
    detail = (
        "当前状态为 {claim_status}。请致电理赔热线或提出异议,由工作人员重新开案并增加项目;时效内随时可以。",
        "It is {claim_status}. Call the hotline, or dispute the amount: staff reopen the claim and add them, at any "
        "time within the limitation.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBenefits:
    """Raises ClaimNotFoundError, BenefitsClosedError. Benefits that are claimed already change nothing."""

    claims: Claims
    access: ClaimAccess
    now: Callable[[], datetime]

    @repeated_on_conflict
    def for_account(self, worker_id: str, claim_no: str, claim_types: Collection[ClaimType]) -> Claim:
        """By the insured or a representative. Raises NotForRepresentativeError as well."""
        claim = self.claims.get(claim_no)
        return self._add(claim, self.access(worker_id, claim, Act.CLAIM_MORE).actor, claim_types)

    @repeated_on_conflict
    def for_staff(self, staff_id: str, claim_no: str, claim_types: Collection[ClaimType]) -> Claim:
        return self._add(self.claims.get(claim_no), Actor.staff(staff_id), claim_types)

    def _add(self, claim: Claim, by: Actor, claim_types: Collection[ClaimType]) -> Claim:
        if not news(claim, claim_types):
            return claim
        if claim.status not in ADDING:
            raise BenefitsClosedError(claim_status=claim.status.value)
        change = added(claim, ClaimEvent.BENEFITS_ADDED, claim_types, at=self.now(), by=by)
        self.claims.save(change)
        return change.after


def news(claim: Claim, claim_types: Collection[ClaimType]) -> frozenset[ClaimType]:
    """Give the benefits that the claim does not claim yet."""
    return frozenset(claim_types) - set(claim.claim_types)


def united(claim: Claim, claim_types: Collection[ClaimType]) -> tuple[ClaimType, ...]:
    return tuple(sorted({*claim.claim_types, *claim_types}))


def added(
    claim: Claim,
    event: ClaimEvent,
    claim_types: Collection[ClaimType],
    *,
    at: datetime,
    by: Actor,
    **changes: Any,
) -> ClaimChange:
    """Give the change that claims the union, with other `changes` of the claim.

    The write is conditional on the claim's version, so the machine that assessed the claim without them must look
    again, and then finds that a person decides.
    """
    referred_for = claim.round.referred_for
    new = news(claim, claim_types)
    if new and claim.status not in _NOT_REVIEWED:
        referred_for = tuple(dict.fromkeys((*referred_for, BENEFITS_ADDED)))
    return record(
        claim,
        event,
        at=at,
        by=by,
        reason_code="+".join(sorted(new)) or None,
        claim_types=united(claim, claim_types),
        referred_for=referred_for,
        **changes,
    )
