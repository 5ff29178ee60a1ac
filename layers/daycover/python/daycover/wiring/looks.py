"""What staff look at before they decide about somebody, each look recorded: a claim's insured, a referral's person."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.claims.insured import LookAtInsured
    from daycover.cover.referral_file import LookAtReferrals


class LooksWiring(Wiring):
    @cached_property
    def at_insured(self) -> LookAtInsured:
        from daycover.claims.insured import LookAtInsured

        outside = self._adapters
        return LookAtInsured(
            claims=outside.claims,
            workers=outside.workers,
            projects=outside.projects,
            policies=outside.policies,
            exposures=outside.exposures,
            looks=outside.looks,
            now=outside.now,
        )

    @cached_property
    def at_referrals(self) -> LookAtReferrals:
        from daycover.cover.referral_documents import OpenReferralDocument
        from daycover.cover.referral_file import LookAtReferrals

        outside = self._adapters
        return LookAtReferrals(
            referrals=outside.referrals,
            projects=outside.projects,
            policies=outside.policies,
            operators=outside.operators,
            providers=outside.companies,
            open_document=OpenReferralDocument(referrals=outside.referrals, vault=outside.vault),
            looks=outside.referral_looks,
            now=outside.now,
        )


def looks() -> LooksWiring:
    """Give what this container's functions show to staff on the record."""
    return wired(LooksWiring)
