"""Subscribe messages (订阅消息): one template that tells a worker how the claim stands."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from daycover.china_time import CHINA
from daycover.claims.inform import Delivery, NoticeUnavailableError, ProgressNotice, ProgressNotices
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.mini_program import PATIENCE, PRODUCTION
from daycover.wire import NoAnswerError, NotConnectedError, Pool, exchange, new_pool

NOT_WANTED = 43101
TOKEN_FAULTS = frozenset({40001, 40014, 42001})
"""The access token is wrong or has ended; another one may do."""
FINAL_FAULTS = frozenset({40003, 40037, 41030, 47003})
"""Openid, template, page, argument: the same message would fail again."""
EARLY = timedelta(minutes=5)
"""A token this close to its end is not used: WeChat renews it then, and both stay valid."""
LIMITS: Mapping[str, int] = {"thing": 20, "character_string": 32, "phrase": 5}
PAGE = "pages/claim/index"

log = logging.getLogger(__name__)


class AccessToken(NamedTuple):
    token: str
    ends_at: datetime


class AccessTokenCache(Protocol):
    """One token, and when it ends, for all containers."""

    def find(self) -> tuple[str, datetime] | None: ...

    def keep(self, token: tuple[str, datetime]) -> None:
        """Keep it, unless one that lasts longer stands there."""
        ...


class _Token(BaseModel, defer_build=True):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    expires_in: Annotated[int, Field(gt=0, le=7200)]


class _Sent(BaseModel, defer_build=True):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    errcode: int = 0


Answer = TypeVar("Answer", bound=BaseModel)


def _now() -> datetime:
    return datetime.now(UTC)


class SubscribeMessages(ProgressNotices):
    """Implements `claims.inform.ProgressNotices`. The access token is WeChat's time, so its clock is the true one."""

    def __init__(
        self,
        credentials: MerchantCredentials,
        template_id: str,
        cache: AccessTokenCache,
        *,
        pool: Pool | None = None,
        base_url: str = PRODUCTION,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._credentials = credentials
        self._template_id = template_id
        self._cache = cache
        self._pool = pool or new_pool(base_url)
        self._base_url = base_url.rstrip("/")
        self._clock = clock

    def send(self, notice: ProgressNotice) -> Delivery:
        """Send one message, with a fresh token if the kept one is refused. Raises NoticeUnavailableError."""
        errcode = self._send(notice, self._token())
        if errcode in TOKEN_FAULTS:
            errcode = self._send(notice, self._fresh_token())
        if errcode == 0:
            return Delivery.SENT
        if errcode == NOT_WANTED:
            return Delivery.NOT_WANTED
        log.warning("subscribe message refused", extra={"errcode": errcode, "claim_no": notice.claim_no})
        if errcode in FINAL_FAULTS:
            return Delivery.UNDELIVERABLE
        raise NoticeUnavailableError(errcode=errcode)

    def _send(self, notice: ProgressNotice, token: str) -> int:
        body = {
            "touser": notice.openid,
            "template_id": self._template_id,
            "page": f"{PAGE}?{urlencode({'claim_no': notice.claim_no})}",
            "data": message_values(notice),
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        }
        target = f"/cgi-bin/message/subscribe/send?{urlencode({'access_token': token})}"
        return self._post(target, body, _Sent).errcode

    def _token(self) -> str:
        kept = self._cache.find()
        if kept is not None and kept[1] - self._clock() > EARLY:
            return kept[0]
        return self._fresh_token()

    def _fresh_token(self) -> str:
        """Ask for the stable token, which is the same for everybody who asks; never force a new one."""
        body = {
            "grant_type": "client_credential",
            "appid": self._credentials.appid,
            "secret": self._credentials.app_secret.get_secret_value(),
            "force_refresh": False,
        }
        given = self._post("/cgi-bin/stable_token", body, _Token)
        ends_at = self._clock() + timedelta(seconds=given.expires_in)
        self._cache.keep(AccessToken(given.access_token, ends_at))
        return given.access_token

    def _post(self, target: str, body: Mapping[str, object], answer: type[Answer]) -> Answer:
        headers = {"Content-Type": "application/json", "User-Agent": "daycover"}
        payload = json.dumps(body, ensure_ascii=False).encode()
        try:
            raw = exchange(
                self._pool,
                "POST",
                self._base_url + target,
                headers=headers,
                body=payload,
                patience=PATIENCE,
            )
        except (NotConnectedError, NoAnswerError):
            raise NoticeUnavailableError from None
        if raw.status != HTTPStatus.OK:
            raise NoticeUnavailableError(status=raw.status)
        try:
            return answer.model_validate_json(raw.data)
        except ValidationError:
            raise NoticeUnavailableError from None


def message_values(notice: ProgressNotice) -> dict[str, dict[str, str]]:
    """Give the values of the template's fields, cut to WeChat's limits (a longer one refuses the message)."""
    at = notice.at.astimezone(CHINA)
    values = {
        "character_string1": notice.claim_no,
        "phrase2": notice.phrase,
        "time3": f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
        "thing4": notice.note,
    }
    return {key: {"value": value[: LIMITS.get(key.rstrip("0123456789"))]} for key, value in values.items()}
