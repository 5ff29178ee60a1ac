"""What the transfer machine is given to pay, and what it asks of whoever owes."""

from typing import NamedTuple, Protocol

from daycover.claims.claim import Claim
from daycover.claims.obligation import INSURED, Obligation
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import Payout
from daycover.payouts.transfer import Channel


class Owed(NamedTuple):
    """One obligation that wants paying."""

    claim: Claim
    obligation: Obligation
    round: int

    @property
    def goes_to_insured(self) -> bool:
        return self.obligation.payee == INSURED


class Obligations(Protocol):
    """What the transfer machine asks of whoever owes."""

    def due(self, claim_no: str, *, obligation: int | None, advance: int | None) -> Owed | Outcome:
        """Give what to pay: one obligation, an advance, or else the decided amount; or why not.

        Raises ClaimNotFoundError, ObligationNotFoundError, AdvanceNotFoundError, ConcurrentChangeError.
        """
        ...

    def begin(self, due: Owed, channel: Channel) -> Payout:
        """Reserve a payout of a new number together with what it pays. Raises ConcurrentChangeError."""
        ...

    def resume(self, due: Owed, payout: Payout, *, anew: bool) -> None:
        """Reserve what a payout goes on to pay. `anew`: it had failed and was taken up just now, so whatever else
        moved the claim since it was read, as a correction of the account does, must be found.

        Raises ConcurrentChangeError.
        """
        ...

    def may_leave(self, payout: Payout) -> bool:
        """Whether money may leave for it now: reads the policy again."""
        ...

    def paid(self, payout: Payout) -> None:
        """Take in money that arrived, and let a waiting claim go on; safe to repeat."""
        ...

    def failed(self, payout: Payout) -> Outcome:
        """Take in a payout that came to its end without paying; safe to repeat."""
        ...

    def unresolved(
        self, claim_no: str, outcome: Outcome, payout: Payout | None, *, advance: int | None
    ) -> Outcome:
        """Put what is owed before finance; safe to repeat."""
        ...

    def owes_again(self, payout: Payout) -> bool:
        """Whether money that comes back is simply owed again; else a person must look."""
        ...

    def bounced(self, payout: Payout, before: Payout) -> None:
        """Take in money that came back, written with the payout."""
        ...

    def resolved(self, payout: Payout) -> None:
        """Finance need not look at it any more."""
        ...
