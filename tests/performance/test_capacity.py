"""What cover costs at DynamoDB, in exact counts, next to the floor of one conditional put of 1 KB.

`make bench` prints the table. The counts are asserted: one call or unit more is a decision, not an accident.
The clients are real, the answers moto's; sizes and units are computed from what went over the wire.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daycover.cover.check_in import CheckIn, CheckInStatus, Device, ScannedCode
from daycover.cover.known_tables import REFRESHED
from daycover.cover.plan import PLAN_VERSIONS, plan_on_sale
from daycover.cover.policy import Policy
from daycover.identity.attempt import PreOrderState
from daycover.projects.place import OutsideGeofenceError
from tests.functional.cover.gate import Gate, whole_aws
from tests.simulators.credentials import Credentials
from tests.support.builders import NOW, WORKER, a_check_in, a_device, a_place, an_id_number, an_identity
from tests.support.capacity import Bill, Meter, wire_size
from tests.support.key_material import merchant_credentials
from tests.support.wired import install


class Till:
    """A gate with a meter on its tables."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.meter = Meter()
        self.meter.listen(gate.adapters.dynamodb)
        self.meter.bill()

    def bill(self, step: Callable[[], Any]) -> Bill:
        """Run one step with warm keys, as in a container that has served before, and give its bill."""
        self.gate.adapters.calls.clear()
        self.meter.bill()
        step()
        return self.meter.bill()

    def others(self) -> list[str]:
        """Calls of the last step to anything but the tables."""
        tables = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems"}
        return [name for name, _ in self.gate.adapters.calls if name not in tables]

    def scan(self) -> Any:
        return self.gate.cover.preview_cover(WORKER, self.gate.values["qr_token"])

    def check_in(self, *, stated: bool) -> CheckIn | Policy:
        who = ("王小明", an_id_number()) if stated else None
        return self.gate.cover.start_check_in(
            WORKER, self.gate.values["qr_token"], who, a_place(), a_device(self.gate.now())
        )

    def refused(self) -> None:
        """A check-in some 500 m beside the site."""
        place, device = a_place(latitude=31.2349), a_device(self.gate.now())
        with pytest.raises(OutsideGeofenceError):
            self.gate.cover.start_check_in(
                WORKER, self.gate.values["qr_token"], ("王小明", an_id_number()), place, device
            )

    def issue(self, check_in_id: str) -> Any:
        return self.gate.cover.prove_check_in(WORKER, check_in_id)

    def face(self, check_in: CheckIn | Policy) -> str:
        assert isinstance(check_in, CheckIn)
        self.gate.adapters.work_card.show_face(check_in.authenticate_number)
        return check_in.check_in_id


def check_in_items(gate: Gate) -> list[dict[str, Any]]:
    """The worker's check-ins as they stand in the table, in wire form."""
    found = gate.adapters.dynamodb.call(
        "Query",
        TableName=gate.adapters.config.operations_table,
        KeyConditionExpression="pk = :worker AND begins_with(sk, :check_in)",
        ExpressionAttributeValues={":worker": {"S": f"WORKER#{WORKER}"}, ":check_in": {"S": "CHECKIN#"}},
    )
    items: list[dict[str, Any]] = found["Items"]
    return items


@pytest.fixture(scope="module")
def credentials() -> Credentials:
    return merchant_credentials()


@pytest.fixture
def till(credentials: Credentials) -> Till:
    gate = Gate(whole_aws(), credentials)
    gate.consented()
    return Till(gate)


@dataclass(frozen=True)
class Cost:
    """What one step may cost: calls to the tables, read units, write units, calls to anything else."""

    calls: tuple[str, ...]
    read_units: float
    write_units: float
    others: tuple[str, ...] = ()


DAY_KEYS = ("GetItem", "PutItem") * 2
"""The keys that seal the day's positions and its fields: made once a day, read once an hour and container."""
MADE = ("GenerateDataKey", "GenerateDataKey", "Decrypt")
POLICIES_A_CONTAINER = 100
"""That one container serves at the least on a working day before it ends; 0.2 calls a policy hold from 35 on."""
COSTS = {
    "scan": Cost(("GetItem", "BatchGetItem", "UpdateItem"), 2.5, 1),
    "scan, worker known": Cost(("GetItem", "BatchGetItem", "Query", "UpdateItem"), 3.5, 1),
    "check-in, worker new": Cost(
        ("GetItem", "BatchGetItem", "Query", *DAY_KEYS, "PutItem", "UpdateItem"),
        5.5,
        4,
        ("GetSecretValue", *MADE, "SendMessage"),
    ),
    "policy, worker new": Cost(
        ("GetItem", "UpdateItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"), 4.0, 3
    ),
    "check-in, worker known": Cost(
        ("GetItem", "BatchGetItem", "Query", "Query", *DAY_KEYS, "PutItem", "UpdateItem"),
        6.5,
        4,
        (*MADE, "SendMessage"),
    ),
    "policy, worker known": Cost(("GetItem", "Query", "PutItem", "UpdateItem"), 2.0, 2),
    "policy, adjacent": Cost(("GetItem", "Query", "TransactWriteItems", "UpdateItem"), 2.0, 5),
    "repeated scan, covered": Cost(("GetItem", "BatchGetItem", "Query"), 3.5, 0),
    "repeated request for the policy": Cost(("GetItem", "GetItem"), 2.0, 0),
    "refused for the place": Cost(
        ("GetItem", "BatchGetItem", "UpdateItem", "PutItem", "UpdateItem"), 2.5, 3, ("GetSecretValue",)
    ),
    # and a put whose condition fails, which costs a unit that the meter does not see
    "refused for the place again": Cost(("GetItem", "BatchGetItem", "UpdateItem"), 2.5, 1),
}


