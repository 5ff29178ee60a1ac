"""Every event file of the day's money, through its handler, as its name says."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from daycover.claims.service import ServiceRecord
from tests.functional.cover.gate import Gate
from tests.functional.cover.test_events import assert_permitted
from tests.support.builders import NOW
from tests.support.events import read_event
from tests.support.functions import event_file, events_of, key_of

FUNCTIONS = (
    "read_book",
    "read_credit",
    "read_month",
    "read_service_levels",
    "record_payment",
    "set_credit_limit",
)
SHEETS = [path for path in events_of("read_statement") if path.name.startswith("sheet_")]
EVENTS = events_of(*FUNCTIONS) + SHEETS
TODAY = date(2026, 11, 24)


def closed(gate: Gate) -> None:
    gate.closed_day()
    gate.now.advance(days=1)
    gate.books.issue_statement("C1", TODAY)


def paid(gate: Gate) -> None:
    closed(gate)
    gate.books.record_payment("s-1", "C1", TODAY, 70, "BANK-20261125-001")


def limited(gate: Gate) -> None:
    closed(gate)
    gate.books.watch_credit.limit("C1", 70)


def served(gate: Gate) -> None:
    closed(gate)
    gate.adapters.services.add(
        ServiceRecord(
            claim_no="CL1", version=9, company_id="C1", month="2026-11", at=NOW, minutes=95, in_time=True
        )
    )


PREPARED: Mapping[str, Callable[[Gate], Any]] = {
    "read_book/day": closed,
    "read_credit/blocked": limited,
    "read_month/closed_day": served,
    "read_service_levels/month": served,
    "read_statement/sheet_xlsx": closed,
    "record_payment/paid": limited,
    "record_payment/again": paid,
    "record_payment/other_reference": paid,
    "record_payment/wrong_amount": closed,
    "record_payment/open_day": Gate.closed_day,
    "set_credit_limit/blocks": closed,
    "set_credit_limit/none": limited,
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "read_book/day": {"companies": 1, "policies": 1, "premium_fen": 70},
    "read_credit/blocked": {"level": "BLOCKED", "exposure_fen": 70, "limit_fen": 70, "overshoot_fen": 0},
    "read_credit/nothing_owed": {"level": "OK", "exposure_fen": 0, "limit_fen": None, "days": []},
    "read_service_levels/month": {"claims_paid": 1, "in_time_bps": 10_000, "median_hours": 1.6},
    "read_month/closed_day": {"closed_days": 1, "people_days": 1, "premium_fen": 70, "loss_ratio_bps": 0},
    "record_payment/paid": {"status": "PAID", "amount_fen": 70},
    "record_payment/again": {"status": "PAID", "amount_fen": 70},
    "set_credit_limit/blocks": {"level": "BLOCKED", "overshoot_bound_fen": 30 * 70},
    "set_credit_limit/none": {"level": "OK", "limit_fen": None},
}


@pytest.mark.parametrize("path", EVENTS, ids=key_of)
def test_handler_answers_as_the_file_s_name_says(
    path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    PREPARED.get(key_of(path), Gate.nothing)(gate)
    outcome = gate.invoke(path.parent.name, read_event(path, gate.values), monkeypatch)
    body = json.loads(outcome["body"])
    assert str(outcome["statusCode"]) == path.name.split(".")[1], outcome
    assert ANSWERS.get(key_of(path), {}).items() <= body.items()
    if outcome["statusCode"] < 400:
        assert_permitted(path.parent.name, gate)


def test_every_prepared_case_has_its_file_when_listed() -> None:
    assert set(PREPARED) | set(ANSWERS) <= {key_of(path) for path in EVENTS}


def test_worker_is_told_and_foreman_sees_it_when_the_stream_crosses_the_limit(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.consented()
    gate.adapters.companies.set_credit_limit("C1", 70)
    record = json.loads(event_file("record_cover", "insert.ok").read_text(encoding="utf-8"))
    gate.invoke("record_cover", record, monkeypatch)
    assert_permitted("record_cover", gate)
    event = read_event(event_file("check_in", "valid.201"), gate.values)
    refused = gate.invoke("check_in", event, monkeypatch)
    assert refused["statusCode"] == 409
    assert json.loads(refused["body"])["type"].endswith("cover-not-available")
    roster = read_event(event_file("read_roster", "company.200"), gate.values)
    assert json.loads(gate.invoke("read_roster", roster, monkeypatch)["body"])["cover_blocked"] is True
    paid(gate)  # the policy that is recorded on the way there is the stream's own
    gate.now.at = NOW
    assert gate.invoke("check_in", event, monkeypatch)["statusCode"] == 201
