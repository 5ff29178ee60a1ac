"""One write of DynamoDB: what it may hold, whether its condition holds, and what stands after it."""

from collections.abc import Mapping
from typing import Any

from tests.simulation.aws.conditions import Given, check_apart, check_used, condition, update
from tests.simulation.aws.values import invalid

Wire = Mapping[str, Any]
MOST_ITEM = 400 * 1024
KEY = {"pk", "sk"}


class Action:
    """One write with its condition."""

    def __init__(self, kind: str, request: Wire) -> None:
        self.kind, self.request = kind, request
        body = {"Put": "Item", "Update": "UpdateExpression"}.get(kind)
        key = () if kind == "Put" else ("Key",)
        only(
            request,
            "TableName",
            *key,
            *((body,) if body else ()),
            "ConditionExpression",
            "ExpressionAttributeValues",
            "ExpressionAttributeNames",
            "ReturnValues",
            "ReturnValuesOnConditionCheckFailure",
        )
        self.given = given(request)
        text = request.get("ConditionExpression")
        if text is None and kind == "ConditionCheck":
            raise invalid()
        self._condition = None if text is None else condition(text)
        self._update = update(request["UpdateExpression"]) if kind == "Update" else None
        check_used(self.given, *(part.used for part in (self._condition, self._update) if part))
        if self._update is not None:
            check_apart(self._update.paths, self.given)
        held = request["Item"] if kind == "Put" else request["Key"]
        self.key: Wire = {name: held[name] for name in held if name in KEY} if kind == "Put" else held

    def holds(self, stands: Wire | None) -> bool:
        return self._condition is None or self._condition.holds(stands or {}, self.given)

    def after(self, stands: Wire | None) -> Wire | None:
        """Give the item as it is after this write. Raises ValidationException where it is no item."""
        match self.kind:
            case "ConditionCheck":
                return stands
            case "Delete":
                return None
            case "Put":
                item: dict[str, Any] = dict(self.request["Item"])
            case _:
                assert self._update is not None
                before = stands or self.key
                item = dict(before)
                for change in self._update.changes:
                    change(before, item, self.given)
        if size(item) > MOST_ITEM:
            raise invalid()
        return item


def given(request: Wire) -> Given:
    return Given(request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {}))


def only(request: Wire, *known: str) -> None:
    """What this DynamoDB does not do is never ignored."""
    unknown = request.keys() - set(known)
    if unknown:
        raise NotImplementedError(sorted(unknown))


def size(item: Wire) -> int:
    """Bytes, near enough for the limits: names and values as text."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(value: Wire) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S" | "N":
            return len(held.encode()) if not held.isascii() else len(held)
        case "M":
            return 3 + size(held)
        case "L":
            return 3 + sum(1 + _value_size(one) for one in held)
        case "BOOL" | "NULL":
            return 1
    raise NotImplementedError(kind)
