"""How a worker's mini-program login becomes an openid."""

from typing import Protocol

from daycover.errors import DaycoverError, ErrorKind


class LoginCodeError(DaycoverError):
    """The mini-program login code was used, is older than five minutes, or its user is blocked by WeChat.

    What to do: Call `wx.login` and sign in again.
    含义:小程序登录凭证无效:已用过、超过五分钟,或用户被微信限制。
    处理:重新调用 `wx.login` 登录。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "登录凭证无效", "The login code is not valid"
    detail = (
        "登录凭证只能使用一次,五分钟内有效,请重新登录。",
        "A login code works once, within five minutes. Sign in again.",
    )


class MiniProgramUnavailableError(DaycoverError):
    """WeChat's sign-in gave no usable answer.

    What to do: Repeat shortly with the same code.
    含义:微信登录接口暂时没有可用的回答。
    处理:用同一个凭证稍后重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "微信登录暂时不可用", "WeChat sign-in is temporarily unavailable"
    retry_after = 3


class MiniProgram(Protocol):
    def openid_of(self, login_code: str) -> str:
        """Exchange a `wx.login` code (single use, 5 min) for the openid (jscode2session).

        The session key stays inside the adapter. Raises LoginCodeError, MiniProgramUnavailableError.
        """
        ...
