"""The journal and the credit figures of companies in the operations table."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from daycover.books.credit import CreditDay
from daycover.books.journal import Entry
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Delete, Put, Table, Update
from daycover.store.keys import JOURNAL_SHARDS, Key

SCHEMA_VERSION = 1
SUM = "sum_"


class StoredJournal:
    """Implements `books.journal.Journal`.

    A company's day is spread by the hash of the source over eight partitions, and as many again for each further
    one of its contract. Only policies are: their entries are what is many.
    """

    def __init__(
        self, table: Table, partitions: Callable[[str, date], int] = lambda _company, _day: 1
    ) -> None:
        self._table = table
        self._partitions = partitions

    def post(self, entry: Entry) -> bool:
        """Access: PutItem (JOURNAL#company#day#shard, project#source#kind[#version]). Condition: absent.

        Cost: 1 write unit. A late entry goes together with its copy on the later statement, in one transaction:
        4 write units.
        """
        spread = self._partitions(entry.company_id, entry.day) if entry.cover is not None else 1
        writes = entry_writes(entry, spread)
        try:
            if len(writes) == 1:
                self._table.put(writes[0])
            else:
                self._table.write(*writes)
        except ConditionFailedError:
            return False
        return True

    def of_statement(self, company_id: str, day: date) -> Iterator[Entry]:
        """Access: as `of_day`, and a Query of the day's late entries, merged by sort key."""
        late = (keys.late_journal(company_id, day.isoformat()),)
        items = self._table.query_merged([*self._places(company_id, day), late], strong=True)
        return (Entry.model_validate(item) for item in items if item["statement_day"] == day.isoformat())

    def of_day(self, company_id: str, day: date) -> Iterator[Entry]:
        """Access: Query of each of the day's partitions, page by page, strong, merged by sort key.

        Cost: 1 read unit per 4 KB (6 entries), at least 8, 8 for each partition of the contract.
        """
        items = self._table.query_merged(self._places(company_id, day), strong=True)
        return map(Entry.model_validate, items)

    def some_of(self, company_id: str, day: date, limit: int) -> list[Entry]:
        """Access: Query of the day's partitions, one after another, until there are enough.

        Cost: 0.5 read units per 4 KB (6 entries).
        """
        found: list[Entry] = []
        for place in self._places(company_id, day):
            page = self._table.query(*place, limit=limit - len(found))
            found += map(Entry.model_validate, page.items)
            if len(found) >= limit:
                break
        return found

    def _places(self, company_id: str, day: date) -> list[tuple[str]]:
        shards = range(JOURNAL_SHARDS * self._partitions(company_id, day))
        return [(keys.journal(company_id, day.isoformat(), shard),) for shard in shards]


def entry_writes(entry: Entry, partitions: int = 1) -> list[Put]:
    """Give what appends an entry, for a transaction that holds what it records: a late one stands on the later
    statement too. Condition: absent. Cost: 2 write units each."""
    key, item = _key(entry, partitions), entry.model_dump(mode="json", exclude_none=True)
    item |= {"schema_version": SCHEMA_VERSION}
    if not entry.is_late:
        return [Put(key, item)]
    late = Key(keys.late_journal(entry.company_id, entry.statement_day.isoformat()), key.sk)
    return [Put(key, item), Put(late, item)]


class StoredCredit:
    """Implements `books.credit.Credit`: an item for each day that a company has not paid."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def run(
        self, company_id: str, day: date, fen: int, sums: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Access: UpdateItem (COMPANY#id, CREDIT#day). Condition: not billed. Cost: 1 write unit (some 20 classes
        and plans)."""
        key = keys.credit_day(company_id, day.isoformat())
        changes: dict[str, Any] = {":day": day.isoformat(), ":fen": fen, ":schema": SCHEMA_VERSION}
        names, adding = {"#day": "day"}, "running_fen :fen"
        for number, (name, amount) in enumerate(sums.items()):
            names[f"#s{number}"], changes[f":s{number}"] = f"{SUM}{name}", amount
            adding += f", #s{number} :s{number}"
        expression = f"SET #day = :day, schema_version = :schema ADD {adding}"
        condition = "attribute_not_exists(billed_fen)"
        try:
            self._table.update(Update(key, expression, changes, condition, names=names))
        except ConditionFailedError:
            pass  # closed early; the next revision of its statement says what is owed

    def sums(self, company_id: str, day: date) -> Mapping[str, int]:
        """Access: GetItem (COMPANY#id, CREDIT#day), strong. Cost: 1 read unit."""
        item = self._table.get(keys.credit_day(company_id, day.isoformat()), strong=True) or {}
        return {name.removeprefix(SUM): int(item[name]) for name in item if name.startswith(SUM)}

    def bill(self, company_id: str, day: date, fen: int) -> None:
        """Access: UpdateItem (COMPANY#id, CREDIT#day). Condition: none but the key. Cost: 1 write unit."""
        key = keys.credit_day(company_id, day.isoformat())
        changes = {":day": day.isoformat(), ":fen": fen, ":schema": SCHEMA_VERSION}
        expression = "SET #day = :day, schema_version = :schema, billed_fen = :fen"
        condition = "attribute_exists(pk) OR attribute_not_exists(pk)"
        self._table.update(Update(key, expression, changes, condition, names={"#day": "day"}))

    def settle(self, company_id: str, day: date) -> None:
        """Access: transaction of one delete (COMPANY#id, CREDIT#day). Condition: billed. Cost: 2 write units."""
        key = keys.credit_day(company_id, day.isoformat())
        try:
            self._table.write(Delete(key, condition="attribute_exists(billed_fen)"))
        except ConditionFailedError:
            pass  # settled before

    def unpaid(self, company_id: str) -> list[CreditDay]:
        """Access: Query (COMPANY#id, CREDIT#), strong. Cost: 1 read unit per 4 KB (30 days)."""
        items = self._table.query_all(*keys.credit_days(company_id), strong=True)
        return [CreditDay.model_validate(item) for item in items]


def _key(entry: Entry, partitions: int) -> Key:
    day = entry.day.isoformat()
    again = f"#{entry.version:06d}" if entry.version else ""
    event = f"{entry.kind}{again}"
    return keys.journal_entry(
        entry.company_id, day, entry.project_id, entry.source_id, event, partitions=partitions
    )
