"""What the machine approved in a day: one sum each of a project, a company and all. TTL takes them in time."""

from datetime import UTC, date, datetime, timedelta

from daycover.claims.spending import Spending, Spent
from daycover.store import keys
from daycover.store.dynamodb import Table, Update, Write
from daycover.store.keys import Key

SCHEMA_VERSION = 1
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
    return [
        _update(key, spending.day, spending.amount_fen, cap) for key, cap in zip(wanted, caps, strict=True)
    ]


def _update(key: Key, day: date, amount_fen: int, cap_fen: int) -> Update:
    room = cap_fen - amount_fen
    ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + KEPT
    return Update(
        key,
        "ADD fen :amount SET #ttl = :ttl, schema_version = :version",
        {":amount": amount_fen, ":room": room, ":ttl": int(ends.timestamp()), ":version": SCHEMA_VERSION},
        # more than the whole cap never fits, also where nothing is spent yet
        condition="attribute_not_exists(pk) OR fen <= :room" if room >= 0 else "fen <= :room",
        names={"#ttl": "ttl"},
    )


def _keys(day: date, project_id: str, company_id: str) -> tuple[Key, Key, Key]:
    on = day.isoformat()
    return keys.spent_of_project(project_id, on), keys.spent_of_company(company_id, on), keys.spent_of_all(on)
