"""What stands in a queue of staff, as claims; the same of the fake and of the real store."""

from datetime import datetime

from daycover.claims.claim import Claim, Claims, Queue


def queued(claims: Claims, queue: Queue, now: datetime | None = None) -> list[Claim]:
    """By due time; with `now` what is due by then."""
    entries = claims.entries(queue, 100)
    return claims.many(entry.number for entry in entries if now is None or entry.due <= now)
