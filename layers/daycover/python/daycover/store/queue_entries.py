"""Entries of the staff's queues: the number of a claim, and what its queue is filtered by. Nothing about a person."""

from datetime import datetime

from daycover.claims.claim import Claim, QueueEntry
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimStatus
from daycover.store.dynamodb import PRESENT, Delete, Item, Put, Write
from daycover.store.keys import Key

SCHEMA_VERSION = 2


def moved_entry(
    old: Key | None, new: Key | None, number: str, facts: Item, *, is_told_anew: bool
) -> list[Write]:
    if old == new and not is_told_anew:
        return []
    writes: list[Write] = [Delete(old)] if old is not None and old != new else []
    if new is not None:
        item = {"number": number, "schema_version": SCHEMA_VERSION} | facts
        writes.append(Put(new, item, condition=PRESENT) if old == new else Put(new, item))
    return writes


def told_of(claim: Claim) -> Item:
    """What an entry tells of its claim: nothing about a person."""
    told: Item = {"status": claim.status.value, "claim_types": [known.value for known in claim.claim_types]}
    return told if claim.assignee is None else told | {"assignee": claim.assignee}


def entry_of(item: Item) -> QueueEntry:
    status = item.get("status")
    return QueueEntry(
        item["number"],
        datetime.fromisoformat(item["sk"].split("#")[0]),
        None if status is None else ClaimStatus(status),
        tuple(map(ClaimType, item.get("claim_types", ()))),
        item.get("assignee"),
    )
