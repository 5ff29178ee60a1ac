"""Key material of the simulated world, made once and kept in a state directory.

`merchant.json` is what the product reads from its secret store. The private half of WeChat Pay's key and
the OIDC signing key stand in files of their own, which the product never sees.
"""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

MERCHANT_FILE = "merchant.json"
PLATFORM_FILE = "wechat_pay_platform.json"
OIDC_KEY_FILE = "oidc_signing_key.pem"
BANK_FILE = "bank.json"
INSURER_FILE = "insurer.json"
INSURER_SEALING_FILE = "insurer_sealing.pem"
BILLS_FILE = "bill_platforms.json"

MCHID = "1900000109"
PRODUCT_FILING_NO = "(备-普通意外保险)[2026](主)001号"
PRODUCT_NAME = "日结保灵工意外险"


@dataclass(frozen=True)
class Credentials:
    """Everything that the two sides of WeChat Pay and of the mini program know."""

    mchid: str
    appid: str
    app_secret: str
    serial_no: str
    merchant_key: RSAPrivateKey
    apiv3_key: str
    public_key_id: str
    platform_key: RSAPrivateKey
    product_filing_no: str
    product_name: str

    def merchant_json(self) -> dict[str, Any]:
        """Return the merchant's own secrets in the shape that the product reads."""
        return {
            "mchid": self.mchid,
            "appid": self.appid,
            "app_secret": self.app_secret,
            "serial_no": self.serial_no,
            "private_key": private_pem(self.merchant_key),
            "apiv3_key": self.apiv3_key,
            "wechatpay_public_keys": {self.public_key_id: public_pem(self.platform_key.public_key())},
            "product_filing_no": self.product_filing_no,
            "product_name": self.product_name,
        }


def make_credentials() -> Credentials:
    """Make fresh key material in memory."""
    letters = string.ascii_letters + string.digits
    return Credentials(
        mchid=MCHID,
        appid="wx" + secrets.token_hex(8),
        app_secret=secrets.token_hex(16),
        serial_no=secrets.token_hex(20).upper(),
        merchant_key=make_key(),
        apiv3_key="".join(secrets.choice(letters) for _ in range(32)),
        public_key_id="PUB_KEY_ID_" + MCHID + secrets.token_hex(12).upper(),
        platform_key=make_key(),
        product_filing_no=PRODUCT_FILING_NO,
        product_name=PRODUCT_NAME,
    )


def load_or_make_credentials(state_dir: Path) -> Credentials:
    """Load the key material of `state_dir`, or make and write it when there is none."""
    merchant_file, platform_file = state_dir / MERCHANT_FILE, state_dir / PLATFORM_FILE
    if merchant_file.exists() and platform_file.exists():
        return _load(json.loads(merchant_file.read_text()), json.loads(platform_file.read_text()))
    credentials = make_credentials()
    platform = {
        "public_key_id": credentials.public_key_id,
        "private_key": private_pem(credentials.platform_key),
    }
    write_private(platform_file, json.dumps(platform, indent=2))
    write_private(merchant_file, json.dumps(credentials.merchant_json(), ensure_ascii=False, indent=2))
    return credentials


@dataclass(frozen=True)
class BankKeys:
    """What the two sides of the bank know; `bank.json` is what the product reads from its secret store."""

    client_id: str
    secret: str
    debit_account: str


def load_or_make_bank_keys(state_dir: Path) -> BankKeys:
    """Load the bank's shared secret of `state_dir`, or make and write it."""
    bank_file = state_dir / BANK_FILE
    if bank_file.exists():
        return BankKeys(**json.loads(bank_file.read_text()))
    keys = BankKeys("DAYCOVER", secrets.token_hex(32), "6217000010001234567")
    write_private(bank_file, json.dumps(asdict(keys), indent=2))
    return keys


