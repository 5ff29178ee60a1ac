"""Ed25519 signatures for what others must be able to verify. Raw keys travel as base64url, as in a JWK."""

import base64


class Ed25519Key:
    """A private key made of a 32-byte seed; `x` is its public key."""

    def __init__(self, seed: bytes) -> None:
        # a tenth of boto3's import, for the two routes of certificates alone
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.x = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).rstrip(b"=").decode()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def verify_ed25519(x: str, signature: bytes, message: bytes) -> bool:
    """Whether the owner of the public key `x` signed the message."""
    # a tenth of boto3's import, for the two routes of certificates alone
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    # comes with it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "=" * (-len(x) % 4)))
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
