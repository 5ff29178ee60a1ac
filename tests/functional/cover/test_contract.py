"""One contract for the fakes and the real repositories of cover, identity, projects and books."""

from datetime import date, timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.china_time import china_day
from daycover.cover.check_in import CheckInExistsError, CheckInNotFoundError, CheckInStatus, ScannedCode
from daycover.cover.evidence import Trace
from daycover.cover.period import COVER
from daycover.cover.policy import (
    Chain,
    Ending,
    EndReason,
    Policy,
    PolicyExistsError,
    PolicyNotFoundError,
    PolicyStatus,
    Stop,
    StopReason,
)
from daycover.cover.presence import Visit, Why
from daycover.cover.roster import line_of
from daycover.cover.signals import Via, flagged
from daycover.cover.site_offer import Spot
from daycover.errors import ConcurrentChangeError
from daycover.identity.attempt import Attempt, PreOrderState
from daycover.identity.consent import ConsentAct, ConsentKind
from daycover.identity.worker import PayeeChecks
from daycover.projects.company import Authorisation, Company, CompanyNotAuthorisedError
from daycover.projects.enrol import AlreadyEnrolledError
from daycover.projects.place import Point
from daycover.projects.project import ProjectNotFoundError, ProjectStatus
from daycover.projects.provider import Credential
from tests.functional.cover.stores import Store
from tests.support.builders import (
    NOW,
    PERSON,
    PROJECT,
    WORKER,
    a_check_in,
    a_line,
    a_policy,
    a_project,
    a_signal,
    a_worker,
    an_identity,
    consents_for,
)
from tests.support.enrolled import a_provider, enrol, withdraw


def an_ended_policy(status: PolicyStatus, **changes: Any) -> Policy:
    ending = Ending(at=NOW, by="staff", actor="s-1", reason=EndReason.IDENTITY_THEFT, refund_fen=70)
    return a_policy(status=status, ended=ending, **changes)


OTHER = crockford.encode(9, 20)
DAY = china_day(NOW)


# ---- policies ----------------------------------------------------------------------------------------


def test_policy_comes_back_as_it_was_when_read_by_its_number(store: Store) -> None:
    policy = a_policy()
    store.policies.add(policy, None)
    assert store.policies.get(policy.policy_no) == policy
    assert store.policies.get(f" {policy.policy_no.lower()}") == policy
    assert store.policies.recent(PERSON, NOW) == store.policies.list_of(PERSON) == [policy]


def test_second_policy_is_refused_when_the_place_in_the_chain_is_taken(store: Store) -> None:
    store.policies.add(a_policy(), None)
    with pytest.raises(PolicyExistsError):
        store.policies.add(a_policy(check_in_id="20261124-02", project_id="other"), None)
    assert store.policies.list_of(PERSON) == [a_policy()]


def test_policy_of_another_day_is_not_found_when_its_place_was_reused(store: Store) -> None:
    store.policies.add(a_policy(NOW + timedelta(days=20)), None)
    with pytest.raises(PolicyNotFoundError):
        store.policies.get(a_policy(NOW).policy_no)


@pytest.mark.parametrize("number", ["", "DC", "x" * 30, "DC" + "0" * 28])
def test_policy_is_not_found_when_the_number_is_none_of_ours(store: Store, number: str) -> None:
    with pytest.raises(PolicyNotFoundError):
        store.policies.get(number)


def test_recent_policies_are_all_in_force_ones_newest_first_when_there_are_more_than_a_page(
    store: Store,
) -> None:
    old = [a_policy(NOW - timedelta(days=5), number) for number in range(1, 5)]
    running = [a_policy(NOW - timedelta(hours=1, minutes=-number), number) for number in range(5, 17)]
    latest = None
    for policy in old + running:
        store.policies.add(policy, latest)
        latest = policy
    found = store.policies.recent(PERSON, NOW)
    assert found[: len(running)] == running[::-1]
    assert store.policies.list_of(PERSON) == (old + running)[::-1]


def test_latest_policy_is_recent_however_old_when_one_is_kept(store: Store) -> None:
    policy = a_policy(NOW - timedelta(days=10), 41)
    store.policies.add(policy, None)
    assert store.policies.recent(PERSON, NOW) == [policy]
    assert store.policies.recent(OTHER, NOW) == []


def test_status_and_adjacent_period_survive_when_stored(store: Store) -> None:
    voided = a_policy(NOW + timedelta(hours=1), issued_at=NOW, status=PolicyStatus.VOIDED)
    store.policies.add(voided, None)
    assert store.policies.get(voided.policy_no) == voided


def test_write_is_refused_when_ttl_took_the_latest_policy_near_its_time(store: Store) -> None:
    gone = a_policy(NOW - timedelta(days=15), 7)
    with pytest.raises(PolicyExistsError):
        store.policies.add(a_policy(NOW, 8), gone)
    assert store.policies.recent(PERSON, NOW) == []


