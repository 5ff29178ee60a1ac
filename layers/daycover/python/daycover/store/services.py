"""Service records of claims: a partition for each company's month, and one for the month of all."""

from collections.abc import Iterator

from daycover.claims.service import ClaimFacts, ServiceRecord
from daycover.store import keys
from daycover.store.aws import StoreUnavailableError
from daycover.store.dynamodb import ConditionFailedError, Put, Table

SCHEMA_VERSION = 1


class StoredServices:
    """Implements `claims.service.Services`. Claims are one in thousands of policies: a partition a month serves."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def facts(self, claim_no: str) -> ClaimFacts:
        """Access: GetItem (CLAIM#no, CLAIM), its clear members only. Cost: 1 read unit."""
        item = self._table.get(keys.claim(claim_no), strong=True)
        if item is None:
            raise StoreUnavailableError  # written in one transaction with its history, so it must be there
        return ClaimFacts.model_validate(item | {"company_id": item["policy"]["company_id"]})

    def add(self, record: ServiceRecord) -> None:
        """Access: transaction of two puts (SERVICE#company#month and SERVICE#month, claim#version, and #REVIEW
        for what people decided after the machine).

        Condition: absent. Cost: 4 write units.
        """
        item = record.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
        of = (record.company_id, record.month, record.claim_no, record.version)
        places = keys.service_records(*of, is_review=record.overturned is not None)
        try:
            self._table.write(*(Put(key, item) for key in places))
        except ConditionFailedError:
            return  # a replayed stream record

    def of_company(self, company_id: str, month: str) -> Iterator[ServiceRecord]:
        """Access: Query (SERVICE#company#month). Cost: 0.5 read units per 4 KB (about 20 records)."""
        return map(ServiceRecord.model_validate, self._table.query_all(keys.services_of(company_id, month)))

    def of_month(self, month: str) -> Iterator[ServiceRecord]:
        """Access: Query (SERVICE#month). Cost: 0.5 read units per 4 KB (about 20 records)."""
        return map(ServiceRecord.model_validate, self._table.query_all(keys.services_of_month(month)))
