"""A policy as its worker sees it."""

from datetime import datetime

from daycover.cover.policy import EndReason, Policy, PolicyStatus
from daycover.platform.http import View


class EndingView(View):
    """How a policy ended before its time: by which role, why, and what of the premium goes back."""

    at: datetime
    by: str
    reason: EndReason
    refund_fen: int


class PolicyView(View):
    """A policy as its worker sees it. `in_force` is of the moment of the answer."""

    policy_no: str
    status: PolicyStatus
    in_force: bool
    start: datetime
    end: datetime
    issued_at: datetime
    project_id: str
    company_id: str
    insured_name: str
    plan_id: str
    plan_version: str
    occupation_class: int
    premium_fen: int
    sum_insured_fen: int
    ended: EndingView | None = None

    @classmethod
    def of(cls, policy: Policy, now: datetime) -> "PolicyView":
        return cls(**policy_facts(policy), in_force=policy.in_force(now))


def policy_facts(policy: Policy) -> dict[str, object]:
    facts = {name: value for name, value in policy if name in PolicyView.model_fields}
    if policy.ended is not None:
        facts["ended"] = EndingView(**policy.ended.model_dump(exclude={"actor"}))
    return facts | {"start": policy.period.start, "end": policy.period.end}
