"""No test here may open a socket."""

import pytest


@pytest.fixture(autouse=True)
def _no_sockets(socket_disabled: None) -> None:
    """Use pytest-socket's ban for every test of this folder."""
