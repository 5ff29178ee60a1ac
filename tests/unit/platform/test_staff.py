"""Whom an id token proves: the issuer as it names itself, each claim in its type and time, keys that come and go."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from daycover.platform.staff import (
    OidcIssuer,
    OidcMisconfiguredError,
    OidcUnavailableError,
    StaffProof,
    StaffTokenError,
)
from tests.support.fakes.port import Clock
from tests.support.replies import Reply

ISSUER = "https://sso.example"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
AT = int(NOW.timestamp())
NONCE = "nonce-of-this-sign-in-0"
KEY, OTHER_KEY = generate_private_key(65537, 2048), generate_private_key(65537, 2048)
SHORT_KEY = generate_private_key(65537, 1024)
EC_KEY, LONG_EC_KEY = generate_ec_key(SECP256R1()), generate_ec_key(SECP384R1())
GOOD = {
    "iss": ISSUER,
    "aud": "d",
    "sub": "s-1",
    "iat": AT,
    "exp": AT + 3600,
    "nonce": NONCE,
    "roles": ["adjuster"],
}
AN_HOUR, A_DAY = 3600, 86_400


def jwk(key: RSAPrivateKey | EllipticCurvePrivateKey, **members: Any) -> dict[str, Any]:
    if isinstance(key, RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | members
    return ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | members


class Http:
    """The issuer's two documents, as they are and as they should not be."""

    def __init__(self, issuer: Any = ISSUER) -> None:
        self.discovery: Any = {"issuer": issuer, "jwks_uri": "https://keys.example/jwks"}
        self.key_set: Any = {"keys": [jwk(KEY, kid="k1")]}
        self.asked: list[str] = []
        self.status = 200
        self.content: bytes | None = None
        self.silent = 0

    @property
    def fetched(self) -> int:
        """How often the keys were asked for."""
        return self.asked.count("https://keys.example/jwks")

    def request(
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **options: Any
    ) -> Reply:
        assert (method, body, options["redirect"]) == ("GET", None, False)
        self.asked.append(url)
        if self.silent:
            self.silent -= 1
            raise ProtocolError
        document = self.discovery if url.endswith("configuration") else self.key_set
        return Reply(self.status, json.dumps(document).encode() if self.content is None else self.content)


