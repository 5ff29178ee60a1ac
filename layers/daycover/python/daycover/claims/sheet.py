"""The loss sheet (损失清单): the facts that an assessment is computed from, each with its source.

Filled by what a platform verified and by an adjuster, by nothing else: what the claimant types is a draft for
the adjuster. Every change is a new version; none is ever overwritten. Amounts in fen, dates as printed (+08:00).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol, Self, TypeVar

from pydantic import AfterValidator, BaseModel, Field, model_validator

from daycover.claims.bill import BillKind, Fen
from daycover.claims.disability import DisabilityScale, DisabilitySite
from daycover.text import printable

MOST_BILLS = 50
MOST_LINES = 200
MOST_INTERVALS = 30
MOST_SITES = 20
WHOLE_BPS = 10_000
Words = Annotated[str, AfterValidator(printable), Field(min_length=1, max_length=200, repr=False)]


class SourceKind(StrEnum):
    """Who vouches for a fact."""

    VERIFIED = "VERIFIED"
    """The platform that knows the bill."""
    ADJUSTER = "ADJUSTER"
    """A person who has seen the papers."""


class Source(BaseModel, frozen=True, defer_build=True):
    """Where a fact comes from: who entered it (`platform`, or the adjuster's id), when, from which document."""

    kind: SourceKind
    by: str
    at: datetime
    document_id: str | None = None


class SheetLine(BaseModel, frozen=True, defer_build=True):
    """One line of a bill and what of it is accepted."""

    item: str = Field(min_length=1, max_length=100, repr=False)
    kind: BillKind = BillKind.MEDICAL
    billed_fen: Fen
    accepted_fen: Fen | None = None
    """None means all of it. Only the excess over the comparable in-list cost may be cut, never the line for
    being outside the social-insurance list (Interpretation III art. 19): OVER_SOCIAL_STANDARD."""
    reason_code: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]{1,39}$")

    @property
    def eligible_fen(self) -> int:
        return self.billed_fen if self.accepted_fen is None else self.accepted_fen

    @model_validator(mode="after")
    def _cut_only_with_a_reason(self) -> Self:
        if self.eligible_fen > self.billed_fen:
            raise ValueError("more is accepted than was billed")
        if self.eligible_fen < self.billed_fen and not self.reason_code:
            raise ValueError("a cut needs a reason code")
        return self


