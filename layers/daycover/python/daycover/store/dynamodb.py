"""One table behind typed calls: conditions on every write, AWS error codes made ours in one place."""

import base64
import heapq
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import Any

from daycover.errors import DaycoverError, ErrorKind
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.keys import Key

Item = dict[str, Any]
ABSENT = "attribute_not_exists(pk)"
PRESENT = "attribute_exists(pk)"
MOST_SORT_KEY_BYTES = 1024
AT_ONCE = 100
"""Keys of one BatchGetItem."""
MERGED_AT_ONCE, MERGED_PAGE = 1_600, 25
"""Items in memory while partitions are merged, a page of each, and the least that a page holds: eight pages of a
megabyte would be 30 MB as objects, and a large company's day has 512 partitions."""


class ConditionFailedError(DaycoverError):
    """A write's condition did not hold. `item` is what stands there, when one item was written."""

    def __init__(self, item: Item | None = None, reasons: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.item = item
        self.reasons = reasons


class PageTokenError(DaycoverError):
    """The page token is not ours or belongs to another list.

    What to do: Start again at the first page.
    含义:分页标记不是本接口给出的,或属于另一个列表。
    处理:从第一页重新读取。
    """

    kind = ErrorKind.MALFORMED
    title = "分页标记无效", "The page token is not valid"


@dataclass(frozen=True, slots=True)
class Page:
    """Items of one page, and the token of the next."""

    items: list[Item]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class Put:
    key: Key
    item: Mapping[str, Any]
    condition: str = ABSENT
    values: Mapping[str, Any] | None = None
    names: Mapping[str, str] | None = None


def put_after(before: int, key: Key, item: Mapping[str, Any]) -> Put:
    """Give the put of what follows version `before` of an item; after 0 nothing stands there yet."""
    if not before:
        return Put(key, item)
    return Put(key, item, condition="version = :before", values={":before": before})


@dataclass(frozen=True, slots=True)
class Update:
    """`expression` is an UpdateExpression; its `:name` values stand in `values`."""

    key: Key
    expression: str
    values: Mapping[str, Any]
    condition: str = PRESENT
    names: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ConditionCheck:
    key: Key
    condition: str
    values: Mapping[str, Any] | None = None
    names: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Without a condition only beside a write that has one: they stand or fall together."""

    key: Key
    condition: str | None = None
    values: Mapping[str, Any] | None = None
    names: Mapping[str, str] | None = None


Write = Put | Update | ConditionCheck | Delete
COUNTER_VERSION = 1
NOBODY_REACHES = 1_000_000
"""A condition for counters that need none: no write goes without."""


def add_to(
    key: Key,
    name: str,
    ttl: int,
    *,
    amount: int = 1,
    at_most: int = NOBODY_REACHES,
    beside: Mapping[str, Any] | None = None,
) -> Update:
    """Add an amount to the number of this name, and set what stands `beside` it. `ttl` in epoch seconds.

    Condition: it comes to `at_most` at the most; a larger amount never fits, also where nothing is counted yet.
    Neither name may be a reserved word of DynamoDB.
    """
    room, beside = at_most - amount, beside or {}
    setting = "".join(f", {other} = :{other}" for other in beside)
    values = {":amount": amount, ":room": room, ":ttl": ttl, ":version": COUNTER_VERSION}
    return Update(
        key,
        f"ADD {name} :amount SET #ttl = :ttl, schema_version = :version{setting}",
        values | {f":{other}": value for other, value in beside.items()},
        condition=f"attribute_not_exists(pk) OR {name} <= :room" if room >= 0 else f"{name} <= :room",
        names={"#ttl": "ttl"},
    )


def ttl_after(day: date, kept: timedelta) -> int:
    """Give the epoch second at which what was counted on a day has been kept for so long since it began."""
    return int((datetime(day.year, day.month, day.day, tzinfo=UTC) + kept).timestamp())


class Table:
    """A DynamoDB table with string keys `pk` and `sk`. Raises StoreUnavailableError, ConditionFailedError."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Key, *, strong: bool = False) -> Item | None:
        """Access: GetItem. Cost: 0.5 read units per 4 KB, 1 when `strong`."""
        answer = self._call("GetItem", Key=_key(key), ConsistentRead=strong)
        return _from_wire(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Key], *, strong: bool = False) -> dict[Key, Item]:
        """Access: BatchGetItem for each 100 keys. Cost: 0.5 read units per item and 4 KB, 1 when `strong`.

        Unprocessed keys are asked for again twice, then StoreUnavailableError.
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), AT_ONCE):
            found |= self._get_page(wanted[start : start + AT_ONCE], strong=strong)
        return found

    def _get_page(self, keys: Sequence[Key], *, strong: bool) -> dict[Key, Item]:
        wanted = [_key(key) for key in keys]
        found: dict[Key, Item] = {}
        for _ in range(3):
            answer = self._call(
                "BatchGetItem", RequestItems={self.name: {"Keys": wanted, "ConsistentRead": strong}}
            )
            for wire in answer["Responses"].get(self.name, []):
                item = _from_wire(wire)
                found[Key(item["pk"], item["sk"])] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not wanted:
                return found
        raise StoreUnavailableError

    def put(self, put: Put) -> None:
        """Access: PutItem with condition. Cost: 1 write unit per KB, also when the condition fails."""
        self._call("PutItem", Item=_item(put.key, put.item), **_condition(put, one=True))

    def update(self, update: Update) -> Item:
        """Access: UpdateItem with condition; gives the item as it is then. Cost: 1 write unit per KB."""
        answer = self._call(
            "UpdateItem",
            Key=_key(update.key),
            UpdateExpression=update.expression,
            ReturnValues="ALL_NEW",
            **_condition(update, one=True),
        )
        return _from_wire(answer["Attributes"])

    def delete(self, delete: Delete) -> None:
        """Access: DeleteItem with condition. Cost: 1 write unit per KB, half of what a transaction of one costs."""
        self._call("DeleteItem", Key=_key(delete.key), **_condition(delete, one=True))

    def remove(self, key: Key) -> bool:
        """Delete an item that another run may have deleted; give whether it was there."""
        try:
            self.write(Delete(key, PRESENT))
        except ConditionFailedError:
            return False
        return True

    def write(self, *writes: Write) -> None:
        """Access: TransactWriteItems, all or nothing. Cost: 2 write units per item and KB.

        ConditionFailedError.reasons holds a code per write, in order (`None` where it held).
        """
        self._call(
            "TransactWriteItems",
            TransactItems=[self._transact(write) for write in writes],
            ClientRequestToken=os.urandom(16).hex(),  # a repetition after a lost answer has no second effect
        )

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        limit: int | None = None,
        newest_first: bool = False,
        strong: bool = False,
        token: str | None = None,
        after: str | None = None,
    ) -> Page:
        """Access: Query of one partition by sort-key prefix. Cost: 0.5 read units per 4 KB read.

        `token` continues the same list; `after` starts behind a known sort key. Raises PageTokenError.
        """
        values = {":pk": _to_wire(pk)}
        condition = "pk = :pk"
        if prefix:
            values[":sk"] = _to_wire(prefix)
            condition += " AND begins_with(sk, :sk)"
        arguments: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not newest_first,
            "ConsistentRead": strong,
        }
        start = _open_token(token, pk, prefix) if token else (after and Key(pk, after))
        if start:
            arguments["ExclusiveStartKey"] = _key(start)
        if limit:
            arguments["Limit"] = limit
        answer = self._call("Query", **arguments)
        last = answer.get("LastEvaluatedKey")
        items = [_from_wire(wire) for wire in answer["Items"]]
        return Page(items, _seal_token(_from_wire(last)) if last else None)

    def query_all(
        self, pk: str, prefix: str = "", *, strong: bool = False, limit: int | None = None
    ) -> Iterable[Item]:
        """Every item of one partition and prefix, page by page, each of at most a megabyte, or `limit` items."""
        token = None
        while True:
            page = self.query(pk, prefix, strong=strong, token=token, limit=limit)
            yield from page.items
            token = page.next_token
            if token is None:
                return

    def query_merged(self, places: Iterable[tuple[str, ...]], *, strong: bool = False) -> Iterator[Item]:
        """Every item of several partitions, or prefixes of them, merged by sort key; memory stays flat.

        Access: Query of each, 200 items a page of eight partitions, 25 of 64 and more.
        """
        of_all = list(places)
        page = max(MERGED_PAGE, MERGED_AT_ONCE // max(1, len(of_all)))
        each = [self.query_all(*place, strong=strong, limit=page) for place in of_all]
        return heapq.merge(*each, key=lambda item: str(item["sk"]))

    def scan_segment(
        self,
        segment: int,
        segments: int,
        condition: str,
        values: Mapping[str, Any],
        *,
        names: Mapping[str, str] | None = None,
        limit: int,
        token: str | None = None,
    ) -> Page:
        """Access: one page of a parallel Scan, at most `limit` items before the filter `condition`.

        Cost: 0.5 read units per 4 KB read, filtered out or not. The one exception to "no scans"
        (docs/decisions/0015): only the sweeper asks. Raises PageTokenError.
        """
        arguments: dict[str, Any] = {
            "Segment": segment,
            "TotalSegments": segments,
            "FilterExpression": condition,
            "ExpressionAttributeValues": {name: _to_wire(value) for name, value in values.items()},
            "Limit": limit,
        }
        if names:
            arguments["ExpressionAttributeNames"] = dict(names)
        if token:
            arguments["ExclusiveStartKey"] = _key(_open_scan_token(token))
        answer = self._call("Scan", **arguments)
        last = answer.get("LastEvaluatedKey")
        items = [_from_wire(wire) for wire in answer["Items"]]
        return Page(items, _seal_token(_from_wire(last)) if last else None)

    def _transact(self, write: Write) -> dict[str, Any]:
        base: dict[str, Any] = {"TableName": self.name, **_condition(write, one=False)}
        if isinstance(write, Put):
            return {"Put": base | {"Item": _item(write.key, write.item)}}
        if isinstance(write, Update):
            return {"Update": base | {"Key": _key(write.key), "UpdateExpression": write.expression}}
        if isinstance(write, Delete):
            return {"Delete": base | {"Key": _key(write.key)}}
        return {"ConditionCheck": base | {"Key": _key(write.key)}}

    def _call(self, operation: str, **arguments: Any) -> Any:
        if operation not in {"BatchGetItem", "TransactWriteItems"}:
            arguments["TableName"] = self.name
        try:
            return self._client.call(operation, **arguments)
        except AwsError as error:
            raise _ours(error) from error


def _ours(error: AwsError) -> Exception:
    """The one translation of failed conditions. What we do not know stays an unexpected error."""
    if error.code == "ConditionalCheckFailedException":
        return ConditionFailedError(_from_wire(error.item) if error.item else None)
    if error.code == "TransactionCanceledException":
        if "ConditionalCheckFailed" in error.reasons:
            return ConditionFailedError(reasons=error.reasons)
        return error if "ValidationError" in error.reasons else StoreUnavailableError()
    return error


def _condition(write: Write, *, one: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {"ConditionExpression": write.condition} if write.condition else {}
    if one:
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if write.values:
        arguments["ExpressionAttributeValues"] = {
            name: _to_wire(value) for name, value in write.values.items()
        }
    if write.names:
        arguments["ExpressionAttributeNames"] = dict(write.names)
    return arguments


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _item(key: Key, item: Mapping[str, Any]) -> dict[str, Any]:
    return _key(key) | {name: _to_wire(value) for name, value in item.items() if value is not None}


_EXACT = Context(prec=38, Emin=-128, Emax=126, traps=[Clamped, Inexact, Overflow, Rounded, Underflow])
"""What a number of DynamoDB can hold; anything else is refused here and not rounded there."""


def _to_wire(value: Any) -> dict[str, Any]:
    """Floats as decimals of their shortest text; absent members of mappings left out."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float, Decimal)):
        return {"N": _number(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, Mapping):
        return {"M": {key: _to_wire(inner) for key, inner in value.items() if inner is not None}}
    if isinstance(value, (list, tuple)):
        return {"L": [_to_wire(inner) for inner in value]}
    raise TypeError(f"no item holds a {type(value).__name__}")


def _number(value: float | Decimal) -> str:
    exact = _EXACT.create_decimal(repr(value) if isinstance(value, float) else value)
    if not exact.is_finite():
        raise TypeError("no item holds a number without end")
    return str(exact)


def _from_wire(wire: Mapping[str, Any]) -> Item:
    return {name: _plain(value) for name, value in wire.items()}


def _plain(wire: Mapping[str, Any]) -> Any:
    """Whole numbers as int, others as float."""
    ((kind, value),) = wire.items()
    if kind in {"S", "BOOL"}:
        return value
    if kind == "N":
        return _whole_or_float(value)
    if kind == "M":
        return _from_wire(value)
    if kind == "L":
        return [_plain(inner) for inner in value]
    if kind == "NULL":
        return None
    raise TypeError(f"no item of ours holds {kind}")


def _whole_or_float(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:
        number = Decimal(digits)  # 1E+22 is whole as well
        return int(number) if number == number.to_integral_value() else float(number)


def _seal_token(key: Item) -> str:
    return base64.urlsafe_b64encode(json.dumps([key["pk"], key["sk"]]).encode()).decode()


def _open_scan_token(token: str) -> Key:
    """A scan's token is kept by us and never leaves the table that it belongs to."""
    try:
        pk, sk = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError) as error:
        raise PageTokenError from error
    return Key(pk, sk)


def _open_token(token: str, pk: str, prefix: str) -> Key:
    try:
        found_pk, found_sk = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError) as error:
        raise PageTokenError from error
    if found_pk != pk or not isinstance(found_sk, str) or not found_sk.startswith(prefix):
        raise PageTokenError
    if len(found_sk.encode(errors="replace")) > MOST_SORT_KEY_BYTES or not found_sk.isprintable():
        raise PageTokenError  # DynamoDB would not take it as a key, and nobody but its maker is to blame
    return Key(found_pk, found_sk)


def sortable(instant: datetime) -> str:
    """An instant whose text sorts as it does: always with microseconds."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
