"""KMS in memory: data keys, sealed by a key that only this module knows, so that a wrong context or key opens nothing.

Sources: the API reference of GenerateDataKey and Decrypt.
"""

import hashlib
import json
import random
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.simulation.aws.service import Service, refusal

ARN = "arn:aws:kms:us-east-1:000000000000:key/"
NONCE = 12
_MARK = 32
"""Bytes that say which key sealed a ciphertext; KMS, too, finds the key by the ciphertext."""


class Keys(Service):
    """The service. Bytes come from `luck`: the same seed makes the same keys."""

    def __init__(self, luck: random.Random) -> None:
        self._luck = luck
        self._usable: dict[str, bool] = {}

    def create(self, key_id: str) -> str:
        """Create a symmetric key; gives its ARN."""
        self._usable[key_id] = True
        return ARN + key_id

    def disable(self, key_id: str) -> None:
        self._usable[key_id] = False

    def enable(self, key_id: str) -> None:
        self._usable[key_id] = True

    def GenerateDataKey(
        self, KeyId: str, KeySpec: str, EncryptionContext: Mapping[str, str] | None = None
    ) -> Any:
        if KeySpec != "AES_256":
            raise NotImplementedError(f"GenerateDataKey: {KeySpec}")
        key_id = self._key(KeyId, "GenerateDataKey")
        plain, nonce = self._luck.randbytes(32), self._luck.randbytes(NONCE)
        sealed = _cipher(key_id).encrypt(nonce, plain, _context(EncryptionContext))
        return {
            "CiphertextBlob": b64encode(_mark(key_id) + nonce + sealed).decode(),
            "Plaintext": b64encode(plain).decode(),
            "KeyId": ARN + key_id,
        }

    def Decrypt(
        self,
        CiphertextBlob: str,
        KeyId: str | None = None,
        EncryptionContext: Mapping[str, str] | None = None,
    ) -> Any:
        blob = b64decode(CiphertextBlob)
        mark, nonce, sealed = blob[:_MARK], blob[_MARK : _MARK + NONCE], blob[_MARK + NONCE :]
        sealer = next((key_id for key_id in self._usable if _mark(key_id) == mark), None)
        if sealer is None:
            raise refusal("InvalidCiphertextException", "Decrypt")
        if KeyId is not None and self._key(KeyId, "Decrypt") != sealer:
            raise refusal("IncorrectKeyException", "Decrypt")
        self._key(sealer, "Decrypt")
        try:
            plain = _cipher(sealer).decrypt(nonce, sealed, _context(EncryptionContext))
        except (InvalidTag, ValueError) as error:
            raise refusal("InvalidCiphertextException", "Decrypt") from error
        return {"Plaintext": b64encode(plain).decode(), "KeyId": ARN + sealer}

    def _key(self, key_id: str, operation: str) -> str:
        known = key_id.removeprefix(ARN)
        if known not in self._usable:
            raise refusal("NotFoundException", operation)
        if not self._usable[known]:
            raise refusal("DisabledException", operation)
        return known


def _mark(key_id: str) -> bytes:
    return hashlib.sha256(b"key " + key_id.encode()).digest()


def _cipher(key_id: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"material " + key_id.encode()).digest())


def _context(context: Mapping[str, str] | None) -> bytes:
    return json.dumps(dict(context or {}), sort_keys=True).encode()
