"""Identity documents (证件): the resident ID is checked by machine, every other one by people."""

from enum import StrEnum

from daycover.errors import DaycoverError, ErrorKind


class DocumentReferredError(DaycoverError):
    """Passports and Hong Kong, Macao or Taiwan permits cannot be checked by the work card.

    What to do: Ask with `POST /v1/referrals`; there is no cover until it is approved.
    含义:护照、港澳居民来往内地通行证、台湾居民来往大陆通行证不能由微工卡核验。
    处理:`POST /v1/referrals` 申请人工核验;批准之前没有保障。
    """

    kind = ErrorKind.CONFLICT
    title = "该证件须人工核验", "This document is checked by people"
    detail = (
        "微工卡只能核验居民身份证。目前没有保障,请申请人工核验:现场负责人核对证件,保险公司确认后即时生效。",
        "The work card knows resident IDs only. There is no cover now: ask for a referral; the foreman "
        "checks your document, the insurer approves, and cover begins at once.",
    )


class IdDocumentType(StrEnum):
    RESIDENT_ID = "RESIDENT_ID"
    PASSPORT = "PASSPORT"
    HK_MO_PERMIT = "HK_MO_PERMIT"
    """港澳居民来往内地通行证."""
    TW_PERMIT = "TW_PERMIT"
    """台湾居民来往大陆通行证."""


def indexed(document_type: IdDocumentType, number: str) -> str:
    """Give what the person index is asked with; a resident ID stands for itself, as everywhere else."""
    if document_type is IdDocumentType.RESIDENT_ID:
        return number
    return f"{document_type}:{number.strip().upper()}"
