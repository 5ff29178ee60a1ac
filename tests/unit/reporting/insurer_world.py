"""Everything that reports to the insurer, on fakes."""

import io

from daycover.reporting.breaks import KeepBreaks
from daycover.reporting.report import QueryInsurer, ReportEvents, SendDailyFile, TakeAnswers
from daycover.reporting.rows import ReportRow, ReportState
from tests.support.builders import NOW
from tests.support.fakes.books import FakeEndorsements
from tests.support.fakes.port import Clock
from tests.support.fakes.reporting import FakeBreaks, FakeFiles, FakeInsurer, FakeReports


class Desk:
    """Everything that reports, on fakes."""

    def __init__(self) -> None:
        self.now = Clock(NOW)
        self.insurer = FakeInsurer()
        self.reports = FakeReports()
        self.files = FakeFiles()
        self.endorsements = FakeEndorsements()
        self.breaks = FakeBreaks()
        self.keep = KeepBreaks(breaks=self.breaks, now=self.now)
        self.take = TakeAnswers(reports=self.reports, keep=self.keep, now=self.now)
        ports = {"insurer": self.insurer, "reports": self.reports, "now": self.now}
        self.report = ReportEvents(**ports, take=self.take, name=list)  # type: ignore[arg-type]
        self.query = QueryInsurer(**ports, take=self.take, keep=self.keep)  # type: ignore[arg-type]
        self.send_file = SendDailyFile(
            **ports,  # type: ignore[arg-type]
            endorsements=self.endorsements,
            files=self.files,
            scratch=io.BytesIO,
        )

    def state(self, row: ReportRow) -> ReportState:
        return self.reports.reports[row.company_id, row.day, row.row_id].state
