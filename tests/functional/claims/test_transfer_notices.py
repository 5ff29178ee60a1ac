"""WeChat's notice: believed only if it is signed, kept once, and answered fast with nothing in it."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from daycover.claims.claim import Claim
from daycover.payouts.payout import PayoutState, payout_number
from daycover.platform.config import Config
from tests.functional.claims.stage import CREDENTIALS, Stage, body_of
from tests.simulators.signing import sealed_resource, signature_headers


def a_notice(claim: Claim, **changes: Any) -> bytes:
    bill = {
        "mch_id": CREDENTIALS.mchid,
        "out_bill_no": payout_number(claim.claim_no, 1),
        "transfer_bill_no": "W1",
        "state": "SUCCESS",
        "transfer_amount": 358_000,
    } | changes
    plain = json.dumps(bill).encode()
    envelope = {
        "id": "EV-2026112400000001",
        "create_time": "2026-11-24T11:30:00+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "MCHTRANSFER.BILL.FINISHED",
        "resource": sealed_resource(CREDENTIALS.apiv3_key, plain, "mch_payment"),
    }
    return json.dumps(envelope).encode()


def an_event(body: bytes, headers: dict[str, str], *, binary: bool) -> dict[str, Any]:
    """The proxy event; the API's binary media types make the gateway encode the body."""
    path = "/v1/wechat/transfer-notices"
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": headers | {"Content-Type": "application/json"},
        "requestContext": {"requestId": "r", "stage": "v1", "httpMethod": "POST", "resourcePath": path},
        "queryStringParameters": None,
        "body": base64.b64encode(body).decode() if binary else body.decode(),
        "isBase64Encoded": binary,
    }


@pytest.fixture
def stage(aws: Config, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(aws, monkeypatch)


def deliver(stage: Stage, body: bytes, *, binary: bool = True) -> Any:
    """Sign as WeChat does, now, and hand over."""
    stage.at = datetime.now(UTC)
    event = an_event(body, signature_headers(CREDENTIALS, body), binary=binary)
    return stage.invoke("receive_transfer_notice", event)


@pytest.mark.parametrize("binary", [True, False])
def test_waiting_payout_is_woken_when_a_signed_notice_arrives(stage: Stage, binary: bool) -> None:
    claim = stage.submitted()
    payout_id = payout_number(claim.claim_no, 1)
    stage.payouts.pay_obligation.hold(payout_id, "waiting")
    response = deliver(stage, a_notice(claim), binary=binary)
    assert response["statusCode"] == 204
    assert not response["body"]
    assert stage.adapters.workflows.answers == {"waiting": {"outcome": "NOTICED"}}
    assert stage.adapters.payouts.get(payout_id).state is PayoutState.SUBMITTED, "only asking decides"


def test_nothing_more_happens_when_the_notice_repeats(stage: Stage) -> None:
    claim = stage.submitted()
    body = a_notice(claim)
    for _ in range(3):
        assert deliver(stage, body)["statusCode"] == 204
    notices = list(
        stage.adapters.operations.query_all(f"PAYOUT#{payout_number(claim.claim_no, 1)}", "NOTICE#")
    )
    assert len(notices) == 1


def test_notice_is_refused_when_its_body_was_changed(stage: Stage) -> None:
    claim = stage.submitted()
    body = a_notice(claim)
    stage.at = datetime.now(UTC)
    event = an_event(body + b" ", signature_headers(CREDENTIALS, body), binary=True)
    response = stage.invoke("receive_transfer_notice", event)
    assert response["statusCode"] == 401
    assert body_of(response)["code"] == "SIGN_ERROR"


def test_notice_is_refused_when_it_is_old(stage: Stage) -> None:
    """A replay of a genuine notice, hours later."""
    claim = stage.submitted()
    body = a_notice(claim)
    event = an_event(body, signature_headers(CREDENTIALS, body), binary=True)
    stage.at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + 3600, UTC)
    assert stage.invoke("receive_transfer_notice", event)["statusCode"] == 401


def test_probe_is_refused_when_wechat_tests_our_check(stage: Stage) -> None:
    claim = stage.submitted()
    body = a_notice(claim)
    stage.at = datetime.now(UTC)
    event = an_event(body, signature_headers(CREDENTIALS, body, probe=True), binary=True)
    assert stage.invoke("receive_transfer_notice", event)["statusCode"] == 401


@pytest.mark.parametrize("changes", [{"mch_id": "1"}, {"state": "PROCESSING"}, {"transfer_amount": "much"}])
def test_notice_is_refused_when_it_is_not_about_our_final_bills(
    stage: Stage, changes: dict[str, object]
) -> None:
    claim = stage.submitted()
    response = deliver(stage, a_notice(claim, **changes))
    assert response["statusCode"] == 400
    assert set(body_of(response)) == {"code", "message"}


def test_notice_is_refused_when_the_payout_is_not_ours(stage: Stage) -> None:
    claim = stage.submitted()
    assert deliver(stage, a_notice(claim, out_bill_no="CL0P1"))["statusCode"] == 404


def test_notice_is_asked_for_again_when_the_store_is_out_of_reach(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = stage.submitted()

    def broken(*_: object) -> None:
        raise RuntimeError("no table")

    monkeypatch.setattr(stage.adapters.payouts, "note", broken)
    response = deliver(stage, a_notice(claim))
    assert response["statusCode"] == 500
    assert body_of(response)["code"] == "SYSTEM_ERROR"


def test_no_bill_number_leaks_when_a_body_is_no_json(stage: Stage) -> None:
    response = deliver(stage, b"\xff\xfe not json")
    assert response["statusCode"] == 400
