"""What the platforms' words for an institution, a department and a line mean to a claim."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from daycover.bills.signed import InconsistentAnswerError
from daycover.claims.bill import BilledItem, BillKind

MOST_NAME = 100
_LEVELS = (
    (3, re.compile(r"三级|三甲|三乙|三丙")),
    (2, re.compile(r"二级|二甲|二乙|二丙")),
    (1, re.compile(r"一级|一甲|一乙|一丙")),
)
_SMALL = re.compile(r"社区卫生|卫生院|诊所|门诊部|卫生室|卫生所|卫生站|医务室")
_EMERGENCY = re.compile(r"(?<![门非])急诊")
"""The class 门急诊 and 门(急)诊 is that of every outpatient."""
_AMBULANCE = re.compile(r"救护车|院前(?:医疗)?急救|120\s?急救|急救转运|院前转运|(?<!院内)转运费")
_NOT_PUBLIC = re.compile(r"民营|私立|社会办|(?<!非)营利")


class PlatformLine(NamedTuple):
    """One line as a platform writes it; negative for a discount or a refund."""

    item: str
    amount_fen: int
    kind: BillKind


def level_of(kind: str | None, name: str | None) -> int | None:
    """Give the institution's level, 1 to 3, by what the platform calls it; None for words we do not know.

    A hospital's own outpatient department (门诊部) is no small institution.
    """
    for words in (kind or "", name or ""):
        for level, pattern in _LEVELS:
            if pattern.search(words):
                return level
    if _SMALL.search(kind or "") or (_SMALL.search(name or "") and "医院" not in (name or "")):
        return 1
    return None


def is_emergency(*words: str | None) -> bool:
    return any(_EMERGENCY.search(text) for text in words if text)


def is_public(*words: str | None) -> bool:
    """Whether nothing says that an issuer of fiscal receipts is no public institution."""
    return not any(_NOT_PUBLIC.search(text) for text in words if text)


def kind_of(*words: str | None) -> BillKind:
    ambulance = any(_AMBULANCE.search(text) for text in words if text)
    return BillKind.AMBULANCE if ambulance else BillKind.MEDICAL


def items_of(lines: Iterable[PlatformLine]) -> tuple[BilledItem, ...]:
    """Give the lines with what a negative one takes taken from the ones before it.

    Raises InconsistentAnswerError when a negative line takes more than all before it have.
    """
    left: list[PlatformLine] = []
    for line in lines:
        if line.amount_fen >= 0:
            left.append(line)
            continue
        owed = -line.amount_fen
        while owed and left:
            last = left.pop()
            if last.amount_fen > owed:
                left.append(last._replace(amount_fen=last.amount_fen - owed))
            owed = max(0, owed - last.amount_fen)
        if owed:
            raise InconsistentAnswerError("NEGATIVE_LINE")
    return tuple(
        BilledItem(item=(line.item.strip() or "其他")[:MOST_NAME], amount_fen=line.amount_fen, kind=line.kind)
        for line in left
        if line.amount_fen
    )
