"""DynamoDB and S3 that hold a million items and answer at once, for what moto is too slow and too large for.

They know the calls of the paths that are measured on them, refuse any other, and answer as moto does
(`tests/performance/test_large_aws.py`).
"""

import json
import sqlite3
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from daycover.store.aws import AwsError
from daycover.store.dynamodb import ABSENT
from daycover.store.keys import Key

MEGABYTE = 1024 * 1024
LAST = "\U0010ffff"


class LargeDynamoDb:
    """A client for `store.dynamodb.Table`: items as JSON in an index of SQLite, in memory or in a file."""

    def __init__(self, file: Path | None = None) -> None:
        self._rows = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        self._rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE IF NOT EXISTS item (tbl TEXT, pk TEXT, sk TEXT, body TEXT, UNIQUE (tbl, pk, sk))"
        )

    def load(self, table: str, items: Iterable[tuple[Key, str]]) -> None:
        """Put many items at once, each as the JSON of its wire form (`Written`)."""
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT INTO item VALUES (?, ?, ?, ?)", ((table, *key, body) for key, body in items)
        )
        self._rows.execute("COMMIT")

    def delete(self, table: str, key: Key) -> None:
        self._rows.execute("DELETE FROM item WHERE (tbl, pk, sk) = (?, ?, ?)", (table, *key))

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        known = {
            "GetItem": self._get_item,
            "BatchGetItem": self._batch_get_item,
            "PutItem": self._put_item,
            "Query": self._query,
        }
        return known[operation](request)

    def _one(self, table: str, key: Mapping[str, Any]) -> Any:
        where = (table, key["pk"]["S"], key["sk"]["S"])
        found = self._rows.execute("SELECT body FROM item WHERE (tbl, pk, sk) = (?, ?, ?)", where).fetchone()
        return None if found is None else json.loads(found[0])

    def _get_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        item = self._one(request["TableName"], request["Key"])
        return {} if item is None else {"Item": item}

    def _batch_get_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = request["RequestItems"].items()
        found = [self._one(table, key) for key in wanted["Keys"]]
        return {"Responses": {table: [item for item in found if item is not None]}}

    def _put_item(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Condition: nothing stands there. One that allows more (`… OR …`) is taken to hold."""
        table, item = request["TableName"], request["Item"]
        absent, _, more = request["ConditionExpression"].partition(" OR ")
        assert absent == ABSENT
        row = (table, item["pk"]["S"], item["sk"]["S"], json.dumps(item, ensure_ascii=False))
        if more:
            self.delete(table, Key(*row[1:3]))
        try:
            self._rows.execute("INSERT INTO item VALUES (?, ?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise AwsError(
                "ConditionalCheckFailedException", 400, operation="PutItem", item=self._one(table, item)
            ) from error
        return {}

    def _query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A page ends before a megabyte is full, or with `Limit` items; one that ends with the last has no other."""
        values = request["ExpressionAttributeValues"]
        prefix = values.get(":sk", {"S": ""})["S"]
        low, high, start = prefix, prefix + LAST, request.get("ExclusiveStartKey", {}).get("sk", {}).get("S")
        order, since, until = ("ASC", ">=", "<") if request["ScanIndexForward"] else ("DESC", ">=", "<")
        if start is not None and order == "ASC":
            low, since = start, ">"
        elif start is not None:
            high = start
        rows = self._rows.execute(
            f"SELECT body FROM item WHERE tbl = ? AND pk = ? AND sk {since} ? AND sk {until} ? ORDER BY sk {order}",
            (request["TableName"], values[":pk"]["S"], low, high),
        )
        found: list[Any] = []
        size = 0
        for (body,) in rows:
            size += len(body)
            if size > MEGABYTE or len(found) == request.get("Limit"):
                return {"Items": found, "LastEvaluatedKey": {name: found[-1][name] for name in ("pk", "sk")}}
            found.append(json.loads(body))
        return {"Items": found}


class Written:
    """A client that takes one put and knows what it would leave in a table: the form that stores write."""

    def __init__(self) -> None:
        self.item: Mapping[str, Any] = {}

    def call(self, _operation: str, **request: Any) -> None:
        self.item = request["Item"]

    def json(self) -> str:
        return json.dumps(self.item, ensure_ascii=False)


class LargeS3:
    """A client for the stores: objects in memory, their keys in order. Counts its calls."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._keys: list[str] = []
        self.calls: Counter[str] = Counter()

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str, **_: Any) -> dict[str, Any]:
        assert IfNoneMatch == "*"
        if Key in self._objects:
            raise AwsError("PreconditionFailed", 412, operation="PutObject")
        self._objects[Key] = Body
        insort(self._keys, Key)
        return {}

    def get_object(self, *, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:
        self.calls["GetObject"] += 1
        if Key not in self._objects:
            raise AwsError("NoSuchKey", 404, operation="GetObject")
        whole = self._objects[Key]
        answer = {"ETag": "", "ContentRange": f"{Range.replace('=', ' ')}/{len(whole)}"}
        if not Range:
            return answer | {"Body": BytesIO(whole)}
        first, last = map(int, Range.removeprefix("bytes=").split("-"))
        return answer | {"Body": BytesIO(whole[first : last + 1])}

    def list_objects_v2(
        self, *, Prefix: str, StartAfter: str = "", MaxKeys: int = 1000, ContinuationToken: str = "", **_: Any
    ) -> dict[str, Any]:
        self.calls["ListObjectsV2"] += 1
        after = max(StartAfter, ContinuationToken)
        start = max(bisect_left(self._keys, Prefix), bisect_right(self._keys, after))
        end = bisect_left(self._keys, Prefix + LAST)
        found = self._keys[start : min(start + MaxKeys, end)]
        answer: dict[str, Any] = {"Contents": [{"Key": key} for key in found], "IsTruncated": False}
        if start + MaxKeys < end:
            answer |= {"IsTruncated": True, "NextContinuationToken": found[-1]}
        return answer
