"""A store of any size: everybody was insured for thirty days, once a day, until yesterday; today a company's rosters
fill with as many. The older half of the policies stands in the archive alone, as TTL leaves it.

Items and records have the form that the stores write, made once for each quarter of an hour; then only ids differ.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import starmap
from types import SimpleNamespace
from typing import Any, NamedTuple

from daycover import crockford
from daycover.china_time import china_day, china_midnight
from daycover.cover.archive import PolicyFinder, is_closed
from daycover.cover.issue import IssuePolicy
from daycover.cover.policy import policy_number
from daycover.cover.presence import Visit, Why
from daycover.cover.roster import ROWS, ReadRoster, line_of
from daycover.store import keys
from daycover.store.archive import StoredArchive, archived_form
from daycover.store.cover_lines import MINUTE, StoredCoverLines
from daycover.store.dynamodb import Put, Table
from daycover.store.keys import Key
from daycover.store.policies import StoredPolicies
from daycover.store.visits import StoredVisits
from tests.support.aws import Watched
from tests.support.builders import NOW, PERSON, PROJECT, a_check_in, a_policy, a_project, an_identity
from tests.support.capacity import Meter
from tests.support.large_aws import LargeDynamoDb, LargeS3, Written

DAYS, QUARTERS = 30, 8
"""Covers begin from 06:00 to 07:45 in China: none that began yesterday runs at NOW."""
LARGE, CREW, WAITING = 20_000, 30, 200
"""People of the large project and of every other; of those seen at the large one, how many have no policy."""
PARTITIONS = 4
"""Of the company's contract."""
A_BATCH = 500
"""Records of one batch of the archive."""
SPREAD = 7919
"""From one who asks to the next, a prime: those who ask are spread over all people, each once."""
TODAY = china_day(NOW)
HOT, OPERATIONS = "policies", "operations"


def person(number: int) -> str:
    return crockford.of_digest(hashlib.sha256(str(number).encode()).digest(), 20)


def began(days_ago: int, quarter: int) -> datetime:
    return NOW - timedelta(days=days_ago, minutes=45 + 15 * (quarter % QUARTERS))


class Form:
    """What a store writes of one policy, as the pattern for others: `ids` are those in it, by what they are."""

    def __init__(self, text: str, **ids: str) -> None:
        assert "%" not in text
        for name, id_ in ids.items():
            text = text.replace(id_, f"%({name})s")
        self._text = text

    def of(self, **ids: str) -> str:
        return self._text % ids


class Asked(NamedTuple):
    """What was asked of AWS; units of DynamoDB."""

    calls: int
    units: float


class Stored:
    """The tables and the archive's bucket, and what is asked of them: each act takes the number of who asks."""

    acts: Mapping[str, Callable[[int], None]]

    def __init__(self) -> None:
        self._tables, self._s3 = LargeDynamoDb(), LargeS3()
        self._dynamodb = Watched(self._tables)

    def bill(self, act: Callable[[], object]) -> Asked:
        meter, before = Meter(), self._s3.calls.total()
        meter.listen(self._dynamodb)
        act()
        self._dynamodb.after.clear()
        bill = meter.bill()
        calls = len(bill.calls) + self._s3.calls.total() - before
        return Asked(calls, bill.read_units + bill.write_units)


