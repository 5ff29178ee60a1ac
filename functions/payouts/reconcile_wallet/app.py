"""Daily task: compare WeChat's fund-flow bill of the day before with our payouts to wallets."""

from datetime import datetime
from typing import Any

from daycover.bootstrap import use_cases
from daycover.platform.observability import count, logger
from daycover.platform.tasks import task


@task
def reconcile_wallet(event: dict[str, Any]) -> dict[str, Any]:
    day = use_cases().day_to_close(datetime.fromisoformat(event["scheduled_at"]))
    found = use_cases().reconcile_wallet(day)
    count("WalletLineReconciled", found.lines)
    count("BreakFound", found.new_breaks)
    logger.info("wallet reconciled", day=day.isoformat(), breaks=found.breaks)
    return {"lines": found.lines, "left_fen": found.left_fen, "breaks": len(found.breaks)}


lambda_handler = reconcile_wallet
