"""Reporting to the insurer (向承保公司报送): every event of a policy or claim, until it is acknowledged.

A row's id follows from what it reports, so whatever is sent, answered or read twice leaves the same state.
REPORTED is written before the row leaves us; the insurer's answer makes it ACKNOWLEDGED or REJECTED, and a
rejection is a break at once. Silence is resolved by asking under the same id, never by a new row.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.period import Period
from daycover.cover.policy import Policy, PolicyStatus
from daycover.errors import DaycoverError
from daycover.reporting.breaks import BreakKind, Difference, KeepBreaks

ASK_AFTER = timedelta(minutes=5)
"""A row without an answer is asked about from then on."""
BREAK_AFTER = timedelta(hours=24)
"""A row without an answer is a break from then on; it is still asked about."""
BATCH = 100
"""Rows in one batch or one question."""


class InsurerRetryError(DaycoverError):
    """Nothing reached the insurer, or it took nothing; the same call may be repeated."""


class InsurerUnknownError(DaycoverError):
    """No proven answer came back: the rows may have arrived. Asking under their ids resolves it."""


class InsurerRefusedError(DaycoverError):
    """The insurer refused the whole call for good (`code`)."""


class ReportKind(StrEnum):
    """What a row reports."""

    ISSUED = "ISSUED"  # 承保
    CANCELLED = "CANCELLED"  # 撤单
    TERMINATED = "TERMINATED"  # 终止
    VOIDED = "VOIDED"  # 作废
    CLAIM = "CLAIM"  # 理赔


class CoverFacts(BaseModel, frozen=True):
    """What the insurer takes on with a policy; stands in the ISSUED row only.

    `worker_id` leads to the identity until the row is named; `insured` is then the identity, sealed for the
    insurer (`reporting/naming.py`).
    """

    person_id: str
    worker_id: str | None = None
    project_id: str = ""
    insured_name: str
    """Masked (王**)."""
    insured: str | None = None
    plan_id: str
    plan_version: str
    occupation_class: int
    sum_insured_fen: int
    period: Period


class ReportRow(BaseModel, frozen=True):
    """One event. `amount_fen` is what it changes in the premium due (a refund is negative), 0 for claims.

    `day` is the event's +08:00 day, whose file carries the row; `issued_on` the policy's day of issue.
    `claim_amount_fen` is the money that a payment moved (back: negative), else the decided amount; `payout_id`
    the number that the payment went under; `advance_excess_fen` what a claim that is over had paid in advance
    beyond its decision.
    """

    row_id: str
    kind: ReportKind
    policy_no: str
    company_id: str
    day: date
    at: datetime
    amount_fen: int
    issued_on: date | None = None
    cover: CoverFacts | None = None
    claim_no: str | None = None
    claim_event: str | None = None
    claim_amount_fen: int | None = None
    advance: int | None = None
    payout_id: str | None = None
    advance_excess_fen: int | None = None


class ReportState(StrEnum):
    REPORTED = "REPORTED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    REJECTED = "REJECTED"


class Report(BaseModel, frozen=True):
    """A row and what became of it. `reason` is the insurer's code for a rejection."""

    row: ReportRow
    state: ReportState
    reported_at: datetime
    answered_at: datetime | None = None
    reason: str | None = None


class RowState(StrEnum):
    """What the insurer says of a row."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    REJECTED = "REJECTED"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    """It never arrived."""


ANSWERS = {
    RowState.ACKNOWLEDGED: ReportState.ACKNOWLEDGED,
    RowState.REJECTED: ReportState.REJECTED,
}


class RowAnswer(NamedTuple):
    row_id: str
    state: RowState
    reason: str | None = None


class DailyFile(BaseModel, frozen=True):
    """One company's day in one file: its control figures are what the insurer must find in it."""

    file_id: str
    company_id: str
    day: date
    count: int
    sum_fen: int
    sha256: str


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


