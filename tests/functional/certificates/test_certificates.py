"""Certificates through their handlers: every event file, the picture that is scanned, the pages, the keys."""

import base64
import hashlib
import html
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import boto3
import jwt
import pytest
from jwt.types import Options

from daycover.cover.certificate import PublicKey
from daycover.cover.plan import plan as plan_of
from daycover.cover.policy import PolicyStatus
from daycover.platform.pages import filled_page
from daycover.projects.project import Exclusion
from daycover.store import keys
from daycover.store.dynamodb import Put
from daycover.store.policies import policy_item
from tests.functional.claims.permissions import is_allowed, needs
from tests.functional.cover.gate import ROOT, Gate
from tests.support.builders import NOW, WORKER, a_policy, a_worker, an_id_number, an_identity
from tests.support.codes import decode_png
from tests.support.events import read_event
from tests.support.functions import event_file, events_of, key_of
from tests.support.policies import Need
from tests.support.wired import RecordingAdapters

FUNCTIONS = ("issue_certificate", "verify_certificate", "publish_keys", "read_terms")
FOR_EVER = "public, max-age=31536000, immutable"
EVENTS = events_of(*FUNCTIONS)
PERSONAL = ("王小明", an_id_number(), "o-worker", WORKER, "31.2304")
STRANGER = "STRANGER000000000000"


def credential_of(gate: Gate) -> str:
    return gate.cover.issue_certificate(WORKER, a_policy().policy_no)[1]


def voided(gate: Gate) -> None:
    policy = a_policy(status=PolicyStatus.VOIDED)
    key = keys.policy(policy.person_id, policy.sequence)
    gate.adapters.hot.put(Put(key, policy_item(policy), condition=""))


def forgotten(gate: Gate) -> None:
    """What TTL does."""
    key = keys.policy(a_policy().person_id, a_policy().sequence)
    boto3.client("dynamodb").delete_item(
        TableName=gate.adapters.config.policies_table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
    )


def ended(gate: Gate) -> None:
    gate.now.advance(hours=24)


def damaged(gate: Gate) -> None:
    """TTL has taken the policy, and what the archive holds of it is not what was written."""
    gate.archive_damaged()
    forgotten(gate)


PREPARED: dict[str, Callable[[Gate], None]] = {
    "issue_certificate/voided": voided,
    "verify_certificate/voided": voided,
    "verify_certificate/page_voided": voided,
    "verify_certificate/no_record": forgotten,
    "verify_certificate/page_no_record": forgotten,
    "verify_certificate/ended": ended,
    "verify_certificate/page_ended": ended,
    "issue_certificate/damaged": damaged,
    "verify_certificate/damaged": damaged,
    "verify_certificate/page_damaged": damaged,
}
SAYS: dict[str, tuple[str, ...]] = {
    "issue_certificate/page": (
        "日结意外险保险凭证",
        "王小明",
        "浦江劳务",
        "DM-PAIC-2026-C1",
        "未指定,为被保险人的法定继承人",
        "SANDBOX-NOT-FILED",
        "中国平安财产保险股份有限公司",
        "深圳市福田区",
        "争议由双方协商解决",
        "300,000 元",
        a_policy().policy_no,
        "data:image/svg",
    ),
    "issue_certificate/json": (
        '"link":"https://daycover.example/c/ey',
        '"insured_name":"王**"',
        '"insured":"王小明"',
    ),
    "verify_certificate/genuine": ('"verdict":"GENUINE"', '"in_force":true', '"status":"ISSUED"', "王**"),
    "verify_certificate/no_record": ('"genuine":true', '"in_force":true', '"record_at_hand":false'),
    "verify_certificate/voided": ('"genuine":true', '"in_force":false', '"status":"VOIDED"'),
    "verify_certificate/ended": ('"genuine":true', '"in_force":false', '"status":"ISSUED"'),
    "verify_certificate/forged": ('"verdict":"FORGED"', '"genuine":false', '"certificate":null'),
    "verify_certificate/nonsense": ('"verdict":"FORGED"',),
    "verify_certificate/unknown_key": ('"verdict":"UNKNOWN_KEY"', '"genuine":false'),
    "verify_certificate/page": ("真实有效，保障中", "Genuine and in force", "王**", "2026-11-24 08:30:00"),
    "verify_certificate/page_no_record": ("真实有效，保障中", "未找到在线记录", "Record not at hand"),
    "verify_certificate/page_voided": ("凭证真实，但保单已作废", "There is no cover now;"),
    "verify_certificate/page_ended": ("凭证真实，保障已结束",),
    "verify_certificate/page_forged": ("不是真实的凭证", "Not genuine"),
    "verify_certificate/page_unknown_key": ("无法确认真伪", "Cannot be confirmed"),
    "issue_certificate/damaged": ("archive-damaged", "保单本身不受影响"),
    "verify_certificate/damaged": ("archive-damaged",),
    "verify_certificate/page_damaged": ("archive-damaged",),
    "publish_keys/published": ('"kty":"OKP"', '"crv":"Ed25519"', '"alg":"EdDSA"'),
    "read_terms/page": ("日结意外伤害保险条款", "SANDBOX-NOT-FILED", "【免除或减轻责任】", "JR/T 0083-2013"),
    "read_terms/data": ('"exempts":true', '"filing_no":"SANDBOX-NOT-FILED"'),
    "publish_keys/none_yet": ('{"keys":[]}',),
}


