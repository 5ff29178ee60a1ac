"""The policy certificate (保险凭证): a short signed statement of one policy that anybody can verify offline.

A compact JWS (RFC 7515, EdDSA with Ed25519 by RFC 8037) whose claims are those of a JWT: `sub` policy
number, `nbf` and `exp` the period, `iat` the instant of issue, `pln` plan and version, `sum` the sum insured
in fen, `nam` the masked name. So any JWT library that holds the published keys tells genuine from forged
by the signature, and in force by `nbf` and `exp`. Whether the policy was voided since, only we can say.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, Field

from daycover.cover.period import Period
from daycover.cover.policy import Policy

KEY_ID_LENGTH = 8
"""48 bits tell our few keys apart; they protect nothing, the key itself is what verifies."""
MAXIMUM_LENGTH = 600
"""Twice what a certificate of ours needs; longer ones are not even decoded."""
MASKED_LENGTH = 4
"""Characters of a masked name (欧***). A document may hold 50, each a byte and a third of a code that must scan."""


class CertificateVerdict(StrEnum):
    """What the signature says. Whether the policy is in force is another question."""

    GENUINE = "GENUINE"
    FORGED = "FORGED"
    UNKNOWN_KEY = "UNKNOWN_KEY"


class PublicKey(BaseModel, frozen=True, defer_build=True):
    """One published key: `x` is the Ed25519 public key in base64url, as in its JWK."""

    key_id: str
    x: str

    @classmethod
    def of(cls, x: str) -> "PublicKey":
        """Name a key by itself: the beginning of its JWK thumbprint (RFC 7638)."""
        jwk = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
        return cls(key_id=_text(hashlib.sha256(jwk.encode()).digest())[:KEY_ID_LENGTH], x=x)


class SigningKey(Protocol):
    """The private key that signs today; `x` is its public key in base64url."""

    @property
    def x(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


class CertificateKeys(Protocol):
    """Every public key that ever signed a certificate. Grows only."""

    def find(self, key_id: str) -> PublicKey | None: ...

    def list_all(self) -> Sequence[PublicKey]: ...

    def publish(self, key: PublicKey) -> None:
        """Make sure that the key is known before it signs. Repeating it changes nothing."""
        ...


VerifySignature = Callable[[str, bytes, bytes], bool]
"""Whether (public key `x`, signature, message) belong together."""


def certificate_link(public_url: str, credential: str) -> str:
    """Give the HTTPS link that a certificate's QR code holds."""
    return f"{public_url.rstrip('/')}/c/{credential}"


def short_name(masked: str) -> str:
    """Cut a masked name to its first four characters; which name it stands for shows in the first."""
    return masked[:MASKED_LENGTH]


class Certificate(BaseModel, frozen=True, defer_build=True):
    """What a certificate states. Of a person it holds the masked name only; instants in UTC, money in fen.

    The name is the short one wherever it comes from, so that paper, code and verification say the same.
    """

    policy_no: str
    plan_id: str
    plan_version: str
    sum_insured_fen: int
    insured_name: Annotated[str, AfterValidator(short_name)]
    period: Period
    issued_at: datetime

    @classmethod
    def of(cls, policy: Policy) -> "Certificate":
        return cls(**{name: getattr(policy, name) for name in cls.model_fields})


@dataclass(frozen=True, slots=True)
class CertificateReading:
    """The outcome of reading a credential; `certificate` is there only when it is genuine."""

    verdict: CertificateVerdict
    certificate: Certificate | None = None


class _Header(BaseModel, extra="forbid", strict=True, defer_build=True):
    alg: str = Field(pattern="^EdDSA$")
    kid: str = Field(pattern=r"^[A-Za-z0-9_-]{8}$")


class _Claims(BaseModel, extra="forbid", defer_build=True):
    sub: str
    nbf: float
    exp: float
    iat: float
    pln: str = Field(pattern="^[^@]+@[^@]+$")
    sum: int
    nam: str


def write(certificate: Certificate, key: SigningKey) -> str:
    """Sign a certificate. The same policy and key always give the same text (Ed25519 is deterministic)."""
    header = {"alg": "EdDSA", "kid": PublicKey.of(key.x).key_id}
    claims = {
        "sub": certificate.policy_no,
        "nbf": _numeric_date(certificate.period.start),
        "exp": _numeric_date(certificate.period.end),
        "iat": _numeric_date(certificate.issued_at),
        "pln": f"{certificate.plan_id}@{certificate.plan_version}",
        "sum": certificate.sum_insured_fen,
        "nam": certificate.insured_name,
    }
    signed = ".".join(_text(_json(part)) for part in (header, claims))
    return f"{signed}.{_text(key.sign(signed.encode()))}"


def read(
    credential: str, find_key: Callable[[str], PublicKey | None], verify_signature: VerifySignature
) -> CertificateReading:
    """Verify a credential with published keys; needs neither a secret nor the policy."""
    if len(credential) > MAXIMUM_LENGTH or not credential.isascii():
        return CertificateReading(CertificateVerdict.FORGED)
    signed, _, signature = credential.rpartition(".")
    header, _, claims = signed.partition(".")
    try:
        key_id = _Header.model_validate_json(_bytes(header)).kid
        proof = _bytes(signature)
    except ValueError:  # base64, UTF-8, JSON and validation errors alike
        return CertificateReading(CertificateVerdict.FORGED)
    key = find_key(key_id)
    if key is None:
        return CertificateReading(CertificateVerdict.UNKNOWN_KEY)
    if not verify_signature(key.x, proof, signed.encode()):
        return CertificateReading(CertificateVerdict.FORGED)
    try:
        return CertificateReading(
            CertificateVerdict.GENUINE, _certificate(_Claims.model_validate_json(_bytes(claims)))
        )
    except (ValueError, OverflowError):  # signed by us, but something else than a certificate
        return CertificateReading(CertificateVerdict.FORGED)


def _certificate(claims: _Claims) -> Certificate:
    plan_id, plan_version = claims.pln.split("@")
    return Certificate(
        policy_no=claims.sub,
        plan_id=plan_id,
        plan_version=plan_version,
        sum_insured_fen=claims.sum,
        insured_name=claims.nam,
        period=Period(start=_instant(claims.nbf), end=_instant(claims.exp)),
        issued_at=_instant(claims.iat),
    )


def _numeric_date(instant: datetime) -> int | float:
    """Seconds since 1970, with the fraction that RFC 7519 allows: a rounded edge would shift the cover."""
    seconds = instant.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _instant(numeric_date: float) -> datetime:
    return datetime.fromtimestamp(numeric_date, UTC)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Read base64url in its one canonical form; readers of base64 take several. Raises ValueError."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(raw) != text:
        raise ValueError
    return raw
