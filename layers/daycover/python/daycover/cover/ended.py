"""Policies that have ended (保单失效): who must hear of it, beside archive, roster and insurer."""

from typing import Protocol


class EndedPolicies(Protocol):
    def tell(self, policy_no: str) -> None:
        """Tell whoever has open claims of the policy that it was voided, terminated or cancelled.

        Again does no harm: they read the policy themselves.
        """
        ...
