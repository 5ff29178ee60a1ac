"""DynamoDB in memory: tables with string keys `pk` and `sk`, their conditions, transactions, stream and TTL.

Source of behaviour and limits: Amazon DynamoDB Developer Guide and API Reference. Reads that are not strong may
see an item as it was before its last write, while that is young; a stream holds a record for 24 hours.
"""

import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

from daycover.store.aws import AwsError
from tests.simulation.aws.actions import Action, Wire, given, only, size
from tests.simulation.aws.conditions import check_used, condition
from tests.simulation.aws.values import invalid

STALE = timedelta(seconds=2)
"""For so long after a write a read that is not strong may see what stood before."""
MOST_PK, MOST_SK, MOST_PAGE = 2048, 1024, 1024 * 1024
MOST_ACTIONS, MOST_KEYS, MOST_TRANSACTION = 100, 100, 4 * 1024 * 1024
TOKEN_KEPT = timedelta(minutes=10)
OPERATIONS = frozenset(
    {
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    }
)
TTL_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
TTL_OLDEST = 5 * 365 * 86_400
"""Seconds: what expired longer ago is not deleted (a guard of DynamoDB against a wrong unit)."""


class Place(NamedTuple):
    table: str
    pk: str
    sk: str


@dataclass(slots=True)
class Stored:
    item: Wire | None
    before: Wire | None
    """What stood here until `at`."""
    at: datetime
    _sized: Wire | None = None
    _size: int = 0

    def size(self, item: Wire) -> int:
        """Of what was read here, which is measured once: items are read far more often than written."""
        if item is not self._sized:
            self._sized, self._size = item, size(item)
        return self._size


@dataclass(slots=True)
class Partition:
    items: dict[str, Stored] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    """Sort keys, those of deleted items too: a stale read still sees them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record of a table's stream; `kind` is INSERT, MODIFY or REMOVE."""

    number: int
    table: str
    kind: str
    key: Place
    old: Wire | None
    new: Wire | None
    at: datetime
    by_ttl: bool

    def record(self) -> dict[str, Any]:
        """As Lambda is given it."""
        images = {"OldImage": self.old, "NewImage": self.new}
        record: dict[str, Any] = {
            "eventID": f"{self.number:032x}",
            "eventName": self.kind,
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "ApproximateCreationDateTime": self.at.timestamp(),
                "Keys": {"pk": {"S": self.key.pk}, "sk": {"S": self.key.sk}},
                "SequenceNumber": f"{self.number:021d}",
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                **{name: image for name, image in images.items() if image is not None},
            },
        }
        if self.by_ttl:
            record["userIdentity"] = TTL_IDENTITY
        return record


