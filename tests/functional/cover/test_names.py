"""Names at the gate as they are stored and answered: sealed at rest, in clear to the company's people, in no log."""

import json
from typing import Any

import pytest

from daycover.cover.presence import Visit, Why
from daycover.store import keys
from tests.functional.access.prepared import OTHER, operators
from tests.functional.cover.gate import Gate
from tests.functional.cover.stores import Store
from tests.functional.cover.test_erased_items import items_of
from tests.support.builders import NOW, PROJECT, WORKER, a_worker, an_identity
from tests.support.events import read_event
from tests.support.functions import event_file

DAY = NOW.date()
SECOND = "SEC0NDW0RKER0000"
NAME, PHONE = "王小明", "13800138000"


def seen(**changes: Any) -> Visit:
    facts = {
        "project_id": PROJECT,
        "worker_id": WORKER,
        "seen_at": NOW,
        "why": Why.OUTSIDE_SITE,
        "name": NAME,
        "phone": PHONE,
        "consented": True,
    }
    return Visit(**(facts | changes))


def in_clear(store: Store, project: str = PROJECT) -> list[tuple[str | None, str | None, bool]]:
    visits = store.visits.of_project(project, [DAY], in_clear=True)
    return [(visit.name, visit.phone, visit.consented) for visit in visits]


def test_name_is_opened_when_it_is_asked_for_and_stays_when_a_later_note_has_none(store: Store) -> None:
    store.visits.record(seen())
    store.visits.record(seen(name=None, phone=None, consented=False, why=Why.TOO_EARLY))
    assert in_clear(store) == [(NAME, PHONE, True)]
    (masked,) = store.visits.of_project(PROJECT, [DAY])
    assert (masked.name, masked.phone, masked.why) == (None, None, Why.TOO_EARLY)


def test_names_go_and_the_notes_stay_when_a_worker_is_unnamed(store: Store) -> None:
    for worker in (WORKER, SECOND):
        for project in (PROJECT, "P-TWO", "P-THREE"):
            store.visits.record(seen(worker_id=worker, project_id=project, insured_name="王**"))
    for _ in range(2):
        store.visits.unname(WORKER, [PROJECT, "P-TWO", "P-NEVER"], DAY)
    for project, left in ((PROJECT, 1), ("P-TWO", 1), ("P-THREE", 2)):
        assert len(in_clear(store, project)) == 2
        assert [name for name, *_ in in_clear(store, project) if name] == [NAME] * left
    known = {v.worker_id: v.insured_name for v in store.visits.of_project(PROJECT, [DAY])}
    assert known == {WORKER: None, SECOND: "王**"}


def test_proved_names_are_those_of_accounts_that_are_open_when_asked_for(store: Store) -> None:
    for worker, name in ((WORKER, NAME), (SECOND, NAME)):
        store.workers.add(a_worker(worker_id=worker))
        store.workers.bind(worker, an_identity(name=name), NOW)
    store.workers.add(a_worker(worker_id="N0B0DYPR0VED0000"))
    asked = [WORKER, SECOND, "N0B0DYPR0VED0000", "UNKN0WN000000000"]
    assert store.workers.names_of(asked) == {WORKER: NAME, SECOND: NAME}
    store.workers.lock_data(SECOND, NOW)
    assert store.workers.names_of(asked) == {WORKER: NAME}
    store.workers.lock_data(SECOND, None)
    assert store.workers.names_of(asked) == {WORKER: NAME, SECOND: NAME}
    assert store.workers.names_of([]) == {}


def test_what_was_typed_is_sealed_for_its_project_when_it_is_stored(real_store: Store) -> None:
    real_store.visits.record(seen())
    item = real_store.tables["OperationsTable"].get(keys.visit(PROJECT, DAY.isoformat(), WORKER))
    assert item is not None
    assert NAME not in str(item)
    assert PHONE not in str(item)
    assert item["name_sealed"].startswith(f"sealed<{PROJECT}#{WORKER}>")
    assert real_store.client is not None
    assert real_store.client.calls["UpdateItem"] == 1


def uninsured(gate: Gate, case: str, path: str, monkeypatch: pytest.MonkeyPatch, **caller: str) -> Any:
    event = read_event(event_file("read_roster", case), gate.values)
    event["requestContext"]["authorizer"].update(caller)
    body = json.loads(gate.invoke("read_roster", event, monkeypatch)["body"])
    return body["projects"][0][path] if "projects" in body else body[path]


@pytest.mark.parametrize("case", ["operator.200", "gate.200"])
@pytest.mark.parametrize(
    ("caller", "told"),
    [
        ({"role": "operator", "subject": OTHER}, (NAME, PHONE, "8000")),
        ({"role": "company", "subject": "C1", "provider_id": "P1"}, (None, None, None)),
        ({"role": "provider", "subject": "P1"}, (None, None, None)),
    ],
)
def test_name_is_told_to_a_person_of_the_company_and_to_no_client_when_both_read_the_same(
    gate: Gate,
    case: str,
    caller: dict[str, str],
    told: tuple[str | None, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    operators(gate)
    gate.refused_away()
    (one,) = uninsured(gate, case, "uninsured", monkeypatch, **caller)
    assert (one["full_name"], one["phone"], one["phone_end"]) == told
    logged = capsys.readouterr()
    for text in (logged.out, logged.err):
        assert NAME not in text
        assert PHONE not in text


def test_document_is_told_on_site_alone_when_a_referral_waits(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    operators(gate)
    gate.referral_asked()
    (one,) = uninsured(gate, "gate.200", "referrals", monkeypatch)
    assert (one["full_name"], one["document_end"], one["status"]) == (NAME, "5678", "ASKED")
    (masked,) = uninsured(gate, "gate.200", "referrals", monkeypatch, role="company", subject="C1")
    assert (masked["full_name"], masked["document_end"], masked["name"]) == (None, None, "王**")


def test_nothing_typed_at_a_gate_is_left_when_the_person_has_been_erased(gate: Gate) -> None:
    gate.refused_away()
    before = [item for item in items_of(gate) if item["pk"].startswith("VISITS#")]
    assert ["name_sealed" in item for item in before] == [True]
    gate.cover.erase_worker.request(WORKER)
    (after,) = [item for item in items_of(gate) if item["pk"].startswith("VISITS#")]
    assert not {"name_sealed", "phone_sealed", "insured_name", "consented"} & after.keys()
    for item in items_of(gate):
        assert NAME not in str(item)
        assert PHONE not in str(item)
