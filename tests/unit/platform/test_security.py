"""Tokens, ciphers, indexes, ids, clock and configuration."""

import base64
import hmac
import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from daycover import crockford
from daycover.platform.access import policy_document
from daycover.platform.clock import system_clock
from daycover.platform.config import Config, ConfigError, load
from daycover.platform.ids import ulid
from daycover.platform.security import (
    DATA_KEY_SECONDS,
    KEYS_KNOWN,
    OUTAGE_SECONDS,
    AccessTokens,
    BlindIndex,
    FieldCipher,
    KeyRing,
    TokenInvalidError,
    _b64,
    _derived,
    header_of,
)
from daycover.store.aws import AwsError, StoreUnavailableError
from tests.support.builders import NOW, an_id_number
from tests.support.fakes.port import Clock

KEY = b"k" * 32
HEADER = header_of(KEY)
KID = json.loads(base64.urlsafe_b64decode(HEADER + "=="))["kid"]


class OneKey:
    """Implements `security.TokenKeys` with the key of these tests."""

    def current(self) -> tuple[str, bytes]:
        return HEADER, KEY

    def find(self, header: str) -> bytes | None:
        return KEY if header == HEADER else None


class FakeKms:
    """Wraps a data key by reversing it; counts what it is asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails_with: Exception | None = None
        self._made = 0

    def call(self, operation: str, **request: str) -> dict[str, str]:
        self.calls.append(operation)
        if self.fails_with is not None:
            raise self.fails_with
        if operation == "GenerateDataKey":
            self._made += 1
            key = self._made.to_bytes(32, "big")
            return {"Plaintext": _text(key), "CiphertextBlob": _text(key[::-1] + b"w")}
        assert operation == "Decrypt"
        return {"Plaintext": _text(base64.b64decode(request["CiphertextBlob"])[:-1][::-1])}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_token_gives_its_claims_back_when_genuine() -> None:
    tokens = AccessTokens(OneKey(), Clock(NOW))
    token, ends = tokens.issue("staff", "s-1", timedelta(hours=8), staff_roles="adjuster")
    claims = tokens.verify(token)
    assert (claims["role"], claims["sub"], claims["staff_roles"]) == ("staff", "s-1", "adjuster")
    assert ends == NOW + timedelta(hours=8)


def test_token_ends_to_the_second_when_its_life_is_over() -> None:
    clock = Clock(NOW)
    tokens = AccessTokens(OneKey(), clock)
    token, ends = tokens.issue("worker", "w", timedelta(hours=1))
    clock.at = ends - timedelta(seconds=1)
    tokens.verify(token)
    clock.at = ends
    with pytest.raises(TokenInvalidError):
        tokens.verify(token)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token, claims: "",
        lambda token, claims: "a.b.c",
        lambda token, claims: token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        lambda token, claims: jwt.encode(claims, b"x" * 32, algorithm="HS256", headers={"kid": KID}),
        lambda token, claims: jwt.encode(claims, KEY, algorithm="HS256"),
        lambda token, claims: jwt.encode(claims, KEY, algorithm="HS512", headers={"kid": KID}),
        lambda token, claims: jwt.encode(claims, "", algorithm="none", headers={"kid": KID}),
        lambda token, claims: jwt.encode(
            claims | {"iss": "else"}, KEY, algorithm="HS256", headers={"kid": KID}
        ),
        lambda token, claims: jwt.encode(
            {k: claims[k] for k in ("iss", "sub", "exp")}, KEY, algorithm="HS256", headers={"kid": KID}
        ),
        lambda token, claims: jwt.encode(
            {k: claims[k] for k in ("iss", "sub", "role")}, KEY, algorithm="HS256", headers={"kid": KID}
        ),
    ],
)
def test_token_is_refused_when_forged(forge: Any) -> None:
    tokens = AccessTokens(OneKey(), Clock(NOW))
    token, _ = tokens.issue("worker", "w", timedelta(hours=1))
    claims = jwt.decode(token, options={"verify_signature": False})
    with pytest.raises(TokenInvalidError):
        tokens.verify(forge(token, claims))


def test_token_is_refused_when_any_character_of_its_payload_is_changed() -> None:
    tokens = AccessTokens(OneKey(), Clock(NOW))
    token, _ = tokens.issue("worker", "w", timedelta(hours=1))
    start = token.index(".") + 1
    for place in range(start, token.index(".", start)):
        wrong = "A" if token[place] != "A" else "B"
        with pytest.raises(TokenInvalidError):
            tokens.verify(token[:place] + wrong + token[place + 1 :])


CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.just("daycover") | st.sampled_from(["else", "", 7, None, ["daycover"]]),
        "sub": st.text(max_size=5) | st.sampled_from([7, None]),
        "role": st.sampled_from(["worker", "staff", None]),
        "exp": st.integers(0, 4_000_000_000) | st.none(),
        "iat": st.integers(0, 4_000_000_000) | st.just("soon"),
        "aud": st.sampled_from(["", "us", ["us"]]),
        "nbf": st.integers(0, 4_000_000_000),
        "jti": st.text(max_size=3),
        "staff_roles": st.text(max_size=5),
    },
)
DUE = {"iss": "daycover", "sub": "w", "role": "worker", "exp": int((NOW + timedelta(hours=1)).timestamp())}
GARBAGE = st.text(max_size=12) | st.binary(max_size=12).map(
    lambda data: base64.urlsafe_b64encode(data).decode()
)


def other_verdict(token: str) -> dict[str, Any] | None:
    """What PyJWT says of a token by the rules that we rely on."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            KEY,
            algorithms=["HS256"],
            issuer="daycover",
            options={"require": ["exp", "sub", "role"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.PyJWTError:
        return None
    return claims if claims["exp"] > NOW.timestamp() else None


def verdict(token: str) -> dict[str, Any] | None:
    try:
        return dict(AccessTokens(OneKey(), Clock(NOW)).verify(token))
    except TokenInvalidError:
        return None


@given(CLAIMS)
def test_token_is_judged_as_pyjwt_judges_it_when_signed_with_our_key(claims: dict[str, Any]) -> None:
    for payload in (claims, DUE | claims):
        with suppress(TypeError):  # PyJWT signs no such issuer
            token = jwt.encode(payload, KEY, algorithm="HS256", headers={"kid": KID})
            if not payload.keys() & {"aud", "nbf"}:
                assert verdict(token) == other_verdict(token)
            else:  # we never issue those, and accept them under no condition
                assert verdict(token) is None


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_token_is_the_same_to_pyjwt_when_issued_here(subject: str, more: dict[str, str]) -> None:
    extra = {f"x-{name}": value for name, value in more.items()}
    token, _ = AccessTokens(OneKey(), Clock(NOW)).issue("worker", subject, timedelta(hours=1), **extra)
    assert token == jwt.encode(
        jwt.decode(
            token,
            KEY,
            algorithms=["HS256"],
            issuer="daycover",
            options={"verify_exp": False, "verify_iat": False},
        ),
        KEY,
        algorithm="HS256",
        headers={"kid": KID},
    )
    assert verdict(token) == other_verdict(token)


@given(st.sampled_from([0, 1, 2]), GARBAGE, st.sampled_from([None, "none", "HS512", "RS256", "hs256"]))
def test_token_that_pyjwt_refuses_is_refused_when_a_part_is_exchanged(
    part: int, text: str, algorithm: str | None
) -> None:
    parts = jwt.encode(DUE, KEY, algorithm="HS256", headers={"kid": KID}).split(".")
    parts[part] = text
    if algorithm is not None:
        header = json.dumps({"alg": algorithm, "kid": KID, "typ": "JWT"}).encode()
        parts[0] = base64.urlsafe_b64encode(header).decode()
    for token in (".".join(parts), ".".join(parts[:2]), text, f"{'.'.join(parts)}.{text}"):
        found = verdict(token)
        assert found is None or found == other_verdict(token)


@pytest.mark.parametrize("algorithm", ["none", "HS512", "RS256", "hs256", ""])
def test_token_chooses_no_algorithm_when_signed_with_our_key_all_the_same(algorithm: str) -> None:
    issued = jwt.encode(DUE, KEY, algorithm="HS256", headers={"kid": KID})
    assert verdict(issued) == DUE
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": KID, "typ": "JWT"}).encode())
        .rstrip(b"=")
        .decode()
    )
    signed = f"{header}.{issued.split('.')[1]}"
    digest = hmac.digest(KEY, signed.encode(), "sha256")
    token = f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    assert verdict(token) is other_verdict(token) is None


def test_genuine_payload_is_refused_when_it_is_no_object() -> None:
    tokens = AccessTokens(OneKey(), Clock(NOW))
    header = tokens.issue("worker", "w", timedelta(hours=1))[0].split(".")[0]
    for payload in (b"[]", b"7", b"null", b"{", b"\xff", b""):
        signed = f"{header}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}"
        digest = hmac.digest(KEY, signed.encode(), "sha256")
        token = f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        with pytest.raises(TokenInvalidError):
            tokens.verify(token)


def test_authorizer_answer_hands_strings_over_when_a_token_is_good() -> None:
    claims = {"sub": "s-1", "role": "staff", "staff_roles": "adjuster finance", "exp": 1}
    document = policy_document("arn:aws-cn:execute-api:cn-north-1:1:api/v1/GET/v1/claims", claims)
    assert document["context"] == {"role": "staff", "subject": "s-1", "staff_roles": "adjuster finance"}
    (statement,) = document["policyDocument"]["Statement"]
    assert statement["Resource"] == "arn:aws-cn:execute-api:cn-north-1:1:api/v1/*"


class FakeKeys:
    """Implements `DataKeys`: what the containers of one stack share."""

    def __init__(self) -> None:
        self.wrapped: dict[str, str] = {}
        self.blind = False
        """A container that looked before the other's key stood."""

    def find(self, key_id: str) -> str | None:
        return None if self.blind else self.wrapped.get(key_id)

    def add(self, key_id: str, wrapped: str) -> str:
        return self.wrapped.setdefault(key_id, wrapped)


class Container:
    """One container of the stack: its own ring, on a day that may change."""

    def __init__(self, kms: Any = None, keys: Any = None, day: str = "20261124") -> None:
        self.kms, self.keys, self.day = kms or FakeKms(), keys or FakeKeys(), day
        self.ring = KeyRing(self.kms, "key", self.keys)
        self.cipher = FieldCipher(self.ring, lambda: self.day)

    def beside(self) -> "Container":
        return Container(self.kms, self.keys, self.day)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The container's clock: one number, to be set."""
    at = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


@given(st.text(max_size=200))
def test_field_opens_again_when_bound_to_the_same_item(plain: str) -> None:
    cipher = Container().cipher
    sealed = cipher.seal(plain, "worker-1")
    assert cipher.open(sealed, "worker-1") == plain
    assert not plain or len(plain) < 4 or plain not in sealed


def test_field_does_not_open_when_moved_to_another_item() -> None:
    cipher = Container().cipher
    with pytest.raises(InvalidTag):
        cipher.open(cipher.seal("王小明", "worker-1"), "worker-2")


def test_each_item_has_a_key_of_its_own_when_the_day_s_is_shared() -> None:
    """So that the nonces under one key are those of one item: 2^32 for it, not for 200 million policies a day."""
    one = Container()
    sealed = one.cipher.seal("王小明", "worker-1")
    body = base64.urlsafe_b64decode(sealed.split(".")[2] + "==")
    for key in (one.ring.to_open("20261124"), _derived(one.ring.to_open("20261124"), "worker-2")):
        with pytest.raises(InvalidTag):
            AESGCM(key).decrypt(body[:12], body[12:], b"worker-1")


def test_key_service_is_asked_once_when_one_container_seals_many_fields() -> None:
    one = Container()
    sealed = [one.cipher.seal("x", "a") for _ in range(50)]
    assert len(set(sealed)) == 50
    assert [one.cipher.open(text, "a") for text in sealed] == ["x"] * 50
    assert one.kms.calls == ["GenerateDataKey"]
    other = one.beside()
    assert [other.cipher.open(text, "a") for text in sealed] == ["x"] * 50
    assert other.cipher.seal("y", "b").startswith("2.20261124.")
    assert one.kms.calls == ["GenerateDataKey", "Decrypt"]


def test_loser_of_a_race_seals_with_the_winner_s_key_when_two_make_a_day_s() -> None:
    one = Container()
    late = one.beside()
    late.keys.blind = True
    sealed = one.cipher.seal("x", "a")
    again = late.cipher.seal("x", "a")
    assert one.kms.calls == ["GenerateDataKey", "GenerateDataKey", "Decrypt"]
    assert late.cipher.open(sealed, "a") == one.cipher.open(again, "a") == "x"


def test_new_key_seals_when_the_day_changes_and_the_old_one_still_opens() -> None:
    one = Container()
    sealed = one.cipher.seal("x", "a")
    one.day = "20261125"
    assert one.cipher.seal("x", "a").startswith("2.20261125.")
    assert one.cipher.open(sealed, "a") == "x"


def test_key_is_asked_for_again_when_an_hour_has_passed(seconds: list[float]) -> None:
    one = Container()
    sealed = one.cipher.seal("x", "a")
    seconds[0] += DATA_KEY_SECONDS
    one.cipher.open(sealed, "a")
    assert one.kms.calls == ["GenerateDataKey"]
    seconds[0] += 1
    one.cipher.open(sealed, "a")
    assert one.kms.calls == ["GenerateDataKey", "Decrypt"]


def test_known_key_goes_on_when_the_key_service_is_out_of_reach(seconds: list[float]) -> None:
    one = Container()
    sealed = one.cipher.seal("x", "a")
    one.kms.fails_with = StoreUnavailableError()
    seconds[0] += DATA_KEY_SECONDS + 1
    assert one.cipher.open(sealed, "a") == "x"
    one.day = "20261125"
    during = [one.cipher.seal("y", "a") for _ in range(10)]
    assert all(text.startswith("2.20261124.") for text in during)
    assert len(one.kms.calls) == 3  # in vain, once for each key and minute
    with pytest.raises(StoreUnavailableError):
        one.beside().cipher.seal("y", "a")
    one.kms.fails_with = None
    seconds[0] += OUTAGE_SECONDS + 1
    assert one.cipher.seal("z", "a").startswith("2.20261125.")
    assert one.beside().cipher.open(during[0], "a") == "y"


def test_known_key_does_not_go_on_when_the_key_service_refuses(seconds: list[float]) -> None:
    one = Container()
    sealed = one.cipher.seal("x", "a")
    one.kms.fails_with = AwsError("AccessDeniedException", 400)
    seconds[0] += DATA_KEY_SECONDS + 1
    with pytest.raises(AwsError):
        one.cipher.open(sealed, "a")
    with pytest.raises(AwsError):
        one.cipher.seal("y", "a")
    assert not one.ring._known


def test_container_remembers_a_bounded_number_of_keys() -> None:
    one = Container()
    for day in range(KEYS_KNOWN + 5):
        one.day = f"{20000000 + day}"
        one.cipher.seal("x", "a")
    assert len(one.ring._known) == KEYS_KNOWN


def test_field_that_carries_its_wrapped_key_stays_readable() -> None:
    """The form before 2026-11-29: in tables, exports and backups for years."""
    kms, nonce, key = FakeKms(), b"n" * 12, b"k" * 32
    wrapped = _b64(key[::-1] + b"w")
    body = _b64(nonce + AESGCM(key).encrypt(nonce, "王小明".encode(), b"worker-1"))
    cipher = Container(kms).cipher
    assert [cipher.open(f"1.{wrapped}.{body}", "worker-1") for _ in range(3)] == ["王小明"] * 3
    assert kms.calls == ["Decrypt"]


def test_person_has_one_id_that_does_not_show_the_number_when_indexed() -> None:
    index = BlindIndex(KEY)
    number = an_id_number(order="00X"[:2] + "2")
    assert index.person_id(number) == index.person_id(number.lower())
    assert len(index.person_id(number)) == len(index.worker_id("o")) == 20
    assert set(index.person_id(number)) <= set(crockford.ALPHABET)
    assert index.person_id(number) != BlindIndex(b"j" * 32).person_id(number)
    assert index.person_id("openid:o") != index.worker_id("o")


def test_ids_sort_by_time_and_differ_when_made_at_once() -> None:
    ids = [ulid(NOW + timedelta(milliseconds=step)) for step in range(100)]
    assert ids == sorted(ids)
    assert len({ulid(NOW) for _ in range(1000)}) == 1000
    assert all(len(one) == 26 and crockford.decode(one) < 2**128 for one in ids)


@given(st.integers(0, 2**64 - 1))
def test_number_survives_when_written_and_read_in_base_32(number: int) -> None:
    assert crockford.decode(crockford.encode(number, 13)) == number


@pytest.mark.parametrize("text", ["I", "L", "O", "U", "a", "-", "王"])
def test_character_is_refused_when_outside_the_alphabet(text: str) -> None:
    with pytest.raises(ValueError):
        crockford.decode(text)


def _environ() -> dict[str, str]:
    fields = [field for name, field in Config.__dataclass_fields__.items() if name != "clock_offset_seconds"]
    return {
        field.name.upper(): "7" if field.type in (int, "int") else f"value of {field.name.upper()}"
        for field in fields
    }


def test_configuration_is_complete_when_every_variable_is_set() -> None:
    config = load(_environ())
    assert config.policies_table == "value of POLICIES_TABLE"
    assert config.clock_offset == timedelta(0)
    assert load(_environ() | {"CLOCK_OFFSET_SECONDS": "-3600"}).clock_offset == timedelta(hours=-1)


@pytest.mark.parametrize("name", sorted(_environ()))
def test_missing_variable_is_named_when_not_set(name: str) -> None:
    environ = _environ()
    del environ[name]
    with pytest.raises(ConfigError, match=name):
        load(environ)


def test_unreadable_variable_is_named_without_its_value_when_not_a_number() -> None:
    with pytest.raises(ConfigError, match="CLOCK_OFFSET_SECONDS") as error:
        load(_environ() | {"CLOCK_OFFSET_SECONDS": "soon"})
    assert "soon" not in str(error.value)


def test_clock_is_utc_and_shifted_when_a_test_stack_asks_for_it() -> None:
    now = system_clock(timedelta(days=1))()
    assert now.tzinfo is UTC
    assert timedelta(hours=23) < now - datetime.now(UTC) < timedelta(hours=25)


def test_token_tells_nothing_personal_when_decoded() -> None:
    token, _ = AccessTokens(OneKey(), Clock(NOW)).issue("worker", "w-1", timedelta(hours=1))
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert set(claims) == {"iss", "sub", "role", "iat", "exp"}
