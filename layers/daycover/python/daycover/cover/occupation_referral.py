"""What the table does not list (职业表外工种): a company states the work, an underwriter answers, and the answer is
remembered as an entry for that company, until a version of the table has the work itself.

One person answers, because what is decided is a class within the filed tariff; from class 5 on it is a senior one.
Nothing is ever refused by the clock: an answer that is late is shown as late, and waits.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover import crockford
from daycover.china_time import china_day
from daycover.cover.occupation import (
    OWN,
    Acceptance,
    Occupation,
    OccupationTable,
    OccupationUnknownError,
)
from daycover.cover.spoken import by_name, said
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.project import Exclusion, Scene

ANSWER_WITHIN = timedelta(hours=24)
"""By the clock, not by working days: sites work on Sundays."""
SENIOR_CLASS = 5
WAITING_AT_ONCE = 20
LISTED = 50


class OccupationListedError(DaycoverError):
    """The occupation table has this work, as `listed_code`; it needs no referral, and an earlier answer gives way.

    What to do: Use that occupation.
    含义:职业表已有该工种(`listed_code`),无需核保员另行确认;以前的确认不再用于新项目。
    处理:选用该工种。
    """

    kind = ErrorKind.CONFLICT
    title = "职业表已有该工种", "The table lists this work"
    detail = (
        "职业表已有“{listed_zh}”({listed_code}),请直接选用。",
        "The table has “{listed_en}” ({listed_code}): use it.",
    )


class OccupationReferralNotFoundError(DaycoverError):
    """The company has no such referral of an occupation.

    What to do: Choose from the list again.
    含义:该公司没有这个工种确认申请。
    处理:从列表中重新选择。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有找到该工种确认申请", "No such referral of an occupation"


class OccupationReferralAnsweredError(DaycoverError):
    """Somebody has answered it already; the first answer stands.

    What to do: Read the answer that was given.
    含义:该申请已有答复,以先到的答复为准。
    处理:查看已有的答复。
    """

    kind = ErrorKind.CONFLICT
    title = "该工种确认申请已有答复", "The referral was answered already"


class SeniorAnswerNeededError(DaycoverError):
    """Class 5 and 6 are answered by a senior member of staff.

    What to do: Leave it in the list for a colleague with that duty.
    含义:五类和六类须由高级核保员答复。
    处理:留在列表中,由有该岗位的同事答复。
    """

    kind = ErrorKind.FORBIDDEN
    title = "须由高级核保员答复", "A senior member of staff must answer"
    detail = (
        "五类和六类须由高级核保员答复。",
        "Class 5 and 6 are answered by a senior member of staff.",
    )


class OccupationReferralsWaitingError(DaycoverError):
    """The company has as many works waiting for an answer as may wait at once (`limit`).

    What to do: Wait for an answer, then state the next.
    含义:该公司等待答复的工种已达上限(`limit`)。
    处理:等待答复后再提交。
    """

    kind = ErrorKind.CONFLICT
    title = "等待确认的工种太多", "Too many works wait for an answer"
    detail = (
        "同时最多有 {limit} 个工种等待答复,请等待后再提交。",
        "At most {limit} may wait at once: state the next after an answer.",
    )


class ExclusionUnknownError(DaycoverError):
    """The table has no such exclusion.

    What to do: Use the codes of `clauses` in the list of what waits.
    含义:职业表中没有这条除外责任。
    处理:使用待答复列表中 `clauses` 的代码。
    """

    kind = ErrorKind.INVALID
    title = "未知的除外责任", "Unknown exclusion"


class OccupationVerdict(StrEnum):
    ACCEPT = "ACCEPT"
    REFER = "REFER"
    REFUSE = "REFUSE"
    LISTED = "LISTED"
    """The table has the work under another name."""


class OccupationReferralStatus(StrEnum):
    WAITING = "WAITING"
    ANSWERED = "ANSWERED"


class StatedWork(BaseModel, frozen=True, defer_build=True):
    """What the company says the work is. It holds nobody's personal data."""

    name: str
    tasks: str
    place: str
    scene: Scene
    tools: str
    height_m: float
    certificates: str


class AnswerStated(BaseModel, frozen=True, defer_build=True):
    """What an underwriter says: a class with its reason, a refusal, or which occupation of the table it is.

    `occupation_class`, `name_zh` and `name_en` with ACCEPT and REFER only, `listed_code` with LISTED only.
    `exclusions` are codes of the table's clauses.
    """

    verdict: OccupationVerdict
    reason_zh: str
    reason_en: str
    occupation_class: int | None = None
    name_zh: str = ""
    name_en: str = ""
    exclusions: tuple[str, ...] = ()
    listed_code: str | None = None


class OccupationAnswer(AnswerStated, frozen=True):
    """The same with who said it and when; it is in force from then on. `clauses`: the exclusions' words."""

    staff_id: str
    at: datetime
    clauses: tuple[Exclusion, ...] = ()

    @property
    def version(self) -> str:
        """What an entry is cited by: its day in China."""
        return china_day(self.at).isoformat()

    def says(self, stated: AnswerStated, staff_id: str) -> bool:
        return self.staff_id == staff_id and all(getattr(self, key) == value for key, value in stated)


