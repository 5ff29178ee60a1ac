"""Our DynamoDB beside moto's: the same calls have the same answers.

moto differs from DynamoDB, as its own sources show, and so from ours:
- where it compares values of two kinds, or measures what is absent, it ends with an error of Python: no answer;
- to it, true is 1 and NULL is what is absent: no sequence here has either where another kind may stand;
- an update that is refused leaves its new item behind (`update_item` stores it before it reads the expression), and
  in a transaction it refuses the call where DynamoDB cancels it with the reason ValidationError: such an item is
  not looked at further, and the two refusals count as one;
- it takes a repeated ClientRequestToken for a new transaction: no sequence here repeats one;
- it gives no LastEvaluatedKey where a page ends with the last item there is: pages are compared to their end;
- its segments of a Scan are others: one segment is compared.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from daycover.store.aws import AwsClient, AwsError
from tests.functional.claims.aws import OPERATIONS, POLICIES
from tests.simulation import acts as _acts  # noqa: F401 - what everybody does registers itself
from tests.simulation.aws.dynamodb import DynamoDB
from tests.simulation.aws.product_expressions import expressions
from tests.simulation.history import CALM_WEATHER, History, script
from tests.simulation.surroundings import deterministic
from tests.support.aws import ACCESS, MotoPool
from tests.support.in_process_aws import empty_aws

UPDATES, CONDITIONS, UNREAD = expressions()
TABLE = "t"


class Both:
    """The two, and calls that both answer."""

    def __init__(self, *tables: str) -> None:
        empty_aws()
        self.moto = AwsClient("dynamodb", ACCESS, pool=MotoPool(), attempts=1)
        self.ours = DynamoDB(lambda: datetime(2026, 12, 1, tzinfo=UTC), Random(1))
        for name in tables or (TABLE,):
            self.ours.create_table(name)
            self.moto.call(
                "CreateTable",
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
            )

    def call(self, operation: str, **request: Any) -> tuple[Any, Any]:
        """Give what ours and what moto answers, in a form to compare."""
        return told(self.ours, operation, request), told(self.moto, operation, request)


INVALID, NO_ANSWER = ("ValidationException",), ("no answer",)


def told(service: Any, operation: str, request: Any) -> Any:
    try:
        answer = service.call(operation, **request)
    except AwsError as error:
        if "TypeError" in error.reasons:
            return NO_ANSWER
        is_invalid = error.code == "ValidationException" or "ValidationError" in error.reasons
        return INVALID if is_invalid else (error.code, error.item, error.reasons)
    except (NotImplementedError, TypeError, ValueError):
        return NO_ANSWER
    kept = {
        name: answer[name] for name in ("Item", "Items", "Attributes", "LastEvaluatedKey") if name in answer
    }
    if "Responses" in answer:
        kept["Responses"] = {
            table: sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
            for table, items in answer["Responses"].items()
        }
    return json.loads(json.dumps(kept))  # enums of the product are text


# ---- every expression of the product -------------------------------------------------------------------


def test_every_expression_of_the_stores_is_read() -> None:
    assert UNREAD == []
    assert len(UPDATES) > 30
    assert len(CONDITIONS) > 50


class Chance:
    """Items and values for one expression: mostly of kinds that go together."""

    def __init__(self, seed: str, text: str) -> None:
        self.luck = Random(seed)
        self.values = sorted(set(re.findall(r":\w+", text)))
        names = sorted(set(re.findall(r"#\w+", text)))
        self.names = {name: f"of_{name[1:]}" for name in names}
        plain = re.sub(r"[:]\w+|\w+\(|\b(SET|ADD|REMOVE|AND|OR|NOT|IN)\b", " ", text)
        paths = [
            [self.names.get(part, part) for part in path.split(".")]
            for path in sorted(set(re.findall(r"[#\w]+(?:\.[#\w]+)*", plain)))
        ]
        self.paths = [path for path in paths if path[0] not in {"pk", "sk"}]
        self.lists = "list_append" in text
        self.kind = self.luck.choice("NNS")
        """Of most values of one round."""

    def value(self) -> Any:
        if self.lists and self.luck.random() < 0.8:
            return {"L": [self._plain() for _ in range(self.luck.randrange(3))]}
        return self._plain()

    def _plain(self) -> Any:
        odd: list[Any] = [{"L": [{"S": "1"}]}, {"M": {"a": {"N": "1"}}}, {"N": "2"}, {"S": "1"}]
        if self.luck.random() < 0.15:
            return self.luck.choice(odd)
        return {self.kind: self.luck.choice(("0", "1", "2", "10"))}

    def item(self) -> dict[str, Any]:
        item: dict[str, Any] = {"kept": {"S": "0"}}
        for first, *inner in self.paths:
            if self.luck.random() < 0.4:
                continue
            value = self.value()
            for name in reversed(inner):
                value = {"M": {name: value} if self.luck.random() < 0.7 else {}}
            item[first] = value
        return item

    def given(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.values:
            found["ExpressionAttributeValues"] = {name: self.value() for name in self.values}
        if self.names:
            found["ExpressionAttributeNames"] = self.names
        return found


def key(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


Calls = list[tuple[str, dict[str, Any]]]


def rounds(text: str, most: int) -> Iterator[Calls]:
    """Seeded sequences of calls around one expression: the item is there or not, and of any kinds."""
    for number in range(most):
        chance, sk = Chance(f"{text} {number}", text), str(number)
        calls: Calls = []
        if chance.luck.random() < 0.8:
            calls.append(("PutItem", {"TableName": TABLE, "Item": key(sk) | chance.item()}))
        beside = {"TableName": TABLE, **chance.given()}
        calls.append(
            an_update(text, sk, number, beside) if text in UPDATES else held(text, sk, number, beside)
        )
        calls.append(("GetItem", {"TableName": TABLE, "Key": key(sk), "ConsistentRead": True}))
        yield calls


def an_update(text: str, sk: str, number: int, beside: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    update = {"Key": key(sk), "UpdateExpression": text} | beside
    if number % 2:
        return "UpdateItem", update | {"ReturnValues": "ALL_NEW"}
    return "TransactWriteItems", {"TransactItems": [{"Update": update}]}


def held(text: str, sk: str, number: int, beside: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A write that stands under a condition."""
    beside = beside | {"ConditionExpression": text}
    shown = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    put = {"Item": key(sk) | {"after": {"N": "1"}}} | beside
    other = {"Put": {"TableName": TABLE, "Item": key(f"beside {sk}")}}
    match number % 4:
        case 0:
            return "PutItem", put | shown
        case 1:
            return "DeleteItem", {"Key": key(sk)} | beside | shown
        case 2:
            return "TransactWriteItems", {
                "TransactItems": [other, {"ConditionCheck": {"Key": key(sk)} | beside}]
            }
        case _:
            return "TransactWriteItems", {"TransactItems": [other, {"Put": put}]}


