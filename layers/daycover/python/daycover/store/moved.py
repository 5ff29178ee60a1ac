"""Money that left, as the files of WeChat and the bank tell it, by payout number."""

from collections.abc import Iterable, Sequence
from datetime import date

from daycover.errors import ConcurrentChangeError
from daycover.payouts.reconcile import MovedMoneyUnknownError, Movement
from daycover.payouts.transfer import Channel
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1
AT_ONCE = 100


class StoredMoney:
    """Implements `payouts.reconcile.NotedMoney` and `payouts.reconcile.MovedMoney`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, channel: Channel, day: date, movements: Sequence[Movement]) -> None:
        """Access: PutItem (PAYOUT#id, MOVED) for each. Condition: absent. Cost: 1 write unit each."""
        for movement in movements:
            item = {
                "channel": channel.value,
                "day": day.isoformat(),
                "serial": movement.serial,
                "amount_fen": movement.amount_fen,
                "schema_version": SCHEMA_VERSION,
            }
            try:
                self._table.put(Put(keys.payout_moved(movement.reference), item))
            except ConditionFailedError:
                continue  # the file was read before

    def finish(self, channel: Channel, day: date, count: int, left_fen: int) -> None:
        """Access: PutItem (MONEY_FILE#channel, day). Condition: absent, or read with no more lines than now.

        Cost: 1 write unit. Raises ConcurrentChangeError for a file that has shrunk.
        """
        item = {"lines": count, "left_fen": left_fen, "schema_version": SCHEMA_VERSION}
        put = Put(
            keys.money_file(channel.value, day.isoformat()),
            item,
            condition="attribute_not_exists(pk) OR #lines <= :lines",
            values={":lines": count},
            names={"#lines": "lines"},
        )
        try:
            self._table.put(put)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def moved(self, payout_ids: Iterable[str], day: date) -> dict[str, int]:
        """Access: BatchGetItem (PAYOUT#id, MOVED) by 100; where one is missing also (MONEY_FILE#channel, day).

        Cost: 0.5 read units each. A movement is found whichever day's file tells of it: money that left just
        before midnight is posted just after.
        """
        wanted = [keys.payout_moved(payout_id) for payout_id in payout_ids]
        left: dict[str, int] = {}
        for start in range(0, len(wanted), AT_ONCE):
            found = self._table.get_many(wanted[start : start + AT_ONCE])
            left |= {keys.payout_of(key): item["amount_fen"] for key, item in found.items()}
        if len(left) < len(set(wanted)):
            files = [keys.money_file(channel.value, day.isoformat()) for channel in Channel]
            if len(self._table.get_many(files, strong=True)) < len(files):
                raise MovedMoneyUnknownError(day=day.isoformat())
        return left
