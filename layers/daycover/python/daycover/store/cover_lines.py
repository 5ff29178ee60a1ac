"""Cover lines of companies, and how many covers of a large project began in each minute."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from daycover.china_time import china_midnight
from daycover.cover.policy import PolicyStatus
from daycover.cover.roster import CoverLine, LinePage
from daycover.store import keys
from daycover.store.dynamodb import (
    ConditionFailedError,
    PageTokenError,
    Put,
    Table,
    Update,
    Write,
    ttl_after,
)
from daycover.store.keys import Key

SCHEMA_VERSION = 1
MINUTE = "m"
COUNTS_KEPT = timedelta(days=7)
_ENDINGS = frozenset(PolicyStatus) - {PolicyStatus.ISSUED}


class StoredCoverLines:
    """Implements `cover.roster.CoverLines`."""

    def __init__(
        self,
        table: Table,
        partitions: Callable[[str, date], int] = lambda _company, _day: 1,
        counted: Callable[[str], bool] = lambda _project: False,
    ) -> None:
        """`partitions`: over how many a company's day is spread, as its contract says. `counted`: which projects
        are counted as their lines come."""
        self._table = table
        self._partitions = partitions
        self._counted = counted

    def record(self, line: CoverLine) -> bool:
        """Access: PutItem (COMPANY#id#DAY#date, POLICY#project#no). Cost: 1 write unit.

        Condition: absent; for the ending of a policy also a line that stands ISSUED. Of a counted project in one
        transaction with the count of its minute: 4 write units.
        """
        if self._counted(line.project_id):
            return self._record_counted(line)
        put = self._put(line)
        if line.status is not PolicyStatus.ISSUED:
            put = replace(_of_issued(put), condition="attribute_not_exists(pk) OR #status = :issued")
        try:
            self._table.put(put)
        except ConditionFailedError:
            return False  # a replayed stream record
        return True

    def _record_counted(self, line: CoverLine) -> bool:
        """The line's own condition is what adds to the count: a replay adds nothing, an ending takes back what its
        line added. Where no line stands, an ending takes nothing, and the line that comes later adds nothing."""
        put = self._put(line)
        tries: list[tuple[Write, ...]] = [(put, _counting(line, 1))]
        if line.status is not PolicyStatus.ISSUED:
            taken_back = (_of_issued(put), _counting(line, -1))
            # a sweeper may record the line between the first two: the third meets it
            tries = [taken_back, (put,), taken_back]
        for writes in tries:
            try:
                self._table.write(*writes)
            except ConditionFailedError:
                continue
            return True
        return False

    def missing(self, lines: Sequence[CoverLine]) -> list[CoverLine]:
        """Access: BatchGetItem by 100; gives the lines that are not stored, or not with their ending yet.

        Cost: 0.5 read units each.

        A twelfth of what trying to write each would cost.
        """
        wanted = [(self._key(line), line) for line in lines]
        found: dict[Key, str] = {}
        for start in range(0, len(wanted), 100):
            items = self._table.get_many(key for key, _ in wanted[start : start + 100])
            found |= {key: item["status"] for key, item in items.items()}
        return [line for key, line in wanted if found.get(key) not in {line.status, *_ENDINGS}]

    def of_project(self, company_id: str, project_id: str, days: Iterable[date]) -> list[CoverLine]:
        """Access: Query by project prefix, one a day. Cost: 0.5 read units per 4 KB (about 8 lines)."""
        return [
            CoverLine.model_validate(item)
            for day in days
            for item in self._table.query_all(*self._of_project(company_id, project_id, day))
        ]

    def page(
        self, company_id: str, project_id: str, days: Sequence[date], limit: int, token: str | None
    ) -> LinePage:
        """Access: Query by project prefix, of one day until it ends. Cost: 0.5 read units per 4 KB (about 8 lines)."""
        day, _, place = (token or f"{days[0]}.").partition(".")
        at = next((at for at, each in enumerate(days) if each.isoformat() == day), None)
        if at is None:
            raise PageTokenError  # also one of yesterday's pages
        lines: list[CoverLine] = []
        while at < len(days) and len(lines) < limit:
            key = self._of_project(company_id, project_id, days[at])
            found = self._table.query(*key, limit=limit - len(lines), token=place or None)
            lines += map(CoverLine.model_validate, found.items)
            place = found.next_token or ""
            at += not place
        return LinePage(lines, f"{days[at]}.{place}" if at < len(days) else None)

    def counts(self, company_id: str, project_id: str, days: Iterable[date]) -> dict[datetime, int]:
        """Access: BatchGetItem of 16 counts a day. Cost: 0.5 read units each, 1 from some 400 minutes on."""
        wanted = {
            keys.cover_count(company_id, day.isoformat(), project_id, shard): day
            for day in days
            for shard in range(keys.COUNT_SHARDS)
        }
        found: dict[datetime, int] = defaultdict(int)
        for key, item in self._table.get_many(wanted).items():
            for name, count in item.items():
                if name.startswith(MINUTE):
                    found[
                        china_midnight(wanted[key]) + timedelta(minutes=int(name.removeprefix(MINUTE)))
                    ] += count
        return dict(found)

    def of_day(self, company_id: str, day: date) -> Iterable[CoverLine]:
        """Access: Query of each of the day's partitions, page by page, strong, merged by sort key.

        Cost: 1 read unit per 4 KB.
        """
        spread = range(self._partitions(company_id, day))
        places = (keys.company_day(company_id, day.isoformat(), number) for number in spread)
        return map(CoverLine.model_validate, self._table.query_merged(places, strong=True))

    def _put(self, line: CoverLine) -> Put:
        return Put(self._key(line), line.model_dump(mode="json") | {"schema_version": SCHEMA_VERSION})

    def _key(self, line: CoverLine) -> Key:
        spread = self._partitions(line.company_id, line.day)
        return keys.cover_line(line.company_id, line.day.isoformat(), line.project_id, line.policy_no, spread)

    def _of_project(self, company_id: str, project_id: str, day: date) -> Key:
        spread = self._partitions(company_id, day)
        return keys.cover_lines(company_id, day.isoformat(), project_id, spread)


def _of_issued(put: Put) -> Put:
    return replace(
        put,
        condition="#status = :issued",
        values={":issued": PolicyStatus.ISSUED.value},
        names={"#status": "status"},
    )


def _counting(line: CoverLine, change: int) -> Update:
    """Minutes are counted from midnight of the line's day (+08:00) to the cover's beginning."""
    minute = (line.period.start - china_midnight(line.day)) // timedelta(minutes=1)
    return Update(
        keys.count_of_policy(line.company_id, line.day.isoformat(), line.project_id, line.policy_no),
        f"ADD {MINUTE}{minute} :change SET #ttl = :ttl, schema_version = :schema",
        {":change": change, ":ttl": ttl_after(line.day, COUNTS_KEPT), ":schema": SCHEMA_VERSION},
        condition="attribute_not_exists(pk) OR attribute_exists(pk)",  # beside a line that has one of its own
        names={"#ttl": "ttl"},
    )
