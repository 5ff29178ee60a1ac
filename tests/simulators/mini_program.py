"""Simulator of the mini program server API.

After the pages "小程序登录", "获取稳定版接口调用凭据", "获取不限制的小程序码", "发送订阅消息".
"""

import base64
import re
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.simulators.clock import print_instant
from tests.simulators.credentials import Credentials
from tests.simulators.http_server import (
    Answer,
    JsonObject,
    Request,
    SimulatedError,
    SimulatorServer,
    json_answer,
)
from tests.simulators.message_values import is_valid_value
from tests.simulators.rate_limit import RateLimit

LOGIN_CODE_SECONDS = 300
LOGINS_PER_USER_AND_MINUTE = 100
TOKEN_SECONDS = 7200
TOKEN_OVERLAP_SECONDS = 300
FORCED_REFRESHES_PER_DAY = 20
FORCED_REFRESH_INTERVAL_SECONDS = 30
CODES_PER_MINUTE = 5000

SCENE_PATTERN = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")

_MESSAGES = {
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    47001: "data format error",
    47003: "argument invalid!",
}


def refusal(errcode: int, detail: str = "") -> SimulatedError:
    """Refuse in the mini program API's way: HTTP 200 with errcode and errmsg."""
    message = f"{_MESSAGES[errcode]} {detail}".strip()
    return SimulatedError(200, str(errcode), f"{message} rid: {secrets.token_hex(12)}")


@dataclass
class LoginCode:
    """What wx.login gave the client."""

    openid: str
    issued_at: float
    used: bool = False


@dataclass(frozen=True)
class SentMessage:
    """A subscription message that reached its user."""

    openid: str
    template_id: str
    page: str
    data: dict[str, str]
    miniprogram_state: str
    lang: str
    sent_at: str


