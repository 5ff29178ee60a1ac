"""Every event file of the day's money, through its handler, as its name says."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from daycover.books.settlement import Position
from daycover.claims.service import ServiceRecord
from daycover.projects.contract import Billing, Contract
from tests.functional.cover.gate import Gate
from tests.functional.cover.test_events import assert_permitted
from tests.support.builders import NOW
from tests.support.enrolled import enrol
from tests.support.events import read_event
from tests.support.functions import event_file, events_of, key_of

FUNCTIONS = (
    "keep_deposit",
    "read_book",
    "read_credit",
    "read_month",
    "read_service_levels",
    "record_payment",
    "set_credit_limit",
    "settle_insurer",
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


def prepaid(gate: Gate) -> None:
    """C1 pays from a deposit from the first day of the month on."""
    companies = gate.adapters.companies
    contract = Contract(
        valid_from=date(2026, 11, 1), insurer="i-1", due_days=10, commission_bps=500, billing=Billing.PREPAID
    )
    company = companies.get("C1")
    facts = {"contracts": (contract,), "revision": company.revision + 1}
    enrol(companies, company.model_copy(update=facts))


def paid_in(gate: Gate) -> None:
    prepaid(gate)
    gate.books.keep_deposit.pay_in("s-1", "C1", 200_000, "BANK-20261124-007")


def drawn(gate: Gate) -> None:
    paid_in(gate)
    closed(gate)


def collected(gate: Gate) -> None:
    """The statement of the 24th is paid on the 25th, whose own statement is issued on the 26th."""
    paid(gate)
    gate.now.advance(days=1)
    gate.books.issue_statement("C1", date(2026, 11, 25))


def remitted(gate: Gate) -> None:
    collected(gate)
    gate.books.settle.record("s-1", date(2026, 11, 25), Position.PREMIUM, 66, "BANK-20261125-002")


PREPARED: Mapping[str, Callable[[Gate], Any]] = {
    "keep_deposit/paid_in": prepaid,
    "keep_deposit/paid_in_again": paid_in,
    "keep_deposit/other_amount": paid_in,
    "keep_deposit/nothing": prepaid,
    "keep_deposit/refunded": paid_in,
    "keep_deposit/too_much_back": paid_in,
    "read_book/day": closed,
    "read_credit/movements": drawn,
    "read_credit/movements_before": drawn,
    "read_credit/prepaid": paid_in,
    "read_credit/staff_account": drawn,
    "read_credit/staff_accounts": closed,
    "read_credit/staff_movements": drawn,
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
    "settle_insurer/day": closed,
    "settle_insurer/sheet": collected,
    "settle_insurer/remitted": collected,
    "settle_insurer/remitted_again": remitted,
    "settle_insurer/other_amount": remitted,
    "settle_insurer/too_much": collected,
    "settle_insurer/not_closed": paid,
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "keep_deposit/paid_in": {"number": 1, "amount_fen": 200_000, "balance_fen": 200_000},
    "keep_deposit/paid_in_again": {"number": 1, "balance_fen": 200_000},
    "keep_deposit/refunded": {"number": 2, "amount_fen": -50_000, "balance_fen": 150_000},
    "read_book/day": {"companies": 1, "policies": 1, "premium_fen": 70},
    "read_credit/blocked": {"level": "BLOCKED", "exposure_fen": 70, "limit_fen": 70, "overshoot_fen": 0},
    "read_credit/nothing_owed": {"level": "OK", "exposure_fen": 0, "limit_fen": None, "days": []},
    "read_credit/prepaid": {"billing": "PREPAID", "level": "OK", "allowance_fen": 200_000, "exposure_fen": 0},
    "read_credit/staff_account": {
        "billing": "PREPAID",
        "deposit_fen": 199_930,
        "exposure_fen": 0,
        "days": [],
    },
    "read_credit/staff_accounts": {"next_page": None},
    "read_credit/movements": {"next": None},
    "settle_insurer/remitted": {"status": "SETTLED", "due_fen": 66, "settled_fen": 66, "open_fen": 0},
    "settle_insurer/remitted_again": {"status": "SETTLED", "settled_fen": 66},
    "settle_insurer/day": {"missing": []},
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
    assert str(outcome["statusCode"]) == path.name.split(".")[1], outcome
    body = {} if outcome["isBase64Encoded"] else json.loads(outcome["body"])
    assert ANSWERS.get(key_of(path), {}).items() <= body.items()
    if outcome["statusCode"] < 400:
        assert_permitted(path.parent.name, gate)


def test_sheet_of_a_settlement_names_its_companies(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.closed_day()
    collected(gate)
    event = read_event(event_file("settle_insurer", "sheet.200"), gate.values)
    answer = gate.invoke("settle_insurer", event, monkeypatch)
    assert answer["multiValueHeaders"]["Content-Type"] == ["text/csv; charset=utf-8"]
    named = ['attachment; filename="daycover-PREMIUM-2026-11-25.csv"']
    assert answer["multiValueHeaders"]["Content-Disposition"] == named
    head, line, total = base64.b64decode(answer["body"]).decode("utf-8-sig").splitlines()
    assert head == "公司,公司编号,结算日,款项,收到保费（元）,佣金（元）,应解付（元）"
    assert line == f"{gate.project.company_name},C1,2026-11-25,保费解付,0.70,0.04,0.66"
    assert total == "合计,,,,0.70,0.04,0.66"


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
