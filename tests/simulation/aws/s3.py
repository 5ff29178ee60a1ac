"""S3 in memory, as botocore's client is called through `store.boto.BotoClient`: versions, conditions, signed links.

Reads see every write that came before, as in S3. Sources: the API reference of PutObject, GetObject, ListObjectsV2 and
DeleteObject, and of the user guide "Conditional requests", "Object Lock" and "POST policy".
"""

import base64
import functools
import hashlib
import hmac
import inspect
import io
import json
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from botocore.response import StreamingBody

from daycover.store.aws import AwsError

MOST_LISTED = 1000
LONGEST_KEY = 1024
LONGEST_LINK = 7 * 86_400
SECRET = b"the key that signs links and forms"
STAMP = "%Y%m%dT%H%M%SZ"
_RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")
_SHOWN = {"ResponseContentType", "ResponseContentDisposition", "ResponseCacheControl"}
_UNSIGNED = {"policy", "x-amz-signature", "file"}
"""Fields of a form that its policy need not name."""
M = TypeVar("M", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Version:
    version_id: str
    written: datetime
    body: bytes | None
    """None is a mark that the object was deleted."""
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body or b"", usedforsecurity=False).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Download:
    """What a browser gets by a signed link."""

    body: bytes
    headers: Mapping[str, str]


def _operation(method: M) -> M:
    known = inspect.signature(method).parameters.keys()

    @functools.wraps(method)
    def call(self: Any, *said: Any, **request: Any) -> Any:
        if unknown := request.keys() - known:
            raise NotImplementedError(f"{method.__name__}: {sorted(unknown)}")
        return method(self, *said, **request)

    return call  # type: ignore[return-value]


