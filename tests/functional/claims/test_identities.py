"""What is known of payees on the fake and the real store: one version after another, no token readable."""

from datetime import timedelta
from typing import NamedTuple

import boto3
import pytest

from daycover.books.reserves import reserve_entries
from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import opening, record
from daycover.errors import ConcurrentChangeError
from daycover.identity.document import IdDocumentType
from daycover.payouts.identity import (
    CheckStatus,
    FaceCheck,
    Identities,
    Means,
    PayeeIdentity,
    PayeeProof,
    Sighting,
)
from daycover.store.claims import StoredClaims
from daycover.store.identities import StoredIdentities
from tests.functional.claims.aws import OPERATIONS, cipher, local_aws, operations_table
from tests.support.builders import WORKER
from tests.support.claims import REPORTED_AT
from tests.support.fakes.claims import FakeClaims
from tests.support.fakes.payouts import FakeIdentities
from tests.unit.claims.world import World

TOKEN = "a-token-that-launches-the-card"
CHECK = FaceCheck(
    authenticate_number="CL1I1",
    number=1,
    worker_id=WORKER,
    sub_mchid="1900000109",
    status=CheckStatus.PRE_ORDERED,
    at=REPORTED_AT,
    token=TOKEN,
    token_ends_at=REPORTED_AT + timedelta(minutes=5),
)


class Stores(NamedTuple):
    claims: Claims
    identities: Identities


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        claims = FakeClaims()
        return Stores(claims, FakeIdentities(claims))
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    stored = StoredClaims(table, sealed, reserve_entries)
    return Stores(stored, StoredIdentities(table, stored, sealed))


def added(stores: Stores) -> Claim:
    claim = World().agreed()
    stores.claims.add(claim, opening(claim, Actor.worker(WORKER)))
    return claim


def test_identity_comes_back_whole_when_it_was_saved(stores: Stores) -> None:
    claim = added(stores)
    empty = stores.identities.find(claim.claim_no)
    assert empty == PayeeIdentity(claim_no=claim.claim_no)
    first = empty.moved(payout_id="P1", requested_at=REPORTED_AT).model_copy(update={"checks": (CHECK,)})
    stores.identities.save(first)
    assert stores.identities.find(claim.claim_no) == first
    sighting = Sighting(document=IdDocumentType.PASSPORT, by="finance-1", at=REPORTED_AT)
    proof = PayeeProof(means=Means.STAFF, by="finance-1,intake-1", at=REPORTED_AT)
    second = first.moved(checks=(), sighting=sighting, proof=proof, reminders=2)
    stores.identities.save(second)
    assert stores.identities.find(claim.claim_no) == second
    assert stores.identities.find(claim.claim_no, "B1").version == 0


def test_identity_and_claim_stand_or_fall_together(stores: Stores) -> None:
    claim = added(stores)
    asked = stores.identities.find(claim.claim_no).moved(requested_at=REPORTED_AT)
    change = record(claim, ClaimEvent.IDENTITY_REQUESTED, at=REPORTED_AT)
    stores.identities.save(asked, change)
    assert stores.claims.get(claim.claim_no) == change.after
    with pytest.raises(ConcurrentChangeError):
        stores.identities.save(asked)  # its version was taken
    overtaken = record(claim, ClaimEvent.IDENTITY_PROVED, at=REPORTED_AT)
    with pytest.raises(ConcurrentChangeError):
        stores.identities.save(asked.moved(reminders=1), overtaken)
    assert stores.identities.find(claim.claim_no) == asked
    with pytest.raises(ConcurrentChangeError):
        stores.identities.save(asked.moved().moved())


def test_no_launch_token_is_readable_when_the_table_is_dumped() -> None:
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    identities = StoredIdentities(table, StoredClaims(table, sealed, reserve_entries), sealed)
    identities.save(PayeeIdentity(claim_no="CL1").with_check(CHECK))
    dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    assert TOKEN not in dump
    assert TOKEN not in repr(CHECK)
