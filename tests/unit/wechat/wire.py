"""WeChat's side of the wire, without a wire: a pool that answers from a list, and WeChat's signature."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from daycover.wechat.client import WechatPayClient
from tests.support.replies import Reply
from tests.unit.wechat.merchant import KEY_ID, MERCHANT, NOW, WECHAT_KEY


def signed_headers(body: bytes, *, at: datetime = NOW, serial: str = KEY_ID) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), "0cc175b9c0f1b6a831c399e269772661"
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": b64encode(WECHAT_KEY.sign(message, PKCS1v15(), SHA256())).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Request-ID": "08A1B2C3",
    }


def ok(**fields: object) -> Reply:
    body = json.dumps(fields, ensure_ascii=False).encode()
    return Reply(200, body, signed_headers(body))


def problem(status: int, code: str) -> Reply:
    return Reply(status, json.dumps({"code": code, "message": "说明"}).encode(), {"Request-ID": "08A1B2C3"})


@dataclass
class Sent:
    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    options: Mapping[str, Any]

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


class FakePool:
    """Gives the replies in order (an exception is raised) and keeps what was sent."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self._replies = list(replies)
        self.sent: list[Sent] = []

    def request(
        self, method: str, url: str, body: bytes | None = None, *, headers: Mapping[str, str], **options: Any
    ) -> Reply:
        self.sent.append(Sent(method, url, body, headers, options))
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def client_on(pool: FakePool, now: datetime = NOW) -> WechatPayClient:
    return WechatPayClient(MERCHANT, pool=pool, clock=lambda: now, nonce=lambda: "n0nce")
