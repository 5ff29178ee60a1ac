"""What WeChat Pay encrypts: single fields by RSA, the resource of a callback by AES."""

from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

# API v3 prescribes SHA-1 in both places. OAEP does not rest on its collision resistance.
_OAEP = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # nosec B303 # as said above


class SealError(Exception):
    """The ciphertext is malformed, was altered, or belongs to another key."""


def seal_field(text: str, key: RSAPublicKey) -> str:
    """Encrypt a sensitive field (ENC) and give it in Base64. At most 214 bytes of UTF-8 with 2048 bits."""
    return b64encode(key.encrypt(text.encode(), _OAEP)).decode()


def open_resource(*, ciphertext: str, nonce: str, associated_data: str, apiv3_key: str) -> bytes:
    """Decrypt the resource of a callback (AES-256-GCM, the tag is the last 16 bytes). Raises SealError."""
    try:
        sealed = b64decode(ciphertext, validate=True)
        return AESGCM(apiv3_key.encode()).decrypt(nonce.encode(), sealed, associated_data.encode())
    except (InvalidTag, ValueError):
        raise SealError from None
