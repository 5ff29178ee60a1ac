"""Acting for the insured: the request, its end, and what staff say to it; benefits that are added."""

from typing import Annotated

from pydantic import Field

from daycover.api.fields import DocumentNumber, Id, PersonName, Phone, ShortWords, Words
from daycover.claims.documents import ClaimType
from daycover.claims.represent import Insured, Judgement, RepresentativeVerdict
from daycover.claims.representative import Particulars, RepresentativeKind
from daycover.identity.document import IdDocumentType
from daycover.platform.http import Body


class RepresentativeBody(Body):
    """Who asks, and the identity number of the insured, which somebody close to them knows."""

    kind: RepresentativeKind
    name: PersonName
    document_type: IdDocumentType
    document_number: DocumentNumber
    relation: ShortWords
    phone: Phone
    insured_document_type: IdDocumentType = IdDocumentType.RESIDENT_ID
    insured_id_number: DocumentNumber

    def particulars(self) -> Particulars:
        return Particulars(
            kind=self.kind,
            name=self.name,
            document_type=self.document_type,
            document_number=self.document_number,
            relation=self.relation,
            phone=self.phone,
        )

    def insured(self) -> Insured:
        return Insured(self.insured_document_type, self.insured_id_number)


class JudgementBody(Body):
    """`document_id` is the proof that an acceptance rests on. `for_all_heirs`: the other heirs have authorised this
    one, by a POWER_OF_ATTORNEY of the claim, to answer for them."""

    judgement: Judgement
    reason: Words
    document_id: Id | None = None
    for_all_heirs: bool = False

    def verdict(self) -> RepresentativeVerdict:
        return RepresentativeVerdict(self.judgement, self.reason, self.document_id, self.for_all_heirs)


class BenefitsBody(Body):
    claim_types: Annotated[tuple[ClaimType, ...], Field(min_length=1, max_length=len(ClaimType))]
