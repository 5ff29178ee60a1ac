"""Bodies and answers of beneficiaries: as staff record, confirm and read them, never in full."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.api.discretion import Health
from daycover.api.fields import (
    AccountNumber,
    BankName,
    DocumentNumber,
    PersonName,
    ShortWords,
    Words,
)
from daycover.claims.answer import AnswerKind
from daycover.cover.policy import mask_name
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import MOST, Stated
from daycover.payouts.beneficiary import (
    SHARE_FORM,
    Basis,
    Beneficiary,
    Guardian,
    Holder,
    LossOfRight,
    Relation,
    by_id,
    entitled,
    share_written,
)
from daycover.payouts.designation import Designation
from daycover.platform.http import Body, View


class GuardianBody(Body):
    """Who acts for a minor; `relation` is to the minor."""

    name: PersonName
    document_type: IdDocumentType
    document_number: DocumentNumber
    relation: ShortWords


class BeneficiaryBody(Body):
    """One person. `share` is a fraction, `1/3`; all of them sum to 1. `holder` says in whose name the account is.
    A minor has a guardian. Who `loses` the right (with a reason) takes nothing, and the share falls to the others."""

    name: PersonName
    document_type: IdDocumentType
    document_number: DocumentNumber
    relation: Relation
    share: Annotated[str, StringConstraints(pattern=SHARE_FORM)]
    account_no: AccountNumber
    bank_name: BankName
    born: date | None = None
    """Of whose number does not tell it: passports and travel permits."""
    guardian: GuardianBody | None = None
    holder: Holder = Holder.OWN
    loses: LossOfRight | None = None
    loses_reason: Words | None = None


class BeneficiariesBody(Body):
    """`departs_because`: why it is not what the insured had designated before the accident, or stated after it."""

    basis: Basis = Basis.STATUTORY
    departs_because: Words | None = None
    beneficiaries: Annotated[tuple[BeneficiaryBody, ...], Field(min_length=1, max_length=MOST)]

    def people(self) -> tuple[Beneficiary, ...]:
        return tuple(
            Beneficiary(
                **dict(person)
                | {"guardian": Guardian(**dict(person.guardian)) if person.guardian is not None else None}
            )
            for person in self.beneficiaries
        )


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
    guardian: str | None
    """The guardian's name, masked."""
    holder: Holder
    """In whose name the account is."""
    loses: LossOfRight | None
    loses_reason: Health[str]
    paid_share: str | None
    """What is paid of the whole, once the shares of who takes nothing have fallen to the others."""
    payout_id: str | None
    payout_state: str | None
    amount_fen: int | None


class DesignatedLine(View):
    """One whom the insured had designated, masked."""

    name: str
    document_number: str
    relation: Relation
    share: str


class BeneficiariesView(View):
    claim_no: str
    version: int
    beneficiaries: list[BeneficiaryView]
    basis: Basis
    departs_because: Health[str]
    designated: list[DesignatedLine]
    """Whom the insured had designated before the accident."""
    designated_later: list[DesignatedLine] | None
    """Whom they, or somebody on their phone, designated after it, at last; nobody where that withdrew it, null where
    nothing was stated."""
    designated_later_at: datetime | None
    relation_proof: str | None
    stated_by: str | None
    stated_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, stated: Stated) -> "BeneficiariesView":
        found, payouts, designation, later = stated
        people, paid = [], entitled(found.people)
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
                    guardian=mask_name(person.guardian.name) if person.guardian else None,
                    holder=person.holder,
                    loses=person.loses,
                    loses_reason=person.loses_reason,
                    paid_share=share_written(paid[payee].share) if payee in paid else None,
                    payout_id=payout.payout_id if payout else None,
                    payout_state=payout.state if payout else None,
                    amount_fen=payout.amount_fen if payout else None,
                )
            )
        facts = {name: value for name, value in found if name in cls.model_fields}
        return cls(
            **facts,
            beneficiaries=people,
            designated=_designated_lines(designation) if designation else [],
            designated_later=_designated_lines(later) if later else None,
            designated_later_at=later.stated_at if later else None,
        )


def _designated_lines(designation: Designation) -> list[DesignatedLine]:
    return [
        DesignatedLine(
            name=mask_name(person.name),
            document_number=person.masked_number,
            relation=person.relation,
            share=share_written(person.share),
        )
        for person in designation.people
    ]
