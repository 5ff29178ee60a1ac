"""Two or more claims, policies and rounds: what one was decided counts for the others, and nothing is paid twice.

The right values were worked out by hand, outside the code. Amounts in fen. T2 pays 80 % above a deductible of
100 yuan, 30,000 yuan of medical cost at most, and 100 yuan a day from the fourth day on.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daycover.claims.advance import AdvanceNotDueError, AdvanceState
from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim
from daycover.claims.clocks import ADJUDICATION, service_level_due
from daycover.claims.decide import DecisionAmountError, ExposureMovedError, Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType, Need, checklist
from daycover.claims.due import Clock, due_times
from daycover.claims.evidence import FACTS, DayFacts, InvoiceFacts
from daycover.claims.exposure import LUMP_SUMS, NOTHING_HELD, Holding
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.service import ClaimFacts, RoundFacts, records_of
from daycover.claims.standing import POLICY_NOT_STANDING, PolicyNotStandingError
from daycover.claims.state_advance import CertainPart
from daycover.claims.steps import WaitStep
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import AnswerForBeneficiaries
from daycover.payouts.beneficiary import Beneficiary, Relation
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import PayoutState
from daycover.payouts.transfer import TransferState
from tests.support.builders import NOW, WORKER, a_policy, an_id_number
from tests.support.claims import ACCIDENT_AT, a_bill_no, receipt_facts
from tests.support.papers import a_jpeg
from tests.unit.claims.world import World

C, S = ClaimType, ClaimStatus
BILL_A = f"MEDICAL:{a_bill_no('A')}"
MINUTE = timedelta(minutes=1)
FIRST, SECOND = a_policy(), a_policy(start=NOW + timedelta(minutes=30), sequence=2, company_id="C2")
T4 = a_policy(plan_id="T4", sum_insured_fen=80_000_000)
LIMIT_FEN = 3_000_000
"""What T2 pays of medical cost."""


class Papers:
    """Hands in claims whose papers differ, so that none is taken for another."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._claims = 0

    def __call__(
        self,
        *types: ClaimType,
        bill_fen: int = 320_000,
        bill: str | None = None,
        days: int = 14,
        policy: Policy | None = None,
    ) -> Claim:
        """A claim for an accident a minute after the last one, with every required document."""
        world, number = self._world, self._claims
        self._claims += 1
        policy_no = (policy or world.policy).policy_no
        accident = ACCIDENT_AT + number * MINUTE
        claim = world.reported(occurred_at=accident, claim_types=types, policy_no=policy_no)
        for requirement in checklist(types):
            if requirement.need is Need.REQUIRED:
                kind, doc_type = FACTS.get(requirement.doc_type), requirement.doc_type
                scan = a_jpeg(f"{doc_type} of claim {number}")
                if kind is InvoiceFacts:
                    world.send_bill(claim, receipt_facts(bill_fen, bill or f"BILL{number}"), content=scan)
                else:
                    world.send(claim, doc_type, DayFacts(days=days) if kind else None, scan)
        world.all_sent(claim)
        after = world.accept(claim, DocumentType.SICK_LEAVE_CERTIFICATE, DocumentType.ADMISSION_RECORD)
        assert after.status is S.IN_REVIEW
        return after


def referred(world: World, claim: Claim) -> Claim:
    """Assess a claim, which a person must decide."""
    assert world.assess(claim.claim_no).outcome == "REFERRED"
    return world.claims.get(claim.claim_no)


def approved(fen: int | None) -> Verdict:
    """Decide the assessed amount (None), or another."""
    return Verdict(Decision.APPROVED if fen is None else Decision.PARTIAL, fen, "WITHIN_TERMS", "理由")


def decided(world: World, claim: Claim, fen: int | None = None) -> Claim:
    return world.decide("S1", claim.claim_no, approved(fen))


def stands(world: World, claim: Claim, fen: int | None = None) -> Claim:
    """Let a claim be decided by two people, or by the machine where it may."""
    if not claim.round.referred_for:
        world.assess(claim.claim_no)
    claim = world.claims.get(claim.claim_no)
    if claim.status is S.ACKNOWLEDGED and fen in {None, claim.amount_fen}:
        return claim
    decided(world, claim, fen)
    return world.acknowledge("S2", claim.claim_no, True, None)


def accepted(world: World, claim: Claim) -> Claim:
    return world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)


def paid(world: World, claim: Claim) -> Claim:
    """Pay an agreed claim into the insured's wallet, and close it."""
    number = world.pay.reserve(claim.claim_no).payout_id
    assert number is not None
    world.pay.submit(number)
    world.bank.finish(number)
    world.pay.confirm(number)
    assert world.pay.post(number) is Outcome.SUCCEEDED
    return world.follow.close(claim.claim_no)


def held(world: World, policy: Policy | None = None) -> Holding:
    policy_no = (policy or world.policy).policy_no
    return world.exposures.find([policy_no])[policy_no].held


def assessed_fen(claim: Claim) -> int:
    assert claim.assessment is not None
    return claim.assessment.total_fen


# Limits hold per policy, over all that was decided (rows 1 and 9).


