"""The worker's list of policies, and one of them in full."""

from collections.abc import Callable, Sequence
from datetime import datetime

from daycover.api.cover.plan import PlanView, plan_view
from daycover.api.cover.policies import PolicyView, policy_facts
from daycover.api.cover.terms import TermsReferenceView
from daycover.cover.archive import PAGE
from daycover.cover.disclosure import HOTLINE, INSURER, exclusions_of
from daycover.cover.plan import plan
from daycover.cover.policy import Policy
from daycover.cover.terms import TermsReference
from daycover.cover.translation import exclusions_in_english
from daycover.platform.http import View
from daycover.projects.project import Project


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
    exclusions_en: list[str]
    """The same in English, without force."""
    terms: TermsReferenceView
    insurer: str
    hotline: str

    @classmethod
    def with_terms(
        cls, policy: Policy, project: Project | None, now: datetime, refer: Callable[[str], TermsReference]
    ) -> "PolicyFileView":
        """`refer` says of a version of the terms where it is read."""
        chosen = plan(policy.plan_id, policy.plan_version)
        return cls(
            **policy_facts(policy),
            in_force=policy.in_force(now),
            plan=plan_view(chosen),
            exclusions=exclusions_of(project, chosen),
            exclusions_en=exclusions_in_english(project, chosen),
            terms=TermsReferenceView.of(refer(chosen.terms)),
            insurer=INSURER,
            hotline=HOTLINE,
        )
