"""Beneficiaries on the fake and the real store: one statement after another, sealed, each account one person's."""

from typing import NamedTuple

import boto3
import pytest

from daycover.books.reserves import reserve_entries
from daycover.claims.claim import Actor, Claim, ClaimChange, Claims
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import opening, record
from daycover.errors import ConcurrentChangeError
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiaries import BeneficiaryStore
from daycover.payouts.beneficiary import Beneficiaries
from daycover.payouts.designation import Designation, Designations
from daycover.payouts.payee import PayeeAccountTakenError
from daycover.store.beneficiaries import StoredBeneficiaries
from daycover.store.claims import StoredClaims
from daycover.store.designations import StoredDesignations
from tests.functional.claims.aws import OPERATIONS, cipher, local_aws, operations_table
from tests.support.builders import WORKER
from tests.support.claims import REPORTED_AT
from tests.support.fakes.claims import FakeClaims
from tests.support.fakes.payouts import FakeAccounts, FakeBeneficiaries, FakeDesignations
from tests.unit.claims.world import World
from tests.unit.payouts.test_beneficiaries import THREE, a_beneficiary
from tests.unit.payouts.test_designation import named

OWNERS = {"A" * 20: "P1", "B" * 20: "P2", "C" * 20: "P3"}


class Stores(NamedTuple):
    claims: Claims
    beneficiaries: BeneficiaryStore


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        claims = FakeClaims()
        return Stores(claims, FakeBeneficiaries(claims, FakeAccounts(claims)))
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    stored = StoredClaims(table, sealed, reserve_entries)
    return Stores(stored, StoredBeneficiaries(table, stored, sealed))


def added(stores: Stores) -> Claim:
    claim = World().agreed()
    stores.claims.add(claim, opening(claim, Actor.worker(WORKER)))
    return claim


def stated(claim: Claim, version: int = 1) -> Beneficiaries:
    return Beneficiaries(
        claim_no=claim.claim_no,
        version=version,
        people=THREE,
        relation_proof="D1",
        stated_by="adjuster-1",
        stated_at=REPORTED_AT,
    )


def a_change(claim: Claim, event: ClaimEvent = ClaimEvent.BENEFICIARIES_STATED) -> ClaimChange:
    return record(claim, event, at=REPORTED_AT, by=Actor.staff("adjuster-1"))


def test_beneficiaries_come_back_whole_when_they_were_stated_and_confirmed(stores: Stores) -> None:
    claim = added(stores)
    assert stores.beneficiaries.find(claim.claim_no) == Beneficiaries(claim_no=claim.claim_no)
    change = a_change(claim)
    stores.beneficiaries.state(stated(claim), change, OWNERS)
    assert stores.beneficiaries.find(claim.claim_no) == stated(claim)
    assert stores.beneficiaries.find(claim.claim_no).payees() == {}
    confirmed = {"version": 2, "confirmed_by": "senior-1", "confirmed_at": REPORTED_AT}
    found = stated(claim).model_copy(update=confirmed)
    stores.beneficiaries.confirm(found, a_change(change.after, ClaimEvent.BENEFICIARIES_CONFIRMED))
    assert stores.beneficiaries.find(claim.claim_no) == found
    assert list(found.payees()) == ["B1", "B2", "B3"]
    assert stores.claims.get(claim.claim_no).version == claim.version + 2


def test_thirds_and_documents_come_back_when_heirs_are_from_elsewhere(stores: Stores) -> None:
    claim = added(stores)
    kinds = ((IdDocumentType.HK_MO_PERMIT, "H12345678"), (IdDocumentType.PASSPORT, "E12345678"))
    people = tuple(
        a_beneficiary(place, "1/3", document_type=kind, document_number=number)
        for place, (kind, number) in enumerate(kinds, start=1)
    )
    elsewhere = stated(claim).model_copy(update={"people": (*people, a_beneficiary(3, "1/3"))})
    stores.beneficiaries.state(elsewhere, a_change(claim), OWNERS)
    found = stores.beneficiaries.find(claim.claim_no)
    assert found == elsewhere
    assert sum(person.share for person in found.people) == 1


def test_statement_is_refused_when_claim_or_version_was_overtaken(stores: Stores) -> None:
    claim = added(stores)
    change = a_change(claim)
    stores.beneficiaries.state(stated(claim), change, OWNERS)
    for late in (
        (stated(claim), a_change(change.after)),
        (stated(claim, 3), a_change(change.after)),
        (stated(claim, 2), change),
    ):
        with pytest.raises(ConcurrentChangeError):
            stores.beneficiaries.state(*late, OWNERS)
    with pytest.raises(ConcurrentChangeError):
        stores.beneficiaries.confirm(stated(claim, 2), change)
    stores.beneficiaries.state(stated(claim, 2), a_change(change.after), OWNERS)


def test_statement_is_refused_when_an_account_pays_another_person(stores: Stores) -> None:
    claim = added(stores)
    stores.beneficiaries.state(stated(claim), a_change(claim), OWNERS)
    other = claim.model_copy(update={"claim_no": "CL2"})
    stores.claims.add(other, opening(other, Actor.worker(WORKER)))
    with pytest.raises(PayeeAccountTakenError):
        stores.beneficiaries.state(stated(other), a_change(other), OWNERS | {"B" * 20: "P9"})
    assert stores.beneficiaries.find("CL2").version == 0
    assert stores.claims.get("CL2") == other


def test_no_beneficiary_is_readable_when_the_table_is_dumped() -> None:
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    claims = StoredClaims(table, sealed, reserve_entries)
    stores = Stores(claims, StoredBeneficiaries(table, claims, sealed))
    claim = added(stores)
    stores.beneficiaries.state(stated(claim), a_change(claim), OWNERS)
    dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    for person in THREE:
        for secret in (person.name, person.document_number, person.account_no, person.account_no[-6:]):
            assert secret not in dump
            assert secret not in repr(person)


@pytest.fixture(params=["fake", "dynamodb"])
def designations(request: pytest.FixtureRequest) -> Designations:
    if request.param == "fake":
        return FakeDesignations()
    return StoredDesignations(operations_table(), cipher(local_aws()))


def a_designation(version: int = 1, person_id: str = "P1") -> Designation:
    return Designation(
        person_id=person_id,
        version=version,
        people=(named(1, "1/3"), named(2, "2/3")),
        stated_by=WORKER,
        stated_at=REPORTED_AT,
    )


def test_every_designation_stays_when_another_follows(designations: Designations) -> None:
    assert designations.list_of("P1") == []
    versions = [a_designation(), a_designation(2), a_designation(3).model_copy(update={"people": ()})]
    for version in versions:
        designations.add(version)
    designations.add(a_designation(person_id="P2"))
    assert designations.list_of("P1") == versions
    with pytest.raises(ConcurrentChangeError):
        designations.add(a_designation(2))
    assert designations.delete_all("P1") == 3
    assert (designations.list_of("P1"), designations.delete_all("P1")) == ([], 0)
    assert designations.list_of("P2") == [a_designation(person_id="P2")]


def test_nobody_designated_is_readable_when_the_table_is_dumped() -> None:
    StoredDesignations(operations_table(), cipher(local_aws())).add(a_designation())
    dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    for person in a_designation().people:
        assert person.name not in dump
        assert person.document_number not in dump
