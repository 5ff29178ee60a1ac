"""Record once, as an event of the claim, that a clock ran out. Nothing else follows: no clock decides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.claims.calendar import missing_notice
from daycover.claims.claim import Claim, Claims
from daycover.claims.conflict import repeated_on_conflict
from daycover.claims.due import breach_id, due_times
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import record

ROUNDS = 50
"""Pages of 100 claims that one run takes at most; the next run goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBreaches:
    claims: Claims
    now: Callable[[], datetime]

    def __call__(self) -> list[str]:
        """Give `<claim_no>/<clock>:<due>` of every breach that was recorded; a second run finds none."""
        noted: list[str] = []
        put_off: set[str] = set()
        for _ in range(ROUNDS):
            found = self.claims.overdue(self.now(), beyond=len(put_off))
            overdue = [claim.claim_no for claim in found if claim.claim_no not in put_off]
            if not overdue:
                break
            for claim_no in overdue:
                breaches = self._note(claim_no)
                noted += breaches
                if not breaches:  # a calendar that was loaded since has moved the due time to later
                    put_off.add(claim_no)
        return noted

    def year_without_notice(self) -> int | None:
        """Give the year whose calendar should be loaded by now and is not."""
        return missing_notice(self.now())

    @repeated_on_conflict
    def _note(self, claim_no: str) -> list[str]:
        claim = self.claims.get(claim_no)
        breached = [
            breach_id(clock, due)
            for clock, due in due_times(claim).items()
            if due <= self.now() and breach_id(clock, due) not in claim.round.breaches
        ]
        for breach in breached:
            claim = self._save(claim, breach)
        return [f"{claim_no}/{breach}" for breach in breached]

    def _save(self, claim: Claim, breach: str) -> Claim:
        change = record(
            claim,
            ClaimEvent.CLOCK_BREACHED,
            at=self.now(),
            reason_code=breach,
            breaches=(*claim.round.breaches, breach),
        )
        self.claims.save(change)
        return change.after
