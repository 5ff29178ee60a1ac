"""What DynamoDB would bill: sizes and units by its published rules, taken from the calls that really went out.

moto answers 1.0 unit whatever the size, so the units are computed here from requests and responses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tests.support.aws import Watched

KB = 1024
_deserialize = TypeDeserializer().deserialize


def size_of(value: Any) -> int:
    """Bytes as DynamoDB counts them (developer guide, item sizes and formats)."""
    if isinstance(value, bool) or value is None:
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, (int, float, Decimal)):
        digits = str(abs(value)).replace(".", "").strip("0") or "0"
        return (len(digits) + 1) // 2 + 1 + (value < 0)
    if isinstance(value, dict):
        return 3 + sum(1 + len(key.encode()) + size_of(inner) for key, inner in value.items())
    assert isinstance(value, list)
    return 3 + sum(1 + size_of(inner) for inner in value)


def wire_size(wire: Mapping[str, Any]) -> int:
    """Bytes of an item in the form that the API carries."""
    return sum(len(name.encode()) + size_of(_deserialize(value)) for name, value in wire.items())


def units(size: int, step: int) -> int:
    """Whole units of a size: every started step counts, and nothing counts as one."""
    return max(1, -(-size // step))


@dataclass
class Bill:
    """Calls of one journey step, in order, and what DynamoDB would charge for them."""

    calls: list[str] = field(default_factory=list)
    read_units: float = 0.0
    write_units: float = 0.0
    bytes_written: int = 0


class Meter:
    """Listens to a client; `bill()` hands over what was used since the last time."""

    def __init__(self) -> None:
        self._bill = Bill()

    def listen(self, client: Watched) -> None:
        client.after.append(self._answered)

    def bill(self) -> Bill:
        bill, self._bill = self._bill, Bill()
        return bill

    def _answered(self, operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        self._bill.calls.append(operation)
        charge = getattr(self, f"_{operation}", None)
        if charge is not None:
            charge(request, answer)

    def _read(self, size: int, *, strong: bool) -> None:
        self._bill.read_units += units(size, 4 * KB) * (1.0 if strong else 0.5)

    def _write(self, size: int, *, times: int = 1) -> None:
        self._bill.write_units += units(size, KB) * times
        self._bill.bytes_written += size

    def _GetItem(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        self._read(wire_size(answer.get("Item", {})), strong=request.get("ConsistentRead", False))

    def _BatchGetItem(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        for table, asked in request["RequestItems"].items():
            found = answer.get("Responses", {}).get(table, [])
            sizes = [wire_size(item) for item in found] + [0] * (len(asked["Keys"]) - len(found))
            for size in sizes:
                self._read(size, strong=asked.get("ConsistentRead", False))

    def _Query(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        size = sum(wire_size(item) for item in answer.get("Items", []))
        self._read(size, strong=request.get("ConsistentRead", False))

    def _PutItem(self, request: Mapping[str, Any], _answer: Mapping[str, Any]) -> None:
        self._write(wire_size(request["Item"]))

    def _UpdateItem(self, _request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        self._write(wire_size(answer.get("Attributes", {})))

    def _TransactWriteItems(self, request: Mapping[str, Any], _answer: Mapping[str, Any]) -> None:
        for action in request["TransactItems"]:
            self._write(wire_size(action.get("Put", {}).get("Item", {})), times=2)
