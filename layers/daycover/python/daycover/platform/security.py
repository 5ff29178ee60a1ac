"""Keys, tokens and ciphers. Secrets are read once per container; nothing here is logged."""

import base64
import hmac
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from daycover import crockford
from daycover.errors import DaycoverError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ISSUER = "daycover"
HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
"""Of every token of ours."""
REQUIRED: Mapping[str, type] = {"exp": int, "sub": str, "role": str}
NEVER_OURS = frozenset({"aud", "nbf"})
DATA_KEY_SECONDS = 3600
"""A KMS data key encrypts for an hour of one container's life, then a new one is asked for."""


class TokenInvalidError(DaycoverError):
    """The access token is forged, expired or not ours."""


class SecretReader:
    """Reads Secrets Manager secrets, each once per container."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._values: dict[str, str] = {}

    def text(self, secret_id: str) -> str:
        if secret_id not in self._values:
            self._values[secret_id] = self._client.call("GetSecretValue", SecretId=secret_id)["SecretString"]
        return self._values[secret_id]

    def key(self, secret_id: str, purpose: str) -> bytes:
        """Derive the 32-byte key of one purpose from a secret (HMAC-SHA-256 as a one-step KDF)."""
        return hmac.digest(self.text(secret_id).encode(), purpose.encode(), "sha256")


class AccessTokens:
    """Issues and verifies our own JWTs (HS256; only sign-in and the authorizer hold the key)."""

    def __init__(self, key: bytes, now: Any) -> None:
        self._key = key
        self._now = now

    def issue(self, role: str, subject: str, life: timedelta, **claims: Any) -> tuple[str, datetime]:
        """Give a signed token for `subject` in `role`, and when it ends."""
        now: datetime = self._now()
        ends = now + life
        payload = {"iss": ISSUER, "sub": subject, "role": role, "iat": int(now.timestamp())}
        payload |= {"exp": int(ends.timestamp())} | claims
        signed = f"{HEADER}.{_b64(json.dumps(payload, separators=(',', ':')).encode())}"
        return f"{signed}.{self._signature(signed)}", ends

    def verify(self, token: str) -> Mapping[str, Any]:
        """Give the claims of a genuine token. Raises TokenInvalidError.

        The header is compared, not read: no token chooses its own algorithm (RFC 8725, 3.1).
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
        if header != HEADER or not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            raise TokenInvalidError
        claims = json.loads(_unb64(payload))
        if not isinstance(claims, dict):
            raise TokenInvalidError
        return claims

    def _signature(self, signed: str) -> str:
        return _b64(hmac.digest(self._key, signed.encode(), "sha256"))


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Turns a resident ID number into a person id that only the holder of the key can compute."""

    key: bytes

    def person_id(self, id_number: str) -> str:
        """20 characters (100 bits): the same person has one id across companies and providers."""
        digest = hmac.digest(self.key, id_number.upper().encode(), "sha256")
        return crockford.of_digest(digest, 20)

    def worker_id(self, openid: str) -> str:
        """20 characters (100 bits), one per WeChat account; makes sign-in repeatable without a lookup."""
        digest = hmac.digest(self.key, b"openid:" + openid.encode(), "sha256")
        return crockford.of_digest(digest, 20)

    def account_id(self, account_no: str) -> str:
        """20 characters (100 bits), one per bank account: finds one that pays several people."""
        digest = hmac.digest(self.key, b"account:" + account_no.encode(), "sha256")
        return crockford.of_digest(digest, 20)

    def operator_id(self, identity: str) -> str:
        """20 characters (100 bits), one per person as WeChat or an issuer knows them, in all companies."""
        digest = hmac.digest(self.key, b"operator:" + identity.encode(), "sha256")
        return crockford.of_digest(digest, 20)

    def device_id(self, device: str) -> str:
        """20 characters (100 bits): a phone's own id is not stored."""
        digest = hmac.digest(self.key, b"device:" + device.encode(), "sha256")
        return crockford.of_digest(digest, 20)


class FieldCipher:
    """Encrypts single fields with KMS data keys (AES-256-GCM), so that the tables hold no personal data.

    Text form: `1.` wrapped key `.` nonce + ciphertext + tag, each base64url. The item's id is bound in as
    associated data: a ciphertext moved to another item does not open.
    """

    def __init__(self, client: Any, key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self._current: tuple[float, bytes, bytes] | None = None
        self._unwrapped: dict[bytes, bytes] = {}

    def seal(self, plain: str, bound_to: str) -> str:
        wrapped, key = self._data_key()
        nonce = os.urandom(12)
        sealed = nonce + _aes(key).encrypt(nonce, plain.encode(), bound_to.encode())
        return f"1.{_b64(wrapped)}.{_b64(sealed)}"

    def open(self, sealed: str, bound_to: str) -> str:
        _, wrapped_text, body_text = sealed.split(".")
        body = _unb64(body_text)
        key = self._unwrap(_unb64(wrapped_text))
        return _aes(key).decrypt(body[:12], body[12:], bound_to.encode()).decode()

    def _data_key(self) -> tuple[bytes, bytes]:
        if self._current is None or self._current[0] < time.monotonic():
            made = self._client.call("GenerateDataKey", KeyId=self._key_id, KeySpec="AES_256")
            wrapped, key = (base64.b64decode(made[name]) for name in ("CiphertextBlob", "Plaintext"))
            self._current = (time.monotonic() + DATA_KEY_SECONDS, wrapped, key)
            self._unwrapped[wrapped] = key
        return self._current[1], self._current[2]

    def _unwrap(self, wrapped: bytes) -> bytes:
        if wrapped not in self._unwrapped:
            if len(self._unwrapped) >= 1000:  # bound the memory of a long-lived container
                self._unwrapped.clear()
            self._unwrapped[wrapped] = _decrypt(self._client, self._key_id, wrapped)
        return self._unwrapped[wrapped]


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
