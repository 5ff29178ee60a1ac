"""The work card: authorisation, pre-orders, face checks and their limits, seen by an independent client."""

import json
from typing import Any

import pytest

from tests.simulators import Simulators
from tests.unit.simulators.conftest import SUB_MCHID, Merchant

PRE_ORDER = "/v3/payroll-card/authentications/pre-order"


def relation(merchant: Merchant, openid: str) -> Any:
    query = f"sub_mchid={SUB_MCHID}&appid={merchant.appid}"
    return merchant.get(f"/v3/payroll-card/relations/{openid}?{query}")[1]


def test_worker_is_authenticated_and_authorised_when_face_is_recognised(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    status, answer = merchant.pre_order_with_auth(openid)
    assert (status, answer["expires_in"], answer["sub_mchid"]) == (200, 300, SUB_MCHID)
    number = answer["authenticate_number"]
    assert merchant.authentication(number)["authenticate_state"] == "AUTHENTICATE_PROCESSING"
    assert relation(merchant, openid)["authorize_state"] == "UNAUTHORIZED"

    extra_data = merchant.show_face(number)

    found = merchant.authentication(number)
    assert extra_data["msg_type"] == "AUTHENTICATE_WITH_AUTHORIZATION"
    assert extra_data["authorize_state"] == "AUTHORIZATION_SUCCESS"
    assert found["authenticate_state"] == extra_data["authenticate_state"] == "AUTHENTICATE_SUCCESS"
    assert found["authenticate_time"].endswith("+08:00")
    assert found["authenticate_type"] == "SIGN_IN"
    assert found["project_name"] == "双十一分拣"
    assert relation(merchant, openid)["authorize_state"] == "AUTHORIZED"
    assert relation(merchant, openid)["register_state"] == "REGISTERED"


def test_client_learns_nothing_when_worker_does_not_press_done(merchant: Merchant) -> None:
    number = merchant.pre_ordered(merchant.seed_worker())
    assert merchant.show_face(number, press_done=False) is None
    assert merchant.authentication(number)["authenticate_state"] == "AUTHENTICATE_SUCCESS"


def test_check_fails_when_name_is_not_the_persons(merchant: Merchant) -> None:
    number = merchant.pre_ordered(merchant.seed_worker(), name="李四")
    assert merchant.show_face(number)["authorize_state"] == "INCONSISTENT_REAL_NAME"
    found = merchant.authentication(number)
    assert found["authenticate_state"] == "AUTHENTICATE_FAILED"
    assert found["authenticate_failed_reason"] == "INCONSISTENT_REAL_NAME"


def test_pre_order_is_refused_when_it_is_the_21st_of_the_day(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    assert [merchant.pre_order_with_auth(openid)[0] for _ in range(20)] == [200] * 20
    status, answer = merchant.pre_order_with_auth(openid)
    assert (status, answer["code"]) == (429, "FREQUENCY_LIMITED")
    assert merchant.control("GET", f"/pre-orders/{openid}") == {"counted": 20, "over_the_limit": 1}
    assert merchant.pre_order_with_auth(merchant.seed_worker())[0] == 200
    merchant.control("POST", "/clock", {"offset_seconds": 86_400})
    assert merchant.pre_order_with_auth(openid)[0] == 200


def test_every_check_of_the_day_fails_when_five_faces_failed(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    first = merchant.pre_ordered(openid)
    for _ in range(4):
        assert merchant.show_face(first, "failed") is None
        assert merchant.authentication(first)["authenticate_state"] == "AUTHENTICATE_PROCESSING"
    fifth = merchant.show_face(first, "failed")
    assert fifth["authenticate_state"] == "VERIFY_FACE_FAILED_TOO_MANY"
    assert merchant.authentication(first)["authenticate_state"] == "AUTHENTICATE_FAILED"

    sixth = merchant.pre_ordered(openid)
    assert merchant.show_face(sixth)["authenticate_state"] == "VERIFY_FACE_FAILED_TOO_MANY"
    assert merchant.authentication(sixth)["authenticate_state"] == "AUTHENTICATE_FAILED"

    merchant.control("POST", "/clock", {"offset_seconds": 86_400})
    next_day = merchant.pre_ordered(openid)
    merchant.show_face(next_day)
    assert merchant.authentication(next_day)["authenticate_state"] == "AUTHENTICATE_SUCCESS"


@pytest.mark.parametrize(
    ("age_seconds", "state"), [(298, "AUTHENTICATE_SUCCESS"), (301, "AUTHENTICATE_FAILED")]
)
def test_check_depends_on_the_age_of_the_token(merchant: Merchant, age_seconds: int, state: str) -> None:
    number = merchant.pre_ordered(merchant.seed_worker())
    merchant.control("POST", "/clock", {"offset_seconds": age_seconds})
    merchant.show_face(number)
    assert merchant.authentication(number)["authenticate_state"] == state


def repeated(merchant: Merchant, answer: str) -> tuple[Any, int, Any, Any]:
    """Order under one number twice, 100 seconds apart, where a repetition is answered so.

    Gives the first answer, status and body of the second, and what was counted.
    """
    merchant.control("POST", "/pre-orders/duplicates", {"answer": answer})
    openid = merchant.seed_worker()
    first_status, first = merchant.pre_order_with_auth(openid, number="TWICE" + answer)
    assert first_status == 200
    merchant.control("POST", "/clock", {"offset_seconds": 100})
    status, again = merchant.pre_order_with_auth(openid, number="TWICE" + answer)
    counted = merchant.control("GET", f"/pre-orders/{openid}")
    return first, status, again, counted


def test_number_is_refused_when_it_was_used(merchant: Merchant) -> None:
    _, status, answer, counted = repeated(merchant, "REFUSED")
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")
    assert counted == {"counted": 1, "over_the_limit": 0}


def test_token_comes_again_and_counts_once_when_a_repetition_is_the_same(merchant: Merchant) -> None:
    first, status, again, counted = repeated(merchant, "SAME")
    assert (status, again["token"]) == (200, first["token"])
    assert 195 <= again["expires_in"] <= 200
    assert counted == {"counted": 1, "over_the_limit": 0}


def test_new_token_comes_and_counts_once_when_a_repetition_is_fresh(merchant: Merchant) -> None:
    first, status, again, counted = repeated(merchant, "FRESH")
    assert (status, again["expires_in"]) == (200, 300)
    assert again["token"] != first["token"]
    assert counted == {"counted": 1, "over_the_limit": 0}


@pytest.mark.parametrize("answer", ["SAME", "FRESH"])
def test_number_never_goes_with_other_words_when_it_is_repeated(merchant: Merchant, answer: str) -> None:
    merchant.control("POST", "/pre-orders/duplicates", {"answer": answer})
    openid = merchant.seed_worker()
    assert merchant.pre_order_with_auth(openid, number="OTHER" + answer)[0] == 200
    status, refused = merchant.pre_order_with_auth(openid, number="OTHER" + answer, project_name="别的项目")
    assert (status, refused["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"authenticate_number": "with-dash"}, 400, "PARAM_ERROR"),
        ({"authenticate_number": "a" * 65}, 400, "PARAM_ERROR"),
        ({"project_name": "长" * 129}, 400, "PARAM_ERROR"),
        ({"authenticate_type": "NORMAL"}, 400, "PARAM_ERROR"),
        ({"employment_type": None}, 400, "PARAM_ERROR"),
        ({"user_name": "张三"}, 400, "PARAM_ERROR"),
        ({"appid": None}, 400, "PARAM_ERROR"),
        ({"appid": "wx0000000000000000"}, 400, "INVALID_REQUEST"),
        ({"openid": "nobody"}, 400, "INVALID_REQUEST"),
        ({"sub_mchid": "1900000998"}, 403, "NO_AUTH"),
    ],
)
def test_pre_order_is_refused_when_a_field_is_wrong(
    merchant: Merchant, changes: dict[str, Any], status: int, code: str
) -> None:
    answered, answer = merchant.pre_order_with_auth(merchant.seed_worker(), **changes)
    assert (answered, answer["code"]) == (status, code)
    assert set(answer) == {"code", "message", "detail"}


def test_check_is_a_plain_one_when_the_pre_order_names_no_type(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    status, ordered = merchant.pre_order_with_auth(openid, authenticate_type=None)
    assert status == 200
    found = merchant.authentication(ordered["authenticate_number"])
    assert found["authenticate_type"] == "NORMAL"


def test_company_is_refused_when_it_has_not_authorised_the_provider(merchant: Merchant) -> None:
    merchant.control("POST", "/companies", [{"sub_mchid": SUB_MCHID, "authorised": False}])
    status, answer = merchant.pre_order_with_auth(merchant.seed_worker())
    assert (status, answer["code"]) == (403, "NO_AUTH")


def test_plain_pre_order_needs_an_authorised_worker(merchant: Merchant) -> None:
    openid = merchant.seed_worker()
    order = {
        "openid": openid,
        "appid": merchant.appid,
        "sub_mchid": SUB_MCHID,
        "authenticate_number": "PLAIN0001",
        "project_name": "项目",
        "employer_name": "单位",
        "authenticate_type": "INSURANCE",
    }
    assert merchant.post(PRE_ORDER, order)[0] == 400

    token = merchant.post(
        "/v3/payroll-card/tokens",
        {
            "openid": openid,
            "appid": merchant.appid,
            "sub_mchid": SUB_MCHID,
            "user_name": merchant.sdk._core.encrypt("张三"),
            "id_card_number": merchant.sdk._core.encrypt("11010519491231002x"),
            "employment_type": "COOPERATION_EMPLOYMENT",
        },
    )[1]["token"]
    assert merchant.control("POST", "/authorisations", {"token": token}) == {
        "msg_type": "AUTH",
        "authorize_state": "",
    }
    assert merchant.post(PRE_ORDER, order)[0] == 200
    assert merchant.show_face("PLAIN0001")["msg_type"] == "AUTHENTICATE"
    assert merchant.pre_order_with_auth(openid, employment_type="LONG_TERM_EMPLOYMENT")[0] == 400
    assert merchant.pre_order_with_auth(openid, employment_type=None)[0] == 200

    merchant.control("POST", "/authorisations/withdraw", {"openid": openid, "sub_mchid": SUB_MCHID})
    assert relation(merchant, openid)["authorize_state"] == "DEAUTHORIZED"
    assert merchant.post(PRE_ORDER, order | {"authenticate_number": "PLAIN0002"})[0] == 400


def test_list_returns_pages_of_successful_checks_of_one_day(
    merchant: Merchant, simulators: Simulators
) -> None:
    openid = merchant.seed_worker()
    numbers = [merchant.pre_ordered(openid) for _ in range(12)]
    for number in numbers[:11]:
        merchant.show_face(number)
    today = simulators.wechat_pay.clock.today()
    query = f"openid={openid}&appid={merchant.appid}&sub_mchid={SUB_MCHID}&authenticate_date={today}"
    path = "/v3/payroll-card/authentications?" + query
    first, second = merchant.get(path)[1], merchant.get(path + "&offset=10&limit=10")[1]
    assert (first["total_count"], len(first["data"]), len(second["data"])) == (11, 10, 1)
    assert [entry["authenticate_number"] for entry in first["data"] + second["data"]] == numbers[:11]
    assert merchant.get(path + "&limit=11")[0] == 400
    assert merchant.get(path.replace(str(today), "2020-01-01"))[0] == 400


def test_authentication_is_not_found_for_another_company(merchant: Merchant) -> None:
    merchant.control("POST", "/companies", [{"sub_mchid": "1900000777", "authorised": True}])
    number = merchant.pre_ordered(merchant.seed_worker())
    status, answer = merchant.get(f"/v3/payroll-card/authentications/{number}?sub_mchid=1900000777")
    assert (status, answer["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_error_bodies_hold_no_personal_data(merchant: Merchant) -> None:
    answer = merchant.pre_order_with_auth(merchant.seed_worker(), user_name="张三")[1]
    assert "张三" not in json.dumps(answer, ensure_ascii=False)
