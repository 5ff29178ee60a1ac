"""The HTTP entry: a resolver of its own for each function, problem documents for every refusal."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from pydantic import BaseModel

from daycover.errors import DaycoverError
from daycover.platform.catalogue import BY_CLASS, FORBIDDEN, GENERAL, INTERNAL, INVALID, MALFORMED, TOO_LARGE
from daycover.platform.observability import count, log_failure, logger
from daycover.platform.problems import Problem, language_of, problem_document, slug_of
from daycover.platform.validation import rule_of

MAX_BODY_BYTES = 64 * 1024
"""No request of ours is larger (documents go to S3 by presigned POST)."""
MAX_PATH_BYTES = 900
"""Nothing of ours has a longer name; a DynamoDB sort key ends at 1,024 bytes."""
M = TypeVar("M", bound=BaseModel)
PROBLEM_TYPE = "application/problem+json; charset=utf-8"
JSON_TYPE = "application/json; charset=utf-8"


class Body(BaseModel, extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True):
    """The base of every request model: unknown members are refused, not ignored."""


class View(BaseModel, frozen=True):
    """The base of every response model."""


class Caller(BaseModel, frozen=True):
    """Who calls, as the authorizer proved it: `worker`, `provider`, `company` or `staff`."""

    role: str
    subject: str
    staff_roles: tuple[str, ...] = ()
    provider_id: str | None = None


class ForbiddenError(DaycoverError):
    """The caller's role may not do this."""


