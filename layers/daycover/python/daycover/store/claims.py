"""Claims, their history and staff queues in the operations table. Health data stands sealed."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from daycover.books.journal import Entry
from daycover.claims.adjudication import Assessment
from daycover.claims.claim import (
    ActorKind,
    Claim,
    ClaimChange,
    ClaimExistsError,
    ClaimNotFoundError,
    HistoryEntry,
    Queue,
    QueueEntry,
    QueuePlace,
)
from daycover.claims.lifecycle import sources
from daycover.claims.loss_notice import LossNotice, LossNoticeNotFoundError
from daycover.claims.notice import Notice
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import (
    ABSENT,
    ConditionFailedError,
    Delete,
    Item,
    Put,
    Table,
    Write,
    sortable,
)
from daycover.store.exposures import exposure_writes
from daycover.store.journal import entry_writes
from daycover.store.keys import Key
from daycover.store.queue_entries import entry_of, moved_entry, told_of
from daycover.store.sheets import sheet_put
from daycover.store.spending import spending_writes
from daycover.wire import Cipher

SCHEMA_VERSION = 2
"""2: a claim has rounds."""
ReserveEntries = Callable[[Claim | None, Claim, datetime], Iterable[Entry]]
"""What a change of a claim posts, of its state before (None for a new one), after, and its time."""
QUEUE_PAGE = 100
ENTRIES = 2_000
"""Of a queue that one Query reads: about 300 KB."""
CLOCKS = "CLOCK"
ADVANCES = Queue.ADVANCE.value
NOTICES = Queue.NOTICE.value
REPRESENTATIVES = Queue.REPRESENTATIVE.value
_SEALED_OF_NOTICE = {"accident", "contact", "phone", "insured_name"}
_SEALED = {"accident", "assessment", "representatives"}
"""Beside the queues that staff read: every claim with a running clock, by the time that it runs out."""


class StoredClaims:
    """Implements `claims.claim.Claims`. The accident and the assessment stand sealed, bound to the claim.

    `reserve` says what a change moves of the case reserve; its entry goes into the claim's own transaction.
    """

    def __init__(self, table: Table, cipher: Cipher, reserve: ReserveEntries) -> None:
        self._table = table
        self._cipher = cipher
        self._reserve = reserve

    def get(self, claim_no: str) -> Claim:
        """Access: GetItem (CLAIM#no, CLAIM), strong. Cost: 1 read unit per 4 KB (a claim is about 3 KB)."""
        item = self._table.get(keys.claim(claim_no), strong=True)
        if item is None:
            raise ClaimNotFoundError
        return self._read(item)

    def add(self, claim: Claim, entry: HistoryEntry) -> None:
        """Access: transaction of five puts (claim, history, its open entry, list entry of the person, journal).

        Condition: no such claim. Cost: 2 write units per item and KB, about 16; a lost race costs as much.
        """
        listed = {"claim_no": claim.claim_no, "schema_version": SCHEMA_VERSION}
        try:
            self._table.write(
                Put(keys.claim(claim.claim_no), self._item(claim)),
                *self._history_puts(entry),
                Put(keys.claim_entry(claim.policy.person_id, claim.claim_no), listed),
                *self._reserve_writes(None, claim, entry),
            )
        except ConditionFailedError as error:
            raise ClaimExistsError from error

    def save(self, change: ClaimChange) -> None:
        """Access: transaction of claim, history line and its open entry, a new assessment, a new loss sheet, the
        document of a notice that the step makes, the queue entries that move (at most four, each old and new), and
        the journal's entry where the claim is expected to cost something else than before.

        Condition: the version read, and a status from which the event may happen; the exposure's version. Cost:
        about 14 write units, 2 more where the exposure or the reserve moves, about 6 for a notice (3 KB).
        """
        try:
            self._table.write(*self.writes(change))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def writes(self, change: ClaimChange) -> list[Write]:
        """Give the writes of a change, for a transaction that holds more than the claim."""
        before, after = change.before, change.after
        states = {f":from{n}": status.value for n, status in enumerate(sorted(sources(change.entry.event)))}
        claim_put = Put(
            keys.claim(after.claim_no),
            self._item(after),
            condition=f"version = :before AND #status IN ({', '.join(states)})",
            values={":before": before.version, **states},
            names={"#status": "status"},
        )
        return [
            claim_put,
            *self._history_puts(change.entry),
            *self._assessment_put(before, after),
            *([] if change.sheet is None else [sheet_put(change.sheet, self._cipher)]),
            *self._notice_put(change.notice),
            *_queue_writes(before, after),
            *_represented_writes(before, after),
            *exposure_writes(change.exposure),
            *(spending_writes(change.spending) if change.spending is not None else ()),
            *self._reserve_writes(before, after, change.entry),
        ]

    def list_of(self, person_id: str) -> list[Claim]:
        """Access: Query (PERSON#id, CLAIM#), then BatchGetItem by 100. Cost: 0.5 read units each."""
        entries = self._table.query_all(*keys.claims_of(person_id))
        return self._many(item["claim_no"] for item in entries)

    def represented_by(self, worker_id: str) -> list[Claim]:
        """Access: Query (WORKER#id, REPRESENTS#), then BatchGetItem by 100. Cost: 0.5 read units each."""
        entries = self._table.query_all(*keys.represented_by(worker_id))
        return self._many(item["claim_no"] for item in entries)

    def history(self, claim_no: str) -> list[HistoryEntry]:
        """Access: Query (CLAIM#no, HISTORY#), strong. Cost: 1 read unit per 4 KB, about 15 lines."""
        items = self._table.query_all(*keys.claim_histories(claim_no), strong=True)
        return [self._read_history(item) for item in items]

    def assessments(self, claim_no: str) -> list[Assessment]:
        """Access: Query (CLAIM#no, ASSESSMENT#), strong. Cost: 1 read unit per 4 KB, about 2 assessments."""
        items = self._table.query_all(*keys.claim_assessments(claim_no), strong=True)
        return [Assessment.model_validate_json(self._cipher.open(item["sealed"], claim_no)) for item in items]

    def notices(self, claim_no: str) -> list[Notice]:
        """Access: Query (CLAIM#no, NOTICE#), strong. Cost: 1 read unit per 4 KB, about 1 notice."""
        items = self._table.query_all(*keys.claim_notices(claim_no), strong=True)
        found = [Notice.model_validate_json(self._cipher.open(item["sealed"], claim_no)) for item in items]
        return sorted(found, key=lambda notice: notice.made_at)

    def entries(self, queue: Queue, most: int) -> list[QueueEntry]:
        """Access: Query (STAFF#queue), by due time. Cost: 0.5 read units per 4 KB, about 20 entries."""
        found = self._table.query_all(keys.staff_queue(queue.value), limit=min(most, ENTRIES))
        return [entry_of(item) for item in islice(found, most)]

    def clocked(self, most: int) -> list[str]:
        """Access: Query (STAFF#CLOCK). Cost: 0.5 read units per 4 KB, about 30 entries."""
        return [
            item["number"]
            for item in islice(self._table.query_all(keys.staff_queue(CLOCKS), limit=ENTRIES), most)
        ]

    def many(self, claim_nos: Iterable[str]) -> list[Claim]:
        """Access: BatchGetItem (CLAIM#no, CLAIM) by 100. Cost: 0.5 read units per 4 KB each."""
        return self._many(claim_nos)

    def overdue(self, now: datetime, *, beyond: int = 0) -> list[Claim]:
        """Access: Query (STAFF#CLOCK), the earliest, then BatchGetItem. Cost: 0.5 read units each."""
        page = self._table.query(keys.staff_queue(CLOCKS), limit=QUEUE_PAGE + beyond)
        due = [item["number"] for item in page.items if item["due"] <= _stamp(now)]
        return [c for c in self._many(due) if c.next_clock is not None and c.next_clock <= now]

    def _many(self, claim_nos: Iterable[str]) -> list[Claim]:
        """Read in the order asked for; what a moment ago stood elsewhere is left out."""
        wanted = [keys.claim(claim_no) for claim_no in claim_nos]
        found = self._table.get_many(wanted)
        return [self._read(found[key]) for key in wanted if key in found]

    def _reserve_writes(self, before: Claim | None, after: Claim, line: HistoryEntry) -> list[Put]:
        return [put for entry in self._reserve(before, after, line.at) for put in entry_writes(entry)]

    def _item(self, claim: Claim) -> Item:
        clear = claim.model_dump(mode="json", exclude=_SEALED, exclude_none=True)
        secret = claim.model_dump(mode="json", include=_SEALED)
        return clear | {
            "sealed": self._cipher.seal(json.dumps(secret, ensure_ascii=False), claim.claim_no),
            "schema_version": SCHEMA_VERSION,
        }

    def _read(self, item: Item) -> Claim:
        secret = json.loads(self._cipher.open(item["sealed"], item["claim_no"]))
        return Claim.model_validate(item | secret)

    def _assessment_put(self, before: Claim, after: Claim) -> list[Write]:
        """Keep each assessment beside the claim, whose next one replaces only the copy in it."""
        found = after.assessment
        if found is None or (before.assessment is not None and before.assessment.version == found.version):
            return []
        item = {
            "version": found.version,
            "sealed": self._cipher.seal(found.model_dump_json(), after.claim_no),
            "schema_version": SCHEMA_VERSION,
        }
        return [Put(keys.claim_assessment(after.claim_no, found.version), item)]

    def _notice_put(self, notice: Notice | None) -> list[Write]:
        """Seal the whole document: its text may speak of health."""
        if notice is None:
            return []
        item = {
            "number": notice.number,
            "kind": notice.kind.value,
            "sealed": self._cipher.seal(notice.model_dump_json(), notice.claim_no),
            "schema_version": SCHEMA_VERSION,
        }
        return [Put(keys.claim_notice(notice.claim_no, notice.number), item)]

    def _history_puts(self, entry: HistoryEntry) -> list[Write]:
        """Give the line, and the entry that keeps it open until what follows from it is there."""
        item: Item = entry.model_dump(mode="json", exclude={"reason"}, exclude_none=True)
        if entry.reason:
            item["sealed_reason"] = self._cipher.seal(entry.reason, entry.claim_no)
        item["schema_version"] = SCHEMA_VERSION
        at = sortable(entry.at)
        waits = {"claim_no": entry.claim_no, "version": entry.version, "due": at}
        return [
            Put(keys.claim_history(entry.claim_no, entry.version), item),
            Put(
                keys.open_line(entry.claim_no, entry.version, at), waits | {"schema_version": SCHEMA_VERSION}
            ),
        ]

    def _read_history(self, item: Item) -> HistoryEntry:
        sealed = item.get("sealed_reason")
        reason = self._cipher.open(sealed, item["claim_no"]) if sealed else None
        return HistoryEntry.model_validate(item | {"reason": reason})


class StoredNotices:
    """Implements `claims.report.LossNotices`: loss notices that matched no policy."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def add(self, notice: LossNotice) -> None:
        """Access: transaction of up to four puts (notice, queue entry, entries of the reporter's account and of the
        person). Condition: no such notice.

        Cost: 4 write units for about 1 KB, 2 for each entry.
        """
        place = QueuePlace(queue=Queue.UNMATCHED, due=notice.due)
        told = {"claim_types": [known.value for known in notice.claim_types]}
        waits = {"number": notice.report_no, "schema_version": SCHEMA_VERSION} | told
        try:
            self._table.write(
                Put(keys.loss_notice(notice.report_no), self._item(notice)),
                Put(_queue_key(place, notice.report_no), waits),
                *_notice_entries(notice),
            )
        except ConditionFailedError:
            return  # the same report again

    def get(self, report_no: str) -> LossNotice:
        """Access: GetItem (REPORT#no, NOTICE), strong. Cost: 1 read unit."""
        item = self._table.get(keys.loss_notice(report_no), strong=True)
        if item is None:
            raise LossNoticeNotFoundError
        return self._read(item)

    def settle(self, notice: LossNotice) -> None:
        """Access: transaction of notice and queue entry. Condition: not settled yet. Cost: 4 write units."""
        place = QueuePlace(queue=Queue.UNMATCHED, due=notice.due)
        settled = Put(
            keys.loss_notice(notice.report_no),
            self._item(notice),
            condition="attribute_not_exists(claim_no)",
        )
        try:
            self._table.write(settled, Delete(_queue_key(place, notice.report_no)))
        except ConditionFailedError:
            return  # settled before

    def of_worker(self, worker_id: str, person_id: str | None) -> list[LossNotice]:
        """Access: Query (WORKER#id, NOTICE#) and (PERSON#id, NOTICE#), then BatchGetItem. Cost: 0.5 read units each."""
        found = self._of_worker(worker_id, person_id)
        return sorted(map(self._read, found), key=lambda notice: notice.reported_at, reverse=True)

    def _of_worker(self, worker_id: str, person_id: str | None) -> list[Item]:
        entries = list(self._table.query_all(*keys.notices_of_worker(worker_id)))
        if person_id is not None:
            entries += self._table.query_all(*keys.notices_of_person(person_id))
        wanted = [keys.loss_notice(no) for no in dict.fromkeys(item["report_no"] for item in entries)]
        return list(self._table.get_many(wanted).values())

    def last_reported_at(self, worker_id: str, person_id: str | None) -> datetime | None:
        """Access: as `of_worker`. Nothing sealed is opened. Cost: 0.5 read units each."""
        found = self._of_worker(worker_id, person_id)
        return max((datetime.fromisoformat(item["reported_at"]) for item in found), default=None)

    def entries(self, most: int) -> list[QueueEntry]:
        """Access: Query (STAFF#UNMATCHED), by due time. Cost: 0.5 read units per 4 KB, about 25 entries."""
        queue = keys.staff_queue(Queue.UNMATCHED.value)
        return [
            entry_of(item) for item in islice(self._table.query_all(queue, limit=min(most, ENTRIES)), most)
        ]

    def many(self, report_nos: Iterable[str]) -> list[LossNotice]:
        """Access: BatchGetItem (REPORT#no, NOTICE) by 100. Cost: 0.5 read units each."""
        wanted = [keys.loss_notice(report_no) for report_no in report_nos]
        found = self._table.get_many(wanted)
        return [self._read(found[key]) for key in wanted if key in found]

    def _item(self, notice: LossNotice) -> Item:
        clear = notice.model_dump(mode="json", exclude=_SEALED_OF_NOTICE, exclude_none=True)
        secret = notice.model_dump(mode="json", include=_SEALED_OF_NOTICE)
        sealed = self._cipher.seal(json.dumps(secret, ensure_ascii=False), notice.report_no)
        return clear | {"sealed": sealed, "schema_version": SCHEMA_VERSION}

    def _read(self, item: Item) -> LossNotice:
        secret = json.loads(self._cipher.open(item["sealed"], item["report_no"]))
        return LossNotice.model_validate(item | secret)


class StoredTokens:
    """Implements `claims.steps.Tokens`; `key` says under whose partition (claim or payout)."""

    def __init__(self, table: Table, key: Callable[[str, str], Key], now: Callable[[], datetime]) -> None:
        self._table = table
        self._key = key
        self._now = now

    def hold(self, owner: str, step: str, token: str) -> None:
        """Access: PutItem (owner, TOKEN#step). Condition: none, or none newer. Cost: 2 write units."""
        at = _stamp(self._now())
        item = {"token": token, "held_at": at, "schema_version": SCHEMA_VERSION}
        condition = f"{ABSENT} OR held_at <= :at"
        try:
            self._table.put(Put(self._key(owner, step), item, condition=condition, values={":at": at}))
        except ConditionFailedError:
            return  # a delayed repetition of an older wait

    def find(self, owner: str, step: str) -> str | None:
        """Access: GetItem (owner, TOKEN#step), strong. Cost: 1 read unit."""
        item = self._table.get(self._key(owner, step), strong=True)
        return str(item["token"]) if item else None

    def drop(self, owner: str, step: str, token: str) -> None:
        """Access: DeleteItem in a transaction. Condition: this very token. Cost: 4 write units."""
        delete = Delete(
            self._key(owner, step), "#token = :token", values={":token": token}, names={"#token": "token"}
        )
        try:
            self._table.write(delete)
        except ConditionFailedError:
            return  # dropped already, or a newer wait stands there


def _queue_writes(before: Claim, after: Claim) -> list[Write]:
    """Move the queue entries in the transaction that moves the claim, so that no queue ever lies.

    An entry tells what its queue is filtered by; where that alone has changed, it is written over in its place.
    """
    writes: list[Write] = []
    told, tells = told_of(before), told_of(after)
    for queue, old, new in (
        (CLOCKS, before.next_clock, after.next_clock),
        (ADVANCES, before.advance_since, after.advance_since),
        (NOTICES, before.notice_due, after.notice_due),
        (REPRESENTATIVES, before.representative_since, after.representative_since),
    ):
        facts = {"due": _stamp(new)} | ({} if queue == CLOCKS else tells) if new is not None else {}
        writes += moved_entry(
            None if old is None else keys.staff_entry(queue, _stamp(old), before.claim_no),
            None if new is None else keys.staff_entry(queue, _stamp(new), after.claim_no),
            after.claim_no,
            facts,
            is_told_anew=queue != CLOCKS and told != tells,
        )
    return writes + moved_entry(
        None if before.place is None else _queue_key(before.place, before.claim_no),
        None if after.place is None else _queue_key(after.place, after.claim_no),
        after.claim_no,
        {"due": _stamp(after.place.due)} | tells if after.place else {},
        is_told_anew=told != tells,
    )


def _represented_writes(before: Claim, after: Claim) -> list[Write]:
    """List the claim with an account that asks for the first time to act on it."""
    known = {r.worker_id for r in before.representatives}
    listed = {"claim_no": after.claim_no, "schema_version": SCHEMA_VERSION}
    return [
        Put(keys.represented_entry(r.worker_id, after.claim_no), listed)
        for r in after.representatives
        if r.worker_id not in known
    ]


def _notice_entries(notice: LossNotice) -> list[Write]:
    """List the notice with the account that made it, and with the person whom it is about."""
    listed = {"report_no": notice.report_no, "schema_version": SCHEMA_VERSION}
    writes: list[Write] = []
    if notice.reported_by is ActorKind.WORKER:
        writes.append(Put(keys.notice_of_worker(notice.reporter_id, notice.report_no), listed))
    if notice.person_id is not None:
        writes.append(Put(keys.notice_of_person(notice.person_id, notice.report_no), listed))
    return writes


def _queue_key(place: QueuePlace, number: str) -> Key:
    return keys.staff_entry(place.queue.value, _stamp(place.due), number)


def _stamp(instant: datetime) -> str:
    """UTC with fixed width, so that text order is time order."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def as_item(model: Any) -> Item:
    """Give the stored form of a model that holds nothing secret."""
    item: Item = model.model_dump(mode="json", exclude_none=True)
    return item | {"schema_version": SCHEMA_VERSION}