def test_death_is_net_of_a_disability_that_was_decided_by_hand() -> None:
    """Row 1: no document carries a grade, so the machine computed 0 and two people decided 240,000 yuan."""
    world = World(T4)
    papers = Papers(world)
    injured = stands(world, papers(C.DISABILITY), 24_000_000)
    assert (assessed_fen(injured), injured.amount_fen) == (0, 24_000_000)
    died = referred(world, papers(C.DEATH))
    assert assessed_fen(died) == 56_000_000
    assert died.assessment is not None
    assert died.assessment.prior.disability_fen == 24_000_000, "the second reviewer sees it"
    with pytest.raises(DecisionAmountError):
        decided(world, died, 56_000_001 + 8_000_000 + 500_000 + 2 * 180 * 15_000)
    with pytest.raises(DecisionAmountError):
        world.decide("S1", died.claim_no, approved(56_000_001)._replace(benefits={C.DEATH: 56_000_001}))
    assert stands(world, died).amount_fen == 56_000_000
    assert held(world).of(*LUMP_SUMS).fen == 80_000_000


def test_death_is_computed_anew_when_the_disability_was_decided_after_its_assessment() -> None:
    world = World(T4)
    papers = Papers(world)
    injured, died = (referred(world, papers(kind)) for kind in (C.DISABILITY, C.DEATH))
    assert assessed_fen(died) == 80_000_000
    stands(world, injured, 24_000_000)
    with pytest.raises(ExposureMovedError) as moved:
        decided(world, died)
    assert moved.value.facts == {"assessed_fen": 56_000_000, "assessed_before_fen": 80_000_000}
    assert stands(world, world.claims.get(died.claim_no)).amount_fen == 56_000_000
    assert held(world).of(*LUMP_SUMS).fen == 80_000_000


@pytest.mark.parametrize(("bill_fen", "given_fen"), [(500_000, 392_000), (10_000_000, 2_000_000)])
def test_second_claim_gets_what_is_left_when_the_first_was_decided_below_its_assessment(
    bill_fen: int, given_fen: int
) -> None:
    """Row 9: limits count what was decided, 10,000 yuan, not the 30,000 that were assessed."""
    world = World()
    papers = Papers(world)
    first = stands(world, papers(C.MEDICAL, bill_fen=5_000_000), 1_000_000)
    assert assessed_fen(first) == LIMIT_FEN
    second = papers(C.MEDICAL, bill_fen=bill_fen)
    stands(world, second)
    assert world.claims.get(second.claim_no).amount_fen == given_fen
    assert held(world).of(C.MEDICAL).fen == 1_000_000 + given_fen <= LIMIT_FEN


def test_limit_counts_over_the_rounds_of_a_claim_when_it_is_reopened() -> None:
    world = World()
    papers = Papers(world)
    claim = papers(C.MEDICAL, bill_fen=5_000_000)
    paid(world, accepted(world, stands(world, claim, 900_000)))
    world.review.reopen("S1", claim.claim_no, "APPEAL", "复议")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    over = approved(2_100_001)._replace(benefits={C.MEDICAL: 2_100_001})
    with pytest.raises(DecisionAmountError):
        world.decide("S1", claim.claim_no, over)
    again = stands(world, world.claims.get(claim.claim_no))
    assert again.amount_fen == 2_100_000, "the rest of the 30,000 yuan that the bill gives"
    assert [known.holding.fen for known in again.rounds] == [900_000, 2_100_000]
    assert held(world).fen == LIMIT_FEN


# Two claims that do not know of each other.


def test_second_acknowledgement_is_stopped_when_the_first_took_the_limit() -> None:
    """An attack: each decided before the other was agreed; 60,000 yuan were paid on a limit of 30,000."""
    world = World()
    papers = Papers(world)
    claims = [referred(world, papers(C.MEDICAL, bill_fen=5_000_000)) for _ in range(2)]
    for claim in claims:
        assert decided(world, claim).amount_fen == LIMIT_FEN
    world.open_step(claims[1].claim_no, WaitStep.ACKNOWLEDGEMENT)
    first = world.acknowledge("S2", claims[0].claim_no, True, None)
    assert held(world).fen == LIMIT_FEN
    with pytest.raises(ExposureMovedError) as moved:
        world.acknowledge("S2", claims[1].claim_no, True, None)
    assert moved.value.facts == {"assessed_fen": 0, "assessed_before_fen": LIMIT_FEN}
    second = world.claims.get(claims[1].claim_no)
    assert (second.status, second.decision, second.amount_fen) == (S.IN_REVIEW, Decision.PENDING, None)
    assert second.round.decided_by is None
    versions = [(a.version, a.total_fen) for a in world.claims.assessments(second.claim_no)]
    assert versions == [(1, LIMIT_FEN), (2, 0)]
    last = world.claims.history(second.claim_no)[-1]
    assert (last.event, last.reason_code) == (ClaimEvent.REASSESSED, "EXPOSURE_MOVED")
    assert world.workflows.answers["token-acknowledgement"]["acknowledged"] is False
    assert held(world) == first.holding
    with pytest.raises(DecisionAmountError):
        decided(world, second)


