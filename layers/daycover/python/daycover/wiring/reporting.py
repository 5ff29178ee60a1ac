"""Reporting to the insurer, and what differs between its books, ours and the money."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.reporting.breaks import Breaks, CountOverdue, KeepBreaks, ResolveBreak
    from daycover.reporting.follow import FollowLine, SweepLines
    from daycover.reporting.queue import QueueClaimRow, QueuePolicyRows
    from daycover.reporting.reconciliation import ReconcileCompany
    from daycover.reporting.report import (
        QueryInsurer,
        ReceiveAnswers,
        ReportEvents,
        SendDailyFile,
        TakeAnswers,
    )


class ReportingWiring(Wiring):
    # ---- rows ------------------------------------------------------------------------------------

    @cached_property
    def queue_policy_rows(self) -> QueuePolicyRows:
        from daycover.reporting.queue import QueuePolicyRows

        return QueuePolicyRows(queue=self._adapters.report_queue)

    @cached_property
    def queue_claim_row(self) -> QueueClaimRow:
        from daycover.reporting.queue import QueueClaimRow

        return QueueClaimRow(queue=self._adapters.report_queue, rows=self._adapters.claim_rows)

    @cached_property
    def follow_line(self) -> FollowLine:
        from daycover.reporting.follow import FollowLine
        from daycover.wiring.claims import ClaimsWiring

        return FollowLine(
            queue=self.queue_claim_row,
            keep=self._adapters.wired(ClaimsWiring).keep_service_levels.follow,
            lines=self._adapters.open_lines,
        )

    @cached_property
    def sweep_lines(self) -> SweepLines:
        from daycover.platform.observability import log_failure
        from daycover.reporting.follow import SweepLines

        return SweepLines(
            now=self._adapters.now,
            lines=self._adapters.open_lines,
            follow=self.follow_line,
            failed=lambda error: log_failure("line not followed", error),
        )

    @cached_property
    def report_events(self) -> ReportEvents:
        from daycover.insurer.sealed import SealForInsurer
        from daycover.reporting.naming import NameInsured
        from daycover.reporting.report import ReportEvents

        return ReportEvents(
            insurer=self._adapters.insurer,
            reports=self._adapters.reports,
            take=self._take_answers,
            name=NameInsured(
                insureds=self._adapters.check_ins,
                seal=lambda: SealForInsurer(self._adapters.insurer_credentials),
            ),
            now=self._adapters.now,
        )

    @cached_property
    def query_insurer(self) -> QueryInsurer:
        from daycover.reporting.report import QueryInsurer

        return QueryInsurer(
            insurer=self._adapters.insurer,
            reports=self._adapters.reports,
            take=self._take_answers,
            keep=self.keep_breaks,
            now=self._adapters.now,
        )

    @cached_property
    def receive_answers(self) -> ReceiveAnswers:
        from daycover.insurer.answers import open_answers
        from daycover.reporting.report import ReceiveAnswers

        credentials = self._adapters.insurer_credentials
        return ReceiveAnswers(
            read=lambda headers, raw_body: open_answers(headers, raw_body, credentials),
            take=self._take_answers,
        )

    @cached_property
    def _take_answers(self) -> TakeAnswers:
        from daycover.reporting.report import TakeAnswers

        return TakeAnswers(reports=self._adapters.reports, keep=self.keep_breaks, now=self._adapters.now)

    @cached_property
    def send_daily_file(self) -> SendDailyFile:
        from daycover.reporting.report import SendDailyFile

        return SendDailyFile(
            insurer=self._adapters.insurer,
            reports=self._adapters.reports,
            endorsements=self._adapters.endorsements,
            files=self._adapters.files,
            scratch=self._adapters.scratch,
            now=self._adapters.now,
        )

    # ---- reconciliation --------------------------------------------------------------------------

    @cached_property
    def reconcile_company(self) -> ReconcileCompany:
        from daycover.reporting.reconciliation import ReconcileCompany

        return ReconcileCompany(
            lines=self._adapters.cover_lines,
            ledger=self._adapters.journal,
            statements=self._adapters.statements,
            reports=self._adapters.reports,
            files=self._adapters.files,
            money=self._adapters.moved_money,
            keep=self.keep_breaks,
            scratch=self._adapters.scratch,
        )

    @property
    def breaks(self) -> Breaks:
        return self._adapters.breaks

    @cached_property
    def keep_breaks(self) -> KeepBreaks:
        from daycover.reporting.breaks import KeepBreaks

        return KeepBreaks(breaks=self._adapters.breaks, now=self._adapters.now)

    @cached_property
    def count_overdue_breaks(self) -> CountOverdue:
        from daycover.reporting.breaks import CountOverdue

        return CountOverdue(breaks=self._adapters.breaks, now=self._adapters.now)

    @cached_property
    def resolve_break(self) -> ResolveBreak:
        from daycover.reporting.breaks import ResolveBreak

        return ResolveBreak(breaks=self._adapters.breaks, now=self._adapters.now)


def reporting() -> ReportingWiring:
    """Give what this container's functions of reporting can do."""
    return wired(ReportingWiring)