class StoredPast(Stored):
    """The hot table and the archive."""

    def __init__(self, policies: int) -> None:
        super().__init__()
        self._people = [person(number) for number in range(policies // DAYS)]
        archive = StoredArchive(self._s3, "archive", lambda: NOW)
        for days_ago in range(DAYS, 0, -1):
            for quarter in range(QUARTERS):
                self._fill(days_ago, quarter)
            day = began(days_ago, 0).date()
            if is_closed(day, NOW):
                archive.close_day(day, 0, 1)
        self._hot = StoredPolicies(Table(self._dynamodb, HOT))
        self._kept = PolicyFinder(hot=self._hot, archive=archive)
        nobody: Any = None  # who is proved before is not asked for again
        self._issue_policy = IssuePolicy(
            now=lambda: NOW, policies=self._hot, workers=nobody, applicant=nobody
        )
        self.acts = {
            "issue": self._issue,
            "verify": self._verify,
            "verify from the archive": self._verify_old,
            "recent": self._recent,
            "history": self._history,
        }

    def _fill(self, days_ago: int, quarter: int) -> None:
        at = began(days_ago, quarter)
        model = a_policy(at, DAYS + 1 - days_ago, check_in_id=f"{at:%Y%m%d}-01")
        mine = [(policy_number(one, model.sequence, at), one) for one in self._people[quarter::QUARTERS]]
        if model.forgotten_at > NOW:
            written = Written()
            StoredPolicies(Table(written, HOT)).add(model, None)
            form = Form(written.json(), no=model.policy_no, person=PERSON)
            self._tables.load(
                HOT,
                ((keys.policy(one, model.sequence), form.of(no=number, person=one)) for number, one in mine),
            )
        facts = _canonical(json.loads(archived_form(model))["policy"])
        form = Form(facts, no=model.policy_no, person=PERSON)
        records = sorted(_record(form.of(no=number, person=one)) for number, one in mine)
        for start in range(0, len(records), A_BATCH):
            body = "".join(records[start : start + A_BATCH]).encode()
            name = keys.archived_batch(f"{at:%Y%m%d%H}", hashlib.sha256(body).hexdigest()[:32])
            self._s3.put_object(Key=name, Body=body, IfNoneMatch="*")

    def _person(self, at: int) -> str:
        return self._people[at * SPREAD % len(self._people)]

    def _issue(self, at: int) -> None:
        """And take the policy back, so that it can be issued again."""
        application = a_check_in(identity=an_identity(person_id=self._person(at)), is_proved=True)
        assert self._issue_policy(application).is_new
        self._tables.delete(HOT, keys.policy(self._person(at), DAYS + 1))

    def _verify(self, at: int) -> None:
        """One of yesterday's."""
        assert self._kept.get(self._number(at, 1))

    def _verify_old(self, at: int) -> None:
        """One of the first day's, which the archive alone holds."""
        assert self._kept.get(self._number(at, DAYS))

    def _number(self, at: int, days_ago: int) -> str:
        number = at * SPREAD % len(self._people)
        return policy_number(self._people[number], DAYS + 1 - days_ago, began(days_ago, number % QUARTERS))

    def _recent(self, at: int) -> None:
        assert self._hot.recent(self._person(at), NOW)

    def _history(self, at: int) -> None:
        assert len(self._kept.list_of(self._person(at))) == DAYS


class StoredToday(Stored):
    """A company's day, spread over its partitions, and the roster of its large project."""

    def __init__(self, policies: int) -> None:
        super().__init__()
        table = Table(self._dynamodb, OPERATIONS)
        nobody: Any = None  # nobody is named
        projects: Any = SimpleNamespace(get=lambda *_: a_project(headcount=LARGE))
        self._read_roster = ReadRoster(
            now=lambda: NOW,
            projects=projects,
            lines=StoredCoverLines(table, lambda *_: PARTITIONS),
            visits=StoredVisits(table, nobody),
            accounts=nobody,
        )
        counts: dict[Key, Counter[str]] = {}
        for quarter in range(QUARTERS):
            self._tables.load(OPERATIONS, _lines(range(quarter, policies, QUARTERS), counts))
        self.acts = {"roster page": self._roster_page}
        for put in (*starmap(Put, counts.items()), *_visits()):
            self._tables.load(OPERATIONS, [(put.key, _json(put))])

    def _roster_page(self, _at: int) -> None:
        assert len(self._read_roster("C1", PROJECT).in_force) == ROWS


def _lines(numbers: range, counts: dict[Key, Counter[str]]) -> Iterator[tuple[Key, str]]:
    """The first are the large project's, and counted; each crew has the next."""
    start = began(0, numbers.start)
    model = a_policy(start, worker_id=PERSON)
    written, day, line = Written(), TODAY.isoformat(), line_of(model)
    StoredCoverLines(Table(written, OPERATIONS), lambda *_: PARTITIONS).record(line)
    place = keys.cover_line("C1", day, PROJECT, model.policy_no, PARTITIONS)
    form = Form(written.json(), no=model.policy_no, person=PERSON, project=PROJECT, pk=place.pk)
    minute = f"{MINUTE}{(start - china_midnight(TODAY)) // timedelta(minutes=1)}"
    for number in numbers:
        one = person(number)
        policy_no = policy_number(one, 1, start)
        project = PROJECT if number < LARGE else crockford.encode(number // CREW, 26)
        key = keys.cover_line("C1", day, project, policy_no, PARTITIONS)
        yield key, form.of(no=policy_no, person=one, project=project, pk=key.pk)
        if number < LARGE:
            counts.setdefault(keys.count_of_policy("C1", day, project, policy_no), Counter())[minute] += 1


def _visits() -> Iterator[Put]:
    for number in range(WAITING):
        visit = Visit(
            project_id=PROJECT,
            worker_id=person(-1 - number),
            seen_at=NOW - timedelta(minutes=1),
            why=Why.NOT_CHECKED_IN,
        )
        yield Put(keys.visit(PROJECT, visit.day.isoformat(), visit.worker_id), visit.model_dump(mode="json"))


def _json(put: Put) -> str:
    written = Written()
    Table(written, "").put(put)
    return written.json()


def _canonical(facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _record(facts: str) -> str:
    """A line of a batch, as `store.archive.archived_form` writes it."""
    digest = hashlib.sha256(facts.encode()).hexdigest()
    return f'{{"policy":{facts},"schema_version":1,"sha256":"{digest}"}}\n'