def test_decision_stands_when_what_moved_leaves_it_as_it_is() -> None:
    world = World()
    papers = Papers(world)
    first, second = (referred(world, papers(C.MEDICAL, bill_fen=1_000_000)) for _ in range(2))
    for claim in (first, second):
        decided(world, claim)
    for claim in (first, second):
        world.acknowledge("S2", claim.claim_no, True, None)
    assert held(world).fen == 2 * 792_000, "two bills within the limit of 30,000 yuan"


def test_room_comes_back_when_the_decision_that_took_it_falls() -> None:
    """The worker disputes the first claim's amount, which a person then declines."""
    world = World()
    papers = Papers(world)
    first = stands(world, papers(C.MEDICAL, bill_fen=5_000_000))
    world.answer(WORKER, first.claim_no, AnswerKind.DISPUTE, "少算了")
    assert held(world).fen == LIMIT_FEN, "nobody doubts that much"
    world.open_step(first.claim_no, WaitStep.DECISION)
    world.decide("S1", first.claim_no, Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外"))
    world.acknowledge("S2", first.claim_no, True, None)
    assert held(world) == NOTHING_HELD
    assert stands(world, papers(C.MEDICAL, bill_fen=5_000_000)).amount_fen == LIMIT_FEN


def let_in_at(world: World, call: str, act: Callable[[], object]) -> None:
    """Let another person act in the middle of the next call of this name."""

    def strike(name: str) -> None:
        if name == call:
            world.steps.calm()
            act()

    world.steps.before = strike


@pytest.mark.parametrize("call", ["policies.get", "documents.list_of", "claims.list_of", "exposures.find"])
def test_computing_sees_the_other_claim_when_it_comes_before(call: str) -> None:
    world = World()
    papers = Papers(world)
    first, second = (referred(world, papers(C.MEDICAL, bill_fen=5_000_000)) for _ in range(2))
    for claim in (first, second):
        decided(world, claim)
    let_in_at(world, call, lambda: world.acknowledge("S3", second.claim_no, True, None))
    with pytest.raises(ExposureMovedError):
        world.acknowledge("S2", first.claim_no, True, None)
    assert held(world).fen == LIMIT_FEN
    assert world.claims.get(second.claim_no).status is S.ACKNOWLEDGED


@pytest.mark.parametrize("earlier_first", [True, False], ids=["the later comes between", "the earlier does"])
@pytest.mark.parametrize("policies", [(FIRST, FIRST), (FIRST, SECOND)], ids=["one policy", "one bill"])
def test_only_one_is_written_when_two_are_acknowledged_in_the_same_moment(
    policies: tuple[Policy, Policy], earlier_first: bool
) -> None:
    """The version of the exposure is in the condition of the write, and of each that shares a bill.

    The later claim knows that its bill stands in the earlier one, which knows of no other.
    """
    world = World(FIRST, SECOND)
    papers = Papers(world)
    bills = ["A", "B"] if policies[0] is policies[1] else ["A", "A"]
    claims = [
        referred(world, papers(C.MEDICAL, bill_fen=4_000_000, bill=bill, policy=policy))
        for policy, bill in zip(policies, bills, strict=True)
    ]
    for claim in claims:
        assert decided(world, claim).amount_fen == LIMIT_FEN
    slow, quick = claims if earlier_first else reversed(claims)
    let_in_at(world, "claims.save", lambda: world.acknowledge("S3", quick.claim_no, True, None))
    with pytest.raises(ConcurrentChangeError):
        world.acknowledge("S2", slow.claim_no, True, None)
    assert world.claims.get(slow.claim_no).status is S.DECIDED
    assert world.claims.get(quick.claim_no).status is S.ACKNOWLEDGED
    with pytest.raises(ExposureMovedError):
        world.acknowledge("S2", slow.claim_no, True, None)


# The same bill is shared between policies, different bills are not (row 8).


def test_second_policy_pays_its_own_bill_in_full() -> None:
    world = World(FIRST, SECOND)
    papers = Papers(world)
    claims = [
        stands(world, papers(C.MEDICAL, bill_fen=1_000_000, bill=bill, policy=policy))
        for policy, bill in ((FIRST, "A"), (SECOND, "B"))
    ]
    assert [claim.amount_fen for claim in claims] == [792_000, 792_000]
    assert claims[1].assessment is not None
    assert "其他保单" not in claims[1].assessment.lines[0].explanation_zh


@pytest.mark.parametrize(("first_fen", "second_fen"), [(None, 208_000), (500_000, 500_000), (1, 792_000)])
def test_second_policy_pays_what_is_left_of_the_same_bill(first_fen: int | None, second_fen: int) -> None:
    world = World(FIRST, SECOND)
    papers = Papers(world)
    first, second = (
        papers(C.MEDICAL, bill_fen=1_000_000, bill="A", policy=policy) for policy in (FIRST, SECOND)
    )
    stands(world, first, first_fen)
    stands(world, second)
    amounts = [world.claims.get(claim.claim_no).amount_fen for claim in (first, second)]
    assert amounts == [first_fen or 792_000, second_fen]
    assert held(world, FIRST).bills[BILL_A] + held(world, SECOND).bills[BILL_A] <= 1_000_000


def test_share_of_a_bill_is_computed_anew_when_both_were_decided_before_either_stood() -> None:
    world = World(FIRST, SECOND)
    papers = Papers(world)
    claims = [
        referred(world, papers(C.MEDICAL, bill_fen=1_000_000, bill="A", policy=policy))
        for policy in (FIRST, SECOND)
    ]
    assert [assessed_fen(claim) for claim in claims] == [792_000, 792_000]
    for claim in claims:
        decided(world, claim)
    world.acknowledge("S2", claims[0].claim_no, True, None)
    with pytest.raises(ExposureMovedError) as moved:
        world.acknowledge("S2", claims[1].claim_no, True, None)
    assert moved.value.facts == {"assessed_fen": 208_000, "assessed_before_fen": 792_000}
    assert stands(world, world.claims.get(claims[1].claim_no)).amount_fen == 208_000


def test_bill_is_paid_once_when_two_claims_of_one_policy_hand_it_in() -> None:
    world = World()
    papers = Papers(world)
    stands(world, papers(C.MEDICAL, bill_fen=1_000_000, bill="A"))
    assert assessed_fen(referred(world, papers(C.MEDICAL, bill_fen=1_000_000, bill="A"))) == 0


def test_fixed_sums_of_two_policies_add_up() -> None:
    world = World(FIRST, SECOND)
    papers = Papers(world)
    claims = [stands(world, papers(C.LOST_INCOME, days=14, policy=policy)) for policy in (FIRST, SECOND)]
    assert [claim.amount_fen for claim in claims] == [110_000, 110_000]


# One day, one allowance.


@pytest.mark.parametrize(
    ("first", "second"), [(C.HOSPITAL, C.LOST_INCOME), (C.LOST_INCOME, C.HOSPITAL), (C.HOSPITAL, C.HOSPITAL)]
)
@pytest.mark.parametrize(("days", "more_fen"), [(23, 0), (24, 10_000), (30, 70_000)])
def test_day_is_paid_once_when_two_claims_ask_for_it(
    first: ClaimType, second: ClaimType, days: int, more_fen: int
) -> None:
    """An attack: 23 days were paid as hospital allowance and, 61 seconds later, as lost income."""
    world = World()
    papers = Papers(world)
    claims = papers(first, days=23), papers(second, days=days)
    assert stands(world, claims[0]).amount_fen == 200_000, "20 days: three are waited"
    again = world.assess(claims[1].claim_no)
    assert again.amount_fen == more_fen
    if not more_fen:
        assert again.outcome == "REFERRED"
        with pytest.raises(DecisionAmountError):
            decided(world, claims[1])
    else:
        stands(world, world.claims.get(claims[1].claim_no))
    assert held(world).of(C.HOSPITAL, C.LOST_INCOME).days == 20 + more_fen // 10_000


def test_day_is_paid_once_when_both_were_decided_before_either_stood() -> None:
    world = World()
    papers = Papers(world)
    claims = [papers(C.HOSPITAL, days=60), papers(C.LOST_INCOME, days=60)]
    for claim in claims:
        assert world.assess(claim.claim_no).outcome == "REFERRED"
        decided(world, claim)
    world.acknowledge("S2", claims[0].claim_no, True, None)
    with pytest.raises(ExposureMovedError):
        world.acknowledge("S2", claims[1].claim_no, True, None)
    assert held(world).fen == 57 * 10_000


# A round has its own clocks (row 10).


def test_reopened_claim_has_clocks_of_its_own_and_breaches_nothing_by_its_past() -> None:
    world = World()
    claim = paid(world, accepted(world, stands(world, Papers(world)(*C_TOE, bill_fen=320_000))))
    first = claim.rounds[0]
    world.at += timedelta(days=202)  # a Monday
    assert world.note_breaches() == []
    reopened = world.review.reopen("S1", claim.claim_no, "NEW_BILLS", "后续治疗")
    at = world.at
    assert reopened.rounds[0] == first, "what the first round was stays"
    assert due_times(reopened) == {
        Clock.ADJUDICATION: at + ADJUDICATION,
        Clock.ADVANCE: at + timedelta(days=60),
        Clock.SERVICE_LEVEL: service_level_due(at),
    }
    assert world.note_breaches() == []
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.at = at + timedelta(hours=3)
    assert world.note_breaches() == []
    again = paid(world, accepted(world, stands(world, world.claims.get(claim.claim_no), 50_000)))
    assert world.note_breaches() == []
    assert again.round.breaches == again.rounds[0].breaches == ()
    facts = ClaimFacts(
        company_id="C1",
        rounds=tuple(
            RoundFacts(documents_complete_at=r.documents_complete_at, paid_at=r.paid_at) for r in again.rounds
        ),
    )
    lines = [line for line in world.claims.history(claim.claim_no) if line.event is ClaimEvent.PAID]
    records = [record for line in lines for record in records_of(line, facts)]
    assert [(r.round, r.minutes, r.in_time) for r in records] == [(0, 0, True), (1, 180, True)]


def test_reopened_claim_breaches_its_own_thirty_days_once() -> None:
    world = World()
    claim = paid(world, accepted(world, stands(world, Papers(world)(*C_TOE, bill_fen=320_000))))
    world.at += timedelta(days=200)
    world.review.reopen("S1", claim.claim_no, "NEW_BILLS", "后续治疗")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.at += ADJUDICATION - timedelta(seconds=1)
    assert [b.partition("/")[2].partition(":")[0] for b in world.note_breaches()] == ["SERVICE_LEVEL"]
    world.at += timedelta(seconds=1)
    assert [b.partition("/")[2].partition(":")[0] for b in world.note_breaches()] == ["ADJUDICATION"]
    assert world.note_breaches() == []
    rounds = world.claims.get(claim.claim_no).rounds
    assert [len(known.breaches) for known in rounds] == [0, 2]


C_TOE = (C.MEDICAL, C.LOST_INCOME)


# An advance of a death claim (row 11).


def heirs(*shares: str) -> tuple[Beneficiary, ...]:
    return tuple(
        Beneficiary(
            name=f"家属{number}",
            document_type=IdDocumentType.RESIDENT_ID,
            document_number=an_id_number(order=f"{number:03d}", born="19700101"),
            relation=Relation.CHILD,
            share=Fraction(share),
            account_no=f"62220212345678{number:04d}",
            bank_name="工商银行",
        )
        for number, share in enumerate(shares, start=1)
    )


def dead_since_60_days(world: World) -> Claim:
    """A death claim whose papers an adjuster has accepted, and nobody has decided for 60 days."""
    claim = referred(world, Papers(world)(C.DEATH))
    for document in world.documents.list_of(claim.claim_no):
        world.judge(
            "S1",
            claim.claim_no,
            document.document_id,
            DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件"),
        )
    world.at += timedelta(days=60)
    return world.claims.get(claim.claim_no)


def confirm(world: World, claim: Claim, *shares: str) -> None:
    stated = world.state_beneficiaries.state("S1", claim.claim_no, heirs(*shares))
    world.state_beneficiaries.confirm("S2", claim.claim_no, stated.beneficiaries.version)


def part(fen: int) -> CertainPart:
    return CertainPart(fen, "CERTAIN_PART", "身故金确定")


def pay_each(world: World, claim: Claim) -> None:
    """Pay every obligation of the claim to its payee's account."""
    for owed in world.claims.get(claim.claim_no).round.obligations:
        reserved = world.pay.reserve(claim.claim_no, obligation=owed.number)
        if reserved.outcome is Outcome.ALREADY_PAID:
            continue
        assert reserved.payout_id is not None
        world.pay.submit(reserved.payout_id)
        world.real_bank.finish(reserved.payout_id)
        world.pay.confirm(reserved.payout_id)
        world.pay.post(reserved.payout_id)


def paid_by_payee(world: World, claim: Claim) -> dict[str, int]:
    sums: dict[str, int] = {}
    for number in world.real_bank.bills:
        payout = world.payouts.get(number)
        assert (payout.claim_no, payout.state) == (claim.claim_no, PayoutState.SUCCEEDED)
        sums[payout.payee] = sums.get(payout.payee, 0) + payout.amount_fen
    return sums


@pytest.mark.parametrize(
    ("shares", "advance_fen", "advanced", "decided_fen", "whole"),
    [
        (["1/1"], 900_000, [900_000], 1_500_000, [1_500_000]),
        (["1/3"] * 3, 1_000_000, [333_334, 333_333, 333_333], 2_000_000, [666_667, 666_667, 666_666]),
        (["1/3"] * 3, 1_000_000, [333_334, 333_333, 333_333], 1_000_001, [333_334, 333_334, 333_333]),
        (["1/2", "1/4", "1/4"], 900_001, [450_001, 225_000, 225_000], 1_800_003, [900_001, 450_001, 450_001]),
        (["1/7", "2/7", "4/7"], 100, [14, 29, 57], 101, [14, 29, 58]),
        (["1/2", "1/2"], 1_000_000, [500_000, 500_000], 1_000_000, [500_000, 500_000]),
    ],
)
def test_death_claim_is_advanced_to_its_heirs_by_share_and_the_rest_sums_exactly(
    shares: Sequence[str],
    advance_fen: int,
    advanced: Sequence[int],
    decided_fen: int,
    whole: Sequence[int],
) -> None:
    world = World()
    claim = dead_since_60_days(world)
    with pytest.raises(AdvanceNotDueError):
        world.state_advance("S1", claim.claim_no, part(advance_fen))
    confirm(world, claim, *shares)
    world.state_advance("S1", claim.claim_no, part(advance_fen))
    stated = world.acknowledge_advance("S2", claim.claim_no, 1, True, None)
    assert [(o.payee, o.amount_fen) for o in stated.round.of_advance(1)] == [
        (f"B{number}", fen) for number, fen in enumerate(advanced, start=1)
    ]
    assert held(world).of(C.DEATH).fen == advance_fen
    pay_each(world, claim)
    assert list(paid_by_payee(world, claim).values()) == list(advanced)
    after = world.claims.get(claim.claim_no)
    assert after.round.state_of(after.round.advances[0]) is AdvanceState.PAID
    assert after.status is S.IN_REVIEW, "an advance decides nothing"

    stands(world, after, decided_fen)
    assert held(world).of(C.DEATH).fen == decided_fen, "the advance is a part of it"
    answer = AnswerForBeneficiaries(
        claims=world.claims, beneficiaries=world.beneficiaries, take=world.answer.take
    )
    answer("intake-1", claim.claim_no, AnswerKind.ACCEPT, "签署协议")
    reserved = world.pay.reserve(claim.claim_no)
    assert reserved.payout_id is None or len(shares) == 1 or decided_fen - advance_fen < len(shares)
    pay_each(world, claim)
    assert list(paid_by_payee(world, claim).values()) == list(whole)
    assert world.claims.get(claim.claim_no).status is S.PAID
    assert world.bank.bills == {}, "never to the insured's wallet"


# The policy is read again at every step.


def ended(status: PolicyStatus, policy: Policy = FIRST, *, after_accident: bool = True) -> Policy:
    at = ACCIDENT_AT + (timedelta(hours=1) if after_accident else -timedelta(seconds=1))
    ending = Ending(at=at, by="staff", actor="S9", reason=EndReason.IDENTITY_THEFT, refund_fen=0)
    return policy.model_copy(update={"status": status, "ended": ending})


def end(world: World, policy: Policy, *, told: bool = True) -> None:
    """The policy ends; its message tells the claims at once, or has not told them yet."""
    world.policies._policies[policy.policy_no] = policy
    if told:
        world.flag(policy.policy_no)


class Journey:
    """One claim from the report to the money, step by step; each goes as far as it is let."""

    STEPS = ("hand_in", "assess", "decide", "acknowledge", "accept", "pay")

    def __init__(self, world: World) -> None:
        self.world = world
        self.claim_no = world.reported(claim_types=(C.MEDICAL,)).claim_no

    @property
    def claim(self) -> Claim:
        return self.world.claims.get(self.claim_no)

    def hand_in(self) -> None:
        for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
            self.world.send(self.claim, doc_type)
        self.world.send_bill(self.claim, receipt_facts(1_000_000))
        self.world.all_sent(self.claim)

    def assess(self) -> None:
        self.world.assess(self.claim_no)

    def decide(self) -> None:
        self.world.decide("S1", self.claim_no, approved(None))

    def acknowledge(self) -> None:
        self.world.acknowledge("S2", self.claim_no, True, None)

    def accept(self) -> None:
        accepted(self.world, self.claim)

    def pay(self) -> None:
        """Payout's states; WeChat's side ends as the payee would end it."""
        world = self.world
        number = world.pay.reserve(self.claim_no).payout_id
        if number is None:
            return
        world.pay.submit(number)
        self.confirm_all()
        if world.pay.confirm(number) is Outcome.SUCCEEDED:
            world.pay.post(number)

    def confirm_all(self) -> None:
        for bill in self.world.bank.bills:
            self.world.bank.finish(bill)

    def go(self, *steps: str) -> None:
        """Take steps; the ones that are refused are skipped."""
        for step in steps:
            with suppress(DaycoverError):
                getattr(self, step)()


REACHED = {
    S.AWAITING_DOCS: 0,
    S.IN_REVIEW: 2,
    S.DECIDED: 3,
    S.ACKNOWLEDGED: 4,
    S.AGREED: 5,
}
"""Steps of the journey until a claim stands there."""


def test_journey_ends_with_the_money_when_the_policy_stands() -> None:
    journey = Journey(World())
    for status, steps in REACHED.items():
        other = Journey(World())
        other.go(*Journey.STEPS[:steps])
        assert other.claim.status is status
    journey.go(*Journey.STEPS)
    assert (journey.claim.status, journey.world.bank.paid_fen) == (S.PAID, 792_000)


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told yet"])
@pytest.mark.parametrize("status", [PolicyStatus.VOIDED, PolicyStatus.CANCELLED])
@pytest.mark.parametrize("reached", REACHED)
def test_nothing_is_paid_when_the_policy_was_voided_after_a_step(
    reached: ClaimStatus, status: PolicyStatus, told: bool
) -> None:
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[: REACHED[reached]])
    assert journey.claim.status is reached
    end(world, ended(status), told=told)
    journey.go(*Journey.STEPS[REACHED[reached] :])
    journey.go(*Journey.STEPS)
    claim = journey.claim
    assert (world.bank.bills, world.real_bank.bills, world.books.paid) == ({}, {}, [])
    if not told and reached in {S.IN_REVIEW, S.DECIDED}:
        assert claim.status is reached, "it waits for a person, whose click is refused"
    else:
        assert claim.status is S.IN_REVIEW
        assert POLICY_NOT_STANDING in claim.round.referred_for
        assert POLICY_NOT_STANDING in {signal.rule for signal in claim.signals}
    assert held(world) == NOTHING_HELD
    world.flag(ended(status).policy_no)
    claim = journey.claim
    assert (claim.status, claim.decision) == (S.IN_REVIEW, Decision.PENDING)
    assert POLICY_NOT_STANDING in claim.round.referred_for
    with pytest.raises(PolicyNotStandingError) as stopped:
        journey.decide()
    assert stopped.value.facts == {"policy_status": status}
    world.decide("S1", claim.claim_no, Verdict(Decision.DECLINED, None, "NO_COVER", "保单已作废"))
    refused = world.acknowledge("S2", claim.claim_no, True, None)
    assert (refused.status, refused.decision) == (S.ACKNOWLEDGED, Decision.DECLINED)


