"""Limits on the values of a subscription message, by the kind in the key ("订阅消息参数值内容限制说明")."""

import re

_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|[-/]\d{1,2}[-/]\d{1,2})"
_TIME = rf"({_DAY}\s?)?{_CLOCK}"
_DATE = rf"{_DAY}(\s?{_CLOCK})?"
_CHINESE = r"[\u4e00-\u9fff]"

_PATTERNS = {
    "thing": re.compile(r".{1,20}", re.DOTALL),
    "number": re.compile(r"(?=.{1,32}$)-?[0-9]+(\.[0-9]+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "time": re.compile(rf"{_TIME}(~{_TIME})?"),
    "date": re.compile(rf"{_DATE}(~{_DATE})?"),
    # One currency sign, ten digits, an optional fraction; 元 may end it.
    "amount": re.compile(r"[^\w\s]?[0-9]{1,10}(\.[0-9]+)?元?"),
    "phone_number": re.compile(r"[0-9+\-() ]{1,17}"),
    "car_number": re.compile(r".{1,8}"),
    "name": re.compile(rf"({_CHINESE}|·){{1,10}}|[A-Za-z .'\-]{{1,20}}"),
    "phrase": re.compile(rf"{_CHINESE}{{1,5}}"),
}
_KEY = re.compile(rf"({'|'.join(_PATTERNS)})\d+")


def is_valid_value(key: str, value: str) -> bool:
    """Tell whether a template key such as `thing1` exists as a kind and takes this value."""
    kind = _KEY.fullmatch(key)
    return kind is not None and _PATTERNS[kind[1]].fullmatch(value) is not None
