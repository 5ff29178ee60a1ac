"""S3 in memory answers as moto's S3 does, keeps versions, and holds browsers to what was signed."""

import base64
import hashlib
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from daycover.cover.policy import PolicyStatus
from daycover.errors import ConcurrentChangeError
from daycover.store.archive import StoredArchive
from daycover.store.aws import AwsError
from daycover.store.boto import BotoClient
from daycover.store.documents import LINK_SECONDS, UPLOAD_SECONDS, DocumentVault
from tests.simulation.aws.s3 import Buckets
from tests.simulation.aws.scripted import Line
from tests.support.builders import NOW, PERSON, a_policy
from tests.support.claims import a_document, an_announcement
from tests.support.in_process_aws import empty_aws
from tests.support.papers import a_jpeg

BUCKET = "papers"
CONTENT = a_jpeg("a scan of a diagnosis")
KEYS = ["B", "a", "a/1", "a/2", "b", "Ä", "ä/1", "\U0001f600", "\uffee"]
BODIES = [b"", b"one", b"two\nlines\n", bytes(300)]


class S3:
    def __init__(self, *, is_locked: bool = False) -> None:
        self.line = Line()
        self.buckets = Buckets(self.line.now, random.Random(3))
        self.buckets.create(BUCKET, is_locked=is_locked)


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def outcome(call: Callable[[], Any]) -> Any:
    """What the product can see of an answer, or the refusal."""
    try:
        answer = call()
    except AwsError as error:
        return error.code, error.status
    said = {
        name: answer[name]
        for name in ("ETag", "ContentRange", "ContentLength", "IsTruncated")
        if name in answer
    }
    if "Body" in answer:
        said["Body"] = answer["Body"].read()
    if "Contents" in answer:
        said["Contents"] = [(row["Key"], row["Size"], row["ETag"]) for row in answer["Contents"]]
    return said


def an_operation(luck: random.Random, etags: list[str]) -> tuple[str, dict[str, Any]]:
    key, body = luck.choice(KEYS), luck.choice(BODIES)
    match luck.choice(["put", "put", "put", "get", "get", "list", "delete"]):
        case "put":
            condition: dict[str, Any] = luck.choice(
                [{}, {"IfNoneMatch": "*"}, {"IfMatch": luck.choice(etags)}]
            )
            return "put_object", {"Key": key, "Body": body, "ContentMD5": md5(body)} | condition
        case "get":
            first = luck.choice([0, 0, 2, 299, 300])
            last = luck.choice([first, first + 5, 1000])
            spans = luck.choice([{}, {"Range": f"bytes={first}-{last}"}, {"Range": f"bytes={first}-"}])
            return "get_object", {"Key": key} | spans
        case "list":
            more: dict[str, Any] = luck.choice([{}, {"MaxKeys": 2}, {"StartAfter": key}, {"Prefix": "a"}])
            return "list_objects_v2", more
        case _:
            return "delete_object", {"Key": key}


@pytest.mark.parametrize("seed", range(6))
def test_answers_are_those_of_moto_when_anything_is_asked(seed: int) -> None:
    empty_aws()
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    theirs, ours, luck = BotoClient("s3", client), S3().buckets, random.Random(seed)
    etags = ['"' + hashlib.md5(body, usedforsecurity=False).hexdigest() + '"' for body in BODIES]
    for _ in range(60):
        operation, request = an_operation(luck, etags)
        expected, answer = (
            outcome(lambda: getattr(s3, operation)(Bucket=BUCKET, **request))  # noqa: B023 - called at once
            for s3 in (theirs, ours)
        )
        assert answer == expected, (operation, request)


def test_pages_follow_each_other_when_a_list_is_long() -> None:
    s3 = S3().buckets
    for number in range(5):
        s3.put_object(Bucket=BUCKET, Key=f"k{number}", Body=b"")
    first = s3.list_objects_v2(Bucket=BUCKET, Prefix="k", MaxKeys=3)
    assert first["IsTruncated"]
    token = {"ContinuationToken": first["NextContinuationToken"]}
    second = s3.list_objects_v2(Bucket=BUCKET, Prefix="k", MaxKeys=3, **token)
    assert [row["Key"] for row in first["Contents"] + second["Contents"]] == [f"k{n}" for n in range(5)]
    assert not second["IsTruncated"]
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="x")


def test_versions_stay_until_their_rule_ends_them_when_an_object_is_deleted() -> None:
    s3 = S3()
    for body in (b"one", b"two"):
        s3.buckets.put_object(Bucket=BUCKET, Key="a", Body=body)
        s3.line.run(100)
    s3.buckets.delete_object(Bucket=BUCKET, Key="a")
    assert [version.body for version in s3.buckets.versions(BUCKET, "a")] == [b"one", b"two", None]
    assert s3.buckets.content(BUCKET, "a") is None
    earlier = s3.buckets.versions(BUCKET, "a")[0].version_id
    assert s3.buckets.get_object(Bucket=BUCKET, Key="a", VersionId=earlier)["Body"].read() == b"one"
    s3.line.run(86_399)
    s3.buckets.end_versions(BUCKET, "", timedelta(days=1))
    assert [version.body for version in s3.buckets.versions(BUCKET, "a")] == [b"two", None]
    s3.line.run(1)
    s3.buckets.end_versions(BUCKET, "", timedelta(days=1))
    assert s3.buckets.versions(BUCKET, "a") == ()


