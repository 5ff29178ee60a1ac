"""A close that is cut off at any call to AWS and run again leaves the same bytes: JSON, CSV, XLSX and the record."""

import io
from datetime import date, timedelta
from typing import Any

import boto3
import pytest

from daycover.books.claims_figures import ReadOutstanding
from daycover.books.endorse import EndorseDay
from daycover.books.journal import entries_of_cover
from daycover.books.statement import IssueStatement
from daycover.cover.master_policy import DrawUpMasterPolicy
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine, line_of
from daycover.projects.company import Company
from daycover.store.aws import AwsClient
from daycover.store.companies import StoredCompanies
from daycover.store.cover_lines import StoredCoverLines
from daycover.store.deposits import StoredPayments
from daycover.store.dynamodb import Table
from daycover.store.endorsements import StoredEndorsements, StoredMasterPolicies
from daycover.store.journal import StoredCredit, StoredJournal
from daycover.store.projects import StoredProjects
from daycover.store.statements import StoredStatements
from tests.functional.claims.aws import BUCKET, OPERATIONS, local_aws
from tests.support.aws import Watched, client_of
from tests.support.builders import COMMISSION_BPS, NOW, a_line
from tests.support.enrolled import enrol
from tests.support.fakes.port import Crash
from tests.unit.books.test_journal import an_ended

TODAY = date(2026, 11, 24)
UNDISTURBED = "CX"


class Wire:
    """Counts the calls to AWS and cuts the caller off at one of them, before it is sent or after its effect."""

    def __init__(self) -> None:
        self.calls = 0
        self.cut: tuple[int, bool] | None = None

    def watch(self, client: AwsClient) -> Watched:
        watched = Watched(client)
        watched.before.append(self._before)
        watched.after.append(self._after)
        return watched

    def watch_s3(self, client: Any) -> Any:
        client.meta.events.register("before-call.*", self._before)
        client.meta.events.register("after-call.*", self._after)
        return client

    def _before(self, *_: Any, **__: Any) -> None:
        self.calls += 1
        if self.cut == (self.calls, False):
            raise Crash

    def _after(self, *_: Any, **__: Any) -> None:
        if self.cut == (self.calls, True):
            raise Crash


def day_of(company_id: str) -> list[CoverLine]:
    ended = line_of(an_ended(PolicyStatus.TERMINATED, 35, company_id=company_id))
    return [a_line(sequence=number, company_id=company_id) for number in range(2, 6)] + [ended]


def kept(s3: Any, table: Table, company_id: str) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Every sheet by its name within the company, and every statement and book record."""
    prefix = f"statements/{company_id}/"
    sheets = {
        item["Key"].removeprefix(prefix): s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
        for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    }
    records = [
        {name: value for name, value in item.items() if name not in {"pk", "sk", "company_id", "master_no"}}
        for pk, prefix in (
            (f"COMPANY#{company_id}", "STATEMENT#"),
            (f"COMPANY#{company_id}", "CREDIT#"),
            (f"COMPANY#{company_id}", "ENDORSEMENT#"),
            (f"COMPANY#{company_id}", "ENDORSED#"),
        )
        for item in table.query_all(pk, prefix, strong=True)
    ]
    return sheets, records


@pytest.mark.parametrize("applied", [False, True])
def test_statement_is_the_same_to_the_byte_when_the_close_was_cut_off_at_any_call(applied: bool) -> None:
    local_aws()
    wire = Wire()
    s3 = boto3.client("s3")
    table = Table(client_of("dynamodb"), OPERATIONS)
    watched = Table(wire.watch(client_of("dynamodb")), OPERATIONS)
    statements = StoredStatements(watched, wire.watch_s3(boto3.client("s3")), BUCKET)
    journal = StoredJournal(watched)
    close = IssueStatement(
        now=lambda: NOW + timedelta(days=1),
        journal=journal,
        statements=statements,
        payments=StoredPayments(watched),
        projects_of=StoredProjects(watched).list_of,
        accruals=StoredCredit(watched),
        collect=lambda company_id: None,
        endorse=EndorseDay(
            endorsements=StoredEndorsements(watched),
            master=DrawUpMasterPolicy(
                masters=StoredMasterPolicies(watched),
                companies=StoredCompanies(watched),
                now=lambda: NOW + timedelta(days=1),
            ),
            lines=StoredCoverLines(watched),
            now=lambda: NOW + timedelta(days=1),
        ),
        scratch=io.BytesIO,
        due_days=lambda company_id, day: 10,
        outstanding=ReadOutstanding(latest=statements.latest, ledger=journal, began=lambda company_id: TODAY),
    )

    def booked(company_id: str) -> None:
        enrol(StoredCompanies(table), Company(company_id=company_id, name="浦江劳务", sub_mchid="19"))
        for line in day_of(company_id):
            for entry in entries_of_cover(line, NOW, COMMISSION_BPS):
                journal.post(entry)

    booked(UNDISTURBED)
    wire.calls = 0
    close(UNDISTURBED, TODAY)
    calls = wire.calls
    expected = kept(s3, table, UNDISTURBED)
    assert sorted(name.rsplit(".")[-1] for name in expected[0]) == ["csv", "json", "xlsx"]
    assert calls >= 17, (
        "a look, the projects, eight shards, the late ones, three sheets, two records, the bill, the payment"
    )
    for index in range(1, calls + 1):
        company_id = f"C{index}"
        booked(company_id)
        wire.calls, wire.cut = 0, (index, applied)
        with pytest.raises(Crash):
            close(company_id, TODAY)
        wire.cut = None
        close(company_id, TODAY)
        assert kept(s3, table, company_id) == expected, f"cut off at call {index}"
