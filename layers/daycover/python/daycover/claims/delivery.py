"""Which notice of a claim still waits to be delivered, and what its delivery does to the round."""

from datetime import datetime

from daycover.claims.claim import Actor, ActorKind, Claim
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.notice import (
    ON_DECISION,
    REFUSING,
    Delivered,
    DeliveryChannel,
    NoticeFact,
    NoticeKind,
    NoticeNotFoundError,
    delivery_due,
    open_request,
    pause_of,
    replaced,
)
from daycover.claims.round import Round


def notice_of_decision(this: Round) -> NoticeFact | None:
    """Give the notice of the decision that stands; that of one which fell is history."""
    made = [fact for fact in this.notices if fact.kind in ON_DECISION]
    return made[-1] if made and this.acknowledged_at is not None else None


def undelivered(claim: Claim) -> NoticeFact | None:
    """Give the notice that somebody must still deliver.

    A request for papers that have arrived needs nobody, nor does an offer that was answered. A refusal needs it
    until it is delivered, also once the claim is closed.
    """
    this = claim.round
    if claim.status is ClaimStatus.AWAITING_SUPPLEMENT:
        fact = open_request(this.notices)
    elif claim.status in {ClaimStatus.ACKNOWLEDGED, ClaimStatus.CLOSED}:
        fact = notice_of_decision(this)
        if fact is not None and claim.status is ClaimStatus.CLOSED and fact.kind is not NoticeKind.REFUSAL:
            return None
    else:
        return None
    return fact if fact is not None and fact.delivered is None else None


def notice_due(claim: Claim) -> datetime | None:
    """Give by when the undelivered notice is due; None where none is: its place in the queue of notices."""
    fact = undelivered(claim)
    return delivery_due(fact, claim.round.decided_at) if fact is not None else None


def refusal_due(claim: Claim) -> datetime | None:
    """Give when the 3 days of an undelivered refusal end, whole or in part."""
    fact = undelivered(claim)
    return delivery_due(fact, claim.round.decided_at) if fact is not None and fact.kind in REFUSING else None


def find_notice(claim: Claim, number: str) -> tuple[Round, NoticeFact]:
    """Raises NoticeNotFoundError."""
    for known in claim.rounds:
        for fact in known.notices:
            if fact.number == number:
                return known, fact
    raise NoticeNotFoundError


def told_by(claim: Claim, version: int) -> NoticeFact | None:
    """Give the notice that the message of a history line tells of."""
    facts = (fact for known in claim.rounds for fact in known.notices)
    return next((fact for fact in facts if fact.told_by == version), None)


def with_delivery(claim: Claim, number: str, delivered: Delivered) -> tuple[Round, ...]:
    """Give the rounds after a delivery. That of a request for papers begins the pause of the 30 days.

    Raises NoticeNotFoundError.
    """
    known, fact = find_notice(claim, number)
    changed = fact.model_copy(update={"delivered": delivered})
    is_awaited = claim.status is ClaimStatus.AWAITING_SUPPLEMENT and fact == open_request(claim.round.notices)
    pause = pause_of(changed, waits=is_awaited)
    update = {
        "notices": replaced(known.notices, changed),
        "pauses": known.pauses if pause is None else (*known.pauses, pause),
    }
    return claim.with_round(known.model_copy(update=update))


_IN_THE_APP = frozenset({ActorKind.WORKER, ActorKind.REPRESENTATIVE})


def read_by_answering(claim: Claim, by: Actor, at: datetime) -> tuple[NoticeFact, ...]:
    """Give the round's notices after the amount was answered in the app by the insured, or by who represents them:
    they had it before them."""
    fact, notices = notice_of_decision(claim.round), claim.round.notices
    if fact is None or fact.delivered is not None or by.kind not in _IN_THE_APP:
        return notices
    delivered = Delivered(channel=DeliveryChannel.APP_SEEN, at=at, by=f"{by.kind}:{by.id}", recorded_at=at)
    return replaced(notices, fact.model_copy(update={"delivered": delivered}))
