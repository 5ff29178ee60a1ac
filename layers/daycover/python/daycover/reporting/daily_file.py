"""The file of one company and day (日终文件): every row of the day, so that the insurer finds what it never got."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import IO, NamedTuple, Protocol

from pydantic import BaseModel

from daycover.books.endorsement import Endorsement
from daycover.reporting.rows import ReportRow


class DailyFile(BaseModel, frozen=True, defer_build=True):
    """One company's day in one file: its control figures are what the insurer must find in it."""

    file_id: str
    company_id: str
    day: date
    count: int
    sum_fen: int
    sha256: str


class EndorsementRow(BaseModel, frozen=True, defer_build=True):
    """A day's endorsement (批单) in its file. It moves no money: the rows of its policies do."""

    row_id: str
    kind: str = "ENDORSEMENT"
    company_id: str
    day: date
    at: datetime
    amount_fen: int = 0
    endorsement: Endorsement

    @classmethod
    def of(cls, endorsement: Endorsement) -> "EndorsementRow":
        return cls(
            row_id=f"{endorsement.master_no}-{endorsement.number:06d}",
            company_id=endorsement.company_id,
            day=endorsement.day,
            at=endorsement.issued_at,
            endorsement=endorsement,
        )


class FileState(StrEnum):
    ANNOUNCED = "ANNOUNCED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    REFUSED = "REFUSED"


class FileAnswer(NamedTuple):
    """The insurer's answer; an acknowledgement repeats the figures that it found."""

    state: FileState
    rows: int | None = None
    sum_fen: int | None = None
    reason: str | None = None


class Files(Protocol):
    """Daily files: the bytes, and what became of each."""

    def put(self, file: DailyFile, lines: IO[bytes]) -> str:
        """Store the file and give a link to it. The same file again replaces itself."""
        ...

    def note(self, file: DailyFile, answer: FileAnswer, now: datetime) -> None:
        """Store the latest state of a company's day's file."""
        ...

    def latest(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer] | None: ...


def draw_up_file(
    company_id: str, day: date, rows: Iterable[ReportRow | EndorsementRow], lines: IO[bytes]
) -> DailyFile:
    """Write the rows to `lines` as JSON lines in one pass, with count, control sum in fen and SHA-256."""
    digest, count, sum_fen = hashlib.sha256(), 0, 0
    for row in rows:
        line = row.model_dump_json(exclude_none=True).encode() + b"\n"
        digest.update(line)
        lines.write(line)
        count, sum_fen = count + 1, sum_fen + row.amount_fen
    sha256 = digest.hexdigest()
    return DailyFile(
        file_id=f"{company_id}-{day:%Y%m%d}-{sha256[:16]}",
        company_id=company_id,
        day=day,
        count=count,
        sum_fen=sum_fen,
        sha256=sha256,
    )
