"""How often claims come from one company, project, clinic or phone (F17): marks of each claim, over 90 days.

A claim leaves one mark with each of them, named by its own number and day, so that a replay counts once. Large
companies have many accidents; only a person knows whether these are too many, so a person looks.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.claims.evidence import ClaimDocument, plain_invoice_number
from daycover.claims.fraud import FraudSignal, FraudWeight
from daycover.claims.limits import MachineLimits
from daycover.claims.sheet import LossSheet
from daycover.cover.policy import Policy

PERIOD = timedelta(days=90)


class Dimension(StrEnum):
    """Of whom claims are counted. The worker's own are counted from their list of claims."""

    COMPANY = "COMPANY"
    PROJECT = "PROJECT"
    CLINIC = "CLINIC"
    PHONE = "PHONE"


class ClaimMarks(Protocol):
    """The marks that claims left."""

    def mark(self, dimension: Dimension, id_: str, day: date, claim_no: str) -> None:
        """Leave a claim's mark on the +08:00 day of its report; again changes nothing."""
        ...

    def count(self, dimension: Dimension, id_: str, since: date, most: int) -> int:
        """Count the marks of `since` and later, `most` at most."""
        ...


class Phones(Protocol):
    """The phones that checked in."""

    def of(self, policy: Policy) -> str | None:
        """Give the blind index of the phone whose check-in the policy came from.

        None where two people proved the person, and once the check-in is deleted.
        """
        ...


def clinics_of(documents: Iterable[ClaimDocument], sheet: LossSheet) -> tuple[str, ...]:
    """Give the ids of the hospitals that documents and sheet name: hashes of their normalised names, each once.

    Full-width forms, case, blanks and punctuation make no other hospital. Where somebody was treated is
    health data, so the name itself stands nowhere but in the sealed document and sheet.
    """
    names = [getattr(document.announced.facts, "hospital", None) for document in documents]
    names += [bill.hospital for bill in sheet.bills]
    names += [stay.hospital for stay in sheet.stays]
    plain = dict.fromkeys(plain_invoice_number(name) for name in names if name)
    return tuple(hashlib.sha256(name.encode()).hexdigest()[:24] for name in plain if name)


def frequent(dimension: Dimension, limits: MachineLimits) -> int:
    """Give from how many claims in 90 days on a person looks."""
    numbers = {
        Dimension.COMPANY: limits.frequent_company,
        Dimension.PROJECT: limits.frequent_project,
        Dimension.CLINIC: limits.frequent_clinic,
        Dimension.PHONE: limits.frequent_phone,
    }
    return numbers[dimension]


def frequency_signal(dimension: Dimension, id_: str, claims: int, enough: int) -> tuple[FraudSignal, ...]:
    """Give what so many claims say; the score reaches 100 at twice the number that a person looks at."""
    if claims < enough:
        return ()
    return (
        FraudSignal(
            rule=f"F17_FREQUENT_{dimension}",
            weight=FraudWeight.REVIEW,
            score=min(100, 50 * claims // enough),
            evidence=(id_, f"{claims} claims in {PERIOD.days} days"),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFrequency:
    """Marks claims and weighs how many were marked. Repeatable."""

    marks: ClaimMarks
    phones: Phones
    limits: MachineLimits

    def signals(
        self, claim: Claim, documents: Iterable[ClaimDocument], sheet: LossSheet
    ) -> tuple[FraudSignal, ...]:
        """Mark the claim with its company, project, clinics and phone, and give what their claims say."""
        day = china_day(claim.reported_at)
        signals: tuple[FraudSignal, ...] = ()
        for dimension, id_ in self._touched(claim.policy, clinics_of(documents, sheet)):
            enough = frequent(dimension, self.limits)
            self.marks.mark(dimension, id_, day, claim.claim_no)
            claims = self.marks.count(dimension, id_, day - PERIOD, 2 * enough)
            signals += frequency_signal(dimension, id_, claims, enough)
        return signals

    def _touched(self, policy: Policy, clinics: Iterable[str]) -> list[tuple[Dimension, str]]:
        phone = self.phones.of(policy)
        return [
            (Dimension.COMPANY, policy.company_id),
            (Dimension.PROJECT, policy.project_id),
            *((Dimension.CLINIC, clinic) for clinic in clinics),
            *([] if phone is None else [(Dimension.PHONE, phone)]),
        ]
