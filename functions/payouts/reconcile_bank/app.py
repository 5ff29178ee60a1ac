"""Daily task: compare the bank's statement of the day before with our payouts; learn what bounced."""

from datetime import datetime
from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count, logger
from daycover.platform.tasks import task


@task
def reconcile_bank(event: dict[str, Any]) -> dict[str, Any]:
    day = use_cases().day_to_close(datetime.fromisoformat(event["scheduled_at"]))
    found = use_cases().reconcile_bank(day)
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
