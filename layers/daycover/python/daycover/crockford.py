"""Numbers as Crockford's base 32: no I, L, O, U, so that a person can read them out on the phone."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def encode(number: int, length: int) -> str:
    """Write the low `5 * length` bits of `number` as `length` characters."""
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def of_digest(digest: bytes, length: int) -> str:
    """Write the beginning of a hash as `length` characters: an id that always comes out the same.

    Of the bytes that this takes (5 bits a character) the last bits count.
    """
    return encode(int.from_bytes(digest[: -(-5 * length // 8)], "big"), length)


def decode(text: str) -> int:
    """Read what `encode` wrote. Raises ValueError on any other character."""
    value = 0
    for character in text:
        value = value * 32 + ALPHABET.index(character)
    return value


def check_character(body: str) -> str:
    """Luhn's check in base 32: finds every single wrong character and nearly every swapped pair."""
    total = 0
    for place, character in enumerate(reversed(body)):
        addend = ALPHABET.index(character) * (2 - place % 2)
        total += addend // 32 + addend % 32
    return ALPHABET[-total % 32]
