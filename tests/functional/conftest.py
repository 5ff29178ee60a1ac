"""What all functional tests share: moto, the keys of WeChat's merchant, and its work card where one wants it."""

from pathlib import Path

import pytest

from tests.functional.cover.gate import Gate, whole_aws
from tests.simulators.credentials import Credentials
from tests.support.in_process_aws import in_process_aws
from tests.support.key_material import merchant_credentials
from tests.support.work_card import card

__all__ = ["card", "in_process_aws"]


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return merchant_credentials()


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where simulators keep their keys, so that only the first of them makes any."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def gate(credentials: Credentials) -> Gate:
    """A world that nobody has walked through yet."""
    return Gate(whole_aws(), credentials)
