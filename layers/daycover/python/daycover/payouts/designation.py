"""The insured's own designation (受益人指定): whom they name to be paid if they die, and may change or withdraw.

Insurance Law art. 39 to 41. An employer bought the cover, so only close relatives may be named. Every version stays;
a claim looks at the one that stood when the accident happened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.china_time import china_day
from daycover.errors import ConcurrentChangeError, DaycoverError, ErrorKind
from daycover.identity.document import IdDocumentType, id_document, indexed
from daycover.identity.name import names_an_organisation
from daycover.identity.worker import PersonIndex, Workers
from daycover.payouts.beneficiary import Beneficiary, Relation, Share

MOST = 9


class DesignationInvalidError(DaycoverError):
    """Shares or persons are not lawful (`fault`).

    `NOT_CLOSE_RELATIVE`: the employer bought the cover, so only close relatives may be named (art. 39), and never a
    company (`COMPANY`).

    What to do: Correct what it names.
    含义:份额或人员不符合要求(fault);由用工单位投保的,只能指定近亲属。
    处理:按原因更正。
    """

    kind = ErrorKind.INVALID
    title = "受益人指定不符合要求", "The designation can't stand as stated"
    detail = (
        "份额合计须为 1,每人一次,须为您的近亲属,不能是您本人,也不能是单位。",
        "Shares sum to 1; each person once; close relatives of yours, never yourself or a company.",
    )


class DesignationNeedsIdentityError(DaycoverError):
    """Nobody is proved behind the account yet.

    What to do: Check in once: the work card proves who you are.
    含义:该账号尚未经微工卡核实身份。
    处理:先完成一次打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "请先核实身份", "Your identity is not proved yet"
    detail = "请先完成一次打卡核实身份。", "Check in once, so that the work card proves who you are."


class Designated(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One natural person and the share of the death benefit."""

    name: str = Field(repr=False)
    document_type: IdDocumentType
    document_number: str = Field(repr=False)
    relation: Relation
    share: Share

    @property
    def identity(self) -> str:
        return indexed(self.document_type, self.document_number)

    @property
    def masked_number(self) -> str:
        return "*" * (len(self.document_number) - 4) + self.document_number[-4:]


class Designation(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One version; without people it withdraws what stood before. `version` 0: none was ever stated."""

    person_id: str
    version: int = 0
    people: tuple[Designated, ...] = Field(default=(), repr=False)
    stated_by: str | None = None
    """The account."""
    stated_at: datetime | None = None


class Designations(Protocol):
    """Every version of every person's, sealed."""

    def list_of(self, person_id: str) -> list[Designation]:
        """Oldest first, strongly consistent."""
        ...

    def add(self, designation: Designation) -> None:
        """Raises ConcurrentChangeError where its version stands already."""
        ...

    def delete_all(self, person_id: str) -> int:
        """Delete every version; give how many there were."""
        ...


def standing(versions: Sequence[Designation], at: datetime) -> Designation | None:
    """Give the one that stood at an instant."""
    before = [known for known in versions if known.stated_at is not None and known.stated_at < at]
    return before[-1] if before and before[-1].people else None


def stated_since(versions: Sequence[Designation], at: datetime) -> Designation | None:
    """Give the last one stated from an accident on, also one that withdraws. The insured may change it until they
    die (art. 41), but it may be somebody else's hand on the phone: it is for people to weigh."""
    after = [known for known in versions if known.stated_at is not None and known.stated_at >= at]
    return after[-1] if after else None


def departs(designation: Designation, people: Sequence[Beneficiary]) -> bool:
    """Whether beneficiaries are others than designated, or have other shares."""
    named: dict[str, Fraction] = {person.identity: person.share for person in designation.people}
    return named != {person.identity: person.share for person in people}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDesignated:
    """How many people somebody designates now: what a certificate may say of them without a name."""

    designations: Designations
    now: Callable[[], datetime]

    def __call__(self, person_id: str) -> int:
        found = standing(self.designations.list_of(person_id), self.now())
        return len(found.people) if found is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Designate:
    """What a worker does with their own."""

    designations: Designations
    workers: Workers
    index: PersonIndex
    now: Callable[[], datetime]

    def read(self, worker_id: str) -> Designation:
        """Give the latest; version 0 where none was stated. Raises DesignationNeedsIdentityError."""
        person_id = self._person(worker_id)
        versions = self.designations.list_of(person_id)
        return versions[-1] if versions else Designation(person_id=person_id)

    def __call__(self, worker_id: str, version: int, people: Sequence[Designated]) -> Designation:
        """State the next version after the one that was read (`version`); nobody withdraws it.

        The same people again change nothing. Raises DesignationNeedsIdentityError, ResidentIdError,
        DocumentNumberError, DesignationInvalidError, ConcurrentChangeError.
        """
        known = self.read(worker_id)
        people = tuple(self._normal(person) for person in people)
        if known.people == people:
            return known
        self._check(known.person_id, people)
        if known.version != version:
            raise ConcurrentChangeError
        stated = Designation(
            person_id=known.person_id,
            version=version + 1,
            people=people,
            stated_by=worker_id,
            stated_at=self.now(),
        )
        self.designations.add(stated)
        if self.workers.get(worker_id).person_id != known.person_id:
            # erased since: nobody would ever find it
            self.designations.delete_all(known.person_id)
            raise DesignationNeedsIdentityError
        return stated

    def _person(self, worker_id: str) -> str:
        person_id = self.workers.get(worker_id).person_id
        if person_id is None:
            raise DesignationNeedsIdentityError
        return person_id

    def _normal(self, person: Designated) -> Designated:
        shown = id_document(person.document_type, person.document_number, china_day(self.now()))
        return person.model_copy(update={"document_type": shown.type, "document_number": shown.number})

    def _check(self, person_id: str, people: Sequence[Designated]) -> None:
        if not people:
            return
        shares = [person.share for person in people]
        if len(people) > MOST or min(shares) <= 0 or sum(shares) != 1:
            raise DesignationInvalidError(fault="SHARES")
        persons = {self.index.person_id(person.identity) for person in people}
        if len(persons) != len(people):
            raise DesignationInvalidError(fault="SAME_PERSON_TWICE")
        if person_id in persons:
            raise DesignationInvalidError(fault="INSURED")
        if any(person.relation is Relation.OTHER for person in people):
            raise DesignationInvalidError(fault="NOT_CLOSE_RELATIVE")
        if any(names_an_organisation(person.name) for person in people):
            raise DesignationInvalidError(fault="COMPANY")
