"""The mini program API: login codes, access tokens, codes to scan, subscription messages."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.simulators import Simulators
from tests.simulators.message_values import is_valid_value
from tests.unit.simulators.conftest import Http

OPENID = "oWorker0000000000000000000001"


class MiniProgram:
    """A client that sends complete calls, with changes."""

    def __init__(self, simulators: Simulators, http: Http) -> None:
        self.base_url = simulators.mini_program.base_url
        self._credentials = simulators.credentials
        self._http = http

    def post(self, path: str, body: Any) -> Any:
        return self._http.send("POST", self.base_url + path, body).json()

    def login_code(self) -> str:
        return str(self.post("/_sim/login-codes", {"openid": OPENID})["code"])

    def session(self, **changes: str) -> Any:
        query = {
            "appid": self._credentials.appid,
            "secret": self._credentials.app_secret,
            "grant_type": "authorization_code",
        } | changes
        return self._http.send("GET", f"{self.base_url}/sns/jscode2session?{urlencode(query)}").json()

    def token(self, **changes: Any) -> Any:
        body = {
            "grant_type": "client_credential",
            "appid": self._credentials.appid,
            "secret": self._credentials.app_secret,
        } | changes
        return self.post("/cgi-bin/stable_token", body)

    def send(self, token: str, **changes: Any) -> Any:
        body = {
            "touser": OPENID,
            "template_id": "template-1",
            "data": {"thing1": {"value": "理赔结果"}, "amount2": {"value": "¥3580.00"}},
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        } | changes
        return self.post(f"/cgi-bin/message/subscribe/send?access_token={token}", body)


@pytest.fixture
def mini_program(simulators: Simulators, http: Http) -> MiniProgram:
    return MiniProgram(simulators, http)


def test_login_code_is_good_once(mini_program: MiniProgram) -> None:
    code = mini_program.login_code()
    session = mini_program.session(js_code=code)
    assert session["openid"] == OPENID
    assert session["session_key"]
    assert mini_program.session(js_code=code)["errcode"] == 40163


def test_login_code_is_refused_when_older_than_five_minutes(mini_program: MiniProgram) -> None:
    code = mini_program.login_code()
    mini_program.post("/_sim/clock", {"offset_seconds": 301})
    assert mini_program.session(js_code=code)["errcode"] == 40029


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"secret": ""}, 41004),
        ({"js_code": "unknown"}, 40029),
        ({"js_code": ""}, 41008),
        ({"grant_type": "other"}, 40002),
    ],
)
def test_login_is_refused_when_a_parameter_is_wrong(
    mini_program: MiniProgram, changes: dict[str, str], errcode: int
) -> None:
    assert mini_program.session(**({"js_code": mini_program.login_code()} | changes))["errcode"] == errcode


def test_token_stays_the_same_until_five_minutes_before_its_end(mini_program: MiniProgram) -> None:
    first = mini_program.token()
    assert first["expires_in"] <= 7200
    mini_program.post("/_sim/clock", {"offset_seconds": 6890})
    assert mini_program.token()["access_token"] == first["access_token"]
    mini_program.post("/_sim/clock", {"offset_seconds": 6901})
    second = mini_program.token()["access_token"]
    assert second != first["access_token"]
    mini_program.login_code()
    assert mini_program.send(first["access_token"])["errcode"] == 0
    mini_program.post("/_sim/clock", {"offset_seconds": 7201})
    assert mini_program.send(first["access_token"])["errcode"] == 42001
    assert mini_program.send(second)["errcode"] == 0


def test_forced_refresh_ends_the_old_token_and_is_limited(mini_program: MiniProgram) -> None:
    first = mini_program.token()["access_token"]
    assert mini_program.token(force_refresh=True)["access_token"] != first
    assert mini_program.send(first)["errcode"] == 40001
    assert mini_program.token(force_refresh=True)["errcode"] == 45011


def test_token_is_refused_when_secret_is_wrong(mini_program: MiniProgram) -> None:
    assert mini_program.token(secret="wrong")["errcode"] == 40001
    assert mini_program.token(appid="wx0")["errcode"] == 40013


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"scene": "p=01JD3Q8Z6N4V5W7X9Y0A1B2C3D"}, None),
        ({"scene": "a" * 32, "page": "pages/scan", "check_path": False, "env_version": "trial"}, None),
        ({"scene": "a" * 33}, 40129),
        ({"scene": ""}, 40129),
        ({"scene": "a%20b"}, 40129),
        ({"scene": "项目"}, 40129),
        ({"scene": "a", "page": "/pages/scan"}, 41030),
        ({"scene": "a", "width": 279}, 40097),
    ],
)
def test_code_is_an_image_unless_an_argument_is_wrong(
    mini_program: MiniProgram, http: Http, body: dict[str, Any], errcode: int | None
) -> None:
    token = mini_program.token()["access_token"]
    reply = http.send("POST", f"{mini_program.base_url}/wxa/getwxacodeunlimit?access_token={token}", body)
    if errcode is None:
        assert reply.headers["Content-Type"] == "image/png"
        assert reply.body.startswith(b"\x89PNG\r\n\x1a\n")
    else:
        assert reply.json()["errcode"] == errcode


def test_message_is_kept_when_it_was_sent(
    mini_program: MiniProgram, simulators: Simulators, http: Http
) -> None:
    mini_program.login_code()
    assert mini_program.send(mini_program.token()["access_token"])["errcode"] == 0
    assert simulators.messages[0].data == {"thing1": "理赔结果", "amount2": "¥3580.00"}
    listed = http.send("GET", f"{mini_program.base_url}/_sim/messages").json()
    assert (listed[0]["touser"], listed[0]["template_id"]) == (OPENID, "template-1")


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": ""}, 40037),
        ({"data": {"thing1": {"value": "长" * 21}}}, 47003),
        ({"data": {"unknown1": {"value": "x"}}}, 47003),
        ({"data": {"thing1": "not an object"}}, 47003),
        ({"lang": "zh"}, 47003),
    ],
)
def test_message_is_refused_when_an_argument_is_wrong(
    mini_program: MiniProgram, simulators: Simulators, changes: dict[str, Any], errcode: int
) -> None:
    mini_program.login_code()
    assert mini_program.send(mini_program.token()["access_token"], **changes)["errcode"] == errcode
    assert simulators.messages == []


def test_message_is_refused_when_consent_is_used_up(mini_program: MiniProgram) -> None:
    mini_program.login_code()
    consent = {"openid": OPENID, "template_id": "template-1", "remaining": 1}
    mini_program.post("/_sim/subscriptions", consent)
    token = mini_program.token()["access_token"]
    assert [mini_program.send(token)["errcode"] for _ in range(2)] == [0, 43101]


def test_message_needs_a_token(mini_program: MiniProgram) -> None:
    assert mini_program.send("")["errcode"] == 41001
    assert mini_program.send("forged")["errcode"] == 40001


def test_service_is_busy_when_a_fault_says_so(mini_program: MiniProgram) -> None:
    fault = {
        "kind": "status",
        "path_prefix": "/cgi-bin/stable_token",
        "status": 200,
        "code": "-1",
        "times": 1,
    }
    mini_program.post("/_sim/faults", fault)
    assert mini_program.token()["errcode"] == -1
    assert mini_program.token()["access_token"]


@pytest.mark.parametrize(
    ("key", "value", "valid"),
    [
        ("thing1", "长" * 20, True),
        ("thing", "x", False),
        ("thing1", "", False),
        ("number1", "1" * 32, True),
        ("number1", "1" * 33, False),
        ("letter1", "a" * 33, False),
        ("symbol1", "!!!!!", True),
        ("character_string1", "DC-20261124-0001", True),
        ("character_string1", "保单", False),
        ("character_string1", "1" * 33, False),
        ("time1", "2026年11月24日 15:01", True),
        ("time1", "15:01~16:02", True),
        ("time1", "tomorrow", False),
        ("date1", "2026年11月24日", True),
        ("date1", "2026-11-24 15:01", True),
        ("amount1", "¥1234567890.12", True),
        ("amount1", "3580元", True),
        ("amount1", "12345678901", False),
        ("phone_number1", "+86-10-95511", True),
        ("phone_number1", "1" * 18, False),
        ("car_number1", "粤A8Z888挂", True),
        ("car_number1", "粤A8Z888挂XY", False),
        ("name1", "张" * 10, True),
        ("name1", "张" * 11, False),
        ("name1", "A" * 20, True),
        ("phrase1", "已赔付", True),
        ("phrase1", "已赔付已赔付", False),
    ],
)
def test_value_is_checked_by_its_kind(key: str, value: str, valid: bool) -> None:
    assert is_valid_value(key, value) is valid
