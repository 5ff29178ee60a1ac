"""What staff send: matching, judging, deciding, acknowledging, reviewing."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from daycover.api.fields import ReasonCode, TypedCode, Words
from daycover.claims.assign import Assigner
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import MOST_LINES
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import Decision
from daycover.claims.state_advance import CertainPart
from daycover.claims.stated import LineVerdict
from daycover.platform.callers import Duty
from daycover.platform.http import Body, HttpApi


class MatchBody(Body):
    policy_no: TypedCode


class SupplementBody(Body):
    documents: Annotated[tuple[DocumentType, ...], Field(max_length=len(DocumentType))] = ()
    reason: Words


class InvestigationBody(Body):
    action: Literal["OPEN", "CLOSE"]
    reason_code: ReasonCode
    reason: Words


class ReopeningBody(Body):
    """`claim_types` are benefits to add."""

    reason_code: ReasonCode
    reason: Words
    claim_types: Annotated[tuple[ClaimType, ...], Field(max_length=len(ClaimType))] = ()


class NoteBody(Body):
    """`answers_complaint`: the claimant reads the text, and the complaint leaves its queue."""

    text: Words
    answers_complaint: bool = False


class AssignmentBody(Body):
    """To whom the claim goes, by the id that they sign in with; null gives it back."""

    to: TypedCode | None


def assigner_of(api: HttpApi) -> Assigner:
    return Assigner(api.caller.subject, is_senior=Duty.SENIOR_ADJUSTER in api.caller.staff_roles)


class LineVerdictBody(Body):
    """What an adjuster accepts of one line (counted from 0) in fen, and why not all of it.

    A drug outside the social-insurance list is cut by the excess over the comparable one only
    (Interpretation III art. 19): `OVER_SOCIAL_STANDARD`.
    """

    line: Annotated[int, Field(ge=0, le=MOST_LINES - 1)]
    accepted_fen: Annotated[int, Field(ge=0, le=1_000_000_000)]
    reason_code: ReasonCode


class VerdictBody(Body):
    status: Literal["ACCEPTED", "REJECTED", "WAIVED"]
    reason_code: ReasonCode
    reason: Words
    lines: Annotated[tuple[LineVerdictBody, ...], Field(max_length=MOST_LINES)] = ()

    def verdict(self) -> DocumentVerdict:
        lines = tuple(LineVerdict(**dict(line)) for line in self.lines)
        return DocumentVerdict(DocumentStatus(self.status), self.reason_code, self.reason, lines)


class ClaimDecisionBody(Body):
    decision: Decision
    amount_fen: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    benefits: dict[ClaimType, Annotated[int, Field(ge=0, le=1_000_000_000)]] | None = None
    """How the amount falls on the benefits, in fen; else it falls as it was assessed. The sum is the amount."""
    reason_code: ReasonCode
    reason: Words

    @model_validator(mode="after")
    def _sums_up(self) -> Self:
        if self.benefits is not None and sum(self.benefits.values()) != (self.amount_fen or 0):
            raise ValueError("the benefits do not sum to the amount")
        return self

    @field_validator("decision")
    @classmethod
    def _decides_something(cls, decision: Decision) -> Decision:
        if decision is Decision.PENDING:
            raise ValueError("PENDING is no decision")
        return decision

    def verdict(self) -> Verdict:
        return Verdict(self.decision, self.amount_fen, self.reason_code, self.reason, self.benefits)


class AdvanceBody(Body):
    """The certain part of a claim, in fen."""

    amount_fen: Annotated[int, Field(ge=1, le=1_000_000_000)]
    reason_code: ReasonCode
    reason: Words

    def part(self) -> CertainPart:
        return CertainPart(self.amount_fen, self.reason_code, self.reason)


class AcknowledgementBody(Body):
    acknowledged: bool
    reason: Words | None = None