class InsurerReports(Protocol):
    """The insurer. Raises InsurerRetryError, InsurerUnknownError, InsurerRefusedError."""

    def send(self, rows: Sequence[ReportRow]) -> Sequence[RowAnswer]:
        """Report at most `BATCH` rows; a row without an answer yet is left out. Known ids are taken once."""
        ...

    def ask(self, row_ids: Sequence[str]) -> Sequence[RowAnswer]:
        """Ask what became of at most `BATCH` rows."""
        ...

    def announce(self, file: DailyFile, link: str) -> FileAnswer:
        """Tell where the file is; the answer is final, the same file again has the same one."""
        ...


class Reports(Protocol):
    """What was reported, a partition for each company's day."""

    def announce(self, row: ReportRow, now: datetime) -> Report:
        """Store a row as REPORTED; gives what stands there when it was announced before."""
        ...

    def answer(self, row: ReportRow, state: ReportState, reason: str | None, now: datetime) -> bool:
        """Move a row out of REPORTED; False when it was answered before: the first answer stands."""
        ...

    def of_day(self, company_id: str, day: date) -> Iterable[Report]:
        """Every report of a company's day, ordered by row id."""
        ...

    def find(self, row_id: str) -> Report | None:
        """Find a row that waits, by its id alone; None when it does not wait (any more)."""
        ...

    def wait(self, row: ReportRow, since: datetime) -> None:
        """Put a row without an answer on the list of those to ask about."""
        ...

    def settle(self, row_id: str) -> None:
        """Take a row off that list."""
        ...

    def waiting(self, before: datetime, limit: int) -> list[tuple[ReportRow, datetime]]:
        """Rows that have waited since before then, and since when; oldest first in each shard."""
        ...


class Files(Protocol):
    """Daily files: the bytes, and what became of each."""

    def put(self, file: DailyFile, lines: bytes) -> str:
        """Store the file and give a link to it. The same file again replaces itself."""
        ...

    def note(self, file: DailyFile, answer: FileAnswer, now: datetime) -> None:
        """Store the latest state of a company's day's file."""
        ...

    def latest(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer] | None: ...


def rows_of(policy: Policy) -> list[ReportRow]:
    """Give the rows that report a policy: its issue, and its ending once it has one.

    Both each time: whatever order the stream's records come in, the insurer hears of the issue first.
    """
    issued_on = china_day(policy.issued_at)
    issued = ReportRow(
        row_id=f"{policy.policy_no}-{ReportKind.ISSUED}",
        kind=ReportKind.ISSUED,
        policy_no=policy.policy_no,
        company_id=policy.company_id,
        day=issued_on,
        at=policy.issued_at,
        amount_fen=policy.premium_fen,
        issued_on=issued_on,
        cover=CoverFacts(
            person_id=policy.person_id,
            worker_id=policy.worker_id,
            project_id=policy.project_id,
            insured_name=policy.insured_name,
            plan_id=policy.plan_id,
            plan_version=policy.plan_version,
            occupation_class=policy.occupation_class,
            sum_insured_fen=policy.sum_insured_fen,
            period=policy.period,
        ),
    )
    if policy.status is PolicyStatus.ISSUED or policy.ended is None:
        return [issued]
    ended = ReportRow(
        row_id=f"{policy.policy_no}-{policy.status}",
        kind=ReportKind(policy.status.value),
        policy_no=policy.policy_no,
        company_id=policy.company_id,
        day=china_day(policy.ended.at),
        at=policy.ended.at,
        amount_fen=-policy.ended.refund_fen,
        issued_on=issued_on,
    )
    return [issued, ended]


def claim_row(
    *,
    claim_no: str,
    version: int,
    event: str,
    policy_no: str,
    company_id: str,
    at: datetime,
    amount_fen: int | None,
    advance: int | None = None,
    payout_id: str | None = None,
    advance_excess_fen: int | None = None,
) -> ReportRow:
    """Give the row that reports one line of a claim's history; `version` is the claim's that it made."""
    return ReportRow(
        row_id=f"{claim_no}-{version:06d}",
        kind=ReportKind.CLAIM,
        policy_no=policy_no,
        company_id=company_id,
        day=china_day(at),
        at=at,
        amount_fen=0,
        claim_no=claim_no,
        claim_event=event,
        claim_amount_fen=amount_fen,
        advance=advance,
        payout_id=payout_id,
        advance_excess_fen=advance_excess_fen,
    )


