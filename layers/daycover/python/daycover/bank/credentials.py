"""What we need to speak to the bank, as it lies in the secret store."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, StringConstraints

SECRET_CHARACTERS = 32


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SECRET_CHARACTERS:
        raise ValueError("the bank's secret must have 32 characters or more")
    return secret


class BankCredentials(BaseModel, defer_build=True):
    """Our client number at the bank, the secret both sides sign with, and the account that pays."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    client_id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4,32}$")]
    secret: Annotated[SecretStr, AfterValidator(_long_enough)]
    debit_account: Annotated[str, StringConstraints(pattern=r"^[0-9]{8,32}$")]
