"""The signature under every message to and from the insurer: HMAC-SHA-256 over what must not change."""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

HEADER = "Insurer-Signature"
SCHEME = "DAYCOVER-HMAC-SHA256"
WINDOW_SECONDS = 300
"""A message of this age, or this far ahead, is no longer taken."""
_PARTS = re.compile(r'([a-z_]+)="([^"]*)"')


def _public_key(pem: object) -> object:
    try:
        return load_pem_public_key(str(pem).encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a PEM public key") from None


class InsurerCredentials(BaseModel, defer_build=True):
    """What both sides know. `key`: at least 32 characters, agreed on paper and kept in the secret store.

    `sealing_key`: the insurer's public RSA key, for the identities of the insured; `sealing_key_id` names it.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)

    key_id: str = Field(min_length=1)
    key: str = Field(min_length=32, repr=False)
    sealing_key_id: str = Field(min_length=1)
    sealing_key: Annotated[RSAPublicKey, BeforeValidator(_public_key), Field(repr=False)]


class InsurerSignatureError(Exception):
    """The message is not proven to come from the other side; the only argument says why."""


def sign(
    credentials: InsurerCredentials, *, method: str, target: str, body: bytes, now: datetime, nonce: str
) -> str:
    """Give the value of the header. `target`: path and query as sent; `body`: the bytes as sent."""
    timestamp = str(int(now.timestamp()))
    signature = b64encode(_digest(credentials, f"{method}\n{target}", timestamp, nonce, body)).decode()
    return (
        f'{SCHEME} key_id="{credentials.key_id}",timestamp="{timestamp}",nonce="{nonce}",'
        f'signature="{signature}"'
    )


def verify(
    credentials: InsurerCredentials,
    headers: Mapping[str, str],
    *,
    method: str,
    target: str,
    body: bytes,
    now: datetime,
) -> None:
    """Check that a message was signed with our common key within the last five minutes.

    An answer is signed under the method and path of its request. Raises InsurerSignatureError.
    """
    value = next((text for name, text in headers.items() if name.lower() == HEADER.lower()), "")
    scheme, _, rest = value.partition(" ")
    parts = dict(_PARTS.findall(rest))
    if scheme != SCHEME or not {"key_id", "timestamp", "nonce", "signature"} <= parts.keys():
        raise InsurerSignatureError("MISSING")
    if parts["key_id"] != credentials.key_id:
        raise InsurerSignatureError("UNKNOWN_KEY")
    if not _within_window(parts["timestamp"], now):
        raise InsurerSignatureError("STALE")
    try:
        wanted = _digest(credentials, f"{method}\n{target}", parts["timestamp"], parts["nonce"], body)
        found = b64decode(parts["signature"], validate=True)
    except ValueError:
        raise InsurerSignatureError("WRONG") from None
    if not hmac.compare_digest(wanted, found):
        raise InsurerSignatureError("WRONG")


def _digest(credentials: InsurerCredentials, head: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    # the body's hash, not the body: no body can be mistaken for a longer head
    text = f"{head}\n{timestamp}\n{nonce}\n{sha256(body).hexdigest()}\n"
    return hmac.digest(credentials.key.encode(), text.encode(), "sha256")


def _within_window(timestamp: str, now: datetime) -> bool:
    try:
        return abs(now.timestamp() - int(timestamp)) < WINDOW_SECONDS
    except (ValueError, OverflowError):
        return False