@pytest.fixture
def check(till: Till, capsys: pytest.CaptureFixture[str]) -> Callable[[str, Callable[[], Any]], None]:
    """Run a step, print its bill where asked, and hold it to its cost."""

    def run(name: str, step: Callable[[], Any]) -> None:
        bill = till.bill(step)
        others = tuple(till.others())
        if os.environ.get("SHOW_FIGURES"):
            units = f"{bill.read_units:>4} RU {bill.write_units:>3.0f} WU {bill.bytes_written:>5} B written"
            with capsys.disabled():
                print(
                    f"\n{name:<32} {len(bill.calls)} calls {units}  {', '.join(bill.calls + list(others))}",
                    end="",
                )
        assert Cost(tuple(bill.calls), bill.read_units, bill.write_units, others) == COSTS[name]

    return run


def test_policy_itself_is_one_strong_read_and_one_put_of_at_most_one_unit(till: Till) -> None:
    """The floor is one conditional put of 1 KB; the read is what makes the put's place unique."""
    check_in = till.gate.adapters.check_ins.get(WORKER, till.face(till.check_in(stated=True)))
    bill = till.bill(lambda: till.gate.cover.prove_check_in.issue_policy._issue(check_in))
    assert (bill.calls, bill.read_units, bill.write_units) == (["Query", "PutItem"], 1.0, 1)
    if os.environ.get("SHOW_FIGURES"):
        print(f"policy item {bill.bytes_written} B; floor: 1 call, 0 RU, 1 WU")
    assert bill.bytes_written <= 1024


def test_check_in_is_at_most_one_unit_when_everything_in_it_is_long(till: Till) -> None:
    """In each of its three writes, with what the wire can bring: WeChat's longest token, a name of the north-west."""
    gate, instant = till.gate, NOW.replace(second=59, microsecond=123_457)
    name = "阿卜杜热合曼·买买提依明江·吐尔逊"
    check_in = a_check_in(
        openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        identity=an_identity(name=name, person_id=gate.person),
        company_id="01JDCQ6Z6W0000000000000000",
        sub_mchid="1900000109",
        at=instant,
        token_ends_at=instant + timedelta(seconds=300),
        shift_ends_at=NOW + timedelta(hours=12),
        order_digest="b29b7a1a5b1ef32c",
        device=Device(id="6VGW6E282XZKEFWGX6PY", time=instant),
        code=ScannedCode(id="94fc40a028e4bfa51ec7", ends_at=instant),
        place=a_place(latitude=31.23456789, longitude=121.47371234, accuracy_m=65.25, fixed_at=instant),
        distance_m=187,
        radius_m=200,
        is_proved=True,
        may_be_known=True,
        asks=3,
    )
    sizes = {}
    store = gate.adapters.check_ins
    ready = check_in.model_copy(
        update={"status": CheckInStatus.PRE_ORDERED, "pre_order": PreOrderState.COUNTED, "token": "t" * 64}
    )
    issued = ready.model_copy(
        update={"status": CheckInStatus.ISSUED, "policy_no": f"DC{gate.person}2EQ0001N"}
    )
    for step, write in (
        ("add", lambda: store.add(check_in)),
        ("pre_ordered", lambda: store.pre_ordered(ready)),
        ("settle", lambda: store.settle(issued)),
    ):
        write()
        (item,) = check_in_items(gate)
        sizes[step] = wire_size(item)
    if os.environ.get("SHOW_FIGURES"):
        print(f"check-in item: {sizes}")
    assert max(sizes.values()) <= 1024
    assert store.get(WORKER, check_in.check_in_id).identity.name == name


def test_refusal_for_the_place_costs_a_visit_and_a_count_once_a_day(till: Till, check: Any) -> None:
    check("refused for the place", till.refused)
    check("refused for the place again", till.refused)


def test_first_policy_of_a_worker_costs_what_it_did(till: Till, check: Any) -> None:
    begun: list[CheckIn | Policy] = []
    check("check-in, worker new", lambda: begun.append(till.check_in(stated=True)))
    check_in_id = till.face(begun[0])
    check("policy, worker new", lambda: till.issue(check_in_id))


