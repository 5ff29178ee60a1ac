"""What cover costs at DynamoDB, in exact counts, next to the floor of one conditional put of 1 KB.

`make bench` prints the table. The counts are asserted: one call or unit more is a decision, not an accident.
The clients are real, the answers moto's; sizes and units are computed from what went over the wire.
"""

import dataclasses
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from daycover.cover.check_in import CheckIn
from daycover.cover.policy import Policy
from daycover.store.policies import policy_item
from tests.functional.claims.aws import local_aws
from tests.functional.cover.gate import Gate, more_aws, queue_url
from tests.simulators.credentials import Credentials, make_credentials
from tests.support.builders import WORKER, a_device, a_place, an_id_number
from tests.support.capacity import Bill, Meter

FLOOR = "one conditional put of 1 KB: 1 call, 0 read units, 1 write unit"


class Till:
    """A gate with a meter on its tables."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.meter = Meter()
        self.meter.listen(gate.use_cases._dynamodb)
        self.meter.bill()

    def bill(self, step: Callable[[], Any]) -> Bill:
        """Run one step with warm keys, as in a container that has served before, and give its bill."""
        self.gate.use_cases.calls.clear()
        self.meter.bill()
        step()
        return self.meter.bill()

    def others(self) -> list[str]:
        """Calls of the last step to anything but the tables."""
        tables = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems"}
        return [name for name, _ in self.gate.use_cases.calls if name not in tables]

    def scan(self) -> Any:
        return self.gate.use_cases.preview_cover(WORKER, self.gate.values["qr_token"])

    def check_in(self, *, stated: bool) -> CheckIn | Policy:
        who = ("王小明", an_id_number()) if stated else None
        return self.gate.use_cases.start_check_in(
            WORKER, self.gate.values["qr_token"], who, a_place(), a_device(self.gate.now())
        )

    def issue(self, check_in_id: str) -> Any:
        return self.gate.use_cases.issue_policy(WORKER, check_in_id)

    def face(self, check_in: CheckIn | Policy) -> str:
        assert isinstance(check_in, CheckIn)
        self.gate.use_cases._work_card.show_face(check_in.authenticate_number)
        return check_in.check_in_id


@pytest.fixture(scope="module")
def credentials() -> Credentials:
    return make_credentials()


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch, credentials: Credentials) -> Iterator[Till]:
    with local_aws(monkeypatch) as config:
        configured = dataclasses.replace(
            config, check_in_queue_url=queue_url(), public_url="https://d.example"
        )
        more_aws(configured)
        gate = Gate(configured, credentials)
        gate.consented()
        yield Till(gate)


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Callable[[str, Bill, list[str]], None]:
    def line(step: str, bill: Bill, others: list[str]) -> None:
        if os.environ.get("SHOW_FIGURES"):
            with capsys.disabled():
                print(
                    f"{step:<34} {len(bill.calls):>2} calls  {bill.read_units:>4} RU  {bill.write_units:>4.0f} WU"
                    f"  {bill.bytes_written:>5} B  {', '.join(bill.calls)}"
                    + (f"  + {', '.join(others)}" if others else "")
                )

    return line


def test_policy_of_a_returning_worker_costs_what_it_did(till: Till, show: Any) -> None:
    first = till.face(till.check_in(stated=True))
    till.issue(first)
    till.gate.now.advance(hours=23)  # inside the renewal window: the common case of a daily worker
    begun: list[CheckIn | Policy] = []
    check_in = till.bill(lambda: begun.append(till.check_in(stated=False)))
    show("check-in, worker known", check_in, till.others())
    check_in_id = till.face(begun[0])
    issue = till.bill(lambda: till.issue(check_in_id))
    show("policy, worker known", issue, till.others())
    show("check-in and policy", _sum(check_in, issue), [])
    print(FLOOR)


def _sum(*bills: Bill) -> Bill:
    return Bill(
        [call for bill in bills for call in bill.calls],
        sum(bill.read_units for bill in bills),
        sum(bill.write_units for bill in bills),
        sum(bill.bytes_written for bill in bills),
    )


def test_first_policy_of_a_worker_costs_what_it_did(till: Till, show: Any) -> None:
    begun: list[CheckIn | Policy] = []
    check_in = till.bill(lambda: begun.append(till.check_in(stated=True)))
    show("check-in, worker new", check_in, till.others())
    check_in_id = till.face(begun[0])
    show("policy, worker new", till.bill(lambda: till.issue(check_in_id)), till.others())


def test_scan_and_repeats_cost_what_they_did(till: Till, show: Any) -> None:
    show("scan", till.bill(till.scan), till.others())
    check_in_id = till.face(till.check_in(stated=True))
    till.issue(check_in_id)
    show("repeated scan, covered", till.bill(lambda: till.check_in(stated=False)), till.others())
    show("repeated request for the policy", till.bill(lambda: till.issue(check_in_id)), till.others())
    [policy] = till.gate.use_cases.policies.list_of(till.gate.person)
    print(len(policy_item(policy)))
