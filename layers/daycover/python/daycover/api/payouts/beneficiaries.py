"""Bodies and answers of beneficiaries: as staff record, confirm and read them, never in full."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.api.fields import Words
from daycover.claims.answer import AnswerKind
from daycover.cover.policy import mask_name
from daycover.payouts.beneficiaries import MOST, SHARES_BPS, Beneficiary, Relation, Stated, by_id
from daycover.platform.http import Body, View


class BeneficiaryBody(Body):
    """One person; the account's holder is the person."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(repr=False)]
    id_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9Xx]$"), Field(repr=False)]
    relation: Relation
    share_bps: Annotated[int, Field(ge=1, le=SHARES_BPS)]
    account_no: Annotated[str, StringConstraints(pattern=r"^\d{12,32}$"), Field(repr=False)]
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
    """`payee` is the id of the share; `payout_state` is None before it is paid."""

    payee: str
    name: str
    id_number: str
    relation: Relation
    share_bps: int
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
                    id_number="*" * 14 + person.id_number[-4:],
                    relation=person.relation,
                    share_bps=person.share_bps,
                    account_no=person.account.masked,
                    bank_name=person.bank_name,
                    payout_id=payout.payout_id if payout else None,
                    payout_state=payout.state if payout else None,
                    amount_fen=payout.amount_fen if payout else None,
                )
            )
        facts = {name: value for name, value in found if name in cls.model_fields}
        return cls(**facts, beneficiaries=people)
