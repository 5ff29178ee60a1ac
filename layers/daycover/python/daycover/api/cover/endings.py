"""Bodies of ending a policy before its time: cancelled by worker or company, voided by staff."""

from enum import StrEnum

from daycover.cover.policy import EndReason
from daycover.platform.http import Body


class CancelReason(StrEnum):
    NOT_NEEDED = "NOT_NEEDED"
    SHIFT_CANCELLED = "SHIFT_CANCELLED"
    MISTAKE = "MISTAKE"


class VoidReason(StrEnum):
    NO_INSURABLE_INTEREST = "NO_INSURABLE_INTEREST"
    NO_CONSENT = "NO_CONSENT"
    IDENTITY_THEFT = "IDENTITY_THEFT"


class CancellationBody(Body):
    reason: CancelReason

    def end_reason(self) -> EndReason:
        return EndReason(self.reason)


class VoidanceBody(Body):
    reason: VoidReason

    def end_reason(self) -> EndReason:
        return EndReason(self.reason)
