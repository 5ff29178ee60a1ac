"""Reporting to the insurer (向承保公司报送): every event of a policy or claim, until it is acknowledged.

REPORTED is written before the row leaves us; the insurer's answer makes it ACKNOWLEDGED or REJECTED: one write for
a batch's rows that it took, one for each that it did not, and a rejection is a break at once. Silence is resolved by
asking under the same id, never by a new row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import IO, Any, NamedTuple, Protocol

from daycover.books.endorsement import Endorsements, endorsements_of_day
from daycover.reporting.breaks import BreakKind, Difference, KeepBreaks
from daycover.reporting.daily_file import (
    DailyFile,
    EndorsementRow,
    FileAnswer,
    Files,
    FileState,
    draw_up_file,
)
from daycover.reporting.rows import (
    ANSWERS,
    InsurerRefusedError,
    InsurerUnknownError,
    ReportRow,
    Reports,
    ReportState,
    RowAnswer,
    RowState,
)

ASK_AFTER = timedelta(minutes=5)
"""A row without an answer is asked about from then on."""
BREAK_AFTER = timedelta(hours=24)
"""A row without an answer is a break from then on; it is still asked about."""
BATCH = 100
"""Rows in one batch or one question."""


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
                if stands.reported_at != now:
                    # should two runs ever share an instant, the next question settles it
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
        # whatever else becomes of a row is a write of its own
        taken = [row for row in batch if row.row_id not in known and _is_taken(answers.get(row.row_id))]
        if taken:
            self.reports.acknowledge(taken, self.now())
        done = {row.row_id for row in taken}
        outcome = Sent(acknowledged=len(taken))
        for row in batch:
            if row.row_id in done:
                continue
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
    endorsements: Endorsements
    files: Files
    scratch: Callable[[], IO[bytes]]
    """Gives a file of the function's own disk: the day may be larger than its memory."""
    now: Callable[[], datetime]

    def __call__(self, company_id: str, day: date) -> tuple[DailyFile, FileAnswer]:
        """Raises InsurerRetryError, InsurerUnknownError: the same file is announced again."""
        lists = map(EndorsementRow.of, endorsements_of_day(self.endorsements, company_id, day))
        events = (report.row for report in self.reports.of_day(company_id, day))
        with self.scratch() as lines:
            file = draw_up_file(company_id, day, chain(lists, events), lines)
            known = self.files.latest(company_id, day)
            if known is not None and known[0] == file and known[1].state is FileState.ACKNOWLEDGED:
                return known
            lines.seek(0)
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


def _is_taken(answer: RowAnswer | None) -> bool:
    return answer is not None and answer.state is RowState.ACKNOWLEDGED


def _never_arrived(answer: RowAnswer | None) -> bool:
    return answer is not None and answer.state is RowState.UNKNOWN


def _by_id(answers: Iterable[RowAnswer]) -> dict[str, RowAnswer]:
    return {answer.row_id: answer for answer in answers}


def _batches(rows: Sequence[ReportRow]) -> Iterable[Sequence[ReportRow]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