def token(claims: Any = None, key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    """Sign any payload whatever; a header member that is None is left out."""
    payload = (
        json.dumps(GOOD if claims is None else claims).encode() if not isinstance(claims, bytes) else claims
    )
    members = {name: value for name, value in ({"kid": "k1"} | header).items() if value is not None}
    return jwt.PyJWS().encode(payload, key, algorithm=algorithm, headers=members)


def raw(header: Any, payload: Any = GOOD) -> str:
    """A token that nobody signed, its header whatever."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in [*parts, b"x"])


def issuer_of(http: Http, configured: str = ISSUER, now: Clock | None = None) -> OidcIssuer:
    return OidcIssuer(configured, "d", now or Clock(NOW), http)


def verify(id_token: str, http: Http | None = None, nonce: str = NONCE) -> StaffProof:
    return issuer_of(http or Http()).verify(id_token, nonce)


def fault_of(id_token: str, http: Http | None = None, nonce: str = NONCE) -> str:
    with pytest.raises(StaffTokenError) as refused:
        verify(id_token, http, nonce)
    return str(refused.value.facts["fault"])


def test_member_of_staff_is_who_the_token_says_with_the_duties_that_we_know() -> None:
    proof = verify(token(GOOD | {"roles": ["finance", "cleaning", "adjuster"], "name": "王五"}))
    assert (proof.subject, proof.roles) == ("s-1", ("adjuster", "finance"))


# ---- the issuer's name ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more"),
    [
        # Okta
        (
            "https://acme.okta.com/oauth2/default",
            {"ver": 1, "amr": ["pwd"], "auth_time": AT - 60, "jti": "ID.x"},
        ),
        # Auth0
        ("https://acme.eu.auth0.com/", {"sub": "auth0|5f7c8ec7c33c6c004bbafe82", "sid": "x"}),
        # Keycloak
        ("https://sso.acme.cn/realms/claims", {"azp": "d", "typ": "ID", "auth_time": AT, "acr": "1"}),
        # Entra, first and second version
        ("https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/", {"ver": "1.0", "nbf": AT}),
        (
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            {"ver": "2.0", "nbf": AT - 300, "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"},
        ),
    ],
    ids=["Okta", "Auth0", "Keycloak", "Entra 1", "Entra 2"],
)
@pytest.mark.parametrize("ending", ["", "/"])
def test_issuer_is_named_as_it_names_itself_however_the_parameter_is_written(
    name: str, more: dict[str, Any], ending: str
) -> None:
    http = Http(name)
    issuer = issuer_of(http, name.rstrip("/") + ending)
    claims = GOOD | {"iss": name} | more
    assert issuer.verify(token(claims), NONCE).subject == claims["sub"]
    assert http.asked[0] == f"{name.rstrip('/')}/.well-known/openid-configuration"
    other = name.rstrip("/") if name.endswith("/") else name + "/"
    with pytest.raises(StaffTokenError) as refused:
        issuer.verify(token(claims | {"iss": other}), NONCE)
    assert refused.value.facts == {"fault": "ISSUER"}


@pytest.mark.parametrize(
    "said",
    ["https://sso.example/v2", "https://SSO.example", "http://sso.example", "https://other.example", ""],
)
def test_sign_in_is_misconfigured_when_another_issuer_answers(said: str) -> None:
    with pytest.raises(OidcMisconfiguredError):
        verify(token(), Http(said))
    assert OidcMisconfiguredError.counted_as


# ---- claims --------------------------------------------------------------------------------------

ODD = [None, True, 5, -1, 1.5, "", "abc", [], ["a"], {}, {"a": 1}, [[1]], 10**400, "9" * 5000]


@pytest.mark.parametrize("name", [*GOOD, "nbf", "auth_time", "azp"])
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:12])
def test_token_is_refused_and_nothing_fails_when_a_claim_is_of_another_type(name: str, value: Any) -> None:
    given = token(GOOD | {name: value})
    if (name, repr(value)) in {("nbf", "5"), ("nbf", "1.5"), ("sub", "'abc'")}:
        verify(given)  # these are right
    else:
        assert fault_of(given)


@pytest.mark.parametrize("name", list(GOOD))
def test_token_is_refused_when_a_claim_is_missing(name: str) -> None:
    fault = "DUTY" if name == "roles" else "FORM"  # issuers leave it out where nobody assigned one
    assert fault_of(token({key: value for key, value in GOOD.items() if key != name})) == fault


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.integers())
)


@given(claims=st.dictionaries(st.sampled_from([*GOOD, "nbf", "auth_time", "azp"]), ANYTHING))
def test_token_proves_somebody_or_is_refused_whatever_its_claims(claims: dict[str, Any]) -> None:
    try:
        proof = ISSUED.verify(token(GOOD | claims), NONCE)
    except StaffTokenError:
        return
    assert set(proof.roles) <= {"intake", "adjuster", "senior_adjuster", "finance", "auditor"}


ISSUED = issuer_of(Http())


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"null", b'"a"', b"\xff", b"[" * 1500, b'{"a":' * 1000, b'{"sub":"\\ud800"}'],
)
def test_token_is_refused_when_its_payload_is_no_object(payload: bytes) -> None:
    assert fault_of(token(payload)) == "FORM"


@pytest.mark.parametrize(
    "subject",
    ["00uid4BxXw6I6TV4m0g3", "auth0|5f7c", "li@hengxin.cn", "5f0c-8e", "a/b+c=", "x" * 255, "~._:-"],
)
def test_subject_is_taken_when_it_is_an_id(subject: str) -> None:
    assert verify(token(GOOD | {"sub": subject})).subject == subject


@pytest.mark.parametrize(
    "subject",
    [
        "",
        " ",
        "a b",
        "a#b",
        "#",
        "a\n",
        "\x00",
        "a\x7f",
        "\u200b",
        "王五",
        "a\\b",
        'a"b',
        "a<b",
        "a%2fb",
        "x" * 256,
        "é",
    ],
)
def test_subject_is_refused_when_it_would_not_stand_in_a_key(subject: str) -> None:
    assert fault_of(token(GOOD | {"sub": subject})) == "FORM"


@pytest.mark.parametrize("roles", [[], ["cleaning"], ["Adjuster"], ["adjuster "], ["intake,adjuster"]])
def test_token_is_refused_when_its_holder_has_no_duty(roles: list[str]) -> None:
    assert fault_of(token(GOOD | {"roles": roles})) == "DUTY"


@pytest.mark.parametrize(
    "roles", ["adjuster", "senior_adjuster finance", None, {"adjuster": True}, [["adjuster"]], [None]]
)
def test_token_is_refused_when_its_roles_are_no_list_of_words(roles: Any) -> None:
    assert fault_of(token(GOOD | {"roles": roles})) == "FORM"


@pytest.mark.parametrize(
    ("claims", "is_ours"),
    [
        ({"aud": "d"}, True),
        ({"aud": ["d"]}, True),
        ({"aud": "d", "azp": "d"}, True),
        ({"aud": ["d", "other"], "azp": "d"}, True),
        ({"aud": ["d", "other"]}, False),
        ({"aud": ["d", "other"], "azp": "other"}, False),
        ({"aud": "d", "azp": "other"}, False),
        ({"aud": "d", "azp": ""}, False),
        ({"aud": "other"}, False),
        ({"aud": "dd"}, False),
        ({"aud": []}, False),
        ({"aud": ["other"], "azp": "d"}, False),
    ],
)
def test_token_is_for_us_alone_or_for_us_by_name(claims: dict[str, Any], is_ours: bool) -> None:
    if is_ours:
        verify(token(GOOD | claims))
    else:
        assert fault_of(token(GOOD | claims)) == "AUDIENCE"


@pytest.mark.parametrize("nonce", ["", NONCE[:-1], NONCE + "0", NONCE.upper(), "nonce-of-another-sign-in"])
def test_token_is_refused_when_it_was_asked_for_by_another_sign_in(nonce: str) -> None:
    assert fault_of(token(), nonce=nonce) == "NONCE"
    assert fault_of(token(GOOD | {"nonce": nonce})) == "NONCE"


# ---- time, on our clock --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "is_good"),
    [
        ({"exp": AT - 59}, True),
        ({"exp": AT - 60}, False),
        ({"exp": AT + 10 * 365 * A_DAY}, True),
        ({"iat": AT + 60}, True),
        ({"iat": AT + 61}, False),
        ({"iat": AT - 660}, True),
        ({"iat": AT - 661}, False),
        ({"iat": AT + 0.5}, True),
        ({"nbf": AT + 60}, True),
        ({"nbf": AT + 61}, False),
        ({"nbf": 0}, True),
        ({"auth_time": AT + 60}, True),
        ({"auth_time": AT + 61}, False),
        ({"auth_time": AT - 12 * AN_HOUR - 60}, True),
        ({"auth_time": AT - 12 * AN_HOUR - 61}, False),
        ({"auth_time": 0}, False),
    ],
)
def test_every_time_of_a_token_is_measured_on_our_clock_with_a_minute_s_leeway(
    claims: dict[str, Any], is_good: bool
) -> None:
    if is_good:
        verify(token(GOOD | claims))
    else:
        assert fault_of(token(GOOD | claims)) == "TIME"


def test_token_is_spent_by_its_age_however_long_its_issuer_lets_it_live() -> None:
    now = Clock(NOW)
    issuer = issuer_of(Http(), now=now)
    issuer.verify(token(GOOD | {"exp": AT + A_DAY}), NONCE)
    now.advance(minutes=12)
    with pytest.raises(StaffTokenError):
        issuer.verify(token(GOOD | {"exp": AT + A_DAY}), NONCE)


# ---- one token, one id ---------------------------------------------------------------------------


def test_token_has_one_id_however_its_signature_is_spelled() -> None:
    good = token()
    head, _, signature = good.rpartition(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same = head + "." + signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ 1]
    ids = {verify(good).token_id}
    for spelled in (same, good + "==", good + "="):
        try:
            ids.add(verify(spelled).token_id)
        except StaffTokenError:
            continue
    assert len(ids) == 1
    assert verify(token(GOOD | {"jti": "2"})).token_id not in ids


# ---- headers and keys ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None", "kid": "k1"},
        {"alg": "HS256", "kid": "k1"},
        {"alg": "RS512", "kid": "k1"},
        {"alg": None, "kid": "k1"},
        {"alg": ["RS256"], "kid": "k1"},
        {"alg": {"a": 1}},
        {"alg": 5},
        {},
        [],
        "RS256",
        None,
        5,
        {"alg": "RS256", "kid": 5},
        {"alg": "RS256", "kid": None},
        {"alg": "RS256", "kid": ["k1"]},
        {"alg": "RS256", "kid": {"a": 1}},
        {"alg": "RS256", "kid": "k1", "typ": "at+jwt"},
        {"alg": "RS256", "kid": "k1", "typ": 5},
        {"alg": "RS256", "kid": "k1", "typ": "logout+jwt"},
        {"alg": "RS256", "kid": "k1", "crit": ["exp"]},
        {"alg": "RS256", "kid": "k1", "crit": "exp"},
        {"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": False},
        {"alg": "RS256", "kid": "k1", "jwk": {"kty": "RSA"}, "jku": "https://evil.example"},
        {"alg": "RS256", "kid": "k1"},
        b"[" * 1500,
        b'{"alg":' * 1000,
        b"\xff",
        b"",
    ],
    ids=lambda header: repr(header)[:40],
)
def test_token_is_refused_and_nothing_fails_whatever_its_header(header: Any) -> None:
    http = Http()
    assert fault_of(raw(header), http)
    assert set(http.asked) <= {f"{ISSUER}/.well-known/openid-configuration", "https://keys.example/jwks"}


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "王.王.王", "x" * 16_000, "\x00"]
)
def test_token_is_refused_when_it_is_none(text: str) -> None:
    assert fault_of(text)


def test_token_is_refused_when_our_public_key_is_taken_for_a_secret() -> None:
    public = KEY.public_key().public_numbers().n.to_bytes(256, "big")
    assert fault_of(token(key=public, algorithm="HS256")) == "SIGNATURE"
    shared = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}, jwk(KEY, kid="k2")]}
    http = Http()
    http.key_set = shared
    assert fault_of(token(key=b"secret" * 8, algorithm="HS256"), http) == "SIGNATURE"
    assert fault_of(token(), http) == "KEY"


@pytest.mark.parametrize("kind", ["JWT", "jwt", None])
def test_token_says_that_it_is_one_or_nothing(kind: str | None) -> None:
    assert verify(token(typ=kind)).subject == "s-1"


@pytest.mark.parametrize(
    ("algorithm", "key"), [("RS256", KEY), ("PS256", KEY), ("ES256", EC_KEY)], ids=["RS256", "PS256", "ES256"]
)
def test_token_may_be_signed_in_three_ways(algorithm: str, key: Any) -> None:
    http = Http()
    http.key_set = {"keys": [jwk(key, kid="k1")]}
    assert verify(token(key=key, algorithm=algorithm), http).subject == "s-1"
    other = OTHER_KEY if key is KEY else generate_ec_key(SECP256R1())
    assert fault_of(token(key=other, algorithm=algorithm), http) == "SIGNATURE"


USELESS: list[Any] = [
    None,
    5,
    "key",
    [],
    {},
    {"kty": "XYZ", "kid": "k1"},
    {"kty": ["RSA"], "kid": "k1"},
    {"kty": "RSA", "kid": "k1"},
    {"kty": "RSA", "kid": "k1", "n": 5, "e": "AQAB"},
    {"kty": "RSA", "kid": "k1", "n": "!!!", "e": "AQAB"},
    {"kty": "RSA", "kid": "k1", "n": "", "e": ""},
    {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "k1"},
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k1"},
    {"kty": "oct", "k": "AA", "kid": "k1"},
    jwk(LONG_EC_KEY, kid="k1"),
    jwk(SHORT_KEY, kid="k1"),
    jwk(OTHER_KEY, kid="k1", use="enc"),
    jwk(OTHER_KEY, kid="k1", use=5),
    jwk(OTHER_KEY, kid="k1", alg="RSA-OAEP"),
    jwk(OTHER_KEY, kid="k1", alg=["RS256"]),
    jwk(OTHER_KEY, kid=["k1"]),
    jwk(OTHER_KEY, kid="k1", d="AA"),
]


def test_key_is_found_among_others_that_are_of_no_use_to_us_and_bear_its_id() -> None:
    for odd in USELESS:
        http = Http()
        http.key_set = {"keys": [odd, jwk(OTHER_KEY, kid="k1"), jwk(EC_KEY, kid="k1"), jwk(KEY, kid="k1")]}
        assert verify(token(), http).subject == "s-1"
        http = Http()
        http.key_set = {"keys": [odd]}
        with pytest.raises(OidcUnavailableError):
            verify(token(), http)


def test_key_is_no_short_one() -> None:
    http = Http()
    http.key_set = {"keys": [jwk(SHORT_KEY, kid="k1"), jwk(KEY, kid="k2")]}
    assert fault_of(token(key=SHORT_KEY), http) == "KEY"


def test_key_id_may_be_left_out_when_there_is_one_key_and_not_otherwise() -> None:
    http = Http()
    http.key_set = {"keys": [jwk(KEY), jwk(EC_KEY, kid="e"), jwk(OTHER_KEY, use="enc")]}
    assert verify(token(kid=None), http).subject == "s-1"
    http.key_set = {"keys": [jwk(KEY, kid="k1"), jwk(OTHER_KEY, kid="k2")]}
    assert fault_of(token(kid=None), http) == "KEY"


# ---- the issuer out of reach, or not itself ------------------------------------------------------

ODD_DOCUMENTS: list[Any] = [
    None,
    [],
    "a",
    5,
    {},
    {"issuer": ISSUER},
    {"jwks_uri": "https://keys.example/jwks"},
]

ODD_KEY_SETS: list[Any] = [None, [], "a", {}, {"keys": None}, {"keys": {}}, {"keys": "a"}, {"keys": []}]


@pytest.mark.parametrize(
    "change",
    [
        *(lambda http, document=document: setattr(http, "discovery", document) for document in ODD_DOCUMENTS),
        lambda http: http.discovery.update(issuer=5),
        lambda http: http.discovery.update(issuer=None),
        lambda http: http.discovery.update(jwks_uri=["https://keys.example/jwks"]),
        lambda http: http.discovery.update(jwks_uri="http://keys.example/jwks"),
        *(lambda http, key_set=key_set: setattr(http, "key_set", key_set) for key_set in ODD_KEY_SETS),
        *(
            lambda http, status=status: setattr(http, "status", status)
            for status in (204, 301, 302, 404, 500, 503)
        ),
        *(
            lambda http, content=content: setattr(http, "content", content)
            for content in (b"", b"<html>", b"\xff", b"[" * 100_000, b" " * (256 * 1024 + 1), b"9" * 5000)
        ),
        lambda http: setattr(http, "silent", 2),
    ],
)
def test_sign_in_is_unavailable_when_the_issuer_answers_what_no_issuer_does(
    change: Callable[[Http], None],
) -> None:
    http = Http()
    change(http)
    issuer = issuer_of(http)
    with pytest.raises(OidcUnavailableError):
        issuer.verify(token(), NONCE)
    vars(http).update(vars(Http()))
    assert issuer.verify(token(), NONCE).subject == "s-1"  # asked again at once


def test_issuer_is_asked_once_more_when_no_answer_came_and_not_a_third_time() -> None:
    http = Http()
    http.silent = 1
    assert verify(token(), http).subject == "s-1"
    http.silent = 3
    with pytest.raises(OidcUnavailableError):
        verify(token(), http)
    assert http.silent == 1


def test_answer_that_never_ends_is_no_answer() -> None:
    class Endless(Http):
        def request(self, *_: Any, **__: Any) -> Reply:
            raise ReadTimeoutError(None, None, "slow")  # type: ignore[arg-type]

    with pytest.raises(OidcUnavailableError):
        verify(token(), Endless())


def test_keys_are_fetched_once_a_minute_when_key_ids_are_unknown() -> None:
    http, now = Http(), Clock(NOW)
    issuer = issuer_of(http, now=now)
    assert issuer.verify(token(), NONCE).subject == "s-1"
    for number in range(20):
        with pytest.raises(StaffTokenError):
            issuer.verify(token(kid=f"made-up-{number}"), NONCE)
    assert http.fetched == 1
    http.key_set["keys"].append(jwk(OTHER_KEY, kid="k2"))
    with pytest.raises(StaffTokenError):
        issuer.verify(token(key=OTHER_KEY, kid="k2"), NONCE)
    now.advance(minutes=1)
    assert issuer.verify(token(key=OTHER_KEY, kid="k2"), NONCE).subject == "s-1"
    assert http.fetched == 2


def test_key_is_trusted_for_an_hour_at_most_after_its_issuer_withdrew_it() -> None:
    http, now = Http(), Clock(NOW)
    issuer = issuer_of(http, now=now)
    issuer.verify(token(), NONCE)
    http.key_set = {"keys": [jwk(OTHER_KEY, kid="k2")]}
    now.advance(hours=1)
    with pytest.raises(StaffTokenError) as refused:
        issuer.verify(token(GOOD | {"iat": AT + AN_HOUR, "exp": AT + 2 * AN_HOUR}), NONCE)
    assert refused.value.facts == {"fault": "KEY"}
