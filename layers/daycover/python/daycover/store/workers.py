"""Workers, consents and check-ins: everything under a worker's own partition."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import takewhile

from daycover.cover.check_in import (
    CheckIn,
    CheckInExistsError,
    CheckInNotFoundError,
    CheckInStatus,
    Context,
)
from daycover.cover.evidence import Trace
from daycover.errors import ConcurrentChangeError
from daycover.identity.attempt import Attempt
from daycover.identity.consent import Consent, ConsentKind
from daycover.identity.worker import Identity, Worker
from daycover.store import keys
from daycover.store.check_in_items import PlaceCipher, check_in_from, check_in_item, facts_of, seconds
from daycover.store.dynamodb import ConditionFailedError, Item, Put, Table, Update, sortable
from daycover.store.keys import Key
from daycover.wire import Cipher

SCHEMA_VERSION = 1


class StoredWorkers:
    """Implements `identity.worker.Workers`. Openid, name and ID number stand sealed, bound to the worker."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def get(self, worker_id: str) -> Worker:
        """As `find`. A worker has signed in before, so an absent item is a defect (KeyError)."""
        worker = self.find(worker_id)
        if worker is None:
            raise KeyError(worker_id)
        return worker

    def find(self, worker_id: str) -> Worker | None:
        """Access: GetItem (WORKER#id, PROFILE), strong: a policy shows as soon as it is issued. Cost: 1 unit."""
        item = self._table.get(keys.worker(worker_id), strong=True)
        return None if item is None else _open_worker(item, self._cipher)

    def names_of(self, worker_ids: Iterable[str]) -> dict[str, str]:
        """Access: BatchGetItem (WORKER#id, PROFILE) by 100. Cost: 0.5 read units each.

        Implements `cover.roster.Accounts`.
        """
        items = self._table.get_many(keys.worker(worker_id) for worker_id in worker_ids)
        return {
            item["worker_id"]: _open_identity(item, self._cipher).name
            for item in items.values()
            if "identity_sealed" in item and "locked_at" not in item
        }

    def add(self, worker: Worker) -> None:
        """Access: PutItem (WORKER#id, PROFILE). Condition: absent. Cost: 1 write unit, also when known."""
        item = {
            "worker_id": worker.worker_id,
            "openid": self._cipher.seal(worker.openid, worker.worker_id),
            "created_at": worker.created_at.isoformat(),
            "schema_version": SCHEMA_VERSION,
        }
        try:
            self._table.put(Put(keys.worker(worker.worker_id), item))
        except ConditionFailedError:
            pass  # the worker signed in before

    def bind(self, worker_id: str, identity: Identity, asked_at: datetime) -> None:
        """Access: UpdateItem (WORKER#id, PROFILE). Condition: no person bound yet, no erasure asked for since.

        Cost: 1 write unit.
        """
        try:
            self._table.update(
                Update(
                    keys.worker(worker_id),
                    "SET person_id = :person, identity_sealed = :sealed",
                    {
                        ":person": identity.person_id,
                        ":sealed": _seal_identity(worker_id, identity, self._cipher),
                        ":asked": sortable(asked_at),
                    },
                    condition="attribute_exists(pk) AND attribute_not_exists(person_id)"
                    " AND attribute_not_exists(locked_at)"
                    " AND (attribute_not_exists(erased_at) OR erased_at < :asked)",
                )
            )
        except ConditionFailedError:
            pass  # proved or erased before; whoever issues reads the account after this

    def lock_data(self, worker_id: str, at: datetime | None) -> None:
        """Access: UpdateItem (WORKER#id, PROFILE), with None unlocks. Condition: present. Cost: 1 write unit."""
        lock = "SET locked_at = if_not_exists(locked_at, :at), erased_at = :at"
        expression = "REMOVE locked_at" if at is None else lock
        values = {} if at is None else {":at": sortable(at)}
        self._table.update(Update(keys.worker(worker_id), expression, values))

    def forget_identity(self, worker_id: str, erased_at: datetime) -> None:
        """Access: UpdateItem (WORKER#id, PROFILE). Condition: locked, the request is still the last.

        Cost: 1 write unit.
        """
        try:
            self._table.update(
                Update(
                    keys.worker(worker_id),
                    "REMOVE locked_at, person_id, identity_sealed, payee_checks",
                    {":erased": sortable(erased_at)},
                    condition="attribute_exists(locked_at) AND erased_at = :erased",
                )
            )
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error