class OccupationReferral(BaseModel, frozen=True, defer_build=True):
    """One work that a company asked about. After a refusal the same name may be stated anew, under the next number."""

    referral_id: str
    company_id: str
    company_name: str
    statement: StatedWork
    role: str
    subject: str
    asked_at: datetime
    answer: OccupationAnswer | None = None

    @property
    def due_at(self) -> datetime:
        return self.asked_at + ANSWER_WITHIN

    @property
    def status(self) -> OccupationReferralStatus:
        return OccupationReferralStatus.WAITING if self.answer is None else OccupationReferralStatus.ANSWERED

    def is_overdue(self, now: datetime) -> bool:
        return self.answer is None and now >= self.due_at

    @property
    def work_id(self) -> str:
        """What all referrals of one name have in common."""
        return self.referral_id[:_WORK_ID]

    @property
    def number(self) -> int:
        return int(self.referral_id[_WORK_ID:])

    @property
    def entry(self) -> Occupation | None:
        """The answer as an occupation of this company; a refusal too has a code and its reason."""
        answer = self.answer
        if answer is None or answer.verdict is OccupationVerdict.LISTED:
            return None
        name = self.statement.name
        return Occupation(
            code=OWN + self.referral_id,
            name_zh=answer.name_zh or name,
            name_en=answer.name_en or name,
            occupation_class=answer.occupation_class or 6,
            acceptance=Acceptance(answer.verdict),
            reason_zh=answer.reason_zh,
            reason_en=answer.reason_en,
            aliases=(name,),
            exclusions=answer.clauses,
        )

    def listed_in(self, named: Mapping[str, Occupation]) -> Occupation | None:
        """The row, of a table by name, that bears the name by which the company asked or that the answer gave."""
        given = self.statement.name if self.answer is None else self.answer.name_zh
        return named.get(said(self.statement.name)) or named.get(said(given))


_WORK_ID = 16


def work_id_of(company_id: str, name: str) -> str:
    """Give the id of a work's name within a company, however it is written (80 bits of SHA-256)."""
    digest = hashlib.sha256(f"{company_id}\n{said(name)}".encode()).digest()
    return crockford.encode(int.from_bytes(digest, "big"), _WORK_ID)


def referral_id_of(work_id: str, number: int) -> str:
    return f"{work_id}{number:03d}"


class OccupationReferrals(Protocol):
    def add(self, referral: OccupationReferral) -> None:
        """Store it and put it before staff. Raises ConcurrentChangeError where there is one of its id."""
        ...

    def find(self, company_id: str, referral_id: str) -> OccupationReferral | None:
        """Strongly consistent."""
        ...

    def latest(self, company_id: str, work_id: str) -> OccupationReferral | None:
        """The newest of one name. Strongly consistent."""
        ...

    def of_company(self, company_id: str) -> list[OccupationReferral]:
        """All of a company, the newest first."""
        ...

    def waiting(self) -> list[OccupationReferral]:
        """Those without an answer, the first due first; at most 50."""
        ...

    def answer(self, referral: OccupationReferral) -> None:
        """Store the answer; it waits no longer. Raises ConcurrentChangeError where it has one."""
        ...


class OwnOccupations(NamedTuple):
    """What the answers give one company beside the table: entries, and further names of rows of the table."""

    entries: Sequence[Occupation]
    names: Mapping[str, Sequence[str]]


def own_occupations(table: OccupationTable, referrals: Iterable[OccupationReferral]) -> OwnOccupations:
    """Give what holds for new projects: of each name the newest answer, where the table has not come to list it."""
    newest: dict[str, OccupationReferral] = {}
    for referral in referrals:
        known = newest.get(referral.work_id)
        if referral.answer is not None and (known is None or known.number < referral.number):
            newest[referral.work_id] = referral
    named = by_name(table.occupations) if newest else {}
    entries: list[Occupation] = []
    names: dict[str, list[str]] = {}
    for referral in newest.values():
        answer, entry = referral.answer, referral.entry
        if answer is not None and answer.listed_code is not None:
            names.setdefault(answer.listed_code, []).append(referral.statement.name)
        elif entry is not None and referral.listed_in(named) is None:
            entries.append(entry)
    return OwnOccupations(entries, names)


def own_occupation(
    table: OccupationTable, referrals: OccupationReferrals, company_id: str, code: str
) -> Occupation:
    """Give the entry of a code for a new project of its company, and of no other.

    Raises OccupationUnknownError, OccupationListedError once the table has the work.
    """
    referral = referrals.find(company_id, code.removeprefix(OWN))
    entry = None if referral is None else referral.entry
    if referral is None or entry is None:
        raise OccupationUnknownError(code=code)
    row = referral.listed_in(by_name(table.occupations))
    if row is not None:
        raise listed_as(row)
    return entry


def listed_as(row: Occupation) -> OccupationListedError:
    return OccupationListedError(listed_code=row.code, listed_zh=row.name_zh, listed_en=row.name_en)
