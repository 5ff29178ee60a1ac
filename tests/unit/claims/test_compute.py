"""What a claim comes to beside others: their bills, their sites, their rounds; and what a decision then holds.

The right values were worked out by hand. Amounts in fen. T2 pays 80 % of treatment above 100 yuan and 1,000 yuan of
ambulance; T4 insures 800,000 yuan, of which a site of grade 10, 9, 8 is worth 10, 20, 30 %.
"""

from typing import Any

import pytest

from daycover.china_time import china_day
from daycover.claims.bill import BillKind
from daycover.claims.claim import Actor, Claim
from daycover.claims.compute import ComputeClaim, Computed, Hold, gives_back
from daycover.claims.disability import BodySide, DisabilitySite
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.exposure import NOTHING_HELD, ExposureChange, Held, Holding, PolicyExposure
from daycover.claims.lifecycle import Decision
from daycover.claims.obligation import Obligation
from daycover.claims.record import opening
from daycover.claims.round import Round
from daycover.claims.sheet import Appraisal, LossSheet, SheetBill, SheetLine, Source, SourceKind
from daycover.cover.policy import Policy
from tests.support.builders import NOW, WORKER, a_plan, a_policy
from tests.support.claims import ACCIDENT_AT, REPORTED_AT, a_document, an_accident, an_announcement
from tests.support.fakes.claims import FakeClaims, FakeDocuments

pytestmark = pytest.mark.disable_socket

C = ClaimType
DAY = china_day(ACCIDENT_AT)
SEEN = Source(kind=SourceKind.ADJUSTER, by="S1", at=NOW)
T2, SECOND_T2, THIRD_T2, FOURTH_T2 = (
    a_policy(sequence=number, company_id=f"C{number}") for number in range(1, 5)
)
T4, SECOND_T4 = (
    a_policy(sequence=number, plan_id="T4", sum_insured_fen=80_000_000) for number in range(5, 7)
)
FOOT = DisabilitySite(part="FOOT", side=BodySide.LEFT, grade=8)
EYE = DisabilitySite(part="EYE", side=BodySide.RIGHT, grade=9)


def a_bill(number: str, medical_fen: int = 0, ambulance_fen: int = 0, **changes: Any) -> SheetBill:
    parts = {BillKind.MEDICAL: medical_fen, BillKind.AMBULANCE: ambulance_fen}
    lines = tuple(SheetLine(item="费用", kind=kind, billed_fen=fen) for kind, fen in parts.items() if fen)
    return SheetBill(bill_no=number, dated=DAY, lines=lines, source=SEEN, **changes)


def graded(*sites: DisabilitySite) -> Appraisal:
    return Appraisal(appraised_on=DAY, body="市司法鉴定中心", sites=sites, source=SEEN)


def holds(claim_type: ClaimType, fen: int, **bills: int) -> Holding:
    on_bills = {f"{claim_type}:{number}": on for number, on in bills.items()}
    return Holding(benefits={claim_type: Held(fen=fen)}, bills=on_bills)


class Desk:
    """Claims as they stand, each with its sheet and what its rounds hold of its policy."""

    def __init__(self) -> None:
        self.claims = FakeClaims()
        self.documents = FakeDocuments()
        self.compute = ComputeClaim(
            claims=self.claims,
            documents=self.documents,
            sheets=self.claims.sheets,
            exposures=self.claims.exposures,
        )

    def claim(
        self,
        number: str,
        policy: Policy,
        *types: ClaimType,
        held: tuple[Holding, ...] = (NOTHING_HELD,),
        **entries: Any,
    ) -> Claim:
        """A claim of as many rounds as `held` says, whose sheet is filled once."""
        rounds = tuple(
            Round(number=place, requested_at=REPORTED_AT, sheet=1, holding=holding)
            for place, holding in enumerate(held)
        )
        claim = Claim(
            claim_no=number,
            policy=policy,
            benefits=a_plan(policy.plan_id).benefits,
            accident=an_accident(),
            claim_types=types,
            reporter_id=WORKER,
            reported_at=REPORTED_AT,
            rounds=rounds,
        )
        self.claims.add(claim, opening(claim, Actor.worker(WORKER)))
        self.claims.sheets.apply(LossSheet(claim_no=number, version=1, **entries))
        for holding in held:
            if holding != NOTHING_HELD:
                self.moved(policy, holding)
        return claim

    def moved(self, policy: Policy, holding: Holding) -> None:
        """The policy holds more."""
        before = self.exposure(policy)
        self.claims.exposures.apply(ExposureChange(before, before.moved(NOTHING_HELD, holding)))

    def exposure(self, policy: Policy) -> PolicyExposure:
        return self.claims.exposures.find([policy.policy_no])[policy.policy_no]

    def bill_had_first_by(self, claim: Claim, number: str) -> None:
        """A paper of the claim repeats one of another claim."""
        document = a_document(an_announcement(DocumentType.INVOICE))
        repeats = {"claim_no": claim.claim_no, "duplicate_of": f"{number}/D1"}
        self.documents.announce(document.model_copy(update=repeats))


