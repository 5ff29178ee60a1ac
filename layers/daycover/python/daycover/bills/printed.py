"""Amounts, dates and numbers as bills print them: full-width digits, blanks, ¥, 元, commas, dates in three ways."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation

_MOST_LETTERS = 200
"""Of one printed value; what is longer is none."""
_MOST_FEN = 1_000_000_000
_AMOUNT = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,8})?")
_DATE = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})(?:"
    r"(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])"
    r"|\s*[-/.年]\s*(?P<m>[0-9]{1,2})\s*[-/.月]\s*(?P<d>[0-9]{1,2})(?![0-9]))"
)
_DIGITS_DATE_TIME = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})[0-9]{6}")


def plain(text: str) -> str:
    """Give printed text in its plain form (NFKC): full-width digits, letters, ¥ and colons become the usual ones."""
    return unicodedata.normalize("NFKC", text[:_MOST_LETTERS]).strip()


def fen(text: str | None) -> int | None:
    """Read an amount in yuan as fen, exactly; None for what is none (`*`, a part of a fen, words).

    Negative for a red letter (红字). Never through a float.
    """
    if text is None:
        return None
    bare = re.sub(r"[\s¥元圆]|CNY|RMB", "", plain(text)).replace("\N{MINUS SIGN}", "-")
    if not _AMOUNT.fullmatch(bare):
        return None
    try:
        exact = Decimal(bare.replace(",", "")) * 100
    except InvalidOperation:
        return None
    amount = int(exact)
    return amount if amount == exact and abs(amount) <= _MOST_FEN else None


def yuan(amount_fen: int) -> str:
    """Give an amount as bills and platforms write it: yuan with two decimals, the other way of `fen`."""
    return f"{'-' if amount_fen < 0 else ''}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02}"


def day(text: str | None) -> date | None:
    """Read a date: `20260815`, `2026-08-15`, `2026年08月15日`, each with or without a time after it."""
    if text is None:
        return None
    bare = plain(text)
    if whole := _DIGITS_DATE_TIME.fullmatch(bare):
        return _date(*whole.groups())
    found = _DATE.search(bare)
    if found is None:
        return None
    return _date(found["year"], found["month"] or found["m"], found["day"] or found["d"])


def number(text: str | None) -> str:
    """Give a bill's code, number or check code: letters and digits alone, capitals as they stand."""
    return "" if text is None else re.sub(r"[^0-9A-Za-z]", "", plain(text))


def _date(year: str, month: str, dom: str) -> date | None:
    try:
        return date(int(year), int(month), int(dom))
    except ValueError:
        return None
