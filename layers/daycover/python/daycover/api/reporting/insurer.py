"""The insurer's side of the API: raw bodies, and refusals in the form that the insurer reads."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.errors import DaycoverError
from daycover.insurer.answers import AnswerForgedError, AnswerUnreadableError
from daycover.platform.http import JSON_TYPE, HttpApi, http_api
from daycover.platform.observability import log_failure, logger

_ANSWERS: dict[type[DaycoverError], tuple[int, str]] = {
    AnswerForgedError: (401, "SIGNATURE_WRONG"),
    AnswerUnreadableError: (400, "BODY_UNREADABLE"),
}
"""The insurer repeats its answers until it gets a 2xx; what we never get, we ask for."""


def answers_api() -> HttpApi:
    """Make the resolver of the function. Its refusals are `{"code"}`, as agreed with the insurer."""
    api = http_api()
    for error_class in _ANSWERS:
        api.exception_handler(error_class)(_refused)
    api.exception_handler(Exception)(_failed)
    api.exception_handler(DaycoverError)(_failed)
    return api


def _refused(error: DaycoverError) -> Response[Any]:
    status, code = _ANSWERS[type(error)]
    logger.warning("insurer's answers refused", code=code, fault=error.facts.get("fault"))
    return Response(status, JSON_TYPE, json.dumps({"code": code}))


def _failed(error: Exception) -> Response[Any]:
    log_failure("insurer's answers failed", error)
    return Response(500, JSON_TYPE, json.dumps({"code": "TRY_AGAIN"}))
