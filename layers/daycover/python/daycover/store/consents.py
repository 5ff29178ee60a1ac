"""What a worker consented to and withdrew: an item for each plan of a project, its history inside."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from daycover.errors import ConcurrentChangeError
from daycover.identity.consent import Consent, ConsentAct, ConsentEntry, ConsentKind
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Item, Put, Table, Update
from daycover.store.keys import Key

SCHEMA_VERSION = 2
"""One item a plan; before, one a text."""
CONSENTS_PAGE = 100
ATTEMPTS = 5
"""Every lost attempt means that the worker gave or withdrew something at the same moment."""
FACTS = ("version", "sha256", "shown_at", "accepted_at")


class StoredConsents:
    """Implements `identity.consent.Consents`.

    What stands is an attribute of its kind. `past` has a line for each that was replaced or withdrawn, and for each
    withdrawal, so nothing that was given is ever lost. `revision` counts the changes.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, worker_id: str, project_id: str, plan: str, consents: Sequence[Consent]) -> None:
        """Access: PutItem (WORKER#id, CONSENT#project#plan); where there is one, UpdateItem of what does not stand with
        the same text. Condition: absent; unchanged since it was read.

        Cost: 1 write unit for all of them (at most 1 KB); 2 where others were given before.
        """
        if not consents:
            return
        key = keys.consents_to(worker_id, project_id, plan)
        given = {consent.kind.value: _facts(consent) for consent in consents}
        place = {"project_id": project_id, "plan": plan, "schema_version": SCHEMA_VERSION, "revision": 1}
        try:
            self._table.put(Put(key, place | given))
            return
        except ConditionFailedError as error:
            item = error.item
        for _ in range(ATTEMPTS):
            if item is None:
                raise ConcurrentChangeError
            changed = {kind: facts for kind, facts in given.items() if not _stands(item, kind, facts)}
            if not changed:
                return  # accepted before: the first time counts
            replaced = [_given(item, kind) for kind in changed if kind in item]
            if self._change(key, item, changed, (), replaced):
                return
            item = self._table.get(key, strong=True)
        raise ConcurrentChangeError

    def withdraw(
        self, worker_id: str, project_id: str, kinds: Collection[ConsentKind], now: datetime
    ) -> list[ConsentEntry]:
        """Access: Query (WORKER#id, CONSENT#project#), strong, then UpdateItem of each that has one of them.

        Condition: unchanged since it was read. Cost: 1 read unit per 4 KB, 1 or 2 write units each.
        """
        withdrawn: list[ConsentEntry] = []
        for found in self._table.query_all(*keys.consents(worker_id, project_id), strong=True):
            key, item = Key(found["pk"], found["sk"]), found
            for attempt in range(ATTEMPTS):
                gone = sorted(kind for kind in kinds if kind in item)
                given = [_given(item, kind) for kind in gone]
                ends = [_line(kind, ConsentAct.WITHDRAWN, now.isoformat(), item[kind]) for kind in gone]
                if not gone or self._change(key, item, {}, gone, [*given, *ends]):
                    withdrawn += [_entry(item, line) for line in ends]
                    break
                if attempt == ATTEMPTS - 1:
                    raise ConcurrentChangeError
                item = self._table.get(key, strong=True) or {}
        return withdrawn

    def delete_all(self, worker_id: str) -> int:
        """Access: Query (WORKER#id, CONSENT#), then a delete each. Condition: present. Cost: 2 write units each."""
        items = list(self._table.query_all(*keys.consents(worker_id), strong=True))
        texts = {(item["sk"], entry.kind) for item in items for entry in _entries(item)}
        for item in items:
            self._table.remove(Key(item["pk"], item["sk"]))
        return len(texts)

    def projects_of(self, worker_id: str) -> set[str]:
        """Access: Query (WORKER#id, CONSENT#), all pages. Cost: 0.5 read units per 4 KB (about 5 items)."""
        return {item["project_id"] for item in self._table.query_all(*keys.consents(worker_id))}

    def history(self, worker_id: str, token: str | None = None) -> tuple[list[ConsentEntry], str | None]:
        """Access: Query (WORKER#id, CONSENT#), 100 items a page, strong. Cost: 1 read unit per 4 KB."""
        page = self._table.query(*keys.consents(worker_id), limit=CONSENTS_PAGE, strong=True, token=token)
        return [entry for item in page.items for entry in _entries(item)], page.next_token

    def _change(
        self,
        key: Key,
        item: Item,
        given: Mapping[str, Any],
        gone: Sequence[str],
        past: Sequence[Mapping[str, str]],
    ) -> bool:
        """False when it was changed since `item` was read."""
        settings = ["revision = :next", "past = list_append(if_not_exists(past, :none), :past)"]
        settings += [f"#{kind} = :{kind}" for kind in given]
        removing = f" REMOVE {', '.join(f'#{kind}' for kind in gone)}" if gone else ""
        values = {":seen": item["revision"], ":next": item["revision"] + 1, ":none": [], ":past": list(past)}
        try:
            self._table.update(
                Update(
                    key,
                    f"SET {', '.join(settings)}{removing}",
                    values | {f":{kind}": facts for kind, facts in given.items()},
                    condition="revision = :seen",
                    names={f"#{kind}": kind for kind in (*given, *gone)},
                )
            )
        except ConditionFailedError:
            return False
        return True


def _facts(consent: Consent) -> dict[str, Any]:
    facts = consent.model_dump(mode="json")
    return {name: facts[name] for name in FACTS}


def _stands(item: Item, kind: str, facts: Mapping[str, Any]) -> bool:
    return kind in item and item[kind]["sha256"] == facts["sha256"]


def _line(kind: str, act: ConsentAct, at: str, facts: Mapping[str, str]) -> dict[str, str]:
    return {"kind": kind, "act": act.value, "at": at, "version": facts["version"], "sha256": facts["sha256"]}


def _given(item: Item, kind: str) -> dict[str, str]:
    """The line that remembers a consent that stood."""
    return _line(kind, ConsentAct.GIVEN, item[kind]["accepted_at"], item[kind])


def _entries(item: Item) -> Iterable[ConsentEntry]:
    """The whole history of a plan's consents, kind by kind, the earliest first."""
    lines = [*item.get("past", ()), *(_given(item, kind) for kind in map(str, ConsentKind) if kind in item)]
    return sorted((_entry(item, line) for line in lines), key=lambda entry: (entry.kind, entry.at))


def _entry(item: Item, line: Mapping[str, str]) -> ConsentEntry:
    return ConsentEntry.model_validate({"project_id": item["project_id"], "plan": item["plan"], **line})
