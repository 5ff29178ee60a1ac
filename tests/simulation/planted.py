"""Defects planted on purpose, at least one for each invariant: what shows that the net would hold.

Each takes one protection out of the product, in the way that somebody might have forgotten it. `seeds` bounds how
many histories may pass before the invariant breaks.
"""

from datetime import timedelta
from typing import Any

from daycover.books import payouts as books_payouts
from daycover.books import statement
from daycover.books.journal import Entry, Kind
from daycover.claims.decide import AcknowledgeDecision
from daycover.claims.exposure import ExposureChange
from daycover.cover import issue, period, start_check_in
from daycover.cover.cancel import CancelPolicy
from daycover.cover.end import EndPolicies
from daycover.cover.issue import IssuePolicy
from daycover.cover.lifecycle import Author, Event
from daycover.cover.period import COVER, RENEWAL_WINDOW, Period
from daycover.cover.policy import Policy, mask_name
from daycover.cover.stop import StopApplications
from daycover.errors import ConcurrentChangeError
from daycover.identity.attempt import Way
from daycover.payouts import obligations, payout
from daycover.payouts.ended import FlagClaims
from daycover.payouts.outcome import Outcome
from daycover.payouts.pay import PayObligation
from daycover.payouts.payout import OUTCOMES, Payout, PayoutState
from daycover.platform.observability import logger
from daycover.projects.project import Project
from daycover.reporting import queue as reporting_queue
from daycover.reporting.breaks import KeepBreaks
from daycover.reporting.rows import rows_of
from daycover.store import claims as store_claims
from daycover.store import deposits as store_deposits
from daycover.store import journal as store_journal
from daycover.store import keys
from daycover.store import payouts as store_payouts
from daycover.store.archive import StoredArchive
from daycover.store.dynamodb import PRESENT, Delete, Put
from daycover.store.journal import entry_writes
from daycover.store.policies import StoredPolicies
from daycover.store.projects import StoredProjects
from tests.simulation.invariants import END, STEP
from tests.simulation.plant import Planted, planted, replaced, together
from tests.simulation.planted_family import PLANTED_FAMILY
from tests.simulation.planted_operations import PLANTED_OPERATIONS

__all__ = ["PLANTED", "Planted", "planted", "uncovered"]

# ---- cover -------------------------------------------------------------------------------------------


def _claim_any_place(self: StoredPolicies, put: Put, _checks: object) -> None:
    self._table.put(Put(put.key, put.item, condition="attribute_exists(pk) OR attribute_not_exists(pk)"))


def _deletes(self: StoredPolicies, policy: Policy) -> None:
    self._table.delete(Delete(keys.policy(policy.person_id, policy.sequence), PRESENT))


def _begins_late(now: Any, latest: Period | None) -> Period | None:
    found = period.next_period(now, latest)
    if found is None or found.start == now:
        return found
    return Period(start=found.start + timedelta(minutes=5), end=found.end + timedelta(minutes=5))


def _ignores_the_latest(now: Any, latest: Period | None) -> Period | None:
    if latest is not None and latest.end - now <= RENEWAL_WINDOW:
        return Period(start=now, end=now + COVER)
    return period.next_period(now, latest)


def _a_day_and_an_hour(now: Any, latest: Period | None) -> Period | None:
    found = period.next_period(now, latest)
    return None if found is None else Period(start=found.start, end=found.end + timedelta(hours=1))


def _by_anybody(self: CancelPolicy, worker_id: str, policy_no: str, reason: Any) -> Any:
    policy = self.policies.get(policy_no)
    return self.end_policies(policy, Event.CANCEL, reason, Author("worker", worker_id))


def _no_stop(self: StopApplications, person_id: str, *_: object, **_of: object) -> list[Any]:
    return list(self.policies.chain(person_id, self.now()).policies)


def _says_it_first(name: str) -> str:
    logger.info("issued", name=name)
    return mask_name(name)


def _fails_at_renewal(now: Any, latest: Period | None) -> Period | None:
    if latest is not None and latest.start < now < latest.end and latest.end - now <= RENEWAL_WINDOW:
        raise KeyError(latest.end)
    return period.next_period(now, latest)


# ---- money -------------------------------------------------------------------------------------------


def _new_number_when_unknown(self: Payout) -> bool:
    return self.state not in {PayoutState.CREATED, PayoutState.SUCCEEDED}


def _final_never(self: Payout) -> bool:
    return self.state is PayoutState.BOUNCED


def _without_exposure(change: ExposureChange | None) -> list[Any]:
    return []


def _posts_nothing(_payout: Payout) -> list[Entry]:
    return []


def _loses_a_fen(entry: Entry, partitions: int = 1) -> list[Put]:
    puts = []
    for put in entry_writes(entry, partitions):
        (account, fen), *others = put.item["lines"]
        puts.append(Put(put.key, {**put.item, "lines": [[account, fen + 1], *others]}))
    return puts


