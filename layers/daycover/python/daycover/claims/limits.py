"""What the machine may approve by itself (自动核赔权限). Every number is a parameter of the deployment."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from daycover.claims.fraud import Thresholds

ABOVE_LIMIT = "ABOVE_LIMIT"
FIRST_CLAIM = "FIRST_CLAIM"
SAMPLED = "SAMPLED"
BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLimits:
    """Beyond these a person decides; nothing here refuses. Amounts in fen."""

    approval_fen: int
    """The most that one claim may come to."""
    first_claim_fen: int
    """The same for a person of whom no claim was approved before."""
    sample_bps: int
    """The share of all claims, in basis points, that a person sees whatever they are."""
    near_start_minutes: int
    """An accident within them of the start of cover goes to a person (F1)."""
    frequent_person: int
    """From how many claims in 90 days on a person looks (F17): of one insured, and so below."""
    frequent_phone: int
    frequent_project: int
    frequent_clinic: int
    frequent_company: int
    cap_project_fen: int
    """The most that a +08:00 day may approve by machine for one project."""
    cap_company_fen: int
    cap_all_fen: int

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(
            near_start=timedelta(minutes=self.near_start_minutes), frequent_claims=self.frequent_person
        )


def limit_reasons(
    chance: str, total_fen: int, is_first_claim: bool, limits: MachineLimits
) -> tuple[str, ...]:
    """Give why the sum, or `chance` (what is hashed for the sample), sends a claim to a person."""
    reasons = {
        ABOVE_LIMIT: total_fen > limits.approval_fen,
        FIRST_CLAIM: is_first_claim and total_fen > limits.first_claim_fen,
        SAMPLED: is_sampled(chance, limits.sample_bps),
    }
    return tuple(code for code, holds in reasons.items() if holds)


def is_sampled(chance: str, sample_bps: int) -> bool:
    """Whether a claim is of the share that a person sees; the same each time it is asked."""
    digest = hashlib.sha256(b"sample|" + chance.encode()).digest()
    return int.from_bytes(digest[:8], "big") % BPS < sample_bps
