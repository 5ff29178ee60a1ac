"""What a claim is expected to cost in all (预计最终赔付): the figure that its case reserve follows.

From what the notice claims, then from what the assessment proposes, then from what was decided and is owed, and
at the end only what was paid. What is reserved is this less what was paid.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daycover.claims.claim import Claim
from daycover.claims.documents import ClaimType
from daycover.claims.due import OVER
from daycover.claims.exposure import LUMP_SUMS, proposed_by, room_of
from daycover.claims.lifecycle import PAYING_DECISIONS, REFUSING_DECISIONS
from daycover.claims.obligation import total_fen
from daycover.claims.round import Round
from daycover.cover.plan import Benefits

WHOLE_BPS = 10_000
MEDICAL_BPS = 1_000
"""Of the medical limit: most injuries of gig workers are cuts, bruises and single fractures (ours, to be replaced
by the insurer's own average; decision 0181)."""
DISABILITY_BPS = 1_000
"""Of the sum insured: what the tenth grade pays, the lowest of JR/T 0083-2013."""
HOSPITAL_DAYS = 9
"""An average stay in hospital in China (卫生健康事业发展统计公报, 9.2 days in 2022)."""
LOST_INCOME_DAYS = 30

_T = ClaimType


def ultimate_fen(claim: Claim) -> int:
    """Give what a claim is expected to cost, over all its rounds, what was paid included, in fen.

    A refusal releases the reserve only once it stands, whatever became of the policy: nothing is refused by
    machine. What lapsed, or came back and is owed no more, costs nothing.
    """
    earlier = sum(_owed_fen(known) for known in claim.rounds[:-1])
    return earlier + _of_current_round(claim)


def _of_current_round(claim: Claim) -> int:
    current = claim.round
    owed = _owed_fen(current)
    if claim.status in OVER:
        return owed
    if current.acknowledged_at is not None and current.decision in REFUSING_DECISIONS:
        return owed
    if current.decision in PAYING_DECISIONS:
        return max(current.amount_fen or 0, owed)
    return max(_expected_fen(claim), current.undisputed_fen or 0, owed)


def _owed_fen(of: Round) -> int:
    """What a round owes or has paid, or what is under way for it."""
    return total_fen(o for o in of.obligations if o.stands)


def _expected_fen(claim: Claim) -> int:
    """What the current round is expected to cost before anybody decides.

    While an assessment proposes nothing, as for a first round without papers or one reopened for bills that are
    still to come, the opening estimate stands.
    """
    proposed = sum(proposed_by(claim.assessment, claim.held_before).values())
    return proposed or opening_fen(claim)


def opening_fen(claim: Claim) -> int:
    """Give the opening estimate of the benefits that are claimed, within what earlier rounds left of them, in fen.

    What other claims hold of the policy is not looked at: it is known when the claim is assessed.
    """
    room = room_of(claim.benefits, claim.policy.sum_insured_fen, claim.held_before)
    estimates = estimates_of(claim.benefits, claim.policy.sum_insured_fen)
    each = {t: min(estimates[t], room.benefits[t]) for t in claim.claim_types}
    lump = min(room.sum_fen, sum(fen for t, fen in each.items() if t in LUMP_SUMS))
    return lump + sum(fen for t, fen in each.items() if t not in LUMP_SUMS)


def estimates_of(benefits: Benefits, sum_insured_fen: int) -> Mapping[ClaimType, int]:
    """Give what a benefit is expected to cost when nothing is known but that it is claimed, in fen."""
    return MappingProxyType(
        {
            _T.MEDICAL: benefits.medical_limit_fen * MEDICAL_BPS // WHOLE_BPS,
            _T.HOSPITAL: benefits.hospital_daily_fen * HOSPITAL_DAYS,
            _T.LOST_INCOME: benefits.lost_income_daily_fen * LOST_INCOME_DAYS,
            _T.DISABILITY: sum_insured_fen * DISABILITY_BPS // WHOLE_BPS,
            _T.DEATH: sum_insured_fen,
            _T.SUDDEN_DEATH: benefits.sudden_death_fen,
            _T.AMBULANCE: benefits.ambulance_limit_fen,
        }
    )
