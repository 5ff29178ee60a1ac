"""The RSA keys of the tests, made once for each process: one key costs as much as twenty tests."""

from functools import cache

from tests.simulators.credentials import Credentials, InsurerKeys, make_credentials


@cache
def merchant_credentials() -> Credentials:
    return make_credentials()


@cache
def insurer_keys() -> InsurerKeys:
    return InsurerKeys("DAYCOVER-1", "k" * 64)