def test_write_is_refused_when_the_place_of_the_latest_was_reused_near_its_time(store: Store) -> None:
    gone = a_policy(NOW - timedelta(days=15), 7)
    rival = a_policy(NOW, 7, worker_id=OTHER)
    store.policies.add(rival, None)
    with pytest.raises(PolicyExistsError):
        store.policies.add(a_policy(NOW, 8), gone)
    assert store.policies.list_of(PERSON) == [rival]


def test_write_succeeds_when_the_latest_near_its_time_still_stands(store: Store) -> None:
    latest = a_policy(NOW - timedelta(days=15), 7)
    store.policies.add(latest, None)
    store.policies.add(a_policy(NOW, 8), latest)
    assert [policy.sequence for policy in store.policies.recent(PERSON, NOW)] == [8, 7]


def a_stop(sequence: int, **changes: Any) -> Stop:
    facts = {
        "person_id": PERSON,
        "sequence": sequence,
        "worker_id": WORKER,
        "reason": StopReason.CONSENT_WITHDRAWN,
        "project_ids": frozenset({PROJECT}),
        "at": NOW,
    }
    return Stop.model_validate(facts | changes)


def test_chain_holds_policies_and_stops_and_readers_of_policies_meet_no_stop(store: Store) -> None:
    first, second = a_policy(), a_policy(NOW + COVER, 3)
    erasure = a_stop(2, reason=StopReason.ERASURE, project_ids=None)
    store.policies.add(first, None)
    store.policies.stop(erasure, first)
    store.policies.add(second, erasure)
    chain = store.policies.chain(PERSON, NOW)
    assert chain == Chain([second, first], [erasure])
    assert (chain.latest, chain.next_sequence) == (second, 4)
    assert store.policies.recent(PERSON, NOW) == store.policies.list_of(PERSON) == [second, first]
    assert store.policies.chain(OTHER, NOW) == Chain([], [])
    page, _ = store.policies.issued_between(0, 1, NOW - COVER, NOW + 2 * COVER, None)
    assert erasure not in page
    assert len(page) == 2


def test_place_goes_to_one_when_a_policy_and_a_stop_want_it(store: Store) -> None:
    store.policies.stop(a_stop(1), None)
    with pytest.raises(PolicyExistsError):
        store.policies.add(a_policy(), None)
    with pytest.raises(PolicyExistsError):
        store.policies.stop(a_stop(1), None)
    with pytest.raises(PolicyNotFoundError):
        store.policies.get(a_policy().policy_no)


def test_chain_reads_on_over_a_page_of_stops_while_cover_may_be_in_force(store: Store) -> None:
    policy = a_policy(NOW - timedelta(hours=2))
    store.policies.add(policy, None)
    for number in range(2, 14):
        store.policies.stop(a_stop(number), policy)
    chain = store.policies.chain(PERSON, NOW)
    assert chain.policies == [policy]
    assert [stop.sequence for stop in chain.stops] == list(range(13, 1, -1))


def test_write_is_refused_when_ttl_took_a_stop_near_its_time(store: Store) -> None:
    gone = a_stop(7, at=NOW - timedelta(days=14))
    with pytest.raises(PolicyExistsError):
        store.policies.add(a_policy(NOW, 8), gone)
    store.policies.stop(gone, None)
    store.policies.add(a_policy(NOW, 8), gone)


def test_adjacent_policy_is_refused_when_its_neighbour_has_ended(store: Store) -> None:
    first = a_policy()
    store.policies.add(first, None)
    adjacent = a_policy(NOW + COVER, 2, issued_at=NOW + timedelta(hours=23))
    voided = an_ended_policy(PolicyStatus.VOIDED)
    store.policies.end(voided)
    with pytest.raises(PolicyExistsError):
        store.policies.add(adjacent, voided, first)
    assert store.policies.list_of(PERSON) == [voided]


def test_adjacent_policy_is_stored_when_its_neighbour_stands(store: Store) -> None:
    first = a_policy()
    store.policies.add(first, None)
    adjacent = a_policy(NOW + COVER, 2, issued_at=NOW + timedelta(hours=23))
    store.policies.add(adjacent, first, first)
    assert store.policies.list_of(PERSON) == [adjacent, first]


def test_policy_leaves_issued_once_when_ended_twice(store: Store) -> None:
    store.policies.add(a_policy(), None)
    cancelled, voided = an_ended_policy(PolicyStatus.CANCELLED), an_ended_policy(PolicyStatus.VOIDED)
    store.policies.end(cancelled)
    for late in (cancelled, voided):
        with pytest.raises(ConcurrentChangeError):
            store.policies.end(late)
    assert store.policies.get(cancelled.policy_no) == cancelled


