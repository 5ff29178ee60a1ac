"""Starting, stopping, and what stays in the state directory."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.simulators import Simulators
from tests.simulators.credentials import load_or_make_credentials
from tests.unit.simulators.conftest import CallbackEndpoint, Http, Merchant

ROOT = Path(__file__).parents[3]


def test_program_writes_its_ports_and_stops_when_terminated(
    tmp_path: Path, state_dir: Path, http: Http
) -> None:
    ports_file = tmp_path / "ports.json"
    command = [sys.executable, "-m", "tests.simulators", "--state-dir", str(state_dir)]
    process = subprocess.Popen(
        [*command, "--ports-file", str(ports_file)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 10
        while not ports_file.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        base_urls = json.loads(ports_file.read_text())
        assert list(base_urls) == ["wechat_pay", "mini_program", "oidc", "bank", "insurer", "fiscal", "tax"]
        for name, base_url in base_urls.items():
            assert http.send("GET", f"{base_url}/_sim/health").json() == {"status": "ok", "simulator": name}
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=5)
    finally:
        process.kill()
    assert process.returncode == 0
    assert output == b""


def test_keys_stay_the_same_when_started_again(tmp_path: Path) -> None:
    first = load_or_make_credentials(tmp_path)
    written = json.loads((tmp_path / "merchant.json").read_text())
    assert written == first.merchant_json() == load_or_make_credentials(tmp_path).merchant_json()
    assert list(written) == [
        "mchid",
        "appid",
        "app_secret",
        "serial_no",
        "private_key",
        "apiv3_key",
        "wechatpay_public_keys",
        "product_filing_no",
        "product_name",
    ]
    assert len(written["apiv3_key"]) == 32
    assert next(iter(written["wechatpay_public_keys"])).startswith("PUB_KEY_ID_")
    assert len(written["product_filing_no"]) <= 32
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o077 == 0
    platform = json.loads((tmp_path / "wechat_pay_platform.json").read_text())
    assert platform["private_key"] not in json.dumps(written)


def test_kept_alive_connections_end_when_stopped(simulators: Simulators) -> None:
    address = urlsplit(simulators.wechat_pay.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"GET /_sim/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        simulators.stop()
        assert connection.recv(4096) == b""
    with pytest.raises(RuntimeError):
        simulators.base_urls.keys()


def test_retries_end_when_stopped(state_dir: Path, http: Http, endpoint: CallbackEndpoint) -> None:
    simulators = Simulators(state_dir, settle_seconds=0, retry_seconds=(60.0,)).start()
    endpoint.statuses = [500]
    merchant = Merchant(simulators, http)
    merchant.transfer(merchant.seed_worker(), "STOP1", notify_url=endpoint.url)
    merchant.control("POST", "/transfers/STOP1/confirm")
    endpoint.wait_for(1)
    started = time.monotonic()
    simulators.stop()
    assert time.monotonic() - started < 3


def test_start_leaves_nothing_running_when_a_port_is_taken(state_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        simulators = Simulators(state_dir, oidc_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            simulators.start()
        with pytest.raises(RuntimeError):
            _ = simulators.wechat_pay.base_url
