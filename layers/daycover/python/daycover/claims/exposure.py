"""The exposure of a policy (保单累计责任): what its claims have taken of each limit, decided or advanced.

Limits hold per policy, over all its claims and rounds, so what stands decided is counted in one item of the
policy, written in the transaction that lets a decision or an advance stand and in the one that takes it back.
Which bills the money was for is counted too: one bill is paid once by a policy, and shared between policies.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from pydantic import BaseModel, Field

from daycover.claims.adjudication import DAYS_PER_POLICY, Assessment, Prior
from daycover.claims.documents import ClaimType
from daycover.cover.plan import Benefits
from daycover.errors import ConcurrentChangeError

_T = ClaimType
LUMP_SUMS = (_T.DISABILITY, _T.DEATH, _T.SUDDEN_DEATH)
"""They share the sum insured."""
BILLED = (_T.MEDICAL, _T.AMBULANCE)
"""They refund bills, so that several policies share them."""
DAILY = (_T.HOSPITAL, _T.LOST_INCOME)
FALLS_ON = (*LUMP_SUMS, *BILLED, *DAILY)
"""Where a decided amount above the assessed one falls first: what a person decided by hand is mostly a benefit
that the machine can't compute."""


class Held(BaseModel, frozen=True, defer_build=True):
    """What is held of one benefit: fen, and for a daily allowance the days that it pays."""

    fen: int = 0
    days: int = 0


class Holding(BaseModel, frozen=True, defer_build=True):
    """What one round holds, or all claims of a policy together; `bills` in fen by `<benefit>:<bill>`."""

    benefits: dict[ClaimType, Held] = Field(default_factory=dict)
    bills: dict[str, int] = Field(default_factory=dict)

    @property
    def fen(self) -> int:
        return sum(held.fen for held in self.benefits.values())

    def of(self, *claim_types: ClaimType) -> Held:
        """Give what is held of these benefits together."""
        found = [self.benefits[t] for t in claim_types if t in self.benefits]
        return Held(fen=sum(h.fen for h in found), days=sum(h.days for h in found))

    def plus(self, other: "Holding", sign: int = 1) -> "Holding":
        """Add another holding, or take it away (`sign` -1); what is nothing then is left out."""
        benefits = {}
        for claim_type in ClaimType:
            mine, its = self.of(claim_type), other.of(claim_type)
            sum_ = Held(fen=mine.fen + sign * its.fen, days=mine.days + sign * its.days)
            if sum_ != _NO_PART:
                benefits[claim_type] = sum_
        bills = {
            bill: fen
            for bill in {**self.bills, **other.bills}
            if (fen := self.bills.get(bill, 0) + sign * other.bills.get(bill, 0))
        }
        return Holding(benefits=benefits, bills=bills)

    def minus(self, other: "Holding") -> "Holding":
        return self.plus(other, -1)


_NO_PART = Held()
NOTHING_HELD = Holding()


class PolicyExposure(BaseModel, frozen=True, defer_build=True):
    """One policy's; `version` 0: nothing was ever held."""

    policy_no: str
    version: int = 0
    held: Holding = NOTHING_HELD

    def without(self, own: Holding) -> Holding:
        """Give what others hold beside `own`, which a claim holds.

        Raises ConcurrentChangeError where less is held than that: the claim gave back between the two reads.
        """
        others = self.held.minus(own)
        amounts = [amount for held in others.benefits.values() for amount in (held.fen, held.days)]
        if min([*amounts, *others.bills.values()], default=0) < 0:
            raise ConcurrentChangeError
        return others

    def moved(self, before: Holding, after: Holding) -> "PolicyExposure":
        """Give the exposure in which a round that held `before` holds `after`."""
        held = self.held.minus(before).plus(after)
        return self.model_copy(update={"version": self.version + 1, "held": held})


class ExposureChange(NamedTuple):
    """Goes into the transaction of the claim that makes it.

    `beside` are the exposures of other policies of the person that share a bill. Their versions move as well:
    the first claim that has a bill knows of no other, and so must find its own exposure moved.
    """

    before: PolicyExposure
    after: PolicyExposure
    beside: tuple[PolicyExposure, ...] = ()


class Exposures(Protocol):
    """The exposures of policies. They are written with the claim that moves them (`Claims.save`)."""

    def find(self, policy_nos: Iterable[str]) -> dict[str, PolicyExposure]:
        """Read strongly consistent; one of version 0 for a policy that holds nothing."""
        ...


class Room(NamedTuple):
    """What a policy can still pay of each benefit, in fen; the lump sums share `sum_fen`."""

    benefits: Mapping[ClaimType, int]
    sum_fen: int

    def total_fen(self, claimed: Collection[ClaimType]) -> int:
        """The most that it can pay for these benefits together."""
        lump = min(self.sum_fen, sum(self.benefits[t] for t in LUMP_SUMS if t in claimed))
        return lump + sum(fen for t, fen in self.benefits.items() if t in claimed and t not in LUMP_SUMS)


def room_of(benefits: Benefits, sum_insured_fen: int, others: Holding) -> Room:
    """Give what is left of the limits after what others hold: other claims, and earlier rounds of this one."""
    sum_fen = max(0, sum_insured_fen - others.of(*LUMP_SUMS).fen)
    daily = {_T.HOSPITAL: benefits.hospital_daily_fen, _T.LOST_INCOME: benefits.lost_income_daily_fen}
    limits = {_T.MEDICAL: benefits.medical_limit_fen, _T.AMBULANCE: benefits.ambulance_limit_fen}
    left = {t: max(0, limit - others.of(t).fen) for t, limit in limits.items()}
    left |= {t: max(0, DAYS_PER_POLICY - others.of(t).days) * fen for t, fen in daily.items()}
    left |= {_T.DISABILITY: sum_fen, _T.DEATH: sum_fen}
    dead = others.of(_T.DEATH, _T.SUDDEN_DEATH).fen
    left[_T.SUDDEN_DEATH] = min(sum_fen, max(0, benefits.sudden_death_fen - dead))
    return Room(left, sum_fen)


