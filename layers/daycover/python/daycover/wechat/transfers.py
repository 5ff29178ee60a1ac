"""Transfers to the insured's WeChat wallet (商家转账), which the insured confirms; scene 1004, insurance."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, StringConstraints

from daycover.payouts.transfer import (
    Transfer,
    TransferOrder,
    TransferPostponedError,
    TransferRefusedError,
    Transfers,
    TransferState,
    TransferUnknownError,
)
from daycover.wechat.client import (
    WechatAnswer,
    WechatError,
    WechatPayClient,
    WechatRefusedError,
    WechatRetryError,
)

ROOT = "/v3/fund-app/mch-transfer/transfer-bills"
SCENE = "1004"
PERCEPTION = "保险理赔款"
"""The only text that scene 1004 lets the recipient see."""
NAMED_FROM_FEN = 200_000
"""From 2,000 yuan WeChat demands the recipient's name; below 0.30 yuan it can't check one."""
UNKNOWN_BILL = frozenset({"NOT_FOUND", "RESOURCE_NOT_EXISTS"})

Number = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _Submitted(WechatAnswer):
    out_bill_no: Number
    transfer_bill_no: Number
    state: TransferState
    fail_reason: str | None = None
    package_info: str | None = None


class _Found(WechatAnswer):
    mch_id: str
    out_bill_no: Number
    transfer_bill_no: Number
    state: TransferState
    transfer_amount: Annotated[int, Field(gt=0)]
    fail_reason: str | None = None


class _Cancelled(WechatAnswer):
    out_bill_no: Number
    transfer_bill_no: Number
    state: TransferState


class WechatTransfers(Transfers):
    """`notify_url`: public HTTPS without a query, at most 256 characters; WeChat posts final states there."""

    def __init__(self, client: WechatPayClient, notify_url: str) -> None:
        self._client = client
        self._notify_url = notify_url

    def submit(self, order: TransferOrder) -> Transfer:
        """Create the bill, or find the one that exists under the same number.

        `amount_fen` is None unless the bill had to be looked up: WeChat does not repeat it.
        Raises TransferRefusedError, TransferPostponedError, TransferUnknownError.
        """
        try:
            made = self._client.request("POST", ROOT, answer=_Submitted, body=self._body(order))
        except WechatRefusedError as error:
            return self._confirm_refusal(order.out_bill_no, error)
        except WechatError as error:
            raise _unanswered(error) from error
        _same(made.out_bill_no, order.out_bill_no)
        return Transfer(
            out_bill_no=made.out_bill_no,
            state=made.state,
            transfer_bill_no=made.transfer_bill_no,
            package_info=made.package_info if made.state is TransferState.WAIT_USER_CONFIRM else None,
            fail_reason=made.fail_reason,
        )

    def find(self, out_bill_no: str) -> Transfer | None:
        """Ask for one bill (kept 30 days); None when WeChat does not know it. Raises TransferUnknownError."""
        try:
            bill = self._client.request("GET", _bill_path(out_bill_no), answer=_Found)
        except WechatRefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND and error.code in UNKNOWN_BILL:
                return None
            raise _unknown(error) from error
        except WechatError as error:
            raise _unknown(error) from error
        _same(bill.out_bill_no, out_bill_no)
        _same(bill.mch_id, self._client.credentials.mchid)
        return Transfer(
            out_bill_no=bill.out_bill_no,
            state=bill.state,
            amount_fen=bill.transfer_amount,
            transfer_bill_no=bill.transfer_bill_no,
            fail_reason=bill.fail_reason,
        )

    def cancel(self, out_bill_no: str) -> Transfer | None:
        """Take back a bill that the user has not confirmed (撤销转账), at most 20 a second.

        WeChat closes it a moment later: CANCELING comes first. A refusal says only that this bill can't be
        taken back now, so the bill is looked up. None when WeChat does not know it. Raises TransferUnknownError.
        """
        try:
            bill = self._client.request("POST", f"{_bill_path(out_bill_no)}/cancel", answer=_Cancelled)
        except WechatRefusedError as error:
            return self._look_up(out_bill_no, error)
        except WechatError as error:
            raise _unknown(error) from error
        _same(bill.out_bill_no, out_bill_no)
        return Transfer(
            out_bill_no=bill.out_bill_no, state=bill.state, transfer_bill_no=bill.transfer_bill_no
        )

    def _confirm_refusal(self, out_bill_no: str, refusal: WechatRefusedError) -> Transfer:
        """Make sure that no bill exists before saying so.

        A refusal speaks of this request only: an earlier one under the same number, whose answer was lost,
        may have made the bill, and the payout would then go out again under a new number.
        """
        bill = self._look_up(out_bill_no, refusal)
        if bill is None:
            raise TransferRefusedError(code=refusal.code) from refusal
        return bill

    def _look_up(self, out_bill_no: str, refusal: WechatRefusedError) -> Transfer | None:
        """Ask for the bill of a refused call; where that fails too, the refusal's code says why."""
        try:
            return self.find(out_bill_no)
        except TransferUnknownError as error:
            raise _unknown(refusal) from error

    def _body(self, order: TransferOrder) -> dict[str, object]:
        merchant = self._client.credentials
        body: dict[str, object] = {
            "appid": merchant.appid,
            "out_bill_no": order.out_bill_no,
            "transfer_scene_id": SCENE,
            "openid": order.openid,
            "transfer_amount": order.amount_fen,
            "transfer_remark": order.remark,
            "notify_url": self._notify_url,
            "user_recv_perception": PERCEPTION,
            "transfer_scene_report_infos": [
                {"info_type": "保险产品备案编号", "info_content": merchant.product_filing_no},
                {"info_type": "保险名称", "info_content": merchant.product_name},
                {"info_type": "保险操作单号", "info_content": order.claim_no},
            ],
        }
        if order.amount_fen >= NAMED_FROM_FEN:
            body["user_name"] = self._client.seal(order.name)
        return body


def _bill_path(out_bill_no: str) -> str:
    return f"{ROOT}/out-bill-no/{quote(out_bill_no, safe='')}"


def _unanswered(error: WechatError) -> TransferPostponedError | TransferUnknownError:
    """Name a submission that was neither taken nor refused for good; no connection is no answer of WeChat's."""
    if isinstance(error, WechatRetryError) and error.status is not None:
        return TransferPostponedError(code=error.code or HTTPStatus(error.status).name)
    return _unknown(error)


def _unknown(error: WechatError) -> TransferUnknownError:
    return TransferUnknownError(code=error.code) if error.code is not None else TransferUnknownError()


def _same(answered: str, asked: str) -> None:
    if answered != asked:
        raise TransferUnknownError
