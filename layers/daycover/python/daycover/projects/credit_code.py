"""Unified social credit codes (统一社会信用代码, GB 32100-2015): who a company is to the state."""

from daycover.text import without_hyphens

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 1: 31 signs, without I, O, S, V and Z."""
LENGTH = 18
MODULUS = len(ALPHABET)
WEIGHTS = tuple(pow(3, place, MODULUS) for place in range(LENGTH - 1))
"""GB 32100-2015, 4.6: powers of 3 modulo 31."""


class CreditCodeFaultError(ValueError):
    """What is written is no unified social credit code; says which part is wrong, in Chinese and English."""


def credit_code(written: str) -> str:
    """Give the code in capitals and half-width, without the blanks and hyphens that people group it with.

    Raises CreditCodeFaultError: wrong length, a sign that no code has, or another check character than the others
    ask for.
    """
    code = without_hyphens(written).upper()
    if len(code) != LENGTH:
        raise CreditCodeFaultError(
            f"统一社会信用代码为 {LENGTH} 位,这里有 {len(code)} 位",
            f"a unified social credit code has {LENGTH} characters, this has {len(code)}",
        )
    if any(sign not in ALPHABET for sign in code):
        raise CreditCodeFaultError(
            "统一社会信用代码只有数字和大写字母,不含 I、O、S、V、Z",
            "a unified social credit code has digits and capitals, without I, O, S, V and Z",
        )
    if code[-1] != check_character(code[:-1]):
        raise CreditCodeFaultError(
            "统一社会信用代码的校验位不对,请核对营业执照",
            "the check character is wrong: compare it with the business licence",
        )
    return code


def check_character(first_17: str) -> str:
    """Give the 18th character (GB 32100-2015, 4.6)."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(first_17, WEIGHTS, strict=True))
    return ALPHABET[-total % MODULUS]
