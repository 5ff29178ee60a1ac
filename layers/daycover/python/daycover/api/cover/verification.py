"""What anybody may know of a policy."""

from datetime import datetime

from daycover.api.cover.policies import policy_facts
from daycover.cover.policy import Policy, PolicyStatus
from daycover.platform.http import View


class VerificationView(View):
    """What anybody may know of a policy: nothing beyond the masked name points to a person."""

    genuine: bool
    status: PolicyStatus
    in_force: bool
    start: datetime
    end: datetime
    plan_id: str
    sum_insured_fen: int
    insured_name: str

    @classmethod
    def of(cls, policy: Policy, now: datetime) -> "VerificationView":
        facts = {name: value for name, value in policy_facts(policy).items() if name in cls.model_fields}
        return cls(**facts, genuine=True, in_force=policy.in_force(now))
