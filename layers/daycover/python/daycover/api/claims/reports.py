"""Reporting an accident: as the insured does, and as company or staff do for somebody else."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from daycover.api.claims.checklist import ChecklistLine, checklist_lines
from daycover.api.claims.consents import ConsentTextView, GivenConsents, accepted_of, consents_wanted
from daycover.api.fields import DocumentNumber, Id, Instant, PersonName, Phone, ShortWords, TypedCode, Words
from daycover.claims.claim import Accident
from daycover.claims.documents import ClaimType
from daycover.claims.loss_notice import LossNotice, NoticeStatus
from daycover.claims.report import LossReport, Reported
from daycover.claims.report_for import is_of
from daycover.identity.document import IdDocumentType
from daycover.identity.phone import phone_number
from daycover.platform.http import Body, View


class AccidentBody(Body):
    occurred_at: Instant
    place: ShortWords
    description: Words
    injury: ShortWords


class ReportBody(Body):
    policy_no: TypedCode | None = None
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
    """`consents`: texts that the insured said yes to with the report. Without them it stands as well. `phone`: whom to
    call where no policy is found."""

    consents: GivenConsents = ()
    phone: Phone | None = None

    def report(self) -> LossReport:
        update = {"consents": accepted_of(self.consents), "phone": called_at(self.phone)}
        return super().report().model_copy(update=update)


def called_at(phone: str | None) -> str | None:
    return None if phone is None else phone_number(phone)


class LossNoticeBody(ReportBody):
    """A notice for somebody else: who it is, as far as the reporter knows."""

    worker_id: Id | None = None
    id_number: DocumentNumber | None = None
    document_type: IdDocumentType = IdDocumentType.RESIDENT_ID
    contact: ShortWords | None = None
    phone: Phone | None = None
    """Of whoever is to be called back."""

    def report(self) -> LossReport:
        update = {"contact": self.contact, "phone": called_at(self.phone)}
        return super().report().model_copy(update=update)


class ReportForSomebodyBody(Body):
    """An accident of somebody else, reported from one's own account."""

    name: PersonName
    id_number: DocumentNumber
    document_type: IdDocumentType = IdDocumentType.RESIDENT_ID
    relation: ShortWords
    """Of the reporter to that person, in the reporter's words."""
    phone: Phone
    accident: AccidentBody
    claim_types: Annotated[tuple[ClaimType, ...], Field(min_length=1, max_length=len(ClaimType))]
    first_treated_at: Instant | None = None

    def report(self) -> LossReport:
        return LossReport(
            policy_no=None,
            accident=Accident(**dict(self.accident)),
            claim_types=tuple(sorted(set(self.claim_types))),
            first_treated_at=self.first_treated_at,
            phone=self.phone,
            insured_name=self.name,
            relation=self.relation,
        )


class NoticeTakenView(View):
    """The same whether there is cover or not."""

    report_no: str
    status: str = "RECEIVED"


class OwnNoticeLine(View):
    """A loss notice as its reporter, or the person whom it is about, reads it."""

    report_no: str
    reported_at: datetime
    occurred_at: datetime
    claim_types: tuple[ClaimType, ...]
    for_somebody_else: bool
    status: str
    """`RECEIVED` for a report about somebody else, whatever became of it; else the notice's own."""
    text: str
    claim_no: str | None = None

    @classmethod
    def of(cls, notice: LossNotice, *, concerned: bool) -> "OwnNoticeLine":
        status = notice.status.value if concerned else "RECEIVED"
        return cls(
            report_no=notice.report_no,
            reported_at=notice.reported_at,
            occurred_at=notice.accident.occurred_at,
            claim_types=notice.claim_types,
            for_somebody_else=not concerned,
            status=status,
            text=_TEXT[status],
            claim_no=notice.claim_no if concerned else None,
        )


_TEXT = {
    "RECEIVED": "已收到,工作人员会核实,并联系被保险人或您留下的电话",
    NoticeStatus.UNMATCHED.value: "已收到,正在查找对应的保单;这不是拒赔",
    NoticeStatus.CONVERTED.value: "已立案,请按赔案查看进度",
    NoticeStatus.DUPLICATE.value: "该事故已有赔案,请按赔案查看进度",
}


class OwnNoticesView(View):
    loss_notices: list[OwnNoticeLine]


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
    also_covered: tuple[str, ...] = ()
    """Other policies that cover the accident as well: report with their numbers too. Fixed sums add up, costs are
    shared."""

    @classmethod
    def of(cls, reported: Reported) -> "ReportedView":
        if reported.claim is not None:
            claim = reported.claim
            lines = checklist_lines(claim.claim_types, {})
            return cls(
                claim_no=claim.claim_no,
                status=claim.status,
                documents=lines,
                also_covered=reported.also_covered,
                consents_wanted=consents_wanted(claim.consents),
            )
        notice = reported.notice
        assert notice is not None
        lines = checklist_lines(notice.claim_types, {})
        return cls(
            report_no=notice.report_no,
            status="UNMATCHED",
            documents=lines,
            consents_wanted=consents_wanted(()),
        )


def own_notices_view(notices: Iterable[LossNotice], worker_id: str, person_id: str | None) -> OwnNoticesView:
    return OwnNoticesView(
        loss_notices=[
            OwnNoticeLine.of(notice, concerned=is_of(notice, worker_id, person_id)) for notice in notices
        ]
    )