@pytest.mark.parametrize("status", [PolicyStatus.VOIDED, PolicyStatus.TERMINATED])
def test_nothing_is_sent_when_the_policy_ended_after_the_payment_was_reserved(status: PolicyStatus) -> None:
    """Nothing has told the claim: submitting reads the policy itself."""
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[:5])
    number = world.pay.reserve(journey.claim_no).payout_id
    assert number is not None
    end(world, ended(status), told=False)
    assert world.pay.submit(number) is Outcome.STOPPED
    claim = journey.claim
    assert (world.bank.bills, claim.status, claim.decision) == ({}, S.IN_REVIEW, Decision.PENDING)
    assert POLICY_NOT_STANDING in claim.round.referred_for
    assert held(world) == NOTHING_HELD


def test_other_policy_s_claim_is_paid_when_one_policy_was_voided() -> None:
    world = World(FIRST, SECOND)
    papers = Papers(world)
    claims = [
        accepted(world, stands(world, papers(C.MEDICAL, bill_fen=1_000_000, bill="A", policy=policy)))
        for policy in (FIRST, SECOND)
    ]
    assert [claim.amount_fen for claim in claims] == [792_000, 208_000]
    end(world, ended(PolicyStatus.VOIDED))
    assert world.claims.get(claims[0].claim_no).status is S.IN_REVIEW
    assert held(world, FIRST) == NOTHING_HELD
    assert world.pay.reserve(claims[0].claim_no).outcome is Outcome.STOPPED
    paid(world, claims[1])
    assert world.bank.paid_fen == 208_000


