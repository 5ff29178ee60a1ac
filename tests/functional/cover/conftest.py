"""The store, in memory, on moto and on the simulator's DynamoDB."""

import pytest

from tests.functional.cover.stores import Store, in_memory, on_dynamodb, on_simulated_dynamodb
from tests.support.in_process_aws import empty_aws


@pytest.fixture
def real_store() -> Store:
    """The real repositories; nothing leaves the process."""
    empty_aws()
    return on_dynamodb()


@pytest.fixture(params=["fake", "dynamodb", "simulated"])
def store(request: pytest.FixtureRequest) -> Store:
    """Whatever holds for one holds for the others."""
    if request.param == "fake":
        return in_memory()
    if request.param == "simulated":
        return on_simulated_dynamodb()
    real: Store = request.getfixturevalue("real_store")
    return real