def make_key() -> RSAPrivateKey:
    """Make an RSA-2048 key."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class InsurerKeys:
    """What the two sides know; `insurer.json` is what the product reads from its secret store.

    The private half of the sealing key stands in a file of its own, which the product never sees.
    """

    key_id: str
    key: str
    sealing_key: RSAPrivateKey = field(default_factory=make_key, repr=False)
    sealing_key_id: str = "INSURER-SEAL-1"

    def product_json(self) -> dict[str, str]:
        """Return the insurer's secret in the shape that the product reads."""
        return {
            "key_id": self.key_id,
            "key": self.key,
            "sealing_key_id": self.sealing_key_id,
            "sealing_key": public_pem(self.sealing_key.public_key()),
        }


def load_or_make_insurer_keys(state_dir: Path) -> InsurerKeys:
    """Load the insurer's common key of `state_dir`, or make and write it."""
    insurer_file, sealing_file = state_dir / INSURER_FILE, state_dir / INSURER_SEALING_FILE
    if insurer_file.exists() and sealing_file.exists():
        known = json.loads(insurer_file.read_text())
        return InsurerKeys(known["key_id"], known["key"], read_private_pem(sealing_file.read_text()))
    keys = InsurerKeys("DAYCOVER-1", secrets.token_hex(32))
    write_private(sealing_file, private_pem(keys.sealing_key))
    write_private(insurer_file, json.dumps(keys.product_json(), indent=2))
    return keys


@dataclass(frozen=True)
class PlatformKeys:
    """What one bill platform and we know."""

    app_id: str
    key: str


@dataclass(frozen=True)
class BillKeys:
    """Both platforms' keys; `bill_platforms.json` is what the product reads from its secret store."""

    fiscal: PlatformKeys
    tax: PlatformKeys


def load_or_make_bill_keys(state_dir: Path) -> BillKeys:
    """Load the bill platforms' keys of `state_dir`, or make and write them."""
    bills_file = state_dir / BILLS_FILE
    if bills_file.exists():
        known = json.loads(bills_file.read_text())
        return BillKeys(PlatformKeys(**known["fiscal"]), PlatformKeys(**known["tax"]))
    keys = BillKeys(
        PlatformKeys("FIS-DAYCOVER", secrets.token_hex(32)),
        PlatformKeys("TAX-DAYCOVER", secrets.token_hex(32)),
    )
    write_private(bills_file, json.dumps(asdict(keys), indent=2))
    return keys


def load_or_make_oidc_key(state_dir: Path) -> RSAPrivateKey:
    """Load the OIDC signing key of `state_dir`, or make and write one."""
    key_file = state_dir / OIDC_KEY_FILE
    if key_file.exists():
        return read_private_pem(key_file.read_text())
    key = make_key()
    write_private(key_file, private_pem(key))
    return key


def private_pem(key: RSAPrivateKey) -> str:
    """Return the key as unencrypted PKCS8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_pem(key: RSAPublicKey) -> str:
    """Return the key as SubjectPublicKeyInfo PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def read_private_pem(pem: str) -> RSAPrivateKey:
    """Read an RSA private key; raises ValueError for any other kind."""
    key = serialization.load_pem_private_key(
        pem.encode(),
        password=None,
        unsafe_skip_rsa_key_validation=True,  # we wrote it; validating costs more than starting a server
    )
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("an RSA key is expected")
    return key


def write_private(path: Path, text: str) -> None:
    """Write a file that only the owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def _load(merchant: dict[str, Any], platform: dict[str, Any]) -> Credentials:
    return Credentials(
        mchid=merchant["mchid"],
        appid=merchant["appid"],
        app_secret=merchant["app_secret"],
        serial_no=merchant["serial_no"],
        merchant_key=read_private_pem(merchant["private_key"]),
        apiv3_key=merchant["apiv3_key"],
        public_key_id=platform["public_key_id"],
        platform_key=read_private_pem(platform["private_key"]),
        product_filing_no=merchant["product_filing_no"],
        product_name=merchant["product_name"],
    )
