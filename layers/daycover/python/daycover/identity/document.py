"""Identity documents (证件): the resident ID is checked by machine, every other one by people."""

import re
from enum import StrEnum

from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.resident_id import normalise


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


class DocumentNumberError(DaycoverError):
    """The number is not one that a document of this kind has.

    What to do: Check number and kind; letters and digits only.
    含义:号码不符合所选证件的格式。
    处理:核对证件类型和号码,只含字母和数字。
    """

    kind = ErrorKind.INVALID
    title = "证件号码有误", "The document number is not valid"
    detail = (
        "号码不符合所选证件的格式:护照 5 至 9 位字母和数字;港澳通行证为 H 或 M 加 8 或 10 位数字;"
        "台湾通行证 8 或 10 位数字。",
        "Not the form of that document: a passport has 5 to 9 letters and digits; a Hong Kong/Macao permit H or M "
        "and 8 or 10 digits; a Taiwan permit 8 or 10 digits.",
    )


_FORMS = {
    IdDocumentType.PASSPORT: re.compile(r"((?=[A-Z]*[0-9])[A-Z0-9]{5,9})"),
    IdDocumentType.HK_MO_PERMIT: re.compile(r"([HM][0-9]{8})([0-9]{2})?"),
    IdDocumentType.TW_PERMIT: re.compile(r"([0-9]{8})([0-9]{2})?"),
}
"""The first group is the person's for life; two digits after it count how often a permit was issued (公安部,
2010 and 2008). ICAO 9303 gives a passport number 9 places; one without any digit is a name in the wrong field."""


def checked(document_type: IdDocumentType, number: str) -> str:
    """Give the number in capitals, of the form of its kind. Raises ResidentIdError, DocumentNumberError."""
    if document_type is IdDocumentType.RESIDENT_ID:
        return normalise(number)
    capitals = number.strip().upper()
    if _FORMS[document_type].fullmatch(capitals) is None:
        raise DocumentNumberError(document_type=document_type.value)
    return capitals


def indexed(document_type: IdDocumentType, number: str) -> str:
    """Give what the person index is asked with; a resident ID stands for itself, as everywhere else.

    The kind is part of every other, so a passport is never the person of a resident ID or a permit; a
    renewed permit is the same person's.
    """
    if document_type is IdDocumentType.RESIDENT_ID:
        return number
    capitals = number.strip().upper()
    known = _FORMS[document_type].fullmatch(capitals)
    return f"{document_type}:{known[1] if known else capitals}"
