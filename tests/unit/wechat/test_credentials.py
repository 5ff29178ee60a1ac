import json
import traceback

import pytest
from pydantic import ValidationError

from daycover.wechat.credentials import MerchantCredentials
from tests.unit.wechat.merchant import (
    APIV3_KEY,
    APP_SECRET,
    KEY_ID,
    MERCHANT_KEY,
    WECHAT_KEY,
    a_secret,
    private_pem,
)

pytestmark = pytest.mark.disable_socket


def read(**changes: object) -> MerchantCredentials:
    return MerchantCredentials.model_validate_json(json.dumps(a_secret(**changes)))


def test_first_key_seals_when_the_secret_holds_several() -> None:
    merchant = read()
    assert merchant.sealing_key_id == KEY_ID
    assert merchant.sealing_key.public_numbers() == WECHAT_KEY.public_key().public_numbers()
    assert len(merchant.wechatpay_public_keys) == 2


def test_no_secret_is_shown_when_printed() -> None:
    shown = repr(read()) + str(read())
    assert "PRIVATE" not in shown
    assert APIV3_KEY not in shown
    assert APP_SECRET not in shown


def test_nothing_can_be_changed_when_read() -> None:
    with pytest.raises(ValidationError):
        read().mchid = "1900000002"  # type: ignore[misc]


@pytest.mark.parametrize(
    "changes",
    [
        {"private_key": "nonsense " + APIV3_KEY},
        {"private_key": None},
        {"apiv3_key": APIV3_KEY + "x"},
        {"apiv3_key": "理" * 32},
        {"wechatpay_public_keys": {}},
        {"wechatpay_public_keys": {KEY_ID: "nonsense"}},
        {"product_name": "险" * 33},
        {"serial_no": "not hex"},
    ],
)
def test_secret_is_refused_without_being_shown_when_a_part_is_wrong(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**changes)
    text = "".join(traceback.format_exception(refused.value))
    assert APIV3_KEY not in text
    assert private_pem(MERCHANT_KEY)[40:80] not in text
