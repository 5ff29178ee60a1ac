"""Daily task: compare the bank's statement of the day before with our payouts; learn what bounced."""

from typing import Any

from daycover.api.days import scheduled_day
from daycover.platform.observability import count, logger
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def reconcile_bank(event: dict[str, Any]) -> dict[str, Any]:
    day = scheduled_day(event)
    found = payouts().reconcile_bank(day)
    count("BankLineReconciled", found.lines)
    count("PayoutBounced", len(found.bounced))
    count("BankBreakFound", found.new_breaks)
    logger.info("bank reconciled", day=day.isoformat(), bounced=found.bounced, breaks=found.breaks)
    return {
        "lines": found.lines,
        "left_fen": found.left_fen,
        "bounced": len(found.bounced),
        "breaks": len(found.breaks),
    }


lambda_handler = reconcile_bank
