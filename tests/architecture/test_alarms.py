"""What wakes people: every alarm stands on a metric that is emitted as it reads it, and operations say what to do."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from daycover.api.claims import tasks as claim_tasks
from daycover.api.payouts import tasks as payout_tasks
from daycover.books.credit import CreditLevel
from daycover.claims.inform import Delivery
from daycover.errors import DaycoverError
from daycover.payouts.outcome import Outcome
from daycover.platform.observability import SERVICE, count
from tests.architecture.source import FUNCTIONS, MODULES, PACKAGE, resources
from tests.devstack.layout import ROOT
from tests.support.template import template

ALARMS = resources("AWS::CloudWatch::Alarm")
HANDLERS = resources("AWS::Serverless::Function")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ARCHIVE = PACKAGE / "cover" / "archive.py"
ASSESSED = ("AUTO_APPROVED", "CAPPED", "REFERRED")
COMPUTED: dict[str, set[str]] = {
    "counted_as(assessed.outcome)": {claim_tasks.counted_as(outcome) for outcome in ASSESSED},
    "counted_as(outcome)": {payout_tasks.counted_as(outcome) for outcome in Outcome},
    "f'Credit{level.capitalize()}'": {f"Credit{level.capitalize()}" for level in CreditLevel},
    "f\"Notice{delivery.title().replace('_', '')}\"": {
        f"Notice{delivery.title().replace('_', '')}" for delivery in Delivery
    },
    "name": set(re.findall(r'"((?:Policy|Archive)[A-Z]\w+)"', ARCHIVE.read_text(encoding="utf-8"))),
    "error.counted_as": {
        kind.counted_as for kind in DaycoverError.__subclasses__() if kind.counted_as is not None
    },
}
"""Metrics whose names are not written where they are counted: the expression, and what it gives."""


def counted() -> Iterator[str]:
    """The name of every metric that the code can emit, all of them by `count`."""
    for path in (*MODULES, *FUNCTIONS.rglob("app.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if not any(
            node.module == "daycover.platform.observability" and "count" in {name.name for name in node.names}
            for node in imports
        ):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "count":
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    yield str(name.value)
                else:
                    yield from COMPUTED[ast.unparse(name)]


def metrics_of(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in alarm.get("Metrics", [{"MetricStat": {"Metric": alarm}}]):
        if "MetricStat" in one:
            yield one["MetricStat"]["Metric"]


def watched(metric: str, attribute: str = "") -> set[str]:
    """What the alarms on a metric look at, by logical id."""
    found = set()
    for alarm in ALARMS.values():
        for one in metrics_of(alarm["Properties"]):
            if one["MetricName"] == metric:
                ((dimension),) = one["Dimensions"]
                value = dimension["Value"]
                found.add(value.get("Ref") or str(value["GetAtt"]).removesuffix(attribute))
    return found


def widgets() -> list[dict[str, Any]]:
    (board,) = resources("AWS::CloudWatch::Dashboard").values()
    found: list[dict[str, Any]] = json.loads(board["Properties"]["DashboardBody"]["Sub"])["widgets"]
    return found


def test_every_metric_that_is_looked_at_is_one_that_the_code_emits() -> None:
    emitted = set(counted())
    assert {"PolicyIssued", "AwsThrottled", "DailyCapReached", "CreditBlocked", "ArchiveMissing"} <= emitted
    of_alarms = {
        metric["MetricName"]
        for alarm in ALARMS.values()
        for metric in metrics_of(alarm["Properties"])
        if metric["Namespace"] == SERVICE
    }
    on_the_board = {
        metric[1]
        for widget in widgets()
        for metric in widget["properties"]["metrics"]
        if metric[0] == SERVICE
    }
    assert len(of_alarms) > 10
    assert of_alarms - emitted == set()
    assert on_the_board - emitted == set()


def test_metrics_are_emitted_under_the_dimensions_that_alarms_and_dashboard_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under another set of dimensions it is another metric, on which nothing ever goes off."""
    assert template()["Globals"]["Function"]["Environment"]["Variables"]["STACK_NAME"] == {
        "Ref": "AWS::StackName"
    }
    monkeypatch.setenv("STACK_NAME", "gate")
    count("PolicyIssued")
    line = json.loads(capsys.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (names,) = directive["Dimensions"]
    assert (directive["Namespace"], {name: line[name] for name in names}) == (SERVICE, {"stack": "gate"})
    read = [{"Name": "stack", "Value": {"Ref": "AWS::StackName"}}]
    for name, alarm in ALARMS.items():
        for metric in metrics_of(alarm["Properties"]):
            if metric["Namespace"] == SERVICE:
                assert metric["Dimensions"] == read, name
    for widget in widgets():
        for board in widget["properties"]["metrics"]:
            if board[0] == SERVICE:
                assert board[2:] == ["stack", "${AWS::StackName}"]


def test_operations_say_what_to_do_about_every_alarm_and_about_no_other() -> None:
    table = OPERATIONS.split("\n## Alarms\n")[1].split("\n## ")[0]
    rows = [row.split("|")[1:-1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+Alarm)`", row[0])}
    assert named == set(ALARMS)
    assert all(len(row) == 3 and all(cell.strip() for cell in row) for row in rows)


def test_every_alarm_says_what_it_means_when_it_is_read_at_night() -> None:
    for name, alarm in ALARMS.items():
        assert len(alarm["Properties"]["AlarmDescription"]) > 20, name
        expressions = [one for one in alarm["Properties"].get("Metrics", []) if "Expression" in one]
        if expressions:
            (expression,) = expressions
            stats = [one for one in alarm["Properties"]["Metrics"] if "MetricStat" in one]
            assert len(stats) <= 10, "CloudWatch takes no more metrics in an alarm"
            assert expression["Expression"] == f"MAX([{', '.join(one['Id'] for one in stats)}])", name


def test_nothing_falls_behind_unseen() -> None:
    events = {name: item["Properties"].get("Events", {}).values() for name, item in HANDLERS.items()}
    readers = {name for name, found in events.items() for event in found if event["Type"] == "DynamoDB"}
    worked = {
        event["Properties"]["Queue"]["GetAtt"].removesuffix(".Arn")
        for found in events.values()
        for event in found
        if event["Type"] == "SQS"
    }
    machines = set(resources("AWS::Serverless::StateMachine"))
    tables = set(resources("AWS::DynamoDB::Table"))
    assert readers
    assert watched("IteratorAge") == readers
    assert watched("ApproximateAgeOfOldestMessage", ".QueueName") == worked
    assert watched("ExecutionsTimedOut") == watched("ExecutionsAborted") == machines
    assert watched("ReadThrottleEvents") == watched("WriteThrottleEvents") == tables
    assert "PurgeLocationsFunction" in watched("Errors")


def test_dashboard_shows_what_the_stack_has() -> None:
    known = set(template()["Resources"]) | {"AWS::StackName", "AWS::Region"}
    for widget in widgets():
        text = json.dumps(widget)
        named = {name.split(".")[0] for name in re.findall(r"\$\{([^}]+)\}", text)}
        assert named <= known
        assert widget["properties"]["region"] == "${AWS::Region}"
    queues = {name for name in resources("AWS::SQS::Queue") if name.endswith("FailureQueue")}
    shown = set(re.findall(r"\$\{(\w+)\.QueueName\}", json.dumps(widgets())))
    assert queues <= shown
