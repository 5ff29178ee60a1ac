"""What a worker consented to and withdrew: an item for each text, its history inside."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from daycover.identity.consent import Consent, ConsentAct, ConsentEntry, ConsentKind
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Item, Table, Update
from daycover.store.keys import Key

SCHEMA_VERSION = 1
CONSENTS_PAGE = 100


class StoredConsents:
    """Implements `identity.consent.Consents`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, worker_id: str, project_id: str, plan: str, consents: Sequence[Consent]) -> None:
        """Access: UpdateItem (WORKER#id, CONSENT#project#plan#kind) each; the history inside grows by a line.

        Condition: absent, another text, or withdrawn. Cost: 1 write unit each.
        """
        for consent in consents:
            facts = consent.model_dump(mode="json") | {
                "project_id": project_id,
                "plan": plan,
                "schema_version": SCHEMA_VERSION,
            }
            setting = ", ".join(f"#{name} = :{name}" for name in facts)
            line = _consent_line(ConsentAct.GIVEN, consent.accepted_at, consent.version, consent.sha256)
            try:
                self._table.update(
                    Update(
                        keys.consent(worker_id, project_id, plan, consent.kind),
                        f"SET {setting}, #history = list_append(if_not_exists(#history, :none), :line)"
                        " REMOVE #withdrawn_at",
                        {f":{name}": value for name, value in facts.items()} | {":none": [], ":line": [line]},
                        condition="attribute_not_exists(pk) OR #sha256 <> :sha256"
                        " OR attribute_exists(#withdrawn_at)",
                        names={f"#{name}": name for name in (*facts, "history", "withdrawn_at")},
                    )
                )
            except ConditionFailedError:
                continue  # accepted before: the first time counts

    def withdraw(
        self, worker_id: str, project_id: str, kinds: Collection[ConsentKind], now: datetime
    ) -> list[ConsentEntry]:
        """Access: Query (WORKER#id, CONSENT#project#), strong, then UpdateItem of each that stands.

        Condition: not withdrawn. Cost: 1 read unit per 4 KB, 1 write unit each.
        """
        withdrawn = []
        for item in self._table.query_all(*keys.consents(worker_id, project_id), strong=True):
            if item["kind"] not in kinds or "withdrawn_at" in item:
                continue
            line = _consent_line(ConsentAct.WITHDRAWN, now, item["version"], item["sha256"])
            try:
                self._table.update(
                    Update(
                        Key(item["pk"], item["sk"]),
                        "SET withdrawn_at = :now, #history = list_append(#history, :line)",
                        {":now": now.isoformat(), ":line": [line]},
                        condition="attribute_exists(pk) AND attribute_not_exists(withdrawn_at)",
                        names={"#history": "history"},
                    )
                )
            except ConditionFailedError:
                continue  # a parallel withdrawal was first
            withdrawn.append(_consent_entry(item, line))
        return withdrawn

    def delete_all(self, worker_id: str) -> int:
        """Access: Query (WORKER#id, CONSENT#), then a delete each. Condition: present. Cost: 2 write units each."""
        items = list(self._table.query_all(*keys.consents(worker_id), strong=True))
        return sum(self._table.remove(Key(item["pk"], item["sk"])) for item in items)

    def projects_of(self, worker_id: str) -> set[str]:
        """Access: Query (WORKER#id, CONSENT#), all pages. Cost: 0.5 read units per 4 KB (about 8 items)."""
        return {item["project_id"] for item in self._table.query_all(*keys.consents(worker_id))}

    def history(self, worker_id: str, token: str | None = None) -> tuple[list[ConsentEntry], str | None]:
        """Access: Query (WORKER#id, CONSENT#), 100 items a page, strong. Cost: 1 read unit per 4 KB."""
        page = self._table.query(*keys.consents(worker_id), limit=CONSENTS_PAGE, strong=True, token=token)
        return [
            _consent_entry(item, line) for item in page.items for line in item["history"]
        ], page.next_token


def _consent_line(act: ConsentAct, at: datetime, version: str, sha256: str) -> dict[str, str]:
    return {"act": act.value, "at": at.isoformat(), "version": version, "sha256": sha256}


def _consent_entry(item: Item, line: Mapping[str, str]) -> ConsentEntry:
    place = {name: item[name] for name in ("project_id", "plan", "kind")}
    return ConsentEntry.model_validate(place | dict(line))
