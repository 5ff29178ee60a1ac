"""The issuers that operators of companies sign in at: those of the companies and providers themselves."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from daycover.errors import DaycoverError, ErrorKind
from daycover.platform.staff import OidcIssuer, StaffTokenError

MOST_ISSUERS = 20
"""Kept by one execution environment."""


class OperatorSignInError(DaycoverError):
    """The issuer refused the sign-in, or what it gave is not meant for this one; `fault` says what is wrong.

    What to do: Sign in again; if it persists, have the issuer's settings checked.
    含义:统一登录未通过,或返回的身份令牌不是给本次登录的;`fault` 指出是哪一项。
    处理:重新登录;仍不行时,请管理员核对统一登录的配置。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "登录没有通过", "The sign-in was refused"
    detail = (
        "请重新登录;仍不行时,请管理员核对统一登录的配置。",
        "Sign in again; if it persists, have the settings of the sign-in checked.",
    )


class IssuerClient(Protocol):
    """An issuer, and what it calls us."""

    @property
    def issuer(self) -> str: ...
    @property
    def client_id(self) -> str: ...


class OperatorIssuers:
    """Verifies sign-ins at the issuers that two members of the staff enrolled. Keep one per execution environment."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: dict[tuple[str, str], OidcIssuer] = {}

    def authorization_endpoint(self, client: IssuerClient) -> str:
        """Give where people are sent to. Raises OidcUnavailableError, OidcMisconfiguredError."""
        return self._issuer(client).endpoints()[0]

    def proved(self, client: IssuerClient, code: str, verifier: str, nonce: str, redirect_uri: str) -> str:
        """Give who signed in, as the issuer and its name for them.

        Raises OperatorSignInError, OidcUnavailableError, OidcMisconfiguredError.
        """
        issuer = self._issuer(client)
        try:
            proof = issuer.prove(issuer.exchange(code, verifier, redirect_uri), nonce)
        except StaffTokenError as error:
            raise OperatorSignInError(fault=error.facts["fault"]) from error
        return f"oidc:{client.issuer.rstrip('/')}#{proof.subject}"

    def _issuer(self, client: IssuerClient) -> OidcIssuer:
        key = client.issuer, client.client_id
        if key not in self._known:
            if len(self._known) >= MOST_ISSUERS:
                self._known.clear()
            self._known[key] = OidcIssuer(client.issuer, client.client_id, self._now)
        return self._known[key]
