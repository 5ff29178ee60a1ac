"""What the insurer reads of an insured: the document as its number says, and the birth date."""

import json
from datetime import date

import pytest

from daycover.identity.document import IdDocumentType, id_document
from daycover.identity.worker import Identity
from daycover.reporting.naming import identity_of
from tests.support.builders import NOW, PERSON, a_project, an_id_number, consents_for

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("stated", "number", "born", "kind"),
    [
        (IdDocumentType.RESIDENT_ID, an_id_number(), None, "RESIDENT_ID"),
        (IdDocumentType.RESIDENT_ID, "911124198108030024", None, "FOREIGNER_PERMANENT_RESIDENCE"),
        (IdDocumentType.RESIDENT_ID, "CAN110181080310", None, "FOREIGNER_PERMANENT_RESIDENCE"),
        (IdDocumentType.RESIDENT_ID, "810000199003070023", None, "HK_MO_TW_RESIDENCE_PERMIT"),
        (IdDocumentType.PASSPORT, "e12345678", date(1990, 3, 7), "PASSPORT"),
        (IdDocumentType.TW_PERMIT, "1234567801", date(1990, 3, 7), "TW_PERMIT"),
    ],
)
def test_insurer_is_told_the_document_that_the_number_says(
    stated: IdDocumentType, number: str, born: date | None, kind: str
) -> None:
    shown = id_document(stated, number, TODAY, born)
    identity = Identity.of("王小明", shown, PERSON)
    told = json.loads(identity_of(identity, consents_for(a_project(), NOW)[0]))
    assert (told["document_type"], told["document_no"]) == (kind, number.upper())
    assert told["birth_date"] == (shown.birth_date or born or TODAY).isoformat()