def test_bill_is_taken_back_when_the_policy_is_voided_before_the_worker_confirmed() -> None:
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[:5])
    number = world.pay.reserve(journey.claim_no).payout_id
    assert number is not None
    world.pay.submit(number)
    end(world, ended(PolicyStatus.VOIDED))
    journey.confirm_all()  # the worker is too late
    outcome = world.pay.confirm(number)
    assert outcome is Outcome.FAILED
    assert world.pay.record_failure(journey.claim_no, outcome, number) is Outcome.STOPPED
    claim = journey.claim
    assert (world.bank.paid_fen, world.bank.bills[number].state) == (0, TransferState.CANCELLED)
    assert (claim.status, claim.decision) == (S.IN_REVIEW, Decision.PENDING)
    assert POLICY_NOT_STANDING in claim.round.referred_for
    assert held(world) == NOTHING_HELD


CALLS = 8
"""More than a payment makes until its bill is recorded."""


@pytest.mark.parametrize("lost", [set(), {"cancel"}], ids=["answered", "a lost answer"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", range(CALLS))
def test_nobody_can_collect_when_the_policy_is_voided_in_the_middle_of_a_payment(
    place: int, after: bool, lost: set[str]
) -> None:
    """Whichever call of reserving and submitting it comes before or after, also once the policy was read."""
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[:5])
    world.steps.calm()

    def strike(name: str) -> None:
        if len(world.steps.calls) - 1 == place:
            world.steps.calm()
            end(world, ended(PolicyStatus.VOIDED))

    world.steps.before, world.steps.after = (lambda _: None, strike) if after else (strike, lambda _: None)
    number = world.pay.reserve(journey.claim_no).payout_id
    if number is not None:
        world.bank.lost_replies = set(lost)
        outcome = world.pay.submit(number)
        world.bank.lost_replies = set()
        for _ in range(2):
            if outcome is Outcome.NOT_SENT:
                outcome = world.pay.submit(number)
            elif outcome in {Outcome.PENDING, Outcome.UNKNOWN}:
                outcome = world.pay.confirm(number)
        journey.confirm_all()
        assert outcome is Outcome.FAILED
        assert world.pay.record_failure(journey.claim_no, outcome, number) is Outcome.STOPPED
    assert world.policies.get(FIRST.policy_no).status is PolicyStatus.VOIDED, "it was voided on the way"
    assert world.bank.paid_fen == 0
    gone = {TransferState.CANCELING, TransferState.CANCELLED}
    assert {bill.state for bill in world.bank.bills.values()} <= gone
    claim = journey.claim
    assert (claim.status, claim.decision) == (S.IN_REVIEW, Decision.PENDING)
    assert POLICY_NOT_STANDING in claim.round.referred_for
    assert held(world) == NOTHING_HELD


def test_finance_is_told_when_the_money_had_left_before_the_policy_was_voided() -> None:
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[:5])
    number = world.pay.reserve(journey.claim_no).payout_id
    assert number is not None
    world.pay.submit(number)
    journey.confirm_all()
    end(world, ended(PolicyStatus.VOIDED))
    claim = journey.claim
    assert (claim.status, claim.attention) == (S.PAYING, Attention.POLICY_NOT_STANDING)
    assert POLICY_NOT_STANDING in {signal.rule for signal in claim.signals}
    assert held(world).fen == world.bank.paid_fen == 792_000


