"""A small OpenID Connect issuer for staff sign-in (OpenID Connect Core 1.0, RFC 7636)."""

import base64
import hashlib
import html
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from tests.simulators.credentials import make_key
from tests.simulators.faults import Fault
from tests.simulators.http_server import Answer, Request, SimulatedError, SimulatorServer, json_answer

ROLES = frozenset({"intake", "adjuster", "senior_adjuster", "finance", "auditor"})
CODE_SECONDS = 60
ID_TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class StaffMember:
    """One person who can sign in."""

    sub: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class AuthorizationRequest:
    """The checked query of `/authorize`."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str | None
    nonce: str | None
    code_challenge: str | None


@dataclass(frozen=True)
class _Grant:
    request: AuthorizationRequest
    sub: str
    issued_at: float


class OidcServer(SimulatorServer):
    """The issuer; any client id is accepted, its redirect URI is bound to the code."""

    name = "oidc"

    def __init__(
        self,
        port: int = 0,
        *,
        signing_key: RSAPrivateKey | None = None,
        key_rotated: Callable[[RSAPrivateKey], None] = lambda _key: None,
    ) -> None:
        super().__init__(port)
        self._key_rotated = key_rotated
        self._lock = threading.RLock()
        self._keys = [signing_key if signing_key is not None else make_key()]
        self._staff: dict[str, StaffMember] = {}
        self._grants: dict[str, _Grant] = {}
        self._named, self._ending = "", ""
        self.add_route("GET", "/.well-known/openid-configuration", self._discovery)
        self.add_route("GET", "/jwks.json", self._jwks)
        self.add_route("GET", "/authorize", self._show_form)
        self.add_route("POST", "/authorize", self._sign_in)
        self.add_route("POST", "/token", self._exchange_code)
        for path in ("/.well-known/openid-configuration", "/jwks.json", "/token"):
            self.add_route("OPTIONS", path, lambda _request: Answer(204))
        self.add_route("POST", "/_sim/staff", self._seed_staff)
        self.add_route("POST", "/_sim/id-tokens", self._make_id_token)
        self.add_route("POST", "/_sim/rotate-keys", self._rotate)

    @property
    def issuer(self) -> str:
        """Its name, as it writes it everywhere: Auth0 and Entra's first version end in a slash, the others do not."""
        with self._lock:
            return (self._named or self.base_url) + self._ending

    def error_answer(self, error: SimulatedError) -> Answer:
        return json_answer({"error": error.code, "error_description": error.message}, error.status)

    def finish(self, answer: Answer, fault: Fault | None) -> Answer:
        # Browser clients call discovery and /token from another origin.
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    # Direct access for tests in the same process

    def seed_staff(self, member: StaffMember) -> None:
        """Add or replace a person; raises ValueError on an unknown role."""
        if not set(member.roles) <= ROLES:
            raise ValueError(f"roles must be among {', '.join(sorted(ROLES))}")
        with self._lock:
            self._staff[member.sub] = member

    def list_staff(self) -> list[StaffMember]:
        """Return everyone who can sign in."""
        with self._lock:
            return list(self._staff.values())

    def issue_id_token(
        self, sub: str, audience: str, *, expires_in: int = ID_TOKEN_SECONDS, nonce: str | None = None
    ) -> str:
        """Sign an id token for a seeded person; a negative `expires_in` makes an expired one."""
        with self._lock:
            member, key = self._staff.get(sub), self._keys[-1]
        if member is None:
            raise SimulatedError(404, "invalid_request", "no such staff member")
        now = int(self.clock.seconds())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": member.sub,
            "aud": audience,
            "exp": now + expires_in,
            "iat": now,
            "auth_time": now,
            "azp": audience,
            "jti": secrets.token_urlsafe(16),
            "name": member.name,
            "roles": list(member.roles),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key)})

    def rename(self, *, of: str = "", ends_in_slash: bool = False) -> None:
        """Let the issuer write its name otherwise from now on; `of` gives it the name of another one."""
        with self._lock:
            self._named, self._ending = of, "/" if ends_in_slash else ""

    def rotate_keys(self, *, retire_old: bool = False) -> str:
        """Sign with a new key from now on and return its id; the last one stays published unless retired."""
        key = make_key()
        with self._lock:
            self._keys = [key] if retire_old else [self._keys[-1], key]
        self._key_rotated(key)
        return key_id(key)

    # The interface

    def _discovery(self, _request: Request) -> Answer:
        return json_answer(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.base_url}/authorize",
                "token_endpoint": f"{self.base_url}/token",
                "jwks_uri": f"{self.base_url}/jwks.json",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile"],
                "token_endpoint_auth_methods_supported": [
                    "none",
                    "client_secret_basic",
                    "client_secret_post",
                ],
                "code_challenge_methods_supported": ["S256"],
                "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "name", "roles"],
            }
        )

    def _jwks(self, _request: Request) -> Answer:
        with self._lock:
            keys = list(self._keys)
        return json_answer({"keys": [public_jwk(key) for key in keys]})

    def _show_form(self, request: Request) -> Answer:
        wanted = _read_authorization_request(request.query)
        hint = request.query.get("login_hint")
        if request.query.get("prompt") == "none":
            with self._lock:
                known = hint in self._staff
            if not known or hint is None:
                return _redirect(wanted, {"error": "login_required"})
            return self._grant(wanted, hint)
        return Answer(body=self._form(request.query).encode(), content_type="text/html; charset=utf-8")

    def _sign_in(self, request: Request) -> Answer:
        form = _form_values(request)
        wanted = _read_authorization_request(form)
        sub = form.get("sub", "")
        with self._lock:
            known = sub in self._staff
        return self._grant(wanted, sub) if known else _redirect(wanted, {"error": "access_denied"})

    def _grant(self, wanted: AuthorizationRequest, sub: str) -> Answer:
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._grants[code] = _Grant(wanted, sub, self.clock.seconds())
        return _redirect(wanted, {"code": code})

    def _exchange_code(self, request: Request) -> Answer:
        form = _form_values(request)
        if form.get("grant_type") != "authorization_code":
            raise SimulatedError(400, "unsupported_grant_type", "only authorization_code is supported")
        with self._lock:
            # Taken out whatever follows: a code is good for one try.
            grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or self.clock.seconds() - grant.issued_at > CODE_SECONDS:
            raise SimulatedError(400, "invalid_grant", "the code is unknown, used or expired")
        wanted = grant.request
        if form.get("redirect_uri") != wanted.redirect_uri or _client_id(request, form) != wanted.client_id:
            raise SimulatedError(400, "invalid_grant", "the code belongs to another client or redirect_uri")
        if wanted.code_challenge is not None and wanted.code_challenge != s256(form.get("code_verifier", "")):
            raise SimulatedError(400, "invalid_grant", "code_verifier does not fit the code_challenge")
        return json_answer(
            {
                "access_token": secrets.token_urlsafe(32),
                "token_type": "Bearer",
                "expires_in": ID_TOKEN_SECONDS,
                "scope": wanted.scope,
                "id_token": self.issue_id_token(grant.sub, wanted.client_id, nonce=wanted.nonce),
            }
        )

    def _form(self, query: dict[str, str]) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in query.items()
            if name != "sub"
        )
        buttons = "".join(
            f'<p><button name="sub" value="{html.escape(member.sub)}">'
            f"{html.escape(member.name)} ({html.escape(', '.join(member.roles))})</button></p>"
            for member in self.list_staff()
        )
        return (
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Staff sign-in</title>'
            f'<h1>Staff sign-in</h1><form method="post" action="/authorize">{hidden}{buttons}</form></html>'
        )

    # The control plane

    def _seed_staff(self, request: Request) -> Answer:
        entries = request.json()
        members = [
            StaffMember(str(entry["sub"]), str(entry["name"]), tuple(entry["roles"]))
            for entry in (entries if isinstance(entries, list) else [entries])
        ]
        for member in members:
            self.seed_staff(member)
        return json_answer({"staff": len(members)})

    def _make_id_token(self, request: Request) -> Answer:
        body = request.json_object()
        token = self.issue_id_token(
            str(body["sub"]),
            str(body["audience"]),
            expires_in=int(body.get("expires_in", ID_TOKEN_SECONDS)),
            nonce=body.get("nonce"),
        )
        return json_answer({"id_token": token})

    def _rotate(self, request: Request) -> Answer:
        kid = self.rotate_keys(retire_old=bool(request.json_object().get("retire_old", False)))
        return json_answer({"kid": kid})


