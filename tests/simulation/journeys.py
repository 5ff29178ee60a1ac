"""The journeys whose operations are attacked, each in calm weather: what happens, and what everybody does again.

Nobody here draws lots: a journey is the same every time, but for what a crash makes of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from daycover.claims.lifecycle import Decision
from daycover.payouts.transfer import TransferState
from daycover.reporting.rows import RowState
from tests.simulation.claimant import HOUR
from tests.simulation.deeds import (
    answer_rows,
    arrive,
    cancel,
    check_in,
    erase,
    look_after,
    move_money,
    pay_again,
    report,
    send_back,
    state_account,
    take_erasure_back,
    void,
    withdraw,
)
from tests.simulation.stage import Stage


@dataclass(frozen=True, slots=True)
class Journey:
    """`operations` are attacked: use cases by what is asked, functions by their names."""

    name: str
    operations: frozenset[str]
    plan: Callable[[Stage], None]
    days: float


JOURNEYS: dict[str, Journey] = {}


def journey(days: float, *operations: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    def known(plan: Callable[[Stage], None]) -> Callable[[Stage], None]:
        JOURNEYS[plan.__name__] = Journey(plan.__name__, frozenset(operations), plan, days)
        return plan

    return known


DAY_AND_NIGHT = 1.7
"""Days from nine in the morning until the day is closed, reconciled and reported, and a while more."""
FOLLOWING = "record_cover", "archive_policy", "report_to_insurer"
"""What follows from a policy's being written, or its end."""


@journey(
    1 + DAY_AND_NIGHT,
    "sign_in_worker",
    "give_consents",
    "start_check_in",
    "issue_policy",
    "complete_check_in",
    *FOLLOWING,
)
def issue_a_policy(stage: Stage) -> None:
    """A first day of cover, and the next one bought before it ends."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)


@journey(DAY_AND_NIGHT, "start_check_in", "complete_check_in", *FOLLOWING)
def issue_without_the_app(stage: Stage) -> None:
    """The app never comes back: the queue asks the work card."""
    stage.at(0, arrive, app_comes_back=False)


CLAIM = (
    "report_claim",
    "add_document",
    "receive_document",
    "all_sent",
    "register_claim",
    "open_claim_step",
    "verify_bills",
    "assess_claim",
    "answer_claim",
    "follow_claims",
    "inform_worker",
)
PAYOUT = (
    "reserve_payout",
    "submit_payout",
    "hold_payout",
    "confirm_payout",
    "post_payout",
    "receive_transfer_notice",
    "close_claim",
)
SMALL, LARGE = 60_000, 1_000_000
"""Bills in fen that the machine approves, and that people decide."""


def hurt(stage: Stage, bill_fen: int, **looks: Any) -> None:
    stage.at(0, arrive)
    stage.at(4 * HOUR, report, bill_fen)  # an accident right after the start is for people to look at
    for half_hours in range(11, 18):
        stage.at(half_hours * HOUR / 2, look_after, **looks)


@journey(DAY_AND_NIGHT, *CLAIM)
def claim_decided_by_the_machine(stage: Stage) -> None:
    hurt(stage, SMALL)
    stage.at(7.2 * HOUR, move_money)


@journey(
    DAY_AND_NIGHT, "assess_claim", "open_claim_step", "decide_claim", "acknowledge_decision", "answer_claim"
)
def claim_decided_by_people(stage: Stage) -> None:
    hurt(stage, LARGE)
    stage.at(7.2 * HOUR, move_money)


@journey(
    DAY_AND_NIGHT, "decide_claim", "acknowledge_decision", "notify_refusal", "close_claim", "inform_worker"
)
def claim_refused(stage: Stage) -> None:
    hurt(stage, LARGE, decision=Decision.DECLINED)


@journey(DAY_AND_NIGHT, *PAYOUT)
def payout(stage: Stage) -> None:
    """Paid to the wallet; the insured confirms in WeChat within the hour."""
    hurt(stage, SMALL)
    stage.at(6.2 * HOUR, move_money)
    stage.at(7.2 * HOUR, move_money)


@journey(DAY_AND_NIGHT, *PAYOUT, "record_payout_failure", "trigger_payout")
def payout_lapsed(stage: Stage) -> None:
    """Nobody confirms in time; finance pays once more."""
    hurt(stage, SMALL)
    stage.at(6.2 * HOUR, move_money, TransferState.FAIL)
    stage.at(8 * HOUR, pay_again)
    stage.at(9 * HOUR, move_money)
    stage.at(10 * HOUR, move_money)


@journey(2 + DAY_AND_NIGHT, *PAYOUT[:-2], "state_payee", "close_claim", "reconcile_wallet", "trigger_payout")
def payout_bounced(stage: Stage) -> None:
    """Paid to a bank account that turns out to be closed; finance pays again to the next."""
    hurt(stage, SMALL)
    stage.at(5.2 * HOUR, state_account)
    stage.at(7.2 * HOUR, move_money)
    stage.at(30 * HOUR, send_back)
    stage.at(52 * HOUR, pay_again)
    stage.at(54 * HOUR, move_money)
    stage.at(55 * HOUR, move_money)


@journey(1 + DAY_AND_NIGHT, "list_companies", "issue_statement")
def close_a_day(stage: Stage) -> None:
    """One policy billed and the next cancelled before it began."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)
    stage.at(23.5 * HOUR, cancel)


