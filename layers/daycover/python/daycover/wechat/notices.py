"""What WeChat posts to us when a transfer has come to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from daycover.errors import DaycoverError
from daycover.payouts.transfer import FINAL_STATES, TransferState
from daycover.wechat.client import WechatAnswer
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.sealed import SealError, open_resource
from daycover.wechat.signature import SignatureError, verify

Number = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class NoticeForgedError(DaycoverError):
    """The notice is not proven to come from WeChat. `fault` PROBE is WeChat's own test: refuse, no alarm."""


class NoticeUnreadableError(DaycoverError):
    """The notice is signed, but it can't be decrypted, is not about our transfers, or has a new shape."""


@dataclass(frozen=True, slots=True)
class TransferNotice:
    """One final state. Notices repeat, even a second apart: dedupe by `event_id` and by bill.

    `amount_fen` in fen.
    """

    event_id: str
    event_type: str
    out_bill_no: str
    transfer_bill_no: str
    state: TransferState
    amount_fen: int
    fail_reason: str | None = None


class _Resource(WechatAnswer):
    algorithm: Literal["AEAD_AES_256_GCM"]
    ciphertext: str
    nonce: str
    associated_data: str = ""


class _Envelope(WechatAnswer):
    id: Annotated[str, StringConstraints(min_length=1, max_length=36)]
    event_type: Literal["MCHTRANSFER.BILL.FINISHED"]
    resource: _Resource


class _Bill(WechatAnswer):
    mch_id: str
    out_bill_no: Number
    transfer_bill_no: Number
    state: TransferState
    transfer_amount: Annotated[int, Field(gt=0)]
    fail_reason: str | None = None


def open_transfer_notice(
    headers: Mapping[str, str], raw_body: bytes, credentials: MerchantCredentials, now: datetime
) -> TransferNotice:
    """Check, decrypt and read one notice.

    `headers`: names in any case. `raw_body`: the bytes as they came, after API Gateway's Base64.
    Raises NoticeForgedError, NoticeUnreadableError.
    """
    try:
        verify(headers, raw_body, keys=credentials.wechatpay_public_keys, now=now)
    except SignatureError as error:
        raise NoticeForgedError(fault=error.fault.value) from error
    try:
        envelope = _Envelope.model_validate_json(raw_body)
        bill = _Bill.model_validate_json(_opened(envelope.resource, credentials))
    except (ValidationError, SealError) as error:
        raise NoticeUnreadableError from error
    if bill.mch_id != credentials.mchid or bill.state not in FINAL_STATES:
        raise NoticeUnreadableError
    return TransferNotice(
        event_id=envelope.id,
        event_type=envelope.event_type,
        out_bill_no=bill.out_bill_no,
        transfer_bill_no=bill.transfer_bill_no,
        state=bill.state,
        amount_fen=bill.transfer_amount,
        fail_reason=bill.fail_reason,
    )


def _opened(resource: _Resource, credentials: MerchantCredentials) -> bytes:
    return open_resource(
        ciphertext=resource.ciphertext,
        nonce=resource.nonce,
        associated_data=resource.associated_data,
        apiv3_key=credentials.apiv3_key.get_secret_value(),
    )
