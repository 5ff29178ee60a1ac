"""What reaches us in the name of WeChat Pay or of the insurer without their signature changes nothing."""

import json
import time
from typing import Any

import pytest

from tests.support.http import Answer
from tests.support.world import World

pytestmark = pytest.mark.stack
NOTICE: dict[str, Any] = {
    "id": "EV-2018022511223320873",
    "create_time": "2026-11-24T08:30:00+08:00",
    "resource_type": "encrypt-resource",
    "event_type": "MCHTRANSFER.BILL.FINISHED",
    "summary": "商家转账单据终态通知",
    "resource": {
        "original_type": "mch_payment",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": "AAAA" * 20,
        "associated_data": "mch_payment",
        "nonce": "0123456789ab",
    },
}


def send(world: World, path: str, content: bytes, **headers: str) -> Answer:
    return world.api.send("POST", path, content, headers=headers)


def signed(**changes: str) -> dict[str, str]:
    return {
        "Wechatpay-Serial": "PUB_KEY_ID_0000000000000024101100397200000006",
        "Wechatpay-Signature": "A" * 344,
        "Wechatpay-Timestamp": str(int(time.time())),
        "Wechatpay-Nonce": "x" * 32,
    } | changes


def test_notice_without_wechat_s_signature_pays_nothing(world: World) -> None:
    ledger = world.simulated.ledger()
    path = "/v1/wechat/transfer-notices"
    content = json.dumps(NOTICE).encode()
    headers: list[dict[str, str]] = [
        {},
        signed(),
        signed(**{"Wechatpay-Timestamp": "0"}),
        signed(**{"Wechatpay-Timestamp": "9" * 400}),
        signed(**{"Wechatpay-Timestamp": "-1"}),
        signed(**{"Wechatpay-Serial": "../../secret"}),
        signed(**{"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + "A" * 300}),
        signed(**{"Wechatpay-Signature-Type": "none"}),
        {"Authorization": f"Bearer {world.provider.api.token}"},
    ]
    for sent in headers:
        for body in (content, b"", b"[]", b"{", b"\xff" * 64):
            answer = send(world, path, body, **sent)
            assert answer.status in {400, 401}, (sent, answer.status, answer.content[:200])
            assert set(answer.body) == {"code", "message"}
            assert b"AAAA" not in answer.content
    assert world.simulated.ledger()["paid_out_fen"] == ledger["paid_out_fen"]


def test_answer_without_the_insurer_s_signature_is_not_taken(world: World) -> None:
    for body in (b'{"rows": []}', b"", b"[" * 5_000, b"\xff\xfe"):
        for headers in ({}, {"X-Insurer-Signature": "A" * 88}, {"Authorization": "Bearer x"}):
            answer = send(world, "/v1/insurer/answers", body, **headers)
            assert answer.status in {400, 401}, (answer.status, answer.content[:200])
