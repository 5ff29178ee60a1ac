"""Ten thousand policies of three companies and ten days: written, booked, reported, closed and reconciled.

On a stack of its own, because it lets the engine's stream rest (ministack feeds one batch of 100 at a time, about 75
policies a second: four minutes) and drives the deployed consumers itself, side by side, with the records that the
engine's own stream gives. The days lie ahead of today, so that each posting stands on its own day's statement, and
the closing functions believe that those days are over. Everything else is as deployed.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from daycover import crockford
from daycover.books.journal import Account
from daycover.books.statement import Statement
from daycover.china_time import china_day
from daycover.cover.disclosure import plan_key
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.roster import line_of
from daycover.identity.worker import Worker
from daycover.insurer.signature import InsurerCredentials
from daycover.platform.security import FieldCipher, KeyRing
from daycover.reporting.breaks import BreakStatus
from daycover.reporting.rows import Report, ReportState, rows_of
from daycover.store import keys
from daycover.store.breaks import StoredBreaks
from daycover.store.consents import StoredConsents
from daycover.store.data_keys import StoredDataKeys
from daycover.store.dynamodb import Table
from daycover.store.journal import StoredJournal
from daycover.store.policies import policy_item
from daycover.store.reports import _item
from daycover.store.statements import StoredStatements
from daycover.store.workers import StoredWorkers
from tests.devstack import seed
from tests.devstack.running import running_stack
from tests.devstack.seed import back_office
from tests.devstack.stack import Stack
from tests.support.back_office import LabourCompany
from tests.support.builders import a_plan, a_policy, a_project, an_id_number, an_identity, consents_for
from tests.support.engine import client_on
from tests.support.granted import judged
from tests.support.insured import named
from tests.support.ledger import balances
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack
COUNT, DAYS, WORKERS = 10_000, 10, 20
REPORTED = 1_000
"""How many go to the insurer through the deployed function, which costs it and the engine as much as the booking of all
ten thousand does; the others stand in its books as it would have left them."""
COMPANIES = tuple(LabourCompany(f"lw-many-{n}", f"万单劳务{n}", f"190000810{n}") for n in range(3))
NOON = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
FIRST = timedelta(days=2)
PROJECT = crockford.encode(9_001, 26)
AT_ONCE = 3
"""More only queue at the engine, which is one process."""


def days() -> list[date]:
    return [china_day(NOON + FIRST + timedelta(days=number)) for number in range(DAYS)]


def a_day_s_policy(number: int) -> Policy:
    """One of the ten thousand; every fiftieth was terminated and gave half its premium back."""
    day = number % DAYS
    issued_at = NOON + FIRST + timedelta(days=day, seconds=number // DAYS)
    policy = a_policy(
        issued_at,
        sequence=day + 1,
        person_id=crockford.encode(0x51CE_0000 + number // DAYS, 20),
        worker_id=crockford.encode(0xAB_0000 + number % WORKERS, 20),
        company_id=COMPANIES[number % 3].company_id,
        project_id=PROJECT,
        premium_fen=30 + number % 171,
    )
    if number % 50:
        return policy
    refund_fen = policy.premium_fen // 2
    ended = Ending(
        at=issued_at + timedelta(minutes=5), by="company", actor="c", reason=EndReason.SHIFT_CANCELLED,
        refund_fen=refund_fen,
    )  # fmt: skip
    return policy.model_copy(update={"status": PolicyStatus.TERMINATED, "ended": ended})


class Books:
    """The stack's own books, read through the product's repositories."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.operations = Table(client_on(stack, "dynamodb"), stack.outputs["OperationsTableName"])
        s3 = stack.boto3_client("s3")
        self._functions, self._steps = (stack.boto3_client(name) for name in ("lambda", "stepfunctions"))
        self._dynamodb = stack.boto3_client("dynamodb")
        secret = (stack.directory / "simulators" / "insurer.json").read_text(encoding="utf-8")
        self._insurer = InsurerCredentials.model_validate_json(secret)
        self._names: dict[str, str] = {}
        self.journal = StoredJournal(self.operations)
        self.breaks = StoredBreaks(self.operations)
        self.statements = StoredStatements(self.operations, s3, stack.outputs["DocumentsBucketName"])

    def invoke(self, logical_id: str, event: Any) -> Any:
        # clients and names once: making them 300 times would cost more than the functions' own work
        name = self._names.get(logical_id) or self.stack.resource_id(logical_id)
        self._names[logical_id] = name
        answer = self._functions.invoke(FunctionName=name, Payload=json.dumps(event))
        body = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, body
        return body

    def acknowledged(self, policy: Policy) -> list[Any]:
        """The rows of a policy as `report_to_insurer` leaves them, sealed for the insurer's real key."""
        rows = named(rows_of(policy), self._insurer)
        told = [
            Report(row=row, state=ReportState.ACKNOWLEDGED, reported_at=NOON, answered_at=NOON)
            for row in rows
        ]
        return [
            keys.report(one.row.company_id, one.row.day.isoformat(), one.row.row_id, 1)._asdict() | _item(one)
            for one in told
        ]

    def write(self, table: str, items: Sequence[Any]) -> None:
        wire = TypeSerializer().serialize
        wanted = [
            {"PutRequest": {"Item": {name: wire(value) for name, value in item.items() if value is not None}}}
            for item in items
        ]
        assert not self._dynamodb.batch_write_item(RequestItems={table: wanted})["UnprocessedItems"]

    def run_day(self, machine: str, day: date, at: str) -> Any:
        """Start a day's state machine as its schedule does."""
        given = {"scheduled_at": f"{day + timedelta(days=1)}T{at}:00+08:00"}
        started = self._steps.start_execution(
            stateMachineArn=self.stack.outputs[machine], input=json.dumps(given)
        )
        return started["executionArn"]

    def wait(self, arns: Sequence[str]) -> None:
        for arn in arns:
            ended = eventually(
                lambda arn=arn: self._steps.describe_execution(executionArn=arn),  # type: ignore[misc]
                lambda seen: seen["status"] != "RUNNING",
                f"{arn} ends",
                seconds=120,
            )
            assert ended["status"] == "SUCCEEDED", ended


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    with running_stack() as stack:
        seed.prepare(stack)
        back_office(stack).open_companies(COMPANIES)
        books = Books(stack)
        _know_workers(books)
        _let_streams_rest(stack)
        for function in ("IssueStatementFunction", "ReconcileCompanyFunction"):
            _shift_clock(stack, function, timedelta(days=DAYS + 3))
        yield books


