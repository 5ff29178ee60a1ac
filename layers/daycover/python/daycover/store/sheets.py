"""The loss sheets of claims in the operations table: one sealed item for each version, never changed."""

from daycover.claims.sheet import LossSheet
from daycover.store import keys
from daycover.store.dynamodb import Put, Table
from daycover.wire import Cipher

SCHEMA_VERSION = 1


class StoredSheets:
    """Implements `claims.sheet.LossSheets`. A sheet is health data: it stands sealed, bound to the claim."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def find(self, claim_no: str, version: int) -> LossSheet:
        """Access: GetItem (CLAIM#no, SHEET#version), strong; none for version 0. Cost: 1 read unit per 4 KB."""
        if not version:
            return LossSheet(claim_no=claim_no)
        item = self._table.get(keys.loss_sheet(claim_no, version), strong=True)
        assert item is not None, "the claim names a version that was written with it"
        return self._read(item["sealed"], claim_no)

    def versions(self, claim_no: str) -> list[LossSheet]:
        """Access: Query (CLAIM#no, SHEET#), strong. Cost: 1 read unit per 4 KB, about 3 versions."""
        items = self._table.query_all(*keys.loss_sheets(claim_no), strong=True)
        return [self._read(item["sealed"], claim_no) for item in items]

    def _read(self, sealed: str, claim_no: str) -> LossSheet:
        return LossSheet.model_validate_json(self._cipher.open(sealed, claim_no))


def sheet_put(sheet: LossSheet, cipher: Cipher) -> Put:
    """Give the write of a new version, for the transaction of its claim. Condition: no such version.

    Cost: 2 write units per KB; a sheet of one bill is about 1 KB.
    """
    item = {
        "version": sheet.version,
        "sealed": cipher.seal(sheet.model_dump_json(exclude_defaults=True), sheet.claim_no),
        "schema_version": SCHEMA_VERSION,
    }
    return Put(keys.loss_sheet(sheet.claim_no, sheet.version), item)
