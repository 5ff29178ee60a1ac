"""What opens WeChat's card mini program for a face check."""

from typing import Protocol

from daycover.platform.http import View


class Merchant(Protocol):
    """The service provider's numbers at WeChat."""

    @property
    def mchid(self) -> str: ...

    @property
    def appid(self) -> str: ...


CARD_APP_ID = "wxd24d9057cd83d47a"
FACE_PAGE = "/pages/card/authen_with_auth"
"""WeChat's card mini program, and its page that authorises and checks the face in one flow."""


class WorkCardLaunch(View):
    """What `wx.navigateToMiniProgram` needs to open the card mini program for the face check."""

    app_id: str
    path: str
    mchid: str
    sub_mchid: str
    appid: str
    authenticate_number: str
    token: str | None
