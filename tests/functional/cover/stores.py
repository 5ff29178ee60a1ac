"""The same ports: in memory, and the real repositories on moto's DynamoDB and on the simulator's."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from daycover.store.companies import StoredCompanies
from daycover.store.consents import StoredConsents
from daycover.store.cover_lines import StoredCoverLines
from daycover.store.dynamodb import Table
from daycover.store.occupation_referrals import StoredOccupationReferrals
from daycover.store.payee_checks import StoredPayeeChecks
from daycover.store.policies import StoredPolicies
from daycover.store.projects import StoredProjects
from daycover.store.referral_looks import StoredReferralLooks
from daycover.store.referrals import StoredReferrals
from daycover.store.refused_places import StoredRefusedPlaces
from daycover.store.sightings import StoredFlaggedCheckIns, StoredSightings
from daycover.store.visits import StoredVisits
from daycover.store.workers import StoredCheckIns, StoredErasures, StoredWorkers
from tests.simulation.aws.dynamodb import DynamoDB
from tests.support.aws import CountingClient, client_of
from tests.support.builders import NOW
from tests.support.fakes.cover import (
    FakeCheckIns,
    FakeCoverLines,
    FakeFlaggedCheckIns,
    FakeOccupationReferrals,
    FakePolicies,
    FakeReferralLooks,
    FakeReferrals,
    FakeRefusedPlaces,
    FakeSightings,
    FakeVisits,
)
from tests.support.fakes.identity import FakeConsents, FakeErasures, FakePayeeChecks, FakeWorkers
from tests.support.fakes.projects import FakeCompanies, FakeProjects
from tests.support.template import template

TABLES = "PoliciesTable", "OperationsTable"
SERVED = ("KeySchema", "AttributeDefinitions", "BillingMode", "StreamSpecification")


class PlainCipher:
    """Seals by a visible wrapping, so that tests can see what is sealed and bound to what."""

    def seal(self, plain: str, bound_to: str) -> str:
        return f"sealed<{bound_to}>{plain[::-1]}"

    def open(self, sealed: str, bound_to: str) -> str:
        prefix = f"sealed<{bound_to}>"
        assert sealed.startswith(prefix), "opened for another item"
        return sealed.removeprefix(prefix)[::-1]


class PlainDayCipher:
    """The same under the key of a day; `forgotten` holds the days whose key was deleted."""

    def __init__(self) -> None:
        self.forgotten: set[str] = set()

    def seal(self, plain: str, bound_to: str, day: str) -> str:
        return PlainCipher().seal(plain, f"{bound_to}@{day}")

    def open(self, sealed: str, bound_to: str, day: str) -> str | None:
        return None if day in self.forgotten else PlainCipher().open(sealed, f"{bound_to}@{day}")


@dataclass
class Store:
    """`tables` is None for the fake."""

    policies: Any
    workers: Any
    payee_checks: Any
    consents: Any
    check_ins: Any
    sightings: Any
    flagged: Any
    visits: Any
    refused: Any
    projects: Any
    companies: Any
    cover_lines: Any
    erasures: Any
    referrals: Any
    referral_looks: Any
    occupation_referrals: Any
    client: CountingClient | None = None
    tables: dict[str, Table] = field(default_factory=dict)


def in_memory() -> Store:
    workers, consents = FakeWorkers(), FakeConsents()
    return Store(
        policies=FakePolicies(),
        workers=workers,
        payee_checks=FakePayeeChecks(workers),
        consents=consents,
        check_ins=FakeCheckIns(workers, consents),
        sightings=FakeSightings(),
        flagged=FakeFlaggedCheckIns(),
        visits=FakeVisits(),
        refused=FakeRefusedPlaces(),
        projects=FakeProjects(),
        companies=FakeCompanies(),
        cover_lines=FakeCoverLines(),
        erasures=FakeErasures(),
        referrals=FakeReferrals(),
        referral_looks=FakeReferralLooks(),
        occupation_referrals=FakeOccupationReferrals(),
    )


def on_dynamodb() -> Store:
    """Needs moto around it."""
    client = CountingClient(client_of("dynamodb"))
    policies, operations = (create_table(client, name) for name in TABLES)
    return _stored(client, policies, operations)


def on_simulated_dynamodb() -> Store:
    """On the DynamoDB in which histories are simulated: whatever holds on moto holds there."""
    dynamodb = DynamoDB(lambda: NOW, Random(1))
    client = CountingClient(dynamodb)
    for name in TABLES:
        dynamodb.create_table(name)
    return _stored(client, *(Table(client, name) for name in TABLES))


def _stored(client: CountingClient, policies: Table, operations: Table) -> Store:
    cipher = PlainCipher()
    return Store(
        policies=StoredPolicies(policies),
        workers=StoredWorkers(operations, cipher),
        payee_checks=StoredPayeeChecks(operations),
        consents=StoredConsents(operations),
        check_ins=StoredCheckIns(operations, cipher, PlainDayCipher()),
        sightings=StoredSightings(operations),
        flagged=StoredFlaggedCheckIns(operations),
        visits=StoredVisits(operations, lambda: cipher),
        refused=StoredRefusedPlaces(operations),
        projects=StoredProjects(operations),
        companies=StoredCompanies(operations),
        cover_lines=StoredCoverLines(operations),
        erasures=StoredErasures(operations),
        referrals=StoredReferrals(operations, cipher),
        referral_looks=StoredReferralLooks(operations),
        occupation_referrals=StoredOccupationReferrals(operations),
        client=client,
        tables=dict(zip(TABLES, (policies, operations), strict=True)),
    )


def create_table(client: Any, logical_id: str) -> Table:
    """Create a table as the template defines it."""
    client.call("CreateTable", TableName=logical_id, **table_definition(logical_id))
    return Table(client, logical_id)


def table_definition(logical_id: str) -> dict[str, Any]:
    properties = template()["Resources"][logical_id]["Properties"]
    definition = {name: properties[name] for name in SERVED if name in properties}
    if "StreamSpecification" in definition:
        definition["StreamSpecification"] = {"StreamEnabled": True, **definition["StreamSpecification"]}
    return definition
