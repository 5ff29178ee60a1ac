"""Answers about check-ins that somebody should look at. Names are masked, positions stay sealed."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from daycover.cover.evidence import BY_CODE, Signal, SignalWeight
from daycover.cover.signals import Flagged, FlaggedPage
from daycover.cover.stuffing import CompanyStuffing, ProjectStuffing
from daycover.platform.http import View

PageToken = Annotated[str, Field(max_length=400)]


class CheckInSignalView(View):
    code: str
    check: str
    score: int
    weight: SignalWeight
    what_zh: str
    what_en: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, signal: Signal) -> "CheckInSignalView":
        check = BY_CODE[signal.code]
        return cls(**dict(signal), what_zh=check.what_zh, what_en=check.what_en)


class FlaggedView(View):
    check_in_id: str
    worker_id: str
    insured_name: str
    at: datetime
    status: str
    policy_no: str | None
    distance_m: int | None
    score: int
    signals: list[CheckInSignalView]

    @classmethod
    def of(cls, line: Flagged) -> "FlaggedView":
        facts = {name: value for name, value in line if name in cls.model_fields}
        return cls(**facts | {"signals": [CheckInSignalView.of(signal) for signal in line.signals]})


class SignalsView(View):
    """`next` is the `page` to ask with for older ones, None at the end."""

    check_ins: list[FlaggedView]
    next: str | None

    @classmethod
    def of(cls, page: FlaggedPage) -> "SignalsView":
        return cls(check_ins=[FlaggedView.of(line) for line in page.lines], next=page.next_token)


class RosterSignalsView(View):
    """`workers` of the planned `headcount` were checked in with shared phones since; 100 is half of them or more.

    `review` says that a person should ask the company. Nobody is refused for it.
    """

    company_id: str
    since: datetime
    headcount: int
    workers: int
    score: int
    review: bool
    projects: tuple[ProjectStuffing, ...]

    @classmethod
    def of(cls, found: CompanyStuffing) -> "RosterSignalsView":
        return cls(**dict(found))
