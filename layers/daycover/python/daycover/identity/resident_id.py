"""The resident ID number (居民身份证号码), GB 11643: 17 digits and a check character."""

from datetime import date

from daycover.errors import DaycoverError, ErrorKind

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


class ResidentIdError(DaycoverError):
    """Form, date or check character of the resident ID is wrong.

    What to do: Check the 18 characters.
    含义:身份证号码的位数、日期或校验码不对。
    处理:核对 18 位号码。
    """

    kind = ErrorKind.INVALID
    title = "身份证号码有误", "The resident ID number is not valid"
    detail = (
        "请核对身份证号码(18 位,末位为校验码)。",
        "Check the 18 digits of the resident ID; the last is a check digit.",
    )


def normalise(id_number: str) -> str:
    """Give the number in capital form, checked. Raises ResidentIdError."""
    number = id_number.strip().upper()
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        raise ResidentIdError
    if check_character(number[:17]) != number[17]:
        raise ResidentIdError
    birth_date(number)
    return number


def is_resident_id(number: str) -> bool:
    """Whether a number is a resident ID at all, and not that of another document."""
    try:
        normalise(number)
    except ResidentIdError:
        return False
    return True


def check_character(first_17: str) -> str:
    """ISO 7064 MOD 11-2, as GB 11643 writes it."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def birth_date(number: str) -> date:
    """Digits 7 to 14. Raises ResidentIdError for a day that does not exist."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ResidentIdError from None


def age_on(number: str, day: date) -> int:
    """Full years (周岁) on `day`: a year is full on the birthday itself; 29 February's on 1 March."""
    born = birth_date(number)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
