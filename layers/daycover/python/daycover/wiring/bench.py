"""The bench of staff: queues and who works on what; whom a claim or a referral is about, each look recorded."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.claims.assign import AssignClaim
    from daycover.claims.insured import LookAtInsured
    from daycover.claims.queues import ReadQueues
    from daycover.cover.referral_file import LookAtReferrals


class BenchWiring(Wiring):
    @cached_property
    def queues(self) -> ReadQueues:
        from daycover.claims.queues import ReadQueues

        outside = self._adapters
        return ReadQueues(claims=outside.claims, notices=outside.loss_notices, now=outside.now)

    @cached_property
    def assign(self) -> AssignClaim:
        from daycover.claims.assign import AssignClaim

        return AssignClaim(claims=self._adapters.claims, now=self._adapters.now)

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


def bench() -> BenchWiring:
    """Give what this container's functions of the bench can do."""
    return wired(BenchWiring)
