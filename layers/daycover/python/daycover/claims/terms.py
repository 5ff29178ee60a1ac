"""What the dates and places of a loss sheet say against the terms of cover (保险条款): findings for the adjuster.

None of it refuses or cuts anything by itself. A claim with a finding is never approved by machine.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from daycover.claims.sheet import Death, DeathCause, LossSheet, SheetBill

TERM = timedelta(days=180)
"""Within which treatment, appraisal and death must follow the accident (the plan's terms, reference 4.2)."""
SUDDEN_DEATH = timedelta(days=2)
"""48 hours from the onset of the illness, as days can tell (work-injury rules art. 15)."""
LOWEST_LEVEL = 2
"""Of the hospital, other than in an emergency (Interpretation III art. 20)."""


class Term(StrEnum):
    BEFORE_ACCIDENT = "BEFORE_ACCIDENT"
    AFTER_180_DAYS = "AFTER_180_DAYS"
    HOSPITAL_LEVEL = "HOSPITAL_LEVEL"
    """Below level 2, or a private one whose level nobody has stated; not in an emergency."""
    SUDDEN_DEATH_48_HOURS = "SUDDEN_DEATH_48_HOURS"
    """Not at work, and later than 48 hours after the onset; or the sheet does not say."""
    DEATH_CAUSE = "DEATH_CAUSE"
    """Neither an accident nor a sudden death."""


class TermFinding(NamedTuple):
    """`entry` names the entry of the sheet as the sources of an assessment do."""

    term: Term
    entry: str


def findings(sheet: LossSheet, accident_day: date) -> tuple[TermFinding, ...]:
    """Compare a sheet with the terms. `accident_day` is the +08:00 day of the accident; day 180 is within."""
    found = [TermFinding(term, entry) for entry, day in _dated(sheet) for term in _of_day(day, accident_day)]
    for bill in sheet.bills:
        if not bill.emergency and not _is_designated(bill):
            found.append(TermFinding(Term.HOSPITAL_LEVEL, f"bill {bill.bill_no}"))
    death = sheet.death
    if death is not None and death.cause is DeathCause.OTHER:
        found.append(TermFinding(Term.DEATH_CAUSE, "death"))
    if death is not None and death.cause is DeathCause.SUDDEN and not _was_sudden(death):
        found.append(TermFinding(Term.SUDDEN_DEATH_48_HOURS, "death"))
    return tuple(found)


def _was_sudden(death: Death) -> bool:
    return bool(death.at_work) or (
        death.onset_on is not None and death.died_on - death.onset_on <= SUDDEN_DEATH
    )


def _dated(sheet: LossSheet) -> Iterable[tuple[str, date]]:
    yield from ((f"bill {bill.bill_no}", bill.dated) for bill in sheet.bills)
    yield from ((f"stay {place}", stay.first_day) for place, stay in enumerate(sheet.stays, start=1))
    yield from ((f"sick leave {n}", leave.first_day) for n, leave in enumerate(sheet.sick_leaves, start=1))
    if sheet.appraisal is not None:
        yield "appraisal", sheet.appraisal.appraised_on
    if sheet.death is not None:
        yield "death", sheet.death.died_on


def _of_day(day: date, accident_day: date) -> Iterable[Term]:
    if day < accident_day:
        yield Term.BEFORE_ACCIDENT
    if day - accident_day > TERM:
        yield Term.AFTER_180_DAYS


def _is_designated(bill: SheetBill) -> bool:
    if bill.hospital_level is None:
        return bill.is_public
    return bill.hospital_level >= LOWEST_LEVEL
