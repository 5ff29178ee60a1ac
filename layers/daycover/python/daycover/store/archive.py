"""The archive of policies in S3, and how far its sweeper has come."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from daycover.cover.archive import PAGE, Archived, ArchiveDamagedError
from daycover.cover.policy import Policy
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.aws import AwsError

SCHEMA_VERSION = 1
READERS = 10
"""As many connections as an S3 client holds."""
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}
"""The object stands there already, or somebody is writing it at this moment."""
ABSENT = "NoSuchKey"


class StoredArchive:
    """Implements `cover.archive.Archive`: one object a policy, its key made of the policy number.

    The function's role needs s3:ListBucket even to read: without it S3 answers a missing object with 403.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def add(self, policy: Policy) -> bool:
        """Access: one PutObject. Condition: If-None-Match, no such object. Cost: one PUT, refused or not."""
        return self._put(policy, IfNoneMatch="*")

    def replace(self, policy: Policy, version: str) -> None:
        """Access: one PutObject; the bucket keeps the earlier version. Condition: If-Match. Cost: one PUT."""
        if not self._put(policy, IfMatch=version):
            raise ConcurrentChangeError

    def find(self, policy_no: str) -> Archived | None:
        """Access: one GetObject by number. Cost: one GET."""
        try:
            answer = self._call("get_object", Key=keys.archived_policy(policy_no))
            return Archived(_open(answer["Body"].read(), policy_no), answer["ETag"])
        except AwsError as error:
            if error.code != ABSENT:
                raise
            return None

    def find_many(self, policy_nos: Sequence[str]) -> Mapping[str, Archived]:
        """Access: a GetObject each, ten at a time. Cost: one GET each."""
        if not policy_nos:
            return {}
        with ThreadPoolExecutor(READERS) as pool:
            found = dict(zip(policy_nos, pool.map(self._find_whole, policy_nos), strict=True))
        return {number: archived for number, archived in found.items() if archived is not None}

    def list_numbers(self, person_id: str, *, below: int | None = None, limit: int = PAGE) -> list[str]:
        """Access: one ListObjectsV2 below the person's prefix, at most `limit` keys. Cost: one LIST."""
        arguments = {} if below is None else {"StartAfter": keys.archived_below(person_id, below)}
        prefix = keys.archived_policies(person_id)
        answer = self._call("list_objects_v2", Prefix=prefix, MaxKeys=limit, **arguments)
        return [keys.archived_number(entry["Key"]) for entry in answer.get("Contents", ())]

    def _find_whole(self, policy_no: str) -> Archived | None:
        try:
            return self.find(policy_no)
        except ArchiveDamagedError:
            return None

    def _put(self, policy: Policy, **condition: str) -> bool:
        body = archived_form(policy)
        try:
            self._call(
                "put_object",
                Key=keys.archived_policy(policy.policy_no),
                Body=body,
                # a bucket with a lock takes no object without one; S3 compares it everywhere
                ContentMD5=b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
                ContentType="application/json",
                **condition,
            )
        except AwsError as error:
            # a replaced object that is gone was deleted by hand: read again
            if error.code not in TAKEN | {ABSENT}:
                raise
            return False
        return True

    def _call(self, operation: str, **arguments: Any) -> Any:
        return getattr(self._client, operation)(Bucket=self._bucket, **arguments)


def archived_form(policy: Policy) -> bytes:
    """Write the same policy as the same bytes, with the hash that proves it decades later."""
    facts = policy.model_dump(mode="json")
    whole = {"policy": facts, "schema_version": SCHEMA_VERSION, "sha256": _hash(facts)}
    return _canonical(whole)


def _open(body: bytes, policy_no: str) -> Policy:
    """The hash is of what was written, not of what today's model makes of it."""
    try:
        whole = json.loads(body)
        facts, digest = whole["policy"], whole["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveDamagedError(policy_no=policy_no) from error
    if _hash(facts) != digest:
        raise ArchiveDamagedError(policy_no=policy_no)
    return Policy.model_validate(facts)


def _hash(facts: Any) -> str:
    return hashlib.sha256(_canonical(facts)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
