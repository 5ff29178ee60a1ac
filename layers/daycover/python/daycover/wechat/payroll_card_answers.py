"""The payroll card's answers (微工卡), checked field by field before anything rests on them."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from daycover.wechat.client import WechatAnswer

Text32 = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Text64 = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text128 = Annotated[str, StringConstraints(max_length=128)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class AuthenticateState(StrEnum):
    AUTHENTICATE_PROCESSING = "AUTHENTICATE_PROCESSING"
    AUTHENTICATE_SUCCESS = "AUTHENTICATE_SUCCESS"
    AUTHENTICATE_FAILED = "AUTHENTICATE_FAILED"


class AuthenticateScene(StrEnum):
    FROM_MINI_APP = "FROM_MINI_APP"
    FROM_HARDWARE = "FROM_HARDWARE"


class AuthenticateType(StrEnum):
    NORMAL = "NORMAL"
    SIGN_IN = "SIGN_IN"
    INSURANCE = "INSURANCE"
    CONTRACT = "CONTRACT"


class PartiesAnswer(WechatAnswer):
    """Whom an answer is about: worker, service provider, labour company."""

    openid: Text64
    mchid: Text32
    sub_mchid: Text32


class PreOrderAnswer(PartiesAnswer):
    """POST /v3/payroll-card/authentications/pre-order-with-auth. `expires_in` in seconds."""

    authenticate_number: Text64
    token: Token
    expires_in: Annotated[int, Field(gt=0)]


class AuthenticationAnswer(PartiesAnswer):
    """GET /v3/payroll-card/authentications/{authenticate_number}.

    Only what identifies the attempt and its outcome is required; the rest is news to nobody here.
    """

    authenticate_number: Text64
    authenticate_state: AuthenticateState
    authenticate_time: AwareDatetime | None = None
    authenticate_failed_reason: str | None = None
    authenticate_type: AuthenticateType | None = None
    authenticate_scene: AuthenticateScene | None = None
    authenticate_source: Text64 | None = None
    project_name: Text128 | None = None
    employer_name: Text128 | None = None
