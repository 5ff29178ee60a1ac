"""Staff sign-in: an id token of the insurer's OpenID Connect issuer becomes a token of ours.

The exchange keeps the network out of the authorizer: it verifies only our own tokens.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt

from daycover.errors import DaycoverError, ErrorKind
from daycover.platform.callers import Duty
from daycover.wire import HttpAnswer, NoAnswerError, NotConnectedError, Patience, Pool, exchange, new_pool

LEEWAY_SECONDS = 60
PATIENCE = Patience(connect=2, read=3)
REFETCH = timedelta(minutes=1)
"""Unknown key ids cost the issuer at most one call a minute and container: anybody can invent them."""


class StaffTokenError(DaycoverError):
    """The staff id token is forged, expired, meant for another system, or its holder has no duty here.

    What to do: Sign in at the OIDC issuer again; have a duty assigned.
    含义:员工身份令牌伪造、过期、不是给本系统的,或此人没有理赔职责。
    处理:重新经 OIDC 登录;由管理员分配职责。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "员工身份令牌无效", "The staff identity token is not valid"


class OidcUnavailableError(DaycoverError):
    """The staff issuer is out of reach.

    What to do: Repeat shortly.
    含义:员工登录的签发方暂时联系不上。
    处理:稍后重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "员工登录暂时不可用", "Staff sign-in is temporarily unavailable"
    retry_after = 3


class OidcIssuer:
    """Verifies id tokens (RS256) with the issuer's published keys, fetched once and on an unknown key id."""

    def __init__(
        self, issuer: str, audience: str, now: Callable[[], datetime], pool: Pool | None = None
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._audience = audience
        self._now = now
        self._pool = pool or new_pool(issuer)
        self._keys: dict[str, Any] = {}
        self._fetched_at: datetime | None = None

    def verify(self, id_token: str) -> tuple[str, tuple[str, ...]]:
        """Give (subject, roles). Raises StaffTokenError, OidcUnavailableError."""
        try:
            key_id = jwt.get_unverified_header(id_token).get("kid", "")
            claims = jwt.decode(
                id_token,
                self._key(key_id),
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "iat", "sub"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise StaffTokenError from error
        if claims["exp"] + LEEWAY_SECONDS <= self._now().timestamp():
            raise StaffTokenError
        given = claims.get("roles", [])
        roles = tuple(duty.value for duty in sorted(Duty) if duty in given)
        if not roles:
            raise StaffTokenError
        return claims["sub"], roles

    def _key(self, key_id: str) -> Any:
        if key_id not in self._keys and self._may_fetch():
            jwks_uri = self._json(f"{self._issuer}/.well-known/openid-configuration")["jwks_uri"]
            key_set = jwt.PyJWKSet.from_dict(self._json(jwks_uri))
            self._keys = {key.key_id: key for key in key_set.keys if key.key_id}
            self._fetched_at = self._now()
        if key_id not in self._keys:
            raise StaffTokenError
        return self._keys[key_id]

    def _may_fetch(self) -> bool:
        return self._fetched_at is None or self._now() - self._fetched_at >= REFETCH

    def _json(self, url: str) -> Any:
        try:
            answer = self._get(url)
            if answer.status == 200:
                return json.loads(answer.data)
        except (NotConnectedError, NoAnswerError, ValueError) as error:
            raise OidcUnavailableError from error
        raise OidcUnavailableError

    def _get(self, url: str) -> HttpAnswer:
        """Ask, and once more where no answer came: nothing changes by asking."""
        try:
            return exchange(self._pool, "GET", url, headers={}, body=None, patience=PATIENCE)
        except (NotConnectedError, NoAnswerError):
            return exchange(self._pool, "GET", url, headers={}, body=None, patience=PATIENCE)
