"""Callbacks to the merchant: signed, encrypted, repeated until accepted.

After the pages "商家转账回调通知" and "回调通知注意事项".
"""

import http.client
import json
import secrets
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.simulators.background import Background
from tests.simulators.clock import SimulatorClock, print_instant
from tests.simulators.credentials import Credentials
from tests.simulators.faults import NOTICE_FAULTS, FaultPlan
from tests.simulators.http_server import LOOPBACK, JsonObject
from tests.simulators.signing import sealed_resource, signature_headers

TIMEOUT_SECONDS = 5.0
SCALED_RETRY_SECONDS = (1.0, 1.0, 2.0, 5.0, 10.0)
"""Stands for WeChat Pay's 15 s, 15 s, 30 s, 3 min … 6 h."""

ORIGINAL_TYPE = "mch_payment"


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver a notice; `status` is None when nothing answered within five seconds."""

    notice_id: str
    event_type: str
    url: str
    probe: bool
    status: int | None

    @property
    def accepted(self) -> bool:
        return self.status in (200, 204)


class Notices:
    """Sends notices in the background and remembers every attempt."""

    def __init__(
        self,
        credentials: Credentials,
        clock: SimulatorClock,
        faults: FaultPlan,
        background: Background,
        retry_seconds: Sequence[float],
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._faults = faults
        self._background = background
        self._retry_seconds = tuple(retry_seconds)
        self._lock = threading.Lock()
        self._deliveries: list[Delivery] = []

    def send(self, url: str, event_type: str, plaintext: JsonObject, *, cause_path: str) -> None:
        """Send one notice; notice faults fit by the path of `url` or of the interface that caused it."""
        fault = self._faults.take(NOTICE_FAULTS, None, urlsplit(url).path, cause_path)
        kind = fault.kind if fault is not None else None
        body = self._envelope(event_type, plaintext)
        delay = fault.seconds if fault is not None and kind == "late_notice" else 0.0

        def deliver() -> None:
            if kind == "signtest_notice":
                self._post(url, event_type, body, probe=True)
            for pause in (delay, *self._retry_seconds):
                if not self._background.pause(pause) or self._post(url, event_type, body).accepted:
                    return

        self._background.run(deliver)
        if kind == "duplicate_notice":
            # At the same moment, as over a second line; the receiver has to cope under its own lock.
            self._background.run(deliver)

    def list_deliveries(self) -> list[Delivery]:
        """Return all attempts so far, oldest first."""
        with self._lock:
            return list(self._deliveries)

    def _envelope(self, event_type: str, plaintext: JsonObject) -> bytes:
        envelope = {
            "id": str(uuid.uuid4()),
            "create_time": print_instant(self._clock.now()),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": "商家转账单据终态通知",
            "resource": sealed_resource(
                self._credentials.apiv3_key, json.dumps(plaintext, ensure_ascii=False).encode(), ORIGINAL_TYPE
            ),
        }
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()

    def _post(self, url: str, event_type: str, body: bytes, *, probe: bool = False) -> Delivery:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "User-Agent": "WeChat Pay simulator",
            "Request-ID": secrets.token_hex(16).upper(),
            **signature_headers(self._credentials, body, probe=probe),
        }
        delivery = Delivery(json.loads(body)["id"], event_type, url, probe, _post(url, body, headers))
        with self._lock:
            self._deliveries.append(delivery)
        return delivery


def _post(url: str, body: bytes, headers: dict[str, str]) -> int | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # RFC 6761: names under localhost are loopback, though not every resolver knows.
    address = LOOPBACK if host.endswith(".localhost") else host
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(address, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", parts.path or "/", body, {"Host": parts.netloc, **headers})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