def test_write_is_refused_when_another_is_under_way_or_its_checksum_is_wrong() -> None:
    s3 = S3(is_locked=True).buckets
    for checksum, code in ((None, "InvalidRequest"), (md5(b"x"), "BadDigest"), ("AAAA", "InvalidDigest")):
        with pytest.raises(AwsError) as raised:
            s3.put_object(Bucket=BUCKET, Key="a", Body=b"", ContentMD5=checksum)
        assert raised.value.code == code
    s3.conflicts = lambda key: True
    with pytest.raises(AwsError) as raised:
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"", ContentMD5=md5(b""), IfNoneMatch="*")
    assert (raised.value.code, raised.value.status) == ("ConditionalRequestConflict", 409)
    assert s3.keys(BUCKET) == []


def test_operation_is_refused_when_it_is_not_played() -> None:
    s3: Any = S3().buckets
    calls: list[Callable[[], Any]] = [
        lambda: s3.copy_object(Bucket=BUCKET, Key="a"),
        lambda: s3.put_object(Bucket=BUCKET, Key="a", ACL="public-read"),
        lambda: s3.get_object(Bucket=BUCKET, Key="a", Range="bytes=-5"),
        lambda: s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "a"}),
    ]
    for call in calls:
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"1")
        with pytest.raises(NotImplementedError):
            call()


def test_archive_finds_supersedes_and_lists_when_it_stands_on_this() -> None:
    s3 = S3(is_locked=True)
    archive = StoredArchive(s3.buckets, BUCKET, lambda: NOW + timedelta(days=40))
    policies = [a_policy(NOW + timedelta(days=day)) for day in range(3)]
    archive.append(policies)
    for policy in policies:
        archive.close_day(policy.issued_at.date(), 0, 1)
    found = archive.find(policies[0].policy_no)
    assert found is not None
    assert found.policy == policies[0]
    voided = policies[0].model_copy(update={"status": PolicyStatus.VOIDED})
    archive.replace(voided, found.version)
    with pytest.raises(ConcurrentChangeError):
        archive.replace(voided, found.version)
    assert archive.unkept([voided, *policies[1:]]) == set()
    assert archive.list_numbers(PERSON) == [policy.policy_no for policy in reversed(policies)]


# ---- links and forms --------------------------------------------------------------------------------


def test_file_arrives_and_is_shown_when_form_and_link_are_followed() -> None:
    s3, document = S3(), a_document(an_announcement(content=CONTENT))
    vault = DocumentVault(s3.buckets, BUCKET)
    form = vault.upload_form(document)
    assert vault.digest(document) is None
    s3.buckets.upload(form.url, form.fields, CONTENT)
    digest = vault.digest(document)
    assert digest is not None
    assert digest.sha256 == hashlib.sha256(CONTENT).hexdigest()
    shown = s3.buckets.follow(vault.link(document))
    assert shown.body == CONTENT
    assert shown.headers["ContentType"] == "image/jpeg"
    vault.delete(document)
    assert vault.read(document) is None


@pytest.mark.parametrize(
    ("change", "content", "code"),
    [
        ({}, CONTENT + b"x", "EntityTooLarge"),
        ({}, CONTENT[:-1], "EntityTooSmall"),
        ({}, CONTENT[:-1] + b"x", "BadDigest"),
        ({"key": "claims/CL2/x"}, CONTENT, "AccessDenied"),
        ({"Content-Type": "text/html"}, CONTENT, "AccessDenied"),
        ({"acl": "public-read"}, CONTENT, "AccessDenied"),
        ({"policy": base64.b64encode(b"{}").decode()}, CONTENT, "SignatureDoesNotMatch"),
    ],
)
def test_file_is_refused_when_it_is_not_the_one_that_was_announced(
    change: dict[str, str], content: bytes, code: str
) -> None:
    s3 = S3()
    form = DocumentVault(s3.buckets, BUCKET).upload_form(a_document(an_announcement(content=CONTENT)))
    with pytest.raises(AwsError) as raised:
        s3.buckets.upload(form.url, {**form.fields, **change}, content)
    assert raised.value.code == code
    assert s3.buckets.keys(BUCKET) == []


def test_form_and_link_are_refused_when_their_time_is_over() -> None:
    s3, document = S3(), a_document(an_announcement(content=CONTENT))
    vault = DocumentVault(s3.buckets, BUCKET)
    form = vault.upload_form(document)
    s3.buckets.upload(form.url, form.fields, CONTENT)
    link = vault.link(document)
    s3.line.run(LINK_SECONDS)
    with pytest.raises(AwsError) as raised:
        s3.buckets.follow(link)
    assert raised.value.code == "AccessDenied"
    with pytest.raises(AwsError) as raised:
        s3.buckets.follow(vault.link(document).replace("CL1", "CL2"))
    assert raised.value.code == "SignatureDoesNotMatch"
    s3.line.run(UPLOAD_SECONDS)
    with pytest.raises(AwsError) as raised:
        s3.buckets.upload(form.url, form.fields, CONTENT)
    assert raised.value.code == "AccessDenied"
