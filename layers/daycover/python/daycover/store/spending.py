"""What the machine approved in a day: one sum each of a project, a company and all. TTL takes them in time."""

from datetime import date, timedelta

from daycover.claims.spending import Spending, Spent
from daycover.store import keys
from daycover.store.dynamodb import Table, Write, add_to, ttl_after
from daycover.store.keys import Key

KEPT = timedelta(days=40)


class StoredSpending:
    """Implements `claims.spending.AutomaticSpending`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def spent(self, day: date, project_id: str, company_id: str) -> Spent:
        """Access: BatchGetItem (SPENT#…, day) of project, company and all, strong. Cost: 3 read units."""
        wanted = _keys(day, project_id, company_id)
        found = self._table.get_many(wanted, strong=True)
        return Spent(*(int(found[key]["fen"]) if key in found else 0 for key in wanted))


def spending_writes(spending: Spending) -> list[Write]:
    """Give the updates that belong into the transaction of the approving claim, in order project, company, all.

    Access: UpdateItem (SPENT#…, day). Condition: the sum stays within its cap. Cost: 2 write units each.
    """
    caps = (spending.cap_project_fen, spending.cap_company_fen, spending.cap_all_fen)
    wanted = _keys(spending.day, spending.project_id, spending.company_id)
    ttl = ttl_after(spending.day, KEPT)
    return [
        add_to(key, "fen", ttl, amount=spending.amount_fen, at_most=cap)
        for key, cap in zip(wanted, caps, strict=True)
    ]


def _keys(day: date, project_id: str, company_id: str) -> tuple[Key, Key, Key]:
    on = day.isoformat()
    return keys.spent_of_project(project_id, on), keys.spent_of_company(company_id, on), keys.spent_of_all(on)
