"""The mini program's server API: a login code becomes an openid."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from daycover.identity.sign_in import LoginCodeError, MiniProgram, MiniProgramUnavailableError
from daycover.wechat.credentials import MerchantCredentials
from daycover.wire import (
    HttpAnswer,
    NoAnswerError,
    NotConnectedError,
    Patience,
    Pool,
    exchange,
    new_pool,
)

PRODUCTION = "https://api.weixin.qq.com"
PATIENCE = Patience(connect=2, read=5)
CODE_FAULTS = frozenset({40029, 40163, 40226})
"""The code is invalid or too old; was used; its user is blocked as high-risk."""


class _Session(BaseModel, defer_build=True):
    """The answer less its session key, which is never even parsed; a failure has no openid."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    errcode: int = 0
    openid: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class WechatMiniProgram(MiniProgram):
    """Keep one per execution environment: it holds the connection pool."""

    def __init__(
        self,
        credentials: MerchantCredentials,
        *,
        pool: Pool | None = None,
        base_url: str = PRODUCTION,
        patience: Patience = PATIENCE,
    ) -> None:
        self._credentials = credentials
        self._pool = pool or new_pool(base_url)
        self._base_url = base_url.rstrip("/")
        self._patience = patience

    def openid_of(self, login_code: str) -> str:
        """Exchange a `wx.login` code (single use, 5 min) for the openid (jscode2session).

        Raises LoginCodeError, and for every other fault, a wrong secret of ours included,
        MiniProgramUnavailableError.
        """
        raw = self._session(login_code)
        if raw.status != HTTPStatus.OK:
            raise MiniProgramUnavailableError
        try:
            session = _Session.model_validate_json(raw.data)
        except ValidationError as error:
            raise MiniProgramUnavailableError from error
        if session.errcode in CODE_FAULTS:
            raise LoginCodeError(errcode=session.errcode)
        if session.errcode != 0 or session.openid is None:
            raise MiniProgramUnavailableError(errcode=session.errcode)
        return session.openid

    def _session(self, login_code: str) -> HttpAnswer:
        query = urlencode(
            {
                "appid": self._credentials.appid,
                "secret": self._credentials.app_secret.get_secret_value(),
                "js_code": login_code,
                "grant_type": "authorization_code",
            }
        )
        url = f"{self._base_url}/sns/jscode2session?{query}"
        headers = {"Accept": "application/json", "User-Agent": "daycover"}
        try:
            return exchange(self._pool, "GET", url, headers=headers, body=None, patience=self._patience)
        except (NotConnectedError, NoAnswerError) as error:
            raise MiniProgramUnavailableError from error
