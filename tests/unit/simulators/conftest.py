"""Running simulators, an independent WeChat Pay client, a merchant's callback endpoint."""

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.type import RequestType

from tests.simulators import Simulators
from tests.simulators.credentials import public_pem

SUB_MCHID = "1900000999"
NAME = "张三"
ID_NUMBER = "11010519491231002X"


@dataclass(frozen=True)
class HttpReply:
    """Status, headers and body of one answer."""

    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Http:
    """A plain keep-alive HTTP client."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(retries=False)

    def send(self, method: str, url: str, body: Any = None, **headers: str) -> HttpReply:
        encoded = None
        if body is not None:
            encoded = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        reply = self._pool.request(method, url, body=encoded, headers=headers, redirect=False, timeout=10)
        return HttpReply(reply.status, reply.headers, reply.data)

    def form(self, url: str, values: dict[str, str], **headers: str) -> HttpReply:
        reply = self._pool.request(
            "POST", url, fields=values, encode_multipart=False, headers=headers, redirect=False, timeout=10
        )
        return HttpReply(reply.status, reply.headers, reply.data)


class Merchant:
    """The merchant's side, played by an independent SDK that signs and verifies on its own."""

    def __init__(self, simulators: Simulators, http: Http) -> None:
        secrets = simulators.credentials.merchant_json()
        public_key_id = simulators.credentials.public_key_id
        self.base_url = simulators.wechat_pay.base_url
        self._http = http
        self.appid: str = secrets["appid"]
        self.sdk = WeChatPay(
            wechatpay_type=WeChatPayType.MINIPROG,
            mchid=secrets["mchid"],
            private_key=secrets["private_key"],
            cert_serial_no=secrets["serial_no"],
            appid=self.appid,
            apiv3_key=secrets["apiv3_key"],
            notify_url=None,
            timeout=10,
            public_key=public_pem(simulators.credentials.platform_key.public_key()),
            public_key_id=public_key_id,
        )
        self.sdk._core._gate_way = self.base_url

    def get(self, path: str) -> tuple[int, Any]:
        status, text = self.sdk._core.request(path)
        return status, json.loads(text)

    def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        status, text = self.sdk._core.request(path, RequestType.POST, body, cipher_data=True)
        return status, json.loads(text)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self._http.send(method, f"{self.base_url}/_sim{path}", body)
        assert reply.status == 200, reply.body
        return reply.json()

    def seed_worker(self, name: str = NAME) -> str:
        """Make a new person and return the openid."""
        openid = "o" + uuid.uuid4().hex[:27]
        self.control("POST", "/people", [{"openid": openid, "name": name, "id_number": ID_NUMBER}])
        return openid

    def pre_order_with_auth(
        self, worker: str, *, name: str = NAME, number: str | None = None, **changes: Any
    ) -> tuple[int, Any]:
        """Make a complete pre-order with authorisation; a change to None leaves the field out."""
        body = {
            "openid": worker,
            "appid": self.appid,
            "sub_mchid": SUB_MCHID,
            "authenticate_number": number or uuid.uuid4().hex,
            "project_name": "双十一分拣",
            "employer_name": "某物流公司",
            "authenticate_type": "SIGN_IN",
            "user_name": self.sdk._core.encrypt(name),
            "id_card_number": self.sdk._core.encrypt(ID_NUMBER),
            "employment_type": "SHORT_TERM_EMPLOYMENT",
        } | changes
        body = {key: value for key, value in body.items() if value is not None}
        return self.post("/v3/payroll-card/authentications/pre-order-with-auth", body)

    def pre_ordered(self, openid: str, **changes: Any) -> str:
        """Make a pre-order that must succeed and return its number."""
        status, answer = self.pre_order_with_auth(openid, **changes)
        assert status == 200, answer
        return str(answer["authenticate_number"])

    def authentication(self, number: str) -> Any:
        status, answer = self.get(f"/v3/payroll-card/authentications/{number}?sub_mchid={SUB_MCHID}")
        assert status == 200, answer
        return answer

    def show_face(self, number: str, result: str = "success", *, press_done: bool = True) -> Any:
        body = {"result": result, "press_done": press_done}
        return self.control("POST", f"/authentications/{number}/face", body)

    def transfer(self, openid: str, out_bill_no: str, amount: int = 1000, **changes: Any) -> tuple[int, Any]:
        """Order a complete insurance claim transfer through the SDK's own method."""
        arguments: dict[str, Any] = {
            "out_bill_no": out_bill_no,
            "transfer_scene_id": "1004",
            "openid": openid,
            "transfer_amount": amount,
            "transfer_remark": "理赔款",
            "user_recv_perception": "保险理赔款",
            "transfer_scene_report_infos": [
                {"info_type": "保险产品备案编号", "info_content": "(备-普通意外保险)[2026](主)001号"},
                {"info_type": "保险名称", "info_content": "日结保灵工意外险"},
                {"info_type": "保险操作单号", "info_content": "C20261124000001"},
            ],
        } | changes
        status, text = self.sdk.mch_transfer_bills(**arguments)
        return status, json.loads(text)

    def bill(self, out_bill_no: str) -> tuple[int, Any]:
        status, text = self.sdk.mch_transfer_bills_query(out_bill_no=out_bill_no)
        return status, json.loads(text)


class CallbackEndpoint:
    """The merchant's notify_url: keeps what came in, answers the armed statuses first and then 204."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], str]] = []
        self.statuses: list[int] = []
        self._arrival = threading.Condition()
        endpoint = self

        class _Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status = endpoint.take(dict(self.headers.items()), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/notices/transfers"

    def take(self, headers: dict[str, str], body: str) -> int:
        with self._arrival:
            self.received.append((headers, body))
            self._arrival.notify_all()
            return self.statuses.pop(0) if self.statuses else 204

    def wait_for(self, count: int, seconds: float = 5) -> list[tuple[dict[str, str], str]]:
        with self._arrival:
            arrived = self._arrival.wait_for(lambda: len(self.received) >= count, seconds)
            assert arrived, f"{len(self.received)} of {count} notices"
            return list(self.received)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys are made once per session, RSA key generation is slow."""
    return tmp_path_factory.mktemp("simulators")


@pytest.fixture
def simulators(state_dir: Path) -> Iterator[Simulators]:
    with Simulators(state_dir, settle_seconds=0.02, retry_seconds=(0.05, 0.05, 0.05)) as running:
        yield running


@pytest.fixture
def http() -> Http:
    return Http()


@pytest.fixture
def merchant(simulators: Simulators, http: Http) -> Merchant:
    merchant = Merchant(simulators, http)
    merchant.control("POST", "/companies", [{"sub_mchid": SUB_MCHID, "authorised": True}])
    return merchant


@pytest.fixture
def endpoint() -> Iterator[CallbackEndpoint]:
    running = CallbackEndpoint()
    yield running
    running.stop()
