"""Identity documents (证件): the resident ID is checked by machine, every other one by people."""

from enum import StrEnum

from daycover.errors import DaycoverError


class DocumentReferredError(DaycoverError):
    """The document cannot be checked by the work card; the worker asks for a referral instead."""


class DocumentType(StrEnum):
    RESIDENT_ID = "RESIDENT_ID"
    PASSPORT = "PASSPORT"
    HK_MO_PERMIT = "HK_MO_PERMIT"
    """港澳居民来往内地通行证."""
    TW_PERMIT = "TW_PERMIT"
    """台湾居民来往大陆通行证."""


def indexed(document_type: DocumentType, number: str) -> str:
    """Give what the person index is asked with; a resident ID stands for itself, as everywhere else."""
    if document_type is DocumentType.RESIDENT_ID:
        return number
    return f"{document_type}:{number.strip().upper()}"