def public_jwk(key: RSAPrivateKey) -> dict[str, Any]:
    """Return the public half as a JWK with its id."""
    jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id(key), "n": jwk["n"], "e": jwk["e"]}


def key_id(key: RSAPrivateKey) -> str:
    """Return the key's RFC 7638 thumbprint."""
    jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return s256(f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}')


def s256(text: str) -> str:
    """Return the unpadded base64url SHA-256 of `text` (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _read_authorization_request(query: dict[str, str]) -> AuthorizationRequest:
    redirect_uri, client_id = query.get("redirect_uri", ""), query.get("client_id", "")
    if not client_id or urlsplit(redirect_uri).scheme not in ("http", "https") or "#" in redirect_uri:
        raise SimulatedError(400, "invalid_request", "client_id and redirect_uri are required")
    if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
        raise SimulatedError(400, "invalid_request", "response_type code and scope openid are required")
    challenge = query.get("code_challenge")
    if challenge is not None and query.get("code_challenge_method") != "S256":
        raise SimulatedError(400, "invalid_request", "code_challenge_method must be S256")
    return AuthorizationRequest(
        client_id=client_id,
        redirect_uri=redirect_uri,
        scope=query["scope"],
        state=query.get("state"),
        nonce=query.get("nonce"),
        code_challenge=challenge,
    )


def _redirect(wanted: AuthorizationRequest, outcome: dict[str, str]) -> Answer:
    if wanted.state is not None:
        outcome["state"] = wanted.state
    separator = "&" if urlsplit(wanted.redirect_uri).query else "?"
    return Answer(302, headers={"Location": wanted.redirect_uri + separator + urlencode(outcome)})


def _form_values(request: Request) -> dict[str, str]:
    try:
        parsed = parse_qs(request.body.decode(), keep_blank_values=True)
    except UnicodeDecodeError as error:
        raise SimulatedError(400, "invalid_request", "the form is not UTF-8") from error
    return {name: values[0] for name, values in parsed.items()}


def _client_id(request: Request, form: dict[str, str]) -> str:
    scheme, _, encoded = request.header("authorization").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", "")
    try:
        return unquote_plus(base64.b64decode(encoded).decode().partition(":")[0])
    except ValueError as error:
        raise SimulatedError(401, "invalid_client", "malformed client credentials") from error