def due(computed: Computed) -> dict[ClaimType, int]:
    return {line.claim_type: line.amount_fen for line in computed.assessment.lines}


# ---- one bill, several policies


@pytest.mark.parametrize(
    ("paid_for", "paid_fen", "medical_fen", "ambulance_fen"),
    [
        (C.AMBULANCE, 50_000, 248_000, 30_000),
        (C.AMBULANCE, 80_000, 248_000, 0),
        (C.MEDICAL, 200_000, 120_000, 80_000),
        (C.MEDICAL, 10_000, 248_000, 80_000),
    ],
)
def test_part_of_a_bill_that_another_policy_paid_lowers_that_part_alone(
    paid_for: ClaimType, paid_fen: int, medical_fen: int, ambulance_fen: int
) -> None:
    desk = Desk()
    desk.claim("CL2", SECOND_T2, paid_for, held=(holds(paid_for, paid_fen, A=paid_fen),))
    claim = desk.claim("CL1", T2, C.MEDICAL, C.AMBULANCE, bills=(a_bill("A", 320_000, 80_000),))
    assert due(desk.compute(claim)) == {C.MEDICAL: medical_fen, C.AMBULANCE: ambulance_fen}


def test_bill_counts_no_more_when_another_claim_of_the_policy_was_paid_for_it() -> None:
    """Its own earlier round's bill counts on: what that round holds is taken off by the decision."""
    desk = Desk()
    desk.claim("CL2", T2, C.MEDICAL, held=(holds(C.MEDICAL, 8_000, A=8_000),))
    rounds = (holds(C.MEDICAL, 8_000, B=8_000), NOTHING_HELD)
    bills = (a_bill("A", 100_000), a_bill("B", 30_000), a_bill("D", 20_000))
    computed = desk.compute(desk.claim("CL1", T2, C.MEDICAL, held=rounds, bills=bills))
    # B and D come to 50,000, of which 80 % above 10,000 are due
    assert due(computed) == {C.MEDICAL: 32_000}
    assert computed.proposed == {C.MEDICAL: 24_000}


def test_bill_is_refunded_less_what_other_policies_and_earlier_rounds_had() -> None:
    """What this round holds of a bill itself is decided anew, and so is open."""
    desk = Desk()
    other = Holding(
        benefits={C.MEDICAL: Held(fen=220_000)}, bills={"MEDICAL:A": 100_000, "MEDICAL:B": 120_000}
    )
    desk.claim("CL2", SECOND_T2, C.MEDICAL, held=(other,))
    rounds = (holds(C.MEDICAL, 50_000, A=50_000), holds(C.MEDICAL, 30_000, A=30_000))
    bills = (a_bill("A", 320_000), a_bill("B", 100_000, 40_000))
    computed = desk.compute(desk.claim("CL1", T2, C.MEDICAL, C.AMBULANCE, held=rounds, bills=bills))
    assert computed.refundable == {"MEDICAL:A": 170_000, "MEDICAL:B": 0, "AMBULANCE:B": 40_000}


