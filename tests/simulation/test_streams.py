"""Whether the readers of the stream and of the insurer's queue keep up with the rush, as the template sets them.

A reader is as fast as its calls, one after another: those that the real wiring makes for one record, counted here,
at the round trip and CPU below, times the batches that may run at once.
"""

import os
from collections.abc import Mapping
from typing import Any

import pytest

from daycover.cover.check_in import CheckIn
from daycover.reporting.report import BATCH
from tests.functional.cover.gate import Gate, whole_aws
from tests.simulation import rush
from tests.simulators.credentials import Credentials
from tests.support.builders import WORKER, a_device, a_place, an_id_number
from tests.support.template import template

MEAN = 13_000
"""Policies a second on average in the three hours of the rush."""
ROUND_TRIP, CPU = 0.005, 0.002
"""Seconds of one call to DynamoDB, and of CPU for one record or row: assumed; take the account's own."""
INSURER = 1.0
"""Seconds in which the insurer takes a batch of 100 rows."""
CATCHING_UP = 1.2
"""What a reader must manage beyond the mean, so that an hour's outage is caught up with before the day ends."""


def event(function: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = template()["Resources"][function]["Properties"]["Events"][name]["Properties"]
    return found


def timeout(function: str) -> int:
    return int(template()["Resources"][function]["Properties"]["Timeout"])


def show(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    if os.environ.get("SHOW_FIGURES"):
        with capsys.disabled():
            print(f"\n{text}", end="")


@pytest.fixture(scope="module")
def calls_a_record(credentials: Credentials, in_process_aws: object) -> int:
    """Table calls of `record_cover` for one policy whose project and company its container does not know."""
    gate = Gate(whole_aws(), credentials)
    gate.consented()
    begun = gate.cover.start_check_in(
        WORKER, gate.values["qr_token"], ("王小明", an_id_number()), a_place(), a_device(gate.now())
    )
    assert isinstance(begun, CheckIn)
    gate.adapters.work_card.show_face(begun.authenticate_number)
    gate.cover.prove_check_in(WORKER, begun.check_in_id)
    (policy,) = gate.adapters.policies.recent(gate.person, gate.now())
    gate.adapters.calls.clear()
    gate.cover.record_cover(policy.model_dump(mode="json"))
    return len(gate.adapters.calls)


def test_stream_reader_keeps_up_with_the_rush(
    calls_a_record: int, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = event("RecordCoverFunction", "PolicyIssuedOrEnded")
    each = calls_a_record * ROUND_TRIP + CPU
    a_shard = reader["ParallelizationFactor"] / each
    told = f"{calls_a_record} calls, {1 / each:.0f} records a second and batch, {a_shard:.0f} a shard"
    show(f"record_cover: {told}", capsys)
    assert calls_a_record == 4  # contract, journal, project, line
    assert a_shard * rush.TABLE_PARTITIONS >= MEAN * CATCHING_UP
    assert reader["BatchSize"] * each <= timeout("RecordCoverFunction") / 2
    assert (reader["ParallelizationFactor"], reader["MaximumBatchingWindowInSeconds"]) == (
        rush.PARALLEL,
        rush.WINDOW_SECONDS,
    )


def test_a_batch_is_full_before_its_window_ends_when_the_rush_is_at_its_peak() -> None:
    """Larger batches would save no write and make the roster later."""
    reader = event("RecordCoverFunction", "PolicyIssuedOrEnded")
    in_window = rush.PEAK / (rush.TABLE_PARTITIONS * rush.PARALLEL) * rush.WINDOW_SECONDS
    assert 0.9 <= reader["BatchSize"] / in_window <= 1.1


def test_insurer_s_queue_keeps_up_when_as_many_batches_run_as_the_parameter_may_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    queue = event("ReportToInsurerFunction", "RowsQueued")
    assert queue["BatchSize"] == BATCH
    each = 2 * ROUND_TRIP + CPU  # announced, answered
    batch = BATCH * each + ROUND_TRIP + INSURER
    parameter = template()["Parameters"]["InsurerConcurrency"]
    rows = {setting: parameter[setting] * BATCH / batch for setting in ("Default", "MaxValue")}
    needed = MEAN * CATCHING_UP * batch / BATCH
    told = (
        f"{batch:.1f} s a batch, {rows['Default']:.0f} rows a second by default, {needed:.0f} at once needed"
    )
    show(f"report_to_insurer: {told}", capsys)
    assert queue["ScalingConfig"]["MaximumConcurrency"] == {"Ref": "InsurerConcurrency"}
    assert needed <= parameter["MaxValue"]
    assert batch <= timeout("ReportToInsurerFunction") / 2
