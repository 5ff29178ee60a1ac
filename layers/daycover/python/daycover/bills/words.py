"""The words on a page of a bill, and in its QR code."""

import re
import unicodedata
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from daycover.bills.dialects import elements
from daycover.bills.printed import day, fen
from daycover.claims.bill import BillElements, BillFamily

MOST_LETTERS = 200_000
"""Of a page's text."""
_MOST_CODE_LETTERS = 2_000
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])[ \t\u3000]+(?=[\u4e00-\u9fff])")
_VALUE = r"\s{0,8}:?\s{0,8}"


def _label(names: str, value: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{names}){_VALUE}({value})")


_FISCAL = {
    "code": _label("票据代码", r"[0-9]{6,12}"),
    "number_text": _label("票据号码", r"[0-9]{6,12}"),
    "check_code": _label("校验码", r"[0-9A-Za-z]{4,20}"),
}
_TAX = {
    "code": _label("发票代码", r"[0-9]{10,12}"),
    "number_text": _label("发票号码", r"[0-9]{8,20}"),
    "check_code": _label("校验码", r"[0-9 ]{6,26}"),
}
_ISSUED = _label("开票日期", r"20[0-9]{2}\s?[-/.年]?\s?[0-9]{1,2}\s?[-/.月]?\s?[0-9]{1,2}")
_TOTAL = re.compile(r"小写\s{0,4}\)?\s{0,4}:?\s{0,8}[¥Y]?\s{0,4}(-?[0-9][0-9,]{0,14}(?:\.[0-9]{1,2})?)")

_LINK_NAMES = {
    "code": ("einvoicecode", "billbatchcode", "batchcode", "pjdm", "code"),
    "number_text": ("einvoicenumber", "billno", "pjhm", "number"),
    "check_code": ("randomnumber", "random", "checkcode", "jym"),
    "total": ("totalamount", "totalamt", "amount", "money", "je"),
    "issued": ("issuedate", "ivcdate", "billdate", "date", "kprq"),
}
_CODE, _NUMBER, _CHECK = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{10}"), re.compile(r"[0-9A-Za-z]{6}")
_WITH_CENTS = re.compile(r"[0-9]{1,9}\.[0-9]{1,2}")


def bill_on_page(text: str) -> BillElements | None:
    """Read a page's text by its labels; None where one of them is missing."""
    text = _BETWEEN_CHINESE.sub("", unicodedata.normalize("NFKC", text[:MOST_LETTERS]))
    total, issued = _found(_TOTAL, text), _found(_ISSUED, text)
    for family, labels in ((BillFamily.FISCAL, _FISCAL), (BillFamily.TAX, _TAX)):
        values = {name: _found(label, text) for name, label in labels.items()}
        if values["number_text"]:
            return elements(family, **values, total=total, issued=issued)
    return None


def bill_in_code(text: str) -> BillElements | None:
    """Read what a QR code says; None where it is no bill's.

    Fiscal: a link to the platform with the five elements, or text with them. Tax:
    `01,kind,code,number,amount,date,check,…`. Of an older invoice the amount is that without tax.
    """
    text = unicodedata.normalize("NFKC", text[:_MOST_CODE_LETTERS]).strip()
    parts = [part.strip() for part in re.split(r"[,;|\s]+" if text[:3] != "01," else ",", text)]
    if len(parts) >= 6 and parts[0] == "01" and (invoice := _tax_code(parts)) is not None:
        return invoice
    if "://" in text[:12]:
        return _linked(text)
    return bill_on_page(text) or _listed(parts)


def _tax_code(parts: list[str]) -> BillElements | None:
    if not re.fullmatch(r"[0-9]{8}|[0-9]{20}", parts[3]):
        return None
    return elements(
        BillFamily.TAX,
        code=parts[2],
        number_text=parts[3],
        # of a digital invoice what follows is no check code but a checksum over the QR code
        check_code=parts[6] if len(parts) > 6 and len(parts[3]) == 8 else "",
        total=parts[4],
        issued=parts[5],
    )


def _linked(link: str) -> BillElements | None:
    try:
        address = urlsplit(link)
        # a page of one script has its query behind the #
        query = "&".join((address.query, address.fragment.rpartition("?")[2]))
        pairs = {name.lower(): value for name, value in parse_qsl(query, max_num_fields=40)}
    except ValueError:
        return None
    values = {
        field: next((pairs[name] for name in names if pairs.get(name)), None)
        for field, names in _LINK_NAMES.items()
    }
    if not values["number_text"] or not values["code"]:
        return None
    return elements(BillFamily.FISCAL, **values)


def _listed(parts: list[str]) -> BillElements | None:
    """Code and number side by side; check code, amount and date after them in any order."""
    for place, (code, number) in enumerate(pairwise(parts)):
        if _CODE.fullmatch(code) and _NUMBER.fullmatch(number):
            rest = parts[place + 2 :]
            issued = next((part for part in rest if len(part) >= 8 and day(part) is not None), None)
            others = [part for part in rest if part != issued]
            total = next((part for part in others if _WITH_CENTS.fullmatch(part)), None)
            check = next((part for part in others if part != total and _CHECK.fullmatch(part)), None)
            if total is None:
                total = next((part for part in others if part != check and fen(part) is not None), None)
            return elements(
                BillFamily.FISCAL, code=code, number_text=number, check_code=check, total=total, issued=issued
            )
    return None


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return None if match is None else match[1]