@pytest.mark.parametrize("seen_in", ["paper", "sheet"])
def test_policies_beside_are_those_that_share_a_bill(seen_in: str) -> None:
    """One was paid for it, one has a claim that handed it in first and is not decided; the last has other bills."""
    desk = Desk()
    desk.claim("CL2", SECOND_T2, C.MEDICAL, held=(holds(C.MEDICAL, 100_000, A=100_000),))
    desk.claim("CL3", THIRD_T2, C.MEDICAL)
    desk.claim("CL4", FOURTH_T2, C.MEDICAL, held=(holds(C.MEDICAL, 100_000, Z=100_000),))
    first_in = "CL3/D1" if seen_in == "sheet" else None
    bills = (a_bill("A", 320_000), a_bill("B", 10_000, first_in=first_in))
    claim = desk.claim("CL1", T2, C.MEDICAL, bills=bills)
    if seen_in == "paper":
        desk.bill_had_first_by(claim, "CL3")
    beside = desk.compute(claim).beside
    assert {found.policy_no for found in beside} == {SECOND_T2.policy_no, THIRD_T2.policy_no}


def test_assessment_says_which_sheet_and_exposures_it_was_computed_from() -> None:
    """By them a later look tells whether anything moved."""
    desk = Desk()
    for number in ("CL2", "CL3"):
        desk.claim(number, SECOND_T2, C.MEDICAL, held=(holds(C.MEDICAL, 1, Z=1),))
    claim = desk.claim("CL1", T2, C.MEDICAL, bills=(a_bill("A", 320_000),))
    assessment = desk.compute(claim).assessment
    assert (assessment.sheet, assessment.exposures) == (1, {SECOND_T2.policy_no: 2})
    about_to_be = LossSheet(claim_no="CL1", version=2)
    assert desk.compute(claim, about_to_be).assessment.sheet == 2


# ---- one site, graded again


def test_site_that_got_worse_is_paid_the_difference_to_all_that_was_paid_for_it() -> None:
    """Twice before: grade 10 (80,000 yuan, decided at 100,000), then 9 (80,000 more). Now 8 is worth 240,000."""
    desk = Desk()
    foot = [FOOT.model_copy(update={"grade": grade}) for grade in (10, 9)]
    desk.claim(
        "CL2", SECOND_T4, C.DISABILITY, held=(holds(C.DISABILITY, 16_000_000),), appraisal=graded(foot[1])
    )
    desk.claim("CL3", T4, C.DISABILITY, appraisal=graded(foot[0]))
    desk.claim("CL4", T4, C.DISABILITY, held=(holds(C.DISABILITY, 1_000_000),))
    desk.claim("CL5", T4, C.DISABILITY, held=(holds(C.DISABILITY, 16_000_000),), appraisal=graded(EYE))
    desk.claim("CL6", T4, C.DISABILITY, held=(holds(C.DISABILITY, 10_000_000),), appraisal=graded(foot[0]))
    desk.claim("CL7", T4, C.DISABILITY, held=(holds(C.DISABILITY, 8_000_000),), appraisal=graded(foot[1]))
    computed = desk.compute(desk.claim("CL1", T4, C.DISABILITY, appraisal=graded(FOOT)))
    prior = computed.assessment.prior
    assert prior.disability_fen == 1_000_000 + 16_000_000 + 10_000_000 + 8_000_000
    assert str(prior.disability_same_site_fen) == "16000000"
    assert due(computed) == {C.DISABILITY: 24_000_000 - 16_000_000}


def test_worst_of_several_like_sites_says_what_was_paid_for_them() -> None:
    """Foot and toes of one side were graded 10 and 9 together: 160,000 yuan were for the foot."""
    desk = Desk()
    before = (
        FOOT.model_copy(update={"grade": 10}),
        DisabilitySite(part="TOES", side=BodySide.LEFT, grade=9),
    )
    desk.claim("CL2", T4, C.DISABILITY, held=(holds(C.DISABILITY, 20_000_000),), appraisal=graded(*before))
    computed = desk.compute(desk.claim("CL1", T4, C.DISABILITY, appraisal=graded(FOOT)))
    assert computed.assessment.prior.disability_same_site_fen == 16_000_000


# ---- what a decision holds of the policy

AT = REPORTED_AT
SAID = (("MEDICAL", 120_000), ("AMBULANCE", 30_000))
"""What an adjuster granted, unlike what was proposed: 248,000 of treatment and 40,000 of ambulance."""


