"""Daily task: compare WeChat's fund-flow bill of the day before with our payouts to wallets."""

from typing import Any

from daycover.api.days import scheduled_day
from daycover.platform.observability import count, logger
from daycover.platform.tasks import task
from daycover.wiring.payouts import payouts


@task
def reconcile_wallet(event: dict[str, Any]) -> dict[str, Any]:
    day = scheduled_day(event)
    found = payouts().reconcile_wallet(day)
    count("WalletLineReconciled", found.lines)
    count("BreakFound", found.new_breaks)
    logger.info("wallet reconciled", day=day.isoformat(), breaks=found.breaks)
    return {"lines": found.lines, "left_fen": found.left_fen, "breaks": len(found.breaks)}


lambda_handler = reconcile_wallet