@pytest.mark.parametrize("part", range(4))
def test_expression_of_the_product_has_the_same_effect(part: int) -> None:
    both, differ, outcomes = Both(), [], Counter[str]()
    for text in [*UPDATES, *CONDITIONS][part::4]:
        for calls in rounds(text, 4):
            for operation, request in calls:
                ours, theirs = both.call(operation, **request)
                if NO_ANSWER in (ours, theirs):
                    outcomes["no answer"] += 1
                    break
                outcomes[ours[0] if isinstance(ours, tuple) else operation] += 1
                if ours != theirs:
                    differ.append((operation, request, ours, theirs))
                if ours == INVALID:
                    break
        empty(both)
    assert differ == []
    assert outcomes.keys() >= {*ANSWERED, *REFUSED}
    assert outcomes["no answer"] < outcomes.total() / 20


ANSWERED = "DeleteItem", "GetItem", "PutItem", "TransactWriteItems", "UpdateItem"
REFUSED = "ConditionalCheckFailedException", "TransactionCanceledException", "ValidationException"


def empty(both: Both) -> None:
    """moto copies all there is for each transaction."""
    for item in both.moto.call("Scan", TableName=TABLE)["Items"]:
        both.call("DeleteItem", TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})


# ---- pages ---------------------------------------------------------------------------------------------


def paged(service: Any, operation: str, **request: Any) -> list[Any]:
    """Every page of a list; a last one without items is left out."""
    pages, start = list[Any](), dict[str, Any]()
    while True:
        answer = service.call(operation, TableName=TABLE, **request, **start)
        pages.append(answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return pages if pages[-1] else pages[:-1]
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


@pytest.mark.parametrize("seed", range(3))
def test_lists_have_the_same_pages(seed: int) -> None:
    luck, both = Random(seed), Both()
    for number in range(60):
        pk, sk = luck.choice("pq"), "".join(luck.choices("aB#保é", k=luck.randint(1, 3)))
        item = {"pk": {"S": pk}, "sk": {"S": sk}, "n": {"N": str(number % 7)}}
        both.call("PutItem", TableName=TABLE, Item=item)
    for _ in range(25):
        prefix = "".join(luck.choices("aB#", k=luck.randint(0, 2)))
        values = {":pk": {"S": luck.choice("pq")}} | ({":sk": {"S": prefix}} if prefix else {})
        asked: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk" + (" AND begins_with(sk, :sk)" if prefix else ""),
            "ExpressionAttributeValues": values,
            "ScanIndexForward": luck.random() < 0.5,
        } | ({"Limit": luck.randint(1, 9)} if luck.random() < 0.8 else {})
        assert paged(both.ours, "Query", **asked) == paged(both.moto, "Query", **asked), asked
    asked = {"Segment": 0, "TotalSegments": 1, "Limit": 7, "FilterExpression": "n < :n"}
    asked |= {"ExpressionAttributeValues": {":n": {"N": "5"}}}
    of_both = [
        sorted(json.dumps(item, sort_keys=True) for page in paged(one, "Scan", **asked) for item in page)
        for one in (both.ours, both.moto)
    ]
    assert of_both[0] == of_both[1] != []


# ---- a history -----------------------------------------------------------------------------------------


def test_history_s_calls_have_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people do in a day of good weather, call by call; the scans of the sweepers are of other segments, and
    moto takes too long for what they do in its night."""
    calls: Calls = []
    call = DynamoDB.call

    def remembered(self: DynamoDB, operation: str, **request: Any) -> Any:
        calls.append((operation, json.loads(json.dumps(request))))
        return call(self, operation, **request)

    monkeypatch.setattr(DynamoDB, "call", remembered)
    written = replace(script(HISTORY), weather=CALM_WEATHER)
    with deterministic(written.seed, lambda line: None):
        History(written).play()
    monkeypatch.undo()
    both = Both(OPERATIONS, POLICIES)
    for operation, request in calls[:REPLAYED]:
        if operation == "Scan":
            continue
        ours, theirs = both.call(operation, **request)
        if isinstance(ours, dict) and "LastEvaluatedKey" not in theirs:
            ours.pop("LastEvaluatedKey", None)
        assert ours == theirs, (operation, request)
    counts = Counter(operation for operation, _ in calls[:REPLAYED])
    assert min(counts[name] for name in ANSWERED if name != "DeleteItem") > 10, counts


HISTORY, REPLAYED = 4, 600
