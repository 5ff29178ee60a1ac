"""Tokens and ciphers, and the key that each of them has by purpose. Nothing here is logged."""

import base64
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from daycover import crockford
from daycover.errors import DaycoverError, ErrorKind

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ISSUER = "daycover"
REQUIRED: Mapping[str, type] = {"exp": int, "sub": str, "role": str}
NEVER_OURS = frozenset({"aud", "nbf"})
DATA_KEY_SECONDS = 3600
"""A container remembers a data key in clear for an hour, then KMS is asked again."""
OUTAGE_SECONDS = 60
"""While KMS is out of reach it is asked again once in so long, not by every request."""
KEYS_KNOWN = 1000
"""At once, which bounds the memory of a long-lived container."""


class TokenInvalidError(DaycoverError):
    """The access token is forged, expired or not ours."""


class TokenKeys(Protocol):
    """The keys that access tokens are signed with, by the header of the tokens that each of them signs."""

    def current(self) -> tuple[str, bytes]:
        """Give the header and the key of new tokens."""
        ...

    def find(self, header: str) -> bytes | None:
        """Give the key of a token's header, None for a header that is not ours (any more)."""
        ...


def header_of(key: bytes) -> str:
    """Give the header of every token that the key signs; its `kid` says which key, and nothing about it."""
    kid = _b64(hmac.digest(key, b"kid", "sha256")[:6])
    return _b64(f'{{"alg":"HS256","kid":"{kid}","typ":"JWT"}}'.encode())


class AccessTokens:
    """Issues and verifies our own JWTs (HS256; only sign-in and the authorizer hold the keys)."""

    def __init__(self, keys: TokenKeys, now: Any) -> None:
        self._keys = keys
        self._now = now

    def issue(self, role: str, subject: str, life: timedelta, **claims: Any) -> tuple[str, datetime]:
        """Give a signed token for `subject` in `role`, and when it ends."""
        now: datetime = self._now()
        ends = now + life
        payload = {"iss": ISSUER, "sub": subject, "role": role, "iat": int(now.timestamp())}
        payload |= {"exp": int(ends.timestamp())} | claims
        header, key = self._keys.current()
        signed = f"{header}.{_b64(json.dumps(payload, separators=(',', ':')).encode())}"
        return f"{signed}.{_signature(key, signed)}", ends

    def verify(self, token: str) -> Mapping[str, Any]:
        """Give the claims of a genuine token. Raises TokenInvalidError, StoreUnavailableError.

        The header finds a key of ours by its whole text: no token chooses its own algorithm (RFC 8725, 3.1).
        """
        try:
            claims = self._claims(token)
        except ValueError as error:
            raise TokenInvalidError from error
        if claims.get("iss") != ISSUER or claims.keys() & NEVER_OURS:
            raise TokenInvalidError
        if not all(isinstance(claims.get(name), kind) for name, kind in REQUIRED.items()):
            raise TokenInvalidError
        if claims["exp"] <= self._now().timestamp():
            raise TokenInvalidError
        return claims

    def _claims(self, token: str) -> dict[str, Any]:
        """Read what we signed. Raises TokenInvalidError, ValueError."""
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        key = self._keys.find(header)
        if key is None or not hmac.compare_digest(signature.encode(), _signature(key, signed).encode()):
            raise TokenInvalidError
        claims = json.loads(_unb64(payload))
        if not isinstance(claims, dict):
            raise TokenInvalidError
        return claims


def _signature(key: bytes, signed: str) -> str:
    return _b64(hmac.digest(key, signed.encode(), "sha256"))


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Turns a resident ID number into a person id that only the holder of the key can compute."""

    key: bytes

    def person_id(self, id_number: str) -> str:
        """20 characters (100 bits): the same person has one id across companies and providers."""
        return self._id(id_number.upper().encode())

    def worker_id(self, openid: str) -> str:
        """20 characters (100 bits), one per WeChat account; makes sign-in repeatable without a lookup."""
        return self._id(b"openid:" + openid.encode())

    def account_id(self, account_no: str) -> str:
        """20 characters (100 bits), one per bank account: finds one that pays several people."""
        return self._id(b"account:" + account_no.encode())

    def operator_id(self, identity: str) -> str:
        """20 characters (100 bits), one per person as WeChat or an issuer knows them, in all companies."""
        return self._id(b"operator:" + identity.encode())

    def device_id(self, device: str) -> str:
        """20 characters (100 bits): a phone's own id is not stored."""
        return self._id(b"device:" + device.encode())

    def _id(self, text: bytes) -> str:
        return crockford.of_digest(hmac.digest(self.key, text, "sha256"), 20)


