"""Bodies and answers of beneficiaries: as staff record, confirm and read them, never in full."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.api.fields import Words
from daycover.claims.answer import AnswerKind
from daycover.cover.policy import mask_name
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import (
    MOST,
    SHARE_FORM,
    Beneficiary,
    Relation,
    Stated,
    by_id,
    share_written,
)
from daycover.platform.http import Body, View


class BeneficiaryBody(Body):
    """One person; the account's holder is the person. `share` is a fraction, `1/3`; all of them sum to 1."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(repr=False)]
    document_type: IdDocumentType
    document_number: Annotated[
        str, StringConstraints(min_length=5, max_length=18, pattern=r"^[0-9A-Za-z]+$"), Field(repr=False)
    ]
    relation: Relation
    share: Annotated[str, StringConstraints(pattern=SHARE_FORM)]
    account_no: Annotated[str, StringConstraints(pattern=r"^[0-9]{12,32}$"), Field(repr=False)]
    bank_name: Annotated[str, StringConstraints(min_length=2, max_length=64)]


class BeneficiariesBody(Body):
    beneficiaries: Annotated[tuple[BeneficiaryBody, ...], Field(min_length=1, max_length=MOST)]

    def people(self) -> tuple[Beneficiary, ...]:
        return tuple(Beneficiary(**dict(person)) for person in self.beneficiaries)


class BeneficiariesConfirmationBody(Body):
    """`version` of what was read: nobody confirms what they have not seen."""

    version: Annotated[int, Field(ge=1)]


class BeneficiariesAnswerBody(Body):
    """`reason`: how the answer was received, e.g. a signed agreement of a day."""

    answer: AnswerKind
    reason: Words


class BeneficiaryView(View):
    """`payee` is the id of the share, which is written in lowest terms; `payout_state` is None before it is paid."""

    payee: str
    name: str
    document_type: IdDocumentType
    document_number: str
    relation: Relation
    share: str
    account_no: str
    bank_name: str
    payout_id: str | None
    payout_state: str | None
    amount_fen: int | None


class BeneficiariesView(View):
    claim_no: str
    version: int
    beneficiaries: list[BeneficiaryView]
    relation_proof: str | None
    stated_by: str | None
    stated_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, stated: Stated) -> "BeneficiariesView":
        found, payouts = stated
        people = []
        for payee, person in by_id(found.people).items():
            payout = payouts.get(payee)
            people.append(
                BeneficiaryView(
                    payee=payee,
                    name=mask_name(person.name),
                    document_type=person.document_type,
                    document_number=person.masked_number,
                    relation=person.relation,
                    share=share_written(person.share),
                    account_no=person.account.masked,
                    bank_name=person.bank_name,
                    payout_id=payout.payout_id if payout else None,
                    payout_state=payout.state if payout else None,
                    amount_fen=payout.amount_fen if payout else None,
                )
            )
        facts = {name: value for name, value in found if name in cls.model_fields}
        return cls(**facts, beneficiaries=people)
