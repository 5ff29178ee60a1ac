"""The insurer's side of the API: raw bodies, and refusals in the form that the insurer reads."""

import json
from typing import Any

from daycover.errors import DaycoverError
from daycover.insurer.answers import AnswerForgedError, AnswerUnreadableError
from daycover.platform.http import HttpApi, open_api
from daycover.platform.observability import log_failure, logger
from daycover.platform.replies import JSON_TYPE, Reply

_ANSWERS: dict[type[DaycoverError], tuple[int, str]] = {
    AnswerForgedError: (401, "SIGNATURE_WRONG"),
    AnswerUnreadableError: (400, "BODY_UNREADABLE"),
}
"""The insurer repeats its answers until it gets a 2xx; what we never get, we ask for."""


def answers_api() -> HttpApi:
    """Make the resolver of the function. Its refusals are `{"code"}`, as agreed with the insurer."""
    api = open_api(reads_raw=True)
    for error_class in _ANSWERS:
        api.refuse(error_class, _refused)
    api.refuse(Exception, _failed)
    return api


def _refused(error: DaycoverError) -> Reply[Any]:
    status, code = _ANSWERS[type(error)]
    logger.warning("insurer's answers refused", code=code, fault=error.facts.get("fault"))
    return Reply(status, JSON_TYPE, json.dumps({"code": code}))


def _failed(error: Exception) -> Reply[Any]:
    log_failure("insurer's answers failed", error)
    return Reply(500, JSON_TYPE, json.dumps({"code": "TRY_AGAIN"}))
