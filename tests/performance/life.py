"""The life of one policy, from the scan to the insurer's acknowledgement, each function in a container of its own.

Two workers who have been here before go the same way through the same containers: the first finds them cold, the second
warm. What each step asks of AWS is counted from what went over the wire.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import pytest
from boto3.dynamodb.types import TypeSerializer

from daycover.cover.check_in import CheckIn
from daycover.cover.disclosure import plan_key
from daycover.cover.policy import Policy, policy_number
from daycover.errors import DaycoverError
from daycover.reporting.rows import rows_of
from daycover.store import keys
from daycover.store.policies import policy_item
from tests.functional.cover.gate import Gate
from tests.performance.cost import SHARED, STEPS, TOGETHER, Counted, Step
from tests.performance.recording import as_new, replaced
from tests.support.builders import WORKER, a_device, a_place, a_plan, a_worker, an_id_number, consents_for
from tests.support.capacity import Meter

KMS_CALLS = frozenset({"Decrypt", "GenerateDataKey"})
PUTS, GETS = frozenset({"PutObject", "ListObjectsV2"}), frozenset({"GetObject", "HeadObject"})
SENDS = frozenset({"SendMessage", "SendMessageBatch"})


def _inserted(policy: Policy) -> dict[str, Any]:
    """The record of the stream."""
    key = keys.policy(policy.person_id, policy.sequence)._asdict()
    image = {name: value for name, value in (policy_item(policy) | key).items() if value is not None}
    return {
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {name: {"S": text} for name, text in key.items()},
            "NewImage": TypeSerializer().serialize(image)["M"],
            "SequenceNumber": policy.policy_no,
        },
    }


def others_of(policy: Policy) -> list[Policy]:
    """The policy and as many others as share a batch with it; of one person, which changes no size."""
    return [
        policy.model_copy(
            update={
                "policy_no": policy_number(policy.person_id, policy.sequence + number, policy.issued_at),
                "sequence": policy.sequence + number,
            }
        )
        for number in range(SHARED)
    ]


def records_of(policies: Iterable[Policy]) -> dict[str, Any]:
    """The stream's event of new policies."""
    return {"Records": [_inserted(policy) for policy in policies]}


def messages_of(policies: Iterable[Policy]) -> dict[str, Any]:
    """The queue's event of the rows of policies, a message each."""
    rows = [
        [row.model_dump(mode="json", exclude_none=True) for row in rows_of(policy)] for policy in policies
    ]
    messages = [{"messageId": str(at), "body": json.dumps({"rows": few})} for at, few in enumerate(rows)]
    return {"Records": messages}


def asked_of(check_in: CheckIn) -> dict[str, Any]:
    """The check-in queue's event of one check-in."""
    body = {"worker_id": check_in.worker_id, "check_in_id": check_in.check_in_id, "attempt": 0}
    return {"Records": [{"messageId": "0", "body": json.dumps(body)}]}


def together(one: Counted) -> Counted:
    """A batch of the check-in queue from what one of its messages asks for; keys and secrets are the container's."""
    asked = ("table_calls", "read_units", "write_units")
    return replace(one, **{name: TOGETHER * getattr(one, name) for name in asked})


class Person(NamedTuple):
    worker_id: str
    stated: tuple[str, str]
    phone: str


PEOPLE = (
    Person(WORKER, ("王小明", an_id_number()), "phone-1"),
    Person("00014D2PF2DBSQQG28T6", ("李晓红", an_id_number("19910308")), "phone-2"),
)


FIRST_TODAY = Person("00014D2PF2DBSQQG28T7", ("赵大海", an_id_number("19880308")), "phone-3")
"""Whose check-in makes the day's keys."""