@pytest.mark.parametrize("reached", REACHED)
def test_person_may_pay_when_the_policy_was_terminated_after_the_accident(reached: ClaimStatus) -> None:
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[: REACHED[reached]])
    end(world, ended(PolicyStatus.TERMINATED))
    if reached is S.AWAITING_DOCS:
        journey.go("hand_in", "assess")
    claim = journey.claim
    assert (claim.status, claim.decision) == (S.IN_REVIEW, Decision.PENDING)
    assert POLICY_NOT_STANDING in claim.round.referred_for, "the machine decides nothing on it"
    assert held(world) == NOTHING_HELD
    decided_again = decided(world, claim)
    assert decided_again.round.policy_status is PolicyStatus.TERMINATED
    journey.go("acknowledge", "accept", "pay")
    assert (journey.claim.status, world.bank.paid_fen) == (S.PAID, 792_000)


@pytest.mark.parametrize("reached", [S.IN_REVIEW, S.DECIDED, S.AGREED])
def test_nothing_is_paid_when_the_policy_was_terminated_before_the_accident(reached: ClaimStatus) -> None:
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[: REACHED[reached]])
    end(world, ended(PolicyStatus.TERMINATED, after_accident=False))
    with pytest.raises(PolicyNotStandingError):
        journey.decide()
    journey.go(*Journey.STEPS)
    assert (journey.claim.status, world.bank.bills) == (S.IN_REVIEW, {})


