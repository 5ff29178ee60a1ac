"""The stores of money and of what is reported: journal, statements, payments, rows for the insurer."""

from __future__ import annotations

from functools import cached_property
from typing import IO, TYPE_CHECKING, cast

from daycover.wiring.stores import Stores

if TYPE_CHECKING:
    from daycover.store.breaks import StoredBreaks
    from daycover.store.cover_lines import StoredCoverLines
    from daycover.store.deposits import StoredDeposits, StoredPayments
    from daycover.store.journal import StoredCredit, StoredJournal
    from daycover.store.reports import ClaimRows, ReportQueue, StoredFiles, StoredReports
    from daycover.store.settlements import StoredSettlements
    from daycover.store.statements import StoredStatements

SCRATCH_BYTES = 2 * 1024 * 1024
"""How much of what is sorted or written stays in memory before it goes to the function's own disk."""


class BookStores(Stores):
    """What the books and the reports keep, by its noun."""

    @cached_property
    def cover_lines(self) -> StoredCoverLines:
        from daycover.store.cover_lines import StoredCoverLines

        return StoredCoverLines(self.operations, self.contract_terms.partitions, self.counted)

    @cached_property
    def journal(self) -> StoredJournal:
        from daycover.store.journal import StoredJournal

        return StoredJournal(self.operations, self.contract_terms.partitions)

    @cached_property
    def deposits(self) -> StoredDeposits:
        from daycover.store.deposits import StoredDeposits

        return StoredDeposits(self.operations)

    @cached_property
    def payments(self) -> StoredPayments:
        from daycover.store.deposits import StoredPayments

        return StoredPayments(self.operations)

    @cached_property
    def settlements(self) -> StoredSettlements:
        from daycover.store.settlements import StoredSettlements

        return StoredSettlements(self.operations)

    @cached_property
    def credit(self) -> StoredCredit:
        from daycover.store.journal import StoredCredit

        return StoredCredit(self.operations)

    @cached_property
    def statements(self) -> StoredStatements:
        from daycover.store.statements import StoredStatements

        return StoredStatements(self.operations, self.s3, self.config.documents_bucket)

    @cached_property
    def breaks(self) -> StoredBreaks:
        from daycover.store.breaks import StoredBreaks

        return StoredBreaks(self.operations)

    @cached_property
    def reports(self) -> StoredReports:
        from daycover.store.reports import StoredReports

        return StoredReports(self.operations, self.contract_terms.partitions, self.scratch)

    @cached_property
    def files(self) -> StoredFiles:
        from daycover.store.reports import StoredFiles

        return StoredFiles(self.operations, self.s3, self.config.documents_bucket)

    @cached_property
    def report_queue(self) -> ReportQueue:
        from daycover.store.reports import ReportQueue

        return ReportQueue(self.sqs, self.config.insurer_queue_url)

    @cached_property
    def claim_rows(self) -> ClaimRows:
        from daycover.store.reports import ClaimRows

        return ClaimRows(self.operations)

    @staticmethod
    def scratch() -> IO[bytes]:
        """Give a file of the function's own disk, gone when it is closed."""
        from tempfile import SpooledTemporaryFile

        return cast("IO[bytes]", SpooledTemporaryFile(max_size=SCRATCH_BYTES))
