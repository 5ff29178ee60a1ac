"""How often claims come from one company, project or clinic (F17): marks of each claim, counted over 90 days.

A claim leaves one mark with each of them, named by its own number and day, so that a replay counts once. The
count is evidence beside the claim: a NOTE with a score, which refuses nothing and stops nothing. Large companies
have many accidents; only a person knows whether these are too many.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from daycover.claims.evidence import ClaimDocument, plain_invoice_number
from daycover.claims.fraud import FraudSignal, FraudWeight

PERIOD = timedelta(days=90)


class Dimension(StrEnum):
    """Of whom claims are counted. The worker's own are counted from their list of claims."""

    COMPANY = "COMPANY"
    PROJECT = "PROJECT"
    CLINIC = "CLINIC"


FREQUENT: Mapping[Dimension, int] = MappingProxyType(
    {Dimension.COMPANY: 100, Dimension.PROJECT: 20, Dimension.CLINIC: 20}
)
"""From how many claims in 90 days on it is noted (assumption)."""


class ClaimMarks(Protocol):
    """The marks that claims left."""

    def mark(self, dimension: Dimension, id_: str, day: date, claim_no: str) -> None:
        """Leave a claim's mark on the +08:00 day of its report; again changes nothing."""
        ...

    def count(self, dimension: Dimension, id_: str, since: date, most: int) -> int:
        """Count the marks of `since` and later, `most` at most."""
        ...


def clinics_of(documents: Iterable[ClaimDocument]) -> tuple[str, ...]:
    """Give the ids of the hospitals that documents name: hashes of their normalised names, each once.

    Full-width forms, case, blanks and punctuation make no other hospital. Where somebody was treated is
    health data, so the name itself stands nowhere but in the sealed document.
    """
    names = (getattr(document.announced.facts, "hospital", None) for document in documents)
    plain = dict.fromkeys(plain_invoice_number(name) for name in names if name)
    return tuple(hashlib.sha256(name.encode()).hexdigest()[:24] for name in plain if name)


def frequency_signal(dimension: Dimension, id_: str, claims: int) -> tuple[FraudSignal, ...]:
    """Give what so many claims say; the score reaches 100 at twice the number that is noted."""
    noted = FREQUENT[dimension]
    if claims < noted:
        return ()
    return (
        FraudSignal(
            rule=f"F17_FREQUENT_{dimension}",
            weight=FraudWeight.NOTE,
            score=min(100, 50 * claims // noted),
            evidence=(id_, f"{claims} claims in {PERIOD.days} days"),
        ),
    )
