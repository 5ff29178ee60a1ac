"""Referrals: one item each, and an entry beside it for the worker, the project and the staff queue."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from daycover import crockford
from daycover.china_time import china_day
from daycover.cover.application import ApplicationDocument
from daycover.cover.referral import LISTED, MOST_DOCUMENTS, Referral, ReferralNotFoundError
from daycover.errors import ConcurrentChangeError
from daycover.identity.consent import Consent, references
from daycover.identity.worker import Identity
from daycover.store import keys
from daycover.store.dynamodb import PRESENT, ConditionFailedError, Delete, Item, Put, Table, Update
from daycover.store.keys import Key
from daycover.wire import Cipher

SCHEMA_VERSION = 1
QUEUED_FOR = timedelta(days=1)
"""TTL of a queue entry; whether it still waits, the clock says."""


class StoredReferrals:
    """Implements `cover.referral.Referrals`. Name, document number and openid stand sealed."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def add(self, referral: Referral) -> None:
        """Access: TransactWriteItems of the item and two entries. Condition: absent. Cost: 8 write units."""
        number = referral.referral_id
        entry = {"referral_id": number, "schema_version": SCHEMA_VERSION}
        self._table.write(
            Put(keys.referral(number), self._item(referral)),
            Put(keys.referral_of_worker(referral.worker_id, number), entry),
            Put(keys.referral_of_project(referral.project_id, number), entry),
        )

    def get(self, referral_id: str) -> Referral:
        """Access: GetItem (REFERRAL#id, REFERRAL), strong. Cost: 1 read unit."""
        item = self._table.get(keys.referral(referral_id), strong=True)
        if item is None:
            raise ReferralNotFoundError
        return self._referral(item)

    def of_worker(self, worker_id: str) -> list[Referral]:
        """Access: Query (WORKER#id, REFERRAL#), newest 50, then BatchGetItem. Cost: 1 read unit each."""
        return self._listed(keys.referral_of_worker(worker_id, ""))

    def list_before(self, worker_id: str, day: date, *, issued: bool) -> list[Referral]:
        """Access: Query (WORKER#id, REFERRAL#), all pages, then BatchGetItem. Cost: 1 read unit each."""
        entries = self._table.query_all(*keys.referral_of_worker(worker_id, ""), strong=True)
        wanted = [keys.referral(entry["referral_id"]) for entry in entries]
        return [
            self._referral(item)
            for item in self._table.get_many(wanted, strong=True).values()
            if china_day(datetime.fromisoformat(item["at"])) < day
            and (issued or item.get("policy_no") is None)
        ]

    def delete(self, referral: Referral) -> None:
        """Access: TransactWriteItems of the item and its entries. Condition: present. Cost: 8 write units."""
        number = referral.referral_id
        try:
            self._table.write(
                Delete(keys.referral(number), PRESENT),
                Delete(keys.referral_of_worker(referral.worker_id, number)),
                Delete(keys.referral_of_project(referral.project_id, number)),
                Delete(keys.referral_queue(number)),
            )
        except ConditionFailedError:
            pass  # another run was first

    def add_document(self, referral_id: str, document: ApplicationDocument) -> None:
        """Access: UpdateItem (REFERRAL#id, REFERRAL). Condition: not decided, fewer than MOST_DOCUMENTS.

        Cost: 2 write units, 4 with many documents.
        """
        self._set_document(
            referral_id,
            document,
            "attribute_not_exists(decided) AND size(documents) < :most",
            {":most": MOST_DOCUMENTS},
        )

    def receive_document(self, referral_id: str, document: ApplicationDocument) -> None:
        """Access and cost: as `add_document`. Condition: not decided, announced before."""
        self._set_document(
            referral_id, document, "attribute_not_exists(decided) AND attribute_exists(documents.#id)", {}
        )

    def _set_document(
        self, referral_id: str, document: ApplicationDocument, condition: str, values: dict[str, Any]
    ) -> None:
        self._write(
            Update(
                keys.referral(referral_id),
                "SET documents.#id = :document",
                {":document": document.model_dump(mode="json", exclude_none=True)} | values,
                condition=condition,
                names={"#id": document.document_id},
            )
        )

    def of_project(self, project_id: str) -> list[Referral]:
        """Access: Query (PROJECT#id, REFERRAL#), newest 50, then BatchGetItem. Cost: 1 read unit each."""
        return self._listed(keys.referral_of_project(project_id, ""))

    def open_of(self, project_id: str, since: datetime) -> list[Referral]:
        """Access: Query (PROJECT#id, REFERRAL#), newest 50, then BatchGetItem of those whose ids are of that time.

        Cost: 0.5 read units, and 1 each of what is open.
        """
        entries = self._table.query(
            *keys.referral_of_project(project_id, ""), limit=LISTED, newest_first=True
        )
        edge = _id_at(since)
        wanted = [entry["referral_id"] for entry in entries.items if entry["referral_id"] >= edge]
        found = self._table.get_many(map(keys.referral, wanted))
        return [self._referral(found[key]) for key in map(keys.referral, wanted) if key in found]

    def waiting(self, since: datetime) -> list[Referral]:
        """Access: two Queries (STAFF#REFERRAL): every entry since then, and the newest 50 before it; then BatchGetItem.

        Cost: 1 read unit each.
        """
        queue, edge = keys.referral_queue(""), keys.referral_queue(_id_at(since)).sk
        recent = self._table.query(*queue, after=edge, strong=True).items
        older = self._table.query(*queue, after=edge, limit=LISTED, newest_first=True, strong=True).items
        return self._found([*older[::-1], *recent])

    def confirm(self, referral: Referral) -> None:
        """Access: TransactWriteItems. Condition: not confirmed, not decided. Cost: 4 write units."""
        assert referral.confirmed is not None
        queued = {
            "referral_id": referral.referral_id,
            "ttl": int((referral.at + QUEUED_FOR).timestamp()),
            "schema_version": SCHEMA_VERSION,
        }
        self._write(
            Update(
                keys.referral(referral.referral_id),
                "SET confirmed = :step",
                {":step": referral.confirmed.model_dump(mode="json")},
                condition="attribute_exists(pk) AND attribute_not_exists(confirmed)"
                " AND attribute_not_exists(decided)",
            ),
            Put(keys.referral_queue(referral.referral_id), queued),
        )

    def decide(self, referral: Referral) -> None:
        """Access: TransactWriteItems; an approval stays queued until it has its policy. Condition: not decided.

        Cost: 4 write units, 2 for an approval.
        """
        assert referral.decided is not None
        dequeued = [] if referral.decided.approved else [Delete(keys.referral_queue(referral.referral_id))]
        self._write(
            Update(
                keys.referral(referral.referral_id),
                "SET decided = :step",
                {":step": referral.decided.model_dump(mode="json")},
                condition="attribute_exists(pk) AND attribute_not_exists(decided)",
            ),
            *dequeued,
        )

    def issued(self, referral: Referral) -> None:
        """Access: TransactWriteItems of item and queue entry. Condition: present. Cost: 4 write units."""
        self._write(
            Update(
                keys.referral(referral.referral_id),
                "SET policy_no = :no REMOVE not_issued_for",
                {":no": referral.policy_no},
            ),
            Delete(keys.referral_queue(referral.referral_id)),
        )

    def not_issued(self, referral: Referral) -> None:
        """Access: UpdateItem (REFERRAL#id, REFERRAL). Condition: without a policy. Cost: 2 write units.

        The queue entry stays until its TTL: no list shows it, and whoever repeats the approval needs it not.
        """
        try:
            self._table.update(
                Update(
                    keys.referral(referral.referral_id),
                    "SET not_issued_for = :code",
                    {":code": referral.not_issued_for},
                    condition="attribute_exists(pk) AND attribute_not_exists(policy_no)",
                )
            )
        except ConditionFailedError:
            pass  # a repeated approval issued it meanwhile

    def _write(self, *items: Update | Put | Delete) -> None:
        try:
            self._table.write(*items)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def _listed(self, prefix: Key) -> list[Referral]:
        page = self._table.query(*prefix, limit=LISTED, newest_first=True, strong=True)
        return self._found(page.items)

    def _found(self, entries: list[Item]) -> list[Referral]:
        wanted = [keys.referral(entry["referral_id"]) for entry in entries]
        found = self._table.get_many(wanted, strong=True)
        return [self._referral(found[key]) for key in wanted if key in found]

    def _item(self, referral: Referral) -> dict[str, Any]:
        identity, bound_to = referral.identity, referral.referral_id
        facts = identity.model_dump(mode="json", exclude={"person_id"}) | {"openid": referral.openid}
        apart = {"identity", "openid", "documents"}
        plain = referral.model_dump(mode="json", exclude=apart, exclude_none=True)
        return plain | {
            "documents": {},
            "person_id": identity.person_id,
            "identity_sealed": self._cipher.seal(json.dumps(facts), bound_to),
            "schema_version": SCHEMA_VERSION,
        }

    def _referral(self, item: Item) -> Referral:
        facts = json.loads(self._cipher.open(item["identity_sealed"], item["referral_id"]))
        openid = facts.pop("openid")
        identity = Identity(**facts, person_id=item["person_id"])
        documents = sorted(item["documents"].values(), key=lambda document: document["announced_at"])
        opened = {"identity": identity, "openid": openid, "documents": documents}
        if any(isinstance(consent, dict) for consent in item["consents"]):  # they were copied whole
            opened["consents"] = references(Consent.model_validate(consent) for consent in item["consents"])
        return Referral.model_validate(item | opened)


def _id_at(at: datetime) -> str:
    """What the ids of that moment begin with: their milliseconds."""
    return crockford.encode(int(at.timestamp() * 1000), 10)
