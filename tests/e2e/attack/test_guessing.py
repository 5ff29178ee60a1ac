"""Whoever tries numbers, codes and certificates learns nothing from the answers."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.problems import PROBLEM_BASE, assert_refused
from tests.support.http import Answer
from tests.support.world import World

pytestmark = pytest.mark.stack
VARIES = {
    "date",
    "x-amzn-requestid",
    "apigw-requestid",
    "x-amz-apigw-id",
    "x-amz-request-id",
    "x-amzn-trace-id",
}
LOOK_ALIKES = str.maketrans(
    {"A": "\u0410", "B": "\u0412", "E": "\u0415", "H": "\u041d", "K": "\u041a", "M": "\u041c"}
)
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def said(answer: Answer) -> tuple[int, Any, dict[str, str]]:
    """What an answer tells, its own number aside."""
    body = {name: value for name, value in answer.body.items() if name != "instance"}
    return answer.status, body, {k: v for k, v in answer.headers.items() if k.lower() not in VARIES}


def test_claim_and_policy_of_another_are_answered_as_if_there_were_none(world: World) -> None:
    _, reported = world.reported_claim()
    other, _ = world.insured_worker()
    _, policy = world.insured_worker()
    for path, there, not_there in (
        ("/v1/claims/", reported["claim_no"], "CL" + "7" * 24),
        ("/v1/policies/", policy["policy_no"], "DC" + "7" * 28),
        ("/v1/policies/", policy["policy_no"][:-1] + "0", "nonsense"),
    ):
        assert said(other.api.get(path + there)) == said(other.api.get(path + not_there))
    answer = {"answer": "ACCEPT"}
    assert said(other.api.post(f"/v1/claims/{reported['claim_no']}/answer", answer)) == said(
        other.api.post(f"/v1/claims/CL{'7' * 24}/answer", answer)
    )


def test_code_of_a_gate_is_refused_when_it_only_looks_like_one(world: World) -> None:
    token, worker = world.qr_token, world.worker()
    _, other = world.open_project()
    for code in (
        token[:-1],
        token + "A",
        token.translate(LOOK_ALIKES),
        token.translate(FULL_WIDTH),
        token[:26] + other[26:],
        other[:26] + token[26:],
        "A" * len(token),
        "%00" + token,
        "..%2f" + token,
    ):
        answer = worker.scan(code)
        assert answer.status in {400, 404}, (code, answer.status)
        assert answer.body["type"].rpartition("/")[2] in {"qr-token-invalid", "not-found"}, code
        assert code not in answer.content.decode()


def test_consents_to_one_project_insure_nobody_in_another(world: World) -> None:
    _, other = world.open_project(plan_id="T3")
    worker = world.consenting_worker()
    problem = assert_refused(
        lambda language: worker.check_in(other, world.site, language=language), 422, "consent-missing"
    )
    assert problem["kinds"]
    assert worker.policies() == []


def certificate_of(world: World) -> tuple[str, str]:
    worker, policy = world.insured_worker()
    path = f"/v1/policies/{policy['policy_no']}/certificate?format=json"
    return str(worker.api.get(path).expect(200)["credential"]), str(policy["policy_no"])


def test_certificate_is_not_genuine_when_it_was_altered_or_signed_by_another(world: World) -> None:
    genuine, _ = certificate_of(world)
    second, _ = certificate_of(world)
    read = world.api.get(f"/v1/certificates/{genuine}").expect(200)
    assert read["genuine"] is True
    head, payload, signature = genuine.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    key = ec.generate_private_key(ec.SECP256R1())
    for credential in (
        f"{head}.{payload}.{second.split('.')[2]}",
        f"{head}.{second.split('.')[1]}.{signature}",
        f"{head}.{payload[:-4]}AAAA.{signature}",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[:-2]}",
        jwt.encode(claims, key, algorithm="ES256", headers={"kid": header.get("kid", "")}),
        jwt.encode(claims, "0" * 64, algorithm="HS256", headers={"kid": header.get("kid", "")}),
        jwt.encode(claims, "", algorithm="none"),
    ):
        answer = world.api.get(f"/v1/certificates/{credential}")
        assert answer.status == 200 or answer.body["type"].startswith(PROBLEM_BASE), answer.content
        assert answer.status < 500
        assert answer.status != 200 or answer.body["genuine"] is False, credential
        assert "policy_no" not in answer.body or answer.body["policy_no"] is None
        page = world.api.get(f"/c/{credential}")
        assert page.status < 500
        assert credential not in page.content.decode()


def test_public_answers_about_a_policy_say_nothing_of_the_person(world: World) -> None:
    worker, policy = world.insured_worker()
    told = world.api.get(f"/v1/verifications/{policy['policy_no']}").expect(200)
    assert told["genuine"] is True
    text = json.dumps(told, ensure_ascii=False)
    for personal in (worker.person.name, worker.person.id_number, worker.person.phone, worker.worker_id):
        assert personal not in text
    assert world.api.get(f"/v1/verifications/DC{'7' * 28}").status == 404
