"""The OIDC issuer: the whole code flow with PKCE, tokens that PyJWT verifies, key rotation."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from tests.simulators import Simulators
from tests.simulators.oidc import s256
from tests.unit.simulators.conftest import Http

REDIRECT_URI = "http://127.0.0.1:9/signed-in?desk=1"
VERIFIER = "v" * 43
STAFF = [
    {"sub": "staff-1", "name": "王<五>", "roles": ["adjuster"]},
    {"sub": "staff-2", "name": "赵六", "roles": ["finance", "auditor"]},
]


@pytest.fixture
def issuer(simulators: Simulators, http: Http) -> str:
    base_url = simulators.oidc.base_url
    assert http.send("POST", f"{base_url}/_sim/staff", STAFF).json() == {"staff": 2}
    return base_url


def verified(issuer: str, http: Http, token: str, **options: Any) -> dict[str, Any]:
    """Verify as a resource server does: discovery, JWKS, key by kid."""
    discovery = http.send("GET", f"{issuer}/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(http.send("GET", discovery["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["RS256"], issuer=discovery["issuer"], **options)


def authorization_query(**changes: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": "console",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile",
        "state": "state-1",
        "nonce": "nonce-1",
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
    } | changes


def sign_in(issuer: str, http: Http, sub: str = "staff-1", **changes: str) -> dict[str, list[str]]:
    """Open the form, press the button of one person, return the query of the redirect."""
    page = http.send("GET", f"{issuer}/authorize?{urlencode(authorization_query(**changes))}").body.decode()
    hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    form = {html.unescape(name): html.unescape(value) for name, value in hidden}
    reply = http.form(f"{issuer}/authorize", form | {"sub": sub})
    assert reply.status == 302
    location = reply.headers["Location"]
    assert location.startswith(REDIRECT_URI)
    return parse_qs(urlsplit(location).query)


def token_form(code: str, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "client_id": "console",
        "code_verifier": VERIFIER,
    } | changes


def test_staff_member_signs_in_with_code_and_pkce(issuer: str, http: Http) -> None:
    answer = sign_in(issuer, http)
    assert answer["state"] == ["state-1"]
    reply = http.form(f"{issuer}/token", token_form(answer["code"][0]))
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    claims = verified(issuer, http, reply.json()["id_token"], audience="console")
    assert (claims["sub"], claims["name"], claims["roles"]) == ("staff-1", "王<五>", ["adjuster"])
    assert claims["nonce"] == "nonce-1"
    again = http.form(f"{issuer}/token", token_form(answer["code"][0]))
    assert (again.status, again.json()["error"]) == (400, "invalid_grant")


def test_form_escapes_names_when_listing_staff(issuer: str, http: Http) -> None:
    page = http.send("GET", f"{issuer}/authorize?{urlencode(authorization_query())}").body.decode()
    assert "王&lt;五&gt;" in page
    assert "<五>" not in page


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 43}, {"redirect_uri": "http://127.0.0.1:9/other"}, {"client_id": "other"}],
    ids=["other verifier", "other redirect", "other client"],
)
def test_code_is_refused_when_it_is_not_the_clients(issuer: str, http: Http, changes: dict[str, str]) -> None:
    code = sign_in(issuer, http)["code"][0]
    assert http.form(f"{issuer}/token", token_form(code, **changes)).json()["error"] == "invalid_grant"


def test_sign_in_is_denied_when_the_person_is_unknown(issuer: str, http: Http) -> None:
    assert sign_in(issuer, http, sub="nobody")["error"] == ["access_denied"]


def test_authorization_is_refused_when_challenge_is_plain(issuer: str, http: Http) -> None:
    query = urlencode(authorization_query(code_challenge_method="plain"))
    assert http.send("GET", f"{issuer}/authorize?{query}").status == 400


def test_sign_in_needs_no_form_when_prompt_is_none(issuer: str, http: Http) -> None:
    for hint, expected in [("staff-2", "code"), ("nobody", "error")]:
        query = urlencode(authorization_query(prompt="none", login_hint=hint))
        reply = http.send("GET", f"{issuer}/authorize?{query}")
        assert expected in parse_qs(urlsplit(reply.headers["Location"]).query)


def test_token_verifies_after_rotation_until_its_key_is_retired(issuer: str, http: Http) -> None:
    body = {"sub": "staff-2", "audience": "api"}
    old = http.send("POST", f"{issuer}/_sim/id-tokens", body).json()["id_token"]
    assert verified(issuer, http, old, audience="api")["roles"] == ["finance", "auditor"]
    kid = http.send("POST", f"{issuer}/_sim/rotate-keys", {}).json()["kid"]
    new = http.send("POST", f"{issuer}/_sim/id-tokens", body).json()["id_token"]
    assert jwt.get_unverified_header(new)["kid"] == kid
    assert verified(issuer, http, old, audience="api")["sub"] == "staff-2"
    assert verified(issuer, http, new, audience="api")["sub"] == "staff-2"
    http.send("POST", f"{issuer}/_sim/rotate-keys", {"retire_old": True})
    with pytest.raises(KeyError):
        verified(issuer, http, new, audience="api")


def test_token_is_expired_when_asked_so(issuer: str, http: Http) -> None:
    body = {"sub": "staff-1", "audience": "api", "expires_in": -60}
    token = http.send("POST", f"{issuer}/_sim/id-tokens", body).json()["id_token"]
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(issuer, http, token, audience="api")


def test_staff_is_refused_when_a_role_is_unknown(issuer: str, http: Http) -> None:
    reply = http.send("POST", f"{issuer}/_sim/staff", [{"sub": "x", "name": "x", "roles": ["root"]}])
    assert reply.status == 400