def test_decision_is_not_let_stand_when_the_policy_was_terminated_between_the_two_people() -> None:
    """Also where nothing has told the claim yet: whoever decided did not know."""
    world = World()
    journey = Journey(world)
    journey.go(*Journey.STEPS[:3])
    end(world, ended(PolicyStatus.TERMINATED), told=False)
    with pytest.raises(PolicyNotStandingError):
        journey.acknowledge()
    assert held(world) == NOTHING_HELD


# Any order of everything.


COSTS = {"A": 1_000_000, "B": 5_000_000}
"""What the bills say, whichever claim they are handed in with."""
KINDS = [(C.MEDICAL,), (C.HOSPITAL,), (C.LOST_INCOME,), (C.DISABILITY,), (C.DEATH,), C_TOE]
claims_to_hand_in = st.tuples(
    st.sampled_from(KINDS), st.sampled_from("AB"), st.sampled_from([14, 23, 200]), st.booleans()
)


def acts_of(world: World) -> list[Callable[[str], object]]:
    """What people and the machine can do to a claim, or the insurer to its policy."""
    decline = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外")
    return [
        world.assess,
        *(
            partial(_decide, world, verdict)
            for verdict in (approved(None), approved(1), approved(2_000_000), approved(20_000_000), decline)
        ),
        lambda n: world.acknowledge("S2", n, True, None),
        lambda n: world.acknowledge("S2", n, False, "重核"),
        lambda n: world.answer(WORKER, n, AnswerKind.DISPUTE, "少算了"),
        lambda n: world.open_step(n, WaitStep.DECISION),
        lambda n: accepted(world, world.claims.get(n)),
        lambda n: end(world, ended(PolicyStatus.VOIDED, world.claims.get(n).policy)),
    ]


