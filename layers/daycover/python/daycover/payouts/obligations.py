"""The claim's side of a payment (应付赔款): what is owed, and what the transfer machine made of it.

The machine (`payouts.pay`) knows obligations. Here each of its four words, reserved, paid, bounced and failed,
becomes a step of the claim, written together with the payout it speaks of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from daycover.claims.advance import AdvanceNotFoundError, AdvanceState
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim, ClaimChange, Claims
from daycover.claims.compute import gives_back
from daycover.claims.exposure import Exposures
from daycover.claims.lifecycle import UNSETTLED, ClaimEvent, ClaimStatus, may_happen
from daycover.claims.obligation import INSURED, Obligation, ObligationState, owed_to, total_fen
from daycover.claims.record import record
from daycover.claims.round import Round
from daycover.claims.standing import PolicyOf, may_leave, policy_ended
from daycover.claims.steps import Waits, WaitStep, Workflows
from daycover.cover.policy import Policy, PolicyNotFoundError
from daycover.payouts.outcome import ATTENTIONS, Outcome
from daycover.payouts.owed import Owed
from daycover.payouts.payout import Payout, Payouts, PayoutState, payout_number
from daycover.payouts.transfer import Channel

PAYABLE = frozenset({ClaimStatus.AGREED, ClaimStatus.PAYING})
Shares = Callable[[Claim, int], dict[str, int]]
"""Says to whom an amount of the current round is owed, in fen by payee; nobody while beneficiaries are missing."""


class Events(NamedTuple):
    """What the four words are called in the history of a claim, and the one for no result."""

    reserved: ClaimEvent
    unresolved: ClaimEvent
    failed: ClaimEvent
    paid: ClaimEvent
    bounced: ClaimEvent


_E = ClaimEvent
OF_WHOLE = Events(_E.PAYOUT_RESERVED, _E.PAYOUT_UNRESOLVED, _E.PAYOUT_FAILED, _E.PAID, _E.PAYOUT_BOUNCED)
OF_SHARE = OF_WHOLE._replace(failed=_E.PAYOUT_UNRESOLVED, paid=_E.SHARE_PAID)
"""One of several: whatever becomes of it, the claim goes on paying the others."""
OF_ADVANCE = Events(
    _E.ADVANCE_RESERVED, _E.ADVANCE_UNRESOLVED, _E.ADVANCE_FAILED, _E.ADVANCE_PAID, _E.ADVANCE_BOUNCED
)


def events_of(obligation: Obligation) -> Events:
    if obligation.advance is not None:
        return OF_ADVANCE
    return OF_WHOLE if obligation.payee == INSURED else OF_SHARE


def owed_fen(claim: Claim, owing: Round, obligation: Obligation) -> int:
    """Give what is still owed of an obligation whose money did not arrive, or came back, in fen.

    An advance before the decision: all of it. The decided amount, and an advance after the decision: what the
    decision and the other obligations leave open; nothing until the decided amount is on its way, which then holds
    it, and nothing of a share that was paid on a decision that fell, which the next one owes anew. An earlier round
    counted its advances as paid, so all of those.
    """
    is_advance = obligation.advance is not None
    if owing.number != claim.round.number or (is_advance and claim.status in UNSETTLED):
        return obligation.amount_fen
    others = total_fen(o for o in owing.obligations if o.stands and o.number != obligation.number)
    decided = (owing.amount_fen or 0) if owing.stands else 0
    if is_advance:
        is_on_its_way = bool(owing.decided_obligations) or owing.paid_at is not None
    else:
        is_on_its_way = others + obligation.amount_fen >= decided
    return max(0, min(obligation.amount_fen, decided - others)) if is_on_its_way else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimObligations:
    """Implements `payouts.owed.Obligations`."""

    claims: Claims
    payouts: Payouts
    exposures: Exposures
    policy_of: PolicyOf
    shares: Shares
    waits: Waits
    workflows: Workflows
    now: Callable[[], datetime]

    def due(self, claim_no: str, *, obligation: int | None, advance: int | None) -> Owed | Outcome:
        claim = self.claims.get(claim_no)
        if obligation is not None:
            owing = claim.round_of(obligation)
            return self._each(claim, owing, [owing.obligation(obligation)])
        if advance is not None:
            owing = _round_of_advance(claim, advance)
            return self._each(claim, owing, owing.of_advance(advance))
        return _not_now(claim) or self._decided(claim)

    def _decided(self, claim: Claim) -> Owed | Outcome:
        """What the decision owes; fixed when it is first paid, since advances may change it until then."""
        this = claim.round
        if any(o.state is not ObligationState.PAID for o in this.decided_obligations):
            return self._each(claim, this, this.decided_obligations)
        if not this.remaining_fen:
            return self._suffice(claim)
        # an advance that did not leave by now is part of it
        unsent = claim.model_copy(update={"rounds": claim.with_round(this.without_unsent())})
        amounts = self.shares(unsent, this.remaining_fen)
        if not amounts:
            return Outcome.BENEFICIARY_MISSING
        return self._owe(claim, owed_to(amounts, first_number=claim.next_obligation))

    def _owe(self, claim: Claim, owed: Sequence[Obligation]) -> Owed | Outcome:
        """Fix what the decision owes beside what has left in advance. One payee's is written with its payout."""
        if (stopped := self._stopped(claim, claim.round)) is not None:
            return stopped
        if len(owed) == 1:
            return Owed(claim, owed[0], claim.round.number)
        lapsed = claim.round.without_unsent()
        obligations = lapsed.with_obligations(owed)
        change = record(claim, _E.SHARES_FIXED, at=self.now(), obligations=obligations, attention=None)
        self.claims.save(change)
        return self._apart(change.after, owed)

    def _each(self, claim: Claim, owing: Round, owed: Sequence[Obligation]) -> Owed | Outcome:
        wanting = [o for o in owed if o.stands and o.state is not ObligationState.PAID]
        if not wanting:
            paid = any(o.state is ObligationState.PAID for o in owed)
            stated = any(a.state is AdvanceState.STATED for a in owing.advances)
            return (
                Outcome.ALREADY_PAID
                if paid
                else Outcome.NOT_PAYABLE
                if stated and not owed
                else Outcome.LAPSED
            )
        going = any(o.is_under_way for o in wanting)  # taken up all the same: it may have left
        if not going and (stopped := self._stopped(claim, owing)) is not None:
            return stopped
        if len(wanting) == 1:
            return Owed(claim, wanting[0], owing.number)
        return self._apart(claim, wanting)

    def _apart(self, claim: Claim, wanting: Sequence[Obligation]) -> Outcome:
        """Start an execution for each, so that one who fails or waits holds up nobody."""
        for obligation in wanting:
            name = self.execution_name(claim, obligation)
            self.workflows.start_payout(claim.claim_no, name, obligation=obligation.number)
        return Outcome.APART

    def execution_name(self, claim: Claim, obligation: Obligation | None) -> str:
        """Name an execution by both versions, so that a double click is one and a later click another."""
        if obligation is None:
            return f"{payout_number(claim.claim_no, claim.payouts)}-{claim.version}"
        payout = self.payouts.find(obligation.payout_id) if obligation.payout_id else None
        state = f"{payout.payout_id}-{payout.version}" if payout else f"{claim.claim_no}-0"
        return f"{state}-{claim.version}-{obligation.number}"

    def begin(self, due: Owed, channel: Channel) -> Payout:
        claim, obligation = due.claim, due.obligation
        place, policy = claim.payouts + 1, claim.policy
        payout = Payout(
            payout_id=payout_number(claim.claim_no, place),
            claim_no=claim.claim_no,
            obligation=obligation.number,
            round=due.round,
            advance=obligation.advance,
            company_id=policy.company_id,
            project_id=policy.project_id,
            plan_id=policy.plan_id,
            occupation_class=policy.occupation_class,
            worker_id=policy.worker_id,
            payee=obligation.payee,
            amount_fen=obligation.amount_fen,
            channel=channel,
            created_at=self.now(),
        )
        self.payouts.reserve(payout, self._reserved(claim, obligation, payout, payouts=place))
        return payout

    def resume(self, due: Owed, payout: Payout, *, anew: bool) -> None:
        if anew or not due.obligation.is_under_way:
            self.claims.save(self._reserved(due.claim, due.obligation, payout))

    def _reserved(self, claim: Claim, obligation: Obligation, payout: Payout, **changes: Any) -> ClaimChange:
        if obligation.advance is None:
            changes["attention"] = None
        if all(known.number != obligation.number for owing in claim.rounds for known in owing.obligations):
            # first sent now: an advance that did not leave by now is part of it
            changes["obligations"] = claim.round.without_unsent().with_obligations([obligation])
        return record(
            claim,
            events_of(obligation).reserved,
            at=self.now(),
            reason_code=_payee_code(obligation),
            obligation=obligation.reserved(payout.payout_id),
            moved_fen=obligation.amount_fen,
            payout_id=payout.payout_id,
            **changes,
        )

    def may_leave(self, payout: Payout) -> bool:
        claim = self.claims.get(payout.claim_no)
        return may_leave(self._policy(claim), claim, claim.round_of(payout.obligation))

    def paid(self, payout: Payout) -> None:
        claim = self.claims.get(payout.claim_no)
        owing = claim.round_of(payout.obligation)
        obligation = owing.obligation(payout.obligation)
        under_way = obligation.is_under_way and obligation.payout_id == payout.payout_id
        if under_way and payout.state is PayoutState.SUCCEEDED:
            change = self._paid(claim, owing, obligation, payout)
            self.claims.save(change)
            claim = change.after
        if claim.status is ClaimStatus.AGREED and claim.attention is Attention.ADVANCE_PENDING:
            claim = self._sufficed(claim) or claim
        if claim.status is ClaimStatus.PAID and claim.round.closed_at is not None:
            # closed before its money bounced, so no workflow is left to close it
            at = self.now()
            change = record(claim, _E.CLOSED, at=at, closed_at=at, attention=None)
            self.claims.save(change)
            claim = change.after
        self.waits.settle(claim, WaitStep.PAYOUT)

    def _paid(self, claim: Claim, owing: Round, obligation: Obligation, payout: Payout) -> ClaimChange:
        at = self.now()
        event = events_of(obligation).paid
        changes: dict[str, Any] = {}
        rest = [o for o in owing.decided_obligations if o.number != obligation.number]
        is_last = all(o.state is ObligationState.PAID for o in rest)
        if obligation.advance is None and is_last:
            event, changes = _E.PAID, {"paid_at": payout.finished_at or at, "attention": None}
        return record(
            claim,
            event,
            at=at,
            reason_code=_payee_code(obligation) if event is not _E.PAID else None,
            obligation=obligation.paid(payout.finished_at or at),
            moved_fen=payout.amount_fen,
            payout_id=payout.payout_id,
            **changes,
        )

    def failed(self, payout: Payout) -> Outcome:
        claim = self.claims.get(payout.claim_no)
        owing = claim.round_of(payout.obligation)
        obligation = owing.obligation(payout.obligation)
        if obligation.payout_id == payout.payout_id and obligation.is_under_way:
            owed = owed_fen(claim, owing, obligation)
            again = obligation.owed_again(owed, Attention.FAILED, payout.fail_reason)
            reason_code = _payee_code(obligation) or payout.fail_reason
            change = self._moved(
                claim, owing, events_of(obligation).failed, again, reason_code, payout_id=payout.payout_id
            )
            self.claims.save(change)
            claim = change.after
        readable = self.policy_of(claim) is not None
        return (self._stopped(claim, owing) if readable else None) or Outcome.FAILED

    def unresolved(
        self, claim_no: str, outcome: Outcome, payout: Payout | None, *, advance: int | None
    ) -> Outcome:
        claim, attention = self.claims.get(claim_no), ATTENTIONS[outcome]
        if payout is not None:
            obligation = claim.round_of(payout.obligation).obligation(payout.obligation)
            reason_code = _payee_code(obligation) or payout.fault or outcome
            if obligation.payout_id == payout.payout_id and obligation.is_under_way:
                self._flag(claim, [obligation], attention, reason_code, payout.fault)
            return outcome
        if advance is not None:
            self._flag(claim, _round_of_advance(claim, advance).of_advance(advance), attention, outcome)
        elif claim.status in PAYABLE and claim.attention is not attention:
            change = record(
                claim, _E.PAYOUT_UNRESOLVED, at=self.now(), reason_code=outcome, attention=attention
            )
            self.claims.save(change)
        return outcome

    def _flag(
        self,
        claim: Claim,
        owed: Sequence[Obligation],
        attention: Attention,
        reason_code: str,
        fault: str | None = None,
    ) -> None:
        for obligation in owed:
            wanting = obligation.stands and obligation.state is not ObligationState.PAID
            if not wanting or obligation.attention is attention:
                continue
            change = record(
                claim,
                events_of(obligation).unresolved,
                at=self.now(),
                reason_code=reason_code,
                obligation=obligation.model_copy(update={"attention": attention, "fault": fault}),
            )
            self.claims.save(change)
            claim = change.after

    def resolved(self, payout: Payout) -> None:
        claim = self.claims.get(payout.claim_no)
        obligation = claim.round_of(payout.obligation).obligation(payout.obligation)
        if obligation.attention is not None and obligation.payout_id == payout.payout_id:
            change = record(
                claim,
                events_of(obligation).reserved,
                at=self.now(),
                reason_code=_payee_code(obligation),
                obligation=obligation.reserved(payout.payout_id),
                payout_id=payout.payout_id,
            )
            self.claims.save(change)

    def owes_again(self, payout: Payout) -> bool:
        """Not for what was decided before a reopening, when the claim pays another amount now, nor where it is over
        by a refusal or given up: people see to those."""
        claim = self.claims.get(payout.claim_no)
        is_open = may_happen(claim.status, _E.PAYOUT_BOUNCED, claim.decision)
        return payout.advance is not None or (payout.round == claim.round.number and is_open)

    def bounced(self, payout: Payout, before: Payout) -> None:
        claim = self.claims.get(payout.claim_no)
        owing = claim.round_of(payout.obligation)
        obligation = owing.obligation(payout.obligation)
        owed = owed_fen(claim, owing, obligation)
        again = obligation.owed_again(owed, Attention.BOUNCED, payout.fail_reason)
        changes = {} if obligation.advance is not None else {"paid_at": None}
        change = self._moved(
            claim,
            owing,
            events_of(obligation).bounced,
            again,
            payout.fail_reason,
            moved_fen=-payout.amount_fen,
            payout_id=payout.payout_id,
            **changes,
        )
        self.payouts.bounce(payout, before, change)

    def _moved(
        self,
        claim: Claim,
        owing: Round,
        event: ClaimEvent,
        obligation: Obligation,
        reason_code: str | None,
        **changes: Any,
    ) -> ClaimChange:
        """Give the step in which an obligation is owed again, perhaps less of it: the policy gets that back."""
        if owing.number == claim.round.number:
            after = owing.model_copy(update={"obligations": owing.with_obligations([obligation])})
            hold = gives_back(claim, after, self.exposures)
            changes |= {"holding": hold.holding, "exposure": hold.exposure}
        return record(claim, event, at=self.now(), reason_code=reason_code, obligation=obligation, **changes)

    def _suffice(self, claim: Claim) -> Outcome:
        """Nothing is left to pay: the advances pay it, or have paid it already."""
        settled = self._sufficed(claim)
        if settled is None:
            return Outcome.ADVANCE_PENDING
        self.waits.settle(settled, WaitStep.PAYOUT)
        return Outcome.ALREADY_PAID

    def _sufficed(self, claim: Claim) -> Claim | None:
        """Record that the advances paid all that was decided; None while one of them is under way."""
        this = claim.round
        if this.remaining_fen or any(o.is_under_way for o in this.obligations):
            return None
        at = self.now()
        change = record(claim, _E.ADVANCE_SUFFICED, at=at, moved_fen=0, paid_at=at, attention=None)
        self.claims.save(change)
        return change.after

    def _stopped(self, claim: Claim, owing: Round) -> Outcome | None:
        """Send a claim whose policy does not stand as it did when decided back to a person."""
        policy = self._policy(claim)
        if may_leave(policy, claim, owing):
            return None
        change = policy_ended(claim, policy, self.exposures, self.now())
        if change is not None:
            self.claims.save(change)
            self.settle(change.after)
        return Outcome.STOPPED

    def settle(self, claim: Claim) -> None:
        """Let the workflow follow a claim that went back to review, whichever step it waits on."""
        for step in WaitStep:
            self.waits.settle(claim, step)

    def _policy(self, claim: Claim) -> Policy:
        """Raises PolicyNotFoundError where it can't be read: no money leaves on what nobody can see."""
        policy = self.policy_of(claim)
        if policy is None:
            raise PolicyNotFoundError
        return policy


def _not_now(claim: Claim) -> Outcome | None:
    """Why the decided amount of a claim can't be paid in its status."""
    if claim.status in {ClaimStatus.PAID, ClaimStatus.CLOSED} and claim.round.paid_at is not None:
        return Outcome.ALREADY_PAID
    if claim.status in UNSETTLED:
        return Outcome.STOPPED
    if claim.status not in PAYABLE or not claim.amount_fen:
        return Outcome.NOT_PAYABLE
    return None


def _round_of_advance(claim: Claim, advance: int) -> Round:
    """Raises AdvanceNotFoundError."""
    for known in claim.rounds:
        if any(a.number == advance for a in known.advances):
            return known
    raise AdvanceNotFoundError


def _payee_code(obligation: Obligation) -> str | None:
    """A line about a beneficiary is none for the insured's app (`HistoryEntry.is_of_beneficiary`)."""
    return None if obligation.payee == INSURED else obligation.payee