class MiniProgramServer(SimulatorServer):
    """The host; an openid is known once a login code was made for it, or when `knows_openid` says so."""

    name = "mini_program"

    def __init__(
        self,
        credentials: Credentials,
        port: int = 0,
        *,
        knows_openid: Callable[[str], bool] = lambda _openid: False,
    ) -> None:
        super().__init__(port)
        self._credentials = credentials
        self._knows_openid = knows_openid
        self._lock = threading.RLock()
        self._login_codes: dict[str, LoginCode] = {}
        self._openids: set[str] = set()
        self._logins: dict[str, RateLimit] = {}
        self._tokens: dict[str, float] = {}
        self._current_token = ""
        self._forced_refreshes: list[tuple[date, float]] = []
        self._consents: dict[tuple[str, str], int] = {}
        self._messages: list[SentMessage] = []
        self._scenes: list[str] = []
        self._codes = RateLimit(CODES_PER_MINUTE, 60)
        self.add_route("GET", "/sns/jscode2session", self._exchange_login_code)
        self.add_route("POST", "/cgi-bin/stable_token", self._issue_token)
        self.add_route("POST", "/wxa/getwxacodeunlimit", self._draw_code)
        self.add_route("POST", "/cgi-bin/message/subscribe/send", self._send_message)
        self.add_route("POST", "/_sim/login-codes", self._make_login_code)
        self.add_route("POST", "/_sim/subscriptions", self._set_subscription)
        self.add_route("GET", "/_sim/messages", self._list_messages)

    def error_answer(self, error: SimulatedError) -> Answer:
        errcode = int(error.code) if error.code.lstrip("-").isdigit() else -1
        return json_answer({"errcode": errcode, "errmsg": error.message}, error.status)

    # Direct access for tests in the same process

    def make_login_code(self, openid: str) -> str:
        """Play wx.login for this user."""
        code = "0" + secrets.token_hex(15)
        with self._lock:
            self._openids.add(openid)
            self._login_codes[code] = LoginCode(openid, self.clock.seconds())
        return code

    def set_subscription(self, openid: str, template_id: str, remaining: int) -> None:
        """Set how many messages of a template the user still accepts; without this, any number."""
        with self._lock:
            self._consents[(openid, template_id)] = remaining

    def list_messages(self) -> list[SentMessage]:
        """Return the messages that were sent, oldest first."""
        with self._lock:
            return list(self._messages)

    def list_scenes(self) -> list[str]:
        """Return the scenes of the codes that were drawn, oldest first."""
        with self._lock:
            return list(self._scenes)

    # The interface

    def _exchange_login_code(self, request: Request) -> Answer:
        """Exchange a login code ("小程序登录"): single use, five minutes."""
        query = request.query
        self._check_app(query, secret_errcode=40125)
        if query.get("grant_type") != "authorization_code":
            raise refusal(40002)
        if not query.get("js_code"):
            raise refusal(41008)
        with self._lock:
            login = self._login_codes.get(query["js_code"])
            if login is None or self.clock.seconds() - login.issued_at > LOGIN_CODE_SECONDS:
                raise refusal(40029)
            if login.used:
                raise refusal(40163)
            limit = self._logins.setdefault(login.openid, RateLimit(LOGINS_PER_USER_AND_MINUTE, 60))
            if not limit.admits(time.monotonic()):
                raise refusal(45011)
            login.used = True
        session_key = base64.b64encode(secrets.token_bytes(16)).decode()
        answer = json_answer({"session_key": session_key, "openid": login.openid})
        # The real interface sends JSON under this type.
        answer.content_type = "text/plain"
        return answer

    def _issue_token(self, request: Request) -> Answer:
        """Issue the access token ("获取稳定版接口调用凭据"): the same until five minutes before its end."""
        body = _body(request)
        if body.get("grant_type") != "client_credential":
            raise refusal(40002)
        self._check_app(body, secret_errcode=40001)
        force = body.get("force_refresh", False)
        if not isinstance(force, bool):
            raise refusal(47001)
        with self._lock:
            now = self.clock.seconds()
            if force:
                self._count_forced_refresh(now)
                self._tokens.clear()
            if self._tokens.get(self._current_token, 0.0) - now <= TOKEN_OVERLAP_SECONDS:
                self._current_token = secrets.token_urlsafe(102)
                self._tokens[self._current_token] = now + TOKEN_SECONDS
            expires_in = int(self._tokens[self._current_token] - now)
            return json_answer({"access_token": self._current_token, "expires_in": expires_in})

    def _count_forced_refresh(self, now: float) -> None:
        today = self.clock.today()
        self._forced_refreshes = [entry for entry in self._forced_refreshes if entry[0] == today]
        if len(self._forced_refreshes) >= FORCED_REFRESHES_PER_DAY:
            raise refusal(45009)
        if any(abs(now - at) < FORCED_REFRESH_INTERVAL_SECONDS for _, at in self._forced_refreshes):
            raise refusal(45011)
        self._forced_refreshes.append((today, now))

    def _draw_code(self, request: Request) -> Answer:
        """Draw a mini program code ("获取不限制的小程序码"); here a blank square of the asked width."""
        self._check_token(request)
        if not self._codes.admits(time.monotonic()):
            raise refusal(45009)
        body = _body(request)
        scene, page, width = body.get("scene"), body.get("page"), body.get("width", 430)
        if not isinstance(scene, str) or SCENE_PATTERN.fullmatch(scene) is None:
            raise refusal(40129)
        if page is not None and (not isinstance(page, str) or page.startswith("/") or "?" in page):
            raise refusal(41030)
        if not isinstance(width, int) or isinstance(width, bool) or not 280 <= width <= 1280:
            raise refusal(40097, "width")
        if body.get("env_version", "release") not in ("release", "trial", "develop"):
            raise refusal(40097, "env_version")
        for name in ("check_path", "auto_color", "is_hyaline"):
            if not isinstance(body.get(name, False), bool):
                raise refusal(40097, name)
        with self._lock:
            self._scenes.append(scene)
        return Answer(body=blank_png(width), content_type="image/png")

    def _send_message(self, request: Request) -> Answer:
        """Send a subscription message ("发送订阅消息")."""
        self._check_token(request)
        body = _body(request)
        openid, template_id, data = body.get("touser"), body.get("template_id"), body.get("data")
        if not isinstance(openid, str) or not self._is_user(openid):
            raise refusal(40003)
        if not isinstance(template_id, str) or not template_id:
            raise refusal(40037)
        page = body.get("page", "")
        if not isinstance(page, str) or page.startswith("/"):
            raise refusal(41030)
        # Both are marked as required on the current page.
        if body.get("miniprogram_state") not in ("developer", "trial", "formal"):
            raise refusal(47003, "miniprogram_state")
        if body.get("lang") not in LANGUAGES:
            raise refusal(47003, "lang")
        values = _message_values(data)
        with self._lock:
            self._use_consent(openid, template_id)
            self._messages.append(
                SentMessage(
                    openid=openid,
                    template_id=template_id,
                    page=page,
                    data=values,
                    miniprogram_state=body["miniprogram_state"],
                    lang=body["lang"],
                    sent_at=print_instant(self.clock.now()),
                )
            )
        return json_answer({"errcode": 0, "errmsg": "ok", "msgid": secrets.randbelow(10**18)})

    # Checks

    def _check_app(self, given: dict[str, Any], *, secret_errcode: int) -> None:
        if not given.get("appid"):
            raise refusal(41002)
        if given["appid"] != self._credentials.appid:
            raise refusal(40013)
        if not given.get("secret"):
            raise refusal(41004)
        if given["secret"] != self._credentials.app_secret:
            raise refusal(secret_errcode)

    def _check_token(self, request: Request) -> None:
        token = request.query.get("access_token")
        if not token:
            raise refusal(41001)
        with self._lock:
            expires_at = self._tokens.get(token)
        if expires_at is None:
            raise refusal(40001)
        if self.clock.seconds() >= expires_at:
            raise refusal(42001)

    def _is_user(self, openid: str) -> bool:
        with self._lock:
            return openid in self._openids or self._knows_openid(openid)

    def _use_consent(self, openid: str, template_id: str) -> None:
        key = (openid, template_id)
        if key in self._consents:
            if self._consents[key] <= 0:
                raise refusal(43101)
            self._consents[key] -= 1

    # The control plane

    def _make_login_code(self, request: Request) -> Answer:
        return json_answer({"code": self.make_login_code(str(request.json_object()["openid"]))})

    def _set_subscription(self, request: Request) -> Answer:
        body = request.json_object()
        remaining = int(body["remaining"])
        self.set_subscription(str(body["openid"]), str(body["template_id"]), remaining)
        return json_answer({"remaining": remaining})

    def _list_messages(self, request: Request) -> Answer:
        openid = request.query.get("openid")
        return json_answer(
            [
                {
                    "touser": message.openid,
                    "template_id": message.template_id,
                    "page": message.page,
                    "data": message.data,
                    "miniprogram_state": message.miniprogram_state,
                    "lang": message.lang,
                    "sent_at": message.sent_at,
                }
                for message in self.list_messages()
                if openid in (None, message.openid)
            ]
        )


def _body(request: Request) -> JsonObject:
    try:
        return request.json_object()
    except ValueError as error:
        raise refusal(47001) from error


def _message_values(data: Any) -> dict[str, str]:
    if not isinstance(data, dict) or not data:
        raise refusal(47003, "data")
    values = {}
    for key, entry in data.items():
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str) or not is_valid_value(key, value):
            raise refusal(47003, f"data.{key}.value invalid")
        values[key] = value
    return values


def blank_png(width: int) -> bytes:
    """Draw a white square, one bit per pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    row = b"\x00" + b"\xff" * ((width + 7) // 8)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * width))
        + chunk(b"IEND", b"")
    )