def test_policy_is_not_ended_when_another_one_stands_in_its_place(store: Store) -> None:
    store.policies.add(a_policy(NOW + timedelta(days=20)), None)
    with pytest.raises(ConcurrentChangeError):
        store.policies.end(an_ended_policy(PolicyStatus.VOIDED))
    with pytest.raises(ConcurrentChangeError):
        store.policies.end(an_ended_policy(PolicyStatus.VOIDED, person_id=OTHER))


def test_policy_stands_beside_the_chain_when_it_is_put_back(store: Store) -> None:
    voided = an_ended_policy(PolicyStatus.VOIDED)
    with pytest.raises(PolicyNotFoundError):
        store.policies.get(voided.policy_no)
    latest = a_policy(NOW + timedelta(days=20))
    assert latest.sequence == voided.sequence, "its place is another policy's by now"
    store.policies.add(latest, None)
    store.policies.put_back(voided)
    with pytest.raises(ConcurrentChangeError):
        store.policies.put_back(an_ended_policy(PolicyStatus.CANCELLED))
    assert store.policies.get(voided.policy_no) == voided
    assert store.policies.get(latest.policy_no) == latest
    assert store.policies.list_of(PERSON) == store.policies.recent(PERSON, NOW) == [latest]
    page, _ = store.policies.issued_between(0, 1, NOW + timedelta(days=30), NOW + timedelta(days=31), None)
    assert page == [voided], "what the stream never told of it is found by the sweep"


# ---- workers, consents, check-ins --------------------------------------------------------------------


def test_worker_stays_as_first_signed_in_when_added_again(store: Store) -> None:
    store.workers.add(a_worker())
    store.workers.add(a_worker(created_at=NOW + timedelta(days=1)))
    assert store.workers.get(WORKER) == a_worker()


def test_identity_is_bound_once_when_proved_again_or_for_another_person(store: Store) -> None:
    store.workers.add(a_worker())
    store.workers.bind(WORKER, an_identity(), NOW)
    store.workers.bind(WORKER, an_identity(person_id=OTHER, name="李四"), NOW)
    worker = store.workers.get(WORKER)
    assert (worker.person_id, worker.name, worker.id_number) == (PERSON, "王小明", an_identity().id_number)


def test_worker_is_locked_since_the_first_request_until_unlocked_when_asked(store: Store) -> None:
    store.workers.add(a_worker())
    store.workers.bind(WORKER, an_identity(), NOW)
    store.workers.lock_data(WORKER, NOW)
    store.workers.lock_data(WORKER, NOW + COVER)
    assert store.workers.get(WORKER).locked_at == NOW
    store.workers.lock_data(WORKER, None)
    assert store.workers.get(WORKER).locked_at is None
    store.workers.lock_data(WORKER, NOW)
    store.workers.forget_identity(WORKER, NOW)
    assert store.workers.get(WORKER) == a_worker(erased_at=NOW)


def test_nobody_is_forgotten_when_the_request_was_taken_back_or_another_one_came(store: Store) -> None:
    store.workers.add(a_worker())
    store.workers.bind(WORKER, an_identity(), NOW)
    store.workers.lock_data(WORKER, NOW)
    store.workers.lock_data(WORKER, None)
    with pytest.raises(ConcurrentChangeError):
        store.workers.forget_identity(WORKER, NOW)
    store.workers.lock_data(WORKER, NOW + COVER)
    with pytest.raises(ConcurrentChangeError):
        store.workers.forget_identity(WORKER, NOW)
    assert store.workers.get(WORKER).name == an_identity().name


def test_nobody_is_bound_for_what_they_asked_before_an_erasure(store: Store) -> None:
    store.workers.add(a_worker())
    store.workers.lock_data(WORKER, NOW)
    store.workers.bind(WORKER, an_identity(), NOW + COVER)  # locked, whenever it was asked for
    store.workers.forget_identity(WORKER, NOW)
    for asked_at in (NOW - COVER, NOW):
        store.workers.bind(WORKER, an_identity(), asked_at)
        assert store.workers.get(WORKER).person_id is None
    store.workers.bind(WORKER, an_identity(), NOW + timedelta(microseconds=1))
    assert store.workers.get(WORKER).person_id == PERSON


def test_erasure_waits_until_it_is_due_when_scheduled(store: Store) -> None:
    later, soon = date(2036, 11, 26), date(2036, 11, 25)
    for due in (later, soon, soon):
        store.erasures.schedule(WORKER, due)
    assert store.erasures.due(date(2036, 11, 24)) == []
    assert store.erasures.due(soon) == [(soon, WORKER)]
    assert store.erasures.due(later) == [(soon, WORKER), (later, WORKER)]
    store.erasures.done(WORKER, soon)
    store.erasures.done(WORKER, soon)
    assert store.erasures.due(later) == [(later, WORKER)]


