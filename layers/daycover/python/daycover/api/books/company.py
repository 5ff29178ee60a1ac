"""The company's money as it reads it: the day's statement, its credit, its months."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from daycover.api.claims.service_levels import ServiceLevelsView
from daycover.books.credit import CompanyAccount, CreditDay, CreditLevel, Exposure
from daycover.books.endorse import MasterPolicyReading
from daycover.books.endorsement import Endorsement
from daycover.books.figures import Month
from daycover.books.list_statements import SheetContent, StatementDay
from daycover.books.payment import DepositMovement, MovementKind
from daycover.books.read_statement import StatementReading
from daycover.books.sheets import SheetKind
from daycover.books.statement import Format, ProjectTotal, StatementStatus
from daycover.books.statement_line import Change, StatementLine
from daycover.claims.service import ServiceLevels
from daycover.cover.policy import PolicyStatus
from daycover.platform.http import View
from daycover.projects.contract import Billing

SheetFormat = Format
ForPeople = SheetKind | None
RowsOf = SheetContent
DAYS = SheetContent.DAYS
Year = Annotated[int, Field(ge=2020, le=9999)]
MovementNumber = Annotated[int, Field(ge=1, le=9_999_999_999)]
EndorsementNumber = Annotated[int, Field(ge=1, le=999_999)]


class LinkView(View):
    """`url` needs no token and lasts five minutes."""

    url: str


class LineView(View):
    """`correction`: an earlier statement's policy, or one that came after its own day's statement."""

    policy_no: str
    project_id: str
    day: date
    insured_name: str
    plan_id: str
    occupation_class: int
    start: datetime
    end: datetime
    sum_insured_fen: int
    status: PolicyStatus
    premium_fen: int
    refund_fen: int
    due_fen: int
    correction: bool
    change: Change | None
    """What it changes in the list of insured."""


class CorrectedDayView(View):
    """What an endorsement changes in an earlier day's list; `fewer_than_three` is of that day as it stands now."""

    day: date
    master_policy_no: str
    number: int | None
    added: int
    removed: int
    fewer_than_three: bool


class EndorsementView(View):
    """A day's list of insured as an endorsement (批单) to the master policy. `list_sha256` is that of the statement's
    JSON sheet, which is the list. `fewer_than_three`: one or two people are on it; it never blocks cover."""

    master_policy_no: str
    number: int
    day: date
    replaces: int | None
    policies: int
    premium_fen: int
    fewer_than_three: bool
    corrections: list[CorrectedDayView]
    list_sha256: str
    issued_at: datetime

    @classmethod
    def of(cls, endorsement: Endorsement) -> "EndorsementView":
        corrections = [
            CorrectedDayView(**dict(corrected), master_policy_no=corrected.master_no)
            for corrected in endorsement.corrections
        ]
        facts = dict(endorsement) | {"corrections": corrections}
        return cls(**facts, master_policy_no=endorsement.master_no)


class MasterPolicyView(View):
    """A company's master policy (总保单) of a year, with its newest endorsements; `next` is the number to go on before,
    null at the end."""

    number: str
    company_id: str
    year: int
    insurer: str
    insurer_address: str
    policyholder: str
    credit_code: str | None
    policyholder_address: str | None
    starts_on: date
    ends_on: date
    terms: str
    plan_versions: tuple[str, ...]
    endorsements: list[EndorsementView]
    next: int | None

    @classmethod
    def of(cls, read: MasterPolicyReading) -> "MasterPolicyView":
        endorsements = [EndorsementView.of(endorsement) for endorsement in read.endorsements]
        return cls(**dict(read.master), endorsements=endorsements, next=read.next)


class StatementView(View):
    company_id: str
    day: date
    revision: int
    status: StatementStatus
    due_on: date
    policies: int
    premium_fen: int
    corrections: int
    corrections_fen: int
    insured: int
    """Policies on the day's own list of insured."""
    fewer_than_three: bool
    """Whether they are of one or two people: the insurer sees that too, and the cover stands."""
    projects: tuple[ProjectTotal, ...]
    issued_at: datetime
    line_count: int
    lines: list[LineView]
    lines_url: str | None
    """Leads to every line where `line_count` is above 5,000; needs no token and lasts five minutes."""
    endorsement: EndorsementView | None
    """The day's newest; null for a day that still runs, or that changed nobody's cover."""

    @classmethod
    def of(cls, read: StatementReading) -> "StatementView":
        statement = read.statement
        return cls(
            **dict(statement) | {"lines": [_line_view(line) for line in read.lines]},
            status=read.status,
            due_on=statement.due_on,
            line_count=statement.lines,
            lines_url=read.link,
            endorsement=None if read.endorsement is None else EndorsementView.of(read.endorsement),
        )


