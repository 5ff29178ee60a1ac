"""A service provider and its two RSA keys, made for these tests and for nothing else.

The keys stand here as their primes, so that signatures made once with OpenSSL stay valid vectors and no
file looks like a leaked key.
"""

import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from daycover.wechat.credentials import MerchantCredentials

MERCHANT_P = (
    "d061f2e52fe3779576d747eb0825246d4e2901e731b7373b7b60df82d0bbfb04c2ac6c881f4f8985c0affdf723f28b9fad0f"
    "0b30e88928ffb06406dc5ac825f887c3d9590be5992fe5903b09c9aef936f404e2f8757373aa0112d6ed37b540ef83ec7b47"
    "ccecb9b188b92e6d9d56e7e4095fcbe1f2ab6855df273e55a47f9107"
)
MERCHANT_Q = (
    "bfee05c5948260f6ebd2707c4a74254c9e1ec2ff1a4c5a3871960f9991d97725d74f27a845e0cd792db2d97349fa42d1970b"
    "c11eaba18d0aec9756d0b2e23ed435bdea610d86ecc0dc8b2d6eb0926067e3a0ed2d251d02e1b7745f001c582fd6cfda04bf"
    "78d412a6efd3be1342c3d908c92865cf2d1b19488dfca26cdda30a4d"
)
WECHAT_P = (
    "f5cfc71f0014bf1022740f0b30372dd5e7ed264c0b3493fa02813aeb1609e9482b888579efa0b57daedae44395f9b504fe42"
    "48e4736fd0cae4a50ad2326551e0ea688edd07d83f11ad261f344cfd46a0281d51bf0494b3953350501a0c5d5894b8b447ba"
    "6f8b4eed1264aed443feee2a0e6cf9922f8a2dd9664f898c14c214f3"
)
WECHAT_Q = (
    "dc22794038d4e4ce72d28e5873d3a937070f1c647437c4d3dde5d37e9c939f9113db766712bbae59502ae68eaeb245515e24"
    "5eb0dd1fa54d6fb4eaaf8f70fba7660e69c23bbe104dae1f76956af7f6be72d7191322d422f3b33b5af008713e1ecdeb46cd"
    "93c9dd880010f4d7abe772c42e72f9c7f39996cb78d610d380c6fac1"
)
EXPONENT = 65537

NOW = datetime.fromtimestamp(1_780_000_000, UTC)
MCHID = "1900000001"
APPID = "wx00000000000000aa"
APP_SECRET = "mini-program-secret"
SERIAL_NO = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
KEY_ID = "PUB_KEY_ID_0119000000012026010100000001"
NEXT_KEY_ID = "PUB_KEY_ID_0119000000012026010100000002"
APIV3_KEY = "0123456789abcdefghijklmnopqrstuv"


def _key(p_hex: str, q_hex: str) -> RSAPrivateKey:
    p, q = int(p_hex, 16), int(q_hex, 16)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    return RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(EXPONENT, p * q),
    ).private_key()


MERCHANT_KEY = _key(MERCHANT_P, MERCHANT_Q)
WECHAT_KEY = _key(WECHAT_P, WECHAT_Q)


def private_pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def a_secret(**changes: object) -> dict[str, object]:
    secret: dict[str, object] = {
        "mchid": MCHID,
        "appid": APPID,
        "app_secret": APP_SECRET,
        "serial_no": SERIAL_NO,
        "private_key": private_pem(MERCHANT_KEY),
        "apiv3_key": APIV3_KEY,
        "wechatpay_public_keys": {KEY_ID: public_pem(WECHAT_KEY), NEXT_KEY_ID: public_pem(MERCHANT_KEY)},
        "product_filing_no": "C00001732612026010100001",
        "product_name": "日结保意外险",
    }
    return secret | changes


def the_merchant() -> MerchantCredentials:
    return MerchantCredentials.model_validate_json(json.dumps(a_secret()))


MERCHANT = the_merchant()