def prior_of(others: Holding) -> Prior:
    """Give what others hold as the formulas read it."""
    return Prior(
        medical_fen=others.of(_T.MEDICAL).fen,
        hospital_days=others.of(_T.HOSPITAL).days,
        lost_income_days=others.of(_T.LOST_INCOME).days,
        disability_fen=others.of(_T.DISABILITY).fen,
        death_fen=others.of(_T.DEATH, _T.SUDDEN_DEATH).fen,
        ambulance_fen=others.of(_T.AMBULANCE).fen,
    )


def fall(
    amount_fen: int,
    proposed: Mapping[ClaimType, int],
    room: Room,
    granted: Mapping[ClaimType, int] | None = None,
) -> dict[ClaimType, int] | None:
    """Say on which benefits a decided amount falls, in fen; None where the policy has no room for it.

    As the adjuster said (`granted`), else as it was proposed: less than that in proportion, by largest
    remainder; more than that on the benefits that are claimed, in the order of FALLS_ON. What is not claimed
    pays only where the adjuster says so.
    """
    if granted is not None:
        parts = {t: fen for t, fen in granted.items() if fen}
    else:
        whole = sum(proposed.values())
        if amount_fen <= whole:
            parts = in_proportion(amount_fen, proposed)
        else:
            parts = dict(proposed)
            left = amount_fen - whole
            for claim_type in (t for t in FALLS_ON if t in proposed):
                more = min(left, _room_beside(claim_type, parts, room))
                parts[claim_type] = parts.get(claim_type, 0) + more
                left -= more
    parts = {t: fen for t, fen in parts.items() if fen}
    fits = all(0 <= fen <= room.benefits[t] for t, fen in parts.items())
    fits &= sum(fen for t, fen in parts.items() if t in LUMP_SUMS) <= room.sum_fen
    return parts if fits and sum(parts.values()) == amount_fen else None


def _room_beside(claim_type: ClaimType, parts: Mapping[ClaimType, int], room: Room) -> int:
    left = room.benefits[claim_type] - parts.get(claim_type, 0)
    if claim_type in LUMP_SUMS:
        left = min(left, room.sum_fen - sum(parts.get(t, 0) for t in LUMP_SUMS))
    return max(0, left)


def in_proportion(amount_fen: int, weights: Mapping[ClaimType, int]) -> dict[ClaimType, int]:
    """Share an amount in proportion to weights, by largest remainder; the earlier one wins a tie."""
    keys = list(weights)
    shares = _shared_out(amount_fen, [weights[key] for key in keys])
    return dict(zip(keys, shares, strict=True))


def holding_of(parts: Mapping[ClaimType, int], benefits: Benefits, bills: Mapping[str, int]) -> Holding:
    """Give what a round holds for its decided parts. `bills`: what may be refunded of each, by `<benefit>:<bill>`.

    A part of a day is a day. A billed benefit falls on its bills in proportion to what is refundable of each,
    and never above that.
    """
    daily = {_T.HOSPITAL: benefits.hospital_daily_fen, _T.LOST_INCOME: benefits.lost_income_daily_fen}
    held = {
        t: Held(fen=fen, days=-(-fen // daily[t]) if daily.get(t) else 0) for t, fen in parts.items() if fen
    }
    on_bills: dict[str, int] = {}
    for claim_type in BILLED:
        own = [bill for bill in bills if bill.startswith(f"{claim_type}:")]
        refundable = [bills[bill] for bill in own]
        amount = min(parts.get(claim_type, 0), sum(refundable))
        shares = _shared_out(amount, refundable)
        on_bills |= {bill: fen for bill, fen in zip(own, shares, strict=True) if fen}
    return Holding(benefits=held, bills=on_bills)


def given_back(holding: Holding, left_fen: int) -> Holding:
    """Give what a round still holds of `left_fen`, less than it did: every benefit and bill in proportion."""
    fen = in_proportion(left_fen, {t: held.fen for t, held in holding.benefits.items()})
    benefits: dict[ClaimType, Held] = {}
    bills: dict[str, int] = {}
    for claim_type, held in holding.benefits.items():
        if not fen[claim_type]:
            continue
        days = -(-held.days * fen[claim_type] // held.fen)
        benefits[claim_type] = Held(fen=fen[claim_type], days=days)
        own = {bill: on for bill, on in holding.bills.items() if bill.startswith(f"{claim_type}:")}
        shares = _shared_out(min(fen[claim_type], sum(own.values())), list(own.values()))
        bills |= {bill: share for bill, share in zip(own, shares, strict=True) if share}
    return Holding(benefits=benefits, bills=bills)


def _shared_out(amount_fen: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    if not whole or not amount_fen:
        return [0] * len(weights)
    fen = [amount_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(amount_fen * weights[i] % whole))
    for place in by_remainder[: amount_fen - sum(fen)]:
        fen[place] += 1
    return fen


def proposed_by(assessment: Assessment | None, before: Holding) -> dict[ClaimType, int]:
    """Give what an assessment of the whole claim proposes by benefit, less what its earlier rounds hold."""
    lines = assessment.lines if assessment is not None else ()
    return {line.claim_type: max(0, line.amount_fen - before.of(line.claim_type).fen) for line in lines}
