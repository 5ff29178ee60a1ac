"""Every request that changes something, sent twice word for word: it has come about once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.actors import WorkerApp
from tests.support.clocks import SINCE_THE_ACCIDENT
from tests.support.http import Answer, Api
from tests.support.world import World

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Twice(Api):
    """Sends everything that changes something twice, and believes the second answer."""

    def send(self, method: str, path: str, content: bytes = b"", **options: Any) -> Answer:
        first = super().send(method, path, content, **options)
        if method == "GET" or first.status >= 400:
            return first
        second = super().send(method, path, content, **options)
        assert second.status < 500, second.content
        assert second.status // 100 == 2, (path, second.content)
        return second


def twice(api: Api) -> Api:
    return Twice(api.base_url, api.token, api.language)


def test_worker_has_one_policy_one_claim_and_one_payment_when_everything_is_sent_twice(world: World) -> None:
    worker, policy = world.worker_on_shift()
    before_fen = world.simulated.ledger()["paid_out_fen"]
    worker.api = twice(worker.api)
    again = worker.become_insured(world.qr_token)
    numbers = {one["policy_no"] for one in worker.policies()}
    assert numbers == {policy["policy_no"], again["policy_no"]}
    reported = worker.report(["MEDICAL"], datetime.now(UTC) - SINCE_THE_ACCIDENT).expect(200, 202)
    claim_no = str(reported["claim_no"])
    worker.hand_in_all(reported, worker.medical_papers(claim_no, [60_000], 0))
    claim = world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")
    assert [one["claim_no"] for one in worker.api.get("/v1/claims").expect(200)["claims"]] == [claim_no]
    worker.answer_amount(claim_no).expect(200)
    finance = world.staff("staff-qiao")
    finance.api = twice(finance.api)
    bill = world.wait_for_bill(worker, claim_no)
    finance.trigger_payout(claim_no).expect(202)
    world.simulated.confirm_transfer(bill)
    world.wait_for_claim(worker, claim_no, "CLOSED")
    assert [one["state"] for one in world.bills_of(claim_no)] == ["SUCCESS"]
    assert world.simulated.ledger()["paid_out_fen"] - before_fen == claim["amount_fen"]


def test_decision_counts_once_when_staff_send_everything_twice(world: World) -> None:
    worker, claim_no = world.referred_claim()
    first, second = world.staff("staff-gu"), world.staff("staff-lu")
    first.api, second.api = twice(first.api), twice(second.api)
    first.decide(claim_no).expect(200)
    second.acknowledge(claim_no).expect(200)
    claim = world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")
    events = [line["event"] for line in claim["timeline"]]
    assert events.count("ACKNOWLEDGED") == 1
    history = [line["event"] for line in first.claim_file(claim_no).expect(200)["history"]]
    assert (history.count("DECIDED"), history.count("ACKNOWLEDGED")) == (1, 1)


def test_code_and_identity_token_of_a_sign_in_are_good_once(world: World) -> None:
    worker = WorkerApp(world.worker().person, world.api, world.simulated)
    code = world.simulated.login_code(worker.person.openid)
    proof = world.simulated.id_token("staff-gu", "daycover-staff")
    way = world.api.get(f"/v1/operator-sign-in?company_id={world.project['company_id']}").expect(200)
    issued = world.simulated.authorization_code(world.owner_sub, way["client_id"], "http://127.0.0.1/desk")
    operator = {"oidc": {"company_id": world.project["company_id"], **issued}}
    for path, body in (
        ("/v1/sessions", {"login_code": code}),
        ("/v1/staff-sessions", proof),
        ("/v1/operator-sessions", operator),
    ):
        world.api.post(path, body).expect(200)
        assert world.api.post(path, body).status == 401, path
