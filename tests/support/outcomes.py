"""What each step of Payout can come to, as its code gives it; the definitions must have a way on for all of it.

The walks of `tests/functional/claims` hold the table to what the steps really gave.
"""

from collections.abc import Mapping

from daycover.payouts.outcome import ATTENTIONS, Outcome

_O = Outcome
RECORDED = frozenset(ATTENTIONS)
"""What RecordPayoutFailure gives: what it was told, or STOPPED."""
ENDS = frozenset({_O.ALREADY_PAID, _O.APART, _O.LAPSED, _O.STOPPED})
"""What Payout itself says where nothing has to be done."""
GIVES: Mapping[str, frozenset[Outcome]] = {
    "IsReserved": frozenset(
        {
            _O.RESERVED,
            _O.IDENTITY_REQUIRED,
            _O.SUCCEEDED,
            _O.ALREADY_PAID,
            _O.APART,
            _O.PAYEE_MISSING,
            _O.BENEFICIARY_MISSING,
            _O.ADVANCE_PENDING,
            _O.LAPSED,
            _O.NOT_PAYABLE,
            _O.STOPPED,
            _O.FAILED,
        }
    ),
    "IsSubmitted": frozenset(
        {
            _O.IDENTITY_REQUIRED,
            _O.SUCCEEDED,
            _O.STOPPED,
            _O.FAILED,
            _O.PENDING,
            _O.UNKNOWN,
            _O.NOT_ENOUGH,
            _O.BOUNCED,
        }
    ),
    "IsConfirmed": frozenset(
        {_O.SUCCEEDED, _O.FAILED, _O.PENDING, _O.UNKNOWN, _O.NOT_SENT, _O.BOUNCED},
    ),
    "IsPaid": frozenset({_O.SUCCEEDED, _O.BOUNCED}) | RECORDED | ENDS,
}
"""By the Choice that the step leads to."""
BY_DEFAULT: Mapping[str, tuple[frozenset[Outcome], str]] = {
    "IsReserved": (frozenset({_O.NOT_PAYABLE, _O.FAILED}), "everything else is not payable"),
    "IsSubmitted": (
        frozenset({_O.PENDING, _O.UNKNOWN, _O.NOT_ENOUGH}),
        "everything else is settled by asking",
    ),
    "IsConfirmed": (frozenset({_O.PENDING, _O.UNKNOWN}), "Asks again"),
    "IsPaid": (GIVES["IsPaid"] - {_O.SUCCEEDED, _O.ALREADY_PAID}, "anything else waits for finance"),
}
"""What goes the default way, and the words of the Comment that say so."""