@journey(
    1 + DAY_AND_NIGHT,
    "list_companies",
    "send_daily_file",
    "reconcile_company",
    "reconcile_wallet",
    "reconcile_bank",
)
def reconcile_a_day(stage: Stage) -> None:
    """A policy and a payout; the insurer answers its rows a day late."""
    stage.world.outside.insurer.verdict = lambda row: RowState.PENDING
    hurt(stage, SMALL)
    stage.at(7.2 * HOUR, move_money)
    stage.at(20 * HOUR, answer_rows)


@journey(DAY_AND_NIGHT, "erase_worker", "complete_check_in", "purge_locations")
def erase_somebody_never_insured(stage: Stage) -> None:
    """Asked for while a check-in waits for its face."""
    stage.at(0, arrive, app_comes_back=False)
    stage.at(8, erase)


@journey(DAY_AND_NIGHT, "erase_worker", "withdraw_erasure", "purge_locations")
def erase_somebody_insured(stage: Stage) -> None:
    """Asked for under cover, taken back and asked for again."""
    stage.at(0, arrive)
    stage.at(2 * HOUR, erase)
    stage.at(3 * HOUR, take_erasure_back)
    stage.at(4 * HOUR, erase)


@journey(1 + DAY_AND_NIGHT, "withdraw_consents", *FOLLOWING)
def withdraw_consents(stage: Stage) -> None:
    """Withdrawn under cover, while the next day's check-in waits for its face."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)
    stage.at(23 * HOUR + 5, withdraw)


@journey(DAY_AND_NIGHT, "void_policy", "flag_claims", *FOLLOWING)
def void_a_policy(stage: Stage) -> None:
    """Voided while a payout on it waits for its confirmation in WeChat."""
    hurt(stage, SMALL)
    stage.at(5.8 * HOUR, void)
    stage.at(7.2 * HOUR, move_money)


@journey(18, "void_policy")
def void_long_after(stage: Stage) -> None:
    """Voided when TTL has taken it, with a claim on it."""
    hurt(stage, SMALL)
    stage.at(17 * 24 * HOUR, void)


@journey(1 + DAY_AND_NIGHT, "cancel_policy", "flag_claims", *FOLLOWING)
def cancel_a_policy(stage: Stage) -> None:
    """Tomorrow's cover is bought and cancelled before it begins."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)
    stage.at(23.5 * HOUR, cancel)