class HttpApi(APIGatewayRestResolver):
    """Powertools' REST resolver plus our limits, problem documents and one log line per request.

    `is_open`: its routes are reached without a token; API Gateway asks for one everywhere else.
    """

    def __init__(self, *, is_open: bool = False) -> None:
        super().__init__(enable_validation=True, serializer=_dumps)
        self.is_open = is_open
        self._slug: str | None = None
        self._is_logged = False
        self.exception_handler(RequestValidationError)(self._invalid)
        self.exception_handler(RequestUnsupportedContentType)(self._unsupported)
        self.exception_handler(UnicodeDecodeError)(self._malformed)
        self.exception_handler(DaycoverError)(self._refused)
        self.exception_handler(ServiceError)(self._general)
        self.exception_handler(Exception)(self._failed)
        self.not_found(self._not_found)

    @property
    def routes(self) -> list[tuple[str, str]]:
        """Method and path of each route, as API Gateway writes them: `("POST", "/v1/check-ins/{id}/policy")`."""
        return [
            (route.method, route.path.replace("<", "{").replace(">", "}"))
            for route in self._static_routes + self._dynamic_routes
        ]

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer one API Gateway event; the only log line carries ids and the outcome, never the input."""
        logger.set_correlation_id(event.get("requestContext", {}).get("requestId"))
        self._slug, self._is_logged = None, False
        if _body_bytes(event) > MAX_BODY_BYTES:
            response = self._respond_raw(event, TOO_LARGE, "body-too-large", {"limit_bytes": MAX_BODY_BYTES})
        elif len((event.get("path") or "").encode(errors="replace")) > MAX_PATH_BYTES:
            slug, problem = GENERAL[404]
            response = self._respond_raw(event, problem, slug, {})
        elif not _is_parsable(event):
            response = self._respond_raw(event, MALFORMED, "malformed-json", {})
        else:
            response = super().resolve(event, context)
        if not self._is_logged:  # a failure has its own line, with the stack
            keys = _log_keys(event, response["statusCode"])
            if self._slug is None:
                logger.info("request answered", **keys)
            else:
                logger.warning("request refused", problem=self._slug, **keys)
        return response

    def caller(self, *roles: str, any_of: tuple[str, ...] = ()) -> Caller:
        """Give the caller, who must have one of `roles` (and, for staff, one of the `any_of` duties).

        Raises ForbiddenError.
        """
        claims = self.current_event.request_context.authorizer.raw_event or {}
        # API Gateway hands authorizer context values over as strings
        caller = Caller(
            role=claims.get("role", ""),
            subject=claims.get("subject", ""),
            staff_roles=tuple(str(claims.get("staff_roles") or "").split()),
            provider_id=claims.get("provider_id") or None,
        )
        if caller.role not in roles or (any_of and not set(any_of) & set(caller.staff_roles)):
            raise ForbiddenError
        logger.append_keys(caller_role=caller.role)
        return caller

    @property
    def _language(self) -> str:
        return language_of(_header(self.current_event.raw_event, "accept-language"))

    @property
    def _instance(self) -> str:
        return str(self.current_event.request_context.request_id)

    def _problem(self, slug: str, problem: Problem, facts: dict[str, Any] | None = None) -> Response[Any]:
        self._slug = slug
        headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after else {}
        document = problem_document(slug, problem, self._language, self._instance, facts)
        return Response(problem.status, PROBLEM_TYPE, _dumps(document), headers)

    def _invalid(self, error: RequestValidationError) -> Response[Any]:
        found = error.errors()
        if any(item["type"] in {"json_invalid", "json_error"} for item in found):
            return self._malformed(error)
        pointers = [
            {"pointer": _pointer(item["loc"]), "detail": rule_of(item, self._language)} for item in found
        ]
        return self._problem("invalid-content", INVALID, {"errors": pointers})

    def _malformed(self, _: Exception) -> Response[Any]:
        return self._problem("malformed-json", MALFORMED)

    def _unsupported(self, _: RequestUnsupportedContentType) -> Response[Any]:
        return self._problem(*GENERAL[415])

    def _refused(self, error: DaycoverError) -> Response[Any]:
        problem = FORBIDDEN if isinstance(error, ForbiddenError) else BY_CLASS.get(type(error).__name__)
        if problem is None:
            return self._failed(error)
        if problem.counted_as is not None:
            self._alarm(error, problem.status)
            count(problem.counted_as)
        return self._problem(slug_of(type(error)), problem, error.facts)

    def _general(self, error: ServiceError) -> Response[Any]:
        return self._problem(*GENERAL.get(error.status_code, ("internal", INTERNAL)))

    def _not_found(self, _: NotFoundError) -> Response[Any]:
        return self._problem(*GENERAL[404])

    def _failed(self, error: Exception) -> Response[Any]:
        self._alarm(error, INTERNAL.status)
        return self._problem("internal", INTERNAL)

    def _alarm(self, error: Exception, status: int) -> None:
        """Write the one line of a request that somebody must look into."""
        log_failure("request failed", error, **_log_keys(self.current_event.raw_event, status))
        self._is_logged = True

    def _respond_raw(
        self, event: Mapping[str, Any], problem: Problem, slug: str, facts: dict[str, Any]
    ) -> dict[str, Any]:
        """Refuse before the resolver parses anything."""
        self._slug = slug
        document = problem_document(
            slug,
            problem,
            language_of(_header(event, "accept-language")),
            event.get("requestContext", {}).get("requestId", ""),
            facts,
        )
        return {
            "statusCode": problem.status,
            "headers": {"Content-Type": PROBLEM_TYPE},
            "body": _dumps(document),
            "isBase64Encoded": False,
        }


def http_api(*, is_open: bool = False) -> HttpApi:
    """Make the resolver of one function; what is not said to be open needs a token."""
    return HttpApi(is_open=is_open)


def reply(status: int, view: M, headers: dict[str, str] | None = None) -> Response[M]:
    """Answer with a view and a status. Nothing personal may be cached on the way."""
    return Response(status, JSON_TYPE, view, {"Cache-Control": "no-store"} | (headers or {}))


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Give the bytes as they came: a callback's signature covers them, so nothing may write them again."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return b""


def picture(kind: str, image: bytes) -> Response[Any]:
    """Answer with an image: `png`, or `svg` and the `sheet` drawn in it."""
    content_type = "image/png" if kind == "png" else "image/svg+xml"
    body = base64.b64encode(image).decode()  # Powertools' response validation takes text only
    answer = Response(200, content_type, body, {"Cache-Control": "no-store"})
    answer.base64_encoded = True
    return answer


PAGE_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def page(directory: Path, name: str, connect: str = "") -> Response[Any]:
    """Answer with a static file of one directory. Raises NotFoundError for any other name.

    `connect`: origins beside our own that the page's scripts may ask, separated by blanks.
    """
    files = {file.name: file for file in directory.iterdir() if file.suffix in PAGE_TYPES}
    if name not in files:
        raise NotFoundError("page")
    headers = {"Cache-Control": "public, max-age=300"} | page_headers(connect)
    return Response(200, PAGE_TYPES[files[name].suffix], files[name].read_text("utf-8"), headers)


def page_headers(connect: str = "") -> dict[str, str]:
    """What every page says to the browser: nothing inline, nothing from elsewhere but `connect`.

    No referrer, because tokens stand in addresses.
    """
    asks = f"; connect-src 'self' {connect}" if connect else ""
    return {
        "Content-Security-Policy": PAGE_POLICY + asks,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def _log_keys(event: Mapping[str, Any], status: int) -> dict[str, Any]:
    return {"route": event.get("resource"), "method": event.get("httpMethod"), "status": status}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _body_bytes(event: Mapping[str, Any]) -> int:
    """The body's size; the gateway hands bodies over in base64 because the API also serves images."""
    length = len((event.get("body") or "").encode())
    return length * 3 // 4 if event.get("isBase64Encoded") else length


def _header(event: Mapping[str, Any], name: str) -> str | None:
    headers = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _is_parsable(event: Mapping[str, Any]) -> bool:
    """Whether Python's parser takes the body at all: nesting and digits have limits that JSON has not."""
    try:
        body = event.get("body") or "null"
        json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)
    except json.JSONDecodeError:
        return True  # the resolver's own answer says so
    except (RecursionError, ValueError):
        return False
    return True


def _pointer(location: tuple[Any, ...]) -> str:
    """`("body", "place", "latitude")` → `/place/latitude`, the body → ``; path and query keep theirs."""
    parts = location[1:] if location and location[0] == "body" else location
    return "".join(
        "/" + re.sub("[~/]", lambda match: {"~": "~0", "/": "~1"}[match[0]], str(p)) for p in parts
    )
