"""Master policies of companies and their endorsements, in the operations table."""

from collections.abc import Sequence
from datetime import date

from daycover.books.endorsement import Endorsement
from daycover.cover.master_policy import MasterPolicy
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredMasterPolicies:
    """Implements `cover.master_policy.MasterPolicies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, company_id: str, year: int) -> MasterPolicy | None:
        """Access: GetItem (COMPANY#id, MASTER#year), strong. Cost: 1 read unit."""
        item = self._table.get(keys.master_policy(company_id, year), strong=True)
        return None if item is None else MasterPolicy.model_validate(item)

    def add(self, master: MasterPolicy) -> MasterPolicy:
        """Access: PutItem (COMPANY#id, MASTER#year). Condition: absent; gives what stands. Cost: 1 write unit."""
        item = master.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        try:
            self._table.put(Put(keys.master_policy(master.company_id, master.year), item))
        except ConditionFailedError as error:
            return MasterPolicy.model_validate(error.item)
        return master


class StoredEndorsements:
    """Implements `books.endorsement.Endorsements`. An endorsement stands under its number, for ever, and under its day
    until the day has a later one."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def latest(self, company_id: str, day: date) -> Endorsement | None:
        """Access: GetItem (COMPANY#id, ENDORSED#day), strong. Cost: 1 read unit."""
        item = self._table.get(keys.endorsed_day(company_id, day.isoformat()), strong=True)
        return None if item is None else Endorsement.model_validate(item)

    def get(self, company_id: str, year: int, number: int) -> Endorsement:
        """Access: GetItem (COMPANY#id, ENDORSEMENT#year#number). Cost: 0.5 read units."""
        item = self._table.get(keys.endorsement(company_id, year, number))
        assert item is not None, "a later endorsement names one that stands"
        return Endorsement.model_validate(item)

    def newest(self, company_id: str, year: int, before: int | None, limit: int) -> Sequence[Endorsement]:
        """Access: Query (COMPANY#id, ENDORSEMENT#year#), newest first, strong. Cost: 1 read unit per 4 KB (about 8)."""
        after = None if before is None else keys.endorsement(company_id, year, before).sk
        page = self._table.query(
            *keys.endorsements(company_id, year), limit=limit, newest_first=True, strong=True, after=after
        )
        return [Endorsement.model_validate(item) for item in page.items]

    def add(self, endorsement: Endorsement, after: Endorsement | None) -> None:
        """Access: transaction of two puts (its number, its day). Cost: 4 write units.

        Condition: the number is absent; the day is absent, or stands at the number of `after`.
        """
        item = endorsement.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        company_id, day = endorsement.company_id, endorsement.day
        of_day = Put(keys.endorsed_day(company_id, day.isoformat()), item)
        if after is not None:
            of_day = Put(
                of_day.key,
                item,
                condition="#number = :after",
                values={":after": after.number},
                names={"#number": "number"},
            )
        try:
            self._table.write(Put(keys.endorsement(company_id, day.year, endorsement.number), item), of_day)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error
