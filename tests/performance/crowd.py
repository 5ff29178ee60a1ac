"""People at the gate of a running stack: how they ask, what they may be told, and what must be left of them."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from urllib3.exceptions import HTTPError

from daycover.books.journal import Kind
from daycover.china_time import china_day
from daycover.store import keys
from daycover.store.dynamodb import Table
from daycover.store.journal import StoredJournal
from tests.devstack.layout import ROOT
from tests.devstack.stack import Stack
from tests.support.actors import WorkerApp
from tests.support.engine import client_on
from tests.support.http import Answer
from tests.support.waiting import eventually
from tests.support.world import World

PROBLEMS = ROOT / "docs" / "problems.md"
BASE = "https://daycover.cn/problems/"
STAGE = "live"
PERSON = slice(2, 22)
"""Where a policy's number, and a row's id, names the person."""
TAKEN, BROKEN = "answered", "connection broken"
PATIENCE_SECONDS = 300.0
AGAIN = (202, 429, 500, 502, 503, 504)
"""What is worth asking again; of 5xx without `Retry-After`, which is unclean, a second later."""
AT_ONCE = 4
"""People who get ready side by side; more only queue at the engine."""


class UncleanAnswerError(Exception):
    """An answer that no client could act on; the text says which."""


def documented(document: Path = PROBLEMS) -> set[str]:
    """Give the slugs that docs/problems.md explains."""
    return set(re.findall(r"^### ([a-z][a-z-]+)\s*$", document.read_text(encoding="utf-8"), re.MULTILINE))


def kind_of(answer: Answer, slugs: set[str]) -> str:
    """Name what was answered: taken, a documented problem of the request's own, or one that says when to come again.

    Raises UncleanAnswerError for all else: an undocumented problem, a 429 or 503 without `Retry-After`, another 5xx.
    """
    if answer.status in (200, 201, 202):
        return TAKEN
    is_problem = answer.content_type.startswith("application/problem+json")
    body: Any = answer.body if is_problem else {}
    slug, wait = str(body.get("type")).removeprefix(BASE), answer.headers.get("retry-after", "")
    may_come_again = answer.status in (429, 503) and wait.isdecimal()
    if slug in slugs and body["status"] == answer.status and (may_come_again or answer.status < 429):
        return f"{answer.status} {slug}"
    raise UncleanAnswerError(
        f"{answer.method} {answer.status}, Retry-After {wait!r}: {answer.content[:200]!r}"
    )


@dataclass(slots=True)
class Heard:
    """What all clients of a run were told."""

    slugs: set[str]
    kinds: Counter[str] = field(default_factory=Counter)
    unclean: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, answer: Answer | None) -> None:
        with self._lock:
            if answer is None:
                self.kinds[BROKEN] += 1
                return
            try:
                self.kinds[kind_of(answer, self.slugs)] += 1
            except UncleanAnswerError as error:
                self.kinds[f"{answer.status} unclean"] += 1
                self.unclean.append(str(error))


def persistently(ask: Callable[[], Answer], heard: Heard) -> Answer:
    """Ask until it is answered, as often and as late as `Retry-After` says. Gives what is no call to come again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = ask()
        except HTTPError:  # the phone does not know what became of its request
            answer = None
        heard.hear(answer)
        wait = "1" if answer is None or answer.status >= 500 else ""
        if answer is not None:
            wait = answer.headers.get("retry-after", wait)
            if not (answer.status in AGAIN and wait.isdecimal()):
                return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not answered, last seen {answer!r}")
        time.sleep(int(wait))


@dataclass(slots=True)
class Person:
    """A worker at the gate who has read and accepted everything."""

    worker: WorkerApp
    check_in_ids: set[str] = field(default_factory=set)
    face_number: str = ""
    policies: set[str] = field(default_factory=set)
    issued_at: str = ""


