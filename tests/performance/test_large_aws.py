"""The large DynamoDB and S3 answer the paths that are measured on them as moto does."""

from typing import Any

import boto3
import pytest

from daycover.store.archive_index import WINDOW
from daycover.store.aws import AwsError
from daycover.store.boto import BotoClient
from daycover.store.dynamodb import ConditionFailedError, Put, Table
from daycover.store.keys import Key
from tests.functional.cover.stores import create_table
from tests.support.aws import client_of
from tests.support.in_process_aws import empty_aws
from tests.support.large_aws import LargeDynamoDb, LargeS3, Written

BUCKET = "archive"


@pytest.fixture
def tables() -> list[Table]:
    """With the same items: three of 400 KB, and some smaller ones in another partition."""
    empty_aws()
    both = [create_table(client_of("dynamodb"), "PoliciesTable"), Table(LargeDynamoDb(), "PoliciesTable")]
    for table in both:
        for number in range(3):
            table.put(Put(Key("A", f"LARGE#{number}"), {"text": "x" * 390_000}))
        for sk in ("POLICY#1", "POLICY#10", "POLICY#2", "STOP#1", "名"):
            table.put(Put(Key("B", sk), {"named": {"n": 1}, "rows": ["a", 2.5]}))
    return both


@pytest.mark.parametrize(
    "options",
    [
        {"prefix": ""},
        {"prefix": "POLICY#"},
        {"prefix": "POLICY#", "newest_first": True},
        {"prefix": "POLICY#", "after": "POLICY#1"},
        {"prefix": "NONE"},
        {"prefix": "POLICY#", "limit": 2},
        {"prefix": "POLICY#", "limit": 2, "newest_first": True},
    ],
    ids=str,
)
def test_query_gives_the_same_pages_as_moto(tables: list[Table], options: dict[str, Any]) -> None:
    pages = [pages_of(table, options) for table in tables]
    assert pages[0] == pages[1]


def pages_of(table: Table, options: dict[str, Any]) -> list[list[dict[str, Any]]]:
    page = table.query("B", **options)
    pages = [page.items]
    while page.next_token:
        page = table.query("B", **{**options, "token": page.next_token, "after": None})
        pages.append(page.items)
    return pages


def test_page_ends_before_a_megabyte_is_full_as_at_moto(tables: list[Table]) -> None:
    pages = [table.query("A") for table in tables]
    assert [len(page.items) for page in pages] == [2, 2]
    assert [len(list(table.query_all("A"))) for table in tables] == [3, 3]


def test_items_are_read_and_put_once_as_at_moto(tables: list[Table]) -> None:
    wanted, absent = Key("B", "POLICY#1"), Key("B", "POLICY#3")
    for table in tables:
        with pytest.raises(ConditionFailedError) as refused:
            table.put(Put(wanted, {"other": True}))
        assert refused.value.item == table.get(wanted)
        assert table.get(absent) is None
    assert tables[0].get(wanted) == tables[1].get(wanted)
    assert tables[0].get_many([wanted, absent]) == tables[1].get_many([wanted, absent])


def test_what_is_loaded_is_what_a_put_would_leave() -> None:
    written, tables = Written(), LargeDynamoDb()
    put = Put(Key("A", "1"), {"text": "名", "number": 7})
    Table(written, "t").put(put)
    tables.load("t", [(put.key, written.json())])
    assert Table(tables, "t").get(put.key) == {"pk": "A", "sk": "1", **put.item}
    tables.delete("t", put.key)
    assert Table(tables, "t").get(put.key) is None


@pytest.fixture
def buckets() -> list[Any]:
    empty_aws()
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    both: list[Any] = [BotoClient("s3"), LargeS3()]
    for s3 in both:
        for number in range(5):
            s3.put_object(Bucket=BUCKET, Key=f"days/{number}", Body=b"0123456789", IfNoneMatch="*")
        s3.put_object(Bucket=BUCKET, Key="months/1", Body=b"", IfNoneMatch="*")
    return both


@pytest.mark.parametrize(
    "options",
    [{}, {"StartAfter": "days/2"}, {"StartAfter": "days/2~"}, {"MaxKeys": 2}, {"MaxKeys": 5}],
    ids=str,
)
def test_s3_lists_the_same_as_moto(buckets: list[Any], options: dict[str, Any]) -> None:
    answers = [s3.list_objects_v2(Bucket=BUCKET, Prefix="days/", **options) for s3 in buckets]
    keys = [[entry["Key"] for entry in answer["Contents"]] for answer in answers]
    assert keys[0] == keys[1]
    assert answers[0]["IsTruncated"] == answers[1]["IsTruncated"]
    if answers[0]["IsTruncated"]:
        rest = [
            s3.list_objects_v2(
                Bucket=BUCKET, Prefix="days/", ContinuationToken=answer["NextContinuationToken"]
            )
            for s3, answer in zip(buckets, answers, strict=True)
        ]
        assert [entry["Key"] for entry in rest[0]["Contents"]] == [
            entry["Key"] for entry in rest[1]["Contents"]
        ]


@pytest.mark.parametrize("span", [{}, {"Range": "bytes=2-4"}, {"Range": f"bytes=8-{WINDOW}"}], ids=str)
def test_s3_gives_the_same_bytes_as_moto(buckets: list[Any], span: dict[str, str]) -> None:
    answers = [s3.get_object(Bucket=BUCKET, Key="days/1", **span) for s3 in buckets]
    assert answers[0]["Body"].read() == answers[1]["Body"].read()
    if span:
        totals = [answer["ContentRange"].rpartition("/")[2] for answer in answers]
        assert totals == ["10", "10"]


def test_s3_refuses_as_moto_does(buckets: list[Any]) -> None:
    for s3 in buckets:
        with pytest.raises(AwsError) as absent:
            s3.get_object(Bucket=BUCKET, Key="none")
        with pytest.raises(AwsError) as taken:
            s3.put_object(Bucket=BUCKET, Key="days/1", Body=b"", IfNoneMatch="*")
        assert (absent.value.code, taken.value.code) == ("NoSuchKey", "PreconditionFailed")
