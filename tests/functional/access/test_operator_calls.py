"""What a provider may ask for a company, its own people may: each event that succeeds, asked by an owner."""

from pathlib import Path

import pytest

from daycover.projects.roles import OperatorRole
from tests.functional.access.prepared import OWNER
from tests.functional.cover.gate import Gate
from tests.functional.cover.test_events import EVENTS, PREPARED
from tests.support.enrolled import join
from tests.support.events import read_event
from tests.support.functions import key_of

ASKED_BY_PROVIDERS = [
    path
    for path in EVENTS
    if '"role": "provider"' in path.read_text("utf-8") and path.name.split(".")[1] in {"200", "201", "202"}
]


@pytest.mark.parametrize("path", ASKED_BY_PROVIDERS, ids=key_of)
def test_owner_is_answered_as_a_provider_is(path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    join(gate.adapters, "C1", OWNER, OperatorRole.OWNER)
    PREPARED.get(key_of(path), Gate.nothing)(gate)
    event = read_event(path, gate.values)
    event["requestContext"]["authorizer"] = {"role": "operator", "subject": OWNER}
    if "company_id" in str(event["queryStringParameters"] or "") or "/companies/" in event["path"]:
        outcome = gate.invoke(path.parent.name, event, monkeypatch)
        assert str(outcome["statusCode"]) == path.name.split(".")[1], outcome
        deeds, _ = gate.adapters.deeds.list_page("C1", None, 10)
        noted = [deed.subject for deed in deeds]
        assert noted == ([OWNER] if event["httpMethod"] == "POST" else [])
