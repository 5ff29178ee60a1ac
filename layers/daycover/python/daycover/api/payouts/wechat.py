"""WeChat's side of the API: raw bodies, and refusals in the form that WeChat reads."""

import json
from typing import Any

from daycover.errors import DaycoverError
from daycover.payouts.payout import PayoutNotFoundError
from daycover.platform.http import HttpApi, open_api
from daycover.platform.observability import log_failure, logger
from daycover.platform.replies import JSON_TYPE, Reply
from daycover.wechat.notices import NoticeForgedError, NoticeUnreadableError

_ANSWERS: dict[type[DaycoverError], tuple[int, str, str]] = {
    NoticeForgedError: (401, "SIGN_ERROR", "签名验证未通过"),
    NoticeUnreadableError: (400, "PARAM_ERROR", "通知内容无法识别"),
    PayoutNotFoundError: (404, "NOT_FOUND", "没有该商户单号"),
}
"""WeChat repeats a notice for a day until it gets a 2xx."""


def notice_api() -> HttpApi:
    """Make the resolver of the notice function. Its refusals are `{"code", "message"}`, as WeChat expects."""
    api = open_api(reads_raw=True)
    for error_class in _ANSWERS:
        api.refuse(error_class, _refused)
    api.refuse(Exception, _failed)
    return api


def _refused(error: DaycoverError) -> Reply[Any]:
    status, code, message = _ANSWERS[type(error)]
    logger.warning("notice refused", code=code, fault=error.facts.get("fault"))
    return _answer(status, code, message)


def _failed(error: Exception) -> Reply[Any]:
    log_failure("notice failed", error)
    return _answer(500, "SYSTEM_ERROR", "系统繁忙,请稍后重试")


def _answer(status: int, code: str, message: str) -> Reply[Any]:
    return Reply(status, JSON_TYPE, json.dumps({"code": code, "message": message}, ensure_ascii=False))
