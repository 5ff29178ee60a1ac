"""Subscribe messages against the simulator and against answers that it never gives."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from urllib3.exceptions import ProtocolError

from daycover.claims.inform import ACCOUNT_WANTED, PROGRESS, Delivery, NoticeUnavailableError, ProgressNotice
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.subscribe import AccessToken, SubscribeMessages, message_values
from tests.simulators.message_values import is_valid_value
from tests.simulators.mini_program import MiniProgramServer
from tests.support.key_material import merchant_credentials
from tests.support.replies import Reply
from tests.unit.wechat.merchant import APP_SECRET, MERCHANT, NOW
from tests.unit.wechat.wire import FakePool

CLAIM = "CLNE9FRNYEM14TDZ91CD9VHG33"


class FakeCache:
    """Implements `wechat.subscribe.AccessTokenCache`."""

    def __init__(self, token: AccessToken | None = None) -> None:
        self.token = token

    def find(self) -> AccessToken | None:
        return self.token

    def keep(self, token: tuple[str, datetime]) -> None:
        if self.token is None or token[1] >= self.token.ends_at:
            self.token = AccessToken(*token)


def a_notice(
    phrase: str = "已到账", note: str = "赔款已支付,请查收", openid: str = "o-worker"
) -> ProgressNotice:
    return ProgressNotice(openid=openid, claim_no=CLAIM, phrase=phrase, note=note, at=NOW)


@pytest.mark.parametrize(("phrase", "note"), [*PROGRESS.values(), ACCOUNT_WANTED])
def test_values_are_whole_and_allowed_when_we_wrote_them(phrase: str, note: str) -> None:
    values = message_values(a_notice(phrase, note))
    assert values["phrase2"]["value"] == phrase
    assert values["thing4"]["value"] == note
    assert all(is_valid_value(key, entry["value"]) for key, entry in values.items())


def test_values_are_cut_to_the_limits_when_they_are_too_long() -> None:
    values = message_values(a_notice("一二三四五六", "长" * 30))
    assert (values["phrase2"]["value"], values["thing4"]["value"]) == ("一二三四五", "长" * 20)


class TestAgainstTheSimulator:
    CREDENTIALS = merchant_credentials()

    @pytest.fixture
    def server(self) -> Iterator[MiniProgramServer]:
        with MiniProgramServer(self.CREDENTIALS, knows_openid=lambda openid: openid == "o-worker") as server:
            yield server

    def messages(self, server: MiniProgramServer, cache: FakeCache) -> SubscribeMessages:
        merchant = MerchantCredentials.model_validate(self.CREDENTIALS.merchant_json())
        return SubscribeMessages(merchant, "T1", cache, base_url=server.base_url)

    def test_message_arrives_when_the_user_wants_it(self, server: MiniProgramServer) -> None:
        cache = FakeCache()
        assert self.messages(server, cache).send(a_notice()) is Delivery.SENT
        assert cache.token is not None
        first = cache.token
        assert self.messages(server, cache).send(a_notice()) is Delivery.SENT
        assert cache.token == first, "one token serves every container"
        assert [m.data["character_string1"] for m in server.list_messages()] == [CLAIM, CLAIM]
        assert server.list_messages()[0].page == f"pages/claim/index?claim_no={CLAIM}"

    def test_message_is_not_wanted_when_the_consent_is_used_up(self, server: MiniProgramServer) -> None:
        server.set_subscription("o-worker", "T1", 1)
        messages = self.messages(server, FakeCache())
        assert messages.send(a_notice()) is Delivery.SENT
        assert messages.send(a_notice()) is Delivery.NOT_WANTED
        assert len(server.list_messages()) == 1

    def test_message_is_undeliverable_when_wechat_does_not_know_the_user(
        self, server: MiniProgramServer
    ) -> None:
        messages = self.messages(server, FakeCache())
        assert messages.send(a_notice(openid="o-nobody")) is Delivery.UNDELIVERABLE

    def test_another_token_is_fetched_when_the_kept_one_is_refused(self, server: MiniProgramServer) -> None:
        cache = FakeCache(AccessToken("made-up", NOW + timedelta(days=3650)))
        assert self.messages(server, cache).send(a_notice()) is Delivery.SENT
        assert len(server.list_messages()) == 1


def ended(cache_token: str = "old") -> FakeCache:
    return FakeCache(AccessToken(cache_token, NOW + timedelta(minutes=4)))


def test_token_is_renewed_when_the_kept_one_is_about_to_end() -> None:
    token = json.dumps({"access_token": "fresh", "expires_in": 7200}).encode()
    pool, cache = FakePool(Reply(200, token), Reply(200, b'{"errcode":0}')), ended()
    assert SubscribeMessages(MERCHANT, "T1", cache, pool=pool, clock=lambda: NOW).send(a_notice())
    assert cache.token == AccessToken("fresh", NOW + timedelta(seconds=7200))
    assert "fresh" in pool.sent[1].url
    assert pool.sent[0].json["force_refresh"] is False


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b'{"errcode":-1}'),
        Reply(200, b'{"errcode":45009}'),
        Reply(200, b"<html>"),
        Reply(502, b""),
        ProtocolError("cut"),
    ],
)
def test_notice_may_be_sent_again_when_wechat_gave_no_usable_answer(reply: Reply | Exception) -> None:
    cache = FakeCache(AccessToken("good", NOW + timedelta(hours=1)))
    messages = SubscribeMessages(MERCHANT, "T1", cache, pool=FakePool(reply), clock=lambda: NOW)
    with pytest.raises(NoticeUnavailableError) as error:
        messages.send(a_notice())
    assert APP_SECRET not in str(error.value.facts)
    assert "o-worker" not in repr(a_notice())
