"""Compute a claim: what its loss sheet says, within what its policy has left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from daycover.claims.adjudication import Assessment, assess
from daycover.claims.claim import Claim, Claims
from daycover.claims.disability import are_same_part, percentage_bps
from daycover.claims.disability_table import disability_table
from daycover.claims.documents import ClaimType
from daycover.claims.evidence import ClaimDocument, Documents
from daycover.claims.exposure import (
    ExposureChange,
    Exposures,
    Holding,
    PolicyExposure,
    Room,
    fall,
    given_back,
    holding_of,
    prior_of,
    proposed_by,
    room_of,
)
from daycover.claims.loss import accepted_by_bill, counting, loss_of
from daycover.claims.round import Round
from daycover.claims.sheet import LossSheet, LossSheets


class Hold(NamedTuple):
    """What a round holds once a step is taken, and the move of the exposure that goes with it."""

    holding: Holding
    exposure: ExposureChange | None


class Computed(NamedTuple):
    """A claim computed, and all that it was computed from."""

    claim: Claim
    assessment: Assessment
    sheet: LossSheet
    documents: tuple[ClaimDocument, ...]
    others: tuple[Claim, ...]
    """The person's other claims."""
    exposure: PolicyExposure
    beside: tuple[PolicyExposure, ...]
    """Those of the person's other policies that share one of its bills."""
    refundable: Mapping[str, int]
    """What nobody was paid of each bill, in fen, by `<benefit>:<bill>`: no other policy, no earlier round."""

    @property
    def proposed(self) -> dict[ClaimType, int]:
        """What the current round is due by benefit, in fen: earlier ones were paid their part."""
        return proposed_by(self.assessment, self.claim.held_before)

    @property
    def proposed_fen(self) -> int:
        return sum(self.proposed.values())

    @property
    def room(self) -> Room:
        """What the policy has left for the current round."""
        rest = self.exposure.held.minus(self.claim.round.holding)
        return room_of(self.claim.benefits, self.claim.policy.sum_insured_fen, rest)

    @property
    def most_fen(self) -> int:
        """The most that the current round can be decided at, for the benefits that are claimed."""
        return self.room.total_fen(self.claim.claim_types)

    def held(self, current: Round) -> Hold | None:
        """Say what `current`, the round as a step leaves it, holds; None where the policy has no room for it."""
        before = self.claim.round.holding
        granted = {ClaimType(t): fen for t, fen in current.granted} if current.stands else {}
        # what was advanced beyond the decision falls as it was proposed
        as_decided = granted if sum(granted.values()) == current.committed_fen else None
        parts = fall(current.committed_fen, self.proposed, self.room, as_decided or None)
        if parts is None:
            return None
        holding = holding_of(parts, self.claim.benefits, self.refundable)
        if holding == before:
            return Hold(before, None)
        after = self.exposure.moved(before, holding)
        return Hold(holding, ExposureChange(self.exposure, after, self.beside))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeClaim:
    """Writes nothing."""

    claims: Claims
    documents: Documents
    sheets: LossSheets
    exposures: Exposures

    def __call__(self, claim: Claim, sheet: LossSheet | None = None) -> Computed:
        """Compute from the claim's sheet, or from `sheet`, which is about to become it.

        Raises ConcurrentChangeError where the claim was seen to have changed since it was read.
        """
        if sheet is None:
            sheet = self.sheets.find(claim.claim_no, claim.round.sheet)
        documents = tuple(self.documents.list_of(claim.claim_no))
        own_no = claim.policy.policy_no
        others = tuple(c for c in self.claims.list_of(claim.policy.person_id) if c.claim_no != claim.claim_no)
        exposures = self.exposures.find((own_no, *(other.policy.policy_no for other in others)))
        exposure = exposures[own_no]
        held = exposure.without(claim.holding)
        siblings = [found for number, found in exposures.items() if number != own_no]
        bills = counting(sheet, {b.partition(":")[2] for b in held.bills})
        accepted = accepted_by_bill(bills)
        elsewhere = {bill: sum(s.held.bills.get(bill, 0) for s in siblings) for bill in accepted}
        loss = loss_of(claim.claim_types, sheet, bills)
        shared = {
            "shared_medical_fen": _shared(ClaimType.MEDICAL, accepted, elsewhere),
            "shared_ambulance_fen": _shared(ClaimType.AMBULANCE, accepted, elsewhere),
        }
        same_site = {"disability_same_site_fen": self._same_site(claim, sheet, others)}
        assessment = assess(
            claim.benefits,
            claim.policy.sum_insured_fen,
            loss.model_copy(update=shared),
            prior_of(held).model_copy(update=same_site),
        )
        holders = {h.partition("/")[0] for h in _first_holders(sheet, documents)}
        sharing = {other.policy.policy_no for other in others if other.claim_no in holders}
        sharing |= {s.policy_no for s in siblings if any(bill in s.held.bills for bill in accepted)}
        rest = exposure.held.minus(claim.round.holding)  # earlier rounds were refunded their part of a bill
        versions = {number: found.version for number, found in exposures.items() if found.version}
        return Computed(
            claim,
            assessment.model_copy(update={"sheet": sheet.version, "exposures": versions}),
            sheet,
            documents,
            others,
            exposure,
            tuple(s for s in siblings if s.policy_no in sharing),
            {bill: max(0, fen - elsewhere[bill] - rest.bills.get(bill, 0)) for bill, fen in accepted.items()},
        )

    def _same_site(self, claim: Claim, sheet: LossSheet, others: Iterable[Claim]) -> int:
        """What other claims of the policy were paid for the very parts that are graded again, in fen: a site that
        worsens earns the difference. Cost: 1 read unit for each that holds something for disability.
        """
        if sheet.appraisal is None:
            return 0
        graded, paid, table = sheet.appraisal.sites, 0, disability_table()
        for other in others:
            fen = other.holding.of(ClaimType.DISABILITY).fen
            if not fen or other.policy.policy_no != claim.policy.policy_no:
                continue
            before = self.sheets.find(other.claim_no, other.round.sheet).appraisal
            sites = before.sites if before is not None else ()
            same = [old for old in sites if any(are_same_part(old, site, table) for site in graded)]
            if same:
                worst = min(site.grade for site in same)
                paid += min(fen, claim.policy.sum_insured_fen * percentage_bps(worst) // 10_000)
        return paid


def _first_holders(sheet: LossSheet, documents: Iterable[ClaimDocument]) -> Iterable[str]:
    """The documents of other claims that had a bill of this one first."""
    yield from (document.duplicate_of for document in documents if document.duplicate_of)
    yield from (bill.first_in for bill in sheet.bills if bill.first_in)


def _shared(claim_type: ClaimType, accepted: Mapping[str, int], elsewhere: Mapping[str, int]) -> int:
    """What our other policies were paid of these very bills, in fen."""
    own = [bill for bill in accepted if bill.startswith(f"{claim_type}:")]
    return sum(min(accepted[bill], elsewhere[bill]) for bill in own)


def gives_back(claim: Claim, current: Round, exposures: Exposures) -> Hold:
    """Say what a round holds that needs less of its policy than before; `current` as the step leaves it."""
    before = claim.round.holding
    if current.committed_fen == before.fen:
        return Hold(before, None)
    holding = given_back(before, current.committed_fen)
    policy_no = claim.policy.policy_no
    exposure = exposures.find([policy_no])[policy_no]
    return Hold(holding, ExposureChange(exposure, exposure.moved(before, holding)))
