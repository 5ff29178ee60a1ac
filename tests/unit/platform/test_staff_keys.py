"""The issuer's keys are asked for once a minute at most, however many key ids people invent."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from urllib3.exceptions import ProtocolError

from daycover.platform.staff import OidcIssuer, OidcUnavailableError, StaffTokenError
from tests.support.fakes.port import Clock
from tests.support.replies import Reply

ISSUER = "https://sso.example"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def answer(status: int, document: Any) -> Reply:
    return Reply(status, json.dumps(document).encode())


class Http:
    def __init__(self) -> None:
        self.keys: dict[str, RSAPrivateKey] = {"k1": generate_private_key(65537, 2048)}
        self.fetched = 0
        self.status = 200
        self.silent = 0

    def request(
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **_: Any
    ) -> Reply:
        assert (method, body) == ("GET", None)
        if self.silent:
            self.silent -= 1
            raise ProtocolError
        if url.endswith("configuration"):
            return answer(self.status, {"jwks_uri": f"{ISSUER}/jwks"})
        self.fetched += 1
        found = [
            jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid}
            for kid, key in self.keys.items()
        ]
        return answer(200, {"keys": found})


def token(http: Http, kid: str, key: RSAPrivateKey | None = None) -> str:
    claims = {"iss": ISSUER, "aud": "d", "sub": "s-1", "iat": 0, "exp": 4_000_000_000, "roles": ["adjuster"]}
    return jwt.encode(claims, key or http.keys[kid], algorithm="RS256", headers={"kid": kid})


@pytest.fixture
def http() -> Http:
    return Http()


def test_keys_are_fetched_once_a_minute_when_key_ids_are_unknown(http: Http) -> None:
    now = Clock(NOW)
    issuer = OidcIssuer(ISSUER, "d", now, http)
    assert issuer.verify(token(http, "k1")) == ("s-1", ("adjuster",))
    for number in range(20):
        with pytest.raises(StaffTokenError):
            issuer.verify(token(http, f"made-up-{number}", http.keys["k1"]))
    assert http.fetched == 1
    http.keys["k2"] = generate_private_key(65537, 2048)
    with pytest.raises(StaffTokenError):
        issuer.verify(token(http, "k2"))
    now.advance(minutes=1)
    assert issuer.verify(token(http, "k2"))[0] == "s-1"
    assert http.fetched == 2


def test_keys_are_asked_for_again_at_once_when_the_issuer_was_down(http: Http) -> None:
    issuer = OidcIssuer(ISSUER, "d", Clock(NOW), http)
    http.status = 503
    with pytest.raises(OidcUnavailableError):
        issuer.verify(token(http, "k1"))
    http.status = 200
    assert issuer.verify(token(http, "k1"))[0] == "s-1"


def test_issuer_is_asked_once_more_when_no_answer_came_and_not_a_third_time(http: Http) -> None:
    http.silent = 1
    assert OidcIssuer(ISSUER, "d", Clock(NOW), http).verify(token(http, "k1"))[0] == "s-1"
    http.silent = 2
    with pytest.raises(OidcUnavailableError):
        OidcIssuer(ISSUER, "d", Clock(NOW), http).verify(token(http, "k1"))
    assert http.silent == 0