class StoredErasures:
    """Implements `cover.erase.Erasures`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def schedule(self, worker_id: str, due: date) -> None:
        """Access: PutItem (ERASURES, DUE#date#worker). Condition: absent. Cost: 1 write unit."""
        item = {"worker_id": worker_id, "due": due.isoformat(), "schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.erasure(due.isoformat(), worker_id), item))
        except ConditionFailedError:
            pass  # the request was repeated

    def due(self, day: date) -> list[tuple[date, str]]:
        """Access: Query (ERASURES, DUE#), up to what is due. Cost: 0.5 read units per 4 KB (about 30)."""
        waiting = self._table.query_all(*keys.erasures())
        reached = takewhile(lambda item: item["due"] <= day.isoformat(), waiting)
        return [(date.fromisoformat(item["due"]), item["worker_id"]) for item in reached]

    def done(self, worker_id: str, due: date) -> None:
        """Access: delete (ERASURES, DUE#date#worker). Condition: present. Cost: 2 write units."""
        self._table.remove(keys.erasure(due.isoformat(), worker_id))


REFUSED_KEPT = timedelta(days=90)
"""How long a check-in that issued nothing is kept for questions about it; nothing reads it by then."""


class StoredCheckIns:
    """Implements `cover.check_in.CheckIns`. Identity, openid, place and launch token stand sealed."""

    def __init__(self, table: Table, cipher: Cipher, places: PlaceCipher) -> None:
        self._table = table
        self._cipher = cipher
        self._places = places

    def context(self, worker_id: str, project_id: str, plan_key: str) -> Context:
        """Access: BatchGetItem of the profile and the consents to the plan, strong: a check-in may follow its consents
        within milliseconds. Cost: 1 read unit for the profile and 1 for the consents.
        """
        profile = keys.worker(worker_id)
        given = keys.consents_to(worker_id, project_id, plan_key)
        found = self._table.get_many([profile, given], strong=True)
        return Context(_open_worker(found[profile], self._cipher), _standing(found.get(given, {})))

    def add(self, check_in: CheckIn) -> None:
        """Access: PutItem (WORKER#id, CHECKIN#day-nn). Condition: absent. Cost: 1 write unit (at most 1 KB)."""
        key = keys.check_in(check_in.worker_id, check_in.check_in_id)
        try:
            self._table.put(Put(key, check_in_item(check_in, self._cipher, self._places)))
        except ConditionFailedError as error:
            raise CheckInExistsError from error

    def ask_again(self, check_in: CheckIn, before: CheckIn) -> None:
        """Access: PutItem (WORKER#id, CHECKIN#day-nn). Condition: STARTED, asked for as often, answered the same.

        Cost: 1 write unit (at most 1 KB).
        """
        try:
            self._table.put(
                Put(
                    keys.check_in(check_in.worker_id, check_in.check_in_id),
                    check_in_item(check_in, self._cipher, self._places),
                    condition="#status = :started AND asks = :asks AND pre_order = :pre_order",
                    values={
                        ":started": CheckInStatus.STARTED,
                        ":asks": before.asks,
                        ":pre_order": before.pre_order,
                    },
                    names={"#status": "status"},
                )
            )
        except ConditionFailedError as error:
            raise CheckInExistsError from error

    def unanswered(self, check_in: CheckIn) -> None:
        """Access: UpdateItem. Condition: asked for as often. Cost: 1 write unit (at most 1 KB)."""
        try:
            self._table.update(
                Update(
                    keys.check_in(check_in.worker_id, check_in.check_in_id),
                    "SET pre_order = :pre_order, may_be_known = :known",
                    {
                        ":pre_order": check_in.pre_order,
                        ":known": check_in.may_be_known,
                        ":asks": check_in.asks,
                    },
                    condition="asks = :asks",
                )
            )
        except ConditionFailedError:
            pass  # asked for again meanwhile: that answer is newer

    def pre_ordered(self, check_in: CheckIn) -> None:
        """Access: UpdateItem. Condition: still STARTED, asked for as often. Cost: 1 write unit (at most 1 KB)."""
        assert check_in.token is not None
        try:
            self._table.update(
                Update(
                    keys.check_in(check_in.worker_id, check_in.check_in_id),
                    "SET #status = :ready, pre_order = :pre_order, token_ends_at = :ends, token_sealed = :token",
                    {
                        ":ready": check_in.status,
                        ":pre_order": check_in.pre_order,
                        ":asks": check_in.asks,
                        ":ends": seconds(check_in.token_ends_at),
                        ":token": self._cipher.seal(check_in.token, check_in.worker_id),
                        ":started": CheckInStatus.STARTED,
                    },
                    condition="#status = :started AND asks = :asks",
                    names={"#status": "status"},
                )
            )
        except ConditionFailedError:
            pass  # settled meanwhile: the outcome is newer than the token

    def get(self, worker_id: str, check_in_id: str) -> CheckIn:
        """Access: GetItem (WORKER#id, CHECKIN#id), strong. Cost: 1 read unit."""
        item = self._table.get(keys.check_in(worker_id, check_in_id), strong=True)
        if item is None:
            raise CheckInNotFoundError
        return check_in_from(item, self._cipher, self._places)

    def of_day(self, worker_id: str, day: str) -> list[CheckIn]:
        """Access: Query (WORKER#id, CHECKIN#day-), strong; at most 99, mostly none. Cost: 1 read unit per 4 KB."""
        items = self._table.query_all(*keys.check_ins_of_day(worker_id, day), strong=True)
        return [check_in_from(item, self._cipher, self._places) for item in items]

    def attempts_of_day(self, worker_id: str, day: str) -> list[Attempt]:
        """Access: as `of_day`."""
        items = self._table.query_all(*keys.check_ins_of_day(worker_id, day), strong=True)
        return [Attempt.model_validate(facts_of(item)) for item in items]

    def delete_before(self, worker_id: str, day: str, *, issued: bool) -> int:
        """Access: Query (WORKER#id, CHECKIN#), then a delete of those before `day` (yyyymmdd), those that
        issued a policy only when `issued`. Condition: present. Cost: 1 read unit per 4 KB, 4 write units each.
        """
        items = list(self._table.query_all(*keys.check_ins(worker_id), strong=True))
        old = [
            item
            for item in items
            if facts_of(item)["check_in_id"] < day and (issued or item.get("policy_no") is None)
        ]
        return sum(self._table.remove(Key(item["pk"], item["sk"])) for item in old)

    def settle(self, check_in: CheckIn) -> CheckIn:
        """Access: UpdateItem; the token, of no more use, goes, and what issued nothing may go later (TTL).

        Condition: STARTED or PRE_ORDERED. Cost: 1 write unit (at most 1 KB).
        """
        forgotten = None if check_in.policy_no is not None else seconds(check_in.at + REFUSED_KEPT)
        outcome = {
            "policy_no": check_in.policy_no,
            "failed_reason": check_in.failed_reason,
            "ttl": forgotten,
        }
        known = {name: value for name, value in outcome.items() if value is not None}
        values = {
            ":to": check_in.status,
            ":started": CheckInStatus.STARTED,
            ":ordered": CheckInStatus.PRE_ORDERED,
            **{f":{name}": value for name, value in known.items()},
        }
        try:
            self._table.update(
                Update(
                    keys.check_in(check_in.worker_id, check_in.check_in_id),
                    "SET "
                    + ", ".join(["#status = :to", *(f"#{name} = :{name}" for name in known)])
                    + " REMOVE token_sealed",
                    values,
                    condition="#status IN (:started, :ordered)",
                    names={f"#{name}": name for name in ("status", *known)},
                )
            )
        except ConditionFailedError as error:
            if not error.item:
                return check_in
            return check_in_from(error.item, self._cipher, self._places)  # settled before; an outcome stays
        return check_in

    def trail(self, worker_id: str, limit: int) -> list[tuple[Trace, str]]:
        """Access: Query (WORKER#id, CHECKIN#), newest first. Cost: 0.5 read units for 4 KB (4 check-ins).

        Implements `cover.check_in.CheckIns`. Nothing is decrypted: each old field would need its data key.
        """
        page = self._table.query(*keys.check_ins(worker_id), limit=limit, newest_first=True)
        return [
            (
                Trace(
                    id=f"{worker_id}/{facts_of(item)['check_in_id']}",
                    worker_id=worker_id,
                    at=item["at"],
                    device_id=item["device"]["id"],
                ),
                item["project_id"],
            )
            for item in page.items
        ]

    def weigh(self, check_in: CheckIn) -> None:
        """Access: UpdateItem. Condition: present. Cost: 1 write unit, 2 with many signals."""
        self._table.update(
            Update(
                keys.check_in(check_in.worker_id, check_in.check_in_id),
                "SET signals = :signals",
                {":signals": [signal.model_dump(mode="json") for signal in check_in.signals]},
            )
        )


def _standing(item: Item) -> list[Consent]:
    """What stands of the consents to a plan (`StoredConsents`)."""
    kinds = (kind.value for kind in ConsentKind)
    return [Consent.model_validate(item[kind] | {"kind": kind}) for kind in kinds if kind in item]


def _seal_identity(worker_id: str, identity: Identity, cipher: Cipher) -> str:
    facts = [identity.name, identity.id_number, identity.document_type, identity.birth_date.isoformat()]
    return cipher.seal(json.dumps(facts, ensure_ascii=False), worker_id)


def _open_identity(item: Item, cipher: Cipher) -> Identity:
    name, id_number, document_type, born = json.loads(cipher.open(item["identity_sealed"], item["worker_id"]))
    return Identity(
        name=name,
        id_number=id_number,
        document_type=document_type,
        birth_date=born,
        person_id=item["person_id"],
    )


def _open_worker(item: Item, cipher: Cipher) -> Worker:
    known = _open_identity(item, cipher) if "identity_sealed" in item else None
    return Worker(
        locked_at=item.get("locked_at"),
        erased_at=item.get("erased_at"),
        payee_checks=item.get("payee_checks"),
        worker_id=item["worker_id"],
        openid=cipher.open(item["openid"], item["worker_id"]),
        created_at=item["created_at"],
        **({} if known is None else dict(known)),
    )
