"""Made-up people. No province has a city 99, and 128 is no mobile network's: nobody has these."""

import itertools
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_SURNAMES = "赵欧阳万俟闻人鲜于轩辕令狐钟离宇文长孙慕容司徒"
_GIVEN = ("新来", "初试", "如归", "问渠", "在握", "当归", "未晚", "知返", "行舟", "补天")
_made: "list[Person]" = []
_numbers = itertools.count()


@dataclass(frozen=True)
class Person:
    """Somebody with a WeChat account."""

    name: str
    id_number: str
    phone: str
    openid: str


_PROVINCES = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 54), 61)
_DIVISIONS = [f"{province}99{district:02d}" for province in _PROVINCES for district in range(100)]
_FIRST = secrets.randbelow(1000 * len(_DIVISIONS))
"""Where this process begins, so that two runs against one stack hardly meet; within a process nobody is made twice."""


def with_check_character(first_17: str) -> str:
    """Complete a resident ID number (GB 11643; ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return first_17 + _CHECK[total % 11]


def born_years_ago(age: int, today: date) -> date:
    """Give a birthday that makes exactly `age` full years since yesterday."""
    yesterday = today - timedelta(days=1)
    day = min(yesterday.day, 28)
    return date(yesterday.year - age, yesterday.month, day)


def make_person(today: date, *, age: int = 30, born: date | None = None) -> Person:
    """Make a person nobody has met before; the log scan finds them in `made_people`."""
    birthday = born or born_years_ago(age, today)
    number = next(_numbers)
    division, order = divmod((_FIRST + number) % (1000 * len(_DIVISIONS)), 1000)
    surname = _SURNAMES[number % len(_SURNAMES)]
    person = Person(
        name=surname + _GIVEN[number // len(_SURNAMES) % len(_GIVEN)],
        id_number=with_check_character(f"{_DIVISIONS[division]}{birthday:%Y%m%d}{order:03d}"),
        phone=f"128{secrets.randbelow(100_000_000):08d}",
        openid="oDC1" + secrets.token_hex(12),
    )
    _made.append(person)
    return person


def made_people() -> list[Person]:
    """Return everybody that `make_person` has made in this process."""
    return list(_made)
