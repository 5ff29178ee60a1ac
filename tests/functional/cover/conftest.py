"""The store, in memory and on moto."""

import functools
from collections.abc import Iterator

import botocore.loaders
import pytest

from tests.functional.cover.stores import Store, in_memory, on_dynamodb
from tests.support.aws import moto_aws


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
def real_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The real repositories; nothing leaves the process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with moto_aws():
        yield on_dynamodb()


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Store:
    """Whatever holds for one holds for the other."""
    if request.param == "fake":
        return in_memory()
    real: Store = request.getfixturevalue("real_store")
    return real
