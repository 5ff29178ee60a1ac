"""What a step of Payout comes to (支付步骤结果): the words that its definition chooses by."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from daycover.claims import attention
from daycover.claims.attention import Attention


class Outcome(StrEnum):
    RESERVED = "RESERVED"
    """Go on with the payout."""
    IDENTITY_REQUIRED = "IDENTITY_REQUIRED"
    """Go on once the payee has proved who they are."""
    SUCCEEDED = "SUCCEEDED"
    """The money has arrived; only post it."""
    ALREADY_PAID = "ALREADY_PAID"
    APART = "APART"
    """Several are owed a part: each has an execution of their own."""
    PAYEE_MISSING = attention.PAYEE_MISSING
    """Too much for the wallet, and no bank account is stated."""
    BENEFICIARY_MISSING = "BENEFICIARY_MISSING"
    ADVANCE_PENDING = "ADVANCE_PENDING"
    """An advance under way may cover all that was decided."""
    LAPSED = "LAPSED"
    """Nothing is owed any more: the decision overtook the advance."""
    NOT_PAYABLE = "NOT_PAYABLE"
    STOPPED = "STOPPED"
    """The policy does not stand, or the claim is in review again: a person decides first."""
    FAILED = "FAILED"
    PENDING = "PENDING"
    """Submitted, and not at its end."""
    UNKNOWN = "UNKNOWN"
    """No usable answer: ask."""
    NOT_SENT = "NOT_SENT"
    """The other side holds no bill, or one that the payee can't open: submit again under the same number."""
    NOT_ENOUGH = "NOT_ENOUGH"
    """The merchant's account is too low; the same number goes again by itself."""
    BOUNCED = "BOUNCED"
    ERROR = "ERROR"
    """A task of the workflow failed for good."""


ATTENTIONS: Mapping[Outcome, Attention] = MappingProxyType(
    {
        Outcome.IDENTITY_REQUIRED: Attention.IDENTITY_REQUIRED,
        Outcome.PAYEE_MISSING: Attention.PAYEE_MISSING,
        Outcome.BENEFICIARY_MISSING: Attention.BENEFICIARY_MISSING,
        Outcome.ADVANCE_PENDING: Attention.ADVANCE_PENDING,
        Outcome.STOPPED: Attention.POLICY_NOT_STANDING,
        Outcome.FAILED: Attention.FAILED,
        Outcome.PENDING: Attention.PENDING,
        Outcome.UNKNOWN: Attention.UNKNOWN,
        Outcome.NOT_SENT: Attention.NOT_SENT,
        Outcome.NOT_ENOUGH: Attention.NOT_ENOUGH,
        Outcome.BOUNCED: Attention.BOUNCED,
        Outcome.ERROR: Attention.ERROR,
    }
)
"""Why finance must look at what came out so."""
SUBMISSION_COUNTS: Mapping[Outcome, str] = MappingProxyType(
    {Outcome.NOT_ENOUGH: "TransferNotEnough", Outcome.FAILED: "TransferRefused"}
)
"""The metrics of a submission that WeChat or the bank did not take; each has its alarm."""
