"""Reports to the insurer, the rows that wait for its answer, and the daily files."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from io import BytesIO
from typing import IO, Any

from daycover.claims.lifecycle import ClaimEvent
from daycover.errors import DaycoverError
from daycover.reporting.daily_file import DailyFile, FileAnswer, FileState
from daycover.reporting.rows import Report, ReportRow, ReportState, claim_row
from daycover.reporting.sorting import Row, Sorted
from daycover.store import keys
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.dynamodb import (
    ABSENT,
    PRESENT,
    ConditionFailedError,
    Delete,
    Put,
    Table,
    Update,
)
from daycover.store.keys import WAITING_SHARDS, Key

SCHEMA_VERSION = 1
SENT_TOGETHER = 10
"""Messages in one request to SQS, which takes no more."""
LINK_SECONDS = 3600
"""How long the insurer may fetch a file; the same file can be announced again with a new link."""


ASKED_EVERY_SECONDS, AT_ONCE, STRIDE = 300, 25, 77
"""Runs of `query_insurer`, rows of a partition in one run, and how far the next run begins from this one: as many
partitions as fill a run of 2,000 rows; it has no divisor in common with their number."""


class StoredReports:
    """Implements `reporting.rows.Reports`."""

    def __init__(
        self,
        table: Table,
        partitions: Callable[[str, date], int] = lambda _company, _day: 1,
        scratch: Callable[[], IO[bytes]] = BytesIO,
    ) -> None:
        """`partitions`: over how many a company's day is spread, as its contract says. `scratch`: gives a file that is
        gone when it is closed."""
        self._table = table
        self._partitions = partitions
        self._scratch = scratch

    def announce(self, row: ReportRow, now: datetime) -> Report:
        """Access: PutItem (REPORTS#company#day#shard, row). Condition: absent. Cost: 1 write unit."""
        report = Report(row=row, state=ReportState.REPORTED, reported_at=now)
        try:
            self._table.put(Put(self._key(row), _item(report)))
        except ConditionFailedError as error:
            if error.item is None:
                raise
            return Report.model_validate(error.item)
        return report

    def answer(self, row: ReportRow, state: ReportState, reason: str | None, now: datetime) -> bool:
        """Access: UpdateItem of a row. Condition: it stands REPORTED. Cost: 1 write unit."""
        update = Update(
            self._key(row),
            "SET #state = :state, answered_at = :at, reason = :reason",
            {
                ":state": state.value,
                ":at": now.isoformat(),
                ":reason": reason,
                ":from": ReportState.REPORTED.value,
            },
            condition="#state = :from",
            names={"#state": "state"},
        )
        try:
            self._table.update(update)
        except ConditionFailedError:
            return False  # answered before
        return True

    def acknowledge(self, rows: Sequence[ReportRow], now: datetime) -> None:
        """Access: PutItem (REPORTS#company#day#TAKEN, first row) for the rows of each company's day, which by
        themselves stand REPORTED. Condition: absent. Cost: 1 write unit for 25 rows.
        """
        days: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            days.setdefault((row.company_id, row.day.isoformat()), []).append(row.row_id)
        for (company_id, day), row_ids in days.items():
            item = {"row_ids": row_ids, "answered_at": now.isoformat(), "schema_version": SCHEMA_VERSION}
            try:
                self._table.put(Put(keys.reports_taken(company_id, day, row_ids[0]), item))
            except ConditionFailedError:
                continue  # a row is announced once, so this is our own write, whose answer was lost

    def of_day(self, company_id: str, day: date) -> Iterable[Report]:
        """Access: Query of what was acknowledged together, then of each of the day's partitions, page by page, strong,
        merged by row id. What was acknowledged together lies there as the answers came: it is sorted on disk.

        Cost: 1 read unit per 4 KB (3 rows), at least 9, 8 more for each further partition of the contract.
        """
        shards = range(keys.REPORT_SHARDS * self._partitions(company_id, day))
        places = ((keys.reports(company_id, day.isoformat(), shard),) for shard in shards)
        with ExitStack() as files:
            taken = Sorted(lambda: files.enter_context(self._scratch()))
            for item in self._table.query_all(*keys.reports_taken(company_id, day.isoformat()), strong=True):
                for row_id in item["row_ids"]:
                    taken.add(row_id, 0, item["answered_at"])
            reports = map(Report.model_validate, self._table.query_merged(places, strong=True))
            yield from _acknowledged(reports, iter(taken))

    def _key(self, row: ReportRow) -> Key:
        spread = self._partitions(row.company_id, row.day)
        return keys.report(row.company_id, row.day.isoformat(), row.row_id, spread)

    def find(self, row_id: str) -> Report | None:
        """Access: GetItem (WAITING#shard, row), strong. Cost: 1 read unit."""
        item = self._table.get(keys.waiting_row(row_id), strong=True)
        if item is None:
            return None
        row = ReportRow.model_validate(item["row"])
        return Report(row=row, state=ReportState.REPORTED, reported_at=item["since"])

    def wait(self, row: ReportRow, since: datetime) -> None:
        """Access: PutItem (WAITING#shard, row). Condition: absent. Cost: 1 write unit."""
        item = {"row": row.model_dump(mode="json"), "since": _stamp(since), "schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.waiting_row(row.row_id), item))
        except ConditionFailedError:
            return  # it has waited before, since then

    def settle(self, row_id: str) -> None:
        """Access: DeleteItem (WAITING#shard, row). Condition: it is there. Cost: 2 write units (a row of 1.3 KB)."""
        try:
            self._table.delete(Delete(keys.waiting_row(row_id), condition=PRESENT))
        except ConditionFailedError:
            return  # it did not wait

    def waiting(self, before: datetime, limit: int) -> list[tuple[ReportRow, datetime]]:
        """Access: Query of partitions until there are enough, 25 rows of each. Cost: 0.5 units per 4 KB.

        Short as a rule: a row stands here only while the insurer owes an answer. Where more wait than one run
        asks about, each run begins at another partition: none waits for ever behind what is never answered.
        """
        found: list[tuple[ReportRow, datetime]] = []
        first = int(before.timestamp()) // ASKED_EVERY_SECONDS * STRIDE
        for shard in range(first, first + WAITING_SHARDS):
            if len(found) >= limit:
                break
            page = self._table.query(keys.waiting(shard % WAITING_SHARDS), limit=AT_ONCE)
            found += [
                (ReportRow.model_validate(item["row"]), datetime.fromisoformat(item["since"]))
                for item in page.items
                if item["since"] <= _stamp(before)
            ]
        return sorted(found, key=lambda entry: entry[1])[:limit]


class StoredFiles:
    """Implements `reporting.daily_file.Files`: the bytes in S3, the latest state beside the statements."""

    def __init__(self, table: Table, s3: Any, bucket: str) -> None:
        self._table = table
        self._s3 = s3
        self._bucket = bucket

    def put(self, file: DailyFile, lines: IO[bytes]) -> str:
        """Access: two PutObject, the rows and their control figures; their names hold the content's hash."""
        key = keys.insurer_file(file.company_id, file.day.isoformat(), file.file_id)
        for name, body in ((key, lines), (f"{key}.manifest.json", file.model_dump_json().encode())):
            self._s3.put_object(Bucket=self._bucket, Key=name, Body=body, ContentType="application/jsonl")
        link: str = self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=LINK_SECONDS
        )
        return link

    def note(self, file: DailyFile, answer: FileAnswer, now: datetime) -> None:
        """Access: PutItem (INSURER_FILE#company, day). Condition: not this very file acknowledged.

        Cost: 1 write unit.
        """
        item = file.model_dump(mode="json") | {
            "state": answer.state.value,
            "found_rows": answer.rows,
            "found_sum_fen": answer.sum_fen,
            "reason": answer.reason,
            "noted_at": now.isoformat(),
            "schema_version": SCHEMA_VERSION,
        }
        put = Put(
            keys.insurer_file_entry(file.company_id, file.day.isoformat()),
            item,
            condition=f"{ABSENT} OR file_id <> :file OR #state <> :acknowledged",
            values={":file": file.file_id, ":acknowledged": FileState.ACKNOWLEDGED.value},
            names={"#state": "state"},
        )
        try:
            self._table.put(put)
        except ConditionFailedError:
            return  # acknowledged by another run meanwhile

    def latest(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer] | None:
        """Access: GetItem (INSURER_FILE#company, day), strong. Cost: 1 read unit."""
        item = self._table.get(keys.insurer_file_entry(company_id, day.isoformat()), strong=True)
        if item is None:
            return None
        answer = FileAnswer(
            FileState(item["state"]), item.get("found_rows"), item.get("found_sum_fen"), item.get("reason")
        )
        return DailyFile.model_validate(item), answer


class ReportQueue:
    """Hands rows to `report_to_insurer` over SQS. Messages hold ids, amounts and a masked name, never an identity."""

    def __init__(self, client: Any, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, messages: Sequence[Iterable[ReportRow]]) -> list[DaycoverError | None]:
        """Access: one SendMessageBatch for ten messages. Gives StoreUnavailableError at the place of each that was
        not taken; sending twice does no harm."""
        entries = [{"Id": str(at), "MessageBody": _message(rows)} for at, rows in enumerate(messages)]
        failures: list[DaycoverError | None] = [None] * len(entries)
        for start in range(0, len(entries), SENT_TOGETHER):
            for at in self._refused(entries[start : start + SENT_TOGETHER]):
                failures[at] = StoreUnavailableError()
        return failures

    def _refused(self, entries: Sequence[Mapping[str, str]]) -> list[int]:
        try:
            answer = self._client.call("SendMessageBatch", QueueUrl=self._queue_url, Entries=entries)
        except AwsError:
            return [int(entry["Id"]) for entry in entries]
        return [int(failed["Id"]) for failed in answer.get("Failed", ())]


def _message(rows: Iterable[ReportRow]) -> str:
    return json.dumps({"rows": [row.model_dump(mode="json", exclude_none=True) for row in rows]})


ENDS = frozenset({ClaimEvent.CLOSED, ClaimEvent.WITHDRAWN, ClaimEvent.ADVANCE_PAID})
"""The events with which a claim may turn out to have been advanced too much."""


class ClaimRows:
    """Makes report rows of the claims' history lines, as the stream of the operations table shows them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def row_of(self, entry: dict[str, Any]) -> ReportRow:
        """Access: GetItem (CLAIM#no, CLAIM), its clear members only. Cost: 1 read unit."""
        item = self._table.get(keys.claim(entry["claim_no"]), strong=True)
        if item is None:
            raise StoreUnavailableError  # written in one transaction with its history, so it must be there
        return claim_row(
            claim_no=entry["claim_no"],
            version=int(entry["version"]),
            event=entry["event"],
            policy_no=item["policy"]["policy_no"],
            company_id=item["policy"]["company_id"],
            at=datetime.fromisoformat(entry["at"]),
            amount_fen=entry.get("moved_fen", item["rounds"][int(entry.get("round", 0))].get("amount_fen")),
            advance=entry.get("advance"),
            payout_id=entry.get("payout_id"),
            advance_excess_fen=item.get("advance_excess_fen") or None if entry["event"] in ENDS else None,
        )


def _acknowledged(reports: Iterable[Report], taken: Iterator[Row]) -> Iterator[Report]:
    """Both by row id. A report that stands REPORTED and was taken is acknowledged, at what `of` says."""
    answer = next(taken, None)
    for report in reports:
        while answer is not None and answer.subject < report.row.row_id:
            answer = next(taken, None)
        if answer is not None and (answer.subject, report.state) == (report.row.row_id, ReportState.REPORTED):
            changes = {"state": ReportState.ACKNOWLEDGED, "answered_at": datetime.fromisoformat(answer.of)}
            yield report.model_copy(update=changes)
        else:
            yield report


def _item(report: Report) -> dict[str, Any]:
    return report.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
