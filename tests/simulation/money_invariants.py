"""What must hold of money: claims, payouts, postings."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.claims.exposure import Holding
from daycover.claims.obligation import ObligationState
from daycover.cover.policy import PolicyStatus
from daycover.payouts.payout import PayoutState
from daycover.payouts.transfer import Channel
from daycover.store.dynamodb import _from_wire
from tests.functional.claims.aws import OPERATIONS
from tests.model.transitions import allowed
from tests.simulation.watch import Watch, after_step, at_the_end, is_shown

# ---- money -------------------------------------------------------------------------------------------

MOST_DAYS = 180
"""That one policy pays of each daily allowance."""
LAMBDA_LIVES = timedelta(minutes=3)
"""Longer than any process that read something before may still act on it."""


@after_step
def money_leaves_once(watch: Watch) -> Iterator[str]:
    """For one obligation no more money is out than it owes."""
    out: dict[tuple[str, int], int] = {}
    for channel in Channel:
        account = watch.world.outside.account(channel)
        for _, line in account.lines:
            payout = watch.payouts.get(line.reference)
            if payout is None:
                yield f"{line.reference} is nobody's"
                continue
            owed = payout.claim_no, payout.obligation
            out[owed] = out.get(owed, 0) + line.left_fen
    for (claim_no, number), fen in out.items():
        claim = watch.claims.get(claim_no)
        if claim is None:
            yield f"{claim_no} does not exist"
            continue
        most = claim.round_of(number).obligation(number).amount_fen
        largest = max(
            p.amount_fen for p in watch.payouts.values() if (p.claim_no, p.obligation) == (claim_no, number)
        )
        if fen > max(most, largest):
            yield f"{claim_no} obligation {number}: {fen} fen for {most}"


@after_step
def journal_balances(watch: Watch) -> Iterator[str]:
    """The lines of every entry sum to zero, and no entry is ever changed."""
    for change in watch.written:
        if change.new is None or not change.key.pk.startswith("JOURNAL#"):
            continue
        entry = _from_wire(change.new)
        if change.old is not None or sum(fen for _, fen in entry["lines"]):
            yield f"{change.key.pk} {change.key.sk}"


@after_step
def paid_within_limits(watch: Watch) -> Iterator[str]:
    """What a policy's claims hold of a benefit never exceeds its limit, and is what its rounds say."""
    numbers = {watch.claims[claim_no].policy.policy_no for claim_no in watch.touched_claims}
    for policy_no in numbers:
        claims = [claim for claim in watch.claims.values() if claim.policy.policy_no == policy_no]
        held = watch.world.observer.exposures.find([policy_no])[policy_no].held
        for claim_type, part in held.benefits.items():
            said = sum(claim.holding.of(claim_type).fen for claim in claims)
            if part.fen != said:
                yield f"{policy_no} {claim_type}: {part.fen} held, {said} in its rounds"
        for limit, fen, limit_fen in _limits(claims[0], held):
            if fen > limit_fen:
                yield f"{policy_no}: {fen} fen of {limit}, of {limit_fen} at most"
        out = sum(
            watch.world.outside.account(payout.channel).left_fen(payout.payout_id)
            for payout in watch.payouts.values()
            if any(payout.claim_no == claim.claim_no for claim in claims)
        )
        if out > sum(part.fen for part in held.benefits.values()):
            yield f"{policy_no}: {out} fen are out, more than is held"


def _limits(claim: Claim, held: Holding) -> Iterator[tuple[str, int, int]]:
    """Every limit of the policy, in its plan's words: what is held against it, and how much that may be, in fen."""
    plan, fen = claim.benefits, {claim_type.value: part.fen for claim_type, part in held.benefits.items()}
    yield "treatment", fen.get("MEDICAL", 0), plan.medical_limit_fen
    yield "ambulance", fen.get("AMBULANCE", 0), plan.ambulance_limit_fen
    yield "hospital", fen.get("HOSPITAL", 0), MOST_DAYS * plan.hospital_daily_fen
    yield "lost income", fen.get("LOST_INCOME", 0), MOST_DAYS * plan.lost_income_daily_fen
    yield "sudden death", fen.get("SUDDEN_DEATH", 0), plan.sudden_death_fen
    lump_sums = sum(fen.get(name, 0) for name in ("DISABILITY", "DEATH", "SUDDEN_DEATH"))
    yield "life and limb", lump_sums, claim.policy.sum_insured_fen


