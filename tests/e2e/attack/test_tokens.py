"""Tokens that are none, somebody else's, or of another kind: the gateway answers before any function of ours runs."""

import base64
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.problems import PROBLEM_BASE, assert_refused
from tests.support.functions import ROOT
from tests.support.http import Answer, Api
from tests.support.world import COMPANY, World

pytestmark = pytest.mark.stack
ROUTES: dict[str, dict[str, Any]] = json.loads((ROOT / "functions" / "routes.json").read_text("utf-8"))
IDS = {"claim_no": "CL" + "0" * 24, "policy_no": "DC" + "0" * 28, "company_id": COMPANY.company_id}
HUGE = 9_000
"""Characters; the gateway itself takes 10,240 in all headers together."""


def assert_unauthenticated(answer: Answer) -> None:
    """The gateway's own answer: one text for both languages, because it knows no caller's language."""
    assert answer.status == 401, answer.content[:300]
    assert answer.content_type.startswith("application/problem+json")
    problem = answer.body
    assert problem["type"] == PROBLEM_BASE + "unauthenticated"
    assert problem["status"] == 401
    assert problem["title"] == "请先登录 / Sign in first"
    assert problem["instance"]


def guarded() -> list[tuple[str, str]]:
    """Every route that asks for a token, by method and path with made-up ids."""
    found = []
    for path, methods in ROUTES.items():
        for method, operation in methods.items():
            if operation.get("security"):
                parts = [
                    IDS.get(part[1:-1], "7") if part.startswith("{") else part for part in path.split("/")
                ]
                found.append((method.upper(), "/".join(parts)))
    return found


def test_every_guarded_route_asks_for_a_token_before_anything_else(world: World) -> None:
    routes = guarded()
    assert len(routes) > 140
    for method, path in routes:
        body = b"{not json" if method == "POST" else b""
        for token in (None, "e30.e30.e30"):
            assert_unauthenticated(world.api.with_token(token).send(method, path, body))


def test_no_header_that_a_client_sends_makes_it_anybody(world: World) -> None:
    said = {
        "X-Amzn-Oidc-Identity": "staff-gu",
        "X-Authorizer": '{"role": "staff"}',
        "X-Original-URL": "/v1/health",
        "X-HTTP-Method-Override": "GET",
        "X-Forwarded-Host": "127.0.0.1",
        "Cookie": "role=staff; staff_roles=senior_adjuster",
    }
    for scheme in ("Basic c3RhZmY6c3RhZmY=", "Bearer", "Bearer ", "Digest x", "bearer null"):
        answer = world.api.send("GET", "/v1/staff/claims", headers=said | {"Authorization": scheme})
        assert_unauthenticated(answer)