def test_consents_and_old_attempts_are_gone_when_erased(store: Store) -> None:
    store.workers.add(a_worker())
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project()))
    assert store.consents.delete_all(WORKER) == 4
    assert store.consents.delete_all(WORKER) == 0
    assert store.consents.history(WORKER) == ([], None)
    for check_in_id, policy_no in (("20261122-01", "DC1"), ("20261123-01", None), ("20261124-01", None)):
        store.check_ins.add(a_check_in(check_in_id=check_in_id, policy_no=policy_no))
    failed = a_check_in(check_in_id="20261123-02", status=CheckInStatus.PRE_ORDERED)
    store.check_ins.add(failed)
    store.check_ins.settle(failed.model_copy(update={"status": CheckInStatus.FAILED, "failed_reason": "F"}))
    assert store.check_ins.delete_before(WORKER, "20261124", issued=False) == 2
    assert store.check_ins.delete_before(WORKER, "20261124", issued=True) == 1
    assert len(store.check_ins.of_day(WORKER, "20261124")) == 1


def test_unknown_worker_is_a_defect_when_read(store: Store) -> None:
    with pytest.raises(KeyError):
        store.workers.get(WORKER)


def test_context_has_the_consents_of_this_project_and_plan_only_when_read(store: Store) -> None:
    store.workers.add(a_worker())
    consents = consents_for(a_project())
    store.consents.add(WORKER, PROJECT, "T2@2026-11", consents)
    store.consents.add(WORKER, "other", "T2@2026-11", consents[:1])
    context = store.check_ins.context(WORKER, PROJECT, "T2@2026-11")
    assert context.worker == a_worker()
    assert sorted(context.consents, key=str) == sorted(consents, key=str)
    assert list(store.check_ins.context(WORKER, PROJECT, "T3@2026-11").consents) == []
    assert len(store.check_ins.context(WORKER, "other", "T2@2026-11").consents) == 1


def test_first_acceptance_counts_when_the_same_text_is_accepted_again(store: Store) -> None:
    store.workers.add(a_worker())
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project(), NOW))
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project(), NOW + COVER))
    found = store.check_ins.context(WORKER, PROJECT, "p").consents
    assert {consent.accepted_at for consent in found} == {NOW}


def test_acceptance_is_replaced_when_the_text_has_changed(store: Store) -> None:
    store.workers.add(a_worker())
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project(), NOW))
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project(company_name="另一家"), NOW + COVER))
    found = {c.kind: c.accepted_at for c in store.check_ins.context(WORKER, PROJECT, "p").consents}
    assert found[ConsentKind.SUM_INSURED] == NOW + COVER
    assert found[ConsentKind.SENSITIVE_DATA] == NOW


def test_consent_no_longer_counts_and_its_record_stays_when_withdrawn(store: Store) -> None:
    store.workers.add(a_worker())
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project(), NOW))
    store.consents.add(WORKER, "other", "p", consents_for(a_project(), NOW)[:1])
    later = NOW + timedelta(hours=1)
    kinds = [ConsentKind.SUM_INSURED, ConsentKind.SENSITIVE_DATA]
    withdrawn = store.consents.withdraw(WORKER, PROJECT, kinds, later)
    assert {(entry.kind, entry.act, entry.at) for entry in withdrawn} == {
        (kind, ConsentAct.WITHDRAWN, later) for kind in kinds
    }
    assert store.consents.withdraw(WORKER, PROJECT, kinds, later) == []
    standing = {consent.kind for consent in store.check_ins.context(WORKER, PROJECT, "p").consents}
    assert standing == set(ConsentKind) - set(kinds)
    store.consents.add(WORKER, PROJECT, "p", consents_for(a_project(), later))
    again = {c.kind: c.accepted_at for c in store.check_ins.context(WORKER, PROJECT, "p").consents}
    assert again == {kind: later if kind in kinds else NOW for kind in ConsentKind}
    entries, following = store.consents.history(WORKER)
    acts = [e.act.value for e in entries if (e.project_id, e.kind) == (PROJECT, ConsentKind.SUM_INSURED)]
    assert acts == ["GIVEN", "WITHDRAWN", "GIVEN"]
    assert following is None
    assert store.consents.projects_of(WORKER) == {PROJECT, "other"}
    assert store.consents.projects_of(OTHER) == set()


def test_attempts_of_a_day_are_listed_and_a_settled_one_stands_when_asked(store: Store) -> None:
    for number in (2, 1):
        store.check_ins.add(a_check_in(check_in_id=f"20261124-{number:02d}"))
    store.check_ins.add(a_check_in(check_in_id="20261125-01"))
    listed = store.check_ins.of_day(WORKER, "20261124")
    assert [check_in.check_in_id for check_in in listed] == ["20261124-01", "20261124-02"]
    failed: dict[str, Any] = {"status": CheckInStatus.FAILED, "failed_reason": "CONSENT_WITHDRAWN"}
    assert store.check_ins.settle(listed[0].model_copy(update=failed)).failed_reason == "CONSENT_WITHDRAWN"
    issued: dict[str, Any] = {"status": CheckInStatus.ISSUED, "policy_no": "DC1"}
    assert store.check_ins.settle(listed[0].model_copy(update=issued)).failed_reason == "CONSENT_WITHDRAWN"


