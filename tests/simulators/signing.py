"""WeChat Pay API v3 cryptography, platform side.

After the pages "签名生成", "签名验证", "证书和回调报文解密", "敏感信息加解密".
"""

import base64
import binascii
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from tests.simulators.credentials import Credentials
from tests.simulators.http_server import Request, SimulatedError

SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
TIMESTAMP_TOLERANCE_SECONDS = 300

_PAIRS = frozenset({"mchid", "nonce_str", "timestamp", "serial_no", "signature"})
_PAIR = re.compile(r'(\w+)="([^"]*)"')


class UnreadableFieldError(ValueError):
    """A sensitive field was not encrypted for this key."""


def verify_request(request: Request, credentials: Credentials, now: Callable[[], float] = time.time) -> None:
    """Check the `Authorization` header ("构造请求签名"); raises SimulatedError 401 SIGN_ERROR."""
    scheme, _, pairs = request.header("authorization").partition(" ")
    given = dict(_PAIR.findall(pairs))
    if scheme != SIGNATURE_TYPE or not set(given) >= _PAIRS:
        raise _sign_error("Http头Authorization值格式错误,请参考《微信支付商户REST API签名规则》")
    if given["mchid"] != credentials.mchid:
        raise _sign_error("商户号不存在")
    if given["serial_no"].upper() != credentials.serial_no:
        raise _sign_error("商户证书序列号有误。请使用签名私钥匹配的证书序列号")
    if not given["timestamp"].isdigit() or abs(now() - int(given["timestamp"])) > TIMESTAMP_TOLERANCE_SECONDS:
        raise _sign_error("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    head = f"{request.method}\n{request.target}\n{given['timestamp']}\n{given['nonce_str']}\n"
    message = head.encode() + request.body + b"\n"
    if not verifies(credentials.merchant_key.public_key(), message, given["signature"]):
        error = _sign_error("签名错误,请检查后再试")
        error.detail["sign_information"] = {
            "method": request.method,
            "url": request.target,
            "truncated_sign_message": head,
            "sign_message_length": len(message),
        }
        raise error


def _sign_error(message: str) -> SimulatedError:
    detail = {"field": "signature", "issue": "sign not match", "location": "authorization"}
    return SimulatedError(401, "SIGN_ERROR", message, detail)


def verifies(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether the Base64 signature is RSASSA-PKCS1-v1_5 with SHA-256 over `message`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def signature_headers(credentials: Credentials, body: bytes, *, probe: bool = False) -> dict[str, str]:
    """Sign an answer or a callback; a probe is WeChat Pay's deliberate wrong signature ("签名探测流量")."""
    # Always real time: the receiver compares it with its own clock, which tests don't shift.
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = base64.b64encode(credentials.platform_key.sign(message, PKCS1v15(), SHA256())).decode()
    if probe:
        signature = PROBE_PREFIX + signature[len(PROBE_PREFIX) :]
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature,
        "Wechatpay-Serial": credentials.public_key_id,
        "Wechatpay-Signature-Type": SIGNATURE_TYPE,
    }


def sealed_resource(apiv3_key: str, plaintext: bytes, original_type: str) -> dict[str, Any]:
    """Encrypt the `resource` of a callback: AEAD_AES_256_GCM, 12-byte nonce, tag at the end."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plaintext, original_type.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "nonce": nonce,
        "associated_data": original_type,
        "original_type": original_type,
    }


def _oaep() -> OAEP:
    # SHA-1 is what the interface prescribes for sensitive fields.
    return OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)


def open_field(key: RSAPrivateKey, value: str) -> str:
    """Decrypt a sensitive field of a request; raises UnreadableFieldError."""
    try:
        return key.decrypt(base64.b64decode(value, validate=True), _oaep()).decode()
    except ValueError as error:  # binascii.Error and UnicodeDecodeError are ValueErrors too
        raise UnreadableFieldError from error


def seal_field(key: RSAPublicKey, text: str) -> str:
    """Encrypt a sensitive field of an answer with the merchant's public key."""
    return base64.b64encode(key.encrypt(text.encode(), _oaep())).decode()