class Buckets:
    """The service; every bucket keeps versions, as the product's do."""

    def __init__(self, now: Callable[[], datetime], luck: random.Random) -> None:
        self._now = now
        self._luck = luck
        self._buckets: dict[str, dict[str, list[Version]]] = {}
        self._locked: set[str] = set()
        self.conflicts: Callable[[str], bool] = lambda _key: False
        """Whether another conditional write of this key is under way at this moment."""

    def create(self, bucket: str, *, is_locked: bool = False) -> None:
        """Create a bucket; a locked one has a default retention."""
        self._buckets[bucket] = {}
        if is_locked:
            self._locked.add(bucket)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of all objects that stand, in the order of their UTF-8, which is that of Python's texts."""
        found = [key for key in self._buckets[bucket] if key.startswith(prefix)]
        return sorted(key for key in found if self._current(bucket, key))

    def versions(self, bucket: str, key: str) -> Sequence[Version]:
        """All that was ever written there, the oldest first."""
        return tuple(self._buckets[bucket].get(key, ()))

    def content(self, bucket: str, key: str) -> bytes | None:
        version = self._current(bucket, key)
        return None if version is None else version.body

    def end_versions(self, bucket: str, prefix: str, age: timedelta) -> None:
        """What a lifecycle rule does: end versions that have not been current for so long, and marks left alone."""
        for key, versions in list(self._buckets[bucket].items()):
            if not key.startswith(prefix):
                continue
            kept = [old for old, new in pairwise(versions) if self._now() - new.written < age] + versions[-1:]
            if len(kept) == 1 and kept[0].body is None:
                del self._buckets[bucket][key]
            else:
                self._buckets[bucket][key] = kept

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NotImplementedError(f"S3 {name}")

    # ---- operations ----------------------------------------------------------------------------------

    @_operation
    def put_object(
        self,
        Bucket: str,
        Key: str,
        Body: Any = b"",
        ContentType: str = "binary/octet-stream",
        ContentMD5: str | None = None,
        IfNoneMatch: str | None = None,
        IfMatch: str | None = None,
    ) -> Any:
        self._of(Bucket, "PutObject")
        body = bytes(Body) if isinstance(Body, bytes | bytearray) else Body.read()
        self._check_put(Bucket, Key, body, ContentMD5)
        if IfNoneMatch not in {None, "*"}:
            raise _refusal("NotImplemented", 501, "PutObject")
        if IfNoneMatch or IfMatch:
            current = self._current(Bucket, Key)
            if self.conflicts(Key):
                raise _refusal("ConditionalRequestConflict", 409, "PutObject")
            if IfMatch and current is None:
                raise _refusal("NoSuchKey", 404, "PutObject")
            if current is not None and (IfNoneMatch or current.etag != IfMatch):
                raise _refusal("PreconditionFailed", 412, "PutObject")
        version = self._write(Bucket, Key, body, ContentType)
        return {"ETag": version.etag, "VersionId": version.version_id} | _metadata(200)

    @_operation
    def get_object(
        self, Bucket: str, Key: str, Range: str | None = None, VersionId: str | None = None
    ) -> Any:
        self._of(Bucket, "GetObject")
        version = self._version(Bucket, Key, VersionId)
        whole = version.body or b""
        answer: dict[str, Any] = {
            "ETag": version.etag,
            "LastModified": version.written,
            "ContentType": version.content_type,
            "VersionId": version.version_id,
        }
        body, status = whole, 200
        if Range is not None:
            first, last = _range(Range, len(whole))
            body, status = whole[first : last + 1], 206
            answer["ContentRange"] = f"bytes {first}-{last}/{len(whole)}"
        stream = StreamingBody(io.BytesIO(body), len(body))
        return answer | {"Body": stream, "ContentLength": len(body)} | _metadata(status)

    @_operation
    def list_objects_v2(
        self,
        Bucket: str,
        Prefix: str = "",
        MaxKeys: int = MOST_LISTED,
        StartAfter: str = "",
        ContinuationToken: str | None = None,
    ) -> Any:
        self._of(Bucket, "ListObjectsV2")
        after = StartAfter
        if ContinuationToken is not None:
            after = base64.b64decode(ContinuationToken).decode()
        keys = [key for key in self.keys(Bucket, Prefix) if key > after]
        limit = min(MaxKeys, MOST_LISTED)
        page = keys[:limit]
        answer: dict[str, Any] = {"IsTruncated": len(keys) > limit > 0, "KeyCount": len(page)}
        answer |= {"Name": Bucket, "Prefix": Prefix, "MaxKeys": limit}
        if page:
            answer["Contents"] = [self._listed(Bucket, key) for key in page]
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = base64.b64encode(page[-1].encode()).decode()
        return answer | _metadata(200)

    @_operation
    def delete_object(self, Bucket: str, Key: str) -> Any:
        """Marks the object as deleted, whether there is one or not; its versions stay."""
        self._of(Bucket, "DeleteObject")
        version = self._write(Bucket, Key, None, "")
        return {"DeleteMarker": True, "VersionId": version.version_id} | _metadata(204)

    @_operation
    def generate_presigned_url(
        self, ClientMethod: str, Params: Mapping[str, str], ExpiresIn: int = 3600
    ) -> str:
        if ClientMethod != "get_object" or Params.keys() - _SHOWN - {"Bucket", "Key"}:
            raise NotImplementedError(f"a link for {ClientMethod} with {sorted(Params)}")
        said = {name: value for name, value in Params.items() if name in _SHOWN}
        said |= {"X-Amz-Date": f"{self._now().astimezone(UTC):{STAMP}}", "X-Amz-Expires": str(ExpiresIn)}
        path = (
            f"https://{Params['Bucket']}.s3.us-east-1.amazonaws.com/{quote(Params['Key'])}?{urlencode(said)}"
        )
        return f"{path}&X-Amz-Signature={_signature(path)}"

    @_operation
    def generate_presigned_post(
        self,
        Bucket: str,
        Key: str,
        Fields: Mapping[str, str] | None = None,
        Conditions: Iterable[Any] = (),
        ExpiresIn: int = 3600,
    ) -> Any:
        now = self._now().astimezone(UTC)
        stamped = {"x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-date": f"{now:{STAMP}}"}
        conditions = [
            *Conditions,
            {"bucket": Bucket},
            {"key": Key},
            *({name: text} for name, text in stamped.items()),
        ]
        policy = {"expiration": (now + timedelta(seconds=ExpiresIn)).isoformat(), "conditions": conditions}
        sealed = base64.b64encode(json.dumps(policy).encode()).decode()
        fields = {**(Fields or {}), "key": Key, **stamped, "policy": sealed}
        fields["x-amz-signature"] = _signature(sealed)
        return {"url": f"https://{Bucket}.s3.us-east-1.amazonaws.com/", "fields": fields}

    # ---- what others do with links and forms ---------------------------------------------------------

    def follow(self, url: str) -> Download:
        """GET a signed link. Raises AwsError."""
        path, _, signature = url.partition("&X-Amz-Signature=")
        if not hmac.compare_digest(_signature(path), signature):
            raise _refusal("SignatureDoesNotMatch", 403, "GetObject")
        parts = urlsplit(path)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        begun = datetime.strptime(said["X-Amz-Date"], STAMP).replace(tzinfo=UTC)
        seconds = int(said["X-Amz-Expires"])
        if seconds > LONGEST_LINK:
            raise _refusal("AuthorizationQueryParametersError", 400, "GetObject")
        if self._now() >= begun + timedelta(seconds=seconds):
            raise _refusal("AccessDenied", 403, "GetObject")
        version = self._version(parts.netloc.partition(".")[0], unquote(parts.path[1:]), None)
        headers = {"ContentType": version.content_type}
        headers |= {name.removeprefix("Response"): said[name] for name in _SHOWN if name in said}
        return Download(version.body or b"", headers)

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> None:
        """POST a form with a file, as a browser does. Raises AwsError."""
        bucket = urlsplit(url).netloc.partition(".")[0]
        if not hmac.compare_digest(_signature(fields["policy"]), fields["x-amz-signature"]):
            raise _refusal("SignatureDoesNotMatch", 403, "PostObject")
        policy = json.loads(base64.b64decode(fields["policy"]))
        if self._now() >= datetime.fromisoformat(policy["expiration"]):
            raise _refusal("AccessDenied", 403, "PostObject")
        _check_policy(policy["conditions"], {**fields, "bucket": bucket}, len(content))
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if fields.get("x-amz-checksum-sha256", digest) != digest:
            raise _refusal("BadDigest", 400, "PostObject")
        self._check_put(bucket, fields["key"], content, digest)
        self._write(bucket, fields["key"], content, fields.get("Content-Type", "binary/octet-stream"))

    # ---- objects -------------------------------------------------------------------------------------

    def _of(self, bucket: str, operation: str) -> None:
        if bucket not in self._buckets:
            raise _refusal("NoSuchBucket", 404, operation)

    def _check_put(self, bucket: str, key: str, body: bytes, checksum: str | None) -> None:
        """`checksum`: an MD5 or SHA-256 that came with the body, in base64."""
        self._of(bucket, "PutObject")
        if not key or len(key.encode()) > LONGEST_KEY:
            raise _refusal("KeyTooLongError", 400, "PutObject")
        if checksum is None:
            if bucket in self._locked:
                raise _refusal("InvalidRequest", 400, "PutObject")
            return
        given = base64.b64decode(checksum)
        known = {16: hashlib.md5(body, usedforsecurity=False), 32: hashlib.sha256(body)}
        if len(given) not in known:
            raise _refusal("InvalidDigest", 400, "PutObject")
        if known[len(given)].digest() != given:
            raise _refusal("BadDigest", 400, "PutObject")

    def _write(self, bucket: str, key: str, body: bytes | None, content_type: str) -> Version:
        version = Version(self._luck.randbytes(16).hex(), self._now(), body, content_type)
        self._buckets[bucket].setdefault(key, []).append(version)
        return version

    def _current(self, bucket: str, key: str) -> Version | None:
        versions = self._buckets[bucket].get(key)
        return versions[-1] if versions and versions[-1].body is not None else None

    def _version(self, bucket: str, key: str, version_id: str | None) -> Version:
        if version_id is None:
            found = self._current(bucket, key)
            if found is None:
                raise _refusal("NoSuchKey", 404, "GetObject")
            return found
        for version in self.versions(bucket, key):
            if version.version_id == version_id:
                if version.body is None:
                    raise _refusal("MethodNotAllowed", 405, "GetObject")
                return version
        raise _refusal("NoSuchVersion", 404, "GetObject")

    def _listed(self, bucket: str, key: str) -> dict[str, Any]:
        version = self._buckets[bucket][key][-1]
        size = len(version.body or b"")
        return {"Key": key, "ETag": version.etag, "Size": size, "LastModified": version.written}


