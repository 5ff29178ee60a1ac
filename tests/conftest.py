"""What every folder of tests shares: the option that names a running stack, and the stack itself."""

import pytest

from tests.support.stack import seeded, stack, world

__all__ = ["seeded", "stack", "world"]


def pytest_addoption(parser: pytest.Parser) -> None:
    try:
        parser.addoption("--base-url", help="use the stack of a running `make run` at this address")
    except ValueError:
        pass  # another plugin has the same option
