"""The insurer's reporting interface over HTTPS: signed calls, proven answers, three kinds of failure."""

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from daycover.insurer.signature import HEADER, InsurerCredentials, InsurerSignatureError, sign, verify
from daycover.reporting.daily_file import DailyFile, FileAnswer, FileState
from daycover.reporting.report import InsurerReports
from daycover.reporting.rows import (
    InsurerRefusedError,
    InsurerRetryError,
    InsurerUnknownError,
    ReportRow,
    RowAnswer,
    RowState,
)
from daycover.wire import HttpAnswer, NoAnswerError, NotConnectedError, Patience, Pool, exchange, new_pool

PATIENCE = Patience(connect=2, read=10)
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,64}$")]
RowId = Annotated[str, StringConstraints(min_length=1, max_length=64)]

log = logging.getLogger(__name__)


class _Answer(BaseModel, defer_build=True):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _InsurerProblem(_Answer):
    code: Code


class _Row(_Answer):
    row_id: RowId
    state: RowState
    reason: Code | None = None


class RowAnswers(_Answer):
    """The body of an answer about rows, and of the insurer's late answers."""

    answers: tuple[_Row, ...]

    def rows(self) -> list[RowAnswer]:
        return [RowAnswer(row.row_id, row.state, row.reason) for row in self.answers]


class _FileAnswer(_Answer):
    state: FileState
    count: int | None = None
    sum_fen: int | None = None
    reason: Code | None = None


Known = TypeVar("Known", bound=_Answer)


def _now() -> datetime:
    return datetime.now(UTC)


class InsurerClient(InsurerReports):
    """Implements `reporting.report.InsurerReports`. Keep one per container: it holds the connection pool.

    `clock` is the true time even on a stack whose clock is shifted: signatures live five minutes.
    """

    def __init__(
        self,
        credentials: InsurerCredentials,
        *,
        base_url: str,
        pool: Pool | None = None,
        clock: Callable[[], datetime] = _now,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._credentials = credentials
        self._base_url = base_url.rstrip("/")
        self._pool = pool or new_pool(base_url)
        self._clock = clock
        self._nonce = nonce

    def send(self, rows: Sequence[ReportRow]) -> Sequence[RowAnswer]:
        body = {"rows": [row.model_dump(mode="json", exclude_none=True) for row in rows]}
        return self._post("/v1/report-batches", body, RowAnswers).rows()

    def ask(self, row_ids: Sequence[str]) -> Sequence[RowAnswer]:
        return self._post("/v1/report-queries", {"row_ids": list(row_ids)}, RowAnswers).rows()

    def announce(self, file: DailyFile, link: str) -> FileAnswer:
        body = file.model_dump(mode="json") | {"link": link}
        answer = self._post("/v1/daily-files", body, _FileAnswer)
        if answer.state is FileState.ANNOUNCED:
            raise InsurerUnknownError  # our own word, never theirs
        return FileAnswer(answer.state, answer.count, answer.sum_fen, answer.reason)

    def _post(self, path: str, body: Mapping[str, Any], shape: type[Known]) -> Known:
        """Send once; raises InsurerRetryError, InsurerUnknownError, InsurerRefusedError."""
        payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        raw = self._exchange(path, payload)
        log.info("insurer answered", extra={"path": path, "http_status": raw.status})
        if not HTTPStatus.OK <= raw.status < HTTPStatus.MULTIPLE_CHOICES:
            raise _failure(raw)
        try:
            verify(
                self._credentials,
                raw.headers,
                method="POST",
                target=path,
                body=raw.data,
                now=self._clock(),
            )
            return shape.model_validate_json(raw.data)
        except (InsurerSignatureError, ValidationError) as error:
            raise InsurerUnknownError from error

    def _exchange(self, path: str, payload: bytes) -> HttpAnswer:
        signed = sign(
            self._credentials,
            method="POST",
            target=path,
            body=payload,
            now=self._clock(),
            nonce=self._nonce(),
        )
        try:
            return exchange(
                self._pool,
                "POST",
                self._base_url + path,
                headers={
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "User-Agent": "daycover",
                    HEADER: signed,
                },
                body=payload,
                patience=PATIENCE,
            )
        except NotConnectedError as error:
            raise InsurerRetryError from error
        except NoAnswerError as error:
            raise InsurerUnknownError from error


def _failure(raw: HttpAnswer) -> Exception:
    """Name what an answer other than 2xx means: by status and code, never by text.

    401 refuses the caller, not the rows, and a 4xx without the insurer's own code is somebody else's: both
    pass once the cause is mended. A server fault leaves open what happened.
    """
    if raw.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.UNAUTHORIZED}:
        return InsurerRetryError(status=raw.status)
    if raw.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return InsurerUnknownError(status=raw.status)
    try:
        return InsurerRefusedError(code=_InsurerProblem.model_validate_json(raw.data).code)
    except ValidationError:
        return InsurerRetryError(status=raw.status)
