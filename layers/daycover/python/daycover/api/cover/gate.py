"""The gate board as the company reads it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import StringConstraints

from daycover.api.cover.referrals import ReferralView
from daycover.api.cover.roster import GateUninsuredView, ToSite
from daycover.cover.gate import PROJECTS_A_PAGE, AtGate, Gate
from daycover.cover.presence import NEXT_STEPS, Why
from daycover.cover.referral import Referral
from daycover.identity.document import IdDocumentType
from daycover.platform.http import View
from daycover.projects.project import ProjectStatus

GatePage = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{0,40}$")]


class RefusalsView(View):
    """How many people are uninsured for a reason."""

    why: Why
    people: int


class NextStepView(View):
    why: Why
    next_step_zh: str
    next_step_en: str


class SiteReferralView(ReferralView):
    """A referral as those see it who must find the person and compare the document on site.

    `full_name` and `document_end`, the number's last four characters, are null for API clients.
    """

    full_name: ToSite[str]
    document_end: ToSite[str]

    @classmethod
    def at_site(cls, referral: Referral, now: datetime) -> "SiteReferralView":
        masked = ReferralView.of(referral, now)
        shown = {name: getattr(masked, name) for name in ReferralView.model_fields}
        identity = referral.identity
        return cls(**shown, full_name=identity.name, document_end=identity.id_number[-4:])


class SiteReferralsView(View):
    referrals: list[SiteReferralView]


class WaitingView(View):
    """A referral that is not decided: `ASKED` waits for somebody on site, `CONFIRMED` for the insurer's staff.

    Unanswered by `answer_by` it is declined.
    """

    referral_id: str
    name: str
    full_name: ToSite[str]
    document_type: IdDocumentType
    document_end: ToSite[str]
    reason: str
    status: str
    asked_at: datetime
    answer_by: datetime

    @classmethod
    def of(cls, referral: Referral, now: datetime) -> "WaitingView":
        whole = SiteReferralView.at_site(referral, now)
        return cls(**{name: getattr(whole, name) for name in cls.model_fields})


class GateProjectView(View):
    """`headcount` are planned, `covered` insured now (of a project for 1,000 or more to the minute). `uninsured` lists
    `uninsured_count` people, last seen first, unless `is_truncated`: an answer lists 1,000 over all its projects.

    `cover_blocked`: nobody new is insured until the company pays.
    """

    project_id: str
    name: str
    employer_name: str
    status: ProjectStatus
    on_shift: bool
    cover_blocked: bool
    headcount: int
    covered: int
    uninsured: list[GateUninsuredView]
    uninsured_count: int
    is_truncated: bool
    refusals: list[RefusalsView]
    referrals: list[WaitingView]

    @classmethod
    def of(cls, at_gate: AtGate, gate: Gate) -> "GateProjectView":
        project = at_gate.project
        by_people = sorted(at_gate.refusals.items(), key=lambda pair: (-pair[1], pair[0]))
        return cls(
            project_id=project.project_id,
            name=project.name,
            employer_name=project.employer_name,
            status=project.status,
            on_shift=at_gate.on_shift,
            cover_blocked=project.credit_blocked,
            headcount=project.headcount,
            covered=at_gate.covered,
            uninsured=[GateUninsuredView.of(visit, gate.names) for visit in at_gate.uninsured],
            uninsured_count=at_gate.uninsured_count,
            is_truncated=len(at_gate.uninsured) < at_gate.uninsured_count,
            refusals=[RefusalsView(why=why, people=people) for why, people in by_people],
            referrals=[WaitingView.of(referral, gate.at) for referral in at_gate.referrals],
        )


class GateView(View):
    """One page of the projects that run now: `page_size` at most, of `projects_count`; `next` leads to the next page.

    `at`: the server's time, by which what is left of a referral is counted.
    """

    at: datetime
    projects: list[GateProjectView]
    projects_count: int
    page_size: int
    next: str | None
    reasons: list[NextStepView]


def gate_view(gate: Gate) -> GateView:
    occurring = sorted({why for at_gate in gate.projects for why in at_gate.refusals})
    return GateView(
        at=gate.at.astimezone(UTC),
        projects=[GateProjectView.of(at_gate, gate) for at_gate in gate.projects],
        projects_count=gate.projects_count,
        page_size=PROJECTS_A_PAGE,
        next=gate.next_token,
        reasons=[
            NextStepView(why=why, next_step_zh=NEXT_STEPS[why][0], next_step_en=NEXT_STEPS[why][1])
            for why in occurring
        ],
    )
