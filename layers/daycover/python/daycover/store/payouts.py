"""Payouts and their notices in the operations table."""

from collections.abc import Callable, Iterable
from datetime import datetime

from daycover.books.journal import Entry
from daycover.claims.claim import ClaimChange
from daycover.errors import ConcurrentChangeError
from daycover.payouts.payout import MOVES, Payout, PayoutNotFoundError, PayoutState
from daycover.store import keys
from daycover.store.claims import StoredClaims, as_item
from daycover.store.dynamodb import ConditionFailedError, Put, Table
from daycover.store.journal import entry_writes

SCHEMA_VERSION = 1
MoneyEntries = Callable[[Payout], Iterable[Entry]]
"""What the move that brought a payout into its state posts."""


class StoredPayouts:
    """Implements `payouts.payout.Payouts`; a claim that moves with its payout moves in one transaction.

    `entries` says what a move means in money; it goes into the same transaction.
    """

    def __init__(self, table: Table, claims: StoredClaims, entries: MoneyEntries) -> None:
        self._table = table
        self._claims = claims
        self._entries = entries

    def get(self, payout_id: str) -> Payout:
        payout = self.find(payout_id)
        if payout is None:
            raise PayoutNotFoundError
        return payout

    def find(self, payout_id: str) -> Payout | None:
        """Access: GetItem (PAYOUT#id, PAYOUT), strong. Cost: 1 read unit."""
        item = self._table.get(keys.payout(payout_id), strong=True)
        return Payout.model_validate(item) if item else None

    def reserve(self, payout: Payout, change: ClaimChange) -> None:
        """Access: transaction of payout, journal and claim. Condition: no such payout; the claim as it was read.

        Cost: about 16 write units.
        """
        try:
            self._table.write(
                Put(keys.payout(payout.payout_id), as_item(payout)),
                *self._money(payout),
                *self._claims.writes(change),
            )
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def save(self, payout: Payout, before: Payout) -> None:
        """Access: PutItem, or a transaction with the journal where money moves. Condition: version and state as
        read, so a final state is never left by mistake.

        Cost: 1 write unit; 4 where money moves.
        """
        money = self._money(payout)
        try:
            if money:
                self._table.write(_moved(payout, before), *money)
            else:
                self._table.put(_moved(payout, before))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def bounce(self, payout: Payout, before: Payout, change: ClaimChange) -> None:
        """Access: transaction of payout, journal and claim. Condition: all as read. Cost: about 16 write units."""
        try:
            self._table.write(_moved(payout, before), *self._money(payout), *self._claims.writes(change))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def note(self, payout_id: str, event_id: str, state: str, at: datetime) -> None:
        """Access: PutItem (PAYOUT#id, NOTICE#event). Condition: not noted yet. Cost: 1 write unit."""
        item = {"event_id": event_id, "state": state, "noted_at": at.isoformat(), "schema_version": 1}
        try:
            self._table.put(Put(keys.payout_notice(payout_id, event_id), item))
        except ConditionFailedError:
            return

    def noted_since(self, payout_id: str, at: datetime | None) -> bool:
        """Access: Query (PAYOUT#id, NOTICE#), strong. Cost: 1 read unit."""
        items = self._table.query_all(*keys.payout_notices(payout_id), strong=True)
        return any(at is None or datetime.fromisoformat(item["noted_at"]) >= at for item in items)

    def _money(self, payout: Payout) -> list[Put]:
        return [put for entry in self._entries(payout) for put in entry_writes(entry)]


def _moved(payout: Payout, before: Payout) -> Put:
    states = _states_before(payout.state)
    return Put(
        keys.payout(payout.payout_id),
        as_item(payout),
        condition=f"version = :before AND #state IN ({', '.join(states)})",
        values={":before": before.version, **states},
        names={"#state": "state"},
    )


def _states_before(state: PayoutState) -> dict[str, str]:
    before = [known.value for known, reachable in MOVES.items() if state in reachable]
    return {f":from{n}": value for n, value in enumerate(before)}