def test_check_in_comes_back_as_it_was_when_read(store: Store) -> None:
    check_in = a_check_in(signals=(a_signal(),), code=ScannedCode(id="c" * 20, ends_at=NOW))
    store.check_ins.add(check_in)
    assert store.check_ins.get(WORKER, check_in.check_in_id) == check_in
    assert store.check_ins.of_day(WORKER, "20261124") == [check_in]


def test_check_in_without_a_place_comes_back_when_read(store: Store) -> None:
    check_in = a_check_in(place=None, distance_m=None)
    store.check_ins.add(check_in)
    assert store.check_ins.get(WORKER, check_in.check_in_id) == check_in


def test_standing_check_in_stays_when_the_attempt_number_is_taken(store: Store) -> None:
    store.check_ins.add(a_check_in())
    with pytest.raises(CheckInExistsError):
        store.check_ins.add(a_check_in(project_id="other"))
    assert store.check_ins.get(WORKER, "20261124-01") == a_check_in()


def test_attempts_of_the_day_are_found_in_their_order_when_there_are_many(store: Store) -> None:
    for number in (1, 2, 10, 21):
        store.check_ins.add(a_check_in(check_in_id=f"20261124-{number:02d}"))
    store.check_ins.add(a_check_in(check_in_id="20261125-01"))
    numbers = [check_in.check_in_id[-2:] for check_in in store.check_ins.of_day(WORKER, "20261124")]
    assert numbers == ["01", "02", "10", "21"]
    assert store.check_ins.of_day(WORKER, "20261123") == []
    assert (
        store.check_ins.of_day(OTHER, "20261124") == store.check_ins.attempts_of_day(OTHER, "20261124") == []
    )


def test_what_wechat_may_have_counted_is_read_without_opening_anything(store: Store) -> None:
    store.check_ins.add(a_check_in(pre_order=PreOrderState.UNANSWERED, asks=3, may_be_known=True))
    store.check_ins.pre_ordered(a_check_in(asks=3, token="t-1", status=CheckInStatus.PRE_ORDERED))
    (attempt,) = store.check_ins.attempts_of_day(WORKER, "20261124")
    assert type(attempt) is Attempt
    assert (attempt.authenticate_number, attempt.token) == (a_check_in().authenticate_number, None)
    assert (attempt.pre_order, attempt.asks, attempt.may_be_known) == (PreOrderState.ASKING, 3, True)


def test_attempt_is_asked_for_again_only_when_it_stands_as_it_was_read(store: Store) -> None:
    before = a_check_in()
    store.check_ins.add(before)
    unanswered = before.model_copy(update={"pre_order": PreOrderState.UNANSWERED})
    store.check_ins.unanswered(unanswered)
    assert store.check_ins.get(WORKER, before.check_in_id) == unanswered
    again = a_check_in(place=None, at=NOW + timedelta(minutes=1), asks=2, may_be_known=True)
    with pytest.raises(CheckInExistsError):
        store.check_ins.ask_again(again, before)  # it has been answered, or not, since
    store.check_ins.ask_again(again, unanswered)
    assert store.check_ins.get(WORKER, before.check_in_id) == again
    with pytest.raises(CheckInExistsError):
        store.check_ins.ask_again(again, unanswered)  # another phone was first
    late = {"pre_order": PreOrderState.COUNTED, "status": CheckInStatus.PRE_ORDERED, "token": "old"}
    store.check_ins.pre_ordered(before.model_copy(update=late))
    store.check_ins.unanswered(before.model_copy(update={"pre_order": PreOrderState.NOT_COUNTED}))
    assert store.check_ins.get(WORKER, before.check_in_id) == again, "the answer to an earlier time of asking"
    store.check_ins.settle(again.model_copy(update={"status": CheckInStatus.FAILED}))
    with pytest.raises(CheckInExistsError):
        store.check_ins.ask_again(again.model_copy(update={"asks": 3}), again)  # withdrawn meanwhile
    store.check_ins.unanswered(again.model_copy(update={"pre_order": PreOrderState.NOT_COUNTED}))
    found = store.check_ins.get(WORKER, before.check_in_id)
    assert (found.status, found.pre_order) == (CheckInStatus.FAILED, PreOrderState.NOT_COUNTED)