def _range(said: str, size: int) -> tuple[int, int]:
    """The first and the last byte; a range that is not satisfied is refused."""
    found = _RANGE.match(said)
    if found is None:
        raise NotImplementedError(f"the range {said}")
    first, last = int(found[1]), int(found[2] or size - 1)
    if first >= size or last < first:
        raise _refusal("InvalidRange", 416, "GetObject")
    return first, min(last, size - 1)


def _check_policy(conditions: Sequence[Any], fields: Mapping[str, str], size: int) -> None:
    """Every condition holds, and every field is one that a condition names."""
    named = set(_UNSIGNED)
    for condition in conditions:
        match condition:
            case dict():
                [(name, value)] = condition.items()
                named.add(name)
                if fields.get(name) != value:
                    raise _refusal("AccessDenied", 403, "PostObject")
            case ["content-length-range", int(least), int(most)]:
                if not least <= size <= most:
                    raise _refusal("EntityTooSmall" if size < least else "EntityTooLarge", 400, "PostObject")
            case _:
                raise NotImplementedError(f"the condition {condition}")
    if fields.keys() - named:
        raise _refusal("AccessDenied", 403, "PostObject")


def _signature(text: str) -> str:
    return hmac.digest(SECRET, text.encode(), "sha256").hex()


def _metadata(status: int) -> dict[str, Any]:
    return {"ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "simulated"}}


def _refusal(code: str, status: int, operation: str) -> AwsError:
    return AwsError(code, status, operation=operation, request_id="simulated")
