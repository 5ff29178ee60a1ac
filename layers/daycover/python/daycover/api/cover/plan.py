"""The plan of a policy or an offer."""

from daycover.cover.plan import Benefits, Plan
from daycover.platform.http import View


class PlanView(View):
    plan_id: str
    version: str
    sum_insured_fen: int
    benefits: Benefits


def plan_view(chosen: Plan) -> PlanView:
    return PlanView(
        plan_id=chosen.plan_id,
        version=chosen.version,
        sum_insured_fen=chosen.sum_insured_fen,
        benefits=chosen.benefits,
    )