def test_payee_checks_of_a_day_are_kept_with_the_account_when_noted(store: Store) -> None:
    def noted() -> Any:
        return store.workers.get(WORKER).payee_checks

    store.workers.add(a_worker())
    assert noted() is None
    store.payee_checks.forget(WORKER, "20261124", "C1I1")
    assert noted() is None
    for _ in range(2):
        store.payee_checks.note(WORKER, "20261124", "C1I1", "")
    store.payee_checks.note(WORKER, "20261124", "C2I1", "")
    store.payee_checks.note(WORKER, "20261124", "C1I1", "VERIFY_FACE_FAILED_TOO_MANY")
    assert noted() == PayeeChecks(day="20261124", checks={"C1I1": "VERIFY_FACE_FAILED_TOO_MANY", "C2I1": ""})
    store.payee_checks.forget(WORKER, "20261124", "C2I1")
    store.payee_checks.forget(WORKER, "20261123", "C1I1")
    assert list(noted().checks) == ["C1I1"]
    store.payee_checks.note(WORKER, "20261125", "C1I2", "")
    store.payee_checks.note(WORKER, "20261124", "C1I3", "")  # late: that day is over
    assert noted() == PayeeChecks(day="20261125", checks={"C1I2": ""})


def test_check_in_is_not_found_when_of_another_worker(store: Store) -> None:
    store.check_ins.add(a_check_in())
    with pytest.raises(CheckInNotFoundError):
        store.check_ins.get(OTHER, "20261124-01")


def test_token_is_stored_only_when_the_attempt_is_still_started(store: Store) -> None:
    started = a_check_in()
    store.check_ins.add(started)
    ready = started.model_copy(update={"status": CheckInStatus.PRE_ORDERED, "token": "t-1"})
    store.check_ins.pre_ordered(ready)
    store.check_ins.pre_ordered(ready.model_copy(update={"token": "t-2"}))
    store.check_ins.pre_ordered(ready.model_copy(update={"token": "t-3", "asks": 2}))
    assert store.check_ins.get(WORKER, started.check_in_id) == ready


@pytest.mark.parametrize("before", [CheckInStatus.STARTED, CheckInStatus.PRE_ORDERED])
def test_outcome_stays_when_settled_twice(store: Store, before: CheckInStatus) -> None:
    check_in = a_check_in()
    store.check_ins.add(check_in)
    if before is CheckInStatus.PRE_ORDERED:
        ready: dict[str, Any] = {"status": before, "token": "t-1"}
        store.check_ins.pre_ordered(check_in.model_copy(update=ready))
    issued: dict[str, Any] = {"status": CheckInStatus.ISSUED, "policy_no": "DC1"}
    store.check_ins.settle(check_in.model_copy(update=issued))
    failed: dict[str, Any] = {"status": CheckInStatus.FAILED, "failed_reason": "LATE"}
    store.check_ins.settle(check_in.model_copy(update=failed))
    store.check_ins.pre_ordered(
        check_in.model_copy(update={"status": CheckInStatus.PRE_ORDERED, "token": "x"})
    )
    found = store.check_ins.get(WORKER, check_in.check_in_id)
    assert (found.status, found.policy_no, found.failed_reason) == (CheckInStatus.ISSUED, "DC1", None)


# ---- projects, companies -----------------------------------------------------------------------------


def test_project_comes_back_as_it_was_when_read(store: Store) -> None:
    store.projects.add(a_project())
    assert store.projects.get(PROJECT) == store.projects.get(PROJECT, strong=True) == a_project()
    assert store.projects.list_of("C1") == [a_project()]
    assert store.projects.list_of("C2") == []


def test_project_is_refused_when_its_id_is_taken(store: Store) -> None:
    store.projects.add(a_project())
    with pytest.raises(ConcurrentChangeError):
        store.projects.add(a_project(company_id="C2"))
    assert store.projects.list_of("C2") == []


def test_project_is_not_found_when_unknown(store: Store) -> None:
    with pytest.raises(ProjectNotFoundError):
        store.projects.get(PROJECT)


def test_change_is_refused_when_somebody_else_changed_it_first(store: Store) -> None:
    store.projects.add(a_project())
    store.projects.save(a_project().moved_to(ProjectStatus.PAUSED))
    with pytest.raises(ConcurrentChangeError):
        store.projects.save(a_project().with_next_code())
    with pytest.raises(ConcurrentChangeError):
        store.projects.save(a_project(project_id=crockford.encode(2, 26)).with_next_code())
    assert store.projects.get(PROJECT).status is ProjectStatus.PAUSED


def test_projects_are_listed_in_order_when_there_are_more_than_a_batch(store: Store) -> None:
    projects = [a_project(project_id=crockford.encode(number, 26)) for number in range(1, 104)]
    for project in reversed(projects):
        store.projects.add(project)
    assert store.projects.list_of("C1") == projects


