"""The hottest key of the rush, and that its steps are those which the real wiring makes."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from daycover.cover.check_in import CheckIn as RealCheckIn
from daycover.reporting.report import ReportEvents, TakeAnswers
from daycover.reporting.rows import ReportRow, RowAnswer, RowState, rows_of
from tests.functional.cover.gate import Gate, whole_aws
from tests.simulation import rush
from tests.simulation.rush import BOUND, PEAK, SECONDS, SHIFT_PEAK, Use, hottest, table
from tests.simulators.credentials import Credentials
from tests.support.builders import NOW, WORKER, a_device, a_place, an_id_number
from tests.support.capacity import KB, units, wire_size
from tests.support.fakes.reporting import FakeInsurer

MOST_WRITES_A_POLICY = 12


@pytest.fixture(scope="module")
def load() -> rush.Load:
    return rush.rush()


def test_hottest_key_takes_at_most_three_tenths_of_its_limit_in_the_rush(
    load: rush.Load, capsys: pytest.CaptureFixture[str]
) -> None:
    found = hottest(load)
    if os.environ.get("SHOW_FIGURES"):
        with capsys.disabled():
            print(f"\n{table(found)}")
    assert [(hot.pk, round(hot.share, 3)) for hot in found if hot.share > BOUND] == []
    assert {hot.kind for hot in found} >= {
        "WAITING write",
        "COMPANY#DAY write",
        "VISITS write",
        "DATA_KEYS read",
    }


def test_table_writes_of_a_policy_are_twelve_units_at_most_when_the_insurer_answers_late(
    load: rush.Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but what a late answer adds: the row that waits, and that it waits no more."""
    policies = (PEAK + SHIFT_PEAK) * SECONDS
    by_step = {step: writes / policies for step, writes in load.by_step.items()}
    if os.environ.get("SHOW_FIGURES"):
        with capsys.disabled():
            print("\n" + ", ".join(f"{step} {writes:.2f}" for step, writes in by_step.items()))
    by_step["report"] -= 2
    by_step["late answer"] -= 2
    assert sum(by_step.values()) <= MOST_WRITES_A_POLICY


def test_rush_would_be_seen_to_fail_when_nothing_were_spread() -> None:
    """The model can fail: a company in one partition, or sixteen for all waiting rows, are above every limit."""
    company = Counter(one.company_id for one in rush.crowd())
    assert max(company.values()) / SECONDS > rush.WRITES
    assert PEAK * 4 / 16 > rush.WRITES


# ---- that the steps are the real ones ----------------------------------------------------------------


class Watch:
    """Sums what the real calls of one step use, by key."""

    def __init__(self, gate: Gate) -> None:
        self._used: list[Use] = []
        gate.adapters.dynamodb.after.append(self._answered)

    def step(self, run: Callable[[], Any]) -> tuple[Any, dict[str, tuple[float, float]]]:
        self._used.clear()
        answer = run()
        return answer, by_key(self._used)

    def _answered(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        each = 1.0 if request.get("ConsistentRead") else 0.5
        match operation:
            case "GetItem":
                read = units(wire_size(answer.get("Item", {})), 4 * KB) * each
                self._used.append(Use(request["Key"]["pk"]["S"], reads=read))
            case "Query":
                read = units(sum(map(wire_size, answer["Items"])), 4 * KB) * each
                self._used.append(Use(request["ExpressionAttributeValues"][":pk"]["S"], reads=read))
            case "BatchGetItem":
                for asked in request["RequestItems"].values():
                    each = 1.0 if asked.get("ConsistentRead") else 0.5
                    self._used += [Use(key["pk"]["S"], reads=each) for key in asked["Keys"]]
            case "PutItem":
                written = units(wire_size(request["Item"]), KB)
                self._used.append(Use(request["Item"]["pk"]["S"], writes=written))
            case "UpdateItem":
                written = units(wire_size(answer["Attributes"]), KB)
                self._used.append(Use(request["Key"]["pk"]["S"], writes=written))
            case "DeleteItem":
                self._used.append(Use(request["Key"]["pk"]["S"], writes=2))  # the row that `wait` put
            case _:
                raise AssertionError(operation)


def by_key(uses: list[Use]) -> dict[str, tuple[float, float]]:
    """Reads and writes by key, without the keys that containers read when they start."""
    found: dict[str, tuple[float, float]] = {}
    for pk, reads, writes in uses:
        if not pk.startswith(("DATA_KEYS", "DAY_KEYS", "TABLES")):
            before = found.get(pk, (0.0, 0.0))
            found[pk] = (before[0] + reads, before[1] + writes)
    return found


def as_sealed(rows: Any) -> list[ReportRow]:
    """Name the insured as `insurer/sealed.py` does, in its length."""
    return [
        row.model_copy(
            update={"cover": row.cover.model_copy(update={"insured": "x" * 520, "worker_id": None})}
        )
        for row in rows
    ]


def test_steps_use_the_keys_and_units_that_the_simulation_counts(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(whole_aws(), credentials)
    gate.consented()
    watch, token = Watch(gate), gate.values["qr_token"]

    def check_in(who: tuple[str, str] | None) -> str:
        begun = gate.cover.start_check_in(WORKER, token, who, a_place(), a_device(gate.now()))
        assert isinstance(begun, RealCheckIn)
        gate.adapters.work_card.show_face(begun.authenticate_number)
        return begun.check_in_id

    gate.cover.prove_check_in(WORKER, check_in(("王小明", an_id_number())))
    gate.now.advance(hours=25)
    real: dict[str, dict[str, tuple[float, float]]] = {}
    _, real["scan"] = watch.step(lambda: gate.cover.preview_cover(WORKER, token))
    check_in_id, real["check-in"] = watch.step(lambda: check_in(None))
    _, real["policy"] = watch.step(lambda: gate.cover.prove_check_in(WORKER, check_in_id))
    policy = gate.adapters.policies.recent(gate.person, gate.now())[0]
    gate.adapters.contract_terms.partitions(
        policy.company_id, NOW.date()
    )  # once in five minutes and container
    image = policy.model_dump(mode="json")
    _, real["record_cover"] = watch.step(lambda: gate.cover.record_cover(image))
    _, real["batch"] = watch.step(gate.cover._books.book_cover.flush)
    silent = FakeInsurer()
    monkeypatch.setattr(silent, "send", lambda _rows: [])
    take = TakeAnswers(reports=gate.adapters.reports, keep=lambda _found: (0, 0), now=gate.now)  # type: ignore[arg-type]
    events = ReportEvents(
        insurer=silent, reports=gate.adapters.reports, take=take, name=as_sealed, now=gate.now
    )
    rows = rows_of(policy)
    _, real["report"] = watch.step(lambda: events(rows))
    acknowledged = RowAnswer(rows[0].row_id, RowState.ACKNOWLEDGED)
    _, real["late answer"] = watch.step(lambda: take([acknowledged]))

    one = rush.CheckIn(WORKER, policy.person_id, policy.company_id, policy.project_id, 1)
    monkeypatch.setattr(rush, "DAY", gate.now().strftime("%Y-%m-%d"))
    monkeypatch.setattr(rush.CheckIn, "policy_no", property(lambda _self: policy.policy_no))
    modelled = {name: by_key(step(one)) for name, step in rush.STEPS.items()}
    modelled["batch"] = by_key(rush.batch(policy.company_id))
    assert real == modelled
