"""The round (处理轮次): one run of a claim from the request to the settlement.

Each has its own clocks, decision, people, agreement and obligations. Reopening appends one; what a round has
paid stays paid, and the next one pays on top.
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, Field

from daycover.claims.advance import Advance, AdvanceNotFoundError, AdvanceState
from daycover.claims.clocks import PausedInterval
from daycover.claims.documents import DocumentType
from daycover.claims.exposure import NOTHING_HELD, Holding
from daycover.claims.lifecycle import PAYING_DECISIONS, Decision
from daycover.claims.notice import NoticeFact
from daycover.claims.obligation import Obligation, ObligationNotFoundError, ObligationState, total_fen
from daycover.cover.policy import PolicyStatus


class Round(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """`number` is 0 at first and counts the reopenings. Amounts in fen, instants in UTC.

    `received_at` is the first receipt of request and papers: the 30 days start there. `policy_status` is how
    the policy stood when the assessment or decision was made. `holding` is what the round holds of the
    policy's exposure.
    """

    number: int = 0
    requested_at: datetime
    received_at: datetime | None = None
    documents_complete_at: datetime | None = None
    supplement: tuple[DocumentType, ...] = ()
    """What the supplement notice of this review asked for; one notice a review."""
    pauses: tuple[PausedInterval, ...] = ()
    """When the 30 days stood still."""
    notices: tuple[NoticeFact, ...] = ()
    """What was said in writing, oldest first, and whether it was delivered."""
    investigate_by: datetime | None = None
    sheet: int = 0
    """The version of the claim's loss sheet; a new round goes on with that of the one before."""
    referred_for: tuple[str, ...] = ()
    """Why the machine would not approve: reason codes."""
    policy_status: PolicyStatus = PolicyStatus.ISSUED
    decision: Decision = Decision.PENDING
    amount_fen: int | None = None
    granted: tuple[tuple[str, int], ...] = Field(default=(), repr=False)
    """(benefit, fen): how the amount that people decided falls on the benefits."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    """Since when the decision stands: a second person's act, or the machine's own approval."""
    automatic_at: datetime | None = None
    """When the machine approved, and for how much: that stays, whatever people decide later."""
    automatic_fen: int | None = None
    undisputed_fen: int | None = None
    """What was decided and disputed as too little: nobody doubts that much."""
    disputed_at: datetime | None = None
    agreed_heirs: tuple[tuple[int, str], ...] = ()
    """(version of the beneficiaries, payee): who has accepted the amount of a death claim until now."""
    agreed_at: datetime | None = None
    advances: tuple[Advance, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    holding: Holding = NOTHING_HELD
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    breaches: tuple[str, ...] = ()
    """Clocks that ran out, each recorded once."""

    @property
    def stands(self) -> bool:
        """Whether a decision to pay stands."""
        return self.decision in PAYING_DECISIONS and self.acknowledged_at is not None

    @property
    def decided_obligations(self) -> tuple[Obligation, ...]:
        """What the decision owes beside the advances; none before its first payment."""
        return tuple(o for o in self.obligations if o.advance is None and o.stands)

    @property
    def advanced_fen(self) -> int:
        """What was advanced, owed, under way or paid."""
        return total_fen(o for o in self.obligations if o.advance is not None and o.stands)

    @property
    def paid_in_advance_fen(self) -> int:
        paid = (o for o in self.obligations if o.advance is not None and o.state is ObligationState.PAID)
        return total_fen(paid)

    @property
    def taken_fen(self) -> int:
        """What has left for this round, or may have."""
        return total_fen(o for o in self.obligations if o.is_taken)

    @property
    def remaining_fen(self) -> int:
        """What is left of the decided amount; never negative."""
        return max(0, (self.amount_fen or 0) - self.taken_fen)

    @property
    def committed_fen(self) -> int:
        """What the policy must have room for: what stands decided or undisputed, and what is owed or has left."""
        decided = (self.amount_fen or 0) if self.stands else (self.undisputed_fen or 0)
        return max(decided, total_fen(o for o in self.obligations if o.stands))

    def obligation(self, number: int) -> Obligation:
        """Raises ObligationNotFoundError."""
        for obligation in self.obligations:
            if obligation.number == number:
                return obligation
        raise ObligationNotFoundError

    def with_obligations(self, changed: Iterable[Obligation]) -> tuple[Obligation, ...]:
        """Give the obligations with these in the places of their numbers, or at the end."""
        known = {o.number: o for o in self.obligations} | {o.number: o for o in changed}
        return tuple(known[number] for number in sorted(known))

    def advance(self, number: int) -> Advance:
        """Raises AdvanceNotFoundError."""
        for advance in self.advances:
            if advance.number == number:
                return advance
        raise AdvanceNotFoundError

    def with_advance(self, advance: Advance) -> tuple[Advance, ...]:
        """Give the advances with this one in its number's place, or at the end."""
        others = [known for known in self.advances if known.number != advance.number]
        return tuple(sorted((*others, advance), key=lambda known: known.number))

    def of_advance(self, number: int) -> tuple[Obligation, ...]:
        """What is owed for one advance: to the insured, or to each beneficiary."""
        return tuple(o for o in self.obligations if o.advance == number)

    def state_of(self, advance: Advance) -> AdvanceState:
        """Where an advance stands, its money included."""
        states = {o.state for o in self.of_advance(advance.number) if o.stands}
        if advance.state is not AdvanceState.ACKNOWLEDGED:
            return advance.state
        if not states:
            return AdvanceState.LAPSED
        if ObligationState.RESERVED in states:
            return AdvanceState.PAYING
        return AdvanceState.PAID if states == {ObligationState.PAID} else AdvanceState.ACKNOWLEDGED

    @property
    def open_advance(self) -> Advance | None:
        """The advance that is not at its end; a claim has at most one new one."""
        return next((a for a in self.advances if self.state_of(a) in OPEN), None)

    def without_unsent(self) -> "Round":
        """Give the round after a decision stands or falls: what was not sent is owed by the next one."""
        advances = tuple(
            a.model_copy(update={"state": AdvanceState.LAPSED}) if a.state is AdvanceState.STATED else a
            for a in self.advances
        )
        obligations = tuple(o.lapsed() if o.state is ObligationState.OWED else o for o in self.obligations)
        return self.model_copy(update={"advances": advances, "obligations": obligations})


OPEN = frozenset({AdvanceState.STATED, AdvanceState.ACKNOWLEDGED, AdvanceState.PAYING})
