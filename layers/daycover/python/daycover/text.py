"""Text as people type it: which characters may stand in it, and the half-width form of numbers and codes.

What passes can be printed, sent to a bank or to WeChat, and written into XML (1.0, production 2) as it is.
"""

import re
import unicodedata
from typing import Any

_NEVER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # they turn the direction or the forms of what stands beside them
    "\ufff9-\ufffb"  # they hide text behind text
    "\ud800-\udfff\ufdd0-\ufdef"  # halves of a pair, and no characters at all
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_ZERO_WIDTH = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff]")
"""They come along when text is copied. Joiners stay: some scripts need them."""
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
ONE_LINE = rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$"
"""A pattern for words of tables: one line, never blank; whatever `printable` gives matches. pydantic checks it without
a call per word: an occupation table has thousands."""
LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
SEEN_AS_NOTHING = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category, and yet blank."""


class TextFaultError(ValueError):
    """What is wrong with a text, for the person who typed it, in Chinese and in English; it never holds the text."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)


def printable(typed: str, *, lines: bool = False) -> str:
    """Give a text in NFC, trimmed, on one line unless `lines`. Raises TextFaultError.

    A line end is a line feed; whatever cannot be printed or turns the text around is refused, not repaired.
    """
    text = LINE_ENDS.sub("\n", _ZERO_WIDTH.sub("", typed)).strip(" \t\n\u3000\xa0")
    if _NEVER.search(text):
        raise TextFaultError(
            "含有不能打印的字符(控制字符、方向符等),请删除后重新输入",
            "has characters that cannot be printed (control or direction signs): delete and type it anew",
        )
    if not lines and ("\n" in text or "\t" in text):
        raise TextFaultError("只能填写一行,不能换行或使用制表符", "is one line, without line ends and tabs")
    if all(_is_blank(sign) for sign in text):
        raise TextFaultError("不能为空白", "must not be blank")
    return unicodedata.normalize("NFC", text)


def printable_lines(typed: str) -> str:
    """As `printable`, with line ends and tabs."""
    return printable(typed, lines=True)


def half_width(typed: str) -> str:
    """Give a number or code without spaces and invisible signs, its full-width forms as ASCII.

    Nothing is refused here: whoever asks for the form of a number finds what is left of other scripts.
    """
    text = unicodedata.normalize("NFKC", typed)
    return "".join(sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf")


def without_hyphens(typed: str) -> str:
    """Give a number `half_width` and without the hyphens between its groups, whichever of them was typed."""
    return "".join(s for s in half_width(typed) if s != "\u2212" and unicodedata.category(s) != "Pd")


def plain_digits(said: Any) -> Any:
    """The same before a form is asked for; what is no text stays what it is."""
    return without_hyphens(said) if isinstance(said, str) else said


def _is_blank(sign: str) -> bool:
    kind = unicodedata.category(sign)  # what an older Python's table does not know (Cn) may well be seen
    return sign in SEEN_AS_NOTHING or (kind[0] in "ZCM" and kind != "Cn")
