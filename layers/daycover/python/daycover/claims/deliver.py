"""Record that a notice was delivered (送达): a message that was taken, a letter, a call, or its being read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.claims.access import Act, ClaimAccess, insured_has_died
from daycover.claims.claim import SYSTEM, Actor, Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.delivery import find_notice, told_by, with_delivery
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.notice import Delivered, DeliveryChannel, DeliveryTimeError
from daycover.claims.record import record


class HowDelivered(NamedTuple):
    """`at` None is now; `reference` is the number of the letter, or the number called; `note` who was spoken with."""

    channel: DeliveryChannel
    at: datetime | None = None
    reference: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverNotice:
    """The first delivery that is recorded counts; any other changes nothing, so that all may be repeated.

    Raises ClaimNotFoundError and NoticeNotFoundError throughout.
    """

    claims: Claims
    access: ClaimAccess
    now: Callable[[], datetime]

    def by_staff(self, staff_id: str, claim_no: str, number: str, how: HowDelivered) -> Claim:
        """Record a letter, a call or a hand. Raises DeliveryTimeError."""
        return self._record(claim_no, number, how, Actor.staff(staff_id))

    def by_reading(self, worker_id: str, claim_no: str, number: str) -> Claim:
        """Record that its addressee, or who represents them, opened it in the app.

        A notice to beneficiaries is delivered neither by whoever holds the phone of the insured, who has died, nor
        by one heir for all.
        """
        claim = self.claims.get(claim_no)
        reader = self.access(worker_id, claim, Act.SEE).actor
        find_notice(claim, number)
        if insured_has_died(claim):
            return claim
        return self._record(claim_no, number, HowDelivered(DeliveryChannel.APP_SEEN), reader)

    def by_message(self, claim: Claim, version: int) -> Claim:
        """Record that the message of a history line was taken for a subscribed phone; most tell of no notice."""
        fact = told_by(claim, version)
        if fact is None or claim.goes_to_beneficiaries:
            return claim
        return self._record(claim.claim_no, fact.number, HowDelivered(DeliveryChannel.MESSAGE), SYSTEM)

    @repeated_on_conflict
    def _record(self, claim_no: str, number: str, how: HowDelivered, by: Actor) -> Claim:
        claim, now = self.claims.get(claim_no), self.now()
        _, fact = find_notice(claim, number)
        if fact.delivered is not None:
            return claim
        at = how.at or now
        if not fact.made_at <= at <= now:
            raise DeliveryTimeError(made_at=fact.made_at.isoformat())
        delivered = Delivered(channel=how.channel, at=at, by=f"{by.kind}:{by.id}", recorded_at=now)
        change = record(
            claim,
            ClaimEvent.NOTICE_DELIVERED,
            at=now,
            by=by,
            reason_code=how.channel.value,
            reason="; ".join(word for word in (how.reference, how.note) if word) or None,
            notice=number,
            rounds=with_delivery(claim, number, delivered),
        )
        self.claims.save(change)
        return change.after
