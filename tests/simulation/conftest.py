"""What simulations share with the real gate they are compared with: moto, and the keys of WeChat's merchant."""

import pytest

from tests.simulators.credentials import Credentials
from tests.support.in_process_aws import in_process_aws
from tests.support.key_material import merchant_credentials

__all__ = ["in_process_aws"]


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return merchant_credentials()
