"""The HTTP entry: a resolver of its own for each function, a problem document for every refusal."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from daycover.errors import DaycoverError
from daycover.platform.callers import Allowed, Caller
from daycover.platform.compression import compressed
from daycover.platform.content import JSON, MAX_BODY_BYTES, Content, header
from daycover.platform.discretion import discreet
from daycover.platform.observability import count, failure, logger
from daycover.platform.problems import (
    ForbiddenError,
    InternalError,
    InvalidContentError,
    NotFoundError,
    UnsupportedContentTypeError,
    language_of,
    problem_document,
    slug_of,
    status_of,
)
from daycover.platform.replies import Reply, dumps
from daycover.platform.routes import ContentError, Route, segments_of
from daycover.platform.validation import rule_of, without_echoes

MAX_PATH_BYTES = 900
"""Nothing of ours has a longer name; a DynamoDB sort key ends at 1,024 bytes."""
PROBLEM_TYPE = "application/problem+json; charset=utf-8"
Run = TypeVar("Run", bound=Callable[..., Reply[Any]])


class Body(
    BaseModel,
    extra="forbid",
    frozen=True,
    str_strip_whitespace=True,
    hide_input_in_errors=True,
    defer_build=True,
):
    """The base of every request model: unknown members are refused, not ignored."""

    @classmethod
    def read(cls, said: Any) -> Self:
        """Take JSON's own types and no others: `true` is no amount, "1_000" no number, 1764374400 no instant."""
        try:
            written = json.dumps(said, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # half of a pair, which no field takes: this way says which
            return cls.model_validate(said)
        return cls.model_validate_json(written, strict=True)


class View(BaseModel, frozen=True, defer_build=True):
    """The base of every response model."""


class HttpApi:
    """Finds the route of a request, reads its function's arguments, writes its answer and one log line.

    `allowed` says by a route's function who may call it. Without it the routes are open: reached without a token,
    for which API Gateway asks everywhere else. `reads_raw` is for callbacks from outside, whose signature covers
    the bytes and says more than a content type.
    """

    def __init__(
        self,
        allowed: Mapping[str, Allowed] | None = None,
        *,
        reads_raw: bool = False,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self.is_open = allowed is None
        self._reads_raw = reads_raw
        self._allowed = allowed or {}
        self._max_body_bytes = max_body_bytes
        self.routes: list[Route] = []
        self.event: Mapping[str, Any] = {}
        """The request that is being answered, as API Gateway sent it."""
        self._caller: Caller | None = None
        self._route: Route | None = None
        self.path_parameters: Mapping[str, str] = {}
        """What the path of the request holds, by the route's names."""
        self._refusals: dict[type[Exception], Callable[[Any], Reply[Any]]] = {}
        self._slug: str | None = None
        self._failure: dict[str, Any] = {}

    def get(self, rule: str) -> Callable[[Run], Run]:
        """Answer GET on a path; `<name>` in it is a parameter of the function."""
        return self._on("GET", rule)

    def post(self, rule: str) -> Callable[[Run], Run]:
        return self._on("POST", rule)

    def _on(self, method: str, rule: str) -> Callable[[Run], Run]:
        def register(run: Run) -> Run:
            allowed = None if self.is_open else self._allowed[run.__name__]
            self.routes.append(Route(method, rule, run, allowed))
            return run

        return register

    def refuse(self, error_class: type[Exception], answer: Callable[[Any], Reply[Any]]) -> None:
        """Answer an error of a function, and those that are its kind, otherwise than by a problem document."""
        self._refusals[error_class] = answer

    def resolve(self, event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        """Answer one API Gateway event; the only log line carries ids and the outcome, never the input."""
        self.event, self._slug, self._failure, self._caller = event, None, {}, None
        logger.begin(self.request_id or None)
        logger.open()
        try:
            answer = self._answer()
        except BaseException:
            logger.abandon()
            raise
        level, sentence = (
            ("INFO", "request answered") if self._slug is None else ("WARNING", "request refused")
        )
        if self._failure:
            level, sentence = "ERROR", "request failed"
        keys = self._log_keys(answer["statusCode"])
        problem = None if self._failure else self._slug
        logger.close(level, sentence, **self._failure, problem=problem, **keys)
        return compressed(answer, event)

    @property
    def request_id(self) -> str:
        """The gateway's own id of the request, empty where it has none.

        `requestId` is what the client says in `X-Amzn-RequestId`, where it says anything.
        """
        context = self.event["requestContext"]
        return str(context.get("extendedRequestId") or context.get("requestId") or "")

    @property
    def language(self) -> str:
        """What the caller reads, by `Accept-Language`: `zh` or `en`."""
        return language_of(header(self.event, "accept-language"))

    @property
    def caller(self) -> Caller:
        """Who calls: somebody whom the route is for."""
        assert self._caller is not None, "an open route has no caller"
        return self._caller

    @property
    def route(self) -> Route:
        """The route that is being answered."""
        assert self._route is not None, "nothing is asked"
        return self._route

    def _answer(self) -> dict[str, Any]:
        """Nothing may leave here but an answer: the gateway would make a bare 502 of an exception."""
        try:
            run, arguments = self._asked()
        except Exception as error:
            return self._problem(error).for_gateway()
        try:
            answer = run(**arguments)
            answer.body = discreet(answer.body, self._caller)
            return answer.for_gateway()
        except Exception as error:
            kinds = type(error).__mro__
            refuse = next((self._refusals[kind] for kind in kinds if kind in self._refusals), self._problem)
            return refuse(error).for_gateway()

    def _asked(self) -> tuple[Callable[..., Reply[Any]], dict[str, Any]]:
        """Give the function that answers the request, and its arguments."""
        path = self.event["path"] or ""
        if len(path.encode(errors="replace")) <= MAX_PATH_BYTES:
            method, segments = self.event["httpMethod"].upper(), segments_of(path)
            for route in sorted(
                self.routes, key=lambda route: not route.is_literal
            ):  # the more specific wins
                found = route.match(method, segments)
                if found is not None:
                    self._admit(route)
                    self._route, self.path_parameters = route, found
                    content = Content(self.event, self._max_body_bytes)
                    if method == "POST" and not self._reads_raw and (route.in_body or not content.is_empty):
                        content.expect_json()
                    return route.run, route.arguments(found, self.event, content.read)
        raise NotFoundError

    def _admit(self, route: Route) -> None:
        """Raises ForbiddenError."""
        if route.allowed is None:
            return
        caller = Caller.of(self.event["requestContext"].get("authorizer") or {})
        if not route.allowed.lets_in(caller):
            raise ForbiddenError
        self._caller = caller
        logger.append_keys(caller_role=caller.role)

    def _problem(self, error: Exception) -> Reply[Any]:
        language = self.language
        kind, facts = self._meaning(error, language)
        self._slug = slug_of(kind)
        wait = error.retry_after if isinstance(error, kind) else kind.retry_after
        headers = {"Retry-After": str(wait)} if wait else {}
        if kind is UnsupportedContentTypeError:
            headers["Accept"] = JSON  # what would be taken (RFC 9110, 15.5.16)
        document = problem_document(kind, language, self.request_id, facts)
        return Reply(status_of(kind), PROBLEM_TYPE, dumps(document), headers)

    def _meaning(self, error: Exception, language: str) -> tuple[type[DaycoverError], dict[str, Any]]:
        """Give the problem that an error is to a caller, with its facts; write what somebody must look into."""
        if isinstance(error, ContentError):
            errors = without_echoes(error.errors)
            found = {(_pointer(one["loc"]), rule_of(one, language)): None for one in errors}
            return InvalidContentError, {
                "errors": [{"pointer": pointer, "detail": detail} for pointer, detail in found]
            }
        if not isinstance(error, DaycoverError) or error.kind is None:
            self._failure = failure(error)
            return InternalError, {}
        if error.counted_as is not None:
            self._failure = failure(error)
            count(error.counted_as)
        return type(error), error.facts

    def _log_keys(self, status: int) -> dict[str, Any]:
        return {"route": self.event.get("resource"), "method": self.event.get("httpMethod"), "status": status}


def open_api(*, reads_raw: bool = False) -> HttpApi:
    """Make the resolver of a function whose routes anybody may call; `api.duties.guarded_api` makes the others."""
    return HttpApi(reads_raw=reads_raw)


def _pointer(location: tuple[Any, ...]) -> str:
    """`("body", "place", "latitude")` → `/place/latitude`, the body → ``; path and query keep theirs."""
    parts = location[1:] if location and location[0] == "body" else location
    return "".join(f"/{part}" for part in parts)  # no name of ours has a character to be escaped
