"""Identities sealed for the insurer: JWE in compact form (RFC 7516), RSA-OAEP-256 and A256GCM (RFC 7518).

The protected header names the key and what the text belongs to, and GCM authenticates it: a sealed identity that is
moved to another row does not open as that row's. Whole messages are signed besides (`insurer/signature.py`).
"""

import json
import os
from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from daycover.insurer.signature import InsurerCredentials

_OAEP = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
TAG_BYTES, NONCE_BYTES = 16, 12


class SealForInsurer:
    """Implements `reporting.naming.Seal`; every text has a key and a nonce of its own."""

    def __init__(self, credentials: InsurerCredentials) -> None:
        self._credentials = credentials

    def __call__(self, plain: str, bound_to: str) -> str:
        """Encrypt for the insurer's key; `bound_to` stands in the header as `row_id`."""
        header = {
            "alg": "RSA-OAEP-256",
            "enc": "A256GCM",
            "kid": self._credentials.sealing_key_id,
            "row_id": bound_to,
        }
        protected = _b64(json.dumps(header, separators=(",", ":")).encode())
        key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(NONCE_BYTES)
        wrapped = self._credentials.sealing_key.encrypt(key, _OAEP)
        sealed = AESGCM(key).encrypt(nonce, plain.encode(), protected.encode())
        parts = (wrapped, nonce, sealed[:-TAG_BYTES], sealed[-TAG_BYTES:])
        return ".".join([protected, *map(_b64, parts)])


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
