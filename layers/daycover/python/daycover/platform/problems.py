"""Errors as RFC 9457 problem documents, in Chinese or English, and the errors that any request can meet.

Every error class says what its document says; the status follows from its kind.
"""

import re
from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import Any

from daycover.errors import DaycoverError, ErrorKind

PROBLEM_BASE = "https://daycover.cn/problems/"
"""Type URIs are names; they need not resolve."""
STATUS: Mapping[ErrorKind, int] = MappingProxyType(
    {
        ErrorKind.MALFORMED: 400,
        ErrorKind.UNAUTHENTICATED: 401,
        ErrorKind.FORBIDDEN: 403,
        ErrorKind.NOT_FOUND: 404,
        ErrorKind.METHOD_NOT_ALLOWED: 405,
        ErrorKind.CONFLICT: 409,
        ErrorKind.GONE: 410,
        ErrorKind.TOO_LARGE: 413,
        ErrorKind.UNSUPPORTED: 415,
        ErrorKind.INVALID: 422,
        ErrorKind.TOO_MANY: 429,
        ErrorKind.INTERNAL: 500,
        ErrorKind.UNAVAILABLE: 503,
    }
)


class MalformedJsonError(DaycoverError):
    """The body is not JSON in UTF-8, names a member twice, or nests or counts beyond what a parser takes.

    What to do: Correct the syntax and send it again.
    含义:请求体不是 UTF-8 编码的 JSON,同一字段出现两次,或嵌套、数字超出解析器的限度。
    处理:检查语法后重发。
    """

    kind = ErrorKind.MALFORMED
    title = "请求不是有效的 JSON", "The request is not valid JSON"
    detail = "请检查请求体的语法。", "Check the syntax of the body."


class InvalidContentError(DaycoverError):
    """The body is JSON but breaks the contract; `errors` lists a `pointer` (RFC 6901; empty for the whole
    body, of an unknown member to the object that holds it) and the rule for each place, a hundred at most.

    What to do: Correct what `errors` lists and send it again.
    含义:请求是 JSON,但内容不符合接口约定;`errors` 逐项给出 `pointer`(RFC 6901,空串指整个请求体,
    未知字段指其所在的对象)和原因,至多一百项。
    处理:按 `errors` 修改后重发。
    """

    kind = ErrorKind.INVALID
    title = "请求内容不符合要求", "The request content is invalid"
    detail = "有内容填写得不对，请按各处的说明修改后再提交。", "Some of it is not right: change what is marked and send it again."


class BadRequestError(DaycoverError):
    """Gateway or service does not accept the request.

    What to do: Check request line, headers and parameters.
    含义:网关或服务不接受这个请求。
    处理:检查请求行、请求头和参数。
    """

    kind = ErrorKind.MALFORMED
    title = "请求有误", "The request is wrong"


class UnauthenticatedError(DaycoverError):
    """No token, or one that is forged or expired.

    What to do: Sign in again and send the new `Authorization: Bearer`.
    含义:没有令牌,或令牌伪造、过期。
    处理:重新登录,带上新的 `Authorization: Bearer`。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "请先登录", "Sign in first"


class ForbiddenError(DaycoverError):
    """You are known, but your role or duty does not allow this.

    What to do: Use an account with the duty.
    含义:身份有效,但角色或职责不允许此操作。
    处理:换用有相应职责的账号。
    """

    kind = ErrorKind.FORBIDDEN
    title = "您无权进行此操作", "Your role may not do this"


class NotFoundError(DaycoverError):
    """There is no such address.

    What to do: Check the path against [api.md](api.md).
    含义:没有这个地址。
    处理:对照 [api.md](api.md) 检查路径。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到", "Not found"


class MethodNotAllowedError(DaycoverError):
    """The address does not take this method.

    What to do: Check [api.md](api.md).
    含义:该地址不支持这个方法。
    处理:对照 [api.md](api.md)。
    """

    kind = ErrorKind.METHOD_NOT_ALLOWED
    title = "不支持该方法", "Method not allowed"


