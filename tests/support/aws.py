"""Our AWS client in tests: answered by moto in process or by a list of replies, and watched."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber
from urllib3 import HTTPHeaderDict

from daycover.platform.config import AwsAccess
from daycover.store.aws import AwsClient
from tests.support.replies import Reply

REGION = "us-east-1"
ACCESS = AwsAccess(region=REGION, key_id="testing", secret_key="testing", session_token=None, endpoints={})


class MotoPool:
    """Hands requests to moto as botocore would, after its signing and instead of its sending."""

    def request(
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **_: Any
    ) -> Reply:
        assert botocore_stubber.enabled, "no moto around it"
        sent = HTTPHeaders()
        for name, value in headers.items():
            sent[name] = value
        answer = botocore_stubber.process_request(AWSPreparedRequest(method, url, sent, body, False))
        assert answer is not None, f"{url} is none of moto's"
        status, received, data = answer
        return Reply(
            status,
            data.encode() if isinstance(data, str) else bytes(data),
            HTTPHeaderDict({name: str(value) for name, value in received.items()}),
        )


class Replies:
    """A pool that gives its replies in order, the last one for ever; an exception among them is raised."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self._replies = list(replies)
        self.sent: list[tuple[Mapping[str, str], Any]] = []

    def request(
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **_: Any
    ) -> Reply:
        self.sent.append((headers, json.loads(body or b"null")))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


def refusal(code: str, status: int = 400, **members: Any) -> Reply:
    """An error as DynamoDB, KMS and their like write it."""
    body = {"__type": f"com.amazonaws.service#{code}", "message": "text", **members}
    return Reply(status, json.dumps(body).encode())


def answering(service: str, *replies: Reply | Exception) -> AwsClient:
    """A client that never waits and gets these replies."""
    return AwsClient(service, ACCESS, pool=Replies(*replies), sleep=lambda _: None)


def client_of(service: str) -> AwsClient:
    """A client of the moto around it."""
    return AwsClient(service, ACCESS, pool=MotoPool())


class Watched:
    """A client whose calls others listen to: before one is sent, and once it was answered."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.before: list[Callable[[str, Mapping[str, Any]], None]] = []
        self.after: list[Callable[[str, Mapping[str, Any], Any], None]] = []

    def call(self, operation: str, **request: Any) -> Any:
        for listener in self.before:
            listener(operation, request)
        answer = self._client.call(operation, **request)
        for hear in self.after:
            hear(operation, request, answer)
        return answer


class CountingClient:
    """A client that counts its calls and keeps the last one's request."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: Counter[str] = Counter()
        self.last: dict[str, Any] = {}

    def call(self, operation: str, **request: Any) -> Any:
        self.calls[operation] += 1
        self.last = request
        return self._client.call(operation, **request)
