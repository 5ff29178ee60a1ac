"""A Chinese telephone number as people type it, in one form: mobile `13800138000`, landline `010-62345678`."""

import re
import unicodedata

from daycover.errors import DaycoverError, ErrorKind

_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(
    r"(?:\+?86|0086)?0?((?:10|2[0-57-9])(?=[2-8][0-9]{7}(?![0-9]))|[3-9][0-9]{2})([2-8][0-9]{6,7})(?:(?:转|分机|EXT\.?|X|#|\*)([0-9]{1,6}))?"
)
_SERVICE = re.compile(r"([48]00[0-9]{7})")
_NOISE = re.compile(r"[\s\-‐-―−()（）.·]")


class PhoneNumberError(DaycoverError):
    """It is no telephone number of mainland China: a mobile of 11 digits, or a landline with its area code.

    What to do: Check the number.
    含义:不是中国内地的电话号码:手机号 11 位,固定电话须带区号。
    处理:核对号码。
    """

    kind = ErrorKind.INVALID
    title = "电话号码有误", "The telephone number is not valid"
    detail = (
        "请填写 11 位手机号,或带区号的固定电话。",
        "State a mobile number of 11 digits, or a landline with its area code.",
    )


def phone_number(typed: str) -> str:
    """Give the number in one form; an extension follows an `x`. Raises PhoneNumberError.

    Three-digit area codes are 10 and 2x, the others have four digits with their 0 (工信部, 全国长途区号).
    """
    text = unicodedata.normalize("NFKC", typed).upper()
    text = _NOISE.sub("", text)
    if found := _MOBILE.fullmatch(text):
        return found[1]
    if found := _SERVICE.fullmatch(text):
        return found[1]
    if found := _LANDLINE.fullmatch(text):
        return f"0{found[1]}-{found[2]}" + (f"x{found[3]}" if found[3] else "")
    raise PhoneNumberError
