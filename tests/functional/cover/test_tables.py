"""Loaded tables: one contract for the fake and DynamoDB; real handlers that learn of a version without a release."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daycover.cover.known_tables import REFRESHED, TableIndex, digest
from daycover.cover.load_tables import (
    TableStatus,
    TableVersion,
    TableVersionExistsError,
    TableVersionNotFoundError,
)
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import Delete
from daycover.store.tables import StoredTables
from tests.functional.cover.gate import Gate
from tests.functional.cover.stores import create_table
from tests.support.aws import CountingClient, client_of
from tests.support.builders import NOW
from tests.support.events import read_event
from tests.support.fakes.tables import FakeTables
from tests.support.functions import event_file
from tests.support.in_process_aws import empty_aws
from tests.support.template import plain_template

CONTENT = '{"version":"2027-01","names":"装卸工·••"}'
JANUARY = datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.fixture(params=["fake", "dynamodb"])
def tables(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeTables()
    empty_aws()
    return StoredTables(create_table(CountingClient(client_of("dynamodb")), "OperationsTable"))


def a_proposal(version: str = "2027-01", table: str = "plans") -> TableVersion:
    return TableVersion(
        table=table,
        version=version,
        valid_from=JANUARY,
        sha256=digest(CONTENT),
        status=TableStatus.PROPOSED,
        proposed_by="s-1",
        proposed_at=NOW,
    )


def approve(tables: Any, proposal: TableVersion, by: str = "s-2") -> TableIndex:
    approved = proposal.settled(TableStatus.APPROVED, by, NOW)
    before = tables.index(strong=True)
    index = TableIndex(revision=before.revision + 1, entries=(*before.entries, approved.entry))
    tables.settle(proposal, approved, index)
    return index


# ---- the contract ----------------------------------------------------------------------------------


def test_nothing_is_loaded_at_first(tables: Any) -> None:
    assert tables.index() == tables.index(strong=True) == TableIndex()
    assert tables.find("plans", "2027-01") is None
    assert list(tables.list_of("plans")) == []
    with pytest.raises(TableVersionNotFoundError):
        tables.content("plans", "2027-01")


def test_proposal_comes_back_as_it_was_and_its_name_is_taken(tables: Any) -> None:
    tables.add(a_proposal(), CONTENT)
    assert tables.find("plans", "2027-01") == a_proposal()
    assert tables.content("plans", "2027-01") == CONTENT
    with pytest.raises(TableVersionExistsError):
        tables.add(a_proposal(), CONTENT + " ")
    assert tables.content("plans", "2027-01") == CONTENT
    tables.add(a_proposal(table="occupations"), CONTENT)
    tables.add(a_proposal("2027-02"), CONTENT)
    assert [one.version for one in tables.list_of("plans")] == ["2027-01", "2027-02"]
    assert tables.index() == TableIndex()


def test_approval_moves_version_and_index_together(tables: Any) -> None:
    tables.add(a_proposal(), CONTENT)
    index = approve(tables, a_proposal())
    assert tables.index() == index
    assert [entry.version for entry in index.entries] == ["2027-01"]
    assert tables.find("plans", "2027-01").status is TableStatus.APPROVED
    tables.add(a_proposal("2027-02"), CONTENT)
    assert approve(tables, a_proposal("2027-02")).revision == 2


def test_approval_is_refused_when_its_proposer_gives_it_or_it_is_settled(tables: Any) -> None:
    tables.add(a_proposal(), CONTENT)
    with pytest.raises(ConcurrentChangeError):
        approve(tables, a_proposal(), by="s-1")
    approve(tables, a_proposal())
    with pytest.raises(ConcurrentChangeError):
        approve(tables, a_proposal(), by="s-3")
    assert tables.index().revision == 1
    assert tables.find("plans", "2027-01").settled_by == "s-2"


def test_second_change_of_one_revision_is_refused_whole(tables: Any) -> None:
    for version in ("2027-01", "2027-02"):
        tables.add(a_proposal(version), CONTENT)
    late = a_proposal("2027-02").settled(TableStatus.APPROVED, "s-2", NOW)
    approve(tables, a_proposal())
    with pytest.raises(ConcurrentChangeError):
        tables.settle(a_proposal("2027-02"), late, TableIndex(revision=1, entries=(late.entry,)))
    assert tables.find("plans", "2027-02").status is TableStatus.PROPOSED
    assert [entry.version for entry in tables.index().entries] == ["2027-01"]


def test_withdrawal_takes_an_entry_back_and_may_be_the_proposer_s(tables: Any) -> None:
    tables.add(a_proposal(), CONTENT)
    approve(tables, a_proposal())
    approved = tables.find("plans", "2027-01")
    tables.settle(approved, approved.settled(TableStatus.WITHDRAWN, "s-1", NOW), TableIndex(revision=2))
    assert tables.index() == TableIndex(revision=2)
    tables.add(a_proposal("2027-02"), CONTENT)
    withdrawn = a_proposal("2027-02").settled(TableStatus.WITHDRAWN, "s-1", NOW)
    tables.settle(a_proposal("2027-02"), withdrawn, None)
    assert tables.find("plans", "2027-02") == withdrawn


def assert_alarm_stands_on(line: dict[str, Any], metric: str) -> None:
    """The alarm of that metric would see what the line says."""
    alarm = plain_template()["Resources"][f"{metric}Alarm"]["Properties"]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert alarm["MetricName"] == metric
    assert metric in {one["Name"] for one in directive["Metrics"]}
    assert directive["Namespace"] == alarm["Namespace"]
    names = [one["Name"] for one in alarm["Dimensions"]]
    assert directive["Dimensions"] == [names]
    assert alarm["Dimensions"] == [{"Name": "stack", "Value": "AWS::StackName"}]
    assert line["stack"]
    assert alarm["Threshold"] == 1


# ---- real handlers ---------------------------------------------------------------------------------


class Desk:
    """Operations and everybody else, on real events through real handlers."""

    def __init__(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = gate
        self._monkeypatch = monkeypatch
        self.reads: list[str] = []
        """What of the tables the handlers read, by sort key."""

    def call(self, function: str, case: str, by: str | None = None, **changes: Any) -> dict[str, Any]:
        event = read_event(event_file(function, case), self.gate.values)
        if by is not None:
            event["requestContext"]["authorizer"]["subject"] = by
        if changes:
            event["body"] = json.dumps(json.loads(event["body"]) | changes)
        answer = self.gate.invoke(function, event, self._monkeypatch)
        assert answer["statusCode"] in {200, 201}, answer
        gets = [arguments["Key"] for name, arguments in self.gate.adapters.calls if name == "GetItem"]
        self.reads += [key["sk"]["S"] for key in gets if key["pk"]["S"] == "TABLES"]
        return dict(json.loads(answer["body"]))

    def loaded(self, table: str, approval: str) -> None:
        self.call("load_tables", f"{table}.201", by="s-8")
        self.call("load_tables", approval, by="s-9")

    def premium_fen(self) -> dict[str, int]:
        tariff = self.call("read_tariff", "plans.200")
        return dict(tariff["plans"][1]["premium_fen_by_class"])


@pytest.fixture
def desk(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(gate, monkeypatch)


def dearer() -> list[dict[str, Any]]:
    body = json.loads(json.loads(event_file("load_tables", "plans.201").read_text(encoding="utf-8"))["body"])
    plans: list[dict[str, Any]] = body["plans"]
    for tier in plans:
        tier["premium_fen_by_class"] = {
            n: min(200, fen + 7) for n, fen in tier["premium_fen_by_class"].items()
        }
    return plans


def test_price_changes_at_its_hour_in_a_running_container_when_two_persons_loaded_it(desk: Desk) -> None:
    before = desk.premium_fen()
    desk.call("load_tables", "plans.201", by="s-8", plans=dearer())
    desk.call("load_tables", "approve.200", by="s-9")
    desk.gate.now.at = JANUARY - timedelta(seconds=1)
    assert desk.premium_fen() == before
    desk.gate.now.at = JANUARY
    assert desk.premium_fen() == {number: fen + 7 for number, fen in before.items()}
    listed = {(one["table"], one["version"]): one for one in desk.call("read_tables", "list.200")["versions"]}
    assert datetime.fromisoformat(listed["plans", "2026-11"]["valid_to"]) == JANUARY
    assert listed["plans", "2027-01"]["status"] == "APPROVED"


def test_old_tariff_sells_and_an_alarm_says_so_when_the_new_one_is_lost(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.premium_fen()
    desk.call("load_tables", "plans.201", by="s-8", plans=dearer())
    desk.call("load_tables", "approve.200", by="s-9")
    desk.gate.adapters.operations.write(Delete(keys.table_content("plans", "2027-01")))
    desk.gate.now.at = JANUARY
    capsys.readouterr()
    assert desk.premium_fen() == before
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (said,) = [line for line in lines if "TableUnreadable" in line]
    assert_alarm_stands_on(said, "TableUnreadable")
    (told,) = [line for line in lines if line.get("message") == "table not read"]
    assert (told["table"], told["error"]) == ("plans", "TableVersionNotFoundError")


def test_scan_and_check_in_go_on_when_the_index_cannot_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(**_: Any) -> TableIndex:
        raise PermissionError

    monkeypatch.setattr(desk.gate.adapters.tables, "index", refused)
    desk.gate.consented()
    desk.call("preview_cover", "valid.200")
    desk.call("check_in", "valid.201")
    assert capsys.readouterr().out.count('"TableUnreadable":[1.0]') == 1


def test_index_is_read_once_in_five_minutes_and_a_content_once_by_all_that_a_container_serves(
    desk: Desk,
) -> None:
    desk.premium_fen()
    assert desk.reads == ["INDEX"]
    desk.loaded("plans", "approve.200")
    desk.gate.now.at += REFRESHED
    desk.reads.clear()
    for _ in range(3):
        desk.premium_fen()
        desk.call("read_tariff", "all.200")
    assert desk.reads == ["INDEX", "CONTENT#plans#2027-01"]
    desk.gate.now.at += REFRESHED - timedelta(seconds=1)
    for _ in range(3):
        desk.premium_fen()
    assert desk.reads == ["INDEX", "CONTENT#plans#2027-01"]
    desk.gate.now.at += timedelta(seconds=1)
    for _ in range(3):
        desk.premium_fen()
    assert desk.reads == ["INDEX", "CONTENT#plans#2027-01", "INDEX"]


def test_alarm_metric_says_whether_the_next_notice_is_missing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(at: datetime) -> bool:
        desk.gate.now.at = at
        capsys.readouterr()
        desk.gate.invoke("note_breaches", {}, desk._monkeypatch)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        (said,) = [line for line in lines if "CalendarNoticeMissing" in line]
        assert_alarm_stands_on(said, "CalendarNoticeMissing")
        return bool(said["CalendarNoticeMissing"][0])

    assert not missing(datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
    assert missing(datetime(2026, 11, 30, 17, tzinfo=UTC))  # 1 December, 01:00 +08:00
    desk.loaded("calendar", "approve_calendar.200")
    assert not missing(datetime(2026, 12, 1, 17, tzinfo=UTC))
    assert missing(datetime(2027, 11, 30, 17, tzinfo=UTC))