def test_companies_providers_and_authorisations_come_back_when_read(store: Store) -> None:
    company = Company(company_id="C1", name="浦江劳务", sub_mchid="19")
    enrol(store.companies, company)
    assert store.companies.get("C1") == company
    assert store.companies.list_page(None, 10) == (["C1"], None)
    with pytest.raises(AlreadyEnrolledError):
        enrol(store.companies, company)
    with pytest.raises(CompanyNotAuthorisedError):
        store.companies.get("C2")

    provider = a_provider("P1", "服务商", "first")
    assert store.companies.find_provider("P1") is None
    enrol(store.companies, provider)
    added = Credential(credential_id="K2", sha256="1" * 64, created_at=NOW)
    enrol(store.companies, provider.with_credential(added))
    assert store.companies.find_provider("P1") == provider.with_credential(added)
    with pytest.raises(ConcurrentChangeError):  # the same revision, made twice
        enrol(store.companies, provider.with_credential(added))

    granted = Authorisation(provider_id="P1", company_id="C1", granted_at=NOW)
    assert store.companies.find_authorisation("P1", "C1") is None
    enrol(store.companies, granted)
    assert store.companies.find_authorisation("P1", "C1") == granted
    withdrawn = granted.model_copy(update={"withdrawn_at": NOW + COVER})
    withdraw(store.companies, withdrawn)
    assert store.companies.find_authorisation("P1", "C1") == withdrawn


# ---- cover lines -------------------------------------------------------------------------------------


def test_line_is_recorded_once_when_its_stream_record_is_replayed(store: Store) -> None:
    assert store.cover_lines.record(a_line()) is True
    assert store.cover_lines.record(a_line()) is False
    assert list(store.cover_lines.of_day("C1", DAY)) == [a_line()]


def test_line_follows_its_policy_and_never_goes_back_when_records_come_in_any_order(store: Store) -> None:
    issued, voided = a_line(), line_of(an_ended_policy(PolicyStatus.VOIDED))
    assert store.cover_lines.missing([issued]) == [issued]
    assert store.cover_lines.record(issued) is True
    assert store.cover_lines.missing([issued, voided]) == [voided]
    assert store.cover_lines.record(voided) is True
    for late in (issued, voided, line_of(an_ended_policy(PolicyStatus.TERMINATED))):
        assert store.cover_lines.record(late) is False
    assert list(store.cover_lines.of_day("C1", DAY)) == [voided]
    assert store.cover_lines.missing([issued, voided]) == []


def test_lines_are_those_of_company_project_and_day_when_listed(store: Store) -> None:
    mine = [
        a_line(sequence=number, project_id=project) for number, project in ((1, "A"), (2, "AB"), (3, "A"))
    ]
    foreign = [a_line(sequence=4, company_id="C2"), a_line(sequence=5, start=NOW + COVER)]
    for line in mine + foreign:
        store.cover_lines.record(line)
    order = sorted(mine, key=lambda line: (line.project_id, line.policy_no))
    assert list(store.cover_lines.of_day("C1", DAY)) == order
    assert store.cover_lines.of_project("C1", "A", [DAY]) == order[:2]
    assert store.cover_lines.of_project("C1", "A", [DAY + timedelta(days=5)]) == []


def test_all_lines_are_read_when_the_day_has_several_pages(store: Store) -> None:
    lines = [a_line(sequence=number, project_id="A" * 500) for number in range(1, 1200)]
    for line in lines:
        store.cover_lines.record(line)
    assert sum(line.premium_fen for line in store.cover_lines.of_day("C1", DAY)) == 70 * len(lines)


# ---- signals -----------------------------------------------------------------------------------------


def test_newest_use_of_a_phone_stays_when_an_older_one_comes_late(store: Store) -> None:
    for step in (timedelta(), timedelta(seconds=30.5), timedelta(seconds=30), timedelta(days=-1)):
        store.sightings.record(Via.DEVICE, "d", Trace(id=f"{WORKER}/{step}", worker_id=WORKER, at=NOW + step))
    store.sightings.record(Via.DEVICE, "d", Trace(id="other", worker_id=OTHER, at=NOW))
    store.sightings.record(Via.CODE, "d", Trace(id="code", worker_id=OTHER, at=NOW))
    seen = {trace.worker_id: trace for trace in store.sightings.of(Via.DEVICE, "d")}
    assert seen[WORKER].at == NOW + timedelta(seconds=30.5)
    assert seen[OTHER].id == "other"
    assert [trace.id for trace in store.sightings.of(Via.CODE, "d")] == ["code"]
    assert store.sightings.of(Via.DEVICE, "e") == []


def test_trail_is_newest_first_across_days_when_read(store: Store) -> None:
    for number, day in enumerate(("20261122-01", "20261123-01", "20261123-02", "20261124-01")):
        at = NOW - timedelta(days=3 - number)
        store.check_ins.add(a_check_in(check_in_id=day, at=at, project_id=f"p{number}"))
    trail = store.check_ins.trail(WORKER, 3)
    assert [(trace.id, project) for trace, project in trail] == [
        (f"{WORKER}/20261124-01", "p3"),
        (f"{WORKER}/20261123-02", "p2"),
        (f"{WORKER}/20261123-01", "p1"),
    ]
    assert trail[0][0].at == NOW
    assert trail[0][0].device_id == a_check_in().device.id
    assert store.check_ins.trail(OTHER, 3) == []