@dataclass
class Crowd:
    """One project of a running stack and who comes to it."""

    world: World
    project: Any
    qr_token: str
    heard: Heard
    people: list[Person] = field(default_factory=list)

    @classmethod
    def of(cls, world: World, headcount: int) -> "Crowd":
        project, token = world.open_project(headcount=headcount, name="负载")
        return cls(world, project, token, Heard(documented()))

    def gather(self, count: int) -> list[Person]:
        """Let so many people come who have consented and not checked in."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            came = list(
                threads.map(lambda _: Person(self.world.consenting_worker(self.qr_token)), range(count))
            )
        self.people += came
        return came

    def scan(self, person: Person) -> None:
        persistently(lambda: person.worker.scan(self.qr_token), self.heard).expect(200)

    def check_in(self, person: Person) -> None:
        seen = persistently(
            lambda: person.worker.check_in(self.qr_token, self.project["site"]), self.heard
        ).expect(200, 201)
        person.check_in_ids.add(seen["check_in_id"])
        person.face_number = seen["work_card"]["authenticate_number"]

    def show_face(self, person: Person) -> None:
        self.world.simulated.show_face(person.face_number)

    def fetch(self, person: Person) -> None:
        (check_in_id,) = person.check_in_ids
        policy = persistently(lambda: person.worker.fetch_policy(check_in_id), self.heard).expect(200, 201)
        person.policies.add(policy["policy_no"])
        person.issued_at = policy["issued_at"]

    def read(self, person: Person) -> None:
        persistently(lambda: person.worker.api.get("/v1/policies"), self.heard).expect(200)

    def walk(self, person: Person) -> None:
        """From the check-in over the work card to the policy."""
        self.check_in(person)
        self.show_face(person)
        self.fetch(person)

    def lost_and_twice(self) -> dict[str, int]:
        """Count what stands of everybody who was answered, once all of it has come.

        Raises NeverHappenedError when something is lost; what stands twice or of nobody is seen in the counts.
        """
        answered = [person for person in self.people if person.check_in_ids]
        wanted = {policy_no for person in answered for policy_no in person.policies}
        rows = {f"{policy_no}-ISSUED" for policy_no in wanted}
        persons = {policy_no[PERSON] for policy_no in wanted}

        def told_of_them() -> dict[str, Any]:
            known = self.world.simulated.insurer_rows()
            return {
                row_id: row
                for row_id, row in known.items()
                if row_id[PERSON] in persons and row_id.endswith("-ISSUED")
            }

        told = eventually(
            told_of_them,
            lambda seen: rows <= seen.keys() and all(row["state"] == "ACKNOWLEDGED" for row in seen.values()),
            "the insurer holds every policy",
            seconds=PATIENCE_SECONDS,
        )
        lines = eventually(
            self._lines, lambda seen: wanted <= set(seen), "the roster is complete", seconds=90
        )
        entries = eventually(
            lambda: self._entries({china_day(datetime.fromisoformat(one.issued_at)) for one in answered}),
            lambda seen: wanted <= set(seen),
            "the journal is complete",
            seconds=90,
        )
        return {
            "people": len(answered),
            "check_ins": sum(len(person.check_in_ids) for person in answered),
            "policies_answered": len(wanted),
            "policies_stored": sum(self._stored(policy_no) for policy_no in wanted),
            "roster_lines": lines.total(),
            "journal_entries": entries.total(),
            "insurer_rows": len(told),
        }

    def _stored(self, policy_no: str) -> int:
        """How many policies the person has whom this one is about."""
        found = self.world.stack.boto3_client("dynamodb").query(
            TableName=self.world.stack.outputs["PoliciesTableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.policy(policy_no[PERSON], 1).pk}},
            ConsistentRead=True,
        )["Items"]
        return sum("policy_no" in item for item in found)

    def _lines(self) -> Counter[str]:
        """The project's roster, page by page."""
        path = f"/v1/companies/{self.project['company_id']}/projects/{self.project['project_id']}/roster"
        found: Counter[str] = Counter()
        page: str | None = ""
        while page is not None:
            query = f"?page={quote(page)}" if page else ""
            answer = self.world.provider.api.get(path + query).expect(200)
            found.update(line["policy_no"] for line in answer["in_force"])
            page = answer["next"]
        return found

    def _entries(self, days: set[Any]) -> Counter[str]:
        """The project's premiums in the journal, by the policies they are owed for."""
        stack = self.world.stack
        journal = StoredJournal(Table(client_on(stack, "dynamodb"), stack.outputs["OperationsTableName"]))
        return Counter(
            entry.source_id
            for day in days
            for entry in journal.of_day(self.project["company_id"], day)
            if entry.kind is Kind.POLICY_ISSUED and entry.project_id == self.project["project_id"]
        )


def is_whole(counts: dict[str, int]) -> bool:
    """Whether everything stands exactly once for each person."""
    return len(set(counts.values())) == 1


@contextmanager
def gateway_limit(stack: Stack, rate: float, burst: int) -> Iterator[None]:
    """Let the gateway take so many requests a second and at once of each route, and set it back afterwards."""
    gateway, api = stack.boto3_client("apigateway"), stack.resource_id("Api")
    usual = gateway.get_stage(restApiId=api, stageName=STAGE)["methodSettings"]["*/*"]

    def take(rate: float, burst: int) -> None:
        changes: Sequence[tuple[str, str]] = (("rateLimit", str(rate)), ("burstLimit", str(burst)))
        gateway.update_stage(
            restApiId=api,
            stageName=STAGE,
            patchOperations=[
                {"op": "replace", "path": f"/*/*/throttling/{name}", "value": value}
                for name, value in changes
            ],
        )

    take(rate, burst)
    try:
        yield
    finally:
        take(usual["throttlingRateLimit"], usual["throttlingBurstLimit"])
