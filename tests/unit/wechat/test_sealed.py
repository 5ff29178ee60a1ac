from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from wechatpayv3 import utils as other

from daycover.wechat.sealed import SealError, open_resource, seal_field
from tests.unit.wechat.merchant import APIV3_KEY, WECHAT_KEY

pytestmark = pytest.mark.disable_socket

NONCE = "fdasflkja484"
# Node's crypto, aes-256-gcm, ciphertext and tag, associated data mch_payment.
NODE_SEALED_RESOURCE = "kdUs5wkZduF97r3DjLkH4nb+eGxhRjtpY4IZWhcnkLfMjj8chJImHxh0hKDfKAH0oVkp"


@given(st.text(max_size=53))
def test_field_opens_in_the_other_client_when_sealed_here(text: str) -> None:
    assert other.rsa_decrypt(seal_field(text, WECHAT_KEY.public_key()), WECHAT_KEY) == text


def test_field_is_sealed_up_to_214_bytes_when_the_key_has_2048_bits() -> None:
    key = WECHAT_KEY.public_key()
    assert other.rsa_decrypt(seal_field("x" * 214, key), WECHAT_KEY) == "x" * 214
    with pytest.raises(ValueError, match=r".*"):
        seal_field("x" * 215, key)


def opened(
    ciphertext: str = NODE_SEALED_RESOURCE, nonce: str = NONCE, associated_data: str = "mch_payment"
) -> bytes:
    return open_resource(
        ciphertext=ciphertext, nonce=nonce, associated_data=associated_data, apiv3_key=APIV3_KEY
    )


def test_resource_opens_alike_when_node_sealed_it() -> None:
    assert opened().decode() == '{"state":"SUCCESS","name":"张三"}'
    assert opened().decode() == other.aes_decrypt(NONCE, NODE_SEALED_RESOURCE, "mch_payment", APIV3_KEY)


@given(text=st.text(), associated_data=st.text(max_size=16))
def test_resource_opens_like_the_other_client_when_sealed_with_any_text(
    text: str, associated_data: str
) -> None:
    box = AESGCM(APIV3_KEY.encode()).encrypt(NONCE.encode(), text.encode(), associated_data.encode())
    sealed = b64encode(box).decode()
    assert opened(sealed, associated_data=associated_data).decode() == text
    assert other.aes_decrypt(NONCE, sealed, associated_data, APIV3_KEY) == text


@given(place=st.integers(0, len(b64decode(NODE_SEALED_RESOURCE)) - 1), flip=st.integers(1, 255))
def test_resource_is_refused_when_any_byte_differs(place: int, flip: int) -> None:
    box = bytearray(b64decode(NODE_SEALED_RESOURCE))
    box[place] ^= flip
    with pytest.raises(SealError):
        opened(b64encode(box).decode())


@pytest.mark.parametrize(
    ("ciphertext", "nonce", "associated_data"),
    [
        ("not base64!", NONCE, "mch_payment"),
        ("", NONCE, "mch_payment"),
        (NODE_SEALED_RESOURCE, "short", "mch_payment"),
        (NODE_SEALED_RESOURCE, "", "mch_payment"),
        (NODE_SEALED_RESOURCE, NONCE, ""),
    ],
)
def test_resource_is_refused_when_a_part_is_wrong(ciphertext: str, nonce: str, associated_data: str) -> None:
    with pytest.raises(SealError):
        opened(ciphertext, nonce, associated_data)
