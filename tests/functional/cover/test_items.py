"""What the real items are made of: their size, their capacity, their TTL, and what of a person is in them."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from daycover.cover.check_in import CheckInNotFoundError, CheckInStatus
from daycover.cover.evidence import Trace
from daycover.cover.policy import Ending, EndReason, PolicyExistsError, PolicyStatus
from daycover.cover.presence import Visit, Why
from daycover.cover.signals import Via, flagged
from daycover.identity.consent import ConsentKind
from daycover.store import keys
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.dynamodb import ConditionFailedError, PageTokenError, Put, Table
from daycover.store.ended_policies import QueuedEndedPolicies
from daycover.store.policies import policy_item
from daycover.store.reminders import QueuedReminders
from tests.functional.cover.stores import Store
from tests.support.aws import answering, refusal
from tests.support.builders import (
    NOW,
    PERSON,
    PROJECT,
    WORKER,
    a_check_in,
    a_policy,
    a_project,
    a_signal,
    a_worker,
    an_identity,
    consents_for,
)
from tests.support.capacity import size_of, wire_size
from tests.support.replies import Reply

DYNAMODB_WEATHER = (
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
)
PERSONAL = ("王小明", an_identity().id_number, "o-worker", "31.2304", "121.4737")


def item_size(key: keys.Key, item: dict[str, Any]) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in (item | key._asdict()).items())


def test_check_in_of_the_form_before_stays_readable(real_store: Store) -> None:
    """Until 2026-11-29: consents copied whole, names for everything, an openid and a place sealed as they were."""
    check_in = a_check_in(status=CheckInStatus.ISSUED, policy_no="DC1", is_proved=True)
    assert check_in.place is not None
    checks = real_store.check_ins
    identity = check_in.identity
    facts = [identity.name, identity.id_number, identity.document_type, identity.birth_date.isoformat()]
    apart = {"identity", "openid", "place", "token", "answered", "documents", "consents"}
    old = check_in.model_dump(mode="json", exclude=apart, exclude_none=True) | {
        "person_id": identity.person_id,
        "identity_sealed": checks._cipher.seal(json.dumps(facts, ensure_ascii=False), WORKER),
        "consents": [list(one.model_dump(mode="json").values()) for one in consents_for(a_project())],
        "openid": checks._cipher.seal(check_in.openid, WORKER),
        "place_sealed": checks._places.seal(check_in.place.model_dump_json(), WORKER, check_in.day),
        "failed_reason": None,
        "schema_version": 1,
    }
    real_store.tables["OperationsTable"].put(Put(keys.check_in(WORKER, check_in.check_in_id), old))
    assert checks.get(WORKER, check_in.check_in_id) == check_in
    assert checks.attempts_of_day(WORKER, check_in.day)[0].authenticate_number == check_in.authenticate_number
    assert [trace.id for trace, _ in checks.trail(WORKER, 5)] == [f"{WORKER}/{check_in.check_in_id}"]
    assert checks.delete_before(WORKER, "20261125", issued=True) == 1


def test_check_in_says_the_same_when_read_without_opening_it(real_store: Store) -> None:
    check_in = a_check_in()
    real_store.check_ins.add(check_in)
    (attempt,) = real_store.check_ins.attempts_of_day(WORKER, check_in.day)
    assert dict(attempt) == {name: getattr(check_in, name) for name in type(attempt).model_fields}


def test_document_of_another_kind_keeps_kind_and_birth_date(real_store: Store) -> None:
    """The number of a passport says neither."""
    for check_in in (a_check_in(identity=an_identity(id_number="E12345678")), a_check_in()):
        number = f"20261124-{len(check_in.identity.id_number):02d}"
        told = {"check_in_id": number, "authenticate_number": WORKER + number.replace("-", "")}
        stored = check_in.model_copy(update=told)
        real_store.check_ins.add(stored)
        assert real_store.check_ins.get(WORKER, number) == stored


def test_policy_item_is_one_write_unit_when_every_member_is_long() -> None:
    policy = a_policy(
        NOW.replace(microsecond=123456),
        2**20 - 1,
        project_id=PROJECT,
        company_id="C" * 64,
        insured_name="王" + "*" * 49,
        plan_id="T4",
        premium_fen=200,
        sum_insured_fen=80_000_000,
        issued_at=NOW.replace(microsecond=123456) - timedelta(minutes=1),
        status=PolicyStatus.TERMINATED,
        ended=Ending(
            at=NOW.replace(microsecond=123456),
            by="provider",
            actor="P" * 64,
            reason=max(EndReason, key=len),
            refund_fen=200,
        ),
    )
    key = keys.policy(policy.person_id, policy.sequence)
    assert item_size(key, json.loads(json.dumps(policy_item(policy)))) <= 1024


def test_ttl_is_epoch_seconds_days_after_the_end_when_stored(real_store: Store) -> None:
    policy = a_policy()
    real_store.policies.add(policy, None)
    item = real_store.tables["PoliciesTable"].get(keys.policy(PERSON, 1))
    assert item is not None
    assert type(item["ttl"]) is int
    assert 7 * 86_400 <= item["ttl"] - policy.period.end.timestamp() <= 30 * 86_400
    assert item["ttl"] < 10_000_000_000  # milliseconds would be a thousand times more, and never be due


def test_issue_costs_one_read_and_one_write_when_nothing_is_in_the_way(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    for number in range(1, 5):
        real_store.policies.add(a_policy(NOW - timedelta(days=5 - number), number), None)
    client.calls.clear()
    recent = real_store.policies.recent(PERSON, NOW)
    real_store.policies.add(a_policy(NOW, 5), recent[0])
    assert client.calls == {"Query": 1, "PutItem": 1}
    assert sum(item_size(keys.policy(PERSON, p.sequence), policy_item(p)) for p in recent[:5]) <= 4096


def test_reading_a_policy_is_one_strong_read_when_by_its_number(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    real_store.policies.add(a_policy(), None)
    client.calls.clear()
    real_store.policies.get(a_policy().policy_no)
    assert client.calls == {"GetItem": 1}
    assert client.last["ConsistentRead"] is True


def test_lost_race_costs_one_write_when_the_place_is_taken(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    real_store.policies.add(a_policy(), None)
    client.calls.clear()
    with pytest.raises(PolicyExistsError):
        real_store.policies.add(a_policy(), None)
    assert client.calls == {"PutItem": 1}


def test_check_in_reads_what_was_just_written_when_consents_came_a_moment_before(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    real_store.workers.add(a_worker())
    real_store.consents.add(WORKER, PROJECT, "p", consents_for(a_project()))
    client.calls.clear()
    real_store.check_ins.context(WORKER, PROJECT, "p")
    assert client.calls == {"BatchGetItem": 1}
    assert client.last["RequestItems"]["OperationsTable"]["ConsistentRead"] is True
    real_store.workers.get(WORKER)
    assert client.last["ConsistentRead"] is True


def test_batch_is_read_by_hundreds_when_more_keys_are_asked_for(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    table = Table(client, "OperationsTable")
    wanted = [keys.Key("a", f"{number:03d}") for number in range(250)]
    for key in (wanted[0], wanted[-1]):
        table.put(Put(key, {"schema_version": 1}))
    client.calls.clear()
    assert set(table.get_many([*wanted, wanted[0]])) == {wanted[0], wanted[-1]}
    assert client.calls == {"BatchGetItem": 3}
    assert table.get_many([]) == {}
    assert client.calls == {"BatchGetItem": 3}


def test_scan_reads_the_project_cheaply_and_its_company_strongly_when_read(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    real_store.projects.add(a_project())
    real_store.projects.get(PROJECT)
    assert client.last["ConsistentRead"] is False
    real_store.projects.get(PROJECT, strong=True)
    assert client.last["ConsistentRead"] is True


def test_check_in_that_issued_nothing_expires_and_the_proof_of_a_policy_never_does(real_store: Store) -> None:
    refused = a_check_in(status=CheckInStatus.FAILED, failed_reason="FACE_CHECK_FAILED")
    issued = a_check_in(check_in_id="20261124-02", status=CheckInStatus.ISSUED, policy_no="DC1")
    for check_in in (refused, issued):
        real_store.check_ins.add(
            check_in.model_copy(update={"status": CheckInStatus.STARTED, "policy_no": None})
        )
        real_store.check_ins.settle(check_in)
    client = real_store.client
    assert client is not None
    items = client.call("Scan", TableName="OperationsTable")["Items"]
    ends = {item["sk"]["S"]: item.get("ttl", {}).get("N") for item in items}
    late = refused.at + timedelta(days=90)
    assert ends == {"CHECKIN#20261124-01": str(int(late.timestamp())), "CHECKIN#20261124-02": None}
    assert real_store.check_ins.get(WORKER, refused.check_in_id).failed_reason == "FACE_CHECK_FAILED"
    real_store.tables["OperationsTable"].remove(keys.check_in(WORKER, refused.check_in_id))  # as TTL does
    with pytest.raises(CheckInNotFoundError):
        real_store.check_ins.get(WORKER, refused.check_in_id)
    assert real_store.check_ins.get(WORKER, issued.check_in_id).policy_no == "DC1"


def test_consents_to_a_plan_are_one_put_of_one_unit_when_they_are_given(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    instant = NOW.replace(second=59, microsecond=123_457)
    consents = [
        consent.model_copy(update={"shown_at": instant, "accepted_at": instant, "version": "2026-11-24.1"})
        for consent in consents_for(a_project())
    ]
    assert len(consents) == len(ConsentKind)
    client.calls.clear()
    real_store.consents.add(WORKER, PROJECT, "T2@2026-11-24.1", consents)
    assert client.calls == {"PutItem": 1}
    (item,) = client.call("Scan", TableName="OperationsTable")["Items"]
    assert wire_size(item) <= 1024, "one write unit, and one to read it"
    client.calls.clear()
    real_store.consents.add(WORKER, PROJECT, "T2@2026-11-24.1", consents)
    assert client.calls == {"PutItem": 1}, "refused: the first time counts"
    client.calls.clear()
    real_store.consents.withdraw(WORKER, PROJECT, [ConsentKind.SUM_INSURED], NOW)
    assert client.calls == {"Query": 1, "UpdateItem": 1}


def test_nothing_is_lost_when_consents_are_given_and_withdrawn_at_the_same_moment(
    real_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = consents_for(a_project())
    store, table = real_store.consents, real_store.consents._table
    store.add(WORKER, PROJECT, "p", [first])
    update, others = table.update, [lambda: store.add(WORKER, PROJECT, "p", [third])]

    def racing(write: Any) -> None:
        if others:
            others.pop()()  # somebody else is first
        update(write)

    monkeypatch.setattr(table, "update", racing)
    store.add(WORKER, PROJECT, "p", [second])
    others.append(lambda: store.add(WORKER, PROJECT, "p", [fourth]))
    (withdrawn,) = store.withdraw(WORKER, PROJECT, [first.kind], NOW)
    assert withdrawn.kind is first.kind
    others.append(lambda: store.withdraw(WORKER, PROJECT, [second.kind], NOW))
    assert store.withdraw(WORKER, PROJECT, [second.kind], NOW) == [], "the other one was first"
    acts = {(entry.kind, entry.act.value) for entry in store.history(WORKER)[0]}
    assert acts == {(consent.kind, "GIVEN") for consent in (first, second, third, fourth)} | {
        (first.kind, "WITHDRAWN"),
        (second.kind, "WITHDRAWN"),
    }
    real_store.workers.add(a_worker())
    context = real_store.check_ins.context(WORKER, PROJECT, "p")
    assert {consent.kind for consent in context.consents} == {third.kind, fourth.kind}


def test_nothing_personal_is_readable_when_the_tables_are_dumped(real_store: Store) -> None:
    real_store.workers.add(a_worker())
    real_store.workers.bind(WORKER, an_identity(), NOW)
    real_store.check_ins.add(a_check_in())
    ready = {"status": CheckInStatus.PRE_ORDERED, "token": "launch-me"}
    real_store.check_ins.pre_ordered(a_check_in().model_copy(update=ready))
    real_store.consents.add(WORKER, PROJECT, "p", consents_for(a_project()))
    real_store.policies.add(a_policy(), None)
    client = real_store.client
    assert client is not None
    for name in real_store.tables:
        dump = json.dumps(client.call("Scan", TableName=name)["Items"], ensure_ascii=False)
        assert dump.count("pk") >= 1
        for secret in (*PERSONAL, "launch-me"):
            assert secret not in dump, f"{secret} in {name}"
    assert real_store.check_ins.get(WORKER, "20261124-01").token == "launch-me"


# ---- error translation -------------------------------------------------------------------------------


def a_table(reply: Reply | Exception) -> Table:
    """A table whose every call gets this answer."""
    return Table(answering("dynamodb", reply), "t")


def attempts(table: Table) -> list[Any]:
    key = keys.Key("a", "b")
    return [
        lambda: table.get(key),
        lambda: table.get_many([key]),
        lambda: table.put(Put(key, {})),
        lambda: table.query("a"),
        lambda: table.write(Put(key, {})),
    ]


@pytest.mark.parametrize("code", DYNAMODB_WEATHER)
def test_store_is_unavailable_when_dynamodb_throttles_or_stumbles(code: str) -> None:
    for attempt in attempts(a_table(refusal(code))):
        with pytest.raises(StoreUnavailableError):
            attempt()


@pytest.mark.parametrize("error", [ConnectTimeoutError(), ProtocolError()])
def test_store_is_unavailable_when_it_is_out_of_reach(error: Exception) -> None:
    for attempt in attempts(a_table(error)):
        with pytest.raises(StoreUnavailableError):
            attempt()


@pytest.mark.parametrize(
    "code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"]
)
def test_defect_stays_a_defect_when_the_code_is_not_of_the_weather(code: str) -> None:
    for attempt in attempts(a_table(refusal(code))):
        with pytest.raises(AwsError):
            attempt()


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["None", "ConditionalCheckFailed"], ConditionFailedError),
        (["TransactionConflict", "None"], StoreUnavailableError),
        (["ThrottlingError"], StoreUnavailableError),
        (["ProvisionedThroughputExceeded"], StoreUnavailableError),
        (["ValidationError"], AwsError),
    ],
)
def test_cancelled_transaction_says_why_when_translated(
    reasons: list[str], expected: type[Exception]
) -> None:
    cancelled = refusal(
        "TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons]
    )
    with pytest.raises(expected) as raised:
        a_table(cancelled).write(Put(keys.Key("a", "b"), {}))
    if isinstance(raised.value, ConditionFailedError):
        assert raised.value.reasons == tuple(reasons)


def test_store_is_unavailable_when_a_batch_is_never_finished() -> None:
    class Half:
        calls = 0

        def call(self, _operation: str, RequestItems: Any) -> Any:
            self.calls += 1
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    client = Half()
    with pytest.raises(StoreUnavailableError):
        Table(client, "t").get_many([keys.Key("a", "b")])
    assert client.calls == 3


def test_reminder_is_refused_as_unavailable_when_the_queue_is() -> None:
    for reply in (refusal("ServiceUnavailable"), refusal("AccessDeniedException"), ConnectTimeoutError()):
        with pytest.raises(StoreUnavailableError):
            QueuedReminders(answering("sqs", reply), "q").ask_later("w", "c", 0)


def test_reminder_carries_ids_and_the_delay_of_its_attempt_when_sent() -> None:
    sent: list[dict[str, Any]] = []

    class Queue:
        def call(self, operation: str, **message: Any) -> None:
            assert operation == "SendMessage"
            sent.append(message)

    QueuedReminders(Queue(), "q").ask_later("w", "20261124-01", 3)
    assert sent[0]["DelaySeconds"] == 90
    assert json.loads(sent[0]["MessageBody"]) == {
        "worker_id": "w",
        "check_in_id": "20261124-01",
        "attempt": 3,
    }


def test_ended_policy_is_told_by_its_number_alone_when_sent() -> None:
    sent: list[dict[str, Any]] = []

    class Queue:
        def call(self, operation: str, **message: Any) -> None:
            assert operation == "SendMessage"
            sent.append(message)

    QueuedEndedPolicies(Queue(), "q").tell("DC1")
    assert sent == [{"QueueUrl": "q", "MessageBody": '{"policy_no": "DC1"}'}]


def test_ended_policy_is_not_told_when_the_queue_is_unavailable() -> None:
    for reply in (refusal("ServiceUnavailable"), refusal("AccessDeniedException"), ConnectTimeoutError()):
        with pytest.raises(StoreUnavailableError):
            QueuedEndedPolicies(answering("sqs", reply), "q").tell("DC1")


def test_page_token_continues_only_its_own_list_when_used(real_store: Store) -> None:
    table = real_store.tables["OperationsTable"]
    for number in range(5):
        table.put(Put(keys.Key("A", f"X#{number}"), {"n": number}))
    first = table.query("A", "X#", limit=2)
    assert [item["n"] for item in first.items] == [0, 1]
    assert [item["n"] for item in table.query("A", "X#", token=first.next_token).items] == [2, 3, 4]
    for pk, prefix, token in (
        ("B", "X#", first.next_token),
        ("A", "Y#", first.next_token),
        ("A", "X#", "NQ=="),  # 5
        ("A", "X#", "WyJBIiw1XQ=="),  # ["A",5]
        ("A", "X#", "%%%"),
        ("A", "X#", "王"),
        ("A", "X#", base64.urlsafe_b64encode(b"[" * 6_000).decode()),
        ("A", "X#", base64.urlsafe_b64encode(json.dumps(["A", "X#" + "x" * 1_100]).encode()).decode()),
        ("A", "X#", base64.urlsafe_b64encode(json.dumps(["A", "X#\ud800"]).encode()).decode()),
    ):
        with pytest.raises(PageTokenError):
            table.query(pk, prefix, token=token)


def test_number_keeps_its_kind_when_stored_and_read(real_store: Store) -> None:
    table = real_store.tables["OperationsTable"]
    stored = {"whole": 80_000_000, "part": 31.2304, "none": None, "list": [1, 2.5, {"x": None}], "yes": True}
    table.put(Put(keys.Key("A", "B"), stored))
    assert table.get(keys.Key("A", "B")) == {
        "pk": "A",
        "sk": "B",
        "whole": 80_000_000,
        "part": 31.2304,
        "list": [1, 2.5, {}],
        "yes": True,
    }


# ---- sightings ---------------------------------------------------------------------------------------


def test_visit_costs_one_write_when_noted_first_again_or_too_late(real_store: Store) -> None:
    client = real_store.client
    assert client is not None
    visit = Visit(
        project_id=PROJECT, worker_id=WORKER, seen_at=NOW, why=Why.NOT_VERIFIED, insured_name="王**"
    )
    for seconds in (0, 5, -5):
        client.calls.clear()
        real_store.visits.record(visit.model_copy(update={"seen_at": NOW + timedelta(seconds=seconds)}))
        assert client.calls == {"UpdateItem": 1}
    stored = real_store.tables["OperationsTable"].get(keys.visit(PROJECT, "2026-11-24", WORKER))
    assert stored is not None
    assert sum(len(name) + size_of(value) for name, value in stored.items()) <= 1024


def test_sightings_pass_by_ttl_in_epoch_seconds_and_hold_nothing_personal_when_stored(
    real_store: Store,
) -> None:
    trace = Trace(id=f"{WORKER}/20261124-01", worker_id=WORKER, at=NOW)
    real_store.sightings.record(Via.DEVICE, "d", trace)
    real_store.sightings.record(Via.CODE, "c", trace)
    real_store.flagged.put(flagged(a_check_in(signals=(a_signal(),))))
    real_store.visits.record(Visit(project_id=PROJECT, worker_id=WORKER, seen_at=NOW, why=Why.NOT_VERIFIED))
    client = real_store.client
    assert client is not None
    items = client.call("Scan", TableName="OperationsTable")["Items"]
    kept = {item["pk"]["S"].split("#")[0]: int(item["ttl"]["N"]) - int(NOW.timestamp()) for item in items}
    assert kept == {"DEVICE": 30 * 86_400, "CODE": 86_400, "SIGNALS": 180 * 86_400, "VISITS": 3 * 86_400}
    dump = json.dumps(items, ensure_ascii=False)
    assert not [secret for secret in PERSONAL if secret in dump]


def test_trail_opens_nothing_sealed_when_read(real_store: Store) -> None:
    real_store.check_ins.add(a_check_in())
    real_store.check_ins._cipher = None
    assert len(real_store.check_ins.trail(WORKER, 5)) == 1
