"""WeChat Pay API v3 signatures: signing our requests, checking answers and callbacks. Pure functions."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from daycover.wechat.credentials import MerchantCredentials

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW_SECONDS = 300
"""A signature of this age, or this far ahead, is no longer taken (both official SDKs)."""
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
"""WeChat sends wrong signatures on purpose, marked so; refuse them like any other, but raise no alarm."""


class SignatureFault(StrEnum):
    MISSING = "MISSING"
    PROBE = "PROBE"
    STALE = "STALE"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    WRONG = "WRONG"


class SignatureError(Exception):
    """The message is not proven to come from WeChat; `fault` says why."""

    def __init__(self, fault: SignatureFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def authorization(
    credentials: MerchantCredentials, *, method: str, target: str, body: bytes, now: datetime, nonce: str
) -> str:
    """Give the `Authorization` header of a request.

    `target`: path and query exactly as sent, without the host. `body`: the bytes as sent, empty for GET.
    WeChat refuses a time that is 5 minutes off, so `now` must be the true time.
    """
    timestamp = int(now.timestamp())
    head = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode()
    signature = b64encode(credentials.private_key.sign(head + body + b"\n", PKCS1v15(), SHA256())).decode()
    return (
        f'{SCHEME} mchid="{credentials.mchid}",nonce_str="{nonce}",timestamp="{timestamp}",'
        f'serial_no="{credentials.serial_no}",signature="{signature}"'
    )


def verify(
    headers: Mapping[str, str], body: bytes, *, keys: Mapping[str, RSAPublicKey], now: datetime
) -> None:
    """Check that an answer or a callback was signed by WeChat within the last 5 minutes.

    `headers`: names in any case. `body`: the raw bytes, before any decoding. `keys`: by `Wechatpay-Serial`.
    Raises SignatureError. Call it for 2xx answers and callbacks; other answers need not be signed.
    """
    named = {name.lower(): value for name, value in headers.items()}
    signature = named.get("wechatpay-signature")
    if not signature:
        raise SignatureError(SignatureFault.MISSING)
    if signature.startswith(PROBE_PREFIX):
        raise SignatureError(SignatureFault.PROBE)
    timestamp, nonce = named.get("wechatpay-timestamp", ""), named.get("wechatpay-nonce", "")
    if not _within_window(timestamp, now):
        raise SignatureError(SignatureFault.STALE)
    key = keys.get(named.get("wechatpay-serial", ""))
    if key is None:
        raise SignatureError(SignatureFault.UNKNOWN_KEY)
    if named.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise SignatureError(SignatureFault.WRONG)
    try:
        signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        key.verify(b64decode(signature, validate=True), signed, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        raise SignatureError(SignatureFault.WRONG) from None


def _within_window(timestamp: str, now: datetime) -> bool:
    try:
        return abs(now.timestamp() - int(timestamp)) < WINDOW_SECONDS
    except (ValueError, OverflowError):
        return False