def altered(token: str) -> list[str]:
    """Give what somebody makes of a genuine token who has no key."""
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))

    def written(part: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()

    as_staff = claims | {"role": "staff", "staff_roles": "senior_adjuster finance"}
    for_ever = claims | {"exp": claims["exp"] * 2}
    kid = {"kid": header["kid"]}
    asymmetric = jwt.encode(as_staff, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256")
    return [
        f"{head}.{payload[:-2]}AA.{signature}",
        f"{head}.{payload}.{signature[::-1]}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{head}.{written(as_staff)}.{signature}",
        f"{head}.{written(for_ever)}.{signature}",
        *(
            f"{written({**header, 'alg': name})}.{written(as_staff)}."
            for name in ("none", "None", "NONE", "")
        ),
        *(f"{written({**header, 'alg': name})}.{payload}.{signature}" for name in ("none", "RS256", "HS512")),
        f"{written({**header, 'jku': 'https://evil.example/keys'})}.{payload}.{signature}",
        jwt.encode(as_staff, "0" * 64, algorithm="HS256", headers=kid),
        jwt.encode(as_staff, header["kid"].ljust(32, "0"), algorithm="HS256", headers=kid),
        jwt.encode(claims | {"exp": 1}, "0" * 64, algorithm="HS256", headers=kid),
        asymmetric,
        f"{token}.{signature}",
        token + "A" * HUGE,
        token.replace(".", "%2E"),
        f"{token} {token}",
        "\u0430" + token[1:] if token[0] == "a" else token.upper(),
    ]


def test_token_is_nobody_s_when_it_was_altered_or_signed_by_another(world: World) -> None:
    worker = world.worker()
    assert worker.api.token is not None
    worker.api.get("/v1/policies").expect(200)
    for token in altered(worker.api.token):
        encoded = token.encode("utf-8", "replace").decode("latin-1")
        assert_unauthenticated(world.api.with_token(encoded).get("/v1/policies"))


def test_token_of_another_kind_is_no_access_token(world: World) -> None:
    """What we or the issuer sign for something else, and what only looks like one."""
    worker, policy = world.insured_worker()
    certificate = worker.api.get(f"/v1/policies/{policy['policy_no']}/certificate?format=json").expect(200)
    invitation = world.owner.invite(COMPANY.company_id, "OPERATOR")
    issued = world.simulated.id_token("staff-gu", "daycover-staff")
    kinds = [certificate["credential"], issued["id_token"], invitation, world.qr_token, policy["policy_no"]]
    for token in kinds:
        for path in ("/v1/policies", "/v1/staff/claims?queue=DECISION"):
            assert_unauthenticated(world.api.with_token(token).get(path))


def test_access_token_is_nothing_else(world: World) -> None:
    worker = world.worker()
    token = worker.api.token
    staff = world.api.post("/v1/staff-sessions", {"id_token": token, "nonce": "n" * 43})
    assert (staff.status, staff.body["type"]) == (401, PROBLEM_BASE + "staff-token")
    assert worker.api.get(f"/v1/scan/{token}").status == 400
    assert world.api.get(f"/v1/certificates/{token}").status in {200, 400, 404, 422}


def test_caller_is_refused_when_the_token_has_expired(world: World) -> None:
    worker = world.worker()
    worker.api.get("/v1/policies").expect(200)
    with world.function_clock_ahead("AuthorizeRequestFunction", 13 * 3600):
        # the gateway may answer from its cache for a token it knows, so the token is a new one
        assert_unauthenticated(world.worker().api.get("/v1/policies"))


def ask(api: Api, path: str, language: str | None) -> Answer:
    return api.speaking(language).get(path)


@pytest.mark.parametrize("role", ["worker", "provider", "staff"])
def test_caller_is_refused_when_the_role_is_another(world: World, role: str) -> None:
    """A sample; tests/functional/attack asks every route as everybody."""
    apis: dict[str, Api] = {
        "worker": world.worker().api,
        "provider": world.provider.api,
        "staff": world.staff("staff-shen").api,
    }
    paths = {
        "worker": "/v1/policies",
        "provider": f"/v1/companies/{COMPANY.company_id}/projects",
        "staff": "/v1/staff/claims?queue=DECISION",
    }
    for other, path in paths.items():
        if other == role:
            apis[role].get(path).expect(200)
        else:
            assert_refused(partial(ask, apis[role], path), 403, "forbidden")


def test_owner_s_colleague_is_let_in_no_more_from_the_next_request_on(world: World) -> None:
    """A token lives for hours; what it may do is asked with each request."""
    company = COMPANY.company_id
    colleague = type(world.owner)(
        world.api, world.simulated, openid=f"o-colleague-{datetime.now(UTC):%H%M%S%f}"
    )
    invitation = world.owner.invite(company, "OPERATOR", "FINANCE")
    colleague.sign_in(invitation=invitation, name="季晓岚").expect(200)
    credit = f"/v1/companies/{company}/credit"
    colleague.api.get(credit).expect(200)
    removal = f"/v1/companies/{company}/operators/{colleague.operator_id}/removal"
    world.owner.api.post(removal).expect(200)
    for path in (credit, f"/v1/companies/{company}/projects"):
        refused = colleague.api.get(path)
        assert (refused.status, refused.body["type"]) == (403, PROBLEM_BASE + "company-not-authorised")
    again = colleague.sign_in(invitation=invitation, name="季晓岚")
    assert again.status in {409, 410}, again.content
