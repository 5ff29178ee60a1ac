"""The bank's daily statement (docs/bank.md): a CSV file that proves its own count, sum and content."""

import csv
import hashlib
import re
from datetime import date
from io import StringIO

from daycover.bank.client import BankClient, BankRefusedError, BankUnknownError
from daycover.payouts.reconcile import (
    BankStatementDamagedError,
    BankStatementUnavailableError,
    LineKind,
    MoneyFiles,
    Movement,
)

HEADER = ["kind", "reference", "bank_serial", "amount_fen"]
TRAILER = "TRAILER"


class BankDayStatements(MoneyFiles):
    """Implements `payouts.reconcile.MoneyFiles`."""

    def __init__(self, client: BankClient) -> None:
        self._client = client

    def of_day(self, day: date) -> list[Movement]:
        """Fetch and prove the statement of one +08:00 day.

        Raises BankStatementUnavailableError, BankStatementDamagedError.
        """
        try:
            return read_statement(self._client.request("GET", f"/v1/statements/{day.isoformat()}"))
        except (BankRefusedError, BankUnknownError) as error:
            raise BankStatementUnavailableError(day=day.isoformat()) from error


def read_statement(content: bytes) -> list[Movement]:
    """Read a statement whose trailer holds. Raises BankStatementDamagedError."""
    head, separator, trailer = content.rstrip(b"\n").rpartition(b"\n")
    covered = head + separator
    try:
        header, *rows = csv.reader(StringIO(covered.decode(), newline=""))
        lines = [Movement(LineKind(kind), number, serial, _whole(fen)) for kind, number, serial, fen in rows]
        mark, count, sum_fen, digest = trailer.decode().split(",")
        stated = (_whole(count), _whole(sum_fen))
    except (ValueError, csv.Error):
        raise BankStatementDamagedError from None
    proven = (
        header == HEADER
        and mark == TRAILER
        and digest == hashlib.sha256(covered).hexdigest()
        and stated == (len(lines), sum(line.left_fen for line in lines))
    )
    if not proven:
        raise BankStatementDamagedError
    return lines


def _whole(text: str) -> int:
    """Raises ValueError, also for what `int` takes beside: blanks, underscores, digits of other scripts."""
    if re.fullmatch("-?[0-9]{1,18}", text) is None:
        raise ValueError(text)
    return int(text)
