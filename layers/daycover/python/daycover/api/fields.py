"""Kinds of values that bodies of several capabilities have."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from daycover.identity.document import plain_number
from daycover.identity.name import LONGEST, SHORTEST, person_name
from daycover.text import half_width, plain_digits, printable, printable_lines

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Line = Annotated[str, AfterValidator(printable)]
"""What people will read, on one line. A length that is stated beside it counts what is left of the typed text."""
ShortWords = Annotated[Line, Field(min_length=1, max_length=200)]
Words = Annotated[str, AfterValidator(printable_lines), Field(min_length=1, max_length=1000)]
"""What people will read, with line ends."""
PersonName = Annotated[
    str, AfterValidator(person_name), Field(min_length=SHORTEST, max_length=LONGEST, repr=False)
]
DocumentNumber = Annotated[str, AfterValidator(plain_number), Field(min_length=4, max_length=20)]
"""In capitals and half-width; `identity/document.py` says whether it is one."""
Phone = Annotated[str, AfterValidator(half_width), Field(min_length=5, max_length=40)]
"""`identity/phone.py` says whether it is one."""
TypedCode = Annotated[str, AfterValidator(half_width), Field(min_length=1, max_length=40)]
"""A number that people copy from paper: half-width, without spaces."""
AccountNumber = Annotated[
    str,
    BeforeValidator(plain_digits),
    StringConstraints(pattern=r"^[0-9]{12,32}$"),
    Field(repr=False),
]
"""A bank account as it stands on the card, in groups or not: 12 to 32 digits, so that one account is one."""
BankName = Annotated[Line, Field(min_length=2, max_length=64)]
Opaque = Annotated[str, Field(repr=False)]
"""Compared or verified as a whole, never kept and never shown: any characters."""
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))
]
"""When something happened, far enough from both ends of the calendar for days to be added and taken away."""
QrToken = Annotated[Opaque, StringConstraints(min_length=1, max_length=200)]
Measured = Annotated[
    float,
    Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False),
    AfterValidator(lambda value: round(value, 3)),
]
"""A length, weight or time that people state: finer is noise, and no store takes a float of 1e-300."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MonthName = Annotated[str, StringConstraints(pattern=r"^20[0-9][0-9]-(0[1-9]|1[0-2])$")]
