"""Our AWS client on a real wire: what it signs, how often and how long it repeats, and which error it gives."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zlib import crc32

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.regions import EndpointResolver
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import ProtocolError

from daycover.platform.config import ConfigError, aws
from daycover.store import aws as client_module
from daycover.store.aws import (
    ATTEMPTS,
    COST,
    MOST_SECONDS,
    RETRIES_IN_STOCK,
    SERVICES,
    THROTTLED,
    THROTTLED_COST,
    TRANSIENT,
    TRANSIENT_STATUSES,
    AwsClient,
    AwsError,
    StoreUnavailableError,
    endpoint,
)
from daycover.store.dynamodb import Put, Table
from daycover.store.keys import Key
from daycover.wire import Patience
from tests.support.aws import ACCESS, Replies, refusal
from tests.support.replies import Reply

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NOW = datetime(2026, 11, 28, 16, 30, 5, tzinfo=UTC).timestamp()
ENVIRON = {
    "AWS_REGION": "ap-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}


@dataclass
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass
class Server:
    """Answers with what `answers` gives in order, the last one for ever; None closes the connection unanswered."""

    answers: list[bytes | None]
    received: list[Received] = field(default_factory=list)
    url: str = ""


def answer(status: int, body: Any = None, **headers: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


@contextmanager
def a_server(*answers: bytes | None) -> Iterator[Server]:
    server = Server(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append(
                Received(self.path, dict(self.headers.items()), body, self.client_address[1])
            )
            given = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            if given is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.wfile.write(given)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is written."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        server.url = f"http://127.0.0.1:{listening.server_address[1]}"
        yield server
        listening.shutdown()


def a_client(
    server: Server,
    service: str = "dynamodb",
    *,
    slept: list[float] | None = None,
    **environ: str,
) -> AwsClient:
    access = aws(ENVIRON | {"AWS_ENDPOINT_URL": server.url} | environ)
    sleep = (slept if slept is not None else []).append
    return AwsClient(service, access, now=lambda: NOW, sleep=sleep, chance=lambda: 0.5)


# ---- what is sent ------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("service", sorted(SERVICES))
def test_signature_is_botocore_s_when_computed_for_what_arrived(service: str, token: str | None) -> None:
    environ: dict[str, Any] = {"AWS_SESSION_TOKEN": token} if token else {}
    with a_server(answer(200, {"ok": 1})) as server:
        assert a_client(server, service, **environ).call("DoIt", Name="王小明") == {"ok": 1}
        (got,) = server.received
    signed = got.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert {"content-type", "host", "x-amz-date", "x-amz-target"} <= set(signed)
    assert ("x-amz-security-token" in signed) is (token is not None)
    request = AWSRequest(
        "POST", server.url + got.path, {name: got.headers[name] for name in signed}, got.body
    )
    request.context["timestamp"] = got.headers["x-amz-date"]
    verifier = SigV4Auth(
        Credentials(ENVIRON["AWS_ACCESS_KEY_ID"], ENVIRON["AWS_SECRET_ACCESS_KEY"], token),
        service,
        "ap-east-1",
    )
    expected = verifier.signature(
        verifier.string_to_sign(request, verifier.canonical_request(request)), request
    )
    assert got.headers["authorization"].endswith(f"Signature={expected}")
    assert got.headers["authorization"].startswith(
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261128/ap-east-1/{service}/aws4_request, "
    )
    assert got.headers["x-amz-date"] == "20261128T163005Z"


@pytest.mark.parametrize(
    ("service", "target", "version"),
    [
        ("dynamodb", "DynamoDB_20120810.Go", "1.0"),
        ("kms", "TrentService.Go", "1.1"),
        ("secretsmanager", "secretsmanager.Go", "1.1"),
        ("sqs", "AmazonSQS.Go", "1.0"),
    ],
)
def test_operation_is_named_as_the_service_model_says(service: str, target: str, version: str) -> None:
    with a_server(answer(200)) as server:
        a_client(server, service).call("Go")
        (got,) = server.received
    assert got.headers["x-amz-target"] == target
    assert got.headers["content-type"] == f"application/x-amz-json-{version}"


def test_signing_key_changes_with_the_day_and_not_before() -> None:
    pool, at = Replies(Reply(200, b"{}")), [NOW]
    client = AwsClient("kms", aws(ENVIRON), pool=pool, now=lambda: at[0])
    for moment in (NOW, NOW, NOW + 86_400, NOW):
        at[0] = moment
        client.call("Go")
    AwsClient("kms", aws(ENVIRON), pool=pool, now=lambda: NOW + 86_400).call("Go")  # another container
    signatures = [headers["authorization"] for headers, _ in pool.sent]
    assert signatures[0] == signatures[1] == signatures[3] != signatures[2] == signatures[4]
    assert "/20261129/" in signatures[2]


def test_connection_is_kept_when_calls_follow_each_other() -> None:
    with a_server(answer(200)) as server:
        client = a_client(server)
        for _ in range(5):
            client.call("GetItem")
        other = a_client(server)
        other.call("GetItem")
    assert len({got.connection for got in server.received}) == 1, "all clients of a container share them"


# ---- where it goes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "dynamodb.us-east-1.amazonaws.com"),
        ("ap-east-1", "dynamodb.ap-east-1.amazonaws.com"),
        ("cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn"),
        ("cn-northwest-1", "dynamodb.cn-northwest-1.amazonaws.com.cn"),
    ],
)
def test_host_is_the_partition_s_when_in_china_or_not(region: str, host: str) -> None:
    theirs = EndpointResolver(Loader(include_default_search_paths=True).load_data("endpoints"))
    for service in SERVICES:
        assert (
            endpoint(service, region) == f"https://{theirs.construct_endpoint(service, region)['hostname']}/"
        )
    pool = Replies(Reply(200, b"{}"))
    AwsClient("dynamodb", aws(ENVIRON | {"AWS_REGION": region}), pool=pool).call("GetItem")
    assert pool.sent[0][0]["host"] == host


def test_endpoint_of_a_service_goes_before_that_of_all_when_both_are_named() -> None:
    with a_server(answer(200)) as server, a_server(answer(200)) as all_others:
        environ = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.url, "AWS_ENDPOINT_URL": all_others.url}
        for service in ("secretsmanager", "kms"):
            AwsClient(service, aws(ENVIRON | environ)).call("Go")
    assert [got.headers["x-amz-target"] for got in server.received] == ["secretsmanager.Go"]
    assert [got.headers["x-amz-target"] for got in all_others.received] == ["TrentService.Go"]


@pytest.mark.parametrize("name", sorted(ENVIRON))
def test_missing_credential_is_named_when_not_set(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        aws({known: value for known, value in ENVIRON.items() if known != name})


def test_no_secret_shows_when_the_access_is_printed() -> None:
    access = aws(ENVIRON | {"AWS_SESSION_TOKEN": "the-token"})
    assert ENVIRON["AWS_SECRET_ACCESS_KEY"] not in repr(access)
    assert "the-token" not in repr(access)


# ---- repetitions -------------------------------------------------------------------------------------


def test_list_of_repeated_codes_is_botocore_s() -> None:
    throttled, transient = ThrottledRetryableChecker(), TransientRetryableChecker()
    assert set(throttled._throttled_error_codes) == THROTTLED
    assert set(transient._transient_error_codes) <= TRANSIENT | THROTTLED
    assert set(transient._transient_status_codes) == TRANSIENT_STATUSES


PASSING: list[tuple[bytes | None, float]] = [
    # the first pause at most, in seconds
    (None, 0.025),
    (b"garbage\r\n\r\n", 0.025),
    (answer(200, {"x": 1}, x_amz_crc32="1"), 0.025),
    (answer(200, b'{"cut'), 0.025),
    (answer(500, {"__type": "InternalServerError"}), 0.025),
    (answer(503, b"<html>"), 0.025),
    (answer(400, {"__type": "x#ProvisionedThroughputExceededException"}), 1.0),
    (answer(400, {"__type": "x#TransactionInProgressException"}), 1.0),
    (answer(429, {"__type": "x#Whatever"}), 1.0),
]


@pytest.mark.parametrize(("failure", "first"), PASSING)
def test_call_is_repeated_twice_with_growing_pauses_when_the_failure_may_pass(
    failure: bytes | None, first: float
) -> None:
    slept: list[float] = []
    with a_server(failure) as server:
        with pytest.raises((StoreUnavailableError, AwsError)):
            a_client(server, slept=slept).call("PutItem", Item={"pk": {"S": "x"}}, ClientRequestToken="t")
        assert len(server.received) == ATTEMPTS
        assert len({got.body for got in server.received}) == 1, "the token of the first attempt goes along"
    assert slept == [0.5 * first, 0.5 * first * 2]


@pytest.mark.parametrize("failures", [1, 2])
def test_answer_is_given_when_a_repetition_succeeds(failures: int) -> None:
    good = b'{"Attributes":{}}'
    with a_server(*[None] * failures, answer(200, good, x_amz_crc32=str(crc32(good)))) as server:
        assert a_client(server).call("UpdateItem") == {"Attributes": {}}
        assert len(server.received) == failures + 1


@pytest.mark.parametrize(
    "code",
    [
        "ConditionalCheckFailedException",
        "ValidationException",
        "TransactionConflictException",
        "AccessDenied",
    ],
)
def test_call_is_made_once_when_the_refusal_stands(code: str) -> None:
    with a_server(answer(400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}"})) as server:
        with pytest.raises((AwsError, StoreUnavailableError)):
            a_client(server).call("PutItem")
        assert len(server.received) == 1


def test_call_is_repeated_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    slept: list[float] = []
    with pytest.raises(StoreUnavailableError):
        a_client(Server([], url=url), slept=slept).call("GetItem")
    assert len(slept) == ATTEMPTS - 1


def test_call_is_repeated_when_the_answer_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Patience(connect=2, read=5) == client_module.PATIENCE
    monkeypatch.setattr(client_module, "PATIENCE", Patience(connect=2, read=0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        slept: list[float] = []
        with pytest.raises(StoreUnavailableError):
            a_client(Server([], url=url), slept=slept).call("GetItem")
    assert len(slept) == ATTEMPTS - 1


@given(chance=st.floats(0, 1), attempt=st.integers(0, 10), code=st.sampled_from(["SlowDown", "NoAnswer"]))
def test_pause_stays_within_its_bounds_when_drawn(chance: float, attempt: int, code: str) -> None:
    client = AwsClient("sqs", ACCESS, pool=Replies(Reply(200, b"{}")), chance=lambda: chance)
    first = 1.0 if code == "SlowDown" else 0.05
    assert client._pause(AwsError(code), attempt) == chance * min(first * 2**attempt, MOST_SECONDS)


@pytest.mark.parametrize(("asked", "pause"), [("3000", 3.0), ("90000", 5.5), ("1", 0.5), ("soon", 0.5)])
def test_service_may_ask_for_a_longer_pause_up_to_five_seconds_more(asked: str, pause: float) -> None:
    slept: list[float] = []
    throttled = answer(400, {"__type": "x#ThrottlingException"}, x_amz_retry_after=asked)
    with a_server(throttled, answer(200)) as server:
        a_client(server, slept=slept).call("GetItem")
    assert slept == [pause]


@pytest.mark.parametrize(
    ("reply", "cost"), [(refusal("InternalServerError", 500), COST), (refusal("SlowDown"), THROTTLED_COST)]
)
def test_container_stops_repeating_when_its_service_stays_down(reply: Reply, cost: int) -> None:
    pool = Replies(reply)
    client = AwsClient("dynamodb", ACCESS, pool=pool, sleep=lambda _: None)
    calls = RETRIES_IN_STOCK // cost + 10
    for _ in range(calls):
        with pytest.raises(StoreUnavailableError):
            client.call("GetItem")
    assert len(pool.sent) == calls + RETRIES_IN_STOCK // cost


def test_container_repeats_again_when_its_service_has_come_back() -> None:
    down = [refusal("InternalServerError", 500)] * (3 * RETRIES_IN_STOCK)
    pool = Replies(*down)
    client = AwsClient("dynamodb", ACCESS, pool=pool, sleep=lambda _: None)
    for _ in range(RETRIES_IN_STOCK):
        with pytest.raises(StoreUnavailableError):
            client.call("GetItem")
    pool._replies = [*[Reply(200, b"{}")] * COST, refusal("InternalServerError", 500), Reply(200, b"{}")]
    for _ in range(COST + 1):
        client.call("GetItem")


def test_transaction_has_one_effect_when_its_answer_was_lost() -> None:
    pool = Replies(ProtocolError(), Reply(200, b"{}"))
    table = Table(AwsClient("dynamodb", ACCESS, pool=pool, sleep=lambda _: None), "t")
    for _ in range(2):
        table.write(Put(Key("a", "b"), {}))
    first, again, second = (body["ClientRequestToken"] for _, body in pool.sent)
    assert first == again, "DynamoDB knows the repetition by its token"
    assert len(first) <= 36
    assert second != first, "another write is another transaction"


# ---- errors ------------------------------------------------------------------------------------------

FORMS: list[Callable[[str], bytes]] = [
    lambda code: answer(400, {"__type": code, "message": "王小明"}),
    lambda code: answer(400, {"__type": f"com.amazon.coral.service#{code}", "Message": "王小明"}),
    lambda code: answer(400, {"message": "王小明"}, x_amzn_ErrorType=f"{code}:http://internal.amazon.com/"),
    lambda code: answer(400, {"__type": "com.amazonaws.sqs#Other"}, x_amzn_query_error=f"{code};Sender"),
    lambda code: answer(400, {"code": code}),
]


@pytest.mark.parametrize("form", FORMS)
def test_code_is_read_from_wherever_a_service_writes_it(form: Callable[[str], bytes]) -> None:
    with a_server(form("ResourceNotFoundException")) as server, pytest.raises(AwsError) as refused:
        a_client(server).call("GetItem")
    assert (refused.value.code, refused.value.status) == ("ResourceNotFoundException", 400)
    assert "王小明" not in str(refused.value)


def test_error_says_what_stands_there_and_why_when_dynamodb_does() -> None:
    item = {"pk": {"S": "A"}}
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "m"}]
    body = {"__type": "x#TransactionCanceledException", "Item": item, "CancellationReasons": reasons}
    with (
        a_server(answer(400, body, x_amzn_RequestId="R1")) as server,
        pytest.raises(
            AwsError, match="TransactWriteItems: TransactionCanceledException, status 400, request R1"
        ) as refused,
    ):
        a_client(server).call("TransactWriteItems")
    assert refused.value.item == item
    assert refused.value.reasons == ("None", "ConditionalCheckFailed")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'"x"', b"null", b""])
def test_error_has_its_status_for_a_code_when_the_body_has_none(body: bytes) -> None:
    with a_server(answer(403, body)) as server, pytest.raises(AwsError) as refused:
        a_client(server).call("GetItem")
    assert (refused.value.code, refused.value.status) == ("403", 403)
    assert not refused.value.is_weather


def test_redirect_is_not_followed_when_somebody_stands_between() -> None:
    with a_server(answer(302, {}, Location="http://127.0.0.1:1/")) as server, pytest.raises(AwsError):
        a_client(server).call("GetItem")
    assert len(server.received) == 1


def test_throttling_is_told_also_when_the_next_try_succeeds() -> None:
    told: list[str] = []
    replies = Replies(refusal("ThrottlingException"), refusal("InternalServerError", 500), Reply(200, b"{}"))
    client = AwsClient(
        "kms", ACCESS, pool=replies, sleep=lambda _: None, throttled=lambda: told.append("throttled")
    )
    assert client.call("Decrypt") == {}
    assert told == ["throttled"]