def test_policy_of_a_returning_worker_costs_what_it_did(till: Till, check: Any) -> None:
    till.issue(till.face(till.check_in(stated=True)))
    till.gate.now.advance(hours=25)
    begun: list[CheckIn | Policy] = []
    check("check-in, worker known", lambda: begun.append(till.check_in(stated=False)))
    check_in_id = till.face(begun[0])
    check("policy, worker known", lambda: till.issue(check_in_id))


def test_adjacent_policy_costs_a_look_at_its_neighbour(till: Till, check: Any) -> None:
    till.issue(till.face(till.check_in(stated=True)))
    till.gate.now.advance(hours=23)  # inside the renewal window
    check_in_id = till.face(till.check_in(stated=False))
    check("policy, adjacent", lambda: till.issue(check_in_id))


def test_key_service_is_asked_a_fifth_of_a_call_a_policy_by_containers_that_start_cold(till: Till) -> None:
    """Each function's container opens each key once: the account's year, the day's fields, the day's positions."""
    gate, adapters = till.gate, till.gate.adapters
    till.issue(till.face(till.check_in(stated=True)))
    gate.now.advance(hours=25)
    till.face(till.check_in(stated=False))  # somebody made the keys of this day
    gate.now.advance(minutes=10)
    begun: list[str] = []
    way = {
        "preview_cover": till.scan,
        "check_in": lambda: begun.append(till.face(till.check_in(stated=False))),
        "issue_policy": lambda: till.issue(begun[0]),
        "complete_check_in": lambda: gate.cover.complete_check_in(WORKER, begun[0], 0),
    }
    asked = {}
    for function, step in way.items():
        adapters.key_ring._known.clear()
        adapters.place_cipher._known.clear()
        till.bill(step)
        asked[function] = [name for name in till.others() if name in {"Decrypt", "GenerateDataKey"}]
    assert {function: len(calls) for function, calls in asked.items()} == {
        "preview_cover": 1,
        "check_in": 3,
        "issue_policy": 2,
        "complete_check_in": 2,
    }
    if os.environ.get("SHOW_FIGURES"):
        print(f"KMS: {asked}")
    calls = sum(len(one) for one in asked.values())
    assert calls / POLICIES_A_CONTAINER <= 0.2
    for step in (till.scan, lambda: till.issue(begun[0])):
        till.bill(step)
        till.bill(step)  # the container is warm
        assert not {"Decrypt", "GenerateDataKey"} & set(till.others())


def test_scan_and_repeats_cost_what_they_did(till: Till, check: Any) -> None:
    check("scan", till.scan)
    check_in_id = till.face(till.check_in(stated=True))
    till.issue(check_in_id)
    check("repeated scan, covered", lambda: till.check_in(stated=False))
    check("repeated request for the policy", lambda: till.issue(check_in_id))


def test_container_reads_what_operations_loaded_once_in_five_minutes(
    till: Till, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a unit then, a call more; in between a scan, a check-in and a policy cost what they cost without tables."""
    install(till.gate.adapters, monkeypatch)
    more = (1, 0.5, 0)

    def beyond(name: str, bill: Bill) -> tuple[int, float, float]:
        cost = COSTS[name]
        calls = len(bill.calls) - len(cost.calls)
        return calls, bill.read_units - cost.read_units, bill.write_units - cost.write_units

    assert beyond("scan", till.bill(till.scan)) == more
    check("scan", till.scan)
    begun: list[CheckIn | Policy] = []
    check("check-in, worker new", lambda: begun.append(till.check_in(stated=True)))
    check_in_id = till.face(begun[0])
    check("policy, worker new", lambda: till.issue(check_in_id))
    till.gate.now.at += REFRESHED
    assert beyond("scan, worker known", till.bill(till.scan)) == more
    check("scan, worker known", till.scan)
    check("repeated scan, covered", lambda: till.check_in(stated=False))


def test_loaded_tables_cost_their_index_and_each_content_once(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tariff is one unit at most, 0.5 per 4 KB compressed; the index holds 25 versions in its half unit."""
    install(till.gate.adapters, monkeypatch)
    load = till.gate.cover.load_tables
    (packaged,) = PLAN_VERSIONS
    for month in range(1, 13):
        begins = datetime(2027, month, 1, tzinfo=UTC)
        load.propose(
            "plans", packaged.model_copy(update={"version": f"2027-{month:02}", "valid_from": begins}), "s-1"
        )
        load.approve("plans", f"2027-{month:02}", "s-2")
    till.meter.bill()
    plan_on_sale("T2", till.gate.now())
    bill = till.meter.bill()
    assert (bill.calls, bill.read_units) == (
        ["GetItem"] * 13,
        6.5,
    )  # the index, and what is to come, half a unit each
    till.gate.now.at += REFRESHED
    plan_on_sale("T2", till.gate.now())
    bill = till.meter.bill()
    assert (bill.calls, bill.read_units) == (["GetItem"], 0.5)