@after_step
def no_payment_on_a_void_policy(watch: Watch) -> Iterator[str]:
    """Nothing is sent for a policy that was voided, but by whoever had read it before."""
    for before, payout in watch.moved_payouts:
        sent_now = payout.sent_at is not None and (before is None or before.sent_at != payout.sent_at)
        claim = watch.claims.get(payout.claim_no)
        if not sent_now or claim is None:
            continue
        policy = watch.policies.get(claim.policy.policy_no)
        if policy is None or policy.status is not PolicyStatus.VOIDED or policy.ended is None:
            continue
        decided = claim.round_of(payout.obligation)
        if payout.sent_at - policy.ended.at > LAMBDA_LIVES and not _decided_since(decided, policy.ended.at):  # type: ignore[operator]
            yield f"{payout.payout_id} on {policy.policy_no}"


def _decided_since(round_: Any, at: datetime) -> bool:
    """Whether people let it stand though they knew."""
    return (
        round_.acknowledged_at is not None and round_.acknowledged_at > at and round_.decided_by is not None
    )


@after_step
def two_people_decide(watch: Watch) -> Iterator[str]:
    """Nobody both decides and acknowledges, an amount or an advance."""
    for claim_no in watch.touched_claims:
        for known in watch.claims[claim_no].rounds:
            if known.decided_by is not None and known.decided_by == known.acknowledged_by:
                yield f"{claim_no} round {known.number}: {known.decided_by}"
            for advance in known.advances:
                if advance.acknowledged_by is not None and advance.stated_by == advance.acknowledged_by:
                    yield f"{claim_no} advance {advance.number}"


@after_step
def payouts_move_lawfully(watch: Watch) -> Iterator[str]:
    """A payout's states follow each other as the model has them."""
    for before, after in watch.moved_payouts:
        earlier = None if before is None else before.state.value
        if earlier != after.state.value and not allowed("payout", earlier, after.state.value):
            yield f"{after.payout_id}: {earlier} to {after.state}"


@at_the_end
def money_has_one_posting(watch: Watch) -> Iterator[str]:
    """Every fen that is out or came back is a payout's that says so, posted once."""
    world = watch.world
    posted = _postings(watch)
    for channel in Channel:
        account = world.outside.account(channel)
        for reference in {line.reference for _, line in account.lines} - _moved_lately(watch, channel):
            payout = world.observer.payouts.find(reference)
            if payout is None:
                yield f"{reference} is nobody's"
                continue
            out = account.left_fen(reference)
            said = payout.amount_fen if payout.state is PayoutState.SUCCEEDED else 0
            journal = posted.get(reference, 0)
            if journal != said or (out != said and not is_shown(watch, reference)):
                yield f"{reference}: {out} fen out, {payout.state}, {journal} posted"


def _moved_lately(watch: Watch, channel: Channel) -> set[str]:
    """References whose last movement stands in no file that is there by now."""
    last = china_day(watch.world.now()) - timedelta(days=2)
    return {line.reference for day, line in watch.world.outside.account(channel).lines if day >= last}


def _postings(watch: Watch) -> dict[str, int]:
    """By payout what the journal says was paid and not taken back, in fen."""
    found: dict[str, int] = {}
    for item in watch.world.dynamodb.everything(OPERATIONS):
        if not item["pk"]["S"].startswith("JOURNAL#") or item["pk"]["S"].endswith("#LATE"):
            continue
        entry = _from_wire(item)
        lines = entry["lines"]
        if entry["kind"] in {"PAYOUT_SUCCEEDED", "PAYOUT_BOUNCED"}:
            paid = sum(line[1] for line in lines if line[0] == "claims_paid")
            found[entry["source_id"]] = found.get(entry["source_id"], 0) + paid
    return found


@at_the_end
def paid_claims_have_their_money(watch: Watch) -> Iterator[str]:
    """What a claim says was paid has left and not come back."""
    for claim_no in watch.claims:
        claim = watch.world.observer.claims.get(claim_no)
        for known in claim.rounds:
            for owed in known.obligations:
                if owed.state is ObligationState.PAID and owed.payout_id is not None:
                    payout = watch.payouts[owed.payout_id]
                    if owed.payout_id in _moved_lately(watch, payout.channel):
                        continue
                    out = watch.world.outside.account(payout.channel).left_fen(owed.payout_id)
                    if out != owed.amount_fen and not is_shown(watch, owed.payout_id):
                        yield f"{claim_no} obligation {owed.number}: {out} of {owed.amount_fen} fen"
