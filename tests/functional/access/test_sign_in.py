"""Signing in through the real handlers: strangers wait, owners do not, an id token opens one session."""

import copy
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from daycover.identity.door import TOLERANCE, Failures
from daycover.identity.sign_in import SpentTokens
from daycover.platform.staff import OidcIssuer
from daycover.store.sign_ins import StoredFailures, StoredSpentTokens
from tests.functional.claims.aws import local_aws, operations_table
from tests.functional.cover.gate import Gate
from tests.simulators.faults import Fault
from tests.simulators.oidc import OidcServer, StaffMember
from tests.support.builders import NOW
from tests.support.events import read_event
from tests.support.fakes.identity import FakeFailures, FakeSpentTokens
from tests.support.functions import event_file

AUDIENCE = "daycover-staff"
EVENTS = {
    "sign_in_worker": "valid.200",
    "sign_in_provider": "provider.200",
    "sign_in_staff": "adjuster.200",
}
WRONG = {
    "sign_in_worker": {"login_code": "code-used"},
    "sign_in_provider": {"client_id": "P1", "client_secret": "wrong"},
    "sign_in_staff": {"id_token": "forged", "nonce": "n" * 43},
}
Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Send:
    def sent(function: str, body: Any = None, source: str = "203.0.113.7", **headers: str) -> dict[str, Any]:
        event = copy.deepcopy(read_event(event_file(function, EVENTS[function]), gate.values))
        event["requestContext"]["identity"]["sourceIp"] = source
        event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            event["body"] = json.dumps(body)
        answer: dict[str, Any] = gate.invoke(function, event, monkeypatch)
        return answer

    return sent


def problem(answer: dict[str, Any]) -> str:
    return str(json.loads(answer["body"])["type"].rsplit("/", 1)[1])


# ---- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", EVENTS)
def test_stranger_waits_and_the_owner_elsewhere_signs_in_when_somebody_keeps_failing(
    function: str, gate: Gate, send: Send
) -> None:
    door = TOLERANCE[function.removeprefix("sign_in_")]
    for _ in range(door.of_caller or door.of_network):
        assert send(function, WRONG[function])["statusCode"] == 401
    for body in (WRONG[function], None):
        kept_out = send(function, body, X_Forwarded_For="198.51.100.9")
        assert (kept_out["statusCode"], problem(kept_out)) == (429, "too-many-attempts")
        [wait] = kept_out["multiValueHeaders"]["Retry-After"]
        assert 0 < int(wait) <= 300
        assert json.loads(kept_out["body"])["retry_after_seconds"] == int(wait)
    assert send(function, source="198.51.100.9")["statusCode"] == 200
    gate.now.advance(seconds=int(wait))
    assert send(function, WRONG[function])["statusCode"] == 401


@pytest.mark.parametrize("function", EVENTS)
def test_nothing_is_written_of_who_succeeds(function: str, gate: Gate, send: Send) -> None:
    assert send(function)["statusCode"] == 200
    assert "UpdateItem" not in [operation for operation, _ in gate.adapters.calls]


def test_unknown_client_and_wrong_secret_are_the_same_to_a_stranger(gate: Gate, send: Send) -> None:
    seen = []
    for client in ("P1", "P-nobody"):
        body = {"client_id": client, "client_secret": "wrong", "company_id": "C1"}
        answers = [send("sign_in_provider", body, source="2001:db8::1") for _ in range(11)]
        calls = [operation for operation, _ in gate.adapters.calls]
        seen.append(([(answer["statusCode"], answer["body"]) for answer in answers], calls))
    assert seen[0] == seen[1]


def test_network_of_the_next_generation_is_one_place(send: Send) -> None:
    for number in range(10):
        send("sign_in_provider", WRONG["sign_in_provider"], source=f"2001:db8:1:2::{number:x}")
    assert send("sign_in_provider", source="2001:db8:1:2:ffff::1")["statusCode"] == 429
    assert send("sign_in_provider", source="2001:db8:1:3::1")["statusCode"] == 200


def test_no_address_and_no_account_stands_in_the_table(gate: Gate, send: Send) -> None:
    send("sign_in_provider", WRONG["sign_in_provider"])
    written = [request for operation, request in gate.adapters.calls if operation == "UpdateItem"]
    assert len(written) == 3
    assert "203.0.113" not in json.dumps(written)
    assert "P1" not in json.dumps([request["Key"] for request in written])
    assert all(
        int(request["ExpressionAttributeValues"][":ttl"]["N"]) > NOW.timestamp() for request in written
    )


# ---- staff, at an issuer that speaks over a socket -------------------------------------------------


@pytest.fixture
def oidc() -> Iterator[OidcServer]:
    server = OidcServer()
    server.start()
    server.seed_staff(StaffMember("staff-1", "王五", ("adjuster", "finance")))
    yield server
    server.stop()


@pytest.fixture
def staffed(gate: Gate, oidc: OidcServer) -> Gate:
    gate.now.at = oidc.clock.now()
    gate.adapters.staff_issuer = OidcIssuer(oidc.base_url, AUDIENCE, gate.now)  # type: ignore[assignment]
    return gate


def proof_of(oidc: OidcServer, nonce: str | None = None, audience: str = AUDIENCE) -> dict[str, str]:
    nonce = nonce or secrets.token_urlsafe(32)
    return {"id_token": oidc.issue_id_token("staff-1", audience, nonce=nonce), "nonce": nonce}


