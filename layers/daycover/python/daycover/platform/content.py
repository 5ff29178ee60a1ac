"""The body of a request: its size, its type, its bytes as they came, and what it says."""

import base64
import json
from collections.abc import Mapping
from math import isinf
from typing import Any, NoReturn

from daycover.platform.problems import BodyTooLargeError, MalformedJsonError, UnsupportedContentTypeError

MAX_BODY_BYTES = 64 * 1024
"""Few requests of ours are larger (documents go to S3 by presigned POST), and those say so."""
JSON = "application/json"
UTF_8 = frozenset({"utf-8", "utf8"})
"""The one encoding of JSON between systems (RFC 8259, 8.1), as clients write it."""


class Content:
    """A body of bearable size. Its type is looked at before anything of it is parsed."""

    def __init__(self, event: Mapping[str, Any], max_bytes: int = MAX_BODY_BYTES) -> None:
        """Raises BodyTooLargeError."""
        self._sent: str = event.get("body") or ""
        # the gateway hands bodies over in base64 because the API also serves images
        self._is_base64 = bool(event.get("isBase64Encoded"))
        size = len(self._sent.encode(errors="surrogatepass"))
        if self._is_base64:
            size = size * 3 // 4 - self._sent[-2:].count("=")
        if size > max_bytes:
            raise BodyTooLargeError(limit_bytes=max_bytes)
        self._types = headers(event, "content-type")

    @property
    def is_empty(self) -> bool:
        return not self._sent

    def expect_json(self) -> None:
        """Let JSON in and nothing that calls itself otherwise, or nothing at all. No body needs no type.

        Raises UnsupportedContentTypeError.
        """
        if not self._types and self.is_empty:
            return
        if len(self._types) != 1 or not _is_json(self._types[0]):
            raise UnsupportedContentTypeError

    def read(self) -> Any:
        """Give what the body says, None where there is none.

        Raises UnsupportedContentTypeError and MalformedJsonError.
        """
        self.expect_json()
        if self.is_empty:
            return None
        try:
            text = base64.b64decode(self._sent, validate=True).decode() if self._is_base64 else self._sent
            return _READER.decode(text)
        except (RecursionError, ValueError) as fault:
            # no JSON; bytes that are no text; nesting and digits, which have limits in Python's parser
            raise MalformedJsonError from fault


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Give the bytes as they came: a callback's signature covers them, so nothing may write them again."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode(errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        return b""


def headers(event: Mapping[str, Any], name: str) -> list[str]:
    """Give every value of a header by its name in lower case, however the client writes it.

    API Gateway lists all values in `multiValueHeaders`; `headers` holds the last of each.
    """
    repeated = event.get("multiValueHeaders") or {}
    given = [value for key, values in repeated.items() if key.lower() == name for value in values or ()]
    if not given:
        given = [value for key, value in (event.get("headers") or {}).items() if key.lower() == name]
    return [value for value in given if value is not None]


def header(event: Mapping[str, Any], name: str) -> str | None:
    """Give a header by its name in lower case; the last where it is repeated."""
    given = headers(event, name)
    return given[-1] if given else None


def _is_json(content_type: str) -> bool:
    """Media types and the names of their parameters are the same in any case (RFC 9110, 8.3.1)."""
    kind, *parameters = content_type.lower().split(";")
    named = [parameter.partition("=") for parameter in parameters]
    charsets = [value.strip().strip('"') for name, _, value in named if name.strip() == "charset"]
    return kind.strip() == JSON and all(charset in UTF_8 for charset in charsets)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members are named once each: of two, nobody knows which one was meant (RFC 8259, 4)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_number(_constant: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _number(digits: str) -> float:
    """A number that a float holds: of a larger one, parsers make infinity or another number (RFC 8259, 6)."""
    number = float(digits)
    if isinf(number):
        raise ValueError("a number beyond what a float holds")
    return number


_READER = json.JSONDecoder(object_pairs_hook=_members, parse_float=_number, parse_constant=_no_number)
