"""The beneficiary (受益人) and what is stated of all of them: who is entitled, to what share, to whose account.

Insurance Law art. 39 to 43. A minor acts by a guardian; who harmed the insured on purpose, or died first, takes
nothing, and the share falls to the others.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer

from daycover.china_time import china_day
from daycover.identity.age import age_on
from daycover.identity.document import IdDocumentType, indexed
from daycover.payouts.transfer import BankAccount

WHOLE_NUMBER = "([1-9][0-9]{0,3}|10000)"
SHARE_FORM = f"^{WHOLE_NUMBER}/{WHOLE_NUMBER}$"
"""A share as it is written: `1/3`, two whole numbers of 1 to 10,000, in lowest terms or not."""
OF_AGE = 18
CAN_GUARD = 16
"""Who lives on their own work has full capacity from 16 on (民法典 art. 18); nobody younger acts for a child."""


class Relation(StrEnum):
    """To the insured."""

    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    GRANDPARENT = "GRANDPARENT"
    GRANDCHILD = "GRANDCHILD"
    OTHER = "OTHER"


def share_of(written: object) -> Fraction:
    """Read a share from `1/3`; a fraction stays one. Raises ValueError."""
    if isinstance(written, Fraction):
        return written
    if not isinstance(written, str) or re.fullmatch(SHARE_FORM, written) is None:
        raise ValueError("a share is written 1/3, of whole numbers of 1 to 10,000")
    return Fraction(written)


def share_written(share: Fraction) -> str:
    """Write a share as `1/3`, in lowest terms; the whole is `1/1`."""
    return f"{share.numerator}/{share.denominator}"


Share = Annotated[Fraction, BeforeValidator(share_of), PlainSerializer(share_written)]


class Basis(StrEnum):
    """On what the statement rests."""

    DESIGNATED = "DESIGNATED"  # 被保险人指定
    STATUTORY = "STATUTORY"  # 作为遗产,法定继承
    """Nobody was designated, or nobody who was is entitled any more (art. 42)."""


class LossOfRight(StrEnum):
    """Why somebody who was named takes nothing."""

    FORFEITED = "FORFEITED"  # 故意造成被保险人死亡、伤残、疾病,或杀害未遂
    """Art. 43, second paragraph."""
    DIED_FIRST = "DIED_FIRST"  # 先于被保险人死亡,或在同一事件中死亡、不能确定先后
    """Art. 42: who died in the same event, in an order that nobody can tell, is presumed to have died first."""
    RENOUNCED = "RENOUNCED"  # 放弃受益权


class Holder(StrEnum):
    """In whose name the account is."""

    OWN = "OWN"
    GUARDIAN = "GUARDIAN"


class Guardian(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """Who acts for a minor, or for somebody who can't (民法典 art. 23, 27, 28)."""

    name: str = Field(repr=False)
    document_type: IdDocumentType
    document_number: str = Field(repr=False)
    relation: str
    """To the beneficiary."""

    @property
    def identity(self) -> str:
        return indexed(self.document_type, self.document_number)


class Beneficiary(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """One natural person. The account is theirs, or the guardian's; the bank checks its holder's name."""

    name: str = Field(repr=False)
    document_type: IdDocumentType
    document_number: str = Field(repr=False)
    relation: Relation
    share: Share
    account_no: str = Field(repr=False)
    bank_name: str
    born: date | None = Field(default=None, repr=False)
    """As the number tells it, or as it was stated."""
    guardian: Guardian | None = None
    holder: Holder = Holder.OWN
    loses: LossOfRight | None = None
    loses_reason: str | None = Field(default=None, repr=False)

    @property
    def account(self) -> BankAccount:
        name = self.guardian.name if self.guardian and self.holder is Holder.GUARDIAN else self.name
        return BankAccount(holder=name, account_no=self.account_no, bank_name=self.bank_name)

    @property
    def owner(self) -> str:
        """Whose account it is, as the person index is asked."""
        by_guardian = self.guardian is not None and self.holder is Holder.GUARDIAN
        return self.guardian.identity if by_guardian and self.guardian else self.identity

    @property
    def answers(self) -> str:
        """By whose document is known who speaks for the beneficiary."""
        return self.guardian.identity if self.guardian else self.identity

    def is_minor(self, at: datetime) -> bool | None:
        """Whether the person is under 18 (民法典 art. 17) on the day of `at` in China; None where nobody knows."""
        return None if self.born is None else age_on(self.born, china_day(at)) < OF_AGE

    @property
    def masked_number(self) -> str:
        """The last four characters of the document's number, for whoever may see the claim."""
        return "*" * (len(self.document_number) - 4) + self.document_number[-4:]

    @property
    def identity(self) -> str:
        """What the person index is asked with."""
        return indexed(self.document_type, self.document_number)


class Beneficiaries(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """The beneficiaries of one claim; their places give their ids, B1 and on. `version` 0: none recorded."""

    claim_no: str
    version: int = 0
    people: tuple[Beneficiary, ...] = ()
    basis: Basis = Basis.STATUTORY
    departs_because: str | None = Field(default=None, repr=False)
    """Why it is not what the insured had designated."""
    relation_proof: str | None = None
    """The accepted document that proves the relation."""
    stated_by: str | None = None
    stated_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None

    def payees(self) -> dict[str, Beneficiary]:
        """Give who is paid, by id, with shares that sum to 1; nobody before a second person has confirmed them."""
        return entitled(self.people) if self.confirmed_by is not None else {}


def entitled(people: Sequence[Beneficiary]) -> dict[str, Beneficiary]:
    """Give who takes something, by id: the shares of the others fall to them in proportion to their own."""
    left = {payee: person for payee, person in by_id(people).items() if person.loses is None}
    whole = sum((person.share for person in left.values()), Fraction())
    return {p: person.model_copy(update={"share": person.share / whole}) for p, person in left.items()}


def by_id(people: Sequence[Beneficiary]) -> dict[str, Beneficiary]:
    return {f"B{place}": person for place, person in enumerate(people, start=1)}
