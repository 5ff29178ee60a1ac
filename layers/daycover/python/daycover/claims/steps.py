"""The steps at which the workflow waits for somebody, and how it learns that the wait is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from daycover.claims.claim import Claim
from daycover.claims.lifecycle import REFUSING_DECISIONS, ClaimStatus

Answer = Mapping[str, str | bool]


class WaitStep(StrEnum):
    DOCUMENTS = "documents"
    DECISION = "decision"
    ACKNOWLEDGEMENT = "acknowledgement"
    AGREEMENT = "agreement"
    PAYOUT = "payout"


class Tokens(Protocol):
    """Task tokens of waiting steps. They are secrets: never logged, never shown."""

    def hold(self, owner: str, step: str, token: str) -> None:
        """Keep the token of the step; a newer one replaces it."""
        ...

    def find(self, owner: str, step: str) -> str | None:
        """Read strongly consistent."""
        ...

    def drop(self, owner: str, step: str, token: str) -> None:
        """Forget this token, unless a newer one stands there."""
        ...


class Workflows(Protocol):
    def start_claim(self, claim_no: str, reopening: int = 0) -> None:
        """Start ClaimToPayout, anew for each reopening; one that was started before is success."""
        ...

    def start_payout(
        self, claim_no: str, name: str, *, obligation: int | None = None, advance: int | None = None
    ) -> str:
        """Start Payout, for one obligation or one advance alone if named, or find the execution of the name.

        Gives its ARN.
        """
        ...

    def answer(self, token: str, output: Answer) -> bool:
        """End the wait; False, and no error, where nobody waits on the token any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Ends the waits of the workflow.

    Whoever waits writes the token first and then reads the claim; whoever acts writes the claim first and
    then reads the token. So one of the two always sees the other.
    """

    tokens: Tokens
    workflows: Workflows

    def hold(self, claim_no: str, step: WaitStep, token: str) -> None:
        self.tokens.hold(claim_no, step, token)

    def settle(self, claim: Claim, step: WaitStep) -> None:
        """Tell the workflow, if it waits on this step, what the claim says now; repeat at will."""
        output = answer_of(claim, step)
        if output is None:
            return
        token = self.tokens.find(claim.claim_no, step)
        if token is not None:
            self.workflows.answer(token, output)
            self.tokens.drop(claim.claim_no, step, token)


_S = ClaimStatus
_REVIEWING = frozenset({_S.IN_REVIEW, _S.AWAITING_SUPPLEMENT, _S.INVESTIGATING, _S.DISPUTED, _S.REOPENED})
_SETTLED = frozenset({_S.PAID, _S.CLOSED})
_AGREED = _SETTLED | {_S.AGREED, _S.PAYING}
_ACKNOWLEDGED = _AGREED | {_S.ACKNOWLEDGED}
_DECIDED = _ACKNOWLEDGED | {_S.DECIDED}
_OVER: Mapping[WaitStep, frozenset[ClaimStatus]] = MappingProxyType(
    {
        WaitStep.DOCUMENTS: (_REVIEWING | _DECIDED | {_S.WITHDRAWN}) - {_S.AWAITING_SUPPLEMENT},
        WaitStep.DECISION: _DECIDED | {_S.WITHDRAWN},
        WaitStep.ACKNOWLEDGEMENT: _REVIEWING | _ACKNOWLEDGED | {_S.WITHDRAWN},
        WaitStep.AGREEMENT: _REVIEWING | _AGREED | {_S.DECIDED, _S.WITHDRAWN},
        WaitStep.PAYOUT: _REVIEWING | _SETTLED | {_S.DECIDED, _S.ACKNOWLEDGED, _S.WITHDRAWN},
    }
)
"""In which statuses a step needs no more waiting. Sent back and disputed claims are in review again, and so is
one whose policy was voided; before the workflow hears of it, people may have decided such a claim anew, or the
claimant may have withdrawn it. It passes every later step until AwaitDecision, which knows the way from there."""


def answer_of(claim: Claim, step: WaitStep) -> Answer | None:
    """Give what the claim's status says about a step, or None while the step must wait.

    Small outcome data for `Choice`, no more; the same whether the step is asked before or after the act.
    """
    if claim.status not in _OVER[step] and not _is_refused_anew(claim, step):
        return None
    if step is WaitStep.DECISION:
        withdrawn = claim.status is ClaimStatus.WITHDRAWN
        return {"withdrawn": True} if withdrawn else {"decision": claim.decision.value}
    if step is WaitStep.ACKNOWLEDGEMENT:
        return {"acknowledged": claim.status in _ACKNOWLEDGED, "decision": claim.decision.value}
    if step is WaitStep.AGREEMENT:
        return {"answer": "ACCEPTED" if claim.status in _AGREED else "DISPUTED"}
    if step is WaitStep.PAYOUT:
        return {"outcome": "DONE" if claim.status in _SETTLED else "REVIEW"}
    return {"outcome": "DONE"}


def _is_refused_anew(claim: Claim, step: WaitStep) -> bool:
    """Whether there is no amount to agree to any more: two people refused what was asked of the worker before."""
    is_agreement = step is WaitStep.AGREEMENT and claim.status is ClaimStatus.ACKNOWLEDGED
    return is_agreement and claim.decision in REFUSING_DECISIONS
