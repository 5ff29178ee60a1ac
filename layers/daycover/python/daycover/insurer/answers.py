"""What the insurer posts to us by itself: answers to rows that it took its time over."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from daycover.errors import DaycoverError
from daycover.insurer.client import RowAnswers
from daycover.insurer.signature import InsurerCredentials, InsurerSignatureError, verify
from daycover.reporting.rows import RowAnswer

PATH = "/v1/insurer/answers"
"""Where the insurer posts; part of what it signs, whatever stage or host stands before it."""


class AnswerForgedError(DaycoverError):
    """The message is not proven to come from the insurer."""


class AnswerUnreadableError(DaycoverError):
    """The message is signed, but its shape is not the one agreed on."""


def open_answers(
    headers: Mapping[str, str], raw_body: bytes, credentials: InsurerCredentials, now: datetime | None = None
) -> Sequence[RowAnswer]:
    """Give the answers of a late message. Raises AnswerForgedError, AnswerUnreadableError."""
    at = now or datetime.now(UTC)
    try:
        verify(credentials, headers, method="POST", target=PATH, body=raw_body, now=at)
    except InsurerSignatureError as error:
        raise AnswerForgedError(fault=str(error)) from error
    try:
        return RowAnswers.model_validate_json(raw_body).rows()
    except ValidationError as error:
        raise AnswerUnreadableError from error