def test_signals_are_kept_when_a_check_in_is_weighed(store: Store) -> None:
    store.check_ins.add(a_check_in())
    weighed = a_check_in(signals=(a_signal(evidence=("a", "b")), a_signal("TELEPORT")))
    store.check_ins.weigh(weighed)
    assert store.check_ins.get(WORKER, weighed.check_in_id) == weighed


def test_flagged_line_keeps_its_higher_score_when_weighed_again_with_less(store: Store) -> None:
    more = flagged(a_check_in(signals=(a_signal(), a_signal("TELEPORT")), place=None, distance_m=None))
    less = flagged(a_check_in(signals=(a_signal(),)))
    for line in (more, less):
        store.flagged.put(line)
    assert store.flagged.list_of(PROJECT, None).lines == [more]
    assert store.flagged.list_of("other", None).lines == []


def test_flagged_lines_are_listed_newest_first_in_pages_when_there_are_many(store: Store) -> None:
    lines = [
        flagged(a_check_in(check_in_id=f"202611{10 + number // 5}-{number:02d}", signals=(a_signal(),)))
        for number in range(60)
    ]
    for line in lines:
        store.flagged.put(line)
    first = store.flagged.list_of(PROJECT, None)
    rest = store.flagged.list_of(PROJECT, first.next_token)
    found = [line.check_in_id for line in [*first.lines, *rest.lines]]
    assert found == sorted((line.check_in_id for line in lines), reverse=True)
    assert rest.next_token is None


# ---- visits ------------------------------------------------------------------------------------------


def a_visit(seconds: float = 0, **changes: Any) -> Visit:
    at = NOW + timedelta(seconds=seconds)
    return Visit(
        **dict[str, Any](project_id=PROJECT, worker_id=WORKER, seen_at=at, why=Why.NOT_VERIFIED) | changes
    )


def test_latest_visit_stays_and_a_known_name_too_when_notes_come_in_any_order(store: Store) -> None:
    store.visits.record(a_visit(30.5, insured_name="王**"))
    store.visits.record(a_visit(30, why=Why.TOO_EARLY))
    assert store.visits.of_project(PROJECT, [DAY]) == [a_visit(30.5, insured_name="王**")]
    store.visits.record(a_visit(30.5, why=Why.FACE_FAILED))
    assert store.visits.of_project(PROJECT, [DAY]) == [
        a_visit(30.5, why=Why.FACE_FAILED, insured_name="王**")
    ]


def test_distance_of_a_visit_is_that_of_the_last_refusal_when_there_was_one(store: Store) -> None:
    store.visits.record(a_visit(why=Why.OUTSIDE_SITE, distance_m=487))
    assert store.visits.of_project(PROJECT, [DAY]) == [a_visit(why=Why.OUTSIDE_SITE, distance_m=487)]
    store.visits.record(a_visit(60, why=Why.CONSENT_MISSING))
    assert store.visits.of_project(PROJECT, [DAY]) == [a_visit(60, why=Why.CONSENT_MISSING)]


def test_refused_worker_counts_once_a_project_and_day_when_refused_again(store: Store) -> None:
    here, there = Point(31.2349, 121.4737), Point(31.2355, 121.4737)
    for worker_id, spot in ((WORKER, here), (WORKER, here), (WORKER, there), (OTHER, here)):
        store.refused.count(PROJECT, DAY, worker_id, spot)
    store.refused.count(PROJECT, DAY + timedelta(days=1), WORKER, there)
    store.refused.count("other", DAY, WORKER, there)
    assert store.refused.spots(PROJECT, DAY) == [Spot(*here, 2)]
    assert store.refused.spots(PROJECT, DAY + timedelta(days=1)) == [Spot(*there, 1)]
    assert store.refused.spots("other", DAY) == [Spot(*there, 1)]
    assert store.refused.spots("none", DAY) == []


def test_refused_spots_stand_side_by_side_when_workers_are_at_several(store: Store) -> None:
    spots = [Point(31.2349, 121.4737), Point(-0.0001, 0.0), Point(31.2350, 121.4737)]
    for number, spot in enumerate(spots):
        store.refused.count(PROJECT, DAY, crockford.encode(number, 20), spot)
    assert sorted(store.refused.spots(PROJECT, DAY)) == sorted(Spot(*spot, 1) for spot in spots)


def test_visits_are_those_of_project_and_days_when_read(store: Store) -> None:
    store.visits.record(a_visit())
    store.visits.record(a_visit(worker_id=OTHER))
    store.visits.record(a_visit(project_id="other"))
    store.visits.record(a_visit(86_400))
    tomorrow = DAY + timedelta(days=1)
    assert {visit.worker_id for visit in store.visits.of_project(PROJECT, [DAY])} == {WORKER, OTHER}
    assert len(store.visits.of_project(PROJECT, [DAY, tomorrow])) == 3
    assert store.visits.of_project(PROJECT, []) == []
