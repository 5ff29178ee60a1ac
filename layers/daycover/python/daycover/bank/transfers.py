"""Transfers to the insured's bank account, for sums above the wallet limit."""

from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from daycover.bank.client import BankClient, BankRefusedError, BankUnknownError
from daycover.payouts.transfer import (
    Transfer,
    TransferOrder,
    TransferRefusedError,
    Transfers,
    TransferState,
    TransferUnknownError,
)

PAYMENTS = "/v1/payments"
UNKNOWN_PAYMENT = "NOT_FOUND"


class _Status(StrEnum):
    ACCEPTED = "ACCEPTED"
    SETTLED = "SETTLED"
    REJECTED = "REJECTED"
    RETURNED = "RETURNED"


STATES = MappingProxyType(
    {
        _Status.ACCEPTED: TransferState.PROCESSING,
        _Status.SETTLED: TransferState.SUCCESS,
        _Status.REJECTED: TransferState.FAIL,
        _Status.RETURNED: TransferState.RETURNED,
    }
)


class _Payment(BaseModel, defer_build=True):
    """One payment as the bank has it; it repeats neither name nor account."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    reference: str
    bank_serial: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    status: _Status
    amount_fen: Annotated[int, Field(gt=0)]
    reason: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,64}$")] | None = None


class BankTransfers(Transfers):
    """Implements `payouts.transfer.Transfers` with the payout's number as the idempotent reference."""

    def __init__(self, client: BankClient) -> None:
        self._client = client

    def submit(self, order: TransferOrder) -> Transfer:
        """Instruct the payment, or find the one under the same reference: REJECTED is a bill, and final.

        Raises TransferRefusedError, TransferUnknownError.
        """
        if order.account is None:
            raise TransferRefusedError(code="ACCOUNT_MISSING")
        body = {
            "reference": order.out_bill_no,
            "debit_account": self._client.credentials.debit_account,
            "payee_name": order.account.holder,
            "payee_account": order.account.account_no,
            "payee_bank": order.account.bank_name,
            "amount_fen": order.amount_fen,
            "purpose": f"{order.remark} {order.claim_no}",
        }
        try:
            return _read(self._client.request("POST", PAYMENTS, body), order.out_bill_no)
        except BankRefusedError as refusal:
            # it speaks of this request only: an earlier one under the same reference may have been taken
            found = self.find(order.out_bill_no)
            if found is None:
                raise TransferRefusedError(code=refusal.code) from refusal
            return found
        except BankUnknownError as error:
            raise TransferUnknownError from error

    def find(self, out_bill_no: str) -> Transfer | None:
        """Ask for one payment, for ever; None when the bank does not know it. Raises TransferUnknownError."""
        try:
            target = f"{PAYMENTS}/{quote(out_bill_no, safe='')}"
            return _read(self._client.request("GET", target), out_bill_no)
        except BankRefusedError as refusal:
            if (refusal.status, refusal.code) == (HTTPStatus.NOT_FOUND, UNKNOWN_PAYMENT):
                return None
            raise TransferUnknownError from refusal
        except BankUnknownError as error:
            raise TransferUnknownError from error

    def cancel(self, out_bill_no: str) -> Transfer | None:
        """Give what `find` says: the bank recalls nothing that it was instructed to pay."""
        return self.find(out_bill_no)


def _read(data: bytes, asked: str) -> Transfer:
    try:
        payment = _Payment.model_validate_json(data)
    except ValidationError as error:
        raise TransferUnknownError from error
    if payment.reference != asked:
        raise TransferUnknownError
    return Transfer(
        out_bill_no=payment.reference,
        state=STATES[payment.status],
        amount_fen=payment.amount_fen,
        transfer_bill_no=payment.bank_serial,
        fail_reason=payment.reason,
    )
