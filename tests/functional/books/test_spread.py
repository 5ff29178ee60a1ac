"""What follows from a large company's policies is spread as its contract says, and read back whole."""

from datetime import date

import pytest

from daycover.books.journal import entries_of_cover
from daycover.cover.roster import line_of
from daycover.reporting.rows import rows_of
from daycover.store.cover_lines import StoredCoverLines
from daycover.store.dynamodb import Table
from daycover.store.journal import StoredJournal
from daycover.store.reports import StoredReports
from tests.functional.claims.aws import local_aws, operations_table
from tests.support.builders import NOW, a_policy

DAY = date(2026, 11, 24)


def partitions(company_id: str, _day: date) -> int:
    return {"LARGE": 4}.get(company_id, 1)


@pytest.fixture
def table() -> Table:
    local_aws()
    return operations_table()


def keys_of(table: Table) -> set[str]:
    found = table._client.call("Scan", TableName=table.name)["Items"]
    return {item["pk"]["S"] for item in found}


def test_large_company_is_spread_and_read_in_order_when_its_contract_says_so(table: Table) -> None:
    """Two companies, twelve projects each: both read back the same, in the same order, and a replay adds nothing."""
    lines, journal = StoredCoverLines(table, partitions), StoredJournal(table, partitions)
    reports = StoredReports(table, partitions)
    for company_id in ("LARGE", "SMALL"):
        policies = [
            a_policy(sequence=number, company_id=company_id, project_id=f"P{number % 12:02}")
            for number in range(1, 49)
        ]
        of_policies = [line_of(policy) for policy in policies]
        for line, policy in zip(of_policies, policies, strict=True):
            for is_new in (True, False):
                assert lines.record(line) is is_new
                assert [journal.post(entry) for entry in entries_of_cover(line, NOW, 0)] == [is_new]
                assert reports.announce(rows_of(policy)[0], NOW).row.policy_no == policy.policy_no
        by_project = sorted(of_policies, key=lambda line: (line.project_id, line.policy_no))
        assert list(lines.of_day(company_id, DAY)) == by_project
        assert lines.missing(of_policies) == []
        assert lines.of_project(company_id, "P03", [DAY]) == [
            line for line in by_project if line.project_id == "P03"
        ]
        assert [entry.cover for entry in journal.of_statement(company_id, DAY)] == by_project
        assert [report.row.policy_no for report in reports.of_day(company_id, DAY)] == sorted(
            policy.policy_no for policy in policies
        )
    used = keys_of(table)
    assert {pk for pk in used if pk.startswith("COMPANY#LARGE#DAY#")} == {
        f"COMPANY#LARGE#DAY#{DAY}{part}" for part in ("", "#1", "#2", "#3")
    }
    assert {pk for pk in used if pk.startswith("COMPANY#SMALL#DAY#")} == {f"COMPANY#SMALL#DAY#{DAY}"}
    assert len({pk for pk in used if pk.startswith("JOURNAL#LARGE#")}) > 8
    assert len({pk for pk in used if pk.startswith("REPORTS#LARGE#")}) > 8
    assert len({pk for pk in used if pk.startswith(("JOURNAL#SMALL#", "REPORTS#SMALL#"))}) <= 16


def test_projects_roster_is_one_query_a_day_when_its_company_is_spread(table: Table) -> None:
    lines = StoredCoverLines(table, partitions)
    line = line_of(a_policy(company_id="LARGE", project_id="P07"))
    lines.record(line)
    calls: list[str] = []
    query = table.query

    def counted(pk: str, *rest: object, **named: object) -> object:
        calls.append(pk)
        return query(pk, *rest, **named)  # type: ignore[arg-type]

    table.query = counted  # type: ignore[assignment, method-assign]
    assert lines.of_project("LARGE", "P07", [DAY]) == [line]
    assert len(calls) == 1