class DataKeys(Protocol):
    """Where the wrapped data keys of periods stand, for ever: an item names the key that seals it."""

    def find(self, key_id: str) -> str | None: ...

    def add(self, key_id: str, wrapped: str) -> str:
        """Store a period's key and give the one that stands, which may be another container's."""
        ...


class KeyRing:
    """The data keys that a container knows in clear: one for each period, made by whoever comes first.

    A key is remembered for `DATA_KEY_SECONDS`, then KMS is asked again. While KMS or the table is out of reach, what is
    known goes on: nothing of it is ever deleted, and an item names its key, so it may well be yesterday's. A refusal
    (a permission withdrawn, a key disabled) is no outage and ends it.
    """

    def __init__(self, client: Any, key_id: str, keys: DataKeys) -> None:
        self._client = client
        self._key_id = key_id
        self._keys = keys
        self._known: dict[str, tuple[float, bytes]] = {}
        self._unwrapped: dict[bytes, bytes] = {}
        self._out_of_reach_until = 0.0

    def to_seal(self, period: str) -> tuple[str, bytes]:
        """Give the id and the clear text of the key of a period, made if there is none.

        Out of reach, the newest known one of the same kind of period (days, years) is given.
        """
        if time.monotonic() < self._out_of_reach_until and (found := self._newest_like(period)):
            return found
        try:
            key = self._find(period)
            return period, self._make(period) if key is None else key
        except DaycoverError as error:
            found = self._newest_like(period)
            if error.kind is not ErrorKind.UNAVAILABLE or found is None:
                raise
            self._out_of_reach_until = time.monotonic() + OUTAGE_SECONDS
            return found

    def to_open(self, period: str) -> bytes:
        """Give the clear text of a key that stands. Raises KeyError without it."""
        key = self._find(period)
        if key is None:
            raise KeyError(period)
        return key

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open the key that a field of the older form carries with it."""
        if wrapped not in self._unwrapped:
            if len(self._unwrapped) >= 1000:  # bound the memory of a long-lived container
                self._unwrapped.clear()
            self._unwrapped[wrapped] = _decrypt(self._client, self._key_id, wrapped)
        return self._unwrapped[wrapped]

    def _newest_like(self, period: str) -> tuple[str, bytes] | None:
        known = [name for name in self._known if len(name) == len(period)]
        return (max(known), self._known[max(known)][1]) if known else None

    def _find(self, period: str) -> bytes | None:
        known = self._known.get(period)
        if known is not None and known[0] >= time.monotonic():
            return known[1]
        self._known.pop(period, None)
        try:
            wrapped = self._keys.find(period)
            return None if wrapped is None else self._remember(period, self._decrypted(wrapped))
        except DaycoverError as error:
            if error.kind is not ErrorKind.UNAVAILABLE or known is None:
                raise
            self._known[period] = (time.monotonic() + OUTAGE_SECONDS, known[1])
            return known[1]

    def _make(self, period: str) -> bytes:
        made = self._client.call("GenerateDataKey", KeyId=self._key_id, KeySpec="AES_256")
        wrapped = _b64(base64.b64decode(made["CiphertextBlob"]))
        stands = self._keys.add(period, wrapped)
        key = base64.b64decode(made["Plaintext"]) if stands == wrapped else self._decrypted(stands)
        return self._remember(period, key)

    def _decrypted(self, wrapped: str) -> bytes:
        return _decrypt(self._client, self._key_id, _unb64(wrapped))

    def _remember(self, period: str, key: bytes) -> bytes:
        if period not in self._known and len(self._known) >= KEYS_KNOWN:
            self._known.pop(min(self._known, key=lambda name: self._known[name][0]))
        self._known[period] = (time.monotonic() + DATA_KEY_SECONDS, key)
        return key


class FieldCipher:
    """Encrypts single fields (AES-256-GCM) with the data key of a period, so that the tables hold no personal data.

    Text form: `2.` id of the key `.` nonce + ciphertext + tag, base64url; `1.` wrapped key `.` the same stays readable.
    The key of a field is derived from the period's and the item's id, which is also the associated data: a ciphertext
    moved to another item does not open, and the nonces of one key are those of one item (docs/decisions/0174).
    """

    def __init__(self, ring: KeyRing, period: Callable[[], str]) -> None:
        self._ring = ring
        self._period = period

    def seal(self, plain: str, bound_to: str) -> str:
        period, key = self._ring.to_seal(self._period())
        nonce = os.urandom(12)
        sealed = nonce + _aes(_derived(key, bound_to)).encrypt(nonce, plain.encode(), bound_to.encode())
        return f"2.{period}.{_b64(sealed)}"

    def open(self, sealed: str, bound_to: str) -> str:
        form, named, body_text = sealed.split(".")
        body = _unb64(body_text)
        key = (
            self._ring.unwrap(_unb64(named)) if form == "1" else _derived(self._ring.to_open(named), bound_to)
        )
        return _aes(key).decrypt(body[:12], body[12:], bound_to.encode()).decode()


class DayKeys(Protocol):
    """Where the wrapped keys of days stand until they are deleted."""

    def find(self, day: str) -> str | None: ...

    def add(self, day: str, wrapped: str) -> str:
        """Store a day's key and give the one that stands, which may be an earlier one."""
        ...


