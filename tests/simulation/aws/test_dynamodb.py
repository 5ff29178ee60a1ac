"""DynamoDB in memory, as its guide and its API reference describe it."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

import pytest

from daycover.store.aws import AwsError
from tests.simulation.aws.dynamodb import STALE, DynamoDB

START = datetime(2026, 12, 1, tzinfo=UTC)
ABSENT = "attribute_not_exists(pk)"


class Tables:
    """Two tables, a clock, and short calls."""

    def __init__(self, *, stale: float = 0.0) -> None:
        self.at = START
        self.dynamodb = DynamoDB(lambda: self.at, Random(1), stale=stale)
        for name in ("t", "other"):
            self.dynamodb.create_table(name)

    def call(self, operation: str, **request: Any) -> Any:
        return self.dynamodb.call(operation, TableName="t", **request)

    def put(self, pk: str, sk: str, **more: Any) -> Any:
        """`n` and `ttl` are numbers, `text` is a string; the rest are parameters of the call."""
        kinds = {"n": "N", "ttl": "N", "text": "S"}
        item = {name: {kinds[name]: str(more.pop(name))} for name in kinds if name in more}
        return self.call("PutItem", Item=key(pk, sk) | item, **more)

    def get(self, pk: str, sk: str, *, strong: bool = True) -> Any:
        return self.call("GetItem", Key=key(pk, sk), ConsistentRead=strong).get("Item")

    def delete(self, pk: str, sk: str) -> Any:
        return self.call("DeleteItem", Key=key(pk, sk))

    def transact(self, *actions: Any, token: str | None = None) -> Any:
        request = {} if token is None else {"ClientRequestToken": token}
        return self.dynamodb.call("TransactWriteItems", TransactItems=list(actions), **request)

    def query(self, pk: str = "p", prefix: str = "", start: Any = None, **more: Any) -> Any:
        text, values = "pk = :pk", {":pk": {"S": pk}}
        if prefix:
            text, values = f"{text} AND begins_with(sk, :sk)", values | {":sk": {"S": prefix}}
        if start is not None:
            more["ExclusiveStartKey"] = start
        return self.call("Query", KeyConditionExpression=text, ExpressionAttributeValues=values, **more)

    def pass_time(self, **parts: float) -> None:
        self.at += timedelta(**parts)


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def a_put(pk: str, sk: str, condition: str | None = ABSENT, **more: Any) -> Any:
    held = {} if condition is None else {"ConditionExpression": condition}
    return {"Put": {"TableName": "t", "Item": key(pk, sk) | more, **held}}


def an_add(pk: str, sk: str, amount: int = 1, condition: str | None = None) -> Any:
    held = {} if condition is None else {"ConditionExpression": condition}
    return {
        "Update": {
            "TableName": "t",
            "Key": key(pk, sk),
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": str(amount)}},
            **held,
        }
    }


def a_check(pk: str, sk: str, condition: str = ABSENT) -> Any:
    return {"ConditionCheck": {"TableName": "t", "Key": key(pk, sk), "ConditionExpression": condition}}


def refusal(act: Any) -> AwsError:
    with pytest.raises(AwsError) as raised:
        act()
    return raised.value


def keys_of(answer: Any) -> list[str]:
    return [item["sk"]["S"] for item in answer["Items"]]


# ---- single writes -----------------------------------------------------------------------------------


def test_put_replaces_the_whole_item() -> None:
    tables = Tables()
    assert tables.put("p", "s", n=1, text="a") == {}
    tables.put("p", "s", n=2)
    assert tables.get("p", "s") == key("p", "s") | {"n": {"N": "2"}}


def test_item_that_stands_is_shown_when_asked_for_where_the_condition_fails() -> None:
    tables = Tables()
    tables.put("p", "s", n=1)
    plain = refusal(lambda: tables.put("p", "s", ConditionExpression=ABSENT))
    shown = refusal(
        lambda: tables.put(
            "p", "s", ConditionExpression=ABSENT, ReturnValuesOnConditionCheckFailure="ALL_OLD"
        )
    )
    assert (plain.code, plain.item) == ("ConditionalCheckFailedException", None)
    assert (shown.code, shown.item) == ("ConditionalCheckFailedException", key("p", "s") | {"n": {"N": "1"}})
    assert tables.get("p", "s") == key("p", "s") | {"n": {"N": "1"}}


def test_update_of_what_does_not_stand_makes_it_and_gives_it_whole() -> None:
    tables = Tables()
    answer = tables.call(
        "UpdateItem",
        Key=key("p", "s"),
        UpdateExpression="ADD n :n",
        ExpressionAttributeValues={":n": {"N": "3"}},
        ReturnValues="ALL_NEW",
    )
    assert answer == {"Attributes": key("p", "s") | {"n": {"N": "3"}}} == {"Attributes": tables.get("p", "s")}


def test_delete_of_what_does_not_stand_is_done_unless_a_condition_says_otherwise() -> None:
    tables = Tables()
    assert tables.delete("p", "s") == {}
    failed = refusal(
        lambda: tables.call("DeleteItem", Key=key("p", "s"), ConditionExpression="attribute_exists(pk)")
    )
    assert failed.code == "ConditionalCheckFailedException"
    tables.put("p", "s")
    tables.delete("p", "s")
    assert tables.get("p", "s") is None


@pytest.mark.parametrize(
    ("pk", "sk"), [("", "s"), ("p", ""), ("p" * 2049, "s"), ("p", "s" * 1025), ("保" * 683, "s")]
)
def test_key_is_refused_when_it_is_empty_or_too_long_in_bytes(pk: str, sk: str) -> None:
    tables = Tables()
    for act in (lambda: tables.put(pk, sk), lambda: tables.get(pk, sk), lambda: tables.delete(pk, sk)):
        assert refusal(act).code == "ValidationException"
    tables.put("p" * 2048, "s" * 1024)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pk": {"S": "p"}},
        {"pk": {"S": "p"}, "sk": {"N": "1"}},
        {"pk": {"S": "p"}, "sk": {"S": "s"}, "n": {"N": "1"}},
    ],
)
def test_key_is_refused_when_it_is_not_the_table_s(wrong: Any) -> None:
    tables = Tables()
    assert refusal(lambda: tables.call("GetItem", Key=wrong)).code == "ValidationException"
    if "n" not in wrong:
        assert refusal(lambda: tables.call("PutItem", Item=wrong)).code == "ValidationException"


def test_item_is_refused_when_it_is_larger_than_400_kb() -> None:
    tables = Tables()
    room = 400 * 1024 - len("pk" + "p" + "sk" + "s" + "text")
    tables.put("p", "s", text="x" * room)
    assert refusal(lambda: tables.put("p", "s", text="x" * (room + 1))).code == "ValidationException"
    assert refusal(lambda: tables.put("p", "s", text="保" * (room // 3 + 1))).code == "ValidationException"


def test_table_that_is_not_there_is_refused() -> None:
    dynamodb = Tables().dynamodb
    missing = refusal(lambda: dynamodb.call("GetItem", TableName="none", Key=key("p", "s")))
    assert missing.code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("UpdateTable", {}),
        ("one", {}),
        ("GetItem", {"Key": key("p", "s"), "ProjectionExpression": "n"}),
        ("PutItem", {"Item": key("p", "s"), "ReturnValues": "ALL_OLD"}),
        ("Query", {"KeyConditionExpression": "pk = :pk AND sk > :sk", "ExpressionAttributeValues": {}}),
        ("Query", {"KeyConditionExpression": "pk = :pk", "IndexName": "i"}),
        ("PutItem", {"Item": key("p", "s") | {"set": {"SS": ["a"]}}}),
    ],
)
def test_what_is_not_done_here_is_not_silently_left_out(operation: str, request_: Any) -> None:
    with pytest.raises(NotImplementedError):
        Tables().call(operation, **request_)


# ---- transactions ------------------------------------------------------------------------------------


def test_transaction_does_everything_or_nothing_and_gives_reasons_in_order() -> None:
    tables = Tables()
    tables.put("p", "there", n=1)
    writes = (a_put("p", "new"), a_put("p", "there"), a_check("p", "other"), an_add("p", "gone", 1, "n > n"))
    failed = refusal(lambda: tables.transact(*writes))
    assert failed.code == "TransactionCanceledException"
    assert failed.reasons == ("None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed")
    assert keys_of(tables.query()) == ["there"]
    delete = {"Delete": {"TableName": "t", "Key": key("p", "there")}}
    assert tables.transact(a_put("p", "new"), a_check("p", "other"), an_add("p", "n", 2), delete) == {}
    assert keys_of(tables.query()) == ["n", "new"]  # a check writes nothing


def test_write_that_makes_no_item_cancels_its_transaction() -> None:
    tables = Tables()
    tables.put("p", "s", text="a")
    wrong = an_add("p", "s")
    wrong["Update"]["UpdateExpression"] = "SET #t = #t + :n"
    wrong["Update"]["ExpressionAttributeNames"] = {"#t": "text"}
    failed = refusal(lambda: tables.transact(a_put("p", "new"), wrong))
    assert (failed.code, failed.reasons) == ("TransactionCanceledException", ("None", "ValidationError"))
    assert keys_of(tables.query()) == ["s"]


def test_repeated_transaction_has_no_second_effect_for_ten_minutes() -> None:
    tables = Tables()
    tables.transact(an_add("p", "s"), token="t-1")
    tables.pass_time(minutes=10)
    assert tables.transact(an_add("p", "s"), token="t-1") == {}
    assert tables.get("p", "s")["n"] == {"N": "1"}
    tables.pass_time(seconds=1)
    tables.transact(an_add("p", "s"), token="t-1")
    tables.transact(an_add("p", "s"), token="t-2")
    tables.transact(an_add("p", "s"))
    assert tables.get("p", "s")["n"] == {"N": "4"}


def test_repeated_transaction_is_refused_when_it_asks_for_something_else() -> None:
    tables = Tables()
    tables.transact(an_add("p", "s"), token="t-1")
    failed = refusal(lambda: tables.transact(an_add("p", "s", 2), token="t-1"))
    assert failed.code == "IdempotentParameterMismatchException"
    assert tables.get("p", "s")["n"] == {"N": "1"}


def test_transaction_that_was_cancelled_may_come_again_under_its_token() -> None:
    tables = Tables()
    tables.put("p", "s")
    assert refusal(lambda: tables.transact(a_put("p", "s"), token="t-1")).reasons == (
        "ConditionalCheckFailed",
    )
    tables.delete("p", "s")
    tables.transact(a_put("p", "s"), token="t-1")
    assert tables.get("p", "s") == key("p", "s")


@pytest.mark.parametrize(("count", "is_allowed"), [(0, False), (100, True), (101, False)])
def test_transaction_has_a_hundred_actions_at_most(count: int, is_allowed: bool) -> None:
    tables = Tables()
    writes = [a_put("p", f"{number}") for number in range(count)]
    if is_allowed:
        tables.transact(*writes)
    else:
        assert refusal(lambda: tables.transact(*writes)).code == "ValidationException"
    assert len(keys_of(tables.query())) == (count if is_allowed else 0)


@pytest.mark.parametrize(
    "second", [a_put("p", "s"), a_check("p", "s"), an_add("p", "s")], ids=["put", "check", "update"]
)
def test_transaction_has_no_two_actions_on_one_item(second: Any) -> None:
    tables = Tables()
    assert refusal(lambda: tables.transact(a_put("p", "s"), second)).code == "ValidationException"
    assert tables.get("p", "s") is None


def test_transaction_is_refused_when_its_items_are_larger_than_four_megabytes() -> None:
    tables = Tables()
    large = {"S": "x" * 390 * 1024}
    tables.transact(*(a_put("p", f"{number}", text=large) for number in range(10)))
    failed = refusal(lambda: tables.transact(*(a_put("q", f"{number}", text=large) for number in range(11))))
    assert (failed.code, keys_of(tables.query("q"))) == ("ValidationException", [])


def test_check_without_a_condition_is_refused() -> None:
    check = {"ConditionCheck": {"TableName": "t", "Key": key("p", "s")}}
    assert refusal(lambda: Tables().transact(check)).code == "ValidationException"


# ---- pages -------------------------------------------------------------------------------------------


def five() -> Tables:
    tables = Tables()
    for name in ("c", "a", "e", "b1", "b2"):
        tables.put("p", name)
    tables.put("q", "a")
    return tables


def pages(tables: Tables, **more: Any) -> list[list[str]]:
    found, start = list[list[str]](), None
    while True:
        answer = tables.query(start=start, **more)
        found.append(keys_of(answer))
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return found


@pytest.mark.parametrize(
    ("forward", "prefix", "expected"),
    [
        (True, "", [["a", "b1"], ["b2", "c"], ["e"]]),
        (False, "", [["e", "c"], ["b2", "b1"], ["a"]]),
        (True, "b", [["b1", "b2"], []]),
        (False, "b", [["b2", "b1"], []]),
        (True, "x", [[]]),
    ],
)
def test_query_gives_pages_in_both_directions_and_a_key_even_when_nothing_follows(
    forward: bool, prefix: str, expected: list[list[str]]
) -> None:
    assert pages(five(), prefix=prefix, ScanIndexForward=forward, Limit=2) == expected
    assert pages(five(), prefix=prefix, ScanIndexForward=forward) == [[*chain(*expected)]]


def test_query_goes_on_behind_a_key_that_no_longer_stands() -> None:
    tables = five()
    tables.delete("p", "b2")
    assert keys_of(tables.query(start=key("p", "b2"))) == ["c", "e"]
    assert keys_of(tables.query(start=key("p", "b2"), ScanIndexForward=False)) == ["b1", "a"]
    assert keys_of(tables.query(start=key("p", "b15"))) == ["c", "e"]


@pytest.mark.parametrize("start", [key("q", "a"), key("p", "a")])
def test_query_is_refused_when_its_start_is_of_another_list(start: Any) -> None:
    failed = refusal(lambda: five().query(start=start, prefix="b"))
    assert failed.code == "ValidationException"


@pytest.mark.parametrize("more", [{"Limit": 0}, {"values": {":more": {"S": "x"}}}])
def test_query_is_refused_when_its_limit_is_none_or_a_value_unused(more: dict[str, Any]) -> None:
    values = {":pk": {"S": "p"}} | more.pop("values", {})
    asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": values} | more
    assert refusal(lambda: five().call("Query", **asked)).code == "ValidationException"


@pytest.mark.parametrize("limit", [{}, {"Limit": 50}])
def test_page_of_a_query_is_a_megabyte_with_a_limit_too(limit: dict[str, int]) -> None:
    tables = Tables()
    for number in range(25):
        tables.put("p", f"{number:02}", text="x" * 100 * 1024)
    assert [len(page) for page in pages(tables, **limit)] == [11, 11, 3]


def scanned(tables: Tables, segment: int, segments: int, limit: int = 3, condition: str = "n < :n") -> Any:
    start: dict[str, Any] = {}
    while True:
        answer = tables.call(
            "Scan",
            Segment=segment,
            TotalSegments=segments,
            FilterExpression=condition,
            ExpressionAttributeValues={":n": {"N": "30"}},
            Limit=limit,
            **start,
        )
        yield [(item["pk"]["S"], item["sk"]["S"]) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


@pytest.mark.parametrize("segments", [1, 2, 7])
def test_segments_of_a_scan_have_nothing_in_common_and_everything_together(segments: int) -> None:
    tables = Tables()
    every = [(f"p{number % 11}", f"{number:02}") for number in range(40)]
    for number, (pk, sk) in enumerate(every):
        tables.put(pk, sk, n=number)
    tables.delete(*every[4])
    found = [place for n in range(segments) for page in scanned(tables, n, segments) for place in page]
    assert sorted(found) == sorted({*every[:30]} - {every[4]})


def test_limit_of_a_scan_counts_what_its_filter_leaves_out() -> None:
    tables = Tables()
    for number in range(7):
        tables.put("p", str(number), n=100 * (number % 2))
    assert [len(page) for page in scanned(tables, 0, 1)] == [2, 1, 1]


def test_batch_has_a_hundred_keys_once_each_and_leaves_out_what_does_not_stand() -> None:
    tables = Tables()
    for number in range(99):
        tables.put("p", f"{number}")

    def asked(*wanted: str) -> Any:
        keys = [key("p", sk) for sk in wanted]
        return tables.dynamodb.call(
            "BatchGetItem", RequestItems={"t": {"Keys": keys, "ConsistentRead": True}}
        )

    every = [str(number) for number in range(100)]
    answer = asked(*every)
    found = [item["sk"]["S"] for item in answer["Responses"]["t"]]
    assert (sorted(found), answer["UnprocessedKeys"]) == (sorted(every[:99]), {})
    assert found != every[:99]  # in no order that anybody may rely on
    assert found == [item["sk"]["S"] for item in asked(*reversed(every))["Responses"]["t"]]
    for wrong in ([*every, "100"], ["1", "1"], []):
        assert refusal(lambda wrong=wrong: asked(*wrong)).code == "ValidationException"


# ---- reads that are not strong -------------------------------------------------------------------------


def test_read_sees_what_stood_before_only_when_it_is_not_strong_and_the_write_young() -> None:
    tables = Tables(stale=1.0)
    tables.put("p", "s", n=1)
    assert tables.get("p", "s", strong=False) is None
    tables.pass_time(seconds=STALE.total_seconds())
    assert tables.get("p", "s", strong=False)["n"] == {"N": "1"}
    tables.put("p", "s", n=2)
    assert (tables.get("p", "s", strong=False)["n"], tables.get("p", "s")["n"]) == ({"N": "1"}, {"N": "2"})
    tables.delete("p", "s")
    assert (keys_of(tables.query()), keys_of(tables.query(ConsistentRead=True))) == (["s"], [])
    batch = {"Keys": [key("p", "s")]}
    asked = [
        tables.dynamodb.call("BatchGetItem", RequestItems={"t": batch | {"ConsistentRead": strong}})
        for strong in (False, True)
    ]
    assert [len(answer["Responses"]["t"]) for answer in asked] == [1, 0]


def test_condition_judges_what_stands_however_reads_are() -> None:
    tables = Tables(stale=1.0)
    tables.put("p", "s")
    assert refusal(lambda: tables.put("p", "s", ConditionExpression=ABSENT)).code == (
        "ConditionalCheckFailedException"
    )
    assert refusal(lambda: tables.transact(a_put("p", "s"))).reasons == ("ConditionalCheckFailed",)


def test_every_read_is_fresh_when_staleness_is_not_asked_for() -> None:
    tables = Tables()
    for number in range(50):
        tables.put("p", "s", n=number)
        assert tables.get("p", "s", strong=False)["n"] == {"N": str(number)}


# ---- streams and TTL -----------------------------------------------------------------------------------


def test_stream_has_every_change_in_order_with_both_images() -> None:
    tables = Tables()
    heard: list[Any] = []
    tables.dynamodb.listeners.append(heard.append)
    tables.put("p", "s", n=1)
    tables.put("p", "s", n=1)  # changes nothing
    tables.delete("p", "none")  # likewise
    tables.transact(an_add("p", "s"), a_check("p", "other"))
    refusal(lambda: tables.put("p", "s", ConditionExpression=ABSENT))
    tables.pass_time(seconds=1)
    tables.delete("p", "s")
    one, two = ({**key("p", "s"), "n": {"N": n}} for n in "12")
    records = [change.record() for change in heard]
    assert heard == tables.dynamodb.changes
    assert [
        (r["eventName"], r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in records
    ] == [("INSERT", None, one), ("MODIFY", one, two), ("REMOVE", two, None)]
    assert all(record["dynamodb"]["Keys"] == key("p", "s") for record in records)
    assert not any("userIdentity" in record for record in records)
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(set(numbers))
    assert (
        records[-1]["dynamodb"]["ApproximateCreationDateTime"] == (START + timedelta(seconds=1)).timestamp()
    )


def test_images_stay_as_they_were_when_the_item_changes_within() -> None:
    tables = Tables()
    tables.call("PutItem", Item=key("p", "s") | {"m": {"M": {"a": {"N": "1"}}}})
    tables.call(
        "UpdateItem",
        Key=key("p", "s"),
        UpdateExpression="SET m.a = :v",
        ExpressionAttributeValues={":v": {"N": "2"}},
    )
    first, second = tables.dynamodb.changes
    assert first.new is not None
    assert second.new is not None
    assert (first.new["m"], second.old, second.new["m"]) == (
        {"M": {"a": {"N": "1"}}},
        first.new,
        {"M": {"a": {"N": "2"}}},
    )


def test_ttl_deletes_what_has_expired_and_says_so_in_the_stream() -> None:
    tables = Tables()
    now = int(START.timestamp())
    five_years = 5 * 365 * 86_400
    for sk, ttl in (("past", now - 1), ("now", now), ("later", now + 1), ("wrong unit", now - five_years)):
        tables.put("p", sk, ttl=ttl)
    tables.put("p", "for ever")
    assert tables.dynamodb.expire("t", lambda place, seconds: False) == 0
    assert tables.get("p", "past") is not None  # it stands until it is deleted
    assert tables.dynamodb.expire("t", lambda place, seconds: True) == 1
    assert keys_of(tables.query()) == ["for ever", "later", "now", "wrong unit"]
    record = tables.dynamodb.changes[-1].record()
    assert (record["eventName"], record["dynamodb"]["OldImage"]["sk"]) == ("REMOVE", {"S": "past"})
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def test_tables_have_nothing_in_common() -> None:
    tables = Tables()
    tables.put("p", "s", n=1)
    other = tables.dynamodb.call("GetItem", TableName="other", Key=key("p", "s"), ConsistentRead=True)
    assert (other, tables.dynamodb.everything("other")) == ({}, [])
    assert tables.dynamodb.peek("t", "p") == tables.dynamodb.everything("t") == [tables.get("p", "s")]
    assert tables.dynamodb.has_any("t", "p")
    assert not tables.dynamodb.has_any("t", "q")
