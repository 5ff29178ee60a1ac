"""Identity documents (证件): what kind a number is of, its form, its check and the birth date that it tells.

The document is what its number says. A foreigner's card or a residence permit has 18 characters like a resident ID
card, and people choose the wrong kind: the number decides. Only resident ID cards can be asked of the work card
(WeChat payroll card); every other document is seen by people.
"""

import re
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.resident_id import (
    PROVINCES,
    ResidentIdError,
    birth_date,
    can_be_born,
    has_form,
    is_checked,
)
from daycover.text import half_width, without_hyphens


class DocumentReferredError(DaycoverError):
    """Passports, travel permits, residence permits and foreigners' cards cannot be checked by the work card.

    What to do: Ask with `POST /v1/referrals`; there is no cover until it is approved.
    含义:护照、港澳居民来往内地通行证、台湾居民来往大陆通行证、港澳台居民居住证、外国人永久居留身份证不能由微工卡核验。
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
    HK_MO_TW_RESIDENCE_PERMIT = "HK_MO_TW_RESIDENCE_PERMIT"
    """港澳台居民居住证; the number begins with 810000, 820000 or 830000."""
    FOREIGNER_PERMANENT_RESIDENCE = "FOREIGNER_PERMANENT_RESIDENCE"
    """外国人永久居留身份证; 18 characters from 9 on since December 2023, before three letters and 12 digits."""
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
        "号码不符合所选证件的格式:护照 5 至 9 位字母和数字;港澳通行证为 H 或 M(非中国籍 HA 或 MA)打头的 9 位或 11 位;"
        "台湾通行证 8 或 10 位数字;港澳台居民居住证 18 位,以 810000、820000 或 830000 开头;"
        "外国人永久居留身份证为 9 开头的 18 位,或 3 位字母加 12 位数字。",
        "Not the form of that document: a passport has 5 to 9 letters and digits; a Hong Kong/Macao permit 9 or 11 "
        "from H or M on (HA or MA of foreign citizens); a Taiwan permit 8 or 10 digits; a residence permit 18 "
        "characters from 810000, 820000 or 830000 on; a foreigner's permanent residence card 18 from 9 on, or 3 "
        "letters and 12 digits.",
    )


class BirthDateMissingError(DaycoverError):
    """The number of this document tells no birth date, and none was stated.

    What to do: State `birth_date` as the document shows it.
    含义:该证件的号码不含出生日期,且没有填写出生日期。
    处理:按证件填写 `birth_date`。
    """

    kind = ErrorKind.INVALID
    title = "需要出生日期", "The birth date is needed"
    detail = "请按证件填写出生日期。", "State the birth date as the document shows it."


class BirthDateError(DaycoverError):
    """The birth date is another than the number tells, lies in the future or 150 years back.

    What to do: Check birth date and number against the document.
    含义:出生日期与证件号码不一致,或晚于今天,或早于 150 年前。
    处理:按证件核对出生日期和号码。
    """

    kind = ErrorKind.INVALID
    title = "出生日期有误", "The birth date is not valid"
    detail = (
        "出生日期与证件号码不一致或不可能,请按证件核对。",
        "It is another than the number tells, or no possible one. Check both against the document.",
    )


class IdDocument(NamedTuple):
    """A document as its number says. `birth_date` is None where neither the number nor anybody told it."""

    type: IdDocumentType
    number: str
    birth_date: date | None


_D = IdDocumentType
_OLD_RESIDENCE = re.compile("[A-Z]{3}[0-9]{12}")
_FORMS = {
    _D.PASSPORT: re.compile("((?=[A-Z]*[0-9])[A-Z0-9]{5,9})"),
    _D.HK_MO_PERMIT: re.compile("([HM][0-9A][0-9]{7})([0-9]{2})?"),
    _D.TW_PERMIT: re.compile("([0-9]{8})([0-9]{2})?"),
}
"""The first group is the person's for life; two digits after it count how often a permit was issued (公安部,
2010 and 2008); HA and MA are for residents of foreign citizenship (国家移民管理局, 2024). ICAO 9303 gives a passport
number 9 places; one without any digit is a name in the wrong field."""
RESIDENCE_PERMIT_AREAS = frozenset({"810000", "820000", "830000"})
"""Hong Kong, Macao and Taiwan (港澳台居民居住证申领发放办法 art. 7)."""


def plain_number(typed: str) -> str:
    """Give a document's number in capitals and half-width, without spaces; its form is not checked.

    Hyphens between groups are gone where what is left says itself which document it is, as in `110105-19491231-002X`.
    """
    text, bare = half_width(typed), without_hyphens(typed)
    if bare.isascii() and _kind_of(bare.upper()) is not None:
        return bare.upper()
    return text.upper() if text.isascii() else text


def id_document(stated: IdDocumentType, typed: str, day: date, born: date | None = None) -> IdDocument:
    """Give the document as its number says, whatever kind was `stated`. `born` is the birth date as stated.

    `day` is today's +08:00 day: nobody is born after it. Raises ResidentIdError, DocumentNumberError, BirthDateError.
    """
    number = plain_number(typed)
    kind = _kind_of(number)
    if kind is None:
        if stated not in _FORMS or _FORMS[stated].fullmatch(number) is None:
            raise _wrong(stated)
        if born is not None and not can_be_born(born, day):
            raise BirthDateError
        return IdDocument(stated, number, born)
    possible = _birth_dates(kind, number, day)
    if not possible:
        raise _wrong(stated)
    if born is not None and born not in possible:
        raise BirthDateError
    return IdDocument(kind, number, born or (possible[0] if len(possible) == 1 else None))


def indexed(stated: IdDocumentType, typed: str) -> str:
    """Give what the person index is asked with; a number of 18 characters stands for itself, as everywhere else.

    The kind is part of every other, so a passport is never the person of a permit; a renewed permit is the same
    person's. The form is not checked.
    """
    number = plain_number(typed)
    kind = _kind_of(number) or stated
    if has_form(number) or kind is _D.RESIDENT_ID:
        return number
    known = _FORMS[kind].fullmatch(number) if kind in _FORMS else None
    return f"{kind}:{known[1] if known else number}"


def _kind_of(number: str) -> IdDocumentType | None:
    """Give the kind that a number says by itself; passports and travel permits need somebody to say it."""
    if has_form(number):
        if number.startswith("9"):  # GA 2102-2023; citizens' numbers begin with 1 to 8
            return _D.FOREIGNER_PERMANENT_RESIDENCE
        return _D.HK_MO_TW_RESIDENCE_PERMIT if number[:6] in RESIDENCE_PERMIT_AREAS else _D.RESIDENT_ID
    return _D.FOREIGNER_PERMANENT_RESIDENCE if _OLD_RESIDENCE.fullmatch(number) else None


def _birth_dates(kind: IdDocumentType, number: str, day: date) -> list[date]:
    """Give what the number can mean: one date, two where it has no century, none where it is no number at all."""
    if has_form(number):
        is_good = is_checked(number) and (kind is not _D.RESIDENT_ID or number[:2] in PROVINCES)
        written = [birth_date(number)] if is_good else []
    else:
        written = [birth_date(f"{number[:6]}{century}{number[7:13]}") for century in ("19", "20")]
    return [born for born in written if born is not None and can_be_born(born, day)]


def _wrong(stated: IdDocumentType) -> DaycoverError:
    return ResidentIdError() if stated is _D.RESIDENT_ID else DocumentNumberError(document_type=stated.value)
