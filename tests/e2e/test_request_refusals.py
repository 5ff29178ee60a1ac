"""Requests that no route can take: malformed, invalid, oversized, unknown ids, no or wrong tokens."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.problems import assert_refused
from tests.support.http import Answer, Api
from tests.support.world import COMPANY, World, wanted_project

pytestmark = pytest.mark.stack

Ask = Callable[[str | None], Answer]
UNKNOWN_POLICY = "DC" + "0" * 28
UNKNOWN_CLAIM = "CL" + "0" * 24


def getting(api: Api, path: str) -> Ask:
    return lambda language: api.speaking(language).get(path)


def posting(api: Api, path: str, body: Any) -> Ask:
    return lambda language: api.speaking(language).post(path, body)


@pytest.mark.parametrize("content", [b"{", b'{"login_code": }', b"not json", b"\xff\xfe"])
def test_request_is_refused_when_it_is_not_json(world: World, content: bytes) -> None:
    assert_refused(
        lambda language: world.api.speaking(language).send("POST", "/v1/sessions", content),
        400,
        "malformed-json",
    )


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_request_is_refused_unread_when_it_does_not_call_itself_json(world: World, content_type: str) -> None:
    content = b'{"client_id": "sp-e2e", "client_secret": "a value that must not come back"}'
    problem = assert_refused(
        lambda language: world.api.speaking(language).send(
            "POST", "/v1/tokens", content, headers={"Content-Type": content_type}
        ),
        415,
        "unsupported-content-type",
    )
    assert "must not come back" not in json.dumps(problem)


def test_request_is_refused_with_pointers_when_its_content_is_invalid(world: World) -> None:
    secret = "a value that must not come back"
    body = wanted_project() | {"headcount": 0, "scene": secret, secret: 1}
    problem = assert_refused(
        lambda language: world.provider.create_project(COMPANY.company_id, body, language),
        422,
        "invalid-content",
    )
    assert {error["pointer"] for error in problem["errors"]} == {"/headcount", "/scene", ""}
    assert secret not in json.dumps(problem)


def test_request_is_refused_when_its_body_is_oversized(world: World) -> None:
    problem = assert_refused(
        lambda language: world.api.speaking(language).post("/v1/sessions", {"login_code": "x" * 70_000}),
        413,
        "body-too-large",
    )
    assert problem["limit_bytes"] == 65_536


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        (f"/v1/policies/{UNKNOWN_POLICY}", "policy-not-found"),
        ("/v1/policies/nonsense", "policy-not-found"),
        (f"/v1/claims/{UNKNOWN_CLAIM}", "claim-not-found"),
        (f"/v1/verifications/{UNKNOWN_POLICY}", "policy-not-found"),
    ],
)
def test_worker_finds_nothing_when_the_id_is_unknown(world: World, path: str, slug: str) -> None:
    worker = world.worker()
    assert_refused(lambda language: worker.api.speaking(language).get(path), 404, slug)


@pytest.mark.parametrize(
    ("path", "body", "slug"),
    [
        ("/v1/check-ins/20260101-01/policy", None, "check-in-not-found"),
        (f"/v1/claims/{UNKNOWN_CLAIM}/answer", {"answer": "ACCEPT"}, "claim-not-found"),
        (f"/v1/claims/{UNKNOWN_CLAIM}/documents/D{'0' * 24}/receipt", None, "claim-not-found"),
    ],
)
def test_worker_changes_nothing_when_the_id_is_unknown(world: World, path: str, body: Any, slug: str) -> None:
    worker = world.worker()

    def ask(language: str | None) -> Any:
        api = worker.api.speaking(language)
        return api.post(path) if body is None else api.post(path, body)

    assert_refused(ask, 404, slug)


def test_staff_find_nothing_when_the_claim_is_unknown(world: World) -> None:
    senior = world.staff("staff-gu")
    path = f"/v1/staff/claims/{UNKNOWN_CLAIM}"
    assert_refused(lambda language: senior.api.speaking(language).get(path), 404, "claim-not-found")
    assert_refused(lambda language: senior.decide(UNKNOWN_CLAIM, language=language), 404, "claim-not-found")
    assert_refused(lambda language: senior.acknowledge(UNKNOWN_CLAIM, language), 404, "claim-not-found")


def test_policy_is_not_found_when_it_is_another_workers(world: World) -> None:
    owner, policy = world.insured_worker()
    other, _ = world.insured_worker()
    path = f"/v1/policies/{policy['policy_no']}"
    owner.api.get(path).expect(200)
    assert_refused(lambda language: other.api.speaking(language).get(path), 404, "policy-not-found")


def test_staff_are_refused_when_it_is_not_their_duty(world: World) -> None:
    _, claim_no = world.referred_claim()
    auditor, adjuster = world.staff("staff-fang"), world.staff("staff-shen")
    auditor.claim_file(claim_no).expect(200)
    assert_refused(lambda language: auditor.decide(claim_no, language=language), 403, "forbidden")
    assert_refused(lambda language: adjuster.acknowledge(claim_no, language), 403, "forbidden")
    assert adjuster.trigger_payout(claim_no).status == 403


def test_sign_in_is_refused_when_the_login_code_was_used(world: World) -> None:
    worker = world.worker()
    code = world.simulated.login_code(worker.person.openid)
    world.api.post("/v1/sessions", {"login_code": code}).expect(200)
    assert_refused(
        lambda language: world.api.speaking(language).post("/v1/sessions", {"login_code": code}),
        401,
        "login-code",
    )


@pytest.mark.parametrize("client_id", ["sp-e2e", "sp-nobody"])
def test_sign_in_is_refused_when_the_client_secret_is_wrong(world: World, client_id: str) -> None:
    body = {"client_id": client_id, "client_secret": "wrong"}
    assert_refused(
        lambda language: world.api.speaking(language).post("/v1/tokens", body), 401, "client-credentials"
    )


def test_sign_in_is_refused_when_the_staff_token_is_not_good(world: World) -> None:
    expired = world.simulated.id_token("staff-gu", "daycover-staff", expires_in=-3600)
    foreign = world.simulated.id_token("staff-gu", "another-product")
    other = world.simulated.id_token("staff-gu", "daycover-staff") | {"nonce": "n" * 43}
    for proof in (expired, foreign, other, other | {"id_token": "e30.e30.e30"}):
        assert_refused(posting(world.api, "/v1/staff-sessions", proof), 401, "staff-token")


def test_sign_in_is_refused_when_the_staff_token_comes_again(world: World) -> None:
    proof = world.simulated.id_token("staff-gu", "daycover-staff")
    world.api.post("/v1/staff-sessions", proof).expect(200)
    assert_refused(posting(world.api, "/v1/staff-sessions", proof), 401, "staff-token-used")


def test_health_needs_no_token(world: World) -> None:
    assert world.api.get("/v1/health").expect(200) == {"status": "ok"}