class DayCipher:
    """Seals what must be forgotten on schedule with a key of its day (AES-256-GCM under KMS).

    Deleting the key of a day makes everything sealed on it unreadable, wherever copies of it are. A key is
    remembered for an hour at most, so a container forgets a deleted one within that time.
    """

    def __init__(self, client: Any, key_id: str, keys: DayKeys) -> None:
        self._client = client
        self._key_id = key_id
        self._keys = keys
        self._known: dict[str, tuple[float, bytes]] = {}

    def seal(self, plain: str, bound_to: str, day: str) -> str:
        key = self._key(day)
        if key is None:
            made = self._client.call("GenerateDataKey", KeyId=self._key_id, KeySpec="AES_256")
            key = self._remember(day, self._keys.add(day, _b64(base64.b64decode(made["CiphertextBlob"]))))
        nonce = os.urandom(12)
        return "1." + _b64(nonce + _aes(key).encrypt(nonce, plain.encode(), bound_to.encode()))

    def open(self, sealed: str, bound_to: str, day: str) -> str | None:
        """Give the plain text, or None once the day's key has been deleted."""
        key = self._key(day)
        if key is None:
            return None
        body = _unb64(sealed.split(".")[1])
        return _aes(key).decrypt(body[:12], body[12:], bound_to.encode()).decode()

    def _key(self, day: str) -> bytes | None:
        known = self._known.get(day)
        if known is not None and known[0] >= time.monotonic():
            return known[1]
        wrapped = self._keys.find(day)
        return None if wrapped is None else self._remember(day, wrapped)

    def _remember(self, day: str, wrapped: str) -> bytes:
        key = _decrypt(self._client, self._key_id, _unb64(wrapped))
        self._known = {d: k for d, k in self._known.items() if k[0] >= time.monotonic()}
        self._known[day] = (time.monotonic() + DATA_KEY_SECONDS, key)
        return key


def _derived(key: bytes, bound_to: str) -> bytes:
    """Derive the key of one item's fields (HMAC-SHA-256 as a one-step KDF)."""
    return hmac.digest(key, b"field:" + bound_to.encode(), "sha256")


def _decrypt(client: Any, key_id: str, wrapped: bytes) -> bytes:
    answer = client.call("Decrypt", CiphertextBlob=base64.b64encode(wrapped).decode(), KeyId=key_id)
    return base64.b64decode(answer["Plaintext"])


def _aes(key: bytes) -> "AESGCM":
    # a tenth of boto3's import; whoever only verifies tokens never seals
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
