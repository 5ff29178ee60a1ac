"""What erasure means for every kind of item: nobody adds one without deciding what becomes of a person in it."""

import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from daycover.store import keys


class Fate(Enum):
    """What becomes of a kind when a person asks for erasure (`cover/erase.py`)."""

    GOES = "deleted by the erasure, at once or when the retention has ended"
    BARE = "stripped of the person; what is left names nobody"
    EXPIRES = "deleted by its TTL within days or months, whoever asks"
    CONTRACT = "what the insurer must be able to show of insurance and claims (Insurance Law art. 87, AML Law art. 34)"
    MONEY = "books and their files: ids and sums, no name, number or account"
    NOBODY = "holds nothing of a worker or their family"


FATES: Mapping[tuple[str, str], Fate] = {
    ("PERSON", "POLICY"): Fate.EXPIRES,
    ("PERSON", "PUT_BACK"): Fate.EXPIRES,
    ("PROVIDER", "PROVIDER"): Fate.NOBODY,
    ("PROVIDERS", "PROVIDER"): Fate.NOBODY,
    ("PROPOSALS", "PROPOSAL"): Fate.NOBODY,
    ("COMPANY", "PROVIDER"): Fate.NOBODY,
    ("COMPANY", "OPERATOR"): Fate.NOBODY,
    ("COMPANY", "INVITATION"): Fate.NOBODY,
    ("COMPANY", "<at>"): Fate.NOBODY,
    ("OPERATOR", "COMPANY"): Fate.NOBODY,
    ("CREDIT_CODE", "COMPANY"): Fate.NOBODY,
    ("PROVIDER", "COMPANY"): Fate.NOBODY,
    ("COMPANY", "PROFILE"): Fate.NOBODY,
    ("COMPANIES", "COMPANY"): Fate.NOBODY,
    ("PROJECT", "PROJECT"): Fate.NOBODY,
    ("COMPANY", "PROJECT"): Fate.NOBODY,
    ("WORKER", "PROFILE"): Fate.BARE,
    ("WORKER", "CONSENT"): Fate.GOES,
    ("WORKER", "CHECKIN"): Fate.GOES,
    ("DEVICE", "WORKER"): Fate.EXPIRES,
    ("CODE", "WORKER"): Fate.EXPIRES,
    ("SIGNALS", "<check_in_id>"): Fate.EXPIRES,
    ("VISITS", "WORKER"): Fate.EXPIRES,
    ("REFUSED", "WORKER"): Fate.EXPIRES,
    ("REFUSED", "SPOT"): Fate.EXPIRES,
    ("COMPANY", "POLICY"): Fate.CONTRACT,
    ("COMPANY", "COUNT"): Fate.EXPIRES,
    ("COMPANY", "STATEMENT"): Fate.MONEY,
    ("COMPANY", "MASTER"): Fate.NOBODY,
    ("COMPANY", "ENDORSEMENT"): Fate.NOBODY,
    ("COMPANY", "ENDORSED"): Fate.NOBODY,
    ("COMPANY", "PAYMENT"): Fate.MONEY,
    ("COMPANY", "CREDIT"): Fate.MONEY,
    ("COMPANY", "DEPOSIT"): Fate.MONEY,
    ("COMPANY", "DEPOSITED"): Fate.MONEY,
    ("SETTLEMENT", "<position>"): Fate.MONEY,
    ("BOOK", "COMPANY"): Fate.MONEY,
    ("JOURNAL", "<project>"): Fate.MONEY,
    ("CLAIM", "CLAIM"): Fate.CONTRACT,
    ("CLAIM", "HISTORY"): Fate.CONTRACT,
    ("CLAIM", "ASSESSMENT"): Fate.CONTRACT,
    ("CLAIM", "SHEET"): Fate.CONTRACT,
    ("CLAIM", "DOCUMENT"): Fate.CONTRACT,
    ("CLAIM", "LOOK"): Fate.CONTRACT,
    ("CLAIMED", "<date>"): Fate.EXPIRES,
    ("SPENT", "<date>"): Fate.NOBODY,
    ("CLAIM", "TOKEN"): Fate.NOBODY,
    ("PERSON", "CLAIM"): Fate.CONTRACT,
    ("WORKER", "REPRESENTS"): Fate.CONTRACT,
    ("WORKER", "ASKED"): Fate.EXPIRES,
    ("WORKER", "NOTICE"): Fate.CONTRACT,
    ("PERSON", "NOTICE"): Fate.CONTRACT,
    ("CLAIM", "ASKED"): Fate.EXPIRES,
    ("EXPOSURE", "EXPOSURE"): Fate.CONTRACT,
    ("REPORT", "NOTICE"): Fate.CONTRACT,
    ("CERTIFICATE_KEYS", "KEY"): Fate.NOBODY,
    ("STAFF", "<due>"): Fate.NOBODY,
    ("STAFF", "<time>"): Fate.NOBODY,
    ("INVOICE", "INVOICE"): Fate.CONTRACT,
    ("FILE", "FILE"): Fate.CONTRACT,
    ("SERVICE", "<claim_no>"): Fate.NOBODY,
    ("PAYOUT", "PAYOUT"): Fate.CONTRACT,
    ("CLAIM", "PAYEE"): Fate.CONTRACT,
    ("CLAIM", "IDENTITY"): Fate.CONTRACT,
    ("PERSON", "DESIGNATION"): Fate.GOES,
    ("CLAIM", "BENEFICIARIES"): Fate.CONTRACT,
    ("CLAIM", "NOTICE"): Fate.CONTRACT,
    ("CLAIM", "DELIVERY"): Fate.CONTRACT,
    ("MINI_PROGRAM", "ACCESS_TOKEN"): Fate.NOBODY,
    ("FAILURES", "WINDOW"): Fate.EXPIRES,
    ("ID_TOKEN", "SPENT"): Fate.EXPIRES,
    ("BANK_ACCOUNT", "PERSON"): Fate.CONTRACT,
    ("PAYOUT", "MOVED"): Fate.MONEY,
    ("MONEY_FILE", "<date>"): Fate.MONEY,
    ("PAYOUT", "NOTICE"): Fate.MONEY,
    ("PAYOUT", "TOKEN"): Fate.NOBODY,
    ("DATA_KEYS", "KEY"): Fate.NOBODY,
    ("DAY_KEYS", "DAY"): Fate.NOBODY,
    ("ERASURES", "DUE"): Fate.GOES,
    ("REFERRAL", "REFERRAL"): Fate.GOES,
    ("WORKER", "REFERRAL"): Fate.GOES,
    ("PROJECT", "REFERRAL"): Fate.GOES,
    ("STAFF", "REFERRAL"): Fate.GOES,
    ("COMPANY", "WORK"): Fate.NOBODY,
    ("STAFF", "<due>#<company>"): Fate.NOBODY,
    ("SWEEP", "SEGMENT"): Fate.NOBODY,
    ("REPORTS", "<row_id>"): Fate.CONTRACT,
    ("REPORTS", "<first row_id>"): Fate.CONTRACT,
    ("WAITING", "<row_id>"): Fate.CONTRACT,
    ("INSURER_FILE", "<date>"): Fate.MONEY,
    ("TABLES", "INDEX"): Fate.NOBODY,
    ("TABLES", "VERSION"): Fate.NOBODY,
    ("TABLES", "CONTENT"): Fate.NOBODY,
    ("BREAK", "BREAK"): Fate.NOBODY,
    ("BREAKS", "<found_at>"): Fate.NOBODY,
}
"""By the first words of partition and sort key."""
LINE = re.compile(
    r"^    (?P<pks>[A-Z]\S*(?: \S+)*?) {2,}(?P<sk>\S+(?: \S+)*?) {2,}(?P<says>.+)$", re.MULTILINE
)


