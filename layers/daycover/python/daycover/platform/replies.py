"""What a handler answers with: a status, a body and its headers."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
JSON_TYPE = "application/json; charset=utf-8"
SHEET_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EVERYWHERE = {
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""What every answer says, refusals and callbacks included: nothing is cached on the way unless the answer says so;
TLS alone for a year, here and below; no guessing of types; no referrer, because tokens stand in addresses. The
template says the same where the gateway answers itself."""
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""What its address holds the hash of."""


class Reply(Generic[T_co]):
    """One answer. A view is written as JSON, text as it stands, bytes in base64."""

    __slots__ = ("body", "headers", "status")

    def __init__(
        self, status: int, content_type: str | None, body: T_co, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        if content_type is not None:
            self.headers["Content-Type"] = content_type

    def for_gateway(self) -> dict[str, Any]:
        """Write it as API Gateway's proxy integration reads it."""
        body: Any = self.body
        is_bytes = isinstance(body, bytes)
        if isinstance(body, BaseModel):
            body = dumps(body.model_dump(mode="json", by_alias=True))
        return {
            "statusCode": self.status,
            "body": base64.b64encode(body).decode() if is_bytes else body,
            "isBase64Encoded": is_bytes,
            "multiValueHeaders": {name: [value] for name, value in (EVERYWHERE | self.headers).items()},
        }


def reply(status: int, view: T, headers: Mapping[str, str] | None = None) -> Reply[T]:
    """Answer with a view and a status."""
    return Reply(status, JSON_TYPE, view, headers)


def no_content() -> Reply[str]:
    """Answer 204. Null would do as body for API Gateway, the local engine wants a text."""
    return Reply(204, None, "")


def picture(kind: str, image: bytes) -> Reply[bytes]:
    """Answer with an image: `png`, or `svg` and the `sheet` drawn in it."""
    return Reply(200, "image/png" if kind == "png" else "image/svg+xml", image)


def sheet_file(kind: str, name: str, sheet: bytes) -> Reply[bytes]:
    """Answer with a sheet, `csv` or `xlsx`, to be kept under a name without the ending."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Reply(200, SHEET_TYPES[kind], sheet, disposition)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