def _know_workers(books: Books) -> None:
    """Twenty people, checked in again and again: the identities that the insurer is told."""
    kms = client_on(books.stack, "kms")
    ring = KeyRing(kms, books.stack.resource_id("PersonalDataKey"), StoredDataKeys(books.operations))
    cipher = FieldCipher(ring, lambda: f"{NOON:%Y}")
    workers, consents = StoredWorkers(books.operations, cipher), StoredConsents(books.operations)
    for number in range(WORKERS):
        worker_id = crockford.encode(0xAB_0000 + number, 20)
        workers.add(Worker(worker_id=worker_id, openid=f"o-many-{number}", created_at=NOON))
        id_number = an_id_number(order=f"{number:03d}")
        identity = an_identity(name="万里行", id_number=id_number, person_id=worker_id)
        workers.bind(worker_id, identity, NOON)
        consents.add(worker_id, PROJECT, plan_key(a_plan()), consents_for(a_project(), NOON))


def _let_streams_rest(stack: Stack) -> None:
    functions = stack.boto3_client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if "/stream/" in mapping["EventSourceArn"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _shift_clock(stack: Stack, logical_id: str, by: timedelta) -> None:
    functions, name = stack.boto3_client("lambda"), stack.resource_id(logical_id)
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    shifted = variables | {"CLOCK_OFFSET_SECONDS": str(int(by.total_seconds()))}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": shifted})


def stream_records(stack: Stack) -> list[Any]:
    """What the hot table's stream tells of the writes, in order."""
    streams = stack.boto3_client("dynamodbstreams")
    table = stack.outputs["PoliciesTableName"]
    (stream,) = streams.list_streams(TableName=table)["Streams"]
    (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records: list[Any] = []
    while True:
        page = streams.get_records(ShardIterator=iterator, Limit=1000)
        records += page["Records"]
        iterator = page.get("NextShardIterator")
        if not page["Records"] or iterator is None:
            return records


def side_by_side(act: Any, items: Sequence[Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(act, items))


def in_batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def as_event(record: Any) -> Any:
    """A record as Lambda hands it over: JSON, whatever the SDK made of its times."""
    return json.loads(json.dumps(record, default=str))


def test_books_agree_to_the_fen_when_ten_thousand_policies_went_through(books: Books) -> None:
    policies = [a_day_s_policy(number) for number in range(COUNT)]
    total = sum(line_of(policy).due_fen for policy in policies)

    hot = books.stack.outputs["PoliciesTableName"]
    side_by_side(
        lambda some: books.write(hot, [item_of(policy) for policy in some]), in_batches(policies, 25)
    )
    records = stream_records(books.stack)
    assert len(records) == COUNT

    def book(some: Sequence[Any]) -> Any:
        return books.invoke("RecordCoverFunction", {"Records": [as_event(record) for record in some]})

    told = [policy for number, policy in enumerate(policies) if number // DAYS % (COUNT // REPORTED) == 0]
    rest = [policy for number, policy in enumerate(policies) if number // DAYS % (COUNT // REPORTED)]
    assert len(told) == REPORTED

    def report(some: Sequence[Policy]) -> Any:
        messages = [
            {"messageId": policy.policy_no, "body": json.dumps({"rows": rows_in_json(policy)})}
            for policy in some
        ]
        return books.invoke("ReportToInsurerFunction", {"Records": messages})

    batches = [
        *side_by_side(book, in_batches(records, 100)),
        *side_by_side(report, in_batches(told, 100)),
    ]
    assert all(answer == {"batchItemFailures": []} for answer in batches)
    reported = [item for policy in rest for item in books.acknowledged(policy)]
    side_by_side(lambda some: books.write(books.operations.name, some), in_batches(reported, 25))

    entries = [
        entry
        for company in COMPANIES
        for day in days()
        for entry in books.journal.of_day(company.company_id, day)
    ]
    left = balances(entries)
    assert sum(left.values()) == 0
    assert left[Account.COMPANY_RECEIVABLE] == total
    assert not any(entry.is_late for entry in entries)

    books.wait([books.run_day("CloseDayArn", day, "00:30") for day in days()])
    statements: list[Statement] = []
    for company in COMPANIES:
        for day in days():
            statement = books.statements.latest(company.company_id, day)
            assert statement is not None
            statements.append(statement)
    assert sum(statement.premium_fen for statement in statements) == total
    assert sum(statement.lines for statement in statements) == COUNT
    billed = [policy for policy in policies if line_of(policy).due_fen > 0]
    assert sum(statement.policies for statement in statements) == len(billed)
    assert {statement.revision for statement in statements} == {1}

    books.wait([books.run_day("ReconcileDayArn", day, "11:00") for day in days()])
    found, _ = books.breaks.list_by(BreakStatus.OPEN)
    assert [(item.difference.kind, item.difference.subject) for item in found] == []


def test_role_allows_every_call_that_a_consumer_of_ten_thousand_policies_made(books: Books) -> None:
    assert [str(call) for call in judged(books.stack).denied] == []


def item_of(policy: Policy) -> Any:
    key = keys.policy(policy.person_id, policy.sequence)
    return {"pk": key.pk, "sk": key.sk} | policy_item(policy)


def rows_in_json(policy: Policy) -> list[Any]:
    return [row.model_dump(mode="json", exclude_none=True) for row in rows_of(policy)]