class DynamoDB:
    """Implements the calls that the product makes. Raises AwsError with DynamoDB's codes."""

    def __init__(self, now: Callable[[], datetime], luck: Random, *, stale: float = 0.0) -> None:
        """`stale`: how often a read that is not strong sees what stood before a young write."""
        self._now, self._luck, self.stale = now, luck, stale
        self.tables: dict[str, dict[str, Partition]] = {}
        self.changes: list[Change] = []
        self.listeners: list[Callable[[Change], None]] = []
        """Told of each change as it happens."""
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self.calls = 0

    def create_table(self, name: str) -> None:
        self.tables[name] = {}

    def call(self, operation: str, **request: Any) -> Any:
        self.calls += 1
        if operation not in OPERATIONS:
            raise NotImplementedError(operation)
        return getattr(self, f"_{operation}")(request)

    # ---- for the simulator -----------------------------------------------------------------------

    def peek(self, table: str, pk: str, prefix: str = "") -> list[Wire]:
        """Everything that stands in a partition, as it is."""
        partition = self.tables[table].get(pk, Partition())
        return [
            stored.item
            for sk in _from(partition.order, prefix)
            if (stored := partition.items[sk]).item is not None
        ]

    def everything(self, table: str) -> list[Wire]:
        return [item for pk in self.tables[table] for item in self.peek(table, pk)]

    def has_any(self, table: str, prefix: str) -> bool:
        """Whether an item stands in any partition whose key begins so."""
        return any(
            stored.item is not None
            for pk, partition in self.tables[table].items()
            if pk.startswith(prefix)
            for stored in partition.items.values()
        )

    def expire(self, table: str, is_due: Callable[[Place, float], bool]) -> int:
        """Delete, as TTL does, what has expired and `is_due(place, seconds since it expired)`; give how many."""
        now = self._now().timestamp()
        gone = 0
        for pk, partition in self.tables[table].items():
            for sk, stored in partition.items.items():
                ttl = (stored.item or {}).get("ttl", {}).get("N")
                if ttl is None or not 0 < now - float(ttl) < TTL_OLDEST:
                    continue
                place = Place(table, pk, sk)
                if is_due(place, now - float(ttl)):
                    self._write(place, None, by_ttl=True)
                    gone += 1
        return gone

    # ---- reads -----------------------------------------------------------------------------------

    def _GetItem(self, request: Wire) -> Any:
        only(request, "TableName", "Key", "ConsistentRead")
        place = self._place(request["TableName"], request["Key"])
        item = self._read(place, strong=request.get("ConsistentRead", False))
        return {} if item is None else {"Item": item}

    def _BatchGetItem(self, request: Wire) -> Any:
        only(request, "RequestItems")
        responses: dict[str, list[Wire]] = {}
        if sum(len(wanted["Keys"]) for wanted in request["RequestItems"].values()) > MOST_KEYS:
            raise invalid("BatchGetItem")
        for table, wanted in request["RequestItems"].items():
            only(wanted, "Keys", "ConsistentRead")
            places = [self._place(table, key) for key in wanted["Keys"]]
            if not places or len(set(places)) < len(places):
                raise invalid("BatchGetItem")
            strong = wanted.get("ConsistentRead", False)
            # they come in no order that anybody may rely on, and in the same one however they were asked for
            places.sort(key=lambda place: crc32(f"{place.pk} {place.sk}".encode()))
            items = [self._read(place, strong=strong) for place in places]
            responses[table] = [item for item in items if item is not None]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _Query(self, request: Wire) -> Any:
        only(
            request,
            "TableName",
            "KeyConditionExpression",
            "ExpressionAttributeValues",
            "ScanIndexForward",
            "ConsistentRead",
            "ExclusiveStartKey",
            "Limit",
        )
        values = request["ExpressionAttributeValues"]
        match request["KeyConditionExpression"]:
            case "pk = :pk":
                prefix, used = "", {":pk"}
            case "pk = :pk AND begins_with(sk, :sk)":
                prefix, used = values[":sk"]["S"], {":pk", ":sk"}
            case other:
                raise NotImplementedError(other)
        if values.keys() != used or request.get("Limit", 1) < 1:
            raise invalid("Query")
        table, pk, strong = request["TableName"], values[":pk"]["S"], request.get("ConsistentRead", False)
        partition = self._table(table).get(pk, Partition())
        keys = _from(partition.order, prefix)
        forward = request.get("ScanIndexForward", True)
        start = request.get("ExclusiveStartKey")
        if start is not None:
            if start["pk"]["S"] != pk or not start["sk"]["S"].startswith(prefix):
                raise invalid("Query")
            behind = start["sk"]["S"]
            keys = keys[bisect_right(keys, behind) :] if forward else keys[: bisect_left(keys, behind)]
        ordered = keys if forward else reversed(keys)
        most, items, read, last = request.get("Limit"), list[Wire](), 0, None
        for sk in ordered:
            if (most is not None and len(items) >= most) or read >= MOST_PAGE:
                return {"Items": items, "Count": len(items), "LastEvaluatedKey": last}
            stored = partition.items[sk]
            item = self._seen(stored, strong=strong)
            if item is not None:
                items.append(item)
                read += stored.size(item)
                last = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer: dict[str, Any] = {"Items": items, "Count": len(items)}
        if most is not None and len(items) >= most:
            # DynamoDB looks no further than asked, and so does not know that this was the last one
            answer["LastEvaluatedKey"] = last
        return answer

    def _Scan(self, request: Wire) -> Any:
        only(
            request,
            "TableName",
            "Segment",
            "TotalSegments",
            "FilterExpression",
            "ExpressionAttributeValues",
            "ExpressionAttributeNames",
            "Limit",
            "ExclusiveStartKey",
        )
        beside = given(request)
        kept = condition(request["FilterExpression"])
        check_used(beside, kept.used)
        table = self._table(request["TableName"])
        segments, segment = request["TotalSegments"], request["Segment"]
        places = [
            (pk, sk)
            for pk in sorted(table)
            if sum(pk.encode()) % segments == segment  # any fixed spread will do: they are hashes
            for sk in table[pk].order
            if table[pk].items[sk].item is not None
        ]
        start = request.get("ExclusiveStartKey")
        if start is not None:
            places = places[bisect_right(places, (start["pk"]["S"], start["sk"]["S"])) :]
        page = places[: request["Limit"]]
        items = [
            item for pk, sk in page if (item := self._seen(table[pk].items[sk], strong=False)) is not None
        ]
        answer: dict[str, Any] = {"Items": [item for item in items if kept.holds(item, beside)]}
        if len(page) == request["Limit"]:
            answer["LastEvaluatedKey"] = {"pk": {"S": page[-1][0]}, "sk": {"S": page[-1][1]}}
        return answer

    # ---- writes ----------------------------------------------------------------------------------

    def _PutItem(self, request: Wire) -> Any:
        return self._one("Put", request, "PutItem")

    def _UpdateItem(self, request: Wire) -> Any:
        return self._one("Update", request, "UpdateItem")

    def _DeleteItem(self, request: Wire) -> Any:
        return self._one("Delete", request, "DeleteItem")

    def _one(self, kind: str, request: Wire, operation: str) -> Any:
        action = Action(kind, request)
        place = self._place(request["TableName"], action.key)
        stands = self._read(place, strong=True)
        if not action.holds(stands):
            shown = stands if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else None
            raise AwsError("ConditionalCheckFailedException", 400, operation=operation, item=shown)
        after = action.after(stands)
        self._write(place, after)
        match request.get("ReturnValues"):
            case None | "NONE":
                return {}
            case "ALL_NEW" if kind == "Update":
                return {"Attributes": after}
            case other:
                raise NotImplementedError(other)

    def _TransactWriteItems(self, request: Wire) -> Any:
        only(request, "TransactItems", "ClientRequestToken")
        wanted, token = request["TransactItems"], request.get("ClientRequestToken")
        now = self._now()
        known = json.dumps(wanted, sort_keys=True) if token else ""
        if token and token in self._tokens:
            earlier, at = self._tokens[token]
            if now - at <= TOKEN_KEPT:
                if earlier != known:
                    raise AwsError(
                        "IdempotentParameterMismatchException", 400, operation="TransactWriteItems"
                    )
                return {}
        actions = [Action(kind, body) for one in wanted for kind, body in one.items()]
        places = [self._place(action.request["TableName"], action.key) for action in actions]
        if not 0 < len(actions) <= MOST_ACTIONS or len(set(places)) < len(places):
            raise invalid("TransactWriteItems")
        stands = [self._read(place, strong=True) for place in places]
        outcomes = [_outcome(action, item) for action, item in zip(actions, stands, strict=True)]
        reasons = tuple(reason for reason, _ in outcomes)
        if any(reason != "None" for reason in reasons):
            raise AwsError(
                "TransactionCanceledException", 400, operation="TransactWriteItems", reasons=reasons
            )
        if sum(size(item) for _, item in outcomes if item is not None) > MOST_TRANSACTION:
            raise invalid("TransactWriteItems")
        for action, place, (_, item) in zip(actions, places, outcomes, strict=True):
            if action.kind != "ConditionCheck":
                self._write(place, item)
        if token:
            self._tokens[token] = known, now
        return {}

    # ---- what they stand on ----------------------------------------------------------------------

    def _table(self, name: str) -> dict[str, Partition]:
        if name not in self.tables:
            raise AwsError("ResourceNotFoundException", 400)
        return self.tables[name]

    def _place(self, table: str, key: Wire) -> Place:
        self._table(table)
        try:
            place = Place(table, key["pk"]["S"], key["sk"]["S"])
        except KeyError as error:
            raise invalid() from error
        lengths = len(place.pk.encode()), len(place.sk.encode())
        if len(key) != 2 or not (0 < lengths[0] <= MOST_PK and 0 < lengths[1] <= MOST_SK):
            raise invalid()
        return place

    def _read(self, place: Place, *, strong: bool) -> Wire | None:
        partition = self.tables[place.table].get(place.pk)
        stored = partition and partition.items.get(place.sk)
        return self._seen(stored, strong=strong) if stored else None

    def _seen(self, stored: Stored, *, strong: bool) -> Wire | None:
        if not strong and self.stale and self._now() - stored.at < STALE and self._luck.random() < self.stale:
            return stored.before
        return stored.item

    def _write(self, place: Place, item: Wire | None, *, by_ttl: bool = False) -> None:
        partition = self.tables[place.table].setdefault(place.pk, Partition())
        stored = partition.items.get(place.sk)
        old = stored.item if stored else None
        now = self._now()
        if stored is None:
            partition.items[place.sk] = Stored(item, None, now)
            insort(partition.order, place.sk)
        else:
            stored.item, stored.before, stored.at = item, old, now
        if old == item:
            return  # a write that changes nothing has no record
        kind = "REMOVE" if item is None else "INSERT" if old is None else "MODIFY"
        change = Change(len(self.changes) + 1, place.table, kind, place, old, item, now, by_ttl)
        self.changes.append(change)
        for hear in self.listeners:
            hear(change)


def _outcome(action: Action, stands: Wire | None) -> tuple[str, Wire | None]:
    """Give the reason that one write of a transaction has to cancel it, and the item after it where it has none."""
    if not action.holds(stands):
        return "ConditionalCheckFailed", None
    try:
        return "None", action.after(stands)
    except AwsError:
        return "ValidationError", None


def _from(order: list[str], prefix: str) -> list[str]:
    """The sort keys that begin with a prefix."""
    if not prefix:
        return order
    start = bisect_left(order, prefix)
    end = start
    while end < len(order) and order[end].startswith(prefix):
        end += 1
    return order[start:end]