def _decide(world: World, verdict: Verdict, claim_no: str) -> Claim:
    return world.decide("S1", claim_no, verdict)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(claims_to_hand_in, min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 11)), max_size=40),
)
def test_limits_hold_whatever_the_claims_of_two_policies_go_through(
    handed_in: list[tuple[tuple[ClaimType, ...], str, int, bool]], acts: list[tuple[int, int]]
) -> None:
    world = World(FIRST, SECOND)
    papers = Papers(world)
    claims = [
        papers(
            *types, bill_fen=COSTS[bill], bill=bill, days=days, policy=FIRST if of_first else SECOND
        ).claim_no
        for types, bill, days, of_first in handed_in
    ]
    for claim_no in claims:
        world.assess(claim_no)
    possible = acts_of(world)
    for which, act in acts:
        with suppress(DaycoverError):
            possible[act](claims[which % len(claims)])
        assert_limits_hold(world, claims)


def assert_limits_hold(world: World, claims: Sequence[str]) -> None:
    shared: dict[str, int] = {}
    for policy in (FIRST, SECOND):
        exposure = held(world, policy)
        mine = [c for c in map(world.claims.get, claims) if c.policy.policy_no == policy.policy_no]
        whole = NOTHING_HELD
        for claim in mine:
            whole = whole.plus(claim.holding)
            assert claim.round.holding.fen == claim.round.committed_fen
        assert exposure == whole, "the exposure is what the rounds of the policy's claims hold"
        assert exposure.of(*LUMP_SUMS).fen <= policy.sum_insured_fen
        assert exposure.of(C.MEDICAL).fen <= LIMIT_FEN
        for bill, fen in exposure.bills.items():
            shared[bill] = shared.get(bill, 0) + fen
        if world.policies.get(policy.policy_no).status is PolicyStatus.VOIDED:
            assert exposure == NOTHING_HELD
    cost_of = {a_bill_no(name): cost for name, cost in COSTS.items()}
    for bill, fen in shared.items():
        assert fen <= cost_of[bill.partition(":")[2]], "one bill is paid once, by whoever pays it"
