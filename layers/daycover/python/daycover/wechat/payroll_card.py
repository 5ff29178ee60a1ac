"""The payroll card (微工卡) over the real wire format: authorisation and identity check in one flow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

from daycover.identity.work_card import (
    Authentication,
    AuthenticationState,
    PreOrder,
    PreOrderToken,
    Purpose,
    WorkCard,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.wechat.client import (
    WechatPayClient,
    WechatRefusedError,
    WechatRetryError,
    WechatUnknownError,
)
from daycover.wechat.payroll_card_answers import (
    AuthenticateState,
    AuthenticateType,
    AuthenticationAnswer,
    PartiesAnswer,
    PreOrderAnswer,
)

ROOT = "/v3/payroll-card"
SHORT_TERM = "SHORT_TERM_EMPLOYMENT"
"""Once a worker has authorised, WeChat takes no other employment type for them, so there is only one."""

_STATES = {
    AuthenticateState.AUTHENTICATE_PROCESSING: AuthenticationState.PROCESSING,
    AuthenticateState.AUTHENTICATE_SUCCESS: AuthenticationState.SUCCESS,
    AuthenticateState.AUTHENTICATE_FAILED: AuthenticationState.FAILED,
}

_TYPES: Mapping[Purpose, dict[str, object]] = {
    Purpose.CHECK_IN: {"authenticate_type": AuthenticateType.SIGN_IN.value},
    Purpose.PAYOUT: {},
}
"""NORMAL, the plain check, stands in answers alone: a pre-order without a type is one (docs/decisions/0093)."""

Parties = TypeVar("Parties", bound=PartiesAnswer)


class PayrollCard(WorkCard):
    """Every method raises WorkCardRefusedError (`code`: WeChat's) and WorkCardUnavailableError."""

    def __init__(self, client: WechatPayClient) -> None:
        self._client = client

    def pre_order(self, order: PreOrder) -> PreOrderToken:
        """Open card, authorisation and face check in one flow; first-time and returning workers alike.

        Costs the worker one of the day's 20 pre-orders unless WeChat says otherwise or was never reached: see
        `WorkCardUnavailableError.may_have_counted`. Also raises WorkCardLimitError.
        """
        body = self._pre_order(order) | {
            "user_name": self._client.seal(order.name),
            "id_card_number": self._client.seal(order.id_number),
            "employment_type": SHORT_TERM,
        }
        return self._ordered(order, "/authentications/pre-order-with-auth", body)

    def authentication(self, authenticate_number: str, sub_mchid: str) -> Authentication:
        """Ask for the result of one attempt. An unknown number is refused with RESOURCE_NOT_EXISTS."""
        path = f"{ROOT}/authentications/{quote(authenticate_number, safe='')}"
        with _work_card_errors():
            answer = self._client.request(
                "GET", path, answer=AuthenticationAnswer, query={"sub_mchid": sub_mchid}
            )
        self._about(answer, sub_mchid)
        if answer.authenticate_number != authenticate_number:
            raise WorkCardUnavailableError(answered=True)
        return _authentication(answer)

    def _pre_order(self, order: PreOrder) -> dict[str, object]:
        return {
            "openid": order.openid,
            "appid": self._client.credentials.appid,
            "sub_mchid": order.sub_mchid,
            "authenticate_number": order.authenticate_number,
            "project_name": order.project_name,
            "employer_name": order.employer_name,
        } | _TYPES[order.purpose]

    def _ordered(self, order: PreOrder, path: str, body: Mapping[str, object]) -> PreOrderToken:
        with _work_card_errors(), _day_limit():
            answer = self._client.request("POST", ROOT + path, answer=PreOrderAnswer, body=body)
        self._about(answer, order.sub_mchid, order.openid)
        if answer.authenticate_number != order.authenticate_number:
            raise WorkCardUnavailableError(answered=True)
        return PreOrderToken(answer.authenticate_number, answer.token, answer.expires_in)

    def _about(self, answer: Parties, sub_mchid: str, openid: str | None = None) -> Parties:
        """Refuse an answer that is about somebody else than asked, however well signed."""
        asked = (self._client.credentials.mchid, sub_mchid, openid or answer.openid)
        if (answer.mchid, answer.sub_mchid, answer.openid) != asked:
            raise WorkCardUnavailableError(answered=True)
        return answer


def _authentication(answer: AuthenticationAnswer) -> Authentication:
    state = _STATES[answer.authenticate_state]
    if state is AuthenticationState.SUCCESS and answer.authenticate_time is None:
        # a success without its time proves nothing: cover begins there
        raise WorkCardUnavailableError(answered=True)
    return Authentication(
        authenticate_number=answer.authenticate_number,
        state=state,
        openid=answer.openid,
        at=answer.authenticate_time if state is AuthenticationState.SUCCESS else None,
        failed_reason=answer.authenticate_failed_reason,
    )


@contextmanager
def _work_card_errors() -> Iterator[None]:
    try:
        yield
    except WechatRefusedError as error:
        raise WorkCardRefusedError(code=error.code) from error
    except (WechatRetryError, WechatUnknownError) as error:
        raise WorkCardUnavailableError(
            may_have_counted=isinstance(error, WechatUnknownError),
            answered=error.status is not None,
            retry_after=error.retry_after,
        ) from error


@contextmanager
def _day_limit() -> Iterator[None]:
    """FREQUENCY_LIMITED on a pre-order means the person's day, not our pace (20 a day)."""
    try:
        yield
    except WechatRetryError as error:
        if error.code == "FREQUENCY_LIMITED":
            raise WorkCardLimitError(retry_after=error.retry_after) from error
        raise
