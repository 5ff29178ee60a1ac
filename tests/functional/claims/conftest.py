"""Fixtures of the claims' functional tests."""

import pytest

from daycover.platform.config import Config
from tests.functional.claims.aws import local_aws


@pytest.fixture
def aws() -> Config:
    return local_aws()
