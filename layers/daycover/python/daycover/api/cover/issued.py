"""The answer to a request for the policy of a check-in, with what the worker must be warned of."""

from datetime import datetime

from daycover.api.cover.policies import PolicyView, policy_facts
from daycover.china_time import CHINA
from daycover.cover.issue import Issued
from daycover.cover.period import next_check_in_from
from daycover.cover.policy import Policy
from daycover.platform.http import View


class CoverWarning(View):
    """The shift is planned to outlast the cover: when to check in for the next one."""

    code: str = "SHIFT_OUTLASTS_COVER"
    next_check_in_from: datetime
    cover_ends_at: datetime
    shift_ends_at: datetime
    text_zh: str
    text_en: str


class IssuedView(PolicyView):
    warnings: tuple[CoverWarning, ...] = ()

    @classmethod
    def of_issued(cls, issued: Issued, policy: Policy, now: datetime) -> "IssuedView":
        return cls(**policy_facts(policy), in_force=policy.in_force(now), warnings=cover_warnings(issued))


class PendingView(View):
    status: str = "PENDING"


def answer_issued(issued: Issued, now: datetime) -> tuple[int, IssuedView | PendingView, dict[str, str]]:
    """201 for a new policy, 200 for the same again, 202 while the work card waits for the face."""
    if issued.policy is None:
        return 202, PendingView(), {"Retry-After": str(issued.ask_again_after)}
    view = IssuedView.of_issued(issued, issued.policy, now)
    return 201 if issued.is_new else 200, view, {}


def cover_warnings(issued: Issued) -> tuple[CoverWarning, ...]:
    """What the worker must be told beside the policy."""
    warned = None if issued.policy is None else _outlasted(issued.policy, issued.shift_ends_at)
    return () if warned is None else (warned,)


def _outlasted(policy: Policy, shift_ends_at: datetime | None) -> CoverWarning | None:
    opens = next_check_in_from(policy.period, shift_ends_at)
    if opens is None or shift_ends_at is None:
        return None
    until, shift, again = (
        f"{instant.astimezone(CHINA):%m-%d %H:%M}" for instant in (policy.period.end, shift_ends_at, opens)
    )
    return CoverWarning(
        next_check_in_from=opens,
        cover_ends_at=policy.period.end,
        shift_ends_at=shift_ends_at,
        text_zh=f"您的班次到 {shift} 才结束,而这份保障到 {until} 为止。请在 {again} 之后再扫一次码打卡,"
        "保障就会接上,中间不断。",
        text_en=f"Your shift ends at {shift}, but this cover ends at {until}. Scan and check in once more after "
        f"{again}: the next cover then follows without a gap.",
    )
