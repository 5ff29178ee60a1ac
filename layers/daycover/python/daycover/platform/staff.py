"""Staff sign-in: an id token of the insurer's OpenID Connect issuer proves who somebody is and what they are there for.

The exchange for a token of ours keeps the network out of the authorizer: it verifies only our own tokens.
Checks are those of OpenID Connect Core 1.0, 3.1.3.7, on our clock.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import jwt
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from daycover.errors import DaycoverError, ErrorKind
from daycover.platform.callers import Duty
from daycover.wire import HttpAnswer, NoAnswerError, NotConnectedError, Patience, Pool, exchange, new_pool

LEEWAY = timedelta(seconds=60)
"""Between the issuer's clock and ours, for every time that a token names."""
MOST_AGE = timedelta(minutes=10)
"""Of a token: the page brings it at once, whatever the issuer lets it live."""
MOST_SESSION = timedelta(hours=12)
"""Since its holder last proved themselves to the issuer, where it says so; the page asks for it (`max_age`)."""
PATIENCE = Patience(connect=2, read=3)
REFETCH = timedelta(minutes=1)
"""Unknown key ids cost the issuer at most one call a minute and container: anybody can invent them."""
KEYS_KEPT = timedelta(hours=1)
"""A key that the issuer withdrew is trusted for no longer than this."""
MOST_BYTES = 256 * 1024
"""Of a discovery document or a key set."""
MOST_KEYS = 50
LEAST_RSA_BITS = 2048
ALGORITHMS: Mapping[str, tuple[str, ...]] = MappingProxyType({"RSA": ("RS256", "PS256"), "EC": ("ES256",)})
"""What an id token may be signed with, by the type of the key; a shared secret is nobody's signature."""
SUBJECT = r"^[0-9A-Za-z._~@|:+/=-]{1,255}$"
"""Who somebody is at the issuer: ids of Okta, Auth0, Keycloak, Entra and addresses have this form. It becomes part of
keys and records, so it has no `#`, no blank and nothing invisible."""


class StaffTokenError(DaycoverError):
    """The staff id token is forged, too old, meant for another system or sign-in, or its holder has no duty here.

    `fault` says what is wrong: `FORM`, `KEY`, `SIGNATURE`, `ISSUER`, `AUDIENCE`, `TIME`, `NONCE`, `CODE` or `DUTY`.

    What to do: Sign in at the OIDC issuer again; have a duty assigned.
    含义:员工身份令牌伪造、过旧、不是给本系统或本次登录的,或此人没有理赔职责;`fault` 指出是哪一项。
    处理:重新经 OIDC 登录;由管理员分配职责。
    """

    kind = ErrorKind.UNAUTHENTICATED
    title = "员工身份令牌无效", "The staff identity token is not valid"
    detail = (
        "请重新登录;仍不行时,请管理员核对您的职责和登录配置。",
        "Sign in again; if it persists, have your duties and the sign-in checked.",
    )


