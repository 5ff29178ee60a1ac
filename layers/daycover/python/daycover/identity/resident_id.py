"""The 18-character number of residents' cards: area, birth date, order and a check character.

GB 11643 made it for the resident ID card (居民身份证). The residence permit of Hong Kong, Macao and Taiwan residents
(港澳台居民居住证, 2018) and the permanent resident's card of foreigners (外国人永久居留身份证, GA 2102-2023) have the
same form: `identity/document.py` says which of them a number is.
"""

import re
from datetime import date

from daycover.errors import DaycoverError, ErrorKind

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FORM = re.compile("[0-9]{17}[0-9X]")
PROVINCES = frozenset(
    str(province)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71))
    for province in range(first, last + 1)
)
"""The first two digits of GB/T 2260. Counties are not looked up: numbers keep the code of counties that are no more."""
OLDEST = 150
"""Years; nobody was born before."""


class ResidentIdError(DaycoverError):
    """Form, area, date or check character of the resident ID is wrong.

    What to do: Check the 18 characters.
    含义:身份证号码的位数、地区码、日期或校验码不对。
    处理:核对 18 位号码。
    """

    kind = ErrorKind.INVALID
    title = "身份证号码有误", "The resident ID number is not valid"
    detail = (
        "请核对身份证号码(18 位,末位为校验码)。",
        "Check the 18 digits of the resident ID; the last is a check digit.",
    )


def has_form(number: str) -> bool:
    """Whether the number has the 18 characters, whatever they say."""
    return _FORM.fullmatch(number) is not None


def check_character(first_17: str) -> str:
    """ISO 7064 MOD 11-2, as GB 11643 writes it."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def is_checked(number: str) -> bool:
    """Whether a number of the form ends with its check character."""
    return check_character(number[:17]) == number[17]


def birth_date(number: str) -> date | None:
    """Digits 7 to 14; None for a day that does not exist."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def can_be_born(born: date, day: date) -> bool:
    """Whether somebody who is alive on `day` can have that birth date."""
    return born <= day and born.year > day.year - OLDEST
