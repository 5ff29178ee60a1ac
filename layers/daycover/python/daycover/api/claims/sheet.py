"""The loss sheet as an adjuster fills and reads it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from daycover.api.discretion import Health
from daycover.api.fields import Line, Words
from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.claims.disability import site_words
from daycover.claims.disability_table import disability_table
from daycover.claims.documents import ClaimType
from daycover.claims.sheet import (
    MOST_BILLS,
    MOST_INTERVALS,
    MOST_LINES,
    WHOLE_BPS,
    Appraisal,
    AppraisalEntry,
    BillEntry,
    Causation,
    Death,
    DeathEntry,
    HospitalStay,
    LeaveEntry,
    LossSheet,
    SheetBill,
    SheetLine,
    SickLeave,
    Source,
    StayEntry,
)
from daycover.claims.terms import Term, findings
from daycover.platform.http import Body, View

DocumentId = Annotated[str, StringConstraints(pattern=r"^D[0-9A-Z]{24}$")]


class _FromDocument(Body):
    """`document_id`: the document that the entry was read from."""

    document_id: DocumentId | None = None

    def source(self, by: Source) -> dict[str, Source]:
        return {"source": by.model_copy(update={"document_id": self.document_id})}

    def facts(self) -> dict[str, object]:
        return {name: value for name, value in self if name != "document_id"}


HospitalName = Annotated[Line, Field(min_length=2, max_length=100)]


class LineBody(SheetLine):
    item: Annotated[Line, Field(min_length=1, max_length=100, repr=False)]


class BillBody(BillEntry, _FromDocument):
    hospital: HospitalName | None = Field(default=None, repr=False)
    lines: tuple[LineBody, ...] = Field(min_length=1, max_length=MOST_LINES)

    def entry(self, by: Source) -> SheetBill:
        return SheetBill.model_validate(self.model_dump(exclude={"document_id"}) | self.source(by))


class StayBody(StayEntry, _FromDocument):
    hospital: HospitalName | None = Field(default=None, repr=False)

    def entry(self, by: Source) -> HospitalStay:
        return HospitalStay.model_validate(self.facts() | self.source(by))


class LeaveBody(LeaveEntry, _FromDocument):
    def entry(self, by: Source) -> SickLeave:
        return SickLeave.model_validate(self.facts() | self.source(by))


class AppraisalBody(AppraisalEntry, _FromDocument):
    def entry(self, by: Source) -> Appraisal:
        return Appraisal.model_validate(self.facts() | self.source(by))


class DeathBody(DeathEntry, _FromDocument):
    def entry(self, by: Source) -> Death:
        return Death.model_validate(self.facts() | self.source(by))


class SheetBody(Body):
    """The whole sheet as it is to be. `version` is the one that was read; 0 where there is none yet.

    `causation_bps`: the covered share of a cause that cannot be separated, in basis points.
    """

    version: Annotated[int, Field(ge=0)]
    bills: Annotated[tuple[BillBody, ...], Field(max_length=MOST_BILLS)] = ()
    stays: Annotated[tuple[StayBody, ...], Field(max_length=MOST_INTERVALS)] = ()
    sick_leaves: Annotated[tuple[LeaveBody, ...], Field(max_length=MOST_INTERVALS)] = ()
    appraisal: AppraisalBody | None = None
    death: DeathBody | None = None
    causation_bps: Annotated[int, Field(ge=0, le=WHOLE_BPS)] = WHOLE_BPS
    reason: Words

    @model_validator(mode="after")
    def _each_bill_once(self) -> Self:
        if len({bill.bill_no for bill in self.bills}) < len(self.bills):
            raise ValueError("a bill stands twice")
        return self

    def sheet(self, claim_no: str, by: Source) -> LossSheet:
        """Give the sheet with `by` as the source of every entry."""
        share = self.causation_bps
        return LossSheet(
            claim_no=claim_no,
            bills=tuple(bill.entry(by) for bill in self.bills),
            stays=tuple(stay.entry(by) for stay in self.stays),
            sick_leaves=tuple(leave.entry(by) for leave in self.sick_leaves),
            appraisal=self.appraisal.entry(by) if self.appraisal is not None else None,
            death=self.death.entry(by) if self.death is not None else None,
            causation=Causation(bps=share, source=by) if share < WHOLE_BPS else None,
        )


class FindingView(View):
    """What the dates and places say against the terms of cover; `entry` names the entry as `sources` do."""

    term: Term
    entry: str


class SheetView(View):
    """One version of the loss sheet (损失清单), with what its dates say of the terms."""

    version: int
    round: int
    bills: Health[tuple[SheetBill, ...]]
    stays: Health[tuple[HospitalStay, ...]]
    sick_leaves: Health[tuple[SickLeave, ...]]
    appraisal: Health[Appraisal]
    site_words: Health[tuple[str, ...]]
    """The appraisal's sites in words, in their order."""
    death: Health[Death]
    causation: Causation | None
    inpatient_days: int
    certified_days: int
    findings: list[FindingView]

    @classmethod
    def of(cls, sheet: LossSheet, accident_day: date) -> "SheetView":
        sites = sheet.appraisal.sites if sheet.appraisal is not None else ()
        return cls(
            **{name: value for name, value in sheet if name != "claim_no"},
            site_words=tuple(site_words(site, disability_table()) for site in sites),
            inpatient_days=sheet.inpatient_days,
            certified_days=sheet.certified_days,
            findings=[FindingView(term=f.term, entry=f.entry) for f in findings(sheet, accident_day)],
        )


class SheetsView(View):
    versions: list[SheetView]

    @classmethod
    def of(cls, claim: Claim, sheets: Iterable[LossSheet]) -> "SheetsView":
        day = china_day(claim.accident.occurred_at)
        return cls(versions=[SheetView.of(sheet, day) for sheet in sheets])


class BenefitView(View):
    """What a benefit was assessed at in the current round, and decided at, in fen."""

    claim_type: ClaimType
    assessed_fen: int
    decided_fen: int | None
