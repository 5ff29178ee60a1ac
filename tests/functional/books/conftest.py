"""The ports of the day's money, in memory and on moto."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from daycover.store.companies import StoredCompanies
from daycover.store.deposits import StoredDeposits, StoredPayments
from daycover.store.dynamodb import Table
from daycover.store.endorsements import StoredEndorsements, StoredMasterPolicies
from daycover.store.journal import StoredCredit, StoredJournal
from daycover.store.projects import StoredProjects
from daycover.store.settlements import StoredSettlements
from daycover.store.statements import StoredStatements
from tests.functional.claims.aws import BUCKET, OPERATIONS, local_aws
from tests.support.aws import client_of
from tests.support.fakes.books import (
    FakeCredit,
    FakeDeposits,
    FakeEndorsements,
    FakeJournal,
    FakeMasterPolicies,
    FakePayments,
    FakeSettlements,
    FakeStatements,
)
from tests.support.fakes.projects import FakeCompanies, FakeProjects


@dataclass
class Money:
    """`table` is None for the fakes."""

    journal: Any
    credit: Any
    statements: Any
    companies: Any
    projects: Any
    masters: Any
    endorsements: Any
    deposits: Any
    payments: Any
    settlements: Any
    table: Table | None = None


@pytest.fixture
def real_money() -> Money:
    local_aws()
    table, s3 = Table(client_of("dynamodb"), OPERATIONS), boto3.client("s3")
    return Money(
        StoredJournal(table),
        StoredCredit(table),
        StoredStatements(table, s3, BUCKET),
        StoredCompanies(table),
        StoredProjects(table),
        StoredMasterPolicies(table),
        StoredEndorsements(table),
        StoredDeposits(table),
        StoredPayments(table),
        StoredSettlements(table),
        table,
    )


@pytest.fixture(params=["fake", "dynamodb"])
def money(request: pytest.FixtureRequest) -> Money:
    """Whatever holds for one holds for the other."""
    if request.param == "fake":
        journal, credit = FakeJournal(), FakeCredit()
        deposits = FakeDeposits(journal)
        return Money(
            journal,
            credit,
            FakeStatements(),
            FakeCompanies(),
            FakeProjects(),
            FakeMasterPolicies(),
            FakeEndorsements(),
            deposits,
            FakePayments(journal, credit, deposits),
            FakeSettlements(journal),
        )
    real: Money = request.getfixturevalue("real_money")
    return real
