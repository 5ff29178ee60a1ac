"""What urllib3 really does on a wire; everything else here runs on a pool without one."""

import logging
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from daycover.identity.sign_in import MiniProgramUnavailableError
from daycover.wechat.client import WechatAnswer, WechatPayClient, WechatRetryError, WechatUnknownError
from daycover.wechat.mini_program import WechatMiniProgram
from daycover.wire import NoAnswerError, Patience, Pool, exchange, new_pool
from tests.unit.wechat.merchant import APP_SECRET, MERCHANT, NOW
from tests.unit.wechat.wire import signed_headers

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

CODE = "0a1b2c3d4e"
PATIENCE = Patience(connect=2, read=0.2)
BAD_HEADER = b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}"
PATH = "/v3/things/o-%E7%94%B2%2F%7B%7D~_b?a=1%262&b=x+y%27"


class Thing(WechatAnswer):
    name: str


@contextmanager
def a_server(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Take one connection on the loopback, read one request, send `answer`, close; None keeps silent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(5)
                received.append(connection.recv(65536))
                if answer is None:
                    connection.recv(1)
                else:
                    connection.sendall(answer)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", received
        thread.join(5)


def http(body: bytes, *, missing: int = 0) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body) + missing}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in signed_headers(body).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(base_url: str, method: str = "POST") -> Thing:
    client = WechatPayClient(MERCHANT, base_url=base_url, clock=lambda: NOW, patience=PATIENCE)
    return client.request(method, PATH, answer=Thing)


def test_path_arrives_as_signed_when_it_holds_odd_characters() -> None:
    with a_server(http(b'{"name":"x"}')) as (base_url, received):
        assert ask(base_url, "GET").name == "x"
    assert received[0].split(b"\r\n")[0] == f"GET {PATH} HTTP/1.1".encode()


@pytest.mark.parametrize(
    "answer",
    [None, b"", b"HTTP/1.1 200 OK\r\n", http(b'{"name":"x"}', missing=10), b"garbage\r\n\r\n"],
)
def test_result_is_unknown_when_the_reply_is_lost_or_cut(answer: bytes | None) -> None:
    with a_server(answer) as (base_url, received), pytest.raises(WechatUnknownError):
        ask(base_url)
    assert len(received) == 1


def test_call_may_be_repeated_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(WechatRetryError):
        ask(base_url)


@pytest.mark.parametrize("answer", [None, b"", b"garbage\r\n\r\n", BAD_HEADER, http(b"{}", missing=10)])
def test_no_secret_is_written_when_urllib3_logs_everything(
    answer: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), a_server(answer) as (base_url, _):
        mini_program = WechatMiniProgram(MERCHANT, base_url=base_url, patience=PATIENCE)
        with pytest.raises(MiniProgramUnavailableError) as unavailable:
            mini_program.openid_of(CODE)
    text = caplog.text + "".join(traceback.format_exception(unavailable.value))
    assert APP_SECRET not in text
    assert CODE not in text


def test_no_secret_is_written_when_the_call_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), a_server(http(b'{"openid":"oAbc"}')) as (base_url, _):
        assert WechatMiniProgram(MERCHANT, base_url=base_url).openid_of(CODE) == "oAbc"
    assert APP_SECRET not in caplog.text
    assert "oAbc" not in caplog.text


@pytest.mark.parametrize("chunked", [False, True])
def test_answer_is_none_when_it_is_longer_than_we_can_bear(chunked: bool) -> None:
    body = b"x" * 101
    whole = http(body)
    if chunked:
        whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + body + b"\r\n0\r\n\r\n"
    for most, length in ((100, None), (101, 101), (1000, 101)):
        with a_server(whole) as (url, _):
            pool = new_pool(url)
            if length is None:
                with pytest.raises(NoAnswerError):
                    fetch(pool, url, most)
            else:
                assert len(fetch(pool, url, most)) == length


def fetch(pool: Pool, url: str, most: int) -> bytes:
    return exchange(pool, "GET", url, headers={}, body=None, patience=PATIENCE, most_bytes=most).data
