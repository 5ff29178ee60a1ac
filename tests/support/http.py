"""A small HTTP client that shows answers as they came and remembers what was said, masked."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import urllib3

from tests.support.masking import masked, shortened_tokens

_POOL = urllib3.PoolManager(
    num_pools=16, maxsize=64, retries=False, timeout=urllib3.Timeout(connect=20.0, read=60.0)
)
_MISSING: Any = object()


class UnexpectedAnswerError(Exception):
    """The answer's status is not among the expected ones; the text holds the problem document."""


@dataclass(frozen=True)
class Answer:
    """One answer. Header names in lower case."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def is_json(self) -> bool:
        return "json" in self.content_type or self.content[:1] in (b"{", b"[")

    @property
    def body(self) -> Any:
        """The parsed JSON; None for an empty or other content."""
        return json.loads(self.content) if self.content and self.is_json else None

    def expect(self, *statuses: int) -> Any:
        """Return the parsed body if the status is one of these. Raises UnexpectedAnswerError."""
        if self.status not in statuses:
            text = json.dumps(masked(self.body), ensure_ascii=False) if self.is_json else "no JSON"
            wanted = " or ".join(map(str, statuses))
            raise UnexpectedAnswerError(
                f"{self.method} {shortened_tokens(self.path)}: {self.status} instead of {wanted}: {text}"
            )
        return self.body


class Trace:
    """Requests and answers in the order they came; a repeated poll keeps its last answer only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: list[tuple[dict[str, Any], Any]] = []

    def add(self, request: dict[str, Any], response: Any) -> None:
        with self._lock:
            if self._exchanges and self._exchanges[-1][0] == request and request.get("method") == "GET":
                self._exchanges.pop()
            self._exchanges.append((request, response))

    def take(self) -> list[tuple[dict[str, Any], Any]]:
        """Return what was said since the last call."""
        with self._lock:
            taken, self._exchanges = self._exchanges, []
        return taken


@dataclass(frozen=True)
class Api:
    """One caller of one server. `to` names servers other than the product's API in the trace."""

    base_url: str
    token: str | None = None
    language: str | None = None
    trace: Trace | None = None
    to: str | None = None

    def with_token(self, token: str | None) -> "Api":
        return replace(self, token=token)

    def speaking(self, language: str | None) -> "Api":
        return replace(self, language=language)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, body: Any = _MISSING, **headers: str) -> Answer:
        content = b"" if body is _MISSING else json.dumps(body, ensure_ascii=False).encode()
        return self.send("POST", path, content, headers=headers)

    def send(
        self, method: str, path: str, content: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send bytes as they are; `headers` with underscores for hyphens."""
        sent = {"Accept": "*/*", "User-Agent": "daycover-e2e"}
        if content:
            sent["Content-Type"] = "application/json"
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.language is not None:
            sent["Accept-Language"] = self.language
        sent |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        response = _POOL.request(method, self.base_url + path, body=content or None, headers=sent)
        answer = Answer(
            method,
            path,
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            response.data,
        )
        if self.trace is not None:
            self.trace.add(self._told(method, path, content), _told_answer(answer))
        return answer

    def _told(self, method: str, path: str, content: bytes) -> dict[str, Any]:
        told: dict[str, Any] = {"method": method, "path": shortened_tokens(path)}
        if self.to is not None:
            told["to"] = self.to
        if content:
            told["body"] = masked(json.loads(content))
        return told


def post_form(
    url: str, fields: Mapping[str, str], file: bytes, content_type: str, trace: Trace | None
) -> int:
    """Upload a file with a presigned form and return the status."""
    parts: list[tuple[str, Any]] = [*fields.items(), ("file", ("document", file, content_type))]
    response = _POOL.request("POST", url, fields=parts)
    if trace is not None:
        request = {
            "method": "POST",
            "to": "S3, presigned",
            "body": {"form": sorted(fields), "bytes": len(file)},
        }
        trace.add(request, {"status": response.status})
    return response.status


def _told_answer(answer: Answer) -> dict[str, Any]:
    if answer.is_json:
        return {"status": answer.status, "body": masked(answer.body)}
    told: dict[str, Any] = {"status": answer.status}
    return told | ({"body": f"{answer.content_type}, {len(answer.content)} bytes"} if answer.content else {})
