"""Fixtures of the claims' functional tests."""

import functools
from collections.abc import Iterator

import botocore.loaders
import pytest

from daycover.platform.config import Config
from tests.functional.claims.aws import local_aws


@pytest.fixture(scope="session", autouse=True)
def _service_models_read_once() -> Iterator[None]:
    """Each `mock_aws` begins a new session, which would parse megabytes of service models again."""
    loader = botocore.loaders.JSONFileLoader
    original = loader.load_file
    cached = functools.lru_cache(maxsize=None)(functools.partial(original, loader()))
    loader.load_file = lambda self, path: cached(path)
    yield
    loader.load_file = original


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    with local_aws(monkeypatch) as config:
        yield config
