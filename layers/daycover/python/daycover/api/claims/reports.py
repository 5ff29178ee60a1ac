"""Reporting an accident: as the insured does, and as company or staff do for somebody else."""

from typing import Annotated

from pydantic import Field, StringConstraints

from daycover.api.claims.checklist import ChecklistLine, checklist_lines
from daycover.api.claims.consents import ConsentTextView, GivenConsents, accepted_of, consents_wanted
from daycover.api.fields import Instant, ShortWords, Words
from daycover.claims.claim import Accident
from daycover.claims.documents import ClaimType
from daycover.claims.report import LossReport, Reported
from daycover.platform.http import Body, View


class AccidentBody(Body):
    occurred_at: Instant
    place: ShortWords
    description: Words
    injury: ShortWords


class ReportBody(Body):
    policy_no: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    accident: AccidentBody
    claim_types: Annotated[tuple[ClaimType, ...], Field(min_length=1, max_length=len(ClaimType))]
    first_treated_at: Instant | None = None

    def report(self) -> LossReport:
        """The same benefit named twice is one."""
        return LossReport(
            policy_no=self.policy_no,
            accident=Accident(**dict(self.accident)),
            claim_types=tuple(sorted(set(self.claim_types))),
            first_treated_at=self.first_treated_at,
        )


class OwnReportBody(ReportBody):
    """`consents`: texts that the insured said yes to with the report. Without them it stands as well."""

    consents: GivenConsents = ()

    def report(self) -> LossReport:
        return super().report().model_copy(update={"consents": accepted_of(self.consents)})


class LossNoticeBody(ReportBody):
    """A notice for somebody else: who it is, as far as the reporter knows."""

    worker_id: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    id_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9Xx]$")] | None = None
    contact: ShortWords | None = None

    def report(self) -> LossReport:
        return super().report().model_copy(update={"contact": self.contact})


class CallBody(LossNoticeBody):
    """A notice by phone; `consents`: texts that were read out and that the claimant said yes to."""

    consents: GivenConsents = ()

    def report(self) -> LossReport:
        return super().report().model_copy(update={"consents": accepted_of(self.consents)})


class ReportedView(View):
    """A claim with its checklist, or (`report_no`) a notice that staff will match to a policy.

    `consents_wanted` are texts to consent to before papers, an account or a face are taken; none holds up the report.
    """

    claim_no: str | None = None
    report_no: str | None = None
    status: str
    documents: list["ChecklistLine"]
    consents_wanted: list[ConsentTextView]

    @classmethod
    def of(cls, reported: Reported) -> "ReportedView":
        if reported.claim is not None:
            claim = reported.claim
            lines = checklist_lines(claim.claim_types, {})
            wanted = consents_wanted(claim.consents)
            return cls(claim_no=claim.claim_no, status=claim.status, documents=lines, consents_wanted=wanted)
        notice = reported.notice
        assert notice is not None
        lines = checklist_lines(notice.claim_types, {})
        return cls(
            report_no=notice.report_no,
            status="UNMATCHED",
            documents=lines,
            consents_wanted=consents_wanted(()),
        )
