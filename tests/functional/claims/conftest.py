"""Fixtures of the claims' functional tests."""

from collections.abc import Iterator

import pytest

from daycover.platform.config import Config
from tests.functional.claims.aws import local_aws


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    with local_aws() as config:
        yield config
