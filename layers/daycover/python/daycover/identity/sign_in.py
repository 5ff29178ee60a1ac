"""How a worker's mini-program login becomes an openid."""

from typing import Protocol

from daycover.errors import DaycoverError


class LoginCodeError(DaycoverError):
    """The login code is unknown, used, older than five minutes, or its user is blocked."""


class MiniProgramUnavailableError(DaycoverError):
    """The mini-program API gave no usable answer; ask again with the same code."""


class MiniProgram(Protocol):
    def openid_of(self, login_code: str) -> str:
        """Exchange a `wx.login` code (single use, 5 min) for the openid (jscode2session).

        The session key stays inside the adapter. Raises LoginCodeError, MiniProgramUnavailableError.
        """
        ...
