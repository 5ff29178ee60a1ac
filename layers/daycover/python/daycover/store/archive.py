"""The archive of policies in S3: batches with an index, and objects of their own for what came late or changed."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daycover.cover.archive import PAGE, Archived, ArchiveDamagedError, is_closed
from daycover.cover.policy import Policy, PolicyStatus, place_in_time
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.archive_index import ABSENT, READERS, ArchiveIndex, digest_of
from daycover.store.aws import AwsError

SCHEMA_VERSION = 1
INDEXED = "INDEXED"
"""The version of a policy that stands in a batch only."""
SLOTS = 60
"""Hours whose batches are remembered: those of the days that are not closed, and some more."""
TAKEN = "PreconditionFailed"
"""The object stands there already. Where somebody is writing it at this moment nobody knows yet whether it will."""


class StoredArchive:
    """Implements `cover.archive.Archive`.

    Batches are named by hour and content, indexes by period, and what stands alone by the policy number, so
    nothing is ever deleted, and only what stands alone gets a further version: an object lock changes nothing.
    The function's role needs s3:ListBucket even to read: without it S3 answers a missing object with 403.
    """

    def __init__(self, client: Any, bucket: str, now: Callable[[], datetime]) -> None:
        self._client = client
        self._bucket = bucket
        self._now = now
        self._index = ArchiveIndex(self._call, self._create)
        self._slots: dict[str, tuple[set[str], set[str]]] = {}
        """By hour of issue: the batches that were read, and what they hold."""

    def append(self, policies: Sequence[Policy]) -> None:
        """Access: one PutObject for each hour of issue. Condition: If-None-Match. Cost: one PUT, taken or not."""
        slots: dict[str, set[bytes]] = {}
        for policy in policies:
            slots.setdefault(_slot(policy), set()).add(archived_form(policy) + b"\n")
        for slot, records in slots.items():
            # sorted, so that the same policies are the same object in whatever order their records came
            body = b"".join(sorted(records))
            digest = hashlib.sha256(body).hexdigest()[:32]
            self._create(keys.archived_batch(slot, digest), body, "application/x-ndjson")

    def add(self, policy: Policy) -> bool:
        """Access: one PutObject. Condition: If-None-Match, no such object. Cost: one PUT, refused or not."""
        return self._put(policy, IfNoneMatch="*")

    def replace(self, policy: Policy, version: str) -> None:
        """Access: one PutObject; the bucket keeps the earlier version. Condition: If-Match; what was found in
        the index is superseded by an object of its own, If-None-Match. Cost: one PUT."""
        condition = {"IfNoneMatch": "*"} if version == INDEXED else {"IfMatch": version}
        if not self._put(policy, **condition):
            raise ConcurrentChangeError

    def find(self, policy_no: str) -> Archived | None:
        """Access: one GetObject by number; where nothing stands alone, the day's index (`ArchiveIndex.find`) and a
        ranged GET of the record. Cost: one GET, or three or four."""
        alone = self._alone(policy_no)
        if alone is not None:
            return alone
        line = self._index.find(policy_no.strip().upper())
        if line is None:
            return None
        span = f"bytes={line.offset}-{line.offset + line.length - 1}"
        try:
            body = self._call("get_object", Key=line.key, Range=span)["Body"].read()
        except AwsError as error:
            if error.code != ABSENT:
                raise
            raise ArchiveDamagedError(policy_no=policy_no) from error
        return Archived(open_archived(body, line.policy_no), INDEXED)

    def find_many(self, policy_nos: Sequence[str]) -> Mapping[str, Archived]:
        """Access: as `find`, ten at a time. Cost: as `find`, for each."""
        if not policy_nos:
            return {}
        with ThreadPoolExecutor(READERS) as pool:
            found = dict(zip(policy_nos, pool.map(self._find_whole, policy_nos), strict=True))
        return {number: archived for number, archived in found.items() if archived is not None}

    def list_numbers(
        self, person_id: str, *, below: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[str]:
        """Access: one ListObjectsV2 below the person's prefix, and `ArchiveIndex.numbers`. Cost: three LISTs, and
        a GET or two for each month, or day behind the last month, until there are enough."""
        if below is not None and below <= since:
            return []
        arguments = {} if below is None else {"StartAfter": keys.archived_below(person_id, below)}
        prefix = keys.archived_policies(person_id)
        answer = self._call("list_objects_v2", Prefix=prefix, MaxKeys=limit, **arguments)
        alone = [keys.archived_number(entry["Key"]) for entry in answer.get("Contents", ())]
        indexed = self._index.numbers(person_id, since, below, limit)
        numbers = {number for number in (*alone, *indexed) if place_in_time(number) >= since}
        return sorted(numbers, key=place_in_time, reverse=True)[:limit]

    def unkept(self, policies: Sequence[Policy]) -> set[str]:
        """Access: of closed days the index (`ArchiveIndex.digests_of`); of others the batches of the policies' hours,
        each read once a container; a GET for each policy that has ended, and as `find` for each that is in
        neither. Cost: those."""
        issued = [policy for policy in policies if policy.status is PolicyStatus.ISSUED]
        wanted = {policy.policy_no: digest_of(archived_form(policy)) for policy in issued}
        now = self._now()
        closed = [no for no in wanted if is_closed(keys.day_of_issue(no), now)]
        indexed = self._index.digests_of(closed)
        held = {no for no in closed if indexed.get(no) == wanted[no]}
        slots: dict[str, dict[str, str]] = {}
        for policy in issued:
            if (no := policy.policy_no) not in held:
                slots.setdefault(_slot(policy), {})[no] = wanted[no]
        for slot, digests in slots.items():
            held |= self._batched(slot, digests)
        others = [policy for policy in policies if policy.policy_no not in held]
        found = self.find_many([policy.policy_no for policy in others])
        return {p.policy_no for p in others if p.policy_no not in found or found[p.policy_no].policy != p}

    def close_day(self, day: date, segment: int, segments: int) -> tuple[str, ...]:
        """Access: `ArchiveIndex.close_day`, and after a month's last day `close_month`. Condition: If-None-Match.

        Cost: LIST and GET of the day's batches, and at most 32 PUTs in all segments, as many again for a month.
        """
        parts = frozenset(range(segment, keys.ARCHIVE_PARTS, segments))
        twice = self._index.close_day(day, parts)
        if (day + timedelta(days=1)).day == 1:
            self._index.close_month(day, parts)
        return twice

    def _batched(self, slot: str, digests: Mapping[str, str]) -> set[str]:
        """Batches never change, so what was read of them stays true; what is not there may have come since."""
        read, known = self._slots.setdefault(slot, (set(), set()))
        while len(self._slots) > SLOTS:
            self._slots.pop(next(iter(self._slots)))
        if not known.issuperset(digests.values()):
            fresh = [key for key in self._index.batches(slot) if key not in read]
            with ThreadPoolExecutor(READERS) as pool:
                known.update(*pool.map(self._index.digests_in, fresh))
            read.update(fresh)
        return {no for no, digest in digests.items() if digest in known}

    def _alone(self, policy_no: str) -> Archived | None:
        try:
            answer = self._call("get_object", Key=keys.archived_policy(policy_no))
            return Archived(open_archived(answer["Body"].read(), policy_no), answer["ETag"])
        except AwsError as error:
            if error.code != ABSENT:
                raise
            return None

    def _find_whole(self, policy_no: str) -> Archived | None:
        try:
            return self.find(policy_no)
        except ArchiveDamagedError:
            return None

    def _put(self, policy: Policy, **condition: str) -> bool:
        key = keys.archived_policy(policy.policy_no)
        return self._create(key, archived_form(policy), "application/json", condition)

    def _create(self, key: str, body: bytes, kind: str, condition: Mapping[str, str] | None = None) -> bool:
        """Put an object under a condition, by itself that there is none; False when it does not hold."""
        try:
            self._call(
                "put_object",
                Key=key,
                Body=body,
                # a bucket with a lock takes no object without one; S3 compares it everywhere
                ContentMD5=b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
                ContentType=kind,
                **(condition or {"IfNoneMatch": "*"}),
            )
        except AwsError as error:
            # a replaced object that is gone was deleted by hand: read again
            if error.code not in {TAKEN, ABSENT}:
                raise
            return False
        return True

    def _call(self, operation: str, **arguments: Any) -> Any:
        return getattr(self._client, operation)(Bucket=self._bucket, **arguments)


def _slot(policy: Policy) -> str:
    return f"{policy.issued_at.astimezone(UTC):%Y%m%d%H}"


def archived_form(policy: Policy) -> bytes:
    """Write the same policy as the same bytes, with the hash that proves it decades later."""
    facts = policy.model_dump(mode="json")
    whole = {"policy": facts, "schema_version": SCHEMA_VERSION, "sha256": _hash(facts)}
    return _canonical(whole)


def open_archived(body: bytes, policy_no: str) -> Policy:
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