def _line_view(line: StatementLine) -> LineView:
    return LineView(**dict(line), start=line.period.start, end=line.period.end, due_fen=line.due_fen)


class StatementDayView(View):
    """A closed day. `paid_fen`, `paid_at` and `reference` are its payment's; `reference` is `DEPOSIT` where the
    deposit paid it."""

    day: date
    revision: int
    status: StatementStatus
    policies: int
    line_count: int
    premium_fen: int
    corrections_fen: int
    due_on: date
    issued_at: datetime
    paid_fen: int
    paid_at: datetime | None
    reference: str | None

    @classmethod
    def of(cls, day: StatementDay) -> "StatementDayView":
        statement, status, payment = day
        return cls(
            **dict(statement),
            status=status,
            due_on=statement.due_on,
            line_count=statement.lines,
            paid_fen=day.paid_fen,
            paid_at=None if payment is None else payment.paid_at,
            reference=None if payment is None else payment.reference,
        )


class StatementsView(View):
    """By day; a day that was not closed is not there."""

    company_id: str
    days: list[StatementDayView]
    premium_fen: int
    paid_fen: int
    open_fen: int

    @classmethod
    def of(cls, company_id: str, days: Sequence[StatementDay]) -> "StatementsView":
        return cls(
            company_id=company_id,
            days=[StatementDayView.of(day) for day in days],
            premium_fen=sum(day.statement.premium_fen for day in days),
            paid_fen=sum(day.paid_fen for day in days),
            open_fen=sum(day.open_fen for day in days),
        )


class CreditDayView(View):
    """`closed`: the statement's total, exact; otherwise the running figure of a day that is open."""

    day: date
    owed_fen: int
    closed: bool

    @classmethod
    def of(cls, day: CreditDay) -> "CreditDayView":
        return cls(day=day.day, owed_fen=day.owed_fen, closed=day.billed_fen is not None)


class OwedView(View):
    """What a company owes and may owe; `CreditView` says what each member is."""

    company_id: str
    level: CreditLevel
    billing: Billing
    limit_fen: int | None
    deposit_fen: int
    allowance_fen: int | None
    exposure_fen: int
    overshoot_fen: int
    days: list[CreditDayView]

    @staticmethod
    def facts(account: CompanyAccount) -> dict[str, Any]:
        return dict(account) | {"days": [CreditDayView.of(day) for day in account.days]}


class CreditView(OwedView):
    """`allowance_fen` is what the company may owe: its credit limit or, where premiums are prepaid, what is left of
    its deposit; null for no limit. `exposure_fen` is what it owes."""

    overshoot_bound_fen: int

    @classmethod
    def of(cls, exposure: Exposure) -> "CreditView":
        return cls(**cls.facts(exposure), overshoot_bound_fen=exposure.bound_fen)


class MovementView(View):
    """`amount_fen` is positive for what came in; `balance_fen` is what was left after it."""

    number: int
    kind: MovementKind
    reference: str
    amount_fen: int
    balance_fen: int
    at: datetime

    @classmethod
    def of(cls, movement: DepositMovement) -> "MovementView":
        return cls(**movement.model_dump(exclude={"company_id", "recorded_by"}))


class MovementsView(View):
    """The newest first; `next` is the number to go on before, null at the end."""

    movements: list[MovementView]
    next: int | None

    @classmethod
    def of(cls, movements: Sequence[DepositMovement]) -> "MovementsView":
        more = bool(movements) and movements[-1].number > 1
        return cls(
            movements=[MovementView.of(movement) for movement in movements],
            next=movements[-1].number if more else None,
        )


class MonthView(View):
    company_id: str
    month: str
    closed_days: int
    people_days: int
    premium_fen: int
    claims_paid_fen: int
    incurred_fen: int
    """Paid, and what is reserved for claims more than before the month; not by class, which may be one person."""
    outstanding_fen: int | None
    """Reserved at the end of the last closed day; null while unknown."""
    loss_ratio_bps: int | None
    service: ServiceLevelsView

    @classmethod
    def of(cls, month: Month, levels: ServiceLevels) -> "MonthView":
        return cls(**dict(month), service=ServiceLevelsView.of(levels))
