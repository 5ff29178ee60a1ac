"""A person's name (姓名): one form in which it is kept and sent, and one comparison of two names.

The ministries' notice of 2016 on names with a dot (间隔号) wants U+00B7 between the parts of a name, on cards, in banks
and in insurers' systems alike; phones type a dozen others. The work card, the bank and the insurer compare names
character by character, so the form is made once, where a name comes in.
"""

import re
import unicodedata

from daycover.text import TextFaultError

SHORTEST, LONGEST = 2, 64
"""Characters. Registration asks for at least two (family and given name); minority names run to twenty and more."""
DOT = "\u00b7"
_DOTS = (
    "\u00b7\u0387\u2022\u2024\u2025\u2027\u2219\u22c5\u02d9\u2218"  # middle dot, ano teleia, bullet, leaders, operators
    "\u25cf\u25e6\u25aa\u26ab\u2981\u2b24\u22c6"  # circles and squares
    "\u2023\u2043\u23fa\ufe45\ufe46\U0001f784\u00b0\u02da"  # bullets, record button, sesame dots, degree, ring
    "\u30fb\uff65\u318d\u119e\u3002\uff61\uff0e\ufe52\u2026"  # Katakana, Hangul, full stops, ellipsis
    "\u3001\ufe51\uff64"  # the comma of lists, on the key beside the full stop
    "\u16eb\u1427\u2e30\u2e31\u2e33\ua78f\U00010101"  # Runic, Canadian, old word separators
)
"""All that is typed for it. A full stop beside an ideograph and `_BETWEEN` two are one; Latin names keep theirs."""
_DOT = re.compile(f"[{_DOTS}]")
_COMPATIBLE = "\uf900-\ufaff\U0002f800-\U0002fa1f"
_HAN = f"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff{_COMPATIBLE}\U00020000-\U0003ffff"
_IDEOGRAPH = re.compile(f"[{_HAN}]")
_NOT_COMPATIBLE = re.compile(f"[^{_COMPATIBLE}]+")
_BESIDE_HAN = re.compile(f"(?<=[{_HAN}{DOT}]) +| +(?=[{_HAN}{DOT}])")
_BETWEEN = "-,'\u30fc\u302e\u302f\ua4f8"
"""Between ideographs: signs of Latin names, the long vowel of Katakana, tone marks of Hangul and Lisu that are dots."""
_STOPS = re.compile(f"(?<=[{_HAN}]) *\\.+|\\.+ *(?=[{_HAN}])|(?<=[{_HAN}]) *[{_BETWEEN}]+ *(?=[{_HAN}])")
_INVISIBLE = re.compile(
    "[\u034f\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Variation selectors, fillers, the stroke that lengthens Arabic words: marks and letters by category, and unseen."""
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58"
_APOSTROPHES = (
    "\u2018\u2019\u201b\u2032\u2035`\u00b4\uff40\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb"
)
_RADICALS = range(0x2F00, 0x2FD6)
"""Kangxi radicals stand for ideographs in text that is copied from files; NFKC gives the ideograph."""
_SUPPLEMENT = dict(
    zip(
        "⺠⺟⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "民母虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
"""The same of the supplement (U+2E80 on), which NFKC leaves alone: those that are whole characters of names."""
_SIGNS = str.maketrans(dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(_APOSTROPHES, "'") | _SUPPLEMENT)
_OF_PASSPORTS = frozenset("/@")
"""Malaysian passports write `A/L` (son of) and `@` (also known as)."""
_ALLOWED = frozenset(f"{DOT} -'.,\u3007\u0f0b\u0f0c\u05f3\u05f4") | _OF_PASSPORTS
"""Beside letters and marks: the ideographic zero, and the signs that Tibetan and Hebrew write inside names."""


def person_name(typed: str) -> str:
    """Give a name as it is kept and sent. Raises TextFaultError.

    Every dot between parts is U+00B7; signs that nobody sees are gone; a Chinese name has no spaces, a Latin one single
    ones, with hyphen, apostrophe and full stop as ASCII has them. Full-width letters become ASCII (NFKC). An
    ideograph is never changed, also no compatibility ideograph: the card may have that very character, and WeChat and
    banks compare what the card has.
    """
    visible = _without_format(typed.strip(" \t\r\n"))
    text = _one_dot(_NOT_COMPATIBLE.sub(_nfkc, _INVISIBLE.sub("", visible).translate(_SIGNS)))
    if any(not _may_stand(sign) for sign in visible) or _is_marked(text):
        raise TextFaultError(
            "姓名只能用文字和间隔号(·),不能有数字、表情或特殊符号;个别字打不出的,请按身份证换一种输入法",
            "A name has letters, a dot (·), hyphen or apostrophe: no digits, emoji or other signs",
        )
    name = _BESIDE_HAN.sub("", " ".join(text.split())).strip(f" {DOT},-'/@")
    letters = sum(sign == "\u3007" or (_is_letter(sign) and sign not in _BETWEEN) for sign in name)
    if letters < SHORTEST:
        raise TextFaultError(
            "姓名至少两个字,请按证件填写全名", "A name has at least two letters: state it in full"
        )
    if len(name) > LONGEST:
        raise TextFaultError(f"姓名最多 {LONGEST} 个字符", f"A name has at most {LONGEST} characters")
    return name


def same_person_name(one: str, other: str) -> bool:
    """Whether two writings are one name: letters alone count, whatever is between them.

    Case, full-width forms, dots, spaces and hyphens make no difference (hospital bills print names without any), nor
    does a compatibility ideograph against the unified one. Takes any text, also one that is no name.
    """
    return _letters(one) == _letters(other) != ""


ORGANISATIONS = (
    *("公司", "合作社", "事务所", "工作室", "服务部", "经营部", "项目部", "委员会"),
    *("劳务队", "工程队", "施工队", "包工队"),
)
_ORGANISATION = re.compile(r"\b(co|company|corp|corporation|inc|limited|llc|ltd)\b", re.IGNORECASE)


def names_an_organisation(name: str) -> bool:
    """Whether a name says that it is a company's or a team's, whatever stands between its letters."""
    letters = _letters(name)
    return any(word in letters for word in ORGANISATIONS) or _ORGANISATION.search(name) is not None


def _letters(name: str) -> str:
    seen = _INVISIBLE.sub("", _without_format(name)).translate(_SIGNS)
    read = unicodedata.normalize("NFKC", _DOT.sub("", seen))
    folded = unicodedata.normalize("NFKC", read.casefold())
    counted = (s for s in folded if _is_letter(s) or unicodedata.category(s)[0] in "MN")
    return "".join(s for s in counted if s not in _BETWEEN)


def _without_format(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def _is_letter(sign: str) -> bool:
    """Planes 2 and 3 are for ideographs: names have some that Python's own table does not list yet."""
    is_new_ideograph = 0x20000 <= ord(sign) < 0x40000 and ord(sign) & 0xFFFF < 0xFFFE
    return is_new_ideograph or unicodedata.category(sign)[0] == "L"


def _is_marked(text: str) -> bool:
    """Whether it has a mark that no letter carries, an ideograph with one, or with a sign of passports."""
    base = ""
    for sign in text:
        if unicodedata.category(sign)[0] != "M":
            base = sign
        elif unicodedata.category(sign) == "Me" or not _is_letter(base or " ") or _IDEOGRAPH.match(base):
            return True
    return not _OF_PASSPORTS.isdisjoint(text) and _IDEOGRAPH.search(text) is not None


def _nfkc(part: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", _DOT.sub(DOT, part[0]))


def _one_dot(text: str) -> str:
    return re.sub(f" *{DOT}[{DOT}. ]*", DOT, _STOPS.sub(DOT, text))


def _may_stand(sign: str) -> bool:
    """Before NFKC: a circled or squared ideograph is a sign, not a name's."""
    if _is_letter(sign) or unicodedata.category(sign)[0] in "MZ" or sign in _DOTS or sign in _SUPPLEMENT:
        return True
    if ord(sign) in _RADICALS:
        return True
    return unicodedata.normalize("NFKC", sign.translate(_SIGNS)) in _ALLOWED
