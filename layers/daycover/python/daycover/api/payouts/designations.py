"""A worker's own designation of beneficiaries, and what staff see of it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.api.fields import DocumentNumber, PersonName
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiary import SHARE_FORM, Relation, share_of, share_written
from daycover.payouts.designation import MOST, Designated, Designation
from daycover.platform.http import Body, View


class DesignatedBody(Body):
    """One person; `share` is a fraction, `1/3`, and all of them sum to 1."""

    name: PersonName
    document_type: IdDocumentType
    document_number: DocumentNumber
    relation: Relation
    share: Annotated[str, StringConstraints(pattern=SHARE_FORM)]


class DesignationBody(Body):
    """`version` of what was read; nobody in `people` withdraws it."""

    version: Annotated[int, Field(ge=0)]
    people: Annotated[tuple[DesignatedBody, ...], Field(max_length=MOST)]

    def designated(self) -> tuple[Designated, ...]:
        return tuple(
            Designated.model_validate(dict(person) | {"share": share_of(person.share)})
            for person in self.people
        )


class DesignatedView(View):
    """The number is masked."""

    name: str
    document_type: IdDocumentType
    document_number: str
    relation: Relation
    share: str


class DesignationView(View):
    """`version` 0: none was ever stated."""

    version: int
    people: list[DesignatedView]
    stated_at: datetime | None

    @classmethod
    def of(cls, designation: Designation) -> "DesignationView":
        people = [
            DesignatedView(
                name=person.name,
                document_type=person.document_type,
                document_number=person.masked_number,
                relation=person.relation,
                share=share_written(person.share),
            )
            for person in designation.people
        ]
        return cls(version=designation.version, people=people, stated_at=designation.stated_at)