class Container:
    """One execution environment of a function: nothing remembered, a meter on its tables."""

    def __init__(self, world: Any) -> None:
        kept = replaced(world) | {"files"}
        self.adapters: Any = as_new(world, kept)
        self.adapters.calls = []
        self.meter = Meter()
        self.meter.listen(self.adapters.dynamodb)

    def count(self, step: Step, act: Callable[[], object]) -> Counted:
        self.adapters.calls.clear()
        self.meter.bill()
        act()
        bill = self.meter.bill()
        asked = Counter(name for name, _ in self.adapters.calls)
        return Counted(
            function=step.function,
            times=step.times,
            policies=step.policies,
            requests=step.requests,
            table_calls=len(bill.calls),
            read_units=bill.read_units,
            write_units=bill.write_units,
            kms_calls=sum(asked[name] for name in KMS_CALLS),
            s3_puts=sum(asked[name] for name in PUTS),
            s3_gets=sum(asked[name] for name in GETS),
            sends=sum(asked[name] for name in SENDS),
            received=step.received,
            secret_calls=asked["GetSecretValue"],
            partners=step.partners,
            notes=step.notes,
        )


class Life:
    """The way of each person."""

    def __init__(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = gate
        self._qr_token = gate.values["qr_token"]
        self._monkeypatch = monkeypatch
        self._containers: dict[str, Container] = {}

    def known(self) -> None:
        """Let everybody have been insured a day ago, and somebody have made today's keys."""
        gate = self.gate
        for person in (*PEOPLE, FIRST_TODAY):
            if person.worker_id != WORKER:
                openid = f"o-{person.phone}"
                gate.adapters.workers.add(a_worker(worker_id=person.worker_id, openid=openid))
            plan = plan_key(a_plan(gate.project.plan_id))
            gate.adapters.consents.add(
                person.worker_id, gate.project.project_id, plan, consents_for(gate.project)
            )
            begun = self._begin(gate, person, stated=True)
            gate.adapters.work_card.show_face(begun.authenticate_number)
            gate.cover.prove_check_in(person.worker_id, begun.check_in_id)
        gate.now.advance(hours=25)
        self._begin(gate, FIRST_TODAY, stated=False)
        gate.now.advance(minutes=10)
        self._containers = {step.function: Container(gate.adapters) for step in STEPS}

    def go(self, person: Person) -> dict[str, Counted]:
        """Count each step of one person's way."""
        gate, worker_id = self.gate, person.worker_id
        begun: list[CheckIn] = []
        policies: list[Policy] = []

        def pending() -> None:
            try:
                answer = gate.cover.prove_check_in(worker_id, begun[0].check_in_id)
            except DaycoverError:
                return
            assert answer.policy is None, "nobody has shown a face yet"

        def issued() -> None:
            policy = gate.cover.prove_check_in(worker_id, begun[0].check_in_id).policy
            assert policy is not None, "the face was shown"
            policies.append(policy)

        ways: dict[str, Callable[[], object]] = {
            "scan": lambda: gate.cover.preview_cover(worker_id, self._qr_token),
            "check-in": lambda: begun.append(self._begin(gate, person, stated=False)),
            "pending poll": pending,
            "policy": issued,
            "queue": lambda: self._invoke("complete_check_in", asked_of(begun[0])),
            "record": lambda: self._invoke("record_cover", records_of(others_of(policies[0]))),
            "archive": lambda: self._invoke("archive_policy", records_of(others_of(policies[0]))),
            "report": lambda: self._invoke("report_to_insurer", messages_of(others_of(policies[0]))),
        }
        counted = {}
        for step in STEPS:
            if step.name == "policy":
                gate.adapters.work_card.show_face(begun[0].authenticate_number)
            container = self._containers[step.function]
            world, gate.adapters = gate.adapters, container.adapters
            try:
                counted[step.name] = container.count(step, ways[step.name])
            finally:
                gate.adapters = world
        return counted | {"queue": together(counted["queue"])}

    def _begin(self, gate: Gate, person: Person, *, stated: bool) -> CheckIn:
        device = a_device(gate.now()).model_copy(update={"id": person.phone})
        who = person.stated if stated else None
        place = a_place(fixed_at=gate.now())
        outcome = gate.cover.start_check_in(person.worker_id, self._qr_token, who, place, device)
        assert isinstance(outcome, CheckIn)
        return outcome

    def _invoke(self, function: str, event: Any) -> None:
        answer = self.gate.invoke(function, event, self._monkeypatch)
        assert answer == {"batchItemFailures": []}, answer


def as_json(cold: dict[str, Counted], warm: dict[str, Counted]) -> str:
    """What `cost.py` reads."""
    found = {"cold": cold, "warm": warm}
    return json.dumps({how: {name: asdict(one) for name, one in ways.items()} for how, ways in found.items()})
