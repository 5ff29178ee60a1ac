"""The body of a request: its size, its bytes as they came, and what it says."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from daycover.platform.problems import BodyTooLargeError, MalformedJsonError, UnsupportedContentTypeError

MAX_BODY_BYTES = 64 * 1024
"""Few requests of ours are larger (documents go to S3 by presigned POST), and those say so."""
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Content:
    """A body that a parser takes; whether it is JSON matters only to a route that reads it."""

    def __init__(self, event: Mapping[str, Any], max_bytes: int = MAX_BODY_BYTES) -> None:
        """Raises BodyTooLargeError and MalformedJsonError."""
        sent = event.get("body") or ""
        is_base64 = bool(event.get("isBase64Encoded"))
        # the gateway hands bodies over in base64 because the API also serves images
        size = len(sent.encode(errors="surrogatepass"))
        if (size * 3 // 4 if is_base64 else size) > max_bytes:
            raise BodyTooLargeError(limit_bytes=max_bytes)
        self._type = (header(event, "content-type") or "").strip()
        self._fault: json.JSONDecodeError | None = None
        self._parsed: Any = None
        try:
            self._text = base64.b64decode(sent).decode() if is_base64 else sent
            if self._text:
                self._parsed = json.loads(self._text)
        except json.JSONDecodeError as fault:
            self._fault = fault
        except (RecursionError, ValueError) as fault:
            # nesting and digits have limits in Python's parser that JSON has not; or the bytes are no text
            raise MalformedJsonError from fault

    def read(self) -> Any:
        """Give what the body says by its content type; none means JSON.

        Raises MalformedJsonError and UnsupportedContentTypeError.
        """
        if not self._type or self._type.startswith(JSON):
            if self._fault is not None:
                raise MalformedJsonError from self._fault
            return self._parsed
        if self._type.startswith(FORM):
            return parse_qs(self._text, keep_blank_values=True)
        raise UnsupportedContentTypeError


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Give the bytes as they came: a callback's signature covers them, so nothing may write them again."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return b""


def header(event: Mapping[str, Any], name: str) -> str | None:
    """Give a header by its name in lower case."""
    headers = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), None)