class OidcUnavailableError(DaycoverError):
    """The staff issuer is out of reach, or answers what no issuer does.

    What to do: Repeat shortly.
    含义:员工登录的签发方暂时联系不上,或回答不可用。
    处理:稍后重试。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "员工登录暂时不可用", "Staff sign-in is temporarily unavailable"
    retry_after = 3


class OidcMisconfiguredError(DaycoverError):
    """The parameter `OidcIssuer` names another issuer than the discovery document found there.

    What to do: Staff cannot sign in; operations set `OidcIssuer` to the `issuer` of the discovery document.
    含义:参数 `OidcIssuer` 与其发现文档中的 `issuer` 不一致。
    处理:员工暂不能登录;运维把 `OidcIssuer` 改为发现文档中的 `issuer`。
    """

    kind = ErrorKind.UNAVAILABLE
    title = "员工登录的配置有误", "Staff sign-in is misconfigured"
    retry_after = 60
    counted_as = "StaffIssuerMisconfigured"


class StaffProof(NamedTuple):
    """Who signed in, for what; `token_id` is the same for every spelling of one token."""

    subject: str
    roles: tuple[str, ...]
    token_id: str


Seconds = Annotated[float, Field(ge=0, le=253_402_300_799, allow_inf_nan=False)]
"""A NumericDate (RFC 7519): seconds since 1970, fractions allowed, up to the year 9999."""


class _IdToken(
    BaseModel, extra="ignore", frozen=True, strict=True, hide_input_in_errors=True, defer_build=True
):
    """What is read of a token, each in the one type that it may have. Absent is not the same as null."""

    iss: str
    sub: Annotated[str, StringConstraints(pattern=SUBJECT)]
    aud: str | list[str]
    exp: Seconds
    iat: Seconds
    nbf: Seconds = 0.0
    auth_time: Seconds = 0.0
    azp: str = ""
    nonce: str
    roles: list[str] = Field(default_factory=list)
    """Entra leaves it out where nobody assigned one."""


@dataclass(frozen=True, slots=True)
class _Key:
    key_id: str | None
    algorithms: tuple[str, ...]
    public: Any


@dataclass(frozen=True, slots=True)
class _Published:
    """What the issuer said of itself, and when."""

    issuer: str
    keys: tuple[_Key, ...]
    at: datetime
    authorization_endpoint: str
    token_endpoint: str

    def fitting(self, key_id: str | None, algorithm: str) -> tuple[_Key, ...]:
        """Give the keys that a token may be signed with; without a key id only where there is no choice."""
        able = tuple(key for key in self.keys if algorithm in key.algorithms)
        if key_id is None:
            return able if len(able) == 1 else ()
        return tuple(key for key in able if key.key_id == key_id)


class OidcIssuer:
    """Verifies id tokens with the issuer's published keys, fetched once an hour and on an unknown key id.

    Keep one per execution environment.
    """

    def __init__(
        self, issuer: str, audience: str, now: Callable[[], datetime], pool: Pool | None = None
    ) -> None:
        self._configured = issuer.rstrip("/")
        self._audience = audience
        self._now = now
        self._pool = pool or new_pool(issuer)
        self._known: _Published | None = None

    def verify(self, id_token: str, nonce: str) -> StaffProof:
        """Say which member of the staff a token proves. `nonce`: of the sign-in that it was asked for.

        Raises StaffTokenError, OidcUnavailableError, OidcMisconfiguredError.
        """
        proof = self.prove(id_token, nonce)
        roles = tuple(duty.value for duty in sorted(Duty) if duty in proof.roles)
        if not roles:
            raise StaffTokenError(fault="DUTY")
        return proof._replace(roles=roles)

    def prove(self, id_token: str, nonce: str) -> StaffProof:
        """Say whom a token proves, with the roles that the issuer lists, whatever they are. Raises the same."""
        try:
            payload, issuer = self._signed(id_token)
            claims = _IdToken.model_validate_json(payload)
        except (jwt.PyJWTError, ValidationError, RecursionError, ValueError) as error:
            raise StaffTokenError(fault="FORM") from error
        self._check(claims, issuer, nonce)
        # the signature covers what stands before it; how it is spelled itself may vary
        token_id = hashlib.sha256(id_token.rpartition(".")[0].encode()).hexdigest()
        return StaffProof(claims.sub, tuple(claims.roles), token_id)

    def endpoints(self) -> tuple[str, str]:
        """Give where people sign in, and where codes become tokens. Raises OidcUnavailableError,
        OidcMisconfiguredError.
        """
        known, now = self._known, self._now()
        if known is None or now - known.at >= KEYS_KEPT:
            known = self._known = self._published(now)
        if not known.authorization_endpoint or not known.token_endpoint:
            raise OidcUnavailableError
        return known.authorization_endpoint, known.token_endpoint

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Turn an authorization code into its id token (RFC 6749, 4.1.3; RFC 7636, 4.5): once, whatever comes of it.

        Raises StaffTokenError where the issuer refuses the code, OidcUnavailableError, OidcMisconfiguredError.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
            "client_id": self._audience,
        }
        try:
            answer = exchange(
                self._pool,
                "POST",
                self.endpoints()[1],
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                body=urlencode(form).encode(),
                patience=PATIENCE,
                most_bytes=MOST_BYTES,
            )
            said = json.loads(answer.data)
        except (NotConnectedError, NoAnswerError, ValueError, RecursionError) as error:
            raise OidcUnavailableError from error
        if 400 <= answer.status < 500 and answer.status != 429:
            raise StaffTokenError(fault="CODE")
        id_token = said.get("id_token") if isinstance(said, dict) else None
        if answer.status != 200 or not isinstance(id_token, str):
            raise OidcUnavailableError
        return id_token

    def _check(self, claims: _IdToken, issuer: str, nonce: str) -> None:
        """Raises StaffTokenError."""
        now, leeway = self._now().timestamp(), LEEWAY.total_seconds()
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        party = claims.azp if "azp" in claims.model_fields_set or len(audiences) > 1 else self._audience
        starts = max(claims.iat, claims.nbf, claims.auth_time)
        asked_at = claims.auth_time if "auth_time" in claims.model_fields_set else now
        for fault, holds in (
            ("ISSUER", claims.iss == issuer),
            ("AUDIENCE", self._audience in audiences and party == self._audience),
            ("TIME", starts <= now + leeway and claims.exp > now - leeway),
            ("TIME", claims.iat >= now - leeway - MOST_AGE.total_seconds()),
            ("TIME", asked_at >= now - leeway - MOST_SESSION.total_seconds()),
            ("NONCE", hmac.compare_digest(claims.nonce.encode(), nonce.encode())),
        ):
            if not holds:
                raise StaffTokenError(fault=fault)

    def _signed(self, id_token: str) -> tuple[bytes, str]:
        """Give what the issuer signed, and its name.

        Raises StaffTokenError, jwt.PyJWTError, ValueError, OidcUnavailableError, OidcMisconfiguredError.
        """
        header = jwt.get_unverified_header(id_token)
        algorithm, kind = header.get("alg"), header.get("typ", "JWT")
        if not isinstance(algorithm, str) or not any(algorithm in known for known in ALGORITHMS.values()):
            raise StaffTokenError(fault="SIGNATURE")
        if not isinstance(kind, str) or kind.upper() != "JWT":
            raise StaffTokenError(fault="FORM")  # an access token, or word of a sign-out
        published, keys = self._keys(header.get("kid"), algorithm)
        for key in keys:
            try:
                return jwt.PyJWS([algorithm]).decode(id_token, key.public, [algorithm]), published.issuer
            except jwt.InvalidSignatureError:
                continue  # ids of keys may repeat
        raise StaffTokenError(fault="SIGNATURE" if keys else "KEY")

    def _keys(self, key_id: str | None, algorithm: str) -> tuple[_Published, tuple[_Key, ...]]:
        known, now = self._known, self._now()
        if known is None or now - known.at >= KEYS_KEPT:
            known = self._known = self._published(now)
        keys = known.fitting(key_id, algorithm)
        if not keys and now - known.at >= REFETCH:
            known = self._known = self._published(now)
            keys = known.fitting(key_id, algorithm)
        return known, keys

    def _published(self, now: datetime) -> _Published:
        """Ask the issuer who it is and for its keys. Its name is what it says, to the letter.

        Raises OidcUnavailableError, OidcMisconfiguredError.
        """
        document = self._json(f"{self._configured}/.well-known/openid-configuration")
        issuer, jwks_uri = document.get("issuer"), document.get("jwks_uri")
        if not isinstance(issuer, str) or not isinstance(jwks_uri, str):
            raise OidcUnavailableError
        if issuer.rstrip("/") != self._configured:
            raise OidcMisconfiguredError
        if issuer.startswith("https:") and not jwks_uri.startswith("https:"):
            raise OidcUnavailableError  # whoever stands between could give keys of their own
        entries = self._json(jwks_uri).get("keys")
        if not isinstance(entries, list):
            raise OidcUnavailableError
        keys = tuple(_readable(entries[:MOST_KEYS]))
        if not keys:
            raise OidcUnavailableError
        return _Published(
            issuer,
            keys,
            now,
            _endpoint(document.get("authorization_endpoint"), issuer),
            _endpoint(document.get("token_endpoint"), issuer),
        )

    def _json(self, url: str) -> dict[str, Any]:
        try:
            answer = self._get(url)
            document = json.loads(answer.data) if answer.status == 200 else None
        except (NotConnectedError, NoAnswerError, ValueError, RecursionError) as error:
            raise OidcUnavailableError from error
        if not isinstance(document, dict):
            raise OidcUnavailableError
        return document

    def _get(self, url: str) -> HttpAnswer:
        """Ask, and once more where no answer came: nothing changes by asking."""
        for is_last in (False, True):
            try:
                return exchange(
                    self._pool, "GET", url, headers={}, body=None, patience=PATIENCE, most_bytes=MOST_BYTES
                )
            except (NotConnectedError, NoAnswerError):
                if is_last:
                    raise
        raise AssertionError("asked twice")


def _endpoint(said: Any, issuer: str) -> str:
    """Give an endpoint that the discovery document names; empty for none, and for one that is less safe than it."""
    is_safe = isinstance(said, str) and (said.startswith("https:") or not issuer.startswith("https:"))
    return str(said) if is_safe else ""


def _readable(entries: list[Any]) -> Iterator[_Key]:
    """Give the signing keys of a set that we can verify with; what else stands there is for others."""
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or "d" in entry:
            continue
        kind, key_id = entry.get("kty"), entry.get("kid")
        algorithms = ALGORITHMS.get(kind, ()) if isinstance(kind, str) else ()
        if "alg" in entry:
            algorithms = tuple(name for name in algorithms if name == entry["alg"])
        if not algorithms or not isinstance(key_id, str | None):
            continue
        if kind == "EC" and entry.get("crv") != "P-256":
            continue
        try:
            public = jwt.PyJWK(entry, algorithms[0]).key
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, KeyError):
            continue
        if kind == "RSA" and public.key_size < LEAST_RSA_BITS:
            continue
        yield _Key(key_id, algorithms, public)