def _unavailable(self: FlagClaims, policy_no: str) -> list[str]:
    raise ConcurrentChangeError


_draw_up = statement.draw_up


def _without_refunds(company_id: str, day: Any, entries: Any, *rest: Any, **named: Any) -> Any:
    issued = (entry for entry in entries if entry.cover is None or entry.kind is Kind.POLICY_ISSUED)
    return _draw_up(company_id, day, issued, *rest, **named)


def _may_always_leave(*_: object) -> bool:
    return True


def _paid_when_submitted(self: Payout) -> Outcome:
    return Outcome.SUCCEEDED if self.state is PayoutState.SUBMITTED else OUTCOMES[self.state]


_acknowledge = AcknowledgeDecision.__call__


class _Anybody(str):
    """An id that is nobody's in particular: comparing it with who decided says no."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def _acknowledged_by_anybody(
    self: AcknowledgeDecision, staff_id: str, claim_no: str, acknowledged: bool, reason: str | None
) -> Any:
    return _acknowledge(self, _Anybody(staff_id), claim_no, acknowledged, reason)


def _posts_what_was_submitted(self: PayObligation, payout_id: str) -> Outcome:
    sent = self.payouts.get(payout_id)
    self.obligations.paid(sent.model_copy(update={"state": PayoutState.SUCCEEDED}))
    return Outcome.SUCCEEDED


PLANTED: tuple[Planted, ...] = (
    Planted(
        "place_without_condition",
        "cover_is_one_day",
        "A policy takes its place of the chain without the condition that it is free.",
        replaced(StoredPolicies, "_claim", _claim_any_place),
        seed=188,
    ),
    Planted(
        "ended_is_deleted",
        "chain_only_grows",
        "A policy that ends is taken out of its chain.",
        replaced(StoredPolicies, "end", _deletes),
        seed=3,
    ),
    Planted(
        "renewal_begins_at_once",
        "no_overlap",
        "A renewal begins when it is bought instead of when the cover before it ends.",
        replaced(issue, "next_period", _ignores_the_latest),
        seed=3,
    ),
    Planted(
        "renewal_begins_late",
        "no_gap",
        "A renewal begins five minutes after the cover before it has ended.",
        replaced(issue, "next_period", _begins_late),
        seed=3,
    ),
    Planted(
        "own_policy_not_found",
        "one_policy_per_check_in",
        "Issuing does not look whether the check-in has become a policy already.",
        together(
            replaced(issue, "own_of", lambda policies, application: None),
            replaced(issue, "latest_of", lambda policies, project_id: None),
        ),
        seed=11,
    ),
    Planted(
        "a_day_and_an_hour",
        "cover_is_one_day",
        "Cover lasts 25 hours.",
        replaced(issue, "next_period", _a_day_and_an_hour),
        seed=2,
    ),
    Planted(
        "withdrawal_not_looked_for",
        "cover_rests_on_consent",
        "Issuing does not read again whether the consents stand, and nothing stops the chain.",
        together(
            replaced(IssuePolicy, "_no_longer_stands", lambda self, application: None),
            replaced(StopApplications, "_stop", _no_stop),
            replaced(StopApplications, "_settle", lambda self, *rest: None),
        ),
        seed=12,
    ),
    Planted(
        "withdrawal_ends_nothing",
        "withdrawal_ends_cover",
        "A withdrawal leaves what was issued before it in force.",
        replaced(EndPolicies, "all_on", lambda self, *rest: []),
        seed=10,
    ),
    Planted(
        "erasure_stops_nothing",
        "nothing_after_erasure",
        "An erasure leaves what is on its way.",
        together(
            replaced(IssuePolicy, "_no_longer_stands", lambda self, application: None),
            replaced(StopApplications, "_stop", _no_stop),
            replaced(StopApplications, "_settle", lambda self, *rest: None),
        ),
        seed=12,
    ),
    Planted(
        "closed_gate_lets_in",
        "cover_rests_on_an_open_project",
        "A scan is taken whatever the project's status is.",
        replaced(Project, "check_open", lambda self, now: None),
        seed=38,
    ),
    Planted(
        "each_project_for_itself",
        "insured_for_so_much",
        "The sum insured is looked at on one project alone.",
        replaced(issue, "_within_sum_limit", lambda *_: True),
        seed=113,
    ),
    Planted(
        "cancelled_by_anybody",
        "nobody_else_acts",
        "A worker cancels by number, whosoever the policy is.",
        replaced(CancelPolicy, "by_worker", _by_anybody),
        seed=48,
    ),
    Planted(
        "a_case_nobody_thought_of",
        "no_error_of_ours",
        "Renewing raises an error that no handler knows.",
        replaced(issue, "next_period", _fails_at_renewal),
        seed=3,
    ),
    Planted(
        "another_number_each_time",
        "no_attempt_burnt",
        "An attempt whose answer was lost is asked for again under another number.",
        replaced(start_check_in, "way_on", lambda today, digest, at: Way(None, False)),
        seed=2,
    ),
    Planted(
        "name_in_clear",
        "no_personal_data",
        "A policy holds the whole name.",
        replaced(issue, "mask_name", lambda name: name),
        seed=2,
    ),
    Planted(
        "name_in_the_log",
        "no_personal_data",
        "A line of the log says whom a policy insures.",
        replaced(issue, "mask_name", _says_it_first),
        seed=2,
    ),
    Planted(
        "unknown_is_failed",
        "money_leaves_once",
        "A payout whose answer is missing is given up, and another number pays.",
        replaced(Payout, "is_over", property(_new_number_when_unknown)),
        seed=9,
    ),
    Planted(
        "limits_not_counted",
        "paid_within_limits",
        "What a decision takes of a policy's limits is not written with it.",
        replaced(store_claims, "exposure_writes", _without_exposure),
        seed=9,
    ),
    Planted(
        "policy_not_read_again",
        "no_payment_on_a_void_policy",
        "Nobody tells a claim that its policy was voided, and a payment does not look.",
        together(
            replaced(obligations, "may_leave", _may_always_leave),
            replaced(FlagClaims, "__call__", lambda self, policy_no: []),
        ),
        seed=12,
    ),
    Planted(
        "one_person_does_both",
        "two_people_decide",
        "Whoever decided may acknowledge.",
        replaced(AcknowledgeDecision, "__call__", _acknowledged_by_anybody),
        seed=9,
    ),
    Planted(
        "answers_after_the_end",
        "payouts_move_lawfully",
        "A late answer moves a payout that is at its end.",
        together(
            replaced(Payout, "is_final", property(_final_never)),
            replaced(payout, "MOVES", {state: frozenset(PayoutState) for state in PayoutState}),
            replaced(store_payouts, "MOVES", {state: frozenset(PayoutState) for state in PayoutState}),
        ),
        seed=39,
    ),
    Planted(
        "payout_without_posting",
        "money_has_one_posting",
        "A payout moves without its journal entry.",
        replaced(books_payouts, "entries_of_payout", _posts_nothing),
        seed=9,
    ),
    Planted(
        "a_fen_too_many",
        "journal_balances",
        "An entry's first line is a fen too high.",
        together(replaced(store_journal, "entry_writes", _loses_a_fen)),
        seed=2,
    ),
    Planted(
        "archive_forgets",
        "every_policy_is_known_everywhere",
        "The archive says that it stored a batch, and did not.",
        replaced(StoredArchive, "append", lambda self, policies: None),
        seed=2,
    ),
    Planted(
        "refunds_not_billed",
        "statement_is_journal",
        "A statement leaves out what it gives back.",
        replaced(statement, "draw_up", _without_refunds),
        seed=3,
    ),
    Planted(
        "nobody_bills",
        "every_bill_is_collectable",
        "A day is closed and not put among what its company owes.",
        replaced(statement.IssueStatement, "_bill", lambda self, issued: None),
        seed=16,
    ),
    Planted(
        "deposit_without_entry",
        "deposit_is_what_moved_it",
        "A deposit moves without its journal entry.",
        replaced(store_deposits, "entry_writes", lambda entry: []),
        seed=12,
    ),
    Planted(
        "block_forgets_projects",
        "blocks_follow_what_is_owed",
        "A company is blocked, and its projects never hear of it.",
        replaced(StoredProjects, "set_credit_block", lambda self, project_id, blocked: None),
        seed=4,
    ),
    Planted(
        "ending_not_reported",
        "insurer_was_told_what_is_owed",
        "The insurer hears of every policy's issue, never of its ending, and no reconciliation says so.",
        together(
            replaced(reporting_queue, "rows_of", lambda policy: rows_of(policy)[:1]),
            replaced(KeepBreaks, "__call__", lambda *_: (0, 0)),
        ),
        seed=3,
    ),
    Planted(
        "rejection_forgotten",
        "what_the_insurer_did_not_take_is_shown",
        "What the insurer rejects makes no break.",
        replaced(KeepBreaks, "__call__", lambda *_: (0, 0)),
        seed=13,
    ),
    Planted(
        "consumer_never_done",
        "nothing_lost",
        "The consumer of ended policies fails for ever.",
        replaced(FlagClaims, "__call__", _unavailable),
        seed=3,
    ),
    Planted(
        "paid_before_it_arrives",
        "paid_claims_have_their_money",
        "What was submitted counts as paid.",
        together(
            replaced(Payout, "outcome", property(_paid_when_submitted)),
            replaced(PayObligation, "post", _posts_what_was_submitted),
        ),
        seed=130,
    ),
    *PLANTED_OPERATIONS,
    *PLANTED_FAMILY,
)


def uncovered() -> set[str]:
    """Invariants that no planted defect breaks."""
    return {*STEP, *END} - {defect.invariant for defect in PLANTED}
