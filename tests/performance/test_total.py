"""What one policy writes, over every function that has a part in it: table units, objects in S3, data keys.

Each step is the deployed handler on moto; units are computed from what went over the wire, the refused writes of
a replay aside. The figures are asserted: one unit more is a decision.
"""

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

import pytest

from daycover.cover.policy import Policy
from daycover.reporting.rows import ReportState, rows_of
from tests.functional.cover.gate import Gate, whole_aws
from tests.functional.reporting.conftest import KEYS, InsurerAdapters
from tests.performance.cost import SHARED
from tests.performance.life import messages_of, others_of, records_of
from tests.performance.test_capacity import Till
from tests.simulators.credentials import Credentials
from tests.simulators.insurer import InsurerServer
from tests.support.builders import WORKER
from tests.support.capacity import Bill

MOST_UNITS = 12
UNITS = {
    "preview_cover": 1.0,  # the visit
    "check_in": 2.0,  # the check-in and the visit
    "issue_policy": 2.0,  # the policy, and the check-in's outcome
    "complete_check_in": 2.0,  # the phone's sighting, and an entry for a check-in with a signal, as this one has
    "record_cover": 2.04,  # cover line and journal entry; the company's exposure once a batch
    "archive_policy": 0.0,
    "report_to_insurer": 2.08,  # a row with its sealed identity; what was acknowledged once a batch
}
"""11.12 in all, where nothing goes wrong."""


@pytest.fixture
def till(credentials: Credentials) -> Iterator[Till]:
    """A gate with a meter, and the insurer's simulator behind its address."""
    with InsurerServer(KEYS) as insurer:
        config = dataclasses.replace(whole_aws(), insurer_url=insurer.base_url)
        gate = Gate(config, credentials)
        gate.adapters = adapters = InsurerAdapters(config, gate.now, credentials)
        adapters.server = insurer
        gate.consented()
        yield Till(gate)


def invoked(till: Till, function: str, event: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Bill, list[str]]:
    """The bill of one run of a handler, and what it asked beside the tables."""
    till.meter.bill()
    answer = till.gate.invoke(function, event, monkeypatch)
    assert answer == {"batchItemFailures": []}, answer
    return till.meter.bill(), till.others()


def test_policy_writes_at_most_twelve_units_over_all_functions(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a worker who has been here before: nearly every policy. In units a policy, batches shared by 25."""
    gate = till.gate
    till.issue(till.face(till.check_in(stated=True)))
    gate.now.advance(hours=25)
    till.face(till.check_in(stated=False))  # somebody made the keys of this day
    gate.now.advance(minutes=10)

    written: dict[str, float] = {"preview_cover": till.bill(till.scan).write_units}
    begun: list[str] = []
    bill = till.bill(lambda: begun.append(till.face(till.check_in(stated=False))))
    written["check_in"] = bill.write_units
    issued: list[Policy] = []
    written["issue_policy"] = till.bill(lambda: issued.append(till.issue(begun[0]))).write_units
    bill = till.bill(lambda: gate.cover.complete_check_in(WORKER, begun[0], 0))
    written["complete_check_in"] = bill.write_units
    policy = gate.adapters.policies.list_of(gate.person)[0]
    policies = others_of(policy)
    records = records_of(policies)
    bill, _ = invoked(till, "record_cover", records, monkeypatch)
    written["record_cover"] = bill.write_units / SHARED
    bill, archived = invoked(till, "archive_policy", records, monkeypatch)
    written["archive_policy"] = bill.write_units / SHARED
    bill, asked = invoked(till, "report_to_insurer", messages_of(policies), monkeypatch)
    written["report_to_insurer"] = bill.write_units / SHARED
    states = {
        report.state for report in gate.adapters.reports.of_day(policy.company_id, rows_of(policy)[0].day)
    }
    assert states == {ReportState.ACKNOWLEDGED}

    if os.environ.get("SHOW_FIGURES"):
        print(written, archived.count("PutObject"), asked)
    assert written == UNITS
    assert sum(written.values()) <= MOST_UNITS
    assert archived.count("PutObject") == 1, "one object for the batch"
    assert "GenerateDataKey" not in asked