def computed_of(desk: Desk, *held: Holding) -> Computed:
    bills = (a_bill("A", 320_000, 40_000),)
    return desk.compute(
        desk.claim("CL1", T2, C.MEDICAL, C.AMBULANCE, held=held or (NOTHING_HELD,), bills=bills)
    )


def parts(hold: Hold | None) -> tuple[int, int]:
    assert hold is not None
    return hold.holding.of(C.MEDICAL).fen, hold.holding.of(C.AMBULANCE).fen


def decided(fen: int, granted: tuple[tuple[str, int], ...], **changes: Any) -> Round:
    return Round(
        requested_at=AT, decision=Decision.PARTIAL, amount_fen=fen, granted=granted, acknowledged_at=AT
    ).model_copy(update=changes)


def test_decision_that_stands_holds_each_benefit_as_the_adjuster_said() -> None:
    desk = Desk()
    desk.claim("CL2", SECOND_T2, C.MEDICAL, held=(holds(C.MEDICAL, 50_000, A=50_000),))
    computed = computed_of(desk)
    hold = computed.held(decided(150_000, SAID))
    assert parts(hold) == (120_000, 30_000)
    assert hold is not None
    assert hold.holding.bills == {"MEDICAL:A": 120_000, "AMBULANCE:A": 30_000}
    assert hold.exposure is not None
    assert hold.exposure.before == desk.exposure(T2)
    assert hold.exposure.beside == (desk.exposure(SECOND_T2),), "who shares the bill must not have moved"
    assert (hold.exposure.after.version, hold.exposure.after.held) == (1, hold.holding)


def test_undisputed_amount_falls_as_proposed_while_the_new_decision_waits_for_its_second_person() -> None:
    """150,000 in the proportion of 248 to 40."""
    waiting = decided(150_000, SAID, acknowledged_at=None, undisputed_fen=150_000)
    assert parts(computed_of(Desk()).held(waiting)) == (129_167, 20_833)


def test_advance_beyond_the_decision_falls_as_proposed() -> None:
    """288,000 were advanced before 150,000 were decided: what has left is held whole."""
    advanced = Obligation(number=1, advance=1, amount_fen=288_000)
    over = decided(150_000, SAID, obligations=(advanced,))
    assert parts(computed_of(Desk()).held(over)) == (248_000, 40_000)


def test_nothing_is_held_when_the_policy_has_no_room_for_what_was_said() -> None:
    computed = computed_of(Desk())
    assert parts(computed.held(decided(3_000_000, (("MEDICAL", 3_000_000),)))) == (3_000_000, 0)
    assert computed.held(decided(3_000_001, (("MEDICAL", 3_000_001),))) is None


def test_exposure_rests_when_a_step_holds_what_was_held() -> None:
    bills = {"MEDICAL:A": 120_000, "AMBULANCE:A": 30_000}
    benefits = {C.MEDICAL: Held(fen=120_000), C.AMBULANCE: Held(fen=30_000)}
    before = Holding(benefits=benefits, bills=bills)
    assert computed_of(Desk(), before).held(decided(150_000, SAID)) == Hold(before, None)


def test_round_that_needs_less_gives_back_in_proportion() -> None:
    desk = Desk()
    bills = {"MEDICAL:A": 200_000, "AMBULANCE:A": 100_000}
    benefits = {C.MEDICAL: Held(fen=200_000), C.AMBULANCE: Held(fen=100_000)}
    claim = desk.claim("CL1", T2, C.MEDICAL, C.AMBULANCE, held=(Holding(benefits=benefits, bills=bills),))
    disputed = Round(requested_at=AT, undisputed_fen=150_000)
    hold = gives_back(claim, disputed, desk.claims.exposures)
    assert parts(hold) == (100_000, 50_000)
    assert hold.holding.bills == {"MEDICAL:A": 100_000, "AMBULANCE:A": 50_000}
    assert hold.exposure is not None
    assert hold.exposure.before == desk.exposure(T2)
    assert hold.exposure.after.held == hold.holding
    same = gives_back(claim, Round(requested_at=AT, undisputed_fen=300_000), desk.claims.exposures)
    assert same == Hold(claim.round.holding, None)