def test_member_of_staff_signs_in_once_with_a_token(staffed: Gate, oidc: OidcServer, send: Send) -> None:
    proof = proof_of(oidc)
    opened = send("sign_in_staff", proof)
    assert opened["statusCode"] == 200, opened
    assert json.loads(opened["body"])["roles"] == ["adjuster", "finance"]
    claims = staffed.adapters.access_tokens.verify(json.loads(opened["body"])["access_token"])
    assert (claims["sub"], claims["role"], claims["staff_roles"]) == ("staff-1", "staff", "adjuster finance")
    for again in (proof, proof | {"id_token": proof["id_token"] + "=="}):
        refused = send("sign_in_staff", again)
        assert refused["statusCode"] == 401
    assert problem(send("sign_in_staff", proof)) == "staff-token-used"
    assert send("sign_in_staff", proof_of(oidc))["statusCode"] == 200


@pytest.mark.parametrize("ends_in_slash", [False, True])
@pytest.mark.parametrize("parameter", ["", "/"])
def test_member_of_staff_signs_in_however_issuer_and_parameter_are_written(
    staffed: Gate, oidc: OidcServer, send: Send, ends_in_slash: bool, parameter: str
) -> None:
    oidc.rename(ends_in_slash=ends_in_slash)
    staffed.adapters.staff_issuer = OidcIssuer(oidc.base_url + parameter, AUDIENCE, staffed.now)  # type: ignore[assignment]
    assert send("sign_in_staff", proof_of(oidc))["statusCode"] == 200


def test_sign_in_is_refused_when_the_token_is_of_another_sign_in_or_system_or_too_old(
    staffed: Gate, oidc: OidcServer, send: Send
) -> None:
    for proof in (
        proof_of(oidc) | {"nonce": "n" * 43},
        proof_of(oidc, audience="another-product"),
        proof_of(oidc) | {"id_token": "e30.e30.e30"},
    ):
        answer = send("sign_in_staff", proof)
        assert (answer["statusCode"], problem(answer)) == (401, "staff-token")
    late = proof_of(oidc)
    staffed.now.at += timedelta(minutes=12)
    answer = send("sign_in_staff", late)
    assert (answer["statusCode"], json.loads(answer["body"])["fault"]) == (401, "TIME")


def test_token_is_not_spent_when_it_was_refused(staffed: Gate, oidc: OidcServer, send: Send) -> None:
    proof = proof_of(oidc)
    assert send("sign_in_staff", proof | {"nonce": "n" * 43})["statusCode"] == 401
    assert send("sign_in_staff", proof)["statusCode"] == 200


def test_sign_in_goes_on_with_the_next_key_when_the_issuer_changes_it(
    staffed: Gate, oidc: OidcServer, send: Send
) -> None:
    assert send("sign_in_staff", proof_of(oidc))["statusCode"] == 200
    oidc.rotate_keys(retire_old=True)
    staffed.now.at += timedelta(minutes=1)
    assert send("sign_in_staff", proof_of(oidc))["statusCode"] == 200


def test_nobody_is_blamed_when_the_issuer_is_down(staffed: Gate, oidc: OidcServer, send: Send) -> None:
    proof = proof_of(oidc)
    oidc.faults.arm(Fault.from_json({"kind": "status", "status": 503, "times": 200}))
    for _ in range(TOLERANCE["staff"].of_network + 1):
        answer = send("sign_in_staff", proof)
        assert (answer["statusCode"], problem(answer)) == (503, "oidc-unavailable")
    oidc.faults.clear()
    assert send("sign_in_staff", proof)["statusCode"] == 200


def test_misconfigured_issuer_is_told_in_the_log_and_counted(
    staffed: Gate, oidc: OidcServer, send: Send, capsys: pytest.CaptureFixture[str]
) -> None:
    oidc.rename(of="https://another.example")
    answer = send("sign_in_staff", proof_of(oidc))
    assert (answer["statusCode"], problem(answer)) == (503, "oidc-misconfigured")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "OidcMisconfiguredError" in [line.get("error") for line in lines]
    assert any("StaffIssuerMisconfigured" in line for line in lines)


# ---- one contract for the fakes and the tables -----------------------------------------------------


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> tuple[Failures, SpentTokens]:
    if request.param == "fake":
        return FakeFailures(), FakeSpentTokens()
    local_aws()
    table = operations_table()
    return StoredFailures(table, lambda name: name.replace(" ", "-")), StoredSpentTokens(table)


def test_failures_are_counted_by_name_and_window(stores: tuple[Failures, SpentTokens]) -> None:
    failures, _ = stores
    later = NOW + timedelta(minutes=5)
    assert list(failures.counted(["a b", "b"], NOW)) == [0, 0]
    failures.count(["a b", "b"], NOW)
    failures.count(["b"], NOW)
    failures.count(["b"], later)
    assert list(failures.counted(["b", "c", "a b"], NOW)) == [2, 0, 1]
    assert list(failures.counted(["a b", "b"], later)) == [0, 1]


def test_token_is_spent_once(stores: tuple[Failures, SpentTokens]) -> None:
    _, spent = stores
    assert spent.spend("t1", NOW)
    assert not spent.spend("t1", NOW + timedelta(minutes=1))
    assert spent.spend("t2", NOW)
