"""How a worker's mini-program login becomes an openid."""

from datetime import datetime
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


class StaffTokenUsedError(DaycoverError):
    """The staff id token was used before: each opens one session.

    What to do: Sign in at the OIDC issuer again.
    含义:员工身份令牌已经用过,每个令牌只能登录一次。
    处理:重新经 OIDC 登录。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "员工身份令牌已用过", "The staff identity token was used before"
    detail = "每个令牌只能登录一次,请重新登录。", "A token opens one session. Sign in again."


class ProvenStaff(Protocol):
    """What an id token proves."""

    @property
    def subject(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def token_id(self) -> str:
        """The same for every spelling of one token, and of no other."""
        ...


class StaffIssuer(Protocol):
    def verify(self, id_token: str, nonce: str) -> ProvenStaff:
        """Say whom an id token proves, for the sign-in that chose `nonce`."""
        ...


class SpentTokens(Protocol):
    def spend(self, token_id: str, at: datetime) -> bool:
        """Use a token up, for longer than any is taken; False where it is spent already."""
        ...


class MiniProgram(Protocol):
    def openid_of(self, login_code: str) -> str:
        """Exchange a `wx.login` code (single use, 5 min) for the openid (jscode2session).

        The session key stays inside the adapter. Raises LoginCodeError, MiniProgramUnavailableError.
        """
        ...