class BillEntry(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What is entered of a bill. `bill_no` is its identity, code and number; `dated` the day of treatment or admission.

    `self_paid_fen` is outside the social-insurance list (自费): shown, and cut by nobody for that alone.
    """

    bill_no: str = Field(pattern=r"^[0-9A-Z]{1,40}$")
    dated: date
    hospital: str | None = Field(default=None, min_length=2, max_length=100, repr=False)
    hospital_level: int | None = Field(default=None, ge=1, le=3)
    is_public: bool = False
    """Of a public hospital, as its receipt or an adjuster says."""
    emergency: bool = False
    lines: tuple[SheetLine, ...] = Field(min_length=1, max_length=MOST_LINES)
    self_paid_fen: Fen = 0
    social_insurance_paid_fen: Fen = 0
    third_party_paid_fen: Fen = 0
    other_insurer_paid_fen: Fen = 0

    @property
    def billed_fen(self) -> int:
        return sum(line.billed_fen for line in self.lines)

    @model_validator(mode="after")
    def _others_paid_no_more_than_the_bill(self) -> Self:
        others = self.social_insurance_paid_fen + self.third_party_paid_fen + self.other_insurer_paid_fen
        if others > self.billed_fen or self.self_paid_fen > self.billed_fen:
            raise ValueError("others paid more than was billed")
        return self

    def eligible_fen(self, kind: BillKind) -> int:
        return sum(line.eligible_fen for line in self.lines if line.kind is kind)


class SheetBill(BillEntry, frozen=True, defer_build=True):
    """One bill of the sheet. `first_in` names the document of another claim that had the bill first, as
    `<claim_no>/<document_id>`."""

    first_in: str | None = None
    source: Source


class LeaveEntry(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """Days off work that a doctor certified (病休), first and last included."""

    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if not timedelta() <= self.last_day - self.first_day <= timedelta(days=3660):
            raise ValueError("the last day is before the first, or ten years after it")
        return self


class StayEntry(LeaveEntry, frozen=True, defer_build=True):
    """A stay in hospital (住院), from admission to discharge."""

    hospital: str | None = Field(default=None, min_length=2, max_length=100, repr=False)


class HospitalStay(StayEntry, frozen=True, defer_build=True):
    """A stay of the sheet. The day of discharge does not count, unless it is that of admission."""

    source: Source

    @property
    def days(self) -> frozenset[date]:
        return _run(self.first_day, max(self.first_day, self.last_day - timedelta(days=1)))


class SickLeave(LeaveEntry, frozen=True, defer_build=True):
    """A sick leave of the sheet."""

    source: Source

    @property
    def days(self) -> frozenset[date]:
        return _run(self.first_day, self.last_day)


class AppraisalEntry(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A disability appraisal (伤残鉴定): when, by whom, on which scale, each site with its grade."""

    appraised_on: date
    body: Words
    scale: DisabilityScale = DisabilityScale.JRT_0083
    sites: tuple[DisabilitySite, ...] = Field(min_length=1, max_length=MOST_SITES)


class Appraisal(AppraisalEntry, frozen=True, defer_build=True):
    """The appraisal of the sheet."""

    source: Source


class DeathCause(StrEnum):
    ACCIDENT = "ACCIDENT"  # 意外
    SUDDEN = "SUDDEN"  # 猝死
    OTHER = "OTHER"  # 其他


class DeathEntry(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """The death as its certificate says it. `onset_on`: when the sudden illness began."""

    died_on: date
    cause: DeathCause
    onset_on: date | None = None
    at_work: bool | None = None


class Death(DeathEntry, frozen=True, defer_build=True):
    """The death of the sheet."""

    source: Source


class Causation(BaseModel, frozen=True, defer_build=True):
    """The covered share of a cause that cannot be separated (Interpretation III art. 25), in basis points."""

    bps: int = Field(ge=0, le=WHOLE_BPS)
    source: Source


class LossSheet(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One version of a claim's sheet, first filled in round `round`. Version 0 is the empty one."""

    claim_no: str
    version: int = 0
    round: int = 0
    bills: tuple[SheetBill, ...] = Field(default=(), max_length=MOST_BILLS)
    stays: tuple[HospitalStay, ...] = Field(default=(), max_length=MOST_INTERVALS)
    sick_leaves: tuple[SickLeave, ...] = Field(default=(), max_length=MOST_INTERVALS)
    appraisal: Appraisal | None = None
    death: Death | None = None
    causation: Causation | None = None

    @model_validator(mode="after")
    def _each_bill_once(self) -> Self:
        numbers = [bill.bill_no for bill in self.bills]
        if len(set(numbers)) != len(numbers):
            raise ValueError("a bill stands twice")
        return self

    @property
    def inpatient_days(self) -> int:
        """Days in hospital; stays that overlap count a day once."""
        return len(_union(self.stays))

    @property
    def certified_days(self) -> int:
        """Days off work: certified, or spent in hospital. Each day once."""
        return len(_union((*self.sick_leaves, *self.stays)))

    @property
    def causation_bps(self) -> int:
        return self.causation.bps if self.causation is not None else WHOLE_BPS

    def bill(self, bill_no: str) -> SheetBill | None:
        return next((bill for bill in self.bills if bill.bill_no == bill_no), None)

    def without_document(self, document_id: str) -> "LossSheet":
        """Give the sheet without what came from one document."""
        return self.model_copy(
            update={
                "bills": _not_from(self.bills, document_id),
                "stays": _not_from(self.stays, document_id),
                "sick_leaves": _not_from(self.sick_leaves, document_id),
                "appraisal": next(iter(_not_from(_given(self.appraisal), document_id)), None),
                "death": next(iter(_not_from(_given(self.death), document_id)), None),
            }
        )

    def with_entries(
        self,
        bills: Iterable[SheetBill] = (),
        stays: Iterable[HospitalStay] = (),
        sick_leaves: Iterable[SickLeave] = (),
    ) -> "LossSheet":
        """Give the sheet with more entries, by date; a bill that stands there already is replaced."""
        known = {bill.bill_no: bill for bill in self.bills} | {bill.bill_no: bill for bill in bills}
        return self.model_copy(
            update={
                "bills": tuple(sorted(known.values(), key=lambda bill: (bill.dated, bill.bill_no))),
                "stays": _in_order((*self.stays, *stays)),
                "sick_leaves": _in_order((*self.sick_leaves, *sick_leaves)),
            }
        )

    def says_the_same(self, other: "LossSheet") -> bool:
        apart = {"version", "round"}
        return self.model_dump(exclude=apart) == other.model_dump(exclude=apart)


class LossSheets(Protocol):
    """The sheets of claims. They are written with the claim that they belong to (`Claims.save`)."""

    def find(self, claim_no: str, version: int) -> LossSheet:
        """Give that version, strongly consistent; the empty one for version 0."""
        ...

    def versions(self, claim_no: str) -> list[LossSheet]:
        """Every version, oldest first."""
        ...


Days = TypeVar("Days", HospitalStay, SickLeave)


def _in_order(intervals: Collection[Days]) -> tuple[Days, ...]:
    return tuple(sorted(intervals, key=lambda interval: (interval.first_day, interval.last_day)))


def _run(first: date, last: date) -> frozenset[date]:
    return frozenset(first + timedelta(days=n) for n in range((last - first).days + 1))


def _union(intervals: Iterable[HospitalStay | SickLeave]) -> frozenset[date]:
    return frozenset[date]().union(*(interval.days for interval in intervals))


Entry = TypeVar("Entry", SheetBill, HospitalStay, SickLeave, Appraisal, Death, Causation)


def _given(entry: Entry | None) -> tuple[Entry, ...]:
    return () if entry is None else (entry,)


def _not_from(entries: Collection[Entry], document_id: str) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.source.document_id != document_id)


def kept_sources(before: LossSheet, after: LossSheet) -> LossSheet:
    """Give `after`, in which whatever says the same as in `before` keeps the source that it had there."""
    return after.model_copy(
        update={
            "bills": _kept(before.bills, after.bills),
            "stays": _kept(before.stays, after.stays),
            "sick_leaves": _kept(before.sick_leaves, after.sick_leaves),
            "appraisal": next(iter(_kept(_given(before.appraisal), _given(after.appraisal))), None),
            "death": next(iter(_kept(_given(before.death), _given(after.death))), None),
            "causation": next(iter(_kept(_given(before.causation), _given(after.causation))), None),
        }
    )


def _kept(before: Iterable[Entry], after: Iterable[Entry]) -> tuple[Entry, ...]:
    known: Mapping[str, Entry] = {_facts(entry): entry for entry in before}
    return tuple(known.get(_facts(entry), entry) for entry in after)


def _facts(entry: BaseModel) -> str:
    return entry.model_dump_json(exclude={"source", "first_in"})