class Sent(NamedTuple):
    """What became of a call's rows; `unanswered` wait for an answer."""

    acknowledged: int = 0
    rejected: int = 0
    unanswered: int = 0

    def plus(self, other: "Sent") -> "Sent":
        return Sent(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAnswers:
    """Takes in what the insurer says of rows, now or late, once or often: the first answer stands."""

    reports: Reports
    keep: KeepBreaks
    now: Callable[[], datetime]

    def __call__(self, answers: Iterable[RowAnswer]) -> Sent:
        """Answers that came by themselves: of rows that wait; others are old news or not ours."""
        outcome = Sent()
        for answer in answers:
            waiting = self.reports.find(answer.row_id)
            if waiting is not None:
                outcome = outcome.plus(self.settle(waiting.row, answer))
        return outcome

    def settle(self, row: ReportRow, answer: RowAnswer | None, *, waits: bool = True) -> Sent:
        """Record the answer to one row; a rejection becomes a break before the row leaves the list.

        `waits`: whether it may stand on the list at all; to look is a write for every row that there is.
        """
        state = ANSWERS.get(answer.state) if answer is not None else None
        if answer is None or state is None:
            return Sent(unanswered=1)
        if state is ReportState.REJECTED:
            self.keep([rejection(row, answer.reason)])
        self.reports.answer(row, state, answer.reason, self.now())
        if waits:
            self.reports.settle(row.row_id)
        return Sent(acknowledged=1) if state is ReportState.ACKNOWLEDGED else Sent(rejected=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveAnswers:
    """POST /v1/insurer/answers. `read` gives the answers of a message that is proven to be the insurer's."""

    read: Callable[[Mapping[str, str], bytes], Sequence[RowAnswer]]
    take: TakeAnswers

    def __call__(self, headers: Mapping[str, str], raw_body: bytes) -> Sent:
        """Raises as `read`."""
        return self.take(self.read(headers, raw_body))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEvents:
    """Reports a batch of rows. Safe to repeat at any point: known ids are taken once."""

    insurer: InsurerReports
    reports: Reports
    take: TakeAnswers
    name: Callable[[Sequence[ReportRow]], Sequence[ReportRow]]
    now: Callable[[], datetime]

    def messages(self, messages: Sequence[Mapping[str, Any]]) -> Sent:
        """Report the rows of queue messages. Raises as the call."""
        return self([ReportRow.model_validate(row) for message in messages for row in message["rows"]])

    def __call__(self, rows: Sequence[ReportRow]) -> Sent:
        """Raises InsurerRetryError: nothing arrived, the same rows must come again."""
        wanted: dict[str, ReportRow] = {}
        known: set[str] = set()
        now = self.now()
        for row in self.name(rows):
            stands = self.reports.announce(row, now)
            if stands.state is ReportState.REPORTED:
                wanted[row.row_id] = stands.row  # sealing is random: what was announced first is what is sent
                if (
                    stands.reported_at != now
                ):  # should two runs ever share an instant, the next question settles it
                    known.add(row.row_id)
        outcome = Sent()
        for batch in _batches(list(wanted.values())):
            outcome = outcome.plus(self._send(batch, known))
        return outcome

    def _send(self, batch: Sequence[ReportRow], known: set[str]) -> Sent:
        """`known` were announced by an earlier run, which may have left them waiting."""
        try:
            answers = _by_id(self.insurer.send(batch))
        except InsurerUnknownError:
            answers = {}  # the rows may have arrived: they wait, and are asked about
        except InsurerRefusedError as error:
            if len(batch) > 1:  # one bad row must not hold up the others
                halves = (batch[: len(batch) // 2], batch[len(batch) // 2 :])
                return self._send(halves[0], known).plus(self._send(halves[1], known))
            code = str(error.facts.get("code", "REFUSED"))
            answers = {batch[0].row_id: RowAnswer(batch[0].row_id, RowState.REJECTED, code)}
        outcome = Sent()
        for row in batch:
            settled = self.take.settle(row, answers.get(row.row_id), waits=row.row_id in known)
            if settled.unanswered:
                self.reports.wait(row, self.now())
            outcome = outcome.plus(settled)
        return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryInsurer:
    """Resolves silence: asks about rows that wait, sends again under the same id what never arrived."""

    insurer: InsurerReports
    reports: Reports
    take: TakeAnswers
    keep: KeepBreaks
    now: Callable[[], datetime]

    def __call__(self, limit: int = 2000) -> Sent:
        """Ask about at most `limit` rows. Raises as `InsurerReports`; the next run asks again."""
        now = self.now()
        waiting = self.reports.waiting(now - ASK_AFTER, limit)
        self.keep(unanswered(row) for row, since in waiting if now - since >= BREAK_AFTER)
        outcome = Sent()
        for batch in _batches([row for row, _ in waiting]):
            answers = _by_id(self.insurer.ask([row.row_id for row in batch]))
            lost = [row for row in batch if _never_arrived(answers.get(row.row_id))]
            if lost:
                answers |= _by_id(self.insurer.send(lost))
            for row in batch:
                outcome = outcome.plus(self.take.settle(row, answers.get(row.row_id)))
        return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDailyFile:
    """Sends one company's day as a file with its control figures; the same rows make the same file."""

    insurer: InsurerReports
    reports: Reports
    files: Files
    now: Callable[[], datetime]

    def __call__(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer]:
        """Raises InsurerRetryError, InsurerUnknownError: the same file is announced again."""
        file, lines = draw_up_file(
            company_id, day, (report.row for report in self.reports.of_day(company_id, day))
        )
        known = self.files.latest(company_id, day)
        if known is not None and known[0] == file and known[1].state is FileState.ACKNOWLEDGED:
            return known
        link = self.files.put(file, lines)
        self.files.note(file, FileAnswer(FileState.ANNOUNCED), self.now())
        answer = checked(file, self._announce(file, link))
        self.files.note(file, answer, self.now())
        return file, answer

    def _announce(self, file: DailyFile, link: str) -> FileAnswer:
        try:
            return self.insurer.announce(file, link)
        except InsurerRefusedError as error:
            return FileAnswer(FileState.REFUSED, reason=str(error.facts.get("code", "REFUSED")))


def draw_up_file(company_id: str, day: date, rows: Iterable[ReportRow]) -> tuple[DailyFile, bytes]:
    """Write the rows as JSON lines in one pass, with count, control sum in fen and SHA-256."""
    digest, count, sum_fen, lines = hashlib.sha256(), 0, 0, bytearray()
    for row in rows:
        line = row.model_dump_json(exclude_none=True).encode() + b"\n"
        digest.update(line)
        lines += line
        count, sum_fen = count + 1, sum_fen + row.amount_fen
    sha256 = digest.hexdigest()
    file = DailyFile(
        file_id=f"{company_id}-{day:%Y%m%d}-{sha256[:16]}",
        company_id=company_id,
        day=day,
        count=count,
        sum_fen=sum_fen,
        sha256=sha256,
    )
    return file, bytes(lines)


def checked(file: DailyFile, answer: FileAnswer) -> FileAnswer:
    """An acknowledgement with other figures acknowledges nothing."""
    if answer.state is FileState.ACKNOWLEDGED and (answer.rows, answer.sum_fen) != (
        file.count,
        file.sum_fen,
    ):
        return answer._replace(state=FileState.REFUSED, reason="FIGURES_DIFFER")
    return answer


def rejection(row: ReportRow, reason: str | None) -> Difference:
    return Difference(
        kind=BreakKind.REPORT_REJECTED,
        day=row.day,
        subject=row.row_id,
        company_id=row.company_id,
        expected_fen=row.amount_fen,
        detail=reason,
    )


def unanswered(row: ReportRow) -> Difference:
    return Difference(
        kind=BreakKind.ACKNOWLEDGEMENT_MISSING,
        day=row.day,
        subject=row.row_id,
        company_id=row.company_id,
        expected_fen=row.amount_fen,
    )


def _never_arrived(answer: RowAnswer | None) -> bool:
    return answer is not None and answer.state is RowState.UNKNOWN


def _by_id(answers: Iterable[RowAnswer]) -> dict[str, RowAnswer]:
    return {answer.row_id: answer for answer in answers}


def _batches(rows: Sequence[ReportRow]) -> Iterable[Sequence[ReportRow]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
