"""A payout moves only where money can go, and every move is one that the next writer must have seen."""

from itertools import product

import pytest

from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import MOVES, OUTCOMES, Payout, PayoutState, PayoutStepClosedError, payout_number
from tests.support.builders import NOW

S = PayoutState


def a_payout(state: PayoutState = S.CREATED, **changes: object) -> Payout:
    return Payout(
        payout_id="CL1P1",
        claim_no="CL1",
        obligation=1,
        round=0,
        company_id="C1",
        project_id="P1",
        worker_id="W1",
        amount_fen=358_000,
        created_at=NOW,
        state=state,
    ).model_copy(update=changes)


@pytest.mark.parametrize(("before", "after"), list(product(S, S)))
def test_move_makes_the_next_version_or_is_refused_by_the_state_it_is_in(
    before: PayoutState, after: PayoutState
) -> None:
    payout = a_payout(before, version=4)
    if after in MOVES[before]:
        moved = payout.moved(after, finished_at=NOW)
        assert moved == a_payout(after, version=5, finished_at=NOW)
    else:
        with pytest.raises(PayoutStepClosedError) as closed:
            payout.moved(after)
        assert closed.value.facts == {"payout_state": before.value}


@pytest.mark.parametrize(
    ("state", "bill", "final", "over"),
    [
        (S.CREATED, None, False, False),
        (S.SUBMITTED, "B1", False, False),
        (S.UNKNOWN, None, False, False),
        (S.SUCCEEDED, "B1", True, False),
        (S.FAILED, None, True, False),
        (S.FAILED, "B1", True, True),
        (S.BOUNCED, "B1", True, True),
    ],
)
def test_new_number_is_needed_only_when_a_bill_ended_without_the_money(
    state: PayoutState, bill: str | None, final: bool, over: bool
) -> None:
    payout = a_payout(state, transfer_bill_no=bill)
    assert (payout.is_final, payout.is_over) == (final, over)


def test_money_is_pending_until_the_bank_has_taken_it_and_unknown_is_never_failed() -> None:
    pending = {state for state in S if a_payout(state).outcome is Outcome.PENDING}
    assert pending == {S.CREATED, S.SUBMITTED}
    assert a_payout(S.UNKNOWN).outcome is Outcome.UNKNOWN
    assert set(OUTCOMES) == set(MOVES) == set(S)


def test_number_is_the_claim_s_and_its_place() -> None:
    assert payout_number("CL" + "0" * 24, 99_999) == "CL" + "0" * 24 + "P99999"
    assert len(payout_number("CL" + "0" * 24, 99_999)) == 32, "WeChat's `out_bill_no`"