class BodyTooLargeError(DaycoverError):
    """The body has more than `limit_bytes` bytes.

    What to do: Upload documents to their upload address instead.
    含义:请求体超过 `limit_bytes` 字节。
    处理:材料用上传地址直接上传,不要放进请求体。
    """

    kind = ErrorKind.TOO_LARGE
    title = "请求体过大", "The request body is too large"
    detail = (
        "请求体不得超过 {limit_bytes} 字节;材料请用上传地址直接上传。",
        "The body may have {limit_bytes} bytes at most; upload documents to their upload address.",
    )


class UnsupportedContentTypeError(DaycoverError):
    """The body has no `Content-Type`, several, or one that is not JSON in UTF-8. `Accept` says what is taken.

    What to do: Send `Content-Type: application/json`, the text in UTF-8.
    含义:请求体没有 `Content-Type`、有多个,或不是 UTF-8 编码的 JSON。响应头 `Accept` 给出接受的类型。
    处理:以 `Content-Type: application/json`、UTF-8 编码发送。
    """

    kind = ErrorKind.UNSUPPORTED
    title = "不支持的内容类型", "Unsupported content type"
    detail = (
        "请以 Content-Type: application/json、UTF-8 编码发送。",
        "Send Content-Type: application/json, the text in UTF-8.",
    )


class TooManyRequestsError(DaycoverError):
    """Too many requests.

    What to do: Wait `Retry-After` seconds, then repeat.
    含义:请求过于频繁。
    处理:等待 `Retry-After` 秒后重试。
    """

    kind = ErrorKind.TOO_MANY
    title = "请求过于频繁", "Too many requests"
    retry_after = 5


class UnavailableError(DaycoverError):
    """The service is temporarily unavailable.

    What to do: Wait `Retry-After` seconds, then repeat.
    含义:服务暂时不可用。
    处理:等待 `Retry-After` 秒后重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "服务暂时不可用", "Temporarily unavailable"
    retry_after = 5


class InternalError(DaycoverError):
    """Something went wrong on our side; the reason is not shown.

    What to do: Repeat later; if it persists, quote `instance`.
    含义:我们的系统出了问题,原因不对外显示。
    处理:稍后重试;如仍有问题,提供 `instance`。
    """

    kind = ErrorKind.INTERNAL
    title = "系统出现问题", "Something went wrong on our side"
    detail = (
        "请稍后重试;如仍有问题,请提供 instance 编号。",
        "Try again later; if it persists, quote the instance number.",
    )


def status_of(error_class: type[DaycoverError]) -> int:
    """Give the HTTP status of a kind; an error without one tells the caller nothing (500)."""
    return STATUS[error_class.kind or ErrorKind.INTERNAL]


def slug_of(error_class: type[BaseException] | str) -> str:
    """`ClaimWindowClosedError` → `claim-window-closed`."""
    name = error_class if isinstance(error_class, str) else error_class.__name__
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Error")).lower()


def problem_document(
    error_class: type[DaycoverError], language: str, instance: str, facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Build the document. Facts stay readable to a machine as extension members."""
    facts = {key: _plain(value) for key, value in (facts or {}).items()}
    title, detail = (words[language == "en"] for words in (error_class.title, error_class.detail))
    document: dict[str, Any] = {
        "type": PROBLEM_BASE + slug_of(error_class),
        "title": title,
        "status": status_of(error_class),
        "detail": _fill(detail, facts) or title,
        "instance": instance,
    }
    return document | {key: value for key, value in facts.items() if key not in document}


def language_of(accept_language: str | None) -> str:
    """Choose `en` only where the client ranks it first; Chinese is the default."""
    ranked: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        ranked.append((quality, tag.lower()[:2]))
    known = [entry for entry in ranked if entry[1] in {"zh", "en"} and entry[0] > 0]
    return max(known, key=lambda entry: entry[0])[1] if known else "zh"


def _fill(template: str, facts: dict[str, Any]) -> str:
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name}
    return template.format(**facts) if wanted <= facts.keys() else ""


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None), dict)) else str(value)


GENERAL: Mapping[int, type[DaycoverError]] = MappingProxyType(
    {
        status_of(error_class): error_class
        for error_class in (
            BadRequestError,
            UnauthenticatedError,
            ForbiddenError,
            NotFoundError,
            MethodNotAllowedError,
            BodyTooLargeError,
            UnsupportedContentTypeError,
            TooManyRequestsError,
            UnavailableError,
        )
    }
)
"""What the entry answers with a bare status, by that status."""
