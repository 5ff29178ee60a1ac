"""The worker's list of policies, and one of them in full."""

from collections.abc import Sequence
from datetime import datetime

from daycover.api.cover.plan import PlanView, plan_view
from daycover.api.cover.policies import PolicyView, policy_facts
from daycover.cover.archive import PAGE
from daycover.cover.disclosure import EXCLUSIONS, HOTLINE, INSURER
from daycover.cover.plan import plan
from daycover.cover.policy import Policy
from daycover.platform.http import View


class PoliciesView(View):
    """`next` is the number to ask with for the policies before these, None at the end."""

    policies: list[PolicyView]
    next: str | None = None

    @classmethod
    def of(cls, policies: Sequence[Policy], now: datetime) -> "PoliciesView":
        following = policies[-1].policy_no if len(policies) >= PAGE else None
        return cls(policies=[PolicyView.of(policy, now) for policy in policies], next=following)


class PolicyFileView(PolicyView):
    plan: PlanView
    exclusions: list[str]
    insurer: str
    hotline: str

    @classmethod
    def of(cls, policy: Policy, now: datetime) -> "PolicyFileView":
        return cls(
            **policy_facts(policy),
            in_force=policy.in_force(now),
            plan=plan_view(plan(policy.plan_id, policy.plan_version)),
            exclusions=[chinese for chinese, _ in EXCLUSIONS],
            insurer=INSURER,
            hotline=HOTLINE,
        )