def kinds() -> dict[tuple[str, str], list[str]]:
    """Every kind that the docstring of `store/keys.py` lists, with what it says of it."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in LINE.finditer(keys.__doc__ or ""):
        for pk in line["pks"].split(", "):
            if pk.startswith("#"):  # another form of the one before
                continue
            parts = line["sk"].split("#")
            sk = "<due>#<company>" if line["sk"].startswith("<due>#<company>") else parts[0]
            found.setdefault((pk.split("#")[0], sk), []).append(line["says"])
    return found


def test_fate_of_every_kind_of_item_is_decided() -> None:
    assert set(kinds()) == set(FATES)


def test_kind_that_expires_says_so() -> None:
    for kind, says in kinds().items():
        expires = any("(TTL" in text for text in says)
        if FATES[kind] is Fate.EXPIRES:
            assert expires, kind
        elif expires:
            assert FATES[kind] in {Fate.GOES, Fate.NOBODY}, kind


def test_every_key_builder_is_listed() -> None:
    """Each prefix that a function of `store/keys.py` writes stands in its list."""
    source = Path(keys.__file__).read_text(encoding="utf-8").partition('"""\n\n')[2]
    written = set(re.findall(r'Key\(f?"([A-Z_]+)', source))
    assert written <= {pk for pk, _ in FATES}
