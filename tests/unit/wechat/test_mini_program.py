import traceback
from urllib.parse import parse_qs, urlsplit

import pytest
from urllib3.exceptions import ConnectTimeoutError, ProtocolError

from daycover.identity.sign_in import LoginCodeError, MiniProgramUnavailableError
from daycover.wechat.mini_program import WechatMiniProgram
from tests.support.replies import Reply
from tests.unit.wechat.merchant import APP_SECRET, APPID, MERCHANT
from tests.unit.wechat.wire import FakePool

pytestmark = pytest.mark.disable_socket

CODE = "0a1b2c&js_code=other"


def program(reply: Reply | Exception) -> tuple[WechatMiniProgram, FakePool]:
    pool = FakePool(reply)
    return WechatMiniProgram(MERCHANT, pool=pool), pool


@pytest.mark.parametrize(
    "data",
    [
        b'{"openid":"oAbc","session_key":"k=="}',
        b'{"openid":"oAbc","session_key":"k==","errcode":0,"errmsg":"ok"}',
    ],
)
def test_openid_is_given_when_the_code_is_good(data: bytes) -> None:
    mini_program, pool = program(Reply(200, data))
    assert mini_program.openid_of(CODE) == "oAbc"
    (sent,) = pool.sent
    url = urlsplit(sent.url)
    assert (sent.method, url.scheme, url.netloc, url.path) == (
        "GET",
        "https",
        "api.weixin.qq.com",
        "/sns/jscode2session",
    )
    assert parse_qs(url.query) == {
        "appid": [APPID],
        "secret": [APP_SECRET],
        "js_code": [CODE],
        "grant_type": ["authorization_code"],
    }


@pytest.mark.parametrize("errcode", [40029, 40163, 40226])
def test_code_is_at_fault_when_wechat_says_so(errcode: int) -> None:
    with pytest.raises(LoginCodeError) as refused:
        program(Reply(200, b'{"errcode":%d,"errmsg":"x"}' % errcode))[0].openid_of(CODE)
    assert refused.value.facts == {"errcode": errcode}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b'{"errcode":-1,"errmsg":"system error"}'),
        Reply(200, b'{"errcode":45011}'),
        Reply(200, b'{"errcode":40013}'),
        Reply(200, b'{"errcode":40125}'),
        Reply(200, b'{"errcode":45011,"openid":"oAbc"}'),
        Reply(200, b'{"errcode":0}'),
        Reply(200, b'{"openid":""}'),
        Reply(200, b"<html>"),
        Reply(200, b""),
        Reply(302, b'{"openid":"oAbc"}'),
        Reply(429, b""),
        Reply(500, b'{"openid":"oAbc"}'),
        Reply(503, b""),
        ConnectTimeoutError("connect"),
        ProtocolError("Connection aborted."),
    ],
)
def test_service_is_unavailable_when_no_usable_answer_came(reply: Reply | Exception) -> None:
    with pytest.raises(MiniProgramUnavailableError) as unavailable:
        program(reply)[0].openid_of(CODE)
    text = "".join(traceback.format_exception(unavailable.value))
    assert APP_SECRET not in text
    assert CODE not in text
    assert "oAbc" not in text
