"""Bodies and answers of identity checks before a large payout."""

from datetime import datetime

from daycover.api.cover.work_card import CARD_APP_ID, FACE_PAGE, Merchant, WorkCardLaunch
from daycover.payouts.identity import CheckStatus
from daycover.payouts.prove_identity import Checked
from daycover.platform.http import View

PENDING = frozenset({CheckStatus.STARTED, CheckStatus.PRE_ORDERED})


class IdentityCheckView(View):
    """`PROVED` until `proved_until`; `PRE_ORDERED` with what opens the card mini program for the face check."""

    check_id: str | None = None
    status: str
    expires_at: datetime | None = None
    proved_until: datetime | None = None
    work_card: WorkCardLaunch | None = None

    @classmethod
    def of(cls, checked: Checked, merchant: Merchant, now: datetime) -> "IdentityCheckView":
        identity, check = checked
        if identity.is_fresh(now):
            return cls(status=CheckStatus.PROVED, proved_until=identity.fresh_until)
        assert check is not None
        launch = WorkCardLaunch(
            app_id=CARD_APP_ID,
            path=FACE_PAGE,
            mchid=merchant.mchid,
            sub_mchid=check.sub_mchid,
            appid=merchant.appid,
            authenticate_number=check.authenticate_number,
            token=check.token,
        )
        return cls(
            check_id=str(check.number),
            status=check.status,
            expires_at=check.token_ends_at,
            work_card=launch if check.status in PENDING else None,
        )


def answer_started(checked: Checked, merchant: Merchant, now: datetime) -> tuple[int, IdentityCheckView]:
    """201 for an attempt, 200 where the last proof still serves."""
    return 200 if checked.check is None else 201, IdentityCheckView.of(checked, merchant, now)


def answer_result(
    checked: Checked, merchant: Merchant, now: datetime
) -> tuple[int, IdentityCheckView, dict[str, str]]:
    """200 with the outcome, 202 while the work card waits for the face."""
    view = IdentityCheckView.of(checked, merchant, now)
    return (202, view, {"Retry-After": "2"}) if view.status in PENDING else (200, view, {})
