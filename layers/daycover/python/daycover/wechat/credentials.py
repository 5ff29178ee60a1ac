"""What the service provider needs to speak to WeChat, as it lies in the secret store."""

from collections.abc import Mapping
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
)

APIV3_KEY_BYTES = 32


def _private_key(pem: object) -> object:
    try:
        # proving the key's primes costs a fifth of a cold start; whoever could plant a bad key holds the secret anyway
        return load_pem_private_key(str(pem).encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not an unencrypted PEM private key") from None


def _public_key(pem: object) -> object:
    try:
        return load_pem_public_key(str(pem).encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a PEM public key") from None


def _of_aes_length(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().encode()) != APIV3_KEY_BYTES:
        raise ValueError("the APIv3 key must be 32 bytes")
    return key


ReportText = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class MerchantCredentials(BaseModel, defer_build=True):
    """The service provider's identity and keys; PEM texts become keys once, when the secret is read.

    `appid`: the service provider's mini program. `serial_no`: hex serial of the merchant certificate.
    `wechatpay_public_keys`: key by `Wechatpay-Serial`; more than one while WeChat moves a merchant to a
    new key. `product_filing_no` and `product_name` fill the claim scene's report items (32 characters).
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)

    mchid: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,32}$")]
    appid: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    app_secret: SecretStr
    serial_no: Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{1,64}$")]
    private_key: Annotated[RSAPrivateKey, BeforeValidator(_private_key), Field(repr=False)]
    apiv3_key: Annotated[SecretStr, AfterValidator(_of_aes_length)]
    wechatpay_public_keys: Annotated[
        Mapping[str, Annotated[RSAPublicKey, BeforeValidator(_public_key)]], Field(min_length=1, repr=False)
    ]
    product_filing_no: ReportText
    product_name: ReportText

    @property
    def sealing_key_id(self) -> str:
        """Give the id of the key that seals fields; it also goes into `Wechatpay-Serial`."""
        return next(iter(self.wechatpay_public_keys))

    @property
    def sealing_key(self) -> RSAPublicKey:
        """Give the key that seals fields: the first one of the secret."""
        return self.wechatpay_public_keys[self.sealing_key_id]
