"""Whom and what a claim is about, for whoever decides it."""

from datetime import date, datetime

from daycover.api.claims.worker import ClaimSummary, claim_summary
from daycover.api.discretion import Identifying
from daycover.api.work import WorkView
from daycover.china_time import china_day
from daycover.claims.documents import ClaimType
from daycover.claims.exposure import LUMP_SUMS, room_of
from daycover.claims.insured import InsuredFile
from daycover.cover.policy import PolicyStatus
from daycover.identity.age import age_on
from daycover.identity.document import IdDocumentType
from daycover.platform.http import View


class LimitView(View):
    """One limit of the policy in fen: what all its claims hold of it, and what is left. The lump sums share one."""

    claim_type: ClaimType
    held_fen: int
    left_fen: int


class OtherPolicyView(View):
    policy_no: str
    plan_id: str
    status: PolicyStatus
    starts_at: datetime
    ends_at: datetime


class InsuredView(View):
    """The insured in clear, only for those who decide; the look is recorded. What else they hold is for all staff."""

    claim_no: str
    is_erased: bool
    """The person had their data erased, and nobody is told who they were."""
    locked_at: datetime | None
    """When they asked for it, while the law still keeps it for the claim."""
    name: Identifying[str]
    document_type: Identifying[IdDocumentType]
    document_number: Identifying[str]
    birth_date: Identifying[date]
    age_at_accident: Identifying[int]
    work: WorkView | None
    limits: list[LimitView]
    claims: list[ClaimSummary]
    """The person's others, newest first."""
    policies: list[OtherPolicyView]
    """The person's others that the hot table holds, newest first, at most 20."""


def insured_view(insured: InsuredFile) -> InsuredView:
    known, claim = insured.identity, insured.claim
    return InsuredView(
        claim_no=claim.claim_no,
        is_erased=known is None,
        locked_at=insured.locked_at,
        name=known.name if known else None,
        document_type=known.document_type if known else None,
        document_number=known.id_number if known else None,
        birth_date=known.birth_date if known else None,
        age_at_accident=age_on(known.birth_date, china_day(claim.accident.occurred_at)) if known else None,
        work=WorkView.of(insured.project),
        limits=_limits(insured),
        claims=[claim_summary(other) for other in insured.claims],
        policies=[
            OtherPolicyView(
                policy_no=policy.policy_no,
                plan_id=policy.plan_id,
                status=policy.status,
                starts_at=policy.period.start,
                ends_at=policy.period.end,
            )
            for policy in insured.policies
        ],
    )


def _limits(insured: InsuredFile) -> list[LimitView]:
    """Give each limit that the plan has; a benefit that it lacks and nothing holds is left out."""
    claim, held = insured.claim, insured.held
    room = room_of(claim.benefits, claim.policy.sum_insured_fen, held)
    return [
        LimitView(claim_type=claim_type, held_fen=of, left_fen=room.benefits[claim_type])
        for claim_type in ClaimType
        if (of := held.of(claim_type).fen) or room.benefits[claim_type] or claim_type in LUMP_SUMS
    ]
