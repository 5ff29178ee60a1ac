"""The RSA keys of the tests, made once for each process: one key costs as much as twenty tests."""

from functools import cache

from daycover.wechat.credentials import MerchantCredentials
from tests.simulators.credentials import Credentials, InsurerKeys, make_credentials


@cache
def merchant_credentials() -> Credentials:
    return make_credentials()


@cache
def read_credentials(known: Credentials) -> MerchantCredentials:
    """Give what the product makes of a merchant's secret; reading a private key means checking it."""
    return MerchantCredentials.model_validate(known.merchant_json())


@cache
def insurer_keys() -> InsurerKeys:
    return InsurerKeys("DAYCOVER-1", "k" * 64)