def text_of(response: dict[str, Any]) -> str:
    body: str = response["body"]
    return base64.b64decode(body).decode("latin-1") if response["isBase64Encoded"] else body


def header_of(response: dict[str, Any], name: str) -> str:
    """One header; an answer before the resolver has the single-value form."""
    value: str = response.get("headers", {}).get(name) or response["multiValueHeaders"][name][0]
    return value


def holding_a_policy(gate: Gate) -> Gate:
    """The worker has a policy and its certificate; a stranger has signed in as well."""
    gate.owner()
    gate.adapters.workers.add(a_worker(worker_id=STRANGER))
    gate.adapters.workers.bind(STRANGER, an_identity(person_id="0" * 20), NOW)
    return gate


def a_new_container(gate: Gate) -> Gate:
    """Forget what the last container had read."""
    gate.adapters = type(gate.adapters)(gate.adapters.config, gate.now, gate.adapters.credentials)
    return gate


@pytest.mark.parametrize("path", EVENTS, ids=key_of)
def test_handler_answers_as_the_file_s_name_says(
    path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    holding_a_policy(gate)
    values = {"credential": "", "forged_credential": ""}
    if key_of(path) != "publish_keys/none_yet":
        credential = credential_of(gate)
        values = {"credential": credential, "forged_credential": credential[:-20] + "A" * 20}
    PREPARED.get(key_of(path), Gate.nothing)(gate)
    a_new_container(gate)
    event = read_event(path, values)
    response = gate.invoke(path.parent.name, event, monkeypatch)
    assert str(response["statusCode"]) == path.name.split(".")[1], response
    text = text_of(response)
    for expected in SAYS.get(key_of(path), ()):
        assert expected in text
    logged = capsys.readouterr().out
    for personal in PERSONAL:
        assert personal not in text or (personal, path.parent.name) == ("王小明", "issue_certificate")
        assert personal not in logged
    if header_of(response, "Content-Type").startswith("text/html"):
        assert_page(response, event["path"], FOR_EVER if path.parent.name == "read_terms" else "no-store")
    assert_permitted(path.parent.name, gate)


@pytest.mark.parametrize("case", ["issue_certificate/damaged", "verify_certificate/damaged"])
def test_damaged_record_is_counted_logged_with_its_cause_and_to_be_tried_again_when_read(
    case: str, gate: Gate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"credential": credential_of(holding_a_policy(gate))}
    damaged(gate)
    function, name = case.split("/")
    event = read_event(event_file(function, f"{name}.503"), values)
    response = a_new_container(gate).invoke(function, event, monkeypatch)
    assert header_of(response, "Retry-After") == "3600"
    assert header_of(response, "Content-Type").startswith("application/problem+json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    (failure,) = [line for line in lines if line.get("message") == "request failed"]
    assert (failure["level"], failure["error"], failure["status"]) == ("ERROR", "ArchiveDamagedError", 503)
    assert failure["stack"]
    assert [line["ArchiveConflict"] for line in lines if "ArchiveConflict" in line] == [[1.0]]
    assert not [line for line in lines if line.get("message") in {"request refused", "request answered"}]


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_page(response: dict[str, Any], path: str, caching: str) -> None:
    """No scripts, no inline style, only our own style sheet, nothing personal cached."""
    parser = Tags()
    parser.feed(response["body"])
    found = parser.found
    assert not {"script", "style", "iframe", "form"} & {tag for tag, _ in found}
    assert not [name for _, attrs in found for name in attrs if name == "style" or name.startswith("on")]
    (style,) = [attrs["href"] or "" for tag, attrs in found if tag == "link"]
    assert urljoin(f"https://daycover.test/live{path}", style) == (
        "https://daycover.test/live/static/current/style.css"
    )
    assert "$" not in response["body"]
    assert header_of(response, "Content-Security-Policy").startswith("default-src 'self'")
    assert header_of(response, "Cache-Control") == caching
    assert header_of(response, "X-Content-Type-Options") == "nosniff"


def assert_permitted(function: str, gate: Gate) -> None:
    """Whatever the handler asked AWS for, the template lets its role do."""
    asked: set[Need] = set()
    for operation, arguments in gate.adapters.calls:
        if operation == "GetSecretValue":
            assert arguments["SecretId"] == gate.adapters.config.certificate_secret
            asked.add(Need("secretsmanager:GetSecretValue", "CertificateSecret"))
        else:
            asked |= set(needs(operation, dict(arguments)))
    assert [need for need in sorted(asked) if not is_allowed(function, need)] == []


def test_every_case_exists_when_a_state_or_an_answer_is_prepared_for_it() -> None:
    cases = {key_of(path) for path in EVENTS}
    assert set(PREPARED) | set(SAYS) <= cases


# ---- the picture -------------------------------------------------------------------------------------


def issued(gate: Gate, monkeypatch: pytest.MonkeyPatch, case: str) -> dict[str, Any]:
    event = read_event(event_file("issue_certificate", case), {})
    response: dict[str, Any] = gate.invoke("issue_certificate", event, monkeypatch)
    return response


def test_picture_scans_to_the_verification_link_when_decoded_by_another_library(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding_a_policy(gate)
    picture = base64.b64decode(issued(gate, monkeypatch, "png.200")["body"])
    assert decode_png(picture) == gate.cover.certificate_link(credential_of(gate))
    width = int.from_bytes(picture[16:20], "big")  # of the IHDR chunk
    assert (width // 10 - 8 - 17) // 4 <= 15, "the version of the QR code: modules without the quiet zone"


def test_picture_of_the_page_is_the_picture_alone_when_both_are_asked_for(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding_a_policy(gate)
    page = text_of(issued(gate, monkeypatch, "page.200"))
    svg = issued(gate, monkeypatch, "svg.200")["body"]
    assert f"data:image/svg+xml;base64,{svg}" in html.unescape(page)


# ---- verified offline, with what is published ---------------------------------------------------------


def published(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> jwt.PyJWKSet:
    event = read_event(event_file("publish_keys", "published.200"), {})
    response = gate.invoke("publish_keys", event, monkeypatch)
    assert header_of(response, "Cache-Control") == "public, max-age=300"
    return jwt.PyJWKSet.from_dict(json.loads(response["body"]))


def decoded(credential: str, jwks: jwt.PyJWKSet) -> dict[str, Any]:
    key = jwks[jwt.get_unverified_header(credential)["kid"]]
    unclocked: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims: dict[str, Any] = jwt.decode(credential, key, algorithms=["EdDSA"], options=unclocked)
    return claims


def test_old_certificates_verify_when_the_secret_was_replaced(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = credential_of(holding_a_policy(gate))
    boto3.client("secretsmanager").put_secret_value(
        SecretId=gate.adapters.config.certificate_secret, SecretString="the second secret"
    )
    new = credential_of(a_new_container(gate))
    assert old.split(".")[0] != new.split(".")[0]
    jwks = published(a_new_container(gate), monkeypatch)
    assert decoded(old, jwks) == decoded(new, jwks)
    assert len(jwks.keys) == 2
    for credential in (old, new):
        assert gate.cover.verify_certificate(credential).verdict == "GENUINE"


def test_archive_tells_the_status_when_the_hot_table_forgot_the_policy(gate: Gate) -> None:
    credential = credential_of(holding_a_policy(gate))
    forgotten(gate)
    gate.adapters.archive.add(a_policy(status=PolicyStatus.VOIDED))
    verification = gate.cover.verify_certificate(credential)
    assert (verification.verdict, verification.status) == ("GENUINE", PolicyStatus.VOIDED)


def test_worker_gets_the_same_certificate_when_only_the_archive_has_the_policy(gate: Gate) -> None:
    credential = credential_of(holding_a_policy(gate))
    gate.adapters.archive.add(a_policy())
    forgotten(gate)
    gate.now.advance(days=700)
    assert credential_of(a_new_container(gate)) == credential


def test_certificate_verifies_with_saved_keys_when_the_record_is_gone(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = credential_of(holding_a_policy(gate))
    jwks = published(gate, monkeypatch)
    forgotten(gate)
    assert decoded(credential, jwks)["sub"] == a_policy().policy_no


# ---- the terms ---------------------------------------------------------------------------------------


def test_terms_are_public_unchangeable_and_proved_by_their_hash_when_read(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy leads to them, and they need no token, table or key."""
    holding_a_policy(gate)
    link = gate.cover.terms_reference(plan_of(a_policy().plan_id, a_policy().plan_version).terms).link
    event = read_event(event_file("read_terms", "data.200"), {})
    assert link == f"https://daycover.example{event['path']}"
    response = gate.invoke("read_terms", event, monkeypatch)
    assert header_of(response, "Cache-Control") == FOR_EVER
    read = json.loads(response["body"])
    assert hashlib.sha256(read["text"].encode()).hexdigest() == read["sha256"]
    assert link.endswith(f"{read['version']}-{read['sha256'][:16]}")
    assert read["filing_no"] == "SANDBOX-NOT-FILED"
    page = gate.invoke("read_terms", read_event(event_file("read_terms", "page.200"), {}), monkeypatch)
    assert html.escape(read["text"]) in page["body"]
    assert header_of(page, "Cache-Control") == FOR_EVER
    assert gate.adapters.calls == []


# ---- what it costs -----------------------------------------------------------------------------------


def operations(adapters: RecordingAdapters) -> list[str]:
    return [operation for operation, _ in adapters.calls]


def test_key_is_published_once_and_asked_for_once_a_container(gate: Gate) -> None:
    holding_a_policy(gate)
    gate.adapters.calls.clear()
    credential = credential_of(gate)
    assert operations(gate.adapters).count("PutItem") == 1
    gate.adapters.calls.clear()
    assert credential_of(gate) == credential
    gate.cover.verify_certificate(credential)
    assert set(operations(gate.adapters)) <= {"GetItem", "Query", "Decrypt"}
    a_new_container(gate)
    credential_of(gate)
    assert "PutItem" not in operations(gate.adapters)


def test_verifying_asks_for_one_record_when_the_key_is_known(gate: Gate) -> None:
    credential = credential_of(holding_a_policy(gate))
    gate.cover.verify_certificate(credential)
    gate.adapters.calls.clear()
    gate.cover.verify_certificate(credential)
    assert operations(gate.adapters) == ["GetItem"]
    gate.adapters.calls.clear()
    gate.cover.verify_certificate("no credential at all")
    assert operations(gate.adapters) == []


def test_publishing_again_changes_nothing_when_another_container_was_first(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = PublicKey.of("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    first = gate.adapters
    first.certificate_keys.publish(key)
    second = a_new_container(gate).adapters.certificate_keys
    with monkeypatch.context() as race:
        race.setattr(second, "find", lambda _: None)  # it read before the first one wrote
        second.publish(key)
    assert second.list_all() == [key]
    assert second.find(key.key_id) == key


# ---- pages -------------------------------------------------------------------------------------------


def test_values_are_escaped_when_they_look_like_markup(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<p title="$name">$name</p>', encoding="utf-8")
    response = filled_page(tmp_path, "page.html", {"name": "<script>\"&'$name"})
    escaped = "&lt;script&gt;&quot;&amp;&#x27;$name"
    assert response.body == f'<p title="{escaped}">{escaped}</p>'


def test_static_pages_style_what_the_certificate_pages_use() -> None:
    css = (ROOT / "functions" / "web" / "static" / "style.css").read_text(encoding="utf-8")
    tags = Tags()
    for page in ROOT.glob("functions/cover/*_certificate/*.html"):
        tags.feed(page.read_text(encoding="utf-8"))
    used = {name for _, attrs in tags.found for name in (attrs.get("class") or "").split()}
    assert "finding" in used
    for name in used - {"$tone"} | {"good", "past", "bad"}:
        assert f".{name}" in css


@pytest.mark.parametrize(
    ("function", "case"),
    [("issue_certificate", "page.200"), ("issue_certificate", "json.200"), ("read_policies", "one.200")],
)
def test_what_is_not_insured_at_the_occupation_stands_on_policy_and_certificate_when_it_was_consented_to(
    function: str, case: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Exclusion(
        code="HEIGHT", text_zh="未系<安全带>的登高作业", text_en="work at height without a harness"
    )
    changes = {"exclusions": (own,), "occupation_zh": "架子工", "version": gate.project.version + 1}
    gate.adapters.projects.save(gate.project.model_copy(update=changes))
    holding_a_policy(gate)
    response = a_new_container(gate).invoke(
        function, read_event(event_file(function, case), {"credential": ""}), monkeypatch
    )
    text = html.unescape(text_of(response))
    assert own.text_zh in text
    assert case.startswith("page") is ("<安全带>" not in text_of(response))
    if function == "issue_certificate":
        assert "架子工" in text
        assert gate.project.name in text
    assert_permitted(function, gate)
