"""The loss notice (报案): an accident that somebody told of and that no claim holds yet. Never refused by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.claims.claim import Accident, ActorKind, QueueEntry
from daycover.claims.consents import Accepted
from daycover.claims.documents import ClaimType
from daycover.errors import DaycoverError, ErrorKind

UNMATCHED_WITHIN = timedelta(days=1)
"""How soon a person looks at a notice that no policy was found for (our own promise)."""


class LossNoticeNotFoundError(DaycoverError):
    """There is no notice of this number.

    What to do: Check it, or look into the UNMATCHED queue.
    含义:没有这个报案号。
    处理:核对报案号,或查看待匹配队列。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该报案", "No such loss notice"


class LossNoticeMatchedError(DaycoverError):
    """The notice led to a claim on another policy.

    What to do: Open the claim that the problem names; a claim on the other policy needs a report of its
    own.
    含义:该报案已关联到另一保单的赔案。
    处理:打开问题中给出的赔案;确需另立,请由被保险人就该保单另行报案。
    """

    kind = ErrorKind.CONFLICT
    title = "该报案已关联其他赔案", "The notice belongs to another claim"
    detail = "该报案已关联赔案 {claim_no}。", "The notice led to claim {claim_no}."


class NoticeStatus(StrEnum):
    """What became of a notice (reference section 3.4). Only people move it on; nothing refuses it."""

    UNMATCHED = "UNMATCHED"
    CONVERTED = "CONVERTED"
    DUPLICATE = "DUPLICATE"
    """Its accident had a claim already; the reporter stands there now."""


class LossNotice(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A notice (报案) without a policy. It waits in the staff queue and is never refused by itself."""

    report_no: str
    reporter_id: str
    reported_at: datetime
    accident: Accident
    claim_types: tuple[ClaimType, ...]
    policy_no: str | None = None
    person_id: str | None = None
    first_treated_at: datetime | None = None
    reported_by: ActorKind = ActorKind.WORKER
    contact: str | None = Field(default=None, repr=False)
    """Whom to call back, in the clerk's words. Sealed at rest."""
    consents: tuple[Accepted, ...] = ()
    phone: str | None = Field(default=None, repr=False)
    """The reporter's, in one form (`identity/phone.py`). Sealed at rest."""
    insured_name: str | None = Field(default=None, repr=False)
    """Whom the reporter names, where it is somebody else. Sealed at rest."""
    relation: str | None = None
    """Of the reporter to that person; None where they report for themselves."""
    status: NoticeStatus = NoticeStatus.UNMATCHED
    claim_no: str | None = None

    @property
    def due(self) -> datetime:
        return self.reported_at + UNMATCHED_WITHIN


class LossNotices(Protocol):
    def add(self, notice: LossNotice) -> None:
        """Keep the notice and its place in the staff queue; one that stands stays as it is."""
        ...

    def get(self, report_no: str) -> LossNotice:
        """Raises LossNoticeNotFoundError."""
        ...

    def settle(self, notice: LossNotice) -> None:
        """Take the notice out of the queue with the claim that it led to; a settled one stays as it is."""
        ...

    def of_worker(self, worker_id: str, person_id: str | None) -> list[LossNotice]:
        """What the account reported, and what is about the person, newest first."""
        ...

    def last_reported_at(self, worker_id: str, person_id: str | None) -> datetime | None:
        """When the newest of `of_worker` was reported; None without one."""
        ...

    def entries(self, most: int) -> list[QueueEntry]:
        """What waits for staff, by due time, as its queue tells it."""
        ...

    def many(self, report_nos: Iterable[str]) -> list[LossNotice]:
        """Those of these numbers that there are, in the order asked for."""
        ...
